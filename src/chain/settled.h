/* What is settled of the best chain: all of it below the floor of the tree. Its headers lie in an archive; in memory there is at
 * most an index by hash, 4 bytes a header, made from the archive when somebody asks for a hash. Internal to chain/.
 *
 * Units of SETTLED_UNIT heights. A unit's index is a sorted array of words: 20 bits of the hash, 12 bits of position. Whether a
 * candidate is the one says the header after it, which names the hash of the one before. */
#ifndef CHAIN_SETTLED_H
#define CHAIN_SETTLED_H

#include "chain/header.h"
#include "chain/headers.h"

#define SETTLED_UNIT 4096

struct settled_unit {
    uint8_t *raw;    /* the headers, when they are kept here */
    uint32_t *words; /* the index, NULL: not made yet */
    uint32_t n_words;
};

struct settled {
    int32_t first, end;   /* heights: first .. end - 1; end is a multiple of SETTLED_UNIT, or first */
    block_hash start, top; /* hashes of the blocks at first and end - 1 */
    bool own;             /* the headers are kept here */
    struct headers_archive archive;
    struct settled_unit *units;
    size_t n_units, cap_units;
    int32_t found;        /* where the last search ended; the next is likely to end just above */
};

/* Nothing settled yet, of a chain that starts at `first`. `archive` NULL: headers are kept in memory. */
void settled_init(struct settled *s, int32_t first, const block_hash *start, const struct headers_archive *archive);
void settled_free(struct settled *s);

/* Make room up to `end`. 0 or DSPV_ENOMEM; nothing that can be seen changes. */
int settled_reserve(struct settled *s, int32_t end);
/* Only when they are kept here: the header at `height`, for which there is room. */
void settled_put(struct settled *s, int32_t height, const uint8_t raw[80]);
/* From now on everything below `end` is settled, where `top` is the last one's hash; settled_reserve must have succeeded. */
void settled_extend(struct settled *s, int32_t end, const block_hash *top);

/* All heights below must be settled ones. 0, DSPV_ESTORE or DSPV_ENOMEM. */
int settled_get(const struct settled *s, int32_t height, uint8_t raw[80]);
int settled_hash(const struct settled *s, int32_t height, block_hash *out);
/* *height: where the block is, -1: nowhere. DSPV_ESTORE: not found, but not everything could be read. */
int settled_find(struct settled *s, const block_hash *hash, int32_t *height);

size_t settled_memory(const struct settled *s); /* without the struct itself */

#endif
