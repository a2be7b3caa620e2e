/* Compressed headers that decode can be compressed again, never to more bytes, and give the same headers and hashes, hashed alone
 * or side by side. */
#include "fuzz.h"
#include "wire/headers.h"

static void must_be_same(const struct header_batch *b, const struct header_run *run)
{
    must(b->n == run->n);
    must(run->n == 0 || memcmp(b->raw, run->raw, (size_t)run->n * HEADER_SIZE) == 0);
    must(run->n == 0 || memcmp(b->hashes, run->hashes, run->n * sizeof(*run->hashes)) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w;
    struct arena arena;
    struct header_run run;
    struct header_batch again, packed;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    if (headers2_decode(data, n, HEADERS2_MOST, &arena, &run, &fault) == 0) {
        headers2_encode(&w, &run);
        must(!w.failed && w.n <= n);
        must(headers2_read(data, n, HEADERS2_MOST, &arena, &again, &fault) == 0);
        must(headers2_read(w.data, w.n, HEADERS2_MOST, &arena, &packed, &fault) == 0);
        header_batches_hash((struct header_batch *[]){&again, &packed}, 2);
        must_be_same(&again, &run);
        must_be_same(&packed, &run);
        writer_free(&w);
    }
    arena_free(&arena);
    return 0;
}
