/* Reasons and faults as text. */
#include "base/fault.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"

static const struct {
    const char *name, *text;
} reasons[DSPV_REASON_COUNT] = {
#define ROW(name, text) {#name, text},
    DSPV_REASONS(ROW)
#undef ROW
};

const char *dspv_reason_name(dspv_reason reason)
{
    return (unsigned)reason < DSPV_REASON_COUNT ? reasons[reason].name : "UNKNOWN";
}

const char *dspv_reason_text(dspv_reason reason)
{
    return (unsigned)reason < DSPV_REASON_COUNT ? reasons[reason].text : "unknown reason";
}

void dspv_fault_text(const dspv_fault *fault, char *out, size_t size)
{
    int n = snprintf(out, size, "%s", dspv_reason_text(fault->reason));
#define MORE(...)                                                                                                                \
    do {                                                                                                                         \
        if (n >= 0 && (size_t)n < size)                                                                                          \
            n += snprintf(out + n, size - (size_t)n, __VA_ARGS__);                                                               \
    } while (0)
    if (fault->offset)
        MORE(" (byte %zu)", fault->offset);
    if (fault->llmq_type)
        MORE(", quorum type %u", fault->llmq_type);
    if (fault->height >= 0)
        MORE(", height %d", (int)fault->height);
    if (fault->has_hash) {
        char hex[65];
        hash_to_hex(fault->hash, hex);
        MORE(", %s", hex);
    }
#undef MORE
}

const char *dspv_error_text(int error)
{
    switch (error) {
    case DSPV_SUCCESS: return "success";
    case DSPV_ENOMEM: return "out of memory";
    case DSPV_EMISUSE: return "the call breaks the function's contract";
    case DSPV_ESTORE: return "storage failed";
    case DSPV_EFAULT: return "the input was refused";
    case DSPV_EBUSY: return "enough of this is already under way";
    case DSPV_EWAITING: return "something needed is not known yet";
    }
    return "unknown error";
}

dspv_fault fault_of(dspv_reason reason)
{
    return (dspv_fault){.reason = reason, .height = -1};
}

dspv_fault fault_at_height(dspv_reason reason, int32_t height)
{
    return (dspv_fault){.reason = reason, .height = height};
}

dspv_fault fault_about(dspv_reason reason, const uint8_t *hash32, int32_t height)
{
    dspv_fault f = {.reason = reason, .height = height};
    if (hash32) {
        f.has_hash = true;
        memcpy(f.hash, hash32, 32);
    }
    return f;
}

dspv_fault fault_quorum(dspv_reason reason, uint8_t llmq_type, const uint8_t *hash32, int32_t height)
{
    dspv_fault f = fault_about(reason, hash32, height);
    f.llmq_type = llmq_type;
    return f;
}
