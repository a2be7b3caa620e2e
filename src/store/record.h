/* What the values in a store look like: the payload, then a seal of 8 bytes. The seal covers the table, the key and the payload,
 * so a record that was damaged, cut off, or moved under another key or into another table does not open. It detects accidents;
 * against somebody who writes to the store on purpose stands that everything read from it is verified again. */
#ifndef STORE_RECORD_H
#define STORE_RECORD_H

#include "base/hash.h"
#include "base/writer.h"
#include "dashspv/store.h"

enum { RECORD_SEAL = 8, RECORD_MOST_PAYLOAD = DSPV_STORE_MOST_VALUE - RECORD_SEAL };

/* Append payload and seal to `w`. The key has 1 .. DSPV_STORE_MOST_KEY bytes. */
void record_seal(struct writer *w, dspv_table table, struct span key, struct span payload);
/* Only the seal. */
void record_checksum(uint8_t out[RECORD_SEAL], dspv_table table, struct span key, struct span payload);
/* The same from the payload's SHA-256. */
void record_checksum_of(uint8_t out[RECORD_SEAL], dspv_table table, struct span key, const hash256 *payload);
/* True with the payload, which lies inside `value`; false when the value is not what was sealed under this key. */
bool record_open(dspv_table table, struct span key, struct span value, struct span *payload);

#endif
