/* A client with a store: a second start verifies what is there and asks for next to nothing; what was written up to any moment is
 * enough to begin again; a disk that fails holds the events back and nothing else. */
#include "sync/branches.h"

#include "base/mem.h"
#include "dashspv/answers.h"
#include "store/memory.h"
#include "sync/header_branch.h"

enum { MINUTE = 60000, MOST_COMMITS = 4096 };

/* A disk that keeps every state it was in, and that can be made to fail. */
struct disk {
    dspv_store seam;
    struct store_memory *memory;
    struct store_memory *states[MOST_COMMITS];
    size_t n_states;
    bool keep_states;
    unsigned fail, failed; /* fail the next so many transactions */
    unsigned every, calls; /* fail every so manieth, 0: none */
    unsigned scan_fails;   /* fail the nth scan from now, 0: none */
};

static int disk_apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct disk *d = context;
    bool turn = d->every > 0 && ++d->calls % d->every == 0;
    if (d->fail > 0 || turn) {
        d->fail -= d->fail > 0;
        d->failed++;
        return DSPV_ESTORE;
    }
    const dspv_store *s = store_memory_seam(d->memory);
    assert_true(n > 0);
    int rc = s->apply(s->context, ops, n);
    if (rc != 0)
        return rc;
    if (d->keep_states && d->n_states < MOST_COMMITS)
        assert_int_equal(store_memory_clone(&d->states[d->n_states++], d->memory), 0);
    return 0;
}

static int disk_scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                     dspv_store_visit *visit, void *argument)
{
    struct disk *d = context;
    const dspv_store *s = store_memory_seam(d->memory);
    if (d->scan_fails > 0 && --d->scan_fails == 0)
        return DSPV_ESTORE;
    return s->scan(s->context, table, first, first_n, last, last_n, visit, argument);
}

static const char *disk_trouble(void *context)
{
    (void)context;
    return "";
}

static void disk_init(struct disk *d, const struct store_memory *from)
{
    *d = (struct disk){.seam = {d, disk_apply, disk_scan, disk_trouble, false}};
    assert_int_equal(from ? store_memory_clone(&d->memory, from) : store_memory_new(&d->memory), 0);
}

static void disk_free(struct disk *d)
{
    store_memory_free(d->memory);
    for (size_t i = 0; i < d->n_states; i++)
        store_memory_free(d->states[i]);
}

/* What is verified, is so in the other client too. */
static void assert_true_state(dspv *c, dspv *truth)
{
    struct quorum_view a, b;
    for (size_t i = 0; i < engine_quorum_count(client_engine(c)); i++) {
        engine_quorum_at(client_engine(c), i, &a);
        if (a.status != QUORUM_VERIFIED)
            continue;
        if (!engine_quorum(client_engine(truth), a.quorum->c.type, &a.quorum->c.hash, &b))
            continue; /* forgotten since */
        assert_int_equal(b.status, QUORUM_VERIFIED);
        assert_true(hash256_eq(&a.quorum->leaf, &b.quorum->leaf));
    }
    for (size_t i = 0; i < engine_list_count(client_engine(c)); i++) {
        const struct mnstate *s = engine_list_at(client_engine(c), i);
        block_hash ours;
        assert_true(s->anchored);
        assert_true(client_block_at(c, s->height, &ours) && block_hash_eq(&ours, &s->block));
    }
    dspv_chainlock a_lock, b_lock;
    (void)dspv_best_chainlock(c, &a_lock);
    (void)dspv_best_chainlock(truth, &b_lock);
    assert_true(a_lock.height <= b_lock.height);
}

/* ---- a second start */

