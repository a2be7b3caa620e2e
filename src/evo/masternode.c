/* A masternode copies form G of its entry once; every list that holds the same entry shares the copy. */
#include "evo/masternode.h"

#include "base/mem.h"
#include "crypto/sha256.h"

/* Lead the pointer that led into `from` to the same place of `to`. */
static const uint8_t *moved(const uint8_t *p, const uint8_t *from, const uint8_t *to)
{
    return p ? to + (p - from) : NULL;
}

struct masternode *masternode_new(const struct mnentry *e)
{
    struct masternode *m = mem_alloc(sizeof(*m) + e->hashed.n);
    if (!m)
        return NULL;
    m->refs = 1;
    m->raw_n = (uint32_t)e->hashed.n;
    memcpy(m->raw, e->hashed.p, e->hashed.n);
    m->entry = *e;
    m->entry.net_info.p = moved(e->net_info.p, e->hashed.p, m->raw);
    m->entry.operator_key = moved(e->operator_key, e->hashed.p, m->raw);
    m->entry.voting_id = moved(e->voting_id, e->hashed.p, m->raw);
    m->entry.platform_node_id = moved(e->platform_node_id, e->hashed.p, m->raw);
    m->entry.hashed.p = m->raw;
    sha256d(m->leaf.b, m->raw, m->raw_n);
    uint8_t both[64];
    memcpy(both, e->protx.b, 32);
    memcpy(both + 32, e->confirmed.b, 32);
    sha256(m->score_seed, both, sizeof(both));
    return m;
}

struct masternode *masternode_ref(struct masternode *m)
{
    m->refs++;
    return m;
}

void masternode_unref(struct masternode *m)
{
    if (m && --m->refs == 0)
        mem_free(m);
}

bool masternode_eq(const struct masternode *a, const struct masternode *b)
{
    return a->entry.version == b->entry.version && a->raw_n == b->raw_n && memcmp(a->raw, b->raw, a->raw_n) == 0;
}
