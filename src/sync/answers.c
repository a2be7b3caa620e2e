/* dashspv/answers.h: what is verified, in the form in which it is asked for. Every answer is computed from the state at the
 * moment of the question; only locks from disk are verified on the way. Read next: engine/locks.c. */
#include "dashspv/answers.h"

#include "base/fault.h"
#include "sync/client.h"

enum { SOON_MS = 1000, OUTPOINT = 36 };

int dspv_verify_now(dspv *c, dspv_ms now)
{
    int rc = 0;
    c->now = now;
    if (c->mn.job.engine && c->mn.job.told > 0)
        return DSPV_EMISUSE;
    if (c->mn.job.engine) {
        rc = engine_job_run(c->mn.job.engine);
        masternodes_job_done(c);
    }
    if (rc == 0)
        rc = engine_verify(c->engine);
    c->locks.again = c->mn.again = true;
    return client_settle(c, rc);
}

/* ---- quorum keys */

const char *dspv_key_state_name(dspv_key_state state)
{
    switch (state) {
    case DSPV_KEY_UNKNOWN: return "unknown";
    case DSPV_KEY_NOT_YET: return "not yet";
    case DSPV_KEY_COMMITTED: return "committed";
    case DSPV_KEY_VERIFIED: return "verified";
    case DSPV_KEY_RETIRED: return "retired";
    case DSPV_KEY_INVALID: return "invalid";
    }
    return "unknown";
}

struct question {
    const struct dspv *c;
    const struct llmq_params *params;
    uint8_t type;
    const quorum_hash *hash;
    int32_t height; /* -1: now */
};

static dspv_key_state say(dspv_key_answer *out, dspv_key_state state, const struct question *q, dspv_reason reason,
                          int32_t height)
{
    out->state = state;
    out->fault = fault_quorum(reason, q->type, q->hash->b, height);
    return state;
}

/* When the chain is likely to be that high. */
static void again_at(const struct dspv *c, int32_t height, dspv_key_answer *out)
{
    int32_t blocks = height - headers_tip_height(c->headers);
    out->again_height = height;
    out->again = c->now + (dspv_ms)(blocks > 1 ? blocks : 1) * c->net.chain.pow_spacing_s * 1000;
}

/* When what the client does at the moment is likely to have changed something. */
static void again_soon(const struct dspv *c, dspv_key_answer *out)
{
    out->again = c->mn.retry_at > c->now + SOON_MS ? c->mn.retry_at : c->now + SOON_MS;
}

/* The client does not know the quorum: can its block be a base block at all, and is there still time to mine it? */
static dspv_key_state unmet(const struct question *q, dspv_key_answer *out)
{
    const struct dspv *c = q->c;
    const struct llmq_params *p = q->params;
    const struct mnstate *list = engine_tip_list(c->engine);
    const block_hash base = block_hash_of_quorum(q->hash);
    int32_t tip = headers_tip_height(c->headers);
    out->base_height = dspv_block_height(c, &base);
    bool behind = !header_sync_done(c) || !list || list->height < tip;
    if (out->base_height < 0) {
        again_soon(c, out);
        return say(out, behind ? DSPV_KEY_NOT_YET : DSPV_KEY_UNKNOWN, q, DSPV_NEED_HEADER, -1);
    }
    bool rotated = llmq_rotation_in_force(&c->net, p, out->base_height);
    int32_t index = out->base_height % p->interval, cycle = out->base_height - index;
    if (index >= (rotated ? p->active : 1))
        return say(out, DSPV_KEY_UNKNOWN, q, DSPV_QUORUM_HEIGHT, out->base_height);
    if (tip < cycle + p->mine_end) { /* not the last block that may mine it */
        again_at(c, tip < cycle + p->mine_start ? cycle + p->mine_start : tip + 1, out);
        return say(out, DSPV_KEY_NOT_YET, q, DSPV_QUORUM_NOT_COMMITTED, out->base_height);
    }
    if (behind) {
        again_soon(c, out);
        return say(out, DSPV_KEY_NOT_YET, q, DSPV_NEED_LIST, tip);
    }
    /* Key generation failed, or it retired before the oldest list this client has. */
    bool forgotten = engine_list_at(c->engine, 0)->height > cycle + p->mine_start;
    return say(out, DSPV_KEY_UNKNOWN, q, forgotten ? DSPV_NEED_QUORUM_SET : DSPV_QUORUM_NOT_COMMITTED, out->base_height);
}

static void hand_out_key(const struct commitment *commitment, dspv_key_answer *out)
{
    bls_key key;
    out->has_key = bls_key_decode(&key, commitment->public_key, commitment_is_legacy(commitment) ? BLS_LEGACY : BLS_BASIC);
    if (out->has_key)
        bls_key_encode(out->key, &key, BLS_BASIC);
}

