/* Strategies that are not our client's: with one kind of request, and models of what both kinds could cost. They use our engine,
 * so that the verdicts are comparable; what a client without an engine would ask for is decided here. Requests and answers take
 * the wire's bytes, through the development peer. */
#include "base/mem.h"
#include "chain/header.h"
#include "devnode/answer.h"
#include "clock.h"
#include "strategies.h"
#include "wire/frame.h"

/* As our client: so many requests in flight (8 for each of 3 peers), so many bases of a getqrinfo. */
enum { PROTOCOL = 70240, WINDOW = 24, MOST_BASES = 8 };

struct client {
    const struct devnode_chain *chain;
    struct engine *engine;
    int32_t tip;
    struct bench_stage *stage;
    uint8_t *asked; /* by height: lists and cycles */
    const struct llmq_params *rotated;
};

static void must(int rc, const char *what, int32_t height)
{
    if (rc != 0)
        bench_fail(what, height);
}

/* Headers up to `tip` are there. */
static void grow(struct client *c, int32_t tip)
{
    for (int32_t h = c->tip + 1; h <= tip; h++) {
        struct header header = header_parse(devnode_chain_header(c->chain, h));
        must(engine_feed_block(c->engine, devnode_chain_hash(c->chain, h), h, &header.merkle_root), "a block", h);
    }
    c->tip = tip;
}

static void open_client(struct client *c, const struct bench_run *run, struct bench_result *out)
{
    static const uint8_t seed[32] = {8};
    const struct network *net = &run->chain->network;
    *c = (struct client){.chain = run->chain, .tip = -1, .stage = &out->start};
    c->rotated = network_llmq(net, net->instantsend_type);
    c->asked = mem_zalloc((size_t)run->end + 1);
    if (!c->asked || engine_new(&c->engine, net, seed, 0) != 0)
        bench_fail("out of memory", 0);
    grow(c, run->tip);
}

static void close_client(struct client *c)
{
    engine_free(c->engine);
    mem_free(c->asked);
}

static void verify(struct client *c)
{
    double from_s = clock_cpu_s();
    must(engine_verify(c->engine), "out of memory", c->tip);
    c->stage->cpu_s += clock_cpu_s() - from_s;
}

/* base < 0: from the empty list. True when the answer brought new quorums. */
static bool ask_diff(struct client *c, int32_t base, int32_t target)
{
    const struct devnode_view view = {c->chain, c->tip, PROTOCOL};
    struct getmnlistd ask = {.block = *devnode_chain_hash(c->chain, target)};
    struct writer request, answer;
    struct arena arena;
    struct mnlistdiff d;
    dspv_fault fault;
    if (base >= 0)
        ask.base = *devnode_chain_hash(c->chain, base);
    writer_init(&request);
    writer_init(&answer);
    arena_init(&arena, 0);
    getmnlistd_encode(&request, &ask);
    must(devnode_answer_mnlistdiff(&view, &ask, &answer), "no mnlistdiff", target);
    double from_s = clock_cpu_s();
    must(mnlistdiff_decode(answer.data, answer.n, PROTOCOL, &arena, &d, &fault), "a mnlistdiff", target);
    must(engine_apply_diff(c->engine, &d, &fault), "a mnlistdiff was refused", target);
    c->stage->cpu_s += clock_cpu_s() - from_s;
    c->stage->mn_diffs++;
    c->stage->sent += FRAME_HEADER_SIZE + request.n;
    c->stage->mn_diff_bytes += FRAME_HEADER_SIZE + answer.n;
    bool brought = d.n_new_quorums != 0;
    arena_free(&arena);
    writer_free(&request);
    writer_free(&answer);
    return brought;
}

/* The newest lists known, as bases. */
static uint32_t bases(const struct client *c, block_hash out[MOST_BASES])
{
    uint32_t n = 0;
    for (size_t i = engine_list_count(c->engine); i-- > 0 && n < MOST_BASES;)
        out[n++] = engine_list_at(c->engine, i)->block;
    return n;
}

