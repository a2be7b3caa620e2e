/* See asked.h. Invariants: every open lock counts in the share of the peer it is asked from (locks_open), if that is still there;
 * a tried announcer other than that one has one of its locks_late for it. */
#include "sync/asked.h"

#include "base/mem.h"
#include "sync/client.h"

#define SETTLED 0x80000000u

static const struct bucket_rule asks = {ASKED_AT_ONCE, ASKED_REFILL_MS};

void asked_init(struct dspv *c)
{
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    map_init(&c->locks.asked.index, seed);
    c->locks.asked.next_due = CLIENT_NEVER;
}

void asked_free(struct dspv *c)
{
    mem_free(c->locks.asked.open);
    map_free(&c->locks.asked.index);
}

static struct asked_lock *find(struct asked *a, const hash256 *hash)
{
    uint32_t at;
    return map_get(&a->index, hash->b, &at) && !(at & SETTLED) ? &a->open[at] : NULL;
}

/* ---- shares */

static void may_come_late(struct peer *p)
{
    if (p->locks_late < 2 * ASKED_SHARE)
        p->locks_late++;
}

/* It is not asked from its present peer any more; `late`: the answer may still come. */
static void release(struct dspv *c, const struct asked_lock *l, bool late)
{
    struct peer *p = client_peer(c, l->announcers[l->at]);
    if (!p)
        return;
    p->locks_open--;
    if (late && l->sent)
        may_come_late(p);
}

static bool has_room(const struct dspv *c, const struct peer *p)
{
    return peer_usable(p) && p->locks_open < ASKED_SHARE && bucket_ready(&p->locks_asks, asks, c->now);
}

/* Ask announcers[i], which is `p` and may be asked. */
static void assign(struct dspv *c, struct asked_lock *l, uint8_t i, struct peer *p)
{
    struct asked *a = &c->locks.asked;
    l->at = i;
    l->tried[i] = true;
    l->sent = false;
    l->since = c->now;
    (void)bucket_take(&p->locks_asks, asks, c->now);
    p->locks_open++;
    p->locks_unsent = a->unsent = true;
    if (c->now + ASKED_NEXT_MS < a->next_due)
        a->next_due = c->now + ASKED_NEXT_MS;
}

/* Ask the first announcer that was not tried. False: there is none. */
static bool assign_next(struct dspv *c, struct asked_lock *l, bool late)
{
    for (uint8_t i = 0; i < l->n; i++) {
        struct peer *p = l->tried[i] ? NULL : client_peer(c, l->announcers[i]);
        if (!p || !has_room(c, p))
            continue;
        release(c, l, late);
        assign(c, l, i, p);
        return true;
    }
    return false;
}

/* ---- open and settled */

/* The map holds the key: nothing to allocate, once it is out of the way. */
static void move_key(struct asked *a, const hash256 *hash, uint32_t value)
{
    map_remove(&a->index, hash->b);
    (void)map_put(&a->index, hash->b, value);
}

/* Its place is taken by the last one. */
static void close_lock(struct asked *a, struct asked_lock *l)
{
    size_t at = (size_t)(l - a->open);
    a->n_open--;
    if (at == a->n_open)
        return;
    *l = a->open[a->n_open];
    move_key(a, &l->item.hash, (uint32_t)at);
}

static void forget(struct dspv *c, struct asked_lock *l, bool late)
{
    struct asked *a = &c->locks.asked;
    release(c, l, late);
    map_remove(&a->index, l->item.hash.b);
    close_lock(a, l);
}

static void settle(struct asked *a, struct asked_lock *l)
{
    const hash256 hash = l->item.hash;
    uint32_t place = SETTLED | (uint32_t)a->next_settled, at;
    hash256 *slot = &a->settled[a->next_settled];
    if (map_get(&a->index, slot->b, &at) && at == place)
        map_remove(&a->index, slot->b);
    a->next_settled = (a->next_settled + 1) % ASKED_MOST_SETTLED;
    *slot = hash;
    move_key(a, &hash, place);
    close_lock(a, l);
}

static int open_lock(struct dspv *c, struct peer *p, const struct inventory_item *item)
{
    struct asked *a = &c->locks.asked;
    void *open = a->open;
    int rc = mem_grow(&open, &a->cap_open, a->n_open + 1, sizeof(*a->open));
    a->open = open;
    if (rc != 0 || map_put(&a->index, item->hash.b, (uint32_t)a->n_open) != 0)
        return DSPV_ENOMEM;
    struct asked_lock *l = &a->open[a->n_open++];
    *l = (struct asked_lock){.item = *item, .announcers = {p->conn}, .n = 1};
    assign(c, l, 0, p);
    return 0;
}

/* ---- what peers say */

/* The place of a peer among the announcers; a new one takes a free place, or that of one who is gone. ASKED_MOST_ANNOUNCERS:
 * there is no room. */
