/* The inside of a peer, shared by peer.c (connection, handshake), serve.c (requests) and announce.c (new blocks and locks). */
#ifndef DEVNODE_PEER_STATE_H
#define DEVNODE_PEER_STATE_H

#include "devnode/peer.h"
#include "wire/frame.h"
#include "wire/version.h"

enum peer_phase { PEER_AWAITS_VERSION, PEER_AWAITS_VERACK, PEER_READY, PEER_CLOSED };

struct devnode_peer {
    const struct devnode_chain *chain;
    struct devnode_options options;
    int32_t tip;
    int64_t time_s;
    uint64_t nonce;
    enum peer_phase phase;
    int score;
    struct frame_reader in;
    struct writer body; /* payload under construction */
    struct writer out;
    size_t taken; /* bytes of `out` already sent */
    /* what the client said */
    int common; /* protocol version */
    bool relay, wants_headers, wants_headers2, wants_recsigs;
    uint64_t services;
    int32_t known; /* the highest header sent to the client, -1 = none */
};

/* Send p->body as the payload and empty it. */
void node_send(struct devnode_peer *p, enum wire_command command);
void node_misbehaved(struct devnode_peer *p, int points);

/* Handle one message of a client whose handshake is complete. 0 or DSPV_ENOMEM. */
int node_serve(struct devnode_peer *p, enum wire_command command, struct span payload);

#endif
