/* chain/headers with a floor that rises: random trees with reorganisations, settled at random times, against a model that keeps
 * every header; archives that fail; branches that are too many; each allocation failing. */
#include "support/data.h"

#include "base/mem.h"
#include "chain/headers.h"
#include "chain/miner.h"

enum { START_S = 1417713337, NOW_S = START_S + 100000000, UNIT = 4096, MOST = 30000 };

static const uint64_t seed[2] = {17, 18};
static uint64_t rng = 5;

static unsigned below(unsigned n)
{
    return (unsigned)(test_random(&rng) % n);
}

/* ---- the model: every header ever added, in the order they came */

struct model {
    int n, tip;
    int parent[MOST], height[MOST];
    bool gone[MOST], best[MOST];
    struct mined block[MOST];
    headers_node node[MOST];
    headers_node *held[MOST];
    /* an archive of one's own */
    uint8_t raw[MOST][80];
    int archived; /* headers that it has, from the start */
    bool broken;
};

static struct model m;

static int read_raw(void *context, int32_t height, uint32_t n, uint8_t *out)
{
    struct model *model = context;
    assert_in_range(height + (int)n, 1, model->archived);
    memcpy(out, model->raw[height], (size_t)n * 80);
    return model->broken ? DSPV_ESTORE : 0;
}

static void set_tip(int tip)
{
    for (int i = m.tip; i >= 0 && m.best[i]; i = m.parent[i])
        m.best[i] = false;
    m.tip = tip;
    for (int i = tip; i >= 0; i = m.parent[i])
        m.best[i] = true;
}

static int restore(struct headers **h, const struct chain_params *p, int32_t floor_height, int32_t *bad)
{
    const struct headers_archive a = {&m, read_raw};
    const struct headers_start begin = {.hash = p->genesis_hash, .work = {2}};
    struct headers_floor floor = {.height = floor_height, .hash = m.block[floor_height].hash};
    memcpy(floor.raw, m.block[floor_height].raw, 80);
    store_le64(floor.work, 2 * ((uint64_t)floor_height + 1));
    return headers_restore(h, p, seed, &a, &begin, &floor, bad);
}

static struct headers *start(bool archive)
{
    struct chain_params p;
    struct headers *h;
    int32_t bad;
    assert_true(chain_params_init(&p, "regtest"));
    memset(&m, 0, sizeof(m));
    m.n = 1;
    m.parent[0] = -1;
    m.best[0] = true;
    m.block[0].hash = p.genesis_hash;
    memcpy(m.block[0].raw, p.genesis, 80);
    for (int i = 0; i < MOST; i++)
        m.held[i] = &m.node[i];
    if (archive) {
        memcpy(m.raw[0], p.genesis, 80);
        m.archived = 1;
        assert_int_equal(restore(&h, &p, 0, &bad), 0);
    } else {
        assert_int_equal(headers_new(&h, &p, seed), 0);
    }
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 500, .off_best = 100000};
    headers_limit(h, &limits);
    return h;
}

static int add(struct headers *h, const struct mined *block, headers_node *node, dspv_fault *fault)
{
    return headers_add(h, block->raw, &block->hash, NOW_S, node, fault);
}

/* A block on `parent`, in the model when it was taken. */
static int grow(struct headers *h, int parent, dspv_fault *fault)
{
    int i = m.n;
    assert_true(i < MOST);
    m.block[i] = mine_after(&m.block[parent].hash, load_le32(m.block[parent].raw + 68) + 1, (uint32_t)i);
    int rc = add(h, &m.block[i], &m.node[i], fault);
    if (rc != 0)
        return rc;
    m.parent[i] = parent;
    m.height[i] = m.height[parent] + 1;
    m.best[i] = m.gone[i] = false;
    m.n++;
    if (m.height[i] > m.height[m.tip])
        set_tip(i);
    return 0;
}

static void must_grow(struct headers *h, int parent)
{
    dspv_fault fault = {0};
    if (grow(h, parent, &fault) != 0)
        fail_msg("refused: %s", dspv_reason_name(fault.reason));
}

/* The parent on the best chain where the branch left it. */
static int fork_of(int node)
{
    while (!m.best[node])
        node = m.parent[node];
    return node;
}

