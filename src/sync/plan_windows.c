/* See plan_windows.h. Windows are chosen from the oldest missing snapshot up: the next one must hold the oldest snapshot that is
 * neither held nor computed yet, or let it be computed, so it has few places; the best set per place of its last window is kept
 * (dynamic programming over cycles). Sets with a window that brings what survivors of failed DKGs rest on are tried beside it. */
#include "sync/plan_windows.h"

#include <string.h>

#include "base/mem.h"

enum { DEPTH = 3 }; /* snapshots of an answer without its extra share */

/* ---- what an answer holds */

static bool rests_on(const struct window_task *t, int32_t cycle)
{
    for (size_t i = 0; i < t->n_tip_cycles; i++) {
        int64_t back = (int64_t)t->tip_cycles[i] - cycle;
        if (back > 0 && back % t->interval == 0 && back / t->interval <= DEPTH)
            return true;
    }
    return false;
}

/* The last commitments as of the requested block are those of the tip. */
static bool is_of_tip(const struct window_task *t, int32_t cycle)
{
    return cycle == t->tip_cycle || (t->quiet && cycle == t->tip_cycle - t->interval);
}

bool window_answerable(const struct window_task *t, int32_t cycle)
{
    if (!t->allowed || t->interval <= 0 || cycle > t->tip_cycle || (int64_t)cycle - DEPTH * (int64_t)t->interval < t->first_cycle)
        return false;
    for (size_t i = 0; i < t->n_tip_cycles && is_of_tip(t, cycle); i++)
        if ((int64_t)t->tip_cycles[i] - DEPTH * (int64_t)t->interval < t->first_cycle)
            return false;
    return true;
}

bool window_has_extra(const struct window_task *t, int32_t cycle)
{
    return t->extra_share && (int64_t)cycle - (DEPTH + 1) * (int64_t)t->interval >= t->first_cycle;
}

static bool within(const struct window_task *t, const struct window *w, int32_t cycle, int64_t nearest)
{
    int64_t back = (int64_t)w->cycle - cycle;
    return back >= nearest * t->interval && back % t->interval == 0 && back / t->interval <= DEPTH + w->extra_share;
}

bool window_brings_snapshot(const struct window_task *t, const struct window *w, int32_t cycle)
{
    return within(t, w, cycle, 1) || (w->tip_cycles && rests_on(t, cycle));
}

bool window_brings_list(const struct window_task *t, const struct window *w, int32_t height)
{
    int32_t cycle = height + WORK_DIFF_DEPTH;
    return within(t, w, cycle, 0) || (w->tip_cycles && rests_on(t, cycle));
}

static struct window window_at(const struct window_task *t, int32_t cycle)
{
    return (struct window){cycle, window_has_extra(t, cycle), is_of_tip(t, cycle)};
}

/* ---- the search */

/* A set of windows, by its last one. */
struct chain {
    size_t windows, gain; /* how many; wanted lists they bring */
    int32_t before;       /* place of the window before; NO_WINDOW: this is the first */
    bool used;
};

/* What there is at a place. */
struct place {
    bool missing;       /* a quorum waits for the snapshot */
    bool lost;          /* which can be neither brought nor computed */
    bool snapshot_known, snapshot_given; /* in the engine; by a window that is asked anyway */
    bool snapshot_any, list_any;         /* by some window that could be asked */
    bool list_known, list_given, list_wanted;
    bool computed;      /* in the present scan */
    struct chain best;  /* that ends here */
};

struct search {
    const struct window_task *t;
    int32_t base; /* cycle of place 0 */
    int32_t places;
    struct place *at;
};

/* Places of a last window that is none. */
enum { NO_WINDOW = -1, EVERY_WINDOW = -2 };

static int32_t cycle_of(const struct search *s, int32_t place) { return s->base + place * s->t->interval; }

/* Does the window at place `last` bring the list (`nearest` 0), the snapshot (1) of `place`? */
static bool reaches(const struct search *s, int32_t last, int32_t place, int32_t nearest)
{
    if (last == EVERY_WINDOW)
        return nearest == 0 ? s->at[place].list_any : s->at[place].snapshot_any;
    return last >= 0 && last - place >= nearest && last - place <= DEPTH + window_has_extra(s->t, cycle_of(s, last));
}

static bool list_comes(const struct search *s, int32_t place, int32_t last)
{
    const struct place *p = &s->at[place];
    return p->list_known || p->list_given || p->list_wanted || reaches(s, last, place, 0);
}

