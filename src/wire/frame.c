/* See frame.h. Dash Core's reactions (src/net.cpp) are kept: magic and size are fatal, checksum and command cost one message.
 *
 * Invariants: header_n < 24 means between or inside headers and then n == left == 0. Every byte is copied once; memory doubles
 * as bytes arrive, so any chunking costs linear time. */
#include "wire/frame.h"

#include "base/endian.h"
#include "base/fault.h"
#include "base/mem.h"
#include "crypto/sha256.h"

enum { AT_COMMAND = 4, AT_LENGTH = 16, AT_CHECKSUM = 20 };

static void checksum(uint8_t out[4], const uint8_t *payload, size_t n)
{
    uint8_t hash[32];
    sha256d(hash, payload, n);
    memcpy(out, hash, 4);
}

void frame_reader_init(struct frame_reader *f, const uint8_t magic[4])
{
    *f = (struct frame_reader){.fatal = DSPV_OK};
    memcpy(f->magic, magic, 4);
}

void frame_reader_free(struct frame_reader *f)
{
    mem_free(f->payload);
    f->payload = NULL;
    f->n = f->cap = 0;
}

/* Ready for the next header. */
static void next_message(struct frame_reader *f)
{
    f->header_n = f->n = 0;
    f->skipping = f->done = false;
    if (f->cap > FRAME_KEPT_MEMORY)
        frame_reader_free(f);
}

/* How many of `wanted` bytes *in holds. */
static size_t available(const struct span *in, size_t wanted)
{
    return in->n < wanted ? in->n : wanted;
}

static void advance(struct span *in, size_t n)
{
    in->p += n;
    in->n -= n;
}

static bool header_complete(struct frame_reader *f, struct span *in)
{
    size_t n = available(in, FRAME_HEADER_SIZE - f->header_n);
    if (n > 0)
        memcpy(f->header + f->header_n, in->p, n);
    f->header_n += n;
    advance(in, n);
    return f->header_n == FRAME_HEADER_SIZE;
}

/* Judge a complete header. FRAME_NEED_MORE: its payload is wanted. */
static enum frame_outcome begin_payload(struct frame_reader *f, struct frame *out)
{
    const uint8_t *name = f->header + AT_COMMAND;
    uint32_t length = load_le32(f->header + AT_LENGTH);
    bool well_formed = wire_command_well_formed(name);
    f->command = well_formed ? wire_command_find(name) : WIRE_UNKNOWN;
    out->command = f->command;
    if (well_formed)
        memcpy(out->name, name, WIRE_COMMAND_SIZE);
    if (memcmp(f->header, f->magic, 4) != 0)
        f->fatal = DSPV_BAD_MAGIC;
    else if (length > wire_command_largest(f->command))
        f->fatal = DSPV_TOO_LARGE;
    if (f->fatal != DSPV_OK) {
        out->fault = fault_of(f->fatal);
        return FRAME_FATAL;
    }
    f->left = length;
    f->skipping = f->command == WIRE_UNKNOWN;
    if (!f->skipping)
        return FRAME_NEED_MORE;
    if (well_formed)
        return FRAME_UNKNOWN;
    out->fault = fault_of(DSPV_BAD_COMMAND);
    return FRAME_DROPPED;
}

/* Take payload bytes; false when memory is short. */
static bool take_payload(struct frame_reader *f, struct span *in)
{
    size_t n = available(in, f->left);
    if (n == 0)
        return true;
    if (!f->skipping) {
        void *payload = f->payload;
        if (mem_grow(&payload, &f->cap, f->n + n, 1) != 0)
            return false;
        f->payload = payload;
        memcpy(f->payload + f->n, in->p, n);
        f->n += n;
    }
    f->left -= n;
    advance(in, n);
    return true;
}

static enum frame_outcome deliver(struct frame_reader *f, struct frame *out)
{
    uint8_t sum[4];
    checksum(sum, f->payload, f->n);
    f->done = true;
    out->command = f->command;
    memcpy(out->name, f->header + AT_COMMAND, WIRE_COMMAND_SIZE);
    if (memcmp(sum, f->header + AT_CHECKSUM, 4) != 0) {
        out->fault = fault_of(DSPV_BAD_CHECKSUM);
        return FRAME_DROPPED;
    }
    out->payload = (struct span){f->payload, f->n};
    return FRAME_MESSAGE;
}

enum frame_outcome frame_reader_next(struct frame_reader *f, struct span *in, struct frame *out)
{
    *out = (struct frame){.command = WIRE_UNKNOWN, .fault = fault_of(f->fatal)};
    if (f->fatal != DSPV_OK)
        return FRAME_FATAL;
    if (f->done)
        next_message(f);
    for (;;) {
        if (f->header_n < FRAME_HEADER_SIZE) {
            if (!header_complete(f, in))
                return FRAME_NEED_MORE;
            enum frame_outcome outcome = begin_payload(f, out);
            if (outcome != FRAME_NEED_MORE)
                return outcome;
        }
        if (!take_payload(f, in))
            return FRAME_NO_MEMORY;
        if (f->left > 0)
            return FRAME_NEED_MORE;
        if (!f->skipping)
            return deliver(f, out);
        next_message(f);
    }
}

void frame_write(struct writer *w, const uint8_t magic[4], enum wire_command command, const uint8_t *payload, size_t n)
{
    uint8_t header[FRAME_HEADER_SIZE];
    memcpy(header, magic, 4);
    wire_command_bytes(command, header + AT_COMMAND);
    store_le32(header + AT_LENGTH, (uint32_t)n);
    checksum(header + AT_CHECKSUM, payload, n);
    writer_bytes(w, header, sizeof(header));
    writer_bytes(w, payload, n);
}
