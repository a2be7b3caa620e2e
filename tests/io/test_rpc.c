/* The RPC source over real loopback HTTP: right answers, every kind of wrong one, credentials that change, and an end at any
 * time. What a client makes of the answers is in test_rpc_client.c. */
#include "support/data.h"

#include <signal.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/http_server.h"
#include "io/rpc.h"
#include "io/rpc_codec.h"
#include "wire/locks.h"

/* ---- a source, a server, and what came of it */

struct stage {
    uv_loop_t loop;
    uv_timer_t guard;
    struct http_server *server;
    struct rpc *rpc;
    uint16_t port;
    struct rpc_source source;
    char url[64], file[64];

    /* what the server does */
    unsigned status;
    const char *reply; /* NULL: silence */
    size_t reply_n;
    const char *raw;
    const char *expects; /* Authorization; NULL: anything */
    bool flood, flood_head;

    /* what happened */
    unsigned requests, answers, troubles, stopped;
    uint8_t *data;
    size_t n;
    char question[512], trouble[RPC_TROUBLE_SIZE];
    unsigned wanted; /* answers to wait for */
};

static void on_guard(uv_timer_t *timer)
{
    (void)timer;
    fail_msg("nothing happened for 20 seconds");
}

static void on_request(void *context, const struct http_request *r)
{
    struct stage *g = context;
    g->requests++;
    snprintf(g->question, sizeof(g->question), "%s", r->body);
    if (g->flood)
        http_flood(r->from, g->flood_head);
    else if (g->raw)
        http_reply_raw(r->from, g->raw);
    else if (g->expects && strcmp(g->expects, r->authorization) != 0)
        http_reply(r->from, 401, "", 0);
    else if (g->reply)
        http_reply(r->from, g->status, g->reply, g->reply_n);
}

static void on_answer(void *context, uint64_t id, const uint8_t *data, size_t n)
{
    struct stage *g = context;
    g->answers++;
    assert_int_equal(id, 70 + g->answers);
    free(g->data);
    g->data = malloc(n + 1);
    assert_non_null(g->data);
    if (n)
        memcpy(g->data, data, n);
    g->n = n;
    if (g->answers == g->wanted)
        uv_stop(&g->loop);
}

static void on_trouble(void *context, const char *text)
{
    struct stage *g = context;
    g->troubles++;
    snprintf(g->trouble, sizeof(g->trouble), "%s", text);
}

static void on_stopped(void *context)
{
    struct stage *g = context;
    g->stopped++;
    g->rpc = NULL;
}

static void stage_begin(struct stage *g)
{
    *g = (struct stage){.status = 200};
    uv_loop_init(&g->loop);
    uv_timer_init(&g->loop, &g->guard);
    uv_timer_start(&g->guard, on_guard, 20000, 0);
    g->server = http_server_start(&g->loop, on_request, g, &g->port);
    snprintf(g->url, sizeof(g->url), "http://127.0.0.1:%u", (unsigned)g->port);
    g->source = (struct rpc_source){.url = g->url, .timeout_ms = 10000};
}

static void stage_open(struct stage *g)
{
    const struct rpc_listener mine = {g, on_answer, on_trouble, on_stopped};
    assert_int_equal(rpc_new(&g->rpc, &g->loop, &g->source, &mine), 0);
}

/* Nothing may be left in the loop. */
static void stage_end(struct stage *g)
{
    if (g->rpc)
        rpc_stop(g->rpc);
    if (g->server)
        http_server_stop(g->server);
    uv_close((uv_handle_t *)&g->guard, NULL);
    uv_run(&g->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&g->loop), 0);
    assert_int_equal(g->stopped, 1);
    if (g->file[0])
        unlink(g->file);
    free(g->data);
}

static const uint8_t HASH[32] = {[0] = 0x01, [31] = 0xfe};

static void ask(struct stage *g, dspv_lookup_kind kind)
{
    static const uint8_t none[32];
    g->wanted = g->answers + 1;
    assert_int_equal(rpc_ask(g->rpc, 70 + g->wanted, kind, kind == DSPV_LOOKUP_BLOCK ? HASH : none), 0);
    uv_run(&g->loop, UV_RUN_DEFAULT);
    assert_int_equal(g->answers, g->wanted);
}

