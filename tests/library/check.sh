#!/bin/sh
# The shipped library keeps its promise: it exports exactly the functions that the public headers declare, shared and static, and
# each header stands alone in C.   usage: check.sh SHARED STATIC INCLUDE_DIR CC NM
set -eu
shared=$1 static=$2 include=$3 cc=$4 nm=$5
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

grep -hv '^#' "$include"/dashspv/*.h | tr '\n' ' ' | grep -o 'DSPV_API [^;(]*(' | sed 's/.*[ *]\(dspv_[a-z0-9_]*\)($/\1/' | sort -u >"$folder/declared"
"$nm" -D --defined-only "$shared" | awk '{ print $3 }' | sort -u >"$folder/shared"
"$nm" -g --defined-only "$static" | awk 'NF == 3 { print $3 }' | sort -u >"$folder/static"
[ -s "$folder/declared" ]

failed=0
for kind in shared static; do
    if ! diff "$folder/declared" "$folder/$kind" >"$folder/difference"; then
        echo "$kind library: < declared but not exported, > exported but not declared"
        grep '^[<>]' "$folder/difference"
        failed=1
    fi
done
for header in "$include"/dashspv/*.h; do
    "$cc" -std=c99 -Wall -Wextra -Wpedantic -Werror -fsyntax-only -I "$include" -x c "$header" || failed=1
done
exit $failed
