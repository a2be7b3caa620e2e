/* The nodes are kept in pages of four levels. A page at height 0 stands on 16 blocks of 16 leaves each and keeps the blocks'
 * roots but nothing below: that is an eighth of all nodes, and costs 15 hashes for a leaf that changes instead of four. A page
 * above stands on the roots of 16 pages. Pages are shared between trees.
 *
 * A new tree is made in two steps: its pages, with what they share with the old ones, then level by level the nodes that are not
 * known, of all pages together, so that many are hashed at once.
 *
 * Invariants: pages of a tree that is made never change; a node without a right sibling is paired with itself, but the last one
 * of all is the root, which is passed up to node[0] of the top page. */
#include "crypto/merkle_tree.h"

#include <stddef.h>

#include "base/mem.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"

enum { FAN_BITS = 4, FAN = 1 << FAN_BITS, BLOCK = FAN, PAGE_LEAVES = FAN * BLOCK, HEIGHTS = 8 };

struct page {
    uint32_t refs;
    hash256 node[2 * FAN - 1]; /* [0] is the root, the children of [i] are [2i + 1] and [2i + 2]; it stands on the last FAN */
    struct page *child[];      /* above height 0: whose roots these are */
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
    return sizeof(struct page) + (height > 0 ? FAN * sizeof(struct page *) : 0);
}

static void page_unref(struct page *p, unsigned height)
{
    if (!p || --p->refs != 0)
        return;
    for (size_t i = 0; height > 0 && i < FAN; i++)
        page_unref(p->child[i], height - 1);
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
        p = p->child[first / span_of(h - 1) % FAN];
    return p;
}

/* ---- what changed */

void merkle_change(struct merkle_changes *c, size_t at, bool was, bool is)
{
    const size_t here = at + c->come - c->gone;
    if (c->come == c->gone)
        c->ranges[c->n++].from = here;
    c->come += !was;
    c->gone += !is;
    c->ranges[c->n - 1].to = c->come == c->gone ? here + is : SIZE_MAX;
}

/* A page under construction. */
struct job {
    struct job *next;
    struct page *page;
    size_t first;
    unsigned n;     /* nodes it stands on, then nodes of the level reached */
    unsigned fresh; /* of these the ones that are not as in the old tree */
};

struct work {
    const struct merkle_tree *base;
    const struct merkle_leaves *leaves;
    const struct merkle_changes *changed;
    struct arena *scratch;
    size_t same; /* leaves that both sequences have */
    struct job *jobs[HEIGHTS];
};

/* Something is different at [first, first + n). */
static bool differs(const struct work *w, size_t first, size_t n)
{
    if (!w->base || (w->base->n != w->leaves->n && first + n > w->same))
        return true;
    size_t low = 0, high = w->changed->n; /* the first range that ends behind `first` */
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (w->changed->ranges[middle].to <= first)
            low = middle + 1;
        else
            high = middle;
    }
    return low < w->changed->n && w->changed->ranges[low].from < first + n;
}

/* ---- the first step: pages */

static void plan_blocks(const struct work *w, struct job *j, const struct page *old)
{
    for (; j->n < FAN && j->first + j->n * BLOCK < w->leaves->n; j->n++)
        j->fresh |= (unsigned)(!old || differs(w, j->first + j->n * BLOCK, BLOCK)) << j->n;
}

static int plan(struct work *w, unsigned height, size_t first, struct page **out);

static int plan_children(struct work *w, unsigned height, struct job *j, const struct page *old)
{
    const size_t each = span_of(height - 1);
    int error = 0;
    memset(j->page->child, 0, FAN * sizeof(j->page->child[0]));
    for (; error == 0 && j->n < FAN && j->first + j->n * each < w->leaves->n; j->n++) {
        error = plan(w, height - 1, j->first + j->n * each, &j->page->child[j->n]);
        j->fresh |= (unsigned)(!old || j->page->child[j->n] != old->child[j->n]) << j->n;
    }
    return error;
}

/* The page of the new tree: that of the base, or a job. */
static int plan(struct work *w, unsigned height, size_t first, struct page **out)
{
    struct page *old = page_at(w->base, height, first);
    if (old && !differs(w, first, span_of(height))) {
        old->refs++;
        *out = old;
        return 0;
    }
    struct job *j = arena_alloc(w->scratch, sizeof(*j));
    struct page *p = j ? mem_alloc(page_size(height)) : NULL;
    if (!p)
        return DSPV_ENOMEM;
    *out = p;
    p->refs = 1;
    if (old)
        memcpy(p->node, old->node, sizeof(p->node));
    *j = (struct job){.next = w->jobs[height], .page = p, .first = first};
    w->jobs[height] = j;
    if (height > 0)
        return plan_children(w, height, j, old);
    plan_blocks(w, j, old);
    return 0;
}

/* ---- the second step: hashes */

