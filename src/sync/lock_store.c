/* See lock_store.h. Records: LOCKS "C" -> clsig; "I" and the slot (BE32) -> number, isdlock. A slot's record is overwritten when
 * its turn comes again: so there are never more than LOCK_STORE_MOST. */
#include "sync/lock_store.h"

#include "base/endian.h"
#include "base/mem.h"
#include "store/read.h"
#include "sync/client.h"

enum { SLOT_KEY = 5, CLSIG_BYTES = 132 };

int lock_store_init(struct dspv *c)
{
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    map_init(&c->lock_store.by_txid, seed);
    c->lock_store.slots = mem_zalloc(LOCK_STORE_MOST * sizeof(*c->lock_store.slots));
    return c->lock_store.slots ? 0 : DSPV_ENOMEM;
}

void lock_store_free(struct dspv *c)
{
    for (size_t i = 0; c->lock_store.slots && i < LOCK_STORE_MOST; i++)
        mem_free(c->lock_store.slots[i].raw);
    mem_free(c->lock_store.slots);
    map_free(&c->lock_store.by_txid);
}

static void set_dirty(struct lock_store *s, struct kept_lock *k, bool dirty)
{
    s->n_dirty += (size_t)dirty - (size_t)k->dirty;
    k->dirty = dirty;
}

static void clear(struct lock_store *s, struct kept_lock *k)
{
    uint32_t at;
    if (!k->raw)
        return;
    if (map_get(&s->by_txid, k->txid.b, &at) && &s->slots[at] == k)
        map_remove(&s->by_txid, k->txid.b);
    mem_free(k->raw);
    k->raw = NULL;
}

/* Put a lock into its slot. 0 or DSPV_ENOMEM, nothing changed. */
static int place(struct lock_store *s, const struct isdlock *lock, uint64_t number)
{
    uint32_t slot = (uint32_t)(number % LOCK_STORE_MOST);
    struct kept_lock *k = &s->slots[slot];
    uint8_t *raw = mem_alloc(lock->raw.n);
    if (!raw || map_put(&s->by_txid, lock->txid.b, slot) != 0) {
        mem_free(raw);
        return DSPV_ENOMEM;
    }
    if (k->raw && !tx_hash_eq(&k->txid, &lock->txid))
        clear(s, k);
    mem_free(k->raw);
    memcpy(raw, lock->raw.p, lock->raw.n);
    k->raw = raw;
    k->n = lock->raw.n;
    k->number = number;
    k->txid = lock->txid;
    k->verified = false;
    return 0;
}

struct kept_lock *lock_store_find(struct dspv *c, const tx_hash *txid)
{
    uint32_t at;
    return map_get(&c->lock_store.by_txid, txid->b, &at) ? &c->lock_store.slots[at] : NULL;
}

void lock_store_vouch(struct kept_lock *lock, const struct quorum_view *by)
{
    lock->verified = true;
    lock->signer_type = by->quorum->c.type;
    lock->signer = by->quorum->c.hash;
}

int lock_store_add(struct dspv *c, const struct isdlock *lock, const struct quorum_view *by)
{
    struct lock_store *s = &c->lock_store;
    struct kept_lock *known = lock_store_find(c, &lock->txid);
    if (lock->raw.n > LOCK_STORE_LARGEST)
        return 0;
    if (known && known->n == lock->raw.n && memcmp(known->raw, lock->raw.p, known->n) == 0) {
        lock_store_vouch(known, by);
        return 0;
    }
    int rc = place(s, lock, s->next);
    if (rc != 0)
        return rc;
    struct kept_lock *fresh = &s->slots[s->next++ % LOCK_STORE_MOST];
    if (known && known != fresh)
        lock_store_forget(c, known);
    lock_store_vouch(fresh, by);
    set_dirty(s, fresh, true);
    return 0;
}

void lock_store_forget(struct dspv *c, struct kept_lock *lock)
{
    clear(&c->lock_store, lock);
    set_dirty(&c->lock_store, lock, true);
}

/* ---- writing */

static void slot_key(uint8_t key[SLOT_KEY], uint32_t slot)
{
    key[0] = 'I';
    store_be32(key + 1, slot);
}

static int collect_slot(struct dspv *c, struct batch *b, uint32_t slot)
{
    const struct kept_lock *k = &c->lock_store.slots[slot];
    uint8_t key[SLOT_KEY];
    slot_key(key, slot);
    if (!k->raw) {
        batch_remove(b, DSPV_TABLE_LOCKS, key, sizeof(key));
        return b->failed;
    }
    writer_reset(&c->body);
    writer_u64(&c->body, k->number);
    writer_bytes(&c->body, k->raw, k->n);
    bool failed = c->body.failed;
    if (!failed)
        batch_put(b, DSPV_TABLE_LOCKS, key, sizeof(key), c->body.data, c->body.n);
    writer_reset(&c->body);
    return failed ? DSPV_ENOMEM : b->failed;
}

