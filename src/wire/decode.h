/* How every whole-payload decoder ends. */
#ifndef WIRE_DECODE_H
#define WIRE_DECODE_H

#include "base/reader.h"

/* 0 when everything was read without a failure; else DSPV_EFAULT and *fault. */
static inline int decode_finish(struct reader *r, dspv_fault *fault)
{
    if (reader_finish(r))
        return 0;
    reader_fault(r, fault);
    return DSPV_EFAULT;
}

#endif
