/* Headers from peers into the header tree (protocol.md 3.8, 1.3). */
#ifndef SYNC_HEADER_SYNC_H
#define SYNC_HEADER_SYNC_H

#include "sync/peer.h"

enum { HEADER_SYNC_TIMEOUT_MS = 60000 };

/* Ask for what follows our tip, unless an answer is outstanding. 0 or DSPV_ENOMEM. */
int header_sync_ask(struct dspv *c, struct peer *p);
/* headers or headers2. 0 or DSPV_ENOMEM. */
int header_sync_message(struct dspv *c, struct peer *p, const struct frame *f);
int header_sync_tick(struct dspv *c, struct peer *p);
dspv_ms header_sync_deadline(const struct peer *p);

/* Some peer has told all its headers, and the best chain has the work this network has at least. */
bool header_sync_done(const struct dspv *c);
/* Some peer has told all its headers, but they have too little work. */
bool header_sync_low_work(const struct dspv *c);
/* The tip may have moved (headers, a ChainLock): roll the engine back where blocks left the best chain, tell the user. 0 or
 * DSPV_ENOMEM. */
int header_sync_tip(struct dspv *c);

#endif