/* 0, or DSPV_EFAULT: the server is silent, it lacks the oldest snapshot. */
static int exchange_qr_info(struct client *c, int32_t height, bool extra_share, struct writer *answer)
{
    const struct devnode_view view = {c->chain, c->tip, PROTOCOL};
    block_hash known[MOST_BASES];
    const struct getqrinfo ask = {known, bases(c, known), *devnode_chain_hash(c->chain, height), extra_share};
    struct writer request;
    writer_init(&request);
    getqrinfo_encode(&request, &ask);
    c->stage->qr_infos++;
    c->stage->round_trips++;
    c->stage->sent += FRAME_HEADER_SIZE + request.n;
    writer_free(&request);
    writer_reset(answer);
    return devnode_answer_qrinfo(&view, &ask, answer);
}

/* A qrinfo about the block at `height`. */
static void ask_qr_info(struct client *c, int32_t height)
{
    struct writer answer;
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    writer_init(&answer);
    arena_init(&arena, 0);
    if (exchange_qr_info(c, height, true, &answer) != 0)
        must(exchange_qr_info(c, height, false, &answer), "no qrinfo: too few cycles below", height);
    double from_s = clock_cpu_s();
    must(qrinfo_decode(answer.data, answer.n, PROTOCOL, &arena, &q, &fault), "a qrinfo", height);
    must(engine_feed_qrinfo(c->engine, &q, NULL, &fault), "a qrinfo was refused", height);
    c->stage->cpu_s += clock_cpu_s() - from_s;
    c->stage->qr_info_bytes += FRAME_HEADER_SIZE + answer.n;
    arena_free(&arena);
    writer_free(&answer);
    verify(c);
}

static void discover(const struct client *c, struct needs *needs)
{
    must(engine_discover(c->engine, engine_tip_list(c->engine)->height, needs), "out of memory", c->tip);
}

static struct bench_standing standing(const struct client *c)
{
    return bench_standing_of(c->chain, c->engine, c->tip);
}

/* ---- QRINFO only */

/* The newest cycle whose QRINFO would bring something that is missing and was not asked about yet; -1: none. */
static int32_t helpful_cycle(struct client *c)
{
    struct needs needs;
    int32_t best = -1;
    discover(c, &needs);
    for (size_t i = 0; i < needs.n; i++) {
        const struct need *n = &needs.items[i];
        int32_t cycle = n->kind == NEED_KIND_LIST ? n->height + WORK_DIFF_DEPTH : n->height + c->rotated->interval;
        if (n->kind != NEED_KIND_HEADER && cycle % c->rotated->interval == 0 && cycle <= c->tip && cycle > best &&
            !c->asked[cycle])
            best = cycle;
    }
    needs_free(&needs);
    return best;
}

void bench_qr_info(const struct bench_run *run, struct bench_result *out)
{
    struct client c;
    *out = (struct bench_result){.name = "QRINFO only", .pace = "once a cycle"};
    open_client(&c, run, out);
    ask_qr_info(&c, run->tip);
    for (int32_t cycle; (cycle = helpful_cycle(&c)) >= 0;) {
        int32_t last = cycle + c.rotated->interval - 1;
        c.asked[cycle] = 1;
        ask_qr_info(&c, last < run->tip ? last : run->tip);
    }
    out->started = standing(&c);
    c.stage = &out->follow;
    for (int32_t h = run->tip + 1; h <= run->end; h++) {
        grow(&c, h);
        if (h % c.rotated->interval == c.rotated->mine_end + 1)
            ask_qr_info(&c, h);
    }
    out->followed = standing(&c);
    close_client(&c);
}

/* ---- MNLISTDIFF only */

/* Old clients wait for each answer. */
static void next_block(struct client *c, int32_t h)
{
    if (ask_diff(c, h > c->chain->network.chain.active.dip0003 ? h - 1 : -1, h))
        verify(c);
    c->stage->round_trips++;
}

void bench_every_block(const struct bench_run *run, struct bench_result *out)
{
    struct client c;
    *out = (struct bench_result){.name = "MNLISTDIFF, every block", .pace = "every block"};
    open_client(&c, run, out);
    for (int32_t h = run->chain->network.chain.active.dip0003; h <= run->tip; h++)
        next_block(&c, h);
    out->started = standing(&c);
    c.stage = &out->follow;
    for (int32_t h = run->tip + 1; h <= run->end; h++) {
        grow(&c, h);
        next_block(&c, h);
    }
    out->followed = standing(&c);
    close_client(&c);
}

