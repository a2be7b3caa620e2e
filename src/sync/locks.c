/* See locks.h. A lock is announced by inventory, asked for (asked.c), checked by the engine; while the engine lacks something the
 * lock waits, in a bounded queue. Nothing is taken that was not asked for. */
#include "sync/locks.h"

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "sync/client.h"
#include "wire/inventory.h"

enum { FALSE_LOCK_POINTS = 20, UNREQUESTED_POINTS = 20, MALFORMED_POINTS = 50, MOST_PER_INV = 50000 };

void locks_init(struct dspv *c)
{
    c->locks.best = -1;
    asked_init(c);
}

void locks_free(struct dspv *c)
{
    for (size_t i = 0; i < c->locks.n_pending; i++)
        mem_free(c->locks.pending[i].payload);
    c->locks.n_pending = 0;
    asked_free(c);
}

/* ---- inventory */

static bool wants(const struct dspv *c, const struct inventory_item *item)
{
    bool lock = item->type == INVENTORY_CLSIG || (item->type == INVENTORY_ISDLOCK && c->mn.was_complete);
    return c->config.masternodes && lock;
}

static bool unknown_block(const struct dspv *c, const struct inventory_item *item)
{
    block_hash hash = block_hash_from(item->hash.b);
    return item->type == INVENTORY_BLOCK && headers_find(c->headers, &hash) == HEADERS_NONE;
}

int locks_inventory(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct inventory m;
    dspv_fault fault;
    bool block = false;
    int rc = 0;
    if (inventory_decode(f->payload.p, f->payload.n, &m, &fault) != 0)
        return peer_score(c, p, MALFORMED_POINTS, &fault, f->name);
    for (uint32_t i = 0; rc == 0 && i < m.n && i < MOST_PER_INV; i++) {
        struct inventory_item item = inventory_at(&m, i);
        block = block || unknown_block(c, &item);
        if (wants(c, &item))
            rc = asked_announced(c, p, &item);
    }
    return rc == 0 && block ? header_sync_ask(c, p) : rc;
}

int locks_not_found(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct inventory m;
    dspv_fault fault;
    if (inventory_decode(f->payload.p, f->payload.n, &m, &fault) != 0)
        return peer_score(c, p, MALFORMED_POINTS, &fault, f->name);
    for (uint32_t i = 0; i < m.n && i < MOST_PER_INV; i++) {
        struct inventory_item item = inventory_at(&m, i);
        asked_not_found(c, p, &item.hash);
    }
    return 0;
}

int locks_ask_current(struct dspv *c, struct peer *p)
{
    return p->services & SERVICE_BLOOM ? peer_send(c, p, WIRE_MEMPOOL, NULL) : 0; /* others would disconnect */
}

/* ---- checking */

