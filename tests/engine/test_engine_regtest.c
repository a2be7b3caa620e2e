/* The engine on the recorded regtest networks, fed with consecutive diffs only (no qrinfo: rotation is derived forward), against
 * Dash Core's own answers at the same heights (criterion 4). */
#include "engine/driven.h"

#include "base/endian.h"
#include "base/mem.h"

/* ---- Dash Core's answers */

static void assert_hash_is(const char *display, const uint8_t hash[32])
{
    char text[65];
    hash_to_hex(hash, text);
    assert_string_equal(text, display);
}

/* Core prints a key in the encoding of the moment, a commitment holds that of its version. */
static void assert_same_key(const struct commitment *c, const json_t *info)
{
    struct bytes text = json_hex(info, "quorumPublicKey");
    bls_key ours, basic, legacy;
    assert_int_equal(text.n, 48);
    assert_true(bls_key_decode(&ours, c->public_key, commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC));
    bool is_basic = bls_key_decode(&basic, text.p, BLS_BASIC) && memcmp(&basic, &ours, sizeof(ours)) == 0;
    bool is_legacy = bls_key_decode(&legacy, text.p, BLS_LEGACY) && memcmp(&legacy, &ours, sizeof(ours)) == 0;
    assert_true(is_basic || is_legacy);
    free(text.p);
}

static void assert_members(const struct quorum_view *q, const json_t *members)
{
    assert_int_equal(q->members->n, json_array_size(members));
    size_t i;
    json_t *member;
    json_array_foreach(members, i, member)
    {
        const struct masternode *mn = q->members->mn[i];
        assert_hash_is(json_text(member, "proTxHash"), mn->entry.protx.b);
        assert_int_equal(bitspan_get(&q->quorum->c.valid_members, (uint32_t)i),
                         json_is_true(json_object_get(member, "valid")));
    }
}

/* Every quorum Core knows: its members in order, its block and key; and it is VERIFIED. Returns how many. */
static size_t assert_quorums(const struct driven *d, const json_t *point)
{
    size_t n = 0;
    const char *name, *hash;
    json_t *type, *info;
    json_object_foreach(json_object_get(point, "quorums"), name, type)
    {
        const struct llmq_params *p = llmq_params_by_name(name);
        assert_non_null(p);
        json_object_foreach(type, hash, info)
        {
            struct quorum_view q;
            uint8_t bytes[32];
            assert_true(hash_from_hex(hash, bytes));
            const quorum_hash key = quorum_hash_from(bytes);
            if (!engine_quorum(d->e, p->type, &key, &q))
                fail_msg("%s %s is not known", name, hash);
            if (q.status != QUORUM_VERIFIED)
                fail_msg("%s %s: %s", name, hash, dspv_reason_name(q.fault.reason));
            assert_true(q.committed);
            assert_int_equal(q.base_height, json_int(info, "height"));
            assert_int_equal(q.quorum->c.index, json_int(info, "quorumIndex"));
            assert_same_key(&q.quorum->c, info);
            assert_members(&q, json_object_get(info, "members"));
            n++;
        }
    }
    return n;
}

/* Core's list of active quorums per type is exactly our proven set. */
static void assert_active(const struct driven *d, const json_t *point)
{
    const json_t *active = json_object_get(point, "quorum_list_active");
    const struct mnstate *tip = engine_tip_list(d->e);
    const char *name;
    json_t *hashes, *hash;
    json_object_foreach((json_t *)(uintptr_t)active, name, hashes)
    {
        const struct llmq_params *p = llmq_params_by_name(name);
        size_t i, ours = 0;
        for (uint32_t k = 0; k < tip->quorums->n; k++)
            ours += tip->quorums->items[k]->c.type == p->type;
        assert_int_equal(ours, json_array_size(hashes));
        json_array_foreach(hashes, i, hash)
        {
            uint8_t bytes[32];
            assert_true(hash_from_hex(json_string_value(hash), bytes));
            const quorum_hash key = quorum_hash_from(bytes);
            assert_non_null(quorumset_find(tip->quorums, p->type, &key));
        }
    }
}

static const char *const PURPOSES[] = {"core_p2p", "platform_p2p", "platform_https"};

/* The addresses as text, by purpose and in order. An entry of version 1 or 2 carries only the first of Core's. */
static void assert_addresses(const struct masternode *mn, const json_t *addresses)
{
    struct net_address ours[16];
    size_t n = mnentry_addresses(&mn->entry, ours, 16), used = 0;
    assert_true(n <= 16);
    for (int purpose = 0; purpose < (mn->entry.version >= 3 ? 3 : 1); purpose++) {
        size_t i;
        json_t *text;
        json_array_foreach(json_object_get(addresses, PURPOSES[purpose]), i, text)
        {
            char out[320];
            while (used < n && mn->entry.version < 3 && ours[used].purpose != (enum net_purpose)purpose)
                used++;
            assert_true(used < n);
            assert_int_equal(ours[used].purpose, purpose);
            net_address_text(&ours[used++], out, sizeof(out));
            assert_string_equal(out, json_string_value(text));
        }
    }
    if (mn->entry.version >= 3)
        assert_int_equal(used, n);
}

