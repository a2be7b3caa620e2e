/* What the masternode-list fuzz targets share: the first input byte chooses the protocol version. */
#ifndef TESTS_FUZZ_LISTS_H
#define TESTS_FUZZ_LISTS_H

#include "fuzz.h"

enum { ANY_LAYOUT = 0 };

static inline int fuzz_proto(const uint8_t **data, size_t *n)
{
    static const int protos[] = {70230, 70240, 70229, 70228, 70227, 70225, 70214, ANY_LAYOUT};
    if (*n == 0)
        return protos[0];
    uint8_t choice = *(*data)++;
    --*n;
    return protos[choice % (sizeof(protos) / sizeof(protos[0]))];
}

#endif
