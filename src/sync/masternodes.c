/* See masternodes.h. Works in rounds: when nothing is asked any more, discover and plan anew; a round whose plan would repeat the
 * one before for the same needs is stuck and waits. Invariant: `complete` is set in one place only, where discovery at the tip
 * list lacks nothing and every wanted quorum is verified. */
#include "sync/masternodes.h"

#include "base/fault.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "sync/answer.h"
#include "sync/client.h"
#include "sync/news.h"
#include "sync/plan_input.h"

void masternodes_init(struct dspv *c)
{
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    c->mn.most_held = REQUEST_MOST_HELD;
    c->mn.qr_info_ms = 2000;
    c->mn.mn_diff_ms = 300;
    map_init(&c->mn.announced, seed);
}

void masternodes_free(struct dspv *c)
{
    requests_drop(c);
    mem_free(c->mn.requests);
    plan_free(&c->mn.plan);
    map_free(&c->mn.announced);
    if (c->mn.job.engine)
        engine_job_done(c->engine, c->mn.job.engine);
}

bool masternodes_synced(const struct dspv *c)
{
    block_hash tip;
    headers_hash(c->headers, headers_tip(c->headers), &tip);
    return c->mn.complete && block_hash_eq(&tip, &c->mn.complete_at);
}

void masternodes_wait(struct dspv *c, dspv_reason why, dspv_ms until)
{
    c->mn.blocked = c->mn.degraded = why;
    c->mn.retry_at = until;
}

dspv_ms masternodes_backoff(unsigned failures)
{
    dspv_ms wait = MASTERNODES_BACKOFF_MS;
    for (unsigned i = 0; i < failures && wait < MASTERNODES_MOST_BACKOFF_MS; i++)
        wait *= 2;
    return wait;
}

/* The round failed or brought nothing new: wait, longer each time. */
static void back_off(struct dspv *c, dspv_reason why)
{
    masternodes_wait(c, why, c->now + masternodes_backoff(c->mn.failed_rounds++));
}

void masternodes_tip_moved(struct dspv *c)
{
    c->mn.again = true;
    c->mn.below = 0;
    c->mn.retry_at = 0;
}

void masternodes_rollback(struct dspv *c, int32_t height)
{
    requests_rollback(c, height);
    blame_rollback(c, height);
    c->mn.complete = false;
    memset(c->mn.last_plan, 0, sizeof(c->mn.last_plan));
    news_forget(c);
}

/* ---- jobs */

static int take_job(struct dspv *c)
{
    if (c->mn.job.engine)
        return 0;
    c->mn.job.told = c->mn.job.back = 0;
    return engine_job_take(c->engine, &c->mn.job.engine);
}

struct dspv_job *masternodes_job_next(struct dspv *c)
{
    const size_t part = c->mn.job.told;
    if (!c->mn.job.engine || part == engine_job_parts(c->mn.job.engine))
        return NULL;
    c->mn.job.parts[part] = (struct dspv_job){.kind = JOB_SIGNATURES, .engine = c->mn.job.engine, .part = part};
    c->mn.job.told++;
    return &c->mn.job.parts[part];
}

bool masternodes_job_back(struct dspv *c, struct dspv_job *job)
{
    for (size_t i = 0; c->mn.job.engine && i < c->mn.job.told; i++) {
        if (job != &c->mn.job.parts[i] || job->back)
            continue;
        job->back = true;
        if (++c->mn.job.back == engine_job_parts(c->mn.job.engine))
            masternodes_job_done(c);
        return true;
    }
    return false;
}

void masternodes_job_done(struct dspv *c)
{
    struct engine_job *done = c->mn.job.engine;
    c->mn.job.engine = NULL;
    c->mn.again = c->locks.again = true;
    c->progress.last_progress = c->now;
    engine_job_done(c->engine, done);
}

/* ---- forgetting */

/* What can no longer matter goes (engine_prune), so that following the chain for weeks takes no more memory than for hours. Only
 * while nothing is asked for: an answer may build on any list. What memory does not suffice for is done another time. */
