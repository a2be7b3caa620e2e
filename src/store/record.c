/* See record.h. The seal is the start of SHA-256(table | length of the key | key | SHA-256(payload)): the length keeps key and
 * payload apart, the inner hash spares a copy of the payload. Next: batch.c writes records, read.c reads them. */
#include "store/record.h"

#include "crypto/sha256.h"

void record_checksum_of(uint8_t out[RECORD_SEAL], dspv_table table, struct span key, const hash256 *payload)
{
    uint8_t text[2 + DSPV_STORE_MOST_KEY + 32] = {(uint8_t)table, (uint8_t)key.n};
    uint8_t hash[32];
    memcpy(text + 2, key.p, key.n);
    memcpy(text + 2 + key.n, payload->b, 32);
    sha256(hash, text, 2 + key.n + 32);
    memcpy(out, hash, RECORD_SEAL);
}

void record_checksum(uint8_t out[RECORD_SEAL], dspv_table table, struct span key, struct span payload)
{
    hash256 hash;
    sha256(hash.b, payload.p, payload.n);
    record_checksum_of(out, table, key, &hash);
}

void record_seal(struct writer *w, dspv_table table, struct span key, struct span payload)
{
    uint8_t seal[RECORD_SEAL];
    record_checksum(seal, table, key, payload);
    writer_span(w, payload);
    writer_bytes(w, seal, sizeof(seal));
}

bool record_open(dspv_table table, struct span key, struct span value, struct span *payload)
{
    uint8_t seal[RECORD_SEAL];
    *payload = (struct span){0};
    if (key.n < 1 || key.n > DSPV_STORE_MOST_KEY || value.n < RECORD_SEAL || value.n > DSPV_STORE_MOST_VALUE)
        return false;
    struct span inside = {value.p, value.n - RECORD_SEAL};
    record_checksum(seal, table, key, inside);
    if (memcmp(seal, value.p + inside.n, RECORD_SEAL) != 0)
        return false;
    *payload = inside;
    return true;
}
