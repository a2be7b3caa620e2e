/* libdashspv: a light client for the Dash network that believes nothing it has not verified.
 *
 * The client is sans-I/O: it has no sockets, no clock, no threads and no callbacks. Tell it facts with dspv_in_*(), then drain
 * what it wants with dspv_next() until that returns false, and call dspv_in_tick() when dspv_deadline() has come. `now` is unix
 * time in milliseconds and must not go back. All calls on one client come from one thread; only a job's dspv_job_run() may run
 * on another. A driver for libuv is part of the `dashspv` command; an engine without a network is in dashspv/engine.h. */
#ifndef DASHSPV_DASHSPV_H
#define DASHSPV_DASHSPV_H

#include "dashspv/store.h"
#include "dashspv/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dspv dspv;

/* A network with its parameters: create, override (regtest and devnet), hand to dspv_new (which copies it). */
typedef struct dspv_network dspv_network;

/* `name`: "mainnet", "testnet", "regtest", "devnet" or "devnet-NAME". 0; DSPV_EMISUSE: no such network; DSPV_ENOMEM. */
DSPV_API int dspv_network_new(dspv_network **out, const char *name);
/* Apply one of Dash Core's options (name without dashes). NULL, or a sentence that says what is wrong (static text). */
DSPV_API const char *dspv_network_override(dspv_network *net, const char *option, const char *value);
/* Give the network one more checkpoint, in any order: the block at `height` is believed to be the one with this hash, as if the
 * library had come with it. With one every few thousand blocks the headers between them are not asked for one message after the
 * other, which is several times as fast where peers are far. There is no proof of it, so take them from nobody but yourself (a
 * chain that was verified) or whom you would trust with the library. Nothing else is ever taken at or below the highest one that
 * the chain has passed; above the last one the chain may be no longer than time allows (CHAIN_TOO_LONG), which matters on a regtest.
 * A store that says otherwise loses its headers from there on, and they are loaded anew. At most 100 000, the library's included.
 * NULL (also for one that is there already), or a sentence that says what is wrong (static text), then nothing has changed:
 * `height` not from 1 to 2^30 - 1, another block known at this height (a checkpoint, a start of the chain, block 1 of a devnet),
 * too many, out of memory. Not while another thread uses `net`. */
DSPV_API const char *dspv_network_add_checkpoint(dspv_network *net, int32_t height, const dspv_block_hash *hash);
/* Call after the last override: NULL, or what is inconsistent. */
DSPV_API const char *dspv_network_check(const dspv_network *net);
DSPV_API void dspv_network_free(dspv_network *net);
DSPV_API uint16_t dspv_network_port(const dspv_network *net);

/* Where the header chain begins. Every rule applies from there on; the chain's work up to there is known. A store keeps the start
 * it has, unless a lower one is asked for: then its headers are dropped and loaded anew. */
typedef enum {
    DSPV_START_CHECKPOINT, /* just below the network's last checkpoint (regtest and devnets: genesis) */
    DSPV_START_GENESIS,
    DSPV_START_HEIGHT      /* just below the last checkpoint at or below start_height */
} dspv_start;

/* Kinds of networks, as bits. */
enum { DSPV_NET_IPV4 = 1, DSPV_NET_IPV6 = 2, DSPV_NET_ONION = 4, DSPV_NET_ALL = 7 };

