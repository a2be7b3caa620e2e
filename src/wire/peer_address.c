/* See peer_address.h. */
#include "wire/peer_address.h"

#include <string.h>

#include "base/base32.h"
#include "crypto/sha3.h"
#include "wire/mnentry.h"

enum { TOR_VERSION = 3, BYTES = 32 + 2 + 1, DIGITS = BYTES * 8 / 5 };
static const char SUFFIX[] = ".onion";

/* Key, checksum, version: what the digits say. */
static void onion_bytes(const uint8_t key[32], uint8_t out[BYTES])
{
    static const char prefix[] = ".onion checksum";
    enum { PREFIX = sizeof(prefix) - 1 };
    uint8_t hashed[PREFIX + 32 + 1], sum[32];
    memcpy(hashed, prefix, PREFIX);
    memcpy(hashed + PREFIX, key, 32);
    hashed[PREFIX + 32] = TOR_VERSION;
    sha3_256(sum, hashed, sizeof(hashed));
    memcpy(out, key, 32);
    memcpy(out + 32, sum, 2);
    out[34] = TOR_VERSION;
}

void onion_host(const uint8_t key[32], char out[ONION_HOST_SIZE])
{
    uint8_t bytes[BYTES];
    onion_bytes(key, bytes);
    base32_encode(bytes, BYTES, out);
    memcpy(out + DIGITS, SUFFIX, sizeof(SUFFIX));
}

static bool is_suffix(const char *text)
{
    size_t i = 0;
    for (; SUFFIX[i]; i++)
        if (text[i] != SUFFIX[i] && (text[i] < 'A' || text[i] > 'Z' || text[i] - 'A' + 'a' != SUFFIX[i]))
            return false;
    return text[i] == '\0';
}

bool onion_host_parse(const char *host, uint8_t key[32])
{
    uint8_t given[BYTES], right[BYTES];
    if (!base32_decode(host, given, BYTES) || !is_suffix(host + DIGITS))
        return false;
    onion_bytes(given, right);
    memcpy(key, given, 32);
    return memcmp(given, right, BYTES) == 0;
}

bool peer_address_is_ipv4(const dspv_addr *a)
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    return !a->is_onion && memcmp(a->ip, mapped, sizeof(mapped)) == 0;
}

void peer_address_text(const dspv_addr *a, char out[PEER_ADDRESS_TEXT_SIZE])
{
    struct net_address n = {.port = a->port};
    if (a->is_onion) {
        n.kind = NET_TORV3;
        n.host = (struct span){a->onion, 32};
    } else if (peer_address_is_ipv4(a)) {
        n.kind = NET_IPV4;
        n.host = (struct span){a->ip + 12, 4};
    } else {
        n.kind = NET_IPV6;
        n.host = (struct span){a->ip, 16};
    }
    net_address_text(&n, out, PEER_ADDRESS_TEXT_SIZE);
}
