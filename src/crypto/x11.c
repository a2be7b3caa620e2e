/* X11: the eleven functions chained; the hash is the first half of the last output (x11.md). */
#include "crypto/x11.h"

#include <stdalign.h>
#include <stdatomic.h>

#include "crypto/x11/layout.h"
#include "crypto/x11/x11_stages.h"

static void (*const portable[X11_STAGES])(uint8_t out[64], const uint8_t *in) = {
    x11_blake512,  x11_bmw512,      x11_groestl512, x11_skein512, x11_jh512,   x11_keccak512,
    x11_luffa512,  x11_cubehash512, x11_shavite512, x11_simd512,  x11_echo512,
};
const char *const x11_stage_names[X11_STAGES] = {"blake", "bmw",      "groestl", "skein", "jh",  "keccak",
                                                 "luffa", "cubehash", "shavite", "simd",  "echo"};

/* ---- a group through the stages of a level */

/* Returns the layout of the result. */
static enum x11_layout blake(const struct x11_level *level, uint8_t *state, const uint8_t *headers)
{
    if (level->blake) {
        level->blake(state, headers);
        return X11_WORDS64;
    }
    for (size_t i = 0; i < level->group; i++)
        x11_blake512(state + 64 * i, headers + X11_HEADER * i);
    return X11_ROWS;
}

static enum x11_layout run(const struct x11_level *level, unsigned stage, uint8_t *state, enum x11_layout layout)
{
    const struct x11_kernel *kernel = &level->rest[stage - 1];
    const enum x11_layout wanted = kernel->run ? kernel->from : X11_ROWS;
    if (layout != wanted)
        x11_layout_change(state, level->group, layout, wanted);
    if (kernel->run) {
        kernel->run(state);
        return kernel->to;
    }
    for (size_t i = 0; i < level->group; i++)
        portable[stage](state + 64 * i, state + 64 * i);
    return X11_ROWS;
}

void x11_level_hash(const struct x11_level *level, block_hash *out, const uint8_t *headers)
{
    alignas(64) uint8_t state[X11_MOST_GROUP * 64];
    enum x11_layout layout = blake(level, state, headers);
    for (unsigned stage = 1; stage < X11_STAGES; stage++)
        layout = run(level, stage, state, layout);
    if (layout != X11_ROWS)
        x11_layout_change(state, level->group, layout, X11_ROWS);
    for (size_t i = 0; i < level->group; i++)
        out[i] = block_hash_from(state + 64 * i);
}

void x11_level_stage(const struct x11_level *level, unsigned stage, uint8_t *out, const uint8_t *in)
{
    alignas(64) uint8_t state[X11_MOST_GROUP * 64];
    enum x11_layout layout = X11_ROWS;
    if (stage == 0) {
        layout = blake(level, state, in);
    } else {
        memcpy(state, in, 64 * (size_t)level->group);
        layout = run(level, stage, state, layout);
    }
    if (layout != X11_ROWS)
        x11_layout_change(state, level->group, layout, X11_ROWS);
    memcpy(out, state, 64 * (size_t)level->group);
}

/* ---- which level */

/* What it hashes the headers of this vector to is what the portable one hashes them to. */
static bool is_right(const struct x11_level *level)
{
    uint8_t headers[X11_MOST_GROUP * X11_HEADER];
    block_hash expected[X11_MOST_GROUP], got[X11_MOST_GROUP];
    for (size_t i = 0; i < sizeof(headers); i++)
        headers[i] = (uint8_t)(i * 151 + i / 251);
    size_t n;
    for (size_t i = 0; i < level->group; i++)
        x11_level_hash(x11_levels(&n)[0], &expected[i], headers + X11_HEADER * i);
    x11_level_hash(level, got, headers);
    return memcmp(got, expected, level->group * sizeof(got[0])) == 0;
}

/* The best level for single headers and for groups; a level that fails its test is never used. */
struct choice {
    const struct x11_level *single, *group;
};

static const struct x11_level *best(bool single)
{
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    while (n-- > 1)
        if ((levels[n]->group == 1) == single && levels[n]->usable() && is_right(levels[n]))
            return levels[n];
    return levels[0];
}

/* Threads that come here at the same time choose the same. */
static struct choice chosen(void)
{
    static const struct x11_level *_Atomic single, *_Atomic group;
    struct choice c = {atomic_load_explicit(&single, memory_order_relaxed), atomic_load_explicit(&group, memory_order_relaxed)};
    if (!c.single || !c.group) {
        c = (struct choice){best(true), best(false)};
        atomic_store_explicit(&single, c.single, memory_order_relaxed);
        atomic_store_explicit(&group, c.group, memory_order_relaxed);
    }
    return c;
}

/* The last headers, fewer than a group: filled up with repeats. */
static void hash_padded(const struct x11_level *level, block_hash *out, const uint8_t *headers, size_t n)
{
    uint8_t padded[X11_MOST_GROUP * X11_HEADER];
    block_hash hashes[X11_MOST_GROUP];
    for (size_t i = 0; i < level->group; i++)
        memcpy(padded + X11_HEADER * i, headers + X11_HEADER * (i < n ? i : 0), X11_HEADER);
    x11_level_hash(level, hashes, padded);
    memcpy(out, hashes, n * sizeof(hashes[0]));
}

void x11_hash(block_hash *out, const uint8_t header[80])
{
    x11_level_hash(chosen().single, out, header);
}

void x11_many(block_hash *out, const uint8_t *headers, size_t n)
{
    const struct choice c = chosen();
    for (; n >= c.group->group; n -= c.group->group) {
        x11_level_hash(c.group, out, headers);
        out += c.group->group;
        headers += c.group->group * X11_HEADER;
    }
    if (n >= c.group->worth && n > 0) {
        hash_padded(c.group, out, headers, n);
        return;
    }
    for (; n > 0; n--, headers += X11_HEADER)
        x11_level_hash(c.single, out++, headers);
}

size_t x11_lanes(void)
{
    return chosen().group->group;
}
