/* llmq/verify.h without data: a quorum whose secrets are known, in both schemes, and everything that can be wrong with it. */
#include "llmq/made_up.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/bls/sign.h"
#include "crypto/sha256.h"
#include "llmq/verify.h"

static const uint64_t SEED[2] = {5, 6};
enum { MEMBERS = 3 };

/* What a commitment is made of; encoded by hand. */
struct draft {
    uint16_t version;
    uint8_t type;
    int16_t index;
    uint8_t n_bits, signers, valid_members;
    uint8_t key[48], vvec[32], quorum_sig[96], members_sig[96];
};

struct made_up_quorum {
    struct network net;
    struct bls_secret secrets[MEMBERS], quorum_secret;
    struct members *members;
    struct draft draft;
    struct writer bytes;
    struct commitment c; /* leads into `bytes` */
    struct key_cache *keys;
};

static struct bls_secret secret_of(uint8_t n)
{
    uint8_t bytes[32] = {0x11, n};
    struct bls_secret s;
    bytes[31] = n;
    assert_true(bls_secret_decode(&s, bytes));
    return s;
}

static void encode(struct made_up_quorum *q)
{
    const struct draft *d = &q->draft;
    struct writer *w = &q->bytes;
    writer_reset(w);
    writer_u16(w, d->version);
    writer_u8(w, d->type);
    writer_hash(w, (uint8_t[32]){0xaa});
    if (d->version == 2 || d->version == 4)
        writer_u16(w, (uint16_t)d->index);
    writer_compact_size(w, d->n_bits);
    writer_u8(w, d->signers);
    writer_compact_size(w, d->n_bits);
    writer_u8(w, d->valid_members);
    writer_bytes(w, d->key, 48);
    writer_bytes(w, d->vvec, 32);
    writer_bytes(w, d->quorum_sig, 96);
    writer_bytes(w, d->members_sig, 96);
    struct reader r;
    reader_init(&r, w->data, w->n);
    commitment_decode(&r, &q->c);
    assert_true(reader_finish(&r));
}

static enum bls_scheme scheme_of(const struct made_up_quorum *q)
{
    return q->draft.version <= 2 ? BLS_LEGACY : BLS_BASIC;
}

struct weighed_key {
    uint8_t bytes[48];
    struct bls_secret secret;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 48);
}

/* quorums.md 6.5 on the side of the secrets: the secret whose public key is the weighted aggregate. */
static struct bls_secret aggregate_secret(const struct made_up_quorum *q)
{
    struct weighed_key keys[MEMBERS];
    uint8_t all[MEMBERS * 48], digest[32];
    size_t n = 0;
    for (size_t i = 0; i < MEMBERS; i++) {
        if (!(q->draft.signers >> i & 1))
            continue;
        bls_key key;
        bls_secret_key(&q->secrets[i], &key);
        bls_key_encode(keys[n].bytes, &key, scheme_of(q));
        keys[n++].secret = q->secrets[i];
    }
    qsort(keys, n, sizeof(keys[0]), by_bytes);
    for (size_t i = 0; i < n; i++)
        memcpy(all + 48 * i, keys[i].bytes, 48);
    sha256(digest, all, 48 * n);
    struct bls_secret sum;
    for (size_t i = 0; i < n; i++) {
        uint8_t hashed[4 + 32], weight[32];
        store_be32(hashed, (uint32_t)i);
        memcpy(hashed + 4, digest, 32);
        sha256(weight, hashed, sizeof(hashed));
        blst_scalar w, product;
        blst_scalar_from_be_bytes(&w, weight, 32);
        assert_true(blst_sk_mul_n_check(&product, &w, &keys[i].secret.scalar));
        if (i == 0)
            sum.scalar = product;
        else
            assert_true(blst_sk_add_n_check(&sum.scalar, &sum.scalar, &product));
    }
    return sum;
}

