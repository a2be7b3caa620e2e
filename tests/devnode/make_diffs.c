/* From the full state at every height to the diff between each height and the next, as Dash Core would build it
 * (protocol.md 4.2). Done directly from neighbouring states, without the peer's history store: the two check each other. */
#include <stdlib.h>

#include "devnode/recording.h"

enum { PROTO = 70240 };

static int by_protx(const void *pa, const void *pb)
{
    return protx_hash_cmp(&((const struct mnentry *)pa)->protx, &((const struct mnentry *)pb)->protx);
}

static int by_type_and_hash(const struct commitment *a, const struct commitment *b)
{
    return a->type != b->type ? (int)a->type - (int)b->type : quorum_hash_cmp(&a->hash, &b->hash);
}

static bool masternodes_between(const struct mnlistdiff *before, const struct mnlistdiff *after, struct arena *arena,
                                struct mnlistdiff *out)
{
    protx_hash *deleted = arena_alloc_array(arena, before->n_entries, sizeof(*deleted));
    out->entries = arena_alloc_array(arena, after->n_entries, sizeof(*out->entries));
    if (!deleted || !out->entries)
        return false;
    out->deleted = deleted;
    uint32_t i = 0, k = 0; /* both states are sorted */
    while (i < before->n_entries || k < after->n_entries) {
        const struct mnentry *old = i < before->n_entries ? &before->entries[i] : NULL;
        const struct mnentry *new = k < after->n_entries ? &after->entries[k] : NULL;
        int order = !old ? 1 : !new ? -1 : protx_hash_cmp(&old->protx, &new->protx);
        if (order < 0)
            deleted[out->n_deleted++] = old->protx;
        if (order > 0 || (order == 0 && !devnode_entry_eq(old, new)))
            out->entries[out->n_entries++] = *new;
        i += order <= 0;
        k += order >= 0;
    }
    return true;
}

static bool quorums_between(const struct mnlistdiff *before, const struct mnlistdiff *after, struct arena *arena,
                            struct mnlistdiff *out)
{
    out->deleted_quorums = arena_alloc_array(arena, before->n_new_quorums, sizeof(*out->deleted_quorums));
    out->new_quorums = arena_alloc_array(arena, after->n_new_quorums, sizeof(*out->new_quorums));
    if (!out->deleted_quorums || !out->new_quorums)
        return false;
    uint32_t i = 0, k = 0;
    while (i < before->n_new_quorums || k < after->n_new_quorums) {
        const struct commitment *old = i < before->n_new_quorums ? &before->new_quorums[i] : NULL;
        const struct commitment *new = k < after->n_new_quorums ? &after->new_quorums[k] : NULL;
        int order = !old ? 1 : !new ? -1 : by_type_and_hash(old, new);
        if (order < 0)
            out->deleted_quorums[out->n_deleted_quorums++] = (struct quorum_ref){old->type, old->hash};
        if (order > 0)
            out->new_quorums[out->n_new_quorums++] = *new;
        i += order <= 0;
        k += order >= 0;
    }
    return true;
}

/* The signature in the coinbase of the block that chose the quorum's members: q - index - 8. */
static bool group_clsigs(const struct recording *r, struct arena *arena, struct mnlistdiff *out)
{
    const uint8_t **signatures = arena_alloc_array(arena, out->n_new_quorums, sizeof(*signatures));
    if (!signatures)
        return false;
    for (uint32_t i = 0; i < out->n_new_quorums; i++) {
        const struct commitment *c = &out->new_quorums[i];
        block_hash base = block_hash_of_quorum(&c->hash);
        int32_t work = recording_height(r, &base) - c->index - WORK_DIFF_DEPTH;
        if (work < 1)
            return false;
        signatures[i] = cbtx_has_chainlock(&r->full[work].cbtx) ? r->full[work].cbtx.best_cl_signature : NULL;
    }
    return devnode_clsigs_group(out, signatures, arena) == 0;
}

static const char *build(const struct recording *r, int32_t height, struct arena *arena, struct mnlistdiff *out)
{
    const struct mnlistdiff *before = &r->full[height - 1], *after = &r->full[height];
    *out = (struct mnlistdiff){
        .proto = PROTO,
        .version = after->version,
        .base = r->hashes[height - 1],
        .block = after->block,
        .proof = after->proof,
        .coinbase = after->coinbase,
    };
    if (!masternodes_between(before, after, arena, out) || !quorums_between(before, after, arena, out))
        return "out of memory";
    if (network_v20_after(&r->network, height) && !group_clsigs(r, arena, out))
        return "a quorum's base block is not on the chain";
    return NULL;
}

static const char *sort_states(const struct recording *r)
{
    for (int32_t h = 1; h <= r->tip; h++) {
        const struct mnlistdiff *d = &r->full[h];
        if (d->n_entries > 1)
            qsort(d->entries, d->n_entries, sizeof(*d->entries), by_protx);
        for (uint32_t i = 1; i < d->n_new_quorums; i++)
            if (by_type_and_hash(&d->new_quorums[i - 1], &d->new_quorums[i]) >= 0)
                return "recorded quorums are not ascending";
    }
    return NULL;
}

const char *recording_write_diffs(struct recording *r, FILE *out)
{
    const char *wrong = sort_states(r);
    struct writer payload, w;
    writer_init(&payload);
    writer_init(&w);
    for (int32_t h = 1; !wrong && h <= r->tip; h++) {
        struct arena arena;
        struct mnlistdiff d;
        arena_init(&arena, 0);
        wrong = build(r, h, &arena, &d);
        writer_reset(&payload);
        if (!wrong)
            mnlistdiff_encode(&payload, &d);
        writer_u32(&w, (uint32_t)payload.n);
        writer_bytes(&w, payload.data, payload.n);
        arena_free(&arena);
    }
    if (!wrong && (payload.failed || !recording_save(&w, out)))
        wrong = "cannot write";
    writer_free(&payload);
    writer_free(&w);
    return wrong;
}
