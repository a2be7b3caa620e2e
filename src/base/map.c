/* Linear probing with backward-shift deletion; at most 3/4 full. */
#include "base/map.h"

#include <string.h>

#include "base/endian.h"
#include "base/mem.h"
#include "dashspv/types.h"

struct map_slot {
    uint8_t key[32];
    uint32_t value;
    uint32_t used;
};

void map_init(struct map *m, const uint64_t seed[2])
{
    *m = (struct map){.seed = {seed[0], seed[1]}};
}

void map_free(struct map *m)
{
    mem_free(m->slots);
    m->slots = NULL;
    m->cap = m->count = 0;
}

size_t map_memory(const struct map *m)
{
    return m->cap * sizeof(*m->slots);
}

static uint64_t mix(uint64_t h, uint64_t v)
{
    h ^= v;
    h *= 0x9e3779b97f4a7c15u;
    return h ^ h >> 32;
}

static size_t home(const struct map *m, const uint8_t key[32])
{
    uint64_t h = m->seed[0];
    for (int i = 0; i < 4; i++)
        h = mix(h, load_le64(key + 8 * i) + m->seed[1]);
    return (size_t)(h & (m->cap - 1));
}

/* The slot of the key, or the free slot where it belongs. */
static size_t find(const struct map *m, const uint8_t key[32])
{
    size_t i = home(m, key);
    while (m->slots[i].used && memcmp(m->slots[i].key, key, 32) != 0)
        i = (i + 1) & (m->cap - 1);
    return i;
}

static int grow(struct map *m)
{
    struct map bigger = {.cap = m->cap ? m->cap * 2 : 16, .seed = {m->seed[0], m->seed[1]}};
    bigger.slots = mem_zalloc(bigger.cap * sizeof(*bigger.slots));
    if (!bigger.slots)
        return DSPV_ENOMEM;
    for (size_t i = 0; i < m->cap; i++)
        if (m->slots[i].used)
            bigger.slots[find(&bigger, m->slots[i].key)] = m->slots[i];
    bigger.count = m->count;
    mem_free(m->slots);
    *m = bigger;
    return 0;
}

int map_put(struct map *m, const uint8_t key[32], uint32_t value)
{
    if ((m->count + 1) * 4 > m->cap * 3 && grow(m) != 0)
        return DSPV_ENOMEM;
    struct map_slot *s = &m->slots[find(m, key)];
    if (!s->used) {
        memcpy(s->key, key, 32);
        s->used = 1;
        m->count++;
    }
    s->value = value;
    return 0;
}

bool map_get(const struct map *m, const uint8_t key[32], uint32_t *value)
{
    if (m->count == 0)
        return false;
    const struct map_slot *s = &m->slots[find(m, key)];
    if (s->used)
        *value = s->value;
    return s->used;
}

bool map_remove(struct map *m, const uint8_t key[32])
{
    if (m->count == 0)
        return false;
    size_t hole = find(m, key);
    if (!m->slots[hole].used)
        return false;
    size_t mask = m->cap - 1;
    for (size_t i = (hole + 1) & mask; m->slots[i].used; i = (i + 1) & mask) {
        size_t distance_home = (i - home(m, m->slots[i].key)) & mask;
        if (distance_home >= ((i - hole) & mask)) {
            m->slots[hole] = m->slots[i];
            hole = i;
        }
    }
    m->slots[hole].used = 0;
    m->count--;
    return true;
}
