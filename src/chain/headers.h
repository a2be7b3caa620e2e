/* The header tree: every accepted header, the best chain by work, all header rules of protocol.md 1.3 to 1.5.
 *
 * A node is named by its index (headers_node), stable for the life of the tree. Heights on the best chain map to nodes in
 * O(1), hashes to nodes in O(1), ancestors in O(log n). No clock: the caller passes the adjusted time. */
#ifndef CHAIN_HEADERS_H
#define CHAIN_HEADERS_H

#include "chain/header.h"
#include "chain/params.h"

typedef uint32_t headers_node;
#define HEADERS_NONE UINT32_MAX

struct headers; /* opaque */

/* A tree that starts at the network's genesis (devnet: genesis and block 1). `seed` keys its hash table; `params` is copied.
 * 0 or DSPV_ENOMEM. */
int headers_new(struct headers **out, const struct chain_params *params, const uint64_t seed[2]);
/* A tree that starts at a trusted header (a checkpoint, or the first header of a captured run) at `height`. Difficulty and
 * median-time checks start once enough predecessors are present; everything else applies from the first header on. Also
 * DSPV_EMISUSE when `first` cannot be at that height on this network: another genesis or checkpoint, no proof of work. */
int headers_new_from(struct headers **out, const struct chain_params *params, const uint64_t seed[2], int32_t height,
                     const uint8_t first[80]);
void headers_free(struct headers *h);

/* Add one header whose hash was computed by x11 (`hash` must be x11(raw)). `now_s` = adjusted time, unix seconds.
 * 0 with *node = its node (also when it was known before); DSPV_EFAULT with *fault (reason, hash, height where known):
 * PREV_UNKNOWN, DEVNET_GENESIS, CHECKPOINT_MISMATCH, FORK_BEFORE_CHECKPOINT, CHAINLOCK_CONFLICT (a known header too),
 * BAD_TARGET, BAD_DIFFBITS, HIGH_HASH, TIME_TOO_OLD, TIME_TOO_NEW (may be added again later), BAD_VERSION, checked in this
 * order; DSPV_ENOMEM. A refused header changes nothing; it is not kept, so what follows it is PREV_UNKNOWN. */
int headers_add(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, headers_node *node,
                dspv_fault *fault);

/* A `node` below must be one of the tree's; only headers_on_best_chain also takes HEADERS_NONE. */
headers_node headers_tip(const struct headers *h);          /* of the best chain: most work, first seen */
int32_t headers_tip_height(const struct headers *h);
int32_t headers_first_height(const struct headers *h);      /* 0, or the start height */
headers_node headers_find(const struct headers *h, const block_hash *hash); /* any branch; HEADERS_NONE */
headers_node headers_at(const struct headers *h, int32_t height);           /* on the best chain; HEADERS_NONE */
bool headers_on_best_chain(const struct headers *h, headers_node node);
int32_t headers_height(const struct headers *h, headers_node node);
headers_node headers_prev(const struct headers *h, headers_node node);      /* HEADERS_NONE at the start */
/* The block at `height` on the node's chain, itself included; HEADERS_NONE above the node or below the start. */
headers_node headers_ancestor(const struct headers *h, headers_node node, int32_t height);
void headers_hash(const struct headers *h, headers_node node, block_hash *out);
void headers_get(const struct headers *h, headers_node node, struct header *out);
/* Work of the node and all before it, the tree's start included; little-endian 256-bit number. */
void headers_work(const struct headers *h, headers_node node, uint8_t out[32]);

/* Locator for getheaders: `from` first, 10 dense, then doubling steps, start last. Returns how many (at most `most`, which
 * must be 1 or more; 42 always suffice). */
size_t headers_locator(const struct headers *h, headers_node from, block_hash *out, size_t most);

/* The best verified ChainLock: nodes that are not ancestors or descendants of it cannot be on the best chain any more, and
 * conflicting headers are refused. May change the tip. 0 (a lock on an ancestor of the best one changes nothing);
 * DSPV_EMISUSE when the node conflicts with an older lock or does not exist. */
int headers_chainlock(struct headers *h, headers_node node);
headers_node headers_chainlocked(const struct headers *h); /* HEADERS_NONE = no lock yet */

size_t headers_count(const struct headers *h);
size_t headers_memory(const struct headers *h); /* bytes */

#endif
