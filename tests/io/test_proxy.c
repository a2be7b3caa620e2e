/* The driver behind a SOCKS 5 proxy: a sync through it, by number, name and onion service; a proxy that misbehaves in every way;
 * and that nothing is asked of this machine's DNS, whatever happens. */
#include "support/data.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "devnode/fixture.h"
#include "devnode/server.h"
#include "io/driver.h"
#include "io/no_dns.h"
#include "io/socks_server.h"

/* ---- a client behind a proxy */

struct stage {
    uv_loop_t loop;
    uv_timer_t guard;
    struct devnode_server *node;
    uint16_t node_port, proxy_port;
    struct socks_server *proxy;
    struct driver *driver;
    bool until_synced, stopped;
    unsigned gone, troubles, failures;
    char trouble[512];
    struct socks_said said[4]; /* to the proxy, when it was stopped */
    size_t n_said;
    uv_process_t other_proxy; /* a program */
    bool has_other_proxy;
};

static void stage_stop(struct stage *g)
{
    if (g->stopped)
        return;
    g->stopped = true;
    driver_stop(g->driver);
    devnode_server_stop(g->node);
    if (g->proxy) {
        const struct socks_said *said;
        g->n_said = socks_server_said(g->proxy, &said);
        memcpy(g->said, said, sizeof(g->said));
        socks_server_stop(g->proxy);
    }
    if (g->has_other_proxy)
        uv_process_kill(&g->other_proxy, SIGTERM);
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
    g->gone += e->kind == DSPV_EVENT_PEER && e->reason != DSPV_OK;
    if (g->until_synced ? e->kind == DSPV_EVENT_PHASE && e->phase == DSPV_PHASE_SYNCED : g->gone != 0)
        stage_stop(g);
}

static void on_trouble(void *context, dspv_conn conn, const char *text)
{
    struct stage *g = context;
    (void)conn;
    g->troubles++;
    snprintf(g->trouble, sizeof(g->trouble), "%s", text);
}

static void on_failed(void *context, int error, const char *text)
{
    (void)context;
    fail_msg("local failure %d: %s", error, text);
}

static dspv_network *regtest(void)
{
    dspv_network *net;
    assert_int_equal(dspv_network_new(&net, "regtest"), 0);
    assert_null(dspv_network_override(net, "dip3params", "2:2"));
    assert_null(dspv_network_override(net, "testactivationheight", "v20@100"));
    assert_null(dspv_network_override(net, "testactivationheight", "mn_rr@100"));
    assert_null(dspv_network_check(net));
    return net;
}

static void stage_init_on(struct stage *g, dspv_network *net, bool masternodes, bool discover)
{
    struct devnode_server_options options = devnode_server_options_default();
    const struct driver_listener mine = {g, on_event, on_trouble, on_failed};
    dspv_config config;
    no_dns_begin();
    *g = (struct stage){.until_synced = true};
    uv_loop_init(&g->loop);
    uv_timer_init(&g->loop, &g->guard);
    uv_timer_start(&g->guard, on_guard, 60000, 0);
    assert_int_equal(devnode_server_start(&g->node, &g->loop, fixture_chain("churn"), &options, &g->node_port), 0);
    dspv_config_init(&config);
    config.masternodes = masternodes;
    config.discover = discover;
    config.nets = DSPV_NET_ALL;
    assert_int_equal(driver_start(&g->driver, &g->loop, net, &config, NULL, &mine), 0);
    dspv_network_free(net);
}

static void stage_init(struct stage *g, bool masternodes)
{
    stage_init_on(g, regtest(), masternodes, false);
}

static void use_proxy_at(struct stage *g, const char *user, const char *password_file)
{
    char at[64];
    struct proxy_source source = {at, user, password_file, true};
    snprintf(at, sizeof(at), "127.0.0.1:%u", (unsigned)g->proxy_port);
    assert_null(driver_use_proxy(g->driver, &source));
    assert_non_null(driver_use_proxy(g->driver, &source)); /* once */
}

