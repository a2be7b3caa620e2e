/* The driver on real sockets with peers that are of no use: it must report, stay bounded, and leave nothing behind when stopped.
 * That it works with a good peer is shown by test_command.c. */
#include "support/data.h"

#include "io/driver.h"
#include "io/loopback.h"
#include "io/resolve.h"

enum peer_kind { PEER_HANGS_UP, PEER_TALKS_NONSENSE, PEER_IS_SILENT };

struct stage {
    uv_loop_t loop;
    uv_tcp_t listener, accepted;
    uv_timer_t late;
    uv_write_t write;
    enum peer_kind kind;
    struct driver *driver;
    size_t accepts, gone, troubles, refused;
    bool is_late, stopped;
    char nonsense[64 << 10];
};

static void stage_stop(struct stage *g)
{
    if (g->stopped)
        return;
    g->stopped = true;
    driver_stop(g->driver);
    uv_close((uv_handle_t *)&g->listener, NULL);
    uv_close((uv_handle_t *)&g->late, NULL);
    if (g->accepts != 0 && !uv_is_closing((uv_handle_t *)&g->accepted))
        uv_close((uv_handle_t *)&g->accepted, NULL);
}

static void on_late(uv_timer_t *timer)
{
    struct stage *g = timer->data;
    g->is_late = true;
    stage_stop(g);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct stage *g = listener->data;
    assert_int_equal(status, 0);
    if (g->accepts++ != 0)
        return; /* later ones wait in the backlog */
    uv_tcp_init(&g->loop, &g->accepted);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&g->accepted), 0);
    if (g->kind == PEER_HANGS_UP) {
        uv_close((uv_handle_t *)&g->accepted, NULL);
    } else if (g->kind == PEER_TALKS_NONSENSE) {
        uv_buf_t buf = uv_buf_init(g->nonsense, sizeof(g->nonsense));
        assert_int_equal(uv_write(&g->write, (uv_stream_t *)&g->accepted, &buf, 1, NULL), 0);
    }
}

static void on_event(void *context, const dspv_event *event)
{
    struct stage *g = context;
    g->refused += event->kind == DSPV_EVENT_REFUSED;
    if (event->kind == DSPV_EVENT_PEER && event->reason != DSPV_OK) {
        g->gone++;
        stage_stop(g); /* from inside an event, as the command does not: it must hold all the same */
    }
}

static void on_trouble(void *context, dspv_conn conn, const char *text)
{
    struct stage *g = context;
    assert_true(conn != 0);
    assert_non_null(strstr(text, "127.0.0.1:"));
    g->troubles++;
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    fail_msg("local failure %d: %s", error, text);
}

static struct stage *stage_new(enum peer_kind kind, uint64_t late_ms)
{
    struct stage *g = calloc(1, sizeof(*g));
    const struct driver_listener mine = {g, on_event, on_trouble, on_failed};
    dspv_network *net;
    assert_non_null(g);
    g->kind = kind;
    memset(g->nonsense, 0x5a, sizeof(g->nonsense));
    uv_loop_init(&g->loop);
    uv_timer_init(&g->loop, &g->late);
    g->late.data = g;
    uv_timer_start(&g->late, on_late, late_ms, 0);
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    assert_int_equal(driver_start(&g->driver, &g->loop, net, NULL, NULL, &mine), 0);
    dspv_network_free(net);
    return g;
}

/* Listen, and name the place to the client. */
static void stage_listen(struct stage *g)
{
    dspv_addr addr = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}};
    addr.port = loopback_listen(&g->loop, &g->listener, g, on_connection);
    assert_int_equal(driver_add_peer(g->driver, &addr), 0);
}

/* Run to the end; nothing may be left in the loop. */
static void stage_run(struct stage *g)
{
    uv_run(&g->loop, UV_RUN_DEFAULT);
    assert_true(g->stopped);
    assert_int_equal(uv_loop_close(&g->loop), 0);
}

static void peer_that_hangs_up(void **state)
{
    struct stage *g = stage_new(PEER_HANGS_UP, 20000);
    (void)state;
    stage_listen(g);
    stage_run(g);
    assert_false(g->is_late);
    assert_int_equal(g->gone, 1);
    assert_int_equal(g->troubles, 1);
    free(g);
}

