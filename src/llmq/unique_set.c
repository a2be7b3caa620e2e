/* Dash Core keeps "used" masternodes in full list objects, which refuse a masternode that shares a property with another one
 * (src/evo/deterministicmns.cpp AddMN). Of these properties a simplified entry shows: its network addresses, whatever their
 * purpose, its operator key as a point, whatever its encoding, and an Evo node's platform id.
 *
 * Each property becomes one key of a map: SHA-256 of a tag and its value. The proTxHash is a property like the others. */
#include "llmq/unique_set.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

enum { TAG_PROTX = 1, TAG_ADDRESS, TAG_OPERATOR_KEY, TAG_PLATFORM_NODE };

/* Three purposes with at most four addresses each: no entry with more is ever decoded. */
enum { MAX_ADDRESSES = 12 };

struct properties {
    hash256 keys[MAX_ADDRESSES + 2];
    size_t n;
};

void unique_set_init(struct unique_set *s, const uint64_t seed[2])
{
    *s = (struct unique_set){.n = 0};
    map_init(&s->properties, seed);
}

void unique_set_free(struct unique_set *s)
{
    map_free(&s->properties);
    mem_free(s->mn);
    s->mn = NULL;
    s->n = s->cap = 0;
}

static hash256 property_key(uint8_t tag, const uint8_t *value, size_t n)
{
    uint8_t hashed[1 + 48];
    hashed[0] = tag;
    memcpy(hashed + 1, value, n);
    hash256 key;
    sha256(key.b, hashed, 1 + n);
    return key;
}

static bool all_zero(const uint8_t *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (p[i])
            return false;
    return true;
}

static hash256 address_key(const struct net_address *a)
{
    uint8_t value[2 + 2 + 32];
    store_le16(value, (uint16_t)a->kind);
    store_le16(value + 2, a->port);
    sha256(value + 4, a->host.p, a->host.n);
    return property_key(TAG_ADDRESS, value, sizeof(value));
}

/* The same point has other bytes in the legacy encoding: bls.md 2. */
static hash256 operator_key(const struct mnentry *e)
{
    uint8_t basic[48];
    memcpy(basic, e->operator_key, 48);
    if (e->version == 1)
        basic[0] = (uint8_t)(0x80 | (basic[0] & 0x1f) | (basic[0] & 0x80) >> 2);
    return property_key(TAG_OPERATOR_KEY, basic, 48);
}

/* All but the proTxHash. */
static void list_properties(const struct mnentry *e, struct properties *out)
{
    struct net_address addresses[MAX_ADDRESSES];
    size_t n_addresses = mnentry_addresses(e, addresses, MAX_ADDRESSES);
    out->n = 0;
    for (size_t i = 0; i < n_addresses && i < MAX_ADDRESSES; i++)
        out->keys[out->n++] = address_key(&addresses[i]);
    if (!all_zero(e->operator_key, 48))
        out->keys[out->n++] = operator_key(e);
    if (e->type == 1 && e->platform_node_id && !all_zero(e->platform_node_id, 20))
        out->keys[out->n++] = property_key(TAG_PLATFORM_NODE, e->platform_node_id, 20);
}

static bool any_taken(const struct unique_set *s, const struct properties *properties)
{
    uint32_t owner;
    for (size_t i = 0; i < properties->n; i++)
        if (map_get(&s->properties, properties->keys[i].b, &owner))
            return true;
    return false;
}

bool unique_set_has(const struct unique_set *s, const protx_hash *protx)
{
    uint32_t owner;
    hash256 key = property_key(TAG_PROTX, protx->b, 32);
    return map_get(&s->properties, key.b, &owner);
}

static int insert(struct unique_set *s, struct masternode *mn, const struct properties *properties)
{
    void *array = s->mn;
    if (mem_grow(&array, &s->cap, s->n + 1, sizeof(*s->mn)) != 0)
        return DSPV_ENOMEM;
    s->mn = array;
    hash256 identity = property_key(TAG_PROTX, mn->entry.protx.b, 32);
    int error = map_put(&s->properties, identity.b, (uint32_t)s->n);
    for (size_t i = 0; error == 0 && i < properties->n; i++)
        error = map_put(&s->properties, properties->keys[i].b, (uint32_t)s->n);
    if (error == 0)
        s->mn[s->n++] = mn;
    return error;
}

int unique_set_add(struct unique_set *s, struct masternode *mn, bool *added)
{
    *added = false;
    if (unique_set_has(s, &mn->entry.protx))
        return 0;
    struct properties properties;
    list_properties(&mn->entry, &properties);
    if (any_taken(s, &properties))
        return 0;
    int error = insert(s, mn, &properties);
    *added = error == 0;
    return error;
}
