/* See small.h. */
#include "wire/small.h"

#include "wire/decode.h"

void ping_encode(struct writer *w, uint64_t nonce)
{
    writer_u64(w, nonce);
}

int ping_decode(const uint8_t *payload, size_t n, uint64_t *nonce, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    *nonce = reader_u64(&r);
    return decode_finish(&r, fault);
}

void sendcmpct_encode(struct writer *w, const struct sendcmpct *m)
{
    writer_u8(w, m->announce);
    writer_u64(w, m->version);
}

int sendcmpct_decode(const uint8_t *payload, size_t n, struct sendcmpct *out, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    out->announce = reader_bool(&r);
    out->version = reader_u64(&r);
    return decode_finish(&r, fault);
}

void senddsq_encode(struct writer *w, bool wanted)
{
    writer_u8(w, wanted);
}

int senddsq_decode(const uint8_t *payload, size_t n, bool *wanted, dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    *wanted = reader_bool(&r);
    return decode_finish(&r, fault);
}
