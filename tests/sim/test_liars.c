/* Every kind of liar against the real client: what it says is refused for a reason that fits, or does no harm; nothing false is
 * ever believed (liar_stage.c checks every claim), the honest node is never blamed, and in the end the client has the truth. Lies
 * in lists and quorums are also fed to the engine directly, many of each kind. */
#include "sim/liar_stage.h"

#include "base/endian.h"
#include "base/mem.h"
#include "devnode/answer.h"
#include "wire/frame.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, LEAST_SEEDS = 2, MOST_SEEDS = 8, DIRECT_LIES = 60, MOST_REASONS = 24 };

/* ---- what each kind may be refused for */

struct verdict {
    const char *name;
    bool harmless; /* by design: never refused, and no connection is closed for it except as listed */
    dspv_reason reasons[MOST_REASONS];
};

#define LIST_REASONS DSPV_DELETED_NOT_PRESENT, DSPV_DUPLICATE_ENTRY, DSPV_MN_ROOT_MISMATCH
#define QUORUM_REASONS DSPV_DELETED_QUORUM_NOT_PRESENT, DSPV_DUPLICATE_QUORUM, DSPV_QUORUM_ROOT_MISMATCH
#define PROOF_REASONS                                                                                                            \
    DSPV_PROOF_MALFORMED, DSPV_PROOF_NOT_COINBASE, DSPV_PROOF_WRONG_ROOT, DSPV_CBTX_HEIGHT, DSPV_BAD_CBTX_VERSION,               \
        DSPV_BAD_COINBASE
#define DECODE_REASONS                                                                                                           \
    DSPV_TRUNCATED, DSPV_TRAILING_BYTES, DSPV_COMPACT_SIZE, DSPV_TOO_MANY, DSPV_BITSET_PADDING, DSPV_BAD_BOOLEAN,                \
        DSPV_BAD_COMPRESSED_HEADER, DSPV_HEADER_HAS_TRANSACTIONS, DSPV_TOO_LARGE
#define SNAPSHOT_REASONS                                                                                                         \
    DSPV_SNAPSHOT_SIZE, DSPV_SNAPSHOT_TOO_SHORT, DSPV_SNAPSHOT_MISMATCH, DSPV_BAD_SNAPSHOT_MODE, DSPV_TOO_MANY

