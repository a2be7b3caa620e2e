/* llmq/members.h: modifiers, ranking and members of non-rotated quorums. */
#include "llmq/captured.h"
#include "llmq/made_up.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

/* ---- without data */

static void assert_hex(const uint8_t *bytes, const char *hex)
{
    uint8_t expected[32];
    assert_true(hex_decode(hex, expected, 32));
    assert_memory_equal(bytes, expected, 32);
}

/* quorums.md 10, q-hash example: what a score is made of. */
static void test_score_seed(void **state)
{
    (void)state;
    uint8_t pair[64], seed[32];
    assert_true(hash_from_hex("3e596421618da23ec6700771c2f4cf819fd9ddec753f7889c96f7d1ecb6f9c40", pair));
    assert_true(hash_from_hex("000000000000001139f2d742383bcb7824a2297a12ee305e260f85b9c947bb44", pair + 32));
    sha256(seed, pair, 64);
    assert_hex(seed, "ff039409bce9fa9e3817c51fc74008e025f301c1937394bef63d69cc38ca074a");
    struct made_up_mn d = made_up_distinct(1, false);
    struct masternode *m = made_up_masternode(&d);
    memcpy(pair, m->entry.protx.b, 32);
    memcpy(pair + 32, m->entry.confirmed.b, 32);
    sha256(seed, pair, 64);
    assert_memory_equal(m->score_seed, seed, 32);
    masternode_unref(m);
}

static void score_of(const struct masternode *m, const hash256 *modifier, uint8_t out[32])
{
    uint8_t seed_and_modifier[64];
    memcpy(seed_and_modifier, m->score_seed, 32);
    memcpy(seed_and_modifier + 32, modifier->b, 32);
    sha256(out, seed_and_modifier, 64);
}

/* Little-endian numbers, byte by byte. */
static bool is_greater(const uint8_t a[32], const uint8_t b[32])
{
    for (int i = 31; i >= 0; i--)
        if (a[i] != b[i])
            return a[i] > b[i];
    return false;
}

static void test_ranking(void **state)
{
    (void)state;
    uint64_t random = 1;
    for (int round = 0; round < 30; round++) {
        struct made_up_mn d[64];
        size_t n = test_random(&random) % 64, n_eligible = 0, n_evo = 0;
        for (size_t i = 0; i < n; i++) {
            d[i] = made_up_distinct((uint32_t)i, test_random(&random) % 3 == 0);
            d[i].banned = test_random(&random) % 4 == 0;
            d[i].unconfirmed = test_random(&random) % 8 == 0;
            bool eligible = !d[i].banned && !d[i].unconfirmed;
            n_eligible += eligible;
            n_evo += eligible && d[i].type == 1;
        }
        struct mnlist *list = made_up_list(d, n);
        hash256 modifier = {{(uint8_t)round}};
        struct masternode **ranked;
        size_t count;
        assert_int_equal(llmq_rank(list, &modifier, false, 0, &ranked, &count), 0);
        assert_int_equal(count, n_eligible);
        for (size_t i = 0; i < count; i++) {
            uint8_t score[32], next[32];
            assert_true(masternode_eligible(ranked[i]));
            score_of(ranked[i], &modifier, score);
            if (i + 1 < count) {
                score_of(ranked[i + 1], &modifier, next);
                assert_true(is_greater(score, next));
            }
        }
        /* Any order of the input gives the same. */
        struct masternode *shuffled[64];
        for (size_t i = 0; i < count; i++) {
            size_t k = test_random(&random) % (i + 1);
            shuffled[i] = shuffled[k];
            shuffled[k] = ranked[i];
        }
        assert_int_equal(llmq_rank_array(shuffled, count, &modifier), 0);
        for (size_t i = 0; i < count; i++)
            assert_ptr_equal(shuffled[i], ranked[i]);
        struct masternode **few, **evo;
        size_t n_few, evo_count;
        for (size_t limit = 1; limit <= n_eligible + 2; limit++) {
            assert_int_equal(llmq_rank(list, &modifier, false, limit, &few, &n_few), 0);
            assert_int_equal(n_few, n_eligible < limit ? n_eligible : limit);
            for (size_t i = 0; i < n_few; i++)
                assert_ptr_equal(few[i], ranked[i]);
            mem_free(few);
        }
        assert_int_equal(llmq_rank(list, &modifier, true, 0, &evo, &evo_count), 0);
        assert_int_equal(evo_count, n_evo);
        for (size_t i = 0; i < evo_count; i++)
            assert_true(masternode_is_evo(evo[i]));
        mem_free(ranked);
        mem_free(evo);
        mnlist_unref(list);
    }
}

