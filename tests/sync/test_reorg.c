/* Reorganisations of the real client, 1 to 200 blocks deep, across cycle bases, mining windows, work blocks and activations:
 * afterwards it is synced on the branch that won, knows what an engine knows that saw nothing else, and nothing of what both
 * branches have was sent twice. ChainLocked history is never reorganised.
 *
 *     REORG_ALL=1     every depth for every fork, not for the first one only
 *     REORG_TRACE=100 nothing but the trace of one reorganisation so deep (docs/reorg.md) */
#include "sync/branches.h"

enum { MINUTE = BRANCHES_MINUTE, HOUR = 60 * MINUTE, YOUNG = 20, JUMP = 12 };

/* Where the chains part: right after a cycle base, in a mining window, on a work block. V20 comes at 460. */
static const int32_t FORKS[] = {289, 349, 424};
enum { N_FORKS = sizeof(FORKS) / sizeof(FORKS[0]) };

/* How the peers come to the other branch. */
enum way { BY_ANNOUNCEMENT, BY_RECONNECTING, BY_ANOTHER_PEER, ONE_BY_ONE, N_WAYS };

/* ---- one reorganisation */

struct trip {
    const struct branches *b;
    int32_t depth;
    enum way way;
    uint32_t most_jump;
    struct rng rng;
    struct world w;
    struct books k;
};

static struct trip *trip_new(const struct branches *b, int32_t depth, enum way way, uint32_t most_jump)
{
    struct trip *t = test_calloc(1, sizeof(*t));
    *t = (struct trip){.b = b, .depth = depth, .way = way, .most_jump = most_jump};
    return t;
}

/* A client that followed a branch to the fork. */
static void trip_open(struct trip *t, enum branch_name name)
{
    static const size_t n_peers[N_WAYS] = {[BY_ANNOUNCEMENT] = 1, [BY_RECONNECTING] = 1, [BY_ANOTHER_PEER] = 2, [ONE_BY_ONE] = 3};
    rng_init(&t->rng, (const uint8_t[32]){(uint8_t)t->depth});
    branches_world(&t->w, t->b, name, n_peers[t->way], t->b->fork - YOUNG);
    if (t->way == BY_ANOTHER_PEER)
        t->w.peers[1].unreachable = true;
    books_open(&t->k, &t->w);
    world_start(&t->w, (uint8_t)(1 + t->depth));
    assert_true(world_run_until_synced(&t->w, 10 * MINUTE));
    branches_follow(&t->w, &t->rng, t->b->fork, t->most_jump);
    books_mark(&t->k);
}

/* And then A to its height. */
static void trip_start(struct trip *t)
{
    trip_open(t, BRANCH_A);
    branches_follow(&t->w, &t->rng, t->b->fork + t->depth, t->most_jump);
    branches_check(t->b, BRANCH_A, &t->w, t->b->fork + t->depth);
    assert_int_equal(t->k.again, 0);
    books_mark(&t->k);
}

static void trip_free(struct trip *t)
{
    world_free(&t->w);
    test_free(t);
}

/* Let time pass, also when nothing is due. */
static void pass(struct world *w, dspv_ms ms)
{
    enum { STEP = 1000 };
    for (dspv_ms end = w->now + ms; w->now < end;) {
        dspv_ms next = w->now + STEP;
        world_run(w, STEP);
        w->now = next > w->now ? next : w->now;
        assert_int_equal(dspv_in_tick(w->client, w->now), 0);
    }
    world_run(w, 1);
}

/* The peers go over to a branch that is one block longer. */
static void go_over(struct trip *t, enum branch_name to, int32_t tip)
{
    struct world *w = &t->w;
    const struct devnode_chain *chain = branches_chain(t->b, to);
    w->tip = tip;
    switch (t->way) {
    case BY_ANNOUNCEMENT: world_switch(w, &w->peers[0], chain); break;
    case BY_RECONNECTING:
        world_break(w, &w->peers[0]);
        world_switch(w, &w->peers[0], chain);
        break;
    case BY_ANOTHER_PEER:
        w->peers[0].behind = 1;
        w->peers[1].chain = chain;
        w->peers[1].unreachable = false;
        pass(w, 6 * MINUTE); /* until it is tried again */
        break;
    default:
        for (size_t i = 0; i < w->n_peers; i++)
            w->peers[i].behind = 1;
        for (size_t i = 0; i < w->n_peers; i++) {
            w->peers[i].behind = 0;
            world_switch(w, &w->peers[i], chain);
            world_run(w, 1500);
        }
        break;
    }
    world_run(w, 10000);
}

