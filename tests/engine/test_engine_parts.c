/* The parts of a job, of a recorded mainnet answer: in any order, and where some did not run their quorums are ready again. */
#include "support/data.h"

#include "engine/engine.h"

static const uint8_t SEED[32] = {5};

static struct engine *open_engine(struct arena *arena, const struct network *net, struct bytes file)
{
    struct engine *e;
    struct qrinfo *q = arena_alloc(arena, sizeof(*q));
    dspv_fault fault;
    bool tip_waiting;
    assert_int_equal(engine_new(&e, net, SEED, ENGINE_OFFLINE), 0);
    assert_int_equal(qrinfo_decode_any(file.p, file.n, arena, q, &fault), 0);
    assert_int_equal(engine_feed_qrinfo(e, q, &tip_waiting, &fault), 0);
    return e;
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

/* Heights as a client has them: an audit found them. */
static void tell_heights(struct engine *to, const struct engine *audited)
{
    for (size_t i = 0; i < engine_quorum_count(audited); i++) {
        struct quorum_view v;
        engine_quorum_at(audited, i, &v);
        const block_hash base = block_hash_of_quorum(&v.quorum->c.hash);
        if (v.status == QUORUM_VERIFIED)
            assert_int_equal(engine_feed_block(to, &base, v.base_height, NULL), 0);
    }
}

static void test_parts(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes file = data_load("mainnet/qrinfo_2449949_v70230.bin");
    struct network net;
    struct arena arena;
    struct engine_job *job;
    assert_true(network_init(&net, "mainnet"));
    arena_init(&arena, 0);
    struct engine *audited = open_engine(&arena, &net, file);
    assert_int_equal(engine_verify(audited), 0);
    const size_t all = count(audited, QUORUM_VERIFIED);
    assert_int_equal(all, 72);

    struct engine *e = open_engine(&arena, &net, file);
    tell_heights(e, audited);
    assert_int_equal(engine_job_take(e, &job), 0);
    assert_non_null(job);
    const size_t parts = engine_job_parts(job);
    assert_true(parts > 1 && parts <= ENGINE_MOST_PARTS);
    assert_int_equal(engine_job_items(job), all);
    for (size_t i = parts; i-- > 1;) /* not the first */
        assert_int_equal(engine_job_run_part(job, i), 0);
    engine_job_done(e, job);
    const size_t some = count(e, QUORUM_VERIFIED);
    print_message("  %zu of %zu quorums by %zu of %zu parts\n", some, all, parts - 1, parts);
    assert_true(some > all / 2 && some < all);
    assert_int_equal(count(e, QUORUM_READY), all - some);
    assert_int_equal(engine_verify(e), 0);
    assert_int_equal(count(e, QUORUM_VERIFIED), all);
    assert_int_equal(count(e, QUORUM_INVALID), 0);
    engine_free(e);
    engine_free(audited);
    arena_free(&arena);
    free(file.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests_name("engine_parts", tests, NULL, NULL);
}
