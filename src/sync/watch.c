/* See watch.h (after Dash Core src/net_processing.cpp: ConsiderEviction, EvictExtraOutboundPeers, CheckForStaleTipAndEvictPeers).
 * Peers that the user named are never closed for these reasons. */
#include "sync/watch.h"

#include "sync/client.h"

static bool from_book(const struct dspv *c, const struct peer *p)
{
    return !p->feeler && !p->closing && !address_of_user(&c->addresses[p->address]);
}

/* ---- an old tip */

static dspv_ms stale_after_ms(const struct dspv *c)
{
    return (dspv_ms)c->net.chain.pow_spacing_s * CONNECTIONS_STALE_BLOCKS * 1000;
}

static void watch_tip(struct dspv *c)
{
    struct connections *k = &c->connections;
    headers_node tip = headers_tip(c->headers);
    if (tip != k->tip) {
        k->tip = tip;
        k->extra = false;
        k->extra_at = c->now + stale_after_ms(c);
    }
    if (connections_count(c) < c->config.target_outbound || c->now < k->extra_at)
        return;
    k->extra = true;
    k->extra_at = c->now + CONNECTIONS_STALE_CHECK_MS;
}

/* It has had time to show what it knows. */
static bool had_its_chance(const struct dspv *c, const struct peer *p)
{
    return p->state == PEER_READY && c->now - p->since >= CONNECTIONS_CHANCE_MS;
}

/* There is one too many: the one goes that told a new block least recently; of those that never did, the last to come. */
static void evict(struct dspv *c)
{
    struct peer *worst = NULL, *newest = NULL;
    if (connections_count(c) <= c->config.target_outbound)
        return;
    for (size_t i = 0; i < c->n_peers; i++) {
        struct peer *p = c->peers[i];
        if (!p->feeler && !p->closing)
            newest = p;
        if (from_book(c, p) && had_its_chance(c, p) && (!worst || p->news_at <= worst->news_at))
            worst = p;
    }
    if (!worst || !newest || !had_its_chance(c, newest))
        return;
    peer_close(worst, DSPV_PEER_SPARE);
    c->connections.extra = false;
}

/* ---- peers that lag */

static bool less_work(const struct dspv *c, headers_node a, headers_node b)
{
    uint8_t x[32], y[32];
    if (headers_work(c->headers, a, x) != 0 || headers_work(c->headers, b, y) != 0)
        return headers_height(c->headers, a) < headers_height(c->headers, b);
    for (int i = 31; i >= 0; i--)
        if (x[i] != y[i])
            return x[i] < y[i];
    return false;
}

/* It has told its headers, and our tip is better than all of them. */
static bool is_behind(const struct dspv *c, const struct peer *p)
{
    if (!peer_serves_lists(p))
        return false;
    if (p->told == HEADERS_NONE)
        return p->start_height < headers_tip_height(c->headers);
    bool ours = headers_on_best_chain(c->headers, p->told);
    return ours ? p->told != headers_tip(c->headers) : less_work(c, p->told, headers_tip(c->headers));
}

static int watch_lag(struct dspv *c, struct peer *p)
{
    if (!is_behind(c, p)) {
        p->behind_since = 0;
        p->behind_asked = false;
        return 0;
    }
    if (p->behind_since == 0)
        p->behind_since = c->now;
    if (c->now - p->behind_since < CONNECTIONS_BEHIND_MS)
        return 0;
    if (!p->behind_asked) {
        p->behind_asked = true;
        return header_sync_ask(c, p);
    }
    if (c->now - p->behind_since >= CONNECTIONS_BEHIND_MS + CONNECTIONS_CHANCE_MS && from_book(c, p) && connections_others(c) > 0)
        peer_close(p, DSPV_PEER_BEHIND);
    return 0;
}

/* ---- anchors */

static bool fit_for_anchor(const struct dspv *c, const struct peer *p)
{
    return from_book(c, p) && peer_serves_lists(p) && p->behind_since == 0 && c->now - p->since >= CONNECTIONS_ANCHOR_MS;
}

/* The two of the longest standing, of different networks; the old ones stay while there are too few. */
static void choose_anchors(struct dspv *c)
{
    dspv_addr anchors[BOOK_ANCHORS];
    size_t n = 0;
    for (size_t i = 0; i < c->n_peers && n < BOOK_ANCHORS; i++) { /* they are in the order in which they came */
        const dspv_addr *addr = &c->addresses[c->peers[i]->address].addr;
        if (fit_for_anchor(c, c->peers[i]) && (n == 0 || address_group(addr) != address_group(&anchors[0])))
            anchors[n++] = *addr;
    }
    for (size_t i = 0; n > 0 && n < BOOK_ANCHORS && i < c->book->n_anchors; i++)
        if (!address_eq(&c->book->anchors[i], &anchors[0]))
            anchors[n++] = c->book->anchors[i];
    if (n > 0)
        book_set_anchors(c->book, anchors, n);
}

int watch_peers(struct dspv *c)
{
    int rc = 0;
    if (!c->config.discover)
        return 0;
    watch_tip(c);
    evict(c);
    for (size_t i = 0; rc == 0 && i < c->n_peers; i++)
        rc = watch_lag(c, c->peers[i]);
    choose_anchors(c);
    return rc;
}
