/* wire/: the masternode-list family on recorded messages of mainnet, testnet and regtest: everything decodes to the last byte
 * and encodes to the same bytes, and says what independent programs (facts.json) and Dash Core itself (oracle.json) say. */
#include "wire/lists_break.h"

#include "base/endian.h"
#include "crypto/sha256.h"

static void check_cbtx(const struct mnlistdiff *d)
{
    if (!d->has_cbtx)
        return;
    struct writer w;
    writer_init(&w);
    cbtx_encode(&w, &d->cbtx);
    assert_int_equal(w.n, d->coinbase.payload.n);
    assert_memory_equal(w.data, d->coinbase.payload.p, w.n);
    writer_free(&w);
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 32);
}

/* protocol.md 4.5 over the entries of a diff from genesis: the leaves must be taken from the right bytes. */
static hash256 entries_root(const struct mnlistdiff *d)
{
    uint8_t(*rows)[64] = malloc((d->n_entries + 1) * sizeof(*rows));
    hash256 *leaves = malloc((d->n_entries + 1) * sizeof(*leaves));
    assert_true(rows && leaves);
    for (uint32_t i = 0; i < d->n_entries; i++) {
        memcpy(rows[i], d->entries[i].protx.b, 32);
        sha256d(rows[i] + 32, d->entries[i].hashed.p, d->entries[i].hashed.n);
    }
    qsort(rows, d->n_entries, sizeof(*rows), by_bytes);
    for (uint32_t i = 0; i < d->n_entries; i++)
        leaves[i] = hash256_from(rows[i] + 32);
    hash256 root = merkle_root(leaves, d->n_entries, NULL);
    free(rows);
    free(leaves);
    return root;
}

static hash256 quorums_root(const struct mnlistdiff *d)
{
    hash256 *leaves = malloc((d->n_new_quorums + 1) * sizeof(*leaves));
    assert_non_null(leaves);
    for (uint32_t i = 0; i < d->n_new_quorums; i++)
        leaves[i] = commitment_leaf(&d->new_quorums[i]);
    qsort(leaves, d->n_new_quorums, sizeof(*leaves), by_bytes);
    hash256 root = merkle_root(leaves, d->n_new_quorums, NULL);
    free(leaves);
    return root;
}

/* For a diff from genesis. Below 70227 the bytes of later entries cannot be told, but no such recording exists. */
static void check_roots(const struct mnlistdiff *d)
{
    if (!d->has_cbtx)
        return;
    assert_memory_equal(entries_root(d).b, d->cbtx.mn_root.b, 32);
    if (d->cbtx.version >= 2)
        assert_memory_equal(quorums_root(d).b, d->cbtx.quorum_root.b, 32);
}

static void check_hash(const json_t *facts, const char *key, const uint8_t got[32])
{
    uint8_t expected[32];
    json_hash(facts, key, expected);
    assert_memory_equal(got, expected, 32);
}

static void check_diff_facts(const struct mnlistdiff *d, const json_t *facts)
{
    check_cbtx(d);
    assert_true(d->has_cbtx);
    if (!block_hash_is_zero(&d->base))
        check_hash(facts, "base_hash", d->base.b);
    else
        assert_int_equal(json_int(facts, "base_height"), 0);
    check_hash(facts, "block_hash", d->block.b);
    assert_int_equal(d->cbtx.height, json_int(facts, "height"));
    assert_int_equal(d->n_entries, json_int(facts, "mn_entries"));
    assert_int_equal(d->n_deleted, json_int(facts, "mn_deleted"));
    assert_int_equal(d->n_new_quorums, json_int(facts, "quorums_new"));
    assert_int_equal(d->n_deleted_quorums, json_int(facts, "quorums_deleted"));
    assert_int_equal(d->cbtx.version, json_int(facts, "cbtx_version"));
    if (json_is_null(json_object_get(facts, "clsig_groups")))
        assert_true(d->proto < 70230);
    else
        assert_int_equal(d->n_clsigs, json_int(facts, "clsig_groups"));
    check_hash(facts, "merkleRootMNList", d->cbtx.mn_root.b);
    if (d->cbtx.version >= 2)
        check_hash(facts, "merkleRootQuorums", d->cbtx.quorum_root.b);
    hash256 root;
    tx_hash leaf, id = tx_id(&d->coinbase);
    assert_true(d->coinbase.is_coinbase && merkle_proof_check(&d->proof, &root, &leaf));
    check_hash(facts, "proof_block_merkle_root", root.b);
    assert_true(tx_hash_eq(&leaf, &id));
    const json_t *base = json_object_get(facts, "base_height");
    if (json_is_integer(base) && json_integer_value(base) == 0)
        check_roots(d);
}

