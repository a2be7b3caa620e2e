/* llmq/rotation.h on real data: the values of quorums.md 10, servers' snapshots, and Dash Core's own member lists. */
#include "llmq/recording.h"

#include "base/endian.h"

static void assert_protx(const struct masternode *m, const char *display)
{
    char hex[65];
    hash_to_hex(m->entry.protx.b, hex);
    assert_string_equal(hex, display);
}

static void test_mainnet_quarters(void **state)
{
    (void)state;
    data_or_skip();
    struct captured c;
    struct qrinfo info;
    captured_open(&c, "mainnet");
    captured_qrinfo_file(&c, "mainnet/qrinfo_2028764_v70230.bin", &info);
    const struct llmq_params *p = captured_llmq(&c, 5);
    struct quarters *previous[3], *q;
    struct snapshot *s;
    captured_previous(&c, p, 2028672, previous);
    assert_int_equal(quarters_build(&c.net, p, 2028672, captured_at(&c, 2028664), previous, &q, &s), 0);
    assert_protx(q->mn[0], "3b2c432a3e1f896d88e1468a1e8a9707f2bcae308ce937a1048b87fb0540b321");
    assert_protx(q->mn[1], "cc04646f773f69ada2e3cb60ecb49732c193283e99084a9986223ad5d69d2d0d");
    assert_protx(q->mn[31 * 15 + 14], "80243ebf69762e88fd62cfcf12e3487d3c54269647206574d615108cdfd0d412");
    assert_protx(previous[0]->mn[0], "c1b1762516632ed664fe857869e064a5abef80079f4ec8a27450d5d7a5564424");
    assert_protx(previous[1]->mn[0], "8da176a780a29994a3590c8e1618bd1c1136d48bc206eff35ef85b73e00a58a8");
    assert_protx(previous[2]->mn[0], "0062e548ac39d518de7b74b9ea92cf6735a8699a3d70896e533dbb5167aedd0b");
    struct members *m;
    assert_int_equal(quarters_compose(previous, q, 0, &m), 0);
    assert_int_equal(m->n, 60);
    assert_ptr_equal(m->mn[0], previous[2]->mn[0]);
    assert_ptr_equal(m->mn[15], previous[1]->mn[0]);
    assert_ptr_equal(m->mn[30], previous[0]->mn[0]);
    assert_ptr_equal(m->mn[45], q->mn[0]);
    members_free(m);
    quarters_unref(q);
    snapshot_unref(s);
    captured_close(&c);
}

/* Build the quarters of every cycle whose three predecessors have a server's snapshot: where the cycle itself has one too, ours
 * must equal it bit for bit, and its quarters must be those decoded. Returns how many. */
static size_t compare_rebuilt(struct captured *c, size_t *negative_skips)
{
    const struct llmq_params *p = captured_llmq(c, c->net.instantsend_type);
    size_t compared = 0;
    for (size_t i = 0; i < c->n_cycles; i++) {
        int32_t cycle = c->cycles[i].cycle;
        struct quarters *previous[3], *built, *decoded;
        struct snapshot *ours, *theirs = c->cycles[i].snapshot;
        captured_previous(c, p, cycle, previous);
        if (!previous[2])
            continue;
        const struct mnstate *work = captured_at(c, llmq_work_height(cycle));
        dspv_fault fault;
        assert_int_equal(quarters_build(&c->net, p, cycle, work, previous, &built, &ours), 0);
        assert_int_equal(quarters_decode(&c->net, p, cycle, work, theirs, &decoded, &fault), 0);
        assert_true(snapshot_eq(ours, theirs));
        for (uint32_t index = 0; index < p->active; index++) {
            assert_int_equal(built->count[index], decoded->count[index]);
            for (uint32_t k = 0; k < built->count[index]; k++)
                assert_memory_equal(built->mn[index * built->size + k]->entry.protx.b,
                                    decoded->mn[index * built->size + k]->entry.protx.b, 32);
        }
        for (uint32_t k = 0; k < theirs->n_skips; k++)
            *negative_skips += theirs->skips[k] < 0;
        quarters_unref(built);
        quarters_unref(decoded);
        snapshot_unref(ours);
        compared++;
    }
    return compared;
}

