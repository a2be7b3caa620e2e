/* Operator keys by bytes and encoding, decoded once: decoding and testing a key costs more than adding it to an aggregate
 * (bls.md 7). Keys live in chunks, so that a pointer stays good while the cache grows. Bytes that are no point are remembered
 * too. The cache grows with the number of distinct keys of proven masternode lists, never with what peers merely claim. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "llmq/verify.h"

enum { CHUNK_KEYS = 128 };
#define NO_POINT UINT32_MAX

struct key_cache {
    struct map index; /* SHA-256(encoding | bytes) -> position, or NO_POINT */
    bls_key **chunks;
    size_t n_chunks, chunks_cap, n_keys;
};

int key_cache_new(struct key_cache **out, const uint64_t seed[2])
{
    struct key_cache *c = mem_zalloc(sizeof(*c));
    if (!c)
        return DSPV_ENOMEM;
    map_init(&c->index, seed);
    *out = c;
    return 0;
}

void key_cache_free(struct key_cache *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < c->n_chunks; i++)
        mem_free(c->chunks[i]);
    mem_free(c->chunks);
    map_free(&c->index);
    mem_free(c);
}

size_t key_cache_count(const struct key_cache *c)
{
    return c->index.count;
}

static bls_key *key_at(const struct key_cache *c, size_t position)
{
    return &c->chunks[position / CHUNK_KEYS][position % CHUNK_KEYS];
}

static int make_room(struct key_cache *c)
{
    if (c->n_keys < c->n_chunks * CHUNK_KEYS)
        return 0;
    void *array = c->chunks;
    if (mem_grow(&array, &c->chunks_cap, c->n_chunks + 1, sizeof(*c->chunks)) != 0)
        return DSPV_ENOMEM;
    c->chunks = array;
    bls_key *chunk = mem_alloc_array(CHUNK_KEYS, sizeof(*chunk));
    if (!chunk)
        return DSPV_ENOMEM;
    c->chunks[c->n_chunks++] = chunk;
    return 0;
}

const bls_key *key_cache_get(struct key_cache *c, const uint8_t key[48], enum bls_scheme encoding, bool *oom)
{
    uint8_t named[1 + 48], name[32];
    named[0] = (uint8_t)encoding;
    memcpy(named + 1, key, 48);
    sha256(name, named, sizeof(named));
    *oom = false;
    uint32_t position;
    if (map_get(&c->index, name, &position))
        return position == NO_POINT ? NULL : key_at(c, position);
    bls_key decoded;
    bool is_point = bls_key_decode(&decoded, key, encoding);
    if ((is_point && make_room(c) != 0) || map_put(&c->index, name, is_point ? (uint32_t)c->n_keys : NO_POINT) != 0) {
        *oom = true;
        return NULL;
    }
    if (!is_point)
        return NULL;
    *key_at(c, c->n_keys) = decoded;
    return key_at(c, c->n_keys++);
}
