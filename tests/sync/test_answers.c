/* What a client answers about quorum keys, blocks and locks, against what Dash Core said at the same heights (oracle.json). */
#include "sync/world.h"

#include "dashspv/answers.h"
#include "engine/driven.h"
#include "crypto/sha256.h"
#include "store/memory.h"

enum { MINUTE = 60000, TYPE_TEST = 100, TYPE_DIP24 = 103 };

static dspv_key_state key_of(struct world *w, uint8_t type, const uint8_t hash[32], int32_t height, dspv_key_answer *out)
{
    const dspv_quorum_hash quorum = quorum_hash_from(hash);
    dspv_key_state state = dspv_quorum_key(w->client, type, &quorum, height, out);
    static const uint8_t none[48];
    assert_int_equal(state, out->state);
    assert_int_equal(out->has_key, memcmp(out->key, none, 48) != 0);
    if (state == DSPV_KEY_VERIFIED)
        assert_true(out->has_key && out->fault.reason == DSPV_OK);
    else
        assert_true(out->fault.reason != DSPV_OK);
    return state;
}

/* ---- keys */

static bool is_active(const json_t *at, const char *type, const char *hex)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(json_object_get(at, "quorum_list_active"), type), i,
                       item) if (strcmp(json_is_string(item) ? json_string_value(item) : json_text(item, "quorumHash"), hex) ==
                                 0) return true;
    return false;
}

struct seen {
    size_t verified, retired, unknown;
};

static void compare_keys(struct world *w, const json_t *at, struct seen *seen)
{
    const char *type, *hex;
    json_t *of_type, *quorum;
    json_object_foreach(json_object_get(at, "quorums"), type, of_type)
    {
        json_object_foreach(of_type, hex, quorum)
        {
            uint8_t hash[32];
            dspv_key_answer a;
            struct bytes key = json_hex(quorum, "quorumPublicKey");
            assert_true(hash_from_hex(hex, hash));
            dspv_key_state state = key_of(w, llmq_params_by_name(type)->type, hash, -1, &a);
            if (is_active(at, type, hex))
                assert_int_equal(state, DSPV_KEY_VERIFIED);
            else /* Core keeps more than is kept here; what retired before the start need not be verified */
                assert_true(state == DSPV_KEY_RETIRED || state == DSPV_KEY_UNKNOWN || state == DSPV_KEY_COMMITTED);
            assert_int_equal(a.base_height, json_int(quorum, "height"));
            if (a.has_key)
                assert_memory_equal(a.key, key.p, 48);
            free(key.p);
            seen->verified += state == DSPV_KEY_VERIFIED;
            seen->retired += state == DSPV_KEY_RETIRED;
            seen->unknown += state == DSPV_KEY_UNKNOWN;
        }
    }
}

static void compare_chainlock(struct world *w, const json_t *at)
{
    const json_t *best = json_object_get(at, "bestchainlock");
    dspv_chainlock lock;
    dspv_block_answer a;
    uint8_t hash[32];
    struct bytes signature = json_hex(best, "signature");
    json_hash(best, "blockhash", hash);
    assert_true(dspv_best_chainlock(w->client, &lock));
    assert_int_equal(lock.height, json_int(best, "height"));
    assert_memory_equal(lock.block.b, hash, 32);
    assert_memory_equal(lock.signature, signature.p, 96);
    assert_int_equal(lock.signer.llmq_type, TYPE_TEST);
    assert_int_equal(dspv_block_chainlocked(w->client, &lock.block, &a), DSPV_BLOCK_LOCKED);
    assert_int_equal(a.height, lock.height);
    assert_true(a.final);
    for (int32_t h = 0; h <= lock.height; h += 13)
        assert_int_equal(dspv_height_chainlocked(w->client, h, &a), DSPV_BLOCK_LOCKED);
    assert_int_equal(dspv_height_chainlocked(w->client, headers_tip_height(client_headers(w->client)) + 1, &a),
                     DSPV_BLOCK_UNKNOWN);
    hash[0] ^= 1;
    const dspv_block_hash other = block_hash_from(hash);
    assert_int_equal(dspv_block_chainlocked(w->client, &other, &a), DSPV_BLOCK_UNKNOWN);
    free(signature.p);
}

