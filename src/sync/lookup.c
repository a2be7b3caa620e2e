/* See lookup.h. An attempt has an id of its own, so that an answer that comes after its time is nobody's. A block's signature
 * is known when its coinbase is proven, by a masternode list or by the whole block; nothing else makes it known. */
#include "sync/lookup.h"

#include <stdio.h>

#include "base/fault.h"
#include "evo/block.h"
#include "sync/client.h"

void lookup_init(struct dspv *c)
{
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    signatures_init(&c->lookup.known, seed);
}

void lookup_free(struct dspv *c)
{
    signatures_free(&c->lookup.known);
}

int lookup_learn(struct dspv *c, const struct mnstate *s)
{
    return s->height < c->net.chain.active.v20 ? 0 : signatures_put(&c->lookup.known, &s->block, mnstate_chainlock_signature(s));
}

/* ---- heights */

int32_t dspv_block_height(const dspv *c, const dspv_block_hash *hash)
{
    headers_node node;
    int rc = headers_look_up(c->headers, hash, &node);
    return headers_on_best_chain(c->headers, node) ? headers_height(c->headers, node) : rc == 0 ? -1 : -2;
}

size_t dspv_block_heights(const dspv *c, const dspv_block_hash *hashes, size_t n, int32_t *heights)
{
    size_t found = 0;
    for (size_t i = 0; i < n; i++) {
        heights[i] = dspv_block_height(c, &hashes[i]);
        found += heights[i] >= 0;
    }
    return found;
}

/* ---- what is wanted */

static bool is_wanted(const struct lookup *l, const block_hash *block)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->items[i].kind == DSPV_LOOKUP_BLOCK && block_hash_eq(&l->items[i].block, block))
            return true;
    return false;
}

static bool rests(const struct dspv *c, const block_hash *block)
{
    for (size_t i = 0; i < LOOKUP_MOST_RESTING; i++)
        if (c->lookup.resting[i].until > c->now && block_hash_eq(&c->lookup.resting[i].block, block))
            return true;
    return false;
}

/* False when there is no room. */
static bool add_item(struct dspv *c, dspv_lookup_kind kind, const block_hash *block, int32_t height)
{
    struct lookup *l = &c->lookup;
    if (l->n == LOOKUP_MOST)
        return false;
    l->items[l->n] = (struct lookup_item){.kind = kind, .height = height, .when = c->now};
    if (block)
        l->items[l->n].block = *block;
    l->n++;
    return true;
}

static void remove_item(struct lookup *l, struct lookup_item *item)
{
    size_t i = (size_t)(item - l->items);
    l->n--;
    memmove(&l->items[i], &l->items[i + 1], (l->n - i) * sizeof(l->items[0]));
}

/* ---- signatures */

/* 0, DSPV_EFAULT (proven to carry none) or DSPV_EWAITING (not known). */
static int known(const struct dspv *c, const block_hash *block, int32_t height, uint8_t out[96], dspv_signature_source *source)
{
    bool present;
    const struct mnstate *s = engine_list_of_block(c->engine, block);
    if (height < c->net.chain.active.v20) {
        *source = DSPV_SIGNATURE_RULE;
        return DSPV_EFAULT;
    }
    if (s) {
        const uint8_t *signature = mnstate_chainlock_signature(s);
        *source = DSPV_SIGNATURE_LIST;
        if (signature)
            memcpy(out, signature, 96);
        return signature ? 0 : DSPV_EFAULT;
    }
    if (signatures_get(&c->lookup.known, block, out, &present)) {
        *source = DSPV_SIGNATURE_KEPT;
        return present ? 0 : DSPV_EFAULT;
    }
    *source = DSPV_SIGNATURE_UNKNOWN;
    return DSPV_EWAITING;
}

/* Have it looked up, if that may be. True when it is under way. */
static bool look_up(struct dspv *c, const block_hash *block, int32_t height)
{
    if (!c->config.lookups)
        return false;
    if (is_wanted(&c->lookup, block))
        return true;
    return !rests(c, block) && add_item(c, DSPV_LOOKUP_BLOCK, block, height);
}

int dspv_chainlock_signature(dspv *c, const dspv_block_hash *block, dspv_ms now, uint8_t out[96], dspv_signature_source *source)
{
    dspv_signature_source unused;
    int32_t height = dspv_block_height(c, block);
    source = source ? source : &unused;
    c->now = now;
    *source = DSPV_SIGNATURE_UNKNOWN;
    if (height < 0)
        return height == -1 ? DSPV_EMISUSE : DSPV_EWAITING;
    int rc = known(c, block, height, out, source);
    if (rc == DSPV_EWAITING && look_up(c, block, height))
        *source = DSPV_SIGNATURE_LOOKUP;
    return rc;
}