/* A lower one that is missing was settled before, or the scan would have ended there. */
static bool snapshot_comes(const struct search *s, int32_t place, int32_t last)
{
    const struct place *p = &s->at[place];
    return p->snapshot_known || p->snapshot_given || p->computed || (p->missing && !p->lost) || reaches(s, last, place, 1);
}

/* Will the engine compute the snapshot once everything up to the window at `last` has come? What it could not compute from all
 * it knows, it cannot now. */
static bool computed(const struct search *s, int32_t place, int32_t last)
{
    bool news = !s->at[place].list_known;
    if (!list_comes(s, place, last))
        return false;
    for (int32_t k = 1; k <= DEPTH && cycle_of(s, place - k) >= s->t->first_cycle; k++) {
        if (place < k || !list_comes(s, place - k, last) || !snapshot_comes(s, place - k, last))
            return false;
        news |= !s->at[place - k].list_known || !s->at[place - k].snapshot_known;
    }
    return news;
}

/* The lowest place whose snapshot needs another window, when windows up to place `last` are asked for. */
static int32_t next_snapshot(struct search *s, int32_t last)
{
    int32_t place = last < 0 ? 0 : last;
    for (int32_t i = 0; i < s->places; i++)
        s->at[i].computed = false;
    for (; place < s->places; place++) {
        struct place *p = &s->at[place];
        p->computed = computed(s, place, last);
        if (p->missing && !p->lost && !p->snapshot_given && !p->computed)
            break;
    }
    return place;
}

/* Wanted lists that a window brings and the windows up to place `after` do not. */
static size_t gain_of(const struct search *s, int32_t place, int32_t after)
{
    size_t gain = 0;
    int32_t reach = DEPTH + window_has_extra(s->t, cycle_of(s, place));
    for (int32_t k = 0; k <= reach && place - k > after && place - k >= 0; k++)
        gain += s->at[place - k].list_wanted;
    return gain;
}

/* Extend the set that ends at `last` by every window that settles the next snapshot. */
static void extend(struct search *s, int32_t last)
{
    struct chain from = last < 0 ? (struct chain){0} : s->at[last].best;
    int32_t snapshot = next_snapshot(s, last), lowest = snapshot - DEPTH > last ? snapshot - DEPTH : last + 1;
    for (int32_t place = lowest > 0 ? lowest : 0; place < s->places && place <= snapshot + DEPTH + 1; place++) {
        bool settled = place > snapshot ? reaches(s, place, snapshot, 1) : next_snapshot(s, place) > snapshot;
        if (!settled || !window_answerable(s->t, cycle_of(s, place)))
            continue;
        struct chain c = {from.windows + 1, from.gain + gain_of(s, place, last), last, true}, *best = &s->at[place].best;
        if (!best->used || c.windows < best->windows || (c.windows == best->windows && c.gain >= best->gain))
            *best = c;
    }
}

/* The place of the last window of the best set that settles all; NO_WINDOW: nothing needs to be asked for. */
static int32_t run_search(struct search *s)
{
    int32_t best = NO_WINDOW;
    if (next_snapshot(s, NO_WINDOW) == s->places)
        return best;
    extend(s, NO_WINDOW);
    for (int32_t place = 0; place < s->places; place++) {
        const struct chain *c = &s->at[place].best, *b = best < 0 ? NULL : &s->at[best].best;
        if (!c->used)
            continue;
        if (next_snapshot(s, place) < s->places)
            extend(s, place);
        else if (!b || c->windows < b->windows || (c->windows == b->windows && c->gain >= b->gain))
            best = place; /* the newer of equals: it asks for nothing older than what is missing */
    }
    return best;
}

/* ---- sets with and without a window of the tip */

struct choice {
    struct window *windows;
    size_t n, gain, lost;
};

/* The place of a cycle; -1: none. */
static int32_t place_of(const struct search *s, int64_t cycle)
{
    int64_t above = cycle - s->base;
    return above >= 0 && above % s->t->interval == 0 && above / s->t->interval < s->places ? (int32_t)(above / s->t->interval) : -1;
}

