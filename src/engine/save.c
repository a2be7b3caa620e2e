/* What is worth keeping, as records; engine_save() writes only how they differ from what is on disk. Values, little-endian,
 * counts as CompactSizes:
 *
 *  - MASTERNODES: an entry as it travels since protocol 70228. The key is a number: a list of 4000 refers to its entries with a
 *    few kilobytes, and to a run of neighbours with two numbers;
 *  - LISTS: block hash; string of proof and coinbase; runs (first, count) of entry numbers in the list's order; (type, hash) of
 *    the quorums in the set's order;
 *  - QUORUMS: heights first and last seen (last -1: in the highest list); 1 and the members' numbers, or 0; the commitment;
 *  - SNAPSHOTS: as it travels.
 *
 * Read next: restore.c. */
#include "crypto/sha256.h"
#include "engine/saved_state.h"
#include "store/record.h"

/* What one save is about. */
struct saving {
    struct engine *e;
    struct saved *s;
    struct batch *b;
    bool *keep;        /* by list */
    bool *provable;    /* by tracked quorum: a list that is kept holds it */
    uint32_t *numbers; /* scratch */
    size_t numbers_cap;
};

/* ---- which lists */

/* Members of quorums may come from the list at this height. */
static bool is_work_list(const struct engine *e, int32_t height, int32_t tip)
{
    for (size_t i = 0; i < e->net.n_llmqs; i++) {
        const struct llmq_params *p = &e->net.llmqs[i];
        for (int32_t base = height; base <= height + WORK_DIFF_DEPTH; base += WORK_DIFF_DEPTH) {
            bool here = p->rotated ? base > height : llmq_list_height(&e->net, base) == height;
            if (here && base % p->interval == 0 && llmq_enabled(&e->net, p, tip))
                return true;
        }
    }
    return false;
}

static bool holds(const struct mnstate *s, const struct tracked *t)
{
    return quorumset_find(s->quorums, t->quorum->c.type, &t->quorum->c.hash) != NULL;
}

/* Most lists are told by their height to be none that holds it. */
static bool held_by_kept(const struct saving *v, const struct tracked *t)
{
    for (size_t i = v->e->n_lists; i-- > 0;) {
        const struct mnstate *s = v->e->lists[i];
        if (v->keep[i] && s->height >= t->first_seen && s->height <= t->last_seen && holds(s, t))
            return true;
    }
    return false;
}

/* The set from which the signer of a ChainLock is chosen is known exactly between two lists that agree about it. */
static bool is_sign_list(const struct engine *e, size_t i, int32_t chainlock_height)
{
    int32_t height = e->lists[i]->height, sign = chainlock_height - SIGN_HEIGHT_OFFSET;
    if (chainlock_height < 0)
        return false;
    return height <= sign ? i + 1 == e->n_lists || e->lists[i + 1]->height > sign : i == 0 || e->lists[i - 1]->height < sign;
}

static int choose(struct saving *v, int32_t chainlock_height)
{
    const struct engine *e = v->e;
    const struct mnstate *tip = engine_tip_list(e);
    v->keep = mem_zalloc(e->n_lists);
    v->provable = mem_zalloc(e->n_tracked);
    if (!v->keep || !v->provable)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < e->n_lists; i++) {
        int32_t height = e->lists[i]->height;
        v->keep[i] = e->lists[i] == tip || is_work_list(e, height, tip->height) || is_sign_list(e, i, chainlock_height);
    }
    for (size_t i = 0; i < e->n_tracked; i++) {
        const struct tracked *t = e->tracked[i];
        v->provable[i] = t->committed && held_by_kept(v, t);
        for (size_t k = 0; t->committed && !v->provable[i] && k < e->n_lists; k++)
            if (e->lists[k]->height == t->last_seen && holds(e->lists[k], t))
                v->provable[i] = v->keep[k] = true;
    }
    return 0;
}

/* ---- entries */

static int put_entry(struct saving *v, const struct masternode *m, uint32_t number)
{
    struct writer *w = &v->s->payload;
    uint8_t key[4];
    store_be32(key, number);
    writer_reset(w);
    mnentry_encode(w, SAVED_ENTRY_PROTO, &m->entry);
    if (w->failed)
        return DSPV_ENOMEM;
    batch_put(v->b, DSPV_TABLE_MASTERNODES, key, sizeof(key), w->data, w->n);
    return v->b->failed;
}

