/* Heights and ChainLock signatures of blocks, and the source of look-ups: the right answer, every wrong one, silence. The chain
 * is a real one, so what a coinbase says is known from elsewhere: the recorded diffs. */
#include "sync/world.h"

#include "base/mem.h"

enum { FROM = 545, TIP = 581, V20 = 100 };

/* ---- the source */

enum answer {
    ANSWERS,
    ANSWERS_NOTHING,
    IS_SILENT,
    OTHER_BLOCK,
    OTHER_COINBASE,
    CUT_OFF,
    ONE_BYTE_MORE,
    FAR_TOO_LONG,
    TWICE,
    NOISE
};

static struct {
    enum answer answer;
    bool false_lock;
    unsigned blocks, locks; /* asked for */
    unsigned out, most_out; /* not answered yet */
    bool hold;              /* keep questions */
    dspv_out held[64];
    size_t n_held;
} source;

/* As stored, when its coinbase is its only transaction (so are most of a regtest); else n = 0. */
static struct writer block_at(const struct devnode_chain *chain, int32_t height)
{
    struct writer w;
    const struct mnlistdiff *d = devnode_chain_diff(chain, height);
    writer_init(&w);
    if (d->proof.n_transactions != 1)
        return w;
    writer_bytes(&w, devnode_chain_header(chain, height), 80);
    writer_u8(&w, 1);
    writer_span(&w, d->coinbase.raw);
    assert_false(w.failed);
    return w;
}

static struct writer spoiled(const struct devnode_chain *chain, int32_t height, enum answer how)
{
    static const uint8_t zeros[4096];
    struct writer w = block_at(chain, how == OTHER_BLOCK ? (height == 574 ? 575 : 574) : height);
    assert_true(w.n > 81);
    switch (how) {
    case OTHER_COINBASE: w.data[w.n - 20] ^= 1; break;
    case CUT_OFF: w.n--; break;
    case ONE_BYTE_MORE: writer_u8(&w, 0); break;
    case FAR_TOO_LONG:
        while (w.n <= 4 << 20)
            writer_bytes(&w, zeros, sizeof(zeros));
        break;
    case TWICE: { /* one transaction, given twice: another root here; the repeated pair of a tree is in evo/test_block.c */
        struct span tx = devnode_chain_diff(chain, height)->coinbase.raw;
        w.data[80] = 2;
        writer_span(&w, tx);
        break;
    }
    case NOISE: memset(w.data, 0x5a, w.n); break;
    default: break;
    }
    assert_false(w.failed);
    return w;
}

static void input_lookup(struct world *w, uint64_t id, const uint8_t *data, size_t n)
{
    assert_int_equal(dspv_in_lookup(w->client, id, data, n, w->now), 0);
}

static void answer_block(struct world *w, const dspv_out *out)
{
    block_hash hash = block_hash_from(out->hash);
    int32_t height = devnode_chain_height(w->chain, &hash, w->chain->tip);
    assert_true(height > 0);
    struct writer block = spoiled(w->chain, height, source.answer);
    input_lookup(w, out->id, block.data, block.n);
    writer_free(&block);
}

static void answer_lock(struct world *w, const dspv_out *out)
{
    const struct devnode_lock *lock = devnode_chain_best_clsig(w->chain, w->tip);
    uint8_t payload[132];
    assert_int_equal(lock->payload.n, sizeof(payload));
    memcpy(payload, lock->payload.p, sizeof(payload));
    if (source.false_lock)
        memcpy(payload + 36, devnode_chain_best_clsig(w->chain, lock->height - 1)->payload.p + 36, 96); /* of another block */
    input_lookup(w, out->id, payload, source.answer == CUT_OFF ? 131 : 132);
}

static void answer(struct world *w, const dspv_out *out)
{
    source.out--;
    if (source.answer == ANSWERS_NOTHING)
        input_lookup(w, out->id, NULL, 0);
    else if (out->lookup == DSPV_LOOKUP_BLOCK)
        answer_block(w, out);
    else
        answer_lock(w, out);
}

