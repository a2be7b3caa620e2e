/* See locks.h. A lock is announced by inventory, asked for once, checked by the engine; while the engine lacks something the lock
 * waits, in a bounded queue. Nothing is taken that was not asked for. */
#include "sync/locks.h"

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "sync/client.h"
#include "wire/inventory.h"

enum { FALSE_LOCK_POINTS = 20, UNREQUESTED_POINTS = 20, MALFORMED_POINTS = 50, MOST_ASKED_PER_INV = 256 };

void locks_init(struct dspv *c)
{
    c->locks.best = -1;
}

void locks_free(struct dspv *c)
{
    for (size_t i = 0; i < c->locks.n_pending; i++)
        mem_free(c->locks.pending[i].payload);
    c->locks.n_pending = 0;
}

/* ---- what was asked for */

static bool find_asked(const struct locks *l, const hash256 *hash, size_t *at)
{
    for (size_t i = 0; i < l->n_asked; i++)
        if (hash256_eq(&l->asked[i], hash)) {
            *at = i;
            return true;
        }
    return false;
}

static void note_asked(struct locks *l, const hash256 *hash)
{
    l->asked[l->next_asked] = *hash;
    l->answered[l->next_asked] = false;
    l->next_asked = (l->next_asked + 1) % LOCKS_MOST_ASKED;
    if (l->n_asked < LOCKS_MOST_ASKED)
        l->n_asked++;
}

/* True once for every hash asked for. */
static bool settle_asked(struct locks *l, const hash256 *hash)
{
    size_t at;
    if (!find_asked(l, hash, &at) || l->answered[at])
        return false;
    l->answered[at] = true;
    return true;
}

/* ---- inventory */

static bool wants(const struct dspv *c, const struct inventory_item *item)
{
    size_t at;
    bool lock = item->type == INVENTORY_CLSIG || (item->type == INVENTORY_ISDLOCK && c->mn.was_complete);
    return c->config.masternodes && lock && !find_asked(&c->locks, &item->hash, &at);
}

static bool unknown_block(const struct dspv *c, const struct inventory_item *item)
{
    block_hash hash = block_hash_from(item->hash.b);
    return item->type == INVENTORY_BLOCK && headers_find(c->headers, &hash) == HEADERS_NONE;
}

int locks_inventory(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct inventory m;
    struct inventory_item ask[MOST_ASKED_PER_INV];
    uint32_t n = 0;
    dspv_fault fault;
    bool block = false;
    if (inventory_decode(f->payload.p, f->payload.n, &m, &fault) != 0)
        return peer_score(c, p, MALFORMED_POINTS, &fault, f->name);
    for (uint32_t i = 0; i < m.n && n < MOST_ASKED_PER_INV; i++) {
        struct inventory_item item = inventory_at(&m, i);
        block = block || unknown_block(c, &item);
        if (!wants(c, &item))
            continue;
        note_asked(&c->locks, &item.hash);
        ask[n++] = item;
    }
    int rc = 0;
    if (n > 0) {
        inventory_encode(&c->body, ask, n);
        rc = peer_send(c, p, WIRE_GETDATA, &c->body);
        writer_reset(&c->body);
    }
    return rc == 0 && block ? header_sync_ask(c, p) : rc;
}

int locks_ask_current(struct dspv *c, struct peer *p)
{
    return p->services & SERVICE_BLOOM ? peer_send(c, p, WIRE_MEMPOOL, NULL) : 0; /* others would disconnect */
}

/* ---- checking */

