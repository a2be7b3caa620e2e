#!/usr/bin/env python3
"""Writes the constant tables of the X11 functions.

    x11_tables.py constants.json > src/crypto/x11/x11_tables.h

Initial values and round constants are copied from constants.json (test data, folder x11). Everything that follows from
arithmetic is computed here: the AES and Groestl lookup tables, the subkeys of Skein's first block, the roots of unity and
the whole last message expansion of SIMD, because inside X11 these inputs never change (x11.md 2.3, 2.4, 2.10, 2.11).
"""
import json
import sys

MASK32 = (1 << 32) - 1
MASK64 = (1 << 64) - 1


def gf_mul(a, b):
    """Product in the AES field, polynomial 0x11b."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x11b if a & 0x80 else 0)
        b >>= 1
    return product


def aes_sbox():
    box = []
    for x in range(256):
        inverse = 1
        for _ in range(254):  # x^254 = 1/x, and 0 for 0
            inverse = gf_mul(inverse, x)
        rotated = [(inverse << n | inverse >> (8 - n)) & 0xff for n in range(5)]
        s = 0x63
        for r in rotated:
            s ^= r
        box.append(s)
    return box


def column_table(sbox, coefficients):
    """What byte 0 of a column contributes to the column after SubBytes and the mixing; row r in bits 8r."""
    return [sum(gf_mul(s, k) << 8 * row for row, k in enumerate(coefficients)) for s in sbox]


def aes_round(sbox, block):
    """SubBytes, ShiftRows and MixColumns of 16 bytes."""
    shifted = [sbox[block[(4 * (i // 4 + i % 4) + i % 4) % 16]] for i in range(16)]
    mixed = []
    for c in range(0, 16, 4):
        for r in range(4):
            a = [shifted[c + (r + i) % 4] for i in range(4)]
            mixed.append(gf_mul(a[0], 2) ^ gf_mul(a[1], 3) ^ a[2] ^ a[3])
    return mixed


def echo_first(sbox):
    """The 16 words after ECHO's first round where the four words of the message contribute nothing."""
    message = [8, 9, 10, 11]
    padding = {12: 0x80, 14: 512 << 112, 15: 512}
    words = []
    for n in range(16):
        word = list(padding.get(n, 512 if n < 8 else 0).to_bytes(16, "little"))
        key = (512 + n).to_bytes(16, "little")
        inner = [a ^ b for a, b in zip(aes_round(sbox, word), key)]
        words.append([0] * 16 if n in message else aes_round(sbox, inner))
    state = []
    for c in range(4):
        column = [words[(4 * (c + r) + r) % 16] for r in range(4)]
        for r in range(4):
            a = [column[(r + i) % 4] for i in range(4)]
            word = bytes(gf_mul(a[0][j], 2) ^ gf_mul(a[1][j], 3) ^ a[2][j] ^ a[3][j] for j in range(16))
            state.append([int.from_bytes(word[:8], "little"), int.from_bytes(word[8:], "little")])
    return state


def skein_subkeys(iv):
    """Threefish-512 subkeys of the only message block: 64 bytes, first, final, type message."""
    parity = 0x1bd11bdaa9fc1a22
    for word in iv:
        parity ^= word
    key = iv + [parity]
    tweak = [64, 0xf0 << 56]
    tweak.append(tweak[0] ^ tweak[1])
    subkeys = []
    for s in range(19):
        words = [key[(s + i) % 9] for i in range(8)]
        words[5] += tweak[s % 3]
        words[6] += tweak[(s + 1) % 3]
        words[7] += s
        subkeys.append([w & MASK64 for w in words])
    return subkeys


def centred(x):
    """The representative of x mod 257 in -128..128."""
    x %= 257
    return x - 257 if x > 128 else x


def signed16(x):
    return (x + 0x8000) % 0x10000 - 0x8000


SIMD_ROWS = [[4, 6, 0, 2, 7, 5, 3, 1], [15, 11, 12, 8, 9, 13, 10, 14], [1, 2, 7, 4, 6, 5, 0, 3], [6, 0, 1, 7, 3, 5, 4, 2]]