static void says(struct stage *g, unsigned status, const char *reply)
{
    g->status = status;
    g->reply = reply;
    g->reply_n = strlen(reply);
}

/* ---- right answers */

static void right_block(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    says(&g, 200, "{\"result\":\"00ff10\",\"error\":null,\"id\":\"dashspv\"}\n");
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 3);
    assert_memory_equal(g.data, "\x00\xff\x10", 3);
    assert_int_equal(g.troubles, 0);
    json_t *question = json_loads(g.question, 0, NULL), *params = json_object_get(question, "params");
    assert_string_equal(json_text(question, "method"), "getblock");
    assert_string_equal(json_string_value(json_array_get(params, 0)),
                        "fe00000000000000000000000000000000000000000000000000000000000001"); /* as people write it */
    assert_int_equal(json_integer_value(json_array_get(params, 1)), 0);
    json_decref(question);
    stage_end(&g);
}

/* The largest block that is allowed comes whole, one byte more does not. */
static void largest_block(void **state)
{
    struct stage g;
    (void)state;
    for (size_t more = 0; more < 2; more++) {
        size_t n = 2 * (RPC_LARGEST_BLOCK + more);
        char *reply = malloc(n + 100);
        assert_non_null(reply);
        stage_begin(&g);
        stage_open(&g);
        int head = sprintf(reply, "{\"error\":null,\"result\":\"");
        memset(reply + head, '7', n);
        strcpy(reply + (size_t)head + n, "\"}");
        says(&g, 200, reply);
        ask(&g, DSPV_LOOKUP_BLOCK);
        assert_int_equal(g.n, more ? 0 : RPC_LARGEST_BLOCK);
        assert_int_equal(g.troubles, more);
        stage_end(&g);
        free(reply);
    }
}

static void right_chainlock(void **state)
{
    struct stage g;
    struct clsig lock;
    dspv_fault fault;
    char reply[600], hex[193];
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    memset(hex, 'b', 192);
    hex[192] = '\0';
    snprintf(reply, sizeof(reply),
             "{\"result\":{\"blockhash\":\"00000000000000000000000000000000000000000000000000000000000000c7\",\"height\":1234567,"
             "\"signature\":\"%s\",\"known_block\":true},\"error\":null,\"id\":\"dashspv\"}",
             hex);
    says(&g, 200, reply);
    ask(&g, DSPV_LOOKUP_CHAINLOCK);
    assert_int_equal(clsig_decode(g.data, g.n, &lock, &fault), 0);
    assert_int_equal(lock.height, 1234567);
    assert_int_equal(lock.block.b[0], 0xc7);
    assert_int_equal(lock.block.b[31], 0);
    assert_int_equal(lock.signature[95], 0xbb);
    assert_non_null(strstr(g.question, "\"getbestchainlock\""));
    stage_end(&g);
}

/* ---- credentials */

static void write_file(struct stage *g, const char *text)
{
    int fd;
    if (!g->file[0]) {
        strcpy(g->file, "rpc_test_XXXXXX");
        fd = mkstemp(g->file);
        assert_true(fd >= 0);
        close(fd);
    }
    FILE *f = fopen(g->file, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void cookie_changes(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    write_file(&g, "__cookie__:first");
    g.source.cookie_file = g.file;
    stage_open(&g);
    g.source = (struct rpc_source){0}; /* it has a copy */
    says(&g, 200, "{\"result\":\"01\",\"error\":null}");
    g.expects = "Basic X19jb29raWVfXzpmaXJzdA==";
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 1);
    g.expects = "Basic X19jb29raWVfXzpzZWNvbmQ="; /* the node was restarted */
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 0);
    assert_int_equal(g.troubles, 1);
    assert_non_null(strstr(g.trouble, "credentials"));
    write_file(&g, "__cookie__:second\n");
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 1);
    write_file(&g, "no colon in it");
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 0);
    assert_null(strstr(g.trouble, "no colon"));
    assert_int_equal(g.requests, 3);
    unlink(g.file);
    ask(&g, DSPV_LOOKUP_BLOCK); /* the node is down */
    assert_int_equal(g.n, 0);
    assert_int_equal(g.requests, 3);
    assert_int_equal(g.troubles, 3);
    stage_end(&g);
}

