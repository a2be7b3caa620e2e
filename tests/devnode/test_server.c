/* The peer on TCP: embedded in a loop, and as the program. */
#include "devnode/test_devnode.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "devnode/server.h"
#include "wire/frame.h"
#include "wire/headers.h"
#include "wire/version.h"

/* A client that shakes hands, asks for all headers, and hangs up when it has them. */
struct dialer {
    uv_tcp_t tcp;
    uv_connect_t connecting;
    uv_timer_t deadline;
    struct frame_reader in;
    char buffer[5000]; /* an odd size, so that messages arrive in pieces */
    const struct devnode_chain *chain;
    uint32_t n_headers;
    bool late, verack, closed_by_node;
    struct writer out;
    uv_write_t writes[4];
    struct writer sent[4];
    size_t n_writes;
};

static void dialer_send(struct dialer *d, enum wire_command command, struct writer *payload)
{
    assert_true(d->n_writes < 4);
    struct writer *w = &d->sent[d->n_writes];
    writer_init(w);
    frame_write(w, d->chain->network.chain.magic, command, payload->data, payload->n);
    writer_reset(payload);
    uv_buf_t buf = uv_buf_init((char *)w->data, (unsigned)w->n);
    assert_int_equal(uv_write(&d->writes[d->n_writes++], (uv_stream_t *)&d->tcp, &buf, 1, NULL), 0);
}

static void dialer_hang_up(struct dialer *d)
{
    if (!uv_is_closing((uv_handle_t *)&d->tcp))
        uv_close((uv_handle_t *)&d->tcp, NULL);
    if (!uv_is_closing((uv_handle_t *)&d->deadline))
        uv_close((uv_handle_t *)&d->deadline, NULL);
}

static void dialer_message(struct dialer *d, const struct frame *f)
{
    if (f->command == WIRE_VERACK) {
        d->verack = true;
        dialer_send(d, WIRE_VERACK, &d->out);
        struct getheaders ask = {.version = 70240, .locator = devnode_chain_hash(d->chain, 0), .n_locator = 1};
        getheaders_encode(&d->out, &ask);
        dialer_send(d, WIRE_GETHEADERS, &d->out);
    } else if (f->command == WIRE_HEADERS) {
        struct arena arena;
        struct header_run run;
        dspv_fault fault;
        arena_init(&arena, 0);
        assert_int_equal(headers_decode(f->payload.p, f->payload.n, HEADERS_MOST, &arena, &run, &fault), 0);
        d->n_headers = run.n;
        arena_free(&arena);
        dialer_hang_up(d);
    }
}

static void on_bytes(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct dialer *d = stream->data;
    if (n < 0) {
        d->closed_by_node = true;
        dialer_hang_up(d);
        return;
    }
    struct span in = {(const uint8_t *)buf->base, (size_t)n};
    struct frame f;
    for (enum frame_outcome o; (o = frame_reader_next(&d->in, &in, &f)) != FRAME_NEED_MORE;) {
        assert_int_equal(o, FRAME_MESSAGE);
        dialer_message(d, &f);
    }
}

static void on_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    struct dialer *d = handle->data;
    (void)suggested;
    *buf = uv_buf_init(d->buffer, sizeof(d->buffer));
}

static void on_connected(uv_connect_t *request, int status)
{
    struct dialer *d = request->data;
    assert_int_equal(status, 0);
    struct version v = {.version = 70240, .nonce = 9, .relay = true};
    uv_read_start((uv_stream_t *)&d->tcp, on_buffer, on_bytes);
    version_encode(&d->out, &v);
    dialer_send(d, WIRE_VERSION, &d->out);
}

static void on_deadline(uv_timer_t *timer)
{
    struct dialer *d = timer->data;
    d->late = true;
    dialer_hang_up(d);
}

