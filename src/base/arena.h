/* Bump allocator: many small allocations, one free. Used for decoded messages. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *block; /* newest first */
    struct arena_block *spare; /* of before the last reset */
    size_t used;               /* bytes used of the newest block */
    size_t total;              /* bytes handed out */
    size_t limit;              /* most that may be handed out; 0 = no limit */
};

/* An empty arena that hands out at most `limit` bytes (0 = unlimited). Cannot fail. */
void arena_init(struct arena *a, size_t limit);
/* Uninitialised memory aligned for any type, or NULL (out of memory, or past the limit). */
void *arena_alloc(struct arena *a, size_t size);
void *arena_alloc_array(struct arena *a, size_t count, size_t size);
/* Free everything; the arena is empty again and may be reused. */
void arena_free(struct arena *a);
/* The same, but what was in use is kept to be handed out again: memory of the size needed last. */
void arena_reset(struct arena *a);

#endif
