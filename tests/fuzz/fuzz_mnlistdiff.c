/* A mnlistdiff that decodes is canonical: its encoding is the payload. */
#include "lists.h"
#include "wire/mnlistdiff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int proto = fuzz_proto(&data, &n);
    struct arena arena;
    arena_init(&arena, 64 * 1024 * 1024);
    struct mnlistdiff m;
    dspv_fault fault;
    int error = proto == ANY_LAYOUT ? mnlistdiff_decode_any(data, n, &arena, &m, &fault)
                                    : mnlistdiff_decode(data, n, proto, &arena, &m, &fault);
    if (error == 0) {
        struct writer w;
        writer_init(&w);
        mnlistdiff_encode(&w, &m);
        must_equal(&w, data, n);
    } else {
        must(error == DSPV_EFAULT && fault.reason != DSPV_OK && fault.offset <= n);
    }
    arena_free(&arena);
    return 0;
}
