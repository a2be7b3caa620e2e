/* See tree.h. Jump pointers follow the skew-binary scheme (Myers 1983): a node jumps two jumps back when its parent's two
 * jumps have the same length, else to its parent. A greedy walk along them takes O(log n) steps from any node. */
#include "chain/tree.h"

#include "base/mem.h"

/* Heights grow by one per node: far below overflow, and more than memory holds. */
#define TREE_MOST (1u << 30)

void tree_init(struct tree *t, const uint64_t seed[2])
{
    *t = (struct tree){.seed = {seed[0], seed[1]}};
}

void tree_free(struct tree *t)
{
    for (size_t i = 0; i < t->n_chunks; i++)
        mem_free(t->chunks[i]);
    mem_free(t->chunks);
    mem_free(t->slots);
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
static void index_node(struct tree *t, uint32_t node)
{
    uint32_t m = mix(t, &tree_node(t, node)->hash);
    size_t i = m & (t->n_slots - 1);
    while (t->slots[i].node != TREE_NONE)
        i = (i + 1) & (t->n_slots - 1);
    t->slots[i] = (struct tree_slot){node, m};
}

static int grow_index(struct tree *t)
{
    struct tree bigger = *t;
    bigger.n_slots = t->n_slots ? t->n_slots * 2 : 64;
    bigger.slots = mem_alloc_array(bigger.n_slots, sizeof(*bigger.slots));
    if (!bigger.slots)
        return DSPV_ENOMEM;
    memset(bigger.slots, 0xff, bigger.n_slots * sizeof(*bigger.slots));
    for (uint32_t n = 0; n < t->count; n++)
        index_node(&bigger, n);
    mem_free(t->slots);
    *t = bigger;
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
    if (t->count >= TREE_MOST)
        return DSPV_ENOMEM;
    if (t->count == t->n_chunks * TREE_CHUNK && add_chunk(t) != 0)
        return DSPV_ENOMEM;
    if ((t->count + 1) / 3 >= t->n_slots / 4 && grow_index(t) != 0)
        return DSPV_ENOMEM;
    return 0;
}

static uint32_t jump_of_child(const struct tree *t, uint32_t node)
{
    const struct tree_node *parent = tree_node(t, node);
    const struct tree_node *first = tree_node(t, parent->jump);
    const struct tree_node *second = tree_node(t, first->jump);
    return parent->height - first->height == first->height - second->height ? first->jump : node;
}

uint32_t tree_insert(struct tree *t, const struct header *header, const block_hash *hash, uint32_t prev, int32_t height,
                     const arith256 *work)
{
    uint32_t node = t->count;
    struct tree_node *n = tree_node(t, node);
    *n = (struct tree_node){.hash = *hash,
                            .merkle_root = header->merkle_root,
                            .version = header->version,
                            .time = header->time,
                            .bits = header->bits,
                            .nonce = header->nonce,
                            .prev = prev,
                            .jump = node,
                            .height = height,
                            .work = *work};
    if (prev == TREE_NONE) {
        t->before = header->prev;
    } else {
        n->height = tree_node(t, prev)->height + 1;
        n->jump = jump_of_child(t, prev);
        n->work = arith256_add(&tree_node(t, prev)->work, work);
    }
    index_node(t, node);
    t->count++;
    return node;
}

/* The index anew, in less memory where that can be had. */
static void index_again(struct tree *t)
{
    size_t n_slots = 64;
    while (t->count / 3 >= n_slots / 4)
        n_slots *= 2;
    struct tree_slot *slots = n_slots < t->n_slots ? mem_alloc_array(n_slots, sizeof(*slots)) : NULL;
    if (slots) {
        mem_free(t->slots);
        t->slots = slots;
        t->n_slots = n_slots;
    }
    memset(t->slots, 0xff, t->n_slots * sizeof(*t->slots));
    for (uint32_t n = 0; n < t->count; n++)
        index_node(t, n);
}

void tree_keep(struct tree *t, uint32_t *map)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->count; i++) {
        if (map[i] == TREE_NONE)
            continue;
        struct tree_node *from = tree_node(t, i), *to = tree_node(t, n);
        uint32_t prev = from->prev;
        if (n == 0 && prev != TREE_NONE) /* nothing has moved yet */
            t->before = tree_node(t, prev)->hash;
        *to = *from;
        to->prev = n == 0 ? TREE_NONE : map[prev];
        to->jump = n == 0 ? 0 : jump_of_child(t, to->prev);
        map[i] = n++;
    }
    t->count = n;
    while (t->n_chunks * TREE_CHUNK >= t->count + 2 * TREE_CHUNK)
        mem_free(t->chunks[--t->n_chunks]);
    index_again(t);
}

uint32_t tree_find(const struct tree *t, const block_hash *hash)
{
    if (t->n_slots == 0)
        return TREE_NONE;
    uint32_t m = mix(t, hash);
    for (size_t i = m & (t->n_slots - 1);; i = (i + 1) & (t->n_slots - 1)) {
        const struct tree_slot *s = &t->slots[i];
        if (s->node == TREE_NONE || (s->mix == m && block_hash_eq(&tree_node(t, s->node)->hash, hash)))
            return s->node;
    }
}

uint32_t tree_ancestor(const struct tree *t, uint32_t node, int32_t height)
{
    const struct tree_node *n = tree_node(t, node);
    if (height > n->height || height < tree_node(t, 0)->height)
        return TREE_NONE;
    while (n->height > height) {
        node = tree_node(t, n->jump)->height >= height ? n->jump : n->prev;
        n = tree_node(t, node);
    }
    return node;
}

void tree_header(const struct tree *t, uint32_t node, struct header *out)
{
    const struct tree_node *n = tree_node(t, node);
    *out = (struct header){.version = n->version,
                           .prev = n->prev == TREE_NONE ? t->before : tree_node(t, n->prev)->hash,
                           .merkle_root = n->merkle_root,
                           .time = n->time,
                           .bits = n->bits,
                           .nonce = n->nonce};
}

size_t tree_memory(const struct tree *t)
{
    return t->n_chunks * TREE_CHUNK * sizeof(struct tree_node) + t->cap_chunks * sizeof(*t->chunks) +
           t->n_slots * sizeof(*t->slots);
}
