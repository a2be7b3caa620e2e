/* Records from disk, read as a stranger's bytes. A list comes back only through engine_apply_diff(), as a diff to the list restored
 * before it: so it is proven by its coinbase, and lists share what did not change. What a record says beyond that counts as far as
 * proven lists allow: heights seen lie between them, members are those under which both signatures verify again.
 *
 * A record that does not fit is left out and removed with the next save; nothing else depends on it being there. Read first: save.c,
 * the layouts. */
#include "crypto/sha256.h"
#include "engine/saved_state.h"
#include "store/read.h"

enum {
    MOST_BYTES = 256 << 20, /* of entries and quorums together */
    MOST_LISTS = 4096,
    MOST_QUORUMS = 1 << 16,
    MOST_IN_LIST = 1 << 17, /* entries; quorums */
    MOST_MEMBERS = COMMITMENT_MAX_BITS
};

/* An entry by its number. */
struct entry {
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
struct refs {
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
    struct arena arena; /* entries, quorums, and the refs of the last list */
    struct arena scratch; /* of one record */
    struct entry *entries;
    size_t n_entries, entries_cap;
    struct stored_quorum *quorums; /* ascending by key */
    size_t n_quorums, quorums_cap;
    struct refs last; /* of the list restored last; its memory is its own */
    block_hash last_block;
    struct masternode **loose; /* entries that are in no list */
    size_t n_loose, loose_cap;
};

static int leave_out(struct restore *r, dspv_table table, const struct stored *record)
{
    r->out->left_out++;
    return saved_gone(r->s, table, record->key);
}

static const void *copy(struct restore *r, struct span bytes)
{
    void *p = r->arena.total + bytes.n <= MOST_BYTES ? arena_alloc(&r->arena, bytes.n) : NULL;
    return p && bytes.n > 0 ? memcpy(p, bytes.p, bytes.n) : p;
}

/* ---- entries */

static int read_entry(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    uint32_t number = record->key.n == 4 ? load_be32(record->key.p) : SAVED_NO_NUMBER;
    bool good = !record->damaged && number < SAVED_MOST_NUMBERS && r->arena.total + record->payload.n <= MOST_BYTES;
    if (!good)
        return leave_out(r, DSPV_TABLE_MASTERNODES, record);
    const uint8_t *bytes = copy(r, record->payload);
    if (!bytes)
        return DSPV_ENOMEM;
    struct reader in;
    struct entry entry = {.there = true};
    reader_init(&in, bytes, record->payload.n);
    mnentry_decode(&in, SAVED_ENTRY_PROTO, 0, &entry.e);
    if (!reader_finish(&in))
        return leave_out(r, DSPV_TABLE_MASTERNODES, record);
    struct masternode *mn = masternode_new(&entry.e);
    if (!mn)
        return DSPV_ENOMEM;
    const hash256 key = entry_key(mn);
    masternode_unref(mn);
    void *entries = r->entries;
    int error = mem_grow(&entries, &r->entries_cap, (size_t)number + 1, sizeof(*r->entries));
    r->entries = entries;
    if (error == 0)
        error = numbers_set(r->s, number, &key);
    if (error != 0)
        return error;
    while (r->n_entries <= number)
        r->entries[r->n_entries++] = (struct entry){.there = false};
    r->entries[number] = entry;
    r->out->entries++;
    return 0;
}

static bool known(const struct restore *r, uint32_t number)
{
    return number < r->n_entries && r->entries[number].there;
}

/* ---- quorums */

/* *members is in the arena; NULL there after a failure of the reader. */
static int read_members(struct restore *r, struct reader *in, struct stored_quorum *q)
{
    q->n_members = reader_count(in, 1, MOST_MEMBERS);
    if (!reader_ok(in) || r->arena.total + q->n_members * sizeof(*q->members) > MOST_BYTES)
        return 0;
    q->members = arena_alloc_array(&r->arena, q->n_members, sizeof(*q->members));
    if (!q->members)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < q->n_members; i++) {
        q->members[i] = reader_compact_size(in);
        if (reader_ok(in) && !known(r, q->members[i]))
            reader_fail(in, DSPV_TOO_MANY);
    }
    return 0;
}

