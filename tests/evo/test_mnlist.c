/* evo/mnlist.h against a sorted array that is copied for every diff: content, counts, roots, refused diffs, sharing, running out
 * of memory at every allocation. Leaks and wrong reference counts show under the sanitizers. */
#include "support/data.h"
#include "support/naive_merkle.h"

#include "base/mem.h"
#include "crypto/sha256.h"
#include "evo/mnlist.h"

enum { MOST = 4000, ENTRY_MAX = 177, PROTO = 70230 };

/* A masternode as the model knows it: its network form. */
struct item {
    uint8_t bytes[ENTRY_MAX];
    uint32_t n;
};

struct model {
    struct item *items; /* ascending by proTxHash */
    size_t n;
};

static const uint8_t *item_protx(const struct item *i)
{
    return i->bytes + 2;
}

static int item_order(const void *a, const void *b)
{
    return memcmp(item_protx(a), item_protx(b), 32);
}

/* The first byte takes few values so that changes cluster, as the others spread them. */
static struct item random_item(uint64_t *random)
{
    struct item i = {.n = 0};
    for (size_t k = 0; k < ENTRY_MAX; k++)
        i.bytes[k] = (uint8_t)test_random(random);
    uint64_t kind = test_random(random) % 3;
    i.bytes[0] = kind == 0 ? 1 : 2;
    i.bytes[1] = 0;
    i.bytes[2] = (uint8_t)(test_random(random) % 4);
    i.bytes[2 + 150] = test_random(random) % 4 != 0;
    i.n = kind == 0 ? 153 : kind == 1 ? 155 : 177;
    if (kind != 0) {
        i.bytes[153] = kind == 2;
        i.bytes[154] = 0;
    }
    return i;
}

static struct mnentry decode(const struct item *i)
{
    struct reader r;
    struct mnentry e;
    reader_init(&r, i->bytes, i->n);
    mnentry_decode(&r, PROTO, 0, &e);
    assert_true(reader_finish(&r));
    return e;
}

/* A diff with what it points to. */
struct change {
    struct mnlistdiff d;
    struct item *items;
    struct mnentry *entries;
    protx_hash *deleted;
};

static struct change change_new(size_t most)
{
    struct change c = {.d = {.proto = PROTO}};
    c.items = calloc(most + 1, sizeof(*c.items));
    c.entries = calloc(most + 1, sizeof(*c.entries));
    c.deleted = calloc(most + 1, sizeof(*c.deleted));
    c.d.entries = c.entries;
    c.d.deleted = c.deleted;
    return c;
}

static void change_free(struct change *c)
{
    free(c->items);
    free(c->entries);
    free(c->deleted);
}

static void change_set(struct change *c, const struct item *i)
{
    c->items[c->d.n_entries] = *i;
    c->entries[c->d.n_entries] = decode(&c->items[c->d.n_entries]);
    c->d.n_entries++;
}

static void change_delete(struct change *c, const uint8_t *protx)
{
    c->deleted[c->d.n_deleted++] = protx_hash_from(protx);
}

static void shuffle(struct change *c, uint64_t *random)
{
    for (uint32_t i = c->d.n_entries; i > 1; i--) {
        uint32_t k = (uint32_t)(test_random(random) % i);
        struct mnentry e = c->entries[k];
        c->entries[k] = c->entries[i - 1];
        c->entries[i - 1] = e;
    }
}

/* A random good diff, and the model after it. */
static struct change random_change(struct model *m, uint64_t *random, size_t density)
{
    size_t fresh = test_random(random) % (density + 1);
    struct change c = change_new(m->n + fresh);
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++) {
        uint64_t dice = test_random(random) % 200;
        if (dice < density / 2) {
            change_delete(&c, item_protx(&m->items[i]));
            continue;
        }
        if (dice < density) {
            struct item other = random_item(random);
            memcpy(other.bytes + 2, item_protx(&m->items[i]), 32);
            m->items[i] = other;
            change_set(&c, &other);
        }
        m->items[kept++] = m->items[i];
    }
    m->n = kept;
    m->items = realloc(m->items, (m->n + fresh + 1) * sizeof(*m->items));
    for (size_t i = 0; i < fresh; i++) {
        struct item new = random_item(random);
        m->items[m->n++] = new;
        change_set(&c, &new);
    }
    qsort(m->items, m->n, sizeof(*m->items), item_order);
    shuffle(&c, random);
    return c;
}