static void on_lookup(struct world *w, const dspv_out *out)
{
    static const uint8_t none[32];
    source.blocks += out->lookup == DSPV_LOOKUP_BLOCK;
    source.locks += out->lookup == DSPV_LOOKUP_CHAINLOCK;
    assert_int_equal(memcmp(out->hash, none, 32) == 0, out->lookup == DSPV_LOOKUP_CHAINLOCK);
    assert_true(out->id != 0);
    if (source.answer == IS_SILENT)
        return;
    if (++source.out > source.most_out)
        source.most_out = source.out;
    if (source.hold)
        source.held[source.n_held++] = *out;
    else
        answer(w, out);
}

static void start(struct world *w, bool lookups)
{
    memset(&source, 0, sizeof(source));
    world_init(w, "churn", FROM);
    w->config.lookups = lookups;
    w->lookup = lookups ? on_lookup : NULL;
    world_start(w, 3);
    assert_true(world_run_until_synced(w, 60000));
}

/* ---- what is right */

static const uint8_t *signature_of(const struct world *w, int32_t height)
{
    const struct cbtx *cbtx = &devnode_chain_diff(w->chain, height)->cbtx;
    return cbtx_has_chainlock(cbtx) ? cbtx->best_cl_signature : NULL;
}

/* The answer must be the coinbase's own, from `from`. */
static void check_known(struct world *w, int32_t height, dspv_signature_source from)
{
    uint8_t signature[96];
    dspv_signature_source got;
    const uint8_t *right = height < V20 ? NULL : signature_of(w, height);
    int rc = dspv_chainlock_signature(w->client, devnode_chain_hash(w->chain, height), w->now, signature, &got);
    assert_int_equal(rc, right ? 0 : DSPV_EFAULT);
    assert_int_equal(got, from);
    if (right)
        assert_memory_equal(signature, right, 96);
}

static void check_unknown(struct world *w, int32_t height, dspv_signature_source expected)
{
    uint8_t signature[96];
    dspv_signature_source got;
    assert_int_equal(dspv_chainlock_signature(w->client, devnode_chain_hash(w->chain, height), w->now, signature, &got),
                     DSPV_EWAITING);
    assert_int_equal(got, expected);
}

static bool has_list(struct world *w, int32_t height)
{
    return engine_list_of_block(client_engine(w->client), devnode_chain_hash(w->chain, height)) != NULL;
}

/* Heights whose signature only a look-up can tell, with or without a signature, from `from` downwards. */
static int32_t unlisted(struct world *w, int32_t from, bool with_signature)
{
    for (int32_t h = from; h >= V20; h--)
        if (!has_list(w, h) && devnode_chain_diff(w->chain, h)->proof.n_transactions == 1 &&
            (signature_of(w, h) != NULL) == with_signature)
            return h;
    fail_msg("the chain has no such block");
    return -1;
}

/* ---- heights */

static void test_heights(void **state)
{
    struct world w;
    dspv_block_hash hashes[4];
    int32_t heights[4];
    (void)state;
    start(&w, false);
    for (int32_t h = 0; h <= FROM; h++)
        assert_int_equal(dspv_block_height(w.client, devnode_chain_hash(w.chain, h)), h);
    hashes[0] = *devnode_chain_hash(w.chain, 7);
    hashes[1] = *devnode_chain_hash(w.chain, FROM + 1);
    hashes[2] = *devnode_chain_hash(w.chain, FROM);
    memset(&hashes[3], 7, sizeof(hashes[3]));
    assert_int_equal(dspv_block_heights(w.client, hashes, 4, heights), 2);
    assert_int_equal(heights[0], 7);
    assert_int_equal(heights[1], -1);
    assert_int_equal(heights[2], FROM);
    assert_int_equal(heights[3], -1);
    world_free(&w);
}

/* ---- signatures */

