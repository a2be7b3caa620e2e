/* io/socks against RFC 1928, RFC 1929 and Tor's socks-extensions: what is said, what is taken, and what is refused, however the
 * bytes are cut. */
#include "support/data.h"

#include "io/socks.h"

enum { MOST_SAID = 2048 };

static const char FAR[] = "far end";

/* One side of a conversation as it was held. */
struct talk {
    struct socks s;
    uint8_t said[MOST_SAID];
    size_t n;
    enum socks_status status;
};

static void listen_to(struct talk *t)
{
    const uint8_t *out;
    size_t n = socks_output(&t->s, &out);
    assert_true(t->n + n <= MOST_SAID);
    if (n)
        memcpy(t->said + t->n, out, n);
    t->n += n;
    assert_int_equal(socks_output(&t->s, &out), 0); /* each piece once */
}

static void begin(struct talk *t, const struct socks_request *r)
{
    t->n = 0;
    t->status = SOCKS_GOES_ON;
    assert_true(socks_start(&t->s, r));
    listen_to(t);
}

/* The proxy says `n` bytes, at most `piece` at a time; how many were taken. */
static size_t say(struct talk *t, const uint8_t *bytes, size_t n, size_t piece)
{
    size_t taken = 0;
    while (taken < n && t->status == SOCKS_GOES_ON) {
        size_t used, now = n - taken < piece ? n - taken : piece;
        t->status = socks_input(&t->s, bytes + taken, now, &used);
        assert_true(used <= now && (used == now || t->status != SOCKS_GOES_ON));
        taken += used;
        listen_to(t);
    }
    return taken;
}

#define V4(a, b, c, d)                                                                                                           \
    {                                                                                                                            \
        [10] = 0xff, [11] = 0xff, [12] = a, [13] = b, [14] = c, [15] = d                                                         \
    }
static const struct socks_request to_v4 = {.command = SOCKS_CONNECT, .ip = V4(192, 0, 2, 7), .port = 9999};
static const struct socks_request to_name = {.command = SOCKS_CONNECT, .name = "a.example", .port = 0x0102};
static const struct socks_request as_me = {
    .command = SOCKS_CONNECT, .name = "a.example", .port = 1, .user = "me", .password = "pw"};
static const struct socks_request resolve = {.command = SOCKS_RESOLVE, .name = "a.example"};

/* A conversation that must end well: what the proxy says in hex, and what we must have said in all. */
static void good(const struct socks_request *r, const char *const *answers, const char *ours, const char *bound)
{
    for (size_t piece = 1; piece < 300; piece += piece < 12 ? 1 : 97) {
        struct talk t;
        begin(&t, r);
        for (const char *const *a = answers; *a; a++) {
            uint8_t bytes[600];
            size_t n = strlen(*a) / 2;
            assert_true(hex_decode(*a, bytes, n));
            memcpy(bytes + n, FAR, sizeof(FAR));
            bool last = a[1] == NULL;
            assert_int_equal(t.status, SOCKS_GOES_ON);
            assert_int_equal(say(&t, bytes, last ? n + sizeof(FAR) : n, piece), n); /* the rest is the far end's */
        }
        assert_int_equal(t.status, SOCKS_DONE);
        char hex[2 * MOST_SAID + 1];
        hex_encode(t.said, t.n, hex);
        assert_string_equal(hex, ours);
        if (bound) {
            hex_encode(t.s.bound, 16, hex);
            assert_string_equal(hex, bound);
        }
    }
}

#define ANSWERS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void what_is_said(void **state)
{
    struct socks_request v6 = {.command = SOCKS_CONNECT, .ip = {0x20, 1, 0xd, 0xb8, [15] = 1}, .port = 65535};
    (void)state;
    good(&to_v4, ANSWERS("0500", "05000001000000000000"),
         "050100"
         "05010001c0000207270f",
         NULL);
    good(&v6, ANSWERS("0500", "050000040000000000000000000000000000000000ff"),
         "050100"
         "0501000420010db8000000000000000000000001ffff",
         NULL);
    good(&to_name, ANSWERS("0500", "05000001000000000000"),
         "050100"
         "0501000309612e6578616d706c650102",
         NULL);
    good(&as_me, ANSWERS("0502", "0100", "05000001000000000000"),
         "05020002"
         "01026d65027077"
         "0501000309612e6578616d706c650001",
         NULL);
    good(&as_me, ANSWERS("0500", "05000001000000000000"),
         "05020002"
         "0501000309612e6578616d706c650001",
         NULL);
    good(&resolve, ANSWERS("0500", "05000001c00002090000"),
         "050100"
         "05f0000309612e6578616d706c650000",
         "00000000000000000000ffffc0000209");
    good(&resolve, ANSWERS("0500", "0500000420010db80000000000000000000000070000"),
         "050100"
         "05f0000309612e6578616d706c650000",
         "20010db8000000000000000000000007");
}

/* Where the proxy says it is bound may be anything: it is read to its end and means nothing. */
static void any_bound_address(void **state)
{
    (void)state;
    for (size_t length = 0; length <= SOCKS_MOST_TEXT; length++) {
        uint8_t reply[SOCKS_MOST_REPLY] = {5, 0, 0, 3, (uint8_t)length};
        struct talk t;
        memset(reply + 5, 5, length + 2);
        begin(&t, &to_v4);
        say(&t, (const uint8_t *)"\x05\x00", 2, 2);
        assert_int_equal(say(&t, reply, 6 + length, 1 + length % 7), 6 + length);
        assert_int_equal(t.status, SOCKS_GOES_ON);
        assert_int_equal(say(&t, reply, 1, 1), 1);
        assert_int_equal(t.status, SOCKS_DONE);
    }
}

