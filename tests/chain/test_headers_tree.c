/* chain/headers as a tree: random trees, ChainLocks and failing allocations against brute force over a list of parents. */
#include "support/data.h"

#include "base/mem.h"
#include "chain/headers.h"
#include "chain/miner.h"
#include "chain/tree.h"

enum { START_S = 1417713337, LIMIT = 0x207fffff, MOST = 400 };

static const uint64_t seed[2] = {7, 8};
static uint64_t rng = 37;

/* What the tree should hold. Nodes are numbered in the order they were added, as in the tree. */
struct oracle {
    int n;
    int parent[MOST], height[MOST];
    uint64_t work[MOST];
    struct mined block[MOST];
    int locked; /* -1 */
};

static unsigned below(unsigned n)
{
    return (unsigned)(test_random(&rng) % n);
}

static int ancestor_at(const struct oracle *o, int node, int height)
{
    while (node >= 0 && o->height[node] > height)
        node = o->parent[node];
    return node >= 0 && o->height[node] == height ? node : -1;
}

/* On one line with the lock. */
static bool agrees(const struct oracle *o, int node)
{
    return o->locked < 0 || ancestor_at(o, node, o->height[o->locked]) == o->locked ||
           ancestor_at(o, o->locked, o->height[node]) == node;
}

static int best_of(const struct oracle *o)
{
    int best = -1;
    for (int i = 0; i < o->n; i++)
        if (agrees(o, i) && (best < 0 || o->work[i] > o->work[best]))
            best = i;
    return best;
}

static void check_chain(const struct headers *h, const struct oracle *o)
{
    int tip = best_of(o), first = o->height[0];
    assert_int_equal(headers_count(h), o->n);
    assert_int_equal(headers_tip(h), tip);
    assert_int_equal(headers_tip_height(h), o->height[tip]);
    assert_int_equal(headers_chainlocked(h), o->locked < 0 ? HEADERS_NONE : (headers_node)o->locked);
    for (int height = first - 2; height <= first + o->n + 1; height++) {
        int node = height > o->height[tip] ? -1 : ancestor_at(o, tip, height);
        assert_int_equal(headers_at(h, height), node < 0 ? HEADERS_NONE : (headers_node)node);
    }
    for (int i = 0; i < o->n; i++)
        assert_int_equal(headers_on_best_chain(h, (headers_node)i), ancestor_at(o, tip, o->height[i]) == i);
    assert_false(headers_on_best_chain(h, HEADERS_NONE));
}

static void check_nodes(const struct headers *h, const struct oracle *o)
{
    for (int i = 0; i < o->n; i++) {
        headers_node node = (headers_node)i;
        assert_int_equal(headers_find(h, &o->block[i].hash), node);
        assert_int_equal(headers_height(h, node), o->height[i]);
        assert_int_equal(headers_prev(h, node), o->parent[i] < 0 ? HEADERS_NONE : (headers_node)o->parent[i]);
        uint8_t work[32], expected[32] = {0}, raw[80];
        headers_work(h, node, work);
        store_le64(expected, o->work[i]);
        assert_memory_equal(work, expected, 32);
        struct header header;
        headers_get(h, node, &header);
        header_write(&header, raw);
        assert_memory_equal(raw, o->block[i].raw, 80);
        for (int height = o->height[0] - 1; height <= o->height[i] + 1; height++) {
            int ancestor = ancestor_at(o, i, height);
            assert_int_equal(headers_ancestor(h, node, height), ancestor < 0 ? HEADERS_NONE : (headers_node)ancestor);
        }
    }
}

/* From the node down: ten in a row, then steps that double, the start last; never more than asked for. */
static void check_locator(const struct headers *h, const struct oracle *o, int from, size_t most)
{
    block_hash out[50];
    assert_true(most < 50);
    size_t n = headers_locator(h, (headers_node)from, out, most), i = 0;
    assert_true(n >= 1 && n <= most);
    int node = from, step = 1;
    while (i + 1 < n) {
        assert_true(block_hash_eq(&out[i], &o->block[node].hash));
        i++;
        if (i >= 10)
            step *= 2;
        for (int k = 0; k < step && o->parent[node] >= 0; k++)
            node = o->parent[node];
    }
    assert_true(block_hash_eq(&out[i], &o->block[0].hash));
    assert_true(node == 0 || n == most);
}

static void check_all(const struct headers *h, const struct oracle *o)
{
    check_chain(h, o);
    check_nodes(h, o);
    for (int i = 0; i < 20; i++) {
        int from = (int)below((unsigned)o->n);
        check_locator(h, o, from, 42);
        check_locator(h, o, from, 1 + below(15));
    }
}

