/* SIMD-512 (x11.md 2.10), a header in each 32-bit lane.
 *
 * The message expansion is the transform of the portable function (../simd.c has the formulas), with two neighbours, y[i] and
 * y[i + 1], in the halves of each lane: such pairs are the words of the first two rounds.
 *
 * The state is 4 x 8 words. Step i adds word n of one quarter to word n ^ p of another, where p runs through 1, 6, 2, 3, 5, 7, 4.
 * In lanes an exchange of words is only another index; and as each p is the same linear map of the one before (numbers as vectors
 * of three bits), words are renamed by that map after each round, of 7 + 1 steps: then all rounds have the same p, and are one
 * loop. */
#include "crypto/x11/lanes/mod257.h"
#include "crypto/x11/x11_tables.h"

enum { ROUNDS = 4, ROUND_STEPS = 8, STEPS = ROUNDS * ROUND_STEPS, WORDS = 8 };

/* What the steps add: words of the message, then of the chaining value, which makes half a round more. */
typedef v32 words[STEPS + 4][WORDS];

/* ---- message expansion */

/* Two neighbours of a table, for every header. */
static inline v16 both(const int16_t *p)
{
    uint32_t x;
    memcpy(&x, p, sizeof(x));
    return (v16)v32_all(x);
}

/* Byte j of each message, in both halves of its lane. */
static inline v16 message_byte(const uint8_t *messages, int j)
{
    /* Of two lanes at once; 0x80 asks for a zero. */
    const uint64_t order = UINT64_C(0x8004800480008000) + (uint64_t)(j % 4) * UINT64_C(0x0001000100010001);
    return (v16)v64_bytes(v64_load(messages + X11_VECTOR * (j / 4)), order);
}

/* u[i][b] holds m = 2i and 2i + 1. */
static inline void inner_sums(v16 u[16][8], const uint8_t *messages)
{
    for (int b = 0; b < 8; b++) {
        v16 x[8], in[8], out[8];
        for (int a = 0; a < 8; a++)
            x[a] = message_byte(messages, 8 * a + b);
        for (int q = 0; q < 4; q += 2) {
            in[0] = x[0];
            for (int a = 1; a < 8; a++)
                in[a] = mod257_times(x[a], both(&x11_simd_twist[a][q]), both(&x11_simd_twist_low[a][q]));
            mod257_transform8(out, in);
            for (int k = 0; k < 8; k++)
                u[2 * k + q / 2][b] = out[k];
        }
    }
    for (int i = 0; i < 16; i++)
        u[i][7] += both(&x11_simd_offset[2 * i]);
}

/* Where word n of a row goes: to the step that takes the row, under the name it has in that round. */
static inline v32 *place(words w, int round, int row, int n)
{
    return &w[x11_simd_steps[round][row % 8]][x11_simd_turns[7 - round][n]];
}

static inline void outer_sums(words w, v16 u[16][8])
{
    for (int i = 0; i < 16; i++) {
        v16 in[8], out[8];
        const int row = i / 8, n = i % 8;
        for (int b = 0; b < 8; b++)
            in[b] = mod257_times(u[i][b], both(&x11_simd_twiddle[b][2 * i]), both(&x11_simd_twiddle_low[b][2 * i]));
        mod257_transform8(out, in);
        for (int t = 0; t < 8; t++) {
            out[t] = mod257_centred(out[t]);
            *place(w, t / 4, 2 * t + row, n) = (v32)(out[t] * 185);
        }
        for (int t = 0; t < 4; t++) {
            const v32 low = (v32)(out[t] * 233), high = (v32)(out[t + 4] * 233);
            *place(w, 2, 2 * t + row, n) = pairs_low(low, high);
            *place(w, 3, 2 * t + row, n) = pairs_high(low, high);
        }
    }
}

/* ---- steps */

#define CHOOSE(x, y, z) ((((y) ^ (z)) & (x)) ^ (z))
#define MAJORITY(x, y, z) (((x) & (y)) | (((x) | (y)) & (z)))

/* Amounts, too, are in lanes. */
static inline v32 rotl(v32 x, v32 n)
{
#if X11_VECTOR == 64
    return (v32)_mm512_rolv_epi32((__m512i)x, (__m512i)n);
#elif X11_VECTOR == 32
    return (v32)_mm256_sllv_epi32((__m256i)x, (__m256i)n) | (v32)_mm256_srlv_epi32((__m256i)x, (__m256i)(32 - n));
#else
    return x << n | x >> (32 - n);
#endif
}