static void assert_modifier(const struct network *net, uint8_t type, int32_t base, const block_hash *base_hash,
                            const struct mnstate *work, const void *hashed, size_t n)
{
    uint8_t bytes[128] = {type}, expected[32];
    memcpy(bytes + 1, hashed, n);
    sha256d(expected, bytes, n + 1);
    hash256 got = llmq_modifier(net, network_llmq(net, type), base, base_hash, work);
    assert_memory_equal(got.b, expected, 32);
}

/* The table of quorums.md 2.2 around V20. */
static void test_modifier_eras(void **state)
{
    (void)state;
    struct network net;
    assert_true(network_init(&net, "regtest"));
    assert_null(network_override(&net, "testactivationheight", "v20@1000"));
    struct made_up_mn none;
    struct mnlist *list = made_up_list(&none, 0);
    struct mnstate work = made_up_state(list, 7);
    work.has_cbtx = true;
    work.cbtx.version = 3;
    memset(work.cbtx.best_cl_signature, 0xab, 96);
    const block_hash base_hash = {{1, 2, 3}};
    uint8_t with_signature[4 + 96];
    memset(with_signature + 4, 0xab, 96);

    assert_modifier(&net, 100, 1006, &base_hash, &work, base_hash.b, 32);   /* w = 998: before */
    assert_modifier(&net, 100, 1006, &base_hash, NULL, base_hash.b, 32);    /* needs no list */
    assert_modifier(&net, 103, 1006, NULL, &work, work.block.b, 32);        /* rotated: the work block */
    assert_modifier(&net, 100, 1007, NULL, &work, work.block.b, 32);        /* w = 999: no signature yet */
    assert_modifier(&net, 103, 1007, NULL, &work, work.block.b, 32);
    store_le32(with_signature, 1000);
    assert_modifier(&net, 100, 1008, NULL, &work, with_signature, 100);     /* w = 1000 */
    assert_modifier(&net, 103, 1008, NULL, &work, with_signature, 100);
    store_le32(with_signature, 123456);
    assert_modifier(&net, 100, 123464, NULL, &work, with_signature, 100);
    memset(work.cbtx.best_cl_signature, 0, 96);
    assert_modifier(&net, 100, 1008, NULL, &work, work.block.b, 32);        /* null signature */

    assert_int_equal(llmq_list_height(&net, 998), 998);
    assert_int_equal(llmq_list_height(&net, 999), 991);
    assert_int_equal(llmq_list_height(&net, 1000), 992);
    mnlist_unref(list);
}

static void test_members_of_a_small_list(void **state)
{
    (void)state;
    struct network net;
    assert_true(network_init(&net, "regtest"));
    assert_null(network_override(&net, "testactivationheight", "v19@1000"));
    struct made_up_mn d[4];
    for (uint32_t i = 0; i < 4; i++)
        d[i] = made_up_distinct(i, i >= 2);
    d[0].banned = true;
    struct mnlist *list = made_up_list(d, 4);
    struct mnstate work = made_up_state(list, 1);
    const block_hash base_hash = {{9}};
    struct members *m;
    /* One banned: the three left are all members, whoever is Evo. */
    assert_int_equal(llmq_members(&net, network_llmq(&net, 100), 480, &base_hash, &work, &m), 0);
    assert_int_equal(m->n, 3);
    members_free(m);
    /* The Platform type takes Evo nodes only, from V19 on. */
    assert_int_equal(llmq_members(&net, network_llmq(&net, 106), 480, &base_hash, &work, &m), 0);
    assert_int_equal(m->n, 3);
    members_free(m);
    assert_int_equal(llmq_members(&net, network_llmq(&net, 106), 1008, &base_hash, &work, &m), 0);
    assert_int_equal(m->n, 2);
    for (uint32_t i = 0; i < m->n; i++)
        assert_true(masternode_is_evo(m->mn[i]));
    members_free(m);
    /* Truncated to the size. */
    assert_null(network_override(&net, "llmqtestparams", "2:1"));
    assert_int_equal(llmq_members(&net, network_llmq(&net, 100), 480, &base_hash, &work, &m), 0);
    assert_int_equal(m->n, 2);
    members_free(m);
    assert_int_equal(llmq_members(&net, network_llmq(&net, 100), 481, &base_hash, &work, &m), 0);
    assert_int_equal(m->n, 0);
    members_free(m);
    mnlist_unref(list);
}

