/* ChainLocks and InstantSend locks: which quorum must have signed, and did it (quorums.md 7). Only a verified, committed quorum
 * can vouch for a lock. Where the exact quorum set is not known, every quorum that may be in it is tried. */
#include "engine/engine_state.h"

struct candidates {
    struct tracked *items[NETWORK_MAX_LLMQS * 64];
    size_t n;
    bool exact;      /* the rule names exactly these: a bad signature is final */
    bool unverified; /* somebody in question is not verified yet */
};

static void propose(struct candidates *c, struct tracked *t)
{
    if (!t)
        return;
    if (t->status != QUORUM_VERIFIED || !t->committed) {
        c->unverified = true;
        return;
    }
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i] == t)
            return;
    if (c->n < sizeof(c->items) / sizeof(c->items[0]))
        c->items[c->n++] = t;
}

/* Scheme in force when a lock for `height`, or made up to `span` blocks later, was signed; both when V19 lies between. */
static size_t schemes(const struct network *net, int32_t height, int32_t span, enum bls_scheme out[2])
{
    if (height >= net->chain.active.v19) {
        out[0] = BLS_BASIC;
        return 1;
    }
    out[0] = BLS_LEGACY;
    out[1] = BLS_BASIC;
    return height + span < net->chain.active.v19 ? 1 : 2;
}

typedef int item_maker(const struct commitment *quorum, const bls_key *key, const void *lock, enum bls_scheme scheme,
                       struct bls_item *item, dspv_fault *fault);

/* The quorum's key, which is decoded once. */
static int key_of(struct tracked *t, dspv_fault *fault)
{
    int error = t->has_key ? 0 : quorum_decode_key(&t->quorum->c, &t->key, fault);
    t->has_key = error == 0;
    return error;
}

/* The first candidate whose key verifies the lock. 0, or DSPV_EFAULT. */
static int find_signer(const struct candidates *c, const enum bls_scheme *scheme, size_t n_schemes, item_maker *make,
                       const void *lock, const struct tracked **signer, dspv_fault *fault)
{
    *fault = fault_of(DSPV_LOCK_BAD_SIGNATURE);
    for (size_t i = 0; i < c->n; i++) {
        struct tracked *t = c->items[i];
        for (size_t s = 0; s < n_schemes && key_of(t, fault) == 0; s++) {
            struct bls_item item;
            if (make(&t->quorum->c, &t->key, lock, scheme[s], &item, fault) == 0 &&
                bls_verify(&item.key, &item.sig, item.msg, item.scheme)) {
                *signer = t;
                return 0;
            }
        }
    }
    return DSPV_EFAULT;
}

/* What a lock that nobody verified means. */
static int undecided(const struct candidates *c, dspv_reason lacking, int32_t height, dspv_fault *fault)
{
    if (c->exact && c->n > 0 && !c->unverified)
        return DSPV_EFAULT;
    *fault = fault_at_height(c->unverified ? DSPV_NEED_QUORUM : lacking, height);
    return DSPV_EWAITING;
}

static void tell(const struct engine *e, const struct tracked *t, struct quorum_view *signer)
{
    if (signer)
        engine_quorum(e, t->quorum->c.type, &t->quorum->c.hash, signer);
}

/* ---- ChainLocks */

/* The quorum of a set that the rule selects. */
static struct tracked *selected(const struct engine *e, const struct quorumset *set, const hash256 *request_id)
{
    struct quorum *of_type[256];
    size_t n = 0;
    for (uint32_t i = 0; i < set->n && n < 256; i++)
        if (set->items[i]->c.type == e->net.chainlock_type)
            of_type[n++] = set->items[i];
    if (n == 0)
        return NULL;
    const struct quorum *q = of_type[llmq_select(of_type, n, request_id)];
    return quorums_find(e, q->c.type, &q->c.hash);
}

static bool same_of_type(const struct quorumset *a, const struct quorumset *b, uint8_t type)
{
    uint32_t in_a = 0, in_b = 0;
    for (uint32_t i = 0; i < b->n; i++)
        in_b += b->items[i]->c.type == type;
    for (uint32_t i = 0; i < a->n; i++)
        if (a->items[i]->c.type == type) {
            in_a++;
            if (!quorumset_find(b, type, &a->items[i]->c.hash))
                return false;
        }
    return in_a == in_b;
}

static struct mnstate *list_at_or_above(const struct engine *e, int32_t height)
{
    for (size_t i = 0; i < e->n_lists; i++)
        if (e->lists[i]->height >= height)
            return e->lists[i];
    return NULL;
}

/* Is it active at the list? */
static bool holds(const struct mnstate *s, const struct tracked *t)
{
    const struct commitment *c = &t->quorum->c;
    return s && quorumset_find(s->quorums, c->type, &c->hash) != NULL;
}

static void chainlock_candidates(const struct engine *e, int32_t sign_height, const hash256 *request_id, struct candidates *c)
{
    const struct mnstate *below = engine_list_below(e, sign_height), *above = list_at_or_above(e, sign_height);
    c->exact = below && above && same_of_type(below->quorums, above->quorums, e->net.chainlock_type);
    if (below)
        propose(c, selected(e, below->quorums, request_id));
    if (above)
        propose(c, selected(e, above->quorums, request_id));
    /* Between two lists the set is some mixture of theirs. Quorums retired before must not vouch: their keys may have leaked. */
    for (size_t i = 0; !c->exact && i < e->n_tracked; i++)
        if (e->tracked[i]->quorum->c.type == e->net.chainlock_type && e->tracked[i]->status == QUORUM_VERIFIED &&
            (holds(below, e->tracked[i]) || holds(above, e->tracked[i])))
            propose(c, e->tracked[i]);
}

