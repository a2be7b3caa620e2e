/* The nodes are kept in pages of four levels. A page at height 0 stands on 16 blocks of 16 leaves each and keeps the blocks' roots
 * but nothing below: that is an eighth of all nodes, and 15 hashes more for a leaf that changes. A page above stands on the roots
 * of 16 pages. Pages are shared between trees.
 *
 * Invariants: pages never change; a node without a right sibling is paired with itself, but the last one of all is the root, which
 * is passed up to node[0] of the top page. */
#include "crypto/merkle_tree.h"

#include <stddef.h>

#include "base/mem.h"
#include "crypto/sha256.h"

enum { FAN_BITS = 4, FAN = 1 << FAN_BITS, BLOCK = FAN, PAGE_LEAVES = FAN * BLOCK };

struct page {
    uint32_t refs;
    hash256 node[FAN - 1]; /* [0] is the root; the children of [i] are [2i + 1] and [2i + 2] */
    union {
        hash256 block[FAN];      /* height 0 */
        struct page *child[FAN]; /* above */
    } on;
};

struct merkle_tree {
    size_t n;
    unsigned height;
    struct page *top; /* NULL: no leaf */
};

/* Leaves below a page. */
static size_t span_of(unsigned height)
{
    return (size_t)PAGE_LEAVES << (FAN_BITS * height);
}

static size_t page_size(unsigned height)
{
    return offsetof(struct page, on) + (height == 0 ? FAN * sizeof(hash256) : FAN * sizeof(struct page *));
}

static void page_unref(struct page *p, unsigned height)
{
    if (!p || --p->refs != 0)
        return;
    for (size_t i = 0; height > 0 && i < FAN; i++)
        page_unref(p->on.child[i], height - 1);
    mem_free(p);
}

void merkle_tree_free(struct merkle_tree *t)
{
    if (!t)
        return;
    page_unref(t->top, t->height);
    mem_free(t);
}

/* The page that holds the leaves from `first` on; NULL when the tree has none at this height. */
static struct page *page_at(const struct merkle_tree *t, unsigned height, size_t first)
{
    if (!t || height > t->height || first >= t->n)
        return NULL;
    struct page *p = t->top;
    for (unsigned h = t->height; p && h > height; h--)
        p = p->on.child[first / span_of(h - 1) % FAN];
    return p;
}

/* ---- making a tree */

void merkle_change(struct merkle_changes *c, size_t at, bool was, bool is)
{
    const size_t here = at + c->come - c->gone;
    if (c->come == c->gone)
        c->ranges[c->n++].from = here;
    c->come += !was;
    c->gone += !is;
    c->ranges[c->n - 1].to = c->come == c->gone ? here + is : SIZE_MAX;
}

struct work {
    const struct merkle_tree *base;
    const struct merkle_leaves *leaves;
    const struct merkle_range *changed;
    size_t n_changed;
    size_t same; /* leaves that both sequences have */
};