static void test_oracle(void **state)
{
    (void)state;
    struct world w;
    struct seen seen = {0};
    json_t *oracle = fixture_json("churn/oracle.json"), *at;
    size_t i, compared = 0;
    world_init(&w, "churn", 480);
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    for (int32_t tip = 480; tip <= 581; tip++) {
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, MINUTE));
        world_run(&w, 3000);
        json_array_foreach(oracle, i, at)
        {
            if (json_int(at, "height") != tip)
                continue;
            compare_keys(&w, at, &seen);
            compare_chainlock(&w, at);
            compared++;
        }
    }
    print_message("%zu heights: %zu verified, %zu retired, %zu unknown\n", compared, seen.verified, seen.retired, seen.unknown);
    assert_true(compared >= 5 && seen.verified > 30 && seen.retired > 5);
    json_decref(oracle);
    world_free(&w);
}

/* ---- a quorum's life: key generation, mining, retirement; seen at its moments and from afterwards */

static void test_life(void **state)
{
    (void)state;
    struct world w;
    dspv_key_answer a;
    const int32_t base = 504;
    world_init(&w, "churn", 490);
    const uint8_t *hash = devnode_chain_hash(w.chain, base)->b;
    world_start(&w, 2);
    assert_int_equal(key_of(&w, TYPE_TEST, hash, -1, &a), DSPV_KEY_NOT_YET); /* nothing is known at all */
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    assert_int_equal(key_of(&w, TYPE_TEST, hash, -1, &a), DSPV_KEY_UNKNOWN); /* no such block */
    assert_int_equal(a.fault.reason, DSPV_NEED_HEADER);
    int32_t mined = -1, retired = -1;
    for (int32_t tip = base; tip <= 581; tip++) {
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, MINUTE));
        switch (key_of(&w, TYPE_TEST, hash, -1, &a)) {
        case DSPV_KEY_NOT_YET:
            assert_true(mined < 0 && tip < base + 18);
            assert_int_equal(a.again_height, tip < base + 10 ? base + 10 : tip + 1);
            assert_true(a.again > w.now);
            break;
        case DSPV_KEY_VERIFIED:
            mined = mined < 0 ? tip : mined;
            assert_true(retired < 0);
            break;
        case DSPV_KEY_RETIRED:
            assert_true(mined > 0);
            retired = retired < 0 ? tip : retired;
            assert_int_equal(a.last_seen, retired - 1);
            break;
        default: fail_msg("tip %d: %s", tip, dspv_key_state_name(a.state));
        }
    }
    print_message("base %d, mined %d, retired %d\n", base, mined, retired);
    assert_true(mined >= base + 10 && mined <= base + 18 && retired > mined);
    for (int32_t h = 0; h <= 581; h++) { /* the same, asked afterwards */
        dspv_key_state s = key_of(&w, TYPE_TEST, hash, h, &a);
        assert_int_equal(s, h < base + 10 ? DSPV_KEY_NOT_YET : h < retired + 24 ? DSPV_KEY_VERIFIED : DSPV_KEY_RETIRED);
        assert_true(a.has_key);
    }
    assert_int_equal(key_of(&w, TYPE_TEST, devnode_chain_hash(w.chain, 576)->b, 700, &a), DSPV_KEY_NOT_YET);
    /* never a quorum: another height, an unknown type, a rotated index that there is not */
    assert_int_equal(key_of(&w, TYPE_TEST, devnode_chain_hash(w.chain, 505)->b, -1, &a), DSPV_KEY_UNKNOWN);
    assert_int_equal(a.fault.reason, DSPV_QUORUM_HEIGHT);
    assert_int_equal(key_of(&w, 77, hash, -1, &a), DSPV_KEY_UNKNOWN);
    assert_int_equal(a.fault.reason, DSPV_QUORUM_TYPE_UNKNOWN);
    assert_int_equal(key_of(&w, TYPE_DIP24, devnode_chain_hash(w.chain, 507)->b, -1, &a), DSPV_KEY_UNKNOWN);
    /* long ago */
    assert_int_equal(key_of(&w, TYPE_TEST, devnode_chain_hash(w.chain, 264)->b, -1, &a), DSPV_KEY_UNKNOWN);
    assert_int_equal(a.fault.reason, DSPV_NEED_QUORUM_SET);
    world_free(&w);
}

