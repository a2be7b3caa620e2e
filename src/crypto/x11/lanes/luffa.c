/* Luffa-512, a header in each 32-bit lane. Takes 64-bit words, as Keccak leaves them. */
#include "crypto/x11/words/luffa.h"

/* The low or the high halves of the lanes, first of `a`, then of `b`. */
static inline v32 halves(v64 a, v64 b, bool high)
{
#if X11_VECTOR == 64
    const __m512i even = _mm512_set_epi32(30, 28, 26, 24, 22, 20, 18, 16, 14, 12, 10, 8, 6, 4, 2, 0);
    const __m512i from = high ? _mm512_add_epi32(even, _mm512_set1_epi32(1)) : even;
    return (v32)_mm512_permutex2var_epi32((__m512i)a, from, (__m512i)b);
#elif X11_VECTOR == 32
    const __m256 x = (__m256)a, y = (__m256)b, by_turns = high ? _mm256_shuffle_ps(x, y, 0xdd) : _mm256_shuffle_ps(x, y, 0x88);
    return (v32)_mm256_permute4x64_epi64((__m256i)by_turns, 0xd8);
#else
    return (v32)(high ? vuzp2q_u32((uint32x4_t)a, (uint32x4_t)b) : vuzp1q_u32((uint32x4_t)a, (uint32x4_t)b));
#endif
}

void X11_KERNEL(luffa)(void *state)
{
    uint8_t *words = state;
    v32 m[16];
    for (int i = 0; i < 16; i++) {
        const uint8_t *from = words + X11_VECTOR * (i / 2);
        m[i] = v32_swapped(halves(v64_load(from), v64_load(from + 8 * X11_VECTOR), i % 2));
    }
    luffa512(m);
    for (int i = 0; i < 16; i++)
        v32_store(words + X11_VECTOR * i, v32_swapped(m[i]));
}
