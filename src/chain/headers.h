/* The header chain: all header rules of protocol.md 1.3 to 1.5, the best chain by work.
 *
 * Above a *floor* every accepted header is a node of a tree. Below it only the best chain is kept, as raw headers in an archive:
 * it is settled, nothing that forks off there is taken. The floor rises in headers_settle and only there. Why nothing a stranger
 * sends makes this grow without bound, or forget the honest chain: docs/headers.md.
 *
 * A node names a header. Names change in headers_settle, which corrects those it is told of: the others must be looked up again.
 * Heights on the best chain map to nodes in O(1), hashes above the floor to nodes in O(1), ancestors in O(log n). No clock: the
 * caller passes the adjusted time. Functions about a node take settled ones too, and must be given one of the chain's. */
#ifndef CHAIN_HEADERS_H
#define CHAIN_HEADERS_H

#include "chain/header.h"
#include "chain/params.h"

typedef uint32_t headers_node;
#define HEADERS_NONE UINT32_MAX

/* Heights and counts; the tests use smaller ones. */
struct headers_limits {
    int32_t reach;        /* the floor stays so far below the tip: nothing that follows the tip looks further back */
    int32_t context;      /* and so far below the lowest possible fork: what difficulty and median time look at */
    int32_t depth;        /* without checkpoints: what lies so far below the tip is final */
    uint32_t off_best;    /* nodes off the best chain; when there are more, branches are dropped */
    int32_t spare;        /* above the last checkpoint: so many blocks more than twice as many as there should be by now */
};
#define HEADERS_LIMITS ((struct headers_limits){8192, 4096, 50000, 100000, 10000})

/* Where the settled headers are. 0; DSPV_ESTORE: they cannot be had; DSPV_ENOMEM. `out` has room for n * 80 bytes. */
struct headers_archive {
    void *context;
    int (*read)(void *context, int32_t height, uint32_t n, uint8_t *out);
};

struct headers; /* opaque */

/* A chain that starts at the network's genesis (devnet: genesis and block 1). `seed` keys its hash table; `params` is copied,
 * its checkpoints are borrowed. 0 or DSPV_ENOMEM. */
int headers_new(struct headers **out, const struct chain_params *params, const uint64_t seed[2]);
/* A chain that starts at a trusted header (a start point, or the first header of a captured run) at `height`. `work`: of that
 * block and all before it, little-endian; NULL: only its own is counted. Difficulty and median-time checks start once enough
 * predecessors are present; everything else applies from the first header on. Also DSPV_EMISUSE when `first` cannot be at that
 * height on this network: another genesis or checkpoint, no proof of work. */
int headers_new_from(struct headers **out, const struct chain_params *params, const uint64_t seed[2], int32_t height,
                     const uint8_t first[80], const uint8_t work[32]);
/* A chain whose headers below `floor` are in the archive already; the block at the floor comes with its hash and work (itself
 * included). The floor is a multiple of 4096, or the start. All checkpoints that are in the archive
 * must be what they should: otherwise DSPV_EFAULT and *bad is the height of the lowest that is not. DSPV_ESTORE, DSPV_ENOMEM. */
struct headers_start {
    int32_t height;
    block_hash hash;
    uint8_t work[32];
};
struct headers_floor {
    int32_t height;
    uint8_t raw[80];
    block_hash hash;
    uint8_t work[32];
};
int headers_restore(struct headers **out, const struct chain_params *params, const uint64_t seed[2],
                    const struct headers_archive *archive, const struct headers_start *start, const struct headers_floor *floor,
                    int32_t *bad);
/* How high the floor of a chain with this tip may be without a ChainLock, at most; below 0: nowhere yet. */
int32_t headers_floor_for(const struct chain_params *params, int32_t tip_height);
/* Add a header on top of the tip that was checked before it was archived: no rule is applied to it. 0 or DSPV_ENOMEM. */
int headers_take(struct headers *h, const uint8_t raw[80], const block_hash *hash);
/* What will be settled is read from this archive; call it before anything is settled. */
void headers_archive_in(struct headers *h, const struct headers_archive *archive);
void headers_free(struct headers *h);
/* For the tests. */
void headers_limit(struct headers *h, const struct headers_limits *limits);

