/* See clock.h. The loop's clock is monotonic and cached for one turn of the loop, so all callbacks of a turn agree about now. */
#include "io/clock.h"

int clock_init(struct clock *c, uv_loop_t *loop)
{
    uv_timeval64_t wall;
    int rc = uv_gettimeofday(&wall);
    if (rc != 0)
        return rc;
    uv_update_time(loop);
    *c = (struct clock){loop, (dspv_ms)wall.tv_sec * 1000 + wall.tv_usec / 1000, uv_now(loop)};
    return 0;
}

dspv_ms clock_now(const struct clock *c)
{
    return c->wall_at_start + (dspv_ms)(uv_now(c->loop) - c->loop_at_start);
}

uint64_t clock_until(const struct clock *c, dspv_ms when)
{
    dspv_ms now = clock_now(c);
    return when > now ? (uint64_t)when - (uint64_t)now : 0;
}

int clock_seed(uint8_t seed[32])
{
    return uv_random(NULL, NULL, seed, 32, 0, NULL);
}
