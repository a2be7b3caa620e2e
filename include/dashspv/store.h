/* Where a client keeps what it has verified: a few tables of records, written in transactions. The library brings one on SQLite
 * (dashspv/store_sqlite.h); an app may bring its own by filling in a dspv_store.
 *
 * A record is a key and a value, both opaque to the store; keys are compared as bytes. Values carry their own checksums: a store
 * may lose or damage records without doing more harm than that they are fetched again. */
#ifndef DASHSPV_STORE_H
#define DASHSPV_STORE_H

#include "dashspv/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    DSPV_TABLE_META,        /* what the store is about, and small things of which there is one each */
    DSPV_TABLE_HEADERS,     /* the best chain, in runs */
    DSPV_TABLE_MASTERNODES, /* entries of masternode lists, each once however many lists hold it */
    DSPV_TABLE_LISTS,       /* proven lists, as references to entries and quorums, with the proof */
    DSPV_TABLE_QUORUMS,     /* commitments, with their members when known */
    DSPV_TABLE_SNAPSHOTS,   /* rotation snapshots by cycle */
    DSPV_TABLE_LOCKS,       /* verified ChainLocks and InstantSend locks */
    DSPV_TABLE_ADDRESSES,   /* the address book, bans included */
    DSPV_TABLE_COUNT
} dspv_table;

enum { DSPV_STORE_MOST_KEY = 64, DSPV_STORE_MOST_VALUE = 1 << 20 };

/* Put a record (replacing the one with its key), or, with `value` NULL, remove it, which need not exist. */
typedef struct {
    dspv_table table;
    const uint8_t *key;
    size_t key_n; /* 1 .. DSPV_STORE_MOST_KEY */
    const uint8_t *value;
    size_t value_n; /* 0 .. DSPV_STORE_MOST_VALUE */
} dspv_store_op;

/* One record of a scan; the bytes are valid until it returns. False ends the scan. */
typedef bool dspv_store_visit(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n);

typedef struct {
    void *context;
    /* All operations in their order, or none of them; when it returns 0 they survive a crash of the process and of the machine.
     * 0; DSPV_ENOMEM; DSPV_ESTORE: nothing changed, may be tried again. */
    int (*apply)(void *context, const dspv_store_op *ops, size_t n);
    /* The records with first <= key <= last, ascending. `last_n` 0: to the end. 0; DSPV_ENOMEM; DSPV_ESTORE. The store is not
     * written to meanwhile. */
    int (*scan)(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument);
    /* What went wrong last, for a person; never NULL, valid until the next call. */
    const char *(*trouble)(void *context);
    /* apply() is never called: what is in the store can be asked about, nothing new is kept. */
    bool read_only;
} dspv_store;

/* "meta", "headers", ... Never NULL for a dspv_table. */
DSPV_API const char *dspv_table_name(dspv_table table);

#ifdef __cplusplus
}
#endif
#endif
