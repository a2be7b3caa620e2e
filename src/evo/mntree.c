/* A B+ tree whose nodes are copied where they change: a change costs the path down to it. Nodes that become too large are divided
 * evenly, those that become too small take in a neighbour, so the tree stays low and dense however many diffs come.
 *
 * Invariants: nodes never change; all are on the level their depth demands; all but the top one have NODE_LEAST..NODE_MOST slots,
 * the top one has at least two unless it is a leaf; keys ascend, equal ones by the hashes they stand for. */
#include "evo/mntree.h"

#include "base/endian.h"
#include "base/mem.h"

/* What is divided or new is filled to NODE_FILL: that leaves room. */
enum { NODE_MOST = 32, NODE_FILL = 24, NODE_LEAST = 8 };

struct slot {
    uint64_t key; /* of the first masternode in it */
    union {
        struct masternode *mn; /* level 0 */
        struct mntree *node;   /* above */
    } is;
};

struct mntree {
    uint32_t refs;
    uint32_t count; /* masternodes */
    uint16_t level, n;
    struct slot slots[];
};

uint64_t mntree_key(const protx_hash *protx)
{
    return load_be64(protx->b);
}

struct mntree *mntree_ref(struct mntree *t)
{
    if (t)
        t->refs++;
    return t;
}

static void slot_ref(unsigned level, const struct slot *s)
{
    if (level == 0)
        masternode_ref(s->is.mn);
    else
        s->is.node->refs++;
}

static void slots_unref(unsigned level, const struct slot *slots, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (level == 0)
            masternode_unref(slots[i].is.mn);
        else
            mntree_unref(slots[i].is.node);
    }
}

void mntree_unref(struct mntree *t)
{
    if (!t || --t->refs != 0)
        return;
    slots_unref(t->level, t->slots, t->n);
    mem_free(t);
}

/* ---- finding */

static const protx_hash *first_protx(unsigned level, const struct slot *s)
{
    while (level-- > 0)
        s = &s->is.node->slots[0];
    return &s->is.mn->entry.protx;
}

/* Where the first masternode of a slot is: below `protx` (< 0), it, or above. */
static int slot_order(unsigned level, const struct slot *s, uint64_t key, const protx_hash *protx)
{
    if (s->key != key)
        return s->key < key ? -1 : 1;
    return protx_hash_cmp(first_protx(level, s), protx);
}

struct masternode *mntree_find(const struct mntree *t, const protx_hash *protx)
{
    const uint64_t key = mntree_key(protx);
    while (t) {
        size_t low = 0, high = t->n; /* the first slot that begins above `protx` */
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (slot_order(t->level, &t->slots[middle], key, protx) <= 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == 0)
            return NULL;
        const struct slot *s = &t->slots[low - 1];
        if (t->level == 0)
            return s->key == key && protx_hash_eq(&s->is.mn->entry.protx, protx) ? s->is.mn : NULL;
        t = s->is.node;
    }
    return NULL;
}

size_t mntree_count(const struct mntree *t)
{
    return t ? t->count : 0;
}

void mntree_seek(const struct mntree *t, size_t from, struct mntree_walk *w)
{
    *w = (struct mntree_walk){.node = {NULL}};
    if (from >= mntree_count(t))
        return;
    for (;; t = t->slots[w->at[t->level]].is.node) {
        uint32_t i = 0;
        for (; t->level > 0 && from >= t->slots[i].is.node->count; i++)
            from -= t->slots[i].is.node->count;
        w->node[t->level] = t;
        w->at[t->level] = t->level > 0 ? i : (uint32_t)from;
        if (t->level == 0)
            return;
    }
}

/* The leaf is used up: to the next one. */
static void walk_on(struct mntree_walk *w)
{
    unsigned level = 1;
    while (level < MNTREE_DEEPEST && w->node[level] && w->at[level] + 1 == w->node[level]->n)
        level++;
    if (level == MNTREE_DEEPEST || !w->node[level]) {
        w->node[0] = NULL;
        return;
    }
    w->at[level]++;
    for (; level > 0; level--) {
        w->node[level - 1] = w->node[level]->slots[w->at[level]].is.node;
        w->at[level - 1] = 0;
    }
}

