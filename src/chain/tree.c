/* See tree.h. Jump pointers follow the skew-binary scheme (Myers 1983): a node jumps two jumps back when its parent's two
 * jumps have the same length, else to its parent. A greedy walk along them takes O(log n) steps from any node. */
#include "chain/tree.h"

#include "base/mem.h"

void tree_init(struct tree *t, const uint64_t seed[2])
{
    *t = (struct tree){.seed = {seed[0], seed[1]}};
}

void tree_free(struct tree *t)
{
    for (size_t i = 0; i < t->n_chunks; i++)
        mem_free(t->chunks[i]);
    mem_free(t->chunks);
    mem_free(t->index);
}

static uint32_t mix(const struct tree *t, const block_hash *hash)
{
    uint64_t h = t->seed[0];
    for (int i = 0; i < 4; i++) {
        h = (h ^ (load_le64(hash->b + 8 * i) + t->seed[1])) * 0x9e3779b97f4a7c15u;
        h ^= h >> 29;
    }
    return (uint32_t)(h ^ h >> 32);
}

/* Put a node whose hash is not there yet into the index. */
static void index_node(const struct tree *t, uint32_t node)
{
    struct tree_index *index = t->index;
    uint32_t m = mix(t, &tree_node(t, node)->hash);
    size_t i = m & (index->n_slots - 1);
    while (index->slots[i].node != TREE_NONE)
        i = (i + 1) & (index->n_slots - 1);
    index->slots[i] = (struct tree_slot){node, m};
    index->n_used++;
}

/* Put into the index what is not there yet. Anew, when what it holds was dropped, or so much of it that there is no room. */
static void index_all(const struct tree *t)
{
    struct tree_index *index = t->index;
    uint32_t end = t->base + t->count;
    if (!index->begun || index->next < t->base || index->n_used + (end - index->next) > index->n_slots / 4 * 3) {
        memset(index->slots, 0xff, index->n_slots * sizeof(index->slots[0]));
        index->n_used = 0;
        index->next = t->base;
        index->begun = true;
    }
    for (; index->next != end; index->next++)
        index_node(t, index->next);
}

/* An eighth of the slots lies between what it is made for and where it is put in anew, and a quarter stays free. */
static uint32_t most_of(size_t n_slots)
{
    return (uint32_t)(n_slots / 8 * 5);
}

static struct tree_index *new_index(size_t n_slots)
{
    struct tree_index *index = NULL;
    if (n_slots <= SIZE_MAX / 2 / sizeof(index->slots[0]))
        index = mem_alloc(sizeof(*index) + n_slots * sizeof(index->slots[0]));
    if (index)
        *index = (struct tree_index){.n_slots = n_slots, .most = most_of(n_slots)};
    return index;
}

static int grow_index(struct tree *t)
{
    struct tree_index *index = new_index(t->index ? t->index->n_slots * 2 : 64);
    if (!index)
        return DSPV_ENOMEM;
    mem_free(t->index);
    t->index = index;
    return 0;
}

static int add_chunk(struct tree *t)
{
    void *chunks = t->chunks;
    if (mem_grow(&chunks, &t->cap_chunks, t->n_chunks + 1, sizeof(*t->chunks)) != 0)
        return DSPV_ENOMEM;
    t->chunks = chunks;
    struct tree_node *chunk = mem_alloc_array(TREE_CHUNK, sizeof(*chunk));
    if (!chunk)
        return DSPV_ENOMEM;
    t->chunks[t->n_chunks++] = chunk;
    return 0;
}

int tree_reserve(struct tree *t)
{
    if (t->base + t->count >= TREE_MOST)
        return DSPV_ENOMEM;
    if (t->count == t->n_chunks * TREE_CHUNK && add_chunk(t) != 0)
        return DSPV_ENOMEM;
    return t->index && t->count < t->index->most ? 0 : grow_index(t);
}

/* Where the node jumps to; the start, when that was dropped. */
static uint32_t jump_of(const struct tree *t, const struct tree_node *n)
{
    return tree_has(t, n->jump) ? n->jump : t->base;
}

/* Where a child of `node`, which is `n`, jumps to. */
static uint32_t jump_of_child(const struct tree *t, uint32_t node, const struct tree_node *n)
{
    const struct tree_node *first = tree_node(t, jump_of(t, n));
    uint32_t second = jump_of(t, first);
    return n->height - first->height == first->height - tree_node(t, second)->height ? second : node;
}