/* The root from scratch. */
static hash256 model_root(const struct model *m)
{
    hash256 *level = calloc(m->n + 2, sizeof(*level)), root;
    for (size_t i = 0; i < m->n; i++)
        sha256d(level[i].b, m->items[i].bytes + 2, m->items[i].n - 2);
    root = naive_merkle_root(level, m->n);
    free(level);
    return root;
}

static void assert_equals_model(const struct mnlist *l, const struct model *m)
{
    struct mnlist_iterator it;
    const struct masternode *mn;
    size_t n = 0, valid = 0, evo = 0;
    for (mnlist_begin(l, &it); (mn = mnlist_next(&it)); n++) {
        assert_true(n < m->n);
        const struct item *i = &m->items[n];
        assert_int_equal(mn->raw_n, i->n - 2);
        assert_memory_equal(mn->raw, i->bytes + 2, mn->raw_n);
        assert_int_equal(mn->entry.version, i->bytes[0]);
        assert_memory_equal(mn->entry.operator_key, i->bytes + 2 + 82, 48);
        assert_true(mn->entry.operator_key >= mn->raw && mn->entry.operator_key < mn->raw + mn->raw_n);
        valid += i->bytes[152];
        evo += i->n == 177;
        protx_hash protx = protx_hash_from(item_protx(i));
        assert_ptr_equal(mnlist_find(l, &protx), mn);
        protx.b[31] ^= 1;
        const struct masternode *near = mnlist_find(l, &protx);
        assert_true(!near || protx_hash_eq(&near->entry.protx, &protx));
    }
    assert_int_equal(n, m->n);
    assert_int_equal(mnlist_count(l), n);
    assert_int_equal(mnlist_valid(l), valid);
    assert_int_equal(mnlist_evo(l), evo);
    hash256 root = mnlist_root(l), expected = model_root(m);
    assert_memory_equal(root.b, expected.b, 32);
}

static struct mnlist *apply_like(struct mnlist *base, struct mnlist *like, const struct change *c)
{
    struct mnlist *l = NULL;
    dspv_fault fault;
    assert_int_equal(mnlist_apply(base, like, &c->d, &l, &fault), 0);
    assert_non_null(l);
    return l;
}

static struct mnlist *apply(struct mnlist *base, const struct change *c)
{
    return apply_like(base, NULL, c);
}

static struct mnlist *build(struct model *m, uint64_t *random, size_t n)
{
    struct change c = change_new(n);
    m->items = calloc(n + 1, sizeof(*m->items));
    m->n = n;
    for (size_t i = 0; i < n; i++) {
        m->items[i] = random_item(random);
        change_set(&c, &m->items[i]);
    }
    qsort(m->items, n, sizeof(*m->items), item_order);
    struct mnlist *l = apply(NULL, &c);
    change_free(&c);
    return l;
}

static struct change everything(const struct model *m)
{
    struct change all = change_new(m->n);
    for (size_t i = 0; i < m->n; i++)
        change_set(&all, &m->items[i]);
    return all;
}

/* The list `next`, which holds `m`, once more: told from a base far away, beside a list that is near. */
static void assert_told_from(struct mnlist *base, struct mnlist *near, const struct mnlist *next, const struct model *m)
{
    struct change c = everything(m);
    struct mnlist_iterator it;
    const struct masternode *mn;
    c.deleted = realloc(c.deleted, ((base ? mnlist_count(base) : 0) + 1) * sizeof(*c.deleted));
    c.d.deleted = c.deleted;
    if (base)
        for (mnlist_begin(base, &it); (mn = mnlist_next(&it));)
            if (!mnlist_find(next, &mn->entry.protx))
                change_delete(&c, mn->entry.protx.b);
    struct mnlist *told = apply_like(base, near, &c);
    assert_equals_model(told, m);
    mnlist_unref(told);
    change_free(&c);
}

