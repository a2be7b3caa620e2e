/* SIMD-512 (x11.md 2.10) of one header: the portable function in registers of 128 bits. A quarter of the state is two of them,
 * its lower and its upper words; eight numbers of the message expansion are one. */
#include "crypto/x11/lanes/mod257.h"
#include "crypto/x11/x11_tables.h"

enum { STEPS = 32, WORDS = 8 };

/* ---- message expansion; names as in ../simd.c */

/* out[i] lane j = in[j] lane i. */
static inline void transposed(v16 out[8], const v16 in[8])
{
    __m128i x[8], y[8];
    for (int i = 0; i < 4; i++) {
        x[2 * i] = _mm_unpacklo_epi16((__m128i)in[i], (__m128i)in[i + 4]);
        x[2 * i + 1] = _mm_unpackhi_epi16((__m128i)in[i], (__m128i)in[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        y[2 * i] = _mm_unpacklo_epi16(x[i], x[i + 4]);
        y[2 * i + 1] = _mm_unpackhi_epi16(x[i], x[i + 4]);
    }
    for (int i = 0; i < 4; i++) {
        out[2 * i] = (v16)_mm_unpacklo_epi16(y[i], y[i + 4]);
        out[2 * i + 1] = (v16)_mm_unpackhi_epi16(y[i], y[i + 4]);
    }
}

/* u[m]: lanes are b. */
static inline void inner_sums(v16 u[32], const uint8_t message[64])
{
    v16 x[8];
    for (int a = 0; a < 8; a++)
        x[a] = (v16)_mm_cvtepu8_epi16(_mm_loadl_epi64((const __m128i *)(const void *)(message + 8 * a)));
    for (int q = 0; q < 4; q++) {
        v16 in[8], out[8];
        in[0] = x[0];
        for (int a = 1; a < 8; a++)
            in[a] = mod257_times(x[a], v16_all(x11_simd_twist[a][q]), v16_all(x11_simd_twist_low[a][q]));
        mod257_transform8(out, in);
        for (int k = 0; k < 8; k++)
            u[4 * k + q] = out[k];
    }
}

/* Lower or upper words of the rows, in the order of the steps. */
static inline void outer_sums(uint32_t w[STEPS * WORDS], const v16 u[32])
{
    for (int part = 0; part < 4; part++) {
        v16 in[8], out[8];
        const int row = part / 2, n = part % 2 * 4;
        transposed(in, u + 8 * part);
        in[7] += v16_load(&x11_simd_offset[8 * part]);
        for (int b = 0; b < 8; b++)
            in[b] = mod257_times(in[b], v16_load(&x11_simd_twiddle[b][8 * part]), v16_load(&x11_simd_twiddle_low[b][8 * part]));
        mod257_transform8(out, in);
        for (int t = 0; t < 8; t++) {
            out[t] = mod257_centred(out[t]);
            v32_store(w + WORDS * x11_simd_steps[t / 4][(2 * t + row) % 8] + n, (v32)(out[t] * 185));
        }
        for (int t = 0; t < 4; t++) {
            const v32 low = (v32)(out[t] * 233), high = (v32)(out[t + 4] * 233);
            v32_store(w + WORDS * x11_simd_steps[2][2 * t + row] + n, pairs_low(low, high));
            v32_store(w + WORDS * x11_simd_steps[3][2 * t + row] + n, pairs_high(low, high));
        }
    }
}

/* ---- steps */

static inline v32 choose(v32 x, v32 y, v32 z)
{
    return ((y ^ z) & x) ^ z;
}
static inline v32 majority(v32 x, v32 y, v32 z)
{
    return (x & y) | ((x | y) & z);
}

/* Word n ^ p of a half, p < 4. */
#define EXCHANGED(x, p) ((v32)_mm_shuffle_epi32((__m128i)(x), (p) ^ (1 ^ (p)) << 2 ^ (2 ^ (p)) << 4 ^ (3 ^ (p)) << 6))

/* A step: as in ../simd.c. */
#define STEP(f, a, b, c, d, r, s, p, i)                                                                                          \
    {                                                                                                                            \
        const uint32_t *add = (i) < STEPS ? w + WORDS * (i) : before + WORDS * ((i) % STEPS);                                    \
        for (int half = 0; half < 2; half++) {                                                                                   \
            d[half] = v32_rotl(d[half] + v32_load(add + 4 * half) + f(a[half], b[half], c[half]), s);                            \
            a[half] = v32_rotl(a[half], r);                                                                                      \
        }                                                                                                                        \
        d[0] += EXCHANGED(a[(p) / 4], (p) % 4);                                                                                  \
        d[1] += EXCHANGED(a[1 - (p) / 4], (p) % 4);                                                                              \
    }

static __attribute__((noinline)) void steps(uint32_t state[4 * WORDS], const uint32_t w[STEPS * WORDS],
                                            const uint32_t before[4 * WORDS])
{
    v32 a[2], b[2], c[2], d[2];
    for (int half = 0; half < 2; half++) {
        a[half] = v32_load(state + 4 * half);
        b[half] = v32_load(state + WORDS + 4 * half);
        c[half] = v32_load(state + WORDS * 2 + 4 * half);
        d[half] = v32_load(state + WORDS * 3 + 4 * half);
    }
    X11_SIMD_STEPS(STEP)
    for (int half = 0; half < 2; half++) {
        v32_store(state + 4 * half, a[half]);
        v32_store(state + WORDS + 4 * half, b[half]);
        v32_store(state + WORDS * 2 + 4 * half, c[half]);
        v32_store(state + WORDS * 3 + 4 * half, d[half]);
    }
}

void X11_KERNEL(simd)(void *state)
{
    v16 u[32];
    uint32_t w[STEPS * WORDS], first[4 * WORDS], last[4 * WORDS];
    inner_sums(u, state);
    outer_sums(w, u);
    memcpy(first, x11_simd_iv, sizeof(first));
    for (int i = 0; i < 16; i += 4)
        v32_store(first + i, v32_load(first + i) ^ v32_load((const uint8_t *)state + 4 * i));
    steps(first, w, x11_simd_iv);
    memcpy(last, first, sizeof(last));
    last[0] ^= 512;
    steps(last, x11_simd_last, first);
    memcpy(state, last, 64);
}
