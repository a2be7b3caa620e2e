#!/bin/sh
# Runs ctest and counts honestly: single tests, not programs, and what a program skipped is not passed. The last line is
# always "N passed, N failed, N skipped".   usage: tools/test.sh BUILD_DIR JOBS [ctest options...]
set -u
build=$1
jobs=$2
shift 2
logs=$build/Testing/Temporary
rm -f "$logs/LastTest.log" "$logs/LastTestsFailed.log"
ctest --test-dir "$build" --output-on-failure -j "$jobs" "$@"
status=$?
mkdir -p "$logs"
touch "$logs/LastTest.log" "$logs/LastTestsFailed.log"

# First file: "number:name" of each failed program. Second: each program's block, its cmocka lines and "Test Passed." or
# "Test Failed." A program that is not of cmocka's kind, or died before its summary, counts as one test.
awk '
    FILENAME == ARGV[1] { sub(/^[0-9]+:/, ""); bad[$0] = 1; next }
    / Testing: / { name = $0; sub(/.* Testing: /, "", name); programs++; ok = skipped = failed = summary = 0 }
    /^\[       OK \]/ { ok++ }
    /^\[  SKIPPED \] [0-9]+ test\(s\)/ { skipped += $4 }
    /^\[  FAILED  \] [0-9]+ test\(s\)/ { failed += $4 }
    /^\[  PASSED  \] [0-9]+ test\(s\)/ { summary = 1 }
    /^Test (Passed|Failed)\./ {
        passes += ok + (!summary && !(name in bad))
        skips += skipped
        fails += name in bad ? (failed ? failed : 1) : 0
    }
    END {
        printf "%d programs\n%d passed, %d failed, %d skipped\n", programs, passes, fails, skips
        exit fails > 0 || programs == 0
    }' "$logs/LastTestsFailed.log" "$logs/LastTest.log" || [ "$status" -ne 0 ] || status=1
exit "$status"
