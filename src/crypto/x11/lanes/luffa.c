/* Luffa-512 v2 (x11.md 2.7) of 64 bytes, a header in each 32-bit lane. What Luffa calls its five lanes are rows here. */
#include "crypto/x11/lanes/vector.h"
#include "crypto/x11/x11_tables.h"

enum { ROWS = 5, STEPS = 8 };

/* ---- injection: rows are elements of the ring modulo x^8 + x^4 + x^3 + x + 1, word i the coefficient of x^i */

static inline void add(v32 to[8], const v32 a[8])
{
    for (int i = 0; i < 8; i++)
        to[i] ^= a[i];
}

static inline void twice(v32 a[8])
{
    const v32 top = a[7];
    for (int i = 7; i > 0; i--)
        a[i] = a[i - 1];
    a[0] = top;
    a[1] ^= top;
    a[3] ^= top;
    a[4] ^= top;
}

/* to = 2 a + b */
static inline void twice_and(v32 to[8], const v32 a[8], const v32 b[8])
{
    const v32 top = a[7];
    to[0] = top ^ b[0];
    for (int i = 1; i < 8; i++)
        to[i] = i == 1 || i == 3 || i == 4 ? v32_logic(XOR3, a[i - 1], top, b[i]) : a[i - 1] ^ b[i];
}

/* The injection of a zero block. */
static void mix_rows(v32 v[ROWS][8])
{
    v32 sum[8], w[ROWS][8];
    for (int i = 0; i < 8; i++)
        sum[i] = v32_logic(XOR3, v32_logic(XOR3, v[0][i], v[1][i], v[2][i]), v[3][i], v[4][i]);
    for (int j = 0; j < ROWS; j++)
        twice_and(v[j], sum, v[j]);
    for (int j = 0; j < ROWS; j++)
        twice_and(w[j], v[j], v[(j + 1) % ROWS]);
    for (int j = 0; j < ROWS; j++)
        twice_and(v[j], w[j], w[(j + ROWS - 1) % ROWS]);
}

/* What a message block adds to that. */
static void add_block(v32 v[ROWS][8], const uint8_t *block)
{
    v32 m[8];
    for (int i = 0; i < 8; i++)
        m[i] = v32_swapped(v32_load(block + X11_VECTOR * i));
    for (int j = 0; j < ROWS; j++) {
        add(v[j], m);
        twice(m);
    }
}

/* ---- permutation. Words 2 and 6 are kept complemented, so that no gate of the S-boxes needs a NOT. Those of word 0 and 4 that
 * come out of a step complemented are put right by the constants. */

#define OR_XOR(a, b, c) (((a) | (b)) ^ (c))
#define AND_XOR(a, b, c) (((a) & (b)) ^ (c))
#define ANDN_XOR(a, b, c) ((~(a) & (b)) ^ (c))

/* The S-box: found by search, six ternary functions, or eleven gates. c comes complemented; a and c leave complemented. */
static inline void sub_first(v32 *a, v32 *b, v32 *c, v32 *d)
{
    const v32 s = v32_logic(OR_XOR, *a, *b, *d), t = v32_logic(OR_XOR, *a, *d, *c);
    *d = v32_logic(OR_XOR, s, t, *b);
    *c = v32_logic(XOR3, *a, t, *d);
    *a = v32_logic(ANDN_XOR, *d, *c, *a);
    *b = v32_logic(ANDN_XOR, *d, *c, s);
}

/* The same; b comes complemented. */
static inline void sub_second(v32 *a, v32 *b, v32 *c, v32 *d)
{
    const v32 s = v32_logic(ANDN_XOR, *a, *b, *d), t = v32_logic(OR_XOR, *a, *d, *c);
    *d = v32_logic(AND_XOR, s, t, *b);
    *c = v32_logic(XOR3, *a, t, *d);
    *a = v32_logic(OR_XOR, *d, *c, *a);
    *b = v32_logic(OR_XOR, *d, *c, s);
}

/* MixWord of the four pairs. The constants are added where that is free, and complement words 0 and 4. */
static inline void mix_words(v32 u[4], v32 v[4], const uint32_t c[2])
{
    for (int i = 0; i < 4; i++)
        v[i] ^= u[i];
    for (int i = 0; i < 4; i++)
        u[i] = v32_rotl(u[i], 2) ^ v[i];
    v[0] = v32_logic(XOR3, v32_rotl(v[0], 14), u[0], v32_all(c[0]));
    for (int i = 1; i < 4; i++)
        v[i] = v32_rotl(v[i], 14) ^ u[i];
    u[0] = v32_logic(XOR3, v32_rotl(u[0], 10), v[0], v32_all(c[1]));
    for (int i = 1; i < 4; i++)
        u[i] = v32_rotl(u[i], 10) ^ v[i];
    for (int i = 0; i < 4; i++)
        v[i] = v32_rotl(v[i], 1);
}

static inline void steps(v32 x[8], const uint32_t c[STEPS][2])
{
    v32 u[4], v[4];
    for (int i = 0; i < 4; i++) {
        u[i] = i == 2 ? ~x[i] : x[i];
        v[i] = i == 2 ? ~x[4 + i] : x[4 + i];
    }
    for (int s = 0; s < STEPS; s++) {
        sub_first(&u[0], &u[1], &u[2], &u[3]);
        sub_second(&v[1], &v[2], &v[3], &v[0]);
        mix_words(u, v, c[s]);
    }
    for (int i = 0; i < 4; i++) {
        x[i] = i == 2 ? ~u[i] : u[i];
        x[4 + i] = i == 2 ? ~v[i] : v[i];
    }
}

static void permute(v32 v[ROWS][8])
{
    for (int j = 1; j < ROWS; j++)
        for (int i = 4; i < 8; i++)
            v[j][i] = v32_rotl(v[j][i], j);
    for (int j = 0; j < ROWS; j++)
        steps(v[j], x11_luffa_mixed[j]);
}

static void squeeze(uint8_t *out, v32 v[ROWS][8])
{
    mix_rows(v);
    permute(v);
    for (int i = 0; i < 8; i++) {
        const v32 sum = v32_logic(XOR3, v32_logic(XOR3, v[0][i], v[1][i], v[2][i]), v[3][i], v[4][i]);
        v32_store(out + X11_VECTOR * i, v32_swapped(sum));
    }
}

void X11_KERNEL(luffa)(void *state)
{
    uint8_t *words = state;
    v32 v[ROWS][8];
    for (int j = 0; j < ROWS; j++)
        for (int i = 0; i < 8; i++)
            v[j][i] = v32_all(x11_luffa_first[j][i]);
    add_block(v, words);
    permute(v);
    mix_rows(v);
    add_block(v, words + 8 * X11_VECTOR);
    permute(v);
    mix_rows(v);
    for (int j = 0; j < ROWS; j++)
        v[j][j] ^= UINT32_C(1) << 31; /* the padding block */
    permute(v);
    squeeze(words, v);
    squeeze(words + 8 * X11_VECTOR, v);
}
