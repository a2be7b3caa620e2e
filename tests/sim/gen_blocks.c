/* Blocks: coinbase with CbTx (protocol.md 4.6), transactions beside it, partial merkle proof, proof of work; and the consecutive
 * diff, which must pass the library's own rules before it is written. */
#include "chain/difficulty.h"
#include "chain/miner.h"
#include "chain/pow.h"
#include "crypto/sha256.h"
#include "sim/gen_internal.h"

/* LATE_S: a block of a test network that comes later than two hours may go back to the limit. */
enum { HEADER_VERSION = 0x20000000, MOST_LEVELS = 32, LATE_S = 2 * 60 * 60 + 1 };

/* ---- the coinbase */

static int masternode_root(const struct mnstate *before, const struct mnlistdiff *d, hash256 *out, dspv_fault *fault)
{
    if (before && d->n_deleted == 0 && d->n_entries == 0) { /* most blocks of a large chain */
        *out = before->cbtx.mn_root;
        return 0;
    }
    struct mnlist *list = NULL;
    int error = mnlist_apply(before ? before->list : NULL, NULL, d, &list, fault);
    if (error == 0)
        *out = mnlist_root(list);
    mnlist_unref(list);
    return error;
}

static int quorums_root(const struct mnstate *before, const struct mnlistdiff *d, hash256 *out, dspv_fault *fault)
{
    struct quorumset *quorums = NULL;
    int error = quorumset_apply(before ? before->quorums : NULL, NULL, d, &quorums, fault);
    if (error == 0)
        *out = quorumset_root(quorums);
    quorumset_unref(quorums);
    return error;
}

static bool roots_after(struct gen *g, const struct mnstate *before, const struct mnlistdiff *d, struct cbtx *c)
{
    dspv_fault fault;
    int error = masternode_root(before, d, &c->mn_root, &fault);
    if (error == 0)
        error = quorums_root(before, d, &c->quorum_root, &fault);
    return error == 0 || (error == DSPV_EFAULT && gen_refuse(g, dspv_reason_name(fault.reason), c->height));
}

/* The best ChainLock known when the block was made, unless it was signed in the legacy scheme: the coinbase holds basic ones. */
static void put_best_lock(struct gen *g, struct cbtx *c)
{
    if (c->version < 3 || g->best_lock < 0 || !network_basic_after(&g->chain.network, g->best_lock))
        return;
    c->best_cl_height_diff = (uint32_t)(c->height - 1 - g->best_lock);
    memcpy(c->best_cl_signature, g->best_lock_signature, sizeof(c->best_cl_signature));
    g->chain.counts.coinbase_locks++;
}

static bool write_cbtx(struct gen *g, int32_t height, const struct mnlistdiff *d, struct writer *w)
{
    const struct activations *active = &g->chain.network.chain.active;
    struct cbtx c = {.version = height >= active->v20 ? 3 : height > active->dip0008 ? 2 : 1, .height = height};
    c.credit_pool = c.version >= 3 ? (int64_t)height * 100000 : 0;
    if (!roots_after(g, g->chain.states[height - 1], d, &c))
        return false;
    put_best_lock(g, &c);
    cbtx_encode(w, &c);
    return true;
}

static bool write_coinbase(struct gen *g, int32_t height, const struct mnlistdiff *d, struct writer *w)
{
    static const uint8_t null_hash[32];
    bool special = height >= g->chain.network.chain.active.dip0003;
    uint8_t payee[25] = {0x76, 0xa9, 20, [23] = 0x88, [24] = 0xac};
    struct writer payload;
    rng_bytes(&g->blocks, payee + 3, 20);
    writer_u16(w, special ? 3 : 1);
    writer_u16(w, special ? 5 : 0);
    writer_compact_size(w, 1);
    writer_hash(w, null_hash);
    writer_u32(w, UINT32_MAX);
    writer_compact_size(w, 5); /* the height, pushed as four bytes */
    writer_u8(w, 4);
    writer_u32(w, (uint32_t)height);
    writer_u32(w, UINT32_MAX);
    writer_compact_size(w, 1);
    writer_u64(w, 500000000);
    writer_compact_size(w, sizeof(payee));
    writer_bytes(w, payee, sizeof(payee));
    writer_u32(w, 0);
    if (!special)
        return true;
    writer_init(&payload);
    bool good = write_cbtx(g, height, d, &payload);
    writer_compact_size(w, payload.n);
    writer_bytes(w, payload.data, payload.n);
    good = good && !payload.failed;
    writer_free(&payload);
    return good;
}

