/* While headers come, a transaction waits for more of them: but not long, nothing is told before it is stored, and a client that
 * ends at any moment leaves a store from which another one goes on. */
#include "store/memory.h"
#include "sync/header_branch.h"
#include "sync/world.h"
#include "wire/headers.h"

enum { MINUTE = 60000, TIP = 24000, PASS_MS = 50 };

static struct devnode_chain chain;

/* What is on disk, as the client's tip was when it was written. */
struct disk {
    struct store_memory *memory;
    dspv_store seam;
    struct world *w;
    unsigned written;
    int32_t height;
};

static int apply(void *context, const dspv_store_op *ops, size_t n)
{
    struct disk *d = context;
    const dspv_store *s = store_memory_seam(d->memory);
    if (d->w->client) {
        d->height = headers_tip_height(client_headers(d->w->client));
        d->written++;
    }
    return s->apply(s->context, ops, n);
}

static int scan(void *context, dspv_table table, const uint8_t *first, size_t first_n, const uint8_t *last, size_t last_n,
                dspv_store_visit *visit, void *argument)
{
    const dspv_store *s = store_memory_seam(((struct disk *)context)->memory);
    return s->scan(s->context, table, first, first_n, last, last_n, visit, argument);
}

static const char *trouble(void *context)
{
    (void)context;
    return "";
}

static void told(struct world *w, const dspv_event *e)
{
    if (e->kind == DSPV_EVENT_TIP)
        assert_true(e->height <= ((struct disk *)w->books)->height);
}

static void begin(struct world *w, struct disk *d, struct store_memory *memory)
{
    *d = (struct disk){.memory = memory, .seam = {d, apply, scan, trouble, false}, .w = w};
    world_init_chain(w, &chain, TIP);
    w->now += (dspv_ms)TIP * 1000 + MINUTE;
    w->config.masternodes = false;
    w->store = &d->seam;
    w->books = d;
    w->on_told = told;
    w->chunk = 200000;
    w->options.services &= ~SERVICE_HEADERS_COMPRESSED; /* the messages are smaller, and more */
    world_add(w)->latency_ms = 250;
    world_start(w, 7);
}

static int32_t height(const struct world *w)
{
    return headers_tip_height(client_headers(w->client));
}

static void test_few_transactions(void **state)
{
    struct disk d;
    struct world w;
    (void)state;
    struct store_memory *memory;
    assert_int_equal(store_memory_new(&memory), 0);
    begin(&w, &d, memory);
    unsigned written = 0;
    dspv_ms since = w.now, longest = 0;
    while (height(&w) < TIP) {
        world_pass(&w, PASS_MS);
        if (d.written > written || height(&w) == d.height)
            since = w.now;
        written = d.written;
        longest = w.now - since > longest ? w.now - since : longest;
        assert_true(dspv_deadline(w.client) > w.now); /* nothing else is due for as long */
        assert_true(!w.client->storage.waits || dspv_deadline(w.client) <= w.now + STORAGE_WAIT_MS);
    }
    assert_in_range(d.written, 2, TIP / HEADERS_MOST / 2);
    assert_in_range(longest, PASS_MS, STORAGE_WAIT_MS);
    world_pass(&w, 2 * STORAGE_WAIT_MS);
    assert_int_equal(d.height, TIP);
    assert_false(w.client->storage.waits);
    world_free(&w);
    store_memory_free(memory);
}

/* The peer falls silent in the middle: what it told is stored and told all the same. */
static void drop_headers(struct world *w, const char *command, uint8_t *payload, size_t *n)
{
    (void)payload;
    if (strncmp(command, "headers", 7) == 0 && height(w) >= TIP / 3)
        *n = WORLD_DROPPED;
}

static void test_silence(void **state)
{
    struct disk d;
    struct world w;
    (void)state;
    struct store_memory *memory, *left;
    assert_int_equal(store_memory_new(&memory), 0);
    begin(&w, &d, memory);
    w.tamper = drop_headers;
    while (height(&w) < TIP / 3)
        world_pass(&w, PASS_MS);
    assert_int_equal(store_memory_clone(&left, memory), 0); /* as if it ended here */
    world_pass(&w, STORAGE_WAIT_MS + PASS_MS);
    assert_int_equal(d.height, height(&w));
    world_free(&w);
    store_memory_free(memory);
    begin(&w, &d, left);
    while (height(&w) < TIP)
        world_pass(&w, PASS_MS);
    world_pass(&w, 2 * STORAGE_WAIT_MS);
    assert_int_equal(d.height, TIP);
    world_free(&w);
    store_memory_free(left);
}

/* What waits is written when the client is told that it will end, and told only then. */
static void test_a_clean_end(void **state)
{
    struct disk d;
    struct world w;
    (void)state;
    struct store_memory *memory;
    assert_int_equal(store_memory_new(&memory), 0);
    begin(&w, &d, memory);
    while (height(&w) < TIP / 3 || !w.client->storage.waits)
        world_pass(&w, PASS_MS);
    assert_true(d.height < height(&w));
    const unsigned written = d.written;
    assert_int_equal(dspv_commit(w.client, w.now), 0);
    assert_int_equal(d.written, written + 1);
    assert_int_equal(d.height, height(&w));
    assert_int_equal(dspv_commit(w.client, w.now), 0); /* nothing is left to write */
    assert_int_equal(d.written, written + 1);
    const int32_t left = height(&w);
    world_free(&w);
    begin(&w, &d, memory);
    assert_int_equal(height(&w), left);
    world_free(&w);
    store_memory_free(memory);
}

static int make(void **state)
{
    chain = branch(582, TIP, 0);
    *state = &chain;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_few_transactions), cmocka_unit_test(test_silence),
                                       cmocka_unit_test(test_a_clean_end)};
    return cmocka_run_group_tests_name("storage_waits", tests, make, branch_drop);
}