int dspv_chainlock_signature_at(dspv *c, int32_t height, dspv_ms now, uint8_t out[96], dspv_signature_source *source)
{
    block_hash block;
    if (height >= 0 && client_block_at(c, height, &block))
        return dspv_chainlock_signature(c, &block, now, out, source);
    if (source)
        *source = DSPV_SIGNATURE_UNKNOWN;
    return DSPV_EMISUSE;
}

/* ---- telling the user */

static int tell_source(struct dspv *c, dspv_reason reason)
{
    bool failed = reason != DSPV_OK;
    if (failed == c->lookup.source_failed)
        return 0;
    c->lookup.source_failed = failed;
    dspv_event e = client_event_of(DSPV_EVENT_SOURCE);
    e.reason = reason;
    return client_event(c, &e);
}

static int tell_end(struct dspv *c, const struct lookup_item *item, dspv_reason reason)
{
    if (item->kind != DSPV_LOOKUP_BLOCK)
        return 0;
    dspv_event e = client_event_of(DSPV_EVENT_LOOKUP);
    e.height = item->height;
    memcpy(e.hash, item->block.b, 32);
    e.reason = reason;
    return client_event(c, &e);
}

static int tell_refused(struct dspv *c, const struct lookup_item *item, const dspv_fault *fault)
{
    dspv_event e = client_event_of(DSPV_EVENT_REFUSED);
    char why[120];
    dspv_fault_text(fault, why, sizeof(why));
    e.reason = fault->reason;
    e.height = item->height;
    memcpy(e.hash, item->block.b, 32);
    snprintf(e.text, sizeof(e.text), "look-up of %s: %s", item->kind == DSPV_LOOKUP_BLOCK ? "a block" : "the ChainLock", why);
    return client_event(c, &e);
}

/* ---- ends of attempts */

static int give_up(struct dspv *c, struct lookup_item *item, dspv_reason why)
{
    struct lookup *l = &c->lookup;
    struct lookup_item gone = *item;
    remove_item(l, item);
    if (gone.kind == DSPV_LOOKUP_BLOCK) {
        l->resting[l->next_resting].block = gone.block;
        l->resting[l->next_resting].until = c->now + LOOKUP_REST_MS;
        l->next_resting = (l->next_resting + 1) % LOOKUP_MOST_RESTING;
    }
    int rc = tell_source(c, why);
    int told = tell_end(c, &gone, why);
    return rc == 0 ? told : rc;
}

static int attempt_failed(struct dspv *c, struct lookup_item *item, dspv_reason why)
{
    c->progress.lookups_failed++;
    item->id = 0;
    if (item->attempts >= LOOKUP_ATTEMPTS)
        return give_up(c, item, why);
    item->when = c->now + LOOKUP_BACKOFF_MS;
    return 0;
}

static int succeeded(struct dspv *c, struct lookup_item *item)
{
    struct lookup_item done = *item;
    remove_item(&c->lookup, item);
    c->progress.lookups++;
    c->progress.last_progress = c->now;
    int rc = tell_source(c, DSPV_OK);
    int told = tell_end(c, &done, DSPV_OK);
    return rc == 0 ? told : rc;
}

/* ---- answers */

static int take_block(struct dspv *c, const struct lookup_item *item, const uint8_t *data, size_t n, dspv_fault *fault)
{
    struct header header;
    struct cbtx cbtx;
    headers_node node;
    int rc = headers_look_up(c->headers, &item->block, &node);
    hash256 root;
    bool good = false;
    if (rc == 0 && node != HEADERS_NONE)
        rc = client_merkle_root(c, node, &item->block, &root, &good);
    if (rc == 0 && good)
        rc = headers_get(c->headers, node, &header);
    if (rc == DSPV_ENOMEM)
        return rc;
    if (rc != 0 || !good) { /* of a branch that was dropped */
        *fault = fault_about(DSPV_UNKNOWN_BLOCK, item->block.b, item->height);
        return DSPV_EFAULT;
    }
    rc = block_prove_coinbase(&c->net.chain, &header, item->height, data, n, &cbtx, fault);
    if (rc != 0)
        return rc;
    return signatures_put(&c->lookup.known, &item->block, cbtx_has_chainlock(&cbtx) ? cbtx.best_cl_signature : NULL);
}

