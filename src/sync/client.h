/* The client's state, shared by the files of sync/: client.c routes, the others each do one thing to it. */
#ifndef SYNC_CLIENT_H
#define SYNC_CLIENT_H

#include "chain/headers.h"
#include "engine/engine.h"
#include "engine/network_api.h" /* struct dspv_network and dspv_network_*(): in engine/, because dashspv/engine.h needs it too */
#include "sync/address_set.h"
#include "sync/addresses.h"
#include "sync/connections.h"
#include "sync/discovery.h"
#include "sync/header_jobs.h"
#include "sync/header_ranges.h"
#include "sync/header_store.h"
#include "sync/header_sync.h"
#include "sync/incoming.h"
#include "sync/lock_store.h"
#include "sync/locks.h"
#include "sync/lookup.h"
#include "sync/masternodes.h"
#include "sync/outputs.h"
#include "sync/peer.h"
#include "sync/progress.h"
#include "sync/storage.h"
#include "sync/whom.h"

enum {
    CLIENT_MOST_PEERS = 64 /* the largest target_outbound */
};

#define CLIENT_NEVER INT64_MAX

struct dspv {
    struct network net;
    dspv_config config;
    const dspv_store *store; /* NULL: nothing is kept */
    struct storage storage;
    struct header_store header_store;
    struct lock_store lock_store;
    char user_agent[VERSION_MOST_AGENT + 1];
    struct rng rng;
    dspv_ms now;
    struct headers *headers;
    struct engine *engine;
    headers_node tip; /* as last told */
    struct peer *peers[CLIENT_MOST_PEERS + CONNECTIONS_MOST_EXTRA]; /* oldest first */
    size_t n_peers;
    struct address *addresses;
    size_t n_addresses, cap_addresses;
    struct book *book;
    struct addresses known; /* what is stored of them */
    struct connections connections;
    struct discovery discovery;
    dspv_conn next_conn;
    dspv_reason last_closed;
    struct header_sync header_sync;
    struct header_jobs header_jobs;
    struct header_ranges header_ranges;
    struct outputs outputs;
    struct writer body; /* payload under construction */
    struct masternodes mn;
    struct locks locks;
    struct lookup lookup;
    struct progress progress;
};

/* For the command-line program and the tests. */
struct engine *client_engine(dspv *c);
struct headers *client_headers(dspv *c);
const struct plan *client_plan(const dspv *c);

struct peer *client_peer(const struct dspv *c, dspv_conn conn); /* NULL: gone */
size_t client_ready_peers(const struct dspv *c);
int client_event(struct dspv *c, const dspv_event *event);
/* An empty event with everything that does not apply unset. */
dspv_event client_event_of(dspv_event_kind kind);
/* Every input ends with this: let all parts go on. `rc`: of the input so far, which is returned unless it is 0. */
int client_settle(struct dspv *c, int rc);
/* Tell the engine of a block if it is on our best chain: *found says so (false, too, when the store cannot be read). 0 or
 * DSPV_ENOMEM. */
int client_feed_block(struct dspv *c, const block_hash *hash, bool *found);
/* What lists at the block are proven by. Most headers from the store were taken up by their links alone (header_load.c): what one of
 * them says counts when it is indeed the block's and has its work. *good: so it is. 0; DSPV_ENOMEM; DSPV_ESTORE. */
int client_merkle_root(const struct dspv *c, headers_node node, const block_hash *hash, hash256 *root, bool *good);
/* The best chain, for planner_plan. `chain` is the client. */
bool client_block_at(const void *chain, int32_t height, block_hash *out);

#endif