/* `protx list registered` with details: the same masternodes with the same fields. */
static void assert_masternodes(const struct driven *d, const json_t *point)
{
    const json_t *theirs = json_object_get(point, "protx_list");
    const struct mnlist *ours = engine_tip_list(d->e)->list;
    assert_int_equal(mnlist_count(ours), json_array_size(theirs));
    size_t i, valid = 0, evo = 0;
    json_t *entry;
    json_array_foreach(theirs, i, entry)
    {
        const json_t *state = json_object_get(entry, "state");
        protx_hash protx;
        json_hash(entry, "proTxHash", protx.b);
        const struct masternode *mn = mnlist_find(ours, &protx);
        if (!mn)
            fail_msg("%s is not in our list", json_text(entry, "proTxHash"));
        struct bytes key = json_hex(state, "pubKeyOperator");
        assert_int_equal(key.n, 48);
        assert_memory_equal(mn->entry.operator_key, key.p, 48);
        free(key.p);
        assert_int_equal(mn->entry.version, json_int(state, "version"));
        assert_int_equal(mn->entry.valid, json_int(state, "PoSeBanHeight") == -1);
        assert_int_equal(masternode_is_evo(mn), strcmp(json_text(entry, "type"), "Evo") == 0);
        if (masternode_is_evo(mn)) {
            struct bytes id = json_hex(state, "platformNodeID"); /* shown in reversed order */
            for (size_t k = 0; k < 20; k++)
                assert_int_equal(mn->entry.platform_node_id[k], id.p[19 - k]);
            free(id.p);
        }
        assert_addresses(mn, json_object_get(state, "addresses"));
        valid += mn->entry.valid;
        evo += masternode_is_evo(mn);
    }
    assert_int_equal(mnlist_valid(ours), valid);
    assert_int_equal(mnlist_evo(ours), evo);
}

static void assert_best_chainlock(const struct driven *d, const json_t *point)
{
    if (!json_is_object(json_object_get(point, "bestchainlock"))) /* none yet */
        return;
    struct bytes payload = json_hex(json_object_get(point, "bestchainlock"), "hex");
    struct clsig lock;
    dspv_fault fault;
    assert_int_equal(clsig_decode(payload.p, payload.n, &lock, &fault), 0);
    assert_int_equal(engine_check_chainlock(d->e, &lock, NULL, &fault), 0);
    free(payload.p);
}

/* Walk to every point of the oracle, then to the tip. */
static void walk_oracle(struct driven *d, const char *folder)
{
    json_t *oracle = fixture_json(fixture_file(folder, "oracle.json")), *point;
    size_t i, checked = 0;
    json_array_foreach(oracle, i, point)
    {
        driven_to(d, (int32_t)json_int(point, "height"));
        driven_verify(d);
        assert_hash_is(json_text(point, "hash"), engine_tip_list(d->e)->block.b);
        checked += assert_quorums(d, point);
        assert_active(d, point);
        assert_masternodes(d, point);
        assert_best_chainlock(d, point);
    }
    driven_to(d, d->chain.tip);
    driven_verify(d);
    print_message("%s: %zu points, %zu times a quorum's members equal Core's in order\n", folder, json_array_size(oracle),
                  checked);
    json_decref(oracle);
}

/* ---- snapshots and locks */

static void assert_snapshots(const struct driven *d, const char *folder, size_t expected)
{
    struct bytes b = fixture_load(fixture_file(folder, "snapshots.bin"));
    size_t at = 0, n = 0;
    for (; at < b.n; n++) {
        int32_t cycle = (int32_t)load_le32(b.p + at);
        size_t size = load_le32(b.p + at + 4);
        bool derived;
        const struct snapshot *s = engine_snapshot(d->e, cycle, &derived);
        if (!s)
            fail_msg("no snapshot of cycle %d", cycle);
        assert_true(derived);
        assert_false(engine_snapshot_absent(d->e, cycle));
        struct writer w;
        writer_init(&w);
        snapshot_wire(s, &w);
        assert_int_equal(w.n, size);
        assert_memory_equal(w.data, b.p + at + 8, size);
        writer_free(&w);
        at += 8 + size;
    }
    assert_int_equal(n, expected);
    assert_int_equal(engine_snapshot_mismatches(d->e), 0);
    free(b.p);
}

