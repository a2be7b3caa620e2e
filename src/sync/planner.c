/* See planner.h. Order of decisions: the tip list, then snapshots (only QRINFO brings them; plan_windows.c says which), then the
 * lists that those answers do not bring anyway, grouped. Read next: masternodes.c, which executes the plan. */
#include "sync/planner.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sync/plan_windows.h"

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
    struct window_task task; /* leads into the two arrays */
    int32_t *lists;          /* wanted and not known, ascending; then those of them that no QRINFO of the plan brings */
    size_t n_lists;
    int32_t *snapshots; /* missing cycles, ascending */
    size_t n_snapshots;
    struct window *windows; /* the QRINFOs of the plan */
    size_t n_windows;
};

static void say(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void say(char *out, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(out, size, format, args);
    va_end(args);
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

/* Plan a QRINFO; the reason is for the caller to fill in. The newest block of the cycle is asked about: it knows the latest
 * commitments. NULL: no room or no such block. */
static struct qr_info_request *add_qr_info(struct builder *b, const struct window *w)
{
    struct plan *p = b->plan;
    struct qr_info_request *r = &p->qr_info_requests[p->n_qr_info];
    int64_t last = (int64_t)w->cycle + b->in->interval - 1;
    int32_t height = last < b->in->tip_height ? (int32_t)last : b->in->tip_height;
    if (p->n_qr_info == PLAN_MAX_REQUESTS || !b->in->block_at(b->in->chain, height, &r->tip))
        return NULL;
    const struct plan_list *base = nearest(b, height);
    r->tip_height = r->priority = height;
    r->extra_share = w->extra_share;
    if (base) {
        r->base_height = base->height;
        r->base = base->block;
    } else if (!b->in->block_at(b->in->chain, 0, &r->base)) {
        memset(&r->base, 0, sizeof(r->base)); /* the chain starts above genesis */
    }
    p->n_qr_info++;
    return r;
}

/* Its base is chosen when all targets are known. */
static bool add_mn_diff(struct builder *b, int32_t height, const char *why)
{
    struct plan *p = b->plan;
    struct mn_diff_request *r = &p->mn_diff_requests[p->n_mn_diff];
    if (p->n_mn_diff == PLAN_MAX_REQUESTS || !b->in->block_at(b->in->chain, height, &r->tip))
        return false;
    r->tip_height = r->priority = height;
    say(r->reason, sizeof(r->reason), "%s", why);
    p->n_mn_diff++;
    return true;
}

/* The nearest list below that is known or a target of this plan, so that no answer repeats what another holds. What a QRINFO
 * will bring is no base: a server that lacks one thing of that is silent, and would take these along. */
static void choose_base(struct builder *b, struct mn_diff_request *r, const struct mn_diff_request *older)
{
    const struct plan_list *list = nearest(b, r->tip_height);
    const char *how = "";
    if (older && (!list || list->height < older->tip_height)) {
        r->base_height = older->tip_height;
        r->base = older->tip;
        how = "; builds on the request below";
    } else if (list) {
        r->base_height = list->height;
        r->base = list->block;
    } else {
        r->base_height = -1;
        how = "; no list below is known: from the empty list";
    }
    size_t n = strlen(r->reason);
    say(r->reason + n, sizeof(r->reason) - n, "%s", how);
}

/* ---- what is missing */

static int ascending(const void *pa, const void *pb)
{
    int32_t a, b;
    memcpy(&a, pa, sizeof(a));
    memcpy(&b, pb, sizeof(b));
    return (a > b) - (a < b);
}

/* Sort, drop repeats; returns how many are left. */
static size_t tidy(int32_t *heights, size_t n)
{
    size_t kept = 0;
    qsort(heights, n, sizeof(*heights), ascending);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || heights[kept - 1] != heights[i])
            heights[kept++] = heights[i];
    return kept;
}

static void want_list(struct builder *b, int32_t height)
{
    bool planned_tip = !b->in->has_tip_list && height == b->in->tip_height;
    if (height >= 0 && height <= b->in->tip_height && !planned_tip && !known(b, height))
        b->lists[b->n_lists++] = height;
}

static void want_snapshot(struct builder *b, int32_t cycle)
{
    int32_t interval = b->in->interval;
    b->plan->rotating_validation_needed = true;
    if (interval > 0 && cycle >= 0 && cycle % interval == 0 && cycle < b->task.tip_cycle)
        b->snapshots[b->n_snapshots++] = cycle;
    else
        b->plan->fallback_to_mn_diff = true;
}

static void collect(struct builder *b)
{
    const struct needs *needs = b->in->needs;
    for (size_t i = 0; needs && i < needs->n; i++) {
        if (needs->items[i].kind == NEED_KIND_LIST)
            want_list(b, needs->items[i].height);
        else if (needs->items[i].kind == NEED_KIND_SNAPSHOT)
            want_snapshot(b, needs->items[i].height);
    }
    for (size_t i = 0; i < b->in->n_lock_heights; i++)
        want_list(b, b->in->lock_heights[i]);
    b->n_lists = b->task.n_lists = tidy(b->lists, b->n_lists);
    b->n_snapshots = b->task.n_snapshots = tidy(b->snapshots, b->n_snapshots);
}

/* ---- the tip */

/* The cycle to begin with. Until its first commitment may be mined, the quorums at the tip are of the cycle before, and those of
 * the one before that rest on a snapshot that only a request about the cycle before brings. False: no QRINFO is answered. */
static bool first_window(const struct builder *b, struct window *w)
{
    const struct window_task *t = &b->task;
    for (int k = t->quiet ? 1 : 0; k >= 0; k--) {
        int32_t cycle = t->tip_cycle - k * t->interval;
        if (!window_answerable(t, cycle))
            continue;
        *w = (struct window){cycle, window_has_extra(t, cycle), true};
        return true;
    }
    return false;
}

/* Below all lists of the first QRINFO lie older ones, which the next rounds ask for. So that only one answer is a whole list, the
 * oldest is asked for at once, and named as base to the server of the QRINFO, which knows that block. */
static void plan_oldest(struct builder *b, const struct window *w, struct qr_info_request *r)
{
    int32_t height = b->in->oldest_list;
    int64_t lowest = (int64_t)w->cycle - (w->extra_share ? 4 : 3) * (int64_t)b->in->interval - WORK_DIFF_DEPTH;
    block_hash block;
    if (height <= 0 || height >= lowest || !b->in->block_at(b->in->chain, height, &block) ||
        !add_mn_diff(b, height, "the oldest list that the types still need: all later answers build on it"))
        return;
    r->base_height = height;
    r->base = block;
    r->base_ahead = true;
}

static void plan_tip(struct builder *b)
{
    const struct plan_input *in = b->in;
    struct window w;
    if (in->has_tip_list)
        return;
    if (in->n_lists > 0) {
        add_mn_diff(b, in->tip_height, "the list at the tip: what is missing shows from it");
        return;
    }
    struct qr_info_request *r = first_window(b, &w) ? add_qr_info(b, &w) : NULL;
    if (!r) {
        add_mn_diff(b, in->tip_height, "the list at the tip, without QRINFO");
        return;
    }
    b->windows[b->n_windows++] = w;
    b->plan->rotating_validation_needed = true;
    plan_oldest(b, &w, r);
    say(r->reason, sizeof(r->reason), "no list is known: one QRINFO brings the rotation cycle at %" PRId32 " and the tip", w.cycle);
}

/* ---- snapshots */

/* Held by one of the first `n` QRINFOs of the plan. */
static bool snapshot_planned(const struct builder *b, int32_t cycle, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (window_brings_snapshot(&b->task, &b->windows[i], cycle))
            return true;
    return false;
}

/* Does the i-th QRINFO hold the snapshot, as the first of the plan? Or none of the plan: it is computed from what they hold. */
static bool is_first(const struct builder *b, int32_t cycle, size_t i)
{
    return window_brings_snapshot(&b->task, &b->windows[i], cycle) && !snapshot_planned(b, cycle, i);
}

static bool is_computed(const struct builder *b, int32_t cycle, size_t i)
{
    (void)i;
    return !snapshot_planned(b, cycle, b->n_windows);
}

/* Who waits for the snapshots of one kind, in words; false: none is of this kind. */
static bool snapshots_reason(const struct builder *b, size_t i, bool (*is_one)(const struct builder *, int32_t, size_t),
                             const char *how, char *out, size_t size)
{
    const struct needs *needs = b->in->needs;
    const struct need *oldest = NULL;
    uint32_t waiting = 0, others = 0;
    for (size_t k = 0; needs && k < needs->n; k++) {
        const struct need *need = &needs->items[k];
        if (need->kind != NEED_KIND_SNAPSHOT || !is_one(b, need->height, i))
            continue;
        others += oldest != NULL;
        oldest = oldest ? oldest : need;
        if (need->wanted_by > waiting)
            waiting = need->wanted_by;
    }
    if (!oldest)
        return false;
    say(out, size, "rotation cycle: %" PRIu32 " quorum%s (%s) wait%s for the snapshot of cycle %" PRId32 "%s", waiting,
        waiting == 1 ? "" : "s", llmq_type_name(oldest->type), waiting == 1 ? "s" : "", oldest->height, how);
    size_t n = strlen(out);
    if (others > 0)
        say(out + n, size - n, " and of %" PRIu32 " newer", others);
    return true;
}

static int plan_snapshots(struct builder *b)
{
    struct window *chosen = b->windows + b->n_windows;
    size_t n;
    bool all;
    int rc = windows_choose(&b->task, chosen, &n, &all);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct window w = chosen[i];
        struct qr_info_request *r = add_qr_info(b, &w);
        if (!r)
            continue; /* the chain does not know the block: the others may be asked */
        b->windows[b->n_windows++] = w;
        r->reason[0] = '\0';
        if (!snapshots_reason(b, b->n_windows - 1, is_first, "", r->reason, sizeof(r->reason)))
            snapshots_reason(b, b->n_windows - 1, is_computed, ", which follows from this one", r->reason, sizeof(r->reason));
    }
    b->plan->fallback_to_mn_diff |= rc == 0 && !all;
    return rc;
}

