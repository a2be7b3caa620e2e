/* Headers that arrive (header_sync.h). An answer and an announcement look alike (protocol.md 3.8): whatever connects is taken,
 * whatever does not makes us ask with a locator, and only a short answer says that the peer has told all. A message's first
 * header is tried before the others are hashed, which for a large message is done in jobs (header_jobs.h): what it means is
 * decided when they are back. Until then what else the peer says waits (incoming.h), as long as it is not too much: then nothing
 * of that is taken for the answer. */
#include "sync/header_arrival.h"

#include "base/fault.h"
#include "base/reader.h"
#include "crypto/x11.h"
#include "sync/answer.h"
#include "sync/client.h"

enum { MOST_UNCONNECTING = 10, LARGE_HEADERS2_PROTOCOL = 70235 };
enum { UNCONNECTING_POINTS = 20, UNREQUESTED_POINTS = 20 };
static const struct bucket_rule announcements = {HEADER_SYNC_NEWS_AT_ONCE, HEADER_SYNC_NEWS_REFILL_MS};

/* What can be said of a message before it is decoded. Returns its first header's 80 bytes; NULL: there is none, or it is
 * malformed. */
static const uint8_t *look_at(const struct frame *f, struct header_message *m)
{
    enum { FULL_HEADER = 0x38, FLAGS_THAT_COUNT = 0x3f }; /* of a first compressed header, which is complete (protocol.md 3.8) */
    bool compressed = f->command == WIRE_HEADERS2;
    struct reader r;
    reader_init(&r, f->payload.p, f->payload.n);
    m->n = reader_compact_size(&r);
    m->answer = m->n == 0 || m->n > HEADER_SYNC_MOST_ANNOUNCED;
    m->compressed = compressed;
    if (m->n == 0 || (compressed && (reader_u8(&r) & FLAGS_THAT_COUNT) != FULL_HEADER))
        return NULL;
    return reader_bytes(&r, HEADER_SIZE);
}

static int points(dspv_reason reason)
{
    return reason == DSPV_TIME_TOO_NEW ? 10 : PEER_MOST_SCORE;
}

/* A new header on a branch that is long, or leaves the best chain far below the tip. Such branches are taken from one peer at a
 * time: while others push theirs, none of them can make us forget what that one tells. */
static bool is_far_off(const struct dspv *c, const struct peer *p, const uint8_t *raw, const block_hash *hash)
{
    if (p->conn == c->header_sync.peer)
        return false;
    block_hash before = header_parse(raw).prev;
    headers_node prev = headers_find(c->headers, &before);
    if (prev == HEADERS_NONE || headers_find(c->headers, hash) != HEADERS_NONE)
        return false;
    int32_t off = headers_off_best(c->headers, prev, HEADER_SYNC_MOST_OFF);
    return off == HEADER_SYNC_MOST_OFF ||
           headers_height(c->headers, prev) - off < headers_tip_height(c->headers) - HEADER_SYNC_MOST_OFF;
}

int header_refused(struct dspv *c, struct peer *p, const dspv_fault *fault)
{
    dspv_fault f = *fault;
    if (f.reason == DSPV_PREV_UNKNOWN)
        f.reason = DSPV_NOT_CONTINUOUS;
    return p && !p->closing ? peer_score(c, p, points(f.reason), &f, "headers") : 0;
}

/* A header is refused, and with it all that follows. */
static int refuse(struct dspv *c, struct peer *p, struct header_message *m, const dspv_fault *fault)
{
    m->refused = true;
    header_jobs_refuse(&c->header_jobs, p->conn);
    return header_refused(c, p, fault);
}

void header_told(const struct dspv *c, struct peer *p, headers_node node)
{
    p->told = node;
    p->claim_kept |= headers_height(c->headers, node) >= p->start_height;
}

/* What there is to say of the first header, before any other is hashed. */
static int try_first(struct dspv *c, struct peer *p, struct header_message *m, const uint8_t *raw)
{
    dspv_fault fault;
    x11_hash(&m->first, raw);
    m->later = is_far_off(c, p, raw, &m->first);
    int rc = m->later ? 0 : headers_try(c->headers, raw, &m->first, c->now / 1000, &fault);
    if (rc == DSPV_ESTORE) { /* it may be known: nothing is lost by asking again */
        m->later = true;
        return 0;
    }
    if (rc == DSPV_EFAULT && fault.reason == DSPV_PREV_UNKNOWN) {
        m->connects = false;
        return 0;
    }
    return rc == DSPV_EFAULT ? refuse(c, p, m, &fault) : rc;
}

