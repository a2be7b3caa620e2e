/* Hosts that are not connected to for a while, and why. A host is an address without its port, except on this machine, where many
 * nodes share one. Whoever is banned again is banned longer. */
#ifndef PEERS_BANS_H
#define PEERS_BANS_H

#include "base/writer.h"
#include "peers/address.h"

enum {
    BANS_MOST = 1024,                /* remembered; when there are more, the one that ends first goes */
    BANS_RECORD_KEY = 1 + ADDRESS_KEY,
    BANS_MOST_DOUBLED = 5            /* the longest is 32 times the first */
};
#define BANS_FIRST_MS ((dspv_ms)24 * 3600 * 1000)
#define BANS_REMEMBER_MS (7 * BANS_FIRST_MS) /* after its end a ban still makes the next one longer */

struct ban {
    uint8_t key[ADDRESS_KEY]; /* the host; bans are sorted by this, the shorter first */
    uint8_t key_n;
    uint8_t times;
    bool dirty, gone; /* not stored as it is; to be removed from the store, too */
    dspv_reason reason;
    dspv_ms since, until;
};

struct bans {
    struct ban *items;
    size_t n, cap;
    bool dirty;
};

void bans_free(struct bans *b);
/* 0 or DSPV_ENOMEM. */
int bans_add(struct bans *b, const dspv_addr *addr, dspv_reason reason, dspv_ms now);
/* NULL: it is not banned now. */
const struct ban *bans_find(const struct bans *b, const dspv_addr *addr, dspv_ms now);
/* Ban and memory of it are gone. False: there was none. */
bool bans_lift(struct bans *b, const dspv_addr *addr);
/* In force: how many, and the i-th of them by host. */
size_t bans_count(const struct bans *b, dspv_ms now);
const struct ban *bans_at(const struct bans *b, size_t i, dspv_ms now);
/* The host; port 0, except on this machine. */
dspv_addr ban_addr(const struct ban *ban);

/* ---- records */

/* Under which key a ban is stored, and its value (appended to `w`). Returns the size of the key. */
size_t ban_record(const struct ban *ban, uint8_t key[BANS_RECORD_KEY], struct writer *w);
/* Take up a stored ban. False: it makes no sense, and is to be removed. *rc: 0 or DSPV_ENOMEM. */
bool bans_restore(struct bans *b, struct span key, struct span value, dspv_ms now, int *rc);
/* What is dirty has been stored: forget what is gone. */
void bans_committed(struct bans *b);

#endif
