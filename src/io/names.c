/* See names.h. */
#include "io/names.h"

#include <stdio.h>
#include <string.h>

#include "crypto/sha256.h"
#include "wire/peer_address.h"

enum { PREFIX = 8 };

static dspv_addr stand_in(const struct host_port *name)
{
    dspv_addr out = {.port = name->port, .ip = {0x01}};
    uint8_t digest[32];
    sha256(digest, (const uint8_t *)name->host, strlen(name->host));
    memcpy(out.ip + PREFIX, digest, sizeof(out.ip) - PREFIX);
    return out;
}

static size_t place_of(const struct names *n, const dspv_addr *addr)
{
    size_t i = 0;
    while (i < n->n && (addr->is_onion || n->stands_for[i].port != addr->port ||
                        memcmp(n->stands_for[i].ip, addr->ip, sizeof(addr->ip)) != 0))
        i++;
    return i;
}

int names_add(struct names *n, const struct host_port *name, dspv_addr *out)
{
    *out = stand_in(name);
    size_t i = place_of(n, out);
    if (i == NAMES_MOST)
        return DSPV_EBUSY;
    if (i == n->n) {
        n->all[i] = *name;
        n->stands_for[i] = *out;
        n->n++;
    }
    return 0;
}

const char *names_find(const struct names *n, const dspv_addr *addr)
{
    size_t i = place_of(n, addr);
    return i < n->n ? n->all[i].host : NULL;
}

void names_text(const struct names *n, const dspv_addr *addr, char out[NAMES_TEXT_SIZE])
{
    char address[PEER_ADDRESS_TEXT_SIZE];
    const char *name = names_find(n, addr);
    peer_address_text(addr, address);
    if (name)
        snprintf(out, NAMES_TEXT_SIZE, "%s:%u", name, (unsigned)addr->port);
    else
        snprintf(out, NAMES_TEXT_SIZE, "%s", address);
}