/* Nothing twice: no list of a block that was proven and stayed, no header but those below the fork that a locator skips. */
static void check_nothing_twice(const struct trip *t)
{
    const struct books *k = &t->k;
    size_t answers = t->way == ONE_BY_ONE ? 3 : 1;
    if (k->again + k->strays > 0)
        fail_msg("fork %d, %d deep: %u lists asked for again, %u strays", t->b->fork, t->depth, k->again, k->strays);
    if (k->headers > answers * ((size_t)t->depth + 1) + k->overlap || k->overlap > answers * (size_t)t->depth)
        fail_msg("fork %d, %d deep: %zu headers, %zu of them a second time", t->b->fork, t->depth, k->headers, k->overlap);
    const struct network *net = &branches_chain(t->b, BRANCH_A)->network;
    if (k->sent[WIRE_GETQRINFO] > 0 && t->depth < 5 * network_llmq(net, net->instantsend_type)->interval)
        fail_msg("fork %d, %d deep: a QRINFO", t->b->fork, t->depth);
}

/* It costs about what it costs to come as far on B from the fork at once, for one that never saw A. Who comes more than five
 * cycles on at once takes a QRINFO instead of many lists (docs/planner.md). */
static void check_cost(const struct trip *t)
{
    struct trip *c = trip_new(t->b, t->depth, BY_ANNOUNCEMENT, t->most_jump);
    trip_open(c, BRANCH_B);
    world_grow(&c->w, t->b->fork + t->depth + 1);
    world_run(&c->w, 10000);
    branches_check(t->b, BRANCH_B, &c->w, t->b->fork + t->depth + 1);
    size_t spent = books_bytes(&t->k), fair = books_bytes(&c->k);
    unsigned asked = t->k.sent[WIRE_GETMNLISTD], fair_asked = c->k.sent[WIRE_GETMNLISTD];
    if (spent > fair + 100 * t->k.overlap + fair / 10 || asked > fair_asked + 1 ||
        t->k.sent[WIRE_GETQRINFO] > c->k.sent[WIRE_GETQRINFO])
        fail_msg("fork %d, %d deep: %zu bytes for %u lists and %u rotations; %zu for %u and %u without a reorganisation",
                 t->b->fork, t->depth, spent, asked, t->k.sent[WIRE_GETQRINFO], fair, fair_asked, c->k.sent[WIRE_GETQRINFO]);
    trip_free(c);
}

static void reorganise(const struct branches *b, int32_t depth, enum way way, uint32_t most_jump)
{
    struct trip *t = trip_new(b, depth, way, most_jump);
    trip_start(t);
    go_over(t, BRANCH_B, b->fork + depth + 1);
    branches_check(b, BRANCH_B, &t->w, b->fork + depth + 1);
    check_nothing_twice(t);
    if (way != ONE_BY_ONE && (depth % 5 == 0 || t->k.sent[WIRE_GETQRINFO] > 0))
        check_cost(t);
    trip_free(t);
}

/* There and back again, one block deeper each time. */
static void zigzag(const struct branches *b)
{
    struct trip *t = trip_new(b, 1, BY_ANNOUNCEMENT, JUMP);
    enum branch_name on = BRANCH_A;
    trip_start(t);
    for (; t->depth <= BRANCHES_DEEPEST; t->depth++) {
        on = on == BRANCH_A ? BRANCH_B : BRANCH_A;
        t->way = t->depth % 7 == 0 ? BY_RECONNECTING : BY_ANNOUNCEMENT;
        go_over(t, on, b->fork + t->depth + 1);
        branches_check(b, on, &t->w, b->fork + t->depth + 1);
        check_nothing_twice(t);
        books_mark(&t->k);
    }
    assert_int_equal(t->w.events[DSPV_EVENT_REFUSED], 0);
    trip_free(t);
}

