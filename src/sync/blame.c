/* See blame.h. Two rules: nobody is scored twice for the same snapshots, and nobody is scored for what somebody else says too:
 * then either may be honest and the quorum is what is wrong. While it cannot be told who of several lied, they are suspected
 * (asked last); once the quorum verifies, the snapshots that stand tell. */
#include "sync/blame.h"

#include "base/endian.h"
#include "base/fault.h"
#include "crypto/sha256.h"
#include "sync/client.h"

enum { MOST_CYCLES_BACK = 6 };

/* The snapshots a quorum rests on, as the engine has them. */
struct evidence {
    int32_t cycles[MOST_CYCLES_BACK];
    uint8_t digests[MOST_CYCLES_BACK][32];
    size_t n;
    uint8_t digest[32]; /* of all, with the cycle of the quorum */
};

/* ---- what was served */

static void forget(struct blame *b, size_t i)
{
    b->n_served--;
    memmove(&b->served[i], &b->served[i + 1], (b->n_served - i) * sizeof(b->served[0]));
}

/* Room for one more of this address: its oldest goes when it has its share, else the oldest of all when there is no room. */
static void make_room(struct blame *b, size_t address)
{
    size_t n = 0, oldest = 0;
    for (size_t i = b->n_served; i-- > 0;)
        if (b->served[i].address == address) {
            n++;
            oldest = i;
        }
    if (n >= BLAME_SHARE)
        forget(b, oldest);
    else if (b->n_served == BLAME_MOST_SERVED)
        forget(b, 0);
}

static void remember(struct blame *b, int32_t cycle, size_t address, const uint8_t digest[32])
{
    for (size_t i = 0; i < b->n_served; i++) {
        const struct served_snapshot *s = &b->served[i];
        if (s->cycle == cycle && s->address == address && memcmp(s->digest, digest, 32) == 0)
            return;
    }
    make_room(b, address);
    struct served_snapshot *s = &b->served[b->n_served++];
    *s = (struct served_snapshot){.cycle = cycle, .address = address};
    memcpy(s->digest, digest, 32);
}

void blame_rollback(struct dspv *c, int32_t height)
{
    struct blame *b = &c->mn.blame;
    for (size_t i = b->n_served; i-- > 0;)
        if (b->served[i].cycle > height)
            forget(b, i);
}

/* Digest of what c->body holds, which is emptied. */
static int digest_body(struct dspv *c, uint8_t out[32])
{
    bool failed = c->body.failed;
    if (!failed)
        sha256(out, c->body.data, c->body.n);
    writer_reset(&c->body);
    return failed ? DSPV_ENOMEM : 0;
}

static int note_one(struct dspv *c, size_t address, const struct snapshot_msg *m, const struct mnlistdiff *d)
{
    uint8_t digest[32];
    int32_t work = engine_block_height(c->engine, &d->block);
    if (work < 0)
        return 0; /* the engine will not take it */
    snapshot_encode(&c->body, m);
    int rc = digest_body(c, digest);
    if (rc == 0)
        remember(&c->mn.blame, work + WORK_DIFF_DEPTH, address, digest);
    return rc;
}

int blame_note_served(struct dspv *c, size_t address, const struct qrinfo *q)
{
    size_t cycles = q->extra_share ? QRINFO_CYCLES : QRINFO_H_4C;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < cycles; i++)
        rc = note_one(c, address, &q->snapshots[i], &q->diffs[i]);
    for (size_t i = 0; rc == 0 && i < q->n_older; i++)
        rc = note_one(c, address, &q->older_snapshots[i], &q->older_diffs[i]);
    return rc;
}

/* ---- what a quorum rests on */

static int add_evidence(struct dspv *c, struct evidence *e, int32_t cycle)
{
    const struct snapshot *s = engine_snapshot(c->engine, cycle, NULL);
    if (!s)
        return 0;
    snapshot_wire(s, &c->body);
    e->cycles[e->n] = cycle;
    return digest_body(c, e->digests[e->n++]);
}