static void use_proxy(struct stage *g, struct socks_server_options options)
{
    options.port = g->node_port;
    g->proxy = socks_server_start(&g->loop, &options, &g->proxy_port);
    use_proxy_at(g, NULL, NULL);
}

static void add_host(struct stage *g, const char *text, int expected)
{
    struct host_port host;
    assert_null(host_port_parse(&host, text, 9999));
    assert_int_equal(driver_add_host(g->driver, &host), expected);
}

static void stage_run(struct stage *g)
{
    uv_run(&g->loop, UV_RUN_DEFAULT);
    assert_true(g->stopped);
    assert_int_equal(uv_loop_close(&g->loop), 0);
    assert_int_equal(no_dns_questions(), 0);
}

/* ---- it works */

static const char ONION[] = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";

static struct socks_said synced_via(const char *host, bool masternodes, struct socks_server_options options)
{
    struct stage g;
    stage_init(&g, masternodes);
    use_proxy(&g, options);
    add_host(&g, host, 0);
    stage_run(&g);
    assert_int_equal(g.troubles, 0);
    assert_int_equal(g.n_said, 1);
    assert_int_equal(g.said[0].command, 1);
    return g.said[0];
}

static void full_sync(void **state)
{
    (void)state;
    struct socks_said said = synced_via("192.0.2.7:1234", true, (struct socks_server_options){0});
    assert_int_equal(said.kind, 1);
    assert_memory_equal(said.ip, "\xc0\x00\x02\x07", 4);
    assert_int_equal(said.port, 1234);
}

static void by_every_kind_of_address(void **state)
{
    (void)state;
    struct socks_said said = synced_via("[2001:db8::7]:5", false, (struct socks_server_options){.drips = true});
    assert_int_equal(said.kind, 4);
    assert_memory_equal(said.ip, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07", 16);
    assert_int_equal(said.port, 5);
    said = synced_via("Node.Example:77", false, (struct socks_server_options){.lies_bound = true});
    assert_int_equal(said.kind, 3);
    assert_string_equal(said.host, "Node.Example");
    assert_int_equal(said.port, 77);
    said = synced_via(ONION, false, (struct socks_server_options){.lies_bound = true, .drips = true});
    assert_int_equal(said.kind, 3);
    assert_string_equal(said.host, ONION);
    assert_int_equal(said.port, 9999);
}

/* Each connection is another user, so that Tor takes another circuit for it. */
static void connections_are_isolated(void **state)
{
    struct stage g;
    const struct socks_said *said;
    (void)state;
    stage_init(&g, false);
    g.until_synced = false;
    use_proxy(&g, (struct socks_server_options){.manner = SOCKS_WANTS_LOGIN});
    add_host(&g, "192.0.2.1", 0);
    add_host(&g, "192.0.2.2", 0);
    add_host(&g, "a.example", 0);
    add_host(&g, "b.example", 0);
    add_host(&g, "b.example", 0); /* the same */
    while (socks_server_said(g.proxy, &said) < 4)
        uv_run(&g.loop, UV_RUN_ONCE);
    for (size_t i = 0; i < 4; i++) {
        assert_true(strlen(said[i].user) >= 32 && strlen(said[i].password) >= 32);
        for (size_t k = 0; k < i; k++)
            assert_true(strcmp(said[i].user, said[k].user) != 0 && strcmp(said[i].password, said[k].password) != 0);
    }
    stage_stop(&g);
    stage_run(&g);
}

static void with_a_password(void **state)
{
    char path[] = "/tmp/dashspv-password-XXXXXX";
    int fd = mkstemp(path);
    struct stage g;
    (void)state;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "open sesame\nmore\n", 17), 17);
    close(fd);
    stage_init(&g, false);
    struct socks_server_options options = {.manner = SOCKS_WANTS_LOGIN, .port = g.node_port};
    g.proxy = socks_server_start(&g.loop, &options, &g.proxy_port);
    use_proxy_at(&g, "ali", path);
    unlink(path);
    add_host(&g, "192.0.2.1", 0);
    stage_run(&g);
    assert_int_equal(g.n_said, 1);
    assert_string_equal(g.said[0].user, "ali");
    assert_string_equal(g.said[0].password, "open sesame");
}

