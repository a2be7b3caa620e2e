/* Compressed headers that decode can be compressed again, never to more bytes, and give the same headers and hashes. */
#include "fuzz.h"
#include "wire/headers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w;
    struct arena arena;
    struct header_run run, again;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    if (headers2_decode(data, n, HEADERS2_MOST, &arena, &run, &fault) == 0) {
        headers2_encode(&w, &run);
        must(!w.failed && w.n <= n);
        must(headers2_decode(w.data, w.n, HEADERS2_MOST, &arena, &again, &fault) == 0);
        must(again.n == run.n);
        must(run.n == 0 || memcmp(again.raw, run.raw, (size_t)run.n * HEADER_SIZE) == 0);
        must(run.n == 0 || memcmp(again.hashes, run.hashes, run.n * sizeof(*run.hashes)) == 0);
        writer_free(&w);
    }
    arena_free(&arena);
    return 0;
}
