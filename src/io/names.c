/* See names.h. */
#include "io/names.h"

#include <stdio.h>
#include <string.h>

#include "wire/peer_address.h"

static const uint8_t PREFIX[15] = {1, 0, 0, 0, 0, 0, 0, 0, 'd', 's', 'p', 'v'}; /* then the number */

int names_add(struct names *n, const struct host_port *name, dspv_addr *out)
{
    size_t i = 0;
    while (i < n->n && (n->all[i].port != name->port || strcmp(n->all[i].host, name->host) != 0))
        i++;
    if (i == NAMES_MOST)
        return DSPV_EBUSY;
    if (i == n->n)
        n->all[n->n++] = *name;
    *out = (dspv_addr){.port = name->port};
    memcpy(out->ip, PREFIX, sizeof(PREFIX));
    out->ip[sizeof(PREFIX)] = (uint8_t)i;
    return 0;
}

const char *names_find(const struct names *n, const dspv_addr *addr)
{
    size_t i = addr->ip[sizeof(PREFIX)];
    bool mine = !addr->is_onion && memcmp(addr->ip, PREFIX, sizeof(PREFIX)) == 0 && i < n->n;
    return mine && n->all[i].port == addr->port ? n->all[i].host : NULL;
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
