/* Random messages of the masternode-list family, and their comparison with what a decoder made of their encoding. */
#ifndef TESTS_WIRE_LISTS_RANDOM_H
#define TESTS_WIRE_LISTS_RANDOM_H

#include "support/data.h"

#include "wire/qrinfo.h"

/* Where random messages come from and live. */
struct maker {
    uint64_t random;
    struct arena arena;
};

void maker_init(struct maker *m, uint64_t seed);
void maker_free(struct maker *m);

uint64_t make_number(struct maker *m, uint64_t below);
const uint8_t *make_bytes(struct maker *m, size_t n);
void make_cbtx(struct maker *m, struct cbtx *out);
void make_commitment(struct maker *m, struct commitment *out);
void make_mnentry(struct maker *m, int proto, uint16_t diff_version, struct mnentry *out);
void make_snapshot(struct maker *m, struct snapshot_msg *out);
/* `with_cbtx`: else the coinbase is one of before DIP0003. */
void make_diff(struct maker *m, int proto, bool with_cbtx, struct mnlistdiff *out);
void make_qrinfo(struct maker *m, int proto, struct qrinfo *out);

/* Everything but the `raw` and `hashed` spans, which only a decoder fills. */
void same_cbtx(const struct cbtx *a, const struct cbtx *b);
void same_commitment(const struct commitment *a, const struct commitment *b);
void same_mnentry(const struct mnentry *a, const struct mnentry *b);
void same_snapshot(const struct snapshot_msg *a, const struct snapshot_msg *b);
void same_diff(const struct mnlistdiff *a, const struct mnlistdiff *b);
void same_qrinfo(const struct qrinfo *a, const struct qrinfo *b);

#endif