static void place_known(struct search *s)
{
    const struct window_task *t = s->t;
    for (size_t i = 0; i < t->n_known_snapshots; i++) {
        int32_t place = place_of(s, t->known_snapshots[i]);
        if (place >= 0)
            s->at[place].snapshot_known = true;
    }
    for (size_t i = 0; i < t->n_known_lists; i++) {
        int32_t place = place_of(s, (int64_t)t->known_lists[i].height + WORK_DIFF_DEPTH);
        if (place >= 0)
            s->at[place].list_known = true;
    }
}

/* Lay out what is known, missing and wanted when `given` (may be NULL) is asked anyway. Returns the wanted lists `given` brings. */
static size_t prepare(struct search *s, const struct window *given)
{
    const struct window_task *t = s->t;
    size_t gain = 0;
    memset(s->at, 0, (size_t)s->places * sizeof(*s->at));
    place_known(s);
    for (int32_t i = 0; given && i < s->places; i++) {
        s->at[i].snapshot_given = window_brings_snapshot(t, given, cycle_of(s, i));
        s->at[i].list_given = window_brings_list(t, given, llmq_work_height(cycle_of(s, i)));
    }
    for (size_t i = 0; i < t->n_lists; i++) {
        int32_t place = place_of(s, (int64_t)t->lists[i] + WORK_DIFF_DEPTH);
        bool here = given && window_brings_list(t, given, t->lists[i]);
        gain += here;
        if (place >= 0)
            s->at[place].list_wanted = !here;
    }
    for (size_t i = 0; i < t->n_snapshots; i++)
        s->at[place_of(s, t->snapshots[i])].missing = true;
    return gain;
}

static void place_windows(struct search *s)
{
    for (int32_t last = 0; last < s->places; last++) {
        if (!window_answerable(s->t, cycle_of(s, last)))
            continue;
        for (int32_t k = 0; k <= DEPTH + 1 && last - k >= 0; k++) {
            s->at[last - k].list_any |= reaches(s, last, last - k, 0);
            s->at[last - k].snapshot_any |= reaches(s, last, last - k, 1);
        }
    }
}

/* Give up what no window holds and the engine cannot compute; returns how many. */
static size_t give_up(struct search *s)
{
    size_t n = 0;
    for (int32_t place = 0; place < s->places; place++) {
        struct place *p = &s->at[place];
        p->computed = computed(s, place, EVERY_WINDOW);
        p->lost = p->missing && !p->snapshot_given && !p->snapshot_any && !p->computed;
        n += p->lost;
    }
    return n;
}

static bool is_better(const struct choice *a, const struct choice *b)
{
    if (a->lost != b->lost)
        return a->lost < b->lost;
    return a->n != b->n ? a->n < b->n : a->gain > b->gain;
}

/* Keep the set in `best` when it leaves less missing, is smaller, or is as small and brings more lists. */
static void consider(struct search *s, const struct window *given, struct choice *best)
{
    size_t gain = prepare(s, given);
    place_windows(s);
    struct choice now = {.windows = best->windows, .lost = give_up(s)};
    int32_t last = run_search(s);
    const struct chain end = last < 0 ? (struct chain){0} : s->at[last].best;
    now.n = end.windows + (given != NULL);
    now.gain = end.gain + gain;
    if (!is_better(&now, best))
        return;
    *best = now;
    size_t i = now.n;
    if (given)
        best->windows[--i] = *given;
    for (; last >= 0; last = s->at[last].best.before)
        best->windows[--i] = window_at(s->t, cycle_of(s, last));
}

static void choose(struct search *s, struct choice *best)
{
    const struct window_task *t = s->t;
    consider(s, NULL, best);
    for (int k = 0; k <= t->quiet; k++) {
        struct window w = window_at(t, t->tip_cycle - k * t->interval);
        if (window_answerable(t, w.cycle))
            consider(s, &w, best);
    }
}

int windows_choose(const struct window_task *t, struct window *out, size_t *n, bool *all)
{
    *n = 0;
    *all = t->n_snapshots == 0;
    if (t->n_snapshots == 0)
        return 0;
    struct search s = {.t = t, .base = t->snapshots[0] - 2 * (DEPTH + 1) * t->interval}; /* what the lowest useful window brings */
    s.places = (t->tip_cycle - s.base) / t->interval + 1;
    s.at = mem_alloc_array((size_t)s.places, sizeof(*s.at));
    if (!s.at)
        return DSPV_ENOMEM;
    struct choice best = {.windows = out, .lost = SIZE_MAX};
    choose(&s, &best);
    *n = best.n;
    *all = best.lost == 0;
    mem_free(s.at);
    return 0;
}