static uint8_t announcer(const struct dspv *c, struct asked_lock *l, dspv_conn conn)
{
    uint8_t place = l->n;
    for (uint8_t i = 0; i < l->n; i++) {
        if (l->announcers[i] == conn)
            return i;
        if (i != l->at && !client_peer(c, l->announcers[i]))
            place = i;
    }
    if (place == ASKED_MOST_ANNOUNCERS)
        return place;
    if (place == l->n)
        l->n++;
    l->announcers[place] = conn;
    l->tried[place] = false;
    return place;
}

int asked_announced(struct dspv *c, struct peer *p, const struct inventory_item *item)
{
    struct asked *a = &c->locks.asked;
    uint32_t at;
    if (!map_get(&a->index, item->hash.b, &at))
        return has_room(c, p) ? open_lock(c, p, item) : 0;
    if (at & SETTLED)
        return 0;
    struct asked_lock *l = &a->open[at];
    uint8_t i = announcer(c, l, p->conn);
    bool room = has_room(c, p) || (i == l->at && bucket_ready(&p->locks_asks, asks, c->now));
    if (i < ASKED_MOST_ANNOUNCERS && c->now >= l->since + ASKED_NEXT_MS && room) {
        release(c, l, true); /* everybody was tried: begin again with this one */
        assign(c, l, i, p);
    }
    return 0;
}

enum asked_verdict asked_came(struct dspv *c, struct peer *p, const hash256 *hash)
{
    struct asked *a = &c->locks.asked;
    struct asked_lock *l = find(a, hash);
    for (uint8_t i = 0; l && i < l->n; i++) {
        bool now = i == l->at && l->sent;
        if (l->announcers[i] != p->conn || !l->tried[i] || (!now && p->locks_late == 0))
            continue;
        p->locks_late -= !now;
        release(c, l, !now);
        settle(a, l);
        return ASKED_TAKE;
    }
    if (p->locks_late == 0)
        return ASKED_NEVER;
    p->locks_late--;
    return ASKED_LATE;
}

void asked_lost(struct dspv *c, const hash256 *hash)
{
    uint32_t at;
    if (map_get(&c->locks.asked.index, hash->b, &at) && (at & SETTLED))
        map_remove(&c->locks.asked.index, hash->b);
}

void asked_not_found(struct dspv *c, struct peer *p, const hash256 *hash)
{
    struct asked_lock *l = find(&c->locks.asked, hash);
    if (l && l->sent && l->announcers[l->at] == p->conn) {
        if (!assign_next(c, l, false))
            forget(c, l, false);
    } else if (p->locks_late > 0) {
        p->locks_late--;
    }
}

void asked_peer_gone(struct dspv *c, const struct peer *p)
{
    struct asked *a = &c->locks.asked;
    for (size_t i = a->n_open; i-- > 0;)
        if (a->open[i].announcers[a->open[i].at] == p->conn && !assign_next(c, &a->open[i], false))
            forget(c, &a->open[i], false);
}

/* ---- time */

static bool untried(const struct dspv *c, const struct asked_lock *l)
{
    for (uint8_t i = 0; i < l->n; i++)
        if (!l->tried[i] && client_peer(c, l->announcers[i]))
            return true;
    return false;
}

void asked_tick(struct dspv *c)
{
    struct asked *a = &c->locks.asked;
    if (c->now < a->next_due)
        return;
    a->next_due = CLIENT_NEVER;
    for (size_t i = a->n_open; i-- > 0;) {
        struct asked_lock *l = &a->open[i];
        if (c->now >= l->since + ASKED_NEXT_MS && assign_next(c, l, true))
            continue;
        dspv_ms due = l->since + ASKED_FORGET_MS;
        if (c->now >= due) {
            forget(c, l, true);
            continue;
        }
        if (c->now < l->since + ASKED_NEXT_MS)
            due = l->since + ASKED_NEXT_MS;
        else if (untried(c, l)) /* who has no room now */
            due = c->now + ASKED_NEXT_MS;
        if (due < a->next_due)
            a->next_due = due;
    }
}

dspv_ms asked_deadline(const struct dspv *c)
{
    return c->locks.asked.next_due;
}

/* ---- getdata */

static int send_to(struct dspv *c, struct peer *p)
{
    struct asked *a = &c->locks.asked;
    struct inventory_item items[ASKED_SHARE];
    uint32_t n = 0;
    p->locks_unsent = false;
    for (size_t i = 0; i < a->n_open && n < ASKED_SHARE; i++) {
        struct asked_lock *l = &a->open[i];
        if (l->sent || l->announcers[l->at] != p->conn)
            continue;
        l->sent = true;
        items[n++] = l->item;
    }
    if (n == 0)
        return 0;
    inventory_encode(&c->body, items, n);
    int rc = peer_send(c, p, WIRE_GETDATA, &c->body);
    writer_reset(&c->body);
    return rc;
}

int asked_send(struct dspv *c)
{
    int rc = 0;
    if (!c->locks.asked.unsent)
        return 0;
    c->locks.asked.unsent = false;
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i]->locks_unsent && send_to(c, c->peers[i]) != 0)
            rc = DSPV_ENOMEM; /* that peer is closed */
    return rc;
}