uint32_t tree_insert(struct tree *t, const uint8_t raw[80], const block_hash *hash, uint32_t prev, int32_t height,
                     const arith256 *work)
{
    uint32_t node = t->base + t->count;
    struct tree_node *n = tree_node(t, node);
    n->hash = *hash;
    n->merkle_root = hash256_from(raw + 36);
    n->version = header_version(raw);
    n->time = header_time(raw);
    n->bits = header_bits(raw);
    n->nonce = load_le32(raw + 76);
    n->prev = prev;
    if (prev == TREE_NONE) {
        t->before = header_prev(raw);
        t->height = n->height = height;
        n->jump = node;
        n->work = *work;
    } else {
        const struct tree_node *parent = tree_node(t, prev);
        n->height = parent->height + 1;
        n->jump = jump_of_child(t, prev, parent);
        n->work = arith256_add(&parent->work, work);
    }
    t->count++;
    return node;
}

/* The index anew, in less memory where that can be had. */
static void index_again(struct tree *t)
{
    size_t n_slots = t->index->n_slots;
    while (n_slots > 64 && t->count < most_of(n_slots / 2))
        n_slots /= 2;
    struct tree_index *index = n_slots < t->index->n_slots ? new_index(n_slots) : NULL;
    if (index) {
        mem_free(t->index);
        t->index = index;
    }
    t->index->begun = false;
}

static struct tree_node *node_at(const struct tree *t, uint32_t place)
{
    return &t->chunks[place / TREE_CHUNK][place % TREE_CHUNK];
}

void tree_keep(struct tree *t, uint32_t *map)
{
    uint32_t n = 0, base = t->base;
    t->base = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (map[i] == TREE_NONE)
            continue;
        struct tree_node *from = node_at(t, i), *to = node_at(t, n);
        uint32_t prev = from->prev;
        if (n == 0 && prev != TREE_NONE) /* nothing has moved yet */
            t->before = node_at(t, prev - base)->hash;
        *to = *from;
        to->prev = n == 0 ? TREE_NONE : map[prev - base];
        to->jump = n == 0 ? 0 : jump_of_child(t, to->prev, node_at(t, to->prev));
        map[i] = n++;
    }
    t->count = n;
    t->height = node_at(t, 0)->height;
    while (t->n_chunks * TREE_CHUNK >= t->count + 2 * TREE_CHUNK)
        mem_free(t->chunks[--t->n_chunks]);
    index_again(t);
}

void tree_drop(struct tree *t, uint32_t n)
{
    uint32_t chunks = n / TREE_CHUNK;
    t->before = node_at(t, n - 1)->hash;
    for (uint32_t i = 0; i < chunks; i++)
        mem_free(t->chunks[i]);
    t->n_chunks -= chunks;
    memmove(t->chunks, t->chunks + chunks, t->n_chunks * sizeof(t->chunks[0]));
    t->base += n;
    t->count -= n;
    t->height = node_at(t, 0)->height;
    node_at(t, 0)->prev = TREE_NONE;
    node_at(t, 0)->jump = t->base;
}

uint32_t tree_find(const struct tree *t, const block_hash *hash)
{
    const struct tree_index *index = t->index;
    if (!index)
        return TREE_NONE;
    index_all(t);
    uint32_t m = mix(t, hash);
    for (size_t i = m & (index->n_slots - 1);; i = (i + 1) & (index->n_slots - 1)) {
        const struct tree_slot *s = &index->slots[i];
        if (s->node == TREE_NONE ||
            (s->mix == m && tree_has(t, s->node) && block_hash_eq(&tree_node(t, s->node)->hash, hash)))
            return s->node;
    }
}

uint32_t tree_ancestor(const struct tree *t, uint32_t node, int32_t height)
{
    const struct tree_node *n = tree_node(t, node);
    if (height > n->height || height < t->height)
        return TREE_NONE;
    while (n->height > height) {
        uint32_t jump = jump_of(t, n);
        node = tree_node(t, jump)->height >= height ? jump : n->prev;
        n = tree_node(t, node);
    }
    return node;
}

void tree_raw(const struct tree *t, uint32_t node, uint8_t out[80])
{
    const struct tree_node *n = tree_node(t, node);
    store_le32(out, (uint32_t)n->version);
    memcpy(out + 4, n->prev == TREE_NONE ? t->before.b : tree_node(t, n->prev)->hash.b, 32);
    memcpy(out + 36, n->merkle_root.b, 32);
    store_le32(out + 68, n->time);
    store_le32(out + 72, n->bits);
    store_le32(out + 76, n->nonce);
}

size_t tree_memory(const struct tree *t)
{
    return t->n_chunks * TREE_CHUNK * sizeof(struct tree_node) + t->cap_chunks * sizeof(*t->chunks) +
           (t->index ? sizeof(*t->index) + t->index->n_slots * sizeof(t->index->slots[0]) : 0);
}
