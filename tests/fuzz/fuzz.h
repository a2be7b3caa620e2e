/* What all fuzz targets share. */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdlib.h>

#include "base/writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static inline void must(bool condition)
{
    if (!condition)
        abort();
}

/* The encoding in `w`, which is freed, must be exactly these bytes. */
static inline void must_equal(struct writer *w, const uint8_t *data, size_t n)
{
    must(!w->failed && w->n == n && (n == 0 || memcmp(w->data, data, n) == 0));
    writer_free(w);
}

#endif