static void sign(struct made_up_quorum *q, const struct bls_secret *secret, uint8_t out[96])
{
    bls_sig sig;
    hash256 message = commitment_message(&q->c);
    bls_secret_sign(secret, message.b, scheme_of(q), &sig);
    bls_sig_encode(out, &sig, scheme_of(q));
}

/* A quorum of type 100 with base height 240 and three members, one of which has a legacy entry; two or three sign. */
static void quorum_open(struct made_up_quorum *q, bool legacy, uint8_t signers)
{
    memset(q, 0, sizeof(*q));
    writer_init(&q->bytes);
    assert_true(network_init(&q->net, "regtest"));
    if (legacy)
        assert_null(network_override(&q->net, "testactivationheight", "v19@1000"));
    struct masternode *mn[MEMBERS];
    for (uint8_t i = 0; i < MEMBERS; i++) {
        struct made_up_mn d = {.id = i, .version = i == 1 ? 1 : 2};
        bls_key key;
        q->secrets[i] = secret_of((uint8_t)(i + 1));
        bls_secret_key(&q->secrets[i], &key);
        bls_key_encode(d.key, &key, i == 1 ? BLS_LEGACY : BLS_BASIC);
        mn[i] = made_up_masternode(&d);
    }
    q->members = members_new(mn, MEMBERS);
    for (size_t i = 0; i < MEMBERS; i++)
        masternode_unref(mn[i]);
    q->quorum_secret = secret_of(99);
    q->draft = (struct draft){.version = legacy ? 1 : 3, .type = 100, .n_bits = 3, .signers = signers, .valid_members = 7};
    memset(q->draft.vvec, 0x77, 32);
    bls_key key;
    bls_secret_key(&q->quorum_secret, &key);
    bls_key_encode(q->draft.key, &key, scheme_of(q));
    encode(q);
    sign(q, &q->quorum_secret, q->draft.quorum_sig);
    struct bls_secret aggregate = aggregate_secret(q);
    sign(q, &aggregate, q->draft.members_sig);
    encode(q);
    assert_int_equal(key_cache_new(&q->keys, SEED), 0);
}

static void quorum_close(struct made_up_quorum *q)
{
    members_free(q->members);
    key_cache_free(q->keys);
    writer_free(&q->bytes);
}

/* Bit 0: quorumSig valid, bit 1: membersSig valid. */
static int verdict(struct made_up_quorum *q)
{
    struct bls_item items[2];
    dspv_fault fault;
    encode(q);
    const struct llmq_params *p = network_llmq(&q->net, q->draft.type);
    assert_int_equal(quorum_items(&q->c, p, q->members, q->keys, items, &fault), 0);
    int out = 0;
    for (int i = 0; i < 2; i++)
        out |= bls_verify(&items[i].key, &items[i].sig, items[i].msg, items[i].scheme) << i;
    struct bls_item alone;
    assert_int_equal(quorum_sig_item(&q->c, &alone, &fault), 0);
    assert_int_equal(bls_verify(&alone.key, &alone.sig, alone.msg, alone.scheme), out & 1);
    return out;
}

static void test_signatures(void **state)
{
    (void)state;
    for (int legacy = 0; legacy < 2; legacy++) {
        for (uint8_t signers = 3; signers <= 7; signers++) {
            if (signers == 4)
                continue;
            struct made_up_quorum q;
            dspv_fault fault;
            quorum_open(&q, legacy, signers);
            assert_int_equal(quorum_check(&q.net, &q.c, 240, &fault), 0);
            assert_int_equal(verdict(&q), 3);

            q.draft.signers = signers == 7 ? 6 : 7; /* a signer more or less */
            assert_int_equal(verdict(&q), 1);
            q.draft.signers = signers;
            uint8_t kept[96];
            memcpy(kept, q.draft.members_sig, 96);
            memcpy(q.draft.members_sig, q.draft.quorum_sig, 96);
            assert_int_equal(verdict(&q), 1);
            memcpy(q.draft.members_sig, kept, 96);
            memcpy(kept, q.draft.quorum_sig, 96);
            memcpy(q.draft.quorum_sig, q.draft.members_sig, 96);
            assert_int_equal(verdict(&q), 2);
            memcpy(q.draft.quorum_sig, kept, 96);
            q.draft.vvec[0] ^= 1; /* signed by both */
            assert_int_equal(verdict(&q), 0);
            q.draft.vvec[0] ^= 1;
            q.draft.valid_members = 6;
            assert_int_equal(verdict(&q), 0);
            q.draft.valid_members = 7;
            assert_int_equal(verdict(&q), 3);
            quorum_close(&q);
        }
    }
}