/* Add one header whose hash was computed by x11 (`hash` must be x11(raw)). `now_s` = adjusted time, unix seconds.
 * 0 with *node = its node (also when it was known before); DSPV_EFAULT with *fault (reason, hash, height where known):
 * PREV_UNKNOWN, DEVNET_GENESIS, CHECKPOINT_MISMATCH, FORK_BEFORE_CHECKPOINT, FORK_TOO_DEEP, CHAINLOCK_CONFLICT (a known header
 * too), BAD_TARGET, BAD_DIFFBITS, HIGH_HASH, TIME_TOO_OLD, TIME_TOO_NEW (may be added again later), BAD_VERSION, CHAIN_TOO_LONG,
 * checked in this order; DSPV_ENOMEM; DSPV_ESTORE: not known above the floor, and below it nobody can tell. A refused header
 * changes nothing; it is not kept, so what follows it is PREV_UNKNOWN. */
int headers_add(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, headers_node *node,
                dspv_fault *fault);

/* The same without adding it. */
int headers_try(struct headers *h, const uint8_t raw[80], const block_hash *hash, int64_t now_s, dspv_fault *fault);

/* Let the floor rise as far as it may, and drop branches: those that cannot be best any more, and, when there are too many nodes
 * off the best chain, those with least work, but never the one that `growing` is on (HEADERS_NONE: none). `held`: the caller's
 * nodes, which get their new names; HEADERS_NONE when they were dropped. 0, or DSPV_ENOMEM: nothing has changed. */
int headers_settle(struct headers *h, headers_node growing, headers_node **held, size_t n_held);
/* The best chain differs from what the archive holds from this height on; above the tip: nowhere. The floor stays below. */
int32_t headers_changed_from(const struct headers *h);
/* The archive (not the chain's own memory) holds the best chain as it is now. */
void headers_archived(struct headers *h);

/* Only headers_on_best_chain also takes HEADERS_NONE. */
headers_node headers_tip(const struct headers *h);          /* of the best chain: most work, first seen */
int32_t headers_tip_height(const struct headers *h);
block_hash headers_tip_hash(const struct headers *h);
int32_t headers_first_height(const struct headers *h);      /* 0, or the start height */
int32_t headers_final_height(const struct headers *h);      /* nothing forks off at or below it any more; -1: anything may */
int32_t headers_floor_height(const struct headers *h);      /* the lowest that is a node of the tree */
headers_node headers_find(const struct headers *h, const block_hash *hash); /* above the floor, any branch; HEADERS_NONE */
/* The same, and below the floor: *node. 0; DSPV_ESTORE: not found, but not everything could be read; DSPV_ENOMEM. */
int headers_look_up(struct headers *h, const block_hash *hash, headers_node *node);
headers_node headers_at(const struct headers *h, int32_t height);           /* on the best chain; HEADERS_NONE */
bool headers_on_best_chain(const struct headers *h, headers_node node);
int32_t headers_height(const struct headers *h, headers_node node);
headers_node headers_prev(const struct headers *h, headers_node node);      /* HEADERS_NONE at the start */
/* The block at `height` on the node's chain, itself included; HEADERS_NONE above the node or below the start. */
headers_node headers_ancestor(const struct headers *h, headers_node node, int32_t height);
/* How far the node's branch has left the best chain: 0 on it, `most` when that much or more. */
int32_t headers_off_best(const struct headers *h, headers_node node, int32_t most);
/* 0; of settled nodes also DSPV_ESTORE and DSPV_ENOMEM. */
int headers_hash(const struct headers *h, headers_node node, block_hash *out);
int headers_get(const struct headers *h, headers_node node, struct header *out);
int headers_raw(const struct headers *h, headers_node node, uint8_t out[80]); /* as it came */
/* Work of the node and all before it; little-endian 256-bit number. 0, or DSPV_EMISUSE for a settled node. */
int headers_work(const struct headers *h, headers_node node, uint8_t out[32]);
/* Work of all before the node. The same errors. */
int headers_work_before(const struct headers *h, headers_node node, uint8_t out[32]);

/* Work of the start and all before it. */
void headers_start_work(const struct headers *h, uint8_t out[32]);

/* Locator for getheaders: `from` first, 10 dense, then doubling steps, start last; settled ones that cannot be read are left
 * out. Returns how many (at most `most`, which must be 1 or more; 42 always suffice). */
size_t headers_locator(const struct headers *h, headers_node from, block_hash *out, size_t most);

/* The best verified ChainLock: nodes that are not ancestors or descendants of it cannot be on the best chain any more, and
 * conflicting headers are refused. May change the tip. 0 (a lock on an ancestor of the best one changes nothing);
 * DSPV_EMISUSE when the node conflicts with an older lock or does not exist. */
int headers_chainlock(struct headers *h, headers_node node);
headers_node headers_chainlocked(const struct headers *h); /* HEADERS_NONE = no lock yet */

size_t headers_count(const struct headers *h);
size_t headers_memory(const struct headers *h); /* bytes, those of an archive of one's own included */

#endif
