/* The public C ABI of the engine (dashspv/engine.h): payload bytes in, flat values out. */
#include "dashspv/engine.h"

#include "base/fault.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/network_api.h"

struct dspv_engine {
    struct engine *engine;
};

/* Most that decoding one message may allocate: several times what the largest real message needs. */
enum { DECODE_LIMIT = 64 << 20 };

int dspv_engine_new(dspv_engine **out, const dspv_network *net, const uint8_t seed[32])
{
    dspv_engine *e = mem_alloc(sizeof(*e));
    if (!e)
        return DSPV_ENOMEM;
    int error = engine_new(&e->engine, &net->net, seed, 0);
    if (error != 0)
        mem_free(e);
    else
        *out = e;
    return error;
}

void dspv_engine_free(dspv_engine *e)
{
    if (e)
        engine_free(e->engine);
    mem_free(e);
}

int dspv_engine_feed_block_height(dspv_engine *e, const dspv_block_hash *hash, int32_t height, const uint8_t *merkle_root)
{
    hash256 root;
    if (merkle_root)
        root = hash256_from(merkle_root);
    return engine_feed_block(e->engine, hash, height, merkle_root ? &root : NULL);
}

int32_t dspv_engine_block_height(const dspv_engine *e, const dspv_block_hash *hash)
{
    return engine_block_height(e->engine, hash);
}

int dspv_engine_feed_chain_lock_sig(dspv_engine *e, const dspv_block_hash *block, const uint8_t *signature, dspv_fault *fault)
{
    return engine_feed_chainlock_signature(e->engine, block, signature, fault);
}

/* ---- messages */

/* A decoded message of either kind, and the memory it lives in. */
struct message {
    struct arena arena;
    struct mnlistdiff diff;
    struct qrinfo *qrinfo; /* large: in the arena */
};

static int decode_diff(struct message *m, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault)
{
    arena_init(&m->arena, DECODE_LIMIT);
    return mnlistdiff_decode(payload, n, protocol, &m->arena, &m->diff, fault);
}

static int decode_qrinfo(struct message *m, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault)
{
    arena_init(&m->arena, DECODE_LIMIT);
    m->qrinfo = arena_alloc(&m->arena, sizeof(*m->qrinfo));
    return m->qrinfo ? qrinfo_decode(payload, n, protocol, &m->arena, m->qrinfo, fault) : DSPV_ENOMEM;
}

static int hand_out(int error, block_hash *hashes, size_t count, dspv_block_hash *out, size_t most)
{
    if (error != 0)
        return error;
    for (size_t i = 0; i < count && i < most; i++)
        out[i] = hashes[i];
    mem_free(hashes);
    return (int)count;
}

int dspv_engine_diff_hashes(const uint8_t *payload, size_t n, int protocol, dspv_block_hash *out, size_t most, dspv_fault *fault)
{
    struct message m;
    block_hash *hashes = NULL;
    size_t count = 0;
    int error = decode_diff(&m, payload, n, protocol, fault);
    if (error == 0)
        error = engine_diff_hashes(&m.diff, &hashes, &count);
    arena_free(&m.arena);
    return hand_out(error, hashes, count, out, most);
}

int dspv_engine_qr_info_hashes(const uint8_t *payload, size_t n, int protocol, dspv_block_hash *out, size_t most,
                               dspv_fault *fault)
{
    struct message m;
    block_hash *hashes = NULL;
    size_t count = 0;
    int error = decode_qrinfo(&m, payload, n, protocol, fault);
    if (error == 0)
        error = engine_qrinfo_hashes(m.qrinfo, &hashes, &count);
    arena_free(&m.arena);
    return hand_out(error, hashes, count, out, most);
}

int dspv_engine_apply_diff(dspv_engine *e, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault)
{
    struct message m;
    int error = decode_diff(&m, payload, n, protocol, fault);
    if (error == 0)
        error = engine_apply_diff(e->engine, &m.diff, fault);
    arena_free(&m.arena);
    return error;
}

