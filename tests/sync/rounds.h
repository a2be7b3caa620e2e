/* One round of requests under observation: a client that is synced executes a plan of ours, against peers with a latency. */
#ifndef TESTS_SYNC_ROUNDS_H
#define TESTS_SYNC_ROUNDS_H

#include "sync/world.h"

enum { ROUND_MINUTE = 60000, ROUND_TIP = 581 };

/* A world with `n` peers. */
void round_world(struct world *w, const char *fixture, int32_t tip, size_t n);
/* The same, synced, with this latency from now on. */
void round_ready(struct world *w, size_t n, dspv_ms latency_ms, uint8_t seed);
void round_synced(struct world *w);
/* Messages refused so far; getmnlistd sent so far. */
unsigned round_refused(const struct world *w);
unsigned round_asked(const struct world *w);

/* Lists at `first`, first + 1, ..., each built on the one before, the first one on nothing. */
void round_plan_chain(struct world *w, int32_t first, size_t n);
/* QRINFO about the blocks at these heights. */
void round_plan_qr_infos(struct world *w, const int32_t *heights, size_t n, bool extra_share);
/* Send it. The client makes no plan of its own before round_release(). */
void round_execute(struct world *w);
void round_release(struct world *w);

/* What went on while a plan was executed: the most at any time. */
struct round_seen {
    size_t in_flight, in_flight_peer, held, held_bytes, qr_infos;
};
/* Look now, and check every bound. */
void round_look(const struct world *w, struct round_seen *s);
/* Run until no request of the round is open; how long it took. */
dspv_ms round_run(struct world *w, struct round_seen *s, dspv_ms most);
/* Of a block hash in a message, -1: not of this chain. */
int32_t round_height_of(const struct world *w, const uint8_t *hash);
/* Height of the list that a message on its way brings, -1: it is no mnlistdiff. (base, block: in either layout) */
int32_t round_brings(const struct world *w, const char *command, const uint8_t *payload);
/* For tampering with an answer: with one chance in `of` each a byte changes, or it never arrives. */
void round_spoil(struct world *w, uint8_t *payload, size_t *n, unsigned of);
/* The last peer was honest and is not blamed; untampered, everything ends synced. Adds up what went on; frees the world. */
void round_end(struct world *w, unsigned *tampered, unsigned *refusals);
/* The lists are there, and of the right blocks. */
void round_lists(const struct world *w, int32_t first, size_t n);

#endif