static void check_chainlock(const struct driven *d, const struct driven_lock *l, bool spoil)
{
    struct clsig lock;
    struct quorum_view signer;
    dspv_fault fault;
    assert_int_equal(clsig_decode(l->payload, l->n, &lock, &fault), 0);
    if (engine_check_chainlock(d->e, &lock, &signer, &fault) != 0)
        fail_msg("chainlock %d: %s", lock.height, dspv_reason_name(fault.reason));
    assert_int_equal(signer.status, QUORUM_VERIFIED);
    assert_int_equal(signer.quorum->c.type, d->chain.net.chainlock_type);
    if (!spoil)
        return;
    lock.signature[40] ^= 1;
    assert_int_not_equal(engine_check_chainlock(d->e, &lock, NULL, &fault), 0);
    lock.signature[40] ^= 1;
    lock.block.b[7] ^= 1; /* an unknown block: only the signature can tell */
    assert_int_not_equal(engine_check_chainlock(d->e, &lock, NULL, &fault), 0);
    lock.block.b[7] ^= 1;
    lock.height++;
    assert_int_equal(engine_check_chainlock(d->e, &lock, NULL, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_LOCK_BAD_HEIGHT);
}

static void check_instantlock(const struct driven *d, const struct driven_lock *l, int32_t tip, bool spoil)
{
    struct isdlock lock;
    struct quorum_view signer;
    dspv_fault fault;
    assert_int_equal(isdlock_decode(l->payload, l->n, &lock, &fault), 0);
    if (engine_check_instantlock(d->e, &lock, tip, &signer, &fault) != 0)
        fail_msg("isdlock at %d: %s", l->tip, dspv_reason_name(fault.reason));
    assert_int_equal(signer.status, QUORUM_VERIFIED);
    assert_int_equal(signer.quorum->c.type, d->chain.net.instantsend_type);
    if (!spoil)
        return;
    lock.txid.b[3] ^= 1;
    assert_int_not_equal(engine_check_instantlock(d->e, &lock, tip, NULL, &fault), 0);
    lock.txid.b[3] ^= 1;
    lock.signature[40] ^= 1;
    assert_int_not_equal(engine_check_instantlock(d->e, &lock, tip, NULL, &fault), 0);
    lock.signature[40] ^= 1;
    lock.cycle = d->chain.hashes[fixture_chain_height(&d->chain, lock.cycle.b) + 1];
    assert_int_equal(engine_check_instantlock(d->e, &lock, tip, NULL, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_LOCK_CYCLE);
    memset(lock.cycle.b, 0x77, 32);
    assert_int_equal(engine_check_instantlock(d->e, &lock, tip, NULL, &fault), DSPV_EWAITING);
    assert_int_equal(fault.reason, DSPV_NEED_HEADER);
}

/* `live`: lists only up to the tip at which each lock was announced; else all of them are there. */
static void check_locks(struct driven *d, const char *folder, bool live, size_t chainlocks, size_t instantlocks)
{
    struct bytes locks = fixture_load(fixture_file(folder, "locks.bin"));
    struct driven_lock l;
    size_t n_chainlocks = 0, n_instantlocks = 0;
    for (size_t at = 0; driven_next_lock(locks, &at, &l);) {
        if (live && l.tip > d->applied) {
            driven_to(d, l.tip);
            driven_verify(d);
        }
        if (l.kind == 29)
            check_chainlock(d, &l, n_chainlocks++ % 16 == 0);
        else
            check_instantlock(d, &l, live ? l.tip : d->chain.tip, n_instantlocks++ % 4 == 0);
    }
    print_message("%s, %s: %zu ChainLocks, %zu InstantSend locks\n", folder, live ? "live" : "afterwards", n_chainlocks,
                  n_instantlocks);
    assert_int_equal(n_chainlocks, chainlocks);
    assert_int_equal(n_instantlocks, instantlocks);
    free(locks.p);
}

static void test_network(const char *folder, size_t quorums, size_t snapshots, size_t chainlocks, size_t instantlocks)
{
    struct driven d;
    driven_open(&d, folder);
    walk_oracle(&d, folder);
    assert_int_equal(engine_quorum_count(d.e), quorums);
    assert_int_equal(driven_count(d.e, QUORUM_VERIFIED), quorums);
    struct needs needs;
    assert_int_equal(engine_discover(d.e, d.chain.tip, &needs), 0);
    assert_int_equal(needs.n, 0);
    assert_true(needs.wanted > 0 || quorums == 0);
    assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
    assert_snapshots(&d, folder, snapshots);
    check_locks(&d, folder, false, chainlocks, instantlocks);
    dspv_fault fault;
    assert_int_equal(engine_verify_list_quorums(d.e, d.chain.tip, NULL, 0, &fault), 0);
    driven_close(&d);
    driven_open(&d, folder);
    check_locks(&d, folder, true, chainlocks, instantlocks);
    driven_close(&d);
}

static void test_churn(void **state)
{
    (void)state;
    test_network("churn", 55, 17, 286, 27);
}

static void test_eras(void **state)
{
    (void)state;
    test_network("eras", 24, 14, 91, 0);
}

static void test_extaddr(void **state)
{
    (void)state;
    struct driven d;
    driven_open(&d, "extaddr");
    walk_oracle(&d, "extaddr");
    assert_int_equal(engine_quorum_count(d.e), 0);
    driven_close(&d);
}

/* ---- rollback */

/* Roll back over a cycle and more, apply again: nothing can be told apart; in between, nothing above is left. */
static void test_rollback(void **state)
{
    (void)state;
    struct driven d;
    driven_open(&d, "churn");
    driven_to(&d, d.chain.tip);
    driven_verify(&d);
    hash256 whole = driven_digest(&d, d.e);
    static const int32_t targets[] = {580, 570, 545, 520, 431, 300, 50, 1};
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        struct driven fresh;
        driven_open(&fresh, "churn");
        driven_to(&fresh, targets[i]);
        driven_verify(&fresh);
        engine_rollback(d.e, targets[i]);
        driven_verify(&d);
        for (int32_t h = targets[i] + 1; h <= d.chain.tip; h++) {
            block_hash hash;
            assert_null(engine_list(d.e, h));
            assert_null(engine_list_of_block(d.e, &d.chain.hashes[h]));
            assert_false(engine_block_at(d.e, h, &hash));
            assert_int_equal(engine_block_height(d.e, &d.chain.hashes[h]), -1);
        }
        hash256 ours = driven_digest(&d, d.e), theirs = driven_digest(&fresh, fresh.e);
        if (!hash256_eq(&ours, &theirs))
            fail_msg("rolled back to %d, the engine differs from one that never went further", targets[i]);
        d.applied = targets[i];
        driven_to(&d, d.chain.tip);
        driven_verify(&d);
        ours = driven_digest(&d, d.e);
        assert_memory_equal(ours.b, whole.b, 32);
        driven_close(&fresh);
    }
    driven_close(&d);
}

/* Another block at a height that is taken is the caller's mistake until it rolled back. */
static void test_conflicting_block(void **state)
{
    (void)state;
    struct driven d;
    driven_open(&d, "churn");
    driven_to(&d, 100);
    block_hash other = d.chain.hashes[100];
    other.b[0] ^= 1;
    assert_int_equal(engine_feed_block(d.e, &other, 100, NULL), DSPV_EMISUSE);
    assert_int_equal(engine_feed_block(d.e, &d.chain.hashes[100], 99, NULL), DSPV_EMISUSE);
    assert_int_equal(engine_feed_block(d.e, &d.chain.hashes[100], 100, &d.chain.merkle_roots[100]), 0);
    engine_rollback(d.e, 99);
    assert_int_equal(engine_feed_block(d.e, &other, 100, NULL), 0);
    assert_int_equal(engine_block_height(d.e, &other), 100);
    assert_int_equal(engine_block_height(d.e, &d.chain.hashes[100]), -1);
    dspv_fault fault; /* the diff of the abandoned block has no header any more */
    assert_int_equal(engine_apply_diff(d.e, &d.chain.diffs[100], &fault), DSPV_EWAITING);
    assert_int_equal(fault.reason, DSPV_NEED_HEADER);
    driven_close(&d);
}

/* Heights at both ends of the number range. */
static void test_hostile_locks(void **state)
{
    (void)state;
    struct driven d;
    driven_open(&d, "churn");
    driven_to(&d, d.chain.tip);
    driven_verify(&d);
    static const int32_t heights[] = {INT32_MIN, INT32_MIN + 7, -1, 0, 7, 8, INT32_MAX};
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++) {
        struct clsig lock = {.height = heights[i], .signature = {0xc0}};
        dspv_fault fault;
        assert_int_not_equal(engine_check_chainlock(d.e, &lock, NULL, &fault), 0);
    }
    struct isdlock empty = {.version = 1, .cycle = d.chain.hashes[552]};
    dspv_fault fault;
    memset(empty.txid.b, 1, 32);
    assert_int_equal(engine_check_instantlock(d.e, &empty, d.chain.tip, NULL, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_LOCK_TRIVIAL);
    driven_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_churn),
        cmocka_unit_test(test_eras),
        cmocka_unit_test(test_extaddr),
        cmocka_unit_test(test_rollback),
        cmocka_unit_test(test_conflicting_block),
        cmocka_unit_test(test_hostile_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
