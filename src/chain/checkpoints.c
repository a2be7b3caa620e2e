/* See params.h. Checkpoints that a network is given besides those built in. All of them are one table, so that nobody who asks
 * for a checkpoint needs to know where it came from; it is copied once the first is given. */
#include "chain/params.h"

#include <string.h>

#include "base/mem.h"
#include "chain/start_points.h"
#include "crypto/x11.h"

/* What is known without checkpoints: block 1 of a devnet, and where a chain may start. */
static bool known_hash(const struct chain_params *params, int32_t height, block_hash *out)
{
    const struct checkpoint *c = chain_params_checkpoint(params, height);
    struct start_point start;
    if (c)
        *out = c->hash;
    else if (height == 1 && params->has_block1)
        *out = params->block1_hash;
    else if (start_point_at(params, height, &start))
        x11_hash(out, start.header);
    else
        return false;
    return true;
}

static bool reserve(struct chain_params *params)
{
    void *given = params->given;
    if (mem_grow(&given, &params->cap_given, params->n_checkpoints + 1, sizeof(*params->given)) != 0)
        return false;
    if (!params->given && params->n_checkpoints > 0)
        memcpy(given, params->checkpoints, params->n_checkpoints * sizeof(*params->given));
    params->checkpoints = params->given = given;
    return true;
}

static void insert(struct chain_params *params, const struct checkpoint *one)
{
    struct checkpoint *end = params->given + params->n_checkpoints, *at = end;
    while (at > params->given && at[-1].height > one->height)
        at--;
    memmove(at + 1, at, (size_t)(end - at) * sizeof(*at));
    *at = *one;
    params->n_checkpoints++;
}

const char *chain_params_add_checkpoint(struct chain_params *params, int32_t height, const block_hash *hash)
{
    block_hash known;
    if (height < 1 || height > CHECKPOINT_HIGHEST)
        return "the height must be from 1 to 1073741823";
    if (known_hash(params, height, &known) && !block_hash_eq(&known, hash))
        return "another block is known to be at this height";
    if (chain_params_checkpoint(params, height))
        return NULL;
    if (params->n_checkpoints >= CHECKPOINTS_MOST)
        return "there can be no more than 100000 checkpoints";
    if (!reserve(params))
        return "out of memory";
    insert(params, &(struct checkpoint){height, *hash});
    return NULL;
}

int chain_params_copy(struct chain_params *out, const struct chain_params *params)
{
    *out = *params;
    if (!params->given)
        return 0;
    out->cap_given = params->n_checkpoints;
    out->given = mem_alloc_array(out->cap_given, sizeof(*out->given));
    out->checkpoints = out->given;
    if (!out->given) {
        out->n_checkpoints = out->cap_given = 0;
        return DSPV_ENOMEM;
    }
    memcpy(out->given, params->given, params->n_checkpoints * sizeof(*out->given));
    return 0;
}

void chain_params_free(struct chain_params *params)
{
    mem_free(params->given);
    params->checkpoints = params->given = NULL;
    params->n_checkpoints = params->cap_given = 0;
}