static void user_and_password(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    write_file(&g, "p:ss w\xc3\xb6rd\r\nnot this line");
    g.source.user = "me";
    g.source.password_file = g.file;
    stage_open(&g);
    says(&g, 200, "{\"result\":\"01\",\"error\":null}");
    g.expects = "Basic bWU6cDpzcyB3w7ZyZA==";
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 1);
    g.expects = "";
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 0);
    assert_null(strstr(g.trouble, ":ss")); /* no piece of the password */
    stage_end(&g);
}

/* A redirect would carry them elsewhere. */
static void redirects_are_not_followed(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    write_file(&g, "a:b");
    g.source.cookie_file = g.file;
    stage_open(&g);
    says(&g, 302, "{\"result\":\"01\",\"error\":null}");
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 0);
    assert_int_equal(g.requests, 1);
    stage_end(&g);
}

static void urls(void **state)
{
    static const char *const good[] = {"http://127.0.0.1:9998", "http://localhost:9998/", "https://node.example:443/wallet/x",
                                       "http://[::1]:19998", "http://dash"};
    static const char *const bad[] = {"",        "127.0.0.1:9998", "ftp://127.0.0.1", "file:///etc/passwd",
                                      "http://", "http://a b",     "http://h:99999",  "http://h:port"};
    static const char *const telling[] = {"http://me:sesame@127.0.0.1:9998", "http://sesame@127.0.0.1", "https://:sesame@h/"};
    struct rpc *r;
    uv_loop_t loop;
    const struct rpc_listener nobody = {0};
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (rpc_url_check(good[i]))
            fail_msg("%s: %s", good[i], rpc_url_check(good[i]));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (!rpc_url_check(bad[i]))
            fail_msg("accepted: %s", bad[i]);
    uv_loop_init(&loop);
    for (size_t i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
        const struct rpc_source source = {.url = telling[i], .timeout_ms = 1};
        assert_non_null(strstr(rpc_url_check(telling[i]), "--rpc-cookie"));
        assert_null(strstr(rpc_url_check(telling[i]), "sesame"));
        assert_int_equal(rpc_new(&r, &loop, &source, &nobody), DSPV_EMISUSE);
    }
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* ---- wrong answers */

static const char *const NO_BLOCKS[] = {"",
                                        "{",
                                        "[]",
                                        "null",
                                        "7",
                                        "\"00\"",
                                        "<html>no</html>",
                                        "{}",
                                        "{\"result\":null,\"error\":null}",
                                        "{\"result\":7,\"error\":null}",
                                        "{\"result\":{},\"error\":null}",
                                        "{\"result\":\"\",\"error\":null}",
                                        "{\"result\":\"0\",\"error\":null}",
                                        "{\"result\":\"0g\",\"error\":null}",
                                        "{\"result\":\"00\\u0000\\u0000\",\"error\":null}",
                                        "{\"result\":\"00\",\"error\":{\"code\":-5}}",
                                        "{\"result\":\"00\",\"error\":\"x\"}",
                                        "{\"result\":\"00\"} trailing",
                                        "{\"result\":\" 00\"}",
                                        "{\"result\":\"00\xff\"}"};

static const char *const NO_LOCKS[] = {
    "{\"result\":\"00\"}",
    "{\"result\":{\"height\":1}}",
    "{\"result\":{\"height\":1,\"blockhash\":\"00\",\"signature\":\"00\"}}",
    "{\"result\":null,\"error\":{\"code\":-1,\"message\":\"Unable to find any ChainLock\"}}",
};

static void wrong_answers(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    for (size_t i = 0; i < sizeof(NO_BLOCKS) / sizeof(NO_BLOCKS[0]); i++) {
        says(&g, i % 2 ? 200 : 500, NO_BLOCKS[i]);
        ask(&g, DSPV_LOOKUP_BLOCK);
        if (g.n != 0 || g.troubles == 0)
            fail_msg("taken for a block: %s", NO_BLOCKS[i]);
    }
    for (size_t i = 0; i < sizeof(NO_LOCKS) / sizeof(NO_LOCKS[0]); i++) {
        says(&g, 200, NO_LOCKS[i]);
        ask(&g, DSPV_LOOKUP_CHAINLOCK);
        assert_int_equal(g.n, 0);
    }
    for (unsigned status = 400; status < 405; status++) {
        says(&g, status, "{\"result\":\"00\",\"error\":null}");
        ask(&g, DSPV_LOOKUP_BLOCK);
        assert_int_equal(g.n, status == 404 ? 1 : 0);
    }
    stage_end(&g);
}

/* Heights, hashes and signatures that cannot be, one at a time. */
static void wrong_chainlocks(void **state)
{
    static const char *const heights[] = {"-1", "2147483648", "1.0", "\"1\"", "null", "true", "1e3"};
    char text[700], hash[70], signature[200];
    uint8_t *data;
    size_t n;
    (void)state;
    memset(hash, '0', 64);
    memset(signature, 'a', 192);
    hash[64] = signature[192] = '\0';
    for (size_t i = 0; i < 7 + 4; i++) {
        const char *h = i == 7 ? hash + 1 : hash, *s = i == 8 ? signature + 1 : i == 9 ? signature + 192 : signature;
        if (i == 10)
            hash[5] = 'x';
        int length = snprintf(text, sizeof(text), "{\"result\":{\"height\":%s,\"blockhash\":\"%s\",\"signature\":\"%s\"}}",
                              i < 7 ? heights[i] : "5", h, s);
        if (!rpc_answer_chainlock(text, (size_t)length, &data, &n))
            fail_msg("taken for a ChainLock: %s", text);
        assert_null(data);
    }
    hash[5] = '0';
    int length =
        snprintf(text, sizeof(text), "{\"result\":{\"height\":5,\"blockhash\":\"%s\",\"signature\":\"%s\"}}", hash, signature);
    assert_null(rpc_answer_chainlock(text, (size_t)length, &data, &n)); /* all else was right */
    assert_int_equal(n, RPC_CLSIG_SIZE);
    mem_free(data);
    for (int cut = 0; cut < length; cut++)
        assert_non_null(rpc_answer_chainlock(text, (size_t)cut, &data, &n));
}

static void broken_http(void **state)
{
    static const char *const broken[] = {"",
                                         "no HTTP at all\r\n\r\n",
                                         "HTTP/1.1 200 X\r\nContent-Length: 100\r\n\r\n{\"result\":\"00\",\"error\":null}",
                                         "HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"r",
                                         "HTTP/1.1 200 X\r\nContent-Length: -5\r\n\r\n{}",
                                         "HTTP/1.1 200"};
    struct stage g;
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        g.raw = broken[i];
        ask(&g, DSPV_LOOKUP_BLOCK);
        assert_int_equal(g.n, 0);
    }
    assert_true(g.troubles >= 1);
    stage_end(&g);
}

