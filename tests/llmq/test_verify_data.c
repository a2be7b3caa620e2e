/* llmq/verify.h on real quorums: structure, members and both signatures. */
#include "llmq/recording.h"

#include "llmq/verify.h"

static const uint64_t SEED[2] = {7, 8};

struct verification {
    struct key_cache *keys;
    struct bls_item *items;
    size_t n;
};

static void verification_open(struct verification *v)
{
    *v = (struct verification){.n = 0};
    assert_int_equal(key_cache_new(&v->keys, SEED), 0);
}

static void verification_close(struct verification *v)
{
    key_cache_free(v->keys);
    free(v->items);
}

/* Check the structure, compute the members and add both items. */
static void add_quorum(struct verification *v, struct captured *c, const struct commitment *q, int32_t base_height)
{
    dspv_fault fault;
    if (quorum_check(&c->net, q, base_height, &fault) != 0)
        fail_msg("type %u index %d at %d: %s", q->type, q->index, base_height, dspv_reason_name(fault.reason));
    block_hash base = block_hash_of_quorum(&q->hash);
    const struct llmq_params *p = captured_llmq(c, q->type);
    struct members *m = captured_members(c, p, base_height, &base);
    v->items = realloc(v->items, (v->n + 2) * sizeof(*v->items));
    assert_int_equal(quorum_items(q, p, m, v->keys, v->items + v->n, &fault), 0);
    v->n += 2;
    members_free(m);
}

/* How many items are valid. */
static size_t valid_items(const struct bls_item *items, size_t n)
{
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){1});
    bool *ok = calloc(n, sizeof(*ok));
    assert_int_equal(bls_batch_verify(items, n, &rng, ok), 0);
    size_t valid = 0;
    for (size_t i = 0; i < n; i++)
        valid += ok[i];
    free(ok);
    return valid;
}

static void open_mainnet(struct captured *c, struct qrinfo *info)
{
    captured_open(c, "mainnet");
    captured_qrinfo_file(c, "mainnet/qrinfo_2028764_v70230.bin", info);
}

static void assert_message(const struct commitment *q, const char *raw)
{
    uint8_t expected[32];
    hash256 message = commitment_message(q);
    assert_true(hex_decode(raw, expected, 32));
    assert_memory_equal(message.b, expected, 32);
}

static const struct commitment *tip_quorum(const struct qrinfo *info, uint8_t type, const char *hash)
{
    uint8_t bytes[32];
    assert_true(hash_from_hex(hash, bytes));
    for (uint32_t i = 0; i < info->tip.n_new_quorums; i++)
        if (info->tip.new_quorums[i].type == type && memcmp(info->tip.new_quorums[i].hash.b, bytes, 32) == 0)
            return &info->tip.new_quorums[i];
    return NULL;
}

static const char BASE_2028672[] = "000000000000000a3d06a381816b3ee9251f9f878012acd68f84639fd37b3607";

static void test_mainnet(void **state)
{
    (void)state;
    data_or_skip();
    struct captured c;
    struct qrinfo info;
    struct verification v;
    open_mainnet(&c, &info);
    verification_open(&v);
    /* The current cycle's quorums came with the tip, those of the cycle before are the last as of the requested block. */
    for (uint32_t i = 0; i < info.tip.n_new_quorums; i++)
        if (info.tip.new_quorums[i].type == 5)
            add_quorum(&v, &c, &info.tip.new_quorums[i], 2028672 + info.tip.new_quorums[i].index);
    for (uint32_t i = 0; i < info.n_last_commitments; i++) {
        const struct commitment *q = &info.last_commitments[i];
        assert_non_null(quorumset_find(captured_at(&c, 2028664)->quorums, 5, &q->hash));
        add_quorum(&v, &c, q, 2028384 + q->index);
    }
    assert_int_equal(v.n, 2 * 64);
    assert_message(tip_quorum(&info, 5, BASE_2028672), "9083248daf723db063161b9fc1061f720e8db99f7fccc3ef9fd2ef8609083aaa");
    for (uint8_t type = 2; type <= 4; type++) {
        const struct commitment *q = tip_quorum(&info, type, BASE_2028672);
        assert_non_null(q);
        add_quorum(&v, &c, q, 2028672);
    }
    assert_message(tip_quorum(&info, 4, BASE_2028672), "909c4084b22a93c5958c20d25e40c338e02c3af323ec48527d124dfc3da0ecb7");
    assert_int_equal(v.n, 2 * 67);
    assert_int_equal(valid_items(v.items, v.n), v.n);
    verification_close(&v);
    captured_close(&c);
}

/* Is membersSig valid for these members and signer bits? quorumSig must be valid in any case. */
static bool members_sig_valid(const struct commitment *q, const struct llmq_params *p, const struct members *m,
                              struct key_cache *keys)
{
    struct bls_item items[2];
    dspv_fault fault;
    assert_int_equal(quorum_items(q, p, m, keys, items, &fault), 0);
    assert_int_equal(valid_items(items, 1), 1);
    return valid_items(items + 1, 1) == 1;
}