static void forget(struct dspv *c, int32_t tip)
{
    int32_t keep[MASTERNODES_MOST_LOCK_LISTS];
    size_t n = locks_wanted_lists(c, keep, MASTERNODES_MOST_LOCK_LISTS);
    engine_prune(c->engine, tip, c->locks.best, keep, n);
    news_tidy(c);
}

/* ---- discovery */

/* Feed the headers that quorums wait for; *fed when any was known. */
static int feed_wanted_headers(struct dspv *c, const struct needs *needs, bool *fed)
{
    int rc = 0;
    *fed = false;
    for (size_t i = 0; rc == 0 && i < needs->n; i++) {
        bool found = false;
        if (needs->items[i].kind == NEED_KIND_HEADER)
            rc = client_feed_block(c, &needs->items[i].block, &found);
        *fed = *fed || found;
    }
    return rc;
}

static int discover(struct dspv *c, int32_t height, struct needs *out)
{
    bool fed;
    int rc = engine_discover(c->engine, height, out);
    if (rc != 0)
        return rc;
    rc = feed_wanted_headers(c, out, &fed);
    if (rc == 0 && fed) {
        needs_free(out);
        rc = take_job(c); /* lets the engine look at them again */
        return rc == 0 ? engine_discover(c->engine, height, out) : rc;
    }
    if (rc != 0)
        needs_free(out);
    return rc;
}

static void count(struct dspv *c, const struct needs *needs)
{
    c->mn.wanted = needs->wanted;
    c->mn.verified = needs->verified;
    c->mn.invalid = needs->invalid;
    c->mn.waiting = needs->waiting + needs->ready;
}

/* ---- planning */

static struct plan_limits limits(const struct dspv *c)
{
    const struct masternodes *mn = &c->mn;
    return (struct plan_limits){
        .max_qr_info_span = c->config.max_qr_info_span,
        .qr_info_allowed = mn->qr_info_failures == 0 || c->now >= mn->qr_info_retry_at,
        .extra_share = c->config.qr_info_extra_share && !whom_none_has_extra(c),
        .qr_info_ms = mn->qr_info_ms,
        .mn_diff_ms = mn->mn_diff_ms,
    };
}

static int make_plan(struct dspv *c, int32_t tip, const struct needs *needs, struct plan *out)
{
    int32_t lock_heights[MASTERNODES_MOST_LOCK_LISTS];
    struct plan_limits l = limits(c);
    struct plan_input in;
    int rc = plan_input_init(&in, c->engine, tip, needs);
    if (rc != 0)
        return rc;
    in.block_at = client_block_at;
    in.chain = c;
    in.lock_heights = lock_heights;
    in.n_lock_heights = locks_wanted_lists(c, lock_heights, MASTERNODES_MOST_LOCK_LISTS);
    rc = planner_plan(&in, &l, out);
    plan_input_free(&in);
    return rc;
}

/* What a round is for: two rounds with the same digest would do the same. */
static void digest_plan(const struct dspv *c, const struct plan *p, uint8_t out[32])
{
    uint8_t state[32 + 32 + 4 + 1] = {0};
    block_hash tip;
    headers_hash(c->headers, headers_tip(c->headers), &tip);
    memcpy(state, tip.b, 32);
    for (size_t i = 0; i < p->n_qr_info; i++) {
        memcpy(state + 32, p->qr_info_requests[i].tip.b, 32);
        state[68] = p->qr_info_requests[i].extra_share ? 2 : 1;
        sha256(state, state, sizeof(state));
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        memcpy(state + 32, p->mn_diff_requests[i].tip.b, 32);
        state[68] = 0;
        sha256(state, state, sizeof(state));
    }
    memcpy(out, state, 32);
}

/* Fallback lasts until a QRINFO was answered; trying one in the background does not end it. */
static dspv_strategy strategy_of(const struct dspv *c, const struct plan *p)
{
    if (p->fallback_to_mn_diff || c->mn.qr_info_failures > 0)
        return DSPV_STRATEGY_FALLBACK;
    return p->n_qr_info > 0 ? DSPV_STRATEGY_HYBRID : DSPV_STRATEGY_DISCOVERY;
}

