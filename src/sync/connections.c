/* See connections.h. Invariant: an address is in use exactly while a peer has it. How a peer is judged while it is connected is
 * watch.c. */
#include "sync/client.h"
#include "sync/watch.h"

enum { FEW = 16 };
static const struct bucket_rule opens = {CONNECTIONS_AT_ONCE, CONNECTIONS_REFILL_MS};

void connections_init(struct dspv *c)
{
    struct connections *k = &c->connections;
    *k = (struct connections){.tip = HEADERS_NONE, .feeler_at = c->now + CONNECTIONS_FEELER_MS};
}

void connections_loaded(struct dspv *c)
{
    c->connections.n_anchors = c->book->n_anchors;
    memcpy(c->connections.anchors, c->book->anchors, sizeof(c->connections.anchors));
}

size_t connections_count(const struct dspv *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->n_peers; i++)
        n += !c->peers[i]->feeler;
    return n;
}

void connections_look_again(struct dspv *c)
{
    c->connections.look_at = 0;
}

/* ---- choice */

/* Of the addresses that may be tried at their time the one with the fewest failures: those the user named. NULL: none. */
static struct address *choose_address(const struct dspv *c)
{
    struct address *best = NULL;
    for (size_t i = 0; i < c->n_addresses; i++) {
        struct address *a = &c->addresses[i];
        if (address_of_user(a) && !a->in_use && a->retry_at <= c->now && (!best || a->failures < best->failures))
            best = a;
    }
    return best;
}

static bool in_use(const void *client, const struct book_entry *e)
{
    const struct dspv *c = client;
    for (size_t i = 0; i < c->n_peers; i++)
        if (address_eq(&c->addresses[c->peers[i]->address].addr, &e->addr))
            return true;
    return false;
}

/* One of them is of the same network group. */
static bool same_group(const void *client, const struct book_entry *e)
{
    const struct dspv *c = client;
    uint64_t group = address_group(&e->addr);
    for (size_t i = 0; i < c->n_peers; i++)
        if (address_group(&c->addresses[c->peers[i]->address].addr) == group)
            return true;
    return false;
}

/* Or its source has its share of them. */
static bool too_alike(const void *client, const struct book_entry *e)
{
    const struct dspv *c = client;
    size_t of_source = 0, most = c->config.target_outbound / CONNECTIONS_SHARE;
    for (size_t i = 0; i < c->n_peers; i++) {
        const struct address *a = &c->addresses[c->peers[i]->address];
        of_source += !address_of_user(a) && a->source == e->source;
    }
    return of_source >= (most > 0 ? most : 1) || same_group(client, e);
}

/* Without enough peers there is no time for long waits. */
static struct book_filter filter(const struct dspv *c, bool (*taken)(const void *, const struct book_entry *))
{
    return (struct book_filter){.nets = c->config.nets, .urgent = !masternodes_synced(c), .taken = taken, .context = c};
}

static bool take_anchor(struct dspv *c, dspv_addr *out)
{
    struct connections *k = &c->connections;
    while (k->n_anchors > 0) {
        *out = k->anchors[--k->n_anchors];
        bool usable = (address_net(out) & c->config.nets) && !bans_find(&c->book->bans, out, c->now);
        size_t i = address_set_find(c, out);
        if (usable && (i == ADDRESS_SET_MOST || !c->addresses[i].in_use))
            return true;
    }
    return false;
}

static bool choose_from_book(struct dspv *c, dspv_addr *out)
{
    bool (*const taken[])(const void *, const struct book_entry *) = {too_alike, same_group, in_use};
    struct connections *k = &c->connections;
    if (c->now < k->look_at)
        return false;
    for (size_t i = 0; i < sizeof(taken) / sizeof(taken[0]); i++) { /* rather the same source than the same network */
        struct book_filter f = filter(c, taken[i]);
        if (book_choose(c->book, &f, c->now, out))
            return true;
    }
    k->look_at = c->now + CONNECTIONS_LOOK_MS;
    return false;
}

size_t connections_others(const struct dspv *c)
{
    struct book_filter any = filter(c, in_use);
    size_t n = 0;
    for (size_t i = 0; i < c->n_addresses; i++) {
        const struct address *a = &c->addresses[i];
        n += address_of_user(a) && !a->in_use && a->retry_at <= c->now;
    }
    return c->config.discover ? n + book_available(c->book, &any, c->now, FEW) : n;
}

/* ---- opening */

static int open_at(struct dspv *c, size_t index, bool feeler)
{
    struct peer *p = peer_new(c, index, c->next_conn);
    if (!p)
        return DSPV_ENOMEM;
    c->next_conn++;
    p->feeler = feeler;
    c->addresses[index].in_use = true;
    c->peers[c->n_peers++] = p;
    book_attempt(c->book, &c->addresses[index].addr, c->now);
    return 0;
}

/* *opened: false when there is no room for it, or it is in use. */
static int open_new(struct dspv *c, const dspv_addr *addr, bool feeler, bool *opened)
{
    size_t index;
    int rc = address_set_take(c, addr, &index);
    *opened = false;
    if (rc != 0 || index == ADDRESS_SET_MOST || c->addresses[index].in_use)
        return rc;
    const struct book_entry *e = book_find(c->book, addr);
    struct address *a = &c->addresses[index];
    if (e) {
        a->origins |= e->origins;
        a->source = e->source;
    }
    rc = open_at(c, index, feeler);
    *opened = rc == 0;
    return rc;
}

