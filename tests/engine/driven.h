/* An engine that is driven through a recorded chain of tests/fixtures: block by block, from consecutive diffs. */
#ifndef TESTS_ENGINE_DRIVEN_H
#define TESTS_ENGINE_DRIVEN_H

#include "evo/fixture_chain.h"

#include "engine/engine.h"

struct driven {
    struct fixture_chain chain;
    struct engine *e;
    int32_t applied; /* lists up to here are in the engine; -1 = none */
};

void driven_open(struct driven *d, const char *folder);
void driven_close(struct driven *d);
/* A second engine of the same network. */
struct engine *driven_engine(const struct driven *d);
/* Feed the blocks [from, to] with their merkle roots. */
void driven_blocks(struct driven *d, struct engine *e, int32_t from, int32_t to);
/* Feed blocks and apply the consecutive diffs up to `height`. A refusal fails the test. */
void driven_to(struct driven *d, int32_t height);
/* engine_verify() must succeed. */
void driven_verify(struct driven *d);

/* How many quorums of the engine have this status. */
size_t driven_count(const struct engine *e, enum quorum_status status);
/* A digest of everything the engine answers: blocks up to the chain's tip, lists with roots, quorums with status, reason and
 * members, snapshots, needs. Two engines with the same digest cannot be told apart. */
hash256 driven_digest(const struct driven *d, const struct engine *e);
hash256 driven_digest_to(const struct engine *e, int32_t tip);
/* Fails the test when a quorum is VERIFIED in `e` that is not, with the same commitment and members, in `truth`. */
void driven_assert_true(const struct engine *e, const struct engine *truth);

/* One record of locks.bin. */
struct driven_lock {
    int32_t tip;  /* when it was announced */
    uint8_t kind; /* 29 clsig, 31 isdlock */
    const uint8_t *payload;
    size_t n;
};
/* The next record at *at; false at the end. */
bool driven_next_lock(struct bytes locks, size_t *at, struct driven_lock *out);

#endif
