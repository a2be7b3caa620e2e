/* Requests: headers, failures and their silence, faults, damage. */
#include "devnode/test_client.h"

#include <unistd.h>

#include "crypto/x11.h"
#include "wire/inventory.h"

/* ---- headers */

void test_headers(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    static const block_hash unknown = {{1}};
    struct client c;
    (void)state;
    client_open(&c, chain, NULL, 570);
    client_shake(&c, 70240);
    for (int compressed = 0; compressed < 2; compressed++) {
        enum wire_command ask = compressed ? WIRE_GETHEADERS2 : WIRE_GETHEADERS;
        ask_headers(&c, ask, devnode_chain_hash(chain, 0), 1, NULL);
        expect_headers(&c, chain, compressed, 1, 570);
        ask_headers(&c, ask, &unknown, 1, NULL); /* nothing in common but genesis */
        expect_headers(&c, chain, compressed, 1, 570);
        ask_headers(&c, ask, devnode_chain_hash(chain, 100), 1, devnode_chain_hash(chain, 150));
        expect_headers(&c, chain, compressed, 101, 150);
        block_hash locator[3] = {unknown, *devnode_chain_hash(chain, 300), *devnode_chain_hash(chain, 0)};
        ask_headers(&c, ask, locator, 3, NULL);
        expect_headers(&c, chain, compressed, 301, 570);
        ask_headers(&c, ask, devnode_chain_hash(chain, 571), 1, NULL); /* above the served tip: not known yet */
        expect_headers(&c, chain, compressed, 1, 570);
        ask_headers(&c, ask, devnode_chain_hash(chain, 570), 1, NULL);
        expect_headers(&c, chain, compressed, 1, 0);
        ask_headers(&c, ask, NULL, 0, devnode_chain_hash(chain, 77));
        expect_headers(&c, chain, compressed, 77, 77);
        ask_headers(&c, ask, NULL, 0, devnode_chain_hash(chain, 571));
        expect_silence(&c);
    }
    block_hash many[102] = {{{0}}};
    ask_headers(&c, WIRE_GETHEADERS, many, 102, NULL);
    expect_silence(&c);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);
}

/* What a client sends that fetches stretches of a long chain side by side: the answers come in the order of the requests. */
static void check_stretches(struct client *c, const struct devnode_chain *chain)
{
    enum { STRETCH = 150, OPEN = 48 };
    struct writer asked;
    writer_init(&asked);
    for (int32_t i = 0; i < OPEN; i++) {
        const int32_t before = chain->start + i * 131 % 89 * 100;
        const struct getheaders ask = {
            .locator = devnode_chain_hash(chain, before), .n_locator = 1, .stop = *devnode_chain_hash(chain, before + STRETCH)};
        getheaders_encode(&c->w, &ask);
        frame_write(&asked, c->in.magic, WIRE_GETHEADERS2, c->w.data, c->w.n);
        writer_reset(&c->w);
    }
    assert_int_equal(devnode_peer_input(c->peer, asked.data, asked.n), 0);
    for (int32_t i = 0; i < OPEN; i++) {
        const int32_t before = chain->start + i * 131 % 89 * 100;
        expect_headers(c, chain, true, before + 1, before + STRETCH);
    }
    writer_free(&asked);
}

/* The stop hash is the last of an answer, or means nothing. */
static void check_stops(struct client *c, const struct devnode_chain *chain)
{
    const int32_t start = chain->start;
    const block_hash *locator = devnode_chain_hash(chain, start + 4000);
    ask_headers(c, WIRE_GETHEADERS2, locator, 1, devnode_chain_hash(chain, start + 4001));
    expect_headers(c, chain, true, start + 4001, start + 4001);
    ask_headers(c, WIRE_GETHEADERS, locator, 1, devnode_chain_hash(chain, start + 6000));
    expect_headers(c, chain, false, start + 4001, start + 6000);
    ask_headers(c, WIRE_GETHEADERS, locator, 1, devnode_chain_hash(chain, start + 6001)); /* more than a message may hold */
    expect_headers(c, chain, false, start + 4001, start + 6000);
    const block_hash before_it[] = {*locator, *devnode_chain_hash(chain, start + 3000), {{0xee}}};
    for (size_t i = 0; i < sizeof(before_it) / sizeof(before_it[0]); i++) {
        ask_headers(c, WIRE_GETHEADERS2, locator, 1, &before_it[i]);
        expect_headers(c, chain, true, start + 4001, chain->tip);
    }
}