/* It is verified: was it active then? */
static dspv_key_state at_height(const struct question *q, const struct quorum_view *v, dspv_key_answer *out)
{
    const struct dspv *c = q->c;
    const struct mnstate *list = engine_tip_list(c->engine);
    int32_t tip = headers_tip_height(c->headers), first = v->base_height - v->quorum->c.index + q->params->mine_start;
    bool active = list && v->last_seen == list->height;
    if (q->height >= 0 && q->height < first) {
        out->again_height = first;
        return say(out, DSPV_KEY_NOT_YET, q, DSPV_QUORUM_NOT_ACTIVE, q->height);
    }
    if (q->height > tip + q->params->interval) {
        again_at(c, q->height, out);
        return say(out, DSPV_KEY_NOT_YET, q, DSPV_NEED_TIP, q->height);
    }
    if (active || (q->height >= 0 && q->height <= v->last_seen + q->params->interval))
        return say(out, DSPV_KEY_VERIFIED, q, DSPV_OK, v->base_height);
    return say(out, DSPV_KEY_RETIRED, q, DSPV_QUORUM_NOT_ACTIVE, q->height >= 0 ? q->height : tip);
}

static dspv_key_state met(const struct question *q, const struct quorum_view *v, dspv_key_answer *out)
{
    out->index = v->quorum->c.index;
    out->base_height = v->base_height;
    out->first_seen = v->first_seen;
    out->last_seen = v->last_seen;
    if (v->status == QUORUM_INVALID || v->status == QUORUM_VERIFIED)
        out->fault = v->fault;
    if (v->status == QUORUM_INVALID)
        return out->state = DSPV_KEY_INVALID;
    if (v->status == QUORUM_VERIFIED) {
        hand_out_key(&v->quorum->c, out);
        return at_height(q, v, out);
    }
    again_soon(q->c, out);
    out->fault = v->fault;
    return out->state = DSPV_KEY_COMMITTED;
}

dspv_key_state dspv_quorum_key(const dspv *c, uint8_t llmq_type, const dspv_quorum_hash *hash, int32_t height,
                               dspv_key_answer *out)
{
    struct quorum_view v;
    const struct question q = {c, network_llmq(&c->net, llmq_type), llmq_type, hash, height};
    *out = (dspv_key_answer){.base_height = -1, .first_seen = -1, .last_seen = -1, .again_height = -1};
    if (!q.params)
        return say(out, DSPV_KEY_UNKNOWN, &q, DSPV_QUORUM_TYPE_UNKNOWN, -1);
    if (engine_quorum(c->engine, llmq_type, hash, &v) && v.committed)
        return met(&q, &v, out);
    return unmet(&q, out);
}

/* ---- ChainLocks */

bool dspv_best_chainlock(const dspv *c, dspv_chainlock *out)
{
    const struct locks *l = &c->locks;
    *out = (dspv_chainlock){.height = -1};
    if (l->best < 0)
        return false;
    *out = (dspv_chainlock){.height = l->best, .block = l->best_lock.block, .signer = {l->best_signer.type, l->best_signer.hash}};
    memcpy(out->signature, l->best_lock.signature, sizeof(out->signature));
    return true;
}

static dspv_block_state judge_node(const dspv *c, headers_node node, dspv_block_answer *out)
{
    *out = (dspv_block_answer){.state = DSPV_BLOCK_UNKNOWN, .height = -1, .chainlock_height = c->locks.best};
    if (node == HEADERS_NONE)
        return out->state;
    out->height = headers_height(c->headers, node);
    if (headers_on_best_chain(c->headers, node)) {
        out->state = out->height <= c->locks.best ? DSPV_BLOCK_LOCKED : DSPV_BLOCK_NOT_YET;
        out->final = out->state == DSPV_BLOCK_LOCKED;
        return out->state;
    }
    while (node != HEADERS_NONE && !headers_on_best_chain(c->headers, node))
        node = headers_prev(c->headers, node);
    out->final = node == HEADERS_NONE || headers_height(c->headers, node) < c->locks.best;
    return out->state = DSPV_BLOCK_NOT_BEST_CHAIN;
}

dspv_block_state dspv_block_chainlocked(dspv *c, const dspv_block_hash *hash, dspv_block_answer *out)
{
    headers_node node;
    return judge_node(c, headers_look_up(c->headers, hash, &node) == 0 ? node : HEADERS_NONE, out);
}

dspv_block_state dspv_height_chainlocked(const dspv *c, int32_t height, dspv_block_answer *out)
{
    return judge_node(c, height >= 0 ? headers_at(c->headers, height) : HEADERS_NONE, out);
}

/* ---- locks */

static void tell_signer(const struct quorum_view *v, dspv_signer *signer)
{
    if (signer)
        *signer = (dspv_signer){v->quorum->c.type, v->quorum->c.hash};
}