/* ---- lists */

static bool list_planned(const struct builder *b, int32_t height)
{
    for (size_t i = 0; i < b->n_windows; i++)
        if (window_brings_list(&b->task, &b->windows[i], height))
            return true;
    return false;
}

/* Who wants the list, in words. */
static void list_reason(const struct builder *b, int32_t height, const char *group, char *out, size_t size)
{
    const struct needs *needs = b->in->needs;
    for (size_t i = 0; needs && i < needs->n; i++) {
        const struct need *n = &needs->items[i];
        if (n->kind != NEED_KIND_LIST || n->height != height)
            continue;
        bool one = n->wanted_by == 1;
        say(out, size, "%s; %" PRIu32 " quorum%s wait%s, first a %s", group, n->wanted_by, one ? "" : "s", one ? "s" : "",
            llmq_type_name(n->type));
        return;
    }
    say(out, size, "%s; a lock waits for its quorum set", group);
}

/* Lists lie at work blocks, whole cycles apart where a QRINFO brings them, so no QRINFO answers for neighbours: each takes its
 * own MNLISTDIFF. */
static void plan_group(struct builder *b, const struct height_group *g)
{
    const char *why = g->kind == PLAN_QR_INFO ? "QRINFO does not bring this list" : g->reason;
    for (size_t i = g->first; i < g->first + g->n; i++) {
        char reason[PLAN_REASON_SIZE - 50];
        list_reason(b, b->lists[i], why, reason, sizeof(reason));
        add_mn_diff(b, b->lists[i], reason);
    }
}

