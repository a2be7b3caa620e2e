/* The words, of 64 or 32 bits, that the headers of this folder compute on: one word of one header in the portable functions, and
 * in lanes the same word of several. */
#ifndef CRYPTO_X11_WORDS_WORD_H
#define CRYPTO_X11_WORDS_WORD_H

/* Where constants among the arguments are worth a copy of the code. */
#define WORDS_INLINE static inline __attribute__((always_inline))

#ifdef X11_VECTOR

#include "crypto/x11/lanes/vector.h"

typedef v64 word;
static inline word word_all(uint64_t x)
{
    return v64_all(x);
}
static inline word word_rotl(word x, int n)
{
    return v64_rotl(x, n);
}
static inline word word_rotr(word x, int n)
{
    return v64_rotr(x, n);
}
static inline word word_xor3(word a, word b, word c)
{
    return v64_xor3(a, b, c);
}

typedef v32 word32;
static inline word32 word32_all(uint32_t x)
{
    return v32_all(x);
}
#define word32_rotl(x, n) v32_rotl(x, n)
#define word32_logic(f, a, b, c) v32_logic(f, a, b, c)

/* The kernel of a stage: compute(w) takes words 0..7 of w, of `n` words, and leaves the hash in eight words from `hash` on. */
#define X11_KERNEL_OF_WORDS(function, compute, n, hash)                                                                          \
    void X11_KERNEL(function)(void *state)                                                                                       \
    {                                                                                                                            \
        for (uint8_t *block = state; block < (uint8_t *)state + 16 * X11_VECTOR; block += 8 * X11_VECTOR) {                      \
            word w[n];                                                                                                           \
            for (int i = 0; i < 8; i++)                                                                                          \
                w[i] = v64_load(block + X11_VECTOR * i);                                                                         \
            compute(w);                                                                                                          \
            for (int i = 0; i < 8; i++)                                                                                          \
                v64_store(block + X11_VECTOR * i, w[(hash) + i]);                                                                \
        }                                                                                                                        \
    }

#else

#include "base/endian.h"
#include "crypto/x11/x11_stages.h"

typedef uint64_t word;
static inline word word_all(uint64_t x)
{
    return x;
}
static inline word word_rotl(word x, int n)
{
    return rotl64(x, (unsigned)n);
}
static inline word word_rotr(word x, int n)
{
    return rotr64(x, (unsigned)n);
}
static inline word word_xor3(word a, word b, word c)
{
    return a ^ b ^ c;
}

typedef uint32_t word32;
static inline word32 word32_all(uint32_t x)
{
    return x;
}
#define word32_rotl(x, n) rotl32(x, (unsigned)(n))
#define word32_logic(f, a, b, c) f(a, b, c)
#define XOR3(a, b, c) ((a) ^ (b) ^ (c))

#endif
#endif