/* What the floor and the branches should be after settling. */
static void expect_settled(const struct headers *h, int32_t before)
{
    int tip = m.height[m.tip], final = tip - 500, floor = (tip - 600) / UNIT * UNIT;
    if (floor <= before) {
        assert_int_equal(headers_floor_height(h), before);
        return;
    }
    assert_int_equal(headers_floor_height(h), floor);
    for (int i = 0; i < m.n; i++)
        if (!m.gone[i] && !m.best[i] && m.height[fork_of(i)] < final)
            m.gone[i] = true;
}

static void archive_all(struct headers *h)
{
    int from = headers_changed_from(h);
    for (int i = m.tip; m.height[i] >= from; i = m.parent[i])
        memcpy(m.raw[m.height[i]], m.block[i].raw, 80);
    if (from <= m.height[m.tip])
        m.archived = m.height[m.tip] + 1;
    headers_archived(h);
}

static void settle(struct headers *h)
{
    int32_t before = headers_floor_height(h);
    assert_int_equal(headers_settle(h, m.node[m.n - 1], m.held, (size_t)m.n), 0);
    expect_settled(h, before);
}

static void check_node(struct headers *h, int i)
{
    headers_node node;
    assert_int_equal(headers_look_up(h, &m.block[i].hash, &node), 0);
    assert_int_equal(node, m.gone[i] ? HEADERS_NONE : m.node[i]);
    if (m.gone[i]) {
        assert_int_equal(m.node[i], HEADERS_NONE);
        return;
    }
    uint8_t raw[80];
    block_hash hash;
    struct header header;
    assert_int_equal(headers_height(h, node), m.height[i]);
    assert_int_equal(headers_on_best_chain(h, node), m.best[i]);
    assert_int_equal(headers_at(h, m.height[i]) == node, m.best[i]);
    assert_int_equal(headers_prev(h, node), m.parent[i] < 0 ? HEADERS_NONE : m.node[m.parent[i]]);
    assert_int_equal(headers_hash(h, node, &hash), 0);
    assert_true(block_hash_eq(&hash, &m.block[i].hash));
    assert_int_equal(headers_get(h, node, &header), 0);
    header_write(&header, raw);
    assert_memory_equal(raw, m.block[i].raw, 80);
    assert_int_equal(headers_find(h, &hash), m.height[i] < headers_floor_height(h) ? HEADERS_NONE : node);
    int up = (int)below((unsigned)m.height[i] + 1), ancestor = i;
    while (m.height[ancestor] > up)
        ancestor = m.parent[ancestor];
    assert_int_equal(headers_ancestor(h, node, up), m.node[ancestor]);
    uint8_t work[32], expected[32] = {0};
    store_le64(expected, 2 * ((uint64_t)m.height[i] + 1));
    bool settled = m.height[i] < headers_floor_height(h);
    assert_int_equal(headers_work(h, node, work), settled ? DSPV_EMISUSE : 0);
    if (!settled)
        assert_memory_equal(work, expected, 32);
}

static void check_all(struct headers *h)
{
    assert_int_equal(headers_tip(h), m.node[m.tip]);
    assert_int_equal(headers_tip_height(h), m.height[m.tip]);
    for (int i = 0; i < m.n; i++)
        check_node(h, i);
    block_hash stranger = {{1}}, locator[42];
    headers_node node;
    for (int i = 0; i < 100; i++) {
        store_le32(stranger.b, below(UINT32_MAX));
        assert_int_equal(headers_look_up(h, &stranger, &node), 0);
        assert_int_equal(node, HEADERS_NONE);
    }
    size_t n = headers_locator(h, m.node[m.tip], locator, 42);
    assert_true(block_hash_eq(&locator[0], &m.block[m.tip].hash) && block_hash_eq(&locator[n - 1], &m.block[0].hash));
    for (size_t i = 1; i < n; i++) {
        assert_int_equal(headers_look_up(h, &locator[i], &node), 0);
        assert_true(headers_on_best_chain(h, node));
    }
}

