/* wire/: what the decoders of the masternode-list family refuse, with which reason, and that huge counts cost nothing. */
#include "wire/lists_random.h"

#include "base/mem.h"

static dspv_reason diff_fault(const struct mnlistdiff *d)
{
    struct writer w;
    writer_init(&w);
    mnlistdiff_encode(&w, d);
    struct arena arena;
    arena_init(&arena, 0);
    struct mnlistdiff out;
    dspv_fault fault = {0};
    mnlistdiff_decode(w.data, w.n, d->proto, &arena, &out, &fault);
    arena_free(&arena);
    writer_free(&w);
    return fault.reason;
}

static void test_entries(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 1);
    struct mnlistdiff d;
    do
        make_diff(&m, 70230, true, &d);
    while (d.n_entries == 0);
    struct mnentry *e = &d.entries[d.n_entries - 1], good;
    make_mnentry(&m, 70230, 0, &good);
    good.version = 2;
    good.type = 0;
    uint8_t zeros[18] = {0};
    good.net_info = (struct span){zeros, 18};
    *e = good;
    assert_int_equal(diff_fault(&d), DSPV_OK);
    const uint16_t bad_versions[] = {0, 4, 0x100, 0xffff};
    for (int i = 0; i < 4; i++) {
        *e = good;
        e->version = bad_versions[i];
        assert_int_equal(diff_fault(&d), DSPV_BAD_ENTRY_VERSION);
    }
    *e = good;
    e->type = 2;
    assert_int_equal(diff_fault(&d), DSPV_BAD_ENTRY_TYPE);
    maker_free(&m);
}

/* isValid sits at 32 + 32 + 18 + 48 + 20 behind the version. */
static void test_entry_boolean(void **state)
{
    (void)state;
    uint8_t bytes[2 + 151] = {1};
    struct mnentry e;
    for (int valid = 0; valid < 256; valid++) {
        bytes[2 + 150] = (uint8_t)valid;
        struct reader r;
        reader_init(&r, bytes, sizeof(bytes));
        mnentry_decode(&r, 70230, 0, &e);
        assert_int_equal(r.fault, valid < 2 ? DSPV_OK : DSPV_BAD_BOOLEAN);
    }
}

static dspv_reason net_info_fault(const char *hex)
{
    uint8_t bytes[2 + 64 + 1024 + 71] = {3};
    size_t n = strlen(hex) / 2;
    assert_true(hex_decode(hex, bytes + 66, n));
    struct reader r;
    struct mnentry e;
    reader_init(&r, bytes, 2 + 64 + n + 48 + 20 + 1 + 2);
    mnentry_decode(&r, 70230, 0, &e);
    if (reader_finish(&r))
        assert_int_equal(e.net_info.n, n);
    return r.fault;
}

/* "010100" + one service or domain entry for Core, its address or name all of 'a'. */
static dspv_reason address_fault(const char *head, unsigned length)
{
    char hex[2 * 1024 + 1];
    int at = snprintf(hex, sizeof(hex), "01010001%s", head);
    at += length < 0xfd ? snprintf(hex + at, sizeof(hex) - (size_t)at, "%02x", length)
                        : snprintf(hex + at, sizeof(hex) - (size_t)at, "fd%02x%02x", length & 0xff, length >> 8);
    for (unsigned i = 0; i < length; i++)
        at += snprintf(hex + at, sizeof(hex) - (size_t)at, "61");
    snprintf(hex + at, sizeof(hex) - (size_t)at, "270f");
    return net_info_fault(hex);
}

