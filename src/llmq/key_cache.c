/* Operator keys by bytes and encoding, decoded once: decoding and testing a key costs more than adding it to an aggregate
 * (bls.md 7). Keys live in chunks, so that a pointer stays good while the cache grows. Bytes that are no point are remembered
 * too. The cache grows with the number of distinct keys of proven masternode lists, never with what peers merely claim. */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "llmq/verify.h"

enum { CHUNK_KEYS = 128, NAMED = 1 + 48 };

struct entry {
    hash256 name; /* SHA-256(encoding | bytes) */
    bool is_point;
    bls_key key;
};

struct key_cache {
    struct map index; /* name -> position */
    struct entry **chunks;
    size_t n_chunks, chunks_cap, n;
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
    return c->n;
}

size_t key_cache_memory(const struct key_cache *c)
{
    return sizeof(*c) + map_memory(&c->index) + c->chunks_cap * sizeof(*c->chunks) +
           c->n_chunks * CHUNK_KEYS * sizeof(struct entry);
}

static struct entry *entry_at(const struct key_cache *c, size_t position)
{
    return &c->chunks[position / CHUNK_KEYS][position % CHUNK_KEYS];
}

static const struct entry *find(const struct key_cache *c, const hash256 *name)
{
    uint32_t position;
    return c && map_get(&c->index, name->b, &position) ? entry_at(c, position) : NULL;
}

/* Room for an entry under a new name, its contents not filled. NULL when out of memory. */
static struct entry *append(struct key_cache *c, const hash256 *name)
{
    if (c->n == c->n_chunks * CHUNK_KEYS) {
        void *array = c->chunks;
        if (mem_grow(&array, &c->chunks_cap, c->n_chunks + 1, sizeof(*c->chunks)) != 0)
            return NULL;
        c->chunks = array;
        c->chunks[c->n_chunks] = mem_alloc_array(CHUNK_KEYS, sizeof(**c->chunks));
        if (!c->chunks[c->n_chunks])
            return NULL;
        c->n_chunks++;
    }
    if (map_put(&c->index, name->b, (uint32_t)c->n) != 0)
        return NULL;
    struct entry *e = entry_at(c, c->n++);
    e->name = *name;
    return e;
}

static void drop_above(struct key_cache *c, size_t n)
{
    while (c->n > n)
        map_remove(&c->index, entry_at(c, --c->n)->name.b);
}

int key_cache_absorb(struct key_cache *c, const struct key_cache *other)
{
    for (size_t i = 0; i < other->n; i++) {
        const struct entry *theirs = entry_at(other, i);
        struct entry *ours = find(c, &theirs->name) ? NULL : append(c, &theirs->name);
        if (ours)
            *ours = *theirs;
        else if (!find(c, &theirs->name))
            return DSPV_ENOMEM;
    }
    return 0;
}

/* ---- many keys */

/* What is looked up, in one block. */
struct lookup {
    hash256 *names;
    const struct entry **found;
    struct bls_encoded_key *fresh; /* of the entries that are new */
    bls_key *keys;
    bool *is_point;
    uint8_t (*named)[NAMED];
    const uint8_t **messages;
    uint8_t *block;
};

static int lookup_init(struct lookup *l, size_t n)
{
    const size_t each = sizeof(*l->keys) + sizeof(*l->fresh) + sizeof(*l->found) + sizeof(*l->messages) + sizeof(*l->names) +
                        sizeof(*l->is_point) + sizeof(*l->named);
    l->block = mem_alloc_array(n, each);
    if (!l->block)
        return DSPV_ENOMEM;
    l->keys = (bls_key *)(void *)l->block; /* the strictest alignment first */
    l->fresh = (struct bls_encoded_key *)(void *)(l->keys + n);
    l->found = (const struct entry **)(void *)(l->fresh + n);
    l->messages = (const uint8_t **)(void *)(l->found + n);
    l->names = (hash256 *)(void *)(l->messages + n);
    l->is_point = (bool *)(l->names + n);
    l->named = (uint8_t(*)[NAMED])(void *)(l->is_point + n);
    return 0;
}

static void name_all(struct lookup *l, const struct bls_encoded_key *in, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        l->named[i][0] = (uint8_t)in[i].scheme;
        memcpy(l->named[i] + 1, in[i].bytes, 48);
        l->messages[i] = l->named[i];
    }
    sha256_many(l->names, l->messages, NAMED, n);
}

/* Find each, or append it to `fresh`. */
static int find_all(struct lookup *l, const struct key_cache *known, struct key_cache *fresh, const struct bls_encoded_key *in,
                    size_t n)
{
    const size_t before = fresh->n;
    for (size_t i = 0; i < n; i++) {
        l->found[i] = find(known, &l->names[i]);
        if (!l->found[i])
            l->found[i] = find(fresh, &l->names[i]);
        if (l->found[i])
            continue;
        l->fresh[fresh->n - before] = in[i];
        l->found[i] = append(fresh, &l->names[i]);
        if (!l->found[i])
            return DSPV_ENOMEM;
    }
    return 0;
}

static int decode_fresh(struct lookup *l, struct key_cache *fresh, size_t before, struct rng *rng)
{
    const size_t n = fresh->n - before;
    if (bls_keys_decode(l->keys, l->is_point, l->fresh, n, rng) != 0)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < n; i++) {
        struct entry *e = entry_at(fresh, before + i);
        e->is_point = l->is_point[i];
        e->key = l->is_point[i] ? l->keys[i] : (bls_key){0};
    }
    return 0;
}

int key_cache_get_many(const struct key_cache *known, struct key_cache *fresh, const struct bls_encoded_key *in, size_t n,
                       struct rng *rng, const bls_key **out)
{
    struct lookup l;
    const size_t before = fresh->n;
    if (n == 0)
        return 0;
    if (lookup_init(&l, n) != 0)
        return DSPV_ENOMEM;
    name_all(&l, in, n);
    int error = find_all(&l, known, fresh, in, n);
    if (error == 0 && fresh->n > before)
        error = decode_fresh(&l, fresh, before, rng);
    for (size_t i = 0; error == 0 && i < n; i++)
        out[i] = l.found[i]->is_point ? &l.found[i]->key : NULL;
    if (error != 0)
        drop_above(fresh, before);
    mem_free(l.block);
    return error;
}

const bls_key *key_cache_get(struct key_cache *c, const uint8_t key[48], enum bls_scheme encoding, bool *oom)
{
    const struct bls_encoded_key one = {key, encoding};
    const bls_key *out = NULL;
    *oom = key_cache_get_many(NULL, c, &one, 1, NULL, &out) != 0;
    return out;
}
