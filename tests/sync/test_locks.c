/* Locks from several peers: whoever withholds one, says notfound or goes is not the last to be asked; who floods, floods only his
 * own share; what cannot be decided does not wait for ever; and a ChainLock decides between branches. */
#include "sim/generator.h"
#include "sync/world.h"
#include "wire/headers.h"
#include "wire/locks.h"

enum { SECOND = 1000, MINUTE = 60000, FIRST = 541, LAST = 560 };

/* ---- worlds */

/* What some peers never send: bit i = peers[i]. */
static unsigned no_locks, no_invs, no_notfound;

static void withhold(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    bool lock = strcmp(command, "clsig") == 0 || strcmp(command, "isdlock") == 0;
    unsigned whose = lock ? no_locks : strcmp(command, "inv") == 0 ? no_invs : strcmp(command, "notfound") == 0 ? no_notfound : 0;
    if (whose >> w->speaker & 1)
        *n = WORLD_DROPPED;
}

static void open_world(struct world *w, size_t n, int32_t tip)
{
    world_init(w, "churn", tip);
    no_locks = no_invs = no_notfound = 0;
    w->tamper = withhold;
    for (size_t i = 0; i < n; i++)
        world_add(w)->latency_ms = 10 + 20 * (dspv_ms)i;
}

static void start(struct world *w, uint8_t seed)
{
    world_start(w, seed);
    assert_true(world_run_until_synced(w, MINUTE));
    world_run(w, 2 * SECOND);
}

static struct locks *locks_of(struct world *w)
{
    return &w->client->locks;
}

static int32_t locked(struct world *w)
{
    return world_progress(w).chainlock_height;
}

/* The ChainLock of a block, which must have been recorded. */
static const struct devnode_lock *chainlock_of(const struct world *w, int32_t height)
{
    const struct devnode_lock *l = devnode_chain_best_clsig(w->chain, height);
    assert_non_null(l);
    assert_int_equal(l->height, height);
    return l;
}

static void say_inv(struct world *w, size_t peer, uint32_t type, const hash256 *hash)
{
    struct writer payload;
    writer_init(&payload);
    inventory_encode(&payload, &(struct inventory_item){type, *hash}, 1);
    world_say(w, &w->peers[peer], WIRE_INV, payload.data, payload.n);
    writer_free(&payload);
}

static unsigned getdata(const struct world *w, size_t peer)
{
    return w->peers[peer].commands[WIRE_GETDATA];
}

/* ---- announcers */

/* The first announcer never sends what it announced: the second one does, five seconds later. */
static void test_withheld(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 3, FIRST - 1);
    no_locks = 1;
    start(&w, 1);
    for (int32_t tip = FIRST; tip <= LAST; tip++) {
        chainlock_of(&w, tip);
        world_grow(&w, tip);
        dspv_ms grown = w.now;
        while (w.now < grown + ASKED_NEXT_MS - 100) {
            world_run(&w, 100), w.now += 100;
            assert_true(locked(&w) < tip);
        }
        world_run(&w, SECOND);
        assert_int_equal(locked(&w), tip);
    }
    unsigned islocks = 0;
    for (size_t i = 0; i < w.chain->n_locks; i++)
        islocks += w.chain->locks[i].kind == DEVNODE_ISDLOCK && w.chain->locks[i].height >= FIRST &&
                   w.chain->locks[i].height <= LAST;
    world_run(&w, MINUTE);
    assert_int_equal(world_progress(&w).instantlocks, islocks);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_int_equal(locks_of(&w)->asked.n_open, 0);
    world_free(&w);
}

/* Seven liars, one honest peer, who announces last: every lock comes. */
static void test_seven_liars(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 8, FIRST - 1);
    no_locks = 0x7f;
    start(&w, 2);
    world_grow(&w, FIRST);
    world_run(&w, 7 * ASKED_NEXT_MS + SECOND);
    assert_int_equal(locked(&w), FIRST);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* A peer that lags announces what it does not have: its notfound costs no time. */
static void test_not_found(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 3, FIRST - 1);
    w.peers[0].behind = 1;
    start(&w, 3);
    unsigned before = getdata(&w, 0);
    world_grow(&w, FIRST);
    say_inv(&w, 0, INVENTORY_CLSIG, &chainlock_of(&w, FIRST)->hash);
    world_run(&w, 300);
    assert_true(getdata(&w, 0) > before);
    assert_int_equal(locked(&w), FIRST);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* So does its going away. */
