/* A list from disk: what it refers to, as a diff to the list restored before it, through engine_apply_diff(). Read first:
 * restore.c. */
#include "engine/restore_state.h"

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

/* Entry numbers from runs; they must be there and ascend by proTxHash. */
static int read_runs(struct restore *r, struct reader *in, struct list_refs *out)
{
    uint32_t runs = reader_count(in, 2, RESTORE_MOST_IN_LIST);
    size_t cap = 0;
    for (uint32_t i = 0; reader_ok(in) && i < runs; i++) {
        uint32_t first = reader_compact_size(in), n = reader_compact_size(in);
        if (n > RESTORE_MOST_IN_LIST - out->n_numbers || first > SAVED_MOST_NUMBERS)
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
            if (!restore_known(r, k) || (before && protx_hash_cmp(&r->entries[*before].e.protx, &r->entries[k].e.protx) >= 0))
                reader_fail(in, DSPV_DUPLICATE_ENTRY);
            else
                out->numbers[out->n_numbers++] = k;
        }
    }
    return 0;
}

static int read_quorum_refs(struct restore *r, struct reader *in, struct list_refs *out)
{
    uint32_t n = reader_count(in, SAVED_QUORUM_KEY, RESTORE_MOST_IN_LIST);
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

void list_refs_free(struct list_refs *refs)
{
    mem_free(refs->numbers);
    mem_free(refs->quorums);
    *refs = (struct list_refs){0};
}

/* The diff from the list restored last: both walks ascend. */
static int diff_entries(struct restore *r, const struct list_refs *to, struct mnlistdiff *d)
{
    const struct list_refs *from = &r->last;
    protx_hash *deleted = arena_alloc_array(&r->scratch, from->n_numbers + 1, sizeof(*deleted));
    d->entries = arena_alloc_array(&r->scratch, to->n_numbers + 1, sizeof(*d->entries));
    if (!deleted || !d->entries)
        return DSPV_ENOMEM;
    for (size_t i = 0, k = 0; i < from->n_numbers || k < to->n_numbers;) {
        const struct stored_entry *a = i < from->n_numbers ? &r->entries[from->numbers[i]] : NULL;
        const struct stored_entry *b = k < to->n_numbers ? &r->entries[to->numbers[k]] : NULL;
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

static int diff_quorums(struct restore *r, const struct list_refs *to, struct mnlistdiff *d)
{
    const struct list_refs *from = &r->last;
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

/* The engine must know the heights of the quorums' base blocks; not of those that are no longer in use, which on mainnet are
 * years old and would have to be looked for among all headers. */
static int feed_bases(struct restore *r, const struct list_refs *refs, int32_t list_height)
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
static int take_list(struct restore *r, const struct stored *record, struct list_refs *refs, const struct mnstate *s)
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
    list_refs_free(&r->last);
    r->last = *refs;
    r->last_block = s->block;
    *refs = (struct list_refs){0};
    r->out->lists++;
    return 0;
}

/* 0 or a local error; *good: the list was restored. */
static int apply_list(struct restore *r, const struct stored *record, int32_t height, struct mnlistdiff *d,
                      struct list_refs *refs, bool *good)
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

int restore_list(void *argument, const struct stored *record)
{
    struct restore *r = argument;
    struct mnlistdiff d = {.proto = SAVED_ENTRY_PROTO};
    struct list_refs refs = {0};
    struct reader in;
    bool good = !record->damaged && record->key.n == SAVED_LIST_KEY && load_be32(record->key.p) <= INT32_MAX &&
                r->out->lists < RESTORE_MOST_LISTS;
    if (!good)
        return restore_leave_out(r, DSPV_TABLE_LISTS, record);
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
    list_refs_free(&refs);
    arena_free(&r->scratch);
    if (error == 0 && !good)
        error = restore_leave_out(r, DSPV_TABLE_LISTS, record);
    return error;
}
