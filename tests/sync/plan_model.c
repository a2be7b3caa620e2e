/* See plan_model.h. Written without a look at plan_windows.c: sets tried one by one, no arithmetic of windows. */
#include "sync/plan_model.h"

#include <string.h>

enum { MOST = 512 };

struct model {
    const struct plan_input *in;
    bool extra_share;
    int32_t interval, tip_cycle;
    int32_t snapshots[MOST], lists[MOST];
    size_t n_snapshots, n_lists;
};

static bool add(int32_t *values, size_t *n, int32_t value)
{
    for (size_t i = 0; i < *n; i++)
        if (values[i] == value)
            return true;
    if (*n == MOST)
        return false;
    values[(*n)++] = value;
    return true;
}

static bool list_known(const struct plan_input *in, int32_t height)
{
    for (size_t i = 0; i < in->n_lists; i++)
        if (in->lists[i].height == height)
            return true;
    return false;
}

static bool gather(struct model *m)
{
    const struct needs *needs = m->in->needs;
    bool room = true;
    for (size_t i = 0; i < needs->n; i++) {
        const struct need *n = &needs->items[i];
        if (n->kind == NEED_KIND_SNAPSHOT)
            room = room && add(m->snapshots, &m->n_snapshots, n->height);
        if (n->kind == NEED_KIND_LIST && n->height >= 0 && n->height <= m->in->tip_height && !list_known(m->in, n->height))
            room = room && add(m->lists, &m->n_lists, n->height);
    }
    for (size_t i = 0; i < m->in->n_lock_heights; i++)
        if (m->in->lock_heights[i] >= 0 && !list_known(m->in, m->in->lock_heights[i]))
            room = room && add(m->lists, &m->n_lists, m->in->lock_heights[i]);
    return room;
}

/* The cycles whose snapshots a QRINFO about `h` holds; returns how many, 0 = it is not answered. */
static size_t answer_of(const struct model *m, int32_t h, int32_t cycles[MOST])
{
    const struct plan_input *in = m->in;
    size_t n = 0;
    for (int k = 1; k <= 3; k++)
        add(cycles, &n, h - k * m->interval);
    bool as_tip = h == m->tip_cycle || (h == m->tip_cycle - m->interval && in->tip_height - m->tip_cycle < in->mine_start);
    for (size_t i = 0; as_tip && i < in->n_tip_cycles; i++)
        for (int k = 1; k <= 3; k++)
            if (!add(cycles, &n, in->tip_cycles[i] - k * m->interval))
                return 0;
    for (size_t i = 0; i < n; i++)
        if (cycles[i] < in->first_cycle)
            return 0;
    if (m->extra_share && h - 4 * m->interval >= in->first_cycle)
        add(cycles, &n, h - 4 * m->interval);
    return n;
}

/* What is there after a set of answers: heights of cycles, so that a list stands for its cycle. */
struct outcome {
    int32_t snapshots[MOST], lists[MOST];
    size_t n_snapshots, n_lists;
};

static bool among(const int32_t *values, size_t n, int32_t value)
{
    for (size_t i = 0; i < n; i++)
        if (values[i] == value)
            return true;
    return false;
}

static void answer(const struct model *m, int32_t h, struct outcome *o)
{
    int32_t cycles[MOST];
    size_t n = answer_of(m, h, cycles);
    for (size_t i = 0; i < n; i++) {
        add(o->snapshots, &o->n_snapshots, cycles[i]);
        add(o->lists, &o->n_lists, cycles[i]);
    }
    if (n > 0)
        add(o->lists, &o->n_lists, h);
}