static int plan_lists(struct builder *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->n_lists; i++)
        if (!list_planned(b, b->lists[i]))
            b->lists[kept++] = b->lists[i];
    b->n_lists = kept;
    struct height_group *groups = mem_alloc_array(kept + 1, sizeof(*groups));
    if (!groups)
        return DSPV_ENOMEM;
    bool requires_qr_info = b->in->needs && b->in->needs->requires_qrinfo;
    size_t n = planner_group(b->lists, kept, requires_qr_info, b->limits->max_qr_info_span, groups);
    for (size_t i = 0; i < n; i++)
        plan_group(b, &groups[i]);
    mem_free(groups);
    return 0;
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

static bool needs_headers(const struct needs *needs)
{
    return needs && needs->n > 0 && needs->items[0].kind == NEED_KIND_HEADER; /* they come first */
}

static void strategy(struct plan *p, const struct needs *needs)
{
    const char *how = p->fallback_to_mn_diff ? "fallback: snapshots are missing and QRINFO is not to be had"
                      : p->n_qr_info && p->n_mn_diff ? "hybrid: QRINFO for the rotation, MNLISTDIFF for single lists"
                      : p->n_qr_info                 ? "QRINFO brings all that is missing"
                      : p->n_mn_diff                 ? "single lists are missing: MNLISTDIFF is enough"
                      : needs_headers(needs)         ? "headers of base blocks come first"
                                                     : "nothing is missing";
    say(p->strategy_reason, sizeof(p->strategy_reason), "%s (%zu QRINFO, %zu MNLISTDIFF)", how, p->n_qr_info, p->n_mn_diff);
}

