/* wire/: the masternode-list family on messages made up here: what is encoded decodes to the same, and nothing else does. */
#include "wire/lists_break.h"
#include "wire/lists_random.h"

#include "crypto/merkle.h"
#include "crypto/sha256.h"

static const int layouts[] = {70214, 70225, 70227, 70228, 70229, 70230, 70240};
enum { LAYOUTS = sizeof(layouts) / sizeof(layouts[0]), ROUNDS = 60 };

static void test_diffs_survive(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < LAYOUTS * ROUNDS; i++) {
        struct maker m;
        maker_init(&m, i);
        struct mnlistdiff made, got;
        make_diff(&m, layouts[i % LAYOUTS], i % 5 != 0, &made);
        struct writer w;
        writer_init(&w);
        mnlistdiff_encode(&w, &made);
        assert_false(w.failed);
        dspv_fault fault;
        assert_int_equal(mnlistdiff_decode(w.data, w.n, made.proto, &m.arena, &got, &fault), 0);
        same_diff(&made, &got);
        assert_int_equal(got.raw.n, w.n);
        assert_ptr_equal(got.raw.p, w.data);
        writer_free(&w);
        maker_free(&m);
    }
}

static void test_qrinfos_survive(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < LAYOUTS * ROUNDS / 4; i++) {
        struct maker m;
        maker_init(&m, i + 1000);
        struct qrinfo made, got;
        make_qrinfo(&m, layouts[i % LAYOUTS], &made);
        made.diffs[QRINFO_H_4C].proto = made.extra_share ? made.proto : 0;
        struct writer w;
        writer_init(&w);
        qrinfo_encode(&w, &made);
        assert_false(w.failed);
        dspv_fault fault;
        assert_int_equal(qrinfo_decode(w.data, w.n, made.proto, &m.arena, &got, &fault), 0);
        same_qrinfo(&made, &got);
        writer_free(&w);
        maker_free(&m);
    }
}

/* Messages that say nothing layouts differ in fit several: the newest is taken. */
static void test_any_layout(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 6 * ROUNDS; i++) {
        struct maker m;
        maker_init(&m, i + 2000);
        struct mnlistdiff diff, got;
        struct qrinfo qrinfo, got_qrinfo;
        dspv_fault fault;
        struct writer w, again;
        writer_init(&w);
        writer_init(&again);
        make_diff(&m, layouts[i % 6], true, &diff);
        mnlistdiff_encode(&w, &diff);
        assert_int_equal(mnlistdiff_decode_any(w.data, w.n, &m.arena, &got, &fault), 0);
        assert_true(got.proto >= diff.proto);
        if (diff.proto >= 70228 || (diff.proto == 70227 && diff.version == 2 && diff.n_entries))
            assert_int_equal(got.proto, diff.proto);
        mnlistdiff_encode(&again, &got);
        assert_int_equal(again.n, w.n);
        assert_memory_equal(again.data, w.data, w.n);
        writer_reset(&w);
        make_qrinfo(&m, layouts[i % 6], &qrinfo);
        qrinfo_encode(&w, &qrinfo);
        assert_int_equal(qrinfo_decode_any(w.data, w.n, &m.arena, &got_qrinfo, &fault), 0);
        assert_true(got_qrinfo.proto >= qrinfo.proto);
        assert_int_equal(qrinfo_decode_any(w.data, w.n - 1, &m.arena, &got_qrinfo, &fault), DSPV_EFAULT);
        writer_free(&w);
        writer_free(&again);
        maker_free(&m);
    }
}

static void test_any_layout_reports_the_newest(void **state)
{
    (void)state;
    const uint8_t payload[40] = {0};
    struct arena arena;
    arena_init(&arena, 0);
    struct mnlistdiff d;
    dspv_fault fault, newest;
    assert_int_equal(mnlistdiff_decode_any(payload, sizeof(payload), &arena, &d, &fault), DSPV_EFAULT);
    assert_int_equal(mnlistdiff_decode(payload, sizeof(payload), 70230, &arena, &d, &newest), DSPV_EFAULT);
    assert_int_equal(fault.reason, newest.reason);
    assert_int_equal(fault.offset, newest.offset);
    assert_int_equal(fault.offset, 34);
    arena_free(&arena);
}

