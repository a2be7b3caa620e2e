/* Skein-512-512 v1.3 of exactly 64 bytes (x11.md 2.4): the message is one block under a constant key, so its subkeys are a table;
 * then one output block. */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { SUBKEYS = 19 };

#define MIX(a, b, n)                                                                                                             \
    do {                                                                                                                         \
        v[a] += v[b];                                                                                                            \
        v[b] = rotl64(v[b], n) ^ v[a];                                                                                           \
    } while (0)

/* Four mixes; the word permutation is in the choice of the pairs. */
#define MIX4(a, b, c, d, e, f, g, h, r0, r1, r2, r3)                                                                             \
    do {                                                                                                                         \
        MIX(a, b, r0);                                                                                                           \
        MIX(c, d, r1);                                                                                                           \
        MIX(e, f, r2);                                                                                                           \
        MIX(g, h, r3);                                                                                                           \
    } while (0)

static inline void add_subkey(uint64_t v[8], const uint64_t k[8])
{
    v[0] += k[0];
    v[1] += k[1];
    v[2] += k[2];
    v[3] += k[3];
    v[4] += k[4];
    v[5] += k[5];
    v[6] += k[6];
    v[7] += k[7];
}

/* Threefish-512: 72 rounds. */
static void encrypt(uint64_t v[8], const uint64_t k[SUBKEYS][8])
{
    for (int s = 0; s < SUBKEYS - 1; s += 2) {
        add_subkey(v, k[s]);
        MIX4(0, 1, 2, 3, 4, 5, 6, 7, 46, 36, 19, 37);
        MIX4(2, 1, 4, 7, 6, 5, 0, 3, 33, 27, 14, 42);
        MIX4(4, 1, 6, 3, 0, 5, 2, 7, 17, 49, 36, 39);
        MIX4(6, 1, 0, 7, 2, 5, 4, 3, 44, 9, 54, 56);
        add_subkey(v, k[s + 1]);
        MIX4(0, 1, 2, 3, 4, 5, 6, 7, 39, 30, 34, 24);
        MIX4(2, 1, 4, 7, 6, 5, 0, 3, 13, 50, 10, 17);
        MIX4(4, 1, 6, 3, 0, 5, 2, 7, 25, 29, 39, 43);
        MIX4(6, 1, 0, 7, 2, 5, 4, 3, 8, 35, 56, 22);
    }
    add_subkey(v, k[SUBKEYS - 1]);
}

/* Subkeys of the output block: 8 bytes, first, final, type output. */
static void output_subkeys(uint64_t k[SUBKEYS][8], const uint64_t chain[8])
{
    const uint64_t tweak[3] = {8, UINT64_C(0xff) << 56, UINT64_C(0xff) << 56 | 8};
    uint64_t key[9] = {[8] = 0x1bd11bdaa9fc1a22};
    for (int i = 0; i < 8; i++) {
        key[i] = chain[i];
        key[8] ^= chain[i];
    }
    for (unsigned s = 0; s < SUBKEYS; s++) {
        for (unsigned i = 0; i < 8; i++)
            k[s][i] = key[(s + i) % 9];
        k[s][5] += tweak[s % 3];
        k[s][6] += tweak[(s + 1) % 3];
        k[s][7] += s;
    }
}

void x11_skein512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t m[8], v[8];
    for (int i = 0; i < 8; i++)
        v[i] = m[i] = load_le64(in + 8 * i);
    encrypt(v, x11_skein_subkeys);
    for (int i = 0; i < 8; i++)
        m[i] ^= v[i];
    uint64_t subkeys[SUBKEYS][8];
    output_subkeys(subkeys, m);
    /* The output block's plaintext is a counter, zero: feeding it forward changes nothing. */
    for (int i = 0; i < 8; i++)
        v[i] = 0;
    encrypt(v, (const uint64_t(*)[8])subkeys);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, v[i]);
}
