/* wire/frame and wire/command: reassembly of every chunking, what is dropped, what is fatal, memory and time bounds. */
#include "live.h"

#include "base/mem.h"
#include "crypto/sha256.h"
#include "wire/frame.h"

static const uint8_t magic[4] = {0xfc, 0xc1, 0xb7, 0xdc};

/* A message spelled out by hand, independent of frame_write(). */
static void put(struct writer *w, const uint8_t *net, const char *command, const uint8_t *payload, uint32_t n, uint32_t claimed)
{
    uint8_t name[13] = {0}, sum[32];
    memcpy(name, command, strlen(command));
    sha256d(sum, payload, n);
    writer_bytes(w, net, 4);
    writer_bytes(w, name, 12);
    writer_u32(w, claimed);
    writer_bytes(w, sum, 4);
    writer_bytes(w, payload, n);
}

/* What a reader told, in order: outcome, command, reason, payload. */
static void transcribe(struct writer *out, struct frame_reader *f, struct span in)
{
    struct frame m;
    enum frame_outcome outcome;
    while ((outcome = frame_reader_next(f, &in, &m)) != FRAME_NEED_MORE) {
        assert_int_not_equal(outcome, FRAME_NO_MEMORY);
        writer_u8(out, (uint8_t)outcome);
        writer_u8(out, (uint8_t)m.command);
        writer_bytes(out, m.name, 13);
        writer_u32(out, m.fault.reason);
        writer_u32(out, (uint32_t)m.payload.n);
        writer_span(out, m.payload);
        if (outcome == FRAME_FATAL)
            return;
    }
    assert_int_equal(in.n, 0);
}

static void transcribe_cut(struct writer *out, const struct writer *stream, size_t cut)
{
    struct frame_reader f;
    frame_reader_init(&f, magic);
    writer_reset(out);
    transcribe(out, &f, (struct span){stream->data, cut});
    transcribe(out, &f, (struct span){stream->data + cut, stream->n - cut});
    frame_reader_free(&f);
}

static void transcribe_chunks(struct writer *out, const struct writer *stream, size_t chunk)
{
    struct frame_reader f;
    frame_reader_init(&f, magic);
    writer_reset(out);
    for (size_t at = 0; at < stream->n; at += chunk)
        transcribe(out, &f, (struct span){stream->data + at, stream->n - at < chunk ? stream->n - at : chunk});
    frame_reader_free(&f);
}

static void assert_same(const struct writer *a, const struct writer *b)
{
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->data, b->data, a->n);
}

/* Good, empty, unknown, malformed and corrupted messages in one stream; good ones also after each of the others. */
static void mixed_stream(struct writer *w)
{
    const uint8_t nonce[8] = {1, 2, 3, 4, 5, 6, 7, 8}, lock[132] = {9}, junk[300] = {7};
    put(w, magic, "verack", NULL, 0, 0);
    put(w, magic, "ping", nonce, 8, 8);
    put(w, magic, "dontknowthis", junk, 300, 300);
    put(w, magic, "clsig", lock, 132, 132);
    put(w, magic, "clsig", lock, 132, 132);
    w->data[w->n - 1] ^= 1; /* the payload no longer matches */
    put(w, magic, "pong", nonce, 8, 8);
    put(w, magic, "bad\x01name", junk, 50, 50);
    put(w, magic, "", NULL, 0, 0);
    put(w, magic, "inv", (const uint8_t[]){0}, 1, 1);
    put(w, magic, "sendheaders2", NULL, 0, 0);
    assert_false(w->failed);
}