struct masternode *mntree_next(struct mntree_walk *w)
{
    const struct mntree *leaf = w->node[0];
    if (!leaf)
        return NULL;
    struct masternode *m = leaf->slots[w->at[0]++].is.mn;
    if (w->at[0] == leaf->n)
        walk_on(w);
    return m;
}

/* ---- applying changes. Whoever is given a row takes over its references, also when it fails. */

/* Slots on their way into nodes of `level`. */
struct row {
    unsigned level;
    size_t n;
    struct slot *slots;
};

static bool row_init(struct row *r, unsigned level, size_t most, struct arena *scratch)
{
    *r = (struct row){level, 0, arena_alloc_array(scratch, most, sizeof(*r->slots))};
    return r->slots != NULL;
}

static void row_drop(struct row *r)
{
    slots_unref(r->level, r->slots, r->n);
    r->n = 0;
}

static void row_share(struct row *r, const struct slot *s)
{
    slot_ref(r->level, s);
    r->slots[r->n++] = *s;
}

static struct mntree *node_new(unsigned level, const struct slot *slots, size_t n)
{
    struct mntree *t = mem_alloc(sizeof(*t) + n * sizeof(t->slots[0]));
    if (!t)
        return NULL;
    *t = (struct mntree){.refs = 1, .level = (uint16_t)level, .n = (uint16_t)n};
    memcpy(t->slots, slots, n * sizeof(t->slots[0]));
    for (size_t i = 0; i < n; i++)
        t->count += level == 0 ? 1 : slots[i].is.node->count;
    return t;
}

/* Divide a row evenly into nodes, which go to the row above. */
static int cut(struct row *r, struct row *above)
{
    const size_t pieces = r->n <= NODE_MOST ? r->n > 0 : (r->n + NODE_FILL - 1) / NODE_FILL;
    size_t done = 0;
    for (size_t i = 0; i < pieces; i++) {
        const size_t n = (r->n - done) / (pieces - i);
        struct mntree *t = node_new(r->level, r->slots + done, n);
        if (!t) {
            slots_unref(r->level, r->slots + done, r->n - done);
            return DSPV_ENOMEM;
        }
        above->slots[above->n++] = (struct slot){t->slots[0].key, {.node = t}};
        done += n;
    }
    return 0;
}

static int mend(struct row *r, struct arena *scratch);

/* Two neighbours become one node, or two of one size; the row keeps its order. */
static int join(struct row *r, size_t at, struct arena *scratch)
{
    struct slot two[2] = {r->slots[at], r->slots[at + 1]};
    struct row below, joined = {r->level, 0, &r->slots[at]};
    if (!row_init(&below, r->level - 1, (size_t)two[0].is.node->n + two[1].is.node->n, scratch))
        return DSPV_ENOMEM;
    for (int k = 0; k < 2; k++)
        for (uint16_t i = 0; i < two[k].is.node->n; i++)
            row_share(&below, &two[k].is.node->slots[i]);
    int error = mend(&below, scratch);
    if (error != 0) {
        row_drop(&below);
        return error;
    }
    struct slot made[2];
    joined.slots = made;
    error = cut(&below, &joined);
    if (error != 0) {
        row_drop(&joined);
        return error;
    }
    slots_unref(r->level, two, 2);
    memcpy(&r->slots[at], made, joined.n * sizeof(*made));
    memmove(&r->slots[at + joined.n], &r->slots[at + 2], (r->n - at - 2) * sizeof(*made));
    r->n -= 2 - joined.n;
    return 0;
}

/* Nodes that became too small take in a neighbour, as far as there is one. After a failure the row is as good as before. */
static int mend(struct row *r, struct arena *scratch)
{
    int error = 0;
    for (size_t i = 0; error == 0 && r->level > 0 && r->n > 1 && i < r->n;) {
        if (r->slots[i].is.node->n >= NODE_LEAST)
            i++;
        else
            error = join(r, i + 1 < r->n ? i : --i, scratch);
    }
    return error;
}

struct renewal {
    struct arena *scratch;
    size_t at; /* masternodes of the old tree passed so far */
};