/* The i-th in v->numbers. */
static int put_number(struct saving *v, size_t i, uint32_t number)
{
    void *numbers = v->numbers;
    int error = mem_grow(&numbers, &v->numbers_cap, i + 1, sizeof(*v->numbers));
    v->numbers = numbers;
    if (error == 0)
        v->numbers[i] = number;
    return error;
}

/* The number of an entry, as the i-th in v->numbers; its record when it has none. SAVED_NO_NUMBER: there are too many. */
static int refer(struct saving *v, size_t i, const struct masternode *m)
{
    const hash256 key = entry_key(&m->entry, &m->leaf);
    uint32_t number;
    bool fresh;
    int error = numbers_obtain(v->s, &key, &number, &fresh);
    if (error == 0)
        error = put_number(v, i, number);
    return error == 0 && fresh ? put_entry(v, m, number) : error;
}

/* ---- rows */

static int put_row(struct saving *v, int which, struct row *r, struct stamp stamp)
{
    const struct writer *w = &v->s->payload;
    if (!r || w->failed) {
        row_unref(r);
        return DSPV_ENOMEM;
    }
    batch_put(v->b, saved_table(which), r->key, v->s->now[which].key_n, w->data, w->n);
    if (v->b->failed) {
        row_unref(r);
        return v->b->failed;
    }
    return rows_add(&v->s->next[which], r, stamp);
}

static int keep_row(struct saving *v, int which, size_t at, struct stamp stamp)
{
    return rows_add(&v->s->next[which], row_ref(v->s->now[which].items[at]), stamp);
}

static void write_runs(struct writer *w, const uint32_t *numbers, size_t n)
{
    size_t runs = 0;
    for (size_t i = 0; i < n; i++)
        runs += i == 0 || numbers[i] != numbers[i - 1] + 1;
    writer_compact_size(w, runs);
    for (size_t i = 0, from = 0; i < n; i++)
        if (i + 1 == n || numbers[i + 1] != numbers[i] + 1) {
            writer_compact_size(w, numbers[from]);
            writer_compact_size(w, i + 1 - from);
            from = i + 1;
        }
}

static void write_list(struct writer *w, const struct mnstate *s, const uint32_t *numbers, size_t n)
{
    writer_reset(w);
    writer_hash(w, s->block.b);
    writer_compact_size(w, s->proof_n);
    writer_bytes(w, s->proof, s->proof_n);
    write_runs(w, numbers, n);
    writer_compact_size(w, s->quorums->n);
    for (uint32_t i = 0; i < s->quorums->n; i++) {
        writer_u8(w, s->quorums->items[i]->c.type);
        writer_hash(w, s->quorums->items[i]->c.hash.b);
    }
}

/* The numbers of a list's entries, in v->numbers; *n is less than there are entries when one has none. The list saved before it
 * holds most of them, as the same objects: these need no look-up. */
static int number_entries(struct saving *v, const struct mnstate *s, size_t *n)
{
    const struct rows *rows = &v->s->next[SAVED_LISTS];
    const struct row *row = rows->n > 0 ? rows->items[rows->n - 1] : NULL;
    const struct mnstate *below = row ? engine_list(v->e, (int32_t)load_be32(row->key)) : NULL;
    struct mnlist_iterator it, it_below;
    const struct masternode *m, *known = NULL;
    size_t at = 0;
    mnlist_begin(s->list, &it);
    if (below) {
        mnlist_begin(below->list, &it_below);
        known = mnlist_next(&it_below);
    }
    for (*n = 0; (m = mnlist_next(&it)); ++*n) {
        for (; known && known != m && protx_hash_cmp(&known->entry.protx, &m->entry.protx) < 0; at++)
            known = mnlist_next(&it_below);
        int error = known == m ? put_number(v, *n, row->numbers[at]) : refer(v, *n, m);
        if (error != 0)
            return error;
        if (v->numbers[*n] == SAVED_NO_NUMBER)
            break;
        if (known == m) {
            known = mnlist_next(&it_below);
            at++;
        }
    }
    return 0;
}

/* A block's list never changes: its row is written once. One too large for a record, which takes a monstrous coinbase, is not
 * kept. */
