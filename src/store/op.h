/* What a store may be asked to write: the limits of dashspv/store.h, checked in one place by every implementation. */
#ifndef STORE_OP_H
#define STORE_OP_H

#include "dashspv/store.h"

static inline bool op_sound(const dspv_store_op *op)
{
    return (unsigned)op->table < DSPV_TABLE_COUNT && op->key_n >= 1 && op->key_n <= DSPV_STORE_MOST_KEY &&
           (!op->value || op->value_n <= DSPV_STORE_MOST_VALUE);
}

#endif