static void test_gone(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 3, FIRST - 1);
    no_locks = 1;
    start(&w, 4);
    world_grow(&w, FIRST);
    world_run(&w, 200);
    assert_true(locked(&w) < FIRST);
    assert_true(client_peer(w.client, w.peers[0].conn)->locks_open > 0);
    world_break(&w, &w.peers[0]);
    world_run(&w, 200);
    assert_int_equal(locked(&w), FIRST);
    world_free(&w);
}

/* When nobody had it, it is forgotten, so that whoever announces it later is asked. */
static void test_forgotten(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 3, FIRST - 1);
    w.peers[0].behind = w.peers[1].behind = 1;
    start(&w, 5);
    no_invs = 7;
    const hash256 *hash = &chainlock_of(&w, FIRST)->hash;
    world_grow(&w, FIRST);
    for (size_t i = 0; i < 2; i++) {
        say_inv(&w, i, INVENTORY_CLSIG, hash);
        assert_int_equal(locks_of(&w)->asked.n_open, 1);
        world_run(&w, 200);
        assert_int_equal(locks_of(&w)->asked.n_open, 0);
    }
    say_inv(&w, 2, INVENTORY_CLSIG, hash);
    world_run(&w, 200);
    assert_int_equal(locked(&w), FIRST);
    unsigned before = getdata(&w, 0);
    for (size_t i = 0; i < 3; i++) /* it is known now: nobody is asked again */
        say_inv(&w, i, INVENTORY_CLSIG, hash);
    world_run(&w, 200);
    assert_int_equal(getdata(&w, 0), before);
    world_free(&w);
}

/* One that stays silent is asked again when it announces again, and not for ever remembered. */
static void test_silent(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 1, FIRST - 1);
    start(&w, 6);
    no_locks = no_invs = no_notfound = 1;
    const hash256 *hash = &chainlock_of(&w, FIRST)->hash;
    unsigned before = getdata(&w, 0);
    say_inv(&w, 0, INVENTORY_CLSIG, hash);
    say_inv(&w, 0, INVENTORY_CLSIG, hash);
    world_run(&w, 0);
    assert_int_equal(getdata(&w, 0), before + 1);
    w.now += ASKED_NEXT_MS;
    say_inv(&w, 0, INVENTORY_CLSIG, hash);
    world_run(&w, 0);
    assert_int_equal(getdata(&w, 0), before + 2);
    assert_true(dspv_deadline(w.client) <= w.now + ASKED_NEXT_MS);
    world_run(&w, ASKED_FORGET_MS + SECOND);
    assert_int_equal(locks_of(&w)->asked.n_open, 0);
    assert_int_equal(client_peer(w.client, w.peers[0].conn)->locks_open, 0);
    world_free(&w);
}

/* Slow is not silent: an answer after the others were asked is taken, theirs are no surprise. */
static void test_slow(void **state)
{
    (void)state;
    for (size_t n = 1; n <= 3; n++) {
        struct world w;
        open_world(&w, n, FIRST - 1);
        start(&w, 7);
        for (size_t i = 0; i < n; i++)
            w.peers[i].latency_ms = 7 * SECOND + (dspv_ms)i;
        for (int32_t tip = FIRST; tip < FIRST + 4; tip++) {
            world_grow(&w, tip);
            world_run(&w, 15 * SECOND); /* the inv, the lock */
            assert_int_equal(locked(&w), tip);
        }
        world_run(&w, MINUTE);
        assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(client_peer(w.client, w.peers[i].conn)->locks_late, 0);
        world_free(&w);
    }
}

/* ---- floods */

static void say_random_invs(struct world *w, size_t peer, uint32_t n)
{
    struct inventory_item *items = malloc(n * sizeof(*items));
    struct writer payload;
    assert_non_null(items);
    for (uint32_t i = 0; i < n; i++) {
        items[i].type = i % 2 ? INVENTORY_CLSIG : INVENTORY_ISDLOCK;
        for (size_t b = 0; b < 32; b += 8)
            store_le64(items[i].hash.b + b, test_random(&w->random));
    }
    writer_init(&payload);
    inventory_encode(&payload, items, n);
    world_say(w, &w->peers[peer], WIRE_INV, payload.data, payload.n);
    writer_free(&payload);
    free(items);
}