static void dialer_start(struct dialer *d, uv_loop_t *loop, const struct devnode_chain *chain, uint16_t port)
{
    struct sockaddr_in at;
    *d = (struct dialer){.chain = chain};
    frame_reader_init(&d->in, chain->network.chain.magic);
    writer_init(&d->out);
    assert_int_equal(uv_ip4_addr("127.0.0.1", port, &at), 0);
    uv_tcp_init(loop, &d->tcp);
    uv_timer_init(loop, &d->deadline);
    d->tcp.data = d->connecting.data = d->deadline.data = d;
    uv_timer_start(&d->deadline, on_deadline, 20000, 0);
    assert_int_equal(uv_tcp_connect(&d->connecting, &d->tcp, (const struct sockaddr *)&at, on_connected), 0);
}

static void dialer_free(struct dialer *d)
{
    frame_reader_free(&d->in);
    writer_free(&d->out);
    for (size_t i = 0; i < d->n_writes; i++)
        writer_free(&d->sent[i]);
}

static void assert_served(const struct dialer *d)
{
    assert_false(d->late);
    assert_false(d->closed_by_node);
    assert_true(d->verack);
    assert_int_equal(d->n_headers, d->chain->tip);
}

void test_server_handshake(void **state)
{
    static struct dialer dialers[2];
    const struct devnode_chain *chain = fixture_chain("churn");
    struct devnode_server_options options = devnode_server_options_default();
    struct devnode_server *server;
    uv_loop_t loop;
    uint16_t port = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(devnode_server_start(&server, &loop, chain, &options, &port), 0);
    assert_true(port > 0);
    for (int i = 0; i < 2; i++)
        dialer_start(&dialers[i], &loop, chain, port);
    while (!uv_is_closing((uv_handle_t *)&dialers[0].tcp) || !uv_is_closing((uv_handle_t *)&dialers[1].tcp))
        uv_run(&loop, UV_RUN_ONCE);
    devnode_server_stop(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0); /* no handle was forgotten */
    for (int i = 0; i < 2; i++) {
        assert_served(&dialers[i]);
        dialer_free(&dialers[i]);
    }
}

/* ---- a client that asks for much and reads nothing for a while */

enum { MANY = 600, LOCATORS = 100 };

static int connected(uint16_t port)
{
    const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const int small = 4096;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)), 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&at, sizeof(at)), 0);
    return fd;
}

static void send_all(int fd, struct writer *w)
{
    assert_int_equal(write(fd, w->data, w->n), w->n);
    writer_free(w);
}

static void shake_hands(int fd, const struct devnode_chain *chain)
{
    const struct version v = {.version = 70240, .nonce = 9, .relay = true};
    struct writer payload, w;
    writer_init(&payload);
    writer_init(&w);
    version_encode(&payload, &v);
    frame_write(&w, chain->network.chain.magic, WIRE_VERSION, payload.data, payload.n);
    frame_write(&w, chain->network.chain.magic, WIRE_VERACK, NULL, 0);
    writer_free(&payload);
    send_all(fd, &w);
}

static void ask_much(int fd, const struct devnode_chain *chain)
{
    struct writer payload, w;
    writer_init(&payload);
    writer_init(&w);
    for (int32_t i = 0; i < MANY; i++) {
        const struct getheaders ask = {.locator = devnode_chain_hash(chain, i % LOCATORS), .n_locator = 1};
        writer_reset(&payload);
        getheaders_encode(&payload, &ask);
        frame_write(&w, chain->network.chain.magic, WIRE_GETHEADERS, payload.data, payload.n);
    }
    writer_free(&payload);
    send_all(fd, &w);
}

/* Answers among `in`, the first of which is number `n`; each begins after the locator of its request. */
static int32_t heard(struct frame_reader *reader, struct span in, const struct devnode_chain *chain, int32_t n)
{
    struct frame f;
    for (enum frame_outcome o; (o = frame_reader_next(reader, &in, &f)) != FRAME_NEED_MORE;) {
        assert_int_equal(o, FRAME_MESSAGE);
        if (f.command != WIRE_HEADERS)
            continue;
        assert_int_equal(f.payload.n, 3 + 81 * (size_t)(chain->tip - n % LOCATORS));
        assert_memory_equal(f.payload.p + 3, devnode_chain_header(chain, n % LOCATORS + 1), 80);
        n++;
    }
    return n;
}

