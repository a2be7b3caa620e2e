/* isdlock is canonical, and its request id depends on nothing after the inputs. */
#include "crypto/sha256.h"
#include "fuzz.h"
#include "wire/locks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct isdlock m;
    dspv_fault fault;
    if (isdlock_decode(data, n, &m, &fault) != 0)
        return 0;
    hash256 expected, hash = isdlock_inv_hash(&m), id;
    sha256d(expected.b, data, n);
    must(hash256_eq(&hash, &expected));
    size_t inputs = n - 1 - 32 - 32 - 96;
    uint8_t *text = malloc(7 + inputs);
    must(text != NULL);
    memcpy(text, "\x06islock", 7);
    memcpy(text + 7, data + 1, inputs);
    sha256d(expected.b, text, 7 + inputs);
    free(text);
    must(isdlock_request_id(&m, &id) == 0 && hash256_eq(&id, &expected));
    struct writer w;
    writer_init(&w);
    isdlock_encode(&w, &m);
    must_equal(&w, data, n);
    return 0;
}