typedef struct {
    dspv_start start;               /* default DSPV_START_CHECKPOINT */
    int32_t start_height;           /* with DSPV_START_HEIGHT */
    bool discover;                  /* find peers: the address book, DNS and fixed seeds, gossip, the masternode list. Default
                                       false: only those named with dspv_add_peer */
    bool local_addresses;           /* with discover: others may tell of addresses of this machine and of private networks.
                                       Default false; regtest and devnets only */
    uint32_t nets;                  /* DSPV_NET_*: what can be reached (default IPv4 and IPv6) */
    bool masternodes;               /* follow the masternode list (default true) */
    bool qr_info_extra_share;       /* also ask for H-4C (default true) */
    uint32_t qr_info_timeout_ms;    /* default 30 000 */
    uint32_t qr_info_max_parallel;  /* default 3 */
    uint32_t mnlist_diff_timeout_ms;/* default 15 000 */
    uint32_t max_qr_info_span;      /* default 50 */
    uint32_t target_outbound;       /* peers to keep (default 8) */
    bool lookups;                   /* the driver answers DSPV_OUT_LOOKUP (default false: it is never asked) */
    uint32_t lookup_timeout_ms;     /* of one attempt, default 10 000 */
    int32_t protocol_version;       /* announced (default 70240) */
    const char *user_agent;         /* NULL: the library's */
} dspv_config;
/* The defaults above. */
DSPV_API void dspv_config_init(dspv_config *config);

/* A connection as the driver numbers it; never reused within a client. */
typedef uint32_t dspv_conn;

/* An address: IPv4 as ::ffff:a.b.c.d. Of a Tor v3 service `ip` is zeros and `onion` its public key; else `onion` is zeros. */
typedef struct {
    uint8_t ip[16];
    uint16_t port;
    bool is_onion;
    uint8_t onion[32];
} dspv_addr;
enum { DSPV_ADDR_TEXT = 80 }; /* longest text of an address, with its terminator */
/* "1.2.3.4:9999", "[::1]:9999" or "….onion:9999"; always terminated, truncated to `size`. Any thread. */
DSPV_API void dspv_addr_text(const dspv_addr *addr, char *out, size_t size);
/* The inverse; the port may be left out, then it is `default_port`. False: `text` is no numeric or .onion address (a name, or
 * misspelt); *out is then unchanged. Any thread. */
DSPV_API bool dspv_addr_parse(const char *text, uint16_t default_port, dspv_addr *out);

/* What the client wants done. */
typedef enum {
    DSPV_OUT_CONNECT,
    DSPV_OUT_SEND,
    DSPV_OUT_CLOSE,
    DSPV_OUT_JOB,
    DSPV_OUT_EVENT,
    DSPV_OUT_RESOLVE, /* only with config.discover: have the name .name looked up in the DNS, answer with dspv_in_resolved */
    DSPV_OUT_LOOKUP /* only with config.lookups: have something looked up, answer with dspv_in_lookup */
} dspv_out_kind;

/* What a look-up is for. Its answer is as little believed as a peer's. */
typedef enum {
    DSPV_LOOKUP_BLOCK,    /* the whole block .hash as it is stored: header, count, transactions (Dash Core: getblock HASH 0) */
    DSPV_LOOKUP_CHAINLOCK /* the best ChainLock, as the payload of a clsig message (Dash Core: getbestchainlock) */
} dspv_lookup_kind;

typedef enum {
    DSPV_PHASE_CONNECTING,
    DSPV_PHASE_HEADERS,
    DSPV_PHASE_MASTERNODES,
    DSPV_PHASE_SYNCED,
    DSPV_PHASE_DEGRADED
} dspv_phase;
/* How the masternode phase works at the moment. */
typedef enum { DSPV_STRATEGY_NONE, DSPV_STRATEGY_DISCOVERY, DSPV_STRATEGY_HYBRID, DSPV_STRATEGY_FALLBACK } dspv_strategy;

typedef enum {
    DSPV_EVENT_PHASE,        /* the phase changed: .phase, .reason */
    DSPV_EVENT_PEER,         /* .conn: connected (reason OK) or gone (reason says why) */
    DSPV_EVENT_TIP,          /* best header: .height, .hash */
    DSPV_EVENT_LIST,         /* a masternode list was proven: .height, .hash */
    DSPV_EVENT_QUORUM,       /* a quorum got a verdict: .llmq_type, .hash, .reason (OK = verified) */
    DSPV_EVENT_PLAN,         /* a new plan; read it with dspv_plan_text */
    DSPV_EVENT_REQUEST,      /* a request was sent: .text */
    DSPV_EVENT_CHAINLOCK,    /* a ChainLock was verified: .height, .hash */
    DSPV_EVENT_INSTANTLOCK,  /* an InstantSend lock was verified: .hash = txid */
    DSPV_EVENT_REFUSED,      /* a peer's message was refused: .conn (0: a look-up's answer), .reason, .text */
    DSPV_EVENT_LOOKUP,       /* a look-up of a block ended: .height, .hash, .reason (OK: it is proven) */
    DSPV_EVENT_SOURCE        /* the source of look-ups stopped working (.reason says why) or works again (OK); told once each */
} dspv_event_kind;