static void sources_that_will_not_do(void **state)
{
    struct stage g;
    (void)state;
    stage_init(&g, false);
    assert_non_null(driver_use_proxy(g.driver, &(struct proxy_source){.host_port = "proxy.example:1"}));
    assert_non_null(driver_use_proxy(g.driver, &(struct proxy_source){.host_port = "127.0.0.1:1", .user = "x"}));
    assert_non_null(driver_use_proxy(
        g.driver, &(struct proxy_source){.host_port = "127.0.0.1:1", .user = "x", .password_file = "/nonexistent/file"}));
    add_host(&g, "a.example", DSPV_EWAITING); /* there is none still, so names are the caller's to resolve */
    stage_stop(&g);
    stage_run(&g);
}

/* ---- peers are looked for */

static dspv_network *mainnet(void)
{
    dspv_network *net;
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    return net;
}

/* The seed's name goes to the proxy, and the address it answers is connected to through it. */
static void seeds_through_tor(void **state)
{
    struct stage g;
    const struct socks_said *said;
    (void)state;
    stage_init_on(&g, mainnet(), false, true);
    use_proxy(&g, (struct socks_server_options){.resolves = true, .resolved = {8, 8, 8, 8}});
    while (socks_server_said(g.proxy, &said) < 2)
        uv_run(&g.loop, UV_RUN_ONCE);
    assert_int_equal(said[0].command, SOCKS_RESOLVE);
    assert_non_null(strchr(said[0].host, '.'));
    assert_int_equal(said[1].command, SOCKS_CONNECT);
    assert_memory_equal(said[1].ip, "\x08\x08\x08\x08", 4);
    assert_int_equal(said[1].port, 9999);
    stage_stop(&g);
    stage_run(&g);
}

/* The same name goes to the DNS when there is no proxy; which here finds nothing. */
static void seeds_through_the_dns(void **state)
{
    struct stage g;
    (void)state;
    stage_init_on(&g, mainnet(), false, true);
    while (no_dns_questions() == 0)
        uv_run(&g.loop, UV_RUN_ONCE);
    assert_int_equal(no_dns_questions(), 1);
    stage_stop(&g);
    uv_run(&g.loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&g.loop), 0);
}

/* ---- it does not */

static void lost_because(struct socks_server_options options, const char *host, const char *because)
{
    struct stage g;
    stage_init(&g, false);
    g.until_synced = false;
    use_proxy(&g, options);
    add_host(&g, host, 0);
    stage_run(&g);
    assert_int_equal(g.gone, 1);
    assert_int_equal(g.troubles, 1);
    if (!strstr(g.trouble, because) || !strstr(g.trouble, "cannot connect to") || !strstr(g.trouble, host))
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", g.trouble, because, host);
}

