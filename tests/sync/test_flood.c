/* Floods of headers: whatever liars push, memory stays bounded, the honest chain is neither refused nor forgotten, and the sync
 * comes to an end. Scaled down: few nodes are allowed off the best chain, and headers are cheap. */
#include "sync/header_branch.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { MINUTE = 60000, TIP = 581, HIGHEST = 6000 /* that anybody serves */, SMALL_BATCH = 70234 /* headers2 of at most 2000 */ };

static const struct headers_limits few = {.reach = 300, .context = 100, .depth = 50000, .off_best = 500, .spare = 10000};

static void begin(struct world *w, size_t n, const struct devnode_chain *chain)
{
    world_init(w, "churn", HIGHEST);
    w->config.masternodes = false;
    w->now += HIGHEST * 1000 + MINUTE; /* all of it is in the past */
    w->chunk = 200000;
    for (size_t i = 0; i < n; i++) {
        struct world_peer *p = world_add(w);
        p->latency_ms = 20 + 10 * (dspv_ms)i;
        p->chain = chain;
        p->options.protocol = SMALL_BATCH;
    }
}

static void start(struct world *w)
{
    world_start(w, 1);
    headers_limit(client_headers(w->client), &few);
}

static bool knows(const struct world *w, const struct devnode_chain *chain, int32_t height)
{
    return headers_find(client_headers(w->client), devnode_chain_hash(chain, height)) != HEADERS_NONE;
}

static bool tip_is(const struct world *w, const struct devnode_chain *chain)
{
    block_hash ours = headers_tip_hash(client_headers(w->client));
    return block_hash_eq(&ours, devnode_chain_hash(chain, chain->tip));
}

static void say(struct world *w, size_t speaker, const struct devnode_chain *chain, int32_t first, uint32_t n)
{
    struct writer payload;
    struct header_run run = {devnode_chain_header(chain, first), devnode_chain_hash(chain, first), n};
    writer_init(&payload);
    headers2_encode(&payload, &run);
    world_say(w, &w->peers[speaker], WIRE_HEADERS2, payload.data, payload.n);
    writer_free(&payload);
}

static size_t off_best(const struct world *w)
{
    const struct headers *h = client_headers(w->client);
    return headers_count(h) - (size_t)(headers_tip_height(h) - headers_first_height(h)) - 1;
}

/* A branch from far below the tip is not taken from whoever says it, but from the one that is asked then; so it is not lost. */
static void test_far_branches_are_asked_for(void **state)
{
    (void)state;
    struct devnode_chain side = branch(100, 600, 7000);
    struct world w;
    begin(&w, 3, fixture_chain("churn"));
    start(&w);
    assert_true(world_run_until_synced(&w, MINUTE));
    say(&w, 1, &side, 100, 8);
    assert_false(knows(&w, &side, 100));
    say(&w, 1, &side, 570, 8); /* does not connect */
    w.peers[1].chain = &side;
    world_switch(&w, &w.peers[1], &side);
    world_run(&w, MINUTE);
    assert_true(tip_is(&w, &side)); /* it had more work */
    assert_int_equal(off_best(&w), TIP - 99);
    world_free(&w);
    branch_free(&side);
}

/* Many branches near the tip, 8 headers at a time as nobody asked for them: the tree holds no more than it may. */
static void test_many_branches_near_the_tip(void **state)
{
    (void)state;
    enum { BRANCHES = 200 };
    struct world w;
    begin(&w, 2, fixture_chain("churn"));
    start(&w);
    assert_true(world_run_until_synced(&w, MINUTE));
    size_t most = 0, memory = 0, taken = 0;
    for (uint32_t i = 0; i < BRANCHES; i++) {
        int32_t first = TIP - 20 - (int32_t)(i % 100);
        struct devnode_chain side = branch(first, first + 7, 100000 * (i + 1));
        say(&w, 1, &side, first, 8);
        world_run(&w, 100);
        taken += knows(&w, &side, first + 7);
        most = off_best(&w) > most ? off_best(&w) : most;
        memory = headers_memory(client_headers(w.client)) > memory ? headers_memory(client_headers(w.client)) : memory;
        branch_free(&side);
    }
    assert_true(taken > BRANCHES / 2); /* of the others there was less work than of those that stayed */
    assert_in_range(most, few.off_best - 8, few.off_best + 8);
    assert_true(memory < (TIP + few.off_best + 2048) * 150);
    assert_int_equal(headers_tip_height(client_headers(w.client)), TIP);
    struct devnode_chain longer = branch(TIP + 1, TIP + 20, 0);
    world_switch(&w, &w.peers[0], &longer); /* and it follows on */
    world_run(&w, MINUTE);
    assert_true(tip_is(&w, &longer));
    world_free(&w);
    branch_free(&longer);
}

/* The liar has a long chain and is asked first; the honest one, which has more work, starts as a branch longer than everything
 * that branches are allowed, while the liar keeps pushing others. */
static void test_the_honest_branch_wins(void **state)
{
    (void)state;
    struct devnode_chain false_chain = branch(10, 3000, 1), honest = branch(20, 5500, 2000000);
    struct world w;
    begin(&w, 2, &honest);
    w.peers[0].chain = &false_chain;
    w.peers[0].options.protocol = SMALL_BATCH;
    w.peers[1].latency_ms = 500;
    start(&w);
    unsigned pushed = 0;
    for (uint32_t i = 0; i < 1000 && !tip_is(&w, &honest); i++) {
        world_pass(&w, 20);
        int32_t tip = headers_tip_height(client_headers(w.client));
        if (!w.peers[0].node || tip < 500 || tip > false_chain.tip)
            continue;
        int32_t first = tip - 10 - (int32_t)(i % 50);
        struct devnode_chain side = branch_of(&false_chain, first, first + 7, 5000000 + 1000 * i);
        say(&w, 0, &side, first, 8);
        branch_free(&side);
        pushed++;
    }
    assert_true(pushed > 10);
    print_message("%u branches pushed meanwhile\n", pushed);
    assert_true(tip_is(&w, &honest));
    world_run(&w, MINUTE);
    assert_true(tip_is(&w, &honest));
    assert_in_range(off_best(&w), 0, few.off_best + 2000);
    world_free(&w);
    branch_free(&false_chain);
    branch_free(&honest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_far_branches_are_asked_for),
        cmocka_unit_test(test_many_branches_near_the_tip),
        cmocka_unit_test(test_the_honest_branch_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
