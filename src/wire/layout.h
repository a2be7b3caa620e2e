/* What the decoders of the masternode-list family share: the layouts, arrays in the arena, refusing a field. */
#ifndef WIRE_LAYOUT_H
#define WIRE_LAYOUT_H

#include "base/arena.h"
#include "base/reader.h"

/* The protocol versions at which a layout changes (protocol.md 3.3); a layout is named by the first version that has it. */
enum {
    LAYOUT_OLDEST = 70214,
    LAYOUT_DIFF_VERSION = 70225,  /* the diff has a version, after cbTx */
    LAYOUT_ENTRY_TYPE = 70227,    /* entries of version 2 have a type */
    LAYOUT_ENTRY_VERSION = 70228, /* entries have a version */
    LAYOUT_VERSION_FIRST = 70229, /* the diff's version moved to the front */
    LAYOUT_CLSIGS = 70230         /* quorumsCLSigs */
};

/* Latch `reason` at `at`, the start of the field that is wrong; nothing when `r` failed already. */
void layout_refuse(struct reader *r, const uint8_t *at, dspv_reason reason);
/* Room for the `n` items a reader_count() allowed. NULL for none, after a failure, and when the arena is exhausted, which
 * latches NO_MEMORY. */
void *layout_array(struct reader *r, struct arena *arena, uint32_t n, size_t size);

typedef void layout_reader(struct reader *r, int proto, struct arena *arena, void *out);

/* Decode a whole payload. 0; DSPV_EFAULT and *fault; DSPV_ENOMEM. After a failure *out is undefined and `arena` keeps what was
 * allocated until then. */
int layout_decode(layout_reader *read, const uint8_t *payload, size_t n, int proto, struct arena *arena, void *out,
                  dspv_fault *fault);
/* The same in the newest layout that fits; when none does, the fault is the newest layout's. `arena` receives nothing of the
 * layouts that do not fit. */
int layout_decode_any(layout_reader *read, const uint8_t *payload, size_t n, struct arena *arena, void *out, dspv_fault *fault);

#endif
