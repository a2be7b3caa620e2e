/* Hash map from 32-byte keys to 32-bit values. Open addressing; the place of a key depends on a seed, so that a stranger
 * who chooses keys cannot choose collisions. There is no iteration: no order may ever depend on a table's layout. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
    struct map_slot *slots;
    size_t cap;    /* power of two, or 0 */
    size_t count;  /* keys present */
    uint64_t seed[2];
};

void map_init(struct map *m, const uint64_t seed[2]);
void map_free(struct map *m);
/* Insert or replace. 0 or DSPV_ENOMEM (the map is unchanged). */
int map_put(struct map *m, const uint8_t key[32], uint32_t value);
/* True and the value when present. */
bool map_get(const struct map *m, const uint8_t key[32], uint32_t *value);
/* Bytes it holds. */
size_t map_memory(const struct map *m);
/* True when the key was present. */
bool map_remove(struct map *m, const uint8_t key[32]);

#endif
