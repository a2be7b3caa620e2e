/* evo/quorumset.h against a naive array: content, order, roots, refused diffs, shared commitments, running out of memory. */
#include "support/data.h"
#include "support/naive_merkle.h"

#include "base/mem.h"
#include "crypto/sha256.h"
#include "evo/quorumset.h"

enum { MOST = 64, RAW_MAX = 400 };

/* A commitment as the model knows it: its bytes. */
struct item {
    uint8_t bytes[RAW_MAX];
    size_t n;
};

struct model {
    struct item items[2 * MOST];
    size_t n;
};

/* Written by hand (protocol.md 5), not by the encoder. `type` is any byte: sets keep types that nobody knows. */
static struct item random_item(uint64_t *random)
{
    static const uint8_t sizes[] = {0, 3, 8, 50, 60, 100};
    struct item i = {.n = 0};
    uint8_t version = (uint8_t)(1 + test_random(random) % 4), bits = sizes[test_random(random) % 6];
    i.bytes[i.n] = version;
    i.n += 2;
    i.bytes[i.n++] = (uint8_t)(test_random(random) % 4 ? test_random(random) % 3 : test_random(random));
    for (int k = 0; k < 32; k++)
        i.bytes[i.n++] = (uint8_t)test_random(random);
    if (version % 2 == 0) {
        i.bytes[i.n] = (uint8_t)(test_random(random) % 32);
        i.n += 2;
    }
    for (int set = 0; set < 2; set++) {
        i.bytes[i.n++] = bits;
        for (int k = 0; k < (bits + 7) / 8; k++)
            i.bytes[i.n++] = (uint8_t)test_random(random);
        if (bits % 8)
            i.bytes[i.n - 1] &= (uint8_t)((1 << bits % 8) - 1);
    }
    for (int k = 0; k < 48 + 32 + 96 + 96; k++)
        i.bytes[i.n++] = (uint8_t)test_random(random);
    assert_true(i.n <= RAW_MAX);
    return i;
}

static struct commitment decode(const uint8_t *bytes, size_t n)
{
    struct reader r;
    struct commitment c;
    reader_init(&r, bytes, n);
    commitment_decode(&r, &c);
    assert_true(reader_finish(&r));
    return c;
}

static int item_order(const void *a, const void *b)
{
    const struct item *x = a, *y = b;
    return memcmp(x->bytes + 2, y->bytes + 2, 33); /* type, hash */
}

static struct quorum_ref ref_of(const struct item *i)
{
    return (struct quorum_ref){i->bytes[2], quorum_hash_from(i->bytes + 3)};
}

struct change {
    struct mnlistdiff d;
    struct quorum_ref deleted[2 * MOST];
    struct commitment new[2 * MOST];
    struct item items[2 * MOST];
};

static void change_init(struct change *c)
{
    memset(c, 0, sizeof(*c));
    c->d.deleted_quorums = c->deleted;
    c->d.new_quorums = c->new;
}

static void change_add(struct change *c, const struct item *i)
{
    uint32_t at = c->d.n_new_quorums++;
    c->items[at] = *i;
    c->new[at] = decode(c->items[at].bytes, i->n);
}

static void change_delete(struct change *c, const struct item *i)
{
    c->deleted[c->d.n_deleted_quorums++] = ref_of(i);
}

/* A random good diff, and the model after it. Some are deleted and added again with other contents. */
static void random_change(struct change *c, struct model *m, uint64_t *random)
{
    change_init(c);
    size_t kept = 0;
    for (size_t i = 0; i < m->n; i++) {
        uint64_t dice = test_random(random) % 8;
        if (dice == 0) {
            change_delete(c, &m->items[i]);
            continue;
        }
        if (dice == 1) {
            change_delete(c, &m->items[i]);
            m->items[i].bytes[m->items[i].n - 1] ^= 1;
            change_add(c, &m->items[i]);
        }
        m->items[kept++] = m->items[i];
    }
    m->n = kept;
    for (uint64_t fresh = test_random(random) % 8; fresh > 0 && m->n < MOST; fresh--) {
        m->items[m->n] = random_item(random);
        change_add(c, &m->items[m->n++]);
    }
    qsort(m->items, m->n, sizeof(m->items[0]), item_order);
}

