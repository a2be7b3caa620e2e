/* See header_sync.h. Invariant: while no peer has told all, or one has more than we can take at once, only the sync peer is
 * asked; a stalled question stays open, so that its answer is no surprise. What arrives: header_arrival.c. */
#include "sync/client.h"
#include "wire/headers.h"

enum { MOST_LOCATOR = 42, MOST_OWED = 2 };
static const struct bucket_rule prompts = {HEADER_SYNC_PROMPTS_AT_ONCE, HEADER_SYNC_PROMPT_REFILL_MS};

/* ---- questions */

/* A branch that is not the best one (yet) goes on where the peer's last header left it. */
static headers_node start_of_question(const struct dspv *c, const struct peer *p)
{
    bool branch = p->headers_more && p->told != HEADERS_NONE && !headers_on_best_chain(c->headers, p->told);
    return branch ? p->told : headers_tip(c->headers);
}

static bool goes_on(const struct peer *p)
{
    return p->headers_more && p->headers_gained;
}

/* A locator is long: what a peer says makes us send only so many, unless it brings headers. */
static bool may_ask(const struct dspv *c, const struct peer *p)
{
    return peer_usable(p) && !p->headers_asked && !p->headers_hashing && !storage_holds_back(c) &&
           (goes_on(p) || bucket_ready(&p->headers_prompts, prompts, c->now));
}

static int send_locator(struct dspv *c, struct peer *p, enum wire_command command, const struct getheaders *m)
{
    getheaders_encode(&c->body, m);
    int rc = peer_send(c, p, command, &c->body);
    writer_reset(&c->body);
    return rc;
}

static void note_question(const struct dspv *c, struct peer *p)
{
    p->headers_asked = true;
    p->headers_again = p->headers_stalled = false;
    p->headers_sent = c->now;
    p->headers_mark = p->received;
}

static int send_question(struct dspv *c, struct peer *p, const block_hash *locator, size_t n)
{
    struct getheaders m = {.version = p->common, .locator = locator, .n_locator = (uint32_t)n};
    note_question(c, p);
    if (p->headers_owed < MOST_OWED)
        p->headers_owed++;
    return send_locator(c, p, header_ahead_compressed(p) ? WIRE_GETHEADERS2 : WIRE_GETHEADERS, &m);
}

static int ask(struct dspv *c, struct peer *p)
{
    block_hash locator[MOST_LOCATOR];
    if (!goes_on(p))
        (void)bucket_take(&p->headers_prompts, prompts, c->now);
    p->headers_from = start_of_question(c, p);
    return send_question(c, p, locator, headers_locator(c->headers, p->headers_from, locator, MOST_LOCATOR));
}

/* A peer that does not have that header any more goes on at the tip, or anywhere. */
int header_sync_ask_after(struct dspv *c, struct peer *p, const block_hash *last)
{
    block_hash locator[2] = {*last, headers_tip_hash(c->headers)};
    return send_question(c, p, locator, 2);
}

int header_sync_ask_range(struct dspv *c, struct peer *p, const block_hash *last, const block_hash *stop)
{
    struct getheaders m = {.version = p->common, .locator = last, .n_locator = 1, .stop = *stop};
    if (p->ranges_owed == 0)
        note_question(c, p);
    p->ranges_asked[p->ranges_owed++] = (struct range_question){*last, c->now, p->received};
    p->headers_more = true;
    return send_locator(c, p, WIRE_GETHEADERS2, &m);
}

/* ---- whom */

static bool any_done(const struct dspv *c)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_serves_lists(c->peers[i]))
            return true;
    return false;
}

static struct peer *sync_peer(const struct dspv *c)
{
    struct peer *p = c->header_sync.peer ? client_peer(c, c->header_sync.peer) : NULL;
    return p && peer_usable(p) ? p : NULL;
}

/* Of the peers with the fewest stalls the one we know longest; once somebody has told all, only those that have more. */
static struct peer *choose(const struct dspv *c)
{
    bool none_done = !any_done(c);
    struct peer *best = NULL;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!peer_usable(p) || p->headers_asked || !(none_done || p->headers_more))
            continue;
        if (!best || c->addresses[p->address].header_stalls < c->addresses[best->address].header_stalls)
            best = p;
    }
    return best;
}

/* The sync peer keeps its place while it answers; a stalled one while nobody else can have it. */
static struct peer *choose_again(const struct dspv *c)
{
    struct peer *p = sync_peer(c);
    if (p && (p->headers_asked ? !p->headers_stalled : p->headers_more))
        return p;
    struct peer *next = choose(c);
    return next || any_done(c) ? next : p;
}

static bool wants_asking(const struct peer *p)
{
    return p->headers_again || !p->headers_done;
}

static int ask_all(struct dspv *c)
{
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (may_ask(c, p) && wants_asking(p))
            rc = ask(c, p);
    }
    return rc;
}

/* Nobody else while the sync peer tells what we lack; but it does not keep us from following when what it tells is a branch. */
static bool others_may(const struct dspv *c)
{
    return !c->header_sync.peer || c->header_sync.done;
}

