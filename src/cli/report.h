/* What the engine knows, as JSON: the rows of `verify --json` and the file that --report writes. Hashes in display order, keys and
 * signatures in plain hex, bitsets as strings of 0 and 1 in member order.
 *
 * Every function that returns a json_t * returns a new reference, or NULL when out of memory. */
#ifndef CLI_REPORT_H
#define CLI_REPORT_H

#include <jansson.h>

#include "dashspv/answers.h"
#include "engine/engine.h"

/* A proven list: height, hash, counts, both roots, coinbase_proof ("header" or "no header given"). */
json_t *report_list(const struct mnstate *s);
/* A quorum: status is "verified", "waiting" or "invalid"; reason and detail are null when verified. */
json_t *report_quorum(const struct quorum_view *v);
/* A lock with what engine_check_*lock() returned for it: 0, DSPV_EWAITING or DSPV_EFAULT. */
json_t *report_chainlock(const struct clsig *lock, int verdict, const struct quorum_view *signer, const dspv_fault *fault);
json_t *report_instantlock(const struct isdlock *lock, int verdict, const struct quorum_view *signer, const dspv_fault *fault);
/* The best verified ChainLock, as such a row. */
json_t *report_best_chainlock(const dspv_chainlock *best);
/* A masternode of a list. */
json_t *report_masternode(const struct masternode *m);
/* Where its Core node listens: "1.2.3.4:9999"; "-" when that is not known. */
void report_address(const struct masternode *m, char *out, size_t size);
/* At most 96 bytes, a key or a signature, as they are. */
json_t *report_bytes(const uint8_t *bytes, size_t n);
/* A hash in display order. */
json_t *report_hash(const uint8_t hash[32]);

/* All of it: tip, masternode_lists, quorums, locks. `tip` (NULL: none) is the best block known, at `tip_height`; `locks` (NULL:
 * none) is an array of lock rows, borrowed. */
json_t *report_state(const struct engine *e, int32_t tip_height, const block_hash *tip, json_t *locks);
/* 0, or -1 with errno. */
int report_write(const json_t *state, const char *path);

#endif
