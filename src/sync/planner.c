/* See planner.h. Order of decisions: the tip list, then snapshots (only QRINFO brings them, one request for up to four cycles),
 * then the lists that those answers do not bring anyway, grouped. Read next: masternodes.c, which executes the plan. */
#include "sync/planner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* ---- the grouping rule */

static void decide(struct height_group *g, bool requires_qr_info, uint32_t span)
{
    int64_t width = (int64_t)g->end - g->start + 1;
    g->priority = g->end;
    g->kind = PLAN_MN_DIFF;
    if (g->n == 1) {
        g->reason = "single block";
    } else if (width > (int64_t)span) {
        g->reason = "range too large for QRINFO";
    } else if (g->n <= PLAN_SMALL_GROUP && !requires_qr_info) {
        g->reason = "small range";
    } else if (g->n <= PLAN_SMALL_GROUP) {
        g->kind = PLAN_QR_INFO;
        g->reason = "rotation cycle";
    } else {
        g->kind = PLAN_QR_INFO;
        g->reason = "bulk, the diffs come embedded";
    }
}

size_t planner_group(const int32_t *heights, size_t n, bool requires_qr_info, uint32_t span, struct height_group *out)
{
    size_t groups = 0;
    for (size_t i = 0; i < n; i++) {
        struct height_group *g = groups > 0 ? &out[groups - 1] : NULL;
        if (g && (int64_t)heights[i] - g->end <= PLAN_JOIN_GAP && (int64_t)heights[i] - g->start < (int64_t)span) {
            g->end = heights[i];
            g->n++;
            continue;
        }
        out[groups++] = (struct height_group){.start = heights[i], .end = heights[i], .first = i, .n = 1};
    }
    for (size_t i = 0; i < groups; i++)
        decide(&out[i], requires_qr_info, span);
    return groups;
}

/* ---- the plan under construction */

struct builder {
    const struct plan_input *in;
    const struct plan_limits *limits;
    struct plan *plan;
    int32_t *heights; /* lists wanted that no QRINFO of the plan brings, ascending */
    size_t n_heights;
};

static void say(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, size, format, args);
    va_end(args);
}

bool planner_qr_info_brings(int32_t cycle, int32_t interval, bool extra_share, int32_t height)
{
    int64_t back = (int64_t)cycle - WORK_DIFF_DEPTH - height;
    return interval > 0 && back >= 0 && back % interval == 0 && back / interval <= (extra_share ? 4 : 3);
}

static bool known(const struct builder *b, int32_t height)
{
    for (size_t i = 0; i < b->in->n_lists; i++)
        if (b->in->lists[i].height == height)
            return true;
    return false;
}

static const struct plan_list *nearest(const struct builder *b, int32_t height)
{
    const struct plan_list *best = NULL;
    for (size_t i = 0; i < b->in->n_lists && b->in->lists[i].height <= height; i++)
        best = &b->in->lists[i];
    return best;
}

/* Plan a QRINFO for the cycle that `height` lies in; the reason is for the caller to fill in. NULL: no room or no such block. */
static struct qr_info_request *add_qr_info(struct builder *b, int32_t height)
{
    struct plan *p = b->plan;
    struct qr_info_request *r = &p->qr_info_requests[p->n_qr_info];
    if (p->n_qr_info == PLAN_MAX_REQUESTS || !b->in->block_at(b->in->chain, height, &r->tip))
        return NULL;
    const struct plan_list *base = nearest(b, height);
    r->tip_height = r->priority = height;
    r->extra_share = b->limits->extra_share;
    if (base) {
        r->base_height = base->height;
        r->base = base->block;
    } else if (!b->in->block_at(b->in->chain, 0, &r->base)) {
        memset(&r->base, 0, sizeof(r->base)); /* the chain starts above genesis */
    }
    p->n_qr_info++;
    return r;
}

