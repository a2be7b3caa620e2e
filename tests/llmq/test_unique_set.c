/* llmq/unique_set.h: which masternodes exclude each other (quorums.md 3.6). */
#include "llmq/made_up.h"

#include "llmq/unique_set.h"

static const uint64_t SEED[2] = {1, 2};

static bool add(struct unique_set *s, struct masternode *m)
{
    bool added;
    assert_int_equal(unique_set_add(s, m, &added), 0);
    return added;
}

/* Is `b` accepted after `a`? */
static bool coexist(const struct made_up_mn *a, const struct made_up_mn *b)
{
    struct unique_set s;
    unique_set_init(&s, SEED);
    struct masternode *first = made_up_masternode(a), *second = made_up_masternode(b);
    assert_true(add(&s, first));
    bool accepted = add(&s, second);
    assert_int_equal(s.n, accepted ? 2 : 1);
    assert_int_equal(unique_set_has(&s, &second->entry.protx), accepted || a->id == b->id);
    assert_true(unique_set_has(&s, &first->entry.protx));
    unique_set_free(&s);
    masternode_unref(first);
    masternode_unref(second);
    return accepted;
}

static void test_conflicts(void **state)
{
    (void)state;
    struct made_up_mn a = made_up_distinct(1, true), b = made_up_distinct(2, true);
    assert_true(coexist(&a, &b));
    assert_false(coexist(&a, &a));

    struct made_up_mn c = b;
    c.id = a.id; /* the same masternode with other properties: the old entry stays */
    assert_false(coexist(&a, &c));

    c = b;
    c.port = a.port;
    assert_false(coexist(&a, &c));
    c.port = a.port = 0; /* no address: no conflict */
    assert_true(coexist(&a, &c));

    a = made_up_distinct(1, true);
    c = b;
    memcpy(c.key, a.key, 48);
    assert_false(coexist(&a, &c));
    memset(a.key, 0, 48);
    memset(c.key, 0, 48); /* no key: no conflict */
    assert_true(coexist(&a, &c));

    a = made_up_distinct(1, true);
    c = b;
    memcpy(c.node_id, a.node_id, 20);
    assert_false(coexist(&a, &c));
    memset(a.node_id, 0, 20);
    memset(c.node_id, 0, 20);
    assert_true(coexist(&a, &c));
}

/* bls.md 2: the same point in the two encodings, the same bytes for two points. */
static void test_operator_keys_are_compared_as_points(void **state)
{
    (void)state;
    struct made_up_mn legacy = made_up_distinct(1, false), basic = made_up_distinct(2, false);
    legacy.version = 1;
    memcpy(legacy.key, "\x97\x12", 2);
    memcpy(basic.key, legacy.key, 48);
    basic.key[0] = 0xb7; /* 0x80 compressed, 0x20 larger y, 0x17 */
    assert_false(coexist(&legacy, &basic));
    assert_false(coexist(&basic, &legacy));
    basic.key[0] = 0x97; /* the opposite point */
    assert_true(coexist(&legacy, &basic));
    legacy.key[0] = 0x17;
    assert_false(coexist(&legacy, &basic));
}

/* Two Core P2P addresses 1.2.3.4:p and 5.6.7.8:p2 and a Platform one, as ExtNetInfo. */
static void test_every_address_counts(void **state)
{
    (void)state;
    struct made_up_mn a = made_up_distinct(1, true), b = made_up_distinct(2, true);
    a.version = b.version = 3;
    a.net_info_hex = "01"   /* version */
                     "02"   /* purposes */
                     "0002" /* core_p2p, two entries */
                     "0101040102030403e9"
                     "0101040506070803ea"
                     "0201" /* platform_https, one entry */
                     "010104090909090050";
    b.net_info_hex = "0101000101010408080808ffff";
    assert_true(coexist(&a, &b));
    b.net_info_hex = "010100010101040506070803ea"; /* the second address */
    assert_false(coexist(&a, &b));
    b.net_info_hex = "010100010101040506070803eb"; /* another port */
    assert_true(coexist(&a, &b));
    b.net_info_hex = "010100010101040909090900" "50"; /* the Platform address, under another purpose */
    assert_false(coexist(&a, &b));
    struct made_up_mn v2 = made_up_distinct(3, false); /* 1.2.3.4 in the 18-byte form */
    v2.port = 0x03e9;
    assert_false(coexist(&a, &v2));
    v2.port = 0x03ea;
    assert_true(coexist(&a, &v2));
    a.net_info_hex = b.net_info_hex = "010100010201610050"; /* the domain "a", port 80 */
    assert_false(coexist(&a, &b));
    b.net_info_hex = "010100010201620050";
    assert_true(coexist(&a, &b));
    b.net_info_hex = "00"; /* no address */
    assert_true(coexist(&a, &b));
    /* A masternode does not conflict with itself. */
    a.net_info_hex = "0102000101010401020304" "0050" "0101010104010203040050";
    assert_true(coexist(&b, &a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conflicts),
        cmocka_unit_test(test_operator_keys_are_compared_as_points),
        cmocka_unit_test(test_every_address_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