/* ---- a store that is not verified yet gives nothing away */

static void test_committed(void **state)
{
    (void)state;
    struct world w;
    struct store_memory *disk;
    dspv_key_answer a;
    dspv_chainlock lock;
    assert_int_equal(store_memory_new(&disk), 0);
    world_init(&w, "churn", 575);
    w.store = store_memory_seam(disk);
    const uint8_t *hash = devnode_chain_hash(w.chain, 552)->b;
    world_start(&w, 3);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_run(&w, MINUTE);
    assert_int_equal(key_of(&w, TYPE_TEST, hash, -1, &a), DSPV_KEY_VERIFIED);
    world_free(&w);
    world_start(&w, 4);
    assert_int_equal(key_of(&w, TYPE_TEST, hash, -1, &a), DSPV_KEY_COMMITTED);
    assert_int_equal(a.fault.reason, DSPV_NEED_VERIFICATION);
    assert_false(a.has_key);
    assert_false(dspv_best_chainlock(w.client, &lock));
    assert_int_equal(dspv_verify_now(w.client, w.now), 0);
    assert_int_equal(key_of(&w, TYPE_TEST, hash, -1, &a), DSPV_KEY_VERIFIED);
    assert_true(dspv_best_chainlock(w.client, &lock));
    assert_int_equal(dspv_verify_now(w.client, w.now), 0);
    world_free(&w);
    store_memory_free(disk);
}

/* ---- InstantSend locks, ChainLocks given as bytes */

/* Not what was locked, but with these inputs. */
static void make_transaction(struct writer *w, const struct isdlock *lock)
{
    writer_u16(w, 2);
    writer_u16(w, 0);
    writer_compact_size(w, lock->n_inputs);
    for (uint32_t i = 0; i < lock->n_inputs; i++) {
        writer_bytes(w, lock->inputs + 36 * i, 36);
        writer_compact_size(w, 2);
        writer_u16(w, 0x5151);
        writer_u32(w, UINT32_MAX);
    }
    writer_compact_size(w, 1);
    writer_u64(w, 1000);
    writer_compact_size(w, 0);
    writer_u32(w, 0);
}