def simd_steps():
    """Arguments of each step: its function, the names of its state (the result takes the place of the last), rotations, exchange.
    The last four steps add the chaining value."""
    rotations = [[3, 23, 17, 27], [28, 19, 22, 7], [29, 9, 15, 5], [4, 13, 10, 25]]
    exchanges = [1, 6, 2, 3, 5, 7, 4]
    steps = []
    for i in range(36):
        r = rotations[min(i // 8, 3)]
        names = ["abcd"[(n - i) % 4] for n in range(4)]
        steps.append(["choose" if i % 8 < 4 else "majority", *names, r[i % 4], r[(i + 1) % 4], exchanges[i % 7], i])
    return steps


def simd_turns():
    """Step i exchanges words n and n ^ p, where p runs through 1, 6, 2, 3, 5, 7, 4: each is a linear map of the one before, bits as
    coordinates. With words renamed by this map after each round (of 8 steps = 7 + 1), all rounds have the same exchanges.
    Row r: the word that has name n in round r."""
    turn = lambda n: (n & 1) * 6 ^ (n >> 1 & 1) * 3 ^ (n >> 2) * 1
    turns = [list(range(8))]
    for _ in range(7):
        turns.append([turn(n) for n in turns[-1]])
    assert turns[7] == turns[0]
    return turns


def simd_last_words():
    """Message words of the block that holds only the length, 512 bits, by the definition."""
    block = (512).to_bytes(128, "little")
    y = [centred(sum(x * pow(41, i * j, 257) for j, x in enumerate(block)) + pow(163, i, 257) + pow(40, i, 257))
         for i in range(256)]
    packed = lambda a, b, factor: (a * factor & 0xffff) | (b * factor & 0xffff) << 16
    steps = []
    for number, rows in enumerate(SIMD_ROWS):
        for row in rows:
            ks = range(16 * row, 16 * row + 16, 2)
            if number < 2:
                steps.append([packed(y[k], y[k + 1], 185) for k in ks])
            elif number == 2:
                steps.append([packed(y[k], y[k + 128], 233) for k in ks])
            else:
                steps.append([packed(y[k + 1], y[k + 129], 233) for k in ks])
    return steps


def luffa_first(iv):
    """Luffa's five lanes after the injection of a zero block into the initial value: what the first message block is added to."""
    def twice(a):
        return [a[i - 1] ^ (a[7] if i in (1, 3, 4) else 0) for i in range(8)]

    def add(a, b):
        return [x ^ y for x, y in zip(a, b)]

    total = iv[0]
    for lane in iv[1:]:
        total = add(total, lane)
    v = [add(lane, twice(total)) for lane in iv]
    v = [add(twice(v[j]), v[(j + 1) % 5]) for j in range(5)]
    return [add(twice(v[j]), v[j - 1]) for j in range(5)]


def luffa_mixed(rc):
    """Per step, what is to be added to words 4 and to words 0 of the five lanes before the last rotation of the first MixWord, so that
    they come out with their constants added and complemented."""
    def pair(c0, c4):
        c0, c4 = ~c0 & MASK32, ~c4 & MASK32
        c4 = (c4 >> 1 | c4 << 31) & MASK32
        return c4, c0 ^ c4

    return [[list(words) for words in zip(*(pair(lane[0][s], lane[1][s]) for lane in rc))] for s in range(8)]


def print_table(ctype, name, table, note):
    """A C table of one or more dimensions; `table` is nested lists of numbers."""
    shape, level = "", table
    while isinstance(level, list):
        shape += "[%d]" % len(level)
        level = level[0]
    digits = {"uint64_t": 16, "uint32_t": 8}.get(ctype)
    text = (lambda v: "0x%0*x" % (digits, v)) if digits else str
    per_line = {"uint64_t": 6, "uint32_t": 8}.get(ctype, 16)

    def body(level, indent):
        if isinstance(level[0], list):
            return ",\n".join(indent + "{\n" + body(part, indent + "    ") + "\n" + indent + "}" for part in level)
        words = [text(v) for v in level]
        return ",\n".join(indent + ", ".join(words[i:i + per_line]) for i in range(0, len(words), per_line))

    print("/* %s */" % note)
    print("static const %s %s%s = {\n%s,\n};\n" % (ctype, name, shape, body(table, "    ")))


def numbers(value):
    return [numbers(v) for v in value] if isinstance(value, list) else int(value, 16)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1]) as f:
        constants = json.load(f)
    get = lambda function, name: numbers(constants[function][name])

    print("/* Constants of the X11 functions. Written by tools/x11_tables.py: change that, not this. */")
    print("#ifndef CRYPTO_X11_TABLES_H\n#define CRYPTO_X11_TABLES_H\n\n#include <stdint.h>\n")

    print_table("uint64_t", "x11_blake_iv", get("blake512", "iv"), "BLAKE")
    print_table("uint64_t", "x11_blake_c", get("blake512", "c"), "BLAKE: pi")
    sigma = constants["blake512"]["sigma"]
    print("/* BLAKE: the 16 rounds, each ROUND() given its row of sigma. */\n#define X11_BLAKE_ROUNDS(ROUND) \\")
    print(" \\\n".join("    ROUND(%s)" % ", ".join("%2d" % i for i in sigma[r % 10]) for r in range(16)) + "\n")

    print_table("uint64_t", "x11_bmw_iv", get("bmw512", "iv"), "BMW")
    print_table("uint64_t", "x11_bmw_final", get("bmw512", "final_h"), "BMW: chaining value of the closing call")

    sbox = aes_sbox()
    print_table("uint64_t", "x11_groestl_t", column_table(sbox, [2, 7, 5, 3, 5, 4, 3, 2]),
                "Groestl: SubBytes and MixBytes of row 0; other rows are rotations")
    print_table("uint64_t", "x11_skein_subkeys", skein_subkeys(get("skein512", "iv")),
                "Skein: the 19 subkeys of the message block, tweak and number folded in")
    swapped = lambda words: [int.from_bytes(w.to_bytes(8, "big"), "little") for w in words]
    kept = [w ^ MASK64 if i in (8, 9, 10, 11, 14, 15) else w for i, w in enumerate(swapped(get("jh512", "iv")))]
    print_table("uint64_t", "x11_jh_iv", kept, "JH: little-endian words; 8 to 11, 14 and 15 complemented, as words/jh.h keeps them")
    c = swapped(get("jh512", "c"))
    print_table("uint64_t", "x11_jh_c", [c[i:i + 4] for i in range(0, len(c), 4)],
                "JH: per round even high, even low, odd high, odd low; little-endian words")
    print_table("uint64_t", "x11_keccak_rc", get("keccak512", "rc"), "Keccak")
    print_table("uint32_t", "x11_luffa_first", luffa_first(get("luffa512", "iv")),
                "Luffa: big-endian words of the five lanes, after the injection of zeros into the initial value")
    print_table("uint32_t", "x11_luffa_mixed", luffa_mixed(get("luffa512", "rc")),
                "Luffa: per step, the constants of word 4 and of word 0 of the five lanes (words/luffa_step.h)")
    print_table("uint32_t", "x11_cubehash_iv", get("cubehash512", "iv"), "CubeHash16/32-512")
    print_table("uint32_t", "x11_aes_t", column_table(sbox, [2, 1, 1, 3]),
                "AES: SubBytes and MixColumns of row 0; other rows are rotations")
    print_table("uint64_t", "x11_echo_first", echo_first(sbox),
                "ECHO: words after the first round but the contributions of the message")
    print_table("uint32_t", "x11_shavite_iv", get("shavite512", "iv"), "SHAvite-3")
    print_table("uint32_t", "x11_simd_iv", get("simd512", "iv"), "SIMD")
    root = lambda n: centred(pow(41, n, 257))
    twist = [[root(8 * q * a) for q in range(4)] for a in range(8)]
    twiddle = [[root(m * b) for m in range(32)] for b in range(8)]
    low = lambda factors: [[signed16(f * pow(257, -1, 1 << 16)) for f in row] for row in factors]
    print_table("int16_t", "x11_simd_twist", twist, "SIMD: [a][q] = 41^(8qa) mod 257")
    print_table("int16_t", "x11_simd_twist_low", low(twist), "the same / 257 mod 2^16")
    print_table("int16_t", "x11_simd_twiddle", twiddle, "SIMD: [b][m] = 41^(mb) mod 257")
    print_table("int16_t", "x11_simd_twiddle_low", low(twiddle), "the same / 257 mod 2^16")
    print_table("int16_t", "x11_simd_offset", [root(248 * m) for m in range(32)],
                "SIMD: 41^(248m) mod 257. What is added to all numbers, 163^i, is the transform of a one at j = 255 = 8 * 31 + 7")
    print_table("uint8_t", "x11_simd_rows", SIMD_ROWS, "SIMD: rows of the expanded message in the order of the steps")
    print_table("uint32_t", "x11_simd_last", sum(simd_last_words(), []),
                "SIMD: expanded message of the length block, 8 words for each step")
    print_table("uint8_t", "x11_simd_steps", [[8 * r + rows.index(row + min(rows)) for row in range(8)] for r, rows in enumerate(SIMD_ROWS)],
                "SIMD: [round][row mod 8] = the step that takes the row")
    print("/* SIMD: the steps of a block, STEP(f, a, b, c, d, r, s, p, i). */\n#define X11_SIMD_STEPS(STEP) \\")
    print(" \\\n".join("    STEP(%s)" % ", ".join(map(str, step)) for step in simd_steps()) + "\n")
    turns = simd_turns()
    print_table("uint8_t", "x11_simd_turns", turns, "SIMD: [r][n] = the word that has name n in round r; its inverse is row 7 - r")
    print_table("uint32_t", "x11_simd_last_turned",
                [words[n] for step, words in enumerate(simd_last_words()) for n in turns[step // 8]],
                "SIMD: the same, words in the order of their names")
    print("#endif")


main()
