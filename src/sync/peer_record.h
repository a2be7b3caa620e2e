/* Connected peers as one record of the store. */
#ifndef SYNC_PEER_RECORD_H
#define SYNC_PEER_RECORD_H

#include "base/writer.h"
#include "dashspv/dashspv.h"

/* All that are connected now, with the time. */
void peer_record_write(const struct dspv *c, struct writer *w);
/* The i-th of a record. False: there is none, or the record makes no sense. */
bool peer_record_read(struct span record, size_t i, dspv_peer *out, dspv_ms *when);

#endif
