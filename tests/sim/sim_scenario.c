/* What happens in a run, drawn from its seed: nodes, liars, growth, reorganisations, losses. Every disturbance has an end (the
 * quiet), after which one reliable node can be reached: then the client must arrive, whatever the liars do. */
#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "sim/sim.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND };

static int64_t between(struct rng *r, int64_t low, int64_t high)
{
    return high <= low ? low : low + (int64_t)rng_below(r, (uint64_t)(high - low) + 1);
}

static bool one_in(struct rng *r, unsigned n)
{
    return rng_below(r, n) == 0;
}

/* The generator for one part of what the run's seed decides. */
static void begin_rng(const struct sim *s, const char *part, struct rng *r)
{
    uint8_t bytes[32] = {0};
    memcpy(bytes, part, strlen(part));
    store_le64(bytes + 24, s->seed);
    rng_init(r, bytes);
}

static void draw_growth(struct sim_scenario *c, const struct sim_world *w, struct rng *r)
{
    int32_t most = sim_world_truth(w, SIM_TRUTH)->tip;
    c->start_tip = (int32_t)between(r, w->start_tip, most);
    c->end_tip = one_in(r, 4) ? c->start_tip : (int32_t)between(r, c->start_tip, most);
    c->n_growths = c->end_tip > c->start_tip ? 1 + rng_below(r, SIM_MOST_GROWTHS) : 0;
    dspv_ms at = 0;
    int32_t tip = c->start_tip;
    for (size_t i = 0; i < c->n_growths; i++) {
        at = between(r, at, c->quiet_at);
        tip = i + 1 == c->n_growths ? c->end_tip : (int32_t)between(r, tip, c->end_tip);
        c->growths[i] = (struct sim_growth){at, tip};
    }
}

static struct sim_link draw_link(struct rng *r, bool reliable)
{
    static const dspv_ms latencies[] = {1, 20, 80, 300, 1500};
    static const int64_t speeds[] = {1000000, 200000, 50000, 20000, 4000};
    static const unsigned refusals[] = {0, 0, 0, 20, 60};
    unsigned most = reliable ? 4 : 5; /* a list must fit into the client's timeouts */
    struct sim_link l = {.latency_ms = latencies[rng_below(r, most)], .bytes_per_s = speeds[rng_below(r, most)]};
    l.jitter_ms = one_in(r, 2) ? 0 : l.latency_ms / 2;
    l.cut = (enum sim_cut)rng_below(r, SIM_CUTS);
    l.refuses = reliable ? 0 : refusals[rng_below(r, 5)];
    l.loss_every_ms = one_in(r, 3) ? between(r, 10 * SECOND, 5 * MINUTE) : 0;
    return l;
}

static struct devnode_options draw_options(struct rng *r, bool reliable)
{
    struct devnode_options o = devnode_options_default();
    o.protocol = (int32_t)between(r, reliable ? 70230 : 70221, 70240);
    o.faults.refuse_extra_share = one_in(r, 8); /* as a node does that lacks the oldest snapshot */
    if (!reliable) {
        o.faults.ignore_getqrinfo = one_in(r, 8);
        o.faults.disconnect_on_getqrinfo = one_in(r, 12);
    }
    return o;
}

static const struct liar_kind *draw_kind(struct rng *r, const struct liar_kind *only)
{
    size_t n;
    const struct liar_kind *const *kinds = liar_kinds(&n);
    return only || n == 0 ? only : kinds[rng_below(r, n)];
}

/* `late`: the liars have the client for themselves at first. */
static void draw_node(struct sim *s, struct sim_node *n, const struct liar_kind *kind, bool reliable, bool late, struct rng *r)
{
    struct sim_scenario *c = &s->scenario;
    *n = (struct sim_node){.kind = kind, .reliable = reliable, .height = c->start_tip};
    n->options = draw_options(r, reliable || kind); /* a liar is best believed when it serves lists */
    n->link = draw_link(r, reliable);
    n->behind = !reliable && one_in(r, 4) ? (int32_t)between(r, 1, 6) : 0;
    n->added_at = late && !kind ? between(r, c->quiet_at / 4, c->quiet_at) : one_in(r, 4) ? between(r, 0, c->quiet_at) : 0;
    if (kind) {
        n->chain = kind->chain == LIAR_STALE_CHAIN ? SIM_STALE : kind->chain == LIAR_FOREIGN_CHAIN ? SIM_FOREIGN : SIM_TRUTH;
        n->liar = (struct liar){.kind = kind, .world = &s->world->chains};
        rng_fork(r, &n->liar.rng);
    } else if (c->reorganises && !one_in(r, 4)) {
        n->chain = SIM_STALE;
        n->switch_at = between(r, 1, c->quiet_at);
    }
}