static void check_instantlock(struct world *w, const struct driven_lock *l)
{
    struct isdlock lock;
    dspv_fault fault;
    dspv_lock_answer a;
    dspv_signer signer;
    struct writer tx, own;
    assert_int_equal(isdlock_decode(l->payload, l->n, &lock, &fault), 0);
    assert_int_equal(dspv_transaction_lock(w->client, &lock.txid, &a), 0);
    assert_int_equal(a.state, DSPV_LOCK_VERIFIED);
    assert_int_equal(a.n, l->n);
    assert_memory_equal(a.raw, l->payload, l->n);
    assert_int_equal(a.signer.llmq_type, TYPE_DIP24);
    assert_int_equal(dspv_verify_instantlock(w->client, l->payload, l->n, NULL, 0, &signer, &fault), 0);
    assert_memory_equal(&signer, &a.signer, sizeof(signer));
    uint8_t *copy = malloc(l->n);
    memcpy(copy, l->payload, l->n);
    copy[l->n - 150] ^= 1; /* the transaction's id */
    assert_int_not_equal(dspv_verify_instantlock(w->client, copy, l->n, NULL, 0, &signer, &fault), 0);
    assert_int_equal(dspv_verify_instantlock(w->client, copy, l->n - 1, NULL, 0, &signer, &fault), DSPV_EFAULT);
    free(copy);
    /* a transaction with these inputs, but another id; and one with a lock of its own, which nobody signed */
    writer_init(&tx);
    writer_init(&own);
    make_transaction(&tx, &lock);
    assert_int_equal(dspv_verify_instantlock(w->client, l->payload, l->n, tx.data, tx.n, &signer, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_LOCK_TRANSACTION);
    sha256d(lock.txid.b, tx.data, tx.n);
    isdlock_encode(&own, &lock);
    assert_int_not_equal(dspv_verify_instantlock(w->client, own.data, own.n, tx.data, tx.n, &signer, &fault), 0);
    assert_true(fault.reason == DSPV_LOCK_BAD_SIGNATURE || fault.reason == DSPV_NEED_QUORUM_SET);
    own.data[2] ^= 1; /* another input */
    assert_int_equal(dspv_verify_instantlock(w->client, own.data, own.n, tx.data, tx.n, &signer, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_LOCK_TRANSACTION);
    writer_free(&tx);
    writer_free(&own);
}

static void check_chainlock(struct world *w, const struct driven_lock *l)
{
    dspv_fault fault;
    dspv_signer signer;
    uint8_t copy[132];
    assert_int_equal(l->n, sizeof(copy));
    assert_int_equal(dspv_verify_chainlock(w->client, l->payload, l->n, &signer, &fault), 0);
    assert_int_equal(signer.llmq_type, TYPE_TEST);
    memcpy(copy, l->payload, sizeof(copy));
    copy[40] ^= 1;
    assert_int_not_equal(dspv_verify_chainlock(w->client, copy, sizeof(copy), &signer, &fault), 0);
    copy[40] ^= 1;
    copy[10] ^= 1; /* another block: nobody signed that */
    assert_int_not_equal(dspv_verify_chainlock(w->client, copy, sizeof(copy), &signer, &fault), 0);
}

static void test_locks(void **state)
{
    (void)state;
    struct world w;
    struct store_memory *disk;
    dspv_lock_answer a;
    struct bytes file = fixture_load("churn/locks.bin");
    assert_int_equal(store_memory_new(&disk), 0);
    world_init(&w, "churn", 500);
    w.store = store_memory_seam(disk);
    world_start(&w, 5);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    size_t at = 0, instant = 0, chain = 0;
    struct driven_lock l;
    bool more = driven_next_lock(file, &at, &l);
    for (int32_t tip = 501; tip <= 581; tip++) {
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, MINUTE));
        world_run(&w, 3000);
        for (; more && l.tip <= tip; more = driven_next_lock(file, &at, &l)) {
            if (l.tip != tip)
                continue;
            if (l.kind == 31)
                check_instantlock(&w, &l);
            else
                check_chainlock(&w, &l);
            instant += l.kind == 31;
            chain += l.kind == 29;
        }
    }
    print_message("%zu InstantSend locks, %zu ChainLocks\n", instant, chain);
    assert_true(instant > 5 && chain > 50);
    const dspv_tx_hash nobody = {{1}};
    assert_int_equal(dspv_transaction_lock(w.client, &nobody, &a), 0);
    assert_int_equal(a.state, DSPV_LOCK_UNKNOWN);
    world_free(&w);

    /* from disk: the recent ones are verified again when they are asked for, the others wait */
    world_start(&w, 6);
    dspv_restored r;
    dspv_get_restored(w.client, &r);
    assert_int_equal(r.locks, instant + 1);
    size_t verified = 0, waiting = 0, early = 0;
    for (int round = 0; round < 2; round++) {
        for (at = 0; driven_next_lock(file, &at, &l);) {
            struct isdlock lock;
            dspv_fault fault;
            if (l.kind != 31 || l.tip <= 500)
                continue;
            assert_int_equal(isdlock_decode(l.payload, l.n, &lock, &fault), 0);
            assert_int_equal(dspv_transaction_lock(w.client, &lock.txid, &a), 0);
            if (round == 0) {
                assert_int_equal(a.state, DSPV_LOCK_WAITING);
                early++;
                continue;
            }
            verified += a.state == DSPV_LOCK_VERIFIED;
            waiting += a.state == DSPV_LOCK_WAITING;
        }
        assert_int_equal(dspv_verify_now(w.client, w.now), 0);
    }
    print_message("after the restart: %zu verified, %zu wait\n", verified, waiting);
    assert_true(early == instant && verified + waiting == instant && verified > 2);
    world_free(&w);
    free(file.p);
    store_memory_free(disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oracle),
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_committed),
        cmocka_unit_test(test_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