static const struct verdict VERDICTS[] = {
    {"wrong-list", false, {LIST_REASONS}},
    {"wrong-quorums", false, {QUORUM_REASONS}},
    {"wrong-clsigs", false, {DSPV_CLSIG_INDEX, DSPV_CLSIG_MISMATCH}},
    {"reordered-diff", true, {DSPV_OK}},
    {"wrong-proof", false, {PROOF_REASONS}},
    {"forged-roots", false, {DSPV_PROOF_NOT_COINBASE, DSPV_PROOF_WRONG_ROOT}},
    {"swapped-diff", false, {LIST_REASONS, QUORUM_REASONS, PROOF_REASONS, DSPV_CLSIG_MISMATCH, DSPV_UNREQUESTED}},
    {"stale-diff", false, {LIST_REASONS, QUORUM_REASONS, PROOF_REASONS, DSPV_UNREQUESTED}},
    {"foreign-diff", false, {LIST_REASONS, QUORUM_REASONS, PROOF_REASONS, DSPV_UNREQUESTED}},
    {"malformed", false, {DECODE_REASONS, DSPV_BAD_SNAPSHOT_MODE, DSPV_UNREQUESTED}}, /* counts are looked at first */
    {"unknown-blocks", false, {QUORUM_REASONS, DSPV_UNREQUESTED, DSPV_UNKNOWN_BASE, DSPV_NEED_HEADER, DSPV_PEER_TIMEOUT}},
    {"fat-answers", false, {LIST_REASONS, DSPV_TOO_LARGE, DSPV_TOO_MANY}},
    {"forged-commitment", false, {QUORUM_REASONS, DSPV_COMMITMENT_CONFLICT}},
    {"old-commitment", false, {QUORUM_REASONS, DSPV_COMMITMENT_CONFLICT}},
    {"wrong-last", false, {DSPV_BAD_COMMITMENT_VERSION, DSPV_QUORUM_VERSION, DSPV_QUORUM_INDEX, DSPV_COMMITMENT_CONFLICT}},
    {"forged-snapshot", false, {SNAPSHOT_REASONS, DSPV_MEMBERS_SIG_INVALID, DSPV_QUORUM_EXTRA_BITS}},
    {"swapped-snapshots", false, {SNAPSHOT_REASONS, DSPV_MEMBERS_SIG_INVALID, DSPV_QUORUM_EXTRA_BITS}},
    {"swapped-qrinfo", false, {SNAPSHOT_REASONS, DSPV_UNREQUESTED, DSPV_UNKNOWN_BASE, DSPV_MEMBERS_SIG_INVALID}},
    {"wrong-extra-share", false, {DSPV_UNREQUESTED, DSPV_UNKNOWN_BASE}},
    {"wrong-older", false, {DSPV_UNKNOWN_BASE, DSPV_TOO_MANY, SNAPSHOT_REASONS, DSPV_MEMBERS_SIG_INVALID}},
    {"stale-chain", true, {DSPV_OK}},
    {"foreign-chain", true, {DSPV_CHECKPOINT_MISMATCH, DSPV_FORK_BEFORE_CHECKPOINT, DSPV_CHAINLOCK_CONFLICT}},
    {"broken-work", false, {DSPV_HIGH_HASH, DSPV_CHECKPOINT_MISMATCH}},
    {"wrong-bits", false, {DSPV_BAD_TARGET, DSPV_BAD_DIFFBITS, DSPV_CHECKPOINT_MISMATCH}},
    {"wrong-time", false, {DSPV_TIME_TOO_OLD, DSPV_TIME_TOO_NEW, DSPV_CHAINLOCK_CONFLICT, DSPV_CHECKPOINT_MISMATCH}},
    {"wrong-block-version", false, {DSPV_BAD_VERSION, DSPV_CHECKPOINT_MISMATCH}},
    {"header-gaps", false, {DSPV_NOT_CONTINUOUS, DSPV_PREV_UNKNOWN, DSPV_CHECKPOINT_MISMATCH}},
    {"header-repeats", true, {DSPV_OK}},
    {"looping-headers", true, {DSPV_UNREQUESTED}},
    {"empty-headers", true, {DSPV_OK}},
    {"unconnecting-headers", false, {DSPV_PREV_UNKNOWN}},
    {"branches", true, {DSPV_CHAINLOCK_CONFLICT, DSPV_FORK_BEFORE_CHECKPOINT, DSPV_UNREQUESTED}},
    {"withheld-headers", true, {DSPV_OK}},
    {"header-flood", false, {DSPV_TOO_LARGE, DSPV_TOO_MANY, DSPV_UNREQUESTED}},
    {"header-form", false, {DECODE_REASONS}},
    {"range-changed", false, {DSPV_CHECKPOINT_MISMATCH}},
    {"range-torn", false, {DSPV_NOT_CONTINUOUS, DSPV_HIGH_HASH}},
    {"range-foreign", false, {DSPV_CHECKPOINT_MISMATCH, DSPV_FORK_BEFORE_CHECKPOINT}},
    {"range-other", true, {DSPV_PREV_UNKNOWN, DSPV_PEER_TIMEOUT}}, /* a few headers look like news */
    {"range-long", true, {DSPV_OK}},
    {"range-short", true, {DSPV_OK}},
    {"range-half", true, {DSPV_OK}},
    {"range-twice", true, {DSPV_UNREQUESTED, DSPV_PREV_UNKNOWN}},
    {"range-missing", true, {DSPV_PEER_TIMEOUT}},
    {"range-order", true, {DSPV_OK}},
    {"range-slow", true, {DSPV_OK}},
    {"range-late", true, {DSPV_OK}},
    {"wrong-chainlock", false, {DSPV_LOCK_BAD_SIGNATURE, DSPV_LOCK_BAD_HEIGHT, DSPV_LOCK_NO_QUORUM}},
    {"wrong-instantlock",
     false,
     {DSPV_LOCK_BAD_SIGNATURE, DSPV_LOCK_TRIVIAL, DSPV_LOCK_CYCLE, DSPV_BAD_LOCK_VERSION, DSPV_LOCK_NO_QUORUM}},
    {"withheld-locks", true, {DSPV_OK}},
    {"unasked-locks", false, {DSPV_UNREQUESTED}},
    {"replayed-locks", false, {DSPV_UNREQUESTED}},
    {"inventory-flood", true, {DSPV_TOO_LARGE, DSPV_TOO_MANY}},
    {"silent", true, {DSPV_PEER_TIMEOUT}},
    {"no-handshake", true, {DSPV_PEER_HANDSHAKE}},
    {"silent-lists", true, {DSPV_PEER_TIMEOUT}},
    {"silent-qrinfo", true, {DSPV_PEER_TIMEOUT}},
    {"silent-headers", true, {DSPV_PEER_TIMEOUT}},
    {"flees-requests", true, {DSPV_OK}},
    {"stalls", true, {DSPV_PEER_TIMEOUT, DSPV_UNREQUESTED}},
    {"drips", true, {DSPV_PEER_TIMEOUT, DSPV_UNREQUESTED}},
    {"trickles", true, {DSPV_PEER_TIMEOUT, DSPV_UNREQUESTED}},
    {"cuts-off", true, {DSPV_OK}},
    {"dries-up", true, {DSPV_PEER_TIMEOUT}},
    {"leaves", true, {DSPV_OK}},
    {"hangs-up", true, {DSPV_OK}},
    {"wrong-magic", false, {DSPV_BAD_MAGIC}},
    {"wrong-checksum", false, {DSPV_BAD_CHECKSUM, DSPV_PEER_TIMEOUT}},
    {"wrong-length", false, {DSPV_TOO_LARGE, DSPV_BAD_CHECKSUM, DSPV_BAD_MAGIC, DSPV_PEER_TIMEOUT}},
    {"wrong-command", false, {DSPV_BAD_COMMAND, DSPV_PEER_TIMEOUT}},
    {"noise", false, {DSPV_BAD_MAGIC, DSPV_PEER_HANDSHAKE}},
    {"old-protocol", true, {DSPV_PEER_VERSION}},
    {"new-protocol", true, {DSPV_OK}},
    {"other-protocol", true, {DSPV_PEER_VERSION, DECODE_REASONS}},
    {"no-services", true, {DSPV_PEER_SERVICES}},
    {"absurd-height", true, {DSPV_OK}},
    {"boasts", true, {DSPV_PEER_TIMEOUT}},
    {"broken-version", false, {DSPV_TRUNCATED, DSPV_BAD_USER_AGENT}},
    {"echoes-nonce", true, {DSPV_PEER_SELF}},
    {"early-verack", true, {DSPV_PEER_HANDSHAKE}},
    {"twice-handshake", true, {DSPV_OK}},
    {"babbles", true, {DSPV_OK}},
    {"ping-flood", true, {DSPV_TRUNCATED, DSPV_PEER_FLOODS, DSPV_PEER_MISBEHAVED}},
    {"wrong-pong", true, {DSPV_PEER_TIMEOUT}},
    {"address-flood", true, {DSPV_TOO_LARGE}},
    {"repeats-answers", false, {DSPV_UNREQUESTED}},
    {"late-answers", true, {DSPV_UNREQUESTED}},
    {"unasked-answers", false, {DSPV_UNREQUESTED}},
    {"asks-much", true, {DSPV_OK}},
    {"echoes", true, {DSPV_OK}},
};

