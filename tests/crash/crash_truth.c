/* See crash.h. The engine that knows the truth is told every consecutive diff, so it computes the members of every quorum without
 * ever being served a snapshot. */
#include <stdio.h>
#include <stdlib.h>

#include "chain/header.h"
#include "crash/crash.h"
#include "sync/client.h"

static bool feed(struct crash_truth *t, int32_t height)
{
    const struct devnode_chain *c = t->chain;
    const struct header header = header_parse(devnode_chain_header(c, height));
    const struct mnlistdiff *recorded = devnode_chain_diff(c, height);
    dspv_fault fault;
    if (engine_feed_block(t->engine, devnode_chain_hash(c, height), height, &header.merkle_root) != 0)
        return false;
    if (!recorded || !recorded->has_cbtx)
        return true;
    struct mnlistdiff d = *recorded;
    if (height == c->network.chain.active.dip0003) /* below it there is no list: the same as genesis */
        memset(d.base.b, 0, 32);
    return engine_apply_diff(t->engine, &d, &fault) == 0;
}

bool crash_truth_load(struct crash_truth *t, const char *directory, char *error)
{
    static const uint8_t seed[32] = {1};
    *t = (struct crash_truth){0};
    if (devnode_chain_load(&t->chain, directory, error) != 0)
        return false;
    t->network.net = t->chain->network;
    bool good = engine_new(&t->engine, &t->chain->network, seed, 0) == 0;
    for (int32_t h = 0; good && h <= t->chain->tip; h++)
        good = feed(t, h);
    if (!good || engine_verify(t->engine) != 0)
        snprintf(error, DEVNODE_ERROR_SIZE, "%.200s: the engine cannot follow it", directory);
    return good;
}

void crash_truth_free(struct crash_truth *t)
{
    engine_free(t->engine);
    devnode_chain_free(t->chain);
}

/* ---- comparing */

static bool false_list(const struct crash_truth *t, const struct mnstate *list, char *finding)
{
    const struct mnstate *truth = engine_list_of_block(t->engine, &list->block);
    if (truth && truth->height == list->height && list->anchored) {
        hash256 masternodes = mnlist_root(list->list), true_masternodes = mnlist_root(truth->list);
        hash256 quorums = quorumset_root(list->quorums), true_quorums = quorumset_root(truth->quorums);
        if (hash256_eq(&masternodes, &true_masternodes) && hash256_eq(&quorums, &true_quorums))
            return false;
    }
    snprintf(finding, CRASH_FINDING_SIZE, "the list at height %d is not the chain's", (int)list->height);
    return true;
}

static bool false_quorum(const struct crash_truth *t, const struct quorum_view *v, char *finding)
{
    struct quorum_view truth;
    const struct commitment *c = &v->quorum->c;
    bool good = engine_quorum(t->engine, c->type, &c->hash, &truth) && truth.status == QUORUM_VERIFIED && v->members &&
                hash256_eq(&truth.quorum->leaf, &v->quorum->leaf) && truth.members->n == v->members->n;
    for (uint32_t i = 0; good && i < v->members->n; i++)
        good = protx_hash_eq(&truth.members->mn[i]->entry.protx, &v->members->mn[i]->entry.protx);
    if (!good)
        snprintf(finding, CRASH_FINDING_SIZE, "the quorum of type %d, base %d, is verified but not the chain's", c->type,
                 (int)v->base_height);
    return !good;
}

static bool false_headers(const struct crash_truth *t, const struct headers *h, char *finding)
{
    block_hash hash;
    headers_hash(h, headers_tip(h), &hash);
    int32_t tip = headers_tip_height(h);
    if (devnode_chain_height(t->chain, &hash, t->chain->tip) == tip)
        return false;
    snprintf(finding, CRASH_FINDING_SIZE, "the tip at height %d is not the chain's", (int)tip);
    return true;
}

static void run_jobs(dspv *client)
{
    dspv_out out;
    dspv_ms now = client->now;
    while (dspv_next(client, &out))
        if (out.kind == DSPV_OUT_JOB && (dspv_job_run(out.job) != 0 || dspv_in_job_done(client, out.job, now) != 0))
            abort();
}

bool crash_truth_check(const struct crash_truth *t, dspv *client, struct opened *out, char *finding)
{
    const struct engine *e = client_engine(client);
    dspv_progress p;
    run_jobs(client);
    dspv_get_progress(client, &p);
    *out = (struct opened){.tip = headers_tip_height(client_headers(client)), .list = p.list_height,
                           .chainlock = p.chainlock_height, .lists = engine_list_count(e)};
    if (false_headers(t, client_headers(client), finding))
        return false;
    for (size_t i = 0; i < out->lists; i++)
        if (false_list(t, engine_list_at(e, i), finding))
            return false;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        out->quorums += v.status == QUORUM_VERIFIED;
        if (v.status == QUORUM_VERIFIED && false_quorum(t, &v, finding))
            return false;
    }
    return true;
}
