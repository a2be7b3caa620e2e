/* The mirror of what is on disk: numbers of entries, rows of the other tables. Nothing here knows what a record means; that is in
 * save.c and restore.c. Invariant: `now` is what the store holds; `next` exists only between engine_save() and its outcome. */
#include "engine/saved_state.h"

dspv_table saved_table(int which)
{
    static const dspv_table tables[SAVED_TABLES] = {DSPV_TABLE_LISTS, DSPV_TABLE_QUORUMS, DSPV_TABLE_SNAPSHOTS};
    return tables[which];
}

int saved_new(struct saved **out, const uint64_t seed[2])
{
    static const size_t key_sizes[SAVED_TABLES] = {SAVED_LIST_KEY, SAVED_QUORUM_KEY, SAVED_SNAPSHOT_KEY};
    struct saved *s = mem_zalloc(sizeof(*s));
    if (!s)
        return DSPV_ENOMEM;
    for (int i = 0; i < SAVED_TABLES; i++)
        s->now[i].key_n = s->next[i].key_n = key_sizes[i];
    map_init(&s->by_key, seed);
    writer_init(&s->payload);
    *out = s;
    return 0;
}

static void rows_free(struct rows *rows)
{
    rows_clear(rows);
    mem_free(rows->items);
    mem_free(rows->stamps);
}

void saved_free(struct saved *s)
{
    if (!s)
        return;
    for (int i = 0; i < SAVED_TABLES; i++) {
        rows_free(&s->now[i]);
        rows_free(&s->next[i]);
    }
    map_free(&s->by_key);
    writer_free(&s->payload);
    mem_free(s->numbers);
    mem_free(s->gone);
    mem_free(s);
}

/* ---- numbers */

hash256 entry_key(const struct mnentry *e, const hash256 *leaf)
{
    hash256 key = *leaf;
    key.b[0] ^= (uint8_t)e->version;
    return key;
}

static int grow_numbers(struct saved *s, size_t n)
{
    void *numbers = s->numbers;
    int error = mem_grow(&numbers, &s->numbers_cap, n, sizeof(*s->numbers));
    s->numbers = numbers;
    if (error != 0)
        return error;
    while (s->n_numbers < n)
        s->numbers[s->n_numbers++] = (struct numbered){.used = false};
    return 0;
}

int numbers_set(struct saved *s, uint32_t number, const hash256 *key)
{
    int error = number >= s->n_numbers ? grow_numbers(s, (size_t)number + 1) : 0;
    if (error == 0)
        error = map_put(&s->by_key, key->b, number);
    if (error != 0)
        return error;
    s->numbers[number] = (struct numbered){.used = true};
    memcpy(s->numbers[number].key, key->b, 32);
    return 0;
}

int numbers_obtain(struct saved *s, const hash256 *key, uint32_t *number, bool *fresh)
{
    *fresh = false;
    if (map_get(&s->by_key, key->b, number))
        return 0;
    while (s->first_free < s->n_numbers && s->numbers[s->first_free].used)
        s->first_free++;
    *number = s->first_free < SAVED_MOST_NUMBERS ? s->first_free : SAVED_NO_NUMBER;
    if (*number == SAVED_NO_NUMBER)
        return 0;
    int error = numbers_set(s, *number, key);
    if (error == 0)
        *fresh = s->numbers[*number].fresh = s->renumbered = true;
    return error;
}

void numbers_mark(struct saved *s, const struct rows rows[SAVED_TABLES])
{
    for (size_t i = 0; i < s->n_numbers; i++)
        s->numbers[i].referenced = false;
    for (int t = 0; t < SAVED_TABLES; t++)
        for (size_t i = 0; i < rows[t].n; i++)
            for (uint32_t k = 0; k < rows[t].items[i]->n; k++)
                s->numbers[rows[t].items[i]->numbers[k]].referenced = true;
}

static void forget_number(struct saved *s, size_t number)
{
    uint32_t named;
    struct numbered *n = &s->numbers[number];
    if (map_get(&s->by_key, n->key, &named) && named == number)
        map_remove(&s->by_key, n->key);
    n->used = n->fresh = false;
    if (number < s->first_free)
        s->first_free = (uint32_t)number;
}

void numbers_sweep(struct saved *s)
{
    for (size_t i = 0; i < s->n_numbers; i++) {
        if (s->numbers[i].used && !s->numbers[i].referenced)
            forget_number(s, i);
        s->numbers[i].fresh = false;
    }
}

void numbers_forget_fresh(struct saved *s)
{
    for (size_t i = 0; i < s->n_numbers; i++)
        if (s->numbers[i].used && s->numbers[i].fresh)
            forget_number(s, i);
}

/* ---- rows */

struct row *row_new(const uint8_t *key, size_t key_n, const hash256 *mark, const uint32_t *numbers, size_t n)
{
    struct row *r = mem_zalloc(sizeof(*r) + n * sizeof(r->numbers[0]));
    if (!r)
        return NULL;
    r->refs = 1;
    r->mark = *mark;
    r->n = (uint32_t)n;
    memcpy(r->key, key, key_n);
    if (n > 0)
        memcpy(r->numbers, numbers, n * sizeof(r->numbers[0]));
    return r;
}

struct row *row_ref(struct row *r)
{
    r->refs++;
    return r;
}

void row_unref(struct row *r)
{
    if (r && --r->refs == 0)
        mem_free(r);
}

int rows_add(struct rows *rows, struct row *r, struct stamp stamp)
{
    if (!r)
        return DSPV_ENOMEM;
    void *items = rows->items, *stamps = rows->stamps;
    int error = mem_grow(&items, &rows->cap, rows->n + 1, sizeof(*rows->items));
    rows->items = items;
    if (error == 0)
        error = mem_grow(&stamps, &rows->stamps_cap, rows->n + 1, sizeof(*rows->stamps));
    rows->stamps = stamps;
    if (error != 0) {
        row_unref(r);
        return error;
    }
    rows->items[rows->n] = r;
    rows->stamps[rows->n++] = stamp;
    return 0;
}

size_t rows_find(const struct rows *rows, const uint8_t *key)
{
    size_t low = 0, high = rows->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(rows->items[middle]->key, key, rows->key_n);
        if (order == 0)
            return middle;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return SIZE_MAX;
}

void rows_clear(struct rows *rows)
{
    for (size_t i = 0; i < rows->n; i++)
        row_unref(rows->items[i]);
    rows->n = 0;
}

/* ---- outcomes */

int saved_gone(struct saved *s, dspv_table table, struct span key)
{
    void *gone = s->gone;
    int error = mem_grow(&gone, &s->gone_cap, s->n_gone + 1, sizeof(*s->gone));
    s->gone = gone;
    if (error != 0)
        return error;
    struct gone *g = &s->gone[s->n_gone++];
    *g = (struct gone){.table = table, .n = key.n};
    memcpy(g->key, key.p, key.n);
    return 0;
}

void saved_committed(struct saved *s)
{
    if (!s->pending)
        return;
    for (int i = 0; i < SAVED_TABLES; i++) {
        struct rows old = s->now[i];
        s->now[i] = s->next[i];
        s->next[i] = old;
        rows_clear(&s->next[i]);
    }
    if (s->renumbered)
        numbers_sweep(s); /* by the marks that remove_entries() made */
    s->n_gone = 0;
    s->look = s->next_look;
    s->looked = true;
    s->pending = false;
}

void saved_abandoned(struct saved *s)
{
    for (int i = 0; i < SAVED_TABLES; i++)
        rows_clear(&s->next[i]);
    numbers_forget_fresh(s);
    s->pending = false;
}
