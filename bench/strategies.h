/* Ways to bring a client from nothing but headers to verified quorums, and to keep it there, measured on one generated chain.
 * Shared by the files of bench_strategies only; whatever cannot happen ends the program. */
#ifndef BENCH_STRATEGIES_H
#define BENCH_STRATEGIES_H

#include "devnode/chain.h"
#include "engine/engine.h"

enum { BENCH_PEERS = 3, BENCH_MOST_TYPES = 8 };

/* What a stage cost. Only requests for lists and their answers are counted, frames included: headers are the same for all. */
struct bench_stage {
    size_t qr_infos, mn_diffs;
    uint64_t qr_info_bytes, mn_diff_bytes; /* of the answers */
    uint64_t sent;
    double round_trips;
    double cpu_s; /* the client's: decoding, proving, verifying */
};

/* The quorums active at a tip, of the types still in use, and how many the client has verified; by place in network.llmqs. */
struct bench_standing {
    size_t wanted[BENCH_MOST_TYPES], verified[BENCH_MOST_TYPES];
};

struct bench_result {
    const char *name, *pace;
    struct bench_stage start, follow;
    struct bench_standing started, followed;
};

/* Start at `tip`, follow to `end`. */
struct bench_run {
    const struct devnode_chain *chain;
    int32_t tip, end;
};

/* The real client, told of every block or of one rotation cycle at a time. */
void bench_hybrid(const struct bench_run *run, bool every_block, struct bench_result *out);
/* One QRINFO per rotation cycle, nothing else. */
void bench_qr_info(const struct bench_run *run, struct bench_result *out);
/* What hybrid sync could cost: a QRINFO, then MNLISTDIFFs each of which builds on the one before. With `oldest_first` the list at
 * the oldest work block that any type can still need is asked for before all else, so that only one answer is a whole list. */
void bench_chained(const struct bench_run *run, bool oldest_first, struct bench_result *out);
/* One MNLISTDIFF per block from DIP0003 on, one at a time. */
void bench_every_block(const struct bench_run *run, struct bench_result *out);
/* MNLISTDIFFs of work blocks; with `all_cycles` also of each rotation cycle since its activation, to derive the quarters. */
void bench_work_blocks(const struct bench_run *run, bool all_cycles, struct bench_result *out);

_Noreturn void bench_fail(const char *what, int32_t height);
struct bench_standing bench_standing_of(const struct devnode_chain *chain, const struct engine *e, int32_t tip);

#endif