/* Old lists stay what they were: every eighth one is kept with its model and compared at the end. Any of them may be the one that
 * a new list is made like. */
static void test_random_diffs(void **state)
{
    (void)state;
    enum { ROUNDS = 240, KEEP = 8 };
    uint64_t random = 11;
    struct model m = {0}, old_models[ROUNDS / KEEP];
    struct mnlist *list = NULL, *old[ROUNDS / KEEP];
    for (size_t round = 0; round < ROUNDS; round++) {
        static const size_t densities[] = {0, 1, 3, 20, 60, 190, 1, 400};
        struct change c = random_change(&m, &random, densities[test_random(&random) % 8]);
        size_t kept = (round + KEEP - 1) / KEEP;
        struct mnlist *next = apply_like(list, round % 2 ? old[test_random(&random) % kept] : NULL, &c);
        change_free(&c);
        assert_equals_model(next, &m);
        if (round % 4 == 3) {
            assert_told_from(NULL, list, next, &m);
            assert_told_from(old[test_random(&random) % kept], list, next, &m);
        }
        if (round % KEEP == 0) {
            old[round / KEEP] = mnlist_ref(next);
            old_models[round / KEEP] = (struct model){malloc((m.n + 1) * sizeof(*m.items)), m.n};
            memcpy(old_models[round / KEEP].items, m.items, m.n * sizeof(*m.items));
        }
        mnlist_unref(list);
        list = next;
    }
    mnlist_unref(list);
    for (size_t i = 0; i < ROUNDS / KEEP; i++) {
        assert_equals_model(old[i], &old_models[i]);
        mnlist_unref(old[i]);
        free(old_models[i].items);
    }
    free(m.items);
}

static void assert_refused(struct mnlist *base, const struct change *c, dspv_reason reason, const uint8_t *protx)
{
    struct mnlist *l = NULL;
    dspv_fault fault = {0};
    assert_int_equal(mnlist_apply(base, NULL, &c->d, &l, &fault), DSPV_EFAULT);
    assert_null(l);
    assert_int_equal(fault.reason, reason);
    assert_true(fault.has_hash);
    assert_memory_equal(fault.hash, protx, 32);
}

static void test_refused_diffs(void **state)
{
    (void)state;
    uint64_t random = 12;
    struct model m;
    struct mnlist *list = build(&m, &random, 300);
    for (int round = 0; round < 200; round++) {
        struct item stranger = random_item(&random), *known = &m.items[test_random(&random) % m.n];
        struct change c = change_new(8);
        uint64_t kind = test_random(&random) % 5;
        change_set(&c, &m.items[test_random(&random) % m.n]); /* company that is good by itself, unless it is `known` */
        if (memcmp(c.entries[0].protx.b, item_protx(known), 32) == 0)
            c.d.n_entries = 0;
        switch (kind) {
        case 0: /* deleted, never there: at the front, in the middle, behind the last */
            if (round % 3 == 0)
                memset(stranger.bytes + 2, 0, 32);
            if (round % 3 == 1)
                memset(stranger.bytes + 2, 0xff, 32);
            change_delete(&c, item_protx(&stranger));
            assert_refused(list, &c, DSPV_DELETED_NOT_PRESENT, item_protx(&stranger));
            break;
        case 1: /* deleted twice */
            change_delete(&c, item_protx(known));
            change_delete(&c, item_protx(known));
            assert_refused(list, &c, DSPV_DUPLICATE_ENTRY, item_protx(known));
            break;
        case 2: /* deleted and set */
            change_delete(&c, item_protx(known));
            change_set(&c, known);
            assert_refused(list, &c, DSPV_DUPLICATE_ENTRY, item_protx(known));
            break;
        case 3: /* set twice, with different contents */
            change_set(&c, &stranger);
            stranger.bytes[100] ^= 1;
            change_set(&c, &stranger);
            assert_refused(list, &c, DSPV_DUPLICATE_ENTRY, item_protx(&stranger));
            break;
        default: /* anything deleted from the empty list */
            c.d.n_entries = 0;
            change_delete(&c, item_protx(known));
            assert_refused(NULL, &c, DSPV_DELETED_NOT_PRESENT, item_protx(known));
        }
        change_free(&c);
    }
    assert_equals_model(list, &m);
    mnlist_unref(list);
    free(m.items);
}