static void ask_list(struct client *c, int32_t height)
{
    const struct mnstate *below = engine_list_below(c->engine, height);
    c->asked[height] = 1;
    ask_diff(c, below ? below->height : -1, height);
}

/* The lists that wanted quorums lack, in as few rounds as it takes. */
static void fill(struct client *c)
{
    for (size_t sent = 1; sent > 0;) {
        struct needs needs;
        sent = 0;
        discover(c, &needs);
        for (size_t i = 0; i < needs.n; i++) {
            const struct need *n = &needs.items[i];
            if (n->kind != NEED_KIND_LIST || c->asked[n->height])
                continue;
            ask_list(c, n->height);
            sent++;
        }
        needs_free(&needs);
        c->stage->round_trips += (double)((sent + WINDOW - 1) / WINDOW);
        verify(c);
    }
}

/* The work blocks of every rotation cycle since rotation came into force. */
static void ask_all_cycles(struct client *c)
{
    size_t sent = 0;
    for (int32_t cycle = c->rotated->interval; cycle <= c->tip; cycle += c->rotated->interval)
        if (llmq_rotation_in_force(&c->chain->network, c->rotated, cycle)) {
            ask_list(c, llmq_work_height(cycle));
            sent++;
        }
    c->stage->round_trips += (double)((sent + WINDOW - 1) / WINDOW);
}

static bool is_work_height(const struct network *net, int32_t height)
{
    for (size_t i = 0; i < net->n_llmqs; i++)
        if ((height + WORK_DIFF_DEPTH) % net->llmqs[i].interval == 0)
            return true;
    return false;
}

void bench_work_blocks(const struct bench_run *run, bool all_cycles, struct bench_result *out)
{
    struct client c;
    *out = (struct bench_result){.name = all_cycles ? "MNLISTDIFF, work blocks, all cycles" : "MNLISTDIFF, work blocks",
                                 .pace = "every work block"};
    open_client(&c, run, out);
    if (all_cycles)
        ask_all_cycles(&c);
    ask_list(&c, run->tip);
    c.stage->round_trips++;
    verify(&c);
    fill(&c);
    out->started = standing(&c);
    c.stage = &out->follow;
    for (int32_t h = run->tip + 1; h <= run->end; h++) {
        grow(&c, h);
        if (!is_work_height(&run->chain->network, h) && h != run->end)
            continue;
        ask_list(&c, h);
        c.stage->round_trips++;
        verify(&c);
    }
    fill(&c);
    out->followed = standing(&c);
    close_client(&c);
}

/* ---- models of both kinds */

/* The work block of the oldest quorum that is active when no DKG failed. */
static int32_t oldest_work_height(const struct client *c)
{
    const struct network *net = &c->chain->network;
    int32_t oldest = c->tip;
    for (size_t i = 0; i < net->n_llmqs; i++) {
        const struct llmq_params *p = &net->llmqs[i];
        int32_t cycles = p->rotated ? 4 : p->active, height = llmq_cycle(p, c->tip) - cycles * p->interval - WORK_DIFF_DEPTH;
        if (llmq_enabled(net, p, c->tip) && (!p->rotated || p == c->rotated) && height < oldest)
            oldest = height;
    }
    return oldest;
}

void bench_chained(const struct bench_run *run, bool oldest_first, struct bench_result *out)
{
    struct client c;
    *out =
        (struct bench_result){.name = oldest_first ? "oldest list, QRINFO, chained MNLISTDIFFs" : "QRINFO, chained MNLISTDIFFs",
                              .pace = "once a cycle"};
    open_client(&c, run, out);
    int32_t oldest = oldest_work_height(&c);
    if (oldest_first && oldest > run->chain->network.chain.active.dip0003) {
        ask_list(&c, oldest);
        c.stage->round_trips++;
    }
    ask_qr_info(&c, run->tip);
    fill(&c);
    out->started = standing(&c);
    c.stage = &out->follow;
    for (int32_t h = run->tip + c.rotated->interval; h <= run->end; h += c.rotated->interval) {
        grow(&c, h);
        ask_list(&c, h); /* tells which quorums there are */
        c.stage->round_trips++;
        verify(&c);
        fill(&c);
    }
    out->followed = standing(&c);
    close_client(&c);
}
