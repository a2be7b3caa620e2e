/* A SOCKS 5 proxy that every connection goes through, such as Tor: where it is, and who we are to it. */
#ifndef IO_PROXY_H
#define IO_PROXY_H

#include <uv.h>

#include "io/host_port.h"
#include "io/socks.h"

enum { PROXY_DEFAULT_PORT = 9050 };

struct proxy_source {
    const char *host_port;      /* a numeric address; "127.0.0.1:9050" */
    const char *user;           /* NULL: none */
    const char *password_file;  /* its first line; goes with `user` */
    bool randomize_credentials; /* without a user: another one for each connection, so that Tor takes another circuit for it */
};

struct proxy {
    struct sockaddr_storage at;
    bool randomize;
    bool has_login;
    char user[SOCKS_MOST_TEXT + 1], password[SOCKS_MOST_TEXT + 1];
};

/* NULL, or what is wrong with the proxy's address. */
const char *proxy_check(const char *host_port);
/* Read the source. NULL, or a sentence that says what is wrong. */
const char *proxy_init(struct proxy *out, const struct proxy_source *source);
void proxy_wipe(struct proxy *p);
/* A connection is about to begin: its user and password (empty: none). False: the system gives no randomness. */
bool proxy_login(const struct proxy *p, char user[SOCKS_MOST_TEXT + 1], char password[SOCKS_MOST_TEXT + 1]);

#endif