static int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* Leaves ascending by hash; levels with the last of an odd one doubled. */
static hash256 model_root(const struct model *m)
{
    hash256 level[2 * MOST + 2] = {0};
    for (size_t i = 0; i < m->n; i++)
        sha256d(level[i].b, m->items[i].bytes, m->items[i].n);
    qsort(level, m->n, sizeof(level[0]), hash_order);
    return naive_merkle_root(level, m->n);
}

static void assert_equals_model(const struct quorumset *s, const struct model *m)
{
    assert_int_equal(s->n, m->n);
    for (size_t i = 0; i < m->n; i++) {
        const struct quorum *q = s->items[i];
        assert_int_equal(q->c.raw.n, m->items[i].n);
        assert_memory_equal(q->c.raw.p, m->items[i].bytes, q->c.raw.n);
        assert_true(q->c.public_key > q->raw && q->c.members_sig + 96 <= q->raw + q->c.raw.n);
        struct quorum_ref ref = ref_of(&m->items[i]);
        assert_ptr_equal(quorumset_find(s, ref.type, &ref.hash), q);
        ref.hash.b[0] ^= 0x80;
        assert_null(quorumset_find(s, ref.type, &ref.hash));
    }
    hash256 root = quorumset_root(s), expected = model_root(m);
    assert_memory_equal(root.b, expected.b, 32);
}

static struct quorumset *apply(struct quorumset *base, const struct change *c)
{
    struct quorumset *s = NULL;
    dspv_fault fault;
    assert_int_equal(quorumset_apply(base, NULL, &c->d, &s, &fault), 0);
    return s;
}

static void test_random_diffs(void **state)
{
    (void)state;
    uint64_t random = 21;
    static struct model m, before;
    static struct change c;
    m.n = 0;
    struct quorumset *set = NULL;
    for (int round = 0; round < 400; round++) {
        before = m;
        random_change(&c, &m, &random);
        struct quorumset *next = apply(set, &c);
        assert_equals_model(next, &m);
        if (set)
            assert_equals_model(set, &before);
        /* What did not change is the same object. */
        for (uint32_t i = 0; set && i < next->n; i++) {
            const struct quorum *q = next->items[i], *old = quorumset_find(set, q->c.type, &q->c.hash);
            if (old && hash256_eq(&old->leaf, &q->leaf))
                assert_ptr_equal(old, q);
        }
        quorumset_unref(set);
        set = next;
    }
    quorumset_unref(set);
}

static void assert_refused(struct quorumset *base, const struct change *c, dspv_reason reason, const struct item *about)
{
    struct quorumset *s = NULL;
    dspv_fault fault = {0};
    assert_int_equal(quorumset_apply(base, NULL, &c->d, &s, &fault), DSPV_EFAULT);
    assert_null(s);
    assert_int_equal(fault.reason, reason);
    assert_int_equal(fault.llmq_type, about->bytes[2]);
    assert_true(fault.has_hash);
    assert_memory_equal(fault.hash, about->bytes + 3, 32);
}

static struct quorumset *twenty(struct model *m, uint64_t *random)
{
    static struct change c;
    change_init(&c);
    for (m->n = 0; m->n < 20; m->n++) {
        m->items[m->n] = random_item(random);
        change_add(&c, &m->items[m->n]);
    }
    qsort(m->items, m->n, sizeof(m->items[0]), item_order);
    return apply(NULL, &c);
}

static void test_refused_diffs(void **state)
{
    (void)state;
    uint64_t random = 22;
    static struct model m;
    static struct change c;
    struct quorumset *set = twenty(&m, &random);
    for (int round = 0; round < 60; round++) {
        struct item *known = &m.items[test_random(&random) % m.n], stranger = random_item(&random);
        change_init(&c); /* deleted, but never there: neither type nor hash; right hash, wrong type */
        change_delete(&c, &stranger);
        assert_refused(set, &c, DSPV_DELETED_QUORUM_NOT_PRESENT, &stranger);
        assert_refused(NULL, &c, DSPV_DELETED_QUORUM_NOT_PRESENT, &stranger);
        stranger = *known;
        stranger.bytes[2] ^= 0x40;
        change_init(&c);
        change_delete(&c, &stranger);
        assert_refused(set, &c, DSPV_DELETED_QUORUM_NOT_PRESENT, &stranger);
        change_init(&c); /* deleted twice */
        change_delete(&c, known);
        change_delete(&c, known);
        assert_refused(set, &c, DSPV_DELETED_QUORUM_NOT_PRESENT, known);
        change_init(&c); /* already there: the same bytes, and other bytes of the same name */
        change_add(&c, known);
        assert_refused(set, &c, DSPV_DUPLICATE_QUORUM, known);
        change_init(&c);
        stranger = *known;
        stranger.bytes[stranger.n - 1] ^= 1;
        change_add(&c, &stranger);
        assert_refused(set, &c, DSPV_DUPLICATE_QUORUM, known);
        change_init(&c); /* added twice, also when the old one is deleted */
        change_delete(&c, known);
        change_add(&c, known);
        change_add(&c, &stranger);
        assert_refused(set, &c, DSPV_DUPLICATE_QUORUM, known);
    }
    assert_equals_model(set, &m);
    quorumset_unref(set);
}

