/* See contract.h. The oracle is an array that is searched from end to end (struct model). */
#include "store/contract.h"

#include "base/mem.h"

/* ---- Short ways to write and to read with keys and values that are text. */

static dspv_store_op put(dspv_table table, const char *key, const char *value)
{
    return (dspv_store_op){table, (const uint8_t *)key, strlen(key), (const uint8_t *)value, strlen(value)};
}

static dspv_store_op removal(dspv_table table, const char *key)
{
    return (dspv_store_op){table, (const uint8_t *)key, strlen(key), NULL, 0};
}

static void apply(const dspv_store *store, const dspv_store_op *ops, size_t n)
{
    int rc = store->apply(store->context, ops, n);
    if (rc != 0)
        fail_msg("apply: %d, %s", rc, store->trouble(store->context));
}

struct text {
    char p[4096];
    size_t n, most; /* `most` > 0: end after so many records */
    size_t records;
};

/* "key=value " */
static bool append(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct text *t = argument;
    t->n += (size_t)snprintf(t->p + t->n, sizeof(t->p) - t->n, "%.*s=%.*s ", (int)key_n, (const char *)key, (int)value_n,
                             value_n ? (const char *)value : "");
    assert_true(t->n < sizeof(t->p));
    return ++t->records != t->most;
}

static void assert_scan(const dspv_store *store, dspv_table table, const char *first, const char *last, const char *expected)
{
    struct text t = {.n = 0};
    assert_int_equal(store->scan(store->context, table, (const uint8_t *)first, strlen(first), (const uint8_t *)last,
                                 strlen(last), append, &t),
                     0);
    assert_string_equal(t.p, expected);
}

/* ---- The tests. */

void contract_empty(void **state)
{
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    for (int table = 0; table < DSPV_TABLE_COUNT; table++)
        assert_scan(store, (dspv_table)table, "", "", "");
    apply(store, NULL, 0);
    assert_non_null(store->trouble(store->context));
    store = kind->reopen();
    for (int table = 0; table < DSPV_TABLE_COUNT; table++)
        assert_scan(store, (dspv_table)table, "", "", "");
    kind->destroy();
}

void contract_put_replace_remove(void **state)
{
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    const dspv_store_op first[] = {put(DSPV_TABLE_META, "b", "1"), put(DSPV_TABLE_META, "a", "2"),
                                   put(DSPV_TABLE_LOCKS, "a", "3"), removal(DSPV_TABLE_META, "never was")};
    apply(store, first, 4);
    assert_scan(store, DSPV_TABLE_META, "", "", "a=2 b=1 ");
    assert_scan(store, DSPV_TABLE_LOCKS, "", "", "a=3 ");
    assert_scan(store, DSPV_TABLE_HEADERS, "", "", "");

    /* In one transaction the later operation wins. */
    const dspv_store_op second[] = {put(DSPV_TABLE_META, "b", "longer than before"),
                                    removal(DSPV_TABLE_META, "a"),
                                    put(DSPV_TABLE_META, "c", "4"),
                                    put(DSPV_TABLE_META, "c", "5"),
                                    put(DSPV_TABLE_META, "d", "6"),
                                    removal(DSPV_TABLE_META, "d"),
                                    removal(DSPV_TABLE_META, "e"),
                                    put(DSPV_TABLE_META, "e", "")};
    apply(store, second, 8);
    assert_scan(store, DSPV_TABLE_META, "", "", "b=longer than before c=5 e= ");
    store = kind->reopen();
    assert_scan(store, DSPV_TABLE_META, "", "", "b=longer than before c=5 e= ");
    assert_scan(store, DSPV_TABLE_LOCKS, "", "", "a=3 ");
    kind->destroy();
}