/* Known headers are known for ever; what forks off where nothing may any more is refused for that reason. */
static void check_strangers(struct headers *h)
{
    for (int round = 0; round < 50; round++) {
        int i = (int)below((unsigned)m.n);
        headers_node node = HEADERS_NONE;
        dspv_fault fault;
        if (!m.gone[i]) {
            assert_int_equal(add(h, &m.block[i], &node, &fault), 0);
            assert_int_equal(node, m.node[i]);
        }
        if (m.gone[i] || m.height[fork_of(i)] >= headers_floor_height(h))
            continue;
        struct mined other = mine_after(&m.block[i].hash, load_le32(m.block[i].raw + 68) + 1, 77777777);
        assert_int_equal(add(h, &other, &node, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_FORK_TOO_DEEP);
        assert_int_equal(fault.height, m.height[i] + 1);
    }
}

static int ancestor_of(int node, int back)
{
    while (back-- > 0 && m.parent[node] >= 0)
        node = m.parent[node];
    return node;
}

static void run(bool archive, int blocks)
{
    struct headers *h = start(archive);
    int branch = 0;
    for (int i = 1; i < blocks; i++) {
        if (m.gone[branch])
            branch = 0;
        switch (below(40)) {
        case 0: branch = ancestor_of(m.tip, (int)below(60)); break; /* a branch that goes on for a while */
        case 1: branch = 0; break;
        case 2: must_grow(h, ancestor_of(m.tip, (int)below(200))); continue;
        default: break;
        }
        must_grow(h, branch ? branch : m.tip);
        branch = branch ? m.n - 1 : 0;
        if (archive && below(300) == 0)
            archive_all(h);
        if (below(500) == 0) {
            if (archive)
                archive_all(h);
            settle(h);
        }
        if (i % 6000 == 0)
            check_all(h);
    }
    if (archive)
        archive_all(h);
    settle(h);
    assert_true(headers_floor_height(h) >= UNIT);
    check_all(h);
    check_strangers(h);
    settle(h);
    check_all(h);
    headers_free(h);
}

static void test_random_trees(void **state)
{
    (void)state;
    run(false, 14000);
    run(false, 9500);
}

static void test_random_trees_with_an_archive(void **state)
{
    (void)state;
    run(true, 14000);
    run(true, 9500);
}

/* The floor never rises above what the archive has. */
static void test_the_floor_waits_for_the_archive(void **state)
{
    (void)state;
    struct headers *h = start(true);
    for (int i = 0; i < 6000; i++) {
        must_grow(h, m.tip);
        if (m.n == 4000)
            archive_all(h);
    }
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_floor_height(h), 0);
    assert_int_equal(headers_changed_from(h), 4000);
    archive_all(h);
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_floor_height(h), UNIT);
    check_all(h);
    headers_free(h);
}

/* An archive that gives nothing: never a wrong answer, and everything is as before once it does. */
static void test_failing_archive(void **state)
{
    (void)state;
    struct headers *h = start(true);
    for (int i = 0; i < 9500; i++)
        must_grow(h, m.tip);
    archive_all(h);
    settle(h);
    for (int round = 0; round < 2; round++) { /* without and with an index */
        headers_node node;
        block_hash hash, locator[42];
        struct header header;
        dspv_fault fault;
        m.broken = true;
        assert_int_equal(headers_look_up(h, &m.block[1000].hash, &node), DSPV_ESTORE);
        assert_int_equal(add(h, &m.block[1000], &node, &fault), DSPV_ESTORE);
        struct mined other = mine_after(&m.block[7].hash, load_le32(m.block[7].raw + 68) + 1, 5);
        assert_int_equal(add(h, &other, &node, &fault), DSPV_ESTORE);
        assert_int_equal(headers_hash(h, headers_at(h, 1000), &hash), DSPV_ESTORE);
        assert_int_equal(headers_get(h, headers_at(h, 1000), &header), DSPV_ESTORE);
        assert_int_equal(headers_look_up(h, &m.block[m.tip].hash, &node), 0);
        assert_int_equal(node, m.node[m.tip]);
        size_t n = headers_locator(h, headers_tip(h), locator, 42);
        assert_true(n > 15 && block_hash_eq(&locator[n - 1], &m.block[0].hash));
        m.broken = false;
        check_all(h);
    }
    headers_free(h);
}

/* An archive that gives other headers than it was given: their hashes do not lead on, or are not those asked for. */
static void test_lying_archive(void **state)
{
    (void)state;
    struct headers *h = start(true);
    for (int i = 0; i < 9500; i++)
        must_grow(h, m.tip);
    archive_all(h);
    settle(h);
    headers_node node;
    for (int i = 0; i < 200; i++) {
        int height = (int)below(2 * UNIT), at = (int)below(80), asked = (int)below(2 * UNIT);
        m.raw[height][at] ^= 1;
        int rc = headers_look_up(h, &m.block[asked].hash, &node);
        assert_true(rc == DSPV_ESTORE || (rc == 0 && node == m.node[asked]));
        m.raw[height][at] ^= 1;
    }
    check_all(h);
    headers_free(h);
}

