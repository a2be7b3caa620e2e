/* The eleven functions of X11, at the one input size X11 gives them (x11.md 2). Internal to crypto/.
 *
 * The portable ones: plain C, any byte order, the reference for every faster path. Padding and lengths are constants, not
 * general code. No state, any thread. `out` may be `in`. */
#ifndef CRYPTO_X11_STAGES_H
#define CRYPTO_X11_STAGES_H

#include <stdint.h>

void x11_blake512(uint8_t out[64], const uint8_t in[80]);
void x11_bmw512(uint8_t out[64], const uint8_t in[64]);
void x11_groestl512(uint8_t out[64], const uint8_t in[64]);
void x11_skein512(uint8_t out[64], const uint8_t in[64]);
void x11_jh512(uint8_t out[64], const uint8_t in[64]);
void x11_keccak512(uint8_t out[64], const uint8_t in[64]);
void x11_luffa512(uint8_t out[64], const uint8_t in[64]);
void x11_cubehash512(uint8_t out[64], const uint8_t in[64]);
void x11_shavite512(uint8_t out[64], const uint8_t in[64]);
void x11_simd512(uint8_t out[64], const uint8_t in[64]);
void x11_echo512(uint8_t out[64], const uint8_t in[64]);

/* Keccak-f[1600]; lane (x, y) is a[x + 5y]. SHA-3 uses it, too. */
void keccak_f1600(uint64_t a[25]);

/* Rotations, 0 < n < width. */
static inline uint32_t rotl32(uint32_t x, unsigned n) { return x << n | x >> (32 - n); }
static inline uint64_t rotl64(uint64_t x, unsigned n) { return x << n | x >> (64 - n); }
static inline uint64_t rotr64(uint64_t x, unsigned n) { return x >> n | x << (64 - n); }

#endif
