/* A chain served over loopback by a process of its own, so that neither its memory nor its CPU time are the client's. */
#ifndef BENCH_SERVED_H
#define BENCH_SERVED_H

#include <sys/types.h>

#include "devnode/chain.h"
#include "dashspv/dashspv.h"

struct served {
    pid_t process;
    int to, from;
    dspv_addr at;
};

/* The process makes the chain, and serves it up to `tip`. */
void served_start(struct served *s, struct devnode_chain *(*make)(void *argument), void *argument, int32_t tip);
/* One block more, which it announces. */
void served_grow(const struct served *s);
/* Returns what serving cost in CPU time, in us. */
double served_end(struct served *s);

#endif
