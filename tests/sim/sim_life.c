/* The client's lives: it crashes, is gone for a while, and a new one opens what the disk kept. What a client with an honest disk
 * had announced is there in its next life: the chain it told of, its lists, its verified quorums, its best ChainLock. What the
 * disk made up or lost is never believed: that is for the oracles that look at every client (sim_oracle.c). */
#include <stdlib.h>

#include "base/endian.h"
#include "sim/sim.h"

enum { OPEN_AGAIN_MS = 1000 };
static const char SIM_NAME[] = "seed.simulated";

/* ---- what was announced */

static void quorum_key(uint8_t out[32], uint8_t type, const uint8_t hash[32])
{
    memcpy(out, hash, 32);
    out[31] ^= type; /* block hashes end in zeros */
}

static void remember(struct sim *s, const uint8_t key[32])
{
    if (map_put(&s->life.told, key, 1) != 0)
        abort();
}

void sim_life_event(struct sim *s, const dspv_event *e)
{
    uint8_t key[32];
    switch (e->kind) {
    case DSPV_EVENT_TIP:
        s->life.tip = block_hash_from(e->hash);
        s->life.has_tip = true;
        break;
    case DSPV_EVENT_LIST: remember(s, e->hash); break;
    case DSPV_EVENT_QUORUM:
        quorum_key(key, e->llmq_type, e->hash);
        if (e->reason == DSPV_OK)
            remember(s, key);
        break;
    case DSPV_EVENT_CHAINLOCK:
        if (e->height > s->life.chainlock)
            s->life.chainlock = e->height;
        break;
    default: break;
    }
}

/* ---- what must survive: announced, and held to the end */

static bool told(const struct sim *s, const uint8_t key[32])
{
    uint32_t one;
    return map_get(&s->life.told, key, &one);
}

static void keep(struct sim_life *l, struct sim_kept kept)
{
    if (l->n_kept == l->cap_kept) {
        l->cap_kept = l->cap_kept ? 2 * l->cap_kept : 64;
        l->kept = realloc(l->kept, l->cap_kept * sizeof(*l->kept));
        if (!l->kept)
            abort();
    }
    l->kept[l->n_kept++] = kept;
}

static void keep_all(struct sim *s)
{
    const struct engine *e = client_engine(s->client);
    uint8_t key[32];
    s->life.n_kept = 0;
    s->life.unstored = s->disk.stale;
    if (s->life.unstored) /* after a reorganisation this may concern even what was announced before it */
        return;
    const struct mnstate *tip_list = engine_tip_list(e);
    if (tip_list && told(s, tip_list->block.b))
        keep(&s->life, (struct sim_kept){.height = tip_list->height, .hash = hash256_from(tip_list->block.b)});
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        quorum_key(key, v.quorum->c.type, v.quorum->c.hash.b);
        if ((v.status == QUORUM_VERIFIED || v.status == QUORUM_READY) && told(s, key)) /* ready: it opened not long ago */
            keep(&s->life, (struct sim_kept){.type = v.quorum->c.type, .height = v.base_height,
                                             .hash = hash256_from(v.quorum->c.hash.b)});
    }
}

static void check_kept(struct sim *s, const struct sim_kept *k)
{
    const struct engine *e = client_engine(s->client);
    block_hash block = block_hash_from(k->hash.b);
    quorum_hash quorum = quorum_hash_from(k->hash.b);
    struct quorum_view v;
    if (k->type == 0 && !engine_list_of_block(e, &block))
        sim_violation(s, "disk", "the list at height %d was announced and is gone after a crash", (int)k->height);
    if (k->type == 0)
        return;
    if (!engine_quorum(e, k->type, &quorum, &v))
        sim_violation(s, "disk", "a quorum of type %d, base %d, was verified and is gone after a crash", k->type, (int)k->height);
    else if (v.status != QUORUM_VERIFIED && v.status != QUORUM_READY)
        sim_violation(s, "disk", "a quorum of type %d, base %d, was verified and is not after a crash: %s", k->type,
                      (int)k->height, dspv_reason_name(v.fault.reason));
}