/* ---- what lies in memory */

static void test_memory(void **state)
{
    (void)state;
    for (int archive = 0; archive < 2; archive++) {
        struct headers *h = start(archive);
        headers_node node;
        for (int i = 0; i < 12900; i++)
            must_grow(h, m.tip);
        if (archive)
            archive_all(h);
        size_t live = headers_memory(h);
        assert_true(live > 12900 * 124 && live < 12900 * 160);
        settle(h);
        size_t settled = headers_memory(h); /* 3 * 4096 settled, 613 in the tree */
        assert_in_range(settled, 613 * 124, 3 * 1024 * 140 + (archive ? 0 : 3 * UNIT * 80));
        assert_int_equal(headers_look_up(h, &(block_hash){{9}}, &node), 0);
        assert_int_equal(headers_memory(h), settled + 3 * UNIT * 4);
        headers_free(h);
    }
}

/* ---- too many branches */

static uint32_t count_off(void)
{
    uint32_t n = 0;
    for (int i = 0; i < m.n; i++)
        n += !m.gone[i] && !m.best[i];
    return n;
}

/* What was dropped, read off the names; nothing with more work than what stays, but for the growing branch. */
static void check_dropped(struct headers *h, int growing)
{
    int highest_gone = 0, lowest_kept = INT32_MAX;
    static int top[MOST]; /* of each branch: its highest block */
    for (int i = 0; i < m.n; i++)
        top[i] = m.height[i];
    for (int i = m.n - 1; i > 0; i--)
        if (!m.best[i] && !m.best[m.parent[i]] && top[m.parent[i]] < top[i])
            top[m.parent[i]] = top[i];
    for (int i = 0; i < m.n; i++) {
        m.gone[i] = m.node[i] == HEADERS_NONE;
        if (m.best[i] || !m.best[m.parent[i]] || i == growing)
            continue;
        if (m.gone[i] && top[i] > highest_gone)
            highest_gone = top[i];
        if (!m.gone[i] && top[i] < lowest_kept)
            lowest_kept = top[i];
    }
    assert_true(highest_gone <= lowest_kept);
    assert_true(growing == 0 || !m.gone[growing]);
    check_all(h);
}

static void test_too_many_branches(void **state)
{
    (void)state;
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 500, .off_best = 400};
    for (int round = 0; round < 12; round++) {
        struct headers *h = start(false);
        headers_limit(h, &limits);
        for (int i = 0; i < 150; i++)
            must_grow(h, m.tip);
        int growing = m.n, tip = m.tip;
        must_grow(h, ancestor_of(m.tip, 120)); /* the least work of all */
        int top = m.n - 1;
        while (m.n < 1000) {
            int parent = ancestor_of(tip, 20 + (int)below(60));
            for (unsigned n = 1 + below(15); n > 0; n--, parent = m.n - 1)
                must_grow(h, parent);
            if (round % 2 == 0 && below(6) == 0) {
                must_grow(h, top);
                top = m.n - 1;
            }
        }
        assert_int_equal(m.tip, tip);
        assert_int_equal(headers_settle(h, round < 8 ? m.node[top] : HEADERS_NONE, m.held, (size_t)m.n), 0);
        check_dropped(h, round < 8 ? growing : 0);
        assert_true(count_off() < 400);
        size_t count = headers_count(h);
        assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0); /* nothing to do */
        assert_int_equal(headers_count(h), count);
        for (int i = 0; i < 30; i++)
            must_grow(h, m.tip);
        check_all(h);
        headers_free(h);
    }
}

/* The branch that is being told may be longer than everything that branches are allowed, and becomes the best chain in the end.
 */
static void test_the_growing_branch_stays(void **state)
{
    (void)state;
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 5000, .off_best = 100};
    struct headers *h = start(false);
    headers_limit(h, &limits);
    for (int i = 0; i < 1000; i++)
        must_grow(h, m.tip);
    must_grow(h, 10);
    while (!m.best[m.n - 1]) {
        must_grow(h, m.n - 1);
        if (m.n % 50 == 0)
            assert_int_equal(headers_settle(h, m.node[m.n - 1], m.held, (size_t)m.n), 0);
    }
    assert_int_equal(headers_tip_height(h), 1001);
    assert_int_equal(headers_settle(h, m.node[m.n - 1], m.held, (size_t)m.n), 0); /* the other one has become too much */
    for (int i = 0; i < m.n; i++)
        m.gone[i] = m.node[i] == HEADERS_NONE;
    assert_int_equal(count_off(), 0);
    check_all(h);
    headers_free(h);
}

