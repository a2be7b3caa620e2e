/* See whom.h. A failure counts against the address, so that hanging up and coming back does not make it forgotten. */
#include "sync/whom.h"

#include "sync/client.h"

unsigned whom_failures(const struct dspv *c, size_t address, enum plan_kind kind)
{
    const struct conduct *a = &c->addresses[address].conduct;
    return c->now - a->failed_at[kind] < WHOM_FORGET_MS ? a->failed[kind] : 0;
}

void whom_note_failure(struct dspv *c, size_t address, enum plan_kind kind)
{
    struct conduct *a = &c->addresses[address].conduct;
    a->failed[kind] = whom_failures(c, address, kind) + 1;
    a->failed_at[kind] = c->now;
    a->answered[kind] = false;
}

void whom_note_success(struct dspv *c, size_t address, enum plan_kind kind)
{
    c->addresses[address].conduct.failed[kind] = 0;
    c->addresses[address].conduct.answered[kind] = true;
}

bool whom_note_came(struct dspv *c, size_t address)
{
    struct conduct *a = &c->addresses[address].conduct;
    bool failed = whom_failures(c, address, PLAN_QR_INFO) > 0 || whom_failures(c, address, PLAN_MN_DIFF) > 0;
    bool news = a->came == 0 || (!failed && c->now - a->came >= WHOM_NEWCOMER_MS);
    if (news)
        a->came = c->now;
    return news;
}

/* ---- H-4C */

static bool may_have_extra(const struct dspv *c, const struct peer *p)
{
    return c->now >= c->addresses[p->address].conduct.no_extra_until;
}

void whom_note_no_extra(struct dspv *c, size_t address)
{
    c->addresses[address].conduct.no_extra_until = c->now + WHOM_FORGET_EXTRA_MS;
}

static bool on_other_branch(const struct dspv *c, const struct peer *p)
{
    return p->told != HEADERS_NONE && !headers_on_best_chain(c->headers, p->told);
}

bool whom_none_has_extra(const struct dspv *c)
{
    size_t peers[2] = {0}, with_extra[2] = {0}; /* by doubtful */
    for (size_t i = 0; i < c->n_peers; i++) {
        const struct peer *p = c->peers[i];
        bool doubtful = blame_suspects(c, p->address) || on_other_branch(c, p);
        peers[doubtful] += peer_serves_lists(p);
        with_extra[doubtful] += peer_serves_lists(p) && may_have_extra(c, p);
    }
    bool only_doubtful = peers[0] == 0;
    return peers[only_doubtful] > 0 && with_extra[only_doubtful] == 0;
}

/* ---- choice */

/* As far as it has told: the block is on its chain. */
static bool has_block(const struct dspv *c, const struct peer *p, const struct request *r)
{
    headers_node block = headers_find(c->headers, &r->block);
    if (block != HEADERS_NONE && p->told != HEADERS_NONE && headers_ancestor(c->headers, p->told, r->height) == block)
        return true;
    return !on_other_branch(c, p) && p->start_height >= r->height; /* others were first to tell us, or it only claims to */
}

/* It claims more blocks than anybody has told. */
static bool boasts(const struct dspv *c, const struct peer *p)
{
    int32_t told = p->told == HEADERS_NONE ? -1 : headers_height(c->headers, p->told);
    return p->start_height > told && p->start_height > headers_tip_height(c->headers);
}

/* What speaks against asking a peer: a block it does not have is a sure silence. One on whose word a quorum failed comes last. */
static unsigned doubts(const struct dspv *c, const struct peer *p, const struct request *r)
{
    bool suspected = r->kind == PLAN_QR_INFO && blame_suspects(c, p->address);
    return whom_failures(c, p->address, r->kind) + (has_block(c, p, r) ? 0 : 2) + boasts(c, p) + (suspected ? 3 : 0);
}

static size_t most_in_flight(const struct dspv *c, enum plan_kind kind)
{
    return kind == PLAN_QR_INFO ? c->config.qr_info_max_parallel : REQUEST_WINDOW_ALL;
}

static bool fits(const struct dspv *c, const struct peer *p, const struct request *r)
{
    return peer_serves_lists(p) && (!r->extra_share || may_have_extra(c, p));
}

/* Of two equals: one that has answered before, when that matters; then the one that was asked less. */
static bool rather(const struct dspv *c, const struct peer *p, const struct peer *other, const struct request *r)
{
    bool answered = c->addresses[p->address].conduct.answered[r->kind];
    if (r->attempts > 0 && answered != c->addresses[other->address].conduct.answered[r->kind])
        return answered;
    return p->asked < other->asked;
}

struct peer *whom_to_ask(const struct dspv *c, const struct request *r)
{
    struct peer *best = NULL;
    size_t room = r->kind == PLAN_QR_INFO ? 1 : REQUEST_WINDOW;
    size_t fewest = 0;
    unsigned least = 0;
    if (requests_in_flight(c, r->kind, NULL) >= most_in_flight(c, r->kind))
        return NULL;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!fits(c, p, r))
            continue;
        size_t n = requests_in_flight(c, r->kind, p);
        unsigned against = doubts(c, p, r);
        bool better = !best || against < least || (against == least && n < fewest) ||
                      (against == least && n == fewest && rather(c, p, best, r));
        if (better) {
            best = p;
            least = against;
            fewest = n;
        }
    }
    return best && fewest < room ? best : NULL;
}

struct peer *whom_to_hedge(const struct dspv *c, const struct request *r)
{
    const struct peer *silent = client_peer(c, r->conn);
    struct peer *best = NULL;
    unsigned least = silent ? doubts(c, silent, r) : 0;
    if (requests_in_flight(c, r->kind, NULL) >= most_in_flight(c, r->kind))
        return NULL;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        bool fresh = whom_failures(c, p->address, r->kind) == 0;
        if (p->conn == r->conn || !fresh || !fits(c, p, r) || requests_in_flight(c, r->kind, p) > 0)
            continue;
        unsigned against = doubts(c, p, r);
        if (against > least || (best && against == least && !rather(c, p, best, r)))
            continue;
        best = p;
        least = against;
    }
    return best;
}

bool whom_any_fresh(const struct dspv *c, enum plan_kind kind)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (peer_serves_lists(c->peers[i]) && whom_failures(c, c->peers[i]->address, kind) == 0)
            return true;
    return false;
}

bool whom_worth_another_attempt(const struct dspv *c, const struct request *r)
{
    unsigned most = r->kind == PLAN_QR_INFO ? REQUEST_QR_INFO_ATTEMPTS : REQUEST_DIFF_ATTEMPTS, peers = 0;
    if (whom_any_fresh(c, r->kind))
        return true;
    for (size_t i = 0; i < c->n_peers; i++)
        peers += peer_serves_lists(c->peers[i]);
    return r->attempts < (peers + 1 > most ? peers + 1 : most);
}
