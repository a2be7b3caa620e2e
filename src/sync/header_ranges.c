/* See header_ranges.h. */
#include "sync/header_ranges.h"

#include "base/fault.h"
#include "sync/client.h"
#include "sync/header_arrival.h"

/* ---- one range */

static bool is_told(const struct header_range *r)
{
    return r->height == r->end;
}

static bool in_work(const struct header_range *r)
{
    return r->newest && !r->newest->hashed;
}

static bool is_idle(const struct header_range *r)
{
    return !r->asked && !r->first;
}

/* One that is in a group is freed when that is back. */
static void drop_message(struct header_message *m)
{
    if (m->in_group && !m->hashed)
        m->dropped = true;
    else
        header_message_free(m);
}

static void drop_messages(struct header_range *r)
{
    while (r->first) {
        struct header_message *m = r->first;
        r->first = m->next;
        drop_message(m);
    }
    r->newest = NULL;
}

/* Nothing of it is told. */
static void begin_again(struct header_range *r)
{
    drop_messages(r);
    r->height = r->start;
    r->last = r->from;
    r->conn = 0;
    r->asked = false;
}

static void append(struct header_range *r, struct header_message *m)
{
    m->range_end = r->end;
    if (r->newest)
        r->newest->next = m;
    else
        r->first = m;
    r->newest = m;
}

static struct header_message *take_first(struct header_range *r)
{
    struct header_message *m = r->first;
    r->first = m->next;
    if (!r->first)
        r->newest = NULL;
    return m;
}

/* ---- which ranges there are */

static void drop_lowest(struct header_ranges *s)
{
    drop_messages(&s->r[0]);
    s->n--;
    memmove(&s->r[0], &s->r[1], s->n * sizeof(s->r[0]));
}

/* The lowest begins at the tip, which may have come here by other ways. */
static void begin_at_tip(const struct dspv *c, struct header_range *r)
{
    r->start = headers_tip_height(c->headers);
    r->from = headers_tip_hash(c->headers);
    begin_again(r);
}

static int64_t room(const struct header_ranges *s)
{
    int64_t left = HEADER_RANGES_ROOM;
    for (size_t i = 1; i < s->n; i++)
        left -= s->r[i].end - s->r[i].start;
    return left;
}

static void add_range(struct dspv *c, const struct checkpoint *end)
{
    struct header_ranges *s = &c->header_ranges;
    struct header_range *r = &s->r[s->n];
    *r = (struct header_range){.end = end->height, .to = end->hash};
    if (s->n == 0) {
        begin_at_tip(c, r);
    } else {
        r->start = s->r[s->n - 1].end;
        r->from = s->r[s->n - 1].to;
        begin_again(r);
    }
    s->n++;
}

static void follow_tip(struct dspv *c)
{
    struct header_ranges *s = &c->header_ranges;
    const struct checkpoint *end;
    int32_t tip = headers_tip_height(c->headers);
    while (s->n > 0 && s->r[0].end <= tip)
        drop_lowest(s);
    if (s->n > 0 && is_idle(&s->r[0]))
        begin_at_tip(c, &s->r[0]);
    while (s->n < HEADER_RANGES_MOST &&
           (end = chain_params_checkpoint_above(&c->net.chain, s->n ? s->r[s->n - 1].end : tip)) != NULL) {
        if (s->n > 0 && end->height - s->r[s->n - 1].end > room(s))
            break;
        add_range(c, end);
    }
}

static struct header_range *range_to(struct header_ranges *s, int32_t end)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->r[i].end == end)
            return &s->r[i];
    return NULL;
}

/* ---- asking */

static bool any_begun(const struct header_ranges *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (!is_idle(&s->r[i]))
            return true;
    return false;
}

static size_t tellable(const struct header_ranges *s, const struct peer *p)
{
    size_t n = 0;
    while (n < s->n && s->r[n].end <= p->start_height)
        n++;
    return n;
}

/* Where few ranges fit, most lanes stay empty: then they are of use for a peer that is far, whose round trips they hide; one that
 * is near, or may be, is asked for plain headers (header_ahead.h). */
bool header_ranges_used(const struct dspv *c, const struct peer *p)
{
    const struct header_ranges *s = &c->header_ranges;
    size_t n = tellable(s, p);
    if (!(p->services & SERVICE_HEADERS_COMPRESSED) || p->ranges_failed || n == 0)
        return false;
    if (any_begun(s))
        return true;
    return n > 1 && (n >= header_lanes_full() || (p->ahead.compressed_ms > 0 && !p->ahead.plain));
}

static int ask(struct dspv *c, struct peer *p, struct header_range *r)
{
    r->conn = p->conn;
    r->asked = true;
    return header_sync_ask_range(c, p, &r->last, &r->to);
}

/* What another peer told of a range goes, unless it is complete: one peer alone tells it. */
static bool wants_asking(struct header_range *r, const struct peer *p)
{
    if (is_told(r) || in_work(r) || (r->asked && r->conn == p->conn))
        return false;
    if (r->conn != p->conn)
        begin_again(r);
    return true;
}