static void test_every_depth(void **state)
{
    (void)state;
    bool all = getenv("REORG_ALL") != NULL;
    for (int32_t i = 0; i < N_FORKS; i++) {
        struct branches b;
        branches_open(&b, FORKS[i], FORKS[i] + BRANCHES_DEEPEST + BRANCHES_ROOM, false, i == 1);
        for (int32_t depth = 1 + i; depth <= BRANCHES_DEEPEST; depth += all ? 1 : i == 0 ? 5 : 13)
            reorganise(&b, depth, (enum way)(depth % N_WAYS), depth % 8 == 3 ? 1 : JUMP);
        if (i == 0)
            zigzag(&b);
        branches_close(&b);
    }
}

/* ---- at any moment */

enum { LATENCY = 300, DEEP = 60, MOMENTS = 4000 };

/* Of a client that has nothing yet (`fresh`), or one whose tip has just jumped. */
static void interrupt(const struct branches *b, dspv_ms at, bool fresh, enum way way)
{
    struct trip *t = trip_new(b, DEEP, way, JUMP);
    if (fresh) {
        branches_world(&t->w, b, BRANCH_A, 1, b->fork + DEEP);
        books_open(&t->k, &t->w);
        t->k.newcomer = true;
        t->w.peers[0].latency_ms = LATENCY;
        world_start(&t->w, 1);
    } else {
        trip_open(t, BRANCH_A);
        t->w.peers[0].latency_ms = LATENCY;
        world_grow(&t->w, b->fork + DEEP);
    }
    world_run(&t->w, at);
    go_over(t, BRANCH_B, b->fork + DEEP + 1);
    pass(&t->w, MINUTE);
    branches_check(b, BRANCH_B, &t->w, b->fork + DEEP + 1);
    assert_int_equal(t->k.again + t->k.strays, 0);
    assert_int_equal(t->w.events[DSPV_EVENT_REFUSED], 0);
    trip_free(t);
}

static void test_any_moment(void **state)
{
    (void)state;
    struct branches b;
    branches_open(&b, FORKS[0], FORKS[0] + DEEP + BRANCHES_ROOM, false, false);
    for (dspv_ms at = 0; at < MOMENTS; at += 150) {
        interrupt(&b, at, at % 450 == 0, BY_ANNOUNCEMENT);
        interrupt(&b, at, at % 450 != 0, BY_RECONNECTING);
    }
    branches_close(&b);
}

/* ---- ChainLocks */

enum { LOCKED_FORK = 349, AHEAD = 30 };

static void open_locked(struct branches *b, bool a, bool other)
{
    branches_open(b, LOCKED_FORK, LOCKED_FORK + 2 * AHEAD + BRANCHES_ROOM, a, other);
}

/* A block of A is ChainLocked: a longer B is refused for ever, has it ChainLocks of its own or not. */
static void stays(bool b_locked, int32_t depth)
{
    struct branches b;
    open_locked(&b, true, b_locked);
    struct trip *t = trip_new(&b, depth, BY_ANOTHER_PEER, 3);
    struct world *w = &t->w;
    trip_start(t);
    assert_true(w->chainlock > b.fork);
    w->peers[0].behind = AHEAD;
    w->peers[1].chain = branches_chain(&b, BRANCH_B);
    w->peers[1].unreachable = false;
    for (int32_t i = 0; i < AHEAD; i += 3) {
        world_grow(w, b.fork + depth + AHEAD + i);
        pass(w, 7 * MINUTE);
        branches_check(&b, BRANCH_A, w, b.fork + depth + i);
    }
    assert_true(w->refused[DSPV_CHAINLOCK_CONFLICT] >= 2);
    assert_true(w->peers[1].connections >= 2);
    assert_null(w->peers[1].node);
    assert_int_equal(t->k.strays + t->k.again, 0);
    world_switch(w, &w->peers[0], branches_chain(&b, BRANCH_B)); /* and now nobody is left on A */
    pass(w, 20 * MINUTE);
    assert_true(branches_on(&b, BRANCH_A, w));
    assert_true(w->client->locks.n_pending <= LOCKS_MOST_CHAINLOCKS);
    trip_free(t);
    branches_close(&b);
}

