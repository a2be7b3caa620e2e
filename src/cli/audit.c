/* See audit.h. Lists need their base, which may come later or inside another message: every message is tried again until a round
 * changes nothing. What is left then waits, and says for what. */
#include "cli/audit.h"

#include "base/mem.h"
#include "cli/capture_internal.h"

/* ---- telling the engine */

static int contradiction(const struct engine *e, const struct capture_block *b, struct capture_problem *problem)
{
    char hex[65], other_hex[65];
    block_hash other;
    hash_to_hex(b->hash.b, hex);
    int32_t known = engine_block_height(e, &b->hash);
    if (known >= 0)
        return capture_refuse(problem, CAPTURE_REFUSED, b->file, 0, "UNKNOWN_BLOCK",
                              "block %s is said to be at height %d and at height %d", hex, (int)known, (int)b->height);
    if (!engine_block_at(e, b->height, &other))
        other = (block_hash){{0}};
    hash_to_hex(other.b, other_hex);
    return capture_refuse(problem, CAPTURE_REFUSED, b->file, 0, "NOT_BEST_CHAIN", "two blocks at height %d: %s and %s",
                          (int)b->height, other_hex, hex);
}

/* Blocks with headers first: a claim about one of them must not hide its header. */
static int feed_blocks(struct audit *a, bool with_header, struct capture_problem *problem)
{
    const struct capture *c = a->capture;
    for (size_t i = 0; i < c->n_blocks; i++) {
        const struct capture_block *b = &c->blocks[i];
        if (b->has_header != with_header)
            continue;
        int32_t known = engine_block_height(a->engine, &b->hash);
        if (known >= 0 && known != b->height)
            return contradiction(a->engine, b, problem);
        if (known >= 0 && !with_header)
            continue;
        int rc = engine_feed_block(a->engine, &b->hash, b->height, with_header ? &b->merkle_root : NULL);
        if (rc == DSPV_EMISUSE)
            return contradiction(a->engine, b, problem);
        if (rc != 0)
            return rc;
    }
    return 0;
}

static bool is_lock(const struct capture_item *item) { return item->kind == CAPTURE_CLSIG || item->kind == CAPTURE_ISDLOCK; }

static bool is_empty(const struct capture_item *item)
{
    const struct mnlistdiff *d = item->diff;
    return item->kind == CAPTURE_DIFF && !d->has_cbtx && d->n_deleted == 0 && d->n_entries == 0 && d->n_deleted_quorums == 0 &&
           d->n_new_quorums == 0 && d->n_clsigs == 0;
}

/* The engine believes what it has proven and does not look at another diff to the same block. An audit does: it must lead to the
 * same roots from its own base. 0; DSPV_ENOMEM; DSPV_EFAULT. */
static int check_repeated(const struct engine *e, const struct mnlistdiff *d, dspv_fault *fault)
{
    const struct chain_params *params = &engine_network(e)->chain;
    const struct mnstate *known = engine_list_of_block(e, &d->block);
    bool genesis = block_hash_is_zero(&d->base) || block_hash_eq(&d->base, &params->genesis_hash);
    struct mnstate *base = genesis ? NULL : engine_list_of_block(e, &d->base), *again;
    if (!known || (!base && !genesis))
        return 0;
    const struct mnstate_block block = {known->height, known->anchored ? &known->proof_root : NULL};
    int rc = mnstate_apply(params, base, d, &block, &again, fault);
    if (rc == 0)
        mnstate_unref(again);
    return rc;
}

/* The diffs of a qrinfo, in no particular order. */
enum { QRINFO_OWN_DIFFS = QRINFO_CYCLES + 2 };
static size_t qrinfo_diffs(const struct qrinfo *q, const struct mnlistdiff *out[QRINFO_OWN_DIFFS])
{
    size_t n = 0;
    out[n++] = &q->h;
    out[n++] = &q->tip;
    for (int i = 0; i < (q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C); i++)
        out[n++] = &q->diffs[i];
    return n;
}

