/* Base32 of RFC 4648 without padding, as the names of hidden services are written. */
#ifndef BASE_BASE32_H
#define BASE_BASE32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower-case base32 of `n` bytes; `out` holds (8n + 4) / 5 + 1 characters. */
void base32_encode(const uint8_t *bytes, size_t n, char *out);
/* Decode exactly `n` bytes, a multiple of 5, from the first 8n / 5 characters, in either case; false when one of them is no digit
 * (the terminator is none). */
bool base32_decode(const char *text, uint8_t *out, size_t n);

#endif
