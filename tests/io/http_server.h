/* A very small HTTP server on a loopback port, in the test's own loop, that can also misbehave. */
#ifndef TESTS_IO_HTTP_SERVER_H
#define TESTS_IO_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct http_server;
struct http_connection;

/* A request that came whole. Strings are valid during the call. */
struct http_request {
    struct http_connection *from;
    const char *authorization; /* the header's value, or "" */
    const char *body;
};

typedef void http_handler(void *context, const struct http_request *request);

/* Listen; *port becomes the port. Fails the test when it cannot. */
struct http_server *http_server_start(uv_loop_t *loop, http_handler *handler, void *context, uint16_t *port);
/* Close everything; the memory goes with the closing callbacks. */
void http_server_stop(struct http_server *s);
/* Bytes of answers handed to the system so far. */
size_t http_server_sent(const struct http_server *s);

/* What a handler may do with a request; doing nothing leaves the client waiting. */
void http_reply(struct http_connection *c, unsigned status, const char *body, size_t n);
/* These bytes, as they are, then hang up. */
void http_reply_raw(struct http_connection *c, const char *bytes);
/* Promise an endless answer, or one with an endless head, and keep sending it. */
void http_flood(struct http_connection *c, bool head);

#endif
