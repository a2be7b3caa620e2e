/* Streams and names behind a proxy without a driver: time, refusals, and who is asked for a name. */
#include "support/data.h"

#include <signal.h>

#include "io/names.h"
#include "io/naming.h"
#include "io/no_dns.h"
#include "io/socks_server.h"
#include "wire/peer_address.h"

/* ---- one stream, and its time */

struct heard {
    struct stream *stream;
    unsigned opens, losses, closes;
    char why[200];
};

static void on_stream_open(void *context)
{
    struct heard *h = context;
    h->opens++;
    stream_close(h->stream);
}

static void on_stream_bytes(void *context, const uint8_t *data, size_t n)
{
    (void)context, (void)data, (void)n;
}

static void on_stream_lost(void *context, const char *what, const char *why)
{
    struct heard *h = context;
    h->losses++;
    snprintf(h->why, sizeof(h->why), "%s: %s", what, why);
}

static void on_stream_closed(void *context)
{
    struct heard *h = context;
    h->closes++;
}

static const struct stream_listener hearing = {on_stream_open, on_stream_bytes, on_stream_lost, on_stream_closed};

/* What a driver has, for streams and names alone. */
struct alone {
    uv_loop_t loop;
    struct streams streams;
    struct proxy at;
    struct socks_server *proxy;
};

static void alone_init(struct alone *a, struct socks_server_options options)
{
    char text[64];
    uint16_t port;
    no_dns_begin();
    uv_loop_init(&a->loop);
    a->proxy = socks_server_start(&a->loop, &options, &port);
    snprintf(text, sizeof(text), "127.0.0.1:%u", (unsigned)port);
    assert_null(proxy_init(&a->at, &(struct proxy_source){.host_port = text, .randomize_credentials = true}));
    a->streams.loop = &a->loop;
    a->streams.proxy = &a->at;
    a->streams.proxy_ms = STREAM_PROXY_MS;
}

static void alone_end(struct alone *a)
{
    socks_server_stop(a->proxy);
    uv_run(&a->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&a->loop), 0);
}

static void a_proxy_without_words(void **state)
{
    static struct alone a;
    struct heard h = {0};
    const struct socks_request r = {.command = SOCKS_CONNECT, .name = "a.example", .port = 1};
    (void)state;
    alone_init(&a, (struct socks_server_options){.manner = SOCKS_IS_SILENT});
    a.streams.proxy_ms = 50;
    assert_int_equal(stream_open(&h.stream, &a.streams, &r, &hearing, &h), 0);
    while (h.closes == 0)
        uv_run(&a.loop, UV_RUN_ONCE);
    assert_int_equal(h.opens, 0);
    assert_int_equal(h.losses, 1);
    assert_string_equal(h.why, "cannot connect to: the proxy: connection timed out");
    alone_end(&a);
}

static void a_request_that_does_not_fit(void **state)
{
    static struct alone a;
    struct heard h = {0};
    char longest[SOCKS_MOST_TEXT + 2];
    (void)state;
    memset(longest, 'x', sizeof(longest));
    longest[sizeof(longest) - 1] = '\0';
    const struct socks_request r = {.command = SOCKS_CONNECT, .name = longest, .port = 1};
    alone_init(&a, (struct socks_server_options){0});
    assert_int_equal(stream_open(&h.stream, &a.streams, &r, &hearing, &h), UV_EINVAL);
    alone_end(&a);
    assert_int_equal(h.closes + h.losses + h.opens, 0);
}

/* ---- names of seeds */

struct named {
    unsigned answers, troubles, stops;
    size_t found;
    dspv_addr addr;
    char trouble[320];
    const char *name;
};

static void on_named(void *context, const char *name, const dspv_addr *addrs, size_t n)
{
    struct named *d = context;
    d->answers++;
    d->found += n;
    d->name = name;
    if (n)
        d->addr = addrs[0];
}

static void on_named_trouble(void *context, const char *text)
{
    struct named *d = context;
    d->troubles++;
    snprintf(d->trouble, sizeof(d->trouble), "%s", text);
}

static void on_named_stopped(void *context)
{
    struct named *d = context;
    d->stops++;
}

static const char SEED[] = "seed.example";

static void ask_names(struct alone *a, struct named *d, unsigned times)
{
    *d = (struct named){0};
    struct naming *n = naming_new(&a->streams, &(struct naming_listener){d, on_named, on_named_trouble, on_named_stopped});
    assert_non_null(n);
    for (unsigned i = 0; i < times; i++) {
        assert_true(naming_ask(n, SEED, 9999));
        while (d->answers == i)
            uv_run(&a->loop, UV_RUN_ONCE);
        assert_ptr_equal(d->name, SEED);
    }
    naming_stop(n);
    while (d->stops == 0)
        uv_run(&a->loop, UV_RUN_ONCE);
    assert_int_equal(d->answers, times);
}

