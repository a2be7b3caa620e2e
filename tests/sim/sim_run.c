/* One run: the client on a virtual clock. After every input its outputs are drained and the oracles asked; then time jumps to
 * what happens next. Jobs take a while, ticks come late, as with a real driver. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "sim/sim.h"
#include "wire/frame.h"

enum { LONGEST_JOB_MS = 400, LATEST_TICK_MS = 40, LONGEST_LOOKUP_MS = 20000, LONGEST_RESOLVING_MS = 3000, MOST_LOOKED_UP = 400, ASK_EVERY = 50 };

void *sim_alloc(size_t n)
{
    void *p = calloc(1, n);
    if (!p)
        abort();
    return p;
}

void sim_trace(const struct sim *s, const char *format, ...)
{
    va_list list;
    if (!s->traced)
        return;
    printf("%9.3f  ", (double)(s->now - s->start) / 1000);
    va_start(list, format);
    vprintf(format, list);
    va_end(list);
    printf("\n");
}

/* ---- the trace's hash: FNV-1a */

static void mix(struct sim *s, const void *data, size_t n)
{
    const uint8_t *p = data;
    for (size_t i = 0; i < n; i++)
        s->hash = (s->hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static void mix_number(struct sim *s, int64_t v)
{
    uint8_t bytes[8];
    store_le64(bytes, (uint64_t)v);
    mix(s, bytes, sizeof(bytes));
}

static void mix_event(struct sim *s, const dspv_event *e)
{
    mix_number(s, e->kind);
    mix_number(s, e->phase);
    mix_number(s, e->conn);
    mix_number(s, e->height);
    mix_number(s, e->llmq_type);
    mix_number(s, e->reason);
    mix(s, e->hash, sizeof(e->hash));
    mix(s, e->text, strnlen(e->text, sizeof(e->text)));
}

static void mix_output(struct sim *s, const dspv_out *out)
{
    mix_number(s, s->now);
    mix_number(s, out->kind);
    mix_number(s, out->conn);
    if (out->kind == DSPV_OUT_EVENT)
        mix_event(s, &out->event);
    if (out->kind == DSPV_OUT_SEND)
        mix(s, out->data, out->n);
}

/* ---- outputs */

static void print_event(const struct sim *s, const dspv_event *e)
{
    static const char *const names[] = {"phase ",    "peer",        "tip",     "list",   "quorum", "plan", "request",
                                        "ChainLock", "InstantLock", "refused", "lookup", "source"};
    char hex[65];
    hash_to_hex(e->hash, hex);
    const char *name = (size_t)e->kind < sizeof(names) / sizeof(names[0]) ? names[e->kind] : "other";
    sim_trace(s, "EVENT %s%s conn %u height %d type %d %.12s %s %s", name,
              e->kind == DSPV_EVENT_PHASE ? dspv_phase_name(e->phase) : "", (unsigned)e->conn, (int)e->height, e->llmq_type, hex,
              dspv_reason_name(e->reason), e->text);
}

static void remember_conn(struct sim *s, dspv_conn conn, size_t node)
{
    if (conn >= s->n_node_of) {
        size_t n = 2 * (size_t)conn + 16;
        uint8_t *grown = sim_alloc(n);
        if (s->n_node_of)
            memcpy(grown, s->node_of, s->n_node_of);
        free(s->node_of);
        s->node_of = grown;
        s->n_node_of = n;
    }
    s->node_of[conn] = (uint8_t)(node + 1);
}

/* Half of the places where nobody is refuse at once, the others say nothing. */
static void on_unreachable(struct sim *s, const dspv_out *out)
{
    sim_trace(s, "client connects to %u.%u.%u.%u, where nobody is (connection %u)", out->addr.ip[12], out->addr.ip[13],
              out->addr.ip[14], out->addr.ip[15], (unsigned)out->conn);
    if (out->addr.ip[15] % 2 == 0)
        sim_queue_add(&s->queue, (struct sim_event){.at = s->now + 50, .kind = SIM_UNREACHED, .conn = out->conn});
}

static void on_resolve(struct sim *s, const char *name)
{
    dspv_ms takes = (dspv_ms)rng_below(&s->work, LONGEST_RESOLVING_MS);
    sim_trace(s, "client wants %s resolved", name);
    sim_queue_add(&s->queue, (struct sim_event){.at = s->now + takes, .kind = SIM_RESOLVED, .name = name});
}

static void on_connect(struct sim *s, const dspv_out *out)
{
    struct sim_node *n = sim_addresses_at(s, &out->addr);
    if (!n) {
        on_unreachable(s, out);
        return;
    }
    size_t i = (size_t)(n - s->nodes);
    sim_trace(s, "client connects to node %zu (connection %u)", i, (unsigned)out->conn);
    if (n->conn != 0)
        sim_violation(s, "rules", "the client connects to node %zu twice", i);
    remember_conn(s, out->conn, i);
    sim_node_connect(s, n, out->conn);
}

static void on_send(struct sim *s, const dspv_out *out)
{
    struct sim_node *n = sim_node_of(s, out->conn);
    s->sent_now += out->n;
    for (size_t i = 0; i + FRAME_HEADER_SIZE <= out->n; i += FRAME_HEADER_SIZE + load_le32(out->data + i + 16))
        s->messages++;
    if (n && n->peer)
        sim_node_send(s, n, out->data, out->n);
    else
        sim_violation(s, "rules", "the client sends on connection %u, which is not open", (unsigned)out->conn);
}

static void on_close(struct sim *s, const dspv_out *out)
{
    struct sim_node *n = sim_node_of(s, out->conn);
    sim_trace(s, "client closes connection %u: %s", (unsigned)out->conn, dspv_reason_name(out->reason));
    if (n)
        sim_node_forget(n);
}

static void on_job(struct sim *s, dspv_job *job)
{
    dspv_ms takes = (dspv_ms)rng_below(&s->work, LONGEST_JOB_MS + 1);
    sim_trace(s, "client has a job, which takes %d ms", (int)takes);
    sim_queue_add(&s->queue, (struct sim_event){.at = s->now + takes, .kind = SIM_JOB, .job = job});
    sim_oracle_rc(s, dspv_job_run(job), "dspv_job_run");
}

/* The source of look-ups is no help in any run: it knows nothing, says nothing, or talks nonsense. */
static void on_lookup(struct sim *s, uint64_t id)
{
    struct sim_event e = {.at = s->now + (dspv_ms)rng_below(&s->work, LONGEST_LOOKUP_MS), .kind = SIM_LOOKUP, .id = id};
    sim_trace(s, "client wants to look something up");
    if (rng_below(&s->work, 3) == 0)
        return;
    if (rng_below(&s->work, 2) == 0) {
        e.n = 1 + rng_below(&s->work, MOST_LOOKED_UP);
        e.bytes = sim_alloc(e.n);
        rng_bytes(&s->work, e.bytes, e.n);
    }
    sim_queue_add(&s->queue, e);
}

static void drain(struct sim *s)
{
    dspv_out out;
    s->outputs_now = 0;
    s->sent_now = 0;
    while (!s->oracle && s->outputs_now <= SIM_MOST_OUTPUTS && dspv_next(s->client, &out)) {
        s->outputs_now++;
        mix_output(s, &out);
        switch (out.kind) {
        case DSPV_OUT_CONNECT: on_connect(s, &out); break;
        case DSPV_OUT_SEND: on_send(s, &out); break;
        case DSPV_OUT_CLOSE: on_close(s, &out); break;
        case DSPV_OUT_JOB: on_job(s, out.job); break;
        case DSPV_OUT_LOOKUP: on_lookup(s, out.id); break;
        case DSPV_OUT_RESOLVE: on_resolve(s, out.name); break;
        case DSPV_OUT_EVENT:
            if (s->traced)
                print_event(s, &out.event);
            sim_oracle_event(s, &out.event);
        }
    }
    sim_oracle_check(s);
}

/* ---- inputs */

static void input(struct sim *s, int rc, const char *name)
{
    s->inputs++;
    sim_oracle_input(s, rc, name);
    s->disk.failed = 0;
    if (s->scenario.config.lookups && s->inputs % ASK_EVERY == 0)
        sim_oracle_ask(s);
    drain(s);
    s->disk.failed = 0;
    if (sim_disk_stopped(&s->disk))
        sim_life_crash(s, 0);
}

static void add_node(struct sim *s, uint32_t node)
{
    s->nodes[node].added = true;
    if (s->client && s->scenario.discovery == SIM_NAMED)
        input(s, dspv_add_peer(s->client, &s->nodes[node].addr, s->now), "dspv_add_peer");
}

static void lose(struct sim *s, struct sim_node *n)
{
    dspv_conn conn = n->conn;
    if (conn == 0)
        return;
    sim_trace(s, "connection %u breaks", (unsigned)conn);
    sim_node_forget(n);
    input(s, dspv_in_closed(s->client, conn, s->now), "dspv_in_closed");
}

/* Whoever is cut off hears nothing for a while; half of the connections do not survive that. */
static void cut_off(struct sim *s, struct sim_node *n, int32_t seconds)
{
    n->cut_off_until = s->now + (dspv_ms)seconds * 1000;
    sim_trace(s, "node %d is cut off for %d s", (int)(n - s->nodes), (int)seconds);
    if (rng_below(&s->network, 2) == 0)
        lose(s, n);
}

/* One time in four, before the quiet, the name cannot be resolved. */
static void on_resolved(struct sim *s, const char *name)
{
    dspv_addr found[SIM_MOST_RESOLVED];
    bool fails = rng_below(&s->work, 4) == 0 && s->now < s->start + s->scenario.quiet_at;
    size_t n = fails ? 0 : sim_addresses_named(s, found);
    sim_trace(s, "%s stands for %zu addresses", name, n);
    input(s, dspv_in_resolved(s->client, name, found, n, s->now), "dspv_in_resolved");
}

static void on_job_done(struct sim *s, dspv_job *job)
{
    sim_trace(s, job->kind == JOB_SIGNATURES ? "signatures are checked" : "headers are hashed");
    input(s, dspv_in_job_done(s->client, job, s->now), "dspv_in_job_done");
    if (s->client)
        sim_life_job_done(s);
}

/* Something that concerns an open connection. */
static void on_connection(struct sim *s, struct sim_node *n, const struct sim_event *e)
{
    switch (e->kind) {
    case SIM_CONNECTED:
        sim_node_connected(s, n);
        if (!n->kind && s->honest_at == 0)
            s->honest_at = s->now;
        input(s, dspv_in_connected(s->client, e->conn, s->now), "dspv_in_connected");
        break;
    case SIM_TO_CLIENT: input(s, dspv_in_bytes(s->client, e->conn, e->bytes, e->n, s->now), "dspv_in_bytes"); break;
    case SIM_TO_NODE: sim_node_heard(s, n, e->bytes, e->n); break;
    case SIM_LIAR_TICK:
        if (!n->hanging_up)
            sim_node_tick(s, n);
        break;
    default: lose(s, n); break;
    }
}

/* At once, or in the middle of one of the next writes. */
static void crash(struct sim *s, dspv_ms down_ms)
{
    if (s->disk.kind == SIM_NO_DISK || rng_below(&s->work, 2) == 0)
        sim_life_crash(s, down_ms);
    else if (s->client)
        sim_disk_stop(&s->disk, false);
}

static void open_again(struct sim *s)
{
    sim_life_open(s);
    for (uint32_t i = 0; i < s->scenario.n_nodes && s->client && !s->oracle; i++)
        if (s->nodes[i].added)
            add_node(s, i);
}

static void handle(struct sim *s, struct sim_event *e)
{
    struct sim_node *n = &s->nodes[e->node];
    switch (e->kind) {
    case SIM_ADD: add_node(s, e->node); return;
    case SIM_GROW: sim_node_grow(s, n, e->height); return;
    case SIM_SWITCH: sim_node_switch(s, n); return;
    case SIM_LOSS: lose(s, n); return;
    case SIM_CUT_OFF: cut_off(s, n, e->height); return;
    case SIM_JOB: on_job_done(s, e->job); return;
    case SIM_RESOLVED: on_resolved(s, e->name); return;
    case SIM_UNREACHED: input(s, dspv_in_closed(s->client, e->conn, s->now), "dspv_in_closed"); return;
    case SIM_LOOKUP: input(s, dspv_in_lookup(s->client, e->id, e->bytes, e->n, s->now), "dspv_in_lookup"); return;
    case SIM_CRASH: crash(s, e->height); return;
    case SIM_OPEN: open_again(s); return;
    case SIM_QUIET: sim_disk_calm(&s->disk); return;
    case SIM_WAKE: return;
    default: break;
    }
    if (n->conn != e->conn || e->conn == 0) {
        /* A driver may have read these before it learned that the client had closed. */
        if (e->kind == SIM_TO_CLIENT && e->order % 4 == 0)
            input(s, dspv_in_bytes(s->client, e->conn, e->bytes, e->n, s->now), "dspv_in_bytes");
        return;
    }
    if (s->now < n->cut_off_until) {
        struct sim_event later = *e;
        later.at = n->cut_off_until;
        e->bytes = NULL;
        sim_queue_add(&s->queue, later);
        return;
    }
    on_connection(s, n, e);
}

/* The disk's trouble at this time. */
static void trouble_disk(struct sim *s)
{
    const struct sim_trouble *now = NULL;
    for (size_t i = 0; i < s->scenario.n_troubles; i++) {
        const struct sim_trouble *t = &s->scenario.troubles[i];
        if (s->now >= s->start + t->at && s->now < s->start + t->until)
            now = t;
    }
    sim_disk_trouble(&s->disk, now);
}

static void tick(struct sim *s)
{
    dspv_ms due = dspv_deadline(s->client);
    if (due > s->now) {
        s->now = due + (dspv_ms)rng_below(&s->work, LATEST_TICK_MS + 1);
        const struct sim_event *next = sim_queue_first(&s->queue);
        if (next && next->at < s->now)
            s->now = next->at > due ? next->at : due;
        s->ticks_in_place = 0;
    } else {
        s->ticks_in_place++;
    }
    trouble_disk(s);
    input(s, dspv_in_tick(s->client, s->now), "dspv_in_tick");
}

static void step(struct sim *s)
{
    const struct sim_event *next = sim_queue_first(&s->queue);
    if (s->client && (!next || next->at > dspv_deadline(s->client))) {
        tick(s);
        return;
    }
    struct sim_event e = sim_queue_take(&s->queue);
    if (e.at > s->now)
        s->now = e.at;
    trouble_disk(s);
    handle(s, &e);
    free(e.bytes);
}

/* ---- the run */

static void finding_not_synced(struct sim *s)
{
    dspv_progress p;
    dspv_get_progress(s->client, &p);
    sim_violation(s, "liveness",
                  "%d virtual minutes after the %s: %s (%s), header %d of %d, list %d, %u peers, quorums: %u wanted, %u "
                  "verified, %u waiting, %u invalid",
                  (int)(SIM_LIVENESS_MS / 60000), s->life.last_opened ? "restart" : "quiet", dspv_phase_name(p.phase),
                  dspv_reason_name(p.reason), (int)p.header_height, (int)s->scenario.end_tip, (int)p.list_height, p.peers,
                  p.quorums_wanted, p.quorums_verified, p.quorums_waiting, p.quorums_invalid);
}

/* Where there is a disk, a run ends with one more restart. */
static bool restart(struct sim *s)
{
    if (s->scenario.disk == SIM_NO_DISK || s->life.last_opened != 0)
        return false;
    s->life.first_synced = s->synced_at;
    s->life.last_opened = s->now;
    sim_life_crash(s, 0);
    return true;
}

static bool over(struct sim *s)
{
    dspv_ms from = s->life.last_opened ? s->life.last_opened : s->start + s->scenario.quiet_at;
    if (s->oracle)
        return true;
    if (s->now <= from || !s->client)
        return false;
    if (!sim_oracle_arrived(s)) {
        s->synced_at = 0;
    } else if (s->synced_at == 0) {
        s->synced_at = s->now;
        sim_queue_add(&s->queue, (struct sim_event){.at = s->now + SIM_STAYS_MS, .kind = SIM_WAKE});
    }
    if (s->synced_at != 0)
        return s->now >= s->synced_at + SIM_STAYS_MS && !restart(s);
    if (s->now > from + SIM_LIVENESS_MS)
        finding_not_synced(s);
    return s->oracle != NULL;
}

static void tell(const struct sim *s, struct sim_result *out)
{
    out->hash = s->hash;
    out->virtual_ms = s->now - s->start;
    dspv_ms synced_at = s->life.last_opened ? s->life.first_synced : s->synced_at;
    out->synced_after_ms = synced_at ? synced_at - s->start - s->scenario.quiet_at : -1;
    out->honest_after_ms = s->honest_at && s->scenario.discovery == SIM_ECLIPSE ? s->honest_at - s->start - s->nodes[0].added_at : -1;
    out->inputs = s->inputs;
    out->messages = s->messages;
    out->connections = s->connections;
    out->doubtful = s->doubtful;
    out->checkpoints = s->scenario.n_checkpoints > 0;
    out->ranged = s->ranged;
    out->lying_disk = s->scenario.disk == SIM_LYING_DISK;
    out->restarts = s->life.number > 0 ? s->life.number - 1 : 0;
    if (s->life.last_opened && s->client && s->scenario.disk == SIM_HONEST_DISK) {
        dspv_progress p;
        dspv_get_progress(s->client, &p);
        out->bytes_before = s->life.bytes;
        out->bytes_after = p.bytes_received;
    }
    out->lockless = !s->oracle && !sim_oracle_locked(s);
    for (size_t i = 0; i < s->scenario.n_nodes; i++) {
        const struct sim_node *n = &s->nodes[i];
        if (!n->kind)
            continue;
        snprintf(out->liars[out->n_liars].kind, sizeof(out->liars[0].kind), "%s", n->kind->name);
        out->liars[out->n_liars].lies = n->liar.lies;
        out->liars[out->n_liars++].refused = n->refused;
    }
    if (s->oracle)
        snprintf(out->oracle, sizeof(out->oracle), "%s", s->oracle);
    memcpy(out->finding, s->finding, sizeof(out->finding));
}

static void close_all(struct sim *s)
{
    for (size_t i = 0; i < s->scenario.n_nodes; i++)
        sim_node_forget(&s->nodes[i]);
    sim_life_free(s);
    sim_queue_free(&s->queue);
    map_free(&s->lists_checked);
    free(s->node_of);
}

void sim_run(uint64_t seed, const struct liar_kind *only, bool traced, struct sim_result *out)
{
    char error[GEN_ERROR_SIZE];
    struct sim *s = sim_alloc(sizeof(*s));
    *out = (struct sim_result){.seed = seed, .synced_after_ms = -1, .honest_after_ms = -1};
    s->seed = seed;
    s->traced = traced;
    s->hash = UINT64_C(0xcbf29ce484222325);
    s->world = sim_pool_world(seed, error);
    if (!s->world) {
        snprintf(out->oracle, sizeof(out->oracle), "world");
        snprintf(out->finding, sizeof(out->finding), "%.400s", error);
        free(s);
        return;
    }
    sim_scenario_draw(s, only);
    if (traced)
        sim_scenario_print(s);
    sim_life_open(s);
    while (!over(s))
        step(s);
    if (s->oracle)
        sim_trace(s, "FINDING (%s): %s", s->oracle, s->finding);
    tell(s, out);
    close_all(s);
    free(s);
}
