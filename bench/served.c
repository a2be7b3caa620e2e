/* See served.h. The process ends when the pipe that leads to it is closed; each byte in it is a block more. */
#include "served.h"

#include <sys/wait.h>
#include <unistd.h>

#include "devnode/server.h"
#include "group.h"

struct serving {
    uv_loop_t loop;
    uv_pipe_t orders;
    struct devnode_server *server;
    uint8_t room[64];
};

static void on_room(uv_handle_t *orders, size_t wanted, uv_buf_t *out)
{
    struct serving *s = orders->data;
    (void)wanted;
    *out = uv_buf_init((char *)s->room, sizeof(s->room));
}

static void on_orders(uv_stream_t *orders, ssize_t n, const uv_buf_t *buf)
{
    struct serving *s = orders->data;
    (void)buf;
    for (ssize_t i = 0; i < n; i++)
        bench_need(devnode_server_grow(s->server, devnode_server_tip(s->server) + 1) == 0, "the chain has no more blocks");
    if (n >= 0)
        return;
    devnode_server_stop(s->server);
    uv_close((uv_handle_t *)orders, NULL);
}

/* Tells its port, and in the end what it cost. */
static _Noreturn void serve(const struct devnode_chain *chain, int32_t tip, int in, int out)
{
    static struct serving s;
    struct devnode_server_options options = devnode_server_options_default();
    uint16_t port;
    options.tip = tip;
    bench_need(uv_loop_init(&s.loop) == 0 && uv_pipe_init(&s.loop, &s.orders, 0) == 0, "no loop");
    bench_need(devnode_server_start(&s.server, &s.loop, chain, &options, &port) == 0, "the peer does not start");
    s.orders.data = &s;
    bench_need(uv_pipe_open(&s.orders, in) == 0 && uv_read_start((uv_stream_t *)&s.orders, on_room, on_orders) == 0, "no pipe");
    double us = clock_cpu_us();
    bench_need(write(out, &port, sizeof(port)) == sizeof(port), "no pipe");
    uv_run(&s.loop, UV_RUN_DEFAULT);
    us = clock_cpu_us() - us;
    bench_need(write(out, &us, sizeof(us)) == sizeof(us), "no pipe");
    _exit(0);
}

void served_start(struct served *s, struct devnode_chain *(*make)(void *argument), void *argument, int32_t tip)
{
    int to[2], from[2];
    *s = (struct served){.at = {.ip = {[10] = 0xff, [11] = 0xff, [12] = 127, [15] = 1}}};
    bench_need(pipe(to) == 0 && pipe(from) == 0 && (s->process = fork()) >= 0, "no process");
    if (s->process == 0) {
        close(to[1]);
        close(from[0]);
        serve(make(argument), tip, to[0], from[1]);
    }
    close(to[0]);
    close(from[1]);
    s->to = to[1];
    s->from = from[0];
    bench_need(read(s->from, &s->at.port, sizeof(s->at.port)) == sizeof(s->at.port), "the peer does not start");
}

void served_grow(const struct served *s)
{
    bench_need(write(s->to, "", 1) == 1, "the peer is gone");
}

double served_end(struct served *s)
{
    double us;
    close(s->to);
    bench_need(read(s->from, &us, sizeof(us)) == sizeof(us), "the peer does not end");
    close(s->from);
    waitpid(s->process, NULL, 0);
    return us;
}
