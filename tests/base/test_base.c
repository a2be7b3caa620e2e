/* base/: cursor, writer, map, arena, hex, faults. */
#include "support/data.h"

#include "base/arena.h"
#include "base/fault.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/writer.h"

static void test_reader_reads_what_writer_wrote(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    writer_u8(&w, 7);
    writer_u16(&w, 0x1234);
    writer_u16_be(&w, 0x1234);
    writer_u32(&w, 0x89abcdef);
    writer_u64(&w, 0x0123456789abcdefu);
    const uint64_t sizes[] = {0, 0xfc, 0xfd, 0xffff, 0x10000, 0x02000000};
    for (size_t i = 0; i < 6; i++)
        writer_compact_size(&w, sizes[i]);
    assert_false(w.failed);
    struct reader r;
    reader_init(&r, w.data, w.n);
    assert_int_equal(reader_u8(&r), 7);
    assert_int_equal(reader_u16(&r), 0x1234);
    assert_int_equal(reader_u16_be(&r), 0x1234);
    assert_int_equal(reader_u32(&r), 0x89abcdef);
    assert_true(reader_u64(&r) == 0x0123456789abcdefu);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(reader_compact_size(&r), sizes[i]);
    assert_true(reader_finish(&r));
    writer_free(&w);
}

static void test_writer_room(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    writer_u8(&w, 7);
    uint8_t *room = writer_room(&w, 100000);
    assert_non_null(room);
    memset(room, 8, 100000);
    w.n += 2; /* the rest was not needed */
    writer_u8(&w, 9);
    assert_int_equal(w.n, 4);
    assert_memory_equal(w.data, ((const uint8_t[]){7, 8, 8, 9}), 4);
    assert_null(writer_room(&w, SIZE_MAX));
    assert_true(w.failed);
    assert_int_equal(w.n, 4);
    assert_null(writer_room(&w, 1)); /* latched */
    writer_reset(&w);
    mem_fail_after(1);
    assert_null(writer_room(&w, 1000000));
    mem_fail_after(0);
    assert_true(w.failed);
    writer_free(&w);
}

static dspv_reason compact_size_fault(const char *hex, size_t n)
{
    uint8_t b[9];
    assert_true(hex_decode(hex, b, n));
    struct reader r;
    reader_init(&r, b, n);
    reader_compact_size(&r);
    return r.fault;
}

static void test_reader_latches_the_first_failure(void **state)
{
    (void)state;
    assert_int_equal(compact_size_fault("fdfc00", 3), DSPV_COMPACT_SIZE);
    assert_int_equal(compact_size_fault("feffff0000", 5), DSPV_COMPACT_SIZE);
    assert_int_equal(compact_size_fault("ff0000000001000000", 9), DSPV_COMPACT_SIZE);
    assert_int_equal(compact_size_fault("fe01000002", 5), DSPV_COMPACT_SIZE);
    assert_int_equal(compact_size_fault("fd00", 2), DSPV_TRUNCATED);
    const uint8_t b[] = {2, 0xff, 0xff};
    struct reader r;
    reader_init(&r, b, sizeof(b));
    assert_int_equal(reader_bitset(&r, 100).bits, 0); /* two bits, padding set */
    assert_int_equal(r.fault, DSPV_BITSET_PADDING);
    assert_int_equal(r.fault_offset, 0);
    assert_int_equal(reader_u8(&r), 0);
    assert_null(reader_bytes(&r, 1));
    assert_false(reader_finish(&r));
    assert_int_equal(r.fault, DSPV_BITSET_PADDING);
    const uint8_t many[] = {200, 1, 2, 3};
    reader_init(&r, many, sizeof(many));
    assert_int_equal(reader_count(&r, 1, 1000), 0);
    assert_int_equal(r.fault, DSPV_TOO_MANY);
    reader_init(&r, NULL, 0);
    assert_true(reader_finish(&r));
}