/* Fewer slots than nodes only where every node will do. */
static void draw_config(struct sim *s, size_t n_liars, struct rng *r)
{
    dspv_config *k = &s->scenario.config;
    dspv_config_init(k);
    k->qr_info_extra_share = !one_in(r, 8);
    if (one_in(r, 4))
        k->max_qr_info_span = (uint32_t)between(r, 5, 100);
    if (one_in(r, 4))
        k->qr_info_max_parallel = (uint32_t)between(r, 1, 4);
    k->masternodes = !one_in(r, 50);
    k->lookups = s->seed % 6 == 1;
    if (one_in(r, 4))
        k->protocol_version = (int32_t)between(r, 70230, 70240);
    if (n_liars == 0 && one_in(r, 4)) {
        k->target_outbound = (uint32_t)between(r, 1, 4);
        for (size_t i = 0; i < s->scenario.n_nodes; i++) {
            struct sim_node *n = &s->nodes[i];
            n->reliable = true;
            n->options = draw_options(r, true);
            n->link = draw_link(r, true);
            n->behind = 0;
        }
    }
}

/* One honest node, and as many liars as the client may talk to at once and more. */
static void draw_eclipse(struct sim *s, const struct liar_kind *only, struct rng *r)
{
    struct sim_scenario *c = &s->scenario;
    c->reorganises = false;
    c->n_nodes = (size_t)between(r, 2, SIM_MOST_NODES);
    c->nobody_percent = one_in(r, 2) ? 0 : (unsigned)between(r, 1, 100);
    for (size_t i = 0; i < c->n_nodes; i++)
        draw_node(s, &s->nodes[i], i == 0 ? NULL : draw_kind(r, only), i == 0, i == 0 && one_in(r, 2), r);
    c->config.target_outbound = 8;
}

/* Where miners commit to forged quorums, honest nodes are banned for telling of them, and with discovery there is no other way. */
static void draw_discovery(struct sim *s, const struct liar_kind *only, struct rng *r)
{
    struct sim_scenario *c = &s->scenario;
    if (!s->world->forgeries)
        c->discovery = s->seed % 8 == 3 ? SIM_ECLIPSE : s->seed % 8 == 6 ? SIM_FOUND : SIM_NAMED;
    c->config.discover = c->discovery != SIM_NAMED;
    if (c->discovery == SIM_ECLIPSE)
        draw_eclipse(s, only, r);
    sim_addresses_give(s);
}

static void add_event(struct sim *s, size_t node, enum sim_kind kind, dspv_ms at, int32_t value)
{
    struct sim_event e = {.at = s->start + at, .node = (uint32_t)node, .kind = kind, .height = value};
    sim_queue_add(&s->queue, e);
}

static void schedule_losses(struct sim *s, size_t i, struct rng *r)
{
    dspv_ms mean = s->nodes[i].link.loss_every_ms, quiet = s->scenario.quiet_at;
    for (dspv_ms at = 0; mean > 0 && (at += between(r, 1, 2 * mean)) < quiet;)
        add_event(s, i, SIM_LOSS, at, 0);
    if (one_in(r, 3)) {
        dspv_ms at = between(r, 0, quiet - SECOND);
        add_event(s, i, SIM_CUT_OFF, at, (int32_t)((between(r, at, quiet) - at) / SECOND));
    }
}

/* How far the next one is: of some runs they are all as far apart, of others they are not; of some, one is far. */
static int32_t next_gap(const struct sim_world *w, struct rng *r, int32_t even, bool long_gap)
{
    return long_gap ? w->fork / 3 : even > 0 ? even : (int32_t)between(r, 1, 9);
}