static const struct verdict *verdict_of(const char *name)
{
    for (size_t i = 0; i < sizeof(VERDICTS) / sizeof(VERDICTS[0]); i++)
        if (strcmp(VERDICTS[i].name, name) == 0)
            return &VERDICTS[i];
    fail_msg("no verdict on %s", name);
    return NULL;
}

static bool fits(const struct verdict *v, dspv_reason r)
{
    for (size_t i = 0; i < MOST_REASONS && v->reasons[i] != DSPV_OK; i++)
        if (v->reasons[i] == r)
            return true;
    return false;
}

/* ---- conversations */

struct tally {
    unsigned lies, refused[DSPV_REASON_COUNT], closed[DSPV_REASON_COUNT], connections;
};

static void add_up(struct tally *t, const struct stage *s)
{
    const struct stage_node *n = &s->nodes[STAGE_LIAR];
    t->lies += n->liar.lies;
    t->connections += n->connections;
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++) {
        t->refused[r] += n->refused[r];
        t->closed[r] += n->closed[r];
    }
}

static void print(const char *name, const struct tally *t)
{
    print_message("%-20s %5u lies, %2u connections;", name, t->lies, t->connections);
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        if (t->refused[r])
            print_message(" %s %u", dspv_reason_name((dspv_reason)r), t->refused[r]);
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        if (t->closed[r])
            print_message(" [%s %u]", dspv_reason_name((dspv_reason)r), t->closed[r]);
    print_message("\n");
}