static int accept_chainlock(struct dspv *c, const struct clsig *lock, dspv_fault *fault)
{
    headers_node node = headers_find(c->headers, &lock->block);
    if (headers_height(c->headers, node) != lock->height) {
        *fault = fault_about(DSPV_LOCK_BAD_HEIGHT, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    if (headers_chainlock(c->headers, node) != 0) {
        *fault = fault_about(DSPV_CHAINLOCK_CONFLICT, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    c->locks.best = lock->height;
    c->locks.best_block = lock->block;
    c->progress.chainlocks++;
    c->progress.last_progress = c->now;
    dspv_event e = client_event_of(DSPV_EVENT_CHAINLOCK);
    e.height = lock->height;
    memcpy(e.hash, lock->block.b, 32);
    int rc = client_event(c, &e);
    return rc == 0 ? header_sync_tip(c) : rc;
}

/* As engine_check_chainlock; an accepted lock takes effect. A lock on a stale branch is judged too: it may win. */
static int judge_chainlock(struct dspv *c, const struct clsig *lock, dspv_fault *fault)
{
    bool found;
    if (lock->height <= c->locks.best)
        return 0; /* a better one is known: nothing to gain */
    if (headers_find(c->headers, &lock->block) == HEADERS_NONE) {
        *fault = fault_about(DSPV_NEED_HEADER, lock->block.b, lock->height);
        return DSPV_EWAITING;
    }
    int rc = client_feed_block(c, &lock->block, &found);
    if (rc == 0)
        rc = engine_check_chainlock(c->engine, lock, NULL, fault);
    return rc == 0 ? accept_chainlock(c, lock, fault) : rc;
}

static int try_chainlock(struct dspv *c, const struct pending_lock *pending, dspv_fault *fault)
{
    struct clsig lock;
    int rc = clsig_decode(pending->payload, pending->n, &lock, fault);
    return rc == 0 ? judge_chainlock(c, &lock, fault) : rc;
}

/* The tip's proven coinbase carries the ChainLock of an earlier block (protocol.md 4.6): so one is known before any is announced.
 * Once per tip, when the quorums that may have signed it are verified. */
static int try_coinbase(struct dspv *c)
{
    const struct mnstate *tip = engine_tip_list(c->engine);
    const uint8_t *signature = tip ? mnstate_chainlock_signature(tip) : NULL;
    if (!signature || !masternodes_synced(c) || block_hash_eq(&tip->block, &c->locks.coinbase_of))
        return 0;
    struct clsig lock = {.height = tip->height - 1 - (int32_t)tip->cbtx.best_cl_height_diff};
    headers_node node = lock.height < 0 ? HEADERS_NONE : headers_at(c->headers, lock.height);
    if (node == HEADERS_NONE)
        return 0;
    headers_hash(c->headers, node, &lock.block);
    memcpy(lock.signature, signature, sizeof(lock.signature));
    dspv_fault fault;
    int rc = judge_chainlock(c, &lock, &fault);
    if (rc == DSPV_ENOMEM)
        return rc;
    c->locks.coinbase_of = tip->block;
    return 0;
}

static int try_instantlock(struct dspv *c, const struct pending_lock *pending, dspv_fault *fault)
{
    struct isdlock lock;
    bool found;
    if (isdlock_decode(pending->payload, pending->n, &lock, fault) != 0)
        return DSPV_EFAULT;
    int rc = client_feed_block(c, &lock.cycle, &found);
    if (rc == 0)
        rc = engine_check_instantlock(c->engine, &lock, headers_tip_height(c->headers), NULL, fault);
    if (rc != 0)
        return rc;
    c->progress.instantlocks++;
    dspv_event e = client_event_of(DSPV_EVENT_INSTANTLOCK);
    memcpy(e.hash, lock.txid.b, 32);
    return client_event(c, &e);
}

static int try_lock(struct dspv *c, const struct pending_lock *p, dspv_fault *fault)
{
    int rc = p->command == WIRE_CLSIG ? try_chainlock(c, p, fault) : try_instantlock(c, p, fault);
    if (rc != DSPV_EFAULT)
        return rc;
    struct peer *peer = client_peer(c, p->conn);
    return peer ? peer_score(c, peer, FALSE_LOCK_POINTS, fault, wire_command_name(p->command)) : 0;
}

/* ---- waiting */

static void forget(struct locks *l, size_t i)
{
    mem_free(l->pending[i].payload);
    l->n_pending--;
    memmove(&l->pending[i], &l->pending[i + 1], (l->n_pending - i) * sizeof(l->pending[0]));
}

/* Keep a copy; the oldest makes room. */
static int keep(struct dspv *c, const struct pending_lock *lock)
{
    struct locks *l = &c->locks;
    if (lock->n > LOCKS_LARGEST_PENDING)
        return 0;
    if (l->n_pending == LOCKS_MOST_PENDING)
        forget(l, 0);
    struct pending_lock *copy = &l->pending[l->n_pending];
    *copy = *lock;
    copy->payload = mem_alloc(lock->n);
    if (!copy->payload)
        return DSPV_ENOMEM;
    memcpy(copy->payload, lock->payload, lock->n);
    l->n_pending++;
    c->mn.again = true; /* it may want a list */
    return 0;
}

static hash256 inventory_hash(const struct frame *f)
{
    hash256 hash;
    sha256d(hash.b, f->payload.p, f->payload.n);
    return hash;
}

int locks_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct pending_lock lock = {.command = f->command, .payload = (uint8_t *)(uintptr_t)f->payload.p, .n = f->payload.n,
                                .conn = p->conn};
    hash256 hash = inventory_hash(f);
    if (!settle_asked(&c->locks, &hash)) {
        dspv_fault fault = fault_of(DSPV_UNREQUESTED);
        return peer_score(c, p, UNREQUESTED_POINTS, &fault, f->name);
    }
    int rc = try_lock(c, &lock, &lock.waits_for);
    if (rc != DSPV_EWAITING)
        return rc;
    rc = keep(c, &lock);
    return rc == 0 && lock.waits_for.reason == DSPV_NEED_HEADER ? header_sync_ask(c, p) : rc;
}

int locks_retry(struct dspv *c)
{
    struct locks *l = &c->locks;
    int rc = try_coinbase(c);
    l->again = rc != 0;
    for (size_t i = 0; rc == 0 && i < l->n_pending;) {
        rc = try_lock(c, &l->pending[i], &l->pending[i].waits_for);
        if (rc == DSPV_EWAITING) {
            rc = 0;
            i++;
            continue;
        }
        if (rc != 0)
            break;
        forget(l, i);
    }
    return rc;
}

/* ---- what they wait for */

static size_t add_height(int32_t *heights, size_t n, size_t most, int32_t height)
{
    if (n < most && height >= 0)
        heights[n++] = height;
    return n;
}

/* The lists around the height at which the lock's quorum was selected (quorums.md 7.3, 7.4). Locks of far-away heights get
 * none: a stranger chooses them. */
size_t locks_wanted_lists(const struct dspv *c, int32_t *heights, size_t most)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    int32_t tip = headers_tip_height(c->headers);
    int32_t oldest = p ? tip - 4 * p->interval : tip;
    size_t n = 0;
    for (size_t i = 0; i < c->locks.n_pending; i++) {
        const struct pending_lock *l = &c->locks.pending[i];
        int32_t height = l->waits_for.height;
        if (l->waits_for.reason != DSPV_NEED_QUORUM_SET || height < oldest || height > tip)
            continue;
        if (l->command == WIRE_CLSIG) {
            n = add_height(heights, n, most, height);
        } else if (p) { /* the fault names the cycle */
            int32_t sign = height + p->interval < tip ? height + p->interval - 1 : tip;
            n = add_height(heights, n, most, sign);
            n = add_height(heights, n, most, sign - p->interval);
        }
    }
    return n;
}