/* Answers made in advance are those that would be made, whatever is asked for. */
static void check_made_in_advance(const struct devnode_chain *chain, const char *folder)
{
    static const struct {
        int32_t before, stop; /* heights */
    } asked[] = {{2000, 4000}, {4000, 6000}, {6000, 8000}, {2000, 3999}, {2000, 4001}, {2001, 4001},
                 {1999, 3999}, {1000, 2000}, {8000, 9999}, {7999, 9999}, {3000, 5000}};
    char path[64], error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *ready;
    struct client made, in_advance;
    snprintf(path, sizeof(path), "%s/headers.bin", folder);
    if (devnode_chain_load_headers(&ready, "testnet", path, chain->start, error) != 0)
        fail_msg("%s", error);
    assert_int_equal(ready->stretches.n, 3);
    assert_int_equal(chain->stretches.n, 0);
    client_open(&made, chain, NULL, chain->tip);
    client_open(&in_advance, ready, NULL, ready->tip);
    client_shake(&made, 70240);
    client_shake(&in_advance, 70240);
    for (size_t i = 0; i < 2 * sizeof(asked) / sizeof(asked[0]); i++) {
        const block_hash *before = devnode_chain_hash(chain, asked[i / 2].before);
        const block_hash *stop = devnode_chain_hash(chain, asked[i / 2].stop);
        const enum wire_command command = i % 2 ? WIRE_GETHEADERS : WIRE_GETHEADERS2;
        struct span expected, got;
        ask_headers(&made, command, before, 1, stop);
        ask_headers(&in_advance, command, before, 1, stop);
        assert_int_equal(client_hear(&in_advance, &got), client_hear(&made, &expected));
        assert_int_equal(got.n, expected.n);
        assert_memory_equal(got.p, expected.p, got.n);
    }
    client_close(&made);
    client_close(&in_advance);
    devnode_chain_free(ready);
}

void test_headers_only(void **state)
{
    static const char description[] = "{\"network\": \"testnet\", \"start\": 1000, \"user_agent\": \"/x/\"}";
    enum { N = 9000 };
    char folder[] = "/tmp/devnode_test_XXXXXX", error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    struct client c;
    (void)state;
    /* made-up headers that only have to hang together */
    uint8_t *headers = calloc(N, 80);
    assert_non_null(headers);
    for (uint32_t i = 0; i < N; i++) {
        memcpy(headers + i * 80 + 36, &i, sizeof(i));
        if (i > 0)
            x11_hash((block_hash *)(headers + i * 80 + 4), headers + (i - 1) * 80);
    }
    headers[4] = 9; /* the block before the first */
    x11_hash((block_hash *)(headers + 80 + 4), headers);
    for (uint32_t i = 1; i + 1 < N; i++)
        x11_hash((block_hash *)(headers + (i + 1) * 80 + 4), headers + i * 80);
    assert_non_null(mkdtemp(folder));
    write_file(folder, "headers.bin", headers, N * 80);
    write_file(folder, "chain.json", description, sizeof(description) - 1);
    if (devnode_chain_load(&chain, folder, error) != 0)
        fail_msg("%s", error);
    assert_int_equal(chain->tip, 1000 + N - 1);

    client_open(&c, chain, NULL, chain->tip);
    client_shake(&c, 70240);
    ask_headers(&c, WIRE_GETHEADERS2, devnode_chain_hash(chain, 1000), 1, NULL);
    expect_headers(&c, chain, true, 1001, 9000);
    ask_headers(&c, WIRE_GETHEADERS2, devnode_chain_hash(chain, 9000), 1, NULL);
    expect_headers(&c, chain, true, 9001, chain->tip);
    ask_headers(&c, WIRE_GETHEADERS, devnode_chain_hash(chain, 1000), 1, NULL);
    expect_headers(&c, chain, false, 1001, 3000);
    block_hash before = block_hash_from(headers + 4);
    ask_headers(&c, WIRE_GETHEADERS, &before, 1, NULL);
    expect_headers(&c, chain, false, 1000, 2999);
    check_stops(&c, chain);
    check_stretches(&c, chain);
    ask_diff(&c, &(block_hash){{0}}, devnode_chain_hash(chain, 2000));
    expect_silence(&c);
    assert_int_equal(devnode_peer_score(c.peer), 1);
    client_close(&c);

    client_open(&c, chain, NULL, chain->tip);
    client_shake(&c, 70234);
    ask_headers(&c, WIRE_GETHEADERS2, devnode_chain_hash(chain, 1000), 1, NULL);
    expect_headers(&c, chain, true, 1001, 3000);
    client_close(&c);
    check_made_in_advance(chain, folder);
    devnode_chain_free(chain);
    remove_folder(folder);
    free(headers);
}