static void test_without_a_source(void **state)
{
    struct world w;
    uint8_t signature[96];
    dspv_signature_source from;
    unsigned listed = 0;
    (void)state;
    start(&w, false);
    for (int32_t h = 1; h <= FROM; h++) {
        if (h < V20)
            check_known(&w, h, DSPV_SIGNATURE_RULE);
        else if (has_list(&w, h))
            check_known(&w, h, DSPV_SIGNATURE_LIST);
        else
            check_unknown(&w, h, DSPV_SIGNATURE_UNKNOWN); /* and nothing is asked: the world would see it */
        listed += has_list(&w, h);
    }
    assert_true(listed >= 5);
    assert_int_equal(dspv_chainlock_signature_at(w.client, FROM, w.now, signature, &from), 0);
    assert_int_equal(from, DSPV_SIGNATURE_LIST);
    assert_memory_equal(signature, signature_of(&w, FROM), 96);
    assert_int_equal(dspv_chainlock_signature_at(w.client, FROM + 1, w.now, signature, &from), DSPV_EMISUSE);
    assert_int_equal(dspv_chainlock_signature_at(w.client, -1, w.now, signature, NULL), DSPV_EMISUSE);
    assert_int_equal(dspv_chainlock_signature(w.client, devnode_chain_hash(w.chain, FROM + 1), w.now, signature, &from),
                     DSPV_EMISUSE);
    assert_int_equal(from, DSPV_SIGNATURE_UNKNOWN);
    world_pass(&w, 600000);
    assert_int_equal(world_progress(&w).lookups + world_progress(&w).lookups_failed, 0);
    world_free(&w);
}

/* A signature outlives the list it came with. */
static void test_kept(void **state)
{
    struct world w;
    int32_t heights[64];
    size_t n = 0;
    (void)state;
    start(&w, false);
    for (int32_t h = V20; h <= FROM && n < 64; h++)
        if (has_list(&w, h))
            heights[n++] = h;
    engine_rollback(client_engine(w.client), 0);
    for (size_t i = 0; i < n; i++) {
        assert_false(has_list(&w, heights[i]));
        check_known(&w, heights[i], DSPV_SIGNATURE_KEPT);
    }
    world_free(&w);
}

static void test_right_block(void **state)
{
    struct world w;
    (void)state;
    start(&w, true);
    for (int with = 0; with < 2; with++) {
        int32_t h = unlisted(&w, FROM, with);
        check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
        check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP); /* one question, however often */
        world_pass(&w, 10);
        check_known(&w, h, DSPV_SIGNATURE_KEPT); /* also: proven to have none */
    }
    assert_int_equal(source.blocks, 2);
    assert_int_equal(world_progress(&w).lookups, 2);
    assert_int_equal(world_progress(&w).lookups_failed, 0);
    assert_int_equal(w.events[DSPV_EVENT_LOOKUP], 2);
    assert_int_equal(w.events[DSPV_EVENT_SOURCE], 0);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

/* Whatever a source says or does not say: the signature stays unknown, it is asked twice and then left in peace for a while, the
 * sync is not touched; and when it comes to its senses, all is well. */
static void try_wrong(enum answer how, dspv_reason reason)
{
    struct world w;
    start(&w, true);
    int32_t h = unlisted(&w, FROM, true), none = unlisted(&w, FROM, false);
    source.answer = how;
    bool refused = how != IS_SILENT && how != ANSWERS_NOTHING;
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    check_unknown(&w, none, DSPV_SIGNATURE_LOOKUP); /* silence is no proof that there is none */
    world_pass(&w, 30000);
    assert_int_equal(source.blocks, 2 * LOOKUP_ATTEMPTS);
    check_unknown(&w, h, DSPV_SIGNATURE_UNKNOWN);
    check_unknown(&w, none, DSPV_SIGNATURE_UNKNOWN);
    assert_int_equal(world_progress(&w).lookups_failed, 2 * LOOKUP_ATTEMPTS);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], refused ? 2 * LOOKUP_ATTEMPTS : 0);
    if (refused)
        assert_int_equal(w.refused[reason], 2 * LOOKUP_ATTEMPTS);
    assert_int_equal(w.events[DSPV_EVENT_LOOKUP], 2);
    assert_int_equal(w.events[DSPV_EVENT_SOURCE], 1); /* told once */
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    assert_int_equal(w.synced, 1);
    world_pass(&w, LOOKUP_REST_MS);
    source.answer = ANSWERS;
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    world_pass(&w, 10);
    check_known(&w, h, DSPV_SIGNATURE_KEPT);
    assert_int_equal(w.events[DSPV_EVENT_SOURCE], 2); /* works again */
    world_free(&w);
}

