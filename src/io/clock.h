/* Time and chance for the client, from libuv. */
#ifndef IO_CLOCK_H
#define IO_CLOCK_H

#include <uv.h>

#include "dashspv/types.h"

/* Unix time that never goes back: the wall clock is read once, then the loop's own clock counts on. */
struct clock {
    uv_loop_t *loop;
    dspv_ms wall_at_start;
    uint64_t loop_at_start;
};

/* 0 or a libuv error. */
int clock_init(struct clock *c, uv_loop_t *loop);
dspv_ms clock_now(const struct clock *c);
/* Milliseconds from the loop's now until `when`; 0 when that has passed. */
uint64_t clock_until(const struct clock *c, dspv_ms when);

/* 32 unpredictable bytes. 0 or a libuv error. */
int clock_seed(uint8_t seed[32]);

#endif
