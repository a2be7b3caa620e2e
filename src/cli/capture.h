/* Captured bytes: files of payloads, recognised by what is in them, and what other files say of blocks.
 *
 * Understood: one mnlistdiff, qrinfo, clsig or isdlock payload (every layout from 70214 on); records [u32 length][diff] (.lp),
 * [u32 height][u32 length][diff], [u32 base][u32 height][u32 length][diff], [u32 height][u8 extra share][u8 n][n u32]
 * [u32 length][qrinfo] and [u64 time][12-byte command][u32 length][payload]; JSON arrays of objects with clsig_payload or
 * isdlock_payload; and, by the functions below, raw headers and JSON arrays of {height, hash}. Integers are little-endian. */
#ifndef CLI_CAPTURE_H
#define CLI_CAPTURE_H

#include "base/arena.h"
#include "llmq/network.h"
#include "wire/locks.h"
#include "wire/qrinfo.h"

enum capture_kind { CAPTURE_DIFF, CAPTURE_QRINFO, CAPTURE_CLSIG, CAPTURE_ISDLOCK };

struct capture_item {
    enum capture_kind kind;
    const char *file;
    size_t record; /* number in the file from 1 on; 0: the file is this one message */
    union {
        struct mnlistdiff *diff;
        struct qrinfo *qrinfo;
        struct clsig *clsig;
        struct isdlock *isdlock;
    };
};

/* A block some file told of. */
struct capture_block {
    block_hash hash;
    int32_t height;
    bool has_header; /* merkle_root is its header's */
    hash256 merkle_root;
    const char *file;
};

/* What a file is when it was not taken: the exit code of `verify`. */
enum capture_verdict { CAPTURE_REFUSED = 1, CAPTURE_MALFORMED = 2 };

struct capture_problem {
    enum capture_verdict verdict;
    const char *file;
    size_t offset;
    char reason[40]; /* identifier */
    char text[300];  /* a sentence */
};

struct capture {
    const struct network *net;
    struct arena arena; /* items lead into it */
    struct capture_item *items;
    size_t n_items, cap_items;
    struct capture_block *blocks;
    size_t n_blocks, cap_blocks;
};

/* `net` is borrowed. */
void capture_init(struct capture *c, const struct network *net);
void capture_free(struct capture *c);

/* All of these: 0; DSPV_ENOMEM; DSPV_EFAULT and *problem, nothing of the file is taken then. File names are borrowed. */

/* A file of messages; also one of headers or of blocks when its content or name says so. */
int capture_file(struct capture *c, const char *path, int64_t now_s, struct capture_problem *problem);
/* Raw 80-byte headers, consecutive: every header rule that can be checked is. The first height comes from FILE@HEIGHT, from a
 * name like headers_A_B.bin, or is 0 when the first header is the network's genesis. */
int capture_headers(struct capture *c, const char *argument, int64_t now_s, struct capture_problem *problem);
/* A JSON array of {"height", "hash"}. */
int capture_heights(struct capture *c, const char *path, struct capture_problem *problem);

#endif
