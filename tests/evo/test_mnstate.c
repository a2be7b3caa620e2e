/* evo/mnstate.h on the recorded chains: every block's state is proven, and every way in which a diff can be false has its reason. */
#include "evo/fixture_chain.h"

#include "base/mem.h"
#include "evo/mnstate.h"

/* The state before a block, and that block's diff with room for changes. */
struct scene {
    struct fixture_chain chain;
    struct mnstate *base;
    int32_t height;
    struct mnlistdiff d;
    struct mnstate_block block;
};

static struct mnstate *apply(const struct fixture_chain *c, struct mnstate *base, int32_t height)
{
    struct mnstate *s = NULL;
    dspv_fault fault;
    const struct mnstate_block block = {height, &c->merkle_roots[height]};
    if (mnstate_apply(&c->net.chain, base, &c->diffs[height], &block, &s, &fault) != 0)
        fail_msg("height %d: %s", height, dspv_reason_name(fault.reason));
    return s;
}

/* Apply everything up to the first block from `from` on of which `wanted` is true. */
static void scene_open(struct scene *s, const char *folder, int32_t from, bool (*wanted)(const struct mnlistdiff *))
{
    memset(s, 0, sizeof(*s));
    fixture_chain_open(&s->chain, folder);
    for (int32_t h = s->chain.first; h <= s->chain.tip; h++) {
        if (h >= from && wanted(&s->chain.diffs[h])) {
            s->height = h;
            s->d = s->chain.diffs[h];
            s->block = (struct mnstate_block){h, &s->chain.merkle_roots[h]};
            return;
        }
        struct mnstate *next = apply(&s->chain, s->base, h);
        mnstate_unref(s->base);
        s->base = next;
    }
    fail_msg("%s: no such block", folder);
}

static void scene_close(struct scene *s)
{
    mnstate_unref(s->base);
    fixture_chain_close(&s->chain);
}

static int scene_apply(struct scene *s, struct mnstate **out, dspv_fault *fault)
{
    *out = NULL;
    memset(fault, 0, sizeof(*fault));
    return mnstate_apply(&s->chain.net.chain, s->base, &s->d, &s->block, out, fault);
}

static void assert_good(struct scene *s)
{
    struct mnstate *out;
    dspv_fault fault;
    if (scene_apply(s, &out, &fault) != 0)
        fail_msg("refused: %s", dspv_reason_name(fault.reason));
    assert_true(block_hash_eq(&out->block, &s->d.block));
    assert_int_equal(out->height, s->height);
    mnstate_unref(out);
}

/* Refused for `reason`, and the diff as it was is good afterwards: nothing of the base changed. */
static void assert_refused(struct scene *s, dspv_reason reason)
{
    struct mnstate *out;
    dspv_fault fault;
    assert_int_equal(scene_apply(s, &out, &fault), DSPV_EFAULT);
    if (fault.reason != reason)
        fail_msg("%s instead of %s", dspv_reason_name(fault.reason), dspv_reason_name(reason));
    assert_null(out);
    assert_true(fault.has_hash);
    s->d = s->chain.diffs[s->height];
    s->block = (struct mnstate_block){s->height, &s->chain.merkle_roots[s->height]};
    assert_good(s);
}

static bool changes_list(const struct mnlistdiff *d)
{
    return d->n_entries > 0;
}

static bool adds_quorum(const struct mnlistdiff *d)
{
    return d->n_new_quorums > 0 && d->n_deleted_quorums > 0;
}

static bool deletes_masternode(const struct mnlistdiff *d)
{
    return d->n_deleted > 0;
}

static bool has_clsigs(const struct mnlistdiff *d)
{
    return d->n_clsigs > 0;
}

/* Every block of every recording: lists, sets, heights; anchored exactly when a header is given. */
static void test_every_block(void **state)
{
    (void)state;
    static const char *const folders[] = {"churn", "eras", "extaddr"};
    for (size_t f = 0; f < 3; f++) {
        struct fixture_chain c;
        fixture_chain_open(&c, folders[f]);
        struct mnstate *s = NULL;
        for (int32_t h = c.first; h <= c.tip; h++) {
            struct mnstate *next = apply(&c, s, h), *audit;
            dspv_fault fault;
            assert_true(next->anchored && next->has_cbtx);
            assert_int_equal(next->height, h);
            assert_true(hash256_eq(&next->proof_root, &c.merkle_roots[h]));
            const struct mnstate_block unknown = {-1, NULL};
            assert_int_equal(mnstate_apply(&c.net.chain, s, &c.diffs[h], &unknown, &audit, &fault), 0);
            assert_false(audit->anchored);
            assert_int_equal(audit->height, h);
            const uint8_t *signature = mnstate_chainlock_signature(next);
            assert_int_equal(signature != NULL, cbtx_has_chainlock(&c.diffs[h].cbtx));
            mnstate_unref(audit);
            mnstate_unref(s);
            s = next;
        }
        print_message("%s: %zu masternodes, %u quorums at the tip\n", folders[f], mnlist_count(s->list), s->quorums->n);
        assert_true(mnlist_count(s->list) > 0);
        mnstate_unref(s);
        fixture_chain_close(&c);
    }
}

