/* crypto/merkle_tree.h against roots made level by level: chains of random changes, every small size, running out of memory. */
#include "support/data.h"
#include "support/naive_merkle.h"

#include "base/mem.h"
#include "crypto/merkle_tree.h"
#include "crypto/sha256.h"

enum { MOST = 9000 };

struct sequence {
    hash256 *items;
    size_t n;
};

static hash256 random_hash(uint64_t *random)
{
    hash256 h;
    for (size_t i = 0; i < 32; i++)
        h.b[i] = (uint8_t)test_random(random);
    return h;
}

static struct sequence sequence_new(size_t n, uint64_t *random)
{
    struct sequence s = {calloc(n + 1, sizeof(hash256)), n};
    for (size_t i = 0; i < n; i++)
        s.items[i] = random_hash(random);
    return s;
}

static void read_items(const void *owner, size_t from, size_t n, hash256 *out)
{
    const struct sequence *s = owner;
    assert_true(n > 0 && from + n <= s->n);
    memcpy(out, s->items + from, n * sizeof(*out));
}

static hash256 naive_root(const struct sequence *s)
{
    hash256 *level = calloc(s->n + 2, sizeof(*level)), root;
    memcpy(level, s->items, s->n * sizeof(*level));
    root = naive_merkle_root(level, s->n);
    free(level);
    return root;
}

static int make(struct merkle_tree **out, const struct merkle_tree *base, const struct merkle_leaves *leaves,
                struct merkle_range *ranges, size_t n)
{
    const struct merkle_changes changes = {.ranges = ranges, .n = n};
    struct arena scratch;
    arena_init(&scratch, 0);
    int error = merkle_tree_new(out, base, leaves, &changes, &scratch);
    arena_free(&scratch);
    return error;
}

static struct merkle_tree *tree_of(const struct merkle_tree *base, const struct sequence *s, struct merkle_range *ranges,
                                   size_t n)
{
    const struct merkle_leaves leaves = {s->n, read_items, s};
    struct merkle_tree *t = NULL;
    assert_int_equal(make(&t, base, &leaves, ranges, n), 0);
    return t;
}

static void assert_root(const struct merkle_tree *t, const struct sequence *s)
{
    hash256 root = merkle_tree_root(t), expected = naive_root(s);
    assert_memory_equal(root.b, expected.b, 32);
}

static void test_sizes(void **state)
{
    (void)state;
    uint64_t random = 1;
    static const size_t large[] = {1023, 1024, 1025, 4095, 4096, 4097, 4112, 8192, 8193};
    struct sequence s = sequence_new(MOST, &random);
    for (size_t i = 0; i < 700 + sizeof(large) / sizeof(large[0]); i++) {
        s.n = i < 700 ? i : large[i - 700];
        struct merkle_tree *t = tree_of(NULL, &s, NULL, 0);
        assert_root(t, &s);
        merkle_tree_free(t);
    }
    free(s.items);
}

/* From any length to any other, nothing changed but the end. */
static void test_lengths(void **state)
{
    (void)state;
    uint64_t random = 2;
    struct sequence s = sequence_new(MOST, &random);
    for (int round = 0; round < 1500; round++) {
        size_t most = round % 3 == 0 ? 40 : round % 3 == 1 ? 600 : MOST;
        size_t before = test_random(&random) % most, after = test_random(&random) % most;
        if (round % 2)
            after = before + test_random(&random) % 40 < MOST ? before + test_random(&random) % 40 : before;
        s.n = before;
        struct merkle_tree *base = tree_of(NULL, &s, NULL, 0);
        s.n = after;
        struct merkle_tree *t = tree_of(base, &s, NULL, 0);
        assert_root(t, &s);
        merkle_tree_free(base); /* what is shared stays */
        assert_root(t, &s);
        merkle_tree_free(t);
    }
    free(s.items);
}

