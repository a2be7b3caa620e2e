/* The development peer message by message: handshake, headers, silence, announcements. Recorded answers: test_recorded.c. */
#include "devnode/test_client.h"

#include <unistd.h>

#include "base/mem.h"
#include "devnode/answer.h"
#include "wire/small.h"

/* ---- handshake */

static void test_handshake(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct client c;
    struct span payload;
    struct version theirs;
    dspv_fault fault;
    (void)state;
    client_open(&c, chain, NULL, 500);
    client_say(&c, WIRE_VERACK); /* too early */
    expect_silence(&c);
    say_version(&c, 70240, SERVICE_HEADERS_COMPRESSED, true);
    assert_int_equal(client_hear(&c, &payload), WIRE_VERSION);
    assert_int_equal(version_decode(payload.p, payload.n, &theirs, &fault), 0);
    assert_int_equal(theirs.version, 70240);
    assert_int_equal(theirs.start_height, 500);
    assert_int_equal(theirs.time_s, 1700000000);
    assert_int_equal(theirs.nonce, 4711);
    assert_true(theirs.services & SERVICE_NETWORK);
    assert_string_equal(theirs.user_agent, "/Dash Core:23.1.2(testnode0)/");
    expect(&c, WIRE_SENDADDRV2);
    expect(&c, WIRE_VERACK);
    expect_silence(&c);

    /* between version and verack requests are ignored without a score */
    ping_encode(&c.w, 5);
    client_say(&c, WIRE_PING);
    ask_headers(&c, WIRE_GETHEADERS, devnode_chain_hash(chain, 0), 1, NULL);
    ask_diff(&c, devnode_chain_hash(chain, 9), devnode_chain_hash(chain, 8));
    client_say(&c, WIRE_SENDADDRV2);
    expect_silence(&c);
    say_version(&c, 70240, 0, true); /* a second one is ignored */
    expect_silence(&c);

    client_say(&c, WIRE_VERACK);
    expect(&c, WIRE_SENDHEADERS2); /* because of our service bit */
    expect(&c, WIRE_SENDCMPCT);
    expect(&c, WIRE_SENDDSQ);
    expect(&c, WIRE_PING);
    ping_encode(&c.w, 77);
    client_say(&c, WIRE_PING);
    uint64_t nonce;
    assert_int_equal(client_hear(&c, &payload), WIRE_PONG);
    assert_int_equal(ping_decode(payload.p, payload.n, &nonce, &fault), 0);
    assert_int_equal(nonce, 77);
    assert_int_equal(devnode_peer_score(c.peer), 0);
    assert_int_equal(devnode_peer_protocol(c.peer), 70240);
    client_say(&c, WIRE_SENDADDRV2);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);
}

static void test_versions(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct devnode_options old = devnode_options_default();
    struct client c;
    (void)state;
    client_open(&c, chain, NULL, chain->tip);
    say_version(&c, 70220, 0, true);
    expect_silence(&c);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);

    client_open(&c, chain, NULL, chain->tip);
    say_version(&c, 70222, 0, true);
    expect(&c, WIRE_VERSION);
    expect(&c, WIRE_VERACK); /* no sendaddrv2 below 70223 */
    assert_int_equal(devnode_peer_protocol(c.peer), 70222);
    client_close(&c);

    old.protocol = 70235;
    client_open(&c, chain, &old, chain->tip);
    client_shake(&c, 70240);
    assert_int_equal(devnode_peer_protocol(c.peer), 70235);
    client_close(&c);
}

/* One byte at a time gives the same output as all at once. */
static void test_byte_at_a_time(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct devnode_options options = devnode_options_default();
    struct writer script;
    struct client c;
    struct devnode_peer *peers[2];
    (void)state;
    client_open(&c, chain, NULL, chain->tip);
    writer_init(&script);
    struct version v = {.version = 70240, .relay = true};
    version_encode(&c.w, &v);
    frame_write(&script, c.in.magic, WIRE_VERSION, c.w.data, c.w.n);
    frame_write(&script, c.in.magic, WIRE_VERACK, NULL, 0);
    writer_reset(&c.w);
    getmnlistd_encode(&c.w, &(struct getmnlistd){.block = *devnode_chain_hash(chain, 400)});
    frame_write(&script, c.in.magic, WIRE_GETMNLISTD, c.w.data, c.w.n);
    writer_reset(&c.w);
    getqrinfo_encode(&c.w, &(struct getqrinfo){.block = *devnode_chain_hash(chain, 500), .extra_share = true});
    frame_write(&script, c.in.magic, WIRE_GETQRINFO, c.w.data, c.w.n);
    for (int i = 0; i < 2; i++)
        assert_int_equal(devnode_peer_new(&peers[i], chain, &options, chain->tip, 5, 6), 0);
    assert_int_equal(devnode_peer_input(peers[0], script.data, script.n), 0);
    for (size_t i = 0; i < script.n; i++)
        assert_int_equal(devnode_peer_input(peers[1], script.data + i, 1), 0);
    struct span a = devnode_peer_output(peers[0]), b = devnode_peer_output(peers[1]);
    assert_true(a.n > 10000);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    devnode_peer_free(peers[0]);
    devnode_peer_free(peers[1]);
    writer_free(&script);
    client_close(&c);
}