static void test_stream_gives_its_messages(void **state)
{
    (void)state;
    static const struct {
        enum frame_outcome outcome;
        enum wire_command command;
        dspv_reason reason;
        size_t n;
    } expected[] = {
        {FRAME_MESSAGE, WIRE_VERACK, DSPV_OK, 0},
        {FRAME_MESSAGE, WIRE_PING, DSPV_OK, 8},
        {FRAME_UNKNOWN, WIRE_UNKNOWN, DSPV_OK, 0},
        {FRAME_MESSAGE, WIRE_CLSIG, DSPV_OK, 132},
        {FRAME_DROPPED, WIRE_CLSIG, DSPV_BAD_CHECKSUM, 0},
        {FRAME_MESSAGE, WIRE_PONG, DSPV_OK, 8},
        {FRAME_DROPPED, WIRE_UNKNOWN, DSPV_BAD_COMMAND, 0},
        {FRAME_UNKNOWN, WIRE_UNKNOWN, DSPV_OK, 0},
        {FRAME_MESSAGE, WIRE_INV, DSPV_OK, 1},
        {FRAME_MESSAGE, WIRE_SENDHEADERS2, DSPV_OK, 0},
    };
    struct writer w;
    writer_init(&w);
    mixed_stream(&w);
    struct frame_reader f;
    struct frame m;
    frame_reader_init(&f, magic);
    struct span in = {w.data, w.n};
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        assert_int_equal(frame_reader_next(&f, &in, &m), expected[i].outcome);
        assert_int_equal(m.command, expected[i].command);
        assert_int_equal(m.fault.reason, expected[i].reason);
        assert_int_equal(m.payload.n, expected[i].n);
        if (m.command != WIRE_UNKNOWN)
            assert_string_equal(m.name, wire_command_name(m.command));
    }
    assert_int_equal(frame_reader_next(&f, &in, &m), FRAME_NEED_MORE);
    assert_int_equal(in.n, 0);
    frame_reader_free(&f);
    writer_free(&w);
}

static void test_every_chunking_is_the_same(void **state)
{
    (void)state;
    struct writer w, whole, cut;
    writer_init(&w);
    writer_init(&whole);
    writer_init(&cut);
    mixed_stream(&w);
    transcribe_cut(&whole, &w, w.n);
    for (size_t at = 0; at < w.n; at++) {
        transcribe_cut(&cut, &w, at);
        assert_same(&whole, &cut);
    }
    for (size_t chunk = 1; chunk < 200; chunk++) {
        transcribe_chunks(&cut, &w, chunk);
        assert_same(&whole, &cut);
    }
    writer_free(&w);
    writer_free(&whole);
    writer_free(&cut);
}

static void test_random_streams(void **state)
{
    (void)state;
    uint64_t seed = 20;
    struct writer w, whole, cut, payload;
    writer_init(&w);
    writer_init(&whole);
    writer_init(&cut);
    writer_init(&payload);
    for (int round = 0; round < 60; round++) {
        writer_reset(&w);
        struct writer expected = {0};
        for (int i = 0; i < 12; i++) {
            enum wire_command command = (enum wire_command)(1 + test_random(&seed) % (WIRE_COMMAND_COUNT - 1));
            uint32_t most = wire_command_largest(command) < 3000 ? wire_command_largest(command) : 3000;
            writer_reset(&payload);
            for (uint64_t n = test_random(&seed) % (most + 1); n > 0; n--)
                writer_u8(&payload, (uint8_t)test_random(&seed));
            frame_write(&w, magic, command, payload.data, payload.n);
            writer_u8(&expected, FRAME_MESSAGE);
            writer_u8(&expected, (uint8_t)command);
            uint8_t name[13] = {0};
            wire_command_bytes(command, name);
            writer_bytes(&expected, name, 13);
            writer_u32(&expected, DSPV_OK);
            writer_u32(&expected, (uint32_t)payload.n);
            writer_bytes(&expected, payload.data, payload.n);
        }
        transcribe_cut(&whole, &w, w.n);
        assert_same(&expected, &whole);
        transcribe_chunks(&cut, &w, 1 + test_random(&seed) % 2000);
        assert_same(&expected, &cut);
        writer_free(&expected);
    }
    writer_free(&w);
    writer_free(&whole);
    writer_free(&cut);
    writer_free(&payload);
}

/* A header that claims `length` bytes. */
static enum frame_outcome claim(const uint8_t *net, const char *command, uint32_t length, dspv_reason *reason)
{
    struct writer w;
    writer_init(&w);
    put(&w, net, command, NULL, 0, length);
    struct frame_reader f;
    struct frame m;
    frame_reader_init(&f, magic);
    struct span in = {w.data, w.n};
    enum frame_outcome outcome = frame_reader_next(&f, &in, &m);
    *reason = m.fault.reason;
    if (outcome == FRAME_FATAL) {
        in = (struct span){w.data, w.n};
        assert_int_equal(frame_reader_next(&f, &in, &m), FRAME_FATAL);
        assert_int_equal(m.fault.reason, *reason);
        assert_int_equal(in.n, w.n);
    }
    assert_int_equal(f.cap, 0); /* a length field alone costs no memory */
    frame_reader_free(&f);
    writer_free(&w);
    return outcome;
}