static void names_through_tor(void **state)
{
    static struct alone a;
    struct named d;
    const struct socks_said *said;
    (void)state;
    alone_init(&a, (struct socks_server_options){.resolves = true, .resolved = {192, 0, 2, 99}});
    ask_names(&a, &d, 2);
    assert_int_equal(d.found, 2);
    assert_int_equal(d.troubles, 0);
    assert_true(peer_address_is_ipv4(&d.addr));
    assert_memory_equal(d.addr.ip + 12, "\xc0\x00\x02\x63", 4);
    assert_int_equal(d.addr.port, 9999);
    assert_int_equal(socks_server_said(a.proxy, &said), 2);
    assert_string_equal(said[0].host, SEED);
    assert_int_equal(said[0].command, 0xf0);
    assert_string_not_equal(said[0].user, said[1].user);
    alone_end(&a);
    assert_int_equal(no_dns_questions(), 0);
}

/* A proxy that is not Tor's: nothing is found, a person hears it once, and the DNS is not asked instead. */
static void names_through_others(void **state)
{
    static struct alone a;
    struct named d;
    (void)state;
    alone_init(&a, (struct socks_server_options){0});
    ask_names(&a, &d, 3);
    assert_int_equal(d.found, 0);
    assert_int_equal(d.troubles, 1);
    assert_non_null(strstr(d.trouble, "looks up no names"));
    alone_end(&a);
    alone_init(&a, (struct socks_server_options){.manner = SOCKS_REFUSES, .reply = 4});
    ask_names(&a, &d, 2);
    assert_int_equal(d.found, 0);
    assert_int_equal(d.troubles, 2);
    assert_non_null(strstr(d.trouble, SEED));
    alone_end(&a);
    assert_int_equal(no_dns_questions(), 0);
}

/* The same without a proxy: this is how one knows that the others did not ask. */
static void names_through_the_dns(void **state)
{
    static struct alone a;
    struct named d;
    (void)state;
    alone_init(&a, (struct socks_server_options){0});
    a.streams.proxy = NULL;
    ask_names(&a, &d, 2);
    assert_int_equal(d.found, 0);
    assert_int_equal(no_dns_questions(), 2);
    assert_int_equal(socks_server_accepted(a.proxy), 0);
    alone_end(&a);
}

static void many_names_at_once(void **state)
{
    static struct alone a;
    (void)state;
    for (int with = 0; with < 2; with++)
        for (int turns = 0; turns < 3; turns++) {
            struct named d = {0};
            alone_init(&a, (struct socks_server_options){.manner = SOCKS_IS_SILENT});
            a.streams.proxy = with ? &a.at : NULL;
            struct naming *n =
                naming_new(&a.streams, &(struct naming_listener){&d, on_named, on_named_trouble, on_named_stopped});
            for (int i = 0; i < NAMING_PARALLEL; i++)
                assert_true(naming_ask(n, SEED, 1));
            assert_false(naming_ask(n, SEED, 1));
            for (int i = 0; i < turns; i++)
                uv_run(&a.loop, UV_RUN_NOWAIT);
            unsigned before = d.answers;
            naming_stop(n);
            while (d.stops == 0)
                uv_run(&a.loop, UV_RUN_ONCE);
            assert_int_equal(d.answers, before);
            alone_end(&a);
        }
}

/* ---- names of peers */

static void names_as_addresses(void **state)
{
    static struct names n, other;
    struct host_port a = {"a.example", 1}, b = {"b.example", 1}, a2 = {"a.example", 2};
    dspv_addr x, y, z, again;
    char text[NAMES_TEXT_SIZE];
    (void)state;
    assert_int_equal(names_add(&n, &a, &x), 0);
    assert_int_equal(names_add(&n, &b, &y), 0);
    assert_int_equal(names_add(&n, &a2, &z), 0);
    assert_memory_equal(x.ip, "\x01\0\0\0\0\0\0", 8); /* nobody is there */
    assert_memory_not_equal(x.ip, y.ip, 16);
    assert_int_equal(z.port, 2);
    assert_string_equal(names_find(&n, &x), "a.example");
    assert_string_equal(names_find(&n, &y), "b.example");
    names_text(&n, &z, text);
    assert_string_equal(text, "a.example:2");
    assert_int_equal(names_add(&other, &b, &again), 0); /* in another life, in another order */
    assert_memory_equal(again.ip, y.ip, 16);
    assert_null(names_find(&other, &x));
    names_text(&other, &(dspv_addr){.ip = {[15] = 1}, .port = 3}, text);
    assert_string_equal(text, "[::1]:3");
    assert_null(names_find(&n, &(dspv_addr){.is_onion = true, .port = 1}));
    for (unsigned i = 0; n.n < NAMES_MOST; i++) {
        struct host_port more = {.port = (uint16_t)(100 + i)};
        assert_int_equal(names_add(&n, &more, &again), 0);
    }
    assert_int_equal(names_add(&n, &a, &again), 0);
    assert_int_equal(names_add(&n, &(struct host_port){"c.example", 1}, &again), DSPV_EBUSY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proxy_without_words), cmocka_unit_test(a_request_that_does_not_fit),
        cmocka_unit_test(names_through_tor),     cmocka_unit_test(names_through_others),
        cmocka_unit_test(names_through_the_dns), cmocka_unit_test(many_names_at_once),
        cmocka_unit_test(names_as_addresses),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("naming", tests, NULL, NULL);
}