static void restart(const char *fixture, int32_t tip, int32_t later)
{
    struct world w;
    struct disk disk;
    dspv_restored r;
    dspv_chainlock lock, again;
    disk_init(&disk, NULL);
    world_init(&w, fixture, tip);
    tip = tip > w.chain->tip ? w.chain->tip : tip;
    later = later > w.chain->tip ? w.chain->tip : later;
    w.store = &disk.seam;
    world_start(&w, 1);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_run(&w, MINUTE);
    dspv_progress cold = world_progress(&w);
    unsigned qr_infos = w.commands[WIRE_GETQRINFO];
    assert_true(dspv_best_chainlock(w.client, &lock));
    world_free(&w);

    /* without any peer */
    world_start(&w, 2);
    dspv_get_restored(w.client, &r);
    assert_int_equal(r.left_out, 0);
    assert_int_equal(r.headers > (size_t)tip - 2, 1);
    assert_int_equal(dspv_verify_now(w.client, w.now), 0);
    dspv_progress p = world_progress(&w);
    assert_int_equal(p.header_height, tip);
    assert_int_equal(p.list_height, tip);
    assert_int_equal(p.quorums_verified, cold.quorums_verified);
    assert_int_equal(p.quorums_wanted, cold.quorums_wanted);
    assert_int_equal(p.masternodes, cold.masternodes);
    assert_true(dspv_best_chainlock(w.client, &again));
    assert_memory_equal(&lock, &again, sizeof(lock));
    print_message("%s: %zu headers, %zu lists, %zu quorums, %zu snapshots, %zu locks; %zu bytes on disk\n", fixture, r.headers,
                  r.lists, r.quorums, r.snapshots, r.locks, store_memory_bytes(disk.memory));

    /* and with them */
    world_grow(&w, later);
    assert_true(world_run_until_tip(&w, 10 * MINUTE));
    world_run(&w, 1000);
    p = world_progress(&w);
    print_message("%s: cold %llu bytes, %u requests; warm %llu bytes, %u requests\n", fixture,
                  (unsigned long long)cold.bytes_received, cold.qr_info_completed + cold.mn_diff_completed,
                  (unsigned long long)p.bytes_received, p.qr_info_completed + p.mn_diff_completed);
    if (later - tip < 24) { /* else cycles are missing in between */
        assert_int_equal(w.commands[WIRE_GETQRINFO], qr_infos);
        assert_true(p.bytes_received < cold.bytes_received / 2);
    }
    assert_int_equal(p.list_height, later);
    world_free(&w);
    disk_free(&disk);
}

static void test_restart(void **state)
{
    (void)state;
    restart("churn", 570, 581);
    restart("eras", 500, 500);
    restart("churn", 460, 581);
}

/* ---- the process ends at any moment */

static void test_any_moment(void **state)
{
    (void)state;
    struct world w, other;
    struct disk disk, copy;
    disk_init(&disk, NULL);
    disk.keep_states = true;
    world_init(&w, "churn", 540);
    w.store = &disk.seam;
    world_start(&w, 3);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    for (int32_t tip = 541; tip <= 581; tip++) {
        world_grow(&w, tip);
        world_run(&w, 5000);
    }
    size_t complete = 0;
    for (size_t i = 0; i < disk.n_states; i++) {
        disk_init(&copy, disk.states[i]);
        copy.seam.read_only = true;
        world_init(&other, "churn", 581);
        other.store = &copy.seam;
        other.config.target_outbound = 1;
        world_start(&other, 4);
        dspv_restored r;
        dspv_get_restored(other.client, &r);
        assert_int_equal(r.left_out, 0);
        assert_int_equal(dspv_verify_now(other.client, other.now), 0);
        assert_true_state(other.client, w.client);
        assert_true(store_memory_equal(copy.memory, disk.states[i])); /* read only */
        dspv_progress p = world_progress(&other);
        complete += p.quorums_wanted > 0 && p.quorums_verified == p.quorums_wanted;
        world_free(&other);
        disk_free(&copy);
        if (i % 16 != 0)
            continue; /* and on from there */
        disk_init(&copy, disk.states[i]);
        world_init(&other, "churn", 581);
        other.store = &copy.seam;
        world_start(&other, 5);
        assert_true(world_run_until_synced(&other, 10 * MINUTE));
        assert_int_equal(world_progress(&other).list_height, 581);
        world_free(&other);
        disk_free(&copy);
    }
    print_message("%zu states of the disk, in %zu everything wanted is there\n", disk.n_states, complete);
    assert_true(disk.n_states > 40 && complete > 20);
    world_free(&w);
    disk_free(&disk);
}

/* ---- the chain is reorganised */