/* Some runs begin with the liar alone: then it is heard first, on everything. */
static void converse(const struct liar_kind *kind, uint64_t seed, struct tally *t)
{
    struct stage s;
    bool alone = seed % 2 == 0;
    stage_open(&s, stage_world(seed / 2), kind, seed, alone);
    if (alone) {
        stage_run(&s, MINUTE);
        stage_help(&s);
    }
    int32_t tip = s.world->chain->tip;
    for (int32_t at = s.tip + 2; at <= tip; at += 2) {
        stage_run(&s, 20 * SECOND);
        stage_grow(&s, at);
    }
    stage_run(&s, 20 * SECOND);
    bool synced = stage_run_until_tip(&s, 60 * MINUTE);
    add_up(t, &s);
    if (!synced) {
        dspv_progress p;
        dspv_get_progress(s.client, &p);
        print(kind->name, t);
        fail_msg("%s, seed %u: %s, %s, headers %d, list %d", kind->name, (unsigned)seed, dspv_phase_name(p.phase),
                 dspv_reason_name(p.reason), (int)p.header_height, (int)p.list_height);
    }
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        if (s.nodes[STAGE_HONEST].refused[r] || s.nodes[STAGE_HONEST].closed[r])
            fail_msg("%s, seed %u: the honest node is blamed: %s", kind->name, (unsigned)seed, dspv_reason_name((dspv_reason)r));
    stage_close(&s);
}

/* How many messages were refused for a reason that fits. */
static unsigned fittingly(const struct verdict *v, const struct tally *t)
{
    unsigned n = 0;
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        n += fits(v, (dspv_reason)r) ? t->refused[r] : 0;
    return n;
}

static void judge(const struct liar_kind *kind, const struct tally *t)
{
    const struct verdict *v = verdict_of(kind->name);
    print(kind->name, t);
    if (t->lies == 0)
        fail_msg("%s never lied", kind->name);
    for (size_t i = 0; i < DSPV_REASON_COUNT; i++) {
        dspv_reason r = (dspv_reason)i;
        bool points = r == DSPV_PEER_MISBEHAVED || r == DSPV_PEER_CLOSED; /* the sum of others */
        if ((t->refused[r] || t->closed[r]) && !points && !fits(v, r))
            fail_msg("%s is refused for %s", kind->name, dspv_reason_name(r));
    }
    if (!v->harmless && fittingly(v, t) == 0)
        fail_msg("%s is never refused", kind->name);
}