/* The server cannot send all of it, so it must not even make it. */
static void run_unread(uv_loop_t *loop)
{
    mem_fail_after(0);
    for (int i = 0; i < 200; i++)
        uv_run(loop, UV_RUN_NOWAIT);
    assert_in_range(mem_fail_after(0), 0, MANY / 4);
}

static void read_all(int fd, struct frame_reader *reader, const struct devnode_chain *chain, uv_loop_t *loop)
{
    static uint8_t buffer[64 << 10];
    for (int32_t n = 0; n < MANY;) {
        ssize_t got = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        assert_true(got > 0 || (got < 0 && errno == EAGAIN));
        if (got > 0)
            n = heard(reader, (struct span){buffer, (size_t)got}, chain, n);
        uv_run(loop, UV_RUN_NOWAIT);
    }
}

void test_server_slow_reader(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct devnode_server_options options = devnode_server_options_default();
    struct devnode_server *server;
    struct frame_reader reader;
    uv_loop_t loop;
    uint16_t port = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    assert_int_equal(devnode_server_start(&server, &loop, chain, &options, &port), 0);
    frame_reader_init(&reader, chain->network.chain.magic);
    int fd = connected(port);
    shake_hands(fd, chain);
    for (int round = 0; round < 2; round++) {
        ask_much(fd, chain);
        run_unread(&loop);
        read_all(fd, &reader, chain, &loop);
    }
    close(fd);
    frame_reader_free(&reader);
    devnode_server_stop(server);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

void test_server_refuses(void **state)
{
    static const char *const addresses[] = {"0.0.0.0", "8.8.8.8", "::", "localhost", ""};
    const struct devnode_chain *chain = fixture_chain("churn");
    struct devnode_server_options options = devnode_server_options_default();
    struct devnode_server *server;
    uv_loop_t loop;
    uint16_t port = 0;
    (void)state;
    assert_int_equal(uv_loop_init(&loop), 0);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        options.address = addresses[i];
        assert_int_equal(devnode_server_start(&server, &loop, chain, &options, &port), UV_EINVAL);
        assert_null(server);
    }
    options.address = "127.0.0.1";
    options.tip = chain->tip + 1;
    assert_int_equal(devnode_server_start(&server, &loop, chain, &options, &port), UV_EINVAL);

    struct devnode_server *first;
    options.tip = -1;
    assert_int_equal(devnode_server_start(&first, &loop, chain, &options, &port), 0);
    options.port = port;
    assert_int_equal(devnode_server_start(&server, &loop, chain, &options, &port), UV_EADDRINUSE);
    devnode_server_stop(first);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* The program: one line on stdout, serves, ends with exit code 0 on SIGTERM. */
void test_program(void **state)
{
    static struct dialer dialer;
    const char *program = getenv("DEVNODE_PROGRAM");
    const struct devnode_chain *chain = fixture_chain("churn");
    char directory[4096], line[128];
    int pipes[2];
    unsigned port;
    (void)state;
    if (!program) {
        print_message("SKIPPED: DEVNODE_PROGRAM is not set (ctest sets it)\n");
        skip();
    }
    snprintf(directory, sizeof(directory), "%s", fixture_path("churn"));
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        dup2(pipes[1], STDOUT_FILENO);
        execl(program, program, "--chain", directory, "--listen", "127.0.0.1:0", "--quiet", (char *)NULL);
        _exit(127);
    }
    close(pipes[1]);
    FILE *out = fdopen(pipes[0], "r");
    assert_non_null(out);
    assert_non_null(fgets(line, sizeof(line), out));
    assert_int_equal(sscanf(line, "listening 127.0.0.1:%u\n", &port), 1);

    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    dialer_start(&dialer, &loop, chain, (uint16_t)port);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    assert_served(&dialer);
    dialer_free(&dialer);

    int status;
    assert_int_equal(kill(pid, SIGTERM), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    assert_null(fgets(line, sizeof(line), out)); /* nothing else was printed */
    fclose(out);
}
