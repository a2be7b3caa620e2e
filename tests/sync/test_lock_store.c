/* The last verified InstantSend locks: never more than LOCK_STORE_MOST, the oldest goes, in memory and on disk; what comes from
 * disk is a claim. */
#include "support/data.h"

#include "base/endian.h"
#include "base/mem.h"
#include "dashspv/answers.h"
#include "store/memory.h"
#include "store/read.h"
#include "sync/client.h"

static const uint8_t SEED[32] = {5};
enum { NOW = 1700000000 };

static dspv *start(const dspv_store *store)
{
    dspv_network *net;
    dspv *c;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    assert_int_equal(dspv_new(&c, net, NULL, store, SEED, (dspv_ms)NOW * 1000), 0);
    dspv_network_free(net);
    return c;
}

static tx_hash txid_of(uint32_t i)
{
    tx_hash id = {{0}};
    store_le32(id.b, i + 1);
    return id;
}

static size_t fail_after; /* an allocation of the next lock_store_add(), 0: none */

/* A lock that looks like one; `variant` makes it another one of the same transaction. */
static int add(dspv *c, uint32_t i, uint8_t variant, size_t inputs)
{
    struct quorum signer = {.c = {.type = 103}};
    const struct quorum_view by = {.quorum = &signer};
    uint8_t *outpoints = calloc(inputs, 36);
    struct isdlock lock = {
        .version = 1, .inputs = outpoints, .n_inputs = (uint32_t)inputs, .txid = txid_of(i), .signature = {variant}};
    struct writer w;
    store_le32(outpoints, i);
    writer_init(&w);
    isdlock_encode(&w, &lock);
    lock.raw = (struct span){w.data, w.n};
    mem_fail_after(fail_after);
    int rc = lock_store_add(c, &lock, &by);
    bool failed = mem_fail_after(0) >= fail_after && fail_after > 0;
    assert_int_equal(rc, failed ? DSPV_ENOMEM : 0);
    writer_free(&w);
    free(outpoints);
    return rc;
}

static dspv_lock_answer ask(dspv *c, uint32_t i)
{
    const tx_hash id = txid_of(i);
    dspv_lock_answer a;
    assert_int_equal(dspv_transaction_lock(c, &id, &a), 0);
    return a;
}

static size_t restored_locks(dspv *c, size_t *left_out)
{
    dspv_restored r;
    dspv_get_restored(c, &r);
    *left_out = r.left_out;
    return r.locks;
}

static void test_ring(void **state)
{
    (void)state;
    struct store_memory *disk;
    size_t left_out;
    assert_int_equal(store_memory_new(&disk), 0);
    dspv *c = start(store_memory_seam(disk));
    const uint32_t all = LOCK_STORE_MOST + 1000;
    for (uint32_t i = 0; i < all; i++) {
        assert_int_equal(add(c, i, 0, 1), 0);
        if (i % 777 == 0)
            assert_int_equal(storage_commit(c), 0);
    }
    assert_int_equal(storage_commit(c), 0);
    assert_int_equal(store_memory_count(disk, DSPV_TABLE_LOCKS), LOCK_STORE_MOST);
    for (uint32_t i = 0; i < all; i++)
        assert_int_equal(ask(c, i).state, i < 1000 ? DSPV_LOCK_UNKNOWN : DSPV_LOCK_VERIFIED);
    assert_int_equal(add(c, 2000, 0, 1), 0); /* the same again is no news */
    assert_int_equal(ask(c, 1000).state, DSPV_LOCK_VERIFIED);
    assert_int_equal(add(c, 2000, 1, 1), 0); /* another one of the transaction is */
    assert_int_equal(ask(c, 1000).state, DSPV_LOCK_UNKNOWN);
    assert_int_equal(add(c, all, 0, LOCK_STORE_LARGEST / 36), 0); /* too large to be kept */
    assert_int_equal(ask(c, all).state, DSPV_LOCK_UNKNOWN);
    assert_int_equal(storage_commit(c), 0);
    dspv_free(c);

    /* of a transaction there is only the newest; nothing is verified */
    c = start(store_memory_seam(disk));
    assert_int_equal(restored_locks(c, &left_out), LOCK_STORE_MOST - 1);
    assert_int_equal(left_out, 0);
    for (uint32_t i = 1001; i < all; i += 97)
        assert_int_equal(ask(c, i).state, DSPV_LOCK_WAITING);
    dspv_lock_answer a = ask(c, 2000);
    assert_int_equal(a.raw[a.n - 96], 1);
    assert_int_equal(add(c, all + 1, 0, 1), 0); /* takes the place of the oldest */
    assert_int_equal(ask(c, 1001).state, DSPV_LOCK_UNKNOWN);
    assert_int_equal(storage_commit(c), 0);
    assert_int_equal(store_memory_count(disk, DSPV_TABLE_LOCKS), LOCK_STORE_MOST - 1);
    dspv_free(c);
    store_memory_free(disk);
}

/* Records that say what cannot be. */
static void test_false(void **state)
{
    (void)state;
    static const uint8_t key[5] = {'I', 0, 0, 0, 7};
    struct store_memory *disk;
    struct batch b;
    size_t left_out;
    uint8_t payload[300] = {0};
    assert_int_equal(store_memory_new(&disk), 0);
    dspv *c = start(store_memory_seam(disk));
    assert_int_equal(add(c, 1, 0, 1), 0);
    assert_int_equal(storage_commit(c), 0);
    dspv_free(c);
    batch_init(&b);
    batch_put(&b, DSPV_TABLE_LOCKS, key, 5, payload, sizeof(payload));                    /* no lock */
    batch_put(&b, DSPV_TABLE_LOCKS, (const uint8_t *)"C", 1, payload, 17);                /* no ChainLock */
    batch_put(&b, DSPV_TABLE_LOCKS, (const uint8_t *)"I\xff\xff\xff\xff", 5, payload, 8); /* no such slot */
    batch_put(&b, DSPV_TABLE_LOCKS, (const uint8_t *)"what", 4, NULL, 0);                 /* no such key */
    assert_int_equal(batch_apply(&b, store_memory_seam(disk)), 0);
    batch_free(&b);
    c = start(store_memory_seam(disk));
    assert_int_equal(restored_locks(c, &left_out), 1);
    assert_int_equal(left_out, 4);
    assert_int_equal(ask(c, 1).state, DSPV_LOCK_WAITING);
    dspv_free(c);
    store_memory_free(disk);
}

static void test_memory(void **state)
{
    (void)state;
    dspv *c = start(NULL);
    for (uint32_t i = 0; i < 300; i++) {
        fail_after = 1 + i % 4;
        int rc = add(c, i, 0, 1);
        fail_after = 0;
        assert_int_equal(ask(c, i).state, rc == 0 ? DSPV_LOCK_VERIFIED : DSPV_LOCK_UNKNOWN);
        assert_int_equal(add(c, i, 0, 1), 0);
        assert_int_equal(ask(c, i).state, DSPV_LOCK_VERIFIED);
    }
    dspv_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ring),
        cmocka_unit_test(test_false),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