int dspv_engine_feed_qr_info(dspv_engine *e, const uint8_t *payload, size_t n, int protocol, dspv_fault *fault)
{
    struct message m;
    int error = decode_qrinfo(&m, payload, n, protocol, fault);
    bool tip_waiting = false;
    if (error == 0)
        error = engine_feed_qrinfo(e->engine, m.qrinfo, &tip_waiting, fault);
    if (error == 0 && tip_waiting)
        error = DSPV_EWAITING; /* *fault says what the tip diff waits for */
    arena_free(&m.arena);
    return error;
}

void dspv_engine_rollback(dspv_engine *e, int32_t height)
{
    engine_rollback(e->engine, height);
}

void dspv_engine_prune(dspv_engine *e, int32_t tip_height, int32_t settled_height)
{
    engine_prune(e->engine, tip_height, settled_height, NULL, 0);
}

size_t dspv_engine_memory(const dspv_engine *e)
{
    return engine_memory(e->engine);
}

int dspv_engine_verify(dspv_engine *e)
{
    return engine_verify(e->engine);
}

int dspv_engine_verify_masternode_list_quorums(dspv_engine *e, int32_t height, const uint8_t *types, size_t n_types,
                                               dspv_fault *fault)
{
    return engine_verify_list_quorums(e->engine, height, types, n_types, fault);
}

/* ---- answers */

static dspv_quorum_status status_of(const dspv_engine *e, const struct quorum_view *v)
{
    if (v->status == QUORUM_INVALID)
        return DSPV_QUORUM_INVALID;
    if (v->status != QUORUM_VERIFIED)
        return DSPV_QUORUM_WAITING;
    const struct mnstate *tip = engine_tip_list(e->engine);
    bool active = tip && quorumset_find(tip->quorums, v->quorum->c.type, &v->quorum->c.hash);
    return v->committed && !active ? DSPV_QUORUM_RETIRED : DSPV_QUORUM_VERIFIED;
}

static void flatten(const dspv_engine *e, const struct quorum_view *v, dspv_quorum *out)
{
    const struct commitment *c = &v->quorum->c;
    *out = (dspv_quorum){.llmq_type = c->type,
                         .hash = c->hash,
                         .index = c->index,
                         .version = c->version,
                         .base_height = v->base_height,
                         .committed = v->committed,
                         .status = status_of(e, v),
                         .fault = v->fault,
                         .n_members = v->members ? v->members->n : 0,
                         .n_signers = bitspan_count(&c->signers),
                         .n_valid_members = bitspan_count(&c->valid_members)};
    bls_key key;
    if (v->status == QUORUM_VERIFIED &&
        bls_key_decode(&key, c->public_key, commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC))
        bls_key_encode(out->public_key, &key, BLS_BASIC);
}

size_t dspv_engine_list_count(const dspv_engine *e)
{
    return engine_list_count(e->engine);
}

void dspv_engine_list_at(const dspv_engine *e, size_t i, dspv_list *out)
{
    const struct mnstate *s = engine_list_at(e->engine, i);
    *out = (dspv_list){.height = s->height,
                       .block = s->block,
                       .masternodes = (uint32_t)mnlist_count(s->list),
                       .masternodes_valid = (uint32_t)mnlist_valid(s->list),
                       .masternodes_evo = (uint32_t)mnlist_evo(s->list),
                       .quorums = s->quorums->n,
                       .has_chainlock_signature = mnstate_chainlock_signature(s) != NULL};
    memcpy(out->merkle_root_mn_list, s->cbtx.mn_root.b, 32);
    memcpy(out->merkle_root_quorums, s->cbtx.quorum_root.b, 32);
}

size_t dspv_engine_quorum_count(const dspv_engine *e)
{
    return engine_quorum_count(e->engine);
}

