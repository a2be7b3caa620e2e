/* A list is two trees that share what did not change with those of the list before: the masternodes by proTxHash (mntree.h) and,
 * over their leaves by position, the merkle tree (crypto/merkle_tree.h). A change where a masternode stays costs the two paths down
 * to it. One that comes or goes moves all behind it by one position, until another one makes up for it: their nodes of the merkle
 * tree must be hashed again, whoever does it. Read next: docs/lists.md. */
#include "evo/mnlist.h"

#include <stdlib.h>

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/merkle_tree.h"

struct mnlist {
    uint32_t refs;
    size_t valid, evo;
    struct mntree *masternodes;
    struct merkle_tree *merkle;
};

struct mnlist *mnlist_ref(struct mnlist *l)
{
    l->refs++;
    return l;
}

void mnlist_unref(struct mnlist *l)
{
    if (!l || --l->refs != 0)
        return;
    mntree_unref(l->masternodes);
    merkle_tree_free(l->merkle);
    mem_free(l);
}

/* ---- what a diff changes */

struct change {
    uint64_t key;
    const protx_hash *protx;
    const struct mnentry *entry; /* NULL: deleted */
    struct masternode *old;      /* of the base; NULL: it comes */
    struct masternode *mn;       /* one reference; NULL: it goes */
};

/* All of it in arrays of one arena. */
struct changes {
    struct arena arena;
    struct change *items; /* ascending, no masternode twice */
    size_t n;
    struct mntree_change *places; /* the same, with positions */
};

static int change_order(const void *a, const void *b)
{
    const struct change *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return protx_hash_cmp(x->protx, y->protx);
}

static int collect(struct changes *c, const struct mnlistdiff *d, dspv_fault *fault)
{
    const size_t n = (size_t)d->n_deleted + d->n_entries;
    struct change *items = c->items = arena_alloc_array(&c->arena, n, sizeof(*items));
    if (!items)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < d->n_deleted; i++)
        items[i] = (struct change){.key = mntree_key(&d->deleted[i]), .protx = &d->deleted[i]};
    for (uint32_t i = 0; i < d->n_entries; i++) {
        const struct mnentry *e = &d->entries[i];
        items[d->n_deleted + i] = (struct change){.key = mntree_key(&e->protx), .protx = &e->protx, .entry = e};
    }
    qsort(items, n, sizeof(*items), change_order);
    for (size_t i = 1; i < n; i++)
        if (change_order(&items[i - 1], &items[i]) == 0) {
            *fault = fault_about(DSPV_DUPLICATE_ENTRY, items[i].protx->b, -1);
            return DSPV_EFAULT;
        }
    c->n = n;
    return 0;
}

static struct masternode *find_like(const struct mnlist *l, const struct change *c)
{
    struct masternode *m = l && c->entry ? mntree_find(l->masternodes, c->protx) : NULL;
    return m && masternode_is(m, c->entry) ? m : NULL;
}

/* Meet each change with what is there; those that change nothing are dropped. The masternodes that are known are taken. */
static int meet(struct changes *c, const struct mnlist *base, const struct mnlist *like, dspv_fault *fault)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->n; i++) {
        struct change now = c->items[i];
        now.old = base ? mntree_find(base->masternodes, now.protx) : NULL;
        if (!now.entry && !now.old) {
            *fault = fault_about(DSPV_DELETED_NOT_PRESENT, now.protx->b, -1);
            return DSPV_EFAULT;
        }
        if (now.old && now.entry && masternode_is(now.old, now.entry))
            continue;
        now.mn = find_like(like, &now);
        c->items[kept++] = now;
    }
    c->n = kept;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].mn)
            masternode_ref(c->items[i].mn);
    return 0;
}

/* The others are made. */
static int make_masternodes(struct changes *c)
{
    const struct mnentry **entries = arena_alloc_array(&c->arena, c->n, sizeof(*entries));
    struct masternode **made = arena_alloc_array(&c->arena, c->n, sizeof(*made));
    size_t n = 0;
    if (!entries || !made)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < c->n; i++)
        if (c->items[i].entry && !c->items[i].mn)
            entries[n++] = c->items[i].entry;
    int error = masternode_new_many(entries, n, made);
    if (error != 0)
        return error;
    for (size_t i = 0, next = 0; next < n; i++)
        if (c->items[i].entry && !c->items[i].mn)
            c->items[i].mn = made[next++];
    return 0;
}

