/* What header_arrival.c and header_ranges.c do alike with a message of headers. */
#ifndef SYNC_HEADER_ARRIVAL_H
#define SYNC_HEADER_ARRIVAL_H

#include "sync/header_jobs.h"
#include "sync/peer.h"

/* Read it; one that is malformed anywhere is refused before any more is hashed, and its peer closed. 0 or DSPV_ENOMEM. */
int header_message_read(struct dspv *c, struct peer *p, struct header_message *m, const struct frame *f);
/* The peer told this header, which is in the tree. */
void header_told(const struct dspv *c, struct peer *p, headers_node node);
/* A header was refused, which the peer pays for, if it is still there (else NULL). 0 or DSPV_ENOMEM. */
int header_refused(struct dspv *c, struct peer *p, const dspv_fault *fault);

#endif
