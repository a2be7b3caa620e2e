#!/bin/sh
# What a restart costs: time and bytes of a sync that begins with nothing, of one that begins with a complete store, and of one that
# begins with what `dashspv run` left when it was killed (docs/restart.md).
#
#     bench/restart.sh [build/release]
set -eu
build=${1:-build/release}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d /tmp/dashspv-restart-XXXXXX)
peer=
trap '[ -z "$peer" ] || kill "$peer"; rm -rf "$work"' EXIT INT TERM

# serve DIR: a development peer; sets $port and $peer
serve() {
    [ -z "$peer" ] || kill "$peer"
    "$build/tests/dashspv-devnode" --chain "$1" --listen 127.0.0.1:0 --quiet >"$work/port" &
    peer=$!
    until grep -qs listening "$work/port"; do sleep 0.05; done
    port=$(sed -n 's/.*://p' "$work/port")
}

# member FILE NAME: a number of the summary
member() { sed -n 's/.*"event":"summary".*"'"$2"'":\([0-9]*\).*/\1/p' "$1"; }

# row TEXT: one sync with the data directory as it is
row() {
    "$build/dashspv" sync $network --connect "127.0.0.1:$port" --data-dir "$work/data" --exit-when-synced --json >"$work/said" || {
        tail -1 "$work/said"
        exit 1
    }
    printf '| %s | %s | %s ms | %s |\n' "$chain" "$1" "$(member "$work/said" elapsed_ms)" "$(member "$work/said" bytes_received)"
}

# killed WORD: `dashspv run` from nothing is killed when it says WORD
killed() {
    rm -rf "$work/data"
    "$build/dashspv" run $network --connect "127.0.0.1:$port" --data-dir "$work/data" --log-level=trace 2>"$work/log" &
    daemon=$!
    until grep -q "$1" "$work/log"; do sleep 0.01; done
    kill -9 "$daemon"
    wait "$daemon" 2>/dev/null || true
}

# measure NAME DIR OPTIONS...
measure() {
    chain=$1
    serve "$2"
    shift 2
    network="$*"
    rm -rf "$work/data"
    row "cold"
    row "warm"
    killed "headers: block"
    row "killed after the first headers"
    killed "daemon: synced"
    row "killed when synced"
}

echo '| chain | begins | time | bytes received |'
echo '|---|---|---|---|'
measure 'recorded: 581 blocks, 12 masternodes' "$here/../tests/fixtures/churn" --network=regtest --dip3params=2:2 \
    --testactivationheight=v20@100 --testactivationheight=mn_rr@100
mkdir "$work/generated"
"$build/tests/devnode-generate" --mainnet-sized 1 4600 3000 "$work/generated" >/dev/null
measure 'generated: 4600 blocks, 3000 masternodes' "$work/generated" --network=devnet-mainnet-sized \
    --llmqchainlocks=llmq_400_60 --llmqinstantsenddip0024=llmq_60_75 --llmqplatform=llmq_100_67 --llmqmnhf=llmq_400_85
