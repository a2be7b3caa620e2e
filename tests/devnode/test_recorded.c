/* Every recorded answer of a real node is reproduced from the chain directory, which holds none of them. */
#include "devnode/test_devnode.h"

#include "devnode/answer.h"

static const char *const CHAINS[] = {"churn", "eras", "extaddr"};

/* ---- answers without the freedom of order that Dash Core has for masternodes */

static int by_protx(const void *pa, const void *pb)
{
    return protx_hash_cmp(&((const struct mnentry *)pa)->protx, &((const struct mnentry *)pb)->protx);
}

static int by_hash(const void *pa, const void *pb)
{
    return memcmp(pa, pb, 32);
}

static void sort_diff(struct arena *arena, struct mnlistdiff *d)
{
    protx_hash *deleted = arena_alloc_array(arena, d->n_deleted, sizeof(*deleted));
    if (d->n_deleted) {
        memcpy(deleted, d->deleted, d->n_deleted * sizeof(*deleted));
        qsort(deleted, d->n_deleted, sizeof(*deleted), by_hash);
    }
    d->deleted = deleted;
    if (d->n_entries)
        qsort(d->entries, d->n_entries, sizeof(*d->entries), by_protx);
}

static void assert_equal(const struct writer *a, const uint8_t *p, size_t n)
{
    assert_false(a->failed);
    assert_int_equal(a->n, n);
    assert_memory_equal(a->data, p, n);
}

/* Decoding and encoding loses nothing; then the sorted form. */
static void normal_diff(const uint8_t *p, size_t n, int proto, struct writer *out)
{
    struct arena arena;
    struct mnlistdiff d;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(mnlistdiff_decode(p, n, proto, &arena, &d, &fault), 0);
    mnlistdiff_encode(out, &d);
    assert_equal(out, p, n);
    writer_reset(out);
    sort_diff(&arena, &d);
    mnlistdiff_encode(out, &d);
    arena_free(&arena);
}

static void normal_qrinfo(const uint8_t *p, size_t n, int proto, struct writer *out)
{
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(p, n, proto, &arena, &q, &fault), 0);
    qrinfo_encode(out, &q);
    assert_equal(out, p, n);
    writer_reset(out);
    sort_diff(&arena, &q.tip);
    sort_diff(&arena, &q.h);
    for (int k = QRINFO_H_C; k <= (q.extra_share ? QRINFO_H_4C : QRINFO_H_3C); k++)
        sort_diff(&arena, &q.diffs[k]);
    for (uint32_t i = 0; i < q.n_older; i++)
        sort_diff(&arena, &q.older_diffs[i]);
    qrinfo_encode(out, &q);
    arena_free(&arena);
}

typedef void normalizer(const uint8_t *p, size_t n, int proto, struct writer *out);

static void assert_same_answer(normalizer *normal, const struct writer *ours, struct span recorded, int proto)
{
    struct writer a, b;
    writer_init(&a);
    writer_init(&b);
    normal(ours->data, ours->n, proto, &a);
    normal(recorded.p, recorded.n, proto, &b);
    assert_equal(&a, b.data, b.n);
    writer_free(&a);
    writer_free(&b);
}

static struct bytes recording(const char *chain, const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "regtest/%s/%s", chain, name);
    return data_load(path);
}

/* ---- mnlistdiff */

/* `pair`: the record names its base. Returns how many records there were. */
static int check_diffs(const char *name, const char *file, bool pair)
{
    const struct devnode_chain *chain = fixture_chain(name);
    struct devnode_view view = {chain, chain->tip, 70240};
    struct bytes bytes = recording(name, file);
    struct reader r;
    struct writer w;
    int n = 0;
    reader_init(&r, bytes.p, bytes.n);
    writer_init(&w);
    for (; reader_left(&r) != 0; n++) {
        struct getmnlistd ask = {0};
        if (pair)
            ask.base = *devnode_chain_hash(chain, reader_i32(&r));
        ask.block = *devnode_chain_hash(chain, reader_i32(&r));
        struct span recorded = {.n = reader_u32(&r)};
        recorded.p = reader_bytes(&r, recorded.n);
        assert_true(reader_ok(&r));
        writer_reset(&w);
        assert_int_equal(devnode_answer_mnlistdiff(&view, &ask, &w), recorded.n ? 0 : DSPV_EFAULT);
        if (recorded.n)
            assert_same_answer(normal_diff, &w, recorded, view.proto);
    }
    writer_free(&w);
    free(bytes.p);
    return n;
}