static void test_wrong_blocks(void **state)
{
    (void)state;
    try_wrong(OTHER_BLOCK, DSPV_BLOCK_NOT_ASKED);
    try_wrong(NOISE, DSPV_BLOCK_NOT_ASKED);
    try_wrong(OTHER_COINBASE, DSPV_BLOCK_ROOT);
    try_wrong(TWICE, DSPV_BLOCK_ROOT);
    try_wrong(CUT_OFF, DSPV_TOO_MANY); /* the length of the last field is too much for what is left */
    try_wrong(ONE_BYTE_MORE, DSPV_TRAILING_BYTES);
    try_wrong(FAR_TOO_LONG, DSPV_TOO_LARGE);
}

static void test_silence(void **state)
{
    (void)state;
    try_wrong(IS_SILENT, DSPV_LOOKUP_TIMEOUT);
    try_wrong(ANSWERS_NOTHING, DSPV_LOOKUP_EMPTY);
}

/* An answer after its time, to nobody's question, or twice. */
static void test_late_answers(void **state)
{
    struct world w;
    (void)state;
    start(&w, true);
    source.hold = true;
    int32_t h = unlisted(&w, FROM, true);
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    world_pass(&w, 10500);
    assert_int_equal(source.n_held, 1);
    assert_int_equal(world_progress(&w).lookups_failed, 1); /* its time is over */
    answer(&w, &source.held[0]);
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    world_pass(&w, 1000);
    assert_int_equal(source.n_held, 2);
    assert_true(source.held[1].id != source.held[0].id);
    input_lookup(&w, 4711, (const uint8_t *)"x", 1);
    input_lookup(&w, 0, (const uint8_t *)"x", 1);
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    answer(&w, &source.held[1]);
    check_known(&w, h, DSPV_SIGNATURE_KEPT);
    source.out++;
    answer(&w, &source.held[1]);
    world_pass(&w, 100000);
    assert_int_equal(world_progress(&w).lookups, 1);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    world_free(&w);
}

static void test_bounds(void **state)
{
    struct world w;
    int32_t heights[40];
    size_t n = 0, waiting = 0;
    (void)state;
    start(&w, true);
    source.hold = true;
    for (int32_t h = FROM; h >= V20 && n < 40; h--)
        if (!has_list(&w, h) && devnode_chain_diff(w.chain, h)->proof.n_transactions == 1)
            heights[n++] = h;
    assert_int_equal(n, 40);
    for (size_t i = 0; i < n; i++) {
        uint8_t signature[96];
        dspv_signature_source from;
        assert_int_equal(dspv_chainlock_signature_at(w.client, heights[i], w.now, signature, &from), DSPV_EWAITING);
        waiting += from == DSPV_SIGNATURE_LOOKUP;
    }
    assert_int_equal(waiting, LOOKUP_MOST);
    world_pass(&w, 100);
    assert_int_equal(source.n_held, LOOKUP_PARALLEL);
    for (size_t i = 0; i < LOOKUP_MOST; i++) {
        assert_true(i < source.n_held);
        answer(&w, &source.held[i]);
        world_pass(&w, 10);
    }
    assert_int_equal(source.most_out, LOOKUP_PARALLEL);
    for (size_t i = 0; i < n; i++)
        if (i < LOOKUP_MOST)
            check_known(&w, heights[i], DSPV_SIGNATURE_KEPT);
        else
            check_unknown(&w, heights[i], i < 2 * LOOKUP_MOST ? DSPV_SIGNATURE_LOOKUP : DSPV_SIGNATURE_UNKNOWN);
    world_free(&w);
}