/* The payload of the message. */
static void chainlock_bytes(const struct clsig *l, uint8_t out[CLSIG_BYTES])
{
    store_le32(out, (uint32_t)l->height);
    memcpy(out + 4, l->block.b, 32);
    memcpy(out + 36, l->signature, 96);
}

int32_t lock_store_height(const struct dspv *c)
{
    const struct lock_store *s = &c->lock_store;
    int32_t stored = s->has_chainlock ? (int32_t)load_le32(s->chainlock) : -1;
    return stored > c->locks.best ? stored : c->locks.best;
}

/* A higher one that is stored and not verified again yet must not give way to a lower one that is. */
static bool chainlock_due(const struct dspv *c, const uint8_t bytes[CLSIG_BYTES])
{
    const struct lock_store *s = &c->lock_store;
    if (c->locks.best < 0 || !s->has_chainlock)
        return c->locks.best >= 0;
    return c->locks.best >= (int32_t)load_le32(s->chainlock) && memcmp(bytes, s->chainlock, CLSIG_BYTES) != 0;
}

int lock_store_collect(struct dspv *c, struct batch *b)
{
    struct lock_store *s = &c->lock_store;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && s->n_dirty > 0 && i < LOCK_STORE_MOST; i++)
        if (s->slots[i].dirty)
            rc = collect_slot(c, b, i);
    uint8_t bytes[CLSIG_BYTES];
    chainlock_bytes(&c->locks.best_lock, bytes);
    s->chainlock_pending = chainlock_due(c, bytes);
    if (s->chainlock_pending)
        batch_put(b, DSPV_TABLE_LOCKS, (const uint8_t *)"C", 1, bytes, sizeof(bytes));
    return rc == 0 ? b->failed : rc;
}

void lock_store_committed(struct dspv *c)
{
    struct lock_store *s = &c->lock_store;
    for (size_t i = 0; s->n_dirty > 0 && i < LOCK_STORE_MOST; i++)
        set_dirty(s, &s->slots[i], false);
    if (s->chainlock_pending) {
        chainlock_bytes(&c->locks.best_lock, s->chainlock);
        s->has_chainlock = true;
    }
    s->chainlock_pending = false;
}

/* ---- taking up */

struct loading {
    struct dspv *c;
    size_t *locks, *left_out;
};

static int read_chainlock(struct loading *l, struct span payload)
{
    dspv_fault fault;
    struct clsig lock;
    if (payload.n != CLSIG_BYTES || clsig_decode(payload.p, payload.n, &lock, &fault) != 0) {
        ++*l->left_out;
        return 0;
    }
    memcpy(l->c->lock_store.chainlock, payload.p, CLSIG_BYTES);
    ++*l->locks;
    int rc = locks_from_source(l->c, payload.p, payload.n, &fault);
    l->c->lock_store.has_chainlock = rc != DSPV_EFAULT; /* a false one is in nobody's way */
    return rc == DSPV_ENOMEM ? rc : 0;
}

static int read_slot(struct loading *l, uint32_t slot, const struct stored *record)
{
    struct lock_store *s = &l->c->lock_store;
    struct reader in;
    struct isdlock lock;
    dspv_fault fault;
    reader_init(&in, record->payload.p, record->payload.n);
    uint64_t number = reader_u64(&in);
    bool good = !record->damaged && reader_ok(&in) && number % LOCK_STORE_MOST == slot && number < UINT64_MAX - LOCK_STORE_MOST &&
                reader_left(&in) <= LOCK_STORE_LARGEST && isdlock_decode(in.p, reader_left(&in), &lock, &fault) == 0;
    struct kept_lock *other = good ? lock_store_find(l->c, &lock.txid) : NULL;
    if (other && other->number > number)
        good = false; /* an older one of the same transaction */
    if (!good) {
        set_dirty(s, &s->slots[slot], true);
        ++*l->left_out;
        return 0;
    }
    if (other) {
        lock_store_forget(l->c, other);
        --*l->locks;
        ++*l->left_out;
    }
    ++*l->locks;
    if (s->next <= number)
        s->next = number + 1;
    return place(s, &lock, number);
}

static int read_record(void *argument, const struct stored *record)
{
    struct loading *l = argument;
    const uint8_t *key = record->key.p;
    if (record->key.n == 1 && key[0] == 'C' && !record->damaged)
        return read_chainlock(l, record->payload);
    uint32_t slot = record->key.n == SLOT_KEY && key[0] == 'I' ? load_be32(key + 1) : LOCK_STORE_MOST;
    if (slot < LOCK_STORE_MOST)
        return read_slot(l, slot, record);
    ++*l->left_out; /* the ChainLock is overwritten by the next one; nothing else is ever written here */
    return 0;
}

int lock_store_load(struct dspv *c, size_t *locks, size_t *left_out)
{
    struct loading l = {c, locks, left_out};
    const struct span any = {NULL, 0};
    return store_scan(c->store, DSPV_TABLE_LOCKS, any, any, read_record, &l);
}