/* The state of the disk after each transaction: headers, lists and locks are of one branch, and all of it can be proven. */
static void reorganised(int32_t fork, int32_t depth)
{
    struct branches b;
    struct world w, other;
    struct disk disk, copy;
    disk_init(&disk, NULL);
    disk.keep_states = true;
    branches_open(&b, fork, fork + depth + 12, false, false);
    branches_world(&w, &b, BRANCH_A, 1, fork - 10);
    w.store = &disk.seam;
    world_start(&w, 20);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    for (int32_t tip = fork - 9; tip <= fork + depth; tip++) {
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, MINUTE));
    }
    size_t before = disk.n_states;
    world_switch(&w, &w.peers[0], branches_chain(&b, BRANCH_B));
    world_grow(&w, fork + depth + 10);
    assert_true(world_run_until_tip(&w, 10 * MINUTE));
    world_run(&w, MINUTE);
    assert_true(branches_on(&b, BRANCH_B, &w));
    assert_true(disk.n_states > before);
    for (size_t i = before > 0 ? before - 1 : 0; i < disk.n_states; i++) {
        disk_init(&copy, disk.states[i]);
        copy.seam.read_only = true;
        branches_world(&other, &b, BRANCH_B, 1, fork + depth + 10);
        other.store = &copy.seam;
        world_start(&other, 21);
        dspv_restored r;
        dspv_get_restored(other.client, &r);
        assert_int_equal(r.left_out, 0);
        assert_true(r.lists > 0);
        assert_int_equal(dspv_verify_now(other.client, other.now), 0);
        if (i + 1 == disk.n_states) {
            assert_true_state(other.client, w.client);
            assert_int_equal(world_progress(&other).list_height, fork + depth + 10);
            assert_int_equal(world_progress(&other).quorums_verified, world_progress(&w).quorums_verified);
        }
        world_free(&other);
        disk_free(&copy);
    }
    print_message("fork at %d, %d deep: %zu transactions, %zu of them after it\n", fork, depth, disk.n_states,
                  disk.n_states - before);
    world_free(&w);
    branches_close(&b);
    disk_free(&disk);
}

static void test_reorganised(void **state)
{
    (void)state;
    reorganised(289, 3);
    reorganised(349, 30);
}

/* ---- a disk that fails */

/* What was told is on disk. */
struct watch {
    struct disk *disk;
    bool failing;
};

static void no_news(struct world *w, const dspv_event *e)
{
    const struct watch *b = w->books;
    if (b->failing)
        fail_msg("event %d while nothing can be stored", e->kind);
}

static void test_failing(void **state)
{
    (void)state;
    struct world w;
    struct disk disk;
    struct watch books = {&disk, false};
    disk_init(&disk, NULL);
    world_init(&w, "churn", 560);
    w.store = &disk.seam;
    w.books = &books;
    w.on_told = no_news;
    world_start(&w, 6);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_run(&w, 5000);
    books.failing = true;
    disk.fail = 1000000;
    world_grow(&w, 570);
    world_run(&w, 20000);
    assert_true(w.store_failed > 3);
    unsigned lists = w.events[DSPV_EVENT_LIST];
    books.failing = false;
    disk.fail = 0;
    assert_true(world_run_until_tip(&w, 10 * MINUTE));
    world_run(&w, 5000);
    assert_true(w.events[DSPV_EVENT_LIST] > lists);
    assert_int_equal(world_progress(&w).list_height, 570);
    world_free(&w);

    /* it fails now and then from the start */
    struct disk flaky;
    disk_init(&flaky, NULL);
    world_init(&w, "churn", 560);
    w.store = &flaky.seam;
    world_start(&w, 7);
    flaky.every = 2;
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    for (int32_t tip = 561; tip <= 581; tip++) {
        world_grow(&w, tip);
        assert_true(world_run_until_tip(&w, MINUTE));
    }
    assert_true(flaky.failed > 15);
    flaky.every = 0;
    world_run(&w, MINUTE);
    dspv_progress before = world_progress(&w);
    world_free(&w);
    world_start(&w, 8);
    assert_int_equal(dspv_verify_now(w.client, w.now), 0);
    assert_int_equal(world_progress(&w).quorums_verified, before.quorums_verified);
    world_free(&w);
    disk_free(&flaky);
    disk_free(&disk);
}

/* While much cannot be stored, no more headers are asked for, and it is not tried with every input. */
static void test_failing_long(void **state)
{
    enum { PEERS = 2, BATCH = 2000, LONG_TIP = 6581, SMALL_BATCH = 70234 };
    struct devnode_chain chain = branch(582, LONG_TIP, 0);
    struct world w;
    struct disk disk;
    (void)state;
    disk_init(&disk, NULL);
    world_init(&w, "churn", LONG_TIP);
    w.config.masternodes = false;
    w.now = (dspv_ms)load_le32(devnode_chain_header(&chain, LONG_TIP) + 68) * 1000 + MINUTE;
    for (size_t i = 0; i < PEERS; i++) {
        world_add(&w)->chain = &chain;
        w.peers[i].options.protocol = SMALL_BATCH;
    }
    w.store = &disk.seam;
    world_start(&w, 9);
    w.client->storage.much = 100000;
    disk.fail = 1000000;
    world_run(&w, 10 * MINUTE);
    int32_t reached = world_progress(&w).header_height;
    assert_in_range(reached, BATCH, 2 * BATCH);
    assert_in_range(disk.failed, 250, 350);
    assert_int_equal(w.events[DSPV_EVENT_TIP], 0);
    disk.fail = 0;
    assert_true(world_run_until_tip(&w, 10000));
    assert_int_equal(world_progress(&w).header_height, LONG_TIP);
    world_free(&w);
    disk_free(&disk);
    branch_free(&chain);
}

