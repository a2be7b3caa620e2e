/* getqrinfo and qrinfo (protocol.md 6.1, 6.2). */
#ifndef WIRE_QRINFO_H
#define WIRE_QRINFO_H

#include "wire/mnlistdiff.h"

/* CQuorumSnapshot of one cycle base (quorums.md 3.3). */
struct snapshot_msg {
    int32_t mode; /* 0 no skips, 1 skip list; 2 and 3 exist in Core but give empty quarters */
    struct bitspan active;
    const uint8_t *skips; /* n_skips little-endian i32 */
    uint32_t n_skips;
    struct span raw;
};

void snapshot_decode(struct reader *r, struct snapshot_msg *out);
void snapshot_encode(struct writer *w, const struct snapshot_msg *s);
int32_t snapshot_skip(const struct snapshot_msg *s, uint32_t i);

enum { QRINFO_H_C, QRINFO_H_2C, QRINFO_H_3C, QRINFO_H_4C, QRINFO_CYCLES };

struct qrinfo {
    int proto;
    struct mnlistdiff tip, h;
    struct mnlistdiff diffs[QRINFO_CYCLES];      /* work blocks of H-C .. H-4C; the last only with extra_share */
    struct snapshot_msg snapshots[QRINFO_CYCLES]; /* cycle bases H-C .. H-4C */
    bool extra_share;
    struct commitment *last_commitments; /* lastCommitmentPerIndex */
    uint32_t n_last_commitments;
    struct snapshot_msg *older_snapshots; /* quorumSnapshotList */
    struct mnlistdiff *older_diffs;       /* mnListDiffList, same indexes */
    uint32_t n_older;
};

/* As mnlistdiff_decode and mnlistdiff_decode_any. */
int qrinfo_decode(const uint8_t *payload, size_t n, int proto, struct arena *arena, struct qrinfo *out, dspv_fault *fault);
int qrinfo_decode_any(const uint8_t *payload, size_t n, struct arena *arena, struct qrinfo *out, dspv_fault *fault);
void qrinfo_encode(struct writer *w, const struct qrinfo *q);

struct getqrinfo {
    const block_hash *bases; /* explicit hashes, no zero convention */
    uint32_t n_bases;
    block_hash block;
    bool extra_share;
};
enum { GETQRINFO_MAX_BASES = 1000 };
void getqrinfo_encode(struct writer *w, const struct getqrinfo *m);
/* `bases` leads into the payload. */
int getqrinfo_decode(const uint8_t *payload, size_t n, struct getqrinfo *out, dspv_fault *fault);

#endif
