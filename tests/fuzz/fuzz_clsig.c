/* clsig is canonical; the small messages share the target. */
#include "crypto/sha256.h"
#include "fuzz.h"
#include "wire/locks.h"
#include "wire/small.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w;
    struct clsig m;
    struct sendcmpct cmpct;
    uint64_t nonce;
    bool wanted;
    dspv_fault fault;
    writer_init(&w);
    if (clsig_decode(data, n, &m, &fault) == 0) {
        hash256 expected, hash = clsig_inv_hash(&m);
        sha256d(expected.b, data, n);
        must(hash256_eq(&hash, &expected));
        clsig_encode(&w, &m);
        must_equal(&w, data, n);
    }
    if (ping_decode(data, n, &nonce, &fault) == 0) {
        ping_encode(&w, nonce);
        must_equal(&w, data, n);
    }
    if (sendcmpct_decode(data, n, &cmpct, &fault) == 0) {
        sendcmpct_encode(&w, &cmpct);
        must_equal(&w, data, n);
    }
    if (senddsq_decode(data, n, &wanted, &fault) == 0) {
        senddsq_encode(&w, wanted);
        must_equal(&w, data, n);
    }
    return 0;
}
