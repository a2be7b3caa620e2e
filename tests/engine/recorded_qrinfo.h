/* Recorded answers to getqrinfo, and full states of every block (data/regtest; format: README there). */
#ifndef TESTS_ENGINE_RECORDED_QRINFO_H
#define TESTS_ENGINE_RECORDED_QRINFO_H

#include "engine/driven.h"

struct answer {
    int32_t requested; /* height of blockRequestHash */
    bool extra_share;
    int32_t bases[8];
    size_t n_bases;
    struct qrinfo q;
};

struct answers {
    struct arena arena;
    struct bytes file, states;
    struct answer *items; /* the answered ones */
    size_t n;
    struct mnlistdiff *full; /* by height: from genesis to that block */
    int32_t tip;
};

/* `proto`: 70240 or 70235. Skips nothing: call data_or_skip() first. */
void answers_open(struct answers *a, const char *folder, int proto);
void answers_close(struct answers *a);
/* An answer without bases to a request in [from, to], the latest one; NULL. */
const struct answer *answers_find(const struct answers *a, int32_t from, int32_t to, bool extra_share);
/* Apply the full state of a block; must succeed. */
void answers_apply(const struct answers *a, struct engine *e, int32_t height);

#endif