static int read_quorum(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    bool good = !record->damaged && record->key.n == SAVED_QUORUM_KEY && r->n_quorums < MOST_QUORUMS &&
                r->arena.total + record->payload.n + SAVED_QUORUM_KEY <= MOST_BYTES;
    if (!good)
        return leave_out(r, DSPV_TABLE_QUORUMS, record);
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
        return leave_out(r, DSPV_TABLE_QUORUMS, record);
    sha256(q.digest.b, record->payload.p, record->payload.n);
    void *quorums = r->quorums;
    error = mem_grow(&quorums, &r->quorums_cap, r->n_quorums + 1, sizeof(*r->quorums));
    r->quorums = quorums;
    if (error == 0)
        r->quorums[r->n_quorums++] = q;
    return error;
}

static uint32_t find_quorum(const struct restore *r, const uint8_t key[SAVED_QUORUM_KEY])
{
    size_t low = 0, high = r->n_quorums;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(r->quorums[middle].key, key, SAVED_QUORUM_KEY);
        if (order == 0)
            return (uint32_t)middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return UINT32_MAX;
}

/* ---- lists */

/* Entry numbers from runs; they must be there and ascend by proTxHash. */
static int read_runs(struct restore *r, struct reader *in, struct refs *out)
{
    uint32_t runs = reader_count(in, 2, MOST_IN_LIST);
    size_t cap = 0;
    for (uint32_t i = 0; reader_ok(in) && i < runs; i++) {
        uint32_t first = reader_compact_size(in), n = reader_compact_size(in);
        if (n > MOST_IN_LIST - out->n_numbers || first > SAVED_MOST_NUMBERS)
            reader_fail(in, DSPV_TOO_MANY);
        if (!reader_ok(in))
            break;
        void *numbers = out->numbers;
        int error = mem_grow(&numbers, &cap, out->n_numbers + n, sizeof(*out->numbers));
        out->numbers = numbers;
        if (error != 0)
            return error;
        for (uint32_t k = first; reader_ok(in) && k < first + n; k++) {
            const uint32_t *before = out->n_numbers ? &out->numbers[out->n_numbers - 1] : NULL;
            if (!known(r, k) || (before && protx_hash_cmp(&r->entries[*before].e.protx, &r->entries[k].e.protx) >= 0))
                reader_fail(in, DSPV_DUPLICATE_ENTRY);
            else
                out->numbers[out->n_numbers++] = k;
        }
    }
    return 0;
}

static int read_quorum_refs(struct restore *r, struct reader *in, struct refs *out)
{
    uint32_t n = reader_count(in, SAVED_QUORUM_KEY, MOST_IN_LIST);
    out->quorums = mem_alloc_array(n, sizeof(*out->quorums));
    if (!out->quorums)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; reader_ok(in) && i < n; i++) {
        const uint8_t *key = reader_bytes(in, SAVED_QUORUM_KEY);
        uint32_t at = key ? find_quorum(r, key) : UINT32_MAX;
        if (at == UINT32_MAX || (i > 0 && at <= out->quorums[i - 1]))
            reader_fail(in, DSPV_DUPLICATE_QUORUM);
        else
            out->quorums[out->n_quorums++] = at;
    }
    return 0;
}

static void refs_free(struct refs *refs)
{
    mem_free(refs->numbers);
    mem_free(refs->quorums);
    *refs = (struct refs){0};
}