/* The order of members matters as far as it says who signed. */
static void test_exchanged_members(void **state)
{
    (void)state;
    struct made_up_quorum q;
    quorum_open(&q, false, 3); /* 0 and 1 */
    struct masternode *m = q.members->mn[0];
    q.members->mn[0] = q.members->mn[1];
    q.members->mn[1] = m;
    assert_int_equal(verdict(&q), 3);
    q.members->mn[1] = q.members->mn[2];
    q.members->mn[2] = m;
    assert_int_equal(verdict(&q), 1);
    quorum_close(&q);
}

/* A quorum of size 1: membersSig is under the plain key. */
static void test_single_member(void **state)
{
    (void)state;
    struct made_up_quorum q;
    dspv_fault fault;
    quorum_open(&q, false, 1);
    assert_null(network_override(&q.net, "llmqtestparams", "1:1"));
    q.draft.n_bits = q.draft.signers = q.draft.valid_members = 1;
    memset(q.draft.vvec, 0, 32); /* allowed for a size of 1 */
    encode(&q);
    sign(&q, &q.quorum_secret, q.draft.quorum_sig);
    sign(&q, &q.secrets[0], q.draft.members_sig);
    encode(&q);
    masternode_unref(q.members->mn[2]);
    masternode_unref(q.members->mn[1]);
    q.members->n = 1;
    assert_int_equal(quorum_check(&q.net, &q.c, 240, &fault), 0);
    assert_int_equal(verdict(&q), 3);
    quorum_close(&q);
}

static dspv_reason items_fault(struct made_up_quorum *q)
{
    struct bls_item items[2];
    dspv_fault fault;
    encode(q);
    const struct llmq_params *p = network_llmq(&q->net, 100);
    assert_int_equal(quorum_items(&q->c, p, q->members, q->keys, items, &fault), DSPV_EFAULT);
    assert_int_equal(fault.llmq_type, 100);
    assert_true(fault.has_hash && fault.hash[0] == 0xaa);
    return fault.reason;
}

static void test_item_faults(void **state)
{
    (void)state;
    struct made_up_quorum q;
    quorum_open(&q, false, 3);
    const struct draft good = q.draft;

    memset(q.draft.key, 0, 48);
    assert_int_equal(items_fault(&q), DSPV_QUORUM_BAD_KEY);
    q.draft = good;
    q.draft.quorum_sig[0] = 0;
    assert_int_equal(items_fault(&q), DSPV_QUORUM_BAD_SIGNATURE);
    q.draft = good;
    memset(q.draft.members_sig, 0, 96);
    assert_int_equal(items_fault(&q), DSPV_QUORUM_BAD_SIGNATURE);
    q.draft = good;
    q.draft.signers = 0;
    assert_int_equal(items_fault(&q), DSPV_QUORUM_FEW_SIGNERS);
    q.draft = good;

    struct made_up_mn without_key = {.id = 7};
    struct masternode *m = q.members->mn[1];
    q.members->mn[1] = made_up_masternode(&without_key);
    assert_int_equal(items_fault(&q), DSPV_QUORUM_BAD_OPERATOR_KEY);
    masternode_unref(q.members->mn[1]);
    q.members->mn[1] = m;

    q.members->n = 2;
    assert_int_equal(items_fault(&q), DSPV_QUORUM_EXTRA_BITS); /* valid_members has bit 2 */
    q.draft.valid_members = 3;
    q.draft.signers = 5;
    assert_int_equal(items_fault(&q), DSPV_QUORUM_EXTRA_BITS);
    q.members->n = 3;
    quorum_close(&q);
}

