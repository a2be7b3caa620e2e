/* See lists_break.h. */
#include "wire/lists_break.h"

#include "base/mem.h"

union message {
    struct mnlistdiff diff;
    struct qrinfo qrinfo;
};

static int decode(enum message_kind kind, const uint8_t *payload, size_t n, int proto, struct arena *arena, union message *out,
                  dspv_fault *fault)
{
    return kind == QRINFO ? qrinfo_decode(payload, n, proto, arena, &out->qrinfo, fault)
                          : mnlistdiff_decode(payload, n, proto, arena, &out->diff, fault);
}

static void encode(enum message_kind kind, const union message *m, struct writer *w)
{
    if (kind == QRINFO)
        qrinfo_encode(w, &m->qrinfo);
    else
        mnlistdiff_encode(w, &m->diff);
}

dspv_reason round_trip(enum message_kind kind, const uint8_t *payload, size_t n, int proto)
{
    uint8_t *exact = malloc(n ? n : 1);
    assert_non_null(exact);
    memcpy(exact, payload, n);
    struct arena arena;
    arena_init(&arena, 0);
    union message m;
    dspv_fault fault = {0};
    int error = decode(kind, n ? exact : NULL, n, proto, &arena, &m, &fault);
    if (error == 0) {
        struct writer w;
        writer_init(&w);
        encode(kind, &m, &w);
        assert_false(w.failed);
        assert_int_equal(w.n, n);
        assert_memory_equal(w.data, payload, n);
        writer_free(&w);
    } else {
        assert_int_equal(error, DSPV_EFAULT);
        assert_int_not_equal(fault.reason, DSPV_OK);
        assert_true(fault.offset <= n);
    }
    arena_free(&arena);
    free(exact);
    return fault.reason;
}

void check_truncations(enum message_kind kind, const uint8_t *payload, size_t n, int proto)
{
    for (size_t shorter = 0; shorter < n; shorter++) {
        dspv_reason reason = round_trip(kind, payload, shorter, proto);
        if (reason != DSPV_TRUNCATED && reason != DSPV_TOO_MANY)
            fail_msg("%zu of %zu bytes: %s", shorter, n, dspv_reason_name(reason));
    }
    uint8_t *longer = malloc(n + 1);
    assert_non_null(longer);
    memcpy(longer, payload, n);
    longer[n] = 0;
    assert_int_equal(round_trip(kind, longer, n + 1, proto), DSPV_TRAILING_BYTES);
    free(longer);
}

void check_bit_flips(enum message_kind kind, const uint8_t *payload, size_t n, int proto, size_t stride)
{
    uint8_t *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, payload, n);
    for (size_t bit = 0; bit < n * 8; bit += stride) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        round_trip(kind, copy, n, proto);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_memory_equal(copy, payload, n);
    free(copy);
}

void check_allocation_failures(enum message_kind kind, const uint8_t *payload, size_t n, int proto)
{
    struct arena arena;
    arena_init(&arena, 0);
    for (size_t failing = 1;; failing++) {
        union message m;
        dspv_fault fault;
        mem_fail_after(failing);
        int error = decode(kind, payload, n, proto, &arena, &m, &fault);
        if (error == 0) {
            struct writer w;
            writer_init(&w);
            encode(kind, &m, &w);
            size_t made = mem_fail_after(0);
            assert_int_equal(w.failed, made >= failing);
            assert_true(w.failed || (w.n == n && memcmp(w.data, payload, n) == 0));
            bool done = !w.failed;
            writer_free(&w);
            arena_free(&arena);
            if (done)
                break;
            continue;
        }
        mem_fail_after(0);
        assert_int_equal(error, DSPV_ENOMEM);
        assert_int_equal(fault.reason, DSPV_NO_MEMORY);
        arena_free(&arena);
    }
}