/* The three cycles before; instead of a snapshot that we computed ourselves, those it was computed from. */
static int collect_evidence(struct dspv *c, int32_t base, int32_t interval, struct evidence *e)
{
    bool use[MOST_CYCLES_BACK + 1] = {false, true, true, true};
    uint8_t all[4 + MOST_CYCLES_BACK * 36] = {0};
    int rc = 0;
    *e = (struct evidence){.n = 0};
    for (int32_t k = 1; rc == 0 && k <= MOST_CYCLES_BACK; k++) {
        bool derived = false;
        engine_snapshot(c->engine, base - k * interval, &derived);
        for (int32_t older = k + 1; derived && use[k] && older <= k + 3 && older <= MOST_CYCLES_BACK; older++)
            use[older] = true;
        if (use[k] && !derived)
            rc = add_evidence(c, e, base - k * interval);
    }
    store_le32(all, (uint32_t)base);
    for (size_t i = 0; i < e->n; i++) {
        store_le32(all + 4 + i * 36, (uint32_t)e->cycles[i]);
        memcpy(all + 8 + i * 36, e->digests[i], 32);
    }
    sha256(e->digest, all, sizeof(all));
    return rc;
}

/* Which piece of the evidence was served so: its position, or e->n. */
static size_t piece_of(const struct evidence *e, const struct served_snapshot *s)
{
    size_t i = 0;
    while (i < e->n && (e->cycles[i] != s->cycle || memcmp(e->digests[i], s->digest, 32) != 0))
        i++;
    return i;
}

/* The address served every piece that anybody served. */
static bool is_witness(const struct blame *b, const struct evidence *e, size_t address)
{
    bool by_any[MOST_CYCLES_BACK] = {false}, by_it[MOST_CYCLES_BACK] = {false};
    size_t n = 0;
    for (size_t i = 0; i < b->n_served; i++) {
        size_t piece = piece_of(e, &b->served[i]);
        if (piece == e->n)
            continue;
        by_any[piece] = true;
        by_it[piece] |= b->served[i].address == address;
        n += b->served[i].address == address;
    }
    return n > 0 && memcmp(by_any, by_it, sizeof(by_any)) == 0;
}

/* All of it comes from one address, *only. A piece of which it is not remembered who served it may be anybody's. */
static bool one_source(const struct blame *b, const struct evidence *e, size_t *only)
{
    bool known[MOST_CYCLES_BACK] = {false}, any = false;
    for (size_t i = 0; i < b->n_served; i++) {
        const struct served_snapshot *s = &b->served[i];
        size_t piece = piece_of(e, s);
        if (piece == e->n)
            continue;
        if (any && s->address != *only)
            return false;
        *only = s->address;
        any = known[piece] = true;
    }
    for (size_t i = 0; i < e->n; i++)
        any = any && known[i];
    return any;
}

/* ---- verdicts */

static struct peer *peer_at(const struct dspv *c, size_t address)
{
    for (size_t i = 0; i < c->n_peers; i++)
        if (c->peers[i]->address == address)
            return c->peers[i];
    return NULL;
}

static int score(struct dspv *c, size_t address, const dspv_fault *fault)
{
    struct peer *p = peer_at(c, address);
    whom_note_failure(c, address, PLAN_QR_INFO);
    return p ? peer_score(c, p, PEER_MOST_SCORE, fault, "qrinfo") : 0;
}

static bool condemn(struct blame *b, const struct evidence *e)
{
    for (size_t i = 0; i < b->n_condemned; i++)
        if (memcmp(b->condemned[i], e->digest, 32) == 0)
            return false; /* before */
    memcpy(b->condemned[b->next_condemned], e->digest, 32);
    b->next_condemned = (b->next_condemned + 1) % BLAME_MOST_CONDEMNED;
    b->n_condemned += b->n_condemned < BLAME_MOST_CONDEMNED;
    return true;
}

static void suspect(struct blame *b, const struct evidence *e)
{
    for (size_t i = 0; i < b->n_served; i++)
        b->served[i].suspected |= piece_of(e, &b->served[i]) < e->n;
}

static int first_verdict(struct dspv *c, const struct evidence *e, const dspv_fault *fault)
{
    struct blame *b = &c->mn.blame;
    size_t only = 0;
    if (!one_source(b, e, &only))
        return 0;
    bool before = false; /* what it was scored for, beside other pieces: perhaps there is nothing else to say */
    for (size_t i = 0; i < b->n_served; i++) {
        struct served_snapshot *s = &b->served[i];
        bool piece = piece_of(e, s) < e->n;
        before |= piece && s->scored;
        s->scored |= piece;
    }
    return before ? 0 : score(c, only, fault);
}

/* Somebody can be asked who has not said the same already, nor just been silent. */
static bool others_to_ask(const struct dspv *c, const struct evidence *e)
{
    for (size_t i = 0; i < c->n_peers; i++) {
        const struct peer *p = c->peers[i];
        if (peer_serves_lists(p) && whom_failures(c, p->address, PLAN_QR_INFO) == 0 && !is_witness(&c->mn.blame, e, p->address))
            return true;
    }
    return false;
}