/* One change costs about one chunk, no change only the array of chunks; and thirty lists little more than one. */
static void test_sharing(void **state)
{
    (void)state;
    uint64_t random = 13;
    struct model m;
    struct mnlist *list = build(&m, &random, MOST), *lists[30];
    size_t whole = mnlist_memory(list, NULL), more = 0;
    assert_true(whole > MOST * 250);
    struct change nothing = change_new(0);
    struct mnlist *same = apply(list, &nothing);
    change_free(&nothing);
    assert_true(mnlist_memory(same, list) < whole / 500);
    assert_ptr_equal(mnlist_find(same, (const protx_hash *)item_protx(&m.items[7])),
                     mnlist_find(list, (const protx_hash *)item_protx(&m.items[7])));
    mnlist_unref(same);
    lists[0] = list;
    for (size_t i = 1; i < 30; i++) {
        struct change c = change_new(1);
        struct item *changed = &m.items[test_random(&random) % m.n];
        changed->bytes[100] ^= 1;
        change_set(&c, changed);
        lists[i] = apply(lists[i - 1], &c);
        change_free(&c);
        size_t cost = mnlist_memory(lists[i], lists[i - 1]);
        assert_true(cost < whole / 300);
        more += cost;
        /* The others are the same objects. */
        struct mnlist_iterator a, b;
        const struct masternode *x, *y;
        size_t different = 0;
        mnlist_begin(lists[i], &a);
        mnlist_begin(lists[i - 1], &b);
        while ((x = mnlist_next(&a)) && (y = mnlist_next(&b)))
            different += x != y;
        assert_int_equal(different, 1);
    }
    assert_true(more < whole / 10);
    assert_equals_model(lists[29], &m);
    for (size_t i = 0; i < 30; i++)
        mnlist_unref(lists[i]);
    free(m.items);
}

/* A long life of small diffs must not leave the list in crumbs. */
static void test_memory_after_a_long_life(void **state)
{
    (void)state;
    uint64_t random = 14;
    struct model m;
    struct mnlist *list = build(&m, &random, 600);
    for (int i = 0; i < 6000; i++) {
        struct change c = change_new(1);
        if (i % 2) {
            size_t k = test_random(&random) % m.n;
            change_delete(&c, item_protx(&m.items[k]));
            m.items[k] = m.items[--m.n];
        } else {
            m.items[m.n] = random_item(&random);
            change_set(&c, &m.items[m.n++]);
            m.items = realloc(m.items, (m.n + 1) * sizeof(*m.items));
        }
        struct mnlist *next = apply(list, &c);
        change_free(&c);
        mnlist_unref(list);
        list = next;
    }
    qsort(m.items, m.n, sizeof(*m.items), item_order);
    assert_equals_model(list, &m);
    struct change all = everything(&m);
    struct mnlist *fresh = apply(NULL, &all);
    change_free(&all);
    size_t worn = mnlist_memory(list, NULL), best = mnlist_memory(fresh, NULL);
    print_message("600 masternodes after 6000 diffs: %zu bytes, fresh %zu\n", worn, best);
    assert_true(worn < best + best / 10);
    mnlist_unref(fresh);
    mnlist_unref(list);
    free(m.items);
}