static void test_ext_net_info(void **state)
{
    (void)state;
    const char *good[] = {
        "00",                 /* a version without content */
        "02", "ff",           /* unknown versions: likewise */
        "0100",               /* no purposes */
        "0103000001000200",   /* three without entries */
        "01010004ffffffff",   /* four empty entries */
        "010102010101047f000001270f",
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_int_equal(net_info_fault(good[i]), DSPV_OK);
    const char *bad[] = {
        "01010300",           /* unknown purpose */
        "0102010000ff",       /* descending */
        "010200000000",       /* repeated */
        "010400000100020003", /* more purposes than exist */
        "01fdff00",           /* likewise */
        "01010005ffffffffff", /* five entries */
        "01010001030161270f", /* unknown entry type */
        "0101000100",         /* likewise */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(net_info_fault(bad[i]), DSPV_BAD_NET_INFO);
    assert_int_equal(net_info_fault("01fd0100"), DSPV_COMPACT_SIZE);
}

static void test_address_lengths(void **state)
{
    (void)state;
    const struct {
        const char *head;
        unsigned only; /* the one length, or 0: every length from `least` to `most` */
        unsigned least, most;
    } kinds[] = {{"0101", 4, 0, 0},  {"0102", 16, 0, 0}, {"0104", 32, 0, 0}, {"0105", 32, 0, 0},
                 {"0106", 16, 0, 0}, {"0103", 0, 0, 512}, {"0163", 0, 0, 512}, {"02", 0, 1, 253}};
    const unsigned lengths[] = {0, 1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 252, 253, 254, 255, 511, 512, 513, 600};
    for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
        for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
            unsigned n = lengths[i];
            bool ok = kinds[k].only ? n == kinds[k].only : n >= kinds[k].least && n <= kinds[k].most;
            assert_int_equal(address_fault(kinds[k].head, n), ok ? DSPV_OK : DSPV_BAD_NET_INFO);
        }
    }
}

static dspv_reason commitment_fault(const struct commitment *c)
{
    struct writer w;
    writer_init(&w);
    commitment_encode(&w, c);
    struct reader r;
    struct commitment out;
    reader_init(&r, w.data, w.n);
    commitment_decode(&r, &out);
    reader_finish(&r);
    writer_free(&w);
    return r.fault;
}

static void test_commitments(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 3);
    struct commitment c;
    make_commitment(&m, &c);
    for (unsigned version = 0; version < 0x10000; version += version < 10 ? 1 : 509) {
        c.version = (uint16_t)version;
        assert_int_equal(commitment_fault(&c), version >= 1 && version <= 4 ? DSPV_OK : DSPV_BAD_COMMITMENT_VERSION);
    }
    c.version = 1;
    uint8_t ones[65];
    memset(ones, 0xff, sizeof(ones));
    c.signers = (struct bitspan){.bytes = ones, .bits = COMMITMENT_MAX_BITS};
    assert_int_equal(commitment_fault(&c), DSPV_OK);
    c.signers.bits = COMMITMENT_MAX_BITS + 8;
    assert_int_equal(commitment_fault(&c), DSPV_TOO_MANY);
    c.signers.bits = 511;
    assert_int_equal(commitment_fault(&c), DSPV_BITSET_PADDING);
    maker_free(&m);
}

static void test_commitment_version_inside_messages(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 4);
    struct qrinfo q;
    do
        make_qrinfo(&m, 70240, &q);
    while (q.h.n_new_quorums == 0 || q.n_last_commitments == 0);
    struct writer w;
    writer_init(&w);
    for (int in_diff = 0; in_diff < 2; in_diff++) {
        struct commitment *c = in_diff ? &q.h.new_quorums[0] : &q.last_commitments[0];
        uint16_t keep = c->version;
        c->version = 5;
        writer_reset(&w);
        qrinfo_encode(&w, &q);
        struct qrinfo out;
        dspv_fault fault;
        assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &m.arena, &out, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_BAD_COMMITMENT_VERSION);
        assert_int_equal(w.data[fault.offset], 5);
        c->version = keep;
    }
    writer_free(&w);
    maker_free(&m);
}

static void test_snapshots(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 5);
    struct qrinfo q, out;
    do
        make_qrinfo(&m, 70240, &q);
    while (q.n_older < 2);
    struct writer w;
    writer_init(&w);
    dspv_fault fault;
    const int32_t modes[] = {-1, 4, INT32_MIN, INT32_MAX};
    for (int i = 0; i < 4; i++) {
        q.snapshots[0].mode = modes[i];
        writer_reset(&w);
        qrinfo_encode(&w, &q);
        assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &m.arena, &out, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_BAD_SNAPSHOT_MODE);
        assert_int_equal(fault.offset, 0);
    }
    /* The last list one diff short: encode without the lists, then write them unequal. */
    q.snapshots[0].mode = 0;
    uint32_t n = q.n_older;
    q.n_older = 0;
    writer_reset(&w);
    qrinfo_encode(&w, &q);
    w.n -= 2;
    writer_compact_size(&w, n);
    for (uint32_t i = 0; i < n; i++)
        snapshot_encode(&w, &q.older_snapshots[i]);
    writer_compact_size(&w, n - 1);
    for (uint32_t i = 0; i < n - 1; i++)
        mnlistdiff_encode(&w, &q.older_diffs[i]);
    assert_int_equal(qrinfo_decode(w.data, w.n, 70240, &m.arena, &out, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_SNAPSHOT_LISTS_DIFFER);
    writer_free(&w);
    maker_free(&m);
}

