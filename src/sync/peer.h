/* One connection: frames in, messages out, handshake (protocol.md 3.6), ping, score. What a message means to the rest of the
 * client is not decided here (client.c routes). */
#ifndef SYNC_PEER_H
#define SYNC_PEER_H

#include "chain/headers.h"
#include "dashspv/dashspv.h"
#include "sync/bucket.h"
#include "sync/header_ahead.h"
#include "sync/header_ranges.h"
#include "wire/frame.h"
#include "wire/version.h"

enum {
    PEER_CONNECT_MS = 30000,
    PEER_HANDSHAKE_MS = 10000,
    PEER_PING_EVERY_MS = 120000,
    PEER_PONG_MS = 60000,
    PEER_PINGS_AT_ONCE = 10,       /* answered; Dash Core sends one in two minutes */
    PEER_PING_REFILL_MS = 1000,
    PEER_MOST_SCORE = 100,
    PEER_MOST_HELD = 2 << 20,      /* bytes */
    PEER_FORGIVE_MS = 60000, /* takes a point off the score: late answers over days are no attack */
    PEER_OLDEST_PROTOCOL = 70230 /* below, lists have other layouts and no ChainLock signatures (protocol.md 3.3) */
};

/* What the gossip of one peer is allowed (discovery.c). */
struct gossip_allowance {
    dspv_ms saved, since; /* so long without gossip buys addresses */
};

enum peer_state { PEER_CONNECTING, PEER_HANDSHAKE, PEER_READY };

struct peer {
    dspv_conn conn;
    size_t address; /* index in the client's addresses */
    enum peer_state state;
    bool connect_told; /* CONNECT was handed out */
    bool closing;      /* CLOSE is due; nothing is read or sent any more */
    dspv_reason why;
    bool feeler;       /* closed as soon as the handshake is complete */
    dspv_ms opened;
    int score;
    dspv_ms forgiven; /* the score has decayed up to then */
    dspv_ms since; /* of the state */
    uint64_t received, sent; /* bytes */

    struct frame_reader in;
    struct writer held; /* bytes that wait until its headers are hashed */
    bool overrun;       /* there were too many of them: they do not wait */
    struct writer out;     /* waits for dspv_next */
    struct writer sending; /* handed out by dspv_next */

    /* handshake */
    bool got_version;
    uint64_t our_nonce;
    int common; /* protocol version */
    uint64_t services;
    int32_t start_height; /* as claimed */
    char user_agent[DSPV_PEER_AGENT]; /* printable */

    /* as a view of the network (watch.c, discovery.c) */
    dspv_ms news_at;      /* it last moved our tip; 0: never */
    dspv_ms behind_since; /* our tip has been better than what it told; 0: it is not */
    bool behind_asked;
    struct gossip_allowance gossip;

    dspv_ms ping_sent, pinged; /* 0: no ping is out; when the last one went out */
    uint64_t ping_nonce;
    struct bucket pings; /* that are answered */

    /* headers (header_sync.c) */
    bool headers_asked, headers_done, headers_again; /* done: it has told all it has; again: ask it when that may be */
    bool headers_more;         /* its last answer was full: there are more */
    bool headers_later;        /* they are of a branch that is taken when it is its turn */
    bool headers_gained;       /* it brought something new */
    bool claim_kept;           /* our tip, or what it told, was once as high as its start_height */
    struct bucket headers_prompts; /* questions that its messages make us ask */
    struct bucket announcements; /* small header messages that are looked at */
    dspv_ms headers_told;      /* headers_done: when it last said so */
    bool headers_stalled;      /* it does not answer in time: another may take its place */
    unsigned headers_hashing;  /* so many messages of it are being hashed (header_jobs.h) */
    struct header_ahead ahead;
    struct range_question ranges_asked[HEADER_RANGES_MOST]; /* oldest first (header_ranges.h), ... */
    unsigned ranges_owed;      /* ... so many: their answers may still come */
    bool ranges_failed;        /* it gave none to one */
    unsigned headers_owed;     /* answers larger than an announcement that may still come */
    unsigned headers_repeated; /* asked again in a row, before it counts as done */
    dspv_ms headers_sent;
    uint64_t headers_mark;     /* `received` at that time */
    headers_node headers_from; /* what the question started at */
    unsigned unconnecting;     /* messages in a row that did not connect */
    headers_node told;         /* the last header it told, HEADERS_NONE: none */

    /* locks (asked.c) */
    unsigned locks_open; /* asked from it now */
    unsigned locks_late; /* asked from it before: they may still come */
    bool locks_unsent;   /* a getdata is due */
    struct bucket locks_asks;

    /* requests */
    unsigned asked;     /* requests sent to it */
    unsigned late;      /* answers that timed out and may still come */
    unsigned dropped;   /* answers that we no longer want and that may still come */
    bool asked_current; /* for its ChainLock */
};

struct dspv;

/* What a peer calls itself: a stranger's bytes, as printable ASCII. `out` holds DSPV_PEER_AGENT characters. */
void peer_agent_text(struct span agent, char *out);

/* A slot for a connection to addresses[address]. NULL: out of memory. */
struct peer *peer_new(struct dspv *c, size_t address, dspv_conn conn);
void peer_free(struct peer *p);

/* Append one message. 0; DSPV_ENOMEM: the peer is closed. */
int peer_send(struct dspv *c, struct peer *p, enum wire_command command, const struct writer *body);
/* Close with a reason (the first one stays). */
void peer_close(struct peer *p, dspv_reason why);
/* Add points for `reason`, and tell the user what was refused; at PEER_MOST_SCORE the peer is closed. 0 or DSPV_ENOMEM. */
int peer_score(struct dspv *c, struct peer *p, int points, const dspv_fault *fault, const char *what);

int peer_connected(struct dspv *c, struct peer *p);
/* Handshake, ping and pong. True when the message was one of these; *rc is then 0 or DSPV_ENOMEM. */
bool peer_message(struct dspv *c, struct peer *p, const struct frame *f, int *rc);
/* Timeouts and pings. 0 or DSPV_ENOMEM. */
int peer_tick(struct dspv *c, struct peer *p);
dspv_ms peer_deadline(const struct peer *p);

static inline bool peer_usable(const struct peer *p) { return p->state == PEER_READY && !p->closing; }
/* It can be asked for lists: it has told its headers. */
static inline bool peer_serves_lists(const struct peer *p) { return peer_usable(p) && p->headers_done; }

#endif
