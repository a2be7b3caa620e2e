/* A dspv_store on a disk that fails, from a seed: for the simulator and for tests. The records are in memory (store/memory.h).
 *
 * Two contracts. An HONEST disk keeps what apply() has committed, whatever happens: after a crash everything committed is there,
 * and the transaction that was under way, or whose failure was the last thing heard of, is there as a whole or not at all. Nobody
 * may lose a step with it. A LYING disk said "synced" when it had not: after a crash some of the last FAULTY_PENDING transactions
 * may be missing, torn, out of order, or records damaged. Then only safety may be demanded: never a wrong answer. */
#ifndef TESTS_SUPPORT_FAULTY_H
#define TESTS_SUPPORT_FAULTY_H

#include "store/memory.h"

struct faulty;

typedef enum { FAULTY_HONEST, FAULTY_LYING } faulty_kind;

enum { FAULTY_PENDING = 8 };

/* Chances are per mille. */
struct faulty_config {
    faulty_kind kind;
    uint32_t apply_fails;   /* of an apply: DSPV_ESTORE, nothing changed */
    uint32_t apply_crashes; /* of an apply: the machine stops; see faulty_reopen */
    uint32_t scan_fails;    /* of a scan: DSPV_ESTORE, after some of the records */
    uint32_t scan_flips;    /* of a record shown by a scan: one bit is wrong; what the disk holds is not */
    size_t capacity;        /* bytes of all keys and values; an apply beyond it fails. 0: no limit */
};

/* 0 or DSPV_ENOMEM. */
int faulty_new(struct faulty **out, const struct faulty_config *config, const uint8_t seed[32]);
void faulty_free(struct faulty *f);
const dspv_store *faulty_seam(struct faulty *f);
/* Other faults from now on; what is stored is synced. 0 or DSPV_ENOMEM. */
int faulty_configure(struct faulty *f, const struct faulty_config *config);

/* The nth apply (scan) from now, 1 being the next, fails with DSPV_ESTORE, once; 0: none does. */
void faulty_fail_apply(struct faulty *f, uint64_t n);
void faulty_fail_scan(struct faulty *f, uint64_t n);
/* The machine stops in the nth apply from now; 0: it does not. */
void faulty_crash_in_apply(struct faulty *f, uint64_t n);
/* The machine stops now. */
void faulty_crash(struct faulty *f);
/* Has it stopped? Then every call fails until faulty_reopen. */
bool faulty_crashed(const struct faulty *f);
/* The machine starts again with what the disk holds by its contract (also when it had not stopped: it does so first). 0 or
 * DSPV_ENOMEM (still stopped). */
int faulty_reopen(struct faulty *f);
/* `n` records picked by chance are damaged where they lie: bits, length, zeros, another record's bytes, or gone. Of any disk. 0
 * or DSPV_ENOMEM. */
int faulty_rot(struct faulty *f, size_t n);

/* What is stored: what a scan without faults shows. For oracles; clone it to keep it. */
const struct store_memory *faulty_image(const struct faulty *f);
/* Calls made so far; applies that succeeded. */
uint64_t faulty_applies(const struct faulty *f);
uint64_t faulty_commits(const struct faulty *f);
uint64_t faulty_scans(const struct faulty *f);

#endif
