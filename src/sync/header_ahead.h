/* Asking ahead, where no ranges are asked for (header_ranges.h): which kind of headers the sync peer is asked for, and for those that
 * follow a message before it is hashed.
 *
 * headers2 is half as long, and four times as many headers come in one answer; but each needs the hash of the one before, so one
 * core hashes it, one header at a time, and only then its last hash is known, which the next question names. Plain headers are
 * hashed on all cores, many at a time, and the last header can be hashed first. So a peer that is near, as one's own node is, is
 * better asked for plain ones: whether it is, its answers tell. */
#ifndef SYNC_HEADER_AHEAD_H
#define SYNC_HEADER_AHEAD_H

#include "base/hash.h"
#include "dashspv/dashspv.h"

struct dspv;
struct peer;
struct header_message;

/* Of a peer. Messages in work: those that are being hashed. */
struct header_ahead {
    bool plain;            /* it is asked for plain headers */
    dspv_ms compressed_ms; /* what HEADERS_MOST compressed ones took, from the question until they were hashed; 0: not known */
    unsigned slow;         /* so many plain answers in a row took longer */
    bool more;             /* nobody has asked for what follows those in work */
    bool open;             /* somebody has, and it is not there yet */
    bool lost;             /* but it will follow what was not taken */
    block_hash last;       /* of the last header in work, when one of these is set */
};

bool header_ahead_compressed(const struct peer *p);
/* An answer that was waited for came, or was hashed, at this time. */
void header_ahead_came(struct peer *p, const struct header_message *m, dspv_ms now);
void header_ahead_hashed(struct peer *p, const struct header_message *m, dspv_ms now);

/* The message that begins with this header is what was asked for ahead. */
bool header_ahead_follows(const struct peer *p, const uint8_t *first);
/* So it is, and means nothing: what is before it was not taken, or will not be. */
bool header_ahead_is_lost(const struct dspv *c, const struct peer *p, const uint8_t *first);
/* An answer came. What was in work before is not followed by anything, until it turns out that it is. */
void header_ahead_answered(struct dspv *c, struct peer *p);
/* The message is in work now; `follows`: those that were before. */
void header_ahead_in_work(struct dspv *c, struct peer *p, struct header_message *m, bool follows);
/* Ask for what follows, where that is of use. 0 or DSPV_ENOMEM. */
int header_ahead_ask(struct dspv *c, struct peer *p);

#endif