/* The engine must know the height of the lock's block. 0, DSPV_ENOMEM or DSPV_ESTORE. */
static int check_instantlock(struct dspv *c, const struct isdlock *lock, struct quorum_view *by, dspv_fault *fault)
{
    bool found;
    int rc = client_feed_block(c, &lock->cycle, &found);
    return rc == 0 ? engine_check_instantlock(c->engine, lock, headers_tip_height(c->headers), by, fault) : rc;
}

int dspv_transaction_lock(dspv *c, const dspv_tx_hash *txid, dspv_lock_answer *out)
{
    struct kept_lock *kept = lock_store_find(c, txid);
    struct isdlock lock;
    *out = (dspv_lock_answer){.state = DSPV_LOCK_UNKNOWN, .fault = fault_about(DSPV_LOCK_UNSEEN, txid->b, -1)};
    if (!kept)
        return 0;
    struct quorum_view by;
    int rc = kept->verified ? 0 : isdlock_decode(kept->raw, kept->n, &lock, &out->fault);
    if (rc == 0 && !kept->verified) {
        rc = check_instantlock(c, &lock, &by, &out->fault);
        if (rc == 0)
            lock_store_vouch(kept, &by);
    }
    if (rc == DSPV_EFAULT) { /* false on disk: as if it were not there */
        lock_store_forget(c, kept);
        out->fault = fault_about(DSPV_LOCK_UNSEEN, txid->b, -1);
        return 0;
    }
    if (rc != 0 && rc != DSPV_EWAITING)
        return rc;
    out->state = kept->verified ? DSPV_LOCK_VERIFIED : DSPV_LOCK_WAITING;
    out->raw = kept->raw;
    out->n = kept->n;
    if (kept->verified) {
        out->fault = fault_of(DSPV_OK);
        out->signer = (dspv_signer){kept->signer_type, kept->signer};
    }
    return 0;
}

int dspv_verify_chainlock(dspv *c, const uint8_t *payload, size_t n, dspv_signer *signer, dspv_fault *fault)
{
    struct clsig lock;
    struct quorum_view v;
    headers_node node;
    bool found;
    int rc = clsig_decode(payload, n, &lock, fault);
    if (rc == 0)
        rc = headers_look_up(c->headers, &lock.block, &node);
    if (rc == 0 && node != HEADERS_NONE && headers_height(c->headers, node) != lock.height) {
        *fault = fault_about(DSPV_LOCK_BAD_HEIGHT, lock.block.b, lock.height);
        return DSPV_EFAULT;
    }
    if (rc == 0)
        rc = client_feed_block(c, &lock.block, &found);
    if (rc == 0)
        rc = engine_check_chainlock(c->engine, &lock, &v, fault);
    if (rc != 0)
        return rc;
    tell_signer(&v, signer);
    if (found)
        return 0;
    *fault = fault_about(node == HEADERS_NONE ? DSPV_NEED_HEADER : DSPV_NOT_BEST_CHAIN, lock.block.b, lock.height);
    return DSPV_EWAITING;
}

/* A lock is for just these inputs in just this transaction (quorums.md 7.4). */
static bool locks_transaction(const struct isdlock *lock, const uint8_t *bytes, size_t n)
{
    struct reader r;
    struct tx tx;
    reader_init(&r, bytes, n);
    tx_decode(&r, &tx);
    if (!reader_finish(&r) || tx.n_inputs != lock->n_inputs)
        return false;
    const tx_hash id = tx_id(&tx);
    reader_init(&r, tx.inputs.p, tx.inputs.n);
    for (uint32_t i = 0; i < tx.n_inputs; i++) {
        const uint8_t *outpoint = reader_bytes(&r, OUTPOINT);
        reader_byte_string(&r, UINT32_MAX);
        reader_u32(&r);
        if (!reader_ok(&r) || memcmp(outpoint, lock->inputs + (size_t)i * OUTPOINT, OUTPOINT) != 0)
            return false;
    }
    return tx_hash_eq(&id, &lock->txid);
}

int dspv_verify_instantlock(dspv *c, const uint8_t *payload, size_t n, const uint8_t *tx, size_t tx_n, dspv_signer *signer,
                            dspv_fault *fault)
{
    struct isdlock lock;
    int rc = isdlock_decode(payload, n, &lock, fault);
    if (rc == 0 && tx && !locks_transaction(&lock, tx, tx_n)) {
        *fault = fault_about(DSPV_LOCK_TRANSACTION, lock.txid.b, -1);
        return DSPV_EFAULT;
    }
    struct quorum_view by;
    if (rc == 0)
        rc = check_instantlock(c, &lock, &by, fault);
    if (rc == 0)
        tell_signer(&by, signer);
    return rc;
}