/* A list from nothing shares with another one what both hold, and only that; entries that say nothing new make no new list. */
static void test_like(void **state)
{
    (void)state;
    uint64_t random = 17;
    struct model m;
    struct mnlist *list = build(&m, &random, 1000), *alone, *beside, *same;
    size_t whole = mnlist_memory(list, NULL);
    for (size_t i = 0; i < 1000; i += 100)
        m.items[i].bytes[100] ^= 1;
    struct change all = everything(&m);
    alone = apply(NULL, &all);
    beside = apply_like(NULL, list, &all);
    same = apply(beside, &all);
    assert_ptr_equal(same, beside);
    mnlist_unref(same);
    same = apply_like(alone, beside, &all);
    assert_ptr_equal(same, alone);
    mnlist_unref(same);
    same = apply_like(list, beside, &all);
    assert_ptr_equal(same, beside);
    assert_equals_model(alone, &m);
    assert_equals_model(beside, &m);
    struct mnlist_iterator a, b;
    const struct masternode *x, *y;
    size_t shared = 0;
    mnlist_begin(list, &a);
    mnlist_begin(beside, &b);
    while ((x = mnlist_next(&a)) && (y = mnlist_next(&b)))
        shared += x == y;
    assert_int_equal(shared, 1000 - 10);
    assert_true(mnlist_memory(alone, list) > whole * 9 / 10);
    assert_true(mnlist_memory(beside, list) < whole / 10);
    change_free(&all);
    mnlist_unref(list);
    assert_equals_model(beside, &m);
    mnlist_unref(alone);
    mnlist_unref(beside);
    mnlist_unref(same);
    free(m.items);
}

/* As large as lists may become: changes in place, then comings and goings, then all at once; few bytes for few changes. */
static void test_large(void **state)
{
    (void)state;
    enum { LARGE = 64000 };
    uint64_t random = 18;
    struct model m;
    struct mnlist *list = build(&m, &random, LARGE);
    assert_equals_model(list, &m);
    size_t whole = mnlist_memory(list, NULL);
    for (int round = 0; round < 6; round++) {
        struct change c = change_new(200);
        for (size_t i = 0; i < 10; i++) {
            struct item *changed = &m.items[(size_t)round + LARGE / 11 * (i + 1)];
            changed->bytes[100] ^= 1;
            change_set(&c, changed);
        }
        struct mnlist *next = apply(list, &c);
        assert_true(mnlist_memory(next, list) < whole / 400);
        mnlist_unref(list);
        list = next;
        change_free(&c);
    }
    assert_equals_model(list, &m);
    static const size_t densities[] = {1, 190, 400};
    for (size_t i = 0; i < 3; i++) {
        struct change c = random_change(&m, &random, densities[i]);
        struct mnlist *next = apply(list, &c);
        mnlist_unref(list);
        list = next;
        change_free(&c);
        assert_equals_model(list, &m);
    }
    mnlist_unref(list);
    free(m.items);
}

/* proTxHashes that begin alike, as many as somebody likes to grind, are told apart by their ends. */
static void test_alike_hashes(void **state)
{
    (void)state;
    uint64_t random = 19;
    struct model m = {calloc(500, sizeof(struct item)), 0};
    struct mnlist *list = NULL;
    for (int round = 0; round < 60; round++) {
        struct change c = change_new(60);
        for (int i = 0; i < 8; i++) {
            struct item fresh = random_item(&random);
            memset(fresh.bytes + 2, (int)(test_random(&random) % 2), (round + i) % 2 ? 7 : 31);
            m.items[m.n++] = fresh;
        }
        qsort(m.items, m.n, sizeof(*m.items), item_order);
        size_t kept = 0;
        for (size_t i = 0; i < m.n; i++)
            if (kept == 0 || item_order(&m.items[kept - 1], &m.items[i]) != 0)
                m.items[kept++] = m.items[i];
        m.n = kept;
        for (size_t i = 0; i < m.n; i++) {
            protx_hash protx = protx_hash_from(item_protx(&m.items[i]));
            const struct masternode *known = list ? mnlist_find(list, &protx) : NULL;
            if (!known || memcmp(known->raw, item_protx(&m.items[i]), known->raw_n) != 0)
                change_set(&c, &m.items[i]);
        }
        while (m.n > 200) {
            size_t k = test_random(&random) % m.n;
            protx_hash protx = protx_hash_from(item_protx(&m.items[k]));
            if (mnlist_find(list, &protx)) {
                for (uint32_t e = 0; e < c.d.n_entries; e++)
                    if (protx_hash_eq(&c.entries[e].protx, &protx))
                        c.entries[e] = c.entries[--c.d.n_entries];
                change_delete(&c, protx.b);
                memmove(&m.items[k], &m.items[k + 1], (m.n - k - 1) * sizeof(*m.items));
                m.n--;
            }
        }
        struct mnlist *next = apply(list, &c);
        assert_equals_model(next, &m);
        mnlist_unref(list);
        list = next;
        change_free(&c);
    }
    mnlist_unref(list);
    free(m.items);
}