/* ---- rounds */

static int start_round(struct dspv *c, struct plan *p)
{
    struct masternodes *mn = &c->mn;
    plan_free(&mn->plan);
    mn->plan = *p;
    mn->round_failed = false;
    mn->strategy = strategy_of(c, p);
    if (mn->strategy != DSPV_STRATEGY_FALLBACK)
        mn->blocked = DSPV_OK;
    int rc = requests_start(c);
    dspv_event e = client_event_of(DSPV_EVENT_PLAN);
    memcpy(e.text, mn->plan.strategy_reason, sizeof(e.text) - 1);
    if (rc == 0)
        rc = client_event(c, &e);
    return rc == 0 ? requests_send(c) : rc;
}

/* A rotated one first: it may be the snapshots' fault, while of another nothing can be asked for. */
static int judge_invalid(struct dspv *c, int32_t height)
{
    size_t *wanted = NULL, n = 0;
    struct quorum_view v = {.status = QUORUM_WAITING}, other;
    int rc = engine_wanted(c->engine, height, &wanted, &n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        engine_quorum_at(c->engine, wanted[i], &other);
        bool better = v.status != QUORUM_INVALID || (other.quorum->c.type == c->net.instantsend_type &&
                                                     v.quorum->c.type != c->net.instantsend_type);
        if (other.status == QUORUM_INVALID && better)
            v = other;
    }
    mem_free(wanted);
    return rc == 0 && v.status == QUORUM_INVALID ? blame_judge(c, &v) : rc;
}

static int set_complete(struct dspv *c)
{
    headers_hash(c->headers, headers_tip(c->headers), &c->mn.complete_at);
    c->mn.complete = c->mn.was_complete = true;
    c->mn.blocked = c->mn.degraded = DSPV_OK;
    c->mn.failed_rounds = 0;
    c->mn.below = c->mn.last_below = 0;
    c->mn.retry_at = 0;
    if (c->mn.strategy == DSPV_STRATEGY_FALLBACK)
        c->mn.strategy = DSPV_STRATEGY_DISCOVERY; /* recovered */
    return blame_settle(c);
}

/* Nothing can be asked for: either all is well, or say why not. */
static int conclude(struct dspv *c, int32_t tip, const struct needs *needs, bool fallback)
{
    if (c->mn.job.engine || !needs || c->mn.complete)
        return 0; /* verdicts are on their way */
    if (needs->invalid > 0)
        return judge_invalid(c, tip);
    if (fallback) {
        masternodes_wait(c, c->mn.blocked != DSPV_OK ? c->mn.blocked : DSPV_NEED_SNAPSHOT, c->mn.qr_info_retry_at);
        return 0;
    }
    bool header = needs->n > 0 && needs->items[0].kind == NEED_KIND_HEADER;
    back_off(c, header ? DSPV_NEED_HEADER : needs->requires_qrinfo ? DSPV_NEED_SNAPSHOT : DSPV_NEED_LIST);
    int rc = 0;
    for (size_t i = 0; rc == 0 && header && i < c->n_peers; i++)
        if (peer_serves_lists(c->peers[i]))
            rc = header_sync_ask(c, c->peers[i]);
    return rc;
}

static int round_for(struct dspv *c, int32_t tip, const struct needs *needs)
{
    struct plan plan;
    uint8_t digest[32];
    int rc = make_plan(c, tip, needs, &plan);
    if (rc != 0)
        return rc;
    if (plan_is_empty(&plan)) {
        bool fallback = plan.fallback_to_mn_diff;
        if (fallback)
            c->mn.strategy = DSPV_STRATEGY_FALLBACK;
        plan_free(&plan);
        return conclude(c, tip, needs, fallback);
    }
    digest_plan(c, &plan, digest);
    if (memcmp(digest, c->mn.last_plan, 32) == 0) { /* it was answered and brought nothing: do not ask for ever */
        memset(c->mn.last_plan, 0, 32);
        plan_free(&plan);
        if (!c->mn.complete)
            back_off(c, needs && needs->requires_qrinfo ? DSPV_NEED_SNAPSHOT : DSPV_NEED_LIST);
        return 0;
    }
    memcpy(c->mn.last_plan, digest, 32);
    return start_round(c, &plan);
}

