/* The best chain in the store. DSPV_TABLE_HEADERS: run r (the key, BE32) holds the heights 256 r .. 256 r + 255, the first one from
 * the start on, the top one as far as there are any: first height, work of everything before it, raw headers. DSPV_TABLE_META:
 * "tip", height and hash of the best chain's tip, height and work of its start. What is settled is read from there when somebody
 * asks for it. */
#ifndef SYNC_HEADER_STORE_H
#define SYNC_HEADER_STORE_H

#include "base/writer.h"
#include "store/batch.h"

enum { HEADER_STORE_RUN = 256 };

struct dspv;

struct header_store {
    int32_t low, top;     /* runs that the store may hold; low > top: none */
    int32_t damaged;      /* a settled run that is not what was written, -1: none known */
    bool damage_stored;   /* the store says that one is */
    int32_t cached;       /* the run in `run`, -1: none */
    struct writer run;    /* payload */
};

void header_store_init(struct dspv *c);
void header_store_free(struct dspv *c);
/* Make the header chain of a client without stored headers: it starts where the configuration says. 0 or DSPV_ENOMEM. */
int header_store_begin(struct dspv *c, const uint64_t seed[2]);
/* Take up the chain that is stored, in place of the one that is there; unless it starts at a block that is none of this network's
 * start points, or above the start that the configuration asks for: then it is dropped. The same where it is damaged: what lies
 * above is dropped. *headers: taken up; *left_out: runs dropped. 0; DSPV_ENOMEM; DSPV_ESTORE. */
int header_store_load(struct dspv *c, size_t *headers, size_t *left_out);
/* Add to the batch what has changed since the last commit; tell of the commit. 0 or DSPV_ENOMEM. */
int header_store_collect(struct dspv *c, struct batch *b);
void header_store_committed(struct dspv *c);

#endif