/* Every allocation of an application fails once: DSPV_ENOMEM, nothing leaked, the base unharmed, and then it succeeds. */
static void test_out_of_memory(void **state)
{
    (void)state;
    uint64_t random = 15;
    for (int round = 0; round < 9; round++) {
        struct model m;
        struct mnlist *older = build(&m, &random, 150 + 40 * (size_t)round), *next = NULL;
        struct change first = random_change(&m, &random, 5);
        struct mnlist *list = apply(older, &first);
        struct model before = {malloc(m.n * sizeof(*m.items)), m.n};
        memcpy(before.items, m.items, m.n * sizeof(*m.items));
        struct change c = random_change(&m, &random, round % 2 ? 30 : 2), all = everything(&m);
        bool whole = round % 3 == 2;
        dspv_fault fault;
        size_t fail_at = 0;
        int error;
        do {
            mem_fail_after(++fail_at);
            error = mnlist_apply(whole ? NULL : list, round % 3 ? older : NULL, whole ? &all.d : &c.d, &next, &fault);
            mem_fail_after(0);
            if (error != 0) {
                assert_int_equal(error, DSPV_ENOMEM);
                assert_null(next);
            }
        } while (error != 0);
        assert_true(fail_at > 3);
        assert_equals_model(list, &before);
        assert_equals_model(next, &m);
        mnlist_unref(next);
        mnlist_unref(list);
        mnlist_unref(older);
        change_free(&first);
        change_free(&c);
        change_free(&all);
        free(before.items);
        free(m.items);
    }
}

static void test_masternode_values(void **state)
{
    (void)state;
    uint64_t random = 16;
    struct item i = random_item(&random);
    while (i.n != 177)
        i = random_item(&random);
    struct mnentry e = decode(&i);
    struct masternode *a = masternode_new(&e), *b = masternode_new(&e);
    i.bytes[2 + 20] ^= 1; /* the original bytes are not needed any more */
    assert_true(masternode_eq(a, b));
    assert_memory_equal(a->entry.platform_node_id, i.bytes + 157, 20);
    assert_true(a->entry.platform_node_id > a->raw && a->entry.platform_node_id + 20 <= a->raw + a->raw_n);
    uint8_t seed[32], both[64];
    memcpy(both, a->entry.protx.b, 32);
    memcpy(both + 32, a->entry.confirmed.b, 32);
    sha256(seed, both, 64);
    assert_memory_equal(a->score_seed, seed, 32);
    b->entry.version = 3;
    assert_false(masternode_eq(a, b));
    masternode_unref(b);
    i.bytes[2 + 20] ^= 1;
    i.bytes[2 + 140] ^= 1;
    e = decode(&i);
    b = masternode_new(&e);
    assert_false(masternode_eq(a, b));
    assert_true(masternode_is_evo(a));
    assert_int_equal(masternode_eligible(a), a->entry.valid);
    memset(a->entry.confirmed.b, 0, 32);
    assert_false(masternode_eligible(a));
    masternode_unref(a);
    masternode_unref(b);
    masternode_unref(NULL);
    mnlist_unref(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_diffs),
        cmocka_unit_test(test_refused_diffs),
        cmocka_unit_test(test_sharing),
        cmocka_unit_test(test_memory_after_a_long_life),
        cmocka_unit_test(test_like),
        cmocka_unit_test(test_large),
        cmocka_unit_test(test_alike_hashes),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_masternode_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
