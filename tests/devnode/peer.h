/* One connection of the development peer, without sockets and clock: bytes in, bytes out. It behaves as an honest Dash Core
 * node does towards an inbound light client (protocol.md 3 to 8), unless a fault is switched on. */
#ifndef DEVNODE_PEER_H
#define DEVNODE_PEER_H

#include "devnode/chain.h"

/* Dishonest or broken on purpose, for tests. */
struct devnode_faults {
    bool ignore_getqrinfo;        /* no answer, no score */
    bool disconnect_on_getqrinfo; /* as a -blocksonly node */
    bool refuse_extra_share;      /* no answer to getqrinfo with extraShare, as without the oldest snapshot */
};

struct devnode_options {
    int32_t protocol; /* announced version: caps the common one */
    uint64_t services;
    struct devnode_faults faults;
};

/* Protocol 70240, the services that this program keeps, no faults. */
struct devnode_options devnode_options_default(void);

struct devnode_peer;

/* `chain` outlives the peer. `tip`: the highest block served for now. 0 or DSPV_ENOMEM. */
int devnode_peer_new(struct devnode_peer **out, const struct devnode_chain *chain, const struct devnode_options *options,
                     int32_t tip, int64_t time_s, uint64_t nonce);
void devnode_peer_free(struct devnode_peer *p);

/* What arrived from the client. 0 or DSPV_ENOMEM (the connection is of no further use). */
int devnode_peer_input(struct devnode_peer *p, const uint8_t *bytes, size_t n);
/* The same, but no further than to the end of one message: takes its bytes from the front of *in. */
int devnode_peer_input_one(struct devnode_peer *p, struct span *in);
/* What is to be sent; valid until the next call. Then say how much of it was taken. */
struct span devnode_peer_output(const struct devnode_peer *p);
void devnode_peer_taken(struct devnode_peer *p, size_t n);
/* The node hangs up once the output is sent. */
bool devnode_peer_closed(const struct devnode_peer *p);

/* The chain grows to `tip`: announce the new blocks the way the client asked for, then the locks recorded meanwhile. 0;
 * DSPV_ENOMEM; DSPV_EMISUSE: below the present tip or above the chain. */
int devnode_peer_grow(struct devnode_peer *p, int32_t tip);

/* The node reorganises: from now on it serves another chain of the same network up to `tip`, and announces its tip as a node does
 * whose client lacks the parent, and its best ChainLock. 0; DSPV_ENOMEM; DSPV_EMISUSE: above the chain. */
int devnode_peer_reorganise(struct devnode_peer *p, const struct devnode_chain *chain, int32_t tip);

/* Misbehaviour points (100 = closed) and the common protocol version (0 before the handshake). */
int devnode_peer_score(const struct devnode_peer *p);
int devnode_peer_protocol(const struct devnode_peer *p);

#endif