/* ---- failures */

/* A file of headers alone, at two heights: answered from its first block whatever the locator. */
void test_headers_file(void **state)
{
    const struct devnode_chain *churn = fixture_chain("churn");
    char path[4096], error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    struct client c;
    (void)state;
    snprintf(path, sizeof(path), "%s", fixture_path("churn/headers.bin"));
    if (devnode_chain_load_headers(&chain, "regtest", path, 0, error) != 0)
        fail_msg("%s", error);
    assert_int_equal(chain->tip, churn->tip);
    assert_memory_equal(devnode_chain_hash(chain, chain->tip), devnode_chain_hash(churn, churn->tip), 32);
    devnode_chain_free(chain);

    if (devnode_chain_load_headers(&chain, "testnet", path, 5000, error) != 0)
        fail_msg("%s", error);
    client_open(&c, chain, NULL, chain->tip);
    client_shake(&c, 70240);
    ask_headers(&c, WIRE_GETHEADERS2, &(block_hash){{1}}, 1, NULL);
    expect_headers(&c, chain, true, 5000, chain->tip);
    ask_headers(&c, WIRE_GETHEADERS2, &chain->network.chain.genesis_hash, 1, NULL);
    expect_headers(&c, chain, true, 5000, chain->tip);
    ask_headers(&c, WIRE_GETHEADERS2, devnode_chain_hash(chain, 5100), 1, NULL);
    expect_headers(&c, chain, true, 5101, chain->tip);
    client_close(&c);
    devnode_chain_free(chain);

    assert_int_equal(devnode_chain_load_headers(&chain, "mainnet", path, 0, error), DSPV_EFAULT); /* another genesis */
    assert_non_null(strstr(error, "headers.bin: does not start with the network's genesis"));
    assert_int_equal(devnode_chain_load_headers(&chain, "nonet", path, 0, error), DSPV_EFAULT);
    assert_int_equal(devnode_chain_load_headers(&chain, "regtest", "/nowhere/at/all.bin", 0, error), DSPV_EFAULT);
    assert_int_equal(devnode_chain_load_headers(&chain, "regtest", fixture_path("churn/chain.json"), 0, error), DSPV_EFAULT);
    assert_null(chain);
}

void test_silence(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    static const block_hash zero, unknown = {{1}};
    struct client c;
    int score = 0;
    (void)state;
    client_open(&c, chain, NULL, 570);
    client_shake(&c, 70240);
    struct getmnlistd bad[] = {
        {zero, unknown},
        {unknown, *devnode_chain_hash(chain, 10)},
        {*devnode_chain_hash(chain, 11), *devnode_chain_hash(chain, 10)}, /* the wrong way round */
        {zero, *devnode_chain_hash(chain, 571)},                          /* above the served tip */
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ask_diff(&c, &bad[i].base, &bad[i].block);
        expect_silence(&c);
        assert_int_equal(devnode_peer_score(c.peer), ++score);
    }
    ask_diff(&c, devnode_chain_hash(chain, 10), devnode_chain_hash(chain, 10)); /* legal */
    expect(&c, WIRE_MNLISTDIFF);

    struct getqrinfo bad_qr[] = {
        {.bases = &zero, .n_bases = 1, .block = *devnode_chain_hash(chain, 500)}, /* zeros mean nothing here */
        {.bases = &unknown, .n_bases = 1, .block = *devnode_chain_hash(chain, 500)},
        {.block = unknown},
        {.block = *devnode_chain_hash(chain, 30)},  /* work blocks below genesis */
        {.block = *devnode_chain_hash(chain, 571)}, /* above the served tip */
    };
    for (size_t i = 0; i < sizeof(bad_qr) / sizeof(bad_qr[0]); i++) {
        getqrinfo_encode(&c.w, &bad_qr[i]);
        client_say(&c, WIRE_GETQRINFO);
        expect_silence(&c);
        assert_int_equal(devnode_peer_score(c.peer), ++score);
    }
    writer_u8(&c.w, 1); /* does not decode: silence without a score */
    client_say(&c, WIRE_GETMNLISTD);
    expect_silence(&c);
    assert_int_equal(devnode_peer_score(c.peer), score);
    while (score < 100) {
        assert_false(devnode_peer_closed(c.peer));
        ask_diff(&c, &zero, &unknown);
        score++;
    }
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);
}