int header_sync_ask(struct dspv *c, struct peer *p)
{
    p->headers_again = true;
    return may_ask(c, p) && others_may(c) ? ask(c, p) : 0;
}

/* ---- when it is done */

/* Its headers may be better than ours; a claim to have more counts as long as there are others who could show that. */
static bool waits_for(const struct dspv *c, const struct peer *p)
{
    if (p->closing)
        return false;
    return !peer_serves_lists(p) || (c->n_peers > 1 && p->start_height > headers_tip_height(c->headers));
}

static bool keeps_claim(const struct dspv *c, const struct peer *p)
{
    return p->claim_kept || p->start_height <= headers_tip_height(c->headers);
}

/* Somebody has told as much as it claims to have: without that nobody knows where the tip is. */
static bool any_keeps_claim(const struct dspv *c)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_serves_lists(c->peers[i]) && keeps_claim(c, c->peers[i]))
            return true;
    return false;
}

static void doubt(struct dspv *c, bool boasted)
{
    struct header_sync *s = &c->header_sync;
    if (boasted && !s->boasted)
        s->boasted_since = c->now;
    s->boasted = boasted;
}

static void look_around(struct dspv *c)
{
    struct header_sync *s = &c->header_sync;
    bool all = true;
    if (!any_done(c)) {
        s->any = s->settled = false;
        doubt(c, false);
        return;
    }
    if (!s->any) {
        s->any = true;
        s->first_done = c->now;
    }
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        p->claim_kept = p->state == PEER_READY && keeps_claim(c, p); /* and stays so if our tip falls back */
        all = all && !waits_for(c, p);
    }
    s->settled = s->settled || all || c->now >= s->first_done + HEADER_SYNC_CHANCE_MS;
    doubt(c, s->settled && !any_keeps_claim(c));
}

/* The names of headers may change here, and only here: whoever keeps one is told. */
static int settle_headers(struct dspv *c)
{
    headers_node *held[2 * (sizeof(c->peers) / sizeof(c->peers[0])) + 2];
    const struct peer *growing = sync_peer(c);
    size_t n = 0;
    held[n++] = &c->tip;
    held[n++] = &c->connections.tip;
    for (size_t i = 0; i < c->n_peers; i++) {
        held[n++] = &c->peers[i]->told;
        held[n++] = &c->peers[i]->headers_from;
    }
    return headers_settle(c->headers, growing ? growing->told : HEADERS_NONE, held, n);
}

/* The tree is settled after each message, so that it stays small. */
static int take_ranges(struct dspv *c)
{
    bool any = false, added = true;
    int rc = 0;
    while (rc == 0 && added) {
        rc = settle_headers(c);
        if (rc == 0)
            rc = header_ranges_advance(c, &added);
        any = any || added;
    }
    if (!any)
        return rc;
    c->locks.again = true; /* one may have waited for a header */
    int tip_rc = header_sync_tip(c);
    return rc == 0 ? tip_rc : rc;
}

static int ask_sync_peer(struct dspv *c, struct peer *p)
{
    if (header_ranges_used(c, p))
        return header_ranges_ask(c, p);
    return may_ask(c, p) ? ask(c, p) : header_ahead_ask(c, p);
}

int header_sync_advance(struct dspv *c)
{
    struct header_sync *s = &c->header_sync;
    int rc = take_ranges(c);
    struct peer *p = choose_again(c);
    s->peer = p ? p->conn : 0;
    if (rc == 0 && p)
        rc = ask_sync_peer(c, p);
    if (rc == 0 && others_may(c))
        rc = ask_all(c);
    look_around(c);
    bool done = header_sync_done(c);
    if (done != s->done)
        c->mn.again = true;
    s->done = done;
    return rc;
}

static bool enough_work(const struct dspv *c)
{
    uint8_t work[32];
    headers_work(c->headers, headers_tip(c->headers), work);
    for (int i = 31; i >= 0; i--)
        if (work[i] != c->net.chain.minimum_chain_work[i])
            return work[i] > c->net.chain.minimum_chain_work[i];
    return true;
}

/* A peer is making our best chain longer, and has more. */
static bool catching_up(const struct dspv *c)
{
    const struct peer *p = sync_peer(c);
    return p && p->headers_more && !p->headers_later && headers_on_best_chain(c->headers, p->told);
}

bool header_sync_goes_on(const struct dspv *c)
{
    const struct peer *p = sync_peer(c);
    return p && p->headers_gained && !p->headers_stalled && (p->headers_more || p->headers_hashing);
}

static bool told(const struct dspv *c)
{
    return c->header_sync.settled && any_done(c) && !catching_up(c);
}

bool header_sync_done(const struct dspv *c)
{
    return told(c) && enough_work(c) && any_keeps_claim(c);
}
bool header_sync_low_work(const struct dspv *c)
{
    return told(c) && !enough_work(c);
}
bool header_sync_boasted(const struct dspv *c)
{
    const struct header_sync *s = &c->header_sync;
    return s->boasted && c->now >= s->boasted_since + HEADER_SYNC_CHANCE_MS;
}

