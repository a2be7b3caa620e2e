/* llmq/network.h: the parameter table, roles, enablement and options. */
#include "support/data.h"

#include "llmq/network.h"

static struct network network(const char *name)
{
    struct network net;
    assert_true(network_init(&net, name));
    return net;
}

/* The table of quorums.md 1.1, written down a second time in its own column order. */
static void test_table(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "1 llmq_50_60 50 40 30 24 10 18 24 25 48 0",           "2 llmq_400_60 400 300 240 288 20 28 4 5 8 0",
        "3 llmq_400_85 400 350 340 576 20 48 4 5 8 0",         "4 llmq_100_67 100 80 67 24 10 18 24 25 1440 0",
        "5 llmq_60_75 60 50 45 288 42 50 32 64 64 1",          "6 llmq_25_67 25 22 17 24 10 18 24 25 1440 0",
        "100 llmq_test 3 2 2 24 10 18 2 3 4 0",                "101 llmq_devnet 12 7 6 24 10 18 4 5 8 0",
        "102 llmq_test_v17 3 2 2 24 10 18 2 3 4 0",            "103 llmq_test_dip0024 4 4 3 24 12 20 2 4 4 1",
        "104 llmq_test_instantsend 3 2 2 24 10 18 2 3 4 0",    "105 llmq_devnet_dip0024 8 6 4 48 12 20 2 4 4 1",
        "106 llmq_test_platform 3 2 2 24 10 18 2 4 1440 0",    "107 llmq_devnet_platform 12 9 8 24 10 18 4 5 1440 0",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct llmq_params *p = llmq_params_by_type((uint8_t)atoi(rows[i]));
        assert_non_null(p);
        char text[128];
        snprintf(text, sizeof(text), "%u %s %u %u %u %u %u %u %u %u %u %d", p->type, p->name, p->size, p->min_size,
                 p->threshold, p->interval, p->mine_start, p->mine_end, p->active, p->keep_connections, p->keep_keys,
                 p->rotated);
        assert_string_equal(text, rows[i]);
        assert_ptr_equal(llmq_params_by_name(p->name), p);
        assert_string_equal(llmq_type_name(p->type), p->name);
    }
    assert_null(llmq_params_by_type(0));
    assert_null(llmq_params_by_name("llmq_none"));
    assert_string_equal(llmq_type_name(255), "unknown");
    assert_int_equal(llmq_quarter_size(llmq_params_by_type(5)), 15);
    assert_int_equal(llmq_quarter_size(llmq_params_by_type(103)), 1);
}

static void assert_types(const char *name, const char *types, unsigned chainlock, unsigned instantsend, unsigned platform,
                         unsigned mnhf)
{
    struct network net = network(name);
    char text[128] = "";
    for (size_t i = 0; i < net.n_llmqs; i++) {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u", i ? "," : "", net.llmqs[i].type);
        assert_ptr_equal(network_llmq(&net, net.llmqs[i].type), &net.llmqs[i]);
    }
    assert_string_equal(text, types);
    assert_int_equal(net.chainlock_type, chainlock);
    assert_int_equal(net.instantsend_type, instantsend);
    assert_int_equal(net.platform_type, platform);
    assert_int_equal(net.mnhf_type, mnhf);
    assert_null(network_llmq(&net, 0));
}

static void test_known_types_and_roles(void **state)
{
    (void)state;
    assert_types("mainnet", "1,2,3,4,5", 2, 5, 4, 3);
    assert_types("testnet", "1,2,3,4,5,6", 1, 5, 6, 1);
    assert_types("devnet-x", "1,2,3,4,5,101,105,107", 101, 105, 107, 101);
    assert_types("regtest", "100,102,103,104,106", 100, 103, 106, 100);
    struct network net = network("mainnet");
    assert_null(network_llmq(&net, 6));
    assert_false(network_init(&net, "nonet"));
}

static bool enabled(const struct network *net, uint8_t type, int32_t prev)
{
    const struct llmq_params *p = network_llmq(net, type);
    assert_non_null(p);
    return llmq_enabled(net, p, prev);
}