static void endless_answers(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct stage g;
        bool block = i % 2;
        stage_begin(&g);
        stage_open(&g);
        g.flood = true;
        g.flood_head = i >= 2;
        ask(&g, block ? DSPV_LOOKUP_BLOCK : DSPV_LOOKUP_CHAINLOCK);
        assert_int_equal(g.n, 0);
        assert_non_null(strstr(g.trouble, "too long"));
        /* What the system's buffers hold comes on top. */
        size_t expected = g.flood_head ? 0 : block ? RPC_LARGEST_ANSWER : RPC_LARGEST_SMALL_ANSWER, most = expected + (16 << 20);
        assert_true(http_server_sent(g.server) < most);
        stage_end(&g);
    }
}

static void silence(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    g.source.timeout_ms = 200;
    stage_open(&g);
    uint64_t begin = uv_hrtime();
    ask(&g, DSPV_LOOKUP_BLOCK);
    uint64_t ms = (uv_hrtime() - begin) / 1000000;
    assert_in_range(ms, 150, 5000);
    assert_int_equal(g.n, 0);
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.requests, 2);
    assert_in_range(g.troubles, 1, 2); /* curl's words may carry milliseconds */
    stage_end(&g);
}

static void nobody_listens(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    http_server_stop(g.server);
    g.server = NULL;
    stage_open(&g);
    for (int i = 0; i < 3; i++) {
        ask(&g, DSPV_LOOKUP_BLOCK);
        assert_int_equal(g.n, 0);
    }
    assert_int_equal(g.troubles, 1); /* said once */
    stage_end(&g);
}

