/* A store that fails under a running driver: whoever listens hears of it once, in the store's words, nothing is announced
 * meanwhile, and when the store works again the client goes on where it was. A driver that is stopped has the client write what
 * waits. */
#include "support/data.h"

#include <signal.h>

#include "devnode/fixture.h"
#include "devnode/server.h"
#include "io/driver.h"
#include "store/memory.h"
#include "store/read.h"
#include "sync/client.h"
#include "sync/header_run.h"

enum { OUTAGE = 4 /* transactions that fail */ };

struct stage {
    uv_loop_t loop;
    uv_timer_t guard;
    struct devnode_server *node;
    struct driver *driver;
    struct store_memory *memory;
    dspv_store store; /* memory, except when it fails */
    unsigned applied, refused;
    unsigned failures;
    bool stops, stopped; /* stops: the listener gives up at once */
};

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct stage *g = context;
    const dspv_store *inner = store_memory_seam(g->memory);
    if (g->applied++ > 0 && g->refused < OUTAGE) {
        g->refused++;
        return DSPV_ESTORE;
    }
    return inner->apply(inner->context, ops, n);
}

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    const struct stage *g = context;
    const dspv_store *inner = store_memory_seam(g->memory);
    return inner->scan(inner->context, table, first, first_n, last, last_n, visit, argument);
}

static const char *trouble_of(void *context)
{
    (void)context;
    return "the disk is full";
}

static void stage_stop(struct stage *g)
{
    if (g->stopped)
        return;
    g->stopped = true;
    driver_stop(g->driver);
    devnode_server_stop(g->node);
    uv_close((uv_handle_t *)&g->guard, NULL);
}

static void on_guard(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened for 60 seconds");
}

static void on_event(void *context, const dspv_event *e)
{
    struct stage *g = context;
    assert_true(g->refused == 0 || g->refused == OUTAGE); /* not while it fails */
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED)
        stage_stop(g);
}

static void on_failed(void *context, int error, const char *text)
{
    struct stage *g = context;
    assert_int_equal(error, DSPV_ESTORE);
    assert_non_null(strstr(text, "the disk is full"));
    g->failures++;
    if (g->stops)
        stage_stop(g);
}

static void run(bool stops)
{
    struct stage g = {.stops = stops};
    struct devnode_server_options options = devnode_server_options_default();
    const struct driver_listener mine = {&g, on_event, NULL, on_failed};
    dspv_config config;
    dspv_network *net;
    uint16_t port;
    g.store = (dspv_store){.context = &g, .apply = apply, .scan = scan, .trouble = trouble_of};
    assert_int_equal(store_memory_new(&g.memory), 0);
    uv_loop_init(&g.loop);
    uv_timer_init(&g.loop, &g.guard);
    uv_timer_start(&g.guard, on_guard, 60000, 0);
    assert_int_equal(devnode_server_start(&g.node, &g.loop, fixture_chain("churn"), &options, &port), 0);
    dspv_config_init(&config);
    config.masternodes = false;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    assert_int_equal(driver_start(&g.driver, &g.loop, net, &config, &g.store, &mine), 0);
    dspv_network_free(net);
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    assert_int_equal(driver_add_peer(g.driver, &here), 0);
    uv_run(&g.loop, UV_RUN_DEFAULT);
    assert_true(g.stopped);
    assert_int_equal(uv_loop_close(&g.loop), 0);
    assert_int_equal(g.failures, 1);
    if (!stops) {
        assert_int_equal(g.refused, OUTAGE);
        assert_true(store_memory_count(g.memory, DSPV_TABLE_HEADERS) > 0);
    }
    store_memory_free(g.memory);
}

/* ---- the end in the middle of a sync */

struct middle {
    uv_loop_t loop;
    uv_check_t look;
    struct devnode_server *node;
    struct driver *driver;
    int32_t height; /* when it was stopped */
};

static void ignore_event(void *context, const dspv_event *e)
{
    (void)context, (void)e;
}

static void ignore_failure(void *context, int error, const char *text)
{
    (void)context, (void)error;
    fail_msg("%s", text);
}

static void on_look(uv_check_t *check)
{
    struct middle *m = check->data;
    const dspv *client = driver_client(m->driver);
    m->height = headers_tip_height(client->headers);
    if (!client->storage.waits || headers_changed_from(client->headers) > m->height)
        return;
    driver_stop(m->driver);
    devnode_server_stop(m->node);
    uv_close((uv_handle_t *)check, NULL);
}

static int32_t stored_height(const dspv_store *store)
{
    struct writer tip;
    bool found, damaged;
    writer_init(&tip);
    assert_int_equal(store_get(store, DSPV_TABLE_META, HEADER_RUN_TIP, &tip, &found, &damaged), 0);
    assert_true(found && tip.n == HEADER_RUN_TIP_BYTES);
    const int32_t height = (int32_t)load_le32(tip.data);
    writer_free(&tip);
    return height;
}

static void what_waits_is_written_at_the_end(void **state)
{
    (void)state;
    data_or_skip();
    struct middle m;
    struct store_memory *memory;
    struct devnode_chain *chain;
    struct devnode_server_options options = devnode_server_options_default();
    const struct driver_listener mine = {&m, ignore_event, NULL, ignore_failure};
    char error[DEVNODE_ERROR_SIZE];
    dspv_config config;
    dspv_network *net;
    uint16_t port;
    assert_int_equal(devnode_chain_load_headers(&chain, "testnet", data_path("testnet/headers_0_39999.bin"), 0, error), 0);
    assert_int_equal(store_memory_new(&memory), 0);
    uv_loop_init(&m.loop);
    uv_check_init(&m.loop, &m.look);
    m.look.data = &m;
    assert_int_equal(devnode_server_start(&m.node, &m.loop, chain, &options, &port), 0);
    dspv_config_init(&config);
    config.start = DSPV_START_GENESIS;
    config.masternodes = false;
    assert_int_equal(dspv_network_new(&net, "testnet"), 0);
    assert_int_equal(driver_start(&m.driver, &m.loop, net, &config, store_memory_seam(memory), &mine), 0);
    dspv_network_free(net);
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    assert_int_equal(driver_add_peer(m.driver, &here), 0);
    uv_check_start(&m.look, on_look);
    uv_run(&m.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&m.loop), 0);
    assert_in_range(m.height, 1, chain->tip - 1);
    assert_int_equal(stored_height(store_memory_seam(memory)), m.height);
    devnode_chain_free(chain);
    store_memory_free(memory);
}

/* ---- */

static void it_works_again(void **state)
{
    (void)state;
    run(false);
}

static void it_is_given_up(void **state)
{
    (void)state;
    run(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_works_again),
        cmocka_unit_test(it_is_given_up),
        cmocka_unit_test(what_waits_is_written_at_the_end),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("driver_store", tests, NULL, NULL);
}