/* Written out, for loops would keep compilers from keeping words in registers. */
#define EACH(M, ...)                                                                                                             \
    M(0, __VA_ARGS__)                                                                                                            \
    M(1, __VA_ARGS__)                                                                                                            \
    M(2, __VA_ARGS__)                                                                                                            \
    M(3, __VA_ARGS__)                                                                                                            \
    M(4, __VA_ARGS__)                                                                                                            \
    M(5, __VA_ARGS__)                                                                                                            \
    M(6, __VA_ARGS__)                                                                                                            \
    M(7, __VA_ARGS__)

#define MIX(n, f, a, b, c, d, r, s, w)                                                                                           \
    d[n] = rotl(d[n] + (w)[n] + v32_logic(f, a[n], b[n], c[n]), s);                                                              \
    a[n] = rotl(a[n], r);
#define ADD(n, d, a, p) d[n] += a[(n) ^ (p)];

/* The next step calls d a, a b, b c and c d. */
#define STEP(f, a, b, c, d, r, s, p, w)                                                                                          \
    EACH(MIX, f, a, b, c, d, r, s, w)                                                                                            \
    EACH(ADD, d, a, p)

/* The names of the next round: x11_simd_turns[1]. */
static inline void turn(v32 x[WORDS])
{
    const v32 one = x[1];
    x[1] = x[6];
    x[6] = x[2];
    x[2] = x[3];
    x[3] = x[5];
    x[5] = x[7];
    x[7] = x[4];
    x[4] = one;
}

/* Leaves the words under the names of the fifth round. */
static __attribute__((noinline)) void steps(v32 state[4][WORDS], words w)
{
    static const uint8_t amounts[ROUNDS + 1][4] = {
        {3, 23, 17, 27}, {28, 19, 22, 7}, {29, 9, 15, 5}, {4, 13, 10, 25}, {4, 13, 10, 25}};
    v32 a[WORDS], b[WORDS], c[WORDS], d[WORDS];
#define LOAD(n, ...) a[n] = state[0][n], b[n] = state[1][n], c[n] = state[2][n], d[n] = state[3][n];
    EACH(LOAD, )
    for (int round = 0, i = 0;; round++, i += ROUND_STEPS) {
        const v32 r = v32_all(amounts[round][0]), s = v32_all(amounts[round][1]);
        const v32 t = v32_all(amounts[round][2]), u = v32_all(amounts[round][3]);
        STEP(CHOOSE, a, b, c, d, r, s, 1, w[i + 0])
        STEP(CHOOSE, d, a, b, c, s, t, 6, w[i + 1])
        STEP(CHOOSE, c, d, a, b, t, u, 2, w[i + 2])
        STEP(CHOOSE, b, c, d, a, u, r, 3, w[i + 3])
        if (round == ROUNDS)
            break;
        STEP(MAJORITY, a, b, c, d, r, s, 5, w[i + 4])
        STEP(MAJORITY, d, a, b, c, s, t, 7, w[i + 5])
        STEP(MAJORITY, c, d, a, b, t, u, 4, w[i + 6])
        STEP(MAJORITY, b, c, d, a, u, r, 1, w[i + 7])
        turn(a);
        turn(b);
        turn(c);
        turn(d);
    }
#define STORE(n, ...) state[0][n] = a[n], state[1][n] = b[n], state[2][n] = c[n], state[3][n] = d[n];
    EACH(STORE, )
}

void X11_KERNEL(simd)(void *state)
{
    uint8_t *messages = state;
    v16 u[16][8];
    words w;
    v32 first[4][WORDS], last[4][WORDS];
    inner_sums(u, messages);
    outer_sums(w, u);
    for (int i = 0; i < 4; i++) {
        for (int n = 0; n < WORDS; n++) {
            const v32 iv = v32_all(x11_simd_iv[WORDS * i + n]);
            w[STEPS + i][x11_simd_turns[3][n]] = iv;
            first[i][n] = i < 2 ? iv ^ v32_load(messages + X11_VECTOR * (WORDS * i + n)) : iv;
        }
    }
    steps(first, w);
    for (int step = 0; step < STEPS; step++)
        for (int n = 0; n < WORDS; n++)
            w[step][n] = v32_all(x11_simd_last_turned[WORDS * step + n]);
    memcpy(w + STEPS, first, sizeof(first));
    for (int i = 0; i < 4; i++)
        for (int n = 0; n < WORDS; n++)
            last[i][x11_simd_turns[4][n]] = first[i][n];
    last[0][0] ^= 512;
    steps(last, w);
    for (int i = 0; i < 2; i++)
        for (int n = 0; n < WORDS; n++)
            v32_store(messages + X11_VECTOR * (WORDS * i + x11_simd_turns[4][n]), last[i][n]);
}