/* Only these can come from false snapshots; a false quorumSig cannot. */
static bool rests_on_members(dspv_reason reason)
{
    return reason == DSPV_MEMBERS_SIG_INVALID || reason == DSPV_SNAPSHOT_TOO_SHORT || reason == DSPV_SNAPSHOT_SIZE ||
           reason == DSPV_QUORUM_EXTRA_BITS || reason == DSPV_QUORUM_BAD_OPERATOR_KEY;
}

int blame_judge(struct dspv *c, const struct quorum_view *v)
{
    const struct llmq_params *p = network_llmq(&c->net, c->net.instantsend_type);
    struct blame *b = &c->mn.blame;
    struct evidence e = {.n = 0};
    dspv_fault fault = v->fault;
    uint8_t type = v->quorum->c.type;
    quorum_hash hash = v->quorum->c.hash;
    bool rotates = p && type == p->type && v->base_height >= 0 && llmq_rotation_in_force(&c->net, p, v->base_height);
    int rc = 0;
    if (rotates && rests_on_members(fault.reason))
        rc = collect_evidence(c, v->base_height - v->quorum->c.index, p->interval, &e);
    if (rc != 0)
        return rc;
    suspect(b, &e);
    bool first = e.n > 0 && condemn(b, &e), due = c->now >= b->again_at;
    bool others = e.n > 0 && b->quick > 0 && others_to_ask(c, &e);
    if (first)
        b->quick = c->n_peers;
    else if (others)
        b->quick--;
    dspv_ms wait = first || others ? MASTERNODES_BACKOFF_MS : masternodes_backoff(b->trials);
    b->trials += due;
    if (due || first)
        b->again_at = c->now + 2 * wait;
    if (!first && !others && !(due && e.n > 0)) { /* nobody says otherwise: it is invalid, and that is shown */
        masternodes_wait(c, fault.reason, b->again_at);
        return 0;
    }
    engine_reject_snapshots(c->engine, type, &hash);
    memset(c->mn.last_plan, 0, sizeof(c->mn.last_plan));
    masternodes_wait(c, fault.reason, c->now + wait);
    return first ? first_verdict(c, &e, &fault) : 0;
}

/* It was served otherwise than it stands now; what is a mere claim itself contradicts nobody. */
static int contradicted(struct dspv *c, const struct served_snapshot *s, bool *out)
{
    struct evidence e = {.n = 0};
    int rc = engine_snapshot_confirmed(c->engine, s->cycle) ? add_evidence(c, &e, s->cycle) : 0;
    *out = rc == 0 && e.n > 0 && piece_of(&e, s) == e.n;
    return rc;
}

static bool scored_before(const struct blame *b, size_t address)
{
    for (size_t i = 0; i < b->n_served; i++)
        if (b->served[i].address == address && b->served[i].scored)
            return true;
    return false;
}

int blame_settle(struct dspv *c)
{
    struct blame *b = &c->mn.blame;
    int rc = 0;
    b->trials = 0;
    b->quick = 0;
    b->again_at = 0;
    for (size_t i = 0; rc == 0 && i < b->n_served; i++) {
        struct served_snapshot *s = &b->served[i];
        bool lied = false;
        if (s->suspected)
            rc = contradicted(c, s, &lied);
        s->suspected = s->suspected && rc != 0;
        if (!lied || scored_before(b, s->address))
            continue;
        s->scored = true;
        dspv_fault fault = fault_at_height(DSPV_SNAPSHOT_MISMATCH, s->cycle);
        rc = score(c, s->address, &fault);
    }
    return rc;
}

bool blame_suspects(const struct dspv *c, size_t address)
{
    for (size_t i = 0; i < c->mn.blame.n_served; i++)
        if (c->mn.blame.served[i].suspected && c->mn.blame.served[i].address == address)
            return true;
    return false;
}

bool blame_remembers(const struct dspv *c, size_t address)
{
    for (size_t i = 0; i < c->mn.blame.n_served; i++) {
        const struct served_snapshot *s = &c->mn.blame.served[i];
        if (s->address == address && (s->suspected || s->scored))
            return true;
    }
    return false;
}

void blame_forget(struct dspv *c, size_t address)
{
    struct blame *b = &c->mn.blame;
    for (size_t i = b->n_served; i-- > 0;)
        if (b->served[i].address == address)
            forget(b, i);
}
