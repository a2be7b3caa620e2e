/* Types shared by every public header. All hashes are 32 bytes in internal (= wire) order; people see them reversed. */
#ifndef DASHSPV_TYPES_H
#define DASHSPV_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dashspv/reason.h"

#if defined(_WIN32) || !defined(__GNUC__)
#define DSPV_API
#else
#define DSPV_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* One struct type per kind of hash, so that the compiler keeps them apart. */
typedef struct {
    uint8_t b[32];
} dspv_block_hash; /* X11 of a header */
typedef struct {
    uint8_t b[32];
} dspv_protx_hash; /* id of the registration transaction: a masternode's identity */
typedef struct {
    uint8_t b[32];
} dspv_quorum_hash; /* hash of a quorum's base block, as a quorum's identity */
typedef struct {
    uint8_t b[32];
} dspv_tx_hash;
typedef struct {
    uint8_t b[32];
} dspv_hash; /* any other: merkle nodes, roots, request ids */

/* Milliseconds. The core has no clock: the caller passes the time in. Unix time where a protocol field needs it. */
typedef int64_t dspv_ms;

/* Local failures. A stranger's bad bytes are never one of these: they are a dspv_fault. */
typedef enum {
    DSPV_SUCCESS = 0,
    DSPV_ENOMEM = -1,  /* out of memory; the state is as before the call */
    DSPV_EMISUSE = -2, /* the caller broke a rule of the function's contract */
    DSPV_ESTORE = -3,  /* storage failed */
    DSPV_EFAULT = -4,  /* the input was refused; the fault that came along says why */
    DSPV_EBUSY = -5,   /* enough of this is under way: try later. No function of a client returns it: a client has one sync */
    DSPV_EWAITING = -6 /* cannot be decided yet; the fault that came along says what is missing */
} dspv_error;

/* A reason with what it is about. Fields that do not apply are zero (height -1). */
typedef struct {
    dspv_reason reason;
    size_t offset;     /* byte offset inside the message for decode faults */
    int32_t height;    /* block height it concerns, or -1 */
    uint8_t llmq_type; /* quorum type it concerns, or 0 */
    bool has_hash;     /* `hash` is set */
    uint8_t hash[32];  /* block, masternode or quorum it concerns, internal byte order */
} dspv_fault;

/* The stable identifier of a reason ("HIGH_HASH") and its sentence. Never NULL; any thread. */
DSPV_API const char *dspv_reason_name(dspv_reason reason);
DSPV_API const char *dspv_reason_text(dspv_reason reason);

/* Write a fault as one line of text into `out` (always terminated, truncated to `size`). Any thread. */
DSPV_API void dspv_fault_text(const dspv_fault *fault, char *out, size_t size);

/* The sentence for a dspv_error. Never NULL; any thread. */
DSPV_API const char *dspv_error_text(int error);

#ifdef __cplusplus
}
#endif
#endif