static bool computes(const struct model *m, const struct outcome *o, int32_t cycle)
{
    const struct plan_input *in = m->in;
    bool all_known = list_known(in, cycle - WORK_DIFF_DEPTH);
    if (!among(o->lists, o->n_lists, cycle))
        return false;
    for (int k = 1; k <= 3; k++) {
        int32_t old = cycle - k * m->interval;
        if (old < in->first_cycle)
            break;
        if (!among(o->lists, o->n_lists, old) || !among(o->snapshots, o->n_snapshots, old))
            return false;
        all_known = all_known && list_known(in, old - WORK_DIFF_DEPTH) && among(in->snapshots, in->n_snapshots, old);
    }
    return !all_known;
}

/* Missing snapshots that the set of answers leaves missing; *mn_diffs: wanted lists that it does not bring. */
static size_t left(const struct model *m, const int32_t *asked, size_t n, uint32_t set, size_t *mn_diffs)
{
    struct outcome o = {.n_snapshots = 0};
    size_t missing = 0;
    for (size_t i = 0; i < n; i++)
        if (set >> i & 1)
            answer(m, asked[i], &o);
    *mn_diffs = 0;
    for (size_t i = 0; i < m->n_lists; i++)
        *mn_diffs += !among(o.lists, o.n_lists, m->lists[i] + WORK_DIFF_DEPTH);
    for (size_t i = 0; i < m->n_lists; i++)
        add(o.lists, &o.n_lists, m->lists[i] + WORK_DIFF_DEPTH);
    for (size_t i = 0; i < m->in->n_lists; i++)
        add(o.lists, &o.n_lists, m->in->lists[i].height + WORK_DIFF_DEPTH);
    for (size_t i = 0; i < m->in->n_snapshots; i++)
        add(o.snapshots, &o.n_snapshots, m->in->snapshots[i]);
    for (bool more = m->interval > 0; more;) {
        more = false;
        for (size_t i = 0; i < o.n_lists; i++)
            if (o.lists[i] % m->interval == 0 && o.lists[i] >= m->in->first_cycle &&
                !among(o.snapshots, o.n_snapshots, o.lists[i]) && computes(m, &o, o.lists[i]))
                more = add(o.snapshots, &o.n_snapshots, o.lists[i]);
    }
    for (size_t i = 0; i < m->n_snapshots; i++)
        missing += !among(o.snapshots, o.n_snapshots, m->snapshots[i]);
    return missing;
}

static size_t ones(uint32_t bits)
{
    size_t n = 0;
    for (; bits; bits &= bits - 1)
        n++;
    return n;
}

bool model_fewest(const struct plan_input *in, const struct plan_limits *limits, struct model_cost *out)
{
    struct model m = {.in = in, .extra_share = limits->extra_share, .interval = in->interval};
    int32_t asked[MODEL_MOST_CYCLES];
    size_t n = 0, mn_diffs;
    if (!gather(&m) || in->n_lists > MOST / 2 || m.n_lists > MOST / 4)
        return false;
    m.tip_cycle = m.interval > 0 ? in->tip_height - in->tip_height % m.interval : 0;
    int32_t oldest = m.tip_cycle;
    for (size_t i = 0; i < m.n_snapshots; i++)
        if (m.snapshots[i] < oldest)
            oldest = m.snapshots[i];
    bool may_ask = limits->qr_info_allowed && m.interval > 0 && m.n_snapshots > 0;
    for (int32_t h = m.tip_cycle; may_ask && h >= oldest - 3 * m.interval && h >= in->first_cycle; h -= m.interval) {
        if (n == MODEL_MOST_CYCLES)
            return false;
        asked[n++] = h;
    }
    size_t least = left(&m, asked, n, (1u << n) - 1, &mn_diffs);
    *out = (struct model_cost){SIZE_MAX, SIZE_MAX, least == 0};
    for (uint32_t set = 0; set < 1u << n; set++) {
        size_t qr_infos = ones(set);
        if (qr_infos > out->qr_infos || left(&m, asked, n, set, &mn_diffs) > least)
            continue;
        if (qr_infos < out->qr_infos || mn_diffs < out->mn_diffs) {
            out->qr_infos = qr_infos;
            out->mn_diffs = mn_diffs;
        }
    }
    return true;
}
