/* BMW-512, second-round tweak, of exactly 64 bytes (x11.md 2.2): one block, then the state itself as a closing block. */
#include "base/endian.h"
#include "crypto/x11/x11_stages.h"
#include "crypto/x11/x11_tables.h"

static inline uint64_t s0(uint64_t x) { return x >> 1 ^ x << 3 ^ rotl64(x, 4) ^ rotl64(x, 37); }
static inline uint64_t s1(uint64_t x) { return x >> 1 ^ x << 2 ^ rotl64(x, 13) ^ rotl64(x, 43); }
static inline uint64_t s2(uint64_t x) { return x >> 2 ^ x << 1 ^ rotl64(x, 19) ^ rotl64(x, 53); }
static inline uint64_t s3(uint64_t x) { return x >> 2 ^ x << 2 ^ rotl64(x, 28) ^ rotl64(x, 59); }
static inline uint64_t s4(uint64_t x) { return x >> 1 ^ x; }
static inline uint64_t s5(uint64_t x) { return x >> 2 ^ x; }

/* f0: the first half of the quadrupled pipe, q[0..15]. */
static inline void pipe_first(uint64_t q[32], const uint64_t h[16], const uint64_t m[16])
{
    uint64_t t[16];
    for (int i = 0; i < 16; i++)
        t[i] = m[i] ^ h[i];
    q[0] = s0(t[5] - t[7] + t[10] + t[13] + t[14]) + h[1];
    q[1] = s1(t[6] - t[8] + t[11] + t[14] - t[15]) + h[2];
    q[2] = s2(t[0] + t[7] + t[9] - t[12] + t[15]) + h[3];
    q[3] = s3(t[0] - t[1] + t[8] - t[10] + t[13]) + h[4];
    q[4] = s4(t[1] + t[2] + t[9] - t[11] - t[14]) + h[5];
    q[5] = s0(t[3] - t[2] + t[10] - t[12] + t[15]) + h[6];
    q[6] = s1(t[4] - t[0] - t[3] - t[11] + t[13]) + h[7];
    q[7] = s2(t[1] - t[4] - t[5] - t[12] - t[14]) + h[8];
    q[8] = s3(t[2] - t[5] - t[6] + t[13] - t[15]) + h[9];
    q[9] = s4(t[0] - t[3] + t[6] - t[7] + t[14]) + h[10];
    q[10] = s0(t[8] - t[1] - t[4] - t[7] + t[15]) + h[11];
    q[11] = s1(t[8] - t[0] - t[2] - t[5] + t[9]) + h[12];
    q[12] = s2(t[1] + t[3] - t[6] - t[9] + t[10]) + h[13];
    q[13] = s3(t[2] + t[4] + t[7] + t[10] + t[11]) + h[14];
    q[14] = s4(t[3] - t[5] + t[8] - t[11] - t[12]) + h[15];
    q[15] = s0(t[12] - t[4] - t[6] - t[9] + t[13]) + h[0];
}

/* AddElement(j) with the constant K(j + 16) = (j + 16) * 0x0555...; r[i] is word i of the message rotated left by i + 1. */
static inline uint64_t add_element(const uint64_t r[16], const uint64_t h[16], unsigned j)
{
    const uint64_t k = (j + 16) * UINT64_C(0x0555555555555555);
    return (r[j] + r[(j + 3) & 15] - r[(j + 10) & 15] + k) ^ h[(j + 7) & 15];
}