static bool verifying(const struct engine *e)
{
    struct quorum_view v;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        engine_quorum_at(e, i, &v);
        if (v.status == QUORUM_READY)
            return true;
    }
    return false;
}

/* Once every quorum is verified again, the signer of the best ChainLock is. (There are jobs of other kinds.) */
void sim_life_job_done(struct sim *s)
{
    dspv_progress p;
    if (verifying(client_engine(s->client)))
        return;
    dspv_get_progress(s->client, &p);
    if (p.chainlock_height < s->life.lock_due)
        sim_violation(s, "disk", "the ChainLock of height %d was announced, after a crash it is %d", (int)s->life.lock_due,
                      (int)p.chainlock_height);
    s->life.lock_due = -1;
}

static void check_survived(struct sim *s)
{
    const struct sim_life *l = &s->life;
    struct headers *h = client_headers(s->client);
    if (l->has_tip && !headers_on_best_chain(h, headers_find(h, &l->tip)))
        sim_violation(s, "disk", "the tip that was announced is not on the best chain after a crash (which ends at %d)",
                      (int)headers_tip_height(h));
    for (size_t i = 0; i < l->n_kept; i++)
        check_kept(s, &l->kept[i]);
    s->life.lock_due = l->unstored ? -1 : l->chainlock;
}

/* ---- crash, open */

void sim_life_crash(struct sim *s, dspv_ms down_ms)
{
    dspv_progress p;
    if (!s->client)
        return;
    sim_trace(s, "the client crashes, and is gone for %d ms", (int)down_ms);
    dspv_get_progress(s->client, &p);
    s->life.bytes += p.bytes_received;
    keep_all(s);
    dspv_free(s->client);
    s->client = NULL;
    sim_disk_stop(&s->disk, true);
    sim_disk_reopen(&s->disk);
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        sim_node_forget(&s->nodes[i]);
    sim_queue_forget_client(&s->queue);
    if (s->n_node_of > 0)
        memset(s->node_of, 0, s->n_node_of);
    s->synced_at = 0;
    sim_queue_add(&s->queue, (struct sim_event){.at = s->now + down_ms, .kind = SIM_OPEN});
}

void sim_life_open(struct sim *s)
{
    static const uint64_t table_seed[2] = {21, 22}, told_seed[2] = {23, 24};
    uint8_t seed[32] = {'c', 'l', 'i', 'e', 'n', 't'};
    store_le32(seed + 20, s->life.number);
    store_le64(seed + 24, s->seed);
    struct dspv_network net = s->world->network;
    if (s->scenario.config.discover)
        net.net.chain.dns_seed = SIM_NAME;
    net.net.chain.checkpoints = s->scenario.checkpoints;
    net.net.chain.n_checkpoints = s->scenario.n_checkpoints;
    int rc = dspv_new(&s->client, &net, &s->scenario.config, sim_disk_store(&s->disk), seed, s->now);
    sim_oracle_input(s, rc, "dspv_new");
    if (rc != 0) {
        if (sim_disk_stopped(&s->disk))
            sim_disk_reopen(&s->disk);
        sim_queue_add(&s->queue, (struct sim_event){.at = s->now + OPEN_AGAIN_MS, .kind = SIM_OPEN});
        return;
    }
    map_free(&s->lists_checked); /* another client, other lists */
    map_init(&s->lists_checked, table_seed);
    if (s->life.number == 0) {
        map_init(&s->life.told, told_seed);
        s->life.chainlock = -1;
    }
    s->life.lock_due = -1;
    if (s->scenario.disk == SIM_HONEST_DISK && s->life.number > 0)
        check_survived(s);
    s->life.number++;
    s->events_now = true;
    sim_oracle_check(s);
}

void sim_life_free(struct sim *s)
{
    dspv_free(s->client);
    sim_disk_free(&s->disk);
    map_free(&s->life.told);
    free(s->life.kept);
}
