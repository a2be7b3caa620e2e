/* Rotated member selection (DIP-24, quorums.md 3): snapshots, quarters, composition. */
#ifndef LLMQ_ROTATION_H
#define LLMQ_ROTATION_H

#include "llmq/members.h"
#include "wire/qrinfo.h"

/* A CQuorumSnapshot that owns its data; immutable, reference counted. */
struct snapshot {
    uint32_t refs;
    int32_t mode;
    uint32_t n_bits, n_skips;
    uint8_t *bits;   /* ceil(n_bits / 8) bytes */
    int32_t *skips;
};
struct snapshot *snapshot_new(const struct snapshot_msg *m); /* NULL: out of memory */
struct snapshot *snapshot_ref(struct snapshot *s);
void snapshot_unref(struct snapshot *s);
bool snapshot_eq(const struct snapshot *a, const struct snapshot *b);
/* The wire form, leading into the snapshot (skips are re-encoded into `skip_bytes`, 4 bytes each). */
void snapshot_wire(const struct snapshot *s, struct writer *w);

/* The quarters of one cycle: for each index 0 .. active-1 up to quarter-size members. Reference counted; owns references to
 * the masternodes. */
struct quarters {
    uint32_t refs;
    uint32_t n_indexes, size; /* `size` slots per index */
    uint32_t *count;          /* members of each index */
    struct masternode **mn;   /* [index * size + i] */
};
struct quarters *quarters_ref(struct quarters *q);
void quarters_unref(struct quarters *q);

/* An old cycle's quarters from the state at its work block and its snapshot (quorums.md 3.4). `cycle` = its base height.
 * 0; DSPV_ENOMEM; DSPV_EFAULT (SNAPSHOT_TOO_SHORT, SNAPSHOT_SIZE). */
int quarters_decode(const struct network *net, const struct llmq_params *p, int32_t cycle, const struct mnstate *work,
                    const struct snapshot *snapshot, struct quarters **out, dspv_fault *fault);

/* The new quarters of the cycle with base height `cycle` (quorums.md 3.5, 3.6). `previous[k]` are the decoded quarters of
 * cycle - (k+1) * interval, NULL = empty (no snapshot was ever stored there). *snapshot is what Core stores for the cycle, NULL
 * when Core stores none. 0 or DSPV_ENOMEM. */
int quarters_build(const struct network *net, const struct llmq_params *p, int32_t cycle, const struct mnstate *work,
                   struct quarters *const previous[3], struct quarters **out, struct snapshot **snapshot);

/* Members of index i: previous[2][i] ++ previous[1][i] ++ previous[0][i] ++ current[i] (quorums.md 3.2). 0 or DSPV_ENOMEM. */
int quarters_compose(struct quarters *const previous[3], const struct quarters *current, uint32_t index, struct members **out);

#endif
