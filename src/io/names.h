/* Peers that are known by a name which only the proxy may hear. The client knows addresses, so each name gets one that nobody can
 * have: in 100::/64, the prefix that the network discards (RFC 6666). It is made of the name, so that what the client remembers
 * of it is about the same peer at the next start. */
#ifndef IO_NAMES_H
#define IO_NAMES_H

#include "dashspv/dashspv.h"
#include "io/host_port.h"

enum { NAMES_MOST = 64, NAMES_TEXT_SIZE = sizeof(((struct host_port *)0)->host) + 6 };

struct names {
    struct host_port all[NAMES_MOST];
    dspv_addr stands_for[NAMES_MOST];
    size_t n;
};

/* The address that stands for it from now on. 0; DSPV_EBUSY: there are NAMES_MOST. */
int names_add(struct names *n, const struct host_port *name, dspv_addr *out);
/* The name that an address stands for, NULL: it is one like any other. */
const char *names_find(const struct names *n, const dspv_addr *addr);
/* An address as text, or the name that it stands for. */
void names_text(const struct names *n, const dspv_addr *addr, char out[NAMES_TEXT_SIZE]);

#endif
