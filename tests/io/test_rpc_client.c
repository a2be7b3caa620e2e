/* The RPC source the whole way: a client that follows a chain over loopback has a block looked up at a node's HTTP port, and
 * believes of the answer only what the header proves. */
#include "support/data.h"

#include <signal.h>

#include "devnode/fixture.h"
#include "devnode/server.h"
#include "io/driver.h"
#include "io/http_server.h"
#include "io/rpc.h"

static void on_guard(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened for 20 seconds");
}

struct whole {
    uv_loop_t loop;
    uv_timer_t guard;
    const struct devnode_chain *chain;
    struct devnode_server *node;
    struct http_server *server;
    struct driver *driver;
    int32_t height; /* of the block that is looked up */
    bool lies;
    unsigned questions, lookups, troubles, refused;
    dspv_reason reason;
    bool done;
};

static void end_whole(struct whole *w)
{
    if (w->done)
        return;
    w->done = true;
    driver_stop(w->driver);
    http_server_stop(w->server);
    devnode_server_stop(w->node);
    uv_close((uv_handle_t *)&w->guard, NULL);
}

static void serve_block(void *context, const struct http_request *r)
{
    struct whole *w = context;
    char hash[65], reply[4096], hex[3000];
    const struct mnlistdiff *d = devnode_chain_diff(w->chain, w->height);
    w->questions++;
    hash_to_hex(devnode_chain_hash(w->chain, w->height)->b, hash);
    assert_non_null(strstr(r->body, hash));
    hex_encode(devnode_chain_header(w->chain, w->height), 80, hex);
    assert_true(d->coinbase.raw.n < 1000);
    strcat(hex, "01");
    hex_encode(d->coinbase.raw.p, d->coinbase.raw.n, hex + 162);
    char *last = hex + strlen(hex) - 1; /* of the credit pool */
    if (w->lies)
        *last = *last == '0' ? '1' : '0';
    snprintf(reply, sizeof(reply), "{\"result\":\"%s\",\"error\":null,\"id\":\"dashspv\"}", hex);
    http_reply(r->from, 200, reply, strlen(reply));
}

static int signature(struct whole *w, uint8_t out[96], dspv_signature_source *source)
{
    return driver_chainlock_signature(w->driver, devnode_chain_hash(w->chain, w->height), out, source);
}

static void on_whole_event(void *context, const dspv_event *e)
{
    struct whole *w = context;
    uint8_t out[96];
    dspv_signature_source source;
    w->refused += e->kind == DSPV_EVENT_REFUSED;
    if (e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED && w->questions == 0) {
        assert_int_equal(signature(w, out, &source), DSPV_EWAITING);
        assert_int_equal(source, DSPV_SIGNATURE_LOOKUP);
    }
    if (e->kind != DSPV_EVENT_LOOKUP)
        return;
    w->lookups++;
    w->reason = e->reason;
    assert_int_equal(e->height, w->height);
    int rc = signature(w, out, &source);
    assert_int_equal(rc, w->lies ? DSPV_EWAITING : 0);
    if (!w->lies)
        assert_memory_equal(out, devnode_chain_diff(w->chain, w->height)->cbtx.best_cl_signature, 96);
    end_whole(w);
}

static void on_whole_trouble(void *context, dspv_conn conn, const char *text)
{
    struct whole *w = context;
    (void)text;
    w->troubles += conn == 0;
}

static void on_whole_failed(void *context, int error, const char *text)
{
    (void)context;
    fail_msg("local failure %d: %s", error, text);
}

static void make_network(dspv_network **out)
{
    assert_int_equal(dspv_network_new(out, "regtest"), 0);
    assert_null(dspv_network_override(*out, "dip3params", "2:2"));
    assert_null(dspv_network_override(*out, "testactivationheight", "v20@100"));
    assert_null(dspv_network_override(*out, "testactivationheight", "mn_rr@100"));
    assert_null(dspv_network_check(*out));
}

static void run_whole(bool lies)
{
    struct whole w = {.chain = fixture_chain("churn"), .height = 300, .lies = lies};
    struct devnode_server_options options = devnode_server_options_default();
    const struct driver_listener mine = {&w, on_whole_event, on_whole_trouble, on_whole_failed};
    dspv_config config;
    dspv_network *net;
    char url[64];
    uint16_t port;
    while (devnode_chain_diff(w.chain, w.height)->proof.n_transactions != 1 ||
           !cbtx_has_chainlock(&devnode_chain_diff(w.chain, w.height)->cbtx))
        w.height++;
    uv_loop_init(&w.loop);
    uv_timer_init(&w.loop, &w.guard);
    uv_timer_start(&w.guard, on_guard, 20000, 0);
    assert_int_equal(devnode_server_start(&w.node, &w.loop, w.chain, &options, &port), 0);
    dspv_config_init(&config);
    config.lookups = true;
    make_network(&net);
    assert_int_equal(driver_start(&w.driver, &w.loop, net, &config, NULL, &mine), 0);
    dspv_network_free(net);
    const dspv_addr here = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}, .port = port};
    assert_int_equal(driver_add_peer(w.driver, &here), 0);
    w.server = http_server_start(&w.loop, serve_block, &w, &port);
    snprintf(url, sizeof(url), "http://127.0.0.1:%u/", (unsigned)port);
    const struct rpc_source source = {.url = url, .timeout_ms = config.lookup_timeout_ms};
    assert_int_equal(driver_use_rpc(w.driver, &source), 0);
    assert_int_equal(driver_use_rpc(w.driver, &source), DSPV_EMISUSE);
    uv_run(&w.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&w.loop), 0);
    assert_int_equal(w.lookups, 1);
    assert_int_equal(w.questions, lies ? 2 : 1);
    assert_int_equal(w.refused, lies ? 2 : 0);
    assert_int_equal(w.reason, lies ? DSPV_BLOCK_ROOT : DSPV_OK);
    assert_int_equal(w.troubles, 0);
}

static void client_proves_what_it_is_told(void **state)
{
    (void)state;
    run_whole(false);
}

static void client_refuses_what_is_false(void **state)
{
    (void)state;
    run_whole(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(client_proves_what_it_is_told),
        cmocka_unit_test(client_refuses_what_is_false),
    };
    signal(SIGPIPE, SIG_IGN); /* the server's: its clients hang up on it */
    return cmocka_run_group_tests_name("rpc_client", tests, NULL, NULL);
}