static void test_null_commitment(void **state)
{
    (void)state;
    struct item null = {.bytes = {1, 0, 100}, .n = 2 + 1 + 32 + 2 * (1 + 7) + 48 + 32 + 96 + 96};
    null.bytes[2 + 1 + 32] = null.bytes[2 + 1 + 32 + 8] = 50;
    null.bytes[3] = 9;
    static struct change c;
    change_init(&c);
    change_add(&c, &null);
    assert_refused(NULL, &c, DSPV_QUORUM_NULL, &null);
}

/* The empty set's root is zeros; one leaf is its own root. */
static void test_small_roots(void **state)
{
    (void)state;
    uint64_t random = 23;
    static struct change c;
    static struct model m;
    change_init(&c);
    struct quorumset *empty = apply(NULL, &c);
    m.n = 0;
    assert_equals_model(empty, &m);
    hash256 root = quorumset_root(empty);
    assert_true(hash256_is_zero(&root));
    m.items[m.n++] = random_item(&random);
    change_add(&c, &m.items[0]);
    struct quorumset *one = apply(empty, &c);
    assert_equals_model(one, &m);
    root = quorumset_root(one);
    assert_memory_equal(root.b, one->items[0]->leaf.b, 32);
    quorumset_unref(empty);
    quorumset_unref(one);
    quorumset_unref(NULL);
    quorum_unref(NULL);
}

/* A set from nothing shares with another one the commitments that both hold; a diff without quorums gives the set itself. */
static void test_like(void **state)
{
    (void)state;
    uint64_t random = 25;
    static struct model m;
    static struct change c;
    struct quorumset *set = twenty(&m, &random), *other, *same;
    dspv_fault fault;
    m.items[3].bytes[m.items[3].n - 1] ^= 1;
    change_init(&c);
    for (size_t i = 0; i < m.n; i++)
        change_add(&c, &m.items[i]);
    assert_int_equal(quorumset_apply(NULL, set, &c.d, &other, &fault), 0);
    assert_equals_model(other, &m);
    for (size_t i = 0; i < m.n; i++)
        assert_int_equal(set->items[i] == other->items[i], i != 3);
    change_init(&c);
    assert_int_equal(quorumset_apply(other, NULL, &c.d, &same, &fault), 0);
    assert_ptr_equal(same, other);
    quorumset_unref(set);
    assert_equals_model(other, &m);
    quorumset_unref(other);
    quorumset_unref(same);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    uint64_t random = 24;
    static struct model m, before;
    static struct change c;
    struct quorumset *set = twenty(&m, &random), *next = NULL;
    before = m;
    random_change(&c, &m, &random);
    dspv_fault fault;
    size_t fail_at = 0;
    int error;
    do {
        mem_fail_after(++fail_at);
        error = quorumset_apply(set, NULL, &c.d, &next, &fault);
        mem_fail_after(0);
        if (error != 0) {
            assert_int_equal(error, DSPV_ENOMEM);
            assert_null(next);
        }
    } while (error != 0);
    assert_true(fail_at > 3);
    assert_equals_model(set, &before);
    assert_equals_model(next, &m);
    quorumset_unref(set);
    quorumset_unref(next);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_diffs),
        cmocka_unit_test(test_refused_diffs),
        cmocka_unit_test(test_null_commitment),
        cmocka_unit_test(test_small_roots),
        cmocka_unit_test(test_like),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