/* ---- ChainLocks */

static void test_chainlocks_settle(void **state)
{
    (void)state;
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 50000, .off_best = 100000};
    struct headers *h = start(false);
    headers_limit(h, &limits);
    for (int i = 0; i < 9000; i++)
        must_grow(h, m.tip);
    int side = m.n;
    must_grow(h, 4095);
    must_grow(h, 4300);
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_floor_height(h), 0);
    assert_int_equal(headers_chainlock(h, m.node[4290]), 0);
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_floor_height(h), UNIT);
    assert_int_equal(headers_chainlocked(h), m.node[4290]);
    m.gone[side] = true;
    check_all(h);
    dspv_fault fault;
    assert_int_equal(grow(h, 4289, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_CHAINLOCK_CONFLICT);
    assert_int_equal(grow(h, 50, &fault), DSPV_EFAULT); /* below the floor */
    assert_int_equal(fault.reason, DSPV_CHAINLOCK_CONFLICT);
    assert_int_equal(headers_chainlock(h, m.node[50]), 0); /* nothing new */
    assert_int_equal(headers_chainlocked(h), m.node[4290]);
    must_grow(h, 4290);
    for (int i = 0; i < 4000; i++)
        must_grow(h, m.tip);
    assert_int_equal(headers_chainlock(h, headers_at(h, 8400)), 0);
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_floor_height(h), 2 * UNIT);
    assert_int_equal(headers_height(h, headers_chainlocked(h)), 8400);
    for (int i = 0; i < 5000; i++)
        must_grow(h, m.tip);
    assert_int_equal(headers_chainlock(h, headers_at(h, 13000)), 0);
    assert_int_equal(headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n), 0);
    assert_int_equal(headers_height(h, headers_chainlocked(h)), 13000);
    headers_free(h);
}

/* ---- checkpoints */

/* A plain chain in the model, and regtest with a checkpoint on it. */
static struct chain_params with_checkpoint(int blocks, struct checkpoint *checkpoint)
{
    struct chain_params p;
    struct headers *h = start(true);
    for (int i = 0; i < blocks; i++)
        must_grow(h, m.tip);
    archive_all(h);
    headers_free(h);
    assert_true(chain_params_init(&p, "regtest"));
    checkpoint->hash = m.block[checkpoint->height].hash;
    p.checkpoints = checkpoint;
    p.n_checkpoints = 1;
    return p;
}

static int add_at(struct headers *h, int i, int64_t now_s, dspv_fault *fault)
{
    headers_node node;
    return headers_add(h, m.block[i].raw, &m.block[i].hash, now_s, &node, fault);
}

