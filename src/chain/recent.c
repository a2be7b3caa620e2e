/* See recent.h. Next: difficulty.c. */
#include "chain/recent.h"

enum { SPREAD = 4 /* of the targets, in bytes: 24 of 23 bits and four bytes are less than 2^60 */ };

void recent_forget(struct recent *r)
{
    r->node = TREE_NONE;
    r->n = 0;
}

/* The target in the sum's units: false when it does not fit. */
static bool in_units(const struct recent *r, uint32_t bits, uint64_t *target)
{
    unsigned above = (bits >> 24) - 3 - r->unit; /* wraps where it lies below */
    *target = (uint64_t)(bits & 0x7fffff) << 8 * (above & 7);
    return above <= SPREAD;
}

static void put(struct recent *r, unsigned place, const struct tree_node *n)
{
    r->times[place % 32] = n->time;
    r->bits[place % 32] = n->bits;
}

/* The node that follows. */
static void step(struct recent *r, const struct tree_node *n)
{
    uint64_t comes = 0, goes = 0;
    if (r->unit != 0 && in_units(r, n->bits, &comes) && in_units(r, recent_bits(r, RECENT_BLOCKS - 1), &goes))
        r->sum += comes - goes;
    else
        r->unit = 0;
    put(r, ++r->newest, n);
    r->n += r->n < RECENT_BLOCKS;
}

static void walk(struct recent *r, const struct tree *t, uint32_t node)
{
    r->newest = RECENT_BLOCKS;
    r->unit = 0;
    for (r->n = 0; r->n < RECENT_BLOCKS && node != TREE_NONE; r->n++) {
        const struct tree_node *n = tree_node(t, node);
        put(r, r->newest - r->n, n);
        node = n->prev;
    }
}

void recent_move(struct recent *r, const struct tree *t, uint32_t node)
{
    if (r->node == node)
        return;
    const struct tree_node *n = tree_node(t, node);
    if (r->node != TREE_NONE && n->prev == r->node)
        step(r, n);
    else
        walk(r, t, node);
    r->node = node;
}

bool recent_sum(struct recent *r)
{
    if (r->unit != 0)
        return true;
    unsigned least = UINT32_MAX;
    for (unsigned i = 0; i < RECENT_BLOCKS; i++)
        least = recent_bits(r, i) >> 24 < least ? recent_bits(r, i) >> 24 : least;
    if (r->n < RECENT_BLOCKS || least <= 3)
        return false;
    r->unit = least - 3;
    r->sum = 0;
    for (unsigned i = 0; i < RECENT_BLOCKS; i++) {
        uint64_t target;
        if (!in_units(r, recent_bits(r, i), &target)) {
            r->unit = 0;
            return false;
        }
        r->sum += target;
    }
    return true;
}