static dspv_reason check_fault(struct made_up_quorum *q, int32_t base_height)
{
    dspv_fault fault = {0};
    encode(q);
    int error = quorum_check(&q->net, &q->c, base_height, &fault);
    assert_int_equal(error, fault.reason == DSPV_OK ? 0 : DSPV_EFAULT);
    if (error)
        assert_int_equal(fault.height, base_height);
    return fault.reason;
}

static void test_structure(void **state)
{
    (void)state;
    struct made_up_quorum q;
    quorum_open(&q, false, 3);
    const struct draft good = q.draft;
    assert_int_equal(check_fault(&q, 240), DSPV_OK);
    assert_int_equal(check_fault(&q, 241), DSPV_QUORUM_HEIGHT);
    assert_int_equal(check_fault(&q, -24), DSPV_QUORUM_HEIGHT);
    q.draft.type = 5;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_TYPE_UNKNOWN);
    q.draft.type = 104;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_TYPE_DISABLED);
    for (uint16_t version = 1; version <= 4; version++) {
        q.draft = good;
        q.draft.version = version;
        assert_int_equal(check_fault(&q, 240), version == 3 ? DSPV_OK : DSPV_QUORUM_VERSION);
    }
    q.draft = good;
    q.draft.version = 4;
    q.draft.index = 1;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_INDEX);
    q.draft = good;
    q.draft.n_bits = 4;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_BITSET_SIZE);
    q.draft.n_bits = 2;
    q.draft.valid_members = 3;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_BITSET_SIZE);
    q.draft = good;
    q.draft.signers = 4;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_FEW_SIGNERS);
    q.draft = good;
    q.draft.valid_members = 1;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_FEW_VALID_MEMBERS);
    q.draft = good;
    memset(q.draft.vvec, 0, 32);
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_NULL_VVEC);
    memset(&q.draft, 0, sizeof(q.draft));
    q.draft.version = 3;
    q.draft.type = 100;
    q.draft.n_bits = 3;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_NULL);
    quorum_close(&q);
}

static void test_structure_of_rotated_quorums(void **state)
{
    (void)state;
    struct made_up_quorum q;
    quorum_open(&q, false, 3);
    q.draft.type = 103;
    q.draft.version = 4;
    q.draft.n_bits = 4;
    q.draft.signers = q.draft.valid_members = 15;
    for (int16_t index = -1; index < 3; index++) {
        q.draft.index = index;
        assert_int_equal(check_fault(&q, 240), index == 0 ? DSPV_OK : DSPV_QUORUM_INDEX);
        assert_int_equal(check_fault(&q, 241), index == 1 ? DSPV_OK : DSPV_QUORUM_INDEX);
        assert_int_equal(check_fault(&q, 242), DSPV_QUORUM_HEIGHT); /* two indexes only */
    }
    q.draft.index = 0;
    q.draft.version = 2;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_VERSION);
    q.draft.version = 3;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_VERSION);
    assert_int_equal(check_fault(&q, 0), DSPV_QUORUM_TYPE_DISABLED);
    q.net.chain.active.v19 = 241; /* base + 1 >= V19 */
    q.draft.version = 4;
    assert_int_equal(check_fault(&q, 240), DSPV_OK);
    q.net.chain.active.v19 = 242;
    assert_int_equal(check_fault(&q, 240), DSPV_QUORUM_VERSION);
    q.draft.version = 2;
    assert_int_equal(check_fault(&q, 240), DSPV_OK);
    quorum_close(&q);
}