static bool lists_get_lost;

static void lose_lists(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)w;
    (void)payload;
    if (lists_get_lost && strcmp(command, "mnlistdiff") == 0)
        *n = WORLD_DROPPED;
}

/* Its list came while the block was being looked up: the list tells. */
static void test_overtaken(void **state)
{
    struct world w;
    const int32_t h = FROM + 5;
    (void)state;
    memset(&source, 0, sizeof(source));
    world_init(&w, "churn", FROM);
    w.config.lookups = true;
    w.config.lookup_timeout_ms = 600000;
    w.lookup = on_lookup;
    w.tamper = lose_lists;
    lists_get_lost = false;
    world_start(&w, 3);
    assert_true(world_run_until_synced(&w, 60000));
    source.hold = lists_get_lost = true;
    world_grow(&w, h);
    world_pass(&w, 1000);
    assert_false(has_list(&w, h)); /* its header is known, its list is not */
    check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
    world_pass(&w, 1000);
    assert_int_equal(source.n_held, 1);
    lists_get_lost = false;
    assert_true(world_run_until_tip(&w, 60000));
    assert_int_equal(w.events[DSPV_EVENT_LOOKUP], 1);
    check_known(&w, h, DSPV_SIGNATURE_LIST);
    input_lookup(&w, source.held[0].id, (const uint8_t *)"nobody waits for it", 19);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED], 0);
    assert_int_equal(world_progress(&w).lookups + world_progress(&w).lookups_failed, 0);
    world_free(&w);
}

/* ---- ChainLocks */

/* Peers that tell of no ChainLock. */
static void no_locks(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)w;
    (void)payload;
    if (strcmp(command, "clsig") == 0 || strcmp(command, "inv") == 0)
        *n = WORLD_DROPPED;
}

static void start_without_locks(struct world *w)
{
    memset(&source, 0, sizeof(source));
    world_init(w, "churn", TIP);
    w->config.lookups = true;
    w->lookup = on_lookup;
    w->tamper = no_locks;
    world_start(w, 3);
    assert_true(world_run_until_synced(w, 60000));
    assert_true(w->chainlock < TIP); /* at most what the tip's coinbase tells of a block before it */
}

static void test_chainlock(void **state)
{
    struct world w;
    (void)state;
    start_without_locks(&w);
    world_pass(&w, LOOKUP_CHAINLOCK_QUIET_MS - 5000);
    assert_int_equal(source.locks, 0);
    world_pass(&w, 10000);
    assert_int_equal(source.locks, 1);
    assert_int_equal(w.chainlock, TIP);
    assert_int_equal(world_progress(&w).chainlock_height, TIP);
    world_pass(&w, 10 * LOOKUP_CHAINLOCK_QUIET_MS);
    assert_int_equal(source.locks, 1); /* the tip is locked: there is nothing to ask for */
    assert_int_equal(source.blocks, 0);
    world_free(&w);
}

static void try_wrong_lock(enum answer how, bool false_lock)
{
    struct world w;
    start_without_locks(&w);
    int32_t before = w.chainlock;
    source.answer = how;
    source.false_lock = false_lock;
    world_pass(&w, LOOKUP_CHAINLOCK_QUIET_MS + 30000);
    if (!false_lock) /* that one may have to wait for a list before it is found out */
        assert_int_equal(source.locks, LOOKUP_ATTEMPTS);
    world_pass(&w, 2 * LOOKUP_CHAINLOCK_QUIET_MS);
    assert_true(source.locks <= 4 * LOOKUP_ATTEMPTS); /* not more often than once in that time */
    assert_int_equal(w.chainlock, before);
    assert_int_equal(w.events[DSPV_EVENT_REFUSED] > 0, false_lock || how == CUT_OFF);
    assert_int_equal(w.events[DSPV_EVENT_SOURCE], 1);
    assert_int_equal(world_phase(&w), DSPV_PHASE_SYNCED);
    assert_true(world_progress(&w).peers == 1); /* nobody else is blamed */
    source.answer = ANSWERS;
    source.false_lock = false;
    world_pass(&w, 2 * LOOKUP_CHAINLOCK_QUIET_MS);
    assert_int_equal(w.chainlock, TIP);
    assert_int_equal(w.events[DSPV_EVENT_SOURCE], 2);
    world_free(&w);
}