static void test_enablement(void **state)
{
    (void)state;
    struct network net = network("mainnet");
    assert_true(enabled(&net, 1, 1738697));
    assert_false(enabled(&net, 1, 1738698));
    assert_true(enabled(&net, 2, 0) && enabled(&net, 3, 0));
    assert_false(enabled(&net, 4, 1516030));
    assert_true(enabled(&net, 4, 1516031));
    assert_false(enabled(&net, 5, 1737790));
    assert_true(enabled(&net, 5, 1737791));
    assert_false(enabled(&net, 5, -1));
    assert_true(enabled(&net, 5, INT32_MAX));
    net = network("testnet");
    assert_true(enabled(&net, 1, 2000000));
    assert_false(enabled(&net, 6, 846999));
    assert_true(enabled(&net, 6, 847000));
    net = network("devnet-x");
    assert_true(enabled(&net, 1, 2000000) && enabled(&net, 101, 0) && enabled(&net, 107, 0) && enabled(&net, 105, 100));
    net = network("regtest");
    assert_false(enabled(&net, 104, 1000));
    assert_true(enabled(&net, 104, 0));
    assert_true(enabled(&net, 103, 0) && enabled(&net, 102, 5) && enabled(&net, 100, 5) && enabled(&net, 106, 5));
    assert_null(network_override(&net, "llmqtestinstantsenddip0024", "llmq_test_instantsend"));
    assert_true(enabled(&net, 104, 1000));
}

static void test_rotation_in_force(void **state)
{
    (void)state;
    struct network net = network("mainnet");
    const struct llmq_params *p = network_llmq(&net, 5);
    assert_false(llmq_rotation_in_force(&net, p, 1737791));
    assert_true(llmq_rotation_in_force(&net, p, 1737792));
    assert_true(llmq_rotation_in_force(&net, p, 1737792 + 287));
    assert_false(llmq_rotation_in_force(&net, network_llmq(&net, 4), 2000000));
    net = network("regtest");
    p = network_llmq(&net, 103);
    assert_false(llmq_rotation_in_force(&net, p, 23)); /* the cycle at 0 never rotates */
    assert_true(llmq_rotation_in_force(&net, p, 24));
    assert_false(llmq_rotation_in_force(&net, p, -1));
    assert_null(network_override(&net, "testactivationheight", "dip0024@30"));
    assert_false(llmq_rotation_in_force(&net, p, 47)); /* its cycle began before */
    assert_true(llmq_rotation_in_force(&net, p, 48));
}

static void test_eras(void **state)
{
    (void)state;
    struct network net = network("mainnet");
    assert_false(network_basic_after(&net, 1899070));
    assert_true(network_basic_after(&net, 1899071));
    assert_false(network_v20_after(&net, 1987774));
    assert_true(network_v20_after(&net, 1987775));
    assert_true(network_v20_after(&net, INT32_MAX));
    assert_int_equal(llmq_cycle(network_llmq(&net, 5), 2028764), 2028672);
    assert_int_equal(llmq_work_height(2028672), 2028664);
}

static void test_options(void **state)
{
    (void)state;
    struct network net = network("regtest");
    assert_null(network_override(&net, "llmqtestparams", "5:3"));
    const struct llmq_params *p = network_llmq(&net, 100);
    assert_int_equal(p->size, 5);
    assert_int_equal(p->min_size, 3);
    assert_int_equal(p->threshold, 3);
    assert_int_equal(p->interval, 24);
    assert_null(network_override(&net, "llmqtestinstantsendparams", "1:1"));
    assert_int_equal(network_llmq(&net, 104)->size, 1);
    assert_null(network_override(&net, "llmqtestplatformparams", "7:7"));
    assert_int_equal(network_llmq(&net, 106)->threshold, 7);
    assert_null(network_override(&net, "testactivationheight", "v19@260"));
    assert_int_equal(net.chain.active.v19, 260);
    assert_null(network_override(&net, "dip3params", "2:2"));
    assert_int_equal(net.chain.active.dip0003, 2);

    net = network("devnet-x");
    assert_null(network_override(&net, "llmqdevnetparams", "512:1"));
    assert_int_equal(network_llmq(&net, 101)->size, 512);
    assert_null(network_override(&net, "llmqchainlocks", "llmq_50_60"));
    assert_null(network_override(&net, "llmqinstantsenddip0024", "llmq_60_75"));
    assert_null(network_override(&net, "llmqplatform", "llmq_100_67"));
    assert_null(network_override(&net, "llmqmnhf", "llmq_devnet_dip0024"));
    assert_int_equal(net.chainlock_type, 1);
    assert_int_equal(net.instantsend_type, 5);
    assert_int_equal(net.platform_type, 4);
    assert_int_equal(net.mnhf_type, 105);
}

