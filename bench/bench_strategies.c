/* What it costs to bring a client from headers to verified quorums, and then to follow, by strategy, on a generated chain of
 * mainnet's shape (sim/generator.h). docs/requests.md explains the result.
 *
 *     bench_strategies [MASTERNODES [TIP [CYCLES [SEED]]]]      defaults: 600 masternodes, 1800 blocks, 2 cycles, seed 1 */
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "made_chain.h"
#include "strategies.h"

_Noreturn void bench_fail(const char *what, int32_t height)
{
    fprintf(stderr, "bench_strategies: height %d: %s\n", (int)height, what);
    exit(1);
}

struct bench_standing bench_standing_of(const struct devnode_chain *chain, const struct engine *e, int32_t tip)
{
    struct bench_standing s = {0};
    for (size_t i = 0; i < chain->network.n_llmqs; i++) {
        struct commitment active[64];
        const struct llmq_params *p = &chain->network.llmqs[i];
        if (!llmq_enabled(&chain->network, p, tip))
            continue;
        s.wanted[i] = devnode_history_active(&chain->history, tip, p->type, active, sizeof(active) / sizeof(active[0]));
        for (size_t k = 0; k < s.wanted[i]; k++) {
            struct quorum_view q;
            s.verified[i] += engine_quorum(e, p->type, &active[k].hash, &q) && q.status == QUORUM_VERIFIED;
        }
    }
    return s;
}

static struct devnode_chain *make_chain(uint64_t seed, int32_t end, uint32_t masternodes)
{
    const double from_s = clock_cpu_s();
    struct gen_counts counts;
    struct devnode_chain *chain = made_chain(seed, end, masternodes, false /* every client would verify the same */, &counts);
    printf("%d blocks, %zu quorums, made in %.1f s\n", (int)end, counts.quorums, clock_cpu_s() - from_s);
    return chain;
}

/* ---- the table */

static size_t sum(const size_t n[BENCH_MOST_TYPES])
{
    size_t total = 0;
    for (int i = 0; i < BENCH_MOST_TYPES; i++)
        total += n[i];
    return total;
}

static void print_standing(const struct network *net, const struct bench_standing *s)
{
    printf("%zu/%zu | ", sum(s->verified), sum(s->wanted));
    const char *between = "";
    for (size_t i = 0; i < net->n_llmqs; i++)
        if (s->verified[i] < s->wanted[i]) {
            printf("%s%s %zu/%zu", between, net->llmqs[i].name + 5, s->verified[i], s->wanted[i]);
            between = ", ";
        }
    printf("%s |\n", *between ? "" : "-");
}

/* CPU time as a share of the first row's. */
static void print_stage(const char *name, const struct bench_stage *s, double cycles, double unit_s)
{
    printf("| %s | %.4g | %.4g | %.1f | %.1f | %.1f | %.4g | %.2f | ", name, (double)s->qr_infos / cycles,
           (double)s->mn_diffs / cycles, (double)s->qr_info_bytes / 1000 / cycles, (double)s->mn_diff_bytes / 1000 / cycles,
           (double)s->sent / 1000 / cycles, s->round_trips / cycles, s->cpu_s / unit_s);
}

static void print_head(const char *first)
{
    printf("| %s | getqrinfo | getmnlistd | qrinfo, kB | mnlistdiff, kB | sent, kB | round trips | CPU time | verified | "
           "incomplete |\n|---|---:|---:|---:|---:|---:|---:|---:|---:|---|\n",
           first);
}

static void print_all(const struct network *net, const struct bench_result *r, size_t n, int cycles)
{
    printf("\n");
    print_head("from headers to the tip");
    for (size_t i = 0; i < n; i++)
        if (i == 0 || r[i].name != r[i - 1].name) {
            print_stage(r[i].name, &r[i].start, 1, r[0].start.cpu_s);
            print_standing(net, &r[i].started);
        }
    printf("\n");
    print_head("following, per rotation cycle");
    for (size_t i = 0; i < n; i++) {
        char name[96];
        snprintf(name, sizeof(name), "%s; %s", r[i].name, r[i].pace);
        print_stage(name, &r[i].follow, cycles, r[0].follow.cpu_s);
        print_standing(net, &r[i].followed);
    }
}

int main(int argc, char **argv)
{
    enum { RESULTS = 8, MOST_TIP = 1000000 };
    long masternodes = argc > 1 ? strtol(argv[1], NULL, 10) : 600, tip = argc > 2 ? strtol(argv[2], NULL, 10) : 1800;
    long cycles = argc > 3 ? strtol(argv[3], NULL, 10) : 2;
    uint64_t seed = argc > 4 ? strtoull(argv[4], NULL, 10) : 1;
    if (argc > 5 || masternodes < 1 || masternodes > 100000 || tip < 2 || tip > MOST_TIP || cycles < 1 || cycles > 100) {
        fprintf(stderr, "usage: %s [MASTERNODES [TIP [CYCLES [SEED]]]]\n", argv[0]);
        return 2;
    }
    int32_t interval = llmq_params_by_name("llmq_60_75")->interval;
    struct bench_run run = {.tip = (int32_t)tip, .end = (int32_t)(tip + cycles * interval)};
    struct devnode_chain *chain = make_chain(seed, run.end, (uint32_t)masternodes);
    struct bench_result results[RESULTS];
    run.chain = chain;
    bench_hybrid(&run, true, &results[0]);
    bench_hybrid(&run, false, &results[1]);
    bench_chained(&run, false, &results[2]);
    bench_chained(&run, true, &results[3]);
    bench_qr_info(&run, &results[4]);
    bench_work_blocks(&run, false, &results[5]);
    bench_work_blocks(&run, true, &results[6]);
    bench_every_block(&run, &results[7]);
    printf("%ld masternodes, tip %ld, then %ld cycles; CPU time of the first row: %.2f s, and %.2f s in all for following\n",
           masternodes, tip, cycles, results[0].start.cpu_s, results[0].follow.cpu_s);
    print_all(&chain->network, results, RESULTS, (int)cycles);
    devnode_chain_free(chain);
    return 0;
}
