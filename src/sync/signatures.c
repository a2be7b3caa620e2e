/* See signatures.h. In memory: an array that grows to SIGNATURES_MOST records and then goes round, with a map from block to
 * position. Invariant: the map holds exactly the blocks of records[0 .. n-1]. */
#include "sync/signatures.h"

#include "base/mem.h"

struct signature_record {
    block_hash block;
    bool present;
    uint8_t signature[96];
};

void signatures_init(struct signatures *s, const uint64_t seed[2])
{
    *s = (struct signatures){0};
    map_init(&s->by_block, seed);
}

void signatures_free(struct signatures *s)
{
    mem_free(s->records);
    map_free(&s->by_block);
    s->records = NULL;
    s->n = s->cap = s->next = 0;
}

static int make_room(struct signatures *s)
{
    void *records = s->records;
    if (s->n == SIGNATURES_MOST)
        return 0;
    int rc = mem_grow(&records, &s->cap, s->n + 1, sizeof(*s->records));
    s->records = records;
    return rc;
}

int signatures_put(struct signatures *s, const block_hash *block, const uint8_t *signature)
{
    uint32_t at;
    if (map_get(&s->by_block, block->b, &at))
        return 0;
    if (make_room(s) != 0 || map_put(&s->by_block, block->b, (uint32_t)s->next) != 0)
        return DSPV_ENOMEM;
    struct signature_record *r = &s->records[s->next];
    if (s->next < s->n)
        map_remove(&s->by_block, r->block.b);
    else
        s->n++;
    *r = (struct signature_record){.block = *block, .present = signature != NULL};
    if (signature)
        memcpy(r->signature, signature, sizeof(r->signature));
    s->next = (s->next + 1) % SIGNATURES_MOST;
    return 0;
}

bool signatures_get(const struct signatures *s, const block_hash *block, uint8_t out[96], bool *present)
{
    uint32_t at;
    if (!map_get(&s->by_block, block->b, &at))
        return false;
    *present = s->records[at].present;
    if (*present)
        memcpy(out, s->records[at].signature, 96);
    return true;
}