void test_disconnects(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct client c;
    uint8_t header[24] = {0};
    (void)state;
    client_open(&c, chain, NULL, chain->tip);
    assert_int_equal(devnode_peer_input(c.peer, header, sizeof(header)), 0); /* wrong magic */
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);

    client_open(&c, chain, NULL, chain->tip);
    memcpy(header, c.in.magic, 4);
    memcpy(header + 4, "version", 7);
    memset(header + 16, 0xff, 4); /* oversize */
    assert_int_equal(devnode_peer_input(c.peer, header, sizeof(header)), 0);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);

    client_open(&c, chain, NULL, chain->tip);
    client_shake(&c, 70240);
    client_say(&c, WIRE_QRINFO); /* an answer nobody asked for */
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);
}

void test_faults(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    struct getqrinfo ask = {.block = *devnode_chain_hash(chain, 500), .extra_share = true};
    struct devnode_options options = devnode_options_default();
    struct client c;
    (void)state;
    options.faults.refuse_extra_share = true;
    client_open(&c, chain, &options, chain->tip);
    client_shake(&c, 70240);
    getqrinfo_encode(&c.w, &ask);
    client_say(&c, WIRE_GETQRINFO);
    expect_silence(&c);
    assert_int_equal(devnode_peer_score(c.peer), 1);
    ask.extra_share = false;
    getqrinfo_encode(&c.w, &ask);
    client_say(&c, WIRE_GETQRINFO);
    expect(&c, WIRE_QRINFO);
    client_close(&c);

    options.faults = (struct devnode_faults){.ignore_getqrinfo = true};
    client_open(&c, chain, &options, chain->tip);
    client_shake(&c, 70240);
    getqrinfo_encode(&c.w, &ask);
    client_say(&c, WIRE_GETQRINFO);
    expect_silence(&c);
    assert_int_equal(devnode_peer_score(c.peer), 0);
    client_close(&c);

    options.faults = (struct devnode_faults){.disconnect_on_getqrinfo = true};
    client_open(&c, chain, &options, chain->tip);
    client_shake(&c, 70240);
    getqrinfo_encode(&c.w, &ask);
    client_say(&c, WIRE_GETQRINFO);
    expect_silence(&c);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);

    options = devnode_options_default();
    options.services &= ~SERVICE_BLOOM;
    client_open(&c, chain, &options, chain->tip);
    client_shake(&c, 70240);
    client_say(&c, WIRE_MEMPOOL);
    assert_true(devnode_peer_closed(c.peer));
    client_close(&c);
}

/* A valid request of a random kind. */
static enum wire_command random_request(struct client *c, const struct devnode_chain *chain, uint64_t *random)
{
    block_hash bases[3];
    int32_t height = (int32_t)(test_random(random) % (uint64_t)chain->tip);
    for (int i = 0; i < 3; i++)
        bases[i] = *devnode_chain_hash(chain, (int32_t)(test_random(random) % (uint64_t)(height + 1)));
    switch (test_random(random) % 4) {
    case 0: getmnlistd_encode(&c->w, &(struct getmnlistd){bases[0], *devnode_chain_hash(chain, height)}); return WIRE_GETMNLISTD;
    case 1: getheaders_encode(&c->w, &(struct getheaders){.locator = bases, .n_locator = 3}); return WIRE_GETHEADERS2;
    case 2: inventory_encode(&c->w, &(struct inventory_item){INVENTORY_CLSIG, chain->locks[0].hash}, 1); return WIRE_GETDATA;
    default:
        getqrinfo_encode(&c->w, &(struct getqrinfo){bases, 3, *devnode_chain_hash(chain, height), height % 2 == 0});
        return WIRE_GETQRINFO;
    }
}

/* Damaged requests never break the peer: every message it sends is well-formed, and it closes only for its score. */
void test_mutations(void **state)
{
    const struct devnode_chain *chain = fixture_chain("eras");
    uint64_t random = 20;
    int closed = 0, heard = 0;
    struct client c;
    (void)state;
    client_open(&c, chain, NULL, chain->tip);
    client_shake(&c, 70240);
    for (int round = 0; round < 2000; round++) {
        enum wire_command command = random_request(&c, chain, &random);
        for (uint64_t hits = test_random(&random) % 3; hits > 0; hits--)
            c.w.data[test_random(&random) % c.w.n] ^= (uint8_t)(1u << test_random(&random) % 8);
        if (test_random(&random) % 8 == 0)
            c.w.n = test_random(&random) % c.w.n;
        client_say(&c, command);
        for (struct span payload; client_hear(&c, &payload) != WIRE_UNKNOWN;)
            heard++;
        if (devnode_peer_closed(c.peer)) {
            closed++;
            client_close(&c);
            client_open(&c, chain, NULL, chain->tip);
            client_shake(&c, 70240);
        }
    }
    assert_true(heard > 500 && closed > 0);
    client_close(&c);
}