/* Two announce nothing but inventions and answer nothing; what the third one announces comes at once. */
static void test_flood(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 3, FIRST - 1);
    start(&w, 8);
    no_notfound = 3;
    no_invs = 3;
    for (int32_t tip = FIRST; tip <= LAST; tip++) {
        say_random_invs(&w, 0, INVENTORY_MOST);
        say_random_invs(&w, 1, 1000);
        assert_true(locks_of(&w)->asked.n_open <= 2 * ASKED_SHARE);
        world_grow(&w, tip);
        world_run(&w, 300);
        assert_int_equal(locked(&w), tip);
    }
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(client_peer(w.client, w.peers[i].conn)->locks_open, ASKED_SHARE);
        assert_true(getdata(&w, i) < 8);
    }
    no_notfound = 0; /* now they do answer: every one makes room for another */
    world_run(&w, 2 * ASKED_FORGET_MS);
    for (int i = 0; i < 20; i++) {
        say_random_invs(&w, 0, 300);
        world_run(&w, SECOND);
    }
    assert_int_equal(locks_of(&w)->asked.n_open, 0);
    assert_int_equal(locks_of(&w)->asked.index.count, locks_of(&w)->asked.next_settled);
    world_free(&w);
}

/* Random announcements, answers, refusals and breaks: what is kept of them stays consistent. */
static void test_books(void **state)
{
    struct world w;
    hash256 hashes[64];
    unsigned taken = 0;
    (void)state;
    open_world(&w, 4, FIRST - 1);
    start(&w, 9);
    no_notfound = 5; /* of two peers */
    for (size_t i = 0; i < 64; i++)
        for (size_t b = 0; b < 32; b += 8)
            store_le64(hashes[i].b + b, test_random(&w.random));
    for (unsigned step = 0; step < 6000; step++) {
        size_t peer = test_random(&w.random) % 4, i = test_random(&w.random) % 64;
        struct peer *p = w.peers[peer].node ? client_peer(w.client, w.peers[peer].conn) : NULL;
        if (p && peer_usable(p))
            switch (test_random(&w.random) % 8) {
            case 0:
                if (step % 16 == 0)
                    world_break(&w, &w.peers[peer]);
                break;
            case 1: taken += asked_came(w.client, p, &hashes[i]) == ASKED_TAKE; break;
            case 2: asked_not_found(w.client, p, &hashes[i]); break;
            case 3: asked_lost(w.client, &hashes[i]); break;
            default: say_inv(&w, peer, INVENTORY_ISDLOCK, &hashes[i]);
            }
        world_run(&w, (dspv_ms)(test_random(&w.random) % 3000));
        w.now += (dspv_ms)(test_random(&w.random) % 200);
        assert_int_equal(dspv_in_tick(w.client, w.now), 0);
        const struct asked *a = &locks_of(&w)->asked;
        unsigned open[4] = {0};
        for (size_t k = 0; k < a->n_open; k++) {
            const struct asked_lock *l = &a->open[k];
            uint32_t at;
            assert_true(map_get(&a->index, l->item.hash.b, &at) && at == k);
            assert_true(l->at < l->n && l->n <= ASKED_MOST_ANNOUNCERS && l->tried[l->at]);
            assert_true(a->next_due <= l->since + ASKED_FORGET_MS);
            for (size_t q = 0; q < 4; q++)
                open[q] += w.peers[q].node && l->announcers[l->at] == w.peers[q].conn;
        }
        for (size_t q = 0; q < 4; q++) {
            p = w.peers[q].node ? client_peer(w.client, w.peers[q].conn) : NULL;
            assert_true(!p || p->locks_open == open[q]);
        }
    }
    assert_true(taken > 50);
    world_free(&w);
}

/* ---- locks that cannot be decided */