/* Ranges are used where many fit: so most runs have dense ones. A generator of its own: the rest of the run is what it is without. */
static void draw_checkpoints(struct sim *s)
{
    static const int32_t apart[] = {1, 3, 5, 5, 20, 50, 0, 0, 0};
    struct sim_scenario *c = &s->scenario;
    struct rng r;
    if (s->seed % 5 != 1 && s->seed % 5 != 2)
        return;
    begin_rng(s, "points", &r);
    int32_t even = apart[rng_below(&r, sizeof(apart) / sizeof(apart[0]))], height = 0;
    int32_t gap_at = one_in(&r, 3) ? (int32_t)between(&r, 0, s->world->fork) : s->world->fork;
    while (c->n_checkpoints < SIM_MOST_CHECKPOINTS) {
        bool long_gap = height >= gap_at;
        height += next_gap(s->world, &r, even, long_gap);
        if (height > s->world->fork)
            break;
        gap_at = long_gap ? s->world->fork : gap_at;
        c->checkpoints[c->n_checkpoints++] = (struct checkpoint){height, *devnode_chain_hash(s->world->chains.chain, height)};
    }
}

static void draw_disk(struct sim_scenario *c, struct rng *r)
{
    static const enum sim_disk_kind kinds[] = {SIM_NO_DISK, SIM_HONEST_DISK, SIM_LYING_DISK, SIM_LYING_DISK};
    static const uint32_t refused[] = {200, 600, 1000, 0};
    c->disk = one_in(r, 2) ? SIM_NO_DISK : kinds[rng_below(r, sizeof(kinds) / sizeof(kinds[0]))];
    if (c->disk != SIM_NO_DISK && one_in(r, 2))
        c->n_troubles = rng_below(r, SIM_MOST_TROUBLES + 1);
    for (size_t i = 0; i < c->n_troubles; i++) {
        dspv_ms at = between(r, 0, c->quiet_at), until = between(r, at, one_in(r, 2) ? c->quiet_at : at + 10 * SECOND);
        uint32_t share = refused[rng_below(r, 4)]; /* of nothing refused: it is full */
        c->troubles[i] = (struct sim_trouble){at, until < c->quiet_at ? until : c->quiet_at, share, share == 0};
    }
}

/* A client that keeps nothing may crash as well: it begins anew. */
static void draw_crashes(struct sim_scenario *c, struct rng *r)
{
    if (c->disk != SIM_NO_DISK || one_in(r, 8))
        c->n_crashes = rng_below(r, SIM_MOST_CRASHES + 1);
    bool soon = one_in(r, 2); /* again and again, before it has found its feet */
    dspv_ms at = 0;
    for (size_t i = 0; i < c->n_crashes; i++) {
        at = between(r, soon ? at : 0, soon && i > 0 && at + 4 * SECOND < c->quiet_at ? at + 4 * SECOND : c->quiet_at);
        c->crashes[i] = (struct sim_crash){at, between(r, 0, soon || one_in(r, 2) ? SECOND : c->quiet_at - at)};
    }
}

static void schedule(struct sim *s, struct rng *r)
{
    const struct sim_scenario *c = &s->scenario;
    add_event(s, 0, SIM_QUIET, c->quiet_at + 1, 0);
    for (size_t i = 0; i < c->n_nodes; i++) {
        const struct sim_node *n = &s->nodes[i];
        add_event(s, i, SIM_ADD, n->added_at, 0);
        if (n->switch_at > 0)
            add_event(s, i, SIM_SWITCH, n->switch_at, 0);
        schedule_losses(s, i, r);
        for (size_t k = 0; k < c->n_growths; k++) {
            dspv_ms at = c->growths[k].at + between(r, 0, 5 * SECOND);
            add_event(s, i, SIM_GROW, at < c->quiet_at ? at : c->quiet_at, c->growths[k].tip);
        }
    }
}

static void schedule_crashes(struct sim *s)
{
    for (size_t i = 0; i < s->scenario.n_crashes; i++)
        add_event(s, 0, SIM_CRASH, s->scenario.crashes[i].at, (int32_t)s->scenario.crashes[i].down_ms);
}

