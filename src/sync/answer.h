/* mnlistdiff and qrinfo from a peer: matched, prepared, fed to the engine. */
#ifndef SYNC_ANSWER_H
#define SYNC_ANSWER_H

#include "sync/peer.h"

/* 0 or DSPV_ENOMEM. */
int answer_message(struct dspv *c, struct peer *p, const struct frame *f);
/* The peer has told its headers: answers held for that can go on. 0 or DSPV_ENOMEM. */
int answer_headers_came(struct dspv *c, struct peer *p);
/* Go on with the answers whose base has become known. 0 or DSPV_ENOMEM. */
int answer_bases_came(struct dspv *c);

#endif