/* Blocks read and not hashed yet. */
struct blocks {
    size_t n;
    hash256 *root[FAN];
    hash256 leaves[PAGE_LEAVES];
};

static void blocks_hash(struct blocks *b)
{
    for (size_t n = b->n * BLOCK / 2; n >= b->n && n > 0; n /= 2)
        sha256d_pairs(b->leaves, b->leaves, n);
    for (size_t i = 0; i < b->n; i++)
        *b->root[i] = b->leaves[i];
    b->n = 0;
}

/* A block that is not full is the last one: what would be paired with itself is there twice. */
static void pad_block(hash256 *leaves, size_t n)
{
    while (n < BLOCK) {
        const size_t subtree = n & (~n + 1);
        memcpy(leaves + n, leaves + n - subtree, subtree * sizeof(*leaves));
        n += subtree;
    }
}

static void hash_blocks(struct work *w)
{
    struct blocks b = {.n = 0};
    for (const struct job *j = w->jobs[0]; j; j = j->next)
        for (unsigned i = 0; i < j->n; i++) {
            if (!(j->fresh >> i & 1))
                continue;
            const size_t at = j->first + i * BLOCK, left = w->leaves->n - at, n = left < BLOCK ? left : BLOCK;
            hash256 *leaves = b.leaves + b.n * BLOCK;
            w->leaves->read(w->leaves->owner, at, n, leaves);
            if (w->leaves->n < BLOCK) {
                j->page->node[FAN - 1] = merkle_root(leaves, n, NULL);
                continue;
            }
            pad_block(leaves, n);
            b.root[b.n++] = &j->page->node[FAN - 1 + i];
            if (b.n == FAN)
                blocks_hash(&b);
        }
    blocks_hash(&b);
}

/* Nodes to be hashed: the two children are neighbours. */
struct nodes {
    size_t n;
    const uint8_t *children[4 * FAN];
    hash256 *node[4 * FAN];
};

static void nodes_hash(struct nodes *s)
{
    hash256 hashes[4 * FAN];
    sha256d_many(hashes, s->children, 2 * sizeof(hash256), s->n);
    for (size_t i = 0; i < s->n; i++)
        *s->node[i] = hashes[i];
    s->n = 0;
}

/* The level of `width` nodes of one page; `alone`: there is no page beside it. */
static void page_level(struct nodes *s, struct job *j, unsigned width, bool alone)
{
    hash256 *level = &j->page->node[width - 1], *below = &j->page->node[2 * width - 1];
    unsigned above = 0;
    if (j->n == 1 && alone) {
        level[0] = below[0];
        return;
    }
    if (j->n % 2) { /* where the tree ends, the old one may have gone on */
        below[j->n] = below[j->n - 1];
        j->fresh |= 1u << j->n;
        j->n++;
    }
    j->n /= 2;
    for (unsigned i = 0; i < j->n; i++) {
        if (!(j->fresh >> 2 * i & 3))
            continue;
        if (s->n == sizeof(s->node) / sizeof(s->node[0]))
            nodes_hash(s);
        s->children[s->n] = below[2 * i].b;
        s->node[s->n++] = &level[i];
        above |= 1u << i;
    }
    j->fresh = above;
}

static void hash_pages(struct work *w, unsigned height)
{
    struct nodes s = {.n = 0};
    for (struct job *j = w->jobs[height]; j && height > 0; j = j->next)
        for (unsigned i = 0; i < j->n; i++)
            j->page->node[FAN - 1 + i] = j->page->child[i]->node[0];
    for (unsigned width = FAN / 2; width > 0; width /= 2) {
        for (struct job *j = w->jobs[height]; j; j = j->next)
            page_level(&s, j, width, w->leaves->n <= span_of(height));
        nodes_hash(&s);
    }
}

int merkle_tree_new(struct merkle_tree **out, const struct merkle_tree *base, const struct merkle_leaves *leaves,
                    const struct merkle_changes *changed, struct arena *scratch)
{
    struct merkle_tree *t = mem_alloc(sizeof(*t));
    if (!t)
        return DSPV_ENOMEM;
    *t = (struct merkle_tree){.n = leaves->n};
    while (span_of(t->height) < t->n)
        t->height++;
    const size_t before = base ? base->n : 0;
    struct work w = {base, leaves, changed, scratch, before < t->n ? before : t->n, {NULL}};
    int error = t->n > 0 ? plan(&w, t->height, 0, &t->top) : 0;
    if (error != 0) {
        merkle_tree_free(t);
        return error;
    }
    hash_blocks(&w);
    for (unsigned height = 0; height <= t->height; height++)
        hash_pages(&w, height);
    *out = t;
    return 0;
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
        total += page_memory(p->child[i], height - 1, first + i * span_of(height - 1), other);
    return total;
}

size_t merkle_tree_memory(const struct merkle_tree *t, const struct merkle_tree *other)
{
    return sizeof(*t) + page_memory(t->top, t->height, 0, other);
}
