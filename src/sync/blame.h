/* Who is to blame when a rotated quorum comes out invalid. A snapshot cannot be checked when it comes (protocol.md 6.6): only
 * membersSig tells, later, that one of three is false. So it is remembered which address served which snapshot. */
#ifndef SYNC_BLAME_H
#define SYNC_BLAME_H

#include "engine/engine.h"
#include "sync/peer.h"

enum {
    BLAME_MOST_SERVED = 256,
    BLAME_SHARE = 32, /* of one address: who serves more pushes out his own */
    BLAME_MOST_CONDEMNED = 32
};

/* An address served a snapshot with this content. */
struct served_snapshot {
    int32_t cycle;
    size_t address;
    uint8_t digest[32];
    bool suspected; /* a quorum failed on it */
    bool scored;    /* and that was held against the address */
};

struct blame {
    struct served_snapshot served[BLAME_MOST_SERVED]; /* oldest first */
    size_t n_served;
    uint8_t condemned[BLAME_MOST_CONDEMNED][32]; /* ring: sets of snapshots on which a quorum failed */
    size_t n_condemned, next_condemned;
    unsigned trials;  /* since all was well */
    size_t quick;     /* peers that are still asked without waiting for: */
    dspv_ms again_at; /* ask again then, although everybody has said the same */
};

struct dspv;

/* A qrinfo from this address is about to be fed. 0 or DSPV_ENOMEM. */
int blame_note_served(struct dspv *c, size_t address, const struct qrinfo *q);
/* A wanted quorum is invalid and there is nothing to ask for: score who served the snapshots if it can only be one, let others
 * be asked; otherwise say why and wait, longer each time. 0 or DSPV_ENOMEM. */
int blame_judge(struct dspv *c, const struct quorum_view *invalid);
/* Every wanted quorum is verified: whoever served other snapshots than those that stand lied. 0 or DSPV_ENOMEM. */
int blame_settle(struct dspv *c);
/* Blocks above `height` left the best chain: what was said of their cycles is about others now. */
void blame_rollback(struct dspv *c, int32_t height);
/* Something is held against the address. */
bool blame_remembers(const struct dspv *c, size_t address);
/* The index is about to be another address's: forget what this one served. */
void blame_forget(struct dspv *c, size_t address);
/* It served a snapshot on which a quorum failed, and nothing cleared it yet. */
bool blame_suspects(const struct dspv *c, size_t address);

#endif