/* Nobody serves the tip's list. A miner may have withheld it: what can be verified below it is, so that a ChainLock can decide
 * against that branch. This never ends in "complete". */
static void look_below(struct dspv *c)
{
    struct masternodes *mn = &c->mn;
    int32_t tip = headers_tip_height(c->headers);
    block_hash hash;
    headers_hash(c->headers, headers_tip(c->headers), &hash);
    if (mn->failed_rounds < MASTERNODES_TIP_FAILURES || engine_list_of_block(c->engine, &hash))
        return;
    int32_t below = mn->last_below > 0 && mn->last_below < MASTERNODES_MOST_BELOW ? 2 * mn->last_below : 1;
    if (tip - below < c->net.chain.active.dip0003 || headers_at(c->headers, tip - below) == HEADERS_NONE)
        return;
    mn->below = mn->last_below = below;
    mn->retry_at = 0; /* while the tip waits */
}

/* The tip is next, when its time has come. */
static void end_below(struct dspv *c)
{
    c->mn.below = 0;
    masternodes_wait(c, c->mn.degraded, c->now + masternodes_backoff(c->mn.failed_rounds - 1));
}

/* A round about a block below the tip; without anything to ask for it is over. */
static int round_below(struct dspv *c, int32_t height)
{
    struct needs needs = {0};
    struct plan plan;
    block_hash hash;
    bool found;
    if (!client_block_at(c, height, &hash)) {
        end_below(c);
        return 0;
    }
    int rc = client_feed_block(c, &hash, &found);
    bool listed = rc == 0 && engine_list_of_block(c->engine, &hash) != NULL;
    if (rc == 0 && listed)
        rc = discover(c, height, &needs);
    if (rc == 0)
        rc = make_plan(c, height, listed ? &needs : NULL, &plan);
    needs_free(&needs);
    if (rc != 0)
        return rc;
    uint8_t digest[32];
    digest_plan(c, &plan, digest);
    if (!plan_is_empty(&plan) && memcmp(digest, c->mn.last_plan, 32) != 0) {
        memcpy(c->mn.last_plan, digest, 32);
        return start_round(c, &plan);
    }
    plan_free(&plan);
    if (c->mn.job.engine)
        return 0;
    memset(c->mn.last_plan, 0, 32);
    end_below(c);
    return 0;
}

static int next_round(struct dspv *c)
{
    struct needs needs;
    block_hash tip_hash;
    bool found;
    int32_t tip = headers_tip_height(c->headers);
    headers_hash(c->headers, headers_tip(c->headers), &tip_hash);
    if (tip < c->net.chain.active.dip0003) /* no block has a list yet */
        return set_complete(c);
    int rc = client_feed_block(c, &tip_hash, &found);
    if (rc != 0)
        return rc;
    if (!engine_list_of_block(c->engine, &tip_hash)) {
        c->mn.complete = false;
        return c->mn.below > 0 ? round_below(c, tip - c->mn.below) : round_for(c, tip, NULL);
    }
    rc = discover(c, tip, &needs);
    if (rc != 0)
        return rc;
    count(c, &needs);
    c->mn.complete = false;
    if (needs.n == 0 && needs.verified == needs.wanted)
        rc = set_complete(c);
    forget(c, tip);
    if (rc == 0)
        rc = round_for(c, tip, &needs);
    needs_free(&needs);
    return rc;
}

