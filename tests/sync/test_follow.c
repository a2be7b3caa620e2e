/* Following for a long time: forty rotation cycles, block by block and in jumps. What the client keeps stays within its bound
 * (engine.h), every ChainLock is verified, and after the first QRINFO the rotation goes on without another one. */
#include "sync/world.h"

#include "engine/grown.h"

enum { MINUTE = 60000, START = 200, TIP = 960 };

struct most {
    size_t lists, quorums, told, bytes;
};

static void note(const struct world *w, struct most *m)
{
    const struct engine *e = client_engine(w->client);
    size_t bytes = engine_memory(e);
    m->lists = engine_list_count(e) > m->lists ? engine_list_count(e) : m->lists;
    m->quorums = engine_quorum_count(e) > m->quorums ? engine_quorum_count(e) : m->quorums;
    m->told = w->client->mn.announced.count > m->told ? w->client->mn.announced.count : m->told;
    m->bytes = bytes > m->bytes ? bytes : m->bytes;
}

/* The tip grows by 1 to `most_jump` blocks at a time. */
static void follow(const struct grown *g, uint8_t seed, uint32_t most_jump)
{
    struct world w;
    struct most young = {0}, old = {0};
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){seed});
    world_init_chain(&w, g->chain, START);
    world_start(&w, seed);
    assert_true(world_run_until_synced(&w, 10 * MINUTE));
    world_run(&w, 1000);
    unsigned qr_infos = w.commands[WIRE_GETQRINFO];
    assert_true(qr_infos > 0);
    for (int32_t tip = START; tip < TIP;) {
        tip += 1 + (int32_t)rng_below(&rng, most_jump);
        tip = tip < TIP ? tip : TIP;
        world_grow(&w, tip);
        world_run(&w, 5000);
        dspv_progress p = world_progress(&w);
        if (p.phase != DSPV_PHASE_SYNCED || p.list_height != tip)
            fail_msg("tip %d: %s, %s", tip, dspv_phase_name(p.phase), dspv_reason_name(p.reason));
        world_check_honest(&w);
        assert_int_equal(w.chainlock, devnode_chain_best_clsig(w.chain, tip)->height);
        note(&w, tip < START + 10 * 24 ? &young : &old);
    }
    print_message("jumps to %u: at most %zu lists, %zu quorums, %zu told, %zu bytes in the first ten cycles; %zu, %zu, %zu, %zu "
                  "after; %u QRINFO\n",
                  most_jump, young.lists, young.quorums, young.told, young.bytes, old.lists, old.quorums, old.told, old.bytes,
                  w.commands[WIRE_GETQRINFO]);
    assert_int_equal(w.commands[WIRE_GETQRINFO], qr_infos);
    assert_int_equal(w.refused[DSPV_LOCK_BAD_SIGNATURE], 0);
    assert_true(old.lists <= ENGINE_LEAST_RECENT + 30);
    assert_true(old.told <= 2 * (old.lists + old.quorums) + MASTERNODES_SPARE_TOLD + 8);
    assert_true(old.bytes < 2 * young.bytes);
    world_free(&w);
}

static void test_long(void **state)
{
    (void)state;
    struct gen_config config = grown_config(90, TIP);
    config.dkg_failure_rate = 0; /* of a cycle that brings forth nothing, a client that jumps would not ask for the list */
    config.chainlock_rate = 10000;
    config.instantlock_rate = 500;
    struct grown g;
    grown_open(&g, &config);
    follow(&g, 1, 1);
    follow(&g, 2, 12);
    grown_close(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