/* Something is different at [first, first + n). */
static bool differs(const struct work *w, size_t first, size_t n)
{
    if (!w->base || (w->base->n != w->leaves->n && first + n > w->same))
        return true;
    size_t low = 0, high = w->n_changed; /* the first range that ends behind `first` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->changed[middle].to <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->n_changed && w->changed[low].from < first + n;
}

/* One level up in place: `n` nodes become the returned number. Only the last ones of a tree can be odd. */
static size_t level_up(hash256 *nodes, size_t n)
{
    if (n % 2)
        nodes[n] = nodes[n - 1];
    n = (n + 1) / 2;
    sha256d_pairs(nodes, nodes, n);
    return n;
}

/* The roots of the blocks [from, to) of a page. */
static void hash_blocks(const struct work *w, size_t first, size_t from, size_t to, hash256 *out)
{
    hash256 nodes[PAGE_LEAVES + 1];
    const size_t at = first + from * BLOCK, end = first + to * BLOCK;
    size_t n = (end < w->leaves->n ? end : w->leaves->n) - at;
    w->leaves->read(w->leaves->owner, at, n, nodes);
    for (unsigned level = 0; level < FAN_BITS; level++)
        if (n > 1 || at > 0)
            n = level_up(nodes, n);
    memcpy(out, nodes, n * sizeof(*out));
}

/* The nodes of a page that stands on `n` nodes, of which those in the mask `fresh` are not as in `old`. `alone`: there is no page
 * beside it. */
static void hash_nodes(struct page *p, const struct page *old, const hash256 *below, size_t n, unsigned fresh, bool alone)
{
    for (size_t width = FAN / 2; width > 0; width /= 2) {
        hash256 *row = &p->node[width - 1];
        const size_t whole = n / 2;
        for (size_t i = 0; i < whole;) {
            size_t run = i;
            while (run < whole && fresh >> 2 * run & 3)
                run++;
            sha256d_pairs(row + i, below + 2 * i, run - i);
            for (i = run; i < whole && !(fresh >> 2 * i & 3); i++)
                row[i] = old->node[width - 1 + i];
        }
        if (n == 1 && alone)
            row[0] = below[0];
        else if (n % 2)
            sha256d_pair(row[whole].b, below[n - 1].b, below[n - 1].b);
        unsigned above = n % 2 ? 1u << whole : 0; /* where one tree ends: the other may have gone on */
        for (size_t i = 0; i < whole; i++)
            above |= (unsigned)((fresh >> 2 * i & 3) != 0) << i;
        fresh = above;
        n = (n + 1) / 2;
        below = row;
    }
}

static void page_of_blocks(const struct work *w, size_t first, struct page *p, const struct page *old)
{
    const size_t left = w->leaves->n - first, n = left < PAGE_LEAVES ? (left + BLOCK - 1) / BLOCK : FAN;
    unsigned fresh = 0;
    for (size_t i = 0; i < n; i++)
        fresh |= (unsigned)(!old || differs(w, first + i * BLOCK, BLOCK)) << i;
    for (size_t i = 0; i < n;) {
        size_t run = i;
        while (run < n && fresh >> run & 1)
            run++;
        if (run > i)
            hash_blocks(w, first, i, run, &p->on.block[i]);
        for (i = run; i < n && !(fresh >> i & 1); i++)
            p->on.block[i] = old->on.block[i];
    }
    hash_nodes(p, old, p->on.block, n, fresh, w->leaves->n <= PAGE_LEAVES);
}

static int renew(const struct work *w, unsigned height, size_t first, struct page **out);

static int page_of_pages(const struct work *w, unsigned height, size_t first, struct page *p, const struct page *old)
{
    hash256 roots[FAN];
    const size_t each = span_of(height - 1);
    unsigned fresh = 0;
    size_t n = 0;
    memset(p->on.child, 0, sizeof(p->on.child));
    for (; n < FAN && first + n * each < w->leaves->n; n++) {
        int error = renew(w, height - 1, first + n * each, &p->on.child[n]);
        if (error != 0)
            return error;
        roots[n] = p->on.child[n]->node[0];
        fresh |= (unsigned)(!old || p->on.child[n] != old->on.child[n]) << n;
    }
    hash_nodes(p, old, roots, n, fresh, w->leaves->n <= span_of(height));
    return 0;
}

/* The page of the new tree, which may be that of the base. */
static int renew(const struct work *w, unsigned height, size_t first, struct page **out)
{
    struct page *old = page_at(w->base, height, first);
    if (old && !differs(w, first, span_of(height))) {
        old->refs++;
        *out = old;
        return 0;
    }
    struct page *p = *out = mem_alloc(page_size(height));
    if (!p)
        return DSPV_ENOMEM;
    p->refs = 1;
    if (height > 0)
        return page_of_pages(w, height, first, p, old);
    page_of_blocks(w, first, p, old);
    return 0;
}

int merkle_tree_new(struct merkle_tree **out, const struct merkle_tree *base, const struct merkle_leaves *leaves,
                    const struct merkle_range *changed, size_t n_changed)
{
    struct merkle_tree *t = mem_alloc(sizeof(*t));
    if (!t)
        return DSPV_ENOMEM;
    *t = (struct merkle_tree){.n = leaves->n};
    while (span_of(t->height) < t->n)
        t->height++;
    const size_t before = base ? base->n : 0;
    const struct work w = {base, leaves, changed, n_changed, before < t->n ? before : t->n};
    int error = t->n > 0 ? renew(&w, t->height, 0, &t->top) : 0;
    if (error != 0)
        merkle_tree_free(t);
    else
        *out = t;
    return error;
}

hash256 merkle_tree_root(const struct merkle_tree *t)
{
    return t->top ? t->top->node[0] : (hash256){{0}};
}

static size_t page_memory(const struct page *p, unsigned height, size_t first, const struct merkle_tree *other)
{
    if (!p || p == page_at(other, height, first))
        return 0;
    size_t total = page_size(height);
    for (size_t i = 0; height > 0 && i < FAN; i++)
        total += page_memory(p->on.child[i], height - 1, first + i * span_of(height - 1), other);
    return total;
}

size_t merkle_tree_memory(const struct merkle_tree *t, const struct merkle_tree *other)
{
    return sizeof(*t) + page_memory(t->top, t->height, 0, other);
}