/* f1: q[16..31], two steps of the first kind and fourteen of the second. */
static inline void pipe_second(uint64_t q[32], const uint64_t h[16], const uint64_t m[16])
{
    uint64_t r[16];
    for (unsigned i = 0; i < 16; i++)
        r[i] = rotl64(m[i], i + 1);
    for (unsigned j = 0; j < 2; j++) {
        const uint64_t *p = q + j;
        uint64_t sum = add_element(r, h, j);
        for (int i = 0; i < 16; i += 4)
            sum += s1(p[i]) + s2(p[i + 1]) + s3(p[i + 2]) + s0(p[i + 3]);
        q[16 + j] = sum;
    }
    /* The plain terms q[j] + q[j + 2] + ... + q[j + 12] of even and odd steps, carried along. */
    uint64_t plain[2] = {0, 0};
    for (int i = 0; i < 12; i++)
        plain[i & 1] += q[i + 2];
    for (unsigned j = 2; j < 16; j++) {
        const uint64_t *p = q + j;
        plain[j & 1] += p[12];
        q[16 + j] = plain[j & 1] + rotl64(p[1], 5) + rotl64(p[3], 11) + rotl64(p[5], 27) + rotl64(p[7], 32) +
                    rotl64(p[9], 37) + rotl64(p[11], 43) + rotl64(p[13], 53) + s4(p[14]) + s5(p[15]) + add_element(r, h, j);
        plain[j & 1] -= p[0];
    }
}

/* f2: folds the pipe and the message into the new chaining value. */
static inline void pipe_fold(uint64_t h[16], const uint64_t q[32], const uint64_t m[16])
{
    uint64_t low = 0, all = 0;
    for (int i = 16; i < 24; i++)
        low ^= q[i];
    for (int i = 24; i < 32; i++)
        all ^= q[i];
    all ^= low;
    h[0] = (all << 5 ^ q[16] >> 5 ^ m[0]) + (low ^ q[24] ^ q[0]);
    h[1] = (all >> 7 ^ q[17] << 8 ^ m[1]) + (low ^ q[25] ^ q[1]);
    h[2] = (all >> 5 ^ q[18] << 5 ^ m[2]) + (low ^ q[26] ^ q[2]);
    h[3] = (all >> 1 ^ q[19] << 5 ^ m[3]) + (low ^ q[27] ^ q[3]);
    h[4] = (all >> 3 ^ q[20] ^ m[4]) + (low ^ q[28] ^ q[4]);
    h[5] = (all << 6 ^ q[21] >> 6 ^ m[5]) + (low ^ q[29] ^ q[5]);
    h[6] = (all >> 4 ^ q[22] << 6 ^ m[6]) + (low ^ q[30] ^ q[6]);
    h[7] = (all >> 11 ^ q[23] << 2 ^ m[7]) + (low ^ q[31] ^ q[7]);
    h[8] = rotl64(h[4], 9) + (all ^ q[24] ^ m[8]) + (low << 8 ^ q[23] ^ q[8]);
    h[9] = rotl64(h[5], 10) + (all ^ q[25] ^ m[9]) + (low >> 6 ^ q[16] ^ q[9]);
    h[10] = rotl64(h[6], 11) + (all ^ q[26] ^ m[10]) + (low << 6 ^ q[17] ^ q[10]);
    h[11] = rotl64(h[7], 12) + (all ^ q[27] ^ m[11]) + (low << 4 ^ q[18] ^ q[11]);
    h[12] = rotl64(h[0], 13) + (all ^ q[28] ^ m[12]) + (low >> 3 ^ q[19] ^ q[12]);
    h[13] = rotl64(h[1], 14) + (all ^ q[29] ^ m[13]) + (low >> 4 ^ q[20] ^ q[13]);
    h[14] = rotl64(h[2], 15) + (all ^ q[30] ^ m[14]) + (low >> 7 ^ q[21] ^ q[14]);
    h[15] = rotl64(h[3], 16) + (all ^ q[31] ^ m[15]) + (low >> 2 ^ q[22] ^ q[15]);
}

static void compress(uint64_t out[16], const uint64_t h[16], const uint64_t m[16])
{
    uint64_t q[32];
    pipe_first(q, h, m);
    pipe_second(q, h, m);
    pipe_fold(out, q, m);
}

void x11_bmw512(uint8_t out[64], const uint8_t in[64])
{
    uint64_t m[16] = {[8] = 0x80, [15] = 512};
    for (int i = 0; i < 8; i++)
        m[i] = load_le64(in + 8 * i);
    uint64_t state[16], closed[16];
    compress(state, x11_bmw_iv, m);
    compress(closed, x11_bmw_final, state);
    for (int i = 0; i < 8; i++)
        store_le64(out + 8 * i, closed[8 + i]);
}
