/* Blocks grow with what was asked so far, so that a large message costs few blocks and a small one little memory. */
#include "base/arena.h"

#include <stddef.h>
#include <stdint.h>

#include "base/mem.h"

struct arena_block {
    struct arena_block *next;
    size_t size;
    max_align_t data[];
};

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

void arena_init(struct arena *a, size_t limit)
{
    *a = (struct arena){.limit = limit};
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t align = sizeof(max_align_t);
    if (size > SIZE_MAX - align)
        return NULL;
    size = (size + align - 1) / align * align;
    if (a->limit && size > a->limit - a->total)
        return NULL;
    if (!a->block || size > a->block->size - a->used) {
        size_t want = a->total < FIRST_BLOCK ? FIRST_BLOCK : a->total < LARGEST_BLOCK ? a->total : LARGEST_BLOCK;
        if (want < size)
            want = size;
        if (want > SIZE_MAX - sizeof(struct arena_block))
            return NULL;
        struct arena_block *b = mem_alloc(sizeof(*b) + want);
        if (!b)
            return NULL;
        b->next = a->block;
        b->size = want;
        a->block = b;
        a->used = 0;
    }
    void *p = (uint8_t *)a->block->data + a->used;
    a->used += size;
    a->total += size;
    return p;
}

void *arena_alloc_array(struct arena *a, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(a, count * size);
}

void arena_free(struct arena *a)
{
    while (a->block) {
        struct arena_block *next = a->block->next;
        mem_free(a->block);
        a->block = next;
    }
    a->used = a->total = 0;
}