static void proxies_that_misbehave(void **state)
{
    static const struct {
        enum socks_manner manner;
        const char *because;
    } ways[] = {
        {SOCKS_HANGS_UP_AT_ONCE, "the proxy: "},
        {SOCKS_HANGS_UP_LATER, "the proxy: "},
        {SOCKS_WRONG_VERSION, "not a SOCKS 5 proxy"},
        {SOCKS_NO_METHOD, "in another way"},
        {SOCKS_REFUSES_LOGIN, "user name or the password"},
        {SOCKS_TALKS_AHEAD, "before it is asked"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        for (int drips = 0; drips < 2; drips++)
            lost_because((struct socks_server_options){.manner = ways[i].manner, .drips = drips}, "a.example:1", ways[i].because);
}

static void proxies_that_refuse(void **state)
{
    (void)state;
    for (int code = 1; code <= 9; code++) {
        struct socks_server_options options = {.manner = SOCKS_REFUSES, .reply = (uint8_t)code, .drips = code % 2};
        lost_because(options, "192.0.2.9:9", code == 5 ? "the host refuses the connection" : ": the ");
    }
}

static void nobody_is_the_proxy(void **state)
{
    struct stage g;
    (void)state;
    stage_init(&g, false);
    g.until_synced = false;
    g.proxy_port = 1;
    use_proxy_at(&g, NULL, NULL);
    add_host(&g, "a.example:7", 0);
    stage_run(&g);
    assert_int_equal(g.troubles, 1);
    assert_string_equal(g.trouble, "cannot connect to a.example:7: the proxy: connection refused");
}

static void stopped_in_the_middle(void **state)
{
    (void)state;
    for (unsigned turns = 0; turns < 12; turns++) {
        struct stage g;
        stage_init(&g, false);
        use_proxy(&g, (struct socks_server_options){.manner = turns % 2 ? SOCKS_IS_SILENT : SOCKS_WORKS});
        add_host(&g, "a.example", 0);
        for (unsigned i = 0; i < turns; i++)
            uv_run(&g.loop, UV_RUN_NOWAIT);
        stage_stop(&g);
        stage_run(&g);
        assert_int_equal(g.troubles, 0);
    }
}

static void onion_without_a_proxy(void **state)
{
    struct stage g;
    (void)state;
    stage_init(&g, false);
    g.until_synced = false;
    add_host(&g, ONION, 0);
    stage_run(&g);
    assert_int_equal(g.gone, 1);
    assert_int_equal(g.troubles, 1);
    assert_non_null(strstr(g.trouble, "--proxy"));
    assert_non_null(strstr(g.trouble, ONION));
}

/* ---- a proxy of others' making */

static void on_exit_of_proxy(uv_process_t *process, int64_t status, int number)
{
    (void)status, (void)number;
    uv_close((uv_handle_t *)process, NULL);
}

static uint16_t free_port(uv_loop_t *loop)
{
    uint16_t port;
    struct socks_server *s = socks_server_start(loop, &(struct socks_server_options){0}, &port);
    socks_server_stop(s);
    uv_run(loop, UV_RUN_NOWAIT);
    return port;
}

static bool listens(uint16_t port)
{
    struct sockaddr_in at;
    assert_int_equal(uv_ip4_addr("127.0.0.1", port, &at), 0);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool yes = connect(fd, (const struct sockaddr *)&at, sizeof(at)) == 0;
    close(fd);
    return yes;
}

static void through_microsocks(void **state)
{
    struct stage g;
    char program[] = "microsocks", address[] = "-i", loopback[] = "127.0.0.1", number[] = "-p", port[16], here[64];
    char *args[] = {program, address, loopback, number, port, NULL};
    uv_process_options_t options = {.exit_cb = on_exit_of_proxy, .file = args[0], .args = args};
    (void)state;
    stage_init(&g, false);
    g.proxy_port = free_port(&g.loop);
    snprintf(port, sizeof(port), "%u", (unsigned)g.proxy_port);
    if (uv_spawn(&g.loop, &g.other_proxy, &options) != 0) {
        print_message("microsocks is not installed: skipped\n");
        uv_close((uv_handle_t *)&g.other_proxy, NULL);
        stage_stop(&g);
        stage_run(&g);
        skip();
    }
    g.has_other_proxy = true;
    for (int i = 0; i < 500 && !listens(g.proxy_port); i++)
        uv_sleep(10);
    use_proxy_at(&g, NULL, NULL);
    snprintf(here, sizeof(here), "127.0.0.1:%u", (unsigned)g.node_port);
    add_host(&g, here, 0);
    stage_run(&g);
    assert_int_equal(g.troubles, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(full_sync),
        cmocka_unit_test(by_every_kind_of_address),
        cmocka_unit_test(connections_are_isolated),
        cmocka_unit_test(with_a_password),
        cmocka_unit_test(sources_that_will_not_do),
        cmocka_unit_test(seeds_through_tor),
        cmocka_unit_test(seeds_through_the_dns),
        cmocka_unit_test(proxies_that_misbehave),
        cmocka_unit_test(proxies_that_refuse),
        cmocka_unit_test(nobody_is_the_proxy),
        cmocka_unit_test(stopped_in_the_middle),
        cmocka_unit_test(onion_without_a_proxy),
        cmocka_unit_test(through_microsocks),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("proxy", tests, NULL, NULL);
}