static int accept_chainlock(struct dspv *c, const struct clsig *lock, const struct quorum_view *signer, headers_node node,
                            dspv_fault *fault)
{
    if (headers_chainlock(c->headers, node) != 0) {
        *fault = fault_about(DSPV_CHAINLOCK_CONFLICT, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    c->locks.best = lock->height;
    c->locks.best_lock = *lock;
    c->locks.best_signer.type = signer->quorum->c.type;
    c->locks.best_signer.hash = signer->quorum->c.hash;
    c->locks.again = true; /* those below it need not wait any more */
    c->progress.chainlocks++;
    c->progress.last_progress = c->now;
    dspv_event e = client_event_of(DSPV_EVENT_CHAINLOCK);
    e.height = lock->height;
    memcpy(e.hash, lock->block.b, 32);
    int rc = client_event(c, &e), tip_rc = header_sync_tip(c);
    return rc == 0 ? tip_rc : rc;
}

/* A lock for another branch was signed by a quorum of that branch. If the branch left ours before the height the quorum is
 * selected at, it may be one that we do not know: then a false signature proves nothing. */
static bool other_quorums(const struct dspv *c, const struct clsig *lock, headers_node node)
{
    while (node != HEADERS_NONE && !headers_on_best_chain(c->headers, node))
        node = headers_prev(c->headers, node);
    return node == HEADERS_NONE || headers_height(c->headers, node) < lock->height - SIGN_HEIGHT_OFFSET;
}

/* As engine_check_chainlock; an accepted lock takes effect. A lock on a stale branch is judged too: it may win. */
static int judge_chainlock(struct dspv *c, const struct clsig *lock, dspv_fault *fault)
{
    struct quorum_view signer;
    bool found;
    if (lock->height <= c->locks.best)
        return 0; /* a better one is known: nothing to gain */
    headers_node node;
    int looked = headers_look_up(c->headers, &lock->block, &node);
    if (looked == DSPV_ENOMEM)
        return looked;
    if (node == HEADERS_NONE) { /* or the store cannot be read */
        *fault = fault_about(DSPV_NEED_HEADER, lock->block.b, lock->height);
        return DSPV_EWAITING;
    }
    if (headers_height(c->headers, node) != lock->height) {
        *fault = fault_about(DSPV_LOCK_BAD_HEIGHT, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    int rc = client_feed_block(c, &lock->block, &found);
    if (rc == 0)
        rc = engine_check_chainlock(c->engine, lock, &signer, fault);
    if (rc == DSPV_EFAULT && other_quorums(c, lock, node)) {
        *fault = fault_about(DSPV_NOT_BEST_CHAIN, lock->block.b, lock->height);
        return DSPV_EWAITING;
    }
    return rc == 0 ? accept_chainlock(c, lock, &signer, node, fault) : rc;
}

static int try_chainlock(struct dspv *c, const struct pending_lock *pending, dspv_fault *fault)
{
    struct clsig lock;
    int rc = clsig_decode(pending->payload, pending->n, &lock, fault);
    return rc == 0 ? judge_chainlock(c, &lock, fault) : rc;
}

/* The tip's proven coinbase carries the ChainLock of an earlier block (protocol.md 4.6): so one is known before any is announced.
 * Once per tip, as soon as it can be decided. */
static int try_coinbase(struct dspv *c)
{
    const struct mnstate *tip = engine_tip_list(c->engine);
    const uint8_t *signature = tip ? mnstate_chainlock_signature(tip) : NULL;
    if (!signature || block_hash_eq(&tip->block, &c->locks.coinbase_of))
        return 0;
    struct clsig lock = {.height = tip->height - 1 - (int32_t)tip->cbtx.best_cl_height_diff};
    headers_node node = lock.height < 0 ? HEADERS_NONE : headers_at(c->headers, lock.height);
    if (node == HEADERS_NONE || headers_hash(c->headers, node, &lock.block) != 0)
        return 0;
    memcpy(lock.signature, signature, sizeof(lock.signature));
    dspv_fault fault;
    int rc = judge_chainlock(c, &lock, &fault);
    if (rc == DSPV_ENOMEM)
        return rc;
    if (rc != DSPV_EWAITING)
        c->locks.coinbase_of = tip->block;
    return 0;
}

static int try_instantlock(struct dspv *c, const struct pending_lock *pending, dspv_fault *fault)
{
    struct isdlock lock;
    struct quorum_view signer;
    bool found;
    if (isdlock_decode(pending->payload, pending->n, &lock, fault) != 0)
        return DSPV_EFAULT;
    int rc = client_feed_block(c, &lock.cycle, &found);
    if (rc == 0)
        rc = engine_check_instantlock(c->engine, &lock, headers_tip_height(c->headers), &signer, fault);
    if (rc != 0)
        return rc;
    rc = lock_store_add(c, &lock, &signer);
    if (rc != 0)
        return rc;
    c->progress.instantlocks++;
    dspv_event e = client_event_of(DSPV_EVENT_INSTANTLOCK);
    memcpy(e.hash, lock.txid.b, 32);
    return client_event(c, &e);
}

/* Well-formed, but the quorum was of the branch that was left, or may have been: its commitment was mined above the fork. Nothing
 * in the lock names the branch, so a false signature proves nothing. */
static bool of_branch_left(const struct dspv *c, const struct pending_lock *pending)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    struct isdlock lock;
    dspv_fault fault;
    if (pending->command != WIRE_ISDLOCK || !p || c->now >= c->locks.fork_matters ||
        isdlock_decode(pending->payload, pending->n, &lock, &fault) != 0)
        return false;
    headers_node cycle = headers_find(c->headers, &lock.cycle);
    if (cycle == HEADERS_NONE)
        return false;
    return !headers_on_best_chain(c->headers, cycle) || headers_height(c->headers, cycle) + p->mine_end > c->locks.fork;
}

static int try_lock(struct dspv *c, const struct pending_lock *p, dspv_fault *fault)
{
    int rc = p->command == WIRE_CLSIG ? try_chainlock(c, p, fault) : try_instantlock(c, p, fault);
    if (rc != DSPV_EFAULT)
        return rc;
    if (fault->reason == DSPV_LOCK_BAD_SIGNATURE && of_branch_left(c, p))
        return 0;
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

/* It was not decided: should it be announced again, it is asked for again. */
static void give_up(struct dspv *c, size_t i)
{
    asked_lost(c, &c->locks.pending[i].hash);
    forget(&c->locks, i);
}

void locks_rollback(struct dspv *c, int32_t height)
{
    c->locks.fork = c->now < c->locks.fork_matters && c->locks.fork < height ? c->locks.fork : height;
    c->locks.fork_matters = c->now + LOCKS_PENDING_MS;
    c->locks.forked = true; /* a pending lock may have caused it: they go when they are tried again */
}

static void drop_abandoned(struct dspv *c)
{
    for (size_t i = c->locks.forked ? c->locks.n_pending : 0; i-- > 0;)
        if (of_branch_left(c, &c->locks.pending[i]))
            give_up(c, i);
    c->locks.forked = false;
}

/* The oldest lock of the address that has most of them: who sends many pushes out his own. */
static size_t least_missed(const struct locks *l)
{
    size_t best = 0, most = 0;
    for (size_t i = 0; i < l->n_pending; i++) {
        size_t n = 0;
        for (size_t k = i; k < l->n_pending; k++)
            n += l->pending[k].address == l->pending[i].address;
        if (n > most) {
            most = n;
            best = i;
        }
    }
    return best;
}

/* A peer's newest ChainLocks are enough. */
static void thin_out(struct dspv *c, const struct pending_lock *lock)
{
    const struct locks *l = &c->locks;
    size_t n = 0;
    for (size_t i = l->n_pending; lock->command == WIRE_CLSIG && i-- > 0;)
        if (l->pending[i].command == WIRE_CLSIG && l->pending[i].address == lock->address && ++n == LOCKS_MOST_CHAINLOCKS) {
            give_up(c, i);
            return;
        }
}

/* Keep a copy. */
static int keep(struct dspv *c, const struct pending_lock *lock)
{
    struct locks *l = &c->locks;
    if (lock->n > LOCKS_LARGEST_PENDING)
        return 0;
    uint8_t *payload = mem_alloc(lock->n);
    if (!payload) {
        asked_lost(c, &lock->hash);
        return DSPV_ENOMEM;
    }
    thin_out(c, lock);
    if (l->n_pending == LOCKS_MOST_PENDING)
        give_up(c, least_missed(l));
    struct pending_lock *copy = &l->pending[l->n_pending++];
    *copy = *lock;
    copy->payload = memcpy(payload, lock->payload, lock->n);
    copy->since = c->now;
    c->mn.again = true; /* it may want a list */
    return 0;
}

static hash256 inventory_hash(const struct frame *f)
{
    hash256 hash;
    sha256d(hash.b, f->payload.p, f->payload.n);
    return hash;
}

void locks_forget_address(struct dspv *c, size_t address)
{
    for (size_t i = 0; i < c->locks.n_pending; i++)
        if (c->locks.pending[i].address == address)
            c->locks.pending[i].address = LOCKS_NO_ADDRESS;
}

int locks_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    struct pending_lock lock = {.command = f->command, .payload = (uint8_t *)(uintptr_t)f->payload.p, .n = f->payload.n,
                                .hash = inventory_hash(f), .conn = p->conn, .address = p->address};
    dspv_fault fault = fault_of(DSPV_UNREQUESTED);
    switch (asked_came(c, p, &lock.hash)) {
    case ASKED_TAKE: break;
    case ASKED_LATE: return 0;
    default: return peer_score(c, p, UNREQUESTED_POINTS, &fault, f->name);
    }
    int rc = try_lock(c, &lock, &lock.waits_for);
    if (rc != DSPV_EWAITING)
        return rc;
    rc = keep(c, &lock);
    return rc == 0 && lock.waits_for.reason == DSPV_NEED_HEADER ? header_sync_ask(c, p) : rc;
}

int locks_from_source(struct dspv *c, const uint8_t *payload, size_t n, dspv_fault *fault)
{
    struct pending_lock lock = {.command = WIRE_CLSIG, .payload = (uint8_t *)(uintptr_t)payload, .n = n,
                                .address = LOCKS_NO_ADDRESS};
    int rc = try_chainlock(c, &lock, fault);
    lock.waits_for = *fault;
    int kept = rc == DSPV_EWAITING ? keep(c, &lock) : 0;
    return kept == 0 ? rc : kept;
}

int locks_retry(struct dspv *c)
{
    struct locks *l = &c->locks;
    int rc = try_coinbase(c);
    drop_abandoned(c);
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

/* ---- time */

/* The array is in the order of their coming. */
void locks_tick(struct dspv *c)
{
    asked_tick(c);
    while (c->locks.n_pending > 0 && c->now >= c->locks.pending[0].since + LOCKS_PENDING_MS)
        give_up(c, 0);
}

dspv_ms locks_deadline(const struct dspv *c)
{
    dspv_ms best = asked_deadline(c);
    if (c->locks.n_pending > 0 && c->locks.pending[0].since + LOCKS_PENDING_MS < best)
        best = c->locks.pending[0].since + LOCKS_PENDING_MS;
    return best;
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
