/* addr is canonical. */
#include "fuzz.h"
#include "wire/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w;
    struct arena arena;
    struct gossip m;
    dspv_fault fault;
    writer_init(&w);
    arena_init(&arena, 0);
    if (addr_decode(data, n, &arena, &m, &fault) == 0) {
        addr_encode(&w, &m);
        must_equal(&w, data, n);
    }
    arena_free(&arena);
    return 0;
}
