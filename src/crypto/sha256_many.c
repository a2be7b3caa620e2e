/* Many messages of one length, in groups as wide as the CPU's lanes. What the last group lacks is filled up with repetitions,
 * unless one by one is cheaper. */
#include <stdatomic.h>

#include "base/endian.h"
#include "crypto/sha256.h"
#include "crypto/sha256_lanes.h"

const uint32_t sha256_initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
const uint32_t sha256_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01,
    0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08,
    0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* ---- levels */

static bool always(void) { return true; }
static const struct sha256_level portable = {.name = "portable", .lanes = 1, .usable = always};

#ifdef SHA256_X86
static bool has_avx512(void) { return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw"); }
static const struct sha256_level avx512 = {
    .name = "avx512", .lanes = 16, .worth = 8, .usable = has_avx512, .hash = sha256_avx512};
#endif

const struct sha256_level *const *sha256_levels(size_t *n)
{
    static const struct sha256_level *const levels[] = {
        &portable,
#ifdef SHA256_X86
        &avx512,
#endif
    };
    *n = sizeof(levels) / sizeof(levels[0]);
    return levels;
}

static const struct sha256_level *best_level(void)
{
    static _Atomic(const struct sha256_level *) chosen; /* every thread would choose the same */
    const struct sha256_level *level = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (level)
        return level;
    size_t n;
    const struct sha256_level *const *levels = sha256_levels(&n);
    while (!levels[n - 1]->usable())
        n--;
    atomic_store_explicit(&chosen, levels[n - 1], memory_order_relaxed);
    return levels[n - 1];
}

/* ---- groups */

/* One group of messages of `size` bytes. The padding in `last` depends on the size only. */
struct group {
    struct sha256_blocks blocks;
    size_t rest; /* bytes of a message beyond its whole blocks */
    uint8_t last[SHA256_MOST_LANES][128];
    hash256 hashes[SHA256_MOST_LANES];
};

static void group_init(struct group *g, unsigned lanes, size_t size)
{
    g->rest = size % 64;
    g->blocks.n_whole = size / 64;
    g->blocks.n_last = g->rest + 9 <= 64 ? 1 : 2;
    memset(g->last, 0, sizeof(g->last));
    for (unsigned l = 0; l < lanes; l++) {
        g->last[l][g->rest] = 0x80;
        store_be64(g->last[l] + 64 * g->blocks.n_last - 8, (uint64_t)size * 8);
        g->blocks.last[l] = g->last[l];
    }
}

/* Fill it from n > 0 messages. */
static void group_fill(struct group *g, unsigned lanes, const uint8_t *const *messages, size_t n)
{
    for (unsigned l = 0; l < lanes; l++) {
        const uint8_t *message = messages[l < n ? l : n - 1];
        g->blocks.whole[l] = message;
        if (g->rest > 0)
            memcpy(g->last[l], message + 64 * g->blocks.n_whole, g->rest);
    }
}

/* In groups, as long as they are worth it; returns how many messages that were. */
static size_t in_groups(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n,
                        bool twice)
{
    struct group g;
    size_t done = 0;
    group_init(&g, level->lanes, size);
    while (n - done >= level->worth) {
        const size_t taken = n - done < level->lanes ? n - done : level->lanes;
        group_fill(&g, level->lanes, messages + done, taken);
        level->hash(g.hashes, &g.blocks, twice);
        memcpy(out + done, g.hashes, taken * sizeof(*out));
        done += taken;
    }
    return done;
}

static void many(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n, bool twice)
{
    size_t i = level->hash && n >= level->worth ? in_groups(level, out, messages, size, n, twice) : 0;
    for (; i < n; i++)
        (twice ? sha256d : sha256)(out[i].b, messages[i], size);
}

void sha256_level_many(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n)
{
    many(level, out, messages, size, n, false);
}

void sha256d_level_many(const struct sha256_level *level, hash256 *out, const uint8_t *const *messages, size_t size, size_t n)
{
    many(level, out, messages, size, n, true);
}

void sha256_many(hash256 *out, const uint8_t *const *messages, size_t size, size_t n)
{
    many(best_level(), out, messages, size, n, false);
}

void sha256d_many(hash256 *out, const uint8_t *const *messages, size_t size, size_t n)
{
    many(best_level(), out, messages, size, n, true);
}

void sha256d_pairs(hash256 *out, const hash256 *in, size_t n)
{
    enum { CHUNK = 64 };
    const uint8_t *pairs[CHUNK];
    for (size_t done = 0; done < n;) { /* what is written has been read: pair i is at 2i */
        const size_t taken = n - done < CHUNK ? n - done : CHUNK;
        for (size_t i = 0; i < taken; i++)
            pairs[i] = in[2 * (done + i)].b;
        sha256d_many(out + done, pairs, 64, taken);
        done += taken;
    }
}
