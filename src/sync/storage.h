/* The client and its store: what was verified is written after every input, in one transaction, and taken up by the next start;
 * while one message of headers comes after the other, not after each of them, because every transaction waits for the disk.
 *
 * Only when the transaction of an input is on disk, dspv_next() hands out that input's events (outputs.h). Headers, lists,
 * quorums and locks go together, so whatever transaction was the last one, what is on disk belongs together and can be proven
 * again. */
#ifndef SYNC_STORAGE_H
#define SYNC_STORAGE_H

#include "dashspv/dashspv.h"
#include "engine/saved.h"

struct dspv;

enum {
    STORAGE_FORMAT = 1,      /* of the records, as META says */
    STORAGE_RETRY_MS = 2000, /* after a transaction that failed, when no input comes before */
    STORAGE_WAIT_MS = 1000,  /* a transaction waits for more headers so long at most */
    STORAGE_MUCH = 4 << 20   /* bytes that could not be written: only tried again after that time, and no headers are asked for */
};

struct storage {
    struct saved *saved; /* what of the engine is on disk */
    struct batch batch;
    bool waits;       /* for more headers */
    dspv_ms written;  /* when it last did not */
    bool failed;      /* the last transaction did */
    bool resumed;     /* it did not, and headers may be asked for again */
    size_t much;      /* STORAGE_MUCH; tests want less. With so much in headers a transaction does not wait for more */
    size_t unsaved;   /* bytes of the transaction that failed */
    dspv_ms retry_at; /* when that was `much` */
    bool meta;        /* the record that says whose store this is is there */
    dspv_restored restored;
};

/* With a store: take up what it holds. The parts of the client are there and empty. 0; DSPV_ENOMEM; DSPV_ESTORE; DSPV_EMISUSE: it
 * belongs to another network, or was written by a newer version. */
int storage_load(struct dspv *c);
void storage_free(struct dspv *c);
/* After every input: write what is new, then let its events go. Without a store, or with one that is only read, they just go. 0;
 * DSPV_ENOMEM, DSPV_ESTORE: nothing was written, the events wait, the next input tries again, or the next tick when it is much.
 */
int storage_commit(struct dspv *c);
/* The same, and no transaction waits for more headers. */
int storage_commit_now(struct dspv *c);
/* What could not be written is so much that no more should be asked for. */
bool storage_holds_back(const struct dspv *c);
dspv_ms storage_deadline(const struct dspv *c);

#endif