static void test_key_cache(void **state)
{
    (void)state;
    struct key_cache *cache;
    assert_int_equal(key_cache_new(&cache, SEED), 0);
    const bls_key *seen[200];
    uint8_t bytes[48];
    bool oom;
    for (int pass = 0; pass < 2; pass++) {
        for (uint8_t i = 0; i < 200; i++) {
            struct bls_secret s = secret_of((uint8_t)(i + 1));
            bls_key key;
            bls_secret_key(&s, &key);
            bls_key_encode(bytes, &key, BLS_BASIC);
            const bls_key *got = key_cache_get(cache, bytes, BLS_BASIC, &oom);
            assert_non_null(got);
            assert_true(blst_p1_affine_is_equal(&got->point, &key.point));
            if (pass)
                assert_ptr_equal(got, seen[i]); /* stable while the cache grew */
            seen[i] = got;
        }
    }
    assert_int_equal(key_cache_count(cache), 200);
    /* The same bytes mean another point in the other encoding. */
    bytes[0] = (uint8_t)((bytes[0] & 0x1f) | 0x80);
    const bls_key *basic = key_cache_get(cache, bytes, BLS_BASIC, &oom);
    const bls_key *legacy = key_cache_get(cache, bytes, BLS_LEGACY, &oom);
    assert_non_null(basic);
    assert_non_null(legacy);
    assert_false(blst_p1_affine_is_equal(&basic->point, &legacy->point));
    size_t before = key_cache_count(cache);
    memset(bytes, 0, 48);
    for (int i = 0; i < 2; i++) {
        assert_null(key_cache_get(cache, bytes, BLS_BASIC, &oom));
        assert_false(oom);
    }
    assert_int_equal(key_cache_count(cache), before + 1);
    key_cache_free(cache);
}

/* Many at once, some of them known, some repeated, some no points; then two caches become one. */
static void test_key_cache_many(void **state)
{
    (void)state;
    enum { KEYS = 150, ASKED = 2 * KEYS };
    static uint8_t bytes[KEYS][48];
    struct bls_encoded_key in[ASKED];
    const bls_key *out[ASKED];
    struct key_cache *known, *fresh;
    struct rng rng;
    const uint8_t seed[32] = {3};
    rng_init(&rng, seed);
    for (size_t i = 0; i < KEYS; i++) {
        struct bls_secret s = secret_of((uint8_t)(i + 1));
        bls_key key;
        bls_secret_key(&s, &key);
        bls_key_encode(bytes[i], &key, BLS_BASIC);
        if (i % 10 == 9)
            memset(bytes[i], (int)i, 48);
    }
    for (size_t i = 0; i < ASKED; i++)
        in[i] = (struct bls_encoded_key){bytes[i % KEYS], BLS_BASIC};
    for (size_t failures = 0, rc = 1; rc != 0; failures++) {
        bool oom;
        assert_int_equal(key_cache_new(&known, SEED), 0);
        assert_int_equal(key_cache_new(&fresh, SEED), 0);
        for (size_t i = 0; i < 20; i++)
            key_cache_get(known, bytes[i], BLS_BASIC, &oom);
        mem_fail_after(failures);
        rc = (size_t)key_cache_get_many(known, fresh, in, ASKED, &rng, out);
        mem_fail_after(0);
        assert_int_equal(key_cache_count(known), 20);
        assert_int_equal(key_cache_count(fresh), rc == 0 ? KEYS - 20 : 0);
        for (size_t i = 0; rc == 0 && i < ASKED; i++) {
            bls_key want;
            const bool is_point = bls_key_decode(&want, in[i].bytes, BLS_BASIC);
            assert_int_equal(out[i] != NULL, is_point);
            if (is_point)
                assert_memory_equal(out[i], &want, sizeof(want));
        }
        if (rc == 0) {
            const size_t memory = key_cache_memory(known);
            assert_int_equal(key_cache_absorb(known, fresh), 0);
            assert_int_equal(key_cache_absorb(known, fresh), 0);
            assert_int_equal(key_cache_count(known), KEYS);
            assert_true(key_cache_memory(known) > memory);
        }
        key_cache_free(known);
        key_cache_free(fresh);
        if (failures == 0)
            rc = 1; /* 0 meant that none fails */
    }
}

