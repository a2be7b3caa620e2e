/* quorumsCLSigs as Dash Core builds them: one entry for each distinct signature (protocol.md 4.2). */
#include <stdlib.h>

#include "crypto/sha256.h"
#include "devnode/history.h"

static const uint8_t NO_SIGNATURE[96];

struct keyed {
    hash256 key; /* orders the entries */
    const uint8_t *signature;
    uint16_t index; /* into newQuorums */
};

static int by_key_and_index(const void *pa, const void *pb)
{
    const struct keyed *a = pa, *b = pb;
    int order = hash256_cmp(&a->key, &b->key);
    return order != 0 ? order : (int)a->index - (int)b->index;
}

int devnode_clsigs_group(struct mnlistdiff *d, const uint8_t *const *signatures, struct arena *arena)
{
    uint32_t n = d->n_new_quorums;
    struct keyed *sorted = arena_alloc_array(arena, n, sizeof(*sorted));
    uint16_t *indexes = arena_alloc_array(arena, n, sizeof(*indexes));
    d->clsigs = arena_alloc_array(arena, n, sizeof(*d->clsigs));
    d->n_clsigs = 0;
    if (!sorted || !indexes || !d->clsigs)
        return DSPV_ENOMEM;
    for (uint32_t i = 0; i < n; i++) {
        sorted[i].signature = signatures[i] ? signatures[i] : NO_SIGNATURE;
        sorted[i].index = (uint16_t)i;
        sha256d(sorted[i].key.b, sorted[i].signature, sizeof(NO_SIGNATURE));
    }
    if (n > 1)
        qsort(sorted, n, sizeof(*sorted), by_key_and_index);
    for (uint32_t i = 0; i < n; i++) {
        indexes[i] = sorted[i].index;
        if (i == 0 || !hash256_eq(&sorted[i].key, &sorted[i - 1].key))
            d->clsigs[d->n_clsigs++] = (struct quorum_clsig){sorted[i].signature, &indexes[i], 0};
        d->clsigs[d->n_clsigs - 1].n_indexes++;
    }
    return 0;
}
