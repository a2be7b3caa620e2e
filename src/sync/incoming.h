/* What a peer sends: bytes become messages, each message goes to its part, one after the other. What comes behind headers that
 * are being hashed waits, so that a peer's messages take effect in their order. */
#ifndef SYNC_INCOMING_H
#define SYNC_INCOMING_H

#include "sync/peer.h"

/* 0; DSPV_ENOMEM: something was lost. */
int incoming_bytes(struct dspv *c, struct peer *p, struct span in);
/* What waited until the peer's headers were hashed. The same. */
int incoming_held(struct dspv *c, struct peer *p);

#endif