/* A recorded InstantSend lock as if of a cycle nobody has heard of. */
static void say_unknown_lock(struct world *w, size_t peer, hash256 *hash)
{
    const struct devnode_lock *l = NULL;
    struct isdlock m;
    struct writer payload;
    dspv_fault fault;
    for (size_t i = 0; i < w->chain->n_locks && !l; i++)
        if (w->chain->locks[i].kind == DEVNODE_ISDLOCK)
            l = &w->chain->locks[i];
    assert_non_null(l);
    assert_int_equal(isdlock_decode(l->payload.p, l->payload.n, &m, &fault), 0);
    store_le64(m.cycle.b, test_random(&w->random));
    writer_init(&payload);
    isdlock_encode(&payload, &m);
    assert_int_equal(isdlock_decode(payload.data, payload.n, &m, &fault), 0);
    *hash = isdlock_inv_hash(&m);
    say_inv(w, peer, INVENTORY_ISDLOCK, hash);
    world_say(w, &w->peers[peer], WIRE_ISDLOCK, payload.data, payload.n);
    writer_free(&payload);
}

static bool waits(struct world *w, const hash256 *hash)
{
    for (size_t i = 0; i < locks_of(w)->n_pending; i++)
        if (hash256_eq(&locks_of(w)->pending[i].hash, hash))
            return true;
    return false;
}

static void test_pending_shares(void **state)
{
    struct world w;
    hash256 first, second, other;
    (void)state;
    open_world(&w, 2, FIRST);
    start(&w, 10);
    say_unknown_lock(&w, 1, &first);
    assert_true(waits(&w, &first));
    for (int i = 0; i < 200; i++)
        say_unknown_lock(&w, 0, &other);
    assert_int_equal(locks_of(&w)->n_pending, LOCKS_MOST_PENDING);
    say_unknown_lock(&w, 1, &second);
    assert_true(waits(&w, &first) && waits(&w, &second) && waits(&w, &other));
    world_run(&w, SECOND);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0); /* it may be true */
    world_free(&w);
}

static void test_expires(void **state)
{
    struct world w;
    hash256 lock;
    (void)state;
    open_world(&w, 1, FIRST);
    start(&w, 11);
    dspv_ms since = w.now;
    say_unknown_lock(&w, 0, &lock);
    world_run(&w, LOCKS_PENDING_MS - 2 * SECOND);
    assert_true(waits(&w, &lock));
    assert_true(dspv_deadline(w.client) <= since + LOCKS_PENDING_MS);
    world_run(&w, 4 * MINUTE);
    assert_false(waits(&w, &lock));
    unsigned before = getdata(&w, 0);
    say_inv(&w, 0, INVENTORY_ISDLOCK, &lock); /* once more, then */
    world_run(&w, SECOND);
    assert_int_equal(getdata(&w, 0), before + 1);
    world_free(&w);
}

/* ChainLocks of blocks nobody has: gone once a better one is verified. */
static void test_overtaken(void **state)
{
    struct world w;
    (void)state;
    open_world(&w, 2, FIRST);
    start(&w, 12);
    for (int32_t i = -2; i <= LOCKS_MOST_CHAINLOCKS; i++) { /* the first of them make room */
        struct clsig lock = {.height = FIRST + (i < 1 ? 100 : i), .block = {{(uint8_t)i}}};
        struct writer payload;
        hash256 hash = clsig_inv_hash(&lock);
        writer_init(&payload);
        clsig_encode(&payload, &lock);
        say_inv(&w, 0, INVENTORY_CLSIG, &hash);
        world_say(&w, &w.peers[0], WIRE_CLSIG, payload.data, payload.n);
        writer_free(&payload);
    }
    world_run(&w, SECOND);
    assert_int_equal(locks_of(&w)->n_pending, LOCKS_MOST_CHAINLOCKS);
    for (int32_t i = 1; i <= LOCKS_MOST_CHAINLOCKS; i++) {
        world_grow(&w, FIRST + i);
        world_run(&w, SECOND);
        assert_int_equal(locked(&w), FIRST + i);
        assert_int_equal(locks_of(&w)->n_pending, LOCKS_MOST_CHAINLOCKS - i);
    }
    world_free(&w);
}

/* ---- branches */

enum { FORK = 292, DEEP_FORK = 250, AHEAD = 2 };

