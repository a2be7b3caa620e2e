/* ChainLocks and InstantSend locks (quorums.md 7), signed at once by the quorum the rule selects when a block becomes the tip. */
#include "sim/gen_internal.h"

enum { MOST_INPUTS = 3, OUTPOINT = 36 };

/* The active quorums of a type at a height, at most `most`. */
static size_t active_quorums(const struct gen *g, int32_t height, uint8_t type, struct quorum **out, size_t most)
{
    const struct mnstate *s = height >= 0 ? g->chain.states[height] : NULL;
    size_t n = 0;
    for (uint32_t i = 0; s && i < s->quorums->n; i++)
        if (s->quorums->items[i]->c.type == type && n < most)
            out[n++] = s->quorums->items[i];
    return n;
}

/* In the scheme in force when `tip` is the tip: quorums.md 5.3. */
static bool sign(struct gen *g, const struct quorum *q, int32_t tip, const hash256 *request_id, const uint8_t message[32],
                 uint8_t out[96])
{
    const struct gen_signer *signer = gen_signer_of(g, q->c.type, &q->c.hash);
    enum bls_scheme scheme = network_basic_after(&g->chain.network, tip) ? BLS_BASIC : BLS_LEGACY;
    if (!signer)
        return gen_refuse(g, "an active quorum has no secret", tip);
    hash256 hash = llmq_sign_hash(q->c.type, &q->c.hash, request_id, message);
    bls_sig sig;
    bls_secret_sign(&signer->secret, hash.b, scheme, &sig);
    bls_sig_encode(out, &sig, scheme);
    return true;
}

static bool write_lock(struct gen *g, int32_t tip, enum devnode_lock_kind kind, const struct writer *payload)
{
    struct writer *w = &g->files[DEVNODE_LOCKS];
    writer_u32(w, (uint32_t)tip);
    writer_u8(w, (uint8_t)kind);
    writer_u32(w, (uint32_t)payload->n);
    writer_bytes(w, payload->data, payload->n);
    return !w->failed && !payload->failed;
}

static bool chainlock(struct gen *g, int32_t height)
{
    struct quorum *active[GEN_MOST_INDEXES];
    size_t n = active_quorums(g, height - SIGN_HEIGHT_OFFSET, g->chain.network.chainlock_type, active, GEN_MOST_INDEXES);
    struct clsig lock = {.height = height, .block = g->hashes[height]};
    bool unlocked = g->config->fork_unlocked && height > g->config->fork_above;
    if (n == 0 || unlocked || !gen_chance(&g->locks, g->config->chainlock_rate))
        return true;
    hash256 id = clsig_request_id(height);
    if (!sign(g, active[llmq_select(active, n, &id)], height, &id, lock.block.b, lock.signature))
        return false;
    struct writer w;
    writer_init(&w);
    clsig_encode(&w, &lock);
    bool good = write_lock(g, height, DEVNODE_CLSIG, &w);
    writer_free(&w);
    g->best_lock = height;
    memcpy(g->best_lock_signature, lock.signature, sizeof(lock.signature));
    g->chain.counts.chainlocks++;
    return good;
}

/* The quorum that signs a request: by index among the rotated ones, by the smallest hash among others. NULL: nobody. */
static const struct quorum *instant_signer(const struct gen *g, int32_t height, const hash256 *id)
{
    const struct network *net = &g->chain.network;
    const struct llmq_params *p = network_llmq(net, net->instantsend_type);
    struct quorum *active[GEN_MOST_INDEXES];
    size_t n = p ? active_quorums(g, height - SIGN_HEIGHT_OFFSET, p->type, active, GEN_MOST_INDEXES) : 0;
    if (n == 0)
        return NULL;
    if (!p->rotated)
        return active[llmq_select(active, n, id)];
    int16_t index = llmq_select_index(p, id);
    for (size_t i = 0; i < n; i++)
        if (active[i]->c.index == index)
            return active[i];
    return NULL;
}

/* The base of the signer's cycle (quorums.md 7.4). */
static block_hash cycle_of(const struct gen *g, const struct quorum *q)
{
    block_hash base = block_hash_of_quorum(&q->c.hash);
    return g->hashes[tree_node(&g->tree, tree_find(&g->tree, &base))->height - q->c.index];
}

static bool instantlock(struct gen *g, int32_t height)
{
    uint8_t inputs[MOST_INPUTS * OUTPOINT];
    struct isdlock lock = {.version = 1, .inputs = inputs, .n_inputs = 1 + (uint32_t)rng_below(&g->locks, MOST_INPUTS)};
    rng_bytes(&g->locks, inputs, sizeof(inputs));
    rng_bytes(&g->locks, lock.txid.b, sizeof(lock.txid.b));
    hash256 id;
    if (isdlock_request_id(&lock, &id) != 0)
        return false;
    const struct quorum *q = instant_signer(g, height, &id);
    if (!q)
        return true;
    lock.cycle = cycle_of(g, q);
    if (!sign(g, q, height, &id, lock.txid.b, lock.signature))
        return false;
    struct writer w;
    writer_init(&w);
    isdlock_encode(&w, &lock);
    bool good = write_lock(g, height, DEVNODE_ISDLOCK, &w);
    writer_free(&w);
    g->chain.counts.instantlocks++;
    return good;
}

bool gen_locks_step(struct gen *g, int32_t height)
{
    bool good = chainlock(g, height);
    for (uint32_t n = gen_events(&g->locks, g->config->instantlock_rate); good && n > 0; n--)
        good = instantlock(g, height);
    return good;
}
