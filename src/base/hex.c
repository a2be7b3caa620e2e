/* Hex in byte order (hex.h) and in display order of hashes (hash.h). */
#include "base/hex.h"

#include "base/hash.h"

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

void hex_encode(const uint8_t *bytes, size_t n, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * n] = 0;
}

bool hex_decode(const char *hex, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int high = digit(hex[2 * i]);
        int low = high < 0 ? -1 : digit(hex[2 * i + 1]);
        if (low < 0)
            return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return hex[2 * n] == 0;
}

static void reverse(const uint8_t in[32], uint8_t out[32])
{
    for (int i = 0; i < 32; i++)
        out[i] = in[31 - i];
}

void hash_to_hex(const uint8_t hash[32], char out[65])
{
    uint8_t shown[32];
    reverse(hash, shown);
    hex_encode(shown, 32, out);
}

bool hash_from_hex(const char *hex, uint8_t out[32])
{
    uint8_t shown[32];
    if (!hex_decode(hex, shown, 32))
        return false;
    reverse(shown, out);
    return true;
}
