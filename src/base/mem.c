/* Allocation with fault injection. The counter is thread-local: a test that injects failures sees only its own thread. */
#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __GLIBC__
#include <malloc.h>
#endif

#include "dashspv/types.h"

static _Thread_local size_t made, fail_at;

static bool must_fail(void)
{
    made++;
    return fail_at != 0 && made == fail_at;
}

void *mem_alloc(size_t size)
{
    return must_fail() ? NULL : malloc(size ? size : 1);
}

void *mem_zalloc(size_t size)
{
    return must_fail() ? NULL : calloc(1, size ? size : 1);
}

void *mem_realloc(void *p, size_t size)
{
    return must_fail() ? NULL : realloc(p, size ? size : 1);
}

void mem_free(void *p)
{
    free(p);
}

void *mem_alloc_array(size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return mem_alloc(count * size);
}

int mem_grow(void **array, size_t *cap, size_t need, size_t item_size)
{
    if (need <= *cap)
        return 0;
    size_t cap_new = *cap < 8 ? 8 : *cap;
    while (cap_new < need) {
        if (cap_new > SIZE_MAX / 2 / item_size)
            return DSPV_ENOMEM;
        cap_new *= 2;
    }
    void *p = mem_realloc(*array, cap_new * item_size);
    if (!p)
        return DSPV_ENOMEM;
    *array = p;
    *cap = cap_new;
    return 0;
}

void mem_keep_freed(void)
{
#ifdef __GLIBC__
    enum { KEPT = 16 << 20, ON_ITS_OWN = 4 << 20 /* larger blocks come from the system and go back to it */ };
    mallopt(M_ARENA_MAX, 1); /* threads share it: each would keep as much of its own */
    mallopt(M_TRIM_THRESHOLD, KEPT);
    mallopt(M_MMAP_THRESHOLD, ON_ITS_OWN);
#endif
}

void mem_give_back(void)
{
#ifdef __GLIBC__
    (void)malloc_trim(0);
#endif
}

size_t mem_fail_after(size_t n)
{
    size_t before = made;
    made = 0;
    fail_at = n;
    return before;
}