static struct window_task task_of(const struct plan_input *in, const struct plan_limits *limits)
{
    int32_t offset = in->interval > 0 ? in->tip_height % in->interval : 0;
    return (struct window_task){
        .interval = in->interval,
        .tip_cycle = in->tip_height - offset,
        .first_cycle = in->first_cycle,
        .allowed = limits->qr_info_allowed,
        .extra_share = limits->extra_share,
        .known_snapshots = in->snapshots,
        .n_known_snapshots = in->n_snapshots,
        .known_lists = in->lists,
        .n_known_lists = in->n_lists,
        .tip_cycles = in->tip_cycles,
        .n_tip_cycles = in->n_tip_cycles,
        .quiet = offset < in->mine_start,
    };
}

static int build(struct builder *b)
{
    size_t most = (b->in->needs ? b->in->needs->n : 0) + b->in->n_lock_heights + 1;
    b->task = task_of(b->in, b->limits);
    b->task.lists = b->lists = mem_alloc_array(most, sizeof(*b->lists));
    b->task.snapshots = b->snapshots = mem_alloc_array(most, sizeof(*b->snapshots));
    b->windows = mem_alloc_array(most, sizeof(*b->windows));
    int rc = b->lists && b->snapshots && b->windows ? 0 : DSPV_ENOMEM;
    if (rc == 0) {
        collect(b);
        plan_tip(b);
        rc = plan_snapshots(b);
    }
    if (rc == 0)
        rc = plan_lists(b);
    mem_free(b->lists);
    mem_free(b->snapshots);
    mem_free(b->windows);
    return rc;
}

int planner_plan(const struct plan_input *in, const struct plan_limits *limits, struct plan *out)
{
    struct builder b = {.in = in, .limits = limits, .plan = out};
    *out = (struct plan){0};
    out->qr_info_requests = mem_zalloc((PLAN_MAX_REQUESTS + 1) * sizeof(*out->qr_info_requests));
    out->mn_diff_requests = mem_zalloc((PLAN_MAX_REQUESTS + 1) * sizeof(*out->mn_diff_requests));
    int rc = out->qr_info_requests && out->mn_diff_requests ? build(&b) : DSPV_ENOMEM;
    if (rc != 0) {
        plan_free(out);
        return rc;
    }
    qsort(out->qr_info_requests, out->n_qr_info, sizeof(*out->qr_info_requests), newest_qr_info_first);
    qsort(out->mn_diff_requests, out->n_mn_diff, sizeof(*out->mn_diff_requests), newest_diff_first);
    for (size_t i = 0; i < out->n_mn_diff; i++)
        choose_base(&b, &out->mn_diff_requests[i], i + 1 < out->n_mn_diff ? &out->mn_diff_requests[i + 1] : NULL);
    out->estimated_completion_ms = (dspv_ms)out->n_qr_info * limits->qr_info_ms + (dspv_ms)out->n_mn_diff * limits->mn_diff_ms;
    strategy(out, in->needs);
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