static void changes_free(struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        masternode_unref(c->items[i].mn);
    arena_free(&c->arena);
}

/* ---- the list after it */

static int renew_masternodes(struct mnlist *l, const struct mnlist *base, struct changes *c)
{
    c->places = arena_alloc_array(&c->arena, c->n, sizeof(*c->places));
    if (!c->places)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < c->n; i++) {
        const struct change *now = &c->items[i];
        c->places[i] = (struct mntree_change){.key = now->key, .protx = now->protx, .mn = now->mn};
        l->valid += (size_t)(now->mn && now->mn->entry.valid) - (size_t)(now->old && now->old->entry.valid);
        l->evo += (size_t)(now->mn && masternode_is_evo(now->mn)) - (size_t)(now->old && masternode_is_evo(now->old));
    }
    return mntree_apply(base ? base->masternodes : NULL, c->places, c->n, &c->arena, &l->masternodes);
}

static void read_leaves(const void *owner, size_t from, size_t n, hash256 *out)
{
    struct mntree_walk w;
    mntree_seek(owner, from, &w);
    for (size_t i = 0; i < n; i++)
        out[i] = mntree_next(&w)->leaf;
}

static int renew_merkle(struct mnlist *l, const struct mnlist *base, struct changes *c)
{
    const struct merkle_leaves leaves = {mntree_count(l->masternodes), read_leaves, l->masternodes};
    struct merkle_changes moved = {arena_alloc_array(&c->arena, c->n, sizeof(*moved.ranges)), 0, 0, 0};
    if (!moved.ranges)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < c->n; i++)
        merkle_change(&moved, c->places[i].at, c->items[i].old != NULL, c->items[i].mn != NULL);
    return merkle_tree_new(&l->merkle, base ? base->merkle : NULL, &leaves, &moved, &c->arena);
}

static int list_after(const struct mnlist *base, struct changes *c, struct mnlist **out)
{
    struct mnlist *l = mem_zalloc(sizeof(*l));
    if (!l)
        return DSPV_ENOMEM;
    l->refs = 1;
    l->valid = base ? base->valid : 0;
    l->evo = base ? base->evo : 0;
    int error = make_masternodes(c);
    if (error == 0)
        error = renew_masternodes(l, base, c);
    if (error == 0)
        error = renew_merkle(l, base, c);
    if (error != 0)
        mnlist_unref(l);
    else
        *out = l;
    return error;
}

int mnlist_apply(struct mnlist *base, const struct mnlist *like, const struct mnlistdiff *d, struct mnlist **out,
                 dspv_fault *fault)
{
    struct changes c = {.n = 0};
    arena_init(&c.arena, 0);
    int error = collect(&c, d, fault);
    if (error == 0)
        error = meet(&c, base, like, fault);
    if (error != 0)
        c.n = 0;
    else if (base && c.n == 0)
        *out = mnlist_ref(base);
    else
        error = list_after(base, &c, out);
    changes_free(&c);
    return error;
}

/* ---- reading */

size_t mnlist_count(const struct mnlist *l)
{
    return mntree_count(l->masternodes);
}

size_t mnlist_valid(const struct mnlist *l)
{
    return l->valid;
}

size_t mnlist_evo(const struct mnlist *l)
{
    return l->evo;
}

struct masternode *mnlist_find(const struct mnlist *l, const protx_hash *protx)
{
    return mntree_find(l->masternodes, protx);
}

void mnlist_begin(const struct mnlist *l, struct mnlist_iterator *it)
{
    mntree_seek(l->masternodes, 0, &it->walk);
}

struct masternode *mnlist_next(struct mnlist_iterator *it)
{
    return mntree_next(&it->walk);
}

hash256 mnlist_root(const struct mnlist *l)
{
    return merkle_tree_root(l->merkle);
}

size_t mnlist_memory(const struct mnlist *l, const struct mnlist *other)
{
    if (l == other)
        return 0;
    return sizeof(*l) + mntree_memory(l->masternodes, other ? other->masternodes : NULL) +
           merkle_tree_memory(l->merkle, other ? other->merkle : NULL);
}