static struct writer encoded(struct maker *m, enum message_kind kind, int proto)
{
    struct writer w;
    writer_init(&w);
    if (kind == QRINFO) {
        struct qrinfo q;
        make_qrinfo(m, proto, &q);
        qrinfo_encode(&w, &q);
    } else {
        struct mnlistdiff d;
        make_diff(m, proto, true, &d);
        mnlistdiff_encode(&w, &d);
    }
    assert_false(w.failed);
    return w;
}

static void test_broken_messages(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < LAYOUTS; i++) {
        struct maker m;
        maker_init(&m, i + 3000);
        struct writer diff = encoded(&m, MNLISTDIFF, layouts[i]), qrinfo = encoded(&m, QRINFO, layouts[i]);
        check_truncations(MNLISTDIFF, diff.data, diff.n, layouts[i]);
        check_bit_flips(MNLISTDIFF, diff.data, diff.n, layouts[i], 3);
        check_bit_flips(QRINFO, qrinfo.data, qrinfo.n, layouts[i], 61);
        check_allocation_failures(MNLISTDIFF, diff.data, diff.n, layouts[i]);
        check_allocation_failures(QRINFO, qrinfo.data, qrinfo.n, layouts[i]);
        if (i >= 5)
            check_truncations(QRINFO, qrinfo.data, qrinfo.n, layouts[i]);
        writer_free(&diff);
        writer_free(&qrinfo);
        maker_free(&m);
    }
}

/* A message in any other layout than its own, and one made of noise. */
static void test_foreign_layouts(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 200; i++) {
        struct maker m;
        maker_init(&m, i + 4000);
        struct writer w = encoded(&m, i % 2 ? QRINFO : MNLISTDIFF, layouts[i % LAYOUTS]);
        const uint8_t *noise = make_bytes(&m, 600);
        for (int k = 0; k < LAYOUTS; k++) {
            round_trip(MNLISTDIFF, w.data, w.n, layouts[k]);
            round_trip(QRINFO, w.data, w.n, layouts[k]);
            round_trip(MNLISTDIFF, noise, 600, layouts[k]);
            round_trip(QRINFO, noise, 600, layouts[k]);
        }
        writer_free(&w);
        maker_free(&m);
    }
}

static void test_arena_limit(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 1);
    struct writer w = encoded(&m, QRINFO, 70240);
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &arena, &q, &fault), 0);
    size_t needed = arena.total;
    arena_free(&arena);
    arena_init(&arena, 2 * needed - 1);
    assert_int_equal(qrinfo_decode_any(w.data, w.n, &arena, &q, &fault), 0);
    assert_int_equal(arena.total, needed);
    assert_int_equal(qrinfo_decode_any(w.data, w.n, &arena, &q, &fault), DSPV_ENOMEM);
    assert_int_equal(fault.reason, DSPV_NO_MEMORY);
    assert_int_equal(arena.total, needed);
    arena_free(&arena);
    arena_init(&arena, needed - 1);
    assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &arena, &q, &fault), DSPV_ENOMEM);
    arena_free(&arena);
    writer_free(&w);
    maker_free(&m);
}

static void test_requests(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 2);
    struct writer w;
    writer_init(&w);
    dspv_fault fault;
    struct getmnlistd simple = {.base = block_hash_from(make_bytes(&m, 32)), .block = block_hash_from(make_bytes(&m, 32))}, got;
    getmnlistd_encode(&w, &simple);
    assert_int_equal(w.n, 64);
    assert_int_equal(getmnlistd_decode(w.data, w.n, &got, &fault), 0);
    assert_true(block_hash_eq(&got.base, &simple.base) && block_hash_eq(&got.block, &simple.block));
    assert_int_equal(getmnlistd_decode(w.data, 63, &got, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_TRUNCATED);
    const uint32_t counts[] = {0, 1, 6, 252, 253, GETQRINFO_MAX_BASES, GETQRINFO_MAX_BASES + 1};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        uint32_t n = counts[i];
        struct getqrinfo q = {(const block_hash *)make_bytes(&m, n * sizeof(block_hash)), n, simple.block, n % 2}, back;
        writer_reset(&w);
        getqrinfo_encode(&w, &q);
        int error = getqrinfo_decode(w.data, w.n, &back, &fault);
        if (n > GETQRINFO_MAX_BASES) {
            assert_int_equal(error, DSPV_EFAULT);
            assert_int_equal(fault.reason, DSPV_TOO_MANY);
            continue;
        }
        assert_int_equal(error, 0);
        assert_int_equal(back.n_bases, n);
        assert_true(n == 0 || memcmp(back.bases, q.bases, n * sizeof(block_hash)) == 0);
        assert_true(block_hash_eq(&back.block, &q.block));
        assert_int_equal(back.extra_share, q.extra_share);
        assert_int_equal(getqrinfo_decode(w.data, w.n - 1, &back, &fault), DSPV_EFAULT);
    }
    writer_free(&w);
    maker_free(&m);
}