static void check_diff_payload(const uint8_t *payload, size_t n, int proto, const json_t *facts)
{
    struct arena arena;
    arena_init(&arena, 0);
    struct mnlistdiff d;
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode_any(payload, n, &arena, &d, &fault), 0);
    if (d.n_entries)
        assert_int_equal(d.proto, proto);
    else
        assert_true(d.proto >= proto); /* without entries 70227 is the same as 70228 */
    assert_int_equal(mnlistdiff_decode(payload, n, proto, &arena, &d, &fault), 0);
    check_diff_facts(&d, facts);
    arena_free(&arena);
    assert_int_equal(round_trip(MNLISTDIFF, payload, n, proto), DSPV_OK);
}

static void check_last_commitments(const struct qrinfo *q, const json_t *list)
{
    assert_int_equal(q->n_last_commitments, json_array_size(list));
    for (uint32_t i = 0; i < q->n_last_commitments; i++) {
        const struct commitment *c = &q->last_commitments[i];
        const json_t *facts = json_array_get(list, i);
        assert_int_equal(c->index, json_int(facts, "index"));
        assert_int_equal(c->type, json_int(facts, "type"));
        assert_int_equal(c->version, json_int(facts, "version"));
        check_hash(facts, "quorum_hash", c->hash.b);
        assert_int_equal(bitspan_count(&c->signers), json_int(facts, "signers"));
        assert_int_equal(bitspan_count(&c->valid_members), json_int(facts, "valid"));
        struct bytes key = json_hex(facts, "quorum_public_key");
        assert_memory_equal(c->public_key, key.p, 48);
        free(key.p);
    }
}

static void check_snapshot_facts(const struct snapshot_msg *s, const json_t *facts)
{
    assert_int_equal(s->mode, json_int(facts, "mode"));
    assert_int_equal(s->active.bits, json_int(facts, "members"));
    assert_int_equal(bitspan_count(&s->active), json_int(facts, "active"));
    assert_int_equal(s->n_skips, json_int(facts, "skip_list"));
}

static void check_qrinfo_payload(const uint8_t *payload, size_t n, int proto, const json_t *facts)
{
    static const char *cycle[] = {"C", "2C", "3C", "4C"}, *snapshot[] = {"snapC", "snap2C", "snap3C", "snap4C"};
    struct arena arena;
    arena_init(&arena, 0);
    struct qrinfo q;
    dspv_fault fault;
    assert_int_equal(qrinfo_decode_any(payload, n, &arena, &q, &fault), 0);
    assert_int_equal(q.proto, proto);
    assert_int_equal(q.extra_share, json_is_true(json_object_get(facts, "extraShare")));
    const json_t *diffs = json_object_get(facts, "diffs"), *snapshots = json_object_get(facts, "snapshots");
    check_diff_facts(&q.tip, json_object_get(diffs, "tip"));
    check_diff_facts(&q.h, json_object_get(diffs, "H"));
    for (int k = 0; k < (q.extra_share ? QRINFO_CYCLES : QRINFO_H_4C); k++) {
        check_diff_facts(&q.diffs[k], json_object_get(diffs, cycle[k]));
        check_snapshot_facts(&q.snapshots[k], json_object_get(snapshots, snapshot[k]));
    }
    check_last_commitments(&q, json_object_get(facts, "last_commitments"));
    const json_t *older = json_object_get(facts, "mnlistdiff_list");
    assert_int_equal(q.n_older, json_int(facts, "quorum_snapshot_list"));
    assert_int_equal(q.n_older, json_array_size(older));
    for (uint32_t i = 0; i < q.n_older; i++)
        check_diff_facts(&q.older_diffs[i], json_array_get(older, i));
    arena_free(&arena);
    assert_int_equal(round_trip(QRINFO, payload, n, proto), DSPV_OK);
}

static void check_bundle(const struct bytes *file, int proto, const json_t *facts)
{
    size_t at = 0, i = 0;
    for (; at < file->n; i++) {
        assert_true(file->n - at >= 4);
        uint32_t n = load_le32(file->p + at);
        assert_true(n <= file->n - at - 4);
        check_diff_payload(file->p + at + 4, n, proto, json_array_get(facts, i));
        at += 4 + n;
    }
    assert_int_equal(i, json_array_size(facts));
}