static void test_conversations(void **state)
{
    const char *only = getenv("LIAR"), *from = getenv("SEED");
    size_t n;
    const struct liar_kind *const *kinds = liar_kinds(&n);
    (void)state;
    for (size_t i = 0; i < n; i++) {
        struct tally t = {0};
        if (only && strcmp(only, kinds[i]->name) != 0)
            continue;
        if (from) {
            converse(kinds[i], strtoull(from, NULL, 10), &t);
            print(kinds[i]->name, &t);
            continue;
        }
        const struct verdict *v = verdict_of(kinds[i]->name);
        for (uint64_t seed = 0; seed < MOST_SEEDS; seed++) {
            converse(kinds[i], seed, &t);
            if (seed + 1 >= LEAST_SEEDS && t.lies > 0 && (v->harmless || fittingly(v, &t) > 0))
                break;
        }
        judge(kinds[i], &t);
    }
}

static void test_registry(void **state)
{
    size_t n;
    const struct liar_kind *const *kinds = liar_kinds(&n);
    (void)state;
    assert_int_equal(n, sizeof(VERDICTS) / sizeof(VERDICTS[0]));
    for (size_t i = 0; i < n; i++) {
        assert_ptr_equal(liar_find(kinds[i]->name), kinds[i]);
        verdict_of(kinds[i]->name);
    }
    assert_null(liar_find("honest"));
}

/* ---- lies told to the engine itself */

enum { PROTO = 70240 };

struct lesson {
    const struct liar_world *world;
    int32_t tip;
    struct writer diff, info; /* the honest messages */
    size_t verified;          /* quorums, after the honest qrinfo alone */
};

static struct engine *make_engine(const struct lesson *l)
{
    static const uint8_t seed[32] = {3};
    struct engine *e;
    assert_int_equal(engine_new(&e, &l->world->truth->network, seed, 0), 0);
    for (int32_t h = 0; h <= l->tip; h++) {
        struct header header = header_parse(devnode_chain_header(l->world->chain, h));
        assert_int_equal(engine_feed_block(e, devnode_chain_hash(l->world->chain, h), h, &header.merkle_root), 0);
    }
    return e;
}

static int feed(struct engine *e, enum wire_command command, struct span payload, dspv_fault *fault)
{
    struct arena a;
    struct mnlistdiff d;
    struct qrinfo q;
    arena_init(&a, 0);
    int rc;
    if (command == WIRE_MNLISTDIFF) {
        rc = mnlistdiff_decode(payload.p, payload.n, PROTO, &a, &d, fault);
        rc = rc == 0 ? engine_apply_diff(e, &d, fault) : rc;
    } else {
        rc = qrinfo_decode(payload.p, payload.n, PROTO, &a, &q, fault);
        rc = rc == 0 ? engine_feed_qrinfo(e, &q, NULL, fault) : rc;
    }
    arena_free(&a);
    return rc;
}

static void feed_honest(struct engine *e, enum wire_command command, const struct writer *w)
{
    dspv_fault fault;
    if (feed(e, command, (struct span){w->data, w->n}, &fault) != 0)
        fail_msg("the honest message is refused: %s", dspv_reason_name(fault.reason));
}

static void answer_diff(const struct lesson *l, int32_t base, int32_t block, struct writer *w)
{
    const struct devnode_view v = {l->world->chain, l->tip, PROTO};
    const struct getmnlistd ask = {*devnode_chain_hash(v.chain, base), *devnode_chain_hash(v.chain, block)};
    assert_int_equal(devnode_answer_mnlistdiff(&v, &ask, w), 0);
}

static size_t count(const struct engine *e, enum quorum_status status)
{
    size_t n = 0;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        n += v.status == status;
    }
    return n;
}

