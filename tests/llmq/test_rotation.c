/* llmq/rotation.h without data: decoding against a second implementation, and hostile snapshots. */
#include "llmq/made_up.h"

#include "base/mem.h"

static struct network regtest(void)
{
    struct network net;
    assert_true(network_init(&net, "regtest"));
    return net;
}

static struct snapshot *make_snapshot(int32_t mode, const uint8_t *bits, uint32_t n_bits, const int32_t *skips,
                                      uint32_t n_skips)
{
    struct writer w;
    writer_init(&w);
    writer_u32(&w, (uint32_t)mode);
    writer_compact_size(&w, n_bits);
    writer_bytes(&w, bits, (n_bits + 7) / 8);
    writer_compact_size(&w, n_skips);
    for (uint32_t i = 0; i < n_skips; i++)
        writer_u32(&w, (uint32_t)skips[i]);
    struct reader r;
    struct snapshot_msg m;
    reader_init(&r, w.data, w.n);
    snapshot_decode(&r, &m);
    assert_true(reader_finish(&r));
    struct snapshot *s = snapshot_new(&m);
    assert_non_null(s);
    struct writer again; /* the wire form comes back */
    writer_init(&again);
    snapshot_wire(s, &again);
    assert_int_equal(again.n, w.n);
    assert_memory_equal(again.data, w.data, w.n);
    writer_free(&again);
    writer_free(&w);
    return s;
}

static bool bit(const uint8_t *bits, size_t i)
{
    return bits[i / 8] >> i % 8 & 1;
}

/* quorums.md 3.4 once more, with 64-bit positions in an array and no sharing of code. */
static void assert_decoded(const struct quarters *q, struct masternode **ranked, size_t n, const uint8_t *bits,
                           const int32_t *skips, uint32_t n_skips)
{
    struct masternode *combined[64];
    int32_t *absolute = calloc(n_skips + 1, sizeof(*absolute));
    size_t at = 0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < n; i++)
            if (bit(bits, i) == (pass == 1))
                combined[at++] = ranked[i];
    int64_t first = 0;
    for (uint32_t i = 0; i < n_skips; i++) {
        absolute[i] = (int32_t)(uint32_t)((uint64_t)first + (uint64_t)skips[i]);
        if (first == 0)
            first = skips[i];
    }
    size_t position = 0, next = 0;
    for (uint32_t index = 0; index < q->n_indexes; index++) {
        assert_int_equal(q->count[index], n ? q->size : 0);
        for (uint32_t i = 0; i < q->count[index];) {
            if (next < n_skips && (int64_t)position == absolute[next])
                next++;
            else
                assert_ptr_equal(q->mn[(size_t)index * q->size + i++], combined[position]);
            position = (position + 1) % n;
        }
    }
    free(absolute);
}

static int32_t random_skip(uint64_t *random, size_t n)
{
    switch (test_random(random) % 8) {
    case 0: return INT32_MIN;
    case 1: return INT32_MAX;
    case 2: return (int32_t)(uint32_t)test_random(random);
    case 3: return 0;
    default: return (int32_t)(test_random(random) % (n + 2)) - (int32_t)(test_random(random) % (n + 2));
    }
}

static void test_decode_against_second_implementation(void **state)
{
    (void)state;
    struct network net = regtest();
    uint64_t random = 3;
    for (int round = 0; round < 300; round++) {
        struct llmq_params p = *llmq_params_by_type(103);
        p.size = (uint16_t)(4 * (1 + test_random(&random) % 4));
        p.active = (uint16_t)(1 + test_random(&random) % 8);
        size_t n = test_random(&random) % 24;
        struct made_up_mn d[24];
        for (size_t i = 0; i < n; i++) {
            d[i] = made_up_distinct((uint32_t)i, false);
            d[i].banned = test_random(&random) % 5 == 0;
        }
        struct mnlist *list = made_up_list(d, n);
        struct mnstate work = made_up_state(list, (uint32_t)round);
        hash256 modifier = llmq_modifier(&net, &p, 48, NULL, &work);
        struct masternode **ranked;
        size_t eligible;
        assert_int_equal(llmq_rank(list, &modifier, false, 0, &ranked, &eligible), 0);
        uint8_t bits[3];
        for (size_t i = 0; i < 3; i++)
            bits[i] = (uint8_t)test_random(&random);
        if (n % 8)
            bits[n / 8] &= (uint8_t)((1 << n % 8) - 1);
        int32_t skips[40];
        uint32_t n_skips = (uint32_t)(test_random(&random) % 40);
        bool plain = test_random(&random) % 2;
        for (uint32_t i = 0; i < n_skips; i++)
            skips[i] = plain ? (int32_t)(test_random(&random) % (n + 1)) : random_skip(&random, n);
        int32_t mode = test_random(&random) % 8 != 0;
        struct snapshot *s = make_snapshot(mode, bits, (uint32_t)n, skips, n_skips);
        struct quarters *q;
        dspv_fault fault;
        assert_int_equal(quarters_decode(&net, &p, 48, &work, s, &q, &fault), 0);
        assert_decoded(q, ranked, eligible, bits, skips, mode == 1 ? n_skips : 0);
        quarters_unref(q);
        snapshot_unref(s);
        mem_free(ranked);
        mnlist_unref(list);
    }
}