/* `below`: the previous target of this plan, -1 = none. */
static bool add_mn_diff(struct builder *b, int32_t height, int32_t below, const char *why)
{
    struct plan *p = b->plan;
    struct mn_diff_request *r = &p->mn_diff_requests[p->n_mn_diff];
    if (p->n_mn_diff == PLAN_MAX_REQUESTS || !b->in->block_at(b->in->chain, height, &r->tip))
        return false;
    const struct plan_list *base = nearest(b, height);
    r->tip_height = r->priority = height;
    r->base_height = base ? base->height : below;
    if (base)
        r->base = base->block;
    else if (below < 0 || !b->in->block_at(b->in->chain, below, &r->base))
        r->base_height = -1;
    say(r->reason, sizeof(r->reason), "%s%s", why,
        base ? "" : r->base_height < 0 ? "; no list below is known: from the empty list" : "; builds on the request before");
    p->n_mn_diff++;
    return true;
}

/* ---- the tip */

static void plan_tip(struct builder *b)
{
    const struct plan_input *in = b->in;
    if (in->has_tip_list)
        return;
    if (in->n_lists == 0 && in->interval > 0 && b->limits->qr_info_allowed) {
        struct qr_info_request *r = add_qr_info(b, in->tip_height);
        if (r)
            say(r->reason, sizeof(r->reason), "no list is known: one QRINFO brings the rotation cycle at %" PRId32 " and the tip",
                planner_cycle(in->interval, in->tip_height));
        b->plan->rotating_validation_needed = true;
        return;
    }
    add_mn_diff(b, in->tip_height, -1, in->n_lists > 0 ? "the list at the tip" : "the list at the tip, without QRINFO");
}

/* ---- snapshots */

/* The newest cycle whose QRINFO still holds the snapshot: it asks for nothing older than what is missing, which the server may
 * not have. -1: that cycle has not begun. */
static int64_t cycle_holding(const struct builder *b, int32_t snapshot)
{
    const struct plan_input *in = b->in;
    int64_t interval = in->interval, tip_cycle = planner_cycle(in->interval, in->tip_height);
    int64_t first = planner_cycle(in->interval, snapshot) + interval;
    int64_t last = first + (b->limits->extra_share ? 3 : 2) * interval;
    return first > tip_cycle ? -1 : last < tip_cycle ? last : tip_cycle;
}

/* Oldest missing cycle first: each request reaches up as far as it can, so the fewest cover all. */
static void plan_snapshots(struct builder *b)
{
    const struct plan_input *in = b->in;
    const struct needs *needs = in->needs;
    int64_t covered = -1; /* newest cycle whose snapshot the plan brings */
    for (size_t i = 0; needs && i < needs->n; i++) {
        const struct need *need = &needs->items[i];
        if (need->kind != NEED_KIND_SNAPSHOT)
            continue;
        b->plan->rotating_validation_needed = true;
        if (!b->limits->qr_info_allowed || in->interval <= 0) {
            b->plan->fallback_to_mn_diff = true;
            continue;
        }
        int64_t cycle = need->height <= covered ? -1 : cycle_holding(b, need->height);
        if (cycle < 0)
            continue;
        int64_t block = cycle + in->interval - 1;
        struct qr_info_request *r = add_qr_info(b, block < in->tip_height ? (int32_t)block : in->tip_height);
        if (!r)
            continue;
        covered = cycle - in->interval;
        say(r->reason, sizeof(r->reason), "rotation cycle: %" PRIu32 " quorums wait for the snapshot of cycle %" PRId32,
            need->wanted_by, need->height);
    }
}

/* ---- lists */

static bool brought(const struct builder *b, int32_t height)
{
    for (size_t i = 0; i < b->plan->n_qr_info; i++) {
        const struct qr_info_request *r = &b->plan->qr_info_requests[i];
        if (planner_qr_info_brings(planner_cycle(b->in->interval, r->tip_height), b->in->interval, r->extra_share, height))
            return true;
    }
    return false;
}