static int check_all_repeated(const struct engine *e, const struct capture_item *message, dspv_fault *fault)
{
    if (message->kind == CAPTURE_DIFF)
        return check_repeated(e, message->diff, fault);
    const struct mnlistdiff *diffs[QRINFO_OWN_DIFFS];
    size_t n = qrinfo_diffs(message->qrinfo, diffs);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < n + message->qrinfo->n_older; i++)
        rc = check_repeated(e, i < n ? diffs[i] : &message->qrinfo->older_diffs[i - n], fault);
    return rc;
}

/* The diffs of a qrinfo one by one: what can be applied of it when not all can. DSPV_EWAITING keeps `fault`. */
static int try_parts(struct engine *e, const struct qrinfo *q, dspv_fault *fault)
{
    const struct mnlistdiff *diffs[QRINFO_OWN_DIFFS];
    size_t n = qrinfo_diffs(q, diffs);
    dspv_fault found;
    for (size_t i = 0; i < n + q->n_older; i++) {
        int rc = engine_apply_diff(e, i < n ? diffs[i] : &q->older_diffs[i - n], &found);
        if (rc == DSPV_EFAULT)
            *fault = found;
        if (rc != 0 && rc != DSPV_EWAITING)
            return rc;
    }
    return DSPV_EWAITING;
}

static int feed_qrinfo(struct engine *e, const struct qrinfo *q, struct audit_item *item)
{
    bool tip_waiting = false;
    if (item->state == AUDIT_TIP_PENDING)
        return engine_apply_diff(e, &q->tip, &item->fault);
    int rc = engine_feed_qrinfo(e, q, &tip_waiting, &item->fault);
    if (rc == DSPV_EWAITING)
        return try_parts(e, q, &item->fault);
    if (rc == 0 && tip_waiting)
        item->state = AUDIT_TIP_PENDING;
    return rc == 0 && tip_waiting ? DSPV_EWAITING : rc;
}

/* One try of one message. */
static int try_item(struct audit *a, size_t i)
{
    const struct capture_item *message = &a->capture->items[i];
    struct audit_item *item = &a->items[i];
    if (is_empty(message)) {
        item->state = AUDIT_EMPTY;
        return 0;
    }
    int rc = check_all_repeated(a->engine, message, &item->fault);
    if (rc == 0 && message->kind == CAPTURE_DIFF)
        rc = engine_apply_diff(a->engine, message->diff, &item->fault);
    else if (rc == 0)
        rc = feed_qrinfo(a->engine, message->qrinfo, item);
    if (rc == 0)
        item->state = AUDIT_TAKEN;
    else if (rc == DSPV_EFAULT)
        item->state = AUDIT_REFUSED;
    return rc == DSPV_EFAULT || rc == DSPV_EWAITING ? 0 : rc;
}

static int feed_messages(struct audit *a)
{
    for (bool moved = true; moved;) {
        moved = false;
        for (size_t i = 0; i < a->capture->n_items; i++) {
            struct audit_item *item = &a->items[i];
            if (is_lock(&a->capture->items[i]) || (item->state != AUDIT_PENDING && item->state != AUDIT_TIP_PENDING))
                continue;
            enum audit_state before = item->state;
            size_t lists = engine_list_count(a->engine);
            int rc = try_item(a, i);
            if (rc != 0)
                return rc;
            moved |= item->state != before || engine_list_count(a->engine) != lists;
        }
    }
    return 0;
}

int audit_run(struct audit *a, const struct capture *capture, const uint8_t seed[32], struct capture_problem *problem)
{
    *a = (struct audit){.capture = capture};
    a->items = mem_alloc_array(capture->n_items + 1, sizeof(*a->items));
    if (!a->items)
        return DSPV_ENOMEM;
    memset(a->items, 0, capture->n_items * sizeof(*a->items));
    int rc = engine_new(&a->engine, capture->net, seed, ENGINE_OFFLINE);
    if (rc == 0)
        rc = feed_blocks(a, true, problem);
    if (rc == 0)
        rc = feed_blocks(a, false, problem);
    if (rc == 0)
        rc = feed_messages(a);
    return rc == 0 ? engine_verify(a->engine) : rc;
}

void audit_free(struct audit *a)
{
    mem_free(a->items);
    if (a->engine)
        engine_free(a->engine);
}