/* Two chains with a common past: one without ChainLocks, and the one the network agreed on. */
static const struct devnode_chain *generated_from(int32_t fork, bool agreed)
{
    static struct devnode_chain *made[2][2];
    struct devnode_chain **out = &made[fork == DEEP_FORK][agreed];
    if (!*out) {
        char error[GEN_ERROR_SIZE + DEVNODE_ERROR_SIZE];
        struct gen_chain *c;
        struct gen_config config = gen_config_everyday(11, 320, 12);
        config.chainlock_rate = 10000;
        config.fork_above = fork;
        config.fork_seed = agreed ? 2 : 1;
        config.fork_unlocked = !agreed;
        if (gen_chain_new(&c, &config, error) != 0 || devnode_chain_load_memory(out, "generated", c->files, error) != 0)
            fail_msg("%s", error);
        gen_chain_free(c);
    }
    return *out;
}

static const struct devnode_chain *generated(bool agreed)
{
    return generated_from(FORK, agreed);
}

/* Peers 0 and 1 are on the longer branch, the last one is on the agreed one. */
static void open_branches(struct world *w)
{
    world_init_chain(w, generated(true), 300);
    no_locks = no_invs = no_notfound = 0;
    w->tamper = withhold;
    for (size_t i = 0; i < 3; i++)
        world_add(w)->latency_ms = 20 + 20 * (dspv_ms)i;
    w->peers[0].chain = w->peers[1].chain = generated(false);
    w->peers[2].behind = AHEAD;
}

static bool on_branch(const struct world *w, bool agreed)
{
    const struct headers *h = client_headers(w->client);
    block_hash ours;
    headers_hash(h, headers_tip(h), &ours);
    return block_hash_eq(&ours, devnode_chain_hash(generated(agreed), headers_tip_height(h)));
}

static void assert_agreed(struct world *w, int32_t tip)
{
    struct engine *e = client_engine(w->client);
    dspv_progress p = world_progress(w);
    if (p.phase != DSPV_PHASE_SYNCED)
        fail_msg("%s, %s at %d", dspv_phase_name(p.phase), dspv_reason_name(p.reason), p.header_height);
    assert_true(on_branch(w, true));
    assert_int_equal(p.header_height, tip);
    assert_int_equal(p.list_height, tip);
    assert_int_equal(p.chainlock_height, tip);
    for (size_t i = 0; i < engine_list_count(e); i++) { /* nothing of the other branch is left */
        const struct mnstate *s = engine_list_at(e, i);
        assert_true(block_hash_eq(&s->block, devnode_chain_hash(generated(true), s->height)));
    }
}

/* The longer branch is followed, its lists are proven; then comes the ChainLock. */
static void test_lock_decides(void **state)
{
    struct world w;
    (void)state;
    open_branches(&w);
    no_invs = no_locks = 4;
    world_start(&w, 13);
    assert_true(world_run_until_tip(&w, MINUTE));
    world_run(&w, 2 * SECOND);
    assert_true(on_branch(&w, false));
    assert_int_equal(world_progress(&w).list_height, 300);
    assert_true(locked(&w) <= FORK);
    for (size_t i = 0; i < 2; i++) /* also the one that had nothing to tell any more is known to be on this branch */
        assert_int_equal(client_peer(w.client, w.peers[i].conn)->told, headers_tip(client_headers(w.client)));
    no_invs = no_locks = 0;
    say_inv(&w, 2, INVENTORY_CLSIG, &devnode_chain_best_clsig(w.chain, 300 - AHEAD)->hash);
    world_run(&w, 20 * SECOND);
    assert_agreed(&w, 300 - AHEAD);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_int_equal(w.synced, 2);

    /* The longer branch grows: it is refused, whoever tells it. */
    for (int32_t tip = 301; tip <= 310; tip++) {
        world_grow(&w, tip);
        world_run(&w, 2 * SECOND);
        assert_true(on_branch(&w, true));
    }
    assert_true(world_run_until_synced(&w, MINUTE));
    assert_agreed(&w, 310 - AHEAD);
    assert_true(w.refused[DSPV_CHAINLOCK_CONFLICT] >= 2);
    assert_null(w.peers[0].node);
    assert_null(w.peers[1].node);
    world_free(&w);
}

/* Nobody holds anything back: it ends on the agreed branch without further ado. */
static void test_agreed_branch(void **state)
{
    (void)state;
    for (size_t slow = 0; slow < 3; slow++) {
        struct world w;
        open_branches(&w);
        w.peers[slow].latency_ms = 900;
        world_start(&w, 14);
        world_run(&w, MINUTE);
        assert_agreed(&w, 300 - AHEAD);
        for (size_t i = 0; i < WORLD_REASONS; i++)
            assert_true(w.refused[i] == 0 || i == DSPV_CHAINLOCK_CONFLICT);
        world_free(&w);
    }
}

