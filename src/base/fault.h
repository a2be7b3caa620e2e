/* Building faults (dashspv/types.h) in one expression. */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "dashspv/types.h"

dspv_fault fault_of(dspv_reason reason);
dspv_fault fault_at_height(dspv_reason reason, int32_t height);
/* `hash32` may be NULL. */
dspv_fault fault_about(dspv_reason reason, const uint8_t *hash32, int32_t height);
dspv_fault fault_quorum(dspv_reason reason, uint8_t llmq_type, const uint8_t *hash32, int32_t height);

#endif
