/* See headers.h. Where a header chain begins: genesis, a trusted header, or what an archive holds. Next: headers.c. */
#include "base/mem.h"
#include "chain/headers_state.h"
#include "chain/pow.h"
#include "crypto/x11.h"

/* The chain's start, or the block at its floor. `work`: up to and with it. */
static int make(struct headers **out, const struct chain_params *params, const uint64_t seed[2],
                const struct headers_candidate *start, const arith256 *work)
{
    struct headers *h = mem_zalloc(sizeof(*h));
    headers_node node;
    if (!h)
        return DSPV_ENOMEM;
    h->params = *params;
    h->limits = HEADERS_LIMITS;
    h->locked = HEADERS_NONE;
    h->checkpoint = h->buried = -1;
    h->changed = start->height;
    h->start_work = *work;
    settled_init(&h->settled, start->height, start->hash, NULL);
    tree_init(&h->tree, seed);
    recent_forget(&h->recent);
    if (headers_insert(h, start, work, &node) != 0) {
        headers_free(h);
        return DSPV_ENOMEM;
    }
    *out = h;
    return 0;
}

int headers_new(struct headers **out, const struct chain_params *params, const uint64_t seed[2])
{
    struct headers_candidate genesis = {
        .raw = params->genesis, .hash = &params->genesis_hash, .prev = HEADERS_NONE, .height = 0};
    arith256 work = pow_work_of(header_bits(params->genesis));
    struct headers *h;
    if (make(&h, params, seed, &genesis, &work) != 0)
        return DSPV_ENOMEM;
    if (params->has_block1 && headers_take(h, params->block1, &params->block1_hash) != 0) {
        headers_free(h);
        return DSPV_ENOMEM;
    }
    *out = h;
    return 0;
}

int headers_new_from(struct headers **out, const struct chain_params *params, const uint64_t seed[2], int32_t height,
                     const uint8_t first[80], const uint8_t work[32])
{
    if (height == 0)
        return memcmp(first, params->genesis, 80) == 0 ? headers_new(out, params, seed) : DSPV_EMISUSE;
    block_hash hash;
    x11_hash(&hash, first);
    struct headers_candidate start = {.raw = first, .hash = &hash, .prev = HEADERS_NONE, .height = height};
    const struct checkpoint *checkpoint = chain_params_checkpoint(params, height);
    arith256 target;
    bool wrong = height < 0 || height > INT32_MAX / 2 || !pow_target(params, header_bits(first), &target) ||
                 !pow_meets(&hash, &target) || (checkpoint && !block_hash_eq(&hash, &checkpoint->hash)) ||
                 (height == 1 && params->has_block1 && !block_hash_eq(&hash, &params->block1_hash));
    if (wrong)
        return DSPV_EMISUSE;
    arith256 total = work ? arith256_from_le(work) : pow_work_of(header_bits(first));
    return make(out, params, seed, &start, &total);
}

/* The checkpoints below the floor, against what the archive says. There may be very many: of each one header is read. */
static int check_settled(struct headers *h, int32_t *bad)
{
    const struct chain_params *p = &h->params;
    const struct checkpoint *c = chain_params_checkpoint_above(p, h->settled.first - 1), *last = NULL;
    for (; c && c < p->checkpoints + p->n_checkpoints && c->height < h->settled.end; last = c++) {
        block_hash hash;
        *bad = c->height;
        int rc = settled_hash(&h->settled, c->height, &hash);
        if (rc != 0)
            return rc;
        if (!block_hash_eq(&hash, &c->hash))
            return DSPV_EFAULT;
    }
    if (!last || last->height < h->checkpoint)
        return 0;
    struct header header;
    int rc = headers_get(h, headers_settled_node(last->height), &header);
    if (rc == 0) {
        h->checkpoint = last->height;
        h->checkpoint_time = header.time;
    }
    return rc;
}

int headers_restore(struct headers **out, const struct chain_params *params, const uint64_t seed[2],
                    const struct headers_archive *archive, const struct headers_start *start, const struct headers_floor *floor,
                    int32_t *bad)
{
    struct headers_candidate root = {
        .raw = floor->raw, .hash = &floor->hash, .prev = HEADERS_NONE, .height = floor->height};
    const block_hash before = header_prev(floor->raw);
    arith256 work = arith256_from_le(floor->work);
    struct headers *h;
    *bad = floor->height;
    const struct checkpoint *checkpoint = chain_params_checkpoint(params, floor->height);
    if (checkpoint && !block_hash_eq(&floor->hash, &checkpoint->hash))
        return DSPV_EFAULT;
    int rc = make(&h, params, seed, &root, &work);
    if (rc != 0)
        return rc;
    settled_init(&h->settled, start->height, &start->hash, archive);
    h->start_work = arith256_from_le(start->work);
    h->changed = INT32_MAX;
    if (floor->height > start->height) {
        rc = settled_reserve(&h->settled, floor->height);
        if (rc == 0)
            settled_extend(&h->settled, floor->height, &before);
    }
    if (rc == 0)
        rc = check_settled(h, bad);
    if (rc != 0) {
        headers_free(h);
        return rc;
    }
    *out = h;
    return 0;
}

int headers_take(struct headers *h, const uint8_t raw[80], const block_hash *hash)
{
    struct headers_candidate c = {.raw = raw, .hash = hash, .prev = headers_tip(h)};
    headers_node node;
    c.height = headers_tip_height(h) + 1;
    arith256 work = pow_work_of(header_bits(raw));
    return headers_insert(h, &c, &work, &node);
}

void headers_archive_in(struct headers *h, const struct headers_archive *archive)
{
    block_hash start = h->settled.start;
    settled_init(&h->settled, h->settled.first, &start, archive);
}

void headers_limit(struct headers *h, const struct headers_limits *limits)
{
    h->limits = *limits;
}

void headers_free(struct headers *h)
{
    if (!h)
        return;
    settled_free(&h->settled);
    tree_free(&h->tree);
    mem_free(h->best);
    mem_free(h);
}