static void check_network(const char *network)
{
    char name[256];
    snprintf(name, sizeof(name), "%s/facts.json", network);
    json_t *files = data_json(name);
    const char *key;
    json_t *facts;
    json_object_foreach(files, key, facts) {
        snprintf(name, sizeof(name), "%s/%s", network, key);
        struct bytes file = data_load(name);
        int proto = atoi(strstr(key, "_v") + 2);
        if (strstr(key, ".lp"))
            check_bundle(&file, proto, facts);
        else if (strncmp(key, "qrinfo", 6) == 0)
            check_qrinfo_payload(file.p, file.n, proto, facts);
        else
            check_diff_payload(file.p, file.n, proto, facts);
        free(file.p);
    }
    json_decref(files);
}

static void test_mainnet(void **state)
{
    (void)state;
    data_or_skip();
    check_network("mainnet");
}

static void test_testnet(void **state)
{
    (void)state;
    data_or_skip();
    check_network("testnet");
}

/* Walks a regtest recording: records of `head` bytes, u32 length, payload. */
struct records {
    struct bytes file;
    size_t at;
    const uint8_t *head, *payload;
    uint32_t n;
};

static struct records records_open(const char *folder, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "regtest/%s/%s.bin", folder, name);
    return (struct records){.file = data_load(path)};
}

/* `qrinfo`: the head is u32 height, u8 extraShare, u8 n, n heights; else `words` u32. False, and closed, at the end. */
static bool records_next(struct records *r, bool qrinfo, size_t words)
{
    if (r->at == r->file.n) {
        free(r->file.p);
        return false;
    }
    r->head = r->file.p + r->at;
    r->at += qrinfo ? 6 + (size_t)r->head[5] * 4 : words * 4;
    assert_true(r->at + 4 <= r->file.n);
    r->n = load_le32(r->file.p + r->at);
    r->payload = r->file.p + r->at + 4;
    r->at += 4 + r->n;
    assert_true(r->at <= r->file.n);
    return true;
}

static const char *folders[] = {"churn", "eras", "extaddr"};

/* Below DIP0003, which starts at 2 here, the node names no block (protocol.md 11, trap 38). */
static void check_regtest_block(const struct mnlistdiff *d, uint32_t height, const struct bytes *hashes)
{
    if (height == 1)
        assert_true(block_hash_is_zero(&d->block));
    else
        assert_memory_equal(d->block.b, hashes->p + (size_t)height * 32, 32);
    assert_true(d->coinbase.is_coinbase);
    if (d->has_cbtx)
        assert_int_equal(d->cbtx.height, height);
    else
        assert_int_equal(d->n_entries + d->n_deleted + d->n_new_quorums + d->n_deleted_quorums + d->n_clsigs, 0);
}

static void test_regtest_from_genesis(void **state)
{
    (void)state;
    data_or_skip();
    for (int f = 0; f < 3; f++) {
        char name[64];
        snprintf(name, sizeof(name), "regtest/%s/hashes.bin", folders[f]);
        struct bytes hashes = data_load(name);
        struct records r = records_open(folders[f], "mnlistdiff_from_genesis");
        uint32_t height = 0, without_cbtx = 0;
        while (records_next(&r, false, 1)) {
            assert_int_equal(load_le32(r.head), ++height);
            struct arena arena;
            arena_init(&arena, 0);
            struct mnlistdiff d;
            dspv_fault fault;
            assert_int_equal(mnlistdiff_decode(r.payload, r.n, 70240, &arena, &d, &fault), 0);
            check_cbtx(&d);
            check_roots(&d);
            check_regtest_block(&d, height, &hashes);
            without_cbtx += !d.has_cbtx;
            arena_free(&arena);
            assert_int_equal(round_trip(MNLISTDIFF, r.payload, r.n, 70240), DSPV_OK);
        }
        assert_true(height > 200);
        free(hashes.p);
        print_message("%s: %u diffs, %u without a CbTx\n", folders[f], height, without_cbtx);
    }
}

static void test_regtest_pairs(void **state)
{
    (void)state;
    data_or_skip();
    for (int f = 0; f < 3; f++) {
        struct records r = records_open(folders[f], "mnlistdiff_pairs");
        uint32_t n = 0;
        while (records_next(&r, false, 2)) {
            assert_int_equal(round_trip(MNLISTDIFF, r.payload, r.n, 70240), DSPV_OK);
            n++;
        }
        assert_true(n > 20);
        print_message("%s: %u pairs\n", folders[f], n);
    }
}