/* The list came while the QRINFO is silent: does anything wait for a snapshot at all? */
static int drop_needless_qr_info(struct dspv *c)
{
    struct needs needs;
    block_hash tip;
    headers_hash(c->headers, headers_tip(c->headers), &tip);
    if (!requests_spare_came(c) || !engine_list_of_block(c->engine, &tip))
        return 0;
    int rc = discover(c, headers_tip_height(c->headers), &needs);
    if (rc != 0)
        return rc;
    if (!needs.requires_qrinfo)
        requests_drop(c);
    needs_free(&needs);
    return 0;
}

/* While complete, a list that came for a lock may have shown older quorums, which are wanted from then on. */
static int look_again(struct dspv *c)
{
    struct needs needs;
    bool looked = c->mn.planned == engine_changes(c->engine);
    if (looked || !masternodes_synced(c) || headers_tip_height(c->headers) < c->net.chain.active.dip0003)
        return 0;
    int rc = engine_discover(c->engine, headers_tip_height(c->headers), &needs);
    if (rc != 0)
        return rc;
    c->mn.planned = engine_changes(c->engine);
    c->mn.complete = needs.n == 0 && needs.verified == needs.wanted;
    needs_free(&needs);
    return 0;
}

/* Jobs and news come from changes of the engine only. */
static int look_at_engine(struct dspv *c)
{
    if (c->mn.seen == engine_changes(c->engine))
        return 0;
    int rc = take_job(c);
    if (rc == 0)
        rc = news_tell(c);
    if (rc == 0)
        c->mn.seen = engine_changes(c->engine);
    return rc;
}

/* What comes from the store need not wait for peers. */
static int look_at_restored(struct dspv *c)
{
    const struct mnstate *tip = engine_tip_list(c->engine);
    struct needs needs;
    if (c->mn.seen == engine_changes(c->engine) || !tip)
        return 0;
    int rc = look_at_engine(c);
    if (rc == 0)
        rc = engine_discover(c->engine, tip->height, &needs);
    if (rc != 0)
        return rc;
    count(c, &needs);
    needs_free(&needs);
    return 0;
}

/* All was well when the last round was looked for, and nothing changed since. */
static bool nothing_new(const struct dspv *c)
{
    int32_t height;
    return masternodes_synced(c) && c->mn.planned == engine_changes(c->engine) && locks_wanted_lists(c, &height, 1) == 0;
}

static int advance(struct dspv *c)
{
    struct masternodes *mn = &c->mn;
    mn->again = false;
    if (!c->config.masternodes)
        return 0;
    if (!header_sync_done(c))
        return look_at_restored(c);
    int rc = answer_bases_came(c);
    mn->again = false;
    if (rc == 0)
        rc = look_at_engine(c);
    if (rc == 0)
        rc = drop_needless_qr_info(c);
    if (rc == 0)
        rc = requests_send(c);
    if (rc != 0) {
        mn->again = true; /* at the next input */
        return rc;
    }
    if (requests_any_open(c))
        return look_again(c);
    if (mn->round_failed) {
        mn->round_failed = false;
        memset(mn->last_plan, 0, sizeof(mn->last_plan));
        if (mn->below > 0) {
            end_below(c);
        } else {
            back_off(c, mn->blocked);
            look_below(c);
        }
    }
    if (mn->retry_at > c->now || nothing_new(c))
        return 0;
    mn->retry_at = 0;
    rc = next_round(c);
    mn->planned = engine_changes(c->engine);
    mn->again = mn->again || rc != 0 || mn->seen != engine_changes(c->engine);
    return rc;
}

int masternodes_advance(struct dspv *c)
{
    int rc = advance(c);
    c->mn.wake = masternodes_deadline(c);
    return rc;
}

bool masternodes_due(const struct dspv *c)
{
    return c->mn.again || c->now >= c->mn.wake;
}

dspv_ms masternodes_deadline(const struct dspv *c)
{
    dspv_ms best = requests_deadline(c);
    if (!c->config.masternodes || !header_sync_done(c))
        return CLIENT_NEVER; /* a peer comes first */
    if (c->mn.retry_at > c->now && c->mn.retry_at < best)
        best = c->mn.retry_at;
    return best;
}
