/* A stored header chain checked again: real testnet headers from a start point on pass; with a header, the work or the start made
 * up they do not. */
#include "support/data.h"

#include "chain/start_points.h"
#include "cli/replay.h"
#include "crypto/x11.h"

enum { RUN_FIRST = 844000, START = 850752, BAD = 851300 };
static const uint64_t SEED[2] = {1, 2};
static const int64_t NOW_S = 1800000000;

static struct chain_params params;
static uint8_t minimum[32]; /* these headers end before they have that work */
static struct bytes run;
static int32_t tip;

static int begin(void **state)
{
    (void)state;
    assert_true(chain_params_init(&params, "testnet"));
    memcpy(minimum, params.minimum_chain_work, 32);
    memset(params.minimum_chain_work, 0, 32);
    if (data_present())
        run = data_load("testnet/headers_844000_851999.bin");
    tip = RUN_FIRST + (int32_t)(run.n / 80) - 1;
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(run.p);
    return 0;
}

/* As if it had been stored: no rule is applied to what is taken. `bad`: one bit of this header is turned. */
static struct headers *stored_chain(int32_t start, const uint8_t work[32], int32_t bad)
{
    struct headers *h;
    assert_int_equal(headers_new_from(&h, &params, SEED, start, run.p + (size_t)(start - RUN_FIRST) * 80, work), 0);
    for (int32_t height = start + 1; height <= tip; height++) {
        uint8_t raw[80];
        block_hash hash;
        memcpy(raw, run.p + (size_t)(height - RUN_FIRST) * 80, 80);
        if (height == bad)
            raw[77] ^= 4;               /* of the nonce */
        if (bad && height == bad + 1) { /* what follows names it */
            block_hash before = headers_tip_hash(h);
            memcpy(raw + 4, before.b, 32);
        }
        x11_hash(&hash, raw);
        assert_int_equal(headers_take(h, raw, &hash), 0);
        if (bad && height == bad + 1)
            break;
    }
    return h;
}

static void count(void *context, int32_t done, int32_t all)
{
    int32_t *last = context;
    assert_true(done > *last && done <= all);
    *last = done;
}

static int replay(struct headers *stored, int32_t *done, char why[REPLAY_ERROR_SIZE])
{
    *done = 0;
    *why = '\0';
    int rc = replay_headers(stored, &params, SEED, NOW_S, count, done, why);
    headers_free(stored);
    return rc;
}

static struct start_point start_point(void)
{
    struct start_point p;
    data_or_skip();
    assert_true(start_point_at(&params, START, &p));
    return p;
}

static void real_headers_pass(void **state)
{
    struct start_point p = start_point();
    char why[REPLAY_ERROR_SIZE];
    int32_t done;
    (void)state;
    assert_int_equal(replay(stored_chain(START, p.work, 0), &done, why), 0);
    assert_int_equal(done, tip - START);
}

static void expect_refused(struct headers *stored, const char *says)
{
    char why[REPLAY_ERROR_SIZE];
    int32_t done;
    assert_int_equal(replay(stored, &done, why), DSPV_EFAULT);
    if (!strstr(why, says))
        fail_msg("\"%s\" does not say \"%s\"", why, says);
}

static void made_up_chains_do_not(void **state)
{
    struct start_point p = start_point();
    uint8_t more[32];
    (void)state;
    expect_refused(stored_chain(START, p.work, BAD), "block 851300: ");
    memcpy(more, p.work, 32);
    more[12] ^= 1;
    expect_refused(stored_chain(START, more, 0), "work");
    expect_refused(stored_chain(START + 1, p.work, 0), "cannot begin here");
}

static void too_little_work(void **state)
{
    struct start_point p = start_point();
    (void)state;
    memcpy(params.minimum_chain_work, minimum, 32);
    expect_refused(stored_chain(START, p.work, 0), "less work than this network's");
    memset(params.minimum_chain_work, 0, 32);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_headers_pass),
        cmocka_unit_test(made_up_chains_do_not),
        cmocka_unit_test(too_little_work),
    };
    return cmocka_run_group_tests_name("cli replay", tests, begin, end);
}