static void test_regtest_qrinfo(void **state)
{
    (void)state;
    data_or_skip();
    const int protos[] = {70235, 70240};
    for (int f = 0; f < 2; f++) {
        for (int p = 0; p < 2; p++) {
            char name[32];
            snprintf(name, sizeof(name), "qrinfo_%d", protos[p]);
            struct records r = records_open(folders[f], name);
            uint32_t n = 0, silent = 0;
            while (records_next(&r, true, 0)) {
                silent += r.n == 0;
                n++;
                if (r.n == 0)
                    continue;
                assert_int_equal(round_trip(QRINFO, r.payload, r.n, protos[p]), DSPV_OK);
                struct arena arena;
                arena_init(&arena, 0);
                struct qrinfo q;
                dspv_fault fault;
                assert_int_equal(qrinfo_decode(r.payload, r.n, protos[p], &arena, &q, &fault), 0);
                assert_int_equal(q.extra_share, r.head[4]);
                arena_free(&arena);
            }
            assert_true(n - silent > 20);
            print_message("%s %s: %u answers, %u unanswered\n", folders[f], name, n - silent, silent);
        }
    }
}

/* The from-genesis diff of one height; the file must stay in `r->file`. */
static void diff_at_height(struct records *r, const char *folder, uint32_t height, struct arena *arena, struct mnlistdiff *d)
{
    *r = records_open(folder, "mnlistdiff_from_genesis");
    do
        assert_true(records_next(r, false, 1));
    while (load_le32(r->head) != height);
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode(r->payload, r->n, 70240, arena, d, &fault), 0);
}

static const struct mnentry *entry_of(const struct mnlistdiff *d, const json_t *object, const char *key)
{
    uint8_t hash[32];
    json_hash(object, key, hash);
    for (uint32_t i = 0; i < d->n_entries; i++)
        if (memcmp(d->entries[i].protx.b, hash, 32) == 0)
            return &d->entries[i];
    fail_msg("masternode %s is not in the diff", json_text(object, key));
    return NULL;
}

/* Every address of the entry, in order, against {"core_p2p": [...], "platform_p2p": [...], "platform_https": [...]}. */
static void check_addresses(const struct mnentry *e, const json_t *expected, bool core_only)
{
    static const char *purpose[] = {"core_p2p", "platform_p2p", "platform_https"};
    struct net_address found[12];
    size_t n = mnentry_addresses(e, found, 12), k = 0;
    for (int p = 0; p < (core_only ? 1 : 3); p++) {
        const json_t *list = json_object_get(expected, purpose[p]);
        for (size_t i = 0; i < json_array_size(list); i++, k++) {
            char text[320];
            assert_true(k < n);
            assert_int_equal(found[k].purpose, p);
            net_address_text(&found[k], text, sizeof(text));
            assert_string_equal(text, json_string_value(json_array_get(list, i)));
        }
    }
    assert_int_equal(k, n);
}

static void check_hex(const json_t *object, const char *key, const uint8_t *got, size_t n)
{
    struct bytes expected = json_hex(object, key);
    assert_int_equal(expected.n, n);
    assert_memory_equal(got, expected.p, n);
    free(expected.p);
}

/* One masternode as `protx diff` tells it. */
static void check_listed(const struct mnlistdiff *d, const json_t *mn)
{
    const struct mnentry *e = entry_of(d, mn, "proRegTxHash");
    assert_int_equal(e->version, json_int(mn, "nVersion"));
    assert_int_equal(e->type, json_int(mn, "nType"));
    check_hash(mn, "confirmedHash", e->confirmed.b);
    check_hex(mn, "pubKeyOperator", e->operator_key, 48);
    assert_int_equal(e->valid, json_is_true(json_object_get(mn, "isValid")));
    struct bytes node_id = json_hex(mn, "platformNodeID"); /* printed in reverse, like a hash */
    for (size_t i = 0; i < 20; i++)
        assert_int_equal(e->platform_node_id[i], node_id.p[19 - i]);
    free(node_id.p);
    check_addresses(e, json_object_get(mn, "addresses"), false);
}