static void test_locked_stays(void **state)
{
    (void)state;
    stays(false, 12);
    stays(true, 25);
}

/* The client is on the longer A. B comes with a ChainLock: signed by a quorum that A has too it decides at once. One that only B
 * has cannot be known from A: then nobody is blamed, and B is followed, with its lock, as soon as it is longer. */
static void lock_decides(const struct branches *b, int32_t depth)
{
    struct trip *t = trip_new(b, depth + 5, BY_ANOTHER_PEER, 3);
    struct world *w = &t->w;
    trip_start(t);
    assert_true(w->chainlock <= b->fork);
    w->peers[1].chain = branches_chain(b, BRANCH_B);
    w->peers[1].behind = 5;
    w->peers[1].unreachable = false;
    pass(w, 6 * MINUTE);
    if (!branches_on(b, BRANCH_B, w)) {
        assert_true(depth > SIGN_HEIGHT_OFFSET + 4);
        branches_check(b, BRANCH_A, w, b->fork + depth + 5);
        w->peers[0].behind = 1;
        w->peers[1].behind = 0;
        world_grow(w, b->fork + depth + 6);
        pass(w, MINUTE);
        depth += 6;
    }
    branches_check(b, BRANCH_B, w, b->fork + depth);
    assert_true(w->chainlock > b->fork);
    assert_int_equal(t->k.strays + t->k.again, 0);
    assert_int_equal(w->events[DSPV_EVENT_REFUSED], 0);
    trip_free(t);
}

static void test_lock_decides(void **state)
{
    (void)state;
    struct branches b;
    open_locked(&b, false, true);
    for (int32_t depth = 2; depth <= 2 * AHEAD; depth += depth < 12 ? 2 : 9)
        if (devnode_chain_best_clsig(branches_chain(&b, BRANCH_B), b.fork + depth)->height > b.fork)
            lock_decides(&b, depth);
    branches_close(&b);
}

/* ---- the trace of docs/reorg.md */

static void trace(int32_t depth)
{
    struct branches b;
    branches_open(&b, FORKS[0], FORKS[0] + BRANCHES_DEEPEST + BRANCHES_ROOM, false, true);
    struct trip *t = trip_new(&b, depth, BY_ANNOUNCEMENT, 1);
    trip_start(t);
    t->k.trace = true;
    t->k.trace_start = t->w.now;
    t->w.peers[0].latency_ms = 50;
    print_message("fork at %d; synced at %d on A, ChainLock %d; the peer goes over to B at %d\n", b.fork, b.fork + depth,
                  t->w.chainlock, b.fork + depth + 1);
    go_over(t, BRANCH_B, b.fork + depth + 1);
    t->k.trace = false;
    print_message("%zu headers, %zu of them a second time; %u getmnlistd, %u getqrinfo; %u quorums; "
                  "bytes: %zu headers, %zu lists, %zu rotations\n",
                  t->k.headers, t->k.overlap, t->k.sent[WIRE_GETMNLISTD], t->k.sent[WIRE_GETQRINFO],
                  t->k.quorums, t->k.bytes[WIRE_HEADERS] + t->k.bytes[WIRE_HEADERS2], t->k.bytes[WIRE_MNLISTDIFF],
                  t->k.bytes[WIRE_QRINFO]);
    branches_check(&b, BRANCH_B, &t->w, b.fork + depth + 1);
    check_nothing_twice(t);
    check_cost(t);
    trip_free(t);
    branches_close(&b);
}

static void test_trace(void **state)
{
    (void)state;
    trace(atoi(getenv("REORG_TRACE")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_depth),
        cmocka_unit_test(test_any_moment),
        cmocka_unit_test(test_locked_stays),
        cmocka_unit_test(test_lock_decides),
    };
    const struct CMUnitTest traced[] = {cmocka_unit_test(test_trace)};
    return getenv("REORG_TRACE") ? cmocka_run_group_tests(traced, NULL, NULL) : cmocka_run_group_tests(tests, NULL, NULL);
}