/* A new block on `parent`; its work is what its bits say. */
static struct mined mine_on(const struct oracle *o, int parent, uint32_t bits)
{
    struct header header = {.version = 4,
                            .prev = o->block[parent].hash,
                            .time = load_le32(o->block[parent].raw + 68) + 100,
                            .bits = bits};
    store_le32(header.merkle_root.b, (uint32_t)o->n);
    return mine_header(header, true);
}

static int add(struct headers *h, const struct mined *m, headers_node *node, dspv_fault *fault)
{
    return headers_add(h, m->raw, &m->hash, START_S + 1000000, node, fault);
}

static uint64_t work_of(uint32_t bits)
{
    return bits == LIMIT ? 2 : bits == 0x203fffff ? 4 : 8;
}

/* Try to grow the tree at a random place; conflicts with the ChainLock must be refused. */
static void grow(struct headers *h, struct oracle *o, int parent, uint32_t bits)
{
    struct mined m = mine_on(o, parent, bits);
    headers_node node = HEADERS_NONE;
    dspv_fault fault;
    int rc = add(h, &m, &node, &fault);
    o->parent[o->n] = parent;
    o->height[o->n] = o->height[parent] + 1;
    o->work[o->n] = o->work[parent] + work_of(bits);
    o->block[o->n] = m;
    if (agrees(o, o->n) && (o->locked < 0 || o->height[o->n] > o->height[o->locked])) {
        assert_int_equal(rc, 0);
        assert_int_equal(node, o->n);
        o->n++;
    } else {
        assert_int_equal(rc, DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_CHAINLOCK_CONFLICT);
        assert_int_equal(headers_find(h, &m.hash), HEADERS_NONE);
    }
}

static void lock_somewhere(struct headers *h, struct oracle *o)
{
    int node = (int)below((unsigned)o->n);
    bool may = agrees(o, node);
    assert_int_equal(headers_chainlock(h, (headers_node)node), may ? 0 : DSPV_EMISUSE);
    if (may && (o->locked < 0 || o->height[node] > o->height[o->locked]))
        o->locked = node;
    assert_int_equal(headers_chainlock(h, (headers_node)o->n), DSPV_EMISUSE);
    check_chain(h, o);
    for (int i = 0; i < o->n; i++) { /* known headers: accepted again, unless they conflict */
        headers_node known;
        dspv_fault fault;
        int rc = add(h, &o->block[i], &known, &fault);
        assert_int_equal(rc, agrees(o, i) ? 0 : DSPV_EFAULT);
        if (rc == 0)
            assert_int_equal(known, i);
        else
            assert_int_equal(fault.reason, DSPV_CHAINLOCK_CONFLICT);
    }
}

static struct headers *start_regtest(struct oracle *o)
{
    struct chain_params p;
    struct headers *h;
    assert_true(chain_params_init(&p, "regtest"));
    assert_int_equal(headers_new(&h, &p, seed), 0);
    *o = (struct oracle){.n = 1, .parent = {-1}, .work = {2}, .locked = -1};
    memcpy(o->block[0].raw, p.genesis, 80);
    o->block[0].hash = p.genesis_hash;
    return h;
}

/* A devnet tree from a trusted header: for 23 blocks no difficulty is required, so works can differ. */
static struct headers *start_devnet(struct oracle *o)
{
    struct chain_params p;
    struct headers *h;
    assert_true(chain_params_init(&p, "devnet"));
    struct header header = {.version = 4, .time = START_S, .bits = LIMIT};
    *o = (struct oracle){.n = 1, .parent = {-1}, .height = {5000}, .work = {2}, .locked = -1};
    o->block[0] = mine_header(header, true);
    assert_int_equal(headers_new_from(&h, &p, seed, 5000, o->block[0].raw, NULL), 0);
    return h;
}

/* Mostly near the newest blocks, so that trees get long and forks compete. */
static int random_parent(const struct oracle *o)
{
    unsigned n = (unsigned)o->n, recent = n < 12 ? n : 12;
    return (int)(below(8) ? n - 1 - below(recent) : below(n));
}

static void run_equal_work(int blocks, int lock_every)
{
    static struct oracle o;
    struct headers *h = start_regtest(&o);
    for (int i = 1; i < blocks; i++) {
        grow(h, &o, random_parent(&o), LIMIT);
        assert_int_equal(headers_tip(h), best_of(&o));
        if (lock_every && i % lock_every == 0)
            lock_somewhere(h, &o);
        else if (i % 25 == 0)
            check_chain(h, &o);
    }
    check_all(h, &o);
    headers_free(h);
}

