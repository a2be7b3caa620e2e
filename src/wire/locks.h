/* clsig and isdlock (protocol.md 8.1, 8.2; quorums.md 7.3, 7.4). */
#ifndef WIRE_LOCKS_H
#define WIRE_LOCKS_H

#include "base/reader.h"
#include "base/writer.h"

struct clsig {
    int32_t height;
    block_hash block;
    uint8_t signature[96];
};

struct isdlock {
    uint8_t version;           /* 1 */
    const uint8_t *inputs;     /* n_inputs outpoints of 36 bytes (txid, LE32 index), in transaction order */
    uint32_t n_inputs;
    tx_hash txid;
    block_hash cycle;
    uint8_t signature[96];
    struct span raw;
};
enum { ISDLOCK_MAX_INPUTS = 10000 };

/* 0, or DSPV_EFAULT and *fault. Trailing bytes are refused. */
int clsig_decode(const uint8_t *payload, size_t n, struct clsig *out, dspv_fault *fault);
void clsig_encode(struct writer *w, const struct clsig *m);
/* inv hash of a clsig = double SHA-256 of its 132 bytes. */
hash256 clsig_inv_hash(const struct clsig *m);
/* requestId = H(0x05 "clsig" | LE32(height)). */
hash256 clsig_request_id(int32_t height);

int isdlock_decode(const uint8_t *payload, size_t n, struct isdlock *out, dspv_fault *fault);
void isdlock_encode(struct writer *w, const struct isdlock *m);
hash256 isdlock_inv_hash(const struct isdlock *m);
/* requestId = H(0x06 "islock" | inputs as serialized). 0 or DSPV_ENOMEM. */
int isdlock_request_id(const struct isdlock *m, hash256 *out);

#endif
