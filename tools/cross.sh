#!/bin/sh
# Tests hashes and signatures on CPUs that are not at hand: 64-bit ARM with its kernels, 32 bits, big-endian. Each needs a cross
# compiler and an emulator, on Debian gcc-aarch64-linux-gnu, gcc-i686-linux-gnu, gcc-s390x-linux-gnu and qemu-user-static; where one
# of them is missing, the CPU is skipped. The last line is "N passed, N failed, N skipped".   usage: tools/cross.sh JOBS
set -u
jobs=$1
passed=0 failed=0 skipped=0

has() { command -v "$1" >/dev/null 2>&1; }

build() { # preset
    cmake --preset "$1" && cmake --build --preset "$1" --parallel "$jobs"
}

try() { # preset, compiler, emulator
    for tool in "$2" "$3"; do
        if ! has "$tool"; then
            echo "$1: SKIPPED, there is no $tool"
            skipped=$((skipped + 1))
            return
        fi
    done
    if build "$1" >"$log" 2>&1 && "$3" "build/$1/tests/dspv_cross" >"$log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
    tail -n 30 "$log" | sed "s/^/$1: /"
}

log=$(mktemp)
trap 'rm -f "$log"' EXIT
cd "$(dirname "$0")/.."
try aarch64 aarch64-linux-gnu-gcc qemu-aarch64-static
try i686 i686-linux-gnu-gcc qemu-i386-static
try s390x s390x-linux-gnu-gcc qemu-s390x-static
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