/* The diff from the list restored last: both walks ascend. */
static int diff_entries(struct restore *r, const struct refs *to, struct mnlistdiff *d)
{
    const struct refs *from = &r->last;
    protx_hash *deleted = arena_alloc_array(&r->scratch, from->n_numbers + 1, sizeof(*deleted));
    d->entries = arena_alloc_array(&r->scratch, to->n_numbers + 1, sizeof(*d->entries));
    if (!deleted || !d->entries)
        return DSPV_ENOMEM;
    for (size_t i = 0, k = 0; i < from->n_numbers || k < to->n_numbers;) {
        const struct entry *a = i < from->n_numbers ? &r->entries[from->numbers[i]] : NULL;
        const struct entry *b = k < to->n_numbers ? &r->entries[to->numbers[k]] : NULL;
        int order = !a ? 1 : !b ? -1 : protx_hash_cmp(&a->e.protx, &b->e.protx);
        if (order < 0)
            deleted[d->n_deleted++] = a->e.protx;
        else if (a != b)
            d->entries[d->n_entries++] = b->e;
        i += order <= 0;
        k += order >= 0;
    }
    d->deleted = deleted;
    return 0;
}

static int diff_quorums(struct restore *r, const struct refs *to, struct mnlistdiff *d)
{
    const struct refs *from = &r->last;
    d->deleted_quorums = arena_alloc_array(&r->scratch, from->n_quorums + 1, sizeof(*d->deleted_quorums));
    d->new_quorums = arena_alloc_array(&r->scratch, to->n_quorums + 1, sizeof(*d->new_quorums));
    if (!d->deleted_quorums || !d->new_quorums)
        return DSPV_ENOMEM;
    for (size_t i = 0, k = 0; i < from->n_quorums || k < to->n_quorums;) {
        bool only_a = k == to->n_quorums || (i < from->n_quorums && from->quorums[i] < to->quorums[k]);
        bool only_b = !only_a && (i == from->n_quorums || to->quorums[k] < from->quorums[i]);
        if (only_a) {
            const struct commitment *c = &r->quorums[from->quorums[i]].c;
            d->deleted_quorums[d->n_deleted_quorums++] = (struct quorum_ref){c->type, c->hash};
        } else if (only_b) {
            d->new_quorums[d->n_new_quorums++] = r->quorums[to->quorums[k]].c;
        }
        i += !only_b;
        k += !only_a;
    }
    return 0;
}

/* The engine must know the heights of the quorums' base blocks; not of those that are no longer in use, which on mainnet are years
 * old and would have to be looked for among all headers. */
static int feed_bases(struct restore *r, const struct refs *refs, int32_t list_height)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < refs->n_quorums; i++) {
        const struct commitment *c = &r->quorums[refs->quorums[i]].c;
        const struct llmq_params *p = network_llmq(&r->e->net, c->type);
        const block_hash base = block_hash_of_quorum(&c->hash);
        if (!p || !llmq_enabled(&r->e->net, p, list_height))
            continue;
        hash256 root;
        int32_t height;
        bool found = false;
        if (engine_block_height(r->e, &base) < 0)
            error = r->chain->find(r->chain->chain, &base, &height, &root, &found);
        if (error == 0 && found)
            error = engine_feed_block(r->e, &base, height, &root);
    }
    return error;
}

/* The list is proven: it is what the next one is compared with, and a row of the mirror. */
static int take_list(struct restore *r, const struct stored *record, struct refs *refs, const struct mnstate *s)
{
    struct mnlist_iterator it;
    struct masternode *m;
    size_t i = 0;
    for (mnlist_begin(s->list, &it); (m = mnlist_next(&it)); i++)
        r->entries[refs->numbers[i]].mn = m;
    for (i = 0; i < refs->n_quorums; i++)
        r->quorums[refs->quorums[i]].listed = true;
    const hash256 block = hash256_from(s->block.b);
    struct row *row = row_new(record->key.p, record->key.n, &block, refs->numbers, refs->n_numbers);
    int error = rows_add(&r->s->now[SAVED_LISTS], row, (struct stamp){0});
    if (error != 0)
        return error;
    refs_free(&r->last);
    r->last = *refs;
    r->last_block = s->block;
    *refs = (struct refs){0};
    r->out->lists++;
    return 0;
}

