/* A masternode copies form G of its entry once; every list that holds the same entry shares the copy. Masternodes made together
 * lie in blocks: one allocation for many, and neighbours in a list are neighbours in memory. A block is freed with the last
 * masternode in it; BLOCK_MOST bounds what one that stays can hold back. */
#include "evo/masternode.h"

#include <stddef.h>

#include "base/mem.h"
#include "crypto/sha256.h"

enum { BLOCK_MOST = 16, LOT_MOST = 16, LOTS = 4 };

struct block {
    uint32_t alive;
    max_align_t masternodes[];
};

static size_t aligned(size_t n)
{
    return (n + _Alignof(struct masternode) - 1) / _Alignof(struct masternode) * _Alignof(struct masternode);
}

static size_t size_for(size_t raw_n)
{
    return aligned(offsetof(struct masternode, raw) + raw_n);
}

/* Lead the pointer that led into `from` to the same place of `to`. */
static const uint8_t *moved(const uint8_t *p, const uint8_t *from, const uint8_t *to)
{
    return p ? to + (p - from) : NULL;
}

static void fill(struct masternode *m, const struct mnentry *e, uint32_t place)
{
    m->refs = 1;
    m->place = place;
    m->raw_n = (uint32_t)e->hashed.n;
    memcpy(m->raw, e->hashed.p, e->hashed.n);
    m->entry = *e;
    m->entry.net_info.p = moved(e->net_info.p, e->hashed.p, m->raw);
    m->entry.operator_key = moved(e->operator_key, e->hashed.p, m->raw);
    m->entry.voting_id = moved(e->voting_id, e->hashed.p, m->raw);
    m->entry.platform_node_id = moved(e->platform_node_id, e->hashed.p, m->raw);
    m->entry.hashed.p = m->raw;
}

/* Masternodes whose form G has one size. */
struct lot {
    size_t size, n;
    struct masternode *mn[LOT_MOST];
    const uint8_t *raw[LOT_MOST];
};

/* Form G begins with proTxHash and confirmedHash. */
static void lot_hash(struct lot *l)
{
    enum { SEED_BYTES = 64 };
    hash256 hashes[LOT_MOST];
    sha256_many(hashes, l->raw, SEED_BYTES, l->n);
    for (size_t i = 0; i < l->n; i++)
        memcpy(l->mn[i]->score_seed, hashes[i].b, 32);
    sha256d_many(hashes, l->raw, l->size, l->n);
    for (size_t i = 0; i < l->n; i++)
        l->mn[i]->leaf = hashes[i];
    l->n = 0;
}

/* Hashes are made of many at once that have one size; few sizes are common. */
static void hash(struct masternode **mn, size_t n)
{
    struct lot lots[LOTS] = {{.n = 0}};
    for (size_t i = 0; i < n; i++) {
        struct lot *l = &lots[mn[i]->raw_n / 8 % LOTS];
        if (l->n == LOT_MOST || (l->n > 0 && l->size != mn[i]->raw_n))
            lot_hash(l);
        l->size = mn[i]->raw_n;
        l->mn[l->n] = mn[i];
        l->raw[l->n++] = mn[i]->raw;
    }
    for (size_t i = 0; i < LOTS; i++)
        lot_hash(&lots[i]);
}

static bool new_block(const struct mnentry *const *entries, size_t n, struct masternode **out)
{
    const size_t begin = offsetof(struct block, masternodes);
    size_t size = begin;
    for (size_t i = 0; i < n; i++)
        size += size_for(entries[i]->hashed.n);
    struct block *b = mem_alloc(size);
    if (!b)
        return false;
    b->alive = (uint32_t)n;
    size = begin;
    for (size_t i = 0; i < n; i++) {
        out[i] = (struct masternode *)(void *)((uint8_t *)b + size);
        fill(out[i], entries[i], (uint32_t)size);
        size += size_for(entries[i]->hashed.n);
    }
    return true;
}

int masternode_new_many(const struct mnentry *const *entries, size_t n, struct masternode **out)
{
    for (size_t done = 0, more; done < n; done += more) {
        more = n - done < BLOCK_MOST ? n - done : BLOCK_MOST;
        if (!new_block(entries + done, more, out + done)) {
            while (done > 0)
                masternode_unref(out[--done]);
            return DSPV_ENOMEM;
        }
    }
    hash(out, n);
    return 0;
}

struct masternode *masternode_new(const struct mnentry *entry)
{
    struct masternode *m;
    return masternode_new_many(&entry, 1, &m) == 0 ? m : NULL;
}

struct masternode *masternode_ref(struct masternode *m)
{
    m->refs++;
    return m;
}

void masternode_unref(struct masternode *m)
{
    if (!m || --m->refs != 0)
        return;
    struct block *b = (struct block *)(void *)((uint8_t *)m - m->place);
    if (--b->alive == 0)
        mem_free(b);
}

bool masternode_is(const struct masternode *m, const struct mnentry *e)
{
    return m->entry.version == e->version && m->raw_n == e->hashed.n && memcmp(m->raw, e->hashed.p, m->raw_n) == 0;
}

bool masternode_eq(const struct masternode *a, const struct masternode *b)
{
    return masternode_is(a, &b->entry);
}

size_t masternode_size(const struct masternode *m)
{
    return size_for(m->raw_n);
}
