/* What must hold in every run. The oracles know the whole truth and look into the client; they never guess:
 *
 *     safety     nothing is believed that no chain of the world holds; "synced" is said only when it is so
 *     liveness   after the quiet the client arrives at the truth's tip in bounded time (sim_run.c)
 *     blame      no honest node is refused for headers
 *     bounds     what a client holds and does is bounded, whatever the others do
 *     rules      no input fails, no deadline stays in the past
 *     replay     the same seed gives the same outputs (sim_main.c)                                                            */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sim/sim.h"

void sim_violation(struct sim *s, const char *oracle, const char *format, ...)
{
    va_list list;
    if (s->oracle)
        return;
    s->oracle = oracle;
    va_start(list, format);
    vsnprintf(s->finding, sizeof(s->finding), format, list);
    va_end(list);
}

void sim_oracle_rc(struct sim *s, int rc, const char *input)
{
    if (rc != 0)
        sim_violation(s, "rules", "%s returned %d (%s)", input, rc, dspv_error_text(rc));
}

void sim_oracle_input(struct sim *s, int rc, const char *input)
{
    if (rc == DSPV_ESTORE ? s->disk.failed == 0 : rc == 0 && s->disk.stale && s->disk.failed > 0)
        sim_violation(s, "disk", "%s returned %d, and %u calls of the store failed", input, rc, s->disk.failed);
    else if (rc != DSPV_ESTORE)
        sim_oracle_rc(s, rc, input);
    s->held = rc == DSPV_ESTORE;
}

/* ---- events */

/* Nothing is announced before it is stored. (A write that failed may have become needless by the next input.) */
static void check_stored(struct sim *s, const dspv_event *e)
{
    if (s->held && s->disk.stale && (e->kind == DSPV_EVENT_TIP || e->kind == DSPV_EVENT_LIST || e->kind == DSPV_EVENT_QUORUM ||
                          e->kind == DSPV_EVENT_CHAINLOCK || e->kind == DSPV_EVENT_INSTANTLOCK))
        sim_violation(s, "disk", "an event of kind %d, height %d, although it could not be stored", e->kind, (int)e->height);
}

static void check_list_event(struct sim *s, const dspv_event *e)
{
    block_hash hash = block_hash_from(e->hash);
    if (!sim_world_state(s->world, &hash, e->height))
        sim_violation(s, "safety", "a list was announced for a block at height %d that no chain has", (int)e->height);
}

/* An honest node is never blamed for headers, unless it is on a branch that the network left. (Late answers of other kinds cost a few
 * points, and who tells of a forged quorum is not believed.) */
static void check_blame(struct sim *s, struct sim_node *n, const dspv_event *e)
{
    n->refused++;
    if (!n->kind && n->switch_at == 0 && strncmp(e->text, "headers", strlen("headers")) == 0)
        sim_violation(s, "blame", "node %zu is honest and refused for %s (%s)", (size_t)(n - s->nodes),
                      dspv_reason_name(e->reason), e->text);
}

void sim_oracle_event(struct sim *s, const dspv_event *e)
{
    uint32_t height;
    s->events_now = true;
    sim_life_event(s, e);
    check_stored(s, e);
    switch (e->kind) {
    case DSPV_EVENT_LIST: check_list_event(s, e); break;
    case DSPV_EVENT_CHAINLOCK:
        if (!map_get(&s->world->chainlocks, e->hash, &height) || (int32_t)height != e->height)
            sim_violation(s, "safety", "a ChainLock of height %d was verified that nobody signed", (int)e->height);
        break;
    case DSPV_EVENT_INSTANTLOCK:
        if (!map_get(&s->world->instantlocks, e->hash, &height))
            sim_violation(s, "safety", "an InstantSend lock was verified that nobody signed");
        break;
    case DSPV_EVENT_REFUSED:
        if (e->conn < s->n_node_of && s->node_of[e->conn] != 0)
            check_blame(s, &s->nodes[s->node_of[e->conn] - 1], e);
        break;
    default: break;
    }
}

/* ---- what the engine holds */

