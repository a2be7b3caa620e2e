/* See progress.h. "Synced" is derived from the same state that discovery left, so it cannot be claimed by mistake. */
#include "sync/progress.h"

#include <stdio.h>

#include "sync/client.h"

const char *dspv_phase_name(dspv_phase phase)
{
    switch (phase) {
    case DSPV_PHASE_CONNECTING: return "connecting";
    case DSPV_PHASE_HEADERS: return "headers";
    case DSPV_PHASE_MASTERNODES: return "masternodes";
    case DSPV_PHASE_SYNCED: return "synced";
    case DSPV_PHASE_DEGRADED: return "degraded";
    }
    return "unknown";
}

void progress_init(struct dspv *c)
{
    struct progress *p = &c->progress;
    p->phase = DSPV_PHASE_CONNECTING;
    p->reason = DSPV_OK;
    p->started = p->phase_started = p->last_progress = c->now;
    p->first_height = headers_tip_height(c->headers);
}

/* ---- phase */

static dspv_phase derive(const struct dspv *c, dspv_reason *why)
{
    *why = DSPV_OK;
    if (client_ready_peers(c) == 0) {
        *why = c->last_closed;
        return DSPV_PHASE_CONNECTING;
    }
    if (header_sync_low_work(c)) {
        *why = DSPV_LOW_WORK;
        return DSPV_PHASE_DEGRADED;
    }
    if (header_sync_boasted(c)) {
        *why = DSPV_PEER_BOASTS;
        return DSPV_PHASE_DEGRADED;
    }
    if (!header_sync_done(c))
        return DSPV_PHASE_HEADERS;
    if (!c->config.masternodes || masternodes_synced(c))
        return DSPV_PHASE_SYNCED;
    *why = c->mn.degraded != DSPV_OK ? c->mn.degraded : c->mn.blocked;
    return c->mn.degraded != DSPV_OK ? DSPV_PHASE_DEGRADED : DSPV_PHASE_MASTERNODES;
}

static int tell_phase(struct dspv *c)
{
    const struct progress *p = &c->progress;
    dspv_event e = client_event_of(DSPV_EVENT_PHASE);
    e.phase = p->phase;
    e.reason = p->reason;
    e.height = headers_tip_height(c->headers);
    snprintf(e.text, sizeof(e.text), "%s%s%s", dspv_phase_name(p->phase), p->reason == DSPV_OK ? "" : ": ",
             p->reason == DSPV_OK ? "" : dspv_reason_text(p->reason));
    return client_event(c, &e);
}

/* Once synced, every peer with a filter service is asked for the current ChainLock. */
static int on_synced(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && c->config.masternodes && i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!peer_serves_lists(p) || p->asked_current)
            continue;
        p->asked_current = true;
        rc = locks_ask_current(c, p);
    }
    return rc;
}

/* ---- percent: headers are half of the way, lists and quorums the other */

static int32_t header_target(const struct dspv *c)
{
    int32_t target = headers_tip_height(c->headers);
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_usable(c->peers[i]) && !c->peers[i]->headers_done && c->peers[i]->start_height > target)
            target = c->peers[i]->start_height;
    return target;
}

static double share(double done, double all)
{
    return all <= 0 ? 0 : done >= all ? 1 : done / all;
}

static double measure(const struct dspv *c)
{
    const struct progress *p = &c->progress;
    if (p->phase == DSPV_PHASE_SYNCED)
        return 100;
    if (!header_sync_done(c)) {
        int32_t height = headers_tip_height(c->headers);
        return 50 * share((double)height - p->first_height, (double)header_target(c) - p->first_height);
    }
    size_t open = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++)
        open += request_open(&c->mn.requests[i]);
    double requests = share((double)(c->mn.n_requests - open), (double)c->mn.n_requests);
    return 50 + 24 * requests + 25 * share((double)c->mn.verified, (double)c->mn.wanted);
}

/* ---- what was answered since the last look, by second and by strategy */