int dspv_in_lookup(dspv *c, uint64_t id, const uint8_t *data, size_t n, dspv_ms now)
{
    struct lookup_item *item = NULL;
    dspv_fault fault = fault_of(DSPV_LOOKUP_EMPTY);
    c->now = now;
    for (size_t i = 0; id != 0 && i < c->lookup.n; i++)
        if (c->lookup.items[i].id == id)
            item = &c->lookup.items[i];
    if (!item)
        return 0;
    int rc = DSPV_EFAULT, told = 0;
    if (n > 0 && item->kind == DSPV_LOOKUP_BLOCK)
        rc = take_block(c, item, data, n, &fault);
    else if (n > 0)
        rc = locks_from_source(c, data, n, &fault);
    if (rc == DSPV_ENOMEM)
        return client_settle(c, rc); /* the answer is lost: its time will run out */
    if (rc == DSPV_EFAULT) {
        told = n > 0 ? tell_refused(c, item, &fault) : 0;
        rc = attempt_failed(c, item, fault.reason);
    } else {
        rc = succeeded(c, item);
    }
    return client_settle(c, rc == 0 ? told : rc);
}

/* ---- as time goes by */

/* Blocks whose coinbase was proven by a list meanwhile. */
static int drop_known(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->lookup.n;) {
        struct lookup_item *item = &c->lookup.items[i];
        dspv_signature_source source;
        uint8_t signature[96];
        if (item->kind != DSPV_LOOKUP_BLOCK || known(c, &item->block, item->height, signature, &source) == DSPV_EWAITING) {
            i++;
            continue;
        }
        rc = tell_end(c, item, DSPV_OK);
        if (rc == 0)
            remove_item(&c->lookup, item);
    }
    return rc;
}

static int time_out(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->lookup.n;) {
        struct lookup_item *item = &c->lookup.items[i];
        size_t n = c->lookup.n;
        if (item->id != 0 && item->when + c->config.lookup_timeout_ms <= c->now)
            rc = attempt_failed(c, item, DSPV_LOOKUP_TIMEOUT);
        i += n == c->lookup.n;
    }
    return rc;
}

/* When to ask for a ChainLock. Never where it tells nothing new: the chain is not followed yet, or its tip is locked. */
static dspv_ms chainlock_due(const struct dspv *c)
{
    const struct lookup *l = &c->lookup;
    bool wanted = c->config.lookups && c->config.masternodes && c->progress.phase == DSPV_PHASE_SYNCED &&
                  c->locks.best < headers_tip_height(c->headers);
    bool open = false;
    for (size_t i = 0; i < l->n; i++)
        open = open || l->items[i].kind == DSPV_LOOKUP_CHAINLOCK;
    return wanted && !open && l->quiet_since != 0 ? l->quiet_since + LOOKUP_CHAINLOCK_QUIET_MS : CLIENT_NEVER;
}

static void want_chainlock(struct dspv *c)
{
    struct lookup *l = &c->lookup;
    if (l->chainlocks != c->progress.chainlocks || l->quiet_since == 0) {
        l->chainlocks = c->progress.chainlocks;
        l->quiet_since = c->progress.phase == DSPV_PHASE_SYNCED || l->quiet_since != 0 ? c->now : 0;
    }
    if (chainlock_due(c) > c->now)
        return;
    l->quiet_since = c->now;
    (void)add_item(c, DSPV_LOOKUP_CHAINLOCK, NULL, -1); /* where there is no room, next time */
}

int lookup_advance(struct dspv *c)
{
    int rc = drop_known(c);
    if (rc == 0)
        rc = time_out(c);
    want_chainlock(c);
    return rc;
}

dspv_ms lookup_deadline(const struct dspv *c)
{
    const struct lookup *l = &c->lookup;
    dspv_ms best = chainlock_due(c);
    for (size_t i = 0; i < l->n; i++) {
        const struct lookup_item *item = &l->items[i];
        dspv_ms at = item->id ? item->when + c->config.lookup_timeout_ms : item->when;
        if ((item->id != 0 || at > c->now) && at < best) /* what waits for a place waits for no time */
            best = at;
    }
    return best;
}

bool lookup_next(struct dspv *c, dspv_out *out)
{
    struct lookup *l = &c->lookup;
    struct lookup_item *next = NULL;
    size_t asked = 0;
    for (size_t i = 0; i < l->n; i++) {
        asked += l->items[i].id != 0;
        if (!next && l->items[i].id == 0 && l->items[i].when <= c->now)
            next = &l->items[i];
    }
    if (!next || asked >= LOOKUP_PARALLEL)
        return false;
    next->id = ++l->last_id;
    next->when = c->now;
    next->attempts++;
    *out = (dspv_out){.kind = DSPV_OUT_LOOKUP, .id = next->id, .lookup = next->kind};
    memcpy(out->hash, next->block.b, 32);
    return true;
}
