/* X11: microseconds of CPU time per hash, by level and function, and of whole hashes.
 *
 * Other work on the machine only ever makes a window slower, so the minimum of many short windows is shown.
 * The CPU clock, not rusage: that one counts in ticks (x11.md 3). */
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "crypto/x11.h"
#include "crypto/x11/level.h"

enum { WINDOWS = 300, WINDOW_HASHES = 96 };

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Each call takes the last result, so that calls depend on each other as they do inside X11. */
static void run_stage(const struct x11_level *level, unsigned stage)
{
    static alignas(64) uint8_t state[X11_MOST_GROUP * 64];
    static uint8_t headers[X11_MOST_GROUP * X11_HEADER];
    if (stage == X11_STAGES) {
        block_hash hashes[X11_MOST_GROUP];
        x11_level_hash(level, hashes, headers);
        memcpy(headers, hashes, 32 * (size_t)level->group);
    } else if (stage == 0 && level->blake) {
        level->blake(state, headers);
        memcpy(headers, state, 64 * (size_t)level->group);
    } else if (stage > 0 && level->rest[stage - 1].run) {
        level->rest[stage - 1].run(state);
    } else {
        x11_level_stage(level, stage, state, state);
    }
}

/* `stage` X11_STAGES: the whole. */
static double time_stage(const struct x11_level *level, unsigned stage)
{
    double best = 1e9;
    for (int w = 0; w < WINDOWS; w++) {
        const double start = now_us();
        for (unsigned i = 0; i < WINDOW_HASHES; i += level->group)
            run_stage(level, stage);
        const double spent = (now_us() - start) / WINDOW_HASHES;
        best = spent < best ? spent : best;
    }
    return best;
}

int main(void)
{
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    printf("%-10s", "");
    for (size_t l = 0; l < n; l++)
        printf("%10s", levels[l]->usable() ? levels[l]->name : "-");
    printf("\n");
    for (unsigned stage = 0; stage <= X11_STAGES; stage++) {
        printf("%-10s", stage < X11_STAGES ? x11_stage_names[stage] : "x11");
        for (size_t l = 0; l < n; l++)
            printf("%10.3f", levels[l]->usable() ? time_stage(levels[l], stage) : 0.0);
        printf("\n");
    }
    return 0;
}