/* ---- a start that fails for want of memory, or because the disk cannot be read, leaves nothing behind */

static void test_starts(void **state)
{
    (void)state;
    struct world w;
    struct disk disk;
    dspv_network *net;
    dspv *c;
    static const uint8_t seed[32] = {10};
    disk_init(&disk, NULL);
    world_init(&w, "churn", 581);
    w.store = &disk.seam;
    world_start(&w, 10);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_run(&w, MINUTE);
    world_free(&w);
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    net->net = w.chain->network;
    struct store_memory *before;
    assert_int_equal(store_memory_clone(&before, disk.memory), 0);
    size_t failures = 0;
    for (size_t n = 1;; n += 1 + n / 12, failures++) {
        mem_fail_after(n);
        int rc = dspv_new(&c, net, NULL, &disk.seam, seed, w.now);
        size_t made = mem_fail_after(0);
        assert_int_equal(rc, made >= n ? DSPV_ENOMEM : 0);
        dspv_free(c);
        if (rc == 0)
            break;
    }
    assert_true(failures > 40);
    for (unsigned n = 1;; n++) {
        disk.scan_fails = n;
        int rc = dspv_new(&c, net, NULL, &disk.seam, seed, w.now);
        dspv_free(c);
        if (rc == 0)
            break;
        assert_int_equal(rc, DSPV_ESTORE);
        assert_true(n < 100);
    }
    assert_true(store_memory_equal(before, disk.memory));
    store_memory_free(before);
    dspv_network_free(net);
    disk_free(&disk);
}

/* While it runs: the state on disk is one from which all can be had again. */
static void test_memory(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (size_t n = 20; n < 12000; n += 1 + n / 3) {
        struct world w;
        struct disk disk;
        disk_init(&disk, NULL);
        world_init(&w, "churn", 581);
        w.store = &disk.seam;
        world_start(&w, 11);
        w.fail_after = n;
        assert_true(world_run_until_synced(&w, 30 * MINUTE));
        w.fail_after = 0;
        world_run(&w, MINUTE);
        failed += w.out_of_memory;
        dspv_progress cold = world_progress(&w);
        world_free(&w);
        world_start(&w, 12);
        dspv_restored r;
        dspv_get_restored(w.client, &r);
        assert_int_equal(r.left_out, 0);
        assert_int_equal(dspv_verify_now(w.client, w.now), 0);
        assert_int_equal(world_progress(&w).quorums_verified, cold.quorums_verified);
        assert_int_equal(world_progress(&w).chainlock_height, cold.chainlock_height);
        world_free(&w);
        disk_free(&disk);
    }
    print_message("%u inputs failed\n", failed);
    assert_true(failed > 5);
}

/* ---- whose store it is */

static void test_other_network(void **state)
{
    (void)state;
    struct world w;
    struct disk disk;
    dspv_network *net;
    dspv *c;
    dspv_fault fault;
    static const uint8_t seed[32] = {9};
    disk_init(&disk, NULL);
    world_init(&w, "churn", 480);
    w.store = &disk.seam;
    world_start(&w, 9);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_free(&w);
    assert_int_equal(dspv_network_new(&net, "testnet"), 0);
    assert_int_equal(dspv_store_check(net, &disk.seam, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_OTHER_NETWORK);
    assert_int_equal(dspv_new(&c, net, NULL, &disk.seam, seed, w.now), DSPV_EMISUSE);
    assert_null(c);
    dspv_network_free(net);
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    assert_int_equal(dspv_store_check(net, &disk.seam, &fault), 0);
    dspv_network_free(net);
    disk_free(&disk);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_restart), cmocka_unit_test(test_any_moment),    cmocka_unit_test(test_reorganised),
        cmocka_unit_test(test_failing), cmocka_unit_test(test_failing_long),  cmocka_unit_test(test_starts),
        cmocka_unit_test(test_memory),  cmocka_unit_test(test_other_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