enum { BASE = 240, BLOCK = 275 };

static void learn(struct lesson *l, uint64_t seed)
{
    *l = (struct lesson){.world = stage_world(seed)};
    l->tip = l->world->chain->tip;
    writer_init(&l->diff);
    writer_init(&l->info);
    answer_diff(l, BASE, BLOCK, &l->diff);
    const struct devnode_view v = {l->world->chain, l->tip, PROTO};
    const struct getqrinfo ask = {.block = *devnode_chain_hash(v.chain, l->tip), .extra_share = true};
    assert_int_equal(devnode_answer_qrinfo(&v, &ask, &l->info), 0);
    struct engine *e = make_engine(l);
    feed_honest(e, WIRE_QRINFO, &l->info);
    assert_int_equal(engine_verify(e), 0);
    l->verified = count(e, QUORUM_VERIFIED);
    assert_true(l->verified > 0 && count(e, QUORUM_INVALID) == 0);
    engine_free(e);
}

/* One lie of the kind about the honest message, as a payload; false: this time it was honest. */
static bool hear_lie(const struct lesson *l, const struct liar_kind *kind, uint64_t seed, enum wire_command command,
                     const struct writer *honest, struct writer *lie)
{
    struct liar liar = {.kind = kind, .world = l->world, .tip = l->tip, .protocol = PROTO, .connections = 1};
    struct liar_output out = {0};
    uint8_t bytes[32] = {7};
    store_le64(bytes + 8, seed);
    rng_init(&liar.rng, bytes);
    writer_init(&out.bytes);
    const struct liar_message m = {command, wire_command_name(command), {honest->data, honest->n}};
    kind->said(&liar, &m, &out);
    assert_true(out.bytes.n > FRAME_HEADER_SIZE && load_le32(out.bytes.data + 16) == out.bytes.n - FRAME_HEADER_SIZE);
    writer_bytes(lie, out.bytes.data + FRAME_HEADER_SIZE, out.bytes.n - FRAME_HEADER_SIZE);
    writer_free(&out.bytes);
    return liar.lies > 0;
}

/* Everything the engine believes is the truth's. */
static void check_engine(const struct lesson *l, const struct engine *e)
{
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *ours = engine_list_at(e, i), *truth = l->world->truth->states[ours->height];
        hash256 a = mnlist_root(ours->list), b = mnlist_root(truth->list);
        assert_true(block_hash_eq(&ours->block, &truth->block));
        assert_true(hash256_eq(&a, &b));
        a = quorumset_root(ours->quorums);
        b = quorumset_root(truth->quorums);
        assert_true(hash256_eq(&a, &b));
    }
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        bool mined = false;
        engine_quorum_at(e, i, &v);
        for (size_t k = 0; k < l->world->truth->n_quorums; k++)
            mined |= hash256_eq(&l->world->truth->quorums[k].leaf, &v.quorum->leaf) && !l->world->truth->quorums[k].forged;
        assert_true(mined || v.status != QUORUM_VERIFIED);
    }
}

struct outcome {
    unsigned told, refused, taken, doubted; /* doubted: taken, and then some quorum did not verify */
    unsigned by_reason[DSPV_REASON_COUNT];
};

/* An engine that hears the message next. */
static struct engine *make_listener(const struct lesson *l, enum wire_command command)
{
    struct engine *e = make_engine(l);
    struct writer base;
    if (command == WIRE_QRINFO)
        return e;
    writer_init(&base);
    answer_diff(l, 0, BASE, &base);
    feed_honest(e, WIRE_MNLISTDIFF, &base);
    writer_free(&base);
    return e;
}

