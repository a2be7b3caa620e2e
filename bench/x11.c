/* X11 by function and level, and whole hashes, in CPU time per hash.
 *
 * Beside each figure stands what other programs take, measured elsewhere (reference points, x11.md 1) and scaled to the speed of
 * this machine by the portable functions, measured here in the same run. No floor, but what is known to be possible. */
#include "crypto/x11.h"

#include <stdalign.h>

#include "crypto/x11/level.h"
#include "group.h"

/* On a Zen 4 of 3.5 GHz, us per hash by function, and of a whole hash. */
enum reference_level { ANCHOR, REFERENCE_SSE, REFERENCE_AVX2, REFERENCE_AVX512, REFERENCES };
static const double references[X11_STAGES + 1][REFERENCES] = {
    {0.205, 0.206, 0.072, 0.051}, {0.197, 0.196, 0.080, 0.043}, {1.522, 0.525, 0.530, 0.232}, {0.174, 0.176, 0.071, 0.045},
    {1.462, 1.411, 0.322, 0.174}, {0.348, 0.328, 0.118, 0.060}, {1.232, 0.704, 0.341, 0.209}, {2.908, 0.894, 0.798, 0.275},
    {0.398, 0.104, 0.101, 0.034}, {1.935, 0.451, 0.231, 0.191}, {1.256, 0.193, 0.177, 0.083}, {12.24, 5.65, 3.00, 1.42},
};
static const struct {
    const char *level, *is;
    enum reference_level reference;
} beside[] = {
    {"portable", "Dash Core with AES-NI, scaled", ANCHOR},      {"sse", "a miner with AES-NI, scaled", REFERENCE_SSE},
    {"avx512vl", "a miner with AES-NI, scaled", REFERENCE_SSE}, {"avx2", "a miner with AVX2, scaled", REFERENCE_AVX2},
    {"vaes256", "a miner with AVX2, scaled", REFERENCE_AVX2},   {"avx512", "a miner with AVX-512, scaled", REFERENCE_AVX512},
};
/* A hash of Dash Core with AES-NI costs so many portable ones of ours: measured side by side, once (docs/x11.md). */
static const double anchor_in_portable = 1.15;

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

static double measured(const struct bench *b, const struct x11_level *level, unsigned number)
{
    struct stage stage = {level, number};
    return bench_us(b, NULL, run_stage, &stage) / level->group;
}

/* `scale`: how much longer this machine takes than that of the reference points. */
static void stage_row(const struct bench *b, const struct x11_level *level, unsigned number, double scale)
{
    char name[64];
    snprintf(name, sizeof(name), "%s, %s", number < X11_STAGES ? x11_stage_names[number] : "x11", level->name);
    if (!level->usable()) {
        report_skipped(b->report, name, "this processor cannot do that");
        return;
    }
    struct row row = {.name = name, .unit = "us/hash", .value = measured(b, level, number)};
    for (size_t i = 0; i < sizeof(beside) / sizeof(beside[0]); i++)
        if (strcmp(beside[i].level, level->name) == 0) {
            row.floor = references[number][beside[i].reference] * scale;
            row.floor_is = beside[i].is;
        }
    report_row(b->report, &row);
}

static void run(const struct bench *b)
{
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    double portable = measured(b, levels[0], X11_STAGES);
    for (int again = 0; again < 3; again++) { /* everything else is measured against this */
        const double us = measured(b, levels[0], X11_STAGES);
        portable = us < portable ? us : portable;
    }
    const double scale = portable * anchor_in_portable / references[X11_STAGES][ANCHOR];
    for (unsigned number = 0; number <= X11_STAGES; number++)
        for (size_t i = 0; i < n; i++)
            stage_row(b, levels[i], number, scale);
}

const struct group group_x11 = {"x11", "functions and whole hashes by level, one thread", run};