static void test_mainnet_mutations(void **state)
{
    (void)state;
    data_or_skip();
    struct captured c;
    struct qrinfo info;
    struct key_cache *keys;
    open_mainnet(&c, &info);
    assert_int_equal(key_cache_new(&keys, SEED), 0);
    const struct llmq_params *p = captured_llmq(&c, 5);
    struct commitment q = info.last_commitments[3];
    struct members *m = captured_members(&c, p, 2028384 + 3, NULL), *other = captured_members(&c, p, 2028384 + 4, NULL);
    assert_true(members_sig_valid(&q, p, m, keys));
    assert_false(members_sig_valid(&q, p, other, keys));

    uint32_t signer = 0;
    while (!bitspan_get(&q.signers, signer))
        signer++;
    struct masternode *kept = m->mn[signer];
    m->mn[signer] = other->mn[signer];
    assert_false(members_sig_valid(&q, p, m, keys));
    m->mn[signer] = kept;

    uint8_t bits[8];
    memcpy(bits, q.signers.bytes, 8);
    bits[signer / 8] ^= (uint8_t)(1 << signer % 8);
    q.signers.bytes = bits;
    assert_false(members_sig_valid(&q, p, m, keys));
    members_free(m);
    members_free(other);

    /* A non-rotated quorum with the members that another list gives. */
    const struct commitment *platform = tip_quorum(&info, 4, BASE_2028672);
    p = captured_llmq(&c, 4);
    m = captured_members(&c, p, 2028672, NULL);
    assert_int_equal(llmq_members(&c.net, p, 2028672, NULL, captured_at(&c, 2028376), &other), 0);
    assert_true(members_sig_valid(platform, p, m, keys));
    dspv_fault fault;
    struct bls_item items[2];
    if (quorum_items(platform, p, other, keys, items, &fault) == 0)
        assert_int_equal(valid_items(items, 2), 1);
    members_free(m);
    members_free(other);
    key_cache_free(keys);
    captured_close(&c);
}

/* Testnet around V20: quarters with and without ChainLock signatures, and snapshots with negative skips. */
static void test_testnet(void **state)
{
    (void)state;
    data_or_skip();
    static const struct {
        const char *base, *qrinfo;
        int32_t cycle; /* of the quorums in the set at H-8 */
    } captures[] = {
        {NULL, "testnet/qrinfo_905770_v70230.bin", 905472},
        {"testnet/mnlistdiff_0_530000_v70228.bin", "testnet/qrinfo_1159116_v70230.bin", 1158624},
    };
    for (size_t k = 0; k < 2; k++) {
        struct captured c;
        struct qrinfo info;
        struct verification v;
        captured_open(&c, "testnet");
        if (captures[k].base)
            captured_diff_file(&c, captures[k].base);
        captured_qrinfo_file(&c, captures[k].qrinfo, &info);
        verification_open(&v);
        const struct quorumset *set = captured_at(&c, info.h.cbtx.height)->quorums;
        for (uint32_t i = 0; i < set->n; i++)
            if (set->items[i]->c.type == 5)
                add_quorum(&v, &c, &set->items[i]->c, captures[k].cycle + set->items[i]->c.index);
        assert_int_equal(v.n, 64);
        assert_int_equal(valid_items(v.items, v.n), 64);
        verification_close(&v);
        captured_close(&c);
    }
}

struct tally {
    struct verification v;
    size_t versions[5];
};

static void add_recorded(struct recording *r, const struct quorum *q, void *context)
{
    struct tally *t = context;
    add_quorum(&t->v, &r->c, &q->c, recording_height(r, q->c.hash.b));
    t->versions[q->c.version]++;
}

/* Every quorum that was ever mined on the recorded networks: all four commitment versions, both schemes, every V20 case. */
static void test_recordings(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const folders[] = {"churn", "eras"};
    for (size_t i = 0; i < 2; i++) {
        struct recording r;
        struct tally t = {.versions = {0}};
        recording_open(&r, folders[i]);
        verification_open(&t.v);
        recording_quorums(&r, add_recorded, &t);
        print_message("%s: quorums of version 1 to 4: %zu %zu %zu %zu\n", folders[i], t.versions[1], t.versions[2],
                      t.versions[3], t.versions[4]);
        assert_true(t.v.n > 0);
        assert_int_equal(valid_items(t.v.items, t.v.n), t.v.n);
        if (i == 1)
            for (int version = 1; version <= 4; version++)
                assert_true(t.versions[version] > 0);
        verification_close(&t.v);
        recording_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet),
        cmocka_unit_test(test_mainnet_mutations),
        cmocka_unit_test(test_testnet),
        cmocka_unit_test(test_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