static bool make_coinbase(struct gen *g, int32_t height, struct mnlistdiff *d)
{
    struct writer w;
    writer_init(&w);
    bool good = write_coinbase(g, height, d, &w);
    struct span bytes = gen_keep(g, &w);
    writer_free(&w);
    if (!good || !bytes.p)
        return false;
    struct reader r;
    reader_init(&r, bytes.p, bytes.n);
    tx_decode(&r, &d->coinbase);
    if (!reader_finish(&r))
        return gen_refuse(g, "a coinbase does not decode", height);
    d->has_cbtx = d->coinbase.type == 5;
    if (d->has_cbtx) {
        reader_init(&r, d->coinbase.payload.p, d->coinbase.payload.n);
        cbtx_decode(&r, &d->cbtx);
    }
    return reader_ok(&r) || gen_refuse(g, "a CbTx does not decode", height);
}

/* ---- the proof that the first of `n` transactions is the coinbase (protocol.md 4.3) */

/* Replace the level's nodes by their parents; returns how many. */
static size_t parents(hash256 *nodes, size_t n)
{
    for (size_t i = 0; i < n; i += 2)
        sha256d_pair(nodes[i / 2].b, nodes[i].b, nodes[i + 1 < n ? i + 1 : i].b);
    return (n + 1) / 2;
}

/* The walk goes down the left edge (a set bit each), then meets the right sibling of each level (a clear bit each). */
static bool make_proof(struct gen *g, const struct mnlistdiff *d, struct merkle_proof *out, hash256 *root)
{
    size_t n = 1 + rng_below(&g->blocks, g->config->most_transactions), levels = 0;
    hash256 *nodes = mem_alloc_array(n, sizeof(*nodes));
    hash256 *hashes = arena_alloc_array(&g->arena, MOST_LEVELS, sizeof(*hashes));
    uint8_t *flags = arena_alloc(&g->arena, (2 * MOST_LEVELS + 8) / 8);
    if (!nodes || !hashes || !flags) {
        mem_free(nodes);
        return false;
    }
    tx_hash coinbase = tx_id(&d->coinbase);
    nodes[0] = hashes[0] = hash256_from(coinbase.b);
    rng_bytes(&g->blocks, nodes + 1, (n - 1) * sizeof(*nodes));
    out->n_transactions = (uint32_t)n;
    while (n > 1) {
        hashes[++levels] = nodes[1];
        n = parents(nodes, n);
    }
    *root = nodes[0];
    mem_free(nodes);
    memset(flags, 0, (2 * MOST_LEVELS + 8) / 8);
    for (size_t i = 0; i <= levels; i++)
        flags[i / 8] |= (uint8_t)(1 << i % 8);
    out->hashes = hashes;
    out->n_hashes = (uint32_t)levels + 1;
    out->flags = flags;
    out->n_flag_bytes = (uint32_t)(2 * levels + 1 + 7) / 8;
    return true;
}

/* ---- header, state, diff */

/* Where a devnet adjusts every block's difficulty, multiplying by the time taken wraps: only late blocks are easy. */
static uint32_t spacing_s(const struct gen *g, int32_t height)
{
    const struct chain_params *params = &g->chain.network.chain;
    bool adjusts = params->kind == CHAIN_DEVNET && height >= params->kgw_height;
    return adjusts && g->config->spacing_s < LATE_S ? LATE_S : g->config->spacing_s;
}