static void check_list(struct sim *s, const struct mnstate *list)
{
    const struct mnstate *truth = sim_world_state(s->world, &list->block, list->height);
    uint32_t seen;
    if (map_get(&s->lists_checked, list->block.b, &seen))
        return;
    if (!truth) {
        sim_violation(s, "safety", "a list is proven for a block at height %d that no chain has", (int)list->height);
        return;
    }
    const hash256 root = mnlist_root(list->list), quorum_root = quorumset_root(list->quorums);
    if (!list->anchored || !hash256_eq(&root, &truth->cbtx.mn_root) || mnlist_count(list->list) != mnlist_count(truth->list))
        sim_violation(s, "safety", "the list at height %d is not the one of the chain", (int)list->height);
    if (!hash256_eq(&quorum_root, &truth->cbtx.quorum_root) || list->quorums->n != truth->quorums->n)
        sim_violation(s, "safety", "the quorum set at height %d is not the one of the chain", (int)list->height);
    if (map_put(&s->lists_checked, list->block.b, 1) != 0)
        abort();
}

static bool same_members(const struct sim_quorum *t, const struct members *m)
{
    if (!m || m->n != t->n_members)
        return false;
    for (uint32_t i = 0; i < m->n; i++)
        if (!protx_hash_eq(&m->mn[i]->entry.protx, &t->members[i]))
            return false;
    return true;
}

static bool signer_of(const struct members *m, const struct commitment *c, const protx_hash *protx)
{
    for (uint32_t i = 0; i < m->n; i++)
        if (bitspan_get(&c->signers, i) && protx_hash_eq(&m->mn[i]->entry.protx, protx))
            return true;
    return false;
}

/* What membersSig proves of a served snapshot: who signed. Neither their order nor who did not sign (quorums.md 4.5). */
static bool same_signers(const struct sim_quorum *t, const struct quorum_view *v)
{
    const struct commitment *c = &v->quorum->c;
    if (!v->members || v->members->n != t->n_members)
        return false;
    for (uint32_t i = 0; i < t->n_members; i++)
        if (bitspan_get(&c->signers, i) && !signer_of(v->members, c, &t->members[i]))
            return false;
    return true;
}

/* Do its members rest on a snapshot that the engine was served and has not computed itself? */
static bool rests_on_claims(struct sim *s, const struct quorum_view *v)
{
    const struct network *net = &s->world->network.net;
    const struct llmq_params *p = network_llmq(net, v->quorum->c.type);
    int32_t base = v->base_height - v->quorum->c.index;
    bool derived = true;
    if (!llmq_rotation_in_force(net, p, v->base_height))
        return false;
    for (int32_t cycle = base - p->interval; derived && cycle >= base - 3 * p->interval; cycle -= p->interval)
        derived = !engine_snapshot(client_engine(s->client), cycle, &derived) || derived;
    return !derived;
}

static void bad_quorum(struct sim *s, const struct quorum_view *v, const char *what)
{
    char hex[65];
    hash_to_hex(v->quorum->c.hash.b, hex);
    sim_violation(s, "safety", "%s: type %d, base %d, index %d, %s", what, v->quorum->c.type, (int)v->base_height,
                  v->quorum->c.index, hex);
}

static void check_quorum(struct sim *s, const struct quorum_view *v)
{
    const struct commitment *c = &v->quorum->c;
    uint32_t at;
    if (v->status != QUORUM_VERIFIED)
        return;
    if (!map_get(&s->world->by_leaf, v->quorum->leaf.b, &at)) {
        bad_quorum(s, v, "a quorum was verified that nobody mined");
        return;
    }
    const struct sim_quorum *t = &s->world->quorums[at];
    if (t->forged)
        bad_quorum(s, v, "a forged quorum was verified");
    if (t->type != c->type || !quorum_hash_eq(&t->hash, &c->hash) || !v->committed)
        bad_quorum(s, v, "a quorum was verified under another name");
    if (same_members(t, v->members))
        return;
    if (rests_on_claims(s, v) && same_signers(t, v))
        s->doubtful = true;
    else
        bad_quorum(s, v, "a verified quorum has other members");
}