static void run_different_work(int blocks, int lock_every)
{
    static struct oracle o;
    static const uint32_t bits[] = {LIMIT, LIMIT, 0x203fffff, 0x201fffff};
    struct headers *h = start_devnet(&o);
    for (int i = 1; i < blocks; i++) {
        int parent = random_parent(&o);
        while (o.height[parent] >= 5022)
            parent = o.parent[parent];
        grow(h, &o, parent, bits[below(4)]);
        assert_int_equal(headers_tip(h), best_of(&o));
        if (lock_every && i % lock_every == 0)
            lock_somewhere(h, &o);
        else if (i % 10 == 0)
            check_chain(h, &o);
    }
    check_all(h, &o);
    headers_free(h);
}

static void test_random_trees(void **state)
{
    (void)state;
    run_equal_work(MOST, 0);
    for (int round = 0; round < 10; round++) {
        run_equal_work(120, 0);
        run_different_work(120, 0);
    }
}

static void test_random_trees_with_chainlocks(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        run_equal_work(120, 20 + round);
        run_different_work(120, 20 + round);
    }
}

/* A long chain overtaken by a fork from far below, and the ancestors of both. */
static void test_deep_reorganisation(void **state)
{
    (void)state;
    static struct oracle o;
    struct headers *h = start_regtest(&o);
    for (int i = 1; i <= 150; i++)
        grow(h, &o, i - 1, LIMIT);
    grow(h, &o, 10, LIMIT);
    for (int i = 0; i < 139; i++)
        grow(h, &o, o.n - 1, LIMIT);
    assert_int_equal(headers_tip(h), 150); /* equal work: the first stays */
    check_all(h, &o);
    grow(h, &o, o.n - 1, LIMIT);
    assert_int_equal(headers_tip(h), o.n - 1);
    check_all(h, &o);
    headers_free(h);
}

/* A lock on the losing side moves the tip there, whatever the work. */
static void test_chainlock_moves_the_tip(void **state)
{
    (void)state;
    static struct oracle o;
    struct headers *h = start_regtest(&o);
    for (int i = 1; i <= 20; i++)
        grow(h, &o, i - 1, LIMIT);
    grow(h, &o, 5, LIMIT); /* 21 */
    grow(h, &o, 21, LIMIT);
    grow(h, &o, 21, LIMIT);
    assert_int_equal(headers_tip(h), 20);
    assert_int_equal(headers_chainlock(h, 21), 0);
    o.locked = 21;
    assert_int_equal(headers_tip(h), 22);
    check_all(h, &o);
    assert_int_equal(headers_chainlock(h, 6), DSPV_EMISUSE);  /* beside it */
    assert_int_equal(headers_chainlock(h, 20), DSPV_EMISUSE);
    assert_int_equal(headers_chainlock(h, 5), 0); /* below it: nothing new */
    assert_int_equal(headers_chainlock(h, 21), 0);
    assert_int_equal(headers_chainlocked(h), 21);
    grow(h, &o, 20, LIMIT);
    grow(h, &o, 3, LIMIT);
    grow(h, &o, 23, LIMIT);
    assert_int_equal(headers_tip(h), 24);
    check_all(h, &o);
    headers_free(h);
}

/* The walk of tree_ancestor, counted: from anywhere to anywhere in O(log n) steps. */
static void test_ancestors_are_few_steps_away(void **state)
{
    (void)state;
    enum { LONG = 50000 };
    struct tree t;
    tree_init(&t, seed);
    const arith256 one = arith256_from_u64(1);
    static const uint8_t raw[80];
    for (uint32_t i = 0; i < LONG; i++) {
        block_hash hash = {{0}};
        store_le32(hash.b, i);
        assert_int_equal(tree_reserve(&t), 0);
        assert_int_equal(tree_insert(&t, raw, &hash, i ? i - 1 : TREE_NONE, 1000, &one), i);
    }
    for (int round = 0; round < 20000; round++) {
        uint32_t from = below(LONG), to = below(from + 1), node = from;
        int steps = 0;
        for (; node > to; steps++)
            node = tree_node(&t, node)->jump >= to ? tree_node(&t, node)->jump : node - 1;
        assert_true(steps <= 3 * 16); /* 2^16 > LONG */
        assert_int_equal(tree_ancestor(&t, from, 1000 + (int32_t)to), to);
    }
    tree_free(&t);
}

/* ---- the index, which is made in pieces */

enum { PLANTED = 20000 };

static block_hash planted_hash(uint32_t i)
{
    block_hash hash = {{0}};
    store_le32(hash.b, i * 0x9e3779b1u);
    store_le32(hash.b + 8, i);
    return hash;
}

static uint32_t plant(struct tree *t, uint32_t i, uint32_t prev)
{
    static const uint8_t raw[80];
    const arith256 one = arith256_from_u64(1);
    const block_hash hash = planted_hash(i);
    assert_int_equal(tree_reserve(t), 0);
    return tree_insert(t, raw, &hash, prev, 1000, &one);
}

