/* version: the first message of each side (protocol.md 3.5). */
#ifndef WIRE_VERSION_H
#define WIRE_VERSION_H

#include "base/writer.h"

enum { VERSION_MOST_AGENT = 256, VERSION_LARGEST = 1024 };

/* Service bits (protocol.md 3.4). */
#define SERVICE_NETWORK ((uint64_t)1 << 0)
#define SERVICE_BLOOM ((uint64_t)1 << 2)
#define SERVICE_COMPACT_FILTERS ((uint64_t)1 << 6)
#define SERVICE_NETWORK_LIMITED ((uint64_t)1 << 10)
#define SERVICE_HEADERS_COMPRESSED ((uint64_t)1 << 11)
#define SERVICE_P2P_V2 ((uint64_t)1 << 12)

struct version_address {
    uint64_t services;
    uint8_t ip[16]; /* IPv4 as ::ffff:a.b.c.d; zeros = not said */
    uint16_t port;
};

struct version {
    int32_t version; /* protocol version */
    uint64_t services;
    int64_t time_s; /* unix time */
    struct version_address you;
    /* The rest may be missing on receipt, from any field on; missing fields are zero, `relay` true. */
    struct version_address me;
    uint64_t nonce;
    char user_agent[VERSION_MOST_AGENT + 1]; /* terminated; any bytes, also zeros */
    size_t user_agent_n;
    int32_t start_height;
    bool relay;
    uint8_t challenge[32];
    bool masternode;
};

/* Every field is written. */
void version_encode(struct writer *w, const struct version *m);
/* 0, or DSPV_EFAULT and *fault (BAD_USER_AGENT, ...). Bytes after the last known field are ignored, as Dash Core does: later
 * versions may append fields. */
int version_decode(const uint8_t *payload, size_t n, struct version *out, dspv_fault *fault);

#endif