int header_ranges_ask(struct dspv *c, struct peer *p)
{
    struct header_ranges *s = &c->header_ranges;
    int rc = 0;
    if (!peer_usable(p) || storage_holds_back(c) || p->headers_hashing || (p->headers_asked && p->ranges_owed == 0))
        return 0;
    for (size_t i = 0, n = tellable(s, p); rc == 0 && i < n && p->ranges_owed < HEADER_RANGES_MOST; i++)
        if (wants_asking(&s->r[i], p))
            rc = ask(c, p, &s->r[i]);
    return rc;
}

/* ---- answers */

static bool follows(const uint8_t *first, const block_hash *before)
{
    return first && memcmp(first + 4, before->b, 32) == 0;
}

/* It tells this range; or nobody has told anything of it yet: a late answer is as good as one that another peer may give. */
static bool may_tell(const struct header_range *r, const struct peer *p)
{
    return r->conn == p->conn ? r->asked : r->height == r->start && !r->first;
}

static struct header_range *expecting(struct header_ranges *s, const struct peer *p, const uint8_t *first)
{
    for (size_t i = 0; i < s->n; i++)
        if (may_tell(&s->r[i], p) && follows(first, &s->r[i].last))
            return &s->r[i];
    return NULL;
}

/* Which of its questions this answers; ranges_owed: none. Who does not know the block that we named begins after genesis. */
static unsigned question(const struct dspv *c, const struct peer *p, const uint8_t *first)
{
    for (unsigned i = 0; i < p->ranges_owed; i++)
        if (follows(first, &p->ranges_asked[i].after))
            return i;
    return follows(first, &c->net.chain.genesis_hash) ? 0 : p->ranges_owed;
}

bool header_ranges_expect(const struct dspv *c, const struct peer *p, const struct header_message *m, const uint8_t *first)
{
    return p->ranges_owed > 0 && (m->answer || question(c, p, first) < p->ranges_owed);
}

static void answered(struct dspv *c, struct peer *p)
{
    struct address *a = &c->addresses[p->address];
    if (!p->headers_stalled && a->header_stalls > 0)
        a->header_stalls--;
    p->unconnecting = 0;
    p->headers_sent = c->now;
    p->headers_mark = p->received;
}

/* An answer goes to the end of the range, or it is full. */
static bool answers(const struct header_range *r, const struct header_message *m)
{
    uint32_t left = (uint32_t)(r->end - r->height);
    return m->n == left || (m->n < left && m->n >= HEADERS_MOST);
}

static int take_answer(struct dspv *c, struct peer *p, struct header_range *r, struct header_message *m, const struct frame *f,
                       bool *kept)
{
    if (r->conn == p->conn)
        r->asked = false;
    if (!answers(r, m)) {
        p->ranges_failed = true;
        return 0;
    }
    answered(c, p);
    int rc = header_message_read(c, p, m, f);
    if (rc != 0 || p->closing)
        return rc;
    r->conn = p->conn;
    r->asked = false;
    append(r, m);
    *kept = true;
    return 0;
}

/* What is no answer to anything stands for the oldest one. Late ones may be of no use any more, but they come. */
static void note_answer(const struct dspv *c, struct peer *p, unsigned i)
{
    if (i == p->ranges_owed)
        i = 0;
    else if (p->headers_stalled)
        p->headers_sent = c->now;
    p->ranges_owed--;
    memmove(&p->ranges_asked[i], &p->ranges_asked[i + 1], (p->ranges_owed - i) * sizeof(p->ranges_asked[0]));
    p->headers_stalled = p->headers_stalled && header_sync_stalls_at(p) <= c->now;
}

/* What it was asked for and has not told it does not tell. */
static void all_answered(struct header_ranges *s, struct peer *p)
{
    p->headers_asked = p->headers_stalled = false;
    for (size_t i = 0; i < s->n; i++)
        if (s->r[i].asked && s->r[i].conn == p->conn) {
            s->r[i].asked = false;
            p->ranges_failed = true;
        }
}

int header_ranges_message(struct dspv *c, struct peer *p, struct header_message *m, const struct frame *f, const uint8_t *first,
                          bool *kept)
{
    struct header_range *r = expecting(&c->header_ranges, p, first);
    note_answer(c, p, question(c, p, first));
    int rc = r ? take_answer(c, p, r, m, f, kept) : 0;
    if (p->ranges_owed == 0)
        all_answered(&c->header_ranges, p);
    return rc;
}

void header_ranges_peer_gone(struct dspv *c, dspv_conn conn)
{
    for (size_t i = 0; i < c->header_ranges.n; i++)
        if (c->header_ranges.r[i].conn == conn)
            c->header_ranges.r[i].asked = false;
}

/* ---- hashing */

/* Those that wait to be hashed, lowest first, at most a full group. */
static size_t waiting(const struct header_ranges *s, struct header_message *out[HEADER_BATCHES_MOST])
{
    size_t n = 0, most = header_lanes_full();
    for (size_t i = 0; i < s->n && n < most; i++)
        if (in_work(&s->r[i]) && !s->r[i].newest->in_group)
            out[n++] = s->r[i].newest;
    return n;
}