/* ---- bounds and ends */

static void only_so_many(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    for (uint64_t i = 0; i < RPC_PARALLEL; i++)
        assert_int_equal(rpc_ask(g.rpc, 71 + i, DSPV_LOOKUP_BLOCK, HASH), 0);
    assert_int_equal(rpc_ask(g.rpc, 99, DSPV_LOOKUP_BLOCK, HASH), DSPV_EBUSY);
    uint64_t begin = uv_hrtime();
    stage_end(&g); /* in the middle of them: nothing is answered any more */
    assert_int_equal(g.answers, 0);
    assert_true((uv_hrtime() - begin) / 1000000 < 5000); /* their own time would be 10 s */
}

static void on_soon(uv_timer_t *timer)
{
    uv_stop(timer->loop);
}

static void stopped_while_it_waits(void **state)
{
    struct stage g;
    uv_timer_t soon;
    (void)state;
    stage_begin(&g);
    stage_open(&g);
    uv_timer_init(&g.loop, &soon);
    uv_timer_start(&soon, on_soon, 300, 0);
    assert_int_equal(rpc_ask(g.rpc, 71, DSPV_LOOKUP_BLOCK, HASH), 0);
    uv_run(&g.loop, UV_RUN_DEFAULT);
    assert_int_equal(g.requests, 1); /* the server has it, and says nothing */
    uv_close((uv_handle_t *)&soon, NULL);
    uint64_t begin = uv_hrtime();
    stage_end(&g);
    assert_true((uv_hrtime() - begin) / 1000000 < 5000);
    assert_int_equal(g.answers, 0);
}

static void out_of_memory(void **state)
{
    struct stage g;
    (void)state;
    stage_begin(&g);
    write_file(&g, "a:b");
    g.source.cookie_file = g.file;
    const struct rpc_listener mine = {&g, on_answer, on_trouble, on_stopped};
    for (size_t nth = 1; nth <= 3; nth++) {
        mem_fail_after(nth);
        int rc = rpc_new(&g.rpc, &g.loop, &g.source, &mine);
        mem_fail_after(0);
        assert_int_equal(rc, DSPV_ENOMEM);
        assert_null(g.rpc);
    }
    stage_open(&g);
    mem_fail_after(1);
    int rc = rpc_ask(g.rpc, 71, DSPV_LOOKUP_BLOCK, HASH);
    mem_fail_after(0);
    assert_int_equal(rc, DSPV_ENOMEM);
    says(&g, 200, "{\"result\":\"01\",\"error\":null}");
    ask(&g, DSPV_LOOKUP_BLOCK);
    assert_int_equal(g.n, 1);
    stage_end(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_block),
        cmocka_unit_test(largest_block),
        cmocka_unit_test(right_chainlock),
        cmocka_unit_test(cookie_changes),
        cmocka_unit_test(user_and_password),
        cmocka_unit_test(redirects_are_not_followed),
        cmocka_unit_test(urls),
        cmocka_unit_test(wrong_answers),
        cmocka_unit_test(wrong_chainlocks),
        cmocka_unit_test(broken_http),
        cmocka_unit_test(endless_answers),
        cmocka_unit_test(silence),
        cmocka_unit_test(nobody_listens),
        cmocka_unit_test(only_so_many),
        cmocka_unit_test(stopped_while_it_waits),
        cmocka_unit_test(out_of_memory),
    };
    signal(SIGPIPE, SIG_IGN); /* the server's: its clients hang up on it */
    return cmocka_run_group_tests_name("rpc", tests, NULL, NULL);
}