static void check_synced(struct sim *s, const struct needs *needs)
{
    struct engine *e = client_engine(s->client);
    struct headers *h = client_headers(s->client);
    int32_t tip = headers_tip_height(h);
    block_hash hash;
    headers_hash(h, headers_tip(h), &hash);
    const struct mnstate *list = engine_list(e, tip);
    if (!list || !block_hash_eq(&list->block, &hash))
        sim_violation(s, "safety", "synced at %d without the tip's list", (int)tip);
    else if (needs->n > 0 || needs->verified != needs->wanted)
        sim_violation(s, "safety", "synced at %d with %zu needs, %zu of %zu quorums verified", (int)tip, needs->n,
                      needs->verified, needs->wanted);
}

static bool discover(struct sim *s, struct needs *out)
{
    int rc = engine_discover(client_engine(s->client), headers_tip_height(client_headers(s->client)), out);
    if (rc == DSPV_ENOMEM)
        abort();
    return rc == 0;
}

static void check_engine(struct sim *s)
{
    struct engine *e = client_engine(s->client);
    dspv_progress p;
    struct needs needs = {0};
    for (size_t i = 0; i < engine_list_count(e); i++)
        check_list(s, engine_list_at(e, i));
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        check_quorum(s, &v);
    }
    dspv_get_progress(s->client, &p);
    if (p.phase != DSPV_PHASE_SYNCED || !s->scenario.config.masternodes)
        return;
    s->synced_once = true;
    if (p.header_height < s->world->network.net.chain.active.dip0003)
        return; /* there is no list yet on what it was told */
    if (!discover(s, &needs))
        sim_violation(s, "safety", "synced at %d without the tip's list", (int)p.header_height);
    else
        check_synced(s, &needs);
    needs_free(&needs);
}

/* ---- bounds */

static void bound(struct sim *s, const char *what, size_t is, size_t most)
{
    if (is > most)
        sim_violation(s, "bounds", "%s: %zu, at most %zu are allowed", what, is, most);
}

/* What is held of a range is part of it, and each begins where the one before it ends. */
static void check_range(struct sim *s, const struct header_ranges *all, size_t i)
{
    const struct header_range *r = &all->r[i];
    size_t held = 0;
    for (const struct header_message *m = r->first; m; m = m->next)
        held += m->batch.n;
    bound(s, "headers of a range", held, (size_t)(r->end - r->start));
    if (r->height < r->start || r->height > r->end || (i > 0 && r->start != all->r[i - 1].end))
        sim_violation(s, "bounds", "range %zu goes from %d to %d and is told to %d", i, (int)r->start, (int)r->end, (int)r->height);
    s->ranged |= r->asked;
}

static void check_ranges(struct sim *s)
{
    const struct dspv *c = s->client;
    bound(s, "ranges", c->header_ranges.n, HEADER_RANGES_MOST);
    for (size_t i = 0; i < c->header_ranges.n; i++)
        check_range(s, &c->header_ranges, i);
    for (size_t i = 0; i < c->n_peers; i++)
        bound(s, "ranges that a peer owes", c->peers[i]->ranges_owed, HEADER_RANGES_MOST);
}

static void check_bounds(struct sim *s)
{
    const struct engine *e = client_engine(s->client);
    bound(s, "lists in the engine", engine_list_count(e), SIM_MOST_LISTS);
    bound(s, "quorums in the engine", engine_quorum_count(e), SIM_MOST_QUORUMS);
    bound(s, "headers", headers_count(client_headers(s->client)), SIM_MOST_BLOCKS);
    check_ranges(s);
    bound(s, "waiting locks", s->client->locks.n_pending, LOCKS_MOST_PENDING);
    bound(s, "outputs after one input", s->outputs_now, SIM_MOST_OUTPUTS);
    bound(s, "bytes sent after one input", s->sent_now, SIM_MOST_SENT_AT_ONCE);
    bound(s, "inputs", s->inputs, SIM_MOST_INPUTS);
    bound(s, "ticks in a row that left the deadline in the past", s->ticks_in_place, SIM_MOST_TICKS_IN_PLACE);
    uint64_t allowed = 2000 + 40 * s->connections + SIM_MOST_MESSAGES_PER_S * (uint64_t)(s->now - s->start) / 1000;
    bound(s, "messages sent so far", s->messages, (size_t)allowed);
}

