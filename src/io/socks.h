/* The client's side of SOCKS 5 (RFC 1928, RFC 1929, Tor's socks-extensions): a state machine that is given the proxy's bytes and
 * says what to send. No sockets, no memory. */
#ifndef IO_SOCKS_H
#define IO_SOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    SOCKS_MOST_TEXT = 255, /* bytes of a name, a user, a password */
    SOCKS_MOST_OUT = 1 + 1 + SOCKS_MOST_TEXT + 1 + SOCKS_MOST_TEXT,
    SOCKS_MOST_REPLY = 4 + 1 + SOCKS_MOST_TEXT + 2
};

enum socks_command {
    SOCKS_CONNECT = 0x01,
    SOCKS_RESOLVE = 0xf0 /* Tor: the address of a name, as the reply's bound address */
};

enum { SOCKS_REPLY_NO_COMMAND = 7 };

struct socks_request {
    enum socks_command command;
    const char *name; /* 1 to 255 bytes; NULL: */
    uint8_t ip[16];   /* IPv4 as ::ffff:a.b.c.d */
    uint16_t port;
    const char *user; /* at most 255 bytes; NULL: none is offered */
    const char *password;
};

enum socks_status { SOCKS_GOES_ON, SOCKS_DONE, SOCKS_FAILED };

enum socks_state { SOCKS_STATE_METHOD, SOCKS_STATE_LOGIN, SOCKS_STATE_REPLY, SOCKS_STATE_DONE, SOCKS_STATE_FAILED };

struct socks {
    enum socks_state state;
    enum socks_command command;
    const char *why;   /* FAILED: a sentence */
    uint8_t reply;     /* the proxy's reply code, 0: none, or success */
    uint8_t bound[16]; /* RESOLVE, DONE: the answer */
    uint8_t in[SOCKS_MOST_REPLY], login[SOCKS_MOST_OUT], request[SOCKS_MOST_REPLY];
    const uint8_t *out;
    size_t out_n, in_n, login_n, request_n;
};

/* Begin; there is something to send. False: a text is too long or empty. */
bool socks_start(struct socks *s, const struct socks_request *request);
/* What is to be sent now, valid until the next call; empty when there is nothing. Each piece is handed out once. */
size_t socks_output(struct socks *s, const uint8_t **out);
/* Bytes from the proxy. `*used` of them are taken; what follows in DONE is the far end's. */
enum socks_status socks_input(struct socks *s, const uint8_t *data, size_t n, size_t *used);

#endif