/* 0 or a local error; *good: the list was restored. */
static int apply_list(struct restore *r, const struct stored *record, int32_t height, struct mnlistdiff *d, struct refs *refs,
                      bool *good)
{
    hash256 root;
    block_hash block;
    dspv_fault fault;
    bool found;
    *good = false;
    int error = r->chain->at(r->chain->chain, height, &block, &root, &found);
    if (error != 0 || !found || !block_hash_eq(&block, &d->block))
        return error;
    d->base = r->last_block;
    error = engine_feed_block(r->e, &block, height, &root);
    if (error == 0)
        error = feed_bases(r, refs, height);
    if (error == 0)
        error = diff_entries(r, refs, d);
    if (error == 0)
        error = diff_quorums(r, refs, d);
    if (error == 0)
        error = engine_apply_diff(r->e, d, &fault);
    if (error == DSPV_ENOMEM || error == DSPV_ESTORE)
        return error;
    const struct mnstate *s = error == 0 ? engine_list(r->e, height) : NULL;
    *good = s != NULL;
    return s ? take_list(r, record, refs, s) : 0;
}

static int read_list(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    struct mnlistdiff d = {.proto = SAVED_ENTRY_PROTO};
    struct refs refs = {0};
    struct reader in;
    bool good = !record->damaged && record->key.n == SAVED_LIST_KEY && load_be32(record->key.p) <= INT32_MAX &&
                r->out->lists < MOST_LISTS;
    if (!good)
        return leave_out(r, DSPV_TABLE_LISTS, record);
    reader_init(&in, record->payload.p, record->payload.n);
    d.block = reader_block_hash(&in);
    struct span proof = reader_byte_string(&in, UINT32_MAX);
    int error = read_runs(r, &in, &refs);
    if (error == 0)
        error = read_quorum_refs(r, &in, &refs);
    good = reader_finish(&in);
    reader_init(&in, proof.p, proof.n);
    if (error == 0 && good) {
        mnlistdiff_read_proof(&in, &d);
        good = reader_finish(&in);
    }
    if (error == 0 && good)
        error = apply_list(r, record, (int32_t)load_be32(record->key.p), &d, &refs, &good);
    refs_free(&refs);
    arena_free(&r->scratch);
    if (error == 0 && !good)
        error = leave_out(r, DSPV_TABLE_LISTS, record);
    return error;
}

/* ---- snapshots: claims again */

static int read_snapshot(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    struct snapshot_msg m;
    struct reader in;
    dspv_fault fault;
    int32_t base = record->key.n == SAVED_SNAPSHOT_KEY && load_be32(record->key.p) <= INT32_MAX
                       ? (int32_t)load_be32(record->key.p)
                       : -1;
    bool good = !record->damaged && base >= 0 && cycles_params(r->e) && engine_list(r->e, llmq_work_height(base));
    if (!good)
        return leave_out(r, DSPV_TABLE_SNAPSHOTS, record);
    reader_init(&in, record->payload.p, record->payload.n);
    snapshot_decode(&in, &m);
    int error = reader_finish(&in) ? cycles_feed_snapshot(r->e, base, &m, &fault) : DSPV_EFAULT;
    if (error == DSPV_EFAULT)
        return leave_out(r, DSPV_TABLE_SNAPSHOTS, record);
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
    struct entry *entry = &r->entries[number];
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
        error = store_scan(store, DSPV_TABLE_LISTS, any, any, read_list, r);
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
    refs_free(&r.last);
    mem_free(r.loose);
    mem_free(r.quorums);
    mem_free(r.entries);
    arena_free(&r.scratch);
    arena_free(&r.arena);
    return error;
}