static void test_coinbase(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, changes_list);
    s.d.has_cbtx = false;
    assert_refused(&s, DSPV_BAD_COINBASE);
    s.d.coinbase.is_coinbase = false;
    assert_refused(&s, DSPV_BAD_COINBASE);
    s.d.cbtx.height++;
    assert_refused(&s, DSPV_CBTX_HEIGHT);
    s.block.height++;
    assert_refused(&s, DSPV_CBTX_HEIGHT);
    s.d.cbtx.height = 1; /* below DIP0003 there is no CbTx */
    s.block.height = -1;
    assert_refused(&s, DSPV_CBTX_HEIGHT);
    s.d.cbtx.height = -5;
    s.block.height = -1;
    assert_refused(&s, DSPV_CBTX_HEIGHT);
    for (uint16_t version = 1; version <= 2; version++) { /* V20 is active */
        s.d.cbtx.version = version;
        assert_refused(&s, DSPV_BAD_CBTX_VERSION);
    }
    scene_close(&s);
}

static void test_cbtx_version_by_height(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "eras", 300, adds_quorum); /* V20 at 400 */
    assert_true(s.height < s.chain.net.chain.active.v20);
    s.d.cbtx.version = 3;
    assert_refused(&s, DSPV_BAD_CBTX_VERSION);
    s.chain.net.chain.active.dip0008 = s.height - 1; /* version 1 is invalid from the block after DIP0008 on */
    s.d.cbtx.version = 1;
    assert_refused(&s, DSPV_BAD_CBTX_VERSION);
    s.chain.net.chain.active.dip0008 = s.height;
    s.d.cbtx.version = 1;
    assert_good(&s);
    scene_close(&s);
}

static void test_proof(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, changes_list);
    s.d.proof.n_transactions = 0;
    assert_refused(&s, DSPV_PROOF_MALFORMED);
    s.d.proof.n_hashes = 0;
    assert_refused(&s, DSPV_PROOF_MALFORMED);
    const uint8_t no_match = 0;
    s.d.proof.flags = &no_match;
    s.d.proof.n_flag_bytes = 1;
    assert_refused(&s, DSPV_PROOF_MALFORMED);
    /* Another transaction of the block, or another coinbase of the same height. */
    hash256 hashes[64];
    memcpy(hashes, s.d.proof.hashes, s.d.proof.n_hashes * sizeof(*hashes));
    hashes[0].b[5] ^= 1;
    s.d.proof.hashes = hashes;
    assert_refused(&s, DSPV_PROOF_NOT_COINBASE);
    uint8_t raw[4096];
    memcpy(raw, s.d.coinbase.raw.p, s.d.coinbase.raw.n);
    raw[s.d.coinbase.raw.n - 40] ^= 1;
    s.d.coinbase.raw.p = raw;
    assert_refused(&s, DSPV_PROOF_NOT_COINBASE);
    hash256 other = s.chain.merkle_roots[s.height];
    other.b[31] ^= 0x80;
    s.block.merkle_root = &other;
    assert_refused(&s, DSPV_PROOF_WRONG_ROOT);
    s.block.merkle_root = &s.chain.merkle_roots[s.height - 1];
    assert_refused(&s, DSPV_PROOF_WRONG_ROOT);
    scene_close(&s);
}

static void test_masternodes(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 400, deletes_masternode); /* a collateral spent at 433 */
    s.d.n_deleted = 0;
    assert_refused(&s, DSPV_MN_ROOT_MISMATCH);
    protx_hash wrong = s.d.deleted[0];
    wrong.b[0] ^= 1;
    s.d.deleted = &wrong;
    s.d.n_deleted = 1;
    assert_refused(&s, DSPV_DELETED_NOT_PRESENT);
    protx_hash twice[2] = {s.d.deleted[0], s.d.deleted[0]};
    s.d.deleted = twice;
    s.d.n_deleted = 2;
    assert_refused(&s, DSPV_DUPLICATE_ENTRY);
    scene_close(&s);

    scene_open(&s, "churn", 300, changes_list);
    s.d.n_entries = 0;
    assert_refused(&s, DSPV_MN_ROOT_MISMATCH);
    struct mnentry entries[2] = {s.d.entries[0], s.d.entries[0]};
    s.d.entries = entries;
    s.d.n_entries = 2;
    assert_refused(&s, DSPV_DUPLICATE_ENTRY);
    /* One flipped bit of an entry, at its start, in the key and in the last byte. */
    const size_t n = s.d.entries[0].hashed.n, places[] = {40, 90, n - 1};
    for (size_t i = 0; i < 3; i++) {
        uint8_t bytes[512];
        memcpy(bytes, s.d.entries[0].hashed.p, n);
        bytes[places[i]] ^= 0x10;
        entries[0] = s.d.entries[0];
        entries[0].hashed.p = bytes;
        s.d.entries = entries;
        assert_refused(&s, DSPV_MN_ROOT_MISMATCH);
    }
    scene_close(&s);
}