typedef struct {
    dspv_event_kind kind;
    dspv_phase phase;
    dspv_conn conn;
    int32_t height;
    uint8_t llmq_type;
    uint8_t hash[32];
    dspv_reason reason;
    char text[160]; /* one line for a person; may be empty */
} dspv_event;

typedef struct dspv_job dspv_job;

typedef struct {
    dspv_out_kind kind;
    dspv_conn conn;      /* CONNECT: the number to use; SEND, CLOSE: which */
    dspv_addr addr;      /* CONNECT */
    const uint8_t *data; /* SEND: valid until the next call on the client */
    size_t n;
    dspv_reason reason;  /* CLOSE */
    dspv_job *job;       /* JOB */
    dspv_event event;    /* EVENT */
    const char *name;    /* RESOLVE: a host name, static text; .addr.port goes with its addresses */
    uint64_t id;         /* LOOKUP: goes back with the answer */
    dspv_lookup_kind lookup; /* LOOKUP */
    uint8_t hash[32];    /* LOOKUP: the block; zeros for DSPV_LOOKUP_CHAINLOCK */
} dspv_out;

/* A client. `seed` is 32 unpredictable bytes (all randomness comes from it; the same seed and inputs give the same outputs).
 * `config` may be NULL. `store` (NULL: nothing is kept) is borrowed until dspv_free; what it holds is checked again and taken
 * up, what is damaged is left out and fetched anew. 0; DSPV_ENOMEM; DSPV_ESTORE; DSPV_EMISUSE for an inconsistent network or
 * config. */
DSPV_API int dspv_new(dspv **out, const dspv_network *net, const dspv_config *config, const dspv_store *store,
                      const uint8_t seed[32], dspv_ms now);
/* Is the store one for this network, as far as it says? Ask before dspv_new, which returns DSPV_EMISUSE otherwise. 0 (also when
 * it is empty); DSPV_EFAULT and *fault: OTHER_NETWORK, NEWER_RECORDS; DSPV_ENOMEM; DSPV_ESTORE. */
DSPV_API int dspv_store_check(const dspv_network *net, const dspv_store *store, dspv_fault *fault);
/* A job that is still out dies with the client: do not run it any more. Nothing is written: dspv_commit does that. */
DSPV_API void dspv_free(dspv *c);

/* A peer to use (repeatable, at any time): it is connected to and reconnected when lost. 0; DSPV_ENOMEM; DSPV_ESTORE as below. */
DSPV_API int dspv_add_peer(dspv *c, const dspv_addr *addr, dspv_ms now);

/* Facts from the driver. Only local failures are returned (DSPV_ENOMEM, DSPV_ESTORE, DSPV_EMISUSE): a bad peer is a CLOSE. After
 * DSPV_ENOMEM the client is consistent; the input counts as lost. After DSPV_ESTORE nothing is announced that is not stored: the
 * next input tries to store it again. */
DSPV_API int dspv_in_connected(dspv *c, dspv_conn conn, dspv_ms now);
DSPV_API int dspv_in_bytes(dspv *c, dspv_conn conn, const uint8_t *data, size_t n, dspv_ms now);
DSPV_API int dspv_in_closed(dspv *c, dspv_conn conn, dspv_ms now); /* also: could not connect */
DSPV_API int dspv_in_job_done(dspv *c, dspv_job *job, dspv_ms now);
/* The answer to DSPV_OUT_LOOKUP `id`; n = 0: there is nothing to be had. One that comes too late is dropped. */
DSPV_API int dspv_in_lookup(dspv *c, uint64_t id, const uint8_t *data, size_t n, dspv_ms now);
/* The answer to DSPV_OUT_RESOLVE `name`; n = 0: nothing was found. */
DSPV_API int dspv_in_resolved(dspv *c, const char *name, const dspv_addr *addrs, size_t n, dspv_ms now);
DSPV_API int dspv_in_tick(dspv *c, dspv_ms now);
/* Before dspv_free: write to the store what waits for more (during a sync headers do, for a second). Without it they are fetched
 * again. 0; DSPV_ENOMEM, DSPV_ESTORE: not written. */
