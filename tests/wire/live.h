/* The recorded live.bin of a regtest network: [u64 unix ms][12-byte command][u32 length][payload], repeated. */
#ifndef TESTS_WIRE_LIVE_H
#define TESTS_WIRE_LIVE_H

#include "support/data.h"

#include "base/endian.h"
#include "wire/command.h"

struct live_message {
    const uint8_t *name; /* 12 bytes */
    enum wire_command command;
    const uint8_t *payload;
    size_t n;
};

/* The message at *offset, which moves on; false at the end. */
static inline bool live_next(const struct bytes *live, size_t *offset, struct live_message *out)
{
    if (*offset == live->n)
        return false;
    assert_true(live->n - *offset >= 24);
    const uint8_t *p = live->p + *offset;
    out->name = p + 8;
    out->command = wire_command_find(p + 8);
    out->n = load_le32(p + 20);
    out->payload = p + 24;
    assert_true(live->n - *offset - 24 >= out->n);
    *offset += 24 + out->n;
    return true;
}

#endif
