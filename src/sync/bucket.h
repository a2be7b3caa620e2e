/* How often a stranger's messages may make us do something: so many at once, then one more per period. Zeros: full. */
#ifndef SYNC_BUCKET_H
#define SYNC_BUCKET_H

#include "dashspv/types.h"

struct bucket {
    dspv_ms full_at; /* nothing is missing any more then */
};

struct bucket_rule {
    int32_t burst;
    dspv_ms refill_ms;
};

/* When the next one may be taken. */
static inline dspv_ms bucket_ready_at(const struct bucket *b, struct bucket_rule rule)
{
    return b->full_at - (rule.burst - 1) * rule.refill_ms;
}

static inline bool bucket_ready(const struct bucket *b, struct bucket_rule rule, dspv_ms now)
{
    return bucket_ready_at(b, rule) <= now;
}

/* False: there is none. */
static inline bool bucket_take(struct bucket *b, struct bucket_rule rule, dspv_ms now)
{
    if (!bucket_ready(b, rule, now))
        return false;
    b->full_at = (b->full_at > now ? b->full_at : now) + rule.refill_ms;
    return true;
}

#endif