void contract_ranges(void **state)
{
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    const dspv_store_op ops[] = {put(DSPV_TABLE_LISTS, "b", "3"), put(DSPV_TABLE_LISTS, "ab", "2"),
                                 put(DSPV_TABLE_LISTS, "\xff", "5"), put(DSPV_TABLE_LISTS, "a", "1"),
                                 put(DSPV_TABLE_LISTS, "ba", "4")};
    apply(store, ops, 5);
    assert_scan(store, DSPV_TABLE_LISTS, "", "", "a=1 ab=2 b=3 ba=4 \xff=5 ");
    assert_scan(store, DSPV_TABLE_LISTS, "a", "b", "a=1 ab=2 b=3 ");
    assert_scan(store, DSPV_TABLE_LISTS, "aa", "az", "ab=2 ");
    assert_scan(store, DSPV_TABLE_LISTS, "b", "b", "b=3 ");
    assert_scan(store, DSPV_TABLE_LISTS, "b", "", "b=3 ba=4 \xff=5 ");
    assert_scan(store, DSPV_TABLE_LISTS, "", "ab", "a=1 ab=2 ");
    assert_scan(store, DSPV_TABLE_LISTS, "c", "a", "");
    assert_scan(store, DSPV_TABLE_LISTS, "ac", "az", "");
    assert_scan(store, DSPV_TABLE_QUORUMS, "", "", "");
    kind->destroy();
}

struct sized {
    size_t key_n, value_n, seen;
};

static bool check_sized(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct sized *s = argument;
    assert_int_equal(key_n, s->key_n);
    assert_int_equal(value_n, s->value_n);
    for (size_t i = 0; i < key_n; i++)
        assert_int_equal(key[i], 0xff);
    for (size_t i = 0; i < value_n; i += 997)
        assert_int_equal(value[i], (uint8_t)(i * 31 + value_n));
    s->seen++;
    return true;
}

void contract_sizes(void **state)
{
    static const size_t values[] = {0, 1, 100, 4096, 20544, 65537, DSPV_STORE_MOST_VALUE};
    static uint8_t value[DSPV_STORE_MOST_VALUE], key[DSPV_STORE_MOST_KEY];
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    memset(key, 0xff, sizeof(key));
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        for (size_t j = 0; j < values[i]; j++)
            value[j] = (uint8_t)(j * 31 + values[i]);
        /* "ff" and sixty-four of them: the longest key there is. */
        const dspv_store_op ops[] = {{DSPV_TABLE_HEADERS, key, 1, value, values[i]},
                                     {DSPV_TABLE_QUORUMS, key, sizeof(key), value, values[i]}};
        apply(store, ops, 2);
        store = kind->reopen();
        struct sized one = {1, values[i], 0}, longest = {sizeof(key), values[i], 0};
        assert_int_equal(store->scan(store->context, DSPV_TABLE_HEADERS, key, 1, key, 1, check_sized, &one), 0);
        assert_int_equal(store->scan(store->context, DSPV_TABLE_QUORUMS, NULL, 0, NULL, 0, check_sized, &longest), 0);
        assert_int_equal(one.seen + longest.seen, 2);
    }
    kind->destroy();
}

void contract_refused(void **state)
{
    static uint8_t big[DSPV_STORE_MOST_VALUE + 1];
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    const dspv_store_op good = put(DSPV_TABLE_META, "a", "1");
    apply(store, &good, 1);
    const dspv_store_op bad[] = {{DSPV_TABLE_META, big, 0, big, 1},
                                 {DSPV_TABLE_META, big, DSPV_STORE_MOST_KEY + 1, big, 1},
                                 {DSPV_TABLE_META, big, 1, big, DSPV_STORE_MOST_VALUE + 1},
                                 {DSPV_TABLE_COUNT, big, 1, big, 1}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const dspv_store_op ops[] = {put(DSPV_TABLE_META, "a", "2"), put(DSPV_TABLE_META, "b", "2"), bad[i]};
        assert_int_equal(store->apply(store->context, ops, 3), DSPV_ESTORE);
        assert_true(strlen(store->trouble(store->context)) > 0);
        assert_scan(store, DSPV_TABLE_META, "", "", "a=1 ");
    }
    apply(store, &good, 1);
    kind->destroy();
}

