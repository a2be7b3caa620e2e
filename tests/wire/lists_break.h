/* What holds for every encoded message: ways to break it, and what must come of that. */
#ifndef TESTS_WIRE_LISTS_BREAK_H
#define TESTS_WIRE_LISTS_BREAK_H

#include "support/data.h"

#include "wire/qrinfo.h"

enum message_kind { MNLISTDIFF, QRINFO };

/* Decode in the layout of `proto`; when that succeeds, the encoding must be the payload again. Returns the fault's reason,
 * DSPV_OK for success. The payload is copied to a block of its exact size, so that ASan sees every read past its end. */
dspv_reason round_trip(enum message_kind kind, const uint8_t *payload, size_t n, int proto);
/* Every shorter message must be refused as truncated, a longer one for its trailing byte. */
void check_truncations(enum message_kind kind, const uint8_t *payload, size_t n, int proto);
/* Flip single bits, `stride` bits apart: refused, or another message that round-trips. */
void check_bit_flips(enum message_kind kind, const uint8_t *payload, size_t n, int proto, size_t stride);
/* Let each allocation fail in turn: DSPV_ENOMEM every time, then success. */
void check_allocation_failures(enum message_kind kind, const uint8_t *payload, size_t n, int proto);

#endif
