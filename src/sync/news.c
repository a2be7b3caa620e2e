/* See news.h. */
#include "sync/news.h"

#include "sync/client.h"

/* A key of its own for every commitment (by its leaf: another branch may commit to the same quorum differently); type 255 stands
 * for the list of a block. */
static void announced_key(uint8_t key[32], uint8_t type, const uint8_t hash[32])
{
    memcpy(key, hash, 32);
    key[31] ^= type;
    key[0] ^= 0xa5;
}

/* Tell once per verdict. */
static int tell_verdict(struct dspv *c, const struct quorum_view *v)
{
    uint8_t key[32];
    uint32_t told;
    uint32_t verdict = v->status == QUORUM_VERIFIED ? (uint32_t)DSPV_OK : (uint32_t)v->fault.reason;
    if (v->status != QUORUM_VERIFIED && v->status != QUORUM_INVALID)
        return 0;
    announced_key(key, v->quorum->c.type, v->quorum->leaf.b);
    if (map_get(&c->mn.announced, key, &told) && told == verdict)
        return 0;
    if (map_put(&c->mn.announced, key, verdict) != 0)
        return DSPV_ENOMEM;
    dspv_event e = client_event_of(DSPV_EVENT_QUORUM);
    e.llmq_type = v->quorum->c.type;
    e.height = v->base_height;
    memcpy(e.hash, v->quorum->c.hash.b, 32);
    e.reason = (dspv_reason)verdict;
    return client_event(c, &e);
}

static int tell_list(struct dspv *c, const struct mnstate *s)
{
    uint8_t key[32];
    uint32_t told;
    announced_key(key, 255, s->block.b);
    if (map_get(&c->mn.announced, key, &told))
        return 0;
    if (lookup_learn(c, s) != 0 || map_put(&c->mn.announced, key, 0) != 0)
        return DSPV_ENOMEM;
    dspv_event e = client_event_of(DSPV_EVENT_LIST);
    e.height = s->height;
    memcpy(e.hash, s->block.b, 32);
    return client_event(c, &e);
}

int news_tell(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < engine_list_count(c->engine); i++)
        rc = tell_list(c, engine_list_at(c->engine, i));
    for (size_t i = 0; rc == 0 && i < engine_quorum_count(c->engine); i++) {
        struct quorum_view v;
        engine_quorum_at(c->engine, i, &v);
        rc = tell_verdict(c, &v);
    }
    return rc;
}

/* ---- forgetting */

/* What was told of lists and quorums that the engine still knows. */
static int copy_announced(struct dspv *c, struct map *out)
{
    uint8_t key[32];
    uint32_t told;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < engine_list_count(c->engine); i++) {
        announced_key(key, 255, engine_list_at(c->engine, i)->block.b);
        if (map_get(&c->mn.announced, key, &told))
            rc = map_put(out, key, told);
    }
    for (size_t i = 0; rc == 0 && i < engine_quorum_count(c->engine); i++) {
        struct quorum_view v;
        engine_quorum_at(c->engine, i, &v);
        announced_key(key, v.quorum->c.type, v.quorum->leaf.b);
        if (map_get(&c->mn.announced, key, &told))
            rc = map_put(out, key, told);
    }
    return rc;
}

void news_forget(struct dspv *c)
{
    struct map fresh;
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    map_init(&fresh, seed);
    if (copy_announced(c, &fresh) == 0) {
        struct map old = c->mn.announced;
        c->mn.announced = fresh;
        fresh = old;
    }
    map_free(&fresh);
}

void news_tidy(struct dspv *c)
{
    size_t known = engine_list_count(c->engine) + engine_quorum_count(c->engine);
    if (c->mn.announced.count > 2 * known + MASTERNODES_SPARE_TOLD)
        news_forget(c);
}