/* The same table and another one are read from within a visit. */
static bool visit_again(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    const dspv_store *store = *(const dspv_store **)argument;
    uint8_t before = value[0];
    assert_int_equal(value_n, 1);
    assert_scan(store, DSPV_TABLE_META, "", "", "a=1 b=2 c=3 ");
    assert_scan(store, DSPV_TABLE_LOCKS, "", "", "x=9 ");
    assert_int_equal(key_n, 1);
    assert_int_equal(value[0], before);
    return key[0] != 'b';
}

void contract_visit_ends_and_nests(void **state)
{
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    const dspv_store_op ops[] = {put(DSPV_TABLE_META, "a", "1"), put(DSPV_TABLE_META, "b", "2"), put(DSPV_TABLE_META, "c", "3"),
                                 put(DSPV_TABLE_LOCKS, "x", "9")};
    apply(store, ops, 4);
    struct text t = {.most = 2};
    assert_int_equal(store->scan(store->context, DSPV_TABLE_META, NULL, 0, NULL, 0, append, &t), 0);
    assert_string_equal(t.p, "a=1 b=2 ");
    assert_int_equal(store->scan(store->context, DSPV_TABLE_META, NULL, 0, NULL, 0, visit_again, &store), 0);
    /* A scan that was ended leaves nothing behind that would stop writing. */
    const dspv_store_op last = removal(DSPV_TABLE_META, "a");
    apply(store, &last, 1);
    assert_scan(store, DSPV_TABLE_META, "", "", "b=2 c=3 ");
    kind->destroy();
}

/* ---- Random transactions and scans against an array. Keys are short, so that they meet often. */

enum { MODEL_KEYS = 400, MODEL_VALUE = 300 };

struct model_record {
    bool there;
    uint8_t key[3];
    size_t key_n;
    uint8_t value[MODEL_VALUE];
    size_t value_n;
};

struct model {
    struct model_record records[2][MODEL_KEYS];
};

static int compare(const uint8_t *a, size_t a_n, const uint8_t *b, size_t b_n)
{
    int order = memcmp(a, b, a_n < b_n ? a_n : b_n);
    return order ? order : a_n < b_n ? -1 : a_n > b_n;
}

static size_t random_key(uint64_t *random, uint8_t key[3])
{
    static const uint8_t letters[] = {0x00, 0x01, 'a', 'b', 0x7f, 0x80, 0xff};
    size_t n = 1 + test_random(random) % 3;
    for (size_t i = 0; i < n; i++)
        key[i] = letters[test_random(random) % sizeof(letters)];
    return n;
}

static void model_apply(struct model *m, const dspv_store_op *op)
{
    struct model_record *empty = NULL, *at = NULL;
    struct model_record *records = m->records[op->table == DSPV_TABLE_LOCKS];
    for (size_t i = 0; i < MODEL_KEYS; i++) {
        struct model_record *r = &records[i];
        if (!r->there)
            empty = empty ? empty : r;
        else if (compare(r->key, r->key_n, op->key, op->key_n) == 0)
            at = r;
    }
    at = at ? at : empty;
    assert_non_null(at);
    at->there = op->value != NULL;
    memcpy(at->key, op->key, op->key_n);
    at->key_n = op->key_n;
    at->value_n = op->value_n;
    if (op->value)
        memcpy(at->value, op->value, op->value_n);
}

struct model_scan {
    const struct model_record *records;
    uint8_t at[3]; /* the last key seen */
    size_t at_n;
    size_t seen;
};

