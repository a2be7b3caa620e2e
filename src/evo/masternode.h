/* One masternode as some list holds it: an immutable, shared value that owns the bytes of its entry. */
#ifndef EVO_MASTERNODE_H
#define EVO_MASTERNODE_H

#include "wire/mnentry.h"

struct masternode {
    uint32_t refs;
    uint32_t place; /* bytes from the beginning of the block it is in */
    hash256 leaf;   /* double SHA-256 of form G: the leaf of merkleRootMNList; beside `refs`, as new lists touch both of many */
    uint32_t raw_n;
    struct mnentry entry;   /* its pointers lead into `raw` */
    uint8_t score_seed[32]; /* SHA-256(proTxHash | confirmedHash), quorums.md 2.3 */
    uint8_t raw[];          /* form G */
};

/* A copy of a decoded entry with one reference; NULL when out of memory. */
struct masternode *masternode_new(const struct mnentry *entry);
/* Copies of `n` entries, neighbours in few blocks of memory, each with one reference. 0; DSPV_ENOMEM: none was made. */
int masternode_new_many(const struct mnentry *const *entries, size_t n, struct masternode **out);
/* References are counted without locks: only the thread that drives the core touches them. */
struct masternode *masternode_ref(struct masternode *m);
void masternode_unref(struct masternode *m);

/* Valid and confirmed: may be selected into quorums. */
static inline bool masternode_eligible(const struct masternode *m)
{
    return m->entry.valid && !block_hash_is_zero(&m->entry.confirmed);
}
static inline bool masternode_is_evo(const struct masternode *m) { return m->entry.type == 1; }
/* All fields equal, version included: then a diff need not send the entry again. */
bool masternode_eq(const struct masternode *a, const struct masternode *b);
bool masternode_is(const struct masternode *m, const struct mnentry *entry);
/* Bytes it takes. */
size_t masternode_size(const struct masternode *m);

#endif
