/* Messages of a field or two (protocol.md 3.7): ping, pong, sendcmpct, senddsq. Empty ones (verack, getaddr, sendheaders2, ...)
 * need no codec: the frame's cap makes sure that they are empty. Decoders: 0, or DSPV_EFAULT and *fault. */
#ifndef WIRE_SMALL_H
#define WIRE_SMALL_H

#include "base/writer.h"
#include "wire/command.h"

/* ping and pong: the same nonce there and back. */
void ping_encode(struct writer *w, uint64_t nonce);
int ping_decode(const uint8_t *payload, size_t n, uint64_t *nonce, dspv_fault *fault);

struct sendcmpct {
    bool announce;
    uint64_t version;
};
void sendcmpct_encode(struct writer *w, const struct sendcmpct *m);
int sendcmpct_decode(const uint8_t *payload, size_t n, struct sendcmpct *out, dspv_fault *fault);

/* senddsq: whether CoinJoin queues are wanted; we say no. */
void senddsq_encode(struct writer *w, bool wanted);
int senddsq_decode(const uint8_t *payload, size_t n, bool *wanted, dspv_fault *fault);

#endif
