/* See base32.h. */
#include "base/base32.h"

void base32_encode(const uint8_t *bytes, size_t n, char *out)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint32_t held = 0;
    int bits = 0;
    for (size_t i = 0; i < n; i++) {
        held = (held << 8 | bytes[i]) & 0xfff;
        for (bits += 8; bits >= 5; bits -= 5)
            *out++ = alphabet[held >> (bits - 5) & 31];
    }
    if (bits)
        *out++ = alphabet[held << (5 - bits) & 31];
    *out = 0;
}

static int digit(char c)
{
    if (c >= 'a' && c <= 'z')
        return c - 'a';
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    return c >= '2' && c <= '7' ? c - '2' + 26 : -1;
}

bool base32_decode(const char *text, uint8_t *out, size_t n)
{
    uint32_t held = 0;
    int bits = 0;
    for (size_t i = 0; i < n; text++) {
        int value = digit(*text);
        if (value < 0)
            return false;
        held = (held << 5 | (uint32_t)value) & 0xfff;
        bits += 5;
        if (bits >= 8) {
            bits -= 8;
            out[i++] = (uint8_t)(held >> bits);
        }
    }
    return true;
}