static void test_checkpoints_settle(void **state)
{
    (void)state;
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 10, .off_best = 100000, .spare = 10000};
    struct checkpoint checkpoint = {.height = 4500};
    struct chain_params p = with_checkpoint(5000, &checkpoint);
    struct headers *h;
    dspv_fault fault;
    headers_node node, *none = NULL;
    assert_int_equal(headers_new(&h, &p, seed), 0);
    headers_limit(h, &limits);
    for (int i = 1; i < 5000; i++) {
        assert_int_equal(add_at(h, i, NOW_S, &fault), 0);
        if (i == 4499 || i == 4600) {
            struct mined other = mine_after(&m.block[4300].hash, load_le32(m.block[4300].raw + 68) + 1, 99);
            assert_int_equal(add(h, &other, &node, &fault), i == 4499 ? 0 : DSPV_EFAULT);
        }
        if (i % 100 == 0)
            assert_int_equal(headers_settle(h, HEADERS_NONE, &none, 0), 0);
        assert_int_equal(headers_floor_height(h), i < 4500 ? 0 : UNIT); /* the depth does not matter here */
    }
    struct mined other = mine_after(&m.block[4300].hash, load_le32(m.block[4300].raw + 68) + 1, 100);
    assert_int_equal(add(h, &other, &node, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_FORK_BEFORE_CHECKPOINT);
    other = mine_after(&m.block[300].hash, load_le32(m.block[300].raw + 68) + 1, 100); /* below the floor */
    assert_int_equal(add(h, &other, &node, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_FORK_BEFORE_CHECKPOINT);
    headers_free(h);
}

/* Above the last checkpoint: at most twice as many as there should be, and some. Below it, the checkpoint is the limit. */
static void test_a_chain_is_not_too_long(void **state)
{
    (void)state;
    const struct headers_limits limits = {.reach = 300, .context = 100, .depth = 10, .off_best = 100000, .spare = 50};
    struct checkpoint checkpoint = {.height = 200};
    struct chain_params p = with_checkpoint(400, &checkpoint);
    struct headers *h;
    dspv_fault fault;
    assert_int_equal(headers_new(&h, &p, seed), 0);
    headers_limit(h, &limits);
    int64_t now_s = (int64_t)load_le32(m.block[200].raw + 68) + 10 * p.pow_spacing_s;
    for (int i = 1; i <= 270; i++)
        assert_int_equal(add_at(h, i, now_s, &fault), 0);
    assert_int_equal(add_at(h, 271, now_s, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_CHAIN_TOO_LONG);
    now_s += p.pow_spacing_s;
    assert_int_equal(add_at(h, 271, now_s, &fault), 0);
    assert_int_equal(add_at(h, 272, now_s, &fault), 0);
    assert_int_equal(add_at(h, 273, now_s, &fault), DSPV_EFAULT);
    assert_int_equal(add_at(h, 273, 0, &fault), DSPV_EFAULT); /* a clock that is far behind: that is said first */
    assert_int_equal(fault.reason, DSPV_TIME_TOO_NEW);
    headers_free(h);
}

/* What an archive holds must lead through the checkpoints, those that were not known when it was written too. */
static void test_restoring_over_checkpoints(void **state)
{
    (void)state;
    struct checkpoint checkpoint = {.height = 1000};
    struct chain_params p = with_checkpoint(5000, &checkpoint);
    struct headers *h;
    int32_t bad = -1;
    assert_int_equal(restore(&h, &p, UNIT, &bad), 0);
    dspv_fault fault;
    headers_node node;
    struct mined other = mine_after(&m.block[50].hash, load_le32(m.block[50].raw + 68) + 1, 100);
    assert_int_equal(add(h, &other, &node, &fault), DSPV_EFAULT);
    assert_int_equal(fault.reason, DSPV_FORK_BEFORE_CHECKPOINT);
    headers_free(h);
    for (int i = 0; i < 3; i++) {
        static const int32_t heights[] = {1000, UNIT - 1, UNIT};
        checkpoint.height = heights[i];
        checkpoint.hash = m.block[heights[i] - 1].hash;
        h = NULL;
        assert_int_equal(restore(&h, &p, UNIT, &bad), DSPV_EFAULT);
        assert_int_equal(bad, heights[i]);
        assert_null(h);
    }
    m.broken = true;
    checkpoint.height = 1000;
    assert_int_equal(restore(&h, &p, UNIT, &bad), DSPV_ESTORE);
    m.broken = false;
}

/* ---- memory runs out */

static void test_failing_allocations(void **state)
{
    (void)state;
    size_t failures = 0;
    for (size_t nth = 1;; nth++) {
        struct headers *h = start(false);
        for (int i = 0; i < 5000; i++)
            must_grow(h, i % 100 == 0 ? ancestor_of(m.tip, 3) : m.tip);
        int32_t before = headers_floor_height(h);
        mem_fail_after(nth);
        int rc = headers_settle(h, HEADERS_NONE, m.held, (size_t)m.n);
        headers_node node;
        if (rc == 0)
            rc = headers_look_up(h, &(block_hash){{9}}, &node);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        failures += rc != 0;
        if (headers_floor_height(h) == 0)
            check_all(h);
        settle(h);
        expect_settled(h, before);
        check_all(h);
        headers_free(h);
        if (rc == 0 && nth > 12)
            break;
    }
    assert_true(failures >= 5);
    print_message("%zu allocations failed once each\n", failures);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_trees),
        cmocka_unit_test(test_random_trees_with_an_archive),
        cmocka_unit_test(test_the_floor_waits_for_the_archive),
        cmocka_unit_test(test_failing_archive),
        cmocka_unit_test(test_lying_archive),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_too_many_branches),
        cmocka_unit_test(test_the_growing_branch_stays),
        cmocka_unit_test(test_chainlocks_settle),
        cmocka_unit_test(test_checkpoints_settle),
        cmocka_unit_test(test_a_chain_is_not_too_long),
        cmocka_unit_test(test_restoring_over_checkpoints),
        cmocka_unit_test(test_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
