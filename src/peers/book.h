/* The address book: which nodes there may be, and what is known of each. Two tables, as Dash Core's: `new`, of what was only
 * heard of, and `tried`, of where a handshake was completed. An address has one possible place in `tried` and one per source in
 * `new`; the places depend on a secret, so nobody can aim at the place of somebody else's. What one source tells fits in 16 of
 * the 256 buckets of `new`, the addresses of one network group in 4 of the 64 of `tried`, and a place is taken over only when
 * its holder is of no use, or (in `new`) its group has more of the bucket and the newcomer's nothing. Everything that is chosen
 * depends on the seed and the inputs alone. docs/peers.md has the whole picture. */
#ifndef PEERS_BOOK_H
#define PEERS_BOOK_H

#include "base/map.h"
#include "crypto/rng.h"
#include "peers/bans.h"
#include "store/batch.h"

enum {
    BOOK_NEW_BUCKETS = 256,
    BOOK_NEW_PER_SOURCE = 16, /* buckets that one source group can reach */
    BOOK_TRIED_BUCKETS = 64,
    BOOK_TRIED_PER_GROUP = 4, /* buckets that one network group can reach */
    BOOK_BUCKET = 32,         /* places */
    BOOK_NEW = BOOK_NEW_BUCKETS * BOOK_BUCKET,
    BOOK_TRIED = BOOK_TRIED_BUCKETS * BOOK_BUCKET,
    BOOK_MOST = BOOK_NEW + BOOK_TRIED, /* addresses: 10 240, of 112 bytes */
    BOOK_ANCHORS = 2,
    BOOK_MOST_COLLISIONS = 8,
    BOOK_RECORD_KEY = 1 + ADDRESS_KEY
};

#define BOOK_HORIZON_MS ((dspv_ms)30 * 24 * 3600 * 1000) /* what nobody has seen for so long is of no use */

struct book_entry {
    dspv_addr addr;
    uint64_t services;   /* as last claimed, 0: not known */
    uint64_t source;     /* network group of who told */
    dspv_ms last_seen;   /* claimed by others, or connected */
    dspv_ms last_try, last_success; /* 0: never */
    dspv_ms last_counted; /* when last_try counted */
    uint16_t attempts;   /* without success since the last one */
    uint16_t place;      /* in its table */
    uint8_t origins;     /* DSPV_FROM_*: it may come from several */
    bool tried;
    bool dirty;          /* not stored as it is */
};

/* An address that works, but whose place in `tried` is taken: the holder is tested before it has to go. */
struct book_collision {
    dspv_addr newcomer;
    dspv_ms since;
};

struct book {
    uint8_t secret[32];
    struct rng rng;
    struct book_entry *entries;
    size_t n, cap;
    struct map index; /* SHA-256 of the canonical form -> place in entries */
    uint16_t in_new[BOOK_NEW], in_tried[BOOK_TRIED]; /* place in entries + 1, 0: free */
    uint16_t new_bucket_n[BOOK_NEW_BUCKETS], tried_bucket_n[BOOK_TRIED_BUCKETS];
    struct book_collision collisions[BOOK_MOST_COLLISIONS]; /* oldest first */
    size_t n_collisions;
    dspv_ms last_good; /* any success: before it failures say nothing about the address (we may have been offline) */
    dspv_addr anchors[BOOK_ANCHORS];
    size_t n_anchors;
    struct bans bans;
    bool head_dirty;      /* secret or anchors are not stored */
    bool entries_dirty;
    bool keeps_removed;   /* there is a store: remember what to remove from it */
    uint8_t (*removed)[1 + DSPV_STORE_MOST_KEY]; /* keys, each behind its size */
    size_t n_removed, cap_removed;
};

/* 0 or DSPV_ENOMEM. `seed` is unpredictable, except in tests. */
int book_new(struct book **out, const uint8_t seed[32]);
void book_free(struct book *b);

struct book_news {
    const dspv_addr *addr;
    uint64_t services;
    uint64_t source;
    uint8_t origin;     /* one of DSPV_FROM_* */
    dspv_ms last_seen;  /* with the penalty for hearsay already taken off */
};
/* Note an address. *added: it is a new one. One that is known is seen later, and has one origin more. There may be no room for
 * it. Whether it is routable is for the caller to know. 0 or DSPV_ENOMEM. */
int book_add(struct book *b, const struct book_news *news, dspv_ms now, bool *added);

/* NULL: not there. Valid until the next change. */
const struct book_entry *book_find(const struct book *b, const dspv_addr *addr);
/* All of them, in no order that means anything. */
size_t book_count(const struct book *b);
size_t book_count_tried(const struct book *b);
/* Nothing speaks for it any more: not seen within the horizon, or tried in vain too often. */
bool book_useless(const struct book_entry *e, dspv_ms now);

/* It is being connected to. */
void book_attempt(struct book *b, const dspv_addr *addr, dspv_ms now);
/* It completed a handshake, offering these services: into `tried`, or in line for it. */
void book_good(struct book *b, const dspv_addr *addr, uint64_t services, dspv_ms now);
/* A connection to it, which did its work, ends. */
void book_left(struct book *b, const dspv_addr *addr, dspv_ms now);
/* It was reached and did no good. */
void book_failed(struct book *b, const dspv_addr *addr, dspv_ms now);
void book_remove(struct book *b, const dspv_addr *addr);

/* What may be chosen. */
struct book_filter {
    uint32_t nets;  /* DSPV_NET_* */
    bool only_new;  /* a feeler: what was never tried */
    bool urgent;    /* there are not enough peers: do not wait long before trying again */
    bool (*taken)(const void *context, const struct book_entry *e); /* leave it out; may be NULL */
    const void *context;
};
/* An address to connect to: of either table alike, of its buckets alike, then by chance; one that failed or was tried just
 * now has small chances, or none. False: there is none. */
bool book_choose(struct book *b, const struct book_filter *f, dspv_ms now, dspv_addr *out);
/* The holder of a place in `tried` that somebody else waits for, to be tested by a feeler. False: none. */
bool book_to_test(struct book *b, uint32_t nets, dspv_ms now, dspv_addr *out);
/* Settle collisions whose holders have been tested, or could not be in time. */
void book_settle(struct book *b, dspv_ms now);
/* How many could be chosen, counted up to `most`. */
size_t book_available(const struct book *b, const struct book_filter *f, dspv_ms now, size_t most);

/* Replace the anchors. */
void book_set_anchors(struct book *b, const dspv_addr *anchors, size_t n);

/* ---- records: one per address and ban in DSPV_TABLE_ADDRESSES, secret and anchors in DSPV_TABLE_META */

/* Take up what the store has, into an empty book; what is damaged or makes no sense is left out and removed with the next
 * transaction. From now on removals are remembered. 0; DSPV_ENOMEM; DSPV_ESTORE. */
int book_load(struct book *b, const dspv_store *store, dspv_ms now);
/* Something is not stored as it is. */
bool book_dirty(const struct book *b);
/* Add what changed to a transaction. 0 or DSPV_ENOMEM (also latched in `out`). */
int book_collect(const struct book *b, struct batch *out);
/* The transaction is stored. */
void book_committed(struct book *b);

#endif