static int ascending(const void *pa, const void *pb)
{
    int32_t a, b;
    memcpy(&a, pa, sizeof(a));
    memcpy(&b, pb, sizeof(b));
    return (a > b) - (a < b);
}

static void want(struct builder *b, int32_t height)
{
    bool planned_tip = !b->in->has_tip_list && height == b->in->tip_height;
    if (height >= 0 && height <= b->in->tip_height && !planned_tip && !known(b, height) && !brought(b, height))
        b->heights[b->n_heights++] = height;
}

static void collect(struct builder *b)
{
    const struct needs *needs = b->in->needs;
    for (size_t i = 0; needs && i < needs->n; i++)
        if (needs->items[i].kind == NEED_KIND_LIST)
            want(b, needs->items[i].height);
    for (size_t i = 0; i < b->in->n_lock_heights; i++)
        want(b, b->in->lock_heights[i]);
    qsort(b->heights, b->n_heights, sizeof(*b->heights), ascending);
    size_t kept = 0;
    for (size_t i = 0; i < b->n_heights; i++)
        if (kept == 0 || b->heights[kept - 1] != b->heights[i])
            b->heights[kept++] = b->heights[i];
    b->n_heights = kept;
}

/* Who wants the list, in words. */
static void list_reason(const struct builder *b, int32_t height, const char *group, char *out, size_t size)
{
    const struct needs *needs = b->in->needs;
    for (size_t i = 0; needs && i < needs->n; i++) {
        const struct need *n = &needs->items[i];
        if (n->kind != NEED_KIND_LIST || n->height != height)
            continue;
        say(out, size, "%s; %" PRIu32 " quorums wait, first a %s", group, n->wanted_by, llmq_type_name(n->type));
        return;
    }
    say(out, size, "%s; a lock waits for its quorum set", group);
}

/* A group that one QRINFO answers whole; otherwise its lists are asked for one by one. */
static bool group_as_qr_info(struct builder *b, const struct height_group *g)
{
    int32_t interval = b->in->interval;
    if (g->kind != PLAN_QR_INFO || !b->limits->qr_info_allowed || interval <= 0)
        return false;
    int64_t cycle = (int64_t)g->end + WORK_DIFF_DEPTH;
    if (cycle > b->in->tip_height || cycle % interval != 0)
        return false;
    for (size_t i = g->first; i < g->first + g->n; i++)
        if (!planner_qr_info_brings((int32_t)cycle, interval, b->limits->extra_share, b->heights[i]))
            return false;
    struct qr_info_request *r = add_qr_info(b, (int32_t)cycle);
    if (!r)
        return false;
    say(r->reason, sizeof(r->reason), "%s: lists %" PRId32 " to %" PRId32, g->reason, g->start, g->end);
    return true;
}

static void plan_group(struct builder *b, const struct height_group *g, int32_t *below)
{
    if (group_as_qr_info(b, g))
        return;
    const char *why = g->kind == PLAN_QR_INFO ? "QRINFO does not bring this list" : g->reason;
    for (size_t i = g->first; i < g->first + g->n; i++) {
        char reason[PLAN_REASON_SIZE - 50];
        list_reason(b, b->heights[i], why, reason, sizeof(reason));
        if (add_mn_diff(b, b->heights[i], *below, reason))
            *below = b->heights[i];
    }
}

static int plan_lists(struct builder *b)
{
    size_t most = (b->in->needs ? b->in->needs->n : 0) + b->in->n_lock_heights;
    int rc = DSPV_ENOMEM;
    b->heights = mem_alloc_array(most + 1, sizeof(*b->heights));
    struct height_group *groups = mem_alloc_array(most + 1, sizeof(*groups));
    if (b->heights && groups) {
        int32_t below = -1;
        rc = 0;
        collect(b);
        bool requires_qr_info = b->in->needs && b->in->needs->requires_qrinfo;
        size_t n = planner_group(b->heights, b->n_heights, requires_qr_info, b->limits->max_qr_info_span, groups);
        for (size_t i = 0; i < n; i++)
            plan_group(b, &groups[i], &below);
    }
    mem_free(groups);
    mem_free(b->heights);
    b->heights = NULL;
    return rc;
}

