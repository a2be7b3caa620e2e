/* BLAKE-512, a header in each 64-bit lane. */
#include "crypto/x11/words/blake.h"

enum { HEADER = 80 };

static inline v64 swapped(v64 v) { return v64_bytes(v, 0x0001020304050607); }

/* Big-endian words: as many at once as there are headers, the last ones once more where that does not divide. */
static inline void load(v64 m[HEADER_WORDS], const uint8_t *headers)
{
    for (int i = 0; i < HEADER_WORDS; i += X11_LANES64) {
        const int first = i + X11_LANES64 <= HEADER_WORDS ? i : HEADER_WORDS - X11_LANES64;
        v64 rows[X11_LANES64];
        for (int k = 0; k < X11_LANES64; k++)
            rows[k] = v64_load(headers + HEADER * k + 8 * first);
        v64_transpose(rows);
        for (int k = 0; k < X11_LANES64; k++)
            m[first + k] = swapped(rows[k]);
    }
}

static inline void block(uint8_t *state, const uint8_t *headers)
{
    v64 m[16], out[8];
    load(m, headers);
    blake512(out, m);
    for (int i = 0; i < 8; i++)
        v64_store(state + X11_VECTOR * i, swapped(out[i]));
}

void X11_KERNEL(blake)(void *state, const uint8_t *headers)
{
    block(state, headers);
    block((uint8_t *)state + 8 * X11_VECTOR, headers + X11_LANES64 * HEADER);
}