static int save_list(struct saving *v, const struct mnstate *s)
{
    uint8_t key[SAVED_LIST_KEY];
    store_be32(key, (uint32_t)s->height);
    size_t at = rows_find(&v->s->now[SAVED_LISTS], key), n;
    const hash256 block = hash256_from(s->block.b);
    if (at != SIZE_MAX && hash256_eq(&v->s->now[SAVED_LISTS].items[at]->mark, &block))
        return keep_row(v, SAVED_LISTS, at, (struct stamp){0});
    int error = number_entries(v, s, &n);
    if (error != 0 || n < mnlist_count(s->list))
        return error;
    write_list(&v->s->payload, s, v->numbers, n);
    if (v->s->payload.n > RECORD_MOST_PAYLOAD)
        return 0;
    return put_row(v, SAVED_LISTS, row_new(key, sizeof(key), &block, v->numbers, n), (struct stamp){0});
}

static int save_lists(struct saving *v)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < v->e->n_lists; i++)
        if (v->keep[i])
            error = save_list(v, v->e->lists[i]);
    return error;
}

/* Members worth a record: those under which the signatures verified, and those from the store until they did. Their numbers go to
 * v->numbers. */
static int choose_members(struct saving *v, const struct tracked *t, const struct row *old, size_t *n)
{
    bool all = true;
    int error = 0;
    *n = 0;
    if (t->status == QUORUM_VERIFIED && t->members) {
        for (; error == 0 && *n < t->members->n; ++*n)
            error = refer(v, *n, t->members->mn[*n]);
    } else if (t->serial == SAVED_SERIAL_STORED && old && old->n > 0) {
        void *numbers = v->numbers;
        error = mem_grow(&numbers, &v->numbers_cap, old->n, sizeof(*v->numbers));
        v->numbers = numbers;
        *n = old->n;
        if (error == 0)
            memcpy(v->numbers, old->numbers, old->n * sizeof(*v->numbers));
    }
    for (size_t i = 0; error == 0 && i < *n; i++)
        all &= v->numbers[i] != SAVED_NO_NUMBER;
    if (!all)
        *n = 0;
    return error;
}

static void write_quorum(struct writer *w, const struct quorum *q, struct stamp stamp, const uint32_t *numbers, size_t n)
{
    writer_reset(w);
    writer_u32(w, (uint32_t)stamp.first);
    writer_u32(w, (uint32_t)stamp.last);
    writer_u8(w, n > 0);
    if (n > 0)
        writer_compact_size(w, n);
    for (size_t i = 0; i < n; i++)
        writer_compact_size(w, numbers[i]);
    writer_bytes(w, q->raw, q->c.raw.n);
}

static bool same_stamp(const struct stamp *a, const struct stamp *b)
{
    return a->serial == b->serial && a->first == b->first && a->last == b->last;
}

static int save_quorum(struct saving *v, const struct tracked *t)
{
    const struct rows *now = &v->s->now[SAVED_QUORUMS];
    const struct mnstate *tip = engine_tip_list(v->e);
    struct stamp stamp = {t->serial, t->first_seen, t->last_seen == tip->height ? -1 : t->last_seen};
    uint8_t key[SAVED_QUORUM_KEY] = {t->quorum->c.type};
    memcpy(key + 1, t->quorum->c.hash.b, 32);
    size_t at = rows_find(now, key), n;
    const struct row *old = at != SIZE_MAX && hash256_eq(&now->items[at]->mark, &t->quorum->leaf) ? now->items[at] : NULL;
    if (old && same_stamp(&now->stamps[at], &stamp))
        return keep_row(v, SAVED_QUORUMS, at, stamp);
    int error = choose_members(v, t, old, &n);
    if (error != 0)
        return error;
    struct writer *w = &v->s->payload;
    write_quorum(w, t->quorum, stamp, v->numbers, n);
    if (w->failed)
        return DSPV_ENOMEM;
    hash256 digest;
    sha256(digest.b, w->data, w->n);
    if (old && hash256_eq(&old->digest, &digest))
        return keep_row(v, SAVED_QUORUMS, at, stamp);
    struct row *r = row_new(key, sizeof(key), &t->quorum->leaf, v->numbers, n);
    if (r)
        r->digest = digest;
    return put_row(v, SAVED_QUORUMS, r, stamp);
}

static int save_quorums(struct saving *v)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < v->e->n_tracked; i++)
        if (v->provable[i])
            error = save_quorum(v, v->e->tracked[i]);
    return error;
}