void sim_scenario_draw(struct sim *s, const struct liar_kind *only)
{
    struct sim_scenario *c = &s->scenario;
    struct rng r;
    begin_rng(s, "run", &r);
    rng_fork(&r, &s->network);
    rng_fork(&r, &s->work);
    c->quiet_at = between(&r, 10 * SECOND, one_in(&r, 4) ? 20 * MINUTE : 3 * MINUTE);
    c->reorganises = one_in(&r, 4);
    draw_growth(c, s->world, &r);
    const uint8_t *last = devnode_chain_header(sim_world_served(s->world, SIM_TRUTH), sim_world_truth(s->world, SIM_TRUTH)->tip);
    s->start = s->now = (dspv_ms)header_parse(last).time * 1000 + MINUTE;

    c->n_nodes = (size_t)between(&r, between(&r, 1, SIM_MOST_NAMED), SIM_MOST_NAMED);
    size_t liars = one_in(&r, 6) ? 0 : one_in(&r, 2) ? c->n_nodes - 1 : rng_below(&r, c->n_nodes);
    size_t reliable = rng_below(&r, c->n_nodes), drawn = 0;
    bool late = liars > 0 && one_in(&r, 2);
    if (one_in(&r, 4))
        only = draw_kind(&r, only); /* all the same: they confirm each other */
    for (size_t i = 0; i < c->n_nodes; i++) {
        size_t left = c->n_nodes - i - (reliable >= i);
        bool lies = i != reliable && left > 0 && rng_below(&r, left) < liars - drawn;
        const struct liar_kind *kind = lies ? draw_kind(&r, only) : NULL;
        drawn += lies;
        draw_node(s, &s->nodes[i], kind, i == reliable, late, &r);
    }
    draw_config(s, liars, &r);
    draw_discovery(s, only, &r);
    schedule(s, &r);
    draw_disk(c, &r);
    draw_crashes(c, &r);
    draw_checkpoints(s);
    sim_disk_open(&s->disk, c->disk, &r);
    schedule_crashes(s);
}

static const char *const chains[] = {"truth", "stale", "foreign"}, *const cuts[] = {"whole", "packets", "pieces", "bytes"};
static const char *const discoveries[] = {"nodes are named", "nodes are found", "an eclipse"};
static const char *const disks[] = {"no", "honest", "lying"};

static void print_node(const struct sim_node *n, size_t i)
{
    const struct devnode_faults *f = &n->options.faults;
    const struct sim_link *l = &n->link;
    printf("node %zu: %s%s, protocol %d, %s%s%s%s, %d behind, ", i, n->kind ? n->kind->name : "honest",
           n->reliable ? " and reliable" : "", (int)n->options.protocol, chains[n->chain],
           f->ignore_getqrinfo ? ", ignores getqrinfo" : "", f->disconnect_on_getqrinfo ? ", disconnects on getqrinfo" : "",
           f->refuse_extra_share ? ", refuses extraShare" : "", (int)n->behind);
    printf("%d+%d ms, %lld B/s, %s, refuses %u %%, lost every %lld s, from %lld s", (int)l->latency_ms, (int)l->jitter_ms,
           (long long)l->bytes_per_s, cuts[l->cut], l->refuses, (long long)l->loss_every_ms / 1000,
           (long long)n->added_at / 1000);
    if (n->switch_at > 0)
        printf(", reorganises after %lld s", (long long)n->switch_at / 1000);
    printf("\n");
}

void sim_scenario_print(const struct sim *s)
{
    const struct sim_scenario *c = &s->scenario;
    printf("seed %llu, world %llu: %s\n", (unsigned long long)s->seed, (unsigned long long)s->world->number, s->world->text);
    printf("tip %d to %d in %zu steps, stale fork after %d (to %d), foreign chain to %d; quiet at %lld s%s; %s%u slots\n",
           (int)c->start_tip, (int)c->end_tip, c->n_growths, (int)s->world->fork, (int)s->world->chains.stale->tip,
           (int)s->world->chains.foreign->tip, (long long)c->quiet_at / 1000, c->reorganises ? "; reorganises" : "",
           c->config.masternodes ? "" : "headers only; ", (unsigned)c->config.target_outbound);
    for (size_t i = 0; i < c->n_nodes; i++)
        print_node(&s->nodes[i], i);
    if (c->n_checkpoints > 0)
        printf("%zu checkpoints, from %d to %d\n", c->n_checkpoints, (int)c->checkpoints[0].height,
               (int)c->checkpoints[c->n_checkpoints - 1].height);
    printf("%s; %s disk", discoveries[c->discovery], disks[c->disk]);
    for (size_t i = 0; i < c->n_troubles; i++)
        printf(", which %s %u of 1000 from %.1f s to %.1f s", c->troubles[i].full ? "is full and refuses" : "refuses",
               (unsigned)c->troubles[i].refused, (double)c->troubles[i].at / 1000, (double)c->troubles[i].until / 1000);
    for (size_t i = 0; i < c->n_crashes; i++)
        printf(", crash at %.1f s for %.1f s", (double)c->crashes[i].at / 1000, (double)c->crashes[i].down_ms / 1000);
    printf("\n");
}
