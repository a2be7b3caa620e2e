/* The store in memory keeps the contract; its clones are independent. */
#include "store/contract.h"

#include "base/mem.h"
#include "store/memory.h"

static struct store_memory *memory;

static const dspv_store *create(void)
{
    assert_int_equal(store_memory_new(&memory), 0);
    return store_memory_seam(memory);
}

/* What a process that starts again would see. */
static const dspv_store *reopen(void)
{
    struct store_memory *again;
    assert_int_equal(store_memory_clone(&again, memory), 0);
    store_memory_free(memory);
    memory = again;
    return store_memory_seam(memory);
}

static void destroy(void)
{
    store_memory_free(memory);
    memory = NULL;
}

static void put(struct store_memory *m, const char *key, const char *value)
{
    const dspv_store *store = store_memory_seam(m);
    dspv_store_op op = {DSPV_TABLE_META, (const uint8_t *)key, strlen(key), (const uint8_t *)value, value ? strlen(value) : 0};
    assert_int_equal(store->apply(store->context, &op, 1), 0);
}

static void clones_are_independent(void **state)
{
    (void)state;
    struct store_memory *clone;
    create();
    put(memory, "a", "1");
    put(memory, "b", "22");
    assert_int_equal(store_memory_clone(&clone, memory), 0);
    assert_true(store_memory_equal(memory, clone));
    put(memory, "a", "3");
    assert_false(store_memory_equal(memory, clone));
    put(clone, "a", "3");
    assert_true(store_memory_equal(memory, clone));
    put(clone, "b", NULL);
    assert_false(store_memory_equal(memory, clone));
    assert_int_equal(store_memory_count(memory, DSPV_TABLE_META), 2);
    assert_int_equal(store_memory_count(clone, DSPV_TABLE_META), 1);
    assert_int_equal(store_memory_bytes(memory), 5);
    destroy();
    assert_int_equal(store_memory_bytes(clone), 2);
    store_memory_free(clone);
}

static void making_and_cloning_out_of_memory(void **state)
{
    (void)state;
    struct store_memory *m = NULL, *clone = NULL;
    mem_fail_after(1);
    assert_int_equal(store_memory_new(&m), DSPV_ENOMEM);
    mem_fail_after(0);
    assert_int_equal(store_memory_new(&m), 0);
    put(m, "a", "1");
    int rc = DSPV_ENOMEM;
    size_t fail = 0;
    while (rc != 0) {
        mem_fail_after(++fail);
        rc = store_memory_clone(&clone, m);
        mem_fail_after(0);
        assert_true(rc == 0 || (rc == DSPV_ENOMEM && !clone));
    }
    assert_true(fail > 1 && store_memory_equal(m, clone));
    store_memory_free(clone);
    store_memory_free(m);
    store_memory_free(NULL);
}

int main(void)
{
    static struct contract kind = {create, reopen, destroy};
    const struct CMUnitTest tests[] = {CONTRACT_TESTS(&kind), cmocka_unit_test(clones_are_independent),
                                       cmocka_unit_test(making_and_cloning_out_of_memory)};
    return cmocka_run_group_tests_name("store memory", tests, NULL, NULL);
}
