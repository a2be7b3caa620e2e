/* Records from disk, read as a stranger's bytes. A list comes back only through engine_apply_diff(), as a diff to the list
 * restored before it: so it is proven by its coinbase, and lists share what did not change. What a record says beyond that counts
 * as far as proven lists allow: heights seen lie between them, members are those under which both signatures verify again.
 *
 * A record that does not fit is left out and removed with the next save; nothing else depends on it being there. Read first:
 * save.c, the layouts. Read next: restore_lists.c. */
#include "crypto/sha256.h"
#include "engine/restore_state.h"

int restore_leave_out(struct restore *r, dspv_table table, const struct stored *record)
{
    r->out->left_out++;
    return saved_gone(r->s, table, record->key);
}

static const void *copy(struct restore *r, struct span bytes)
{
    void *p = r->arena.total + bytes.n <= RESTORE_MOST_BYTES ? arena_alloc(&r->arena, bytes.n) : NULL;
    return p && bytes.n > 0 ? memcpy(p, bytes.p, bytes.n) : p;
}

/* ---- entries */

static int read_entry(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    uint32_t number = record->key.n == 4 ? load_be32(record->key.p) : SAVED_NO_NUMBER;
    bool good = !record->damaged && number < SAVED_MOST_NUMBERS && r->arena.total + record->payload.n <= RESTORE_MOST_BYTES;
    if (!good)
        return restore_leave_out(r, DSPV_TABLE_MASTERNODES, record);
    const uint8_t *bytes = copy(r, record->payload);
    if (!bytes)
        return DSPV_ENOMEM;
    struct reader in;
    struct stored_entry entry = {.there = true};
    reader_init(&in, bytes, record->payload.n);
    mnentry_decode(&in, SAVED_ENTRY_PROTO, 0, &entry.e);
    if (!reader_finish(&in))
        return restore_leave_out(r, DSPV_TABLE_MASTERNODES, record);
    hash256 leaf;
    sha256d(leaf.b, entry.e.hashed.p, entry.e.hashed.n);
    const hash256 key = entry_key(&entry.e, &leaf);
    void *entries = r->entries;
    int error = mem_grow(&entries, &r->entries_cap, (size_t)number + 1, sizeof(*r->entries));
    r->entries = entries;
    if (error == 0)
        error = numbers_set(r->s, number, &key);
    if (error != 0)
        return error;
    while (r->n_entries <= number)
        r->entries[r->n_entries++] = (struct stored_entry){.there = false};
    r->entries[number] = entry;
    r->out->entries++;
    return 0;
}

bool restore_known(const struct restore *r, uint32_t number)
{
    return number < r->n_entries && r->entries[number].there;
}

/* ---- quorums */

/* *members is in the arena; NULL there after a failure of the reader. */
static int read_members(struct restore *r, struct reader *in, struct stored_quorum *q)
{
    q->n_members = reader_count(in, 1, RESTORE_MOST_MEMBERS);
    if (!reader_ok(in) || r->arena.total + q->n_members * sizeof(*q->members) > RESTORE_MOST_BYTES)
        return 0;
    q->members = arena_alloc_array(&r->arena, q->n_members, sizeof(*q->members));
    if (!q->members)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < q->n_members; i++) {
        q->members[i] = reader_compact_size(in);
        if (reader_ok(in) && !restore_known(r, q->members[i]))
            reader_fail(in, DSPV_TOO_MANY);
    }
    return 0;
}

static int read_quorum(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    bool good = !record->damaged && record->key.n == SAVED_QUORUM_KEY && r->n_quorums < RESTORE_MOST_QUORUMS &&
                r->arena.total + record->payload.n + SAVED_QUORUM_KEY <= RESTORE_MOST_BYTES;
    if (!good)
        return restore_leave_out(r, DSPV_TABLE_QUORUMS, record);
    struct stored_quorum q = {.key = copy(r, record->key)};
    const uint8_t *bytes = copy(r, record->payload);
    if (!q.key || !bytes)
        return DSPV_ENOMEM;
    struct reader in;
    reader_init(&in, bytes, record->payload.n);
    q.first = reader_i32(&in);
    q.last = reader_i32(&in);
    int error = reader_bool(&in) ? read_members(r, &in, &q) : 0;
    if (error != 0)
        return error;
    commitment_decode(&in, &q.c);
    if (!reader_finish(&in) || q.c.type != q.key[0] || memcmp(q.c.hash.b, q.key + 1, 32) != 0)
        return restore_leave_out(r, DSPV_TABLE_QUORUMS, record);
    sha256(q.digest.b, record->payload.p, record->payload.n);
    void *quorums = r->quorums;
    error = mem_grow(&quorums, &r->quorums_cap, r->n_quorums + 1, sizeof(*r->quorums));
    r->quorums = quorums;
    if (error == 0)
        r->quorums[r->n_quorums++] = q;
    return error;
}

/* ---- snapshots: claims again */