static void test_commitment_hashes(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        struct maker m;
        maker_init(&m, i + 5000);
        struct commitment c, got;
        make_commitment(&m, &c);
        struct writer w, signed_part;
        writer_init(&w);
        writer_init(&signed_part);
        commitment_encode(&w, &c);
        struct reader r;
        reader_init(&r, w.data, w.n);
        commitment_decode(&r, &got);
        assert_true(reader_finish(&r));
        same_commitment(&c, &got);
        uint8_t expected[32];
        sha256d(expected, w.data, w.n);
        assert_memory_equal(commitment_leaf(&got).b, expected, 32);
        writer_u8(&signed_part, c.type);
        writer_hash(&signed_part, c.hash.b);
        writer_bitset(&signed_part, &c.valid_members);
        writer_bytes(&signed_part, c.public_key, 48);
        writer_bytes(&signed_part, c.vvec_hash, 32);
        sha256d(expected, signed_part.data, signed_part.n);
        assert_memory_equal(commitment_message(&got).b, expected, 32);
        assert_false(commitment_is_null(&got));
        writer_free(&w);
        writer_free(&signed_part);
        maker_free(&m);
    }
}

static void test_null_commitment(void **state)
{
    (void)state;
    uint8_t bytes[COMMITMENT_MIN_SIZE + 2] = {3, 0, 5};
    bytes[35] = bytes[37] = 8; /* two bitsets of eight bits */
    struct reader r;
    struct commitment c;
    reader_init(&r, bytes, sizeof(bytes));
    commitment_decode(&r, &c);
    assert_true(reader_finish(&r));
    assert_true(commitment_is_null(&c));
    for (size_t i = 36; i < sizeof(bytes); i++) {
        if (i == 37)
            continue;
        bytes[i] = 1;
        assert_false(commitment_is_null(&c));
        bytes[i] = 0;
    }
}

static void test_snapshot_skips_and_clsig_lookup(void **state)
{
    (void)state;
    const uint8_t bytes[] = {1, 0, 0, 0, 3, 5, 3, 7, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0x80};
    struct reader r;
    struct snapshot_msg s;
    reader_init(&r, bytes, sizeof(bytes));
    snapshot_decode(&r, &s);
    assert_true(reader_finish(&r));
    assert_int_equal(s.mode, 1);
    assert_int_equal(s.active.bits, 3);
    assert_int_equal(s.n_skips, 3);
    assert_int_equal(snapshot_skip(&s, 0), 7);
    assert_int_equal(snapshot_skip(&s, 1), -1);
    assert_int_equal(snapshot_skip(&s, 2), INT32_MIN);
    uint16_t first[] = {0, 3}, second[] = {2};
    const uint8_t a[96] = {1}, b[96] = {2};
    struct quorum_clsig groups[] = {{a, first, 2}, {b, second, 1}};
    struct mnlistdiff d = {.clsigs = groups, .n_clsigs = 2, .n_new_quorums = 4};
    assert_ptr_equal(mnlistdiff_clsig_of(&d, 0), a);
    assert_null(mnlistdiff_clsig_of(&d, 1));
    assert_ptr_equal(mnlistdiff_clsig_of(&d, 2), b);
    assert_ptr_equal(mnlistdiff_clsig_of(&d, 3), a);
}

static void test_cbtx(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 100; i++) {
        struct maker m;
        maker_init(&m, i + 6000);
        struct cbtx c, got;
        make_cbtx(&m, &c);
        struct writer w;
        writer_init(&w);
        cbtx_encode(&w, &c);
        struct reader r;
        reader_init(&r, w.data, w.n);
        cbtx_decode(&r, &got);
        assert_true(reader_ok(&r));
        same_cbtx(&c, &got);
        bool any = false;
        for (int k = 0; k < 96; k++)
            any |= c.best_cl_signature[k] != 0;
        assert_int_equal(cbtx_has_chainlock(&got), any);
        writer_free(&w);
        maker_free(&m);
    }
}