/* ---- the whole */

static int newest_diff_first(const void *pa, const void *pb)
{
    const struct mn_diff_request *a = pa, *b = pb;
    return (a->priority < b->priority) - (a->priority > b->priority);
}
static int newest_qr_info_first(const void *pa, const void *pb)
{
    const struct qr_info_request *a = pa, *b = pb;
    return (a->priority < b->priority) - (a->priority > b->priority);
}

static void strategy(struct plan *p)
{
    const char *how = p->fallback_to_mn_diff ? "fallback: snapshots are missing and QRINFO is not to be had"
                      : p->n_qr_info && p->n_mn_diff ? "hybrid: QRINFO for the rotation, MNLISTDIFF for single lists"
                      : p->n_qr_info                 ? "QRINFO brings all that is missing"
                      : p->n_mn_diff                 ? "single lists are missing: MNLISTDIFF is enough"
                                                     : "nothing is missing";
    say(p->strategy_reason, sizeof(p->strategy_reason), "%s (%zu QRINFO, %zu MNLISTDIFF)", how, p->n_qr_info, p->n_mn_diff);
}

int planner_plan(const struct plan_input *in, const struct plan_limits *limits, struct plan *out)
{
    struct builder b = {.in = in, .limits = limits, .plan = out};
    *out = (struct plan){0};
    out->qr_info_requests = mem_zalloc((PLAN_MAX_REQUESTS + 1) * sizeof(*out->qr_info_requests));
    out->mn_diff_requests = mem_zalloc((PLAN_MAX_REQUESTS + 1) * sizeof(*out->mn_diff_requests));
    int rc = out->qr_info_requests && out->mn_diff_requests ? 0 : DSPV_ENOMEM;
    if (rc == 0) {
        plan_tip(&b);
        plan_snapshots(&b);
        rc = plan_lists(&b);
    }
    if (rc != 0) {
        plan_free(out);
        return rc;
    }
    qsort(out->qr_info_requests, out->n_qr_info, sizeof(*out->qr_info_requests), newest_qr_info_first);
    qsort(out->mn_diff_requests, out->n_mn_diff, sizeof(*out->mn_diff_requests), newest_diff_first);
    out->estimated_completion_ms = (dspv_ms)out->n_qr_info * limits->qr_info_ms + (dspv_ms)out->n_mn_diff * limits->mn_diff_ms;
    strategy(out);
    return 0;
}

void plan_free(struct plan *p)
{
    mem_free(p->qr_info_requests);
    mem_free(p->mn_diff_requests);
    *p = (struct plan){0};
}

/* Append one line as far as there is room; *n counts what it takes. */
static void line(char *out, size_t size, size_t *n, const char *format, ...) __attribute__((format(printf, 4, 5)));
static void line(char *out, size_t size, size_t *n, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int more = vsnprintf(*n < size ? out + *n : NULL, *n < size ? size - *n : 0, format, args);
    va_end(args);
    *n += more > 0 ? (size_t)more : 0;
}

size_t plan_text(const struct plan *p, char *out, size_t size)
{
    size_t n = 0;
    if (size > 0)
        out[0] = '\0';
    line(out, size, &n, "%s\n", p->strategy_reason);
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *r = &p->qr_info_requests[i];
        line(out, size, &n, "QRINFO     %9" PRId32 " -> %9" PRId32 "  %s%s\n", r->base_height, r->tip_height, r->reason,
             r->extra_share ? " (with H-4C)" : "");
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        line(out, size, &n, "MNLISTDIFF %9" PRId32 " -> %9" PRId32 "  %s\n", r->base_height < 0 ? 0 : r->base_height,
             r->tip_height, r->reason);
    }
    return n;
}