/* ---- questions of the user */

void sim_oracle_ask(struct sim *s)
{
    struct headers *h = client_headers(s->client);
    int32_t height = (int32_t)rng_below(&s->work, (uint64_t)headers_tip_height(h) + 1);
    block_hash hash;
    headers_hash(h, headers_at(h, height), &hash);
    const struct mnstate *truth = sim_world_state(s->world, &hash, height);
    const uint8_t *expected = truth ? mnstate_chainlock_signature(truth) : NULL;
    uint8_t signature[96];
    int rc = dspv_chainlock_signature_at(s->client, height, s->now, signature, NULL);
    if (rc == 0 && (!expected || memcmp(signature, expected, sizeof(signature)) != 0))
        sim_violation(s, "safety", "the coinbase of block %d does not have the ChainLock signature that was told", (int)height);
    if (rc == DSPV_EFAULT && expected)
        sim_violation(s, "safety", "the coinbase of block %d is said to have no ChainLock signature", (int)height);
    if (rc != 0 && rc != DSPV_EFAULT && rc != DSPV_EWAITING)
        sim_oracle_rc(s, rc, "dspv_chainlock_signature_at");
}

void sim_oracle_check(struct sim *s)
{
    check_bounds(s);
    if (!s->events_now && s->inputs % 64 != 0)
        return;
    s->events_now = false;
    check_engine(s);
}

/* ---- the goal */

static bool forged(const struct sim *s, const struct quorum_view *v)
{
    uint32_t at;
    return map_get(&s->world->by_leaf, v->quorum->leaf.b, &at) && s->world->quorums[at].forged;
}

/* As good as it gets where miners commit to forged quorums: whatever is wanted and not verified is forged. A forged rotated
 * quorum cannot be told from an honest one with false snapshots: the client goes on asking, and its cycle's others may wait. */
static bool decided(struct sim *s)
{
    struct engine *e = client_engine(s->client);
    size_t *wanted = NULL, n = 0;
    bool good = true, any = false, rotated_forged = false;
    if (engine_wanted(e, headers_tip_height(client_headers(s->client)), &wanted, &n) != 0)
        return false;
    for (size_t i = 0; i < s->world->n_quorums; i++)
        rotated_forged |= s->world->quorums[i].forged && llmq_params_by_type(s->world->quorums[i].type)->rotated;
    for (size_t i = 0; good && i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        bool doubtful = rotated_forged && llmq_params_by_type(v.quorum->c.type)->rotated;
        any |= v.status != QUORUM_VERIFIED;
        good = v.status == QUORUM_VERIFIED || doubtful || (v.status == QUORUM_INVALID && forged(s, &v));
    }
    mem_free(wanted);
    return good && any;
}

bool sim_oracle_arrived(struct sim *s)
{
    struct headers *h = client_headers(s->client);
    int32_t tip = headers_tip_height(h);
    block_hash hash;
    dspv_progress p;
    headers_hash(h, headers_tip(h), &hash);
    if (tip != s->scenario.end_tip || !block_hash_eq(&hash, devnode_chain_hash(s->world->chains.chain, tip)))
        return false;
    dspv_get_progress(s->client, &p);
    return p.phase == DSPV_PHASE_SYNCED || (s->world->forgeries && p.phase == DSPV_PHASE_DEGRADED && decided(s));
}

bool sim_oracle_locked(const struct sim *s)
{
    const struct devnode_lock *best = devnode_chain_best_clsig(s->world->chains.chain, s->scenario.end_tip);
    dspv_progress p;
    dspv_get_progress(s->client, &p);
    return !best || !s->scenario.config.masternodes || p.chainlock_height >= best->height;
}