void dspv_engine_quorum_at(const dspv_engine *e, size_t i, dspv_quorum *out)
{
    struct quorum_view v;
    engine_quorum_at(e->engine, i, &v);
    flatten(e, &v, out);
}

dspv_quorum_status dspv_engine_quorum(const dspv_engine *e, uint8_t llmq_type, const dspv_quorum_hash *hash, dspv_quorum *out)
{
    struct quorum_view v;
    if (engine_quorum(e->engine, llmq_type, hash, &v))
        flatten(e, &v, out);
    else
        *out = (dspv_quorum){.llmq_type = llmq_type, .hash = *hash, .base_height = -1, .status = DSPV_QUORUM_UNKNOWN};
    return out->status;
}

bool dspv_engine_quorum_member(const dspv_engine *e, uint8_t llmq_type, const dspv_quorum_hash *hash, uint32_t i,
                               dspv_protx_hash *out)
{
    struct quorum_view v;
    if (!engine_quorum(e->engine, llmq_type, hash, &v) || !v.members || i >= v.members->n)
        return false;
    *out = v.members->mn[i]->entry.protx;
    return true;
}

static size_t latest_hashes(const dspv_engine *e, bool rotated, dspv_quorum_hash *out, size_t most)
{
    const struct mnstate *tip = engine_tip_list(e->engine);
    size_t n = 0;
    for (uint32_t i = 0; tip && i < tip->quorums->n; i++) {
        const struct commitment *c = &tip->quorums->items[i]->c;
        if (commitment_is_indexed(c) != rotated)
            continue;
        if (n < most)
            out[n] = c->hash;
        n++;
    }
    return n;
}

size_t dspv_engine_latest_rotating_quorum_hashes(const dspv_engine *e, dspv_quorum_hash *out, size_t most)
{
    return latest_hashes(e, true, out, most);
}

size_t dspv_engine_latest_non_rotating_quorum_hashes(const dspv_engine *e, dspv_quorum_hash *out, size_t most)
{
    return latest_hashes(e, false, out, most);
}

int dspv_engine_discover(const dspv_engine *e, int32_t tip_height, dspv_need *out, size_t most, bool *requires_qr_info)
{
    struct needs needs;
    int error = engine_discover(e->engine, tip_height, &needs);
    if (error != 0)
        return error;
    for (size_t i = 0; i < needs.n && i < most; i++) {
        const struct need *n = &needs.items[i];
        out[i] = (dspv_need){.kind = (dspv_need_kind)n->kind,
                             .height = n->height,
                             .block = n->block,
                             .llmq_type = n->type,
                             .quorum = n->quorum,
                             .wanted_by = n->wanted_by};
    }
    if (requires_qr_info)
        *requires_qr_info = needs.requires_qrinfo;
    int count = (int)needs.n;
    needs_free(&needs);
    return count;
}

/* ---- locks */

static void flatten_signer(const dspv_engine *e, int error, const struct quorum_view *v, dspv_quorum *signer)
{
    if (error == 0 && signer)
        flatten(e, v, signer);
}

int dspv_engine_verify_chain_lock(dspv_engine *e, const uint8_t *payload, size_t n, dspv_quorum *signer, dspv_fault *fault)
{
    struct clsig lock;
    struct quorum_view v;
    int error = clsig_decode(payload, n, &lock, fault);
    if (error == 0)
        error = engine_check_chainlock(e->engine, &lock, &v, fault);
    flatten_signer(e, error, &v, signer);
    return error;
}

int dspv_engine_verify_instant_lock(dspv_engine *e, const uint8_t *payload, size_t n, int32_t tip_height, dspv_quorum *signer,
                                    dspv_fault *fault)
{
    struct isdlock lock;
    struct quorum_view v;
    int error = isdlock_decode(payload, n, &lock, fault);
    if (error == 0)
        error = engine_check_instantlock(e->engine, &lock, tip_height, &v, fault);
    flatten_signer(e, error, &v, signer);
    return error;
}