static void merge_leaf(struct renewal *w, const struct mntree *old, struct mntree_change *from, struct mntree_change *to,
                       struct row *r)
{
    const size_t n = old ? old->n : 0;
    for (size_t i = 0; i < n || from < to;) {
        int order = from == to ? -1 : i == n ? 1 : slot_order(0, &old->slots[i], from->key, from->protx);
        if (order < 0) {
            row_share(r, &old->slots[i]);
        } else {
            from->at = w->at;
            if (from->mn)
                row_share(r, &(struct slot){from->key, {.mn = from->mn}});
            from++;
        }
        i += order <= 0;
        w->at += order <= 0;
    }
}

/* What comes in the place of `old`, a node in whose range there are changes: nodes of its level, into `out`. */
static int renew(struct renewal *w, const struct mntree *old, struct mntree_change *from, struct mntree_change *to,
                 struct row *out)
{
    struct row r;
    int error = 0;
    if (!row_init(&r, old ? old->level : 0, (old ? old->n : 0) + (size_t)(to - from), w->scratch))
        return DSPV_ENOMEM;
    if (r.level == 0)
        merge_leaf(w, old, from, to, &r);
    for (size_t i = 0; error == 0 && r.level > 0 && i < old->n; i++) {
        struct mntree_change *end = i + 1 == old->n ? to : from; /* those before the next child */
        while (end < to && slot_order(old->level, &old->slots[i + 1], end->key, end->protx) > 0)
            end++;
        if (from < end) {
            error = renew(w, old->slots[i].is.node, from, end, &r);
        } else {
            row_share(&r, &old->slots[i]);
            w->at += old->slots[i].is.node->count;
        }
        from = end;
    }
    if (error == 0)
        error = mend(&r, w->scratch);
    if (error != 0)
        row_drop(&r);
    return error == 0 ? cut(&r, out) : error;
}

/* Levels upon the nodes of a row until one is left. */
static int build_up(struct row *r, struct arena *scratch)
{
    while (r->n > 1) {
        struct row above;
        if (!row_init(&above, r->level + 1, r->n, scratch)) {
            row_drop(r);
            return DSPV_ENOMEM;
        }
        int error = cut(r, &above);
        *r = above;
        if (error != 0) {
            row_drop(r);
            return error;
        }
    }
    return 0;
}

int mntree_apply(struct mntree *base, struct mntree_change *changes, size_t n, struct arena *scratch, struct mntree **out)
{
    struct row top;
    struct renewal w = {scratch, 0};
    if (!row_init(&top, base ? base->level + 1u : 1, n + 1, scratch))
        return DSPV_ENOMEM;
    int error = renew(&w, base, changes, changes + n, &top);
    if (error != 0) {
        row_drop(&top);
        return error;
    }
    error = build_up(&top, scratch);
    if (error != 0)
        return error;
    struct mntree *t = top.n > 0 ? top.slots[0].is.node : NULL;
    while (t && t->level > 0 && t->n == 1) {
        struct mntree *only = mntree_ref(t->slots[0].is.node);
        mntree_unref(t);
        t = only;
    }
    *out = t;
    return 0;
}

/* ---- memory */

static const struct mntree *node_with(const struct mntree *t, const struct mntree *like)
{
    const uint64_t key = like->slots[0].key;
    while (t && t->level > like->level) {
        const protx_hash *protx = first_protx(like->level, &like->slots[0]);
        size_t i = 1;
        while (i < t->n && slot_order(t->level, &t->slots[i], key, protx) <= 0)
            i++;
        t = t->slots[i - 1].is.node;
    }
    return t;
}

size_t mntree_memory(const struct mntree *t, const struct mntree *other)
{
    if (!t || node_with(other, t) == t)
        return 0;
    size_t total = sizeof(*t) + t->n * sizeof(t->slots[0]);
    for (uint16_t i = 0; i < t->n; i++) {
        const struct slot *s = &t->slots[i];
        if (t->level > 0)
            total += mntree_memory(s->is.node, other);
        else if (!other || mntree_find(other, &s->is.mn->entry.protx) != s->is.mn)
            total += masternode_size(s->is.mn);
    }
    return total;
}
