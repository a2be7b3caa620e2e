#!/bin/sh
# Finds what the build lacks and installs it: with apt as root or through sudo; otherwise says what to install and exits 2.
# Does nothing, and touches no network, when nothing is missing.   usage: tools/setup.sh [clang]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
tarball=$root/build/deps/c-kzg-4.1.0.tgz # as in cmake/blst.cmake
tree=$root/build/deps/blst/package/deps/blst/src/server.c

has() { command -v "$1" >/dev/null 2>&1; }
package() { pkg-config --exists "$1" 2>/dev/null; }

# Does `compiler` build a program from standard input, with these libraries?
compiles() { # compiler [libraries...]
    compiler=$1
    shift
    "$compiler" -x c -o /dev/null - "$@" 2>/dev/null
}
has_compiler() { # compiler
    has "$1" && printf '#include <stdio.h>\nint main(void) { return puts("") < 0; }\n' | compiles "$1"
}
has_blst() {
    [ -f "$tree" ] || [ -f "$tarball" ] || has npm ||
        printf '#include <blst.h>\n#include <blst_aux.h>\nint main(void) { blst_fp2 x = {0}; return blst_fp2_is_square(&x); }\n' |
        compiles "${CC:-cc}" -lblst
}
has_cmake() {
    has cmake && cmake --version | awk 'NR == 1 { split($3, v, "."); exit !(v[1] > 3 || (v[1] == 3 && v[2] >= 25)) }'
}

# Prints one line per missing thing: Debian package, what it is.
missing() {
    has_compiler "${CC:-cc}" || echo "gcc libc6-dev: a C compiler"
    has_cmake || echo "cmake: CMake 3.25 or newer"
    has make || echo "make: make"
    has pkg-config || echo "pkg-config: pkg-config"
    package 'sqlite3 >= 3.31' || echo "libsqlite3-dev: SQLite 3.31 or newer"
    package 'libuv >= 1.40' || echo "libuv1-dev: libuv 1.40 or newer"
    package 'jansson >= 2.13' || echo "libjansson-dev: jansson 2.13 or newer"
    package 'libcurl >= 7.68' || echo "libcurl4-openssl-dev: libcurl 7.68 or newer"
    package inih || echo "libinih-dev: inih"
    package cmocka || echo "libcmocka-dev: cmocka"
    has_blst || echo "npm: npm, to fetch the source of blst (or blst itself with headers)"
    [ "${1:-}" != clang ] || has_compiler clang || echo "clang: clang with libFuzzer"
}

list=$(missing "$@")
[ -n "$list" ] || exit 0

packages=$(printf '%s\n' "$list" | sed 's/:.*//' | tr '\n' ' ')
echo "setup: missing:"
printf '%s\n' "$list" | sed 's/^\([^:]*\): \(.*\)/  \2  (Debian: \1)/'

give_up() {
    echo "setup: $1" >&2
    echo "setup: install the above and run again. On Debian or Ubuntu:" >&2
    echo "    sudo apt-get install --no-install-recommends $packages" >&2
    exit 2
}

has apt-get || give_up "no apt here"
if [ "$(id -u)" = 0 ]; then
    as_root=
elif has sudo && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root=sudo
else
    give_up "neither root nor able to use sudo"
fi
# $packages and $as_root are lists of words on purpose.
apt() { $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"; }
apt update || give_up "apt-get update failed"
apt install -y --no-install-recommends $packages || give_up "apt-get install failed"

left=$(missing "$@")
[ -z "$left" ] || give_up "installed, but still missing: $(printf '%s\n' "$left" | sed 's/.*: //' | tr '\n' ';')"