static int save_snapshot(struct saving *v, const struct cycle *c)
{
    uint8_t key[SAVED_SNAPSHOT_KEY];
    struct writer *w = &v->s->payload;
    store_be32(key, (uint32_t)c->base);
    writer_reset(w);
    snapshot_wire(c->snapshot, w);
    if (w->failed)
        return DSPV_ENOMEM;
    if (w->n > RECORD_MOST_PAYLOAD)
        return 0;
    hash256 digest;
    sha256(digest.b, w->data, w->n);
    size_t at = rows_find(&v->s->now[SAVED_SNAPSHOTS], key);
    if (at != SIZE_MAX && hash256_eq(&v->s->now[SAVED_SNAPSHOTS].items[at]->digest, &digest))
        return keep_row(v, SAVED_SNAPSHOTS, at, (struct stamp){0});
    struct row *r = row_new(key, sizeof(key), &digest, NULL, 0);
    if (r)
        r->digest = digest;
    return put_row(v, SAVED_SNAPSHOTS, r, (struct stamp){0});
}

/* A row that came from the store stays while its claim stands: what speaks for it is being verified again. */
static bool snapshot_wanted(const struct saving *v, const struct cycle *c)
{
    uint8_t key[SAVED_SNAPSHOT_KEY];
    store_be32(key, (uint32_t)c->base);
    return c->snapshot &&
           (c->derived || engine_snapshot_confirmed(v->e, c->base) || rows_find(&v->s->now[SAVED_SNAPSHOTS], key) != SIZE_MAX);
}

static int save_snapshots(struct saving *v)
{
    int error = 0;
    for (size_t i = 0; error == 0 && i < v->e->n_cycles; i++)
        if (snapshot_wanted(v, &v->e->cycles[i]))
            error = save_snapshot(v, &v->e->cycles[i]);
    return error;
}

/* ---- what goes */

static void remove_gone(struct saving *v)
{
    for (size_t i = 0; i < v->s->n_gone; i++)
        batch_remove(v->b, v->s->gone[i].table, v->s->gone[i].key, v->s->gone[i].n);
}

static void remove_rows(struct saving *v)
{
    for (int t = 0; t < SAVED_TABLES; t++)
        for (size_t i = 0; i < v->s->now[t].n; i++)
            if (rows_find(&v->s->next[t], v->s->now[t].items[i]->key) == SIZE_MAX)
                batch_remove(v->b, saved_table(t), v->s->now[t].items[i]->key, v->s->now[t].key_n);
}

static void remove_entries(struct saving *v)
{
    struct saved *s = v->s;
    numbers_mark(s, s->next);
    for (uint32_t i = 0; i < s->n_numbers; i++) {
        uint8_t key[4];
        store_be32(key, i);
        if (s->numbers[i].used && !s->numbers[i].referenced)
            batch_remove(v->b, DSPV_TABLE_MASTERNODES, key, sizeof(key));
    }
}

/* Rows are shared while they say the same. */
static bool same_rows(const struct saved *s)
{
    for (int t = 0; t < SAVED_TABLES; t++) {
        const size_t n = s->now[t].n;
        if (s->next[t].n != n || (n > 0 && memcmp(s->next[t].items, s->now[t].items, n * sizeof(s->now[t].items[0])) != 0))
            return false;
    }
    return true;
}

static struct look look_at(const struct engine *e, int32_t chainlock_height)
{
    return (struct look){.changes = e->changes,
                         .lists = e->n_lists,
                         .quorums = e->n_tracked,
                         .cycles = e->n_cycles,
                         .chainlock_height = chainlock_height};
}

static bool same_look(const struct look *a, const struct look *b)
{
    return a->changes == b->changes && a->lists == b->lists && a->quorums == b->quorums && a->cycles == b->cycles &&
           a->chainlock_height == b->chainlock_height;
}

int engine_save(struct engine *e, struct saved *s, int32_t chainlock_height, struct batch *b)
{
    struct saving v = {.e = e, .s = s, .b = b};
    s->next_look = look_at(e, chainlock_height);
    if (s->looked && s->n_gone == 0 && same_look(&s->look, &s->next_look))
        return 0;
    s->renumbered = !s->looked;
    remove_gone(&v);
    int error = choose(&v, chainlock_height);
    if (error == 0)
        error = save_lists(&v);
    if (error == 0)
        error = save_quorums(&v);
    if (error == 0)
        error = save_snapshots(&v);
    s->renumbered |= !same_rows(s);
    if (error == 0 && s->renumbered) {
        remove_rows(&v);
        remove_entries(&v);
    }
    if (error == 0)
        error = b->failed;
    mem_free(v.keep);
    mem_free(v.provable);
    mem_free(v.numbers);
    s->pending = true;
    if (error != 0)
        saved_abandoned(s);
    return error;
}