DSPV_API int dspv_commit(dspv *c, dspv_ms now);
/* When to call dspv_in_tick at the latest. */
DSPV_API dspv_ms dspv_deadline(const dspv *c);
/* The next thing the client wants; false when there is none. */
DSPV_API bool dspv_next(dspv *c, dspv_out *out);
/* Run a job: pure, any thread. 0 or DSPV_ENOMEM; hand it back with dspv_in_job_done either way. */
DSPV_API int dspv_job_run(dspv_job *job);

/* ---- peers */

/* Where an address came from, as bits. */
enum {
    DSPV_FROM_USER = 1,   /* dspv_add_peer */
    DSPV_FROM_DNS = 2,
    DSPV_FROM_SEED = 4,   /* comes with the library */
    DSPV_FROM_GOSSIP = 8, /* told by peers */
    DSPV_FROM_LIST = 16   /* in a proven masternode list */
};

enum { DSPV_PEER_AGENT = 257 };
typedef struct {
    dspv_conn conn;
    dspv_addr addr;
    uint32_t origins;           /* DSPV_FROM_* */
    bool ready;                 /* the handshake is complete; before that the next four are empty */
    int32_t protocol;           /* common version */
    uint64_t services;
    char user_agent[DSPV_PEER_AGENT]; /* what it calls itself; anything but printable ASCII is '?' */
    int32_t height;             /* the highest block it told, or claimed to have when it came */
    int32_t score;              /* misbehaviour points: at 100 it is dropped */
    dspv_ms since;              /* when it was connected to */
    uint64_t bytes_received, bytes_sent;
} dspv_peer;
/* The connected peers (and those being connected to), oldest first. */
DSPV_API size_t dspv_peer_count(const dspv *c);
/* False when there is no such peer. */
DSPV_API bool dspv_peer_at(const dspv *c, size_t i, dspv_peer *out);
/* The same as the store had it when this client was made: the peers of whoever wrote to it last, at *when. False when there is
 * no such peer. */
DSPV_API bool dspv_stored_peer_at(const dspv *c, size_t i, dspv_peer *out, dspv_ms *when);

/* What is known of the network's addresses. */
typedef struct {
    uint32_t addresses, tried; /* all; those that completed a handshake some time */
    uint32_t ipv4, ipv6, onion;
    uint32_t from_dns, from_seeds, from_gossip, from_list; /* one may come from several */
    uint32_t bans;
    uint32_t anchors;
} dspv_addresses;
DSPV_API void dspv_get_addresses(const dspv *c, dspv_addresses *out);

/* A host that is not connected to, and until when. */
typedef struct {
    dspv_addr addr; /* port 0: whatever its port */
    dspv_reason reason;
    uint32_t times; /* that it was banned, lately */
    dspv_ms since, until;
} dspv_ban;
/* False when there are no so many bans. */
DSPV_API bool dspv_ban_at(const dspv *c, size_t i, dspv_ban *out);
/* Lift the ban of a host and forget what it was for. False: there was none. */
DSPV_API bool dspv_unban(dspv *c, const dspv_addr *addr, dspv_ms now);

