/* See layout.h. A layout that does not fit is found out in a scratch arena, which has what the caller's arena has left. */
#include "wire/layout.h"

#include "wire/decode.h"

void layout_refuse(struct reader *r, const uint8_t *at, dspv_reason reason)
{
    if (!reader_ok(r))
        return;
    r->p = at;
    reader_fail(r, reason);
}

void *layout_array(struct reader *r, struct arena *arena, uint32_t n, size_t size)
{
    if (!reader_ok(r) || n == 0)
        return NULL;
    void *array = arena_alloc_array(arena, n, size);
    if (!array)
        reader_fail(r, DSPV_NO_MEMORY);
    return array;
}

int layout_decode(layout_reader *read, const uint8_t *payload, size_t n, int proto, struct arena *arena, void *out,
                  dspv_fault *fault)
{
    struct reader r;
    reader_init(&r, payload, n);
    read(&r, proto, arena, out);
    int error = decode_finish(&r, fault);
    return r.fault == DSPV_NO_MEMORY ? DSPV_ENOMEM : error;
}

static int try_layout(layout_reader *read, const uint8_t *payload, size_t n, int proto, const struct arena *arena, void *out,
                      dspv_fault *fault)
{
    struct arena scratch;
    arena_init(&scratch, 0);
    scratch.limit = arena->limit;
    scratch.total = arena->limit ? arena->total : 0;
    int error = layout_decode(read, payload, n, proto, &scratch, out, fault);
    arena_free(&scratch);
    return error;
}

int layout_decode_any(layout_reader *read, const uint8_t *payload, size_t n, struct arena *arena, void *out, dspv_fault *fault)
{
    static const int newest_first[] = {LAYOUT_CLSIGS,     LAYOUT_VERSION_FIRST, LAYOUT_ENTRY_VERSION,
                                       LAYOUT_ENTRY_TYPE, LAYOUT_DIFF_VERSION,  LAYOUT_OLDEST};
    for (size_t i = 0; i < sizeof(newest_first) / sizeof(newest_first[0]); i++) {
        dspv_fault found;
        int error = try_layout(read, payload, n, newest_first[i], arena, out, &found);
        if (error == 0)
            return layout_decode(read, payload, n, newest_first[i], arena, out, fault);
        if (i == 0 || error == DSPV_ENOMEM)
            *fault = found;
        if (error == DSPV_ENOMEM)
            return error;
    }
    return DSPV_EFAULT;
}