static void check_found(const struct tree *t, const uint32_t *names, uint32_t n)
{
    for (int round = 0; round < 30; round++) {
        uint32_t i = round < 10 ? n - 1 - below(n < 50 ? n : 50) : below(n);
        const block_hash known = planted_hash(i), stranger = planted_hash(PLANTED + below(1000));
        assert_int_equal(tree_find(t, &known), names[i]);
        assert_int_equal(tree_find(t, &stranger), TREE_NONE);
    }
}

/* The nodes from place `first` on. */
static void keep_some(struct tree *t, uint32_t *names, uint32_t n, uint32_t first)
{
    uint32_t *map = malloc(t->count * sizeof(*map)), base = t->base;
    assert_non_null(map);
    for (uint32_t place = 0; place < t->count; place++)
        map[place] = place < first ? TREE_NONE : 0;
    tree_keep(t, map);
    for (uint32_t i = 0; i < n; i++)
        if (names[i] != TREE_NONE)
            names[i] = map[names[i] - base];
    free(map);
}

/* Nodes come, chunks of them are dropped, all get other names; somebody looks now and then, or never for long. */
static void run_index(unsigned looks)
{
    static uint32_t names[PLANTED];
    struct tree t;
    const block_hash none = planted_hash(0);
    tree_init(&t, seed);
    assert_int_equal(tree_find(&t, &none), TREE_NONE);
    for (uint32_t i = 0; i < PLANTED; i++) {
        names[i] = plant(&t, i, i ? names[i - 1] : TREE_NONE);
        if (below(looks) == 0)
            check_found(&t, names, i + 1);
        if (below(1500) == 0 && t.count > TREE_CHUNK) {
            uint32_t n = TREE_CHUNK * (1 + below((t.count - 1) / TREE_CHUNK));
            for (uint32_t k = 0; k <= i; k++)
                names[k] = names[k] == TREE_NONE || names[k] - t.base < n ? TREE_NONE : names[k];
            tree_drop(&t, n);
            assert_int_equal(t.height, tree_node(&t, t.base)->height);
        } else if (below(3000) == 0) {
            keep_some(&t, names, i + 1, below(t.count));
        }
    }
    check_found(&t, names, PLANTED);
    for (uint32_t i = 0; i < PLANTED; i++) {
        const block_hash hash = planted_hash(i);
        assert_int_equal(tree_find(&t, &hash), names[i]);
    }
    tree_free(&t);
}

static void test_index(void **state)
{
    (void)state;
    for (int round = 0; round < 4; round++) {
        run_index(3);
        run_index(400);
        run_index(5000);
        run_index(10 * PLANTED);
    }
}

/* Each allocation fails once: the header is refused for want of memory, nothing changes, and it can be added afterwards. */
static void test_failing_allocations(void **state)
{
    (void)state;
    enum { LONG = 1100 }; /* more than one chunk of nodes */
    struct chain_params p;
    assert_true(chain_params_init(&p, "regtest"));
    struct mined *chain = malloc(LONG * sizeof(*chain));
    assert_non_null(chain);
    for (uint32_t i = 0; i < LONG; i++)
        chain[i] = mine_after(i ? &chain[i - 1].hash : &p.genesis_hash, START_S + 1 + i, 0);
    size_t failures = 0;
    for (size_t nth = 1;; nth++) {
        struct headers *h = NULL;
        size_t failed = 0;
        mem_fail_after(nth);
        while (headers_new(&h, &p, seed) != 0) {
            assert_null(h);
            failed++;
        }
        for (int i = 0; i < LONG; i++) {
            headers_node node;
            dspv_fault fault;
            int rc = add(h, &chain[i], &node, &fault);
            if (rc == DSPV_ENOMEM) {
                failed++;
                assert_int_equal(headers_tip_height(h), i);
                assert_int_equal(headers_count(h), i + 1);
                assert_int_equal(headers_find(h, &chain[i].hash), HEADERS_NONE);
                rc = add(h, &chain[i], &node, &fault);
            }
            assert_int_equal(rc, 0);
            assert_int_equal(node, i + 1);
        }
        mem_fail_after(0);
        for (int i = 0; i < LONG; i++)
            assert_int_equal(headers_at(h, i + 1), headers_find(h, &chain[i].hash));
        headers_free(h);
        assert_true(failed <= 1);
        failures += failed;
        if (failed == 0)
            break;
    }
    assert_true(failures > 15);
    print_message("%zu allocations failed once each\n", failures);
    free(chain);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_trees),        cmocka_unit_test(test_random_trees_with_chainlocks),
        cmocka_unit_test(test_deep_reorganisation), cmocka_unit_test(test_chainlock_moves_the_tip),
        cmocka_unit_test(test_ancestors_are_few_steps_away), cmocka_unit_test(test_index),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