static void test_own_snapshots_equal_the_servers(void **state)
{
    (void)state;
    data_or_skip();
    static const struct {
        const char *network, *base, *qrinfo;
        size_t cycles;
    } captures[] = {
        {"mainnet", NULL, "mainnet/qrinfo_2028764_v70230.bin", 1},
        {"mainnet", NULL, "mainnet/qrinfo_2449949_v70230.bin", 1},
        {"testnet", "testnet/mnlistdiff_0_530000_v70228.bin", "testnet/qrinfo_1159116_v70230.bin", 1},
        {"testnet", NULL, "testnet/qrinfo_1159115_1159116_v70230.bin", 1},
        {"testnet", NULL, "testnet/qrinfo_905770_v70230.bin", 1},
        {"testnet", NULL, "testnet/qrinfo_849809_v70228.bin", 4},
    };
    size_t negative_skips = 0;
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        struct captured c;
        struct qrinfo info;
        captured_open(&c, captures[i].network);
        if (captures[i].base)
            captured_diff_file(&c, captures[i].base);
        captured_qrinfo_file(&c, captures[i].qrinfo, &info);
        assert_int_equal(compare_rebuilt(&c, &negative_skips), captures[i].cycles);
        captured_close(&c);
    }
    assert_true(negative_skips > 0);
}

/* ---- recordings of Dash Core on regtest */

static void assert_members(struct recording *r, const json_t *answer)
{
    uint8_t hash[32];
    json_hash(answer, "quorumHash", hash);
    int32_t height = (int32_t)json_int(answer, "height");
    assert_int_equal(recording_height(r, hash), height);
    const struct llmq_params *p = llmq_params_by_name(json_text(answer, "type"));
    assert_non_null(p);
    block_hash base = block_hash_from(hash);
    struct members *m = captured_members(&r->c, captured_llmq(&r->c, p->type), height, &base);
    const json_t *expected = json_object_get(answer, "members");
    assert_int_equal(m->n, json_array_size(expected));
    for (uint32_t i = 0; i < m->n; i++)
        assert_protx(m->mn[i], json_text(json_array_get(expected, i), "proTxHash"));
    members_free(m);
}

/* Every `quorum info` in oracle.json; returns how many. */
static size_t compare_with_core(struct recording *r, const char *file)
{
    size_t compared = 0, i;
    json_t *dumps = data_json(file), *dump, *quorums, *answer;
    const char *type, *hash;
    json_array_foreach(dumps, i, dump)
        json_object_foreach(json_object_get(dump, "quorums"), type, quorums)
            json_object_foreach(quorums, hash, answer) {
                assert_members(r, answer);
                compared++;
            }
    json_decref(dumps);
    return compared;
}

/* Each snapshot in the recorded qrinfo answers against the one that was computed forward, without any qrinfo. */
static size_t compare_snapshots(struct recording *r, const char *file)
{
    struct bytes b = captured_file(&r->c, file);
    size_t compared = 0;
    for (size_t at = 0; at < b.n;) {
        const uint8_t *record = b.p + at;
        size_t head = 4 + 1 + 1 + 4 * (size_t)record[5], n = load_le32(record + head);
        at += head + 4 + n;
        if (n == 0)
            continue;
        struct arena arena;
        struct qrinfo info;
        dspv_fault fault;
        arena_init(&arena, 0);
        assert_int_equal(qrinfo_decode_any(record + head + 4, n, &arena, &info, &fault), 0);
        for (int k = 0; k < (info.extra_share ? 4 : 3); k++) {
            struct snapshot *theirs = snapshot_new(&info.snapshots[k]);
            struct snapshot *ours = captured_snapshot(&r->c, info.diffs[k].cbtx.height + WORK_DIFF_DEPTH);
            assert_non_null(ours);
            assert_true(snapshot_eq(ours, theirs));
            snapshot_unref(theirs);
            compared++;
        }
        arena_free(&arena);
    }
    return compared;
}

static void test_recordings(void **state)
{
    (void)state;
    data_or_skip();
    static const struct {
        const char *folder, *oracle, *qrinfo;
    } recordings[] = {
        {"churn", "regtest/churn/oracle.json", "regtest/churn/qrinfo_70235.bin"},
        {"eras", "regtest/eras/oracle.json", "regtest/eras/qrinfo_70240.bin"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct recording r;
        recording_open(&r, recordings[i].folder);
        size_t quorums = compare_with_core(&r, recordings[i].oracle);
        size_t snapshots = compare_snapshots(&r, recordings[i].qrinfo);
        print_message("%s: %zu member lists and %zu snapshots equal Dash Core's\n", recordings[i].folder, quorums, snapshots);
        assert_true(quorums >= 24 && snapshots >= 24);
        recording_close(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet_quarters),
        cmocka_unit_test(test_own_snapshots_equal_the_servers),
        cmocka_unit_test(test_recordings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
