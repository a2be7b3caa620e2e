/* getheaders, getheaders2, headers and headers2 (protocol.md 3.8, DIP-25). */
#ifndef WIRE_HEADERS_H
#define WIRE_HEADERS_H

#include "base/arena.h"
#include "base/writer.h"
#include "crypto/x11.h"

enum {
    GETHEADERS_MOST_LOCATOR = 101,
    HEADERS_MOST = 2000,  /* per headers message, and per headers2 of a common version below 70235 */
    HEADERS2_MOST = 8000, /* per headers2 message from 70235 on */
    HEADERS2_SMALLEST_ENTRY = 39,
    HEADERS2_LARGEST_ENTRY = 81,
    HEADER_SIZE = 80,
    HEADER_BATCHES_MOST = X11_MOST_LANES
};

/* getheaders and getheaders2 have the same payload. */
struct getheaders {
    int32_t version;           /* any value */
    const block_hash *locator; /* newest first; decoded: leads into the payload */
    uint32_t n_locator;
    block_hash stop; /* zeros = as many as possible */
};
void getheaders_encode(struct writer *w, const struct getheaders *m);
/* 0, or DSPV_EFAULT and *fault. */
int getheaders_decode(const uint8_t *payload, size_t n, struct getheaders *out, dspv_fault *fault);

/* Headers of one message as they are read, before any is hashed. */
struct header_batch {
    uint8_t *raw;       /* n headers of 80 bytes, back to back */
    block_hash *hashes; /* room for n */
    const bool *linked; /* where prev was omitted: it is the predecessor's hash, and not there yet. NULL: nowhere */
    uint32_t n;
};

/* At most `most` headers; the arrays live in `arena`. 0; DSPV_EFAULT and *fault; DSPV_ENOMEM. */
int headers_read(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_batch *out,
                 dspv_fault *fault);
int headers2_read(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_batch *out,
                  dspv_fault *fault);
/* X11 of the headers first .. first + n - 1, and the prevs that were omitted. Of a linked batch the headers before them must have
 * been hashed; parts of another may be hashed in any order and on any threads. */
void header_batch_hash(struct header_batch *b, uint32_t first, uint32_t n);
/* The same of all headers of up to HEADER_BATCHES_MOST batches of any lengths. Linked ones go side by side, a header of each at a time
 * in the lanes of x11_many: as fast as unlinked ones when there are x11_lanes() of them. */
void header_batches_hash(struct header_batch *const *batches, size_t n);

/* Headers of one message with their block hashes, in message order. Whether each follows its predecessor is for the chain to
 * say; an omitted prev of headers2 follows by construction. */
struct header_run {
    const uint8_t *raw;       /* n headers of 80 bytes, back to back */
    const block_hash *hashes; /* hashes[i] = X11 of header i */
    uint32_t n;
};

/* Read and hash all. The same results; X11 runs only over messages that are well-formed to the last byte. */
int headers_decode(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_run *out,
                   dspv_fault *fault);
int headers2_decode(const uint8_t *payload, size_t n, uint32_t most, struct arena *arena, struct header_run *out,
                    dspv_fault *fault);

/* headers needs no hashes (may be NULL); headers2 omits a prev that equals the predecessor's hash, as every field it can. */
void headers_encode(struct writer *w, const struct header_run *run);
void headers2_encode(struct writer *w, const struct header_run *run);

#endif