/* Found out, and told the truth: nothing of the lie is left. */
static void recover(const struct lesson *l, struct engine *e, enum wire_command command, const char *name)
{
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        if (v.status == QUORUM_INVALID)
            engine_reject_snapshots(e, v.quorum->c.type, &v.quorum->c.hash);
    }
    feed_honest(e, command, command == WIRE_QRINFO ? &l->info : &l->diff);
    assert_int_equal(engine_verify(e), 0);
    check_engine(l, e);
    if (command == WIRE_QRINFO && count(e, QUORUM_VERIFIED) < l->verified)
        fail_msg("%s: %zu of %zu quorums verified after the truth", name, count(e, QUORUM_VERIFIED), l->verified);
}

static void tell(const struct lesson *l, const struct liar_kind *kind, uint64_t seed, struct outcome *o)
{
    enum wire_command command = seed % 3 ? WIRE_QRINFO : WIRE_MNLISTDIFF;
    struct writer lie;
    dspv_fault fault = {0};
    writer_init(&lie);
    if (hear_lie(l, kind, seed, command, command == WIRE_QRINFO ? &l->info : &l->diff, &lie)) {
        struct engine *e = make_listener(l, command);
        size_t lists = engine_list_count(e);
        int rc = feed(e, command, (struct span){lie.data, lie.n}, &fault);
        assert_true(rc == 0 || rc == DSPV_EFAULT || rc == DSPV_EWAITING);
        assert_true(rc == 0 || command == WIRE_QRINFO || engine_list_count(e) == lists);
        assert_int_equal(engine_verify(e), 0);
        check_engine(l, e);
        o->told++;
        o->taken += rc == 0;
        o->refused += rc != 0;
        o->doubted += rc == 0 && count(e, QUORUM_INVALID) > 0;
        if (rc != 0)
            o->by_reason[fault.reason]++;
        recover(l, e, command, kind->name);
        engine_free(e);
    }
    writer_free(&lie);
}

static bool is_engine_kind(const char *name)
{
    static const char *const names[] = {
        "wrong-list",        "wrong-quorums",  "wrong-clsigs", "reordered-diff",  "wrong-proof",       "forged-roots",
        "malformed",         "unknown-blocks", "wrong-last",   "forged-snapshot", "swapped-snapshots", "swapped-qrinfo",
        "forged-commitment", "old-commitment", "wrong-older",  "wrong-extra-share",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void print_outcome(const char *name, const struct outcome *o)
{
    print_message("%-20s %3u told, %3u refused, %3u taken, of which %3u left a quorum unverified:", name, o->told, o->refused,
                  o->taken, o->doubted);
    for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
        if (o->by_reason[r])
            print_message(" %s %u", dspv_reason_name((dspv_reason)r), o->by_reason[r]);
    print_message("\n");
}

static void test_engine(void **state)
{
    const char *only = getenv("LIAR");
    struct lesson lessons[2];
    size_t n;
    const struct liar_kind *const *kinds = liar_kinds(&n);
    (void)state;
    learn(&lessons[0], 0);
    learn(&lessons[1], 1);
    for (size_t i = 0; i < n; i++) {
        struct outcome o = {0};
        const struct verdict *v = verdict_of(kinds[i]->name);
        if (!is_engine_kind(kinds[i]->name) || (only && strcmp(only, kinds[i]->name) != 0))
            continue;
        for (uint64_t seed = 0; seed < DIRECT_LIES; seed++)
            tell(&lessons[seed % 2], kinds[i], seed, &o);
        print_outcome(kinds[i]->name, &o);
        for (size_t r = 0; r < DSPV_REASON_COUNT; r++)
            if (o.by_reason[r] && !fits(v, (dspv_reason)r))
                fail_msg("%s is refused for %s", kinds[i]->name, dspv_reason_name((dspv_reason)r));
        assert_true(o.told > 5);
        assert_true(v->harmless ? o.refused == 0 : o.refused + o.doubted > 0);
    }
    for (size_t i = 0; i < 2; i++) {
        writer_free(&lessons[i].diff);
        writer_free(&lessons[i].info);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_registry),
        cmocka_unit_test(test_engine),
        cmocka_unit_test(test_conversations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
