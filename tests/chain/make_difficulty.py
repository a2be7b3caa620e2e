#!/usr/bin/env python3
"""Writes tests/fixtures/difficulty.json: required nBits of made-up chains, computed with Python's integers and floats from
protocol.md 1.4. Independent of src/chain/difficulty.c.   usage: make_difficulty.py > tests/fixtures/difficulty.json

A case: network, heights where KGW and DGW start, height and time of its first header, segments [count, seconds after the previous header, nBits], queries
[position of the last block, seconds to the new block, required nBits or null = needs blocks below the start]."""
import json
import random

WRAP = 1 << 256
NETWORKS = {
    "mainnet": dict(limit=2**236 - 1, compact=0x1E0FFFFF, easy=False, fixed=False, kgw=15200, dgw=34140),
    "testnet": dict(limit=2**236 - 1, compact=0x1E0FFFFF, easy=True, fixed=False, kgw=4002, dgw=4002),
    "devnet": dict(limit=2**255 - 1, compact=0x207FFFFF, easy=True, fixed=False, kgw=4001, dgw=4001),
    "regtest": dict(limit=2**255 - 1, compact=0x207FFFFF, easy=True, fixed=True, kgw=15200, dgw=34140),
}


class NeedsMore(Exception):
    pass


def target(bits):
    size, mantissa = bits >> 24, bits & 0x7FFFFF
    return (mantissa << 8 * (size - 3) if size >= 3 else mantissa >> 8 * (3 - size)) % WRAP


def compact(number):
    size = (number.bit_length() + 7) // 8
    mantissa = number >> 8 * (size - 3) if size >= 3 else number << 8 * (3 - size)
    if mantissa >> 23:
        mantissa, size = mantissa >> 8, size + 1
    return size << 24 | mantissa


