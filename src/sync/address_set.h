/* The addresses in use, and those of which something is remembered that matters. Their indexes are identities: conduct, blame and
 * pending locks are held against them. When there is no room, one of which nothing matters gives way, and whoever knows it by its
 * index is told to forget it. */
#ifndef SYNC_ADDRESS_SET_H
#define SYNC_ADDRESS_SET_H

#include "peers/book.h"
#include "sync/whom.h"

enum { ADDRESS_SET_MOST = 1024 };

/* A peer to use. */
struct address {
    dspv_addr addr;
    uint8_t origins;   /* DSPV_FROM_*; from the user: tried again for ever, at its retry_at */
    uint64_t source;   /* network group of who told of it */
    bool in_use; /* a peer slot has it */
    unsigned failures; /* connections in a row that did no good */
    dspv_ms retry_at;
    dspv_ms idle_since;
    struct conduct conduct;
    unsigned header_stalls; /* header answers that did not come in time; one less for each that did */
};

struct dspv;

static inline bool address_of_user(const struct address *a) { return (a->origins & DSPV_FROM_USER) != 0; }
/* ADDRESS_SET_MOST: it is not there. */
size_t address_set_find(const struct dspv *c, const dspv_addr *addr);
/* Its index, after taking it in if it is not there; ADDRESS_SET_MOST: there is no room, for every address is in use, named by
 * the user or asked something. 0 or DSPV_ENOMEM. */
int address_set_take(struct dspv *c, const dspv_addr *addr, size_t *index);

#endif
