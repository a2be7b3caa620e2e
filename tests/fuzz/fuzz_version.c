/* A version that decodes encodes to what decodes to the same; a complete one to the same bytes. */
#include "fuzz.h"
#include "wire/version.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct version m, again;
    dspv_fault fault;
    if (version_decode(data, n, &m, &fault) != 0) {
        must(fault.reason != DSPV_OK && fault.offset <= n);
        return 0;
    }
    must(m.user_agent_n <= VERSION_MOST_AGENT && m.user_agent[m.user_agent_n] == 0);
    struct writer w, w2;
    writer_init(&w);
    writer_init(&w2);
    version_encode(&w, &m);
    must(version_decode(w.data, w.n, &again, &fault) == 0);
    version_encode(&w2, &again);
    must_equal(&w2, w.data, w.n);
    if (n >= w.n)
        must(memcmp(data, w.data, w.n) == 0);
    writer_free(&w);
    return 0;
}