/* Progress, measured. */
typedef struct {
    dspv_phase phase;
    dspv_strategy strategy;
    dspv_reason reason;         /* why degraded or in fallback */
    uint32_t peers;             /* with a finished handshake */
    int32_t start_height;       /* of the header chain when the client was made */
    int32_t header_height, header_target;
    int32_t list_height;        /* highest proven list, -1 */
    uint32_t masternodes, masternodes_valid, masternodes_evo; /* of that list */
    uint32_t quorums_wanted, quorums_verified, quorums_waiting, quorums_invalid;
    uint32_t qr_info_planned, qr_info_completed, qr_info_failed;
    uint32_t mn_diff_planned, mn_diff_completed, mn_diff_failed;
    uint32_t fallback_diffs;    /* of mn_diff_completed: answered while in fallback */
    uint32_t plan_qr_info_percent, plan_mn_diff_percent; /* of the requests of the present plan; both 0 when it has none */
    double requests_per_second; /* answered, over the 10 seconds before the last input */
    uint32_t lookups, lookups_failed; /* attempts answered; given nothing, something false, or no answer in time */
    uint64_t bytes_received, bytes_sent;
    int32_t chainlock_height;   /* best verified, -1 */
    uint32_t chainlocks, instantlocks; /* verified so far */
    dspv_ms started, phase_started, last_progress;
    double percent;             /* of the whole way to synced; never goes back */
} dspv_progress;
DSPV_API void dspv_get_progress(const dspv *c, dspv_progress *out);
/* The present plan as lines of text, terminated and truncated to `size`; returns the length it would have without the
 * terminator. The first line is the strategy, then one line per request with its reason. */
DSPV_API size_t dspv_plan_text(const dspv *c, char *out, size_t size);
/* What a client found in its store when it was made, for messages to a person. Of quorums and locks nothing is believed that is
 * not verified again. */
typedef struct {
    size_t headers, lists, quorums, snapshots, locks, addresses; /* taken up */
    size_t left_out; /* records that were damaged or do not fit: what they held is fetched anew */
} dspv_restored;
DSPV_API void dspv_get_restored(const dspv *c, dspv_restored *out);

/* Height of a block on the best chain; -1 when it is not there; -2 when that is not known, for want of memory or because the store
 * cannot be read (only of blocks far below the tip). The first question about such a block may take a second: an index is made. */
DSPV_API int32_t dspv_block_height(const dspv *c, const dspv_block_hash *hash);
/* The same for `n` blocks at once. Returns how many are on the best chain. */
DSPV_API size_t dspv_block_heights(const dspv *c, const dspv_block_hash *hashes, size_t n, int32_t *heights);

/* Where a ChainLock signature, or the knowledge that a block carries none, came from. */
typedef enum {
    DSPV_SIGNATURE_UNKNOWN, /* from nowhere: not known, and at the moment nobody is asked */
    DSPV_SIGNATURE_RULE,    /* no block below V20 carries one */
    DSPV_SIGNATURE_LIST,    /* the proven coinbase that came with the block's masternode list */
    DSPV_SIGNATURE_KEPT,    /* a coinbase that was proven earlier */
    DSPV_SIGNATURE_LOOKUP   /* not known yet: the block is being looked up */
} dspv_signature_source;

/* bestCLSignature in the coinbase of a block of the best chain: what chooses the members of the quorums whose work block it is.
 * 0 with `out`; DSPV_EFAULT: proven to carry none (the rule then takes the block's hash); DSPV_EWAITING: not known, which is
 * never the same as none. *source (may be NULL) says where from; with DSPV_SIGNATURE_LOOKUP drain dspv_next, and ask again at
 * the block's DSPV_EVENT_LOOKUP. DSPV_EMISUSE: the block is not on the best chain. DSPV_ENOMEM. */
DSPV_API int dspv_chainlock_signature(dspv *c, const dspv_block_hash *block, dspv_ms now, uint8_t out[96],
                                      dspv_signature_source *source);
/* The same for the block of the best chain at a height. */
DSPV_API int dspv_chainlock_signature_at(dspv *c, int32_t height, dspv_ms now, uint8_t out[96], dspv_signature_source *source);

/* "connecting", "headers", "masternodes", "synced", "degraded". */
DSPV_API const char *dspv_phase_name(dspv_phase phase);

#ifdef __cplusplus
}
#endif
#endif
