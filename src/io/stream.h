/* A TCP connection to a peer, made directly or through a SOCKS 5 proxy. Everything here belongs to the loop's thread. */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include "io/proxy.h"

enum {
    STREAM_READ_SIZE = 64 << 10,
    STREAM_MOST_QUEUED = 8 << 20, /* bytes unsent: a peer that does not read so much is cut off */
    STREAM_CONNECT_MS = 15000,    /* directly */
    STREAM_PROXY_MS = 25000       /* through a proxy, to the far end; before the client loses its patience (PEER_CONNECT_MS) */
};

/* What the streams of a driver share. */
struct streams {
    uv_loop_t *loop;
    const struct proxy *proxy; /* NULL: connections are made directly */
    uint64_t proxy_ms;
    char buffer[STREAM_READ_SIZE];
};

struct stream;

struct stream_listener {
    /* It is connected: bytes may flow. SOCKS_RESOLVE: the answer is there, which is all that such a stream is for. */
    void (*open)(void *context);
    void (*bytes)(void *context, const uint8_t *data, size_t n);
    /* It could not be made, or broke, in words ("cannot connect to" whom, why); it is closing. */
    void (*lost)(void *context, const char *what, const char *why);
    /* After stream_close, or lost: the pointer is not valid any more. The last call. */
    void (*closed)(void *context);
};

/* Begin to connect. `request` is copied; its user and password are chosen here, and without a proxy it must be a SOCKS_CONNECT to
 * an address. `listener` stays in place. 0 with *out, or a libuv error: then nothing is called. */
int stream_open(struct stream **out, struct streams *all, const struct socks_request *request,
                const struct stream_listener *listener, void *context);
/* Send (the bytes are copied). A failure is told as lost, perhaps before this returns. */
void stream_send(struct stream *s, const uint8_t *data, size_t n);
/* From now on only `closed` is called. May be repeated. */
void stream_close(struct stream *s);
bool stream_is_open(const struct stream *s);
/* Of SOCKS_RESOLVE, when open has been called: the address (16 bytes). */
const uint8_t *stream_resolved(const struct stream *s);
/* When it is lost: the proxy's reply code; 0: none. */
uint8_t stream_reply(const struct stream *s);

#endif