static void count_answers(struct dspv *c)
{
    struct progress *p = &c->progress;
    uint32_t answered = p->qr_info_completed + p->mn_diff_completed;
    int64_t second = c->now / 1000;
    size_t at = (size_t)(second % PROGRESS_RATE_S);
    if (p->recent[at].second != second) {
        p->recent[at].second = second;
        p->recent[at].answers = 0;
    }
    p->recent[at].answers += answered - p->answered;
    p->answered = answered;
    if (p->was_fallback)
        p->fallback_diffs += p->mn_diff_completed - p->diffs_before;
    p->diffs_before = p->mn_diff_completed;
    p->was_fallback = c->mn.strategy == DSPV_STRATEGY_FALLBACK;
}

/* Over the last PROGRESS_RATE_S seconds, or since the start while it is younger. */
static double rate(const struct dspv *c)
{
    const struct progress *p = &c->progress;
    int64_t second = c->now / 1000;
    double age_s = (double)(c->now - p->started) / 1000;
    uint32_t answers = 0;
    for (size_t i = 0; i < PROGRESS_RATE_S; i++)
        if (p->recent[i].second > second - PROGRESS_RATE_S)
            answers += p->recent[i].answers;
    return answers / (age_s < 1 ? 1 : age_s < PROGRESS_RATE_S ? age_s : PROGRESS_RATE_S);
}

int progress_update(struct dspv *c)
{
    struct progress *p = &c->progress;
    dspv_reason why;
    count_answers(c);
    dspv_phase phase = derive(c, &why);
    int rc = 0;
    if (phase != p->phase || why != p->reason) {
        if (phase != p->phase)
            p->phase_started = c->now;
        p->phase = phase;
        p->reason = why;
        rc = tell_phase(c);
    }
    if (rc == 0 && phase == DSPV_PHASE_SYNCED)
        rc = on_synced(c);
    double percent = measure(c);
    if (percent > p->percent)
        p->percent = percent;
    return rc;
}

/* ---- the answer to the user */

static void tell_lists(const struct dspv *c, dspv_progress *out)
{
    const struct mnstate *s = engine_tip_list(c->engine);
    out->list_height = s ? s->height : -1;
    if (!s)
        return;
    out->masternodes = (uint32_t)mnlist_count(s->list);
    out->masternodes_valid = (uint32_t)mnlist_valid(s->list);
    out->masternodes_evo = (uint32_t)mnlist_evo(s->list);
}

/* Shares of the present plan; they add up to 100. */
static void tell_plan(const struct dspv *c, dspv_progress *out)
{
    size_t qr_info = c->mn.plan.n_qr_info, all = qr_info + c->mn.plan.n_mn_diff;
    out->plan_qr_info_percent = all ? (uint32_t)((qr_info * 100 + all / 2) / all) : 0;
    out->plan_mn_diff_percent = all ? 100 - out->plan_qr_info_percent : 0;
}

void dspv_get_progress(const dspv *c, dspv_progress *out)
{
    const struct progress *p = &c->progress;
    memset(out, 0, sizeof(*out));
    out->phase = p->phase;
    out->strategy = c->mn.strategy;
    out->reason = p->reason;
    out->peers = (uint32_t)client_ready_peers(c);
    out->start_height = p->first_height;
    out->header_height = headers_tip_height(c->headers);
    out->header_target = header_target(c);
    tell_lists(c, out);
    out->quorums_wanted = (uint32_t)c->mn.wanted;
    out->quorums_verified = (uint32_t)c->mn.verified;
    out->quorums_waiting = (uint32_t)c->mn.waiting;
    out->quorums_invalid = (uint32_t)c->mn.invalid;
    out->qr_info_planned = p->qr_info_planned;
    out->qr_info_completed = p->qr_info_completed;
    out->qr_info_failed = p->qr_info_failed;
    out->mn_diff_planned = p->mn_diff_planned;
    out->mn_diff_completed = p->mn_diff_completed;
    out->mn_diff_failed = p->mn_diff_failed;
    out->fallback_diffs = p->fallback_diffs;
    tell_plan(c, out);
    out->requests_per_second = rate(c);
    out->lookups = p->lookups;
    out->lookups_failed = p->lookups_failed;
    out->bytes_received = p->bytes_received;
    out->bytes_sent = p->bytes_sent;
    out->chainlock_height = c->locks.best;
    out->chainlocks = p->chainlocks;
    out->instantlocks = p->instantlocks;
    out->started = p->started;
    out->phase_started = p->phase_started;
    out->last_progress = p->last_progress;
    out->percent = p->percent;
}