static void test_refused_options(void **state)
{
    (void)state;
    static const struct {
        const char *network, *option, *value, *sentence;
    } refused[] = {
        {"regtest", "nonsense", "1", "no such network option"},
        {"mainnet", "llmqtestparams", "5:3", "llmqtestparams applies to regtest only"},
        {"devnet-x", "llmqtestparams", "5:3", "llmqtestparams applies to regtest only"},
        {"regtest", "llmqdevnetparams", "5:3", "llmqdevnetparams applies to devnets only"},
        {"regtest", "llmqchainlocks", "llmq_test", "llmqchainlocks applies to devnets only"},
        {"regtest", "llmqtestparams", "5", "the value must be SIZE:THRESHOLD, with a size of at most 512"},
        {"regtest", "llmqtestparams", "", "the value must be SIZE:THRESHOLD, with a size of at most 512"},
        {"regtest", "llmqtestparams", "-5:3", "the value must be SIZE:THRESHOLD, with a size of at most 512"},
        {"regtest", "llmqtestparams", "513:3", "the value must be SIZE:THRESHOLD, with a size of at most 512"},
        {"regtest", "llmqtestparams", "99999999999999999999:3", "the value must be SIZE:THRESHOLD, with a size of at most 512"},
        {"regtest", "llmqtestparams", "5:", "the value must be SIZE:THRESHOLD, with a threshold of at most 512"},
        {"regtest", "llmqtestparams", "5:3x", "the value must be SIZE:THRESHOLD, with a threshold of at most 512"},
        {"regtest", "llmqtestparams", "0:0", "size and threshold must not be zero"},
        {"regtest", "llmqtestparams", "3:0", "size and threshold must not be zero"},
        {"regtest", "llmqtestparams", "3:4", "the size is smaller than the threshold"},
        {"regtest", "llmqtestinstantsenddip0024", "llmq_x", "no LLMQ type has that name"},
        {"regtest", "llmqtestinstantsenddip0024", "llmq_60_75", "that LLMQ type is not known on this network"},
        {"devnet-x", "llmqplatform", "llmq_25_67", "that LLMQ type is not known on this network"},
        {"devnet-x", "llmqchainlocks", "llmq_devnet_dip0024",
         "that LLMQ type is rotated; ChainLocks need one that is not"},
        {"devnet-x", "llmqinstantsenddip0024", "llmq_devnet",
         "that LLMQ type is not rotated; InstantSend on a devnet needs one that is"},
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct network net = network(refused[i].network), before;
        memcpy(&before, &net, sizeof(net));
        const char *sentence = network_override(&net, refused[i].option, refused[i].value);
        assert_non_null(sentence);
        assert_string_equal(sentence, refused[i].sentence);
        assert_memory_equal(&net, &before, sizeof(net));
    }
    struct network net = network("mainnet");
    assert_non_null(network_override(&net, "testactivationheight", "v19@260"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),       cmocka_unit_test(test_known_types_and_roles),
        cmocka_unit_test(test_enablement),  cmocka_unit_test(test_rotation_in_force),
        cmocka_unit_test(test_eras),        cmocka_unit_test(test_options),
        cmocka_unit_test(test_refused_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
