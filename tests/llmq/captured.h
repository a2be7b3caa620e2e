/* Captured messages of a real network, applied: states by height, snapshots by cycle, and the members that follow. */
#ifndef TESTS_LLMQ_CAPTURED_H
#define TESTS_LLMQ_CAPTURED_H

#include "support/data.h"

#include "llmq/rotation.h"

struct captured {
    struct network net;
    struct arena arena;
    struct bytes *files;
    size_t n_files;
    struct mnstate **states;
    size_t n_states;
    struct {
        int32_t cycle;
        struct snapshot *snapshot;
        struct quarters *quarters; /* decoded on first use */
    } *cycles;
    size_t n_cycles;
};

void captured_open(struct captured *c, const char *network);
void captured_close(struct captured *c);

/* Apply a decoded diff; a refusal fails the test. False when its base is not known. Height -1: the CbTx's. */
bool captured_apply(struct captured *c, const struct mnlistdiff *d, int32_t height);
/* Decode a payload (kept until the end) and apply it; every diff of a qrinfo that can be. */
void captured_diff(struct captured *c, const uint8_t *payload, size_t n, int32_t height);
void captured_qrinfo(struct captured *c, const uint8_t *payload, size_t n, struct qrinfo *out);
/* The same from a file of the data folder. */
void captured_diff_file(struct captured *c, const char *name);
void captured_qrinfo_file(struct captured *c, const char *name, struct qrinfo *out);
/* A file that is kept until the end. */
struct bytes captured_file(struct captured *c, const char *name);

struct mnstate *captured_find(const struct captured *c, int32_t height); /* NULL: not known */
struct mnstate *captured_at(const struct captured *c, int32_t height);   /* fails the test when not known */

/* Takes the reference; a cycle's first snapshot stays, another one must be equal. */
void captured_add_snapshot(struct captured *c, int32_t cycle, struct snapshot *s);
struct snapshot *captured_snapshot(const struct captured *c, int32_t cycle); /* NULL: none */
/* Quarters of the three cycles before, borrowed; from the first one without a snapshot on NULL (quorums.md 3.7). */
void captured_previous(struct captured *c, const struct llmq_params *p, int32_t cycle, struct quarters *out[3]);
/* Members of any quorum, new; `hash` is its base block. */
struct members *captured_members(struct captured *c, const struct llmq_params *p, int32_t base_height, const block_hash *hash);
/* Fails the test when the type is not known. */
const struct llmq_params *captured_llmq(const struct captured *c, uint8_t type);

#endif
