#!/bin/sh
# Runs every fuzz target for a while, two at a time; stops at the first finding. Inputs found interesting are kept in
# BUILD_DIR/corpus and reused by the next run; a finding is left in BUILD_DIR/findings.
# usage: tools/fuzz.sh BUILD_DIR SECONDS [targets...]
set -eu
build=$1
seconds=$2
mkdir -p "$build/findings"
shift 2
[ $# -gt 0 ] || set -- $(cd "$build/tests" && ls | sed -n 's/^fuzz_//p')
[ $# -gt 0 ] || { echo "fuzz: no target in $build/tests" >&2; exit 2; }

# 255 makes xargs stop.
one='
    name=$3
    mkdir -p "$1/corpus/$name"
    if "$1/tests/fuzz_$name" -max_total_time="$2" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
            -artifact_prefix="$1/findings/$name-" "$1/corpus/$name" >"$1/findings/$name.log" 2>&1; then
        runs=$(sed -n "s/^stat::number_of_executed_units: *//p" "$1/findings/$name.log")
        echo "$name: $runs runs, no finding"
    else
        tail -n 40 "$1/findings/$name.log"
        echo "$name: FINDING, see $1/findings"
        exit 255
    fi'
printf '%s\n' "$@" | xargs -P 2 -I{} sh -c "$one" fuzz "$build" "$seconds" {}
echo "$# fuzz targets, $seconds s each, 0 findings"