static void test_quorums(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, adds_quorum);
    s.d.n_deleted_quorums = 0;
    assert_refused(&s, DSPV_QUORUM_ROOT_MISMATCH);
    s.d.n_new_quorums = 0;
    s.d.n_clsigs = 0;
    assert_refused(&s, DSPV_QUORUM_ROOT_MISMATCH);
    struct quorum_ref gone = s.d.deleted_quorums[0];
    gone.hash.b[31] ^= 1;
    s.d.deleted_quorums = &gone;
    s.d.n_deleted_quorums = 1;
    assert_refused(&s, DSPV_DELETED_QUORUM_NOT_PRESENT);
    struct commitment two[2] = {s.d.new_quorums[0], s.d.new_quorums[0]};
    s.d.new_quorums = two;
    s.d.n_new_quorums = 2;
    s.d.n_clsigs = 0;
    assert_refused(&s, DSPV_DUPLICATE_QUORUM);
    uint8_t raw[1024];
    memcpy(raw, s.d.new_quorums[0].raw.p, s.d.new_quorums[0].raw.n);
    raw[s.d.new_quorums[0].raw.n - 1] ^= 1; /* membersSig */
    two[0] = s.d.new_quorums[0];
    two[0].raw.p = raw;
    s.d.new_quorums = two;
    s.d.n_new_quorums = 1;
    s.d.n_clsigs = 0;
    assert_refused(&s, DSPV_QUORUM_ROOT_MISMATCH);
    static const uint8_t zeros[96];
    two[0] = s.d.new_quorums[0];
    two[0].signers.bytes = two[0].valid_members.bytes = zeros;
    two[0].public_key = two[0].vvec_hash = two[0].quorum_sig = two[0].members_sig = zeros;
    s.d.new_quorums = two;
    s.d.n_new_quorums = 1;
    s.d.n_clsigs = 0;
    assert_refused(&s, DSPV_QUORUM_NULL);
    scene_close(&s);
}

static void test_clsig_indexes(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, has_clsigs);
    struct quorum_clsig groups[2] = {s.d.clsigs[0], s.d.clsigs[0]};
    uint16_t index = (uint16_t)s.d.n_new_quorums;
    s.d.clsigs = groups; /* twice */
    s.d.n_clsigs = 2;
    assert_refused(&s, DSPV_CLSIG_INDEX);
    groups[1].indexes = &index; /* out of range */
    groups[1].n_indexes = 1;
    s.d.clsigs = groups;
    s.d.n_clsigs = 2;
    assert_refused(&s, DSPV_CLSIG_INDEX);
    index = UINT16_MAX;
    s.d.clsigs = groups;
    s.d.n_clsigs = 2;
    assert_refused(&s, DSPV_CLSIG_INDEX);
    groups[0].n_indexes--; /* missing */
    s.d.clsigs = groups;
    s.d.n_clsigs = 1;
    assert_refused(&s, DSPV_CLSIG_INDEX);
    scene_close(&s);
}

static void test_base_above_target(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, changes_list);
    struct mnstate *above = apply(&s.chain, s.base, s.height), *below = s.base;
    s.d = s.chain.diffs[s.height - 1];
    s.block = (struct mnstate_block){s.height - 1, &s.chain.merkle_roots[s.height - 1]};
    s.base = above;
    struct mnstate *out;
    dspv_fault fault;
    assert_int_equal(scene_apply(&s, &out, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_BASE_ABOVE_TARGET);
    s.base = below;
    mnstate_unref(above);
    scene_close(&s);
}

static void test_out_of_memory(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, "churn", 300, has_clsigs);
    struct mnstate *out;
    dspv_fault fault;
    size_t fail_at = 0;
    int error;
    do {
        mem_fail_after(++fail_at);
        error = scene_apply(&s, &out, &fault);
        mem_fail_after(0);
        if (error != 0) {
            assert_int_equal(error, DSPV_ENOMEM);
            assert_null(out);
        }
    } while (error != 0);
    assert_true(fail_at > 8);
    mnstate_unref(out);
    assert_good(&s);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_block),
        cmocka_unit_test(test_coinbase),
        cmocka_unit_test(test_cbtx_version_by_height),
        cmocka_unit_test(test_proof),
        cmocka_unit_test(test_masternodes),
        cmocka_unit_test(test_quorums),
        cmocka_unit_test(test_clsig_indexes),
        cmocka_unit_test(test_base_above_target),
        cmocka_unit_test(test_out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
