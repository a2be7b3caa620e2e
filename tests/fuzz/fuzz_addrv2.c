/* addrv2 leaves entries out; what it keeps survives another round unchanged. */
#include "fuzz.h"
#include "wire/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct writer w, w2;
    struct arena arena;
    struct gossip m, again;
    dspv_fault fault;
    writer_init(&w);
    writer_init(&w2);
    arena_init(&arena, 0);
    if (addrv2_decode(data, n, &arena, &m, &fault) == 0) {
        for (uint32_t i = 0; i < m.n; i++)
            must(gossip_host_size(m.addresses[i].kind) != 0);
        addrv2_encode(&w, &m);
        must(!w.failed && w.n <= n);
        must(addrv2_decode(w.data, w.n, &arena, &again, &fault) == 0 && again.n == m.n);
        addrv2_encode(&w2, &again);
        must_equal(&w2, w.data, w.n);
        writer_free(&w);
    }
    arena_free(&arena);
    return 0;
}
