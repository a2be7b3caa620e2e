/* What an honest full node answers to getmnlistd and getqrinfo (protocol.md 3.10, 4, 6). */
#ifndef DEVNODE_ANSWER_H
#define DEVNODE_ANSWER_H

#include "devnode/chain.h"

/* Who is asked: a node whose tip is at `tip`, on a connection with common protocol version `proto`. */
struct devnode_view {
    const struct devnode_chain *chain;
    int32_t tip;
    int proto;
};

/* Append the payload to `w`. 0; DSPV_ENOMEM; DSPV_EFAULT: a node would stay silent (and count 1 point). */
int devnode_answer_mnlistdiff(const struct devnode_view *v, const struct getmnlistd *ask, struct writer *w);
int devnode_answer_qrinfo(const struct devnode_view *v, const struct getqrinfo *ask, struct writer *w);

/* The diff between two heights; `echo` is what its base field says. Same results; what *out leads to lives in `arena`. */
int devnode_answer_diff(const struct devnode_view *v, const block_hash *echo, int32_t base, int32_t target, struct arena *arena,
                        struct mnlistdiff *out);

#endif
