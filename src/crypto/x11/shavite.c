/* SHAvite-3-512, second-round tweak, of exactly 64 bytes (x11.md 2.9): one block; the bit counter is the constant 512. */
#include <string.h>

#include "base/endian.h"
#include "crypto/x11/x11_aes.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

enum { ROUNDS = 14, KEY_WORDS = 32 * ROUNDS, COUNTER = 512 };

/* One nonlinear schedule element: an AES round of the word-rotated element 32 words back, plus the previous element. */
static inline void schedule_nonlinear(uint32_t *k)
{
    uint32_t x[4] = {k[-31], k[-30], k[-29], k[-32]};
    aes_round(x);
    for (int i = 0; i < 4; i++)
        k[i] = x[i] ^ k[i - 4];
}

/* Expands the block, the first 32 words. Groups of 32 words alternate, nonlinear first. The counter (512, 0, 0, 0) enters at
 * four places, each time in another order and with another word complemented, as soon as the element there is made. */
static void schedule(uint32_t k[KEY_WORDS])
{
    for (int u = 32; u < KEY_WORDS; u += 4) {
        if (u / 32 % 2 == 0) {
            for (int i = u; i < u + 4; i++)
                k[i] = k[i - 32] ^ k[i - 7];
            continue;
        }
        schedule_nonlinear(k + u);
        switch (u) {
        case 32:
            k[32] ^= COUNTER;
            k[35] = ~k[35];
            break;
        case 164:
            k[167] ^= ~(uint32_t)COUNTER;
            break;
        case 316:
            k[318] ^= COUNTER;
            k[319] = ~k[319];
            break;
        case 440:
            k[441] ^= COUNTER;
            k[443] = ~k[443];
            break;
        default: break;
        }
    }
}

/* Half a Feistel round: four AES rounds of `right`, each after adding a subkey, go into `left`. */
static inline void feistel(uint32_t left[4], const uint32_t right[4], const uint32_t *k)
{
    uint32_t x[4] = {right[0], right[1], right[2], right[3]};
    for (int n = 0; n < 4; n++) {
        for (int i = 0; i < 4; i++)
            x[i] ^= k[4 * n + i];
        aes_round(x);
    }
    for (int i = 0; i < 4; i++)
        left[i] ^= x[i];
}

void x11_shavite512(uint8_t out[64], const uint8_t in[64])
{
    uint32_t k[KEY_WORDS] = {[16] = 0x80};
    for (int i = 0; i < 16; i++)
        k[i] = load_le32(in + 4 * i);
    k[27] = 512 << 16; /* message bits, little-endian, from byte 110 */
    k[31] = 512 << 16; /* digest bits at byte 126 */
    schedule(k);
    uint32_t p[4][4];
    memcpy(p, x11_shavite_iv, sizeof(p));
    for (int round = 0; round < ROUNDS; round++) {
        /* Branches are renamed instead of moved: each round they go one place on. */
        uint32_t *const branch[4] = {p[-round & 3], p[(1 - round) & 3], p[(2 - round) & 3], p[(3 - round) & 3]};
        feistel(branch[0], branch[1], k + 32 * round);
        feistel(branch[2], branch[3], k + 32 * round + 16);
    }
    /* After 14 rounds word 0 stands in place 2. */
    for (int i = 0; i < 16; i++)
        store_le32(out + 4 * i, x11_shavite_iv[i] ^ p[(i / 4 + 2) & 3][i % 4]);
}
