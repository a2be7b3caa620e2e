/* The mirror's inside, shared by save.c, restore.c and saved.c. */
#ifndef ENGINE_SAVED_STATE_H
#define ENGINE_SAVED_STATE_H

#include "base/endian.h"
#include "engine/engine_state.h"
#include "engine/saved.h"
#include "wire/layout.h"

enum {
    SAVED_MOST_NUMBERS = 1 << 18,      /* entries on disk; mainnet has 4000 masternodes, of which few change between two lists */
    SAVED_ENTRY_PROTO = LAYOUT_CLSIGS, /* the layout in which entries are written */
    SAVED_LIST_KEY = 4,
    SAVED_QUORUM_KEY = 1 + 32,
    SAVED_SNAPSHOT_KEY = 4
};
#define SAVED_NO_NUMBER UINT32_MAX
/* struct tracked.serial of a quorum as it came from the store. */
enum { SAVED_SERIAL_NONE = 0, SAVED_SERIAL_STORED = 1 };

/* A record of one of the three tables, immutable and shared by the present and the next state of the mirror. */
struct row {
    uint32_t refs;
    uint8_t key[SAVED_QUORUM_KEY];
    hash256 mark;   /* list: its block; quorum: its leaf */
    hash256 digest; /* of the payload; lists need none: the block says all */
    uint32_t n;
    uint32_t numbers[]; /* entries it refers to */
};

/* Rows ascending by key. `stamps` says when a quorum's row was last compared, so that most need not be built again. */
struct stamp {
    uint64_t serial;
    int32_t first, last;
};
struct rows {
    size_t key_n;
    struct row **items;
    struct stamp *stamps;
    size_t n, cap, stamps_cap;
};

struct numbered {
    uint8_t key[32]; /* entry_key() */
    bool used;
    bool fresh; /* its record is in the pending batch */
    bool referenced;
};

struct gone {
    dspv_table table;
    uint8_t key[DSPV_STORE_MOST_KEY];
    size_t n;
};

/* What the engine looked like: while it is the same there is nothing to save. */
struct look {
    uint64_t changes;
    size_t lists, quorums, cycles;
    int32_t chainlock_height;
};

enum { SAVED_LISTS, SAVED_QUORUMS, SAVED_SNAPSHOTS, SAVED_TABLES };

struct saved {
    struct rows now[SAVED_TABLES], next[SAVED_TABLES];
    bool pending;
    bool renumbered; /* `next` may refer to other numbers than `now`: they are marked */
    struct look look, next_look;
    bool looked;
    struct numbered *numbers; /* by number */
    size_t n_numbers, numbers_cap;
    uint32_t first_free; /* no number below is free */
    struct map by_key;
    struct gone *gone; /* records to remove with the next batch */
    size_t n_gone, gone_cap;
    struct writer payload; /* under construction */
};

dspv_table saved_table(int which);

/* One key for every content: the leaf, told apart by the version, which the leaf does not cover. */
hash256 entry_key(const struct mnentry *e, const hash256 *leaf);

/* The number of an entry, made when it has none; SAVED_NO_NUMBER when there are too many. *fresh: made now. 0 or DSPV_ENOMEM. */
int numbers_obtain(struct saved *s, const hash256 *key, uint32_t *number, bool *fresh);
/* Restoring: this number is this entry's. 0 or DSPV_ENOMEM. */
int numbers_set(struct saved *s, uint32_t number, const hash256 *key);
/* Note which numbers the rows refer to: a pass over all lists that are kept. */
void numbers_mark(struct saved *s, const struct rows rows[SAVED_TABLES]);
/* Forget the numbers that are not referenced; what was fresh no longer is. */
void numbers_sweep(struct saved *s);
/* Forget the fresh ones. */
void numbers_forget_fresh(struct saved *s);

/* NULL when out of memory. */
struct row *row_new(const uint8_t *key, size_t key_n, const hash256 *mark, const uint32_t *numbers, size_t n);
struct row *row_ref(struct row *r);
void row_unref(struct row *r);
/* Append; takes over the reference, also on failure. 0 or DSPV_ENOMEM. */
int rows_add(struct rows *rows, struct row *r, struct stamp stamp);
/* Position of a key, SIZE_MAX: not there. */
size_t rows_find(const struct rows *rows, const uint8_t *key);
void rows_clear(struct rows *rows);

/* Remove this record with the next batch. 0 or DSPV_ENOMEM. */
int saved_gone(struct saved *s, dspv_table table, struct span key);

#endif