static void test_wrong_chainlocks(void **state)
{
    (void)state;
    try_wrong_lock(ANSWERS, true);
    try_wrong_lock(CUT_OFF, false);
    try_wrong_lock(IS_SILENT, false);
    try_wrong_lock(ANSWERS_NOTHING, false);
}

/* ---- memory */

static void test_out_of_memory(void **state)
{
    struct world w;
    unsigned failures = 0;
    (void)state;
    start(&w, true);
    source.hold = true;
    int32_t h = FROM;
    for (size_t nth = 1; nth < 40; nth++) {
        h = unlisted(&w, h - 1, true);
        source.n_held = 0;
        check_unknown(&w, h, DSPV_SIGNATURE_LOOKUP);
        world_pass(&w, 10);
        assert_int_equal(source.n_held, 1);
        struct writer block = block_at(w.chain, h);
        mem_fail_after(nth);
        int rc = dspv_in_lookup(w.client, source.held[0].id, block.data, block.n, w.now);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        failures += rc != 0;
        world_pass(&w, 12000); /* what was lost is asked for again */
        if (source.n_held > 1)
            answer(&w, &source.held[1]);
        check_known(&w, h, DSPV_SIGNATURE_KEPT);
        writer_free(&block);
        if (rc == 0 && nth > 10)
            break;
    }
    assert_true(failures >= 2);
    world_free(&w);
}

static void test_store(void **state)
{
    static const uint64_t seed[2] = {1, 2};
    struct signatures s;
    block_hash block = {{0}};
    uint8_t signature[96], out[96];
    bool present;
    (void)state;
    signatures_init(&s, seed);
    for (unsigned i = 0; i < 3 * SIGNATURES_MOST; i++) {
        memcpy(block.b, &i, sizeof(i));
        memset(signature, (int)(i % 251), sizeof(signature));
        assert_false(signatures_get(&s, &block, out, &present));
        mem_fail_after(i % 7 == 0 ? 1 : 0);
        int rc = signatures_put(&s, &block, i % 3 ? signature : NULL);
        mem_fail_after(0);
        if (rc != 0) {
            assert_false(signatures_get(&s, &block, out, &present));
            assert_int_equal(signatures_put(&s, &block, i % 3 ? signature : NULL), 0);
        }
        assert_int_equal(signatures_put(&s, &block, NULL), 0); /* known: stays as it is */
        assert_true(signatures_get(&s, &block, out, &present));
        assert_int_equal(present, i % 3 != 0);
        if (present)
            assert_memory_equal(out, signature, 96);
        unsigned old = i - SIGNATURES_MOST + 1; /* the oldest that is kept */
        if (i >= SIGNATURES_MOST) {
            memcpy(block.b, &old, sizeof(old));
            assert_true(signatures_get(&s, &block, out, &present));
            old--;
            memcpy(block.b, &old, sizeof(old));
            assert_false(signatures_get(&s, &block, out, &present));
        }
    }
    assert_int_equal(s.n, SIGNATURES_MOST);
    assert_int_equal(s.by_block.count, SIGNATURES_MOST);
    signatures_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heights),      cmocka_unit_test(test_without_a_source), cmocka_unit_test(test_kept),
        cmocka_unit_test(test_right_block),  cmocka_unit_test(test_wrong_blocks),     cmocka_unit_test(test_silence),
        cmocka_unit_test(test_late_answers), cmocka_unit_test(test_bounds),           cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_chainlock),    cmocka_unit_test(test_wrong_chainlocks), cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_store),
    };
    return cmocka_run_group_tests_name("lookup", tests, NULL, NULL);
}