/* Add header `i`. */
static int add(struct dspv *c, struct peer *p, struct header_message *m, uint32_t i)
{
    const uint8_t *raw = m->batch.raw + (size_t)i * HEADER_SIZE;
    const block_hash *hash = &m->batch.hashes[i];
    headers_node node;
    dspv_fault fault;
    m->later = is_far_off(c, p, raw, hash);
    if (m->later)
        return 0;
    int rc = headers_add(c->headers, raw, hash, c->now / 1000, &node, &fault);
    if (rc == 0)
        header_told(c, p, node);
    bool dropped = rc == DSPV_EFAULT && fault.reason == DSPV_PREV_UNKNOWN && i == 0; /* its parent, since it was tried */
    if (rc == DSPV_ESTORE || dropped) {
        m->later = true;
        return 0;
    }
    return rc == DSPV_EFAULT ? refuse(c, p, m, &fault) : rc;
}

static int add_all(struct dspv *c, struct peer *p, struct header_message *m)
{
    size_t before = headers_count(c->headers);
    int rc = 0;
    header_message_hash(m);
    for (uint32_t i = 0; rc == 0 && i < m->batch.n && !m->refused && !m->later; i++)
        rc = add(c, p, m, i);
    m->gained = headers_count(c->headers) > before;
    return rc;
}

int header_message_read(struct dspv *c, struct peer *p, struct header_message *m, const struct frame *f)
{
    bool compressed = f->command == WIRE_HEADERS2;
    uint32_t most = compressed && p->common >= LARGE_HEADERS2_PROTOCOL ? HEADERS2_MOST : HEADERS_MOST;
    dspv_fault fault;
    int rc = (compressed ? headers2_read : headers_read)(f->payload.p, f->payload.n, most, &m->arena, &m->batch, &fault);
    return rc == DSPV_EFAULT ? peer_score(c, p, PEER_MOST_SCORE, &fault, f->name) : rc;
}

/* All the peer has: a held answer may go on now. */
static int told_all(struct dspv *c, struct peer *p)
{
    if (!p->headers_done)
        requests_peer_came(c, p);
    p->headers_done = true;
    p->headers_told = c->now;
    p->headers_repeated = 0;
    c->mn.again = true;
    return answer_headers_came(c, p);
}

/* "Nothing" after a block, from one who claims to be as high: that block is its tip. */
static void nothing_new(const struct dspv *c, struct peer *p)
{
    headers_node from = p->headers_from;
    if (from == HEADERS_NONE)
        return;
    bool older = p->told == HEADERS_NONE || headers_ancestor(c->headers, from, headers_height(c->headers, p->told)) == p->told;
    if (older && p->start_height >= headers_height(c->headers, from))
        p->told = from;
}

/* Every locator ends where the chain starts, in a block that the network has, so an answer that does not connect is of another
 * network, or no answer. */
static int unconnecting(struct dspv *c, struct peer *p, bool answer)
{
    dspv_fault fault = fault_of(DSPV_PREV_UNKNOWN);
    int rc = 0;
    if (p->headers_hashing) /* it may follow what is not known yet */
        return header_sync_ask(c, p);
    if (answer)
        p->headers_asked = false;
    if (answer || ++p->unconnecting > MOST_UNCONNECTING)
        rc = peer_score(c, p, UNCONNECTING_POINTS, &fault, "headers");
    return rc == 0 && !p->closing ? header_sync_ask(c, p) : rc;
}

/* All it told, on our branch, is before the block we asked from. */
static bool lags(const struct dspv *c, const struct peer *p)
{
    return p->told != HEADERS_NONE && p->headers_from != HEADERS_NONE &&
           headers_ancestor(c->headers, p->headers_from, headers_height(c->headers, p->told)) == p->told;
}

/* What the message means, all of whose headers were tried. */
static int understand(struct dspv *c, struct peer *p, const struct header_message *m)
{
    if (m->followed && !m->refused && !m->later) {
        p->headers_more = !lags(c, p);
        return 0; /* the last one says what there is to say */
    }
    if (!m->connects)
        return unconnecting(c, p, m->answer);
    if (m->n > 0)
        p->unconnecting = 0;
    if (p->closing || p->headers_hashing || p->ranges_owed > 0 || !p->headers_asked)
        return 0;
    struct address *address = &c->addresses[p->address];
    if (!p->headers_stalled && address->header_stalls > 0)
        address->header_stalls--;
    p->headers_asked = p->headers_stalled = false;
    p->ahead.lost = m->followed;
    if (m->n == 0)
        nothing_new(c, p);
    p->headers_later = m->later;
    p->headers_more = m->later || (m->n >= HEADERS_MOST && !m->refused && !lags(c, p));
    if (p->headers_more || (p->headers_again && ++p->headers_repeated <= HEADER_SYNC_MOST_REPEATED))
        return 0; /* header_sync_advance asks again */
    return told_all(c, p);
}

