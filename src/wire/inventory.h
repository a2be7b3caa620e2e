/* inv, getdata and notfound: one payload for three commands (protocol.md 3.7, 3.9). */
#ifndef WIRE_INVENTORY_H
#define WIRE_INVENTORY_H

#include "base/writer.h"

enum { INVENTORY_MOST = 50000, INVENTORY_ENTRY = 4 + 32 };

/* The types a light client has to do with; any other number may occur. */
enum inventory_type { INVENTORY_TX = 1, INVENTORY_BLOCK = 2, INVENTORY_SPORK = 6, INVENTORY_CLSIG = 29, INVENTORY_ISDLOCK = 31 };

struct inventory_item {
    uint32_t type;
    hash256 hash;
};

/* A decoded list; leads into the payload. */
struct inventory {
    const uint8_t *entries; /* n entries of 36 bytes */
    uint32_t n;
};

void inventory_encode(struct writer *w, const struct inventory_item *items, uint32_t n);
/* 0, or DSPV_EFAULT and *fault. */
int inventory_decode(const uint8_t *payload, size_t n, struct inventory *out, dspv_fault *fault);
struct inventory_item inventory_at(const struct inventory *m, uint32_t i);

#endif