/* The branches parted so long ago that the lock may be signed by a quorum that only the other branch has: it may be true, so its
 * sender is not blamed, and it is not believed either. */
static void test_foreign_quorums(void **state)
{
    struct world w;
    (void)state;
    world_init_chain(&w, generated_from(DEEP_FORK, false), 300);
    world_add(&w);
    start(&w, 17);
    for (int32_t height = 290; height < 300; height++) {
        const struct devnode_chain *other = generated_from(DEEP_FORK, true);
        const struct devnode_lock *l = devnode_chain_best_clsig(other, height);
        struct header_run run = {devnode_chain_header(other, DEEP_FORK + 1), devnode_chain_hash(other, DEEP_FORK + 1),
                                 (uint32_t)(height - DEEP_FORK)};
        struct writer payload;
        writer_init(&payload);
        headers2_encode(&payload, &run);
        client_peer(w.client, w.peers[0].conn)->headers_owed = 1; /* as if it had been asked */
        world_say(&w, &w.peers[0], WIRE_HEADERS2, payload.data, payload.n);
        world_run(&w, 0);
        writer_free(&payload);
        say_inv(&w, 0, INVENTORY_CLSIG, &l->hash);
        world_say(&w, &w.peers[0], WIRE_CLSIG, l->payload.p, l->payload.n);
        if (waits(&w, &l->hash))
            w.tampered++;
        else if (locked(&w) == height)
            break; /* its quorum was ours */
    }
    world_run(&w, SECOND);
    assert_true(w.tampered > 0);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* The lock was there first: the longer branch is never followed. */
static void test_lock_first(void **state)
{
    struct world w;
    (void)state;
    open_branches(&w);
    w.peers[0].unreachable = w.peers[1].unreachable = true;
    start(&w, 15);
    assert_agreed(&w, 300 - AHEAD);
    unsigned connections = w.connections;
    w.peers[0].unreachable = w.peers[1].unreachable = false;
    for (int i = 0; i < 600; i++) {
        world_run(&w, SECOND), w.now += SECOND;
        assert_int_equal(dspv_in_tick(w.client, w.now), 0);
        assert_true(on_branch(&w, true));
    }
    assert_true(w.connections > connections + 1);
    assert_true(w.refused[DSPV_CHAINLOCK_CONFLICT] >= 2);
    assert_agreed(&w, 300 - AHEAD);
    world_free(&w);
}

/* The lock comes before its block's header: it is decided as soon as that comes, although the tip does not move by it. */
static void test_lock_before_header(void **state)
{
    struct world w;
    (void)state;
    open_branches(&w);
    w.peers[2].unreachable = true;
    start(&w, 16);
    assert_true(on_branch(&w, false));
    const struct devnode_lock *l = devnode_chain_best_clsig(w.chain, 300 - AHEAD);
    say_inv(&w, 0, INVENTORY_CLSIG, &l->hash);
    world_say(&w, &w.peers[0], WIRE_CLSIG, l->payload.p, l->payload.n);
    world_run(&w, SECOND);
    assert_true(waits(&w, &l->hash));
    w.peers[2].unreachable = false;
    no_invs = 4;
    for (int i = 0; i < 60; i++) {
        world_run(&w, SECOND), w.now += SECOND;
        assert_int_equal(dspv_in_tick(w.client, w.now), 0);
    }
    assert_int_equal(locks_of(&w)->n_pending, 0);
    assert_agreed(&w, 300 - AHEAD);
    world_free(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_withheld),
        cmocka_unit_test(test_seven_liars),
        cmocka_unit_test(test_not_found),
        cmocka_unit_test(test_gone),
        cmocka_unit_test(test_forgotten),
        cmocka_unit_test(test_silent),
        cmocka_unit_test(test_slow),
        cmocka_unit_test(test_flood),
        cmocka_unit_test(test_books),
        cmocka_unit_test(test_pending_shares),
        cmocka_unit_test(test_expires),
        cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_lock_decides),
        cmocka_unit_test(test_agreed_branch),
        cmocka_unit_test(test_foreign_quorums),
        cmocka_unit_test(test_lock_first),
        cmocka_unit_test(test_lock_before_header),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