static void test_fatal_headers(void **state)
{
    (void)state;
    dspv_reason reason;
    for (int i = 0; i < 32; i++) {
        uint8_t other[4];
        memcpy(other, magic, 4);
        other[i / 8] ^= (uint8_t)(1 << i % 8);
        assert_int_equal(claim(other, "ping", 8, &reason), FRAME_FATAL);
        assert_int_equal(reason, DSPV_BAD_MAGIC);
    }
    for (int c = 1; c < WIRE_COMMAND_COUNT; c++) {
        const char *name = wire_command_name((enum wire_command)c);
        uint32_t most = wire_command_largest((enum wire_command)c);
        if (most > 0)
            assert_int_equal(claim(magic, name, most, &reason), FRAME_NEED_MORE);
        assert_int_equal(claim(magic, name, most + 1, &reason), FRAME_FATAL);
        assert_int_equal(reason, DSPV_TOO_LARGE);
    }
    assert_int_equal(claim(magic, "whatisthis", 3 << 20, &reason), FRAME_UNKNOWN);
    assert_int_equal(claim(magic, "whatisthis", (3 << 20) + 1, &reason), FRAME_FATAL);
    assert_int_equal(claim(magic, "what\x7fisthis", (3 << 20) + 1, &reason), FRAME_FATAL);
    assert_int_equal(claim(magic, "mnlistdiff", UINT32_MAX, &reason), FRAME_FATAL);
}

static void test_largest_payloads(void **state)
{
    (void)state;
    static const struct {
        enum wire_command command;
        uint32_t most;
    } expected[] = {
        {WIRE_PING, 8},          {WIRE_VERACK, 0},           {WIRE_VERSION, 1024},    {WIRE_CLSIG, 132},
        {WIRE_INV, 1800003},     {WIRE_HEADERS, 162003},     {WIRE_HEADERS2, 648003}, {WIRE_ADDR, 30003},
        {WIRE_GETHEADERS, 3269}, {WIRE_MNLISTDIFF, 3145728}, {WIRE_QRINFO, 8388608},  {WIRE_ISDLOCK, 360164},
        {WIRE_GETMNLISTD, 64},   {WIRE_UNKNOWN, 3145728},
    };
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
        assert_int_equal(wire_command_largest(expected[i].command), expected[i].most);
}

static void test_command_names(void **state)
{
    (void)state;
    uint8_t name[12];
    for (int c = 1; c < WIRE_COMMAND_COUNT; c++) {
        wire_command_bytes((enum wire_command)c, name);
        assert_true(wire_command_well_formed(name));
        assert_int_equal(wire_command_find(name), c);
        assert_true(strlen(wire_command_name((enum wire_command)c)) <= 12);
    }
    assert_int_equal(wire_command_find((const uint8_t *)"sendheaders2"), WIRE_SENDHEADERS2);
    assert_int_equal(wire_command_find((const uint8_t *)"sendheaders\0"), WIRE_SENDHEADERS);
    assert_int_equal(wire_command_find((const uint8_t *)"Ping\0\0\0\0\0\0\0"), WIRE_UNKNOWN);
    assert_int_equal(wire_command_find((const uint8_t *)"\0\0\0\0\0\0\0\0\0\0\0"), WIRE_UNKNOWN);
    assert_false(wire_command_well_formed((const uint8_t *)"ping\0x\0\0\0\0\0"));
    assert_false(wire_command_well_formed((const uint8_t *)"ping\n\0\0\0\0\0\0"));
    assert_false(wire_command_well_formed((const uint8_t *)"p\xc3\xafng\0\0\0\0\0\0"));
    assert_true(wire_command_well_formed((const uint8_t *)"~ ping\0\0\0\0\0"));
}

/* A megabyte one byte at a time: the number of allocations grows with the logarithm, memory with what has arrived. */
static void test_memory_follows_what_arrives(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    uint8_t *payload = calloc(1, 1 << 20);
    assert_non_null(payload);
    frame_write(&w, magic, WIRE_MNLISTDIFF, payload, 1 << 20);
    frame_write(&w, magic, WIRE_VERACK, NULL, 0);
    struct frame_reader f;
    struct frame m;
    frame_reader_init(&f, magic);
    mem_fail_after(0);
    size_t messages = 0;
    for (size_t i = 0; i < w.n; i++) {
        struct span in = {w.data + i, 1};
        enum frame_outcome outcome = frame_reader_next(&f, &in, &m);
        assert_true(f.cap <= 2 * i + 8);
        messages += outcome == FRAME_MESSAGE;
        assert_true(outcome == FRAME_NEED_MORE || outcome == FRAME_MESSAGE);
    }
    assert_int_equal(messages, 2);
    assert_true(mem_fail_after(0) <= 20);
    assert_true(f.cap <= FRAME_KEPT_MEMORY); /* the megabyte was given back */
    frame_reader_free(&f);
    /* three megabytes nobody understands: nothing kept */
    writer_reset(&w);
    put(&w, magic, "blob", payload, 1 << 20, 3 << 20);
    frame_reader_init(&f, magic);
    struct span in = {w.data, w.n};
    assert_int_equal(frame_reader_next(&f, &in, &m), FRAME_UNKNOWN);
    assert_int_equal(frame_reader_next(&f, &in, &m), FRAME_NEED_MORE);
    assert_int_equal(in.n, 0);
    assert_int_equal(f.cap, 0);
    frame_reader_free(&f);
    free(payload);
    writer_free(&w);
}

