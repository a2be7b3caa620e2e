/* Text of network addresses, as Dash Core prints them (RFC 5952 for IPv6; Tor: rend-spec-v3 6, I2P: b32 of the hash). */
#include <stdio.h>

#include "base/base32.h"
#include "base/endian.h"
#include "wire/mnentry.h"
#include "wire/peer_address.h"

/* Longest host: a domain name of 253 bytes. */
enum { MAX_HOST_TEXT = 254 };

/* Start and length of the longest run of zero groups, the first of equals; no run when shorter than two. */
static void longest_zero_run(const uint16_t group[8], int *start, int *length)
{
    *start = -1;
    *length = 1;
    for (int i = 0; i < 8; i++) {
        int n = 0;
        while (i + n < 8 && group[i + n] == 0)
            n++;
        if (n > *length) {
            *start = i;
            *length = n;
        }
    }
}

static void ipv6_text(const uint8_t bytes[16], char *out, size_t size)
{
    uint16_t group[8];
    for (int i = 0; i < 8; i++)
        group[i] = load_be16(bytes + 2 * i);
    int start, length;
    longest_zero_run(group, &start, &length);
    size_t n = 0;
    for (int i = 0; i < 8; i++) {
        bool colon = i > 0 && i != start + length;
        if (i == start) {
            n += (size_t)snprintf(out + n, size - n, "::");
            i += length - 1;
        } else {
            n += (size_t)snprintf(out + n, size - n, "%s%x", colon ? ":" : "", group[i]);
        }
    }
}

/* A stranger chose the name: anything but printable ASCII becomes '?'. */
static void domain_text(struct span host, char *out, size_t size)
{
    size_t n = host.n < size ? host.n : size - 1;
    for (size_t i = 0; i < n; i++)
        out[i] = host.p[i] > 0x20 && host.p[i] < 0x7f ? (char)host.p[i] : '?';
    out[n] = 0;
}

void net_address_text(const struct net_address *a, char *out, size_t size)
{
    char host[MAX_HOST_TEXT] = "";
    const uint8_t *p = a->host.p;
    const char *before = "", *after = "";
    switch (a->kind) {
    case NET_IPV4: snprintf(host, sizeof(host), "%u.%u.%u.%u", p[0], p[1], p[2], p[3]); break;
    case NET_IPV6:
    case NET_CJDNS:
        ipv6_text(p, host, sizeof(host));
        before = "[";
        after = "]";
        break;
    case NET_TORV3: onion_host(p, host); break;
    case NET_I2P:
        base32_encode(p, 32, host);
        after = ".b32.i2p";
        break;
    case NET_DOMAIN: domain_text(a->host, host, sizeof(host)); break;
    }
    snprintf(out, size, "%s%s%s:%u", before, host, after, a->port);
}