static void peer_that_talks_nonsense(void **state)
{
    struct stage *g = stage_new(PEER_TALKS_NONSENSE, 20000);
    (void)state;
    stage_listen(g);
    stage_run(g);
    assert_false(g->is_late);
    assert_int_equal(g->gone, 1);
    assert_true(g->refused >= 1);
    free(g);
}

static void peer_that_is_silent(void **state)
{
    struct stage *g = stage_new(PEER_IS_SILENT, 300);
    (void)state;
    stage_listen(g);
    stage_run(g);
    assert_true(g->is_late); /* stopped while it waited for an answer */
    assert_int_equal(g->accepts, 1);
    assert_int_equal(g->gone, 0);
    free(g);
}

static void nobody_listens(void **state)
{
    struct stage *g = stage_new(PEER_HANGS_UP, 20000);
    dspv_addr addr = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = 1};
    (void)state;
    uv_tcp_init(&g->loop, &g->listener);
    assert_int_equal(driver_add_peer(g->driver, &addr), 0);
    stage_run(g);
    assert_false(g->is_late);
    assert_int_equal(g->gone, 1);
    assert_int_equal(g->troubles, 1);
    free(g);
}

static void time_is_unix_time(void **state)
{
    struct stage *g = stage_new(PEER_IS_SILENT, 50);
    uv_timeval64_t wall;
    (void)state;
    assert_int_equal(uv_gettimeofday(&wall), 0);
    dspv_ms now = driver_now(g->driver), expected = (dspv_ms)wall.tv_sec * 1000 + wall.tv_usec / 1000;
    assert_true(now <= expected && now > expected - 5000);
    stage_listen(g);
    stage_run(g);
    free(g);
}

/* ---- names */

struct answer {
    int calls, status;
    size_t n;
    dspv_addr first;
};

static void on_resolved(void *context, int status, const dspv_addr *addrs, size_t n)
{
    struct answer *a = context;
    a->calls++;
    a->status = status;
    a->n = n;
    if (n)
        a->first = addrs[0];
}

static struct answer lookup(const char *text)
{
    struct answer a = {0};
    struct host_port target;
    struct resolve r;
    uv_loop_t loop;
    assert_null(host_port_parse(&target, text, 9999));
    uv_loop_init(&loop);
    assert_int_equal(resolve_start(&r, &loop, &target, on_resolved, &a), 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_int_equal(a.calls, 1);
    return a;
}

static void names_and_numbers(void **state)
{
    static const uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 192, [13] = 0, [14] = 2, [15] = 7};
    static const uint8_t loopback6[16] = {[15] = 1};
    (void)state;
    struct answer a = lookup("192.0.2.7:19");
    assert_int_equal(a.status, 0);
    assert_int_equal(a.n, 1);
    assert_memory_equal(a.first.ip, v4, 16);
    assert_int_equal(a.first.port, 19);
    a = lookup("[::1]");
    assert_int_equal(a.status, 0);
    assert_memory_equal(a.first.ip, loopback6, 16);
    assert_int_equal(a.first.port, 9999);
    struct addrinfo *known = NULL;
    if (getaddrinfo("localhost", NULL, NULL, &known) == 0) { /* a bare system may lack /etc/hosts */
        freeaddrinfo(known);
        a = lookup("localhost");
        assert_int_equal(a.status, 0);
        assert_true(a.n >= 1);
    }
    /* A label over 63 characters is refused without asking any name server. */
    a = lookup("a123456789b123456789c123456789d123456789e123456789f123456789g123456789.example:1");
    assert_true(a.status < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peer_that_hangs_up), cmocka_unit_test(peer_that_talks_nonsense), cmocka_unit_test(peer_that_is_silent),
        cmocka_unit_test(nobody_listens),     cmocka_unit_test(time_is_unix_time),        cmocka_unit_test(names_and_numbers),
    };
    return cmocka_run_group_tests_name("driver", tests, NULL, NULL);
}