/* What a regtest node answered for height 1: no block hash, an ordinary coinbase (protocol.md 11, trap 38). */
static void test_below_dip3(void **state)
{
    (void)state;
    static const char after_hashes[] =
        "0100000001a6b9cfe0187822c29c1cce19874c6feaae2004ff99e6fa301aafc74bb2ea41aa010102000000010000000000000000000000000000000000"
        "000000000000000000000000000000ffffffff025100ffffffff0100743ba40b0000001976a9148708dff2bf8b31363cb4201d179b4714aa7b54a088ac"
        "000000000000000000";
    uint8_t payload[197] = {1};
    assert_true(hex_decode(after_hashes, payload + 66, 131));
    struct arena arena;
    arena_init(&arena, 0);
    struct mnlistdiff d;
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode_any(payload, sizeof(payload), &arena, &d, &fault), 0);
    assert_int_equal(d.proto, 70230);
    assert_true(block_hash_is_zero(&d.block));
    assert_false(d.has_cbtx);
    assert_true(d.coinbase.is_coinbase);
    hash256 root;
    tx_hash leaf, id = tx_id(&d.coinbase);
    assert_true(merkle_proof_check(&d.proof, &root, &leaf));
    assert_true(tx_hash_eq(&leaf, &id));
    arena_free(&arena);
    check_truncations(MNLISTDIFF, payload, sizeof(payload), 70240);
    check_bit_flips(MNLISTDIFF, payload, sizeof(payload), 70240, 1);
}

/* Entries in their own right: addresses of every form, and more of them than there is room for. */
static void test_entry_addresses(void **state)
{
    (void)state;
    uint8_t legacy[18] = {[10] = 0xff, [11] = 0xff, [12] = 1, [13] = 2, [14] = 3, [15] = 4, [16] = 0x27, [17] = 0x0f};
    struct mnentry e = {.version = 2, .net_info = {legacy, 18}};
    struct net_address a[4];
    assert_int_equal(mnentry_addresses(&e, a, 4), 1);
    assert_int_equal(a[0].purpose, NET_CORE_P2P);
    assert_int_equal(a[0].kind, NET_IPV4);
    assert_int_equal(a[0].host.n, 4);
    assert_int_equal(a[0].port, 9999);
    legacy[12] = legacy[13] = legacy[14] = legacy[15] = 0;
    assert_int_equal(mnentry_addresses(&e, a, 4), 0); /* 0.0.0.0 */
    legacy[10] = legacy[11] = 0;
    assert_int_equal(mnentry_addresses(&e, a, 4), 0); /* :: */
    legacy[0] = 0x20;
    assert_int_equal(mnentry_addresses(&e, a, 4), 1);
    assert_int_equal(a[0].kind, NET_IPV6);
    assert_int_equal(a[0].host.n, 16);
    /* core: 1.2.3.4:1, nothing; platform https: an unknown network, domain "ab":258 */
    const uint8_t ext[] = {1, 2, 0, 2, 1, 1, 4, 1, 2, 3, 4, 0, 1, 0xff, 2, 2, 1, 99, 3, 7, 7, 7, 0, 9, 2, 2, 'a', 'b', 1, 2};
    e = (struct mnentry){.version = 3, .net_info = {ext, sizeof(ext)}};
    assert_int_equal(mnentry_addresses(&e, a, 1), 2);
    assert_int_equal(mnentry_addresses(&e, NULL, 0), 2);
    assert_int_equal(mnentry_addresses(&e, a, 4), 2);
    assert_int_equal(a[0].kind, NET_IPV4);
    assert_int_equal(a[0].port, 1);
    assert_int_equal(a[1].purpose, NET_PLATFORM_HTTPS);
    assert_int_equal(a[1].kind, NET_DOMAIN);
    assert_memory_equal(a[1].host.p, "ab", 2);
    assert_int_equal(a[1].port, 258);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_diffs_survive),
        cmocka_unit_test(test_qrinfos_survive),
        cmocka_unit_test(test_any_layout),
        cmocka_unit_test(test_any_layout_reports_the_newest),
        cmocka_unit_test(test_broken_messages),
        cmocka_unit_test(test_foreign_layouts),
        cmocka_unit_test(test_arena_limit),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_commitment_hashes),
        cmocka_unit_test(test_null_commitment),
        cmocka_unit_test(test_snapshot_skips_and_clsig_lookup),
        cmocka_unit_test(test_cbtx),
        cmocka_unit_test(test_below_dip3),
        cmocka_unit_test(test_entry_addresses),
    };
    return cmocka_run_group_tests_name("wire_lists", tests, NULL, NULL);
}