/* ---- refusals */

static const char *refusal(const struct socks_request *r, const char *first, const char *second)
{
    static struct talk t;
    uint8_t bytes[64];
    begin(&t, r);
    assert_true(hex_decode(first, bytes, strlen(first) / 2));
    say(&t, bytes, strlen(first) / 2, 1);
    if (second) {
        assert_int_equal(t.status, SOCKS_GOES_ON);
        assert_true(hex_decode(second, bytes, strlen(second) / 2));
        say(&t, bytes, strlen(second) / 2, 1);
    }
    assert_int_equal(t.status, SOCKS_FAILED);
    size_t used;
    assert_int_equal(socks_input(&t.s, bytes, 1, &used), SOCKS_FAILED); /* and it stays so */
    assert_int_equal(used, 0);
    return t.s.why;
}

static void refused(const struct socks_request *r, const char *first, const char *second, const char *because)
{
    const char *why = refusal(r, first, second);
    if (!strstr(why, because))
        fail_msg("%s %s: \"%s\" does not say \"%s\"", first, second ? second : "", why, because);
}

static void what_is_refused(void **state)
{
    (void)state;
    refused(&to_v4, "04", NULL, "not a SOCKS 5 proxy");
    refused(&to_v4, "48", NULL, "not a SOCKS 5 proxy"); /* "HTTP/1.1 400" */
    refused(&to_v4, "05ff", NULL, "in another way");
    refused(&as_me, "0502", "00", "malformed");
    refused(&as_me, "0502", "0101", "user name or the password");
    refused(&as_me, "0502", "01ff", "user name or the password");
    refused(&to_v4, "0500", "04", "malformed");
    refused(&to_v4, "0500", "050001", "malformed");
    refused(&to_v4, "0500", "05000000", "malformed");
    refused(&to_v4, "0500", "05000002", "malformed");
    refused(&to_v4, "0500", "050000ff", "malformed");
    refused(&resolve, "0500",
            "050000030161"
            "0000",
            "with a name");
}

static void every_method(void **state)
{
    (void)state;
    for (int with = 0; with < 2; with++)
        for (int m = 0; m < 256; m++) {
            struct talk t;
            begin(&t, with ? &as_me : &to_v4);
            say(&t, (const uint8_t[]){5, (uint8_t)m}, 2, 2);
            bool offered = m == 0 || (with && m == 2);
            assert_int_equal(t.status, offered ? SOCKS_GOES_ON : SOCKS_FAILED);
            assert_int_equal(t.n > 4, offered); /* nothing more is said to who is refused */
        }
}

/* The code is enough; each of those with a meaning has a sentence of its own. */
static void every_reply(void **state)
{
    const char *texts[256];
    size_t different = 0;
    (void)state;
    for (int code = 1; code < 256; code++) {
        struct talk t;
        begin(&t, &to_v4);
        say(&t, (const uint8_t *)"\x05\x00", 2, 2);
        say(&t, (const uint8_t[]){5, (uint8_t)code}, 2, 2);
        assert_int_equal(t.status, SOCKS_FAILED);
        assert_int_equal(t.s.reply, code);
        texts[code] = t.s.why;
        bool is_new = true;
        for (int i = 1; i < code; i++)
            is_new = is_new && strcmp(texts[i], texts[code]) != 0;
        different += is_new;
    }
    assert_int_equal(different, 8 + 8 + 1);
    assert_non_null(strstr(texts[5], "refuses the connection"));
}

/* A proxy that sends its answers ahead has not read the questions. */
static void answers_ahead(void **state)
{
    struct talk t;
    (void)state;
    begin(&t, &to_v4);
    say(&t, (const uint8_t *)"\x05\x00\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00", 12, 12);
    assert_int_equal(t.status, SOCKS_FAILED);
    assert_non_null(strstr(t.s.why, "before it is asked"));
}

static void texts_that_do_not_fit(void **state)
{
    char longest[SOCKS_MOST_TEXT + 2];
    struct socks s;
    struct socks_request r = {.command = SOCKS_CONNECT, .name = longest, .user = longest, .password = longest};
    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[SOCKS_MOST_TEXT + 1] = '\0';
    assert_false(socks_start(&s, &r));
    longest[SOCKS_MOST_TEXT] = '\0';
    assert_true(socks_start(&s, &r));
    struct talk t;
    begin(&t, &r);
    say(&t, (const uint8_t *)"\x05\x02", 2, 1);
    say(&t, (const uint8_t *)"\x01\x00", 2, 1);
    assert_int_equal(t.n, 4 + 3 + 2 * SOCKS_MOST_TEXT + 5 + SOCKS_MOST_TEXT + 2);
    longest[0] = '\0';
    assert_false(socks_start(&s, &r));
    assert_false(socks_start(&s, &(struct socks_request){.command = SOCKS_CONNECT, .user = "x", .password = ""}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said),          cmocka_unit_test(any_bound_address), cmocka_unit_test(what_is_refused),
        cmocka_unit_test(every_method),          cmocka_unit_test(every_reply),       cmocka_unit_test(answers_ahead),
        cmocka_unit_test(texts_that_do_not_fit),
    };
    return cmocka_run_group_tests_name("socks", tests, NULL, NULL);
}
