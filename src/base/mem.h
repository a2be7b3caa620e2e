/* The one seam through which the library allocates, so that tests can make any allocation fail. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* As malloc, calloc(1), realloc and free. NULL on failure; sizes of 0 give a unique pointer. */
void *mem_alloc(size_t size);
void *mem_zalloc(size_t size);
void *mem_realloc(void *p, size_t size);
void mem_free(void *p);

/* `count * size` bytes, NULL when the product overflows. */
void *mem_alloc_array(size_t count, size_t size);

/* Make room for `need` items in a growable array of `*cap` items; doubles. Returns 0 or DSPV_ENOMEM (array untouched). */
int mem_grow(void **array, size_t *cap, size_t need, size_t item_size);

/* For programs, before they allocate: a few megabytes that were freed are kept at hand. By itself the C library gives back at
 * once what one group of header messages leaves free, and the next group pays for every page again. */
void mem_keep_freed(void);
/* And when a time of much work is over, all of it goes back to the system. */
void mem_give_back(void);

/* Tests only: fail the nth allocation from now (1 = the next); 0 = never. Returns how many allocations were made so far. */
size_t mem_fail_after(size_t n);

#endif
