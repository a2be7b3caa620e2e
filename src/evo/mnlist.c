/* A list is two trees that share what did not change with those of the list before: the masternodes by proTxHash (mntree.h) and,
 * over their leaves by position, the merkle tree (crypto/merkle_tree.h). A change where a masternode stays costs the two paths
 * down to it. One that comes or goes moves all behind it by one position, until another one makes up for it: their nodes of the
 * merkle tree must be hashed again, whoever does it. Read next: docs/lists.md. */
#include "evo/mnlist.h"

#include "base/mem.h"
#include "crypto/merkle_tree.h"
#include "evo/mnchanges.h"

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

/* ---- applying a diff */

static int renew_masternodes(struct mnlist *l, const struct mnlist *base, struct mnchanges *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct masternode *now = c->items[i].mn, *old = c->items[i].old;
        l->valid += (size_t)(now && now->entry.valid) - (size_t)(old && old->entry.valid);
        l->evo += (size_t)(now && masternode_is_evo(now)) - (size_t)(old && masternode_is_evo(old));
    }
    return mntree_apply(base ? base->masternodes : NULL, c->items, c->n, &c->arena, &l->masternodes);
}

static void read_leaves(const void *owner, size_t from, size_t n, hash256 *out)
{
    struct mntree_walk w;
    mntree_seek(owner, from, &w);
    for (size_t i = 0; i < n; i++)
        out[i] = mntree_next(&w)->leaf;
}

static int renew_merkle(struct mnlist *l, const struct mnlist *base, struct mnchanges *c)
{
    const struct merkle_leaves leaves = {mntree_count(l->masternodes), read_leaves, l->masternodes};
    struct merkle_changes moved = {arena_alloc_array(&c->arena, c->n, sizeof(*moved.ranges)), 0, 0, 0};
    if (!moved.ranges)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < c->n; i++)
        merkle_change(&moved, c->items[i].at, c->items[i].old != NULL, c->items[i].mn != NULL);
    return merkle_tree_new(&l->merkle, base ? base->merkle : NULL, &leaves, &moved, &c->arena);
}

static int list_after(const struct mnlist *base, struct mnchanges *c, struct mnlist **out)
{
    struct mnlist *l = mem_zalloc(sizeof(*l));
    if (!l)
        return DSPV_ENOMEM;
    l->refs = 1;
    l->valid = base ? base->valid : 0;
    l->evo = base ? base->evo : 0;
    int error = mnchanges_make(c);
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

int mnlist_apply(struct mnlist *base, struct mnlist *like, const struct mnlistdiff *d, struct mnlist **out, dspv_fault *fault)
{
    struct mnchanges c;
    bool from_like = false;
    const struct mntree *masternodes = base ? base->masternodes : NULL;
    int error = mnchanges_read(&c, masternodes, d, fault);
    if (error == 0 && like)
        error = mnchanges_compare(&c, masternodes, like->masternodes, &from_like);
    struct mnlist *before = from_like ? like : base;
    if (error == 0 && before && c.n == 0)
        *out = mnlist_ref(before);
    else if (error == 0)
        error = list_after(before, &c, out);
    mnchanges_free(&c);
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
