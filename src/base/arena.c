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

/* A block with room for `size` bytes: one that was kept, or a new one. NULL: out of memory. */
static struct arena_block *take_block(struct arena *a, size_t size)
{
    for (struct arena_block **at = &a->spare; *at; at = &(*at)->next) {
        struct arena_block *b = *at;
        if (b->size >= size) {
            *at = b->next;
            return b;
        }
    }
    size_t want = a->total < FIRST_BLOCK ? FIRST_BLOCK : a->total < LARGEST_BLOCK ? a->total : LARGEST_BLOCK;
    if (want < size)
        want = size;
    struct arena_block *b = want <= SIZE_MAX - sizeof(*b) ? mem_alloc(sizeof(*b) + want) : NULL;
    if (b)
        b->size = want;
    return b;
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
        struct arena_block *b = take_block(a, size);
        if (!b)
            return NULL;
        b->next = a->block;
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

static void free_blocks(struct arena_block **list)
{
    while (*list) {
        struct arena_block *next = (*list)->next;
        mem_free(*list);
        *list = next;
    }
}

void arena_reset(struct arena *a)
{
    free_blocks(&a->spare);
    a->spare = a->block;
    a->block = NULL;
    a->used = a->total = 0;
}

void arena_free(struct arena *a)
{
    arena_reset(a);
    free_blocks(&a->spare);
}
