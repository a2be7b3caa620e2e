/* See memory.h. Each table is an array of records in the order of their keys. A record never changes once made and counts who
 * refers to it: that makes clones cheap. A transaction first makes all its records and all the room they need, then it cannot
 * fail any more. */
#include "store/memory.h"

#include <string.h>

#include "base/mem.h"
#include "store/op.h"

struct memory_record {
    size_t owners;
    size_t key_n, value_n;
    uint8_t bytes[]; /* key, value */
};

struct memory_table {
    struct memory_record **records;
    size_t n, cap;
};

struct store_memory {
    dspv_store seam;
    struct memory_table tables[DSPV_TABLE_COUNT];
    const char *trouble;
};

static struct memory_record *record_make(const dspv_store_op *op)
{
    struct memory_record *r = mem_alloc(sizeof(*r) + op->key_n + op->value_n);
    if (!r)
        return NULL;
    r->owners = 1;
    r->key_n = op->key_n;
    r->value_n = op->value_n;
    memcpy(r->bytes, op->key, op->key_n);
    if (op->value_n > 0)
        memcpy(r->bytes + op->key_n, op->value, op->value_n);
    return r;
}

static void record_leave(struct memory_record *r)
{
    if (r && --r->owners == 0)
        mem_free(r);
}

/* As memcmp; a key that is the beginning of another comes first. */
static int key_compare(const struct memory_record *r, const uint8_t *key, size_t key_n)
{
    size_t both = r->key_n < key_n ? r->key_n : key_n;
    int order = both ? memcmp(r->bytes, key, both) : 0;
    return order ? order : (r->key_n > key_n) - (r->key_n < key_n);
}

/* Index of the first record whose key is not below `key`. */
static size_t table_find(const struct memory_table *t, const uint8_t *key, size_t key_n)
{
    size_t from = 0, to = t->n;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (key_compare(t->records[middle], key, key_n) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* There is room. `record` NULL removes. */
static void table_set(struct memory_table *t, const dspv_store_op *op, struct memory_record *record)
{
    size_t i = table_find(t, op->key, op->key_n);
    struct memory_record **at = t->records ? t->records + i : NULL;
    bool there = i < t->n && key_compare(*at, op->key, op->key_n) == 0;
    if (there && record) {
        record_leave(*at);
        *at = record;
    } else if (there) {
        record_leave(*at);
        memmove(at, at + 1, (--t->n - i) * sizeof(*at));
    } else if (record) {
        memmove(at + 1, at, (t->n++ - i) * sizeof(*at));
        *at = record;
    }
}

static int make_room(struct store_memory *m, const dspv_store_op *ops, size_t n)
{
    size_t more[DSPV_TABLE_COUNT] = {0};
    for (size_t i = 0; i < n; i++)
        more[ops[i].table] += ops[i].value != NULL;
    for (size_t i = 0; i < DSPV_TABLE_COUNT; i++) {
        struct memory_table *t = &m->tables[i];
        void *records = t->records;
        if (mem_grow(&records, &t->cap, t->n + more[i], sizeof(*t->records)) != 0)
            return DSPV_ENOMEM;
        t->records = records;
    }
    return 0;
}

static int out_of_memory(struct store_memory *m)
{
    m->trouble = "out of memory";
    return DSPV_ENOMEM;
}

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct store_memory *m = context;
    size_t made = 0;
    for (size_t i = 0; i < n; i++)
        if (!op_sound(&ops[i])) {
            m->trouble = "an operation beyond the store's limits";
            return DSPV_ESTORE;
        }
    struct memory_record **records = mem_alloc_array(n, sizeof(*records));
    if (!records)
        return out_of_memory(m);
    for (; made < n; made++) {
        records[made] = ops[made].value ? record_make(&ops[made]) : NULL;
        if (ops[made].value && !records[made])
            break;
    }
    bool ready = made == n && make_room(m, ops, n) == 0;
    for (size_t i = 0; i < made; i++) {
        if (ready)
            table_set(&m->tables[ops[i].table], &ops[i], records[i]);
        else
            record_leave(records[i]);
    }
    mem_free(records);
    return ready ? 0 : out_of_memory(m);
}

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    const struct store_memory *m = context;
    const struct memory_table *t = &m->tables[table];
    for (size_t i = table_find(t, first, first_n); i < t->n; i++) {
        const struct memory_record *r = t->records[i];
        if (last_n > 0 && key_compare(r, last, last_n) > 0)
            break;
        if (!visit(argument, r->bytes, r->key_n, r->bytes + r->key_n, r->value_n))
            break;
    }
    return 0;
}

static const char *trouble(void *context)
{
    const struct store_memory *m = context;
    return m->trouble;
}

int store_memory_new(struct store_memory **out)
{
    struct store_memory *m = *out = mem_zalloc(sizeof(*m));
    if (!m)
        return DSPV_ENOMEM;
    m->seam = (dspv_store){m, apply, scan, trouble};
    m->trouble = "nothing went wrong";
    return 0;
}

void store_memory_free(struct store_memory *m)
{
    if (!m)
        return;
    for (size_t i = 0; i < DSPV_TABLE_COUNT; i++) {
        for (size_t j = 0; j < m->tables[i].n; j++)
            record_leave(m->tables[i].records[j]);
        mem_free(m->tables[i].records);
    }
    mem_free(m);
}

int store_memory_clone(struct store_memory **out, const struct store_memory *m)
{
    struct store_memory *copy;
    *out = NULL;
    if (store_memory_new(&copy) != 0)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < DSPV_TABLE_COUNT; i++) {
        const struct memory_table *from = &m->tables[i];
        struct memory_table *to = &copy->tables[i];
        void *records = NULL;
        if (mem_grow(&records, &to->cap, from->n, sizeof(*to->records)) != 0) {
            store_memory_free(copy);
            return DSPV_ENOMEM;
        }
        to->records = records;
        for (; to->n < from->n; to->n++) {
            to->records[to->n] = from->records[to->n];
            to->records[to->n]->owners++;
        }
    }
    *out = copy;
    return 0;
}

const dspv_store *store_memory_seam(struct store_memory *m)
{
    return &m->seam;
}

size_t store_memory_count(const struct store_memory *m, dspv_table table)
{
    return m->tables[table].n;
}

size_t store_memory_bytes(const struct store_memory *m)
{
    size_t n = 0;
    for (size_t i = 0; i < DSPV_TABLE_COUNT; i++)
        for (size_t j = 0; j < m->tables[i].n; j++)
            n += m->tables[i].records[j]->key_n + m->tables[i].records[j]->value_n;
    return n;
}

static bool same_record(const struct memory_record *a, const struct memory_record *b)
{
    return a == b || (a->key_n == b->key_n && a->value_n == b->value_n && memcmp(a->bytes, b->bytes, a->key_n + a->value_n) == 0);
}

bool store_memory_equal(const struct store_memory *a, const struct store_memory *b)
{
    for (size_t i = 0; i < DSPV_TABLE_COUNT; i++) {
        if (a->tables[i].n != b->tables[i].n)
            return false;
        for (size_t j = 0; j < a->tables[i].n; j++)
            if (!same_record(a->tables[i].records[j], b->tables[i].records[j]))
                return false;
    }
    return true;
}