static void test_bitspan(void **state)
{
    (void)state;
    const uint8_t b[] = {10, 0x81, 0x02};
    struct reader r;
    reader_init(&r, b, sizeof(b));
    struct bitspan s = reader_bitset(&r, 10);
    assert_true(reader_finish(&r));
    assert_int_equal(bitspan_count(&s), 3);
    assert_true(bitspan_get(&s, 0) && bitspan_get(&s, 7) && bitspan_get(&s, 9));
    assert_false(bitspan_get(&s, 8) || bitspan_get(&s, 10));
    assert_true(bitspan_any_from(&s, 8));
    assert_false(bitspan_any_from(&s, 10));
    assert_int_equal(s.raw.n, 3);
}

static void test_map_against_plain_array(void **state)
{
    (void)state;
    enum { KEYS = 500 };
    static uint32_t value[KEYS];
    static bool present[KEYS];
    uint64_t random = 1;
    struct map m;
    map_init(&m, (const uint64_t[2]){3, 4});
    for (int step = 0; step < 20000; step++) {
        uint32_t k = (uint32_t)(test_random(&random) % KEYS);
        uint8_t key[32] = {0};
        memcpy(key, &k, 4);
        if (test_random(&random) % 3) {
            value[k] = (uint32_t)step;
            present[k] = true;
            assert_int_equal(map_put(&m, key, value[k]), 0);
        } else {
            assert_int_equal(map_remove(&m, key), present[k]);
            present[k] = false;
        }
        uint32_t probe = (uint32_t)(test_random(&random) % KEYS), got = 0;
        memcpy(key, &probe, 4);
        assert_int_equal(map_get(&m, key, &got), present[probe]);
        if (present[probe])
            assert_int_equal(got, value[probe]);
    }
    map_free(&m);
}

static void test_arena_limit_and_failure(void **state)
{
    (void)state;
    struct arena a;
    arena_init(&a, 1000);
    assert_non_null(arena_alloc(&a, 900));
    assert_null(arena_alloc(&a, 200));
    assert_null(arena_alloc_array(&a, SIZE_MAX / 2, 4));
    arena_free(&a);
    mem_fail_after(1);
    assert_null(arena_alloc(&a, 10));
    mem_fail_after(0);
    arena_free(&a);
}

static void test_hex_and_faults(void **state)
{
    (void)state;
    uint8_t h[32];
    assert_true(hash_from_hex("00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6", h));
    assert_int_equal(h[31], 0);
    assert_int_equal(h[0], 0xb6);
    char hex[65], text[200];
    hash_to_hex(h, hex);
    assert_string_equal(hex, "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6");
    assert_false(hash_from_hex("00", h));
    assert_false(hash_from_hex("zz000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6", h));
    dspv_fault f = fault_at_height(DSPV_NEED_LIST, 7);
    dspv_fault_text(&f, text, sizeof(text));
    assert_string_equal(text, "the masternode list at the work block is missing, height 7");
    dspv_fault_text(&f, text, 5);
    assert_string_equal(text, "the ");
    assert_string_equal(dspv_reason_name(DSPV_HIGH_HASH), "HIGH_HASH");
}

static void test_failed_growth_keeps_the_array(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    writer_u64(&w, 1);
    mem_fail_after(1);
    uint8_t big[100] = {0};
    writer_bytes(&w, big, sizeof(big));
    mem_fail_after(0);
    assert_true(w.failed);
    assert_int_equal(w.n, 8);
    writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_reads_what_writer_wrote),
        cmocka_unit_test(test_writer_room),
        cmocka_unit_test(test_reader_latches_the_first_failure),
        cmocka_unit_test(test_bitspan),
        cmocka_unit_test(test_map_against_plain_array),
        cmocka_unit_test(test_arena_limit_and_failure),
        cmocka_unit_test(test_hex_and_faults),
        cmocka_unit_test(test_failed_growth_keeps_the_array),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
