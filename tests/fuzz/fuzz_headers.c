/* headers is canonical: what decodes encodes to the same bytes. getheaders shares the target. */
#include "fuzz.h"
#include "wire/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w;
    struct arena arena;
    struct header_run run;
    struct getheaders ask;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    if (headers_decode(data, n, HEADERS_MOST, &arena, &run, &fault) == 0) {
        headers_encode(&w, &run);
        must_equal(&w, data, n);
    }
    arena_free(&arena);
    if (getheaders_decode(data, n, &ask, &fault) == 0) {
        getheaders_encode(&w, &ask);
        must_equal(&w, data, n);
    }
    return 0;
}
