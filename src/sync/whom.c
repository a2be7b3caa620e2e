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
}

void whom_note_success(struct dspv *c, size_t address, enum plan_kind kind)
{
    c->addresses[address].conduct.failed[kind] = 0;
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

bool whom_none_has_extra(const struct dspv *c)
{
    size_t peers[2] = {0}, with_extra[2] = {0}; /* by suspected */
    for (size_t i = 0; i < c->n_peers; i++) {
        const struct peer *p = c->peers[i];
        bool suspected = blame_suspects(c, p->address);
        peers[suspected] += peer_serves_lists(p);
        with_extra[suspected] += peer_serves_lists(p) && may_have_extra(c, p);
    }
    bool only_suspects = peers[0] == 0;
    return peers[only_suspects] > 0 && with_extra[only_suspects] == 0;
}

/* ---- choice */

/* As far as it has told: the block is on its chain. */
static bool has_block(const struct dspv *c, const struct peer *p, const struct request *r)
{
    headers_node block = headers_find(c->headers, &r->block);
    if (p->told != HEADERS_NONE && headers_ancestor(c->headers, p->told, r->height) == block)
        return true;
    bool other_branch = p->told != HEADERS_NONE && !headers_on_best_chain(c->headers, p->told);
    return !other_branch && p->start_height >= r->height; /* others were first to tell us, or it only claims to */
}

/* What speaks against asking a peer: a block it does not have is a sure silence. One on whose word a quorum failed comes last. */
static unsigned doubts(const struct dspv *c, const struct peer *p, const struct request *r)
{
    bool suspected = r->kind == PLAN_QR_INFO && blame_suspects(c, p->address);
    return whom_failures(c, p->address, r->kind) + (has_block(c, p, r) ? 0 : 2) + (suspected ? 3 : 0);
}

struct peer *whom_to_ask(const struct dspv *c, const struct request *r)
{
    struct peer *best = NULL;
    bool qr_info = r->kind == PLAN_QR_INFO;
    size_t room = qr_info ? 1 : REQUEST_WINDOW, in_all = qr_info ? c->config.qr_info_max_parallel : REQUEST_WINDOW_ALL;
    size_t fewest = 0;
    unsigned least = 0;
    if (requests_in_flight(c, r->kind, NULL) >= in_all)
        return NULL;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!peer_serves_lists(p) || (r->extra_share && !may_have_extra(c, p)))
            continue;
        size_t n = requests_in_flight(c, r->kind, p);
        unsigned against = doubts(c, p, r);
        bool better = !best || against < least || (against == least && n < fewest) ||
                      (against == least && n == fewest && p->asked < best->asked);
        if (better) {
            best = p;
            least = against;
            fewest = n;
        }
    }
    return best && fewest < room ? best : NULL;
}

bool whom_worth_another_attempt(const struct dspv *c, const struct request *r)
{
    unsigned most = r->kind == PLAN_QR_INFO ? REQUEST_QR_INFO_ATTEMPTS : REQUEST_DIFF_ATTEMPTS, peers = 0;
    for (size_t i = 0; i < c->n_peers; i++) {
        if (!peer_serves_lists(c->peers[i]))
            continue;
        if (whom_failures(c, c->peers[i]->address, r->kind) == 0)
            return true;
        peers++;
    }
    return r->attempts < (peers + 1 > most ? peers + 1 : most);
}