static void test_diff_versions(void **state)
{
    (void)state;
    const int protos[] = {70225, 70226, 70227, 70228, 70229, 70230};
    for (uint64_t i = 0; i < 6; i++) {
        struct maker m;
        maker_init(&m, i);
        struct mnlistdiff d;
        make_diff(&m, protos[i], true, &d);
        d.n_entries = 0;
        for (uint16_t version = 0; version < 5; version++) {
            d.version = version;
            bool says_layout = protos[i] < 70228;
            assert_int_equal(diff_fault(&d), says_layout && (version < 1 || version > 2) ? DSPV_BAD_DIFF_VERSION : DSPV_OK);
        }
        maker_free(&m);
    }
}

static dspv_reason cbtx_fault(const uint8_t *payload, size_t n)
{
    struct reader r;
    struct cbtx c;
    reader_init(&r, payload, n);
    cbtx_decode(&r, &c);
    return r.fault;
}

static void test_cbtx(void **state)
{
    (void)state;
    uint8_t payload[200] = {0};
    const size_t sizes[] = {38, 70, 175}; /* protocol.md 4.6 */
    for (uint8_t version = 1; version <= 3; version++) {
        payload[0] = version;
        size_t size = sizes[version - 1];
        assert_int_equal(cbtx_fault(payload, size), DSPV_OK);
        assert_int_equal(cbtx_fault(payload, size + 1), DSPV_TRAILING_BYTES);
        for (size_t n = 0; n < size; n++)
            assert_int_equal(cbtx_fault(payload, n), DSPV_TRUNCATED);
    }
    payload[0] = 0;
    assert_int_equal(cbtx_fault(payload, 38), DSPV_BAD_CBTX_VERSION);
    payload[0] = 4;
    assert_int_equal(cbtx_fault(payload, 175), DSPV_BAD_CBTX_VERSION);
}