class Chain:
    def __init__(self, network, height, time, segments, minimum_blocks=0, heights=None):
        self.net, self.first, self.minimum_blocks = dict(NETWORKS[network]), height, minimum_blocks
        if heights:
            self.net["kgw"], self.net["dgw"] = heights
        self.devnet = network == "devnet"
        self.time, self.bits = [], []
        for count, seconds, bits in segments:
            for _ in range(count):
                time += seconds
                self.time.append(time)
                self.bits.append(bits)

    def at(self, height):
        if height < self.first:
            raise NeedsMore
        return self.time[height - self.first], self.bits[height - self.first]

    def capped(self, number):
        return compact(min(number, self.net["limit"]))

    def required(self, last, time):
        net, t, bits = self.net, *self.at(last)
        height = last + 1
        if self.devnet and last < self.minimum_blocks:
            return net["compact"]
        if height < net["kgw"]:
            return self.bitcoin(last, time)
        if net["fixed"]:
            return net["compact"]
        if net["easy"] and time > t + 7200:
            return net["compact"]
        if net["easy"] and time > t + 600:
            return self.capped(target(bits) * 10 % WRAP)
        return self.kimoto(last) if height < net["dgw"] else self.dark(last)

    def bitcoin(self, last, time):
        net, t, bits = self.net, *self.at(last)
        if (last + 1) % 576:
            if not net["easy"]:
                return bits
            if time > t + 300:
                return net["compact"]
            while last != 0 and last % 576 and self.at(last)[1] == net["compact"]:
                last -= 1
            return self.at(last)[1]
        if net["fixed"]:
            return bits
        actual = min(max(t - self.at(last - 575)[0], 86400 // 4), 86400 * 4)
        return self.capped(target(bits) * actual % WRAP // 86400)

    def kimoto(self, last):
        if last < 14:
            return self.net["compact"]
        newest, average, height = self.at(last)[0], 0, last
        for i in range(1, 4033):
            if height == 0:
                break
            time, bits = self.at(height)
            difference = target(bits) - average
            step = abs(difference) // i
            average += step if difference >= 0 else -step
            actual, want = max(0, newest - time), 150 * i
            ratio = want / actual if actual else 1.0
            deviation = 1 + 0.7084 * (i / 28.2) ** -1.228
            if i >= 14 and (ratio <= 1 / deviation or ratio >= deviation):
                break
            height -= 1
        return self.capped(average * actual % WRAP // want if actual else average)

    def dark(self, last):
        if last < 24:
            return self.net["compact"]
        average = 0
        for i in range(1, 25):
            number = target(self.at(last - i + 1)[1])
            average = number if i == 1 else (average * i + number) % WRAP // (i + 1)
        span = min(max(self.at(last)[0] - self.at(last - 23)[0], 1200), 10800)
        return self.capped(average * span % WRAP // 3600)


def case(network, height, segments, queries, minimum_blocks=0, time=1_400_000_000, heights=None):
    chain = Chain(network, height, time, segments, minimum_blocks, heights)
    answers = []
    for position, seconds in queries:
        try:
            bits = chain.required(height + position, chain.time[position] + seconds)
        except NeedsMore:
            bits = None
        answers.append([position, seconds, bits])
    heights = [chain.net["kgw"], chain.net["dgw"]]
    return dict(network=network, height=height, time=time, minimum_blocks=minimum_blocks, heights=heights, segments=segments,
                queries=answers)


def near(rng, bits, factor):
    return compact(max(1, int(target(bits) * rng.uniform(1 / factor, factor))))


def main():
    rng = random.Random(25)
    cases = []

    def walk(network, height, count, queries, bits, spread, seconds, late=(), minimum_blocks=0, run=1, heights=None):
        limit = NETWORKS[network]["limit"]
        segments = []
        for _ in range(count // run):
            number = near(rng, bits, spread)
            if target(number) > limit:
                number = NETWORKS[network]["compact"]
            segments.append([run, int(rng.uniform(*seconds)), number])
        asked = [[position, int(rng.choice(late) if late else 100)] for position in queries]
        cases.append(case(network, height, segments, asked, minimum_blocks, heights=heights))

    # Bitcoin's rule: between and at retargets, too fast, too slow, capped, without the first block
    for seconds in ((100, 200), (1, 20), (600, 2000)):
        walk("mainnet", 0, 600, [0, 1, 100, 574, 575, 576, 599], 0x1D00FFFF, 2, seconds, run=5)
    walk("mainnet", 0, 600, [575], 0x1E0FFFFF, 1, (300, 400))
    walk("mainnet", 600, 600, [550, 551, 552, 599], 0x1D00FFFF, 2, (100, 200), run=5)
    late = (1, 299, 300, 301, 600, 601, 7200, 7201)
    limit = [1, 10, 0x1E0FFFFF]
    for start in (0, 1000):
        segments = [[1, 10, 0x1D123456], *([limit] * 30), [1, 10, 0x1D654321], *([limit] * 30)]
        queries = [[p, s] for p in (0, 1, 20, 30, 31, 32, 60) for s in (100, 300, 301)]
        cases.append(case("testnet", start, segments, queries))
    cases.append(case("testnet", 1140, [[40, 10, 0x1E0FFFFF]], [[p, 100] for p in (5, 11, 12, 13, 39)]))
    walk("devnet", 0, 600, [*range(0, 600, 23), 38, 39, 40, 41], 0x1F123456, 3, (1, 500), late, 40, 5)
    walk("regtest", 0, 600, [0, 1, 574, 575, 576], 0x207FFFFF, 1, (1, 500), late, run=100)
    cases.append(case("regtest", 15190, [[30, 10, 0x1D00FFFF]], [[p, 100] for p in range(0, 30)]))

    # Kimoto Gravity Well: every depth, both directions, times that run backwards, genesis, the whole 4032 blocks, the hand-over
    for seconds in ((0, 60), (400, 900), (100, 200), (-400, 500), (-300, 100)):
        walk("mainnet", 15150, 700, range(48, 700, 29), 0x1C0FFFFF, 1.5, seconds, run=7)
    eras = [[300, 250, 0x1C123456], [300, 140, 0x1C0FEDCB], [300, 90, 0x1C0ABCDE], [300, 151, 0x1C123456]]
    cases.append(case("mainnet", 15199, eras, [[p, 100] for p in range(10, 1200, 17)]))
    cases.append(case("mainnet", 15199, [[4100, 150, 0x1C123456]], [[p, 100] for p in (0, 14, 4030, 4031, 4032, 4099)]))
    walk("mainnet", 15199, 4100, [4031, 4060, 4099], 0x1C0FFFFF, 1.2, (149, 152), run=20)
    walk("mainnet", 34100, 80, range(0, 80), 0x1B3FFFFF, 1.5, (10, 20))

    # DarkGravityWave: short and long spans, the cap, devnets whose products wrap
    for seconds in ((100, 200), (0, 30), (1000, 2000), (-200, 300)):
        walk("mainnet", 2_000_000, 60, range(0, 60), 0x19234567, 3, seconds)
        walk("testnet", 4000, 60, range(0, 60), 0x1D7FFFFF, 3, seconds, late)
    for bits, spread in ((0x207FFFFF, 1), (0x203FFFFF, 2), (0x1F123456, 100), (0x200FFFFF, 20)):
        walk("devnet", 3990, 80, range(0, 80), bits, spread, (0, 400), late)
    # the rules beside the genesis, where no network has them
    for seconds in ((0, 60), (400, 900), (145, 156)):
        walk("mainnet", 0, 50, range(0, 50), 0x1C0FFFFF, 1.5, seconds, heights=[0, 1000])
        walk("mainnet", 0, 50, range(0, 50), 0x1C0FFFFF, 1.5, seconds, heights=[0, 0])
    for c in cases: # equal neighbours in one segment
        merged = []
        for count, seconds, bits in c["segments"]:
            if merged and merged[-1][1:] == [seconds, bits]:
                merged[-1][0] += count
            else:
                merged.append([count, seconds, bits])
        c["segments"] = merged
    print("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]")


main()