/* One masternode and a pending skip at every step: each consumes one, so the walk ends. */
static void test_skips_on_a_list_of_one(void **state)
{
    (void)state;
    struct network net = regtest();
    struct made_up_mn d = made_up_distinct(1, false);
    struct mnlist *list = made_up_list(&d, 1);
    struct mnstate work = made_up_state(list, 1);
    int32_t skips[5000] = {0};
    const uint8_t bits = 0;
    struct snapshot *s = make_snapshot(1, &bits, 1, skips, 5000);
    struct quarters *q;
    dspv_fault fault;
    const struct llmq_params *p = network_llmq(&net, 103);
    assert_int_equal(quarters_decode(&net, p, 48, &work, s, &q, &fault), 0);
    assert_int_equal(q->count[0], 1);
    assert_int_equal(q->count[1], 1);
    quarters_unref(q);
    snapshot_unref(s);
    mnlist_unref(list);
}

static void assert_decode_fault(const struct mnstate *work, uint32_t n_bits, dspv_reason reason)
{
    struct network net = regtest();
    const uint8_t bits[2] = {0};
    struct snapshot *s = make_snapshot(0, bits, n_bits, NULL, 0);
    struct quarters *q;
    dspv_fault fault;
    assert_int_equal(quarters_decode(&net, network_llmq(&net, 103), 48, work, s, &q, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, reason);
    assert_int_equal(fault.height, 48);
    snapshot_unref(s);
}

static void test_snapshot_of_another_size(void **state)
{
    (void)state;
    struct made_up_mn d[6];
    for (uint32_t i = 0; i < 6; i++)
        d[i] = made_up_distinct(i, false);
    d[3].banned = d[5].unconfirmed = true;
    struct mnlist *list = made_up_list(d, 6);
    struct mnstate work = made_up_state(list, 1);
    assert_decode_fault(&work, 0, DSPV_SNAPSHOT_TOO_SHORT);
    assert_decode_fault(&work, 3, DSPV_SNAPSHOT_TOO_SHORT);
    assert_decode_fault(&work, 4, DSPV_SNAPSHOT_SIZE);
    assert_decode_fault(&work, 5, DSPV_SNAPSHOT_SIZE);
    assert_decode_fault(&work, 7, DSPV_SNAPSHOT_SIZE);
    mnlist_unref(list);
}

/* Modes that Core never writes give empty quarters, as in its own decoder. */
static void test_other_modes_are_empty(void **state)
{
    (void)state;
    struct network net = regtest();
    struct made_up_mn d = made_up_distinct(1, false);
    struct mnlist *list = made_up_list(&d, 1);
    struct mnstate work = made_up_state(list, 1);
    for (int32_t mode = 2; mode <= 3; mode++) {
        const uint8_t bits = 1;
        struct snapshot *s = make_snapshot(mode, &bits, 1, NULL, 0);
        struct quarters *q;
        dspv_fault fault;
        assert_int_equal(quarters_decode(&net, network_llmq(&net, 103), 48, &work, s, &q, &fault), 0);
        assert_int_equal(q->count[0] + q->count[1], 0);
        quarters_unref(q);
        snapshot_unref(s);
    }
    mnlist_unref(list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode_against_second_implementation),
        cmocka_unit_test(test_skips_on_a_list_of_one),
        cmocka_unit_test(test_snapshot_of_another_size),
        cmocka_unit_test(test_other_modes_are_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