/* ---- loading */

static void test_bad_folders(void **state)
{
    char folder[] = "/tmp/devnode_test_XXXXXX", error[DEVNODE_ERROR_SIZE];
    static const char good[] = "{\"network\": \"regtest\", \"start\": 0, \"first_diff\": 1, \"user_agent\": \"/x/\"}";
    struct bytes headers = fixture_load("churn/headers.bin"), diffs = fixture_load("churn/diffs.lp");
    struct devnode_chain *chain;
    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(devnode_chain_load(&chain, folder, error), DSPV_EFAULT);
    assert_non_null(strstr(error, "chain.json"));
    write_file(folder, "chain.json", good, sizeof(good) - 1);
    assert_int_equal(devnode_chain_load(&chain, folder, error), DSPV_EFAULT);
    assert_non_null(strstr(error, "headers.bin"));
    write_file(folder, "headers.bin", headers.p, headers.n - 1);
    assert_int_equal(devnode_chain_load(&chain, folder, error), DSPV_EFAULT);
    write_file(folder, "headers.bin", headers.p, headers.n);
    assert_int_equal(devnode_chain_load(&chain, folder, error), 0);
    devnode_chain_free(chain);
    write_file(folder, "diffs.lp", diffs.p, diffs.n - 1);
    assert_int_equal(devnode_chain_load(&chain, folder, error), DSPV_EFAULT);
    assert_non_null(strstr(error, "diffs.lp"));
    write_file(folder, "headers.bin", headers.p + 80, headers.n - 80); /* not genesis */
    assert_int_equal(devnode_chain_load(&chain, folder, error), DSPV_EFAULT);
    remove_folder(folder);
    free(headers.p);
    free(diffs.p);
}

/* Any single allocation may fail: an error, nothing lost. */
static void test_out_of_memory(void **state)
{
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain = NULL;
    size_t n = 1;
    (void)state;
    for (; !chain; n++) {
        mem_fail_after(n);
        int rc = devnode_chain_load(&chain, fixture_path("extaddr"), error);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        assert_true((rc == 0) == (chain != NULL));
    }
    devnode_chain_free(chain);
    assert_true(n > 20);

    const struct devnode_chain *churn = fixture_chain("churn");
    struct devnode_view view = {churn, churn->tip, 70240};
    struct getqrinfo ask = {.block = *devnode_chain_hash(churn, 500), .extra_share = true};
    int rc = DSPV_ENOMEM;
    for (n = 1; rc != 0; n++) {
        struct writer w;
        writer_init(&w);
        mem_fail_after(n);
        rc = devnode_answer_qrinfo(&view, &ask, &w);
        mem_fail_after(0);
        assert_true(rc == 0 || rc == DSPV_ENOMEM);
        writer_free(&w);
    }
    assert_true(n > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recorded_from_genesis),
        cmocka_unit_test(test_recorded_pairs),
        cmocka_unit_test(test_recorded_qrinfo),
        cmocka_unit_test(test_older_layouts),
        cmocka_unit_test(test_handshake),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_byte_at_a_time),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_headers_only),
        cmocka_unit_test(test_headers_file),
        cmocka_unit_test(test_silence),
        cmocka_unit_test(test_disconnects),
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_growth),
        cmocka_unit_test(test_locks),
        cmocka_unit_test(test_bad_folders),
        cmocka_unit_test(test_out_of_memory),
        cmocka_unit_test(test_server_handshake),
        cmocka_unit_test(test_server_slow_reader),
        cmocka_unit_test(test_server_refuses),
        cmocka_unit_test(test_program),
    };
    return cmocka_run_group_tests_name("devnode", tests, NULL, NULL);
}