/* A fault inside the payload is reported at its place in the message. */
static void test_cbtx_inside_a_diff(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 6);
    struct mnlistdiff d, out;
    do
        make_diff(&m, 70230, true, &d);
    while (d.cbtx.version != 2);
    struct writer w;
    writer_init(&w);
    mnlistdiff_encode(&w, &d);
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode(w.data, w.n, 70230, &m.arena, &out, &fault), 0);
    size_t payload = (size_t)(out.coinbase.payload.p - w.data);
    w.data[payload] = 9;
    assert_int_equal(mnlistdiff_decode(w.data, w.n, 70230, &m.arena, &out, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_BAD_CBTX_VERSION);
    assert_int_equal(fault.offset, payload);
    w.data[payload] = 1; /* the quorum root is left over */
    assert_int_equal(mnlistdiff_decode(w.data, w.n, 70230, &m.arena, &out, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_TRAILING_BYTES);
    assert_int_equal(fault.offset, payload + 38);
    writer_free(&w);
    maker_free(&m);
}

/* Type 5 needs version 3 to have a payload; a coinbase has exactly one input, which spends nothing. */
static void test_transactions(void **state)
{
    (void)state;
    uint8_t none[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct reader r;
    struct tx tx;
    reader_init(&r, none, sizeof(none));
    tx_decode(&r, &tx);
    assert_true(reader_finish(&r));
    assert_false(tx.is_coinbase);
    assert_int_equal(tx.n_inputs, 0);
    none[0] = 2;
    none[2] = 5;
    reader_init(&r, none, sizeof(none));
    tx_decode(&r, &tx);
    assert_true(reader_finish(&r));
    assert_null(tx.payload.p);
    uint8_t one[4 + 1 + 41 + 1 + 4] = {1, 0, 0, 0, 1, [37] = 0xff, [38] = 0xff, [39] = 0xff, [40] = 0xff};
    for (int at = 4; at < 41; at++) {
        if (at > 4)
            one[at] ^= 1;
        reader_init(&r, one, sizeof(one));
        tx_decode(&r, &tx);
        assert_true(reader_finish(&r));
        assert_int_equal(tx.is_coinbase, at == 4);
        if (at > 4)
            one[at] ^= 1;
    }
    uint8_t two[sizeof(one) + 41] = {1, 0, 0, 0, 2};
    memcpy(two + 5, one + 5, 41);
    memcpy(two + 46, one + 5, 41);
    reader_init(&r, two, sizeof(two));
    tx_decode(&r, &tx);
    assert_true(reader_finish(&r));
    assert_int_equal(tx.n_inputs, 2);
    assert_int_equal(tx.inputs.n, 82);
    assert_false(tx.is_coinbase);
}

/* The fields of a diff up to each of its counts, then a count of 2^25 with nothing behind it. */
static void test_huge_counts(void **state)
{
    (void)state;
    static const uint8_t huge[] = {0xfe, 0, 0, 0, 2, 0, 0, 0}, zeros[80];
    for (int field = 0; field < 9; field++) {
        struct writer w;
        writer_init(&w);
        writer_bytes(&w, zeros, 2 + 32 + 32 + 4);
        for (int before = 0; before < field; before++) {
            if (before == 2) /* the transaction's version */
                writer_bytes(&w, zeros, 4);
            writer_u8(&w, 0);
            if (before == 3)
                writer_bytes(&w, zeros, 4); /* its lock time */
        }
        if (field == 2)
            writer_bytes(&w, zeros, 4);
        size_t at = w.n;
        writer_bytes(&w, huge, sizeof(huge));
        struct arena arena;
        arena_init(&arena, 0);
        struct mnlistdiff d;
        dspv_fault fault;
        mem_fail_after(0);
        assert_int_equal(mnlistdiff_decode(w.data, w.n, 70230, &arena, &d, &fault), DSPV_EFAULT);
        assert_int_equal(mem_fail_after(0), 0);
        assert_int_equal(fault.reason, DSPV_TOO_MANY);
        assert_int_equal(fault.offset, at);
        arena_free(&arena);
        writer_free(&w);
    }
}

/* quorumsCLSigs: no more groups, and no more indexes in one, than there are new quorums. */
static void test_clsig_counts(void **state)
{
    (void)state;
    struct maker m;
    maker_init(&m, 7);
    struct mnlistdiff d;
    make_diff(&m, 70230, true, &d);
    struct commitment two[2];
    make_commitment(&m, &two[0]);
    make_commitment(&m, &two[1]);
    d.new_quorums = two;
    d.n_new_quorums = 2;
    uint16_t indexes[] = {0, 1, 0xffff};
    const uint8_t signature[96] = {1};
    struct quorum_clsig groups[] = {{signature, indexes, 2}, {signature, indexes, 0}, {signature, indexes, 0}};
    d.clsigs = groups;
    d.n_clsigs = 2;
    assert_int_equal(diff_fault(&d), DSPV_OK);
    d.n_clsigs = 3;
    assert_int_equal(diff_fault(&d), DSPV_TOO_MANY);
    d.n_clsigs = 1;
    groups[0].n_indexes = 3;
    assert_int_equal(diff_fault(&d), DSPV_TOO_MANY);
    maker_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_entries),
        cmocka_unit_test(test_entry_boolean),
        cmocka_unit_test(test_ext_net_info),
        cmocka_unit_test(test_address_lengths),
        cmocka_unit_test(test_commitments),
        cmocka_unit_test(test_commitment_version_inside_messages),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_diff_versions),
        cmocka_unit_test(test_cbtx),
        cmocka_unit_test(test_cbtx_inside_a_diff),
        cmocka_unit_test(test_transactions),
        cmocka_unit_test(test_huge_counts),
        cmocka_unit_test(test_clsig_counts),
    };
    return cmocka_run_group_tests_name("wire_lists_faults", tests, NULL, NULL);
}