static int chainlock_item_of(const struct commitment *quorum, const bls_key *key, const void *lock, enum bls_scheme scheme,
                             struct bls_item *item, dspv_fault *fault)
{
    return chainlock_item(quorum, key, lock, scheme, item, fault);
}

int engine_check_chainlock(struct engine *e, const struct clsig *lock, struct quorum_view *signer, dspv_fault *fault)
{
    int32_t known = engine_block_height(e, &lock->block);
    if (lock->height < SIGN_HEIGHT_OFFSET || (known >= 0 && known != lock->height)) {
        bool elsewhere = known >= 0 && known != lock->height;
        *fault = fault_about(elsewhere ? DSPV_LOCK_BAD_HEIGHT : DSPV_LOCK_NO_QUORUM, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    int32_t sign_height = lock->height - SIGN_HEIGHT_OFFSET;
    const hash256 request_id = clsig_request_id(lock->height);
    struct candidates c = {0};
    chainlock_candidates(e, sign_height, &request_id, &c);
    enum bls_scheme scheme[2];
    size_t n_schemes = schemes(&e->net, lock->height, 1, scheme);
    const struct tracked *by;
    if (find_signer(&c, scheme, n_schemes, chainlock_item_of, lock, &by, fault) == 0) {
        tell(e, by, signer);
        return 0;
    }
    return undecided(&c, DSPV_NEED_QUORUM_SET, sign_height, fault);
}

/* ---- InstantSend locks */

/* The quorum of an index in the active set at `height`, as far as the lists tell. */
static struct tracked *rotated_at(const struct engine *e, int32_t height, int16_t index)
{
    const struct mnstate *s = engine_list_below(e, height);
    for (uint32_t i = 0; s && i < s->quorums->n; i++) {
        const struct commitment *c = &s->quorums->items[i]->c;
        if (c->type == e->net.instantsend_type && c->index == index)
            return quorums_find(e, c->type, &c->hash);
    }
    return NULL;
}

static void instantlock_candidates(const struct engine *e, const struct llmq_params *p, int32_t cycle, int32_t tip_height,
                                   int16_t index, struct candidates *c)
{
    block_hash base;
    if (engine_block_at(e, cycle + index, &base)) {
        const quorum_hash hash = quorum_hash_of_block(&base);
        propose(c, quorums_find(e, p->type, &hash));
    }
    int32_t sign_height = cycle + p->interval < tip_height ? cycle + p->interval - 1 : tip_height;
    propose(c, rotated_at(e, sign_height, index));
    propose(c, rotated_at(e, sign_height - p->interval, index));
    c->exact = engine_list(e, sign_height) && engine_list(e, sign_height - p->interval);
    for (size_t i = 0; !c->exact && i < e->n_tracked; i++) {
        struct tracked *t = e->tracked[i];
        int32_t signer_cycle = t->base_height - index;
        /* Only the lock's cycle and the two before; survivors of older ones are in the lists above. */
        if (t->quorum->c.type == p->type && t->quorum->c.index == index && t->status == QUORUM_VERIFIED &&
            signer_cycle <= cycle && signer_cycle >= cycle - 2 * p->interval)
            propose(c, t);
    }
}

static int instantlock_item_of(const struct commitment *quorum, const bls_key *key, const void *lock, enum bls_scheme scheme,
                               struct bls_item *item, dspv_fault *fault)
{
    return instantlock_item(quorum, key, lock, scheme, item, fault);
}

int engine_check_instantlock(struct engine *e, const struct isdlock *lock, int32_t tip_height, struct quorum_view *signer,
                             dspv_fault *fault)
{
    const struct llmq_params *p = network_llmq(&e->net, e->net.instantsend_type);
    int error = instantlock_check(lock, fault);
    if (error != 0)
        return error;
    int32_t cycle = engine_block_height(e, &lock->cycle);
    if (cycle < 0) {
        *fault = fault_about(DSPV_NEED_HEADER, lock->cycle.b, -1);
        return DSPV_EWAITING;
    }
    if (!p || cycle % p->interval != 0) {
        *fault = fault_about(DSPV_LOCK_CYCLE, lock->cycle.b, cycle);
        return DSPV_EFAULT;
    }
    struct candidates c = {0};
    hash256 request_id;
    error = isdlock_request_id(lock, &request_id);
    if (error != 0)
        return error;
    if (p->rotated) {
        instantlock_candidates(e, p, cycle, tip_height, llmq_select_index(p, &request_id), &c);
    } else { /* regtest option: the cycle hash names the quorum itself */
        const quorum_hash hash = quorum_hash_of_block(&lock->cycle);
        propose(&c, quorums_find(e, p->type, &hash));
        c.exact = true;
    }
    enum bls_scheme scheme[2];
    /* A survivor of failed key generations signs for many cycles: until now, whatever its cycle. */
    size_t n_schemes = schemes(&e->net, cycle, tip_height > cycle ? tip_height - cycle + 1 : 1, scheme);
    const struct tracked *by;
    if (find_signer(&c, scheme, n_schemes, instantlock_item_of, lock, &by, fault) == 0) {
        tell(e, by, signer);
        return 0;
    }
    return undecided(&c, DSPV_NEED_QUORUM_SET, cycle, fault);
}
