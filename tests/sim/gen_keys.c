/* Keys. Every secret is drawn from a seeded generator, never from its owner's name: chains with different seeds share none. */
#include "crypto/sha256.h"
#include "sim/gen_internal.h"

void gen_secret(struct rng *r, struct bls_secret *out)
{
    uint8_t bytes[32];
    do {
        rng_bytes(r, bytes, sizeof(bytes));
        bytes[0] &= 0x3f; /* mostly below the group's order: few tries */
    } while (!bls_secret_decode(out, bytes));
}

static bool remember(struct gen_keys *keys, const uint8_t bytes[48], size_t position)
{
    uint8_t name[32];
    sha256(name, bytes, 48);
    return map_put(&keys->by_bytes, name, (uint32_t)position) == 0;
}

bool gen_key_new(struct gen *g, struct rng *r, size_t *out)
{
    struct gen_keys *keys = &g->keys;
    void *items = keys->items;
    int error = mem_grow(&items, &keys->cap, keys->n + 1, sizeof(*keys->items));
    keys->items = items;
    if (error != 0)
        return false;
    struct gen_key *k = &keys->items[keys->n];
    gen_secret(r, &k->secret);
    bls_secret_key(&k->secret, &k->key);
    uint8_t legacy[48], basic[48];
    bls_key_encode(legacy, &k->key, BLS_LEGACY);
    bls_key_encode(basic, &k->key, BLS_BASIC);
    *out = keys->n;
    return remember(keys, legacy, keys->n) && remember(keys, basic, keys->n) && ++keys->n;
}

const struct gen_key *gen_key_of(const struct gen *g, const uint8_t operator_key[48])
{
    uint8_t name[32];
    uint32_t position;
    sha256(name, operator_key, 48);
    return map_get(&g->keys.by_bytes, name, &position) ? &g->keys.items[position] : NULL;
}