/* Random ranges change, now and then the length too; the trees before stay what they were. */
static void test_changes(void **state)
{
    (void)state;
    enum { ROUNDS = 400, RANGES = 12 };
    uint64_t random = 3;
    struct sequence s = sequence_new(MOST, &random);
    s.n = 3000;
    struct merkle_tree *trees[ROUNDS + 1] = {tree_of(NULL, &s, NULL, 0)};
    hash256 roots[ROUNDS + 1] = {naive_root(&s)};
    for (size_t round = 1; round <= ROUNDS; round++) {
        struct merkle_range ranges[RANGES];
        size_t n = 0, from = 0, before = s.n;
        if (round % 5 == 0)
            s.n = test_random(&random) % (round % 10 ? MOST : 300);
        for (size_t most = test_random(&random) % RANGES; n < most; n++) {
            from += 1 + test_random(&random) % 600;
            size_t to = from + test_random(&random) % (round % 2 ? 2 : 70);
            if (to > s.n)
                break;
            for (size_t i = from; i < to; i++)
                s.items[i] = random_hash(&random);
            ranges[n] = (struct merkle_range){from, to};
            from = to;
        }
        for (size_t i = before; i < s.n; i++)
            s.items[i] = random_hash(&random);
        trees[round] = tree_of(trees[round - 1], &s, ranges, n);
        assert_root(trees[round], &s);
        roots[round] = merkle_tree_root(trees[round]);
    }
    for (size_t i = 0; i <= ROUNDS; i++) {
        hash256 root = merkle_tree_root(trees[i]);
        assert_memory_equal(root.b, roots[i].b, 32);
        merkle_tree_free(trees[i]);
    }
    free(s.items);
}

static struct counted {
    struct sequence s;
    size_t read;
} counted;

static void read_counted(const void *owner, size_t from, size_t n, hash256 *out)
{
    counted.read += n;
    read_items(owner, from, n, out);
}

/* One leaf of 64 000 changes: 16 leaves are looked at, and few pages are new. */
static void test_cost(void **state)
{
    (void)state;
    uint64_t random = 4;
    counted.s = sequence_new(64000, &random);
    const struct merkle_leaves leaves = {counted.s.n, read_counted, &counted.s};
    struct merkle_tree *base, *t;
    assert_int_equal(make(&base, NULL, &leaves, NULL, 0), 0);
    for (int round = 0; round < 20; round++) {
        size_t at = test_random(&random) % counted.s.n;
        struct merkle_range changed = {at, at + 1};
        counted.s.items[at].b[0] ^= 1;
        counted.read = 0;
        assert_int_equal(make(&t, base, &leaves, &changed, 1), 0);
        assert_int_equal(counted.read, 16);
        assert_true(merkle_tree_memory(t, base) < 3500);
        merkle_tree_free(base);
        base = t;
    }
    assert_root(base, &counted.s);
    assert_true(merkle_tree_memory(base, NULL) < counted.s.n * 5);
    assert_true(merkle_tree_memory(base, base) < 100);
    merkle_tree_free(base);
    free(counted.s.items);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    uint64_t random = 5;
    struct sequence s = sequence_new(6000, &random);
    struct merkle_tree *base = tree_of(NULL, &s, NULL, 0), *t = NULL;
    hash256 root = merkle_tree_root(base);
    const struct merkle_leaves leaves = {s.n, read_items, &s};
    struct merkle_range changed[] = {{10, 11}, {700, 900}, {5000, 5001}};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = changed[i].from; k < changed[i].to; k++)
            s.items[k] = random_hash(&random);
    size_t fail_at = 0;
    int error;
    do {
        mem_fail_after(++fail_at);
        error = make(&t, base, &leaves, changed, 3);
        mem_fail_after(0);
        assert_true(error == 0 || (error == DSPV_ENOMEM && !t));
        hash256 still = merkle_tree_root(base);
        assert_memory_equal(still.b, root.b, 32);
    } while (error != 0);
    assert_true(fail_at > 5);
    assert_root(t, &s);
    merkle_tree_free(t);
    merkle_tree_free(base);
    merkle_tree_free(NULL);
    free(s.items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sizes), cmocka_unit_test(test_lengths),       cmocka_unit_test(test_changes),
        cmocka_unit_test(test_cost),  cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