static void test_members_without_memory(void **state)
{
    (void)state;
    struct network net;
    assert_true(network_init(&net, "regtest"));
    struct made_up_mn d[5];
    for (uint32_t i = 0; i < 5; i++)
        d[i] = made_up_distinct(i, false);
    struct mnlist *list = made_up_list(d, 5);
    struct mnstate work = made_up_state(list, 1);
    const block_hash base_hash = {{9}};
    struct members *m = NULL;
    int error;
    size_t n = 0;
    do {
        mem_fail_after(++n);
        error = llmq_members(&net, network_llmq(&net, 100), 240, &base_hash, &work, &m);
        mem_fail_after(0);
    } while (error == DSPV_ENOMEM);
    assert_int_equal(error, 0);
    assert_int_equal(n, 4); /* three allocations can fail */
    members_free(m);
    mnlist_unref(list);
}

/* ---- the mainnet capture of quorums.md 10 */

static void open_capture(struct captured *c)
{
    struct qrinfo q;
    captured_open(c, "mainnet");
    captured_qrinfo_file(c, "mainnet/qrinfo_2028764_v70230.bin", &q);
}

static void test_mainnet_modifiers(void **state)
{
    (void)state;
    data_or_skip();
    static const struct {
        uint8_t type;
        int32_t base;
        const char *raw;
    } expected[] = {
        {2, 2028672, "5a6472e0975685a5f2bcfd4c59f57a97281a208d53990c6d5e6008c737b55ef7"},
        {3, 2028672, "3ca6078468f10c9c50e5ec034925584fcc1b3ad83a0f10faccb53f945b9c6a60"},
        {4, 2028672, "76f2642ed8249ba72da91742069fb834a61f799a3192cb7282273c1d3c081663"},
        {5, 2028672, "af91d8b15fe8428f27be5fd38ffa99ff691a08d1fc9b74ac9195fce7edd72c9e"},
        {5, 2028384, "20711dff4d0efd8c0d0e42b5f04987ed84e4345b30d353c0425538c6eac0bde1"},
        {5, 2028096, "028bbb995709607d9fb19c016a6d39f85ad21c2de42a69d8a5b4ea44059aa498"},
        {5, 2027808, "f017bb8ffb523eac342030f96d10cb51bc9a3e68dadff570aba9c400038b590e"},
    };
    struct captured c;
    open_capture(&c);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        const struct mnstate *work = captured_at(&c, llmq_work_height(expected[i].base));
        hash256 m = llmq_modifier(&c.net, captured_llmq(&c, expected[i].type), expected[i].base, NULL, work);
        assert_hex(m.b, expected[i].raw);
    }
    captured_close(&c);
}

static void test_mainnet_members(void **state)
{
    (void)state;
    data_or_skip();
    static const struct {
        uint8_t type;
        uint32_t position;
        const char *protx;
    } expected[] = {
        {2, 0, "b2e6f5ed2a7820c1ec91b2fb87593d2ab1eddad9ddad6c21acdfab2a944b41d4"},
        {2, 1, "a07313deaf12b1471e600ebaf7bae1e8becab8c8647eb26f7d2c15457a6684d0"},
        {2, 399, "1d027604b1a3eef32924551637832460afa0b2c48554f8689c12e5896026709e"},
        {4, 0, "bf86442200d72693d7f1e6bf5fac0325d45fc652bbdbc3be66da142164eecc5f"},
        {4, 1, "a116c0ec761f0542919fbf226b4c8d77a57ef064e09df201dfe9aacb0d9018b6"},
        {4, 99, "e3649da90c682f1eb4ab90b66be92b892926edbb3924fd1a74dd53e2d1646b06"},
    };
    struct captured c;
    open_capture(&c);
    const struct mnstate *work = captured_at(&c, 2028664);
    struct masternode **ranked;
    size_t n;
    hash256 modifier = llmq_modifier(&c.net, captured_llmq(&c, 2), 2028672, NULL, work);
    assert_int_equal(llmq_rank(work->list, &modifier, false, 0, &ranked, &n), 0);
    assert_int_equal(n, 3005);
    mem_free(ranked);
    assert_int_equal(llmq_rank(work->list, &modifier, true, 0, &ranked, &n), 0);
    assert_int_equal(n, 127);
    mem_free(ranked);
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        struct members *m = captured_members(&c, captured_llmq(&c, expected[i].type), 2028672, NULL);
        assert_int_equal(m->n, expected[i].type == 2 ? 400 : 100);
        char hex[65];
        hash_to_hex(m->mn[expected[i].position]->entry.protx.b, hex);
        assert_string_equal(hex, expected[i].protx);
        members_free(m);
    }
    captured_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_score_seed),
        cmocka_unit_test(test_ranking),
        cmocka_unit_test(test_modifier_eras),
        cmocka_unit_test(test_members_of_a_small_list),
        cmocka_unit_test(test_members_without_memory),
        cmocka_unit_test(test_mainnet_modifiers),
        cmocka_unit_test(test_mainnet_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