/* ---- the tip */

static int32_t fork_height(const struct dspv *c)
{
    headers_node node = c->tip;
    while (node != HEADERS_NONE && !headers_on_best_chain(c->headers, node))
        node = headers_prev(c->headers, node);
    return node == HEADERS_NONE ? headers_first_height(c->headers) : headers_height(c->headers, node);
}

int header_sync_tip(struct dspv *c)
{
    headers_node tip = headers_tip(c->headers);
    if (tip == c->tip)
        return 0;
    if (!headers_on_best_chain(c->headers, c->tip)) {
        int32_t fork = fork_height(c);
        engine_rollback(c->engine, fork);
        masternodes_rollback(c, fork);
        locks_rollback(c, fork);
    }
    c->tip = tip;
    c->progress.last_progress = c->now;
    masternodes_tip_moved(c);
    c->locks.again = true;
    dspv_event e = client_event_of(DSPV_EVENT_TIP);
    block_hash hash = headers_tip_hash(c->headers);
    memcpy(e.hash, hash.b, 32);
    e.height = headers_height(c->headers, tip);
    return client_event(c, &e);
}

/* ---- time */

/* The more arrives, the longer it may take. */
static dspv_ms patience(const struct peer *p, dspv_ms since, uint64_t mark)
{
    return since + HEADER_SYNC_STALL_MS + (dspv_ms)((p->received - mark) / HEADER_SYNC_SLOWEST);
}

/* Of many questions the oldest counts, too: not every answer buys the time for another. */
dspv_ms header_sync_stalls_at(const struct peer *p)
{
    const struct range_question *oldest = &p->ranges_asked[0];
    dspv_ms silent = patience(p, p->headers_sent, p->headers_mark);
    dspv_ms slow = p->ranges_owed > 0 ? patience(p, oldest->sent, oldest->mark) : silent;
    return slow < silent ? slow : silent;
}

/* Addresses that could be tried now, beyond those that are about to be. */
static bool others_to_try(const struct dspv *c)
{
    size_t free = connections_others(c), closing = 0;
    for (size_t i = 0; i < c->n_peers; i++)
        closing += c->peers[i]->closing;
    return free > closing;
}

static bool is_doubted(const struct dspv *c, const struct peer *p)
{
    return (c->header_sync.boasted || header_sync_low_work(c)) && p->headers_done && !p->headers_asked && !p->closing;
}

/* Somebody else gets its place, or it has another chance. */
static void doubt_peer(struct dspv *c, struct peer *p)
{
    p->headers_told = c->now;
    if (others_to_try(c))
        peer_close(p, c->header_sync.boasted ? DSPV_PEER_BOASTS : DSPV_LOW_WORK);
    else
        p->headers_again = true; /* header_sync_advance asks */
}

int header_sync_tick(struct dspv *c, struct peer *p)
{
    if (is_doubted(c, p) && p->headers_told + HEADER_SYNC_DOUBT_MS <= c->now)
        doubt_peer(c, p);
    if (!p->headers_asked || p->headers_hashing || p->closing)
        return 0;
    if (p->headers_sent + HEADER_SYNC_TIMEOUT_MS <= c->now) {
        peer_close(p, DSPV_PEER_TIMEOUT);
    } else if (!p->headers_stalled && header_sync_stalls_at(p) <= c->now) {
        p->headers_stalled = true;
        c->addresses[p->address].header_stalls++;
    }
    return 0;
}

static dspv_ms peer_due(const struct dspv *c, const struct peer *p)
{
    if (!peer_usable(p) || p->headers_hashing)
        return CLIENT_NEVER;
    if (p->headers_asked) {
        dspv_ms given_up = p->headers_sent + HEADER_SYNC_TIMEOUT_MS, stalled = header_sync_stalls_at(p);
        return p->headers_stalled || stalled > given_up ? given_up : stalled;
    }
    if (storage_holds_back(c))
        return CLIENT_NEVER;
    if (wants_asking(p) && !may_ask(c, p))
        return bucket_ready_at(&p->headers_prompts, prompts);
    return is_doubted(c, p) ? p->headers_told + HEADER_SYNC_DOUBT_MS : CLIENT_NEVER;
}

dspv_ms header_sync_deadline(const struct dspv *c)
{
    const struct header_sync *s = &c->header_sync;
    dspv_ms best = CLIENT_NEVER;
    if (s->any && !s->settled)
        best = s->first_done + HEADER_SYNC_CHANCE_MS;
    else if (s->boasted && !header_sync_boasted(c))
        best = s->boasted_since + HEADER_SYNC_CHANCE_MS;
    for (size_t i = 0; i < c->n_peers; i++) {
        dspv_ms due = peer_due(c, c->peers[i]);
        if (due < best)
            best = due;
    }
    return best;
}
