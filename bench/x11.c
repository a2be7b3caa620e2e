/* X11 by function and level, and whole hashes, in CPU time per hash. */
#include "crypto/x11.h"

#include <stdalign.h>

#include "crypto/x11/level.h"
#include "group.h"

struct stage {
    const struct x11_level *level;
    unsigned number; /* X11_STAGES: the whole */
};

/* Each call takes the last result, so that calls depend on each other as they do inside X11. */
static void run_stage(void *argument)
{
    static alignas(64) uint8_t state[X11_MOST_GROUP * 64];
    static uint8_t headers[X11_MOST_GROUP * X11_HEADER];
    const struct stage *stage = argument;
    const struct x11_level *level = stage->level;
    if (stage->number == X11_STAGES) {
        block_hash hashes[X11_MOST_GROUP];
        x11_level_hash(level, hashes, headers);
        memcpy(headers, hashes, 32 * (size_t)level->group);
    } else if (stage->number == 0 && level->blake) {
        level->blake(state, headers);
        memcpy(headers, state, 64 * (size_t)level->group);
    } else if (stage->number > 0 && level->rest[stage->number - 1].run) {
        level->rest[stage->number - 1].run(state);
    } else {
        x11_level_stage(level, stage->number, state, state);
    }
}

static void run(const struct bench *b)
{
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    for (unsigned number = 0; number <= X11_STAGES; number++)
        for (size_t i = 0; i < n; i++) {
            char name[64];
            struct stage stage = {levels[i], number};
            snprintf(name, sizeof(name), "%s, %s", number < X11_STAGES ? x11_stage_names[number] : "x11", levels[i]->name);
            if (levels[i]->usable())
                report_row(b->report, &(struct row){.name = name,
                                                    .unit = "us/hash",
                                                    .value = bench_us(b, NULL, run_stage, &stage) / levels[i]->group});
            else
                report_skipped(b->report, name, "this processor cannot do that");
        }
}

const struct group group_x11 = {"x11", "functions and whole hashes by level, one thread", run};