static void test_out_of_memory_can_be_retried(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    const uint8_t lock[132] = {9};
    frame_write(&w, magic, WIRE_CLSIG, lock, 132);
    for (size_t fail = 1; fail < 10; fail++) {
        struct frame_reader f;
        struct frame m;
        frame_reader_init(&f, magic);
        size_t refused = 0, messages = 0;
        mem_fail_after(fail);
        for (size_t at = 0; at < w.n; at += 10) {
            struct span in = {w.data + at, w.n - at < 10 ? w.n - at : 10};
            enum frame_outcome outcome;
            while ((outcome = frame_reader_next(&f, &in, &m)) == FRAME_NO_MEMORY)
                refused++;
            messages += outcome == FRAME_MESSAGE;
        }
        mem_fail_after(0);
        assert_int_equal(messages, 1);
        assert_memory_equal(m.payload.p, lock, 132);
        assert_true(refused <= 1);
        if (fail == 1)
            assert_int_equal(refused, 1);
        frame_reader_free(&f);
    }
    writer_free(&w);
}

static void test_empty_checksum(void **state)
{
    (void)state;
    struct writer w;
    writer_init(&w);
    frame_write(&w, magic, WIRE_VERACK, NULL, 0);
    char hex[49];
    assert_int_equal(w.n, 24);
    hex_encode(w.data, w.n, hex);
    assert_string_equal(hex, "fcc1b7dc76657261636b000000000000000000005df6e0e2");
    writer_free(&w);
}

/* A recorded connection, framed again: the same messages come out. */
static void test_recorded_stream(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes live = data_load("regtest/churn/live.bin");
    struct live_message m;
    struct writer w;
    writer_init(&w);
    for (size_t at = 0; live_next(&live, &at, &m);) {
        char name[13] = {0};
        memcpy(name, m.name, 12);
        put(&w, magic, name, m.payload, (uint32_t)m.n, (uint32_t)m.n);
    }
    const size_t chunks[] = {1, 13, 536, 1460, 65536};
    for (size_t i = 0; i < 5; i++) {
        struct frame_reader f;
        struct frame got;
        frame_reader_init(&f, magic);
        size_t at = 0, seen = 0;
        for (size_t p = 0; p < w.n; p += chunks[i]) {
            struct span in = {w.data + p, w.n - p < chunks[i] ? w.n - p : chunks[i]};
            enum frame_outcome outcome;
            while ((outcome = frame_reader_next(&f, &in, &got)) != FRAME_NEED_MORE) {
                assert_true(live_next(&live, &at, &m));
                assert_int_equal(got.command, m.command);
                assert_int_equal(outcome, m.command == WIRE_UNKNOWN ? FRAME_UNKNOWN : FRAME_MESSAGE);
                assert_memory_equal(got.name, m.name, 12);
                seen++;
                if (outcome == FRAME_UNKNOWN)
                    continue;
                assert_int_equal(got.payload.n, m.n);
                if (m.n)
                    assert_memory_equal(got.payload.p, m.payload, m.n);
            }
        }
        assert_int_equal(at, live.n);
        assert_int_equal(seen, 1176);
        frame_reader_free(&f);
    }
    free(live.p);
    writer_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stream_gives_its_messages),
        cmocka_unit_test(test_every_chunking_is_the_same),
        cmocka_unit_test(test_random_streams),
        cmocka_unit_test(test_fatal_headers),
        cmocka_unit_test(test_largest_payloads),
        cmocka_unit_test(test_command_names),
        cmocka_unit_test(test_memory_follows_what_arrives),
        cmocka_unit_test(test_out_of_memory_can_be_retried),
        cmocka_unit_test(test_empty_checksum),
        cmocka_unit_test(test_recorded_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