static bool mine_block(struct gen *g, int32_t height, const hash256 *root)
{
    const struct gen_config *c = g->config;
    struct recent recent;
    struct header h = {.version = HEADER_VERSION, .prev = g->hashes[height - 1], .merkle_root = *root};
    h.time = tree_node(&g->tree, g->tip_node)->time + spacing_s(g, height);
    if (height == g->first && c->start_time_s)
        h.time = c->start_time_s;
    recent_forget(&recent);
    recent_move(&recent, &g->tree, g->tip_node);
    if (!difficulty_required(&g->chain.network.chain, &g->tree, &recent, h.time, &h.bits))
        return gen_refuse(g, "no difficulty", height);
    struct mined m = mine_header(h, true);
    h = header_parse(m.raw);
    arith256 work = pow_work_of(h.bits);
    work = arith256_add(&work, &tree_node(&g->tree, g->tip_node)->work);
    if (tree_reserve(&g->tree) != 0)
        return false;
    g->tip_node = tree_insert(&g->tree, m.raw, &m.hash, g->tip_node, height, &work);
    g->hashes[height] = m.hash;
    writer_bytes(&g->files[DEVNODE_HEADERS], m.raw, sizeof(m.raw));
    return !g->files[DEVNODE_HEADERS].failed;
}

/* protocol.md 4.2: the coinbase signature of the block that chose each new quorum's members. */
static bool add_clsigs(struct gen *g, struct mnlistdiff *d)
{
    const uint8_t **signatures = arena_alloc_array(&g->arena, d->n_new_quorums, sizeof(*signatures));
    if (!signatures)
        return false;
    for (uint32_t i = 0; i < d->n_new_quorums; i++) {
        const struct commitment *c = &d->new_quorums[i];
        block_hash base = block_hash_of_quorum(&c->hash);
        uint32_t node = tree_find(&g->tree, &base);
        int32_t work = tree_node(&g->tree, node)->height - c->index - WORK_DIFF_DEPTH;
        const struct mnstate *s = work >= 1 ? g->chain.states[work] : NULL;
        signatures[i] = s ? mnstate_chainlock_signature(s) : NULL;
    }
    return devnode_clsigs_group(d, signatures, &g->arena) == 0;
}

static bool write_diff(struct gen *g, const struct mnlistdiff *d)
{
    struct writer *w = &g->files[DEVNODE_DIFFS], one;
    writer_init(&one);
    mnlistdiff_encode(&one, d);
    writer_u32(w, (uint32_t)one.n);
    writer_bytes(w, one.data, one.n);
    bool good = !w->failed && !one.failed;
    writer_free(&one);
    return good;
}

static bool take_state(struct gen *g, int32_t height, const struct mnlistdiff *d, const hash256 *root)
{
    struct mnstate_block block = {height, root};
    dspv_fault fault;
    int error = mnstate_apply(&g->chain.network.chain, g->chain.states[height - 1], d, &block, &g->chain.states[height], &fault);
    return error == 0 || (error == DSPV_EFAULT && gen_refuse(g, dspv_reason_name(fault.reason), height));
}

bool gen_block(struct gen *g, int32_t height, struct mnlistdiff *d)
{
    hash256 root;
    d->proto = GEN_PROTO;
    d->version = 1;
    d->base = g->hashes[height - 1];
    if (!make_coinbase(g, height, d) || !make_proof(g, d, &d->proof, &root) || !mine_block(g, height, &root))
        return false;
    if (!d->has_cbtx)
        return write_diff(g, d); /* its block stays zeros, as a node's answer before DIP0003 */
    d->block = g->hashes[height];
    if (network_v20_after(&g->chain.network, height) && !add_clsigs(g, d))
        return false;
    return take_state(g, height, d, &root) && write_diff(g, d);
}