/* A point of order 3 added to a key, or taken from it: in both encodings, until memory suffices, in one cache. What failed leaves
 * nothing behind that was not tested. */
static void test_key_cache_after_failures(void **state)
{
    (void)state;
    enum { KEYS = 80, ASKED = 2 * KEYS };
    static uint8_t bytes[KEYS][48];
    struct bls_encoded_key in[ASKED];
    const bls_key *out[ASKED];
    struct key_cache *cache;
    struct rng rng;
    blst_p1_affine third = {{{0}}, {{0}}};
    rng_init(&rng, (const uint8_t[32]){4});
    blst_fp_from_uint64(&third.y, (const uint64_t[6]){2}); /* (0, 2) */
    for (size_t i = 0; i < KEYS; i++) {
        struct bls_secret s = secret_of((uint8_t)(i + 1));
        bls_key key;
        blst_p1 p;
        bls_secret_key(&s, &key);
        blst_p1_from_affine(&p, &key.point);
        blst_p1_cneg(&p, i % 8 == 1);
        if (i % 8 < 2)
            blst_p1_add_or_double_affine(&p, &p, &third);
        blst_p1_cneg(&p, i % 8 == 1);
        blst_p1_to_affine(&key.point, &p);
        bls_key_encode(bytes[i], &key, BLS_BASIC);
        bytes[i][0] &= 0x9f; /* the flag that both encodings have */
    }
    for (size_t i = 0; i < ASKED; i++)
        in[i] = (struct bls_encoded_key){bytes[i / 2], i % 2 ? BLS_BASIC : BLS_LEGACY};
    assert_int_equal(key_cache_new(&cache, SEED), 0);
    size_t failures = 0;
    int error = DSPV_ENOMEM;
    while (error == DSPV_ENOMEM) {
        assert_int_equal(key_cache_count(cache), 0);
        mem_fail_after(++failures);
        error = key_cache_get_many(NULL, cache, in, ASKED, &rng, out);
        mem_fail_after(0);
    }
    assert_int_equal(error, 0);
    assert_true(failures > 4);
    for (size_t i = 0; i < ASKED; i++) {
        bls_key want;
        const bool is_point = bls_key_decode(&want, in[i].bytes, in[i].scheme);
        assert_int_equal(is_point, i / 2 % 8 >= 2);
        assert_int_equal(out[i] != NULL, is_point);
        if (is_point)
            assert_memory_equal(out[i], &want, sizeof(want));
    }
    key_cache_free(cache);
}

static void test_without_memory(void **state)
{
    (void)state;
    struct made_up_quorum q;
    quorum_open(&q, false, 7);
    struct key_cache *cache = NULL;
    struct bls_item items[2];
    dspv_fault fault;
    size_t n = 0;
    int error;
    do { /* a fresh cache each time: its own allocations fail too */
        key_cache_free(cache);
        cache = NULL;
        mem_fail_after(++n);
        error = key_cache_new(&cache, SEED);
        if (error == 0)
            error = quorum_items(&q.c, network_llmq(&q.net, 100), q.members, cache, items, &fault);
        mem_fail_after(0);
    } while (error == DSPV_ENOMEM);
    assert_int_equal(error, 0);
    assert_true(n > 5);
    key_cache_free(cache);
    quorum_close(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signatures),
        cmocka_unit_test(test_exchanged_members),
        cmocka_unit_test(test_single_member),
        cmocka_unit_test(test_item_faults),
        cmocka_unit_test(test_structure),
        cmocka_unit_test(test_structure_of_rotated_quorums),
        cmocka_unit_test(test_key_cache),
        cmocka_unit_test(test_key_cache_many),
        cmocka_unit_test(test_key_cache_after_failures),
        cmocka_unit_test(test_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