static bool check_with_model(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    struct model_scan *s = argument;
    assert_true(s->seen == 0 || compare(s->at, s->at_n, key, key_n) < 0);
    const struct model_record *found = NULL;
    for (size_t i = 0; i < MODEL_KEYS; i++)
        if (s->records[i].there && compare(s->records[i].key, s->records[i].key_n, key, key_n) == 0)
            found = &s->records[i];
    assert_non_null(found);
    assert_int_equal(value_n, found->value_n);
    assert_true(value_n == 0 || memcmp(value, found->value, value_n) == 0);
    memcpy(s->at, key, key_n);
    s->at_n = key_n;
    s->seen++;
    return true;
}

static void assert_like_model(const dspv_store *store, const struct model *m, uint64_t *random, bool whole)
{
    for (size_t t = 0; t < 2; t++) {
        uint8_t first[3], last[3];
        size_t first_n = whole ? 0 : random_key(random, first), last_n = whole ? 0 : random_key(random, last);
        struct model_scan s = {.records = m->records[t]};
        size_t expected = 0;
        for (size_t i = 0; i < MODEL_KEYS; i++) {
            const struct model_record *r = &m->records[t][i];
            expected += r->there && (first_n == 0 || compare(r->key, r->key_n, first, first_n) >= 0) &&
                        (last_n == 0 || compare(r->key, r->key_n, last, last_n) <= 0);
        }
        assert_int_equal(store->scan(store->context, t ? DSPV_TABLE_LOCKS : DSPV_TABLE_META, first, first_n, last, last_n,
                                     check_with_model, &s),
                         0);
        assert_int_equal(s.seen, expected);
    }
}

void contract_random(void **state)
{
    enum { TRANSACTIONS = 150, MOST_OPS = 40 };
    static struct model model;
    static uint8_t keys[MOST_OPS][3], values[MOST_OPS][MODEL_VALUE];
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    uint64_t random = 20240704;
    memset(&model, 0, sizeof(model));
    for (size_t round = 0; round < TRANSACTIONS; round++) {
        dspv_store_op ops[MOST_OPS];
        size_t n = test_random(&random) % MOST_OPS;
        for (size_t i = 0; i < n; i++) {
            size_t key_n = random_key(&random, keys[i]), value_n = test_random(&random) % MODEL_VALUE;
            memset(values[i], (int)(test_random(&random) % 256), value_n);
            bool keep = test_random(&random) % 3 != 0;
            ops[i] = (dspv_store_op){test_random(&random) % 2 ? DSPV_TABLE_META : DSPV_TABLE_LOCKS, keys[i], key_n,
                                     keep ? values[i] : NULL, keep ? value_n : 0};
            model_apply(&model, &ops[i]);
        }
        apply(store, ops, n);
        assert_like_model(store, &model, &random, round % 10 == 0);
        if (round % 25 == 0)
            store = kind->reopen();
    }
    store = kind->reopen();
    assert_like_model(store, &model, &random, true);
    kind->destroy();
}

/* Each allocation fails once: all or nothing happened, and it can be tried again. */
void contract_out_of_memory(void **state)
{
    const struct contract *kind = *state;
    const dspv_store *store = kind->create();
    const dspv_store_op before[] = {put(DSPV_TABLE_META, "a", "1"), put(DSPV_TABLE_META, "b", "2")};
    const dspv_store_op after[] = {put(DSPV_TABLE_META, "a", "3"), removal(DSPV_TABLE_META, "b"), put(DSPV_TABLE_META, "c", "4")};
    apply(store, before, 2);
    int rc = DSPV_ENOMEM;
    for (size_t fail = 1; rc != 0; fail++) {
        mem_fail_after(fail);
        rc = store->apply(store->context, after, 3);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        assert_scan(store, DSPV_TABLE_META, "", "", rc == 0 ? "a=3 c=4 " : "a=1 b=2 ");
    }
    rc = DSPV_ENOMEM;
    for (size_t fail = 1; rc != 0; fail++) {
        struct text t = {.n = 0};
        mem_fail_after(fail);
        rc = store->scan(store->context, DSPV_TABLE_META, NULL, 0, NULL, 0, append, &t);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
    }
    kind->destroy();
}
