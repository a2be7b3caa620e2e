/* Luffa-512 v2 (x11.md 2.7) of one header. What Luffa calls its five lanes are rows here: the steps of four rows go on in the
 * lanes of vectors, those of the fifth beside them on the numbers the CPU computes with anyway. Between permutations a row is two
 * vectors. */
#define LUFFA_LOGIC(f, a, b, c) f(a, b, c) /* of vectors and of numbers */
#include "crypto/x11/words/luffa_step.h"
#include "crypto/x11/x11_tables.h"

enum { ROWS = 5 };

/* Words 0..3 and 4..7, coefficients of an element of the ring modulo x^8 + x^4 + x^3 + x + 1. */
struct row {
    v32 low, high;
};

static inline struct row sum(struct row a, struct row b)
{
    return (struct row){a.low ^ b.low, a.high ^ b.high};
}

static inline struct row sum_of_all(const struct row v[ROWS])
{
    return sum(sum(sum(v[0], v[1]), sum(v[2], v[3])), v[4]);
}

static inline struct row twice(struct row a)
{
    const v32 top = (v32)_mm_shuffle_epi32((__m128i)a.high, 0xff);
    const v32 low = (v32)_mm_alignr_epi8((__m128i)a.low, (__m128i)a.high, 12);
    const v32 high = (v32)_mm_alignr_epi8((__m128i)a.high, (__m128i)a.low, 12);
    return (struct row){low ^ (top & (v32){0, ~0U, 0, ~0U}), high ^ (top & (v32){~0U, 0, 0, 0})};
}

/* The injection of a zero block. */
static inline void mix_rows(struct row v[ROWS])
{
    struct row w[ROWS];
    const struct row all = twice(sum_of_all(v));
    for (int j = 0; j < ROWS; j++)
        v[j] = sum(v[j], all);
    for (int j = 0; j < ROWS; j++)
        w[j] = sum(twice(v[j]), v[(j + 1) % ROWS]);
    for (int j = 0; j < ROWS; j++)
        v[j] = sum(twice(w[j]), w[(j + ROWS - 1) % ROWS]);
}

/* What a message block adds to that. */
static inline void add_block(struct row v[ROWS], struct row m)
{
    for (int j = 0; j < ROWS; j++) {
        v[j] = sum(v[j], m);
        m = twice(m);
    }
}

static inline void transpose(v32 x[4])
{
    const __m128i a = _mm_unpacklo_epi32((__m128i)x[0], (__m128i)x[1]), b = _mm_unpackhi_epi32((__m128i)x[0], (__m128i)x[1]);
    const __m128i c = _mm_unpacklo_epi32((__m128i)x[2], (__m128i)x[3]), d = _mm_unpackhi_epi32((__m128i)x[2], (__m128i)x[3]);
    x[0] = (v32)_mm_unpacklo_epi64(a, c);
    x[1] = (v32)_mm_unpackhi_epi64(a, c);
    x[2] = (v32)_mm_unpacklo_epi64(b, d);
    x[3] = (v32)_mm_unpackhi_epi64(b, d);
}

static void permute(struct row v[ROWS])
{
    v32 a[4], b[4];
    uint32_t c[4], d[4]; /* the fifth row */
    for (int j = 0; j < ROWS - 1; j++) {
        a[j] = v[j].low;
        b[j] = j ? v32_rotl(v[j].high, j) : v[j].high;
    }
    transpose(a);
    transpose(b);
    v32_store(c, v[4].low);
    v32_store(d, v32_rotl(v[4].high, 4));
    a[2] = ~a[2];
    b[2] = ~b[2];
    c[2] = ~c[2];
    d[2] = ~d[2];
    for (int s = 0; s < LUFFA_STEPS; s++) {
        LUFFA_STEP(a, b, v32_load(x11_luffa_mixed[s][0]), v32_load(x11_luffa_mixed[s][1]));
        LUFFA_STEP(c, d, x11_luffa_mixed[s][0][4], x11_luffa_mixed[s][1][4]);
    }
    a[2] = ~a[2];
    b[2] = ~b[2];
    c[2] = ~c[2];
    d[2] = ~d[2];
    transpose(a);
    transpose(b);
    for (int j = 0; j < ROWS - 1; j++)
        v[j] = (struct row){a[j], b[j]};
    v[4] = (struct row){v32_load(c), v32_load(d)};
}

static inline struct row load_swapped(const uint8_t *block)
{
    return (struct row){v32_swapped(v32_load(block)), v32_swapped(v32_load(block + 16))};
}

void X11_KERNEL(luffa)(void *state)
{
    uint8_t *bytes = state;
    struct row v[ROWS];
    for (int j = 0; j < ROWS; j++)
        v[j] = (struct row){v32_load(x11_luffa_first[j]), v32_load(x11_luffa_first[j] + 4)};
    add_block(v, load_swapped(bytes));
    permute(v);
    mix_rows(v);
    add_block(v, load_swapped(bytes + 32));
    permute(v);
    mix_rows(v);
    add_block(v, (struct row){.low = {UINT32_C(1) << 31}}); /* padding */
    permute(v);
    for (int half = 0; half < 64; half += 32) {
        mix_rows(v);
        permute(v);
        const struct row out = sum_of_all(v);
        v32_store(bytes + half, v32_swapped(out.low));
        v32_store(bytes + half + 16, v32_swapped(out.high));
    }
}
