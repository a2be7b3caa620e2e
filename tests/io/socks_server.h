/* A small SOCKS 5 server on a loopback port, in the test's own loop, that can also misbehave. Wherever it is asked to connect to,
 * it connects to one port on this machine. */
#ifndef TESTS_IO_SOCKS_SERVER_H
#define TESTS_IO_SOCKS_SERVER_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

enum socks_manner {
    SOCKS_WORKS,
    SOCKS_HANGS_UP_AT_ONCE,
    SOCKS_HANGS_UP_LATER, /* in the middle of its reply */
    SOCKS_IS_SILENT,
    SOCKS_WRONG_VERSION,
    SOCKS_NO_METHOD,
    SOCKS_WANTS_LOGIN, /* takes nobody who offers none */
    SOCKS_REFUSES_LOGIN,
    SOCKS_REFUSES,    /* with the reply code */
    SOCKS_TALKS_AHEAD /* its answers come before the questions */
};

struct socks_server_options {
    enum socks_manner manner;
    uint8_t reply;   /* of SOCKS_REFUSES */
    bool drips;      /* every byte is a write of its own */
    bool lies_bound; /* says that it is bound to a long name */
    bool resolves;   /* knows Tor's RESOLVE: every name is at `resolved` */
    uint8_t resolved[4];
    uint16_t port; /* where connections go */
};

enum { SOCKS_SERVER_MOST = 64 };

/* What a client said. */
struct socks_said {
    char user[256], password[256]; /* empty: none was offered, or chosen */
    uint8_t command, kind;
    char host[256]; /* of kind 3 */
    uint8_t ip[16]; /* of the others */
    uint16_t port;
};

struct socks_server;

/* Listen; *port becomes the port. Fails the test when it cannot. */
struct socks_server *socks_server_start(uv_loop_t *loop, const struct socks_server_options *options, uint16_t *port);
/* Close everything; the memory goes with the closing callbacks. */
void socks_server_stop(struct socks_server *s);
/* What the clients that came to a request have said so far, at most SOCKS_SERVER_MOST of them. */
size_t socks_server_said(const struct socks_server *s, const struct socks_said **out);
size_t socks_server_accepted(const struct socks_server *s);

#endif
