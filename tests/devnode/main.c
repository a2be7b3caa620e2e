/* dashspv-devnode: serves a chain directory, or headers alone, to light clients on this machine (README.md). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devnode/server.h"

struct program {
    const char *directory; /* or ... */
    char headers[4096];    /* ... a file of headers alone */
    int32_t first_height;
    const char *network;
    char address[64];
    bool has_address;
    struct devnode_server_options server;
    uint64_t block_ms; /* 0: the chain does not grow */
    uv_loop_t loop;
    uv_signal_t signals[2];
    uv_timer_t clock;
    struct devnode_server *running;
};

static const char USAGE[] =
    "usage: dashspv-devnode --chain DIR --listen 127.0.0.1:PORT [--protocol N] [--tip HEIGHT] [--block-every MS]\n"
    "                       [--fault NAME] [--quiet]\n"
    "       dashspv-devnode --headers FILE[:FIRST_HEIGHT] --network NAME --listen 127.0.0.1:PORT ...\n"
    "  Serves a recorded chain, or a raw file of 80-byte headers, to light clients on this machine. Port 0 = any free port.\n"
    "  --tip HEIGHT       the highest block served at first (default: all)\n"
    "  --block-every MS   then one more block every MS milliseconds\n"
    "  --fault NAME       ignore-getqrinfo, disconnect-on-getqrinfo or refuse-extra-share; repeatable\n";

static void print_line(void *context, const char *line)
{
    (void)context;
    fprintf(stderr, "%s\n", line);
}

static bool take_number(const char *text, long most, long *out)
{
    char *end;
    *out = strtol(text, &end, 10);
    return *text >= '0' && *text <= '9' && *end == '\0' && *out <= most;
}

static bool take_listen(struct program *g, const char *text)
{
    const char *colon = strrchr(text, ':');
    long port;
    if (!colon || (size_t)(colon - text) >= sizeof(g->address) || !take_number(colon + 1, 65535, &port))
        return false;
    memcpy(g->address, text, (size_t)(colon - text));
    g->has_address = true;
    g->server.address = g->address;
    g->server.port = (uint16_t)port;
    return true;
}

/* FILE[:FIRST_HEIGHT] */
static bool take_headers(struct program *g, const char *text)
{
    const char *colon = strrchr(text, ':');
    long height = 0;
    size_t n = colon && take_number(colon + 1, INT32_MAX / 2, &height) ? (size_t)(colon - text) : strlen(text);
    if (n == 0 || n >= sizeof(g->headers))
        return false;
    memcpy(g->headers, text, n);
    g->first_height = (int32_t)height;
    return true;
}

static bool take_fault(struct devnode_faults *faults, const char *name)
{
    if (strcmp(name, "ignore-getqrinfo") == 0)
        faults->ignore_getqrinfo = true;
    else if (strcmp(name, "disconnect-on-getqrinfo") == 0)
        faults->disconnect_on_getqrinfo = true;
    else if (strcmp(name, "refuse-extra-share") == 0)
        faults->refuse_extra_share = true;
    else
        return false;
    return true;
}

static bool take_option(struct program *g, const char *name, const char *value)
{
    long number = 0;
    if (strcmp(name, "--chain") == 0)
        g->directory = value;
    else if (strcmp(name, "--headers") == 0)
        return take_headers(g, value);
    else if (strcmp(name, "--network") == 0)
        g->network = value;
    else if (strcmp(name, "--listen") == 0)
        return take_listen(g, value);
    else if (strcmp(name, "--fault") == 0)
        return take_fault(&g->server.peer.faults, value);
    else if (strcmp(name, "--protocol") == 0 && take_number(value, 1000000, &number))
        g->server.peer.protocol = (int32_t)number;
    else if (strcmp(name, "--tip") == 0 && take_number(value, INT32_MAX / 2, &number))
        g->server.tip = (int32_t)number;
    else if (strcmp(name, "--block-every") == 0 && take_number(value, 86400000, &number))
        g->block_ms = (uint64_t)number;
    else
        return false;
    return true;
}

static bool take_arguments(struct program *g, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quiet") == 0)
            g->server.log = NULL;
        else if (i + 1 >= argc || !take_option(g, argv[i], argv[i + 1]))
            return false;
        else
            i++;
    }
    bool headers = g->headers[0] != '\0';
    return headers == !g->directory && headers == (g->network != NULL) && g->has_address;
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct program *g = handle->data;
    (void)number;
    devnode_server_stop(g->running);
    uv_close((uv_handle_t *)&g->signals[0], NULL);
    uv_close((uv_handle_t *)&g->signals[1], NULL);
    uv_close((uv_handle_t *)&g->clock, NULL);
}

static void on_clock(uv_timer_t *handle)
{
    struct program *g = handle->data;
    if (devnode_server_grow(g->running, devnode_server_tip(g->running) + 1) != 0)
        uv_timer_stop(handle);
}

static void watch(struct program *g)
{
    static const int numbers[2] = {SIGINT, SIGTERM};
    for (int i = 0; i < 2; i++) {
        uv_signal_init(&g->loop, &g->signals[i]);
        g->signals[i].data = g;
        uv_signal_start(&g->signals[i], on_signal, numbers[i]);
    }
    uv_timer_init(&g->loop, &g->clock);
    g->clock.data = g;
    if (g->block_ms)
        uv_timer_start(&g->clock, on_clock, g->block_ms, g->block_ms);
}

static int run(struct program *g, const struct devnode_chain *chain)
{
    uint16_t port;
    int rc = uv_loop_init(&g->loop);
    if (rc != 0)
        return rc;
    rc = devnode_server_start(&g->running, &g->loop, chain, &g->server, &port);
    if (rc == 0) {
        watch(g);
        printf("listening %s:%u\n", g->address, port);
        fflush(stdout);
    }
    uv_run(&g->loop, UV_RUN_DEFAULT);
    uv_loop_close(&g->loop);
    return rc;
}

int main(int argc, char **argv)
{
    static struct program g;
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    g.server = devnode_server_options_default();
    g.server.log = print_line;
    if (!take_arguments(&g, argc, argv)) {
        fputs(USAGE, stderr);
        return 2;
    }
    int rc = g.directory ? devnode_chain_load(&chain, g.directory, error)
                         : devnode_chain_load_headers(&chain, g.network, g.headers, g.first_height, error);
    if (rc != 0) {
        fprintf(stderr, "dashspv-devnode: %s\n", rc == DSPV_EFAULT ? error : dspv_error_text(rc));
        return 1;
    }
    rc = run(&g, chain);
    if (rc != 0)
        fprintf(stderr, "dashspv-devnode: cannot listen at %s:%u: %s\n", g.address, g.server.port, uv_strerror(rc));
    devnode_chain_free(chain);
    return rc == 0 ? 0 : 1;
}