static dspv_ms oldest(struct header_message *const *messages, size_t n)
{
    dspv_ms came = messages[0]->came;
    for (size_t i = 1; i < n; i++)
        came = messages[i]->came < came ? messages[i]->came : came;
    return came;
}

static bool any_asked(const struct header_ranges *s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->r[i].asked)
            return true;
    return false;
}

/* When these make a group; CLIENT_NEVER: not before something happens. */
static dspv_ms due(const struct dspv *c, struct header_message *const *messages, size_t n)
{
    const struct header_ranges *s = &c->header_ranges;
    size_t out = header_lanes_out(&s->lanes);
    if (n == 0 || out == HEADER_LANES_GROUPS)
        return CLIENT_NEVER;
    if (n == header_lanes_full())
        return c->now;
    if (out >= HEADER_LANES_BUSY)
        return CLIENT_NEVER;
    return any_asked(s) ? oldest(messages, n) + HEADER_LANES_WAIT_MS : c->now;
}

dspv_ms header_ranges_deadline(const struct dspv *c)
{
    struct header_message *messages[HEADER_BATCHES_MOST];
    return due(c, messages, waiting(&c->header_ranges, messages));
}

struct dspv_job *header_ranges_next(struct dspv *c)
{
    struct header_message *messages[HEADER_BATCHES_MOST];
    size_t n = waiting(&c->header_ranges, messages);
    if (due(c, messages, n) > c->now)
        return NULL;
    for (size_t i = 0; i < n; i++)
        messages[i]->in_group = true;
    return header_lanes_take(&c->header_ranges.lanes, messages, n);
}

/* What does not lead to the checkpoint is told no further. */
static int hashed(struct dspv *c, struct header_message *m)
{
    struct header_range *r = range_to(&c->header_ranges, m->range_end);
    r->height += (int32_t)m->batch.n;
    r->last = m->batch.hashes[m->batch.n - 1];
    if (!is_told(r) || block_hash_eq(&r->last, &r->to))
        return 0;
    dspv_fault fault = fault_about(DSPV_CHECKPOINT_MISMATCH, r->last.b, r->end);
    struct peer *p = client_peer(c, m->conn);
    begin_again(r);
    return header_refused(c, p, &fault);
}

/* It may be gone afterwards. */
static int message_back(struct dspv *c, struct header_message *m)
{
    m->hashed = true;
    if (!m->dropped)
        return hashed(c, m);
    header_message_free(m);
    return 0;
}

bool header_ranges_back(struct dspv *c, const struct dspv_job *job, int *rc)
{
    struct header_group *g = header_lanes_back(&c->header_ranges.lanes, job);
    *rc = 0;
    if (!g)
        return false;
    for (size_t i = 0; i < g->n; i++) {
        int message_rc = message_back(c, g->messages[i]);
        *rc = *rc == 0 ? message_rc : *rc;
    }
    g->n = 0;
    return true;
}

/* ---- adding */

/* 0, or what headers_add said of the first that it did not take, and *fault. */
static int add_all(struct dspv *c, struct peer *p, const struct header_message *m, dspv_fault *fault)
{
    headers_node node = HEADERS_NONE;
    int rc = 0;
    for (uint32_t i = 0; rc == 0 && i < m->batch.n; i++)
        rc = headers_add(c->headers, m->batch.raw + (size_t)i * HEADER_SIZE, &m->batch.hashes[i], c->now / 1000, &node, fault);
    if (p && node != HEADERS_NONE)
        header_told(c, p, node);
    return rc;
}

/* What was refused, or could not be added, is asked for again; but a peer that is not closed for it, since a block is only too new for
 * our clock, is asked as any is: then it is refused once. */
static int add_first(struct dspv *c)
{
    struct header_range *r = &c->header_ranges.r[0];
    struct header_message *m = take_first(r);
    struct peer *p = client_peer(c, m->conn);
    dspv_fault fault;
    size_t before = headers_count(c->headers);
    int rc = add_all(c, p, m, &fault);
    if (p)
        p->headers_gained = headers_count(c->headers) > before;
    header_message_free(m);
    if (rc == 0)
        return 0;
    begin_again(r);
    if (p && rc == DSPV_EFAULT)
        p->ranges_failed = true;
    return rc == DSPV_EFAULT ? header_refused(c, p, &fault) : rc == DSPV_ESTORE ? 0 : rc;
}

int header_ranges_advance(struct dspv *c, bool *added)
{
    struct header_ranges *s = &c->header_ranges;
    follow_tip(c);
    *added = s->n > 0 && s->r[0].first && s->r[0].first->hashed;
    return *added ? add_first(c) : 0;
}

void header_ranges_free(struct header_ranges *s)
{
    while (s->n > 0)
        drop_lowest(s);
    for (size_t i = 0; i < HEADER_LANES_GROUPS; i++)
        for (size_t k = 0; k < s->lanes.groups[i].n; k++)
            header_message_free(s->lanes.groups[i].messages[k]);
}
