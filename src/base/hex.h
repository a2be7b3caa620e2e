/* Plain byte-order hex. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Lower-case hex of `n` bytes; `out` holds 2n+1 characters. */
void hex_encode(const uint8_t *bytes, size_t n, char *out);
/* Decode exactly `n` bytes from 2n hex digits followed by the terminator; false otherwise. */
bool hex_decode(const char *hex, uint8_t *out, size_t n);

#endif
