/* What many runs came to: counted, then printed for a person or as JSON. */
#ifndef SIM_REPORT_H
#define SIM_REPORT_H

#include "sim/sim.h"

enum { SIM_MOST_KINDS = 128, SIM_SLOW_MS = 120000 };

struct sim_kind_count {
    char name[32];
    uint64_t runs, silent, lies, refused; /* silent: runs in which it never got to lie */
};

struct sim_report {
    uint64_t seeds, synced, messages, connections, inputs;
    dspv_ms virtual_ms, slowest_ms; /* slowest: from the quiet to synced */
    uint64_t slowest_seed;
    uint64_t slow;     /* runs that took more than SIM_SLOW_MS */
    uint64_t lockless, lockless_seed; /* runs that ended without the best ChainLock; one of them */
    uint64_t restarts, lies; /* clients that opened what another had left; in runs with a lying disk */
    uint64_t checkpoints, ranged; /* runs with checkpoints; in which ranges were asked for */
    uint64_t eclipses; /* in which the honest node was connected */
    dspv_ms honest_ms, honest_slowest_ms; /* how long that took, all together and at most */
    uint64_t ends, bytes_before, bytes_after; /* runs with a restart at the end, on an honest disk; received before and after it */
    uint64_t doubtful; /* runs in which served snapshots were wrong, for a while, about members that no signature proves */
    struct sim_kind_count kinds[SIM_MOST_KINDS];
    size_t n_kinds;
    struct sim_result *findings;
    size_t n_findings, cap_findings;
};

void sim_report_free(struct sim_report *r);
void sim_report_add(struct sim_report *r, const struct sim_result *result);
/* Kinds by name, findings by seed. */
void sim_report_sort(struct sim_report *r);
/* `liar`: the option that the runs had, or NULL. */
void sim_report_print(const struct sim_report *r, double cpu_s, const char *liar);
void sim_report_json(const struct sim_report *r, double cpu_s, const char *liar);

#endif