static void test_extended_addresses_as_core_prints_them(void **state)
{
    (void)state;
    data_or_skip();
    json_t *oracle = data_json("regtest/extaddr/oracle.json");
    size_t i, k, version_3 = 0, addresses = 0;
    json_t *answer, *mn;
    json_array_foreach(oracle, i, answer) {
        struct records r;
        struct arena arena;
        arena_init(&arena, 0);
        struct mnlistdiff d;
        diff_at_height(&r, "extaddr", (uint32_t)json_int(answer, "height"), &arena, &d);
        const json_t *diff = json_object_get(answer, "diff");
        check_hash(diff, "blockHash", d.block.b);
        check_hash(diff, "merkleRootMNList", d.cbtx.mn_root.b);
        assert_int_equal(d.n_entries, json_array_size(json_object_get(diff, "mnList")));
        json_array_foreach(json_object_get(diff, "mnList"), k, mn) {
            check_listed(&d, mn);
            const struct mnentry *e = entry_of(&d, mn, "proRegTxHash");
            version_3 += e->version == 3;
            addresses += e->version == 3 ? mnentry_addresses(e, NULL, 0) : 0;
        }
        assert_int_equal(d.n_entries, json_array_size(json_object_get(answer, "protx_list")));
        json_array_foreach(json_object_get(answer, "protx_list"), k, mn)
            check_addresses(entry_of(&d, mn, "proTxHash"), json_object_get(json_object_get(mn, "state"), "addresses"), false);
        arena_free(&arena);
        free(r.file.p);
    }
    assert_true(version_3 >= 6 && addresses >= 30);
    print_message("%zu entries of version 3 with %zu addresses\n", version_3, addresses);
    json_decref(oracle);
}

/* Versions 1 and 2: Core's list of the same block. Platform addresses are Core's combination of two fields there. */
static void test_masternodes_as_core_lists_them(void **state)
{
    (void)state;
    data_or_skip();
    for (int f = 0; f < 2; f++) {
        char name[64];
        snprintf(name, sizeof(name), "regtest/%s/oracle.json", folders[f]);
        json_t *oracle = data_json(name), *answer, *mn;
        size_t i, k, seen = 0;
        json_array_foreach(oracle, i, answer) {
            struct records r;
            struct arena arena;
            arena_init(&arena, 0);
            struct mnlistdiff d;
            diff_at_height(&r, folders[f], (uint32_t)json_int(answer, "height"), &arena, &d);
            check_hash(answer, "hash", d.block.b);
            assert_int_equal(d.n_entries, json_array_size(json_object_get(answer, "protx_list")));
            json_array_foreach(json_object_get(answer, "protx_list"), k, mn) {
                const struct mnentry *e = entry_of(&d, mn, "proTxHash");
                const json_t *known = json_object_get(mn, "state");
                assert_int_equal(e->version, json_int(known, "version"));
                assert_int_equal(e->type == 1, strcmp(json_text(mn, "type"), "Evo") == 0);
                assert_int_equal(e->valid, json_int(known, "PoSeBanHeight") == -1);
                check_hex(known, "pubKeyOperator", e->operator_key, 48);
                check_addresses(e, json_object_get(known, "addresses"), true);
                seen++;
            }
            arena_free(&arena);
            free(r.file.p);
        }
        assert_true(seen > 20);
        print_message("%s: %zu masternodes\n", folders[f], seen);
        json_decref(oracle);
    }
}

static void test_breaking_real_messages(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes diff = data_load("testnet/mnlistdiff_119064_119200_v70214.bin");
    check_truncations(MNLISTDIFF, diff.p, diff.n, 70214);
    check_bit_flips(MNLISTDIFF, diff.p, diff.n, 70214, 3);
    check_allocation_failures(MNLISTDIFF, diff.p, diff.n, 70214);
    free(diff.p);
    struct bytes large = data_load("testnet/mnlistdiff_530000_1158552_v70230.bin");
    check_bit_flips(MNLISTDIFF, large.p, large.n, 70230, 1499);
    check_allocation_failures(MNLISTDIFF, large.p, large.n, 70230);
    free(large.p);
    struct records r = records_open("churn", "qrinfo_70240");
    bool done = false;
    while (records_next(&r, true, 0)) {
        if (done || r.n == 0 || r.n > 20000)
            continue;
        done = true;
        check_truncations(QRINFO, r.payload, r.n, 70240);
        check_bit_flips(QRINFO, r.payload, r.n, 70240, 13);
        check_allocation_failures(QRINFO, r.payload, r.n, 70240);
    }
    assert_true(done);
    r = records_open("extaddr", "mnlistdiff_from_genesis");
    while (records_next(&r, false, 1)) {
        if (load_le32(r.head) < 256)
            continue;
        check_truncations(MNLISTDIFF, r.payload, r.n, 70240);
        check_bit_flips(MNLISTDIFF, r.payload, r.n, 70240, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet),
        cmocka_unit_test(test_testnet),
        cmocka_unit_test(test_regtest_from_genesis),
        cmocka_unit_test(test_regtest_pairs),
        cmocka_unit_test(test_regtest_qrinfo),
        cmocka_unit_test(test_extended_addresses_as_core_prints_them),
        cmocka_unit_test(test_masternodes_as_core_lists_them),
        cmocka_unit_test(test_breaking_real_messages),
    };
    return cmocka_run_group_tests_name("wire_lists_data", tests, NULL, NULL);
}