/* ---- messages */

/* All that there is in it was tried. */
static int conclude(struct dspv *c, struct peer *p, struct header_message *m, int rc)
{
    p->headers_gained = m->gained;
    if (m->gained)
        c->locks.again = true; /* one may have waited for a header, whatever its branch */
    if (headers_tip(c->headers) != c->tip)
        p->news_at = c->now;
    int tip_rc = header_sync_tip(c);
    rc = rc == 0 ? tip_rc : rc;
    return rc == 0 ? understand(c, p, m) : rc;
}

/* To find a header among those in the store is work, also when it has been told a thousand times. Who tells much is asked
 * instead, which is limited too, so nothing is missed. */
static bool tells_too_much(const struct dspv *c, struct peer *p, const struct header_message *m)
{
    return m->n > 0 && !m->answer && !bucket_take(&p->announcements, announcements, c->now);
}

static int take(struct dspv *c, struct peer *p, struct header_message *m, const struct frame *f, bool *kept)
{
    const uint8_t *first = look_at(f, m);
    int rc = 0;
    m->asked = p->headers_sent;
    m->came = c->now;
    if (header_ranges_expect(c, p, m, first))
        return header_ranges_message(c, p, m, f, first, kept);
    m->untried = header_ahead_follows(p, first);
    if (!m->untried && tells_too_much(c, p, m)) {
        if (!p->headers_hashing && p->ranges_owed == 0)
            p->headers_asked = p->headers_stalled = false; /* this may have been the answer */
        return header_sync_ask(c, p);
    }
    if (m->n > HEADER_SYNC_MOST_ANNOUNCED && p->headers_owed == 0) {
        dspv_fault fault = fault_of(DSPV_UNREQUESTED);
        return peer_score(c, p, UNREQUESTED_POINTS, &fault, f->name);
    }
    if (m->answer && p->headers_owed > 0)
        p->headers_owed--;
    bool lost = header_ahead_is_lost(c, p, first);
    if (m->answer || m->untried || lost) {
        header_ahead_came(p, m, c->now);
        header_ahead_answered(c, p);
    }
    if (lost)
        return 0;
    if (first && !m->untried)
        rc = try_first(c, p, m, first);
    if (rc == 0 && m->connects && !m->refused && !m->later)
        rc = header_message_read(c, p, m, f);
    *kept = rc == 0 && (m->untried || m->batch.n > HEADER_SYNC_MOST_ANNOUNCED) && header_jobs_add(&c->header_jobs, m);
    if (!*kept)
        return conclude(c, p, m, rc == 0 ? add_all(c, p, m) : rc);
    p->headers_hashing++;
    p->overrun = false;
    header_ahead_in_work(c, p, m, m->untried);
    return 0;
}

int header_sync_message(struct dspv *c, struct peer *p, const struct frame *f)
{
    bool kept = false;
    struct header_message *m = header_message_new(p->conn);
    int rc = m ? take(c, p, m, f, &kept) : DSPV_ENOMEM;
    if (!kept)
        header_message_free(m);
    return rc;
}

static int take_hashed(struct dspv *c, struct header_message *m)
{
    struct peer *p = m->conn ? client_peer(c, m->conn) : NULL;
    if (!p)
        return 0;
    p->headers_hashing--;
    header_ahead_hashed(p, m, c->now);
    if (p->closing)
        return 0;
    int rc = conclude(c, p, m, add_all(c, p, m));
    if (rc == 0)
        rc = incoming_held(c, p);
    if (rc != 0)
        peer_close(p, DSPV_NO_MEMORY); /* what was lost cannot be fed again */
    return rc;
}

int header_sync_hashed(struct dspv *c)
{
    struct header_message *m;
    int rc = 0;
    while ((m = header_jobs_finished(&c->header_jobs)) != NULL) {
        int message_rc = take_hashed(c, m);
        rc = rc == 0 ? message_rc : rc;
        header_message_free(m);
    }
    return rc;
}
