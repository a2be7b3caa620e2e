#!/usr/bin/env python3
"""Make the table of src/chain/start_points.c: tools/start_points.py MAINNET_FILE TESTNET_FILE > src/chain/start_points_data.c

The files are recorded checkpoints: 96-byte records of 12 bytes chain work up to and with the block, 4 bytes height (both
big-endian) and the 80-byte header, ascending. For each checkpoint of src/chain/params_data.c the highest record at least 25
blocks below it becomes a start point: from 24 blocks on DarkGravityWave has all it looks at, so that at the checkpoint every
rule applies, and the checkpoint's hash pins the start point by hash links. Earlier rules look back further: where they apply
there are no start points."""
import pathlib
import re
import sys

DGW = {"mainnet": 34140, "testnet": 4002}
ROOT = pathlib.Path(__file__).resolve().parent.parent


def checkpoints(network):
    text = (ROOT / "src/chain/params_data.c").read_text()
    table = re.search(r"params_%s_checkpoints\[.*?\{(.*?)\n\};" % network, text, re.S).group(1)
    return [int(h) for h in re.findall(r"CHECKPOINT\((\d+)", table)]


def records(path):
    data = pathlib.Path(path).read_bytes()
    for i in range(0, len(data), 96):
        yield int.from_bytes(data[i + 12:i + 16], "big"), data[i + 16:i + 96], int.from_bytes(data[i:i + 12], "big")


def points(network, path):
    all_records = list(records(path))
    for checkpoint in checkpoints(network):
        below = [r for r in all_records if DGW[network] <= r[0] <= checkpoint - 25]
        if below:
            yield checkpoint, below[-1]


print("""/* Made by tools/start_points.py; see start_points.h. */
#include "chain/start_points.h"

/* clang-format off */""")
for network, path in zip(("mainnet", "testnet"), sys.argv[1:3]):
    rows = list(points(network, path))
    print("const struct start_point_row start_points_%s[] = {" % network)
    for checkpoint, (height, header, work) in rows:
        print('    {%d, %d, "%x",' % (checkpoint, height, work))
        print('     "%s"\n     "%s"},' % (header.hex()[:80], header.hex()[80:]))
    print("};\nconst size_t start_points_%s_n = %d;" % (network, len(rows)))
print("/* clang-format on */")
