/* Answers made in advance: of a chain of headers alone, the compressed headers after each 2000th block up to the next, which is
 * what a client asks for that fetches a long chain in stretches. Where such a client is measured, the peer runs beside it on the
 * same cores: what is left of its work then is to send. */
#ifndef DEVNODE_STRETCHES_H
#define DEVNODE_STRETCHES_H

#include "base/writer.h"

enum { DEVNODE_STRETCH = 2000 };

struct devnode_stretches {
    struct writer frames; /* whole messages, back to back */
    size_t *ends;         /* where in `frames` each ends */
    size_t n;
    int32_t first; /* height of the first header of the first one */
};

struct devnode_chain;

/* Make those of c->headers. 0 or DSPV_ENOMEM. */
int devnode_stretches_make(struct devnode_chain *c);
void devnode_stretches_free(struct devnode_stretches *s);
/* The headers2 message with `n` headers from height `first` on; empty: it was not made in advance. */
struct span devnode_stretches_find(const struct devnode_stretches *s, int32_t first, uint32_t n);

#endif