static int open_discovered(struct dspv *c, bool *opened)
{
    struct connections *k = &c->connections;
    dspv_addr addr;
    *opened = false;
    if (!bucket_ready(&k->opens, opens, c->now) || (!take_anchor(c, &addr) && !choose_from_book(c, &addr)))
        return 0;
    (void)bucket_take(&k->opens, opens, c->now);
    return open_new(c, &addr, false, opened);
}

static size_t wanted(const struct dspv *c)
{
    return c->config.target_outbound + c->connections.extra;
}

int connections_advance(struct dspv *c)
{
    struct address *a;
    int rc = 0;
    while (rc == 0 && connections_count(c) < c->config.target_outbound && (a = choose_address(c)) != NULL)
        rc = open_at(c, (size_t)(a - c->addresses), false);
    bool opened = c->config.discover;
    while (rc == 0 && opened && connections_count(c) < wanted(c))
        rc = open_discovered(c, &opened);
    return rc;
}

/* ---- feelers */

static bool feeling(const struct dspv *c)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i]->feeler)
            return true;
    return false;
}

/* An address that was never tried, or one whose place another waits for: does it work? */
static int send_feeler(struct dspv *c)
{
    struct connections *k = &c->connections;
    struct book_filter f = {.nets = c->config.nets, .only_new = true, .taken = in_use, .context = c};
    dspv_addr addr;
    bool opened;
    if (!c->config.discover || c->now < k->feeler_at || feeling(c))
        return 0;
    k->feeler_at = c->now + CONNECTIONS_FEELER_MS / 2 + (dspv_ms)rng_below(&c->book->rng, CONNECTIONS_FEELER_MS);
    if (connections_count(c) < c->config.target_outbound && !masternodes_synced(c))
        return 0;
    book_settle(c->book, c->now);
    if (!book_to_test(c->book, c->config.nets, c->now, &addr) && !book_choose(c->book, &f, c->now, &addr))
        return 0;
    return open_new(c, &addr, true, &opened);
}

int connections_tick(struct dspv *c)
{
    int rc = watch_peers(c);
    return rc == 0 ? send_feeler(c) : rc;
}

bool connections_ready(struct dspv *c, struct peer *p)
{
    if (c->config.discover)
        book_good(c->book, &c->addresses[p->address].addr, p->services, c->now);
    if (p->feeler)
        peer_close(p, DSPV_PEER_TRIED);
    return !p->feeler;
}

/* ---- closing */

/* An address that can never be of use: what its version message said will not change soon. */
static bool unfit(dspv_reason why)
{
    return why == DSPV_PEER_VERSION || why == DSPV_PEER_SERVICES || why == DSPV_PEER_SELF || why == DSPV_PEER_DEVNET;
}

static bool did_its_work(const struct peer *p, dspv_reason why)
{
    return why == DSPV_PEER_TRIED || why == DSPV_PEER_SPARE || (why == DSPV_PEER_CLOSED && p->headers_done);
}

/* What the connection tells about the address. Whoever collected the points is banned, except a machine of the user's own. */
static void note_end(struct dspv *c, const struct peer *p, struct address *a, dspv_reason why)
{
    bool spared = address_of_user(a) && address_local(&a->addr);
    if (p->score >= PEER_MOST_SCORE && !spared && bans_add(&c->book->bans, &a->addr, why, c->now) == 0)
        a->retry_at = bans_find(&c->book->bans, &a->addr, c->now)->until;
    if (unfit(why))
        book_remove(c->book, &a->addr);
    else if (did_its_work(p, why))
        book_left(c->book, &a->addr, c->now);
    else if (p->got_version)
        book_failed(c->book, &a->addr, c->now);
}

void connections_drop(struct dspv *c, struct peer *p, dspv_reason why)
{
    struct address *a = &c->addresses[p->address];
    dspv_ms wait = CONNECTIONS_RETRY_MS, most = masternodes_synced(c) ? CONNECTIONS_MOST_RETRY_MS : CONNECTIONS_URGENT_RETRY_MS;
    for (unsigned i = 0; i < a->failures && wait < most; i++)
        wait *= 2;
    a->failures = p->headers_done && why == DSPV_PEER_CLOSED ? 0 : a->failures + 1;
    a->in_use = false;
    a->idle_since = c->now;
    a->retry_at = c->now + (wait < most ? wait : most);
    if (c->config.discover)
        note_end(c, p, a, why);
    if (!p->feeler)
        c->last_closed = why;
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i] == p) {
            memmove(&c->peers[i], &c->peers[i + 1], (c->n_peers - i - 1) * sizeof(*c->peers));
            c->n_peers--;
            break;
        }
    header_jobs_peer_gone(&c->header_jobs, p->conn);
    header_ranges_peer_gone(c, p->conn);
    requests_peer_gone(c, p);
    asked_peer_gone(c, p);
    c->mn.again = true; /* others may take over */
}

/* ---- time */

dspv_ms connections_deadline(const struct dspv *c)
{
    const struct connections *k = &c->connections;
    size_t n = connections_count(c);
    dspv_ms best = CLIENT_NEVER;
    for (size_t i = 0; n < c->config.target_outbound && i < c->n_addresses; i++) {
        const struct address *a = &c->addresses[i];
        if (address_of_user(a) && !a->in_use && a->retry_at < best)
            best = a->retry_at;
    }
    if (!c->config.discover)
        return best;
    dspv_ms open = bucket_ready_at(&k->opens, opens);
    if (open < k->look_at && k->n_anchors == 0)
        open = k->look_at;
    if (n < wanted(c) && open < best)
        best = open;
    return k->feeler_at < best && !feeling(c) ? k->feeler_at : best;
}