static int read_snapshot(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    struct snapshot_msg m;
    struct reader in;
    dspv_fault fault;
    int32_t base =
        record->key.n == SAVED_SNAPSHOT_KEY && load_be32(record->key.p) <= INT32_MAX ? (int32_t)load_be32(record->key.p) : -1;
    bool good = !record->damaged && base >= 0 && cycles_params(r->e) && engine_list(r->e, llmq_work_height(base));
    if (!good)
        return restore_leave_out(r, DSPV_TABLE_SNAPSHOTS, record);
    reader_init(&in, record->payload.p, record->payload.n);
    snapshot_decode(&in, &m);
    int error = reader_finish(&in) ? cycles_feed_snapshot(r->e, base, &m, &fault) : DSPV_EFAULT;
    if (error == DSPV_EFAULT)
        return restore_leave_out(r, DSPV_TABLE_SNAPSHOTS, record);
    hash256 digest;
    sha256(digest.b, record->payload.p, record->payload.n);
    struct row *row = error == 0 ? row_new(record->key.p, record->key.n, &digest, NULL, 0) : NULL;
    if (!row)
        return DSPV_ENOMEM;
    row->digest = digest;
    r->out->snapshots++;
    return rows_add(&r->s->now[SAVED_SNAPSHOTS], row, (struct stamp){0});
}

/* ---- what a quorum's record says beside the commitment */

/* Heights seen: as far as they lie between a list that holds the quorum and the next one, which lacks it. */
static void restore_heights(const struct restore *r, const struct stored_quorum *q, struct tracked *t)
{
    int32_t lacks_below = t->base_height - 1, lacks_above = -1;
    for (size_t i = 0; i < r->e->n_lists; i++) {
        int32_t height = r->e->lists[i]->height;
        if (height < t->first_seen && height > lacks_below)
            lacks_below = height;
        if (height > t->last_seen && lacks_above < 0)
            lacks_above = height;
    }
    if (q->first >= 0 && q->first > lacks_below && q->first < t->first_seen)
        t->first_seen = q->first;
    if (q->last > t->last_seen && q->last < lacks_above)
        t->last_seen = q->last;
}

static struct masternode *obtain_masternode(struct restore *r, uint32_t number)
{
    struct stored_entry *entry = &r->entries[number];
    void *loose = r->loose;
    if (entry->mn)
        return entry->mn;
    int error = mem_grow(&loose, &r->loose_cap, r->n_loose + 1, sizeof(struct masternode *));
    r->loose = loose;
    entry->mn = error == 0 ? masternode_new(&entry->e) : NULL;
    if (entry->mn)
        r->loose[r->n_loose++] = entry->mn;
    return entry->mn;
}

/* Only when they cannot be computed from what is there. */
static int restore_members(struct restore *r, const struct stored_quorum *q, struct tracked *t)
{
    struct missing missing[MISSING_MAX];
    if (q->n_members == 0 || t->base_height < 0 || quorums_missing(r->e, t, missing) == 0)
        return 0;
    struct masternode **mn = mem_alloc_array(q->n_members, sizeof(struct masternode *));
    bool all = mn != NULL;
    for (uint32_t i = 0; all && i < q->n_members; i++)
        all = (mn[i] = obtain_masternode(r, q->members[i])) != NULL;
    t->members = all ? members_new(mn, q->n_members) : NULL;
    mem_free(mn);
    t->restored = t->members != NULL;
    r->out->members += t->restored;
    return t->restored ? 0 : DSPV_ENOMEM;
}

static int restore_quorum(struct restore *r, const struct stored_quorum *q)
{
    if (!q->listed) {
        r->out->left_out++;
        return saved_gone(r->s, DSPV_TABLE_QUORUMS, (struct span){q->key, SAVED_QUORUM_KEY});
    }
    struct tracked *t = quorums_find(r->e, q->c.type, &q->c.hash);
    t->base_height = quorums_base_height(r->e, t);
    t->serial = SAVED_SERIAL_STORED;
    restore_heights(r, q, t);
    int error = restore_members(r, q, t);
    struct row *row = error == 0 ? row_new(q->key, SAVED_QUORUM_KEY, &t->quorum->leaf, q->members, q->n_members) : NULL;
    if (!row)
        return DSPV_ENOMEM;
    row->digest = q->digest;
    r->out->quorums++;
    return rows_add(&r->s->now[SAVED_QUORUMS], row, (struct stamp){SAVED_SERIAL_STORED, q->first, q->last});
}

/* ---- the whole */

static int restore_all(struct restore *r, const dspv_store *store)
{
    const struct span any = {NULL, 0};
    int error = store_scan(store, DSPV_TABLE_MASTERNODES, any, any, read_entry, r);
    if (error == 0)
        error = store_scan(store, DSPV_TABLE_QUORUMS, any, any, read_quorum, r);
    if (error == 0)
        error = store_scan(store, DSPV_TABLE_LISTS, any, any, restore_list, r);
    if (error == 0)
        error = store_scan(store, DSPV_TABLE_SNAPSHOTS, any, any, read_snapshot, r);
    if (error == 0)
        error = cycles_derive(r->e);
    for (size_t i = 0; error == 0 && i < r->n_quorums; i++)
        error = restore_quorum(r, &r->quorums[i]);
    r->e->changes++;
    return error;
}

int engine_restore(struct engine *e, struct saved *s, const dspv_store *store, const struct restore_chain *chain,
                   struct restored *out)
{
    struct restore r = {.e = e, .s = s, .chain = chain, .out = out};
    *out = (struct restored){0};
    arena_init(&r.arena, 0);
    arena_init(&r.scratch, 0);
    int error = restore_all(&r, store);
    for (size_t i = 0; i < r.n_loose; i++)
        masternode_unref(r.loose[i]);
    list_refs_free(&r.last);
    mem_free(r.loose);
    mem_free(r.quorums);
    mem_free(r.entries);
    arena_free(&r.scratch);
    arena_free(&r.arena);
    return error;
}
