/* Restoring's inside, shared by restore.c and restore_lists.c. */
#ifndef ENGINE_RESTORE_STATE_H
#define ENGINE_RESTORE_STATE_H

#include "engine/saved_state.h"
#include "store/read.h"

enum {
    RESTORE_MOST_BYTES = 256 << 20, /* of entries and quorums together */
    RESTORE_MOST_LISTS = 4096,
    RESTORE_MOST_QUORUMS = 1 << 16,
    RESTORE_MOST_IN_LIST = 1 << 17, /* entries; quorums */
    RESTORE_MOST_MEMBERS = COMMITMENT_MAX_BITS
};

/* An entry by its number. */
struct stored_entry {
    bool there;
    struct mnentry e;
    struct masternode *mn; /* the same in a list, borrowed, or owned by `loose` */
};

struct stored_quorum {
    const uint8_t *key;
    struct commitment c;
    int32_t first, last;
    uint32_t n_members;
    uint32_t *members; /* numbers of entries that are there */
    hash256 digest;
    bool listed; /* by a list that was restored */
};

/* What a list's record refers to, in the order of its walk. */
struct list_refs {
    uint32_t *numbers;
    size_t n_numbers;
    uint32_t *quorums; /* positions in struct restore */
    size_t n_quorums;
};

struct restore {
    struct engine *e;
    struct saved *s;
    const struct restore_chain *chain;
    struct restored *out;
    struct arena arena;   /* entries, quorums */
    struct arena scratch; /* of one record */
    struct stored_entry *entries;
    size_t n_entries, entries_cap;
    struct stored_quorum *quorums; /* ascending by key */
    size_t n_quorums, quorums_cap;
    struct list_refs last; /* of the list restored last; its memory is its own */
    block_hash last_block;
    struct masternode **loose; /* entries that are in no list */
    size_t n_loose, loose_cap;
};

/* The record does not fit. 0 or DSPV_ENOMEM. */
int restore_leave_out(struct restore *r, dspv_table table, const struct stored *record);
/* There is an entry with this number. */
bool restore_known(const struct restore *r, uint32_t number);

/* restore_lists.c: a stored_visit of DSPV_TABLE_LISTS; the other two tables come first. */
int restore_list(void *argument, const struct stored *record);
void list_refs_free(struct list_refs *refs);

#endif