void test_recorded_from_genesis(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(check_diffs(CHAINS[i], "mnlistdiff_from_genesis.bin", false), fixture_chain(CHAINS[i])->tip);
}

void test_recorded_pairs(void **state)
{
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 3; i++) {
        int n = check_diffs(CHAINS[i], "mnlistdiff_pairs.bin", true);
        print_message("%s: %d pairs\n", CHAINS[i], n);
        assert_true(n > 50);
    }
}

/* ---- qrinfo */

struct tally {
    int answered, silent;
    int contradicted; /* silences that another recorded answer contradicts */
};

/* Is `answer` recorded anywhere in this file, for a request of the same kind? */
static bool recorded_elsewhere(struct reader r, int proto, const struct writer *answer)
{
    struct writer ours, theirs;
    bool found = false;
    writer_init(&ours);
    writer_init(&theirs);
    normal_qrinfo(answer->data, answer->n, proto, &ours);
    while (!found && reader_left(&r) != 0) {
        reader_bytes(&r, 4 + 1);
        reader_bytes(&r, (size_t)reader_u8(&r) * 4);
        uint32_t n = reader_u32(&r);
        const uint8_t *p = reader_bytes(&r, n);
        if (n != answer->n)
            continue;
        writer_reset(&theirs);
        normal_qrinfo(p, n, proto, &theirs);
        found = memcmp(ours.data, theirs.data, n) == 0;
    }
    writer_free(&ours);
    writer_free(&theirs);
    return found;
}

/* The tip when the answer was recorded, which only the answer tells. */
static int32_t recorded_tip(const struct devnode_chain *chain, struct span recorded, int proto)
{
    struct arena arena;
    struct qrinfo q;
    dspv_fault fault;
    if (recorded.n == 0)
        return chain->tip;
    arena_init(&arena, 0);
    assert_int_equal(qrinfo_decode(recorded.p, recorded.n, proto, &arena, &q, &fault), 0);
    int32_t tip = devnode_chain_height(chain, &q.tip.block, chain->tip);
    arena_free(&arena);
    assert_true(tip > 0);
    return tip;
}

static void check_qrinfo(const struct devnode_chain *chain, int proto, struct reader *r, struct tally *tally)
{
    block_hash bases[255];
    struct getqrinfo ask = {.bases = bases, .block = *devnode_chain_hash(chain, reader_i32(r))};
    ask.extra_share = reader_u8(r) != 0;
    ask.n_bases = reader_u8(r);
    for (uint32_t i = 0; i < ask.n_bases; i++)
        bases[i] = *devnode_chain_hash(chain, reader_i32(r));
    struct span recorded = {.n = reader_u32(r)};
    recorded.p = reader_bytes(r, recorded.n);
    assert_true(reader_ok(r));

    struct devnode_view view = {chain, recorded_tip(chain, recorded, proto), proto};
    struct writer w;
    writer_init(&w);
    int rc = devnode_answer_qrinfo(&view, &ask, &w);
    if (recorded.n == 0 && rc == 0) {
        struct reader whole;
        reader_init(&whole, r->start, (size_t)(r->end - r->start));
        assert_true(recorded_elsewhere(whole, proto, &w));
        tally->contradicted++;
    } else {
        assert_int_equal(rc, recorded.n ? 0 : DSPV_EFAULT);
        if (recorded.n)
            assert_same_answer(normal_qrinfo, &w, recorded, proto);
        tally->answered += recorded.n != 0;
        tally->silent += recorded.n == 0;
    }
    writer_free(&w);
}

/* In `churn` at 70240 no answer is recorded for heights 263 and 264 without extraShare, although there is one for 260 and 271 (the
 * same cycles and last commitments), and at 70235 for all four: these two silences contradict the rest of the recording. Our
 * answer must then be byte for byte a recorded one. */
void test_recorded_qrinfo(void **state)
{
    static const struct {
        const char *file;
        int proto;
    } files[2] = {{"qrinfo_70240.bin", 70240}, {"qrinfo_70235.bin", 70235}};
    static const int contradicted[4] = {2, 0, 0, 0};
    (void)state;
    data_or_skip();
    for (size_t i = 0; i < 4; i++) {
        struct bytes bytes = recording(CHAINS[i / 2], files[i % 2].file);
        struct tally tally = {0};
        struct reader r;
        reader_init(&r, bytes.p, bytes.n);
        while (reader_left(&r) != 0)
            check_qrinfo(fixture_chain(CHAINS[i / 2]), files[i % 2].proto, &r, &tally);
        free(bytes.p);
        print_message("%s %s: %d answers, %d silences\n", CHAINS[i / 2], files[i % 2].file, tally.answered, tally.silent);
        assert_true(tally.answered > 200 && tally.silent > 0);
        assert_int_equal(tally.contradicted, contradicted[i]);
    }
}

/* ---- the layouts of older common versions, of which there is no recording */

static void full_diff(const struct devnode_chain *chain, int32_t height, int proto, struct writer *w, struct arena *arena,
                      struct mnlistdiff *d)
{
    struct devnode_view view = {chain, chain->tip, proto};
    struct getmnlistd ask = {.block = *devnode_chain_hash(chain, height)};
    dspv_fault fault;
    writer_init(w);
    arena_init(arena, 0);
    assert_int_equal(devnode_answer_mnlistdiff(&view, &ask, w), 0);
    assert_int_equal(mnlistdiff_decode(w->data, w->n, proto, arena, d, &fault), 0);
}

static void check_layout(const struct devnode_chain *chain, int32_t height, int proto)
{
    struct writer w[2];
    struct arena arena[2];
    struct mnlistdiff newest, d;
    full_diff(chain, height, 70240, &w[0], &arena[0], &newest);
    full_diff(chain, height, proto, &w[1], &arena[1], &d);
    assert_true(newest.n_entries > 3);
    assert_int_equal(d.version, proto >= 70225 ? 1 : 0);
    assert_int_equal(d.n_clsigs, proto >= 70230 ? newest.n_clsigs : 0);
    assert_int_equal(d.n_new_quorums, newest.n_new_quorums);
    assert_int_equal(d.n_entries, newest.n_entries);
    for (uint32_t i = 0; i < d.n_entries; i++) {
        assert_memory_equal(d.entries[i].operator_key, newest.entries[i].operator_key, 48);
        assert_memory_equal(d.entries[i].protx.b, newest.entries[i].protx.b, 32);
        assert_int_equal(d.entries[i].valid, newest.entries[i].valid);
        assert_int_equal(d.entries[i].version, proto >= 70228 ? newest.entries[i].version : 1);
        assert_int_equal(d.entries[i].has_type, proto >= 70228 && newest.entries[i].has_type);
    }
    for (int i = 0; i < 2; i++) {
        arena_free(&arena[i]);
        writer_free(&w[i]);
    }
}

/* At 70227 entries of version 2 are longer than the receiver can know (protocol.md 4.4), so there only a list of the legacy era
 * is readable. */
void test_older_layouts(void **state)
{
    static const int protos[] = {70221, 70224, 70225, 70226, 70228, 70229, 70230, 70240};
    (void)state;
    for (size_t i = 0; i < sizeof(protos) / sizeof(protos[0]); i++) {
        check_layout(fixture_chain("churn"), fixture_chain("churn")->tip, protos[i]);
        check_layout(fixture_chain("eras"), 250, protos[i]);
    }
    check_layout(fixture_chain("eras"), 250, 70227);
}
