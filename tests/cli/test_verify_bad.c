/* `dashspv verify` over what is broken: the command line, files, and mutations of a message that is good. */
#include "base/endian.h"
#include "cli/verify_run.h"

/* ---- bad input */

static void expect_run(struct run r, int code, const char *complaint)
{
    if (r.code != code || !strstr(r.complaint, complaint))
        print_error("exit %d, \"%s\"\n", r.code, r.complaint);
    assert_int_equal(r.code, code);
    assert_non_null(strstr(r.complaint, complaint));
    run_free(&r);
}

static void test_command_line(void **state)
{
    (void)state;
    expect_run(run_words("--help"), 0, "");
    expect_run(run_words(""), 2, "at least one file");
    expect_run(run_words("--network moon x"), 2, "no such network");
    expect_run(run_words("--nonsense=1 x"), 2, "no such network option");
    expect_run(run_words("--json=1 x"), 2, "takes no value");
    expect_run(run_words("x --heights"), 2, "needs a value");
    expect_run(run_words("--llmqtestparams=3:2 x"), 2, "regtest only");
    expect_run(run_words("--network regtest --llmqtestparams=2:3 x"), 2, "smaller than the threshold");
    expect_run(run_words("/nonexistent/file"), 2, "cannot be opened");
    expect_run(run_words("/"), 2, "cannot be read");
}

static void expect_file(const char *words, const char *name, const void *p, size_t n, const char *suffix, int code,
                        const char *complaint)
{
    write_scratch(name, p, n);
    expect_run(run_scratch(words, name, suffix), code, complaint);
}

static void expect_text(const char *words, const char *text, int code, const char *complaint)
{
    expect_file(words, "text.json", text, strlen(text), "", code, complaint);
}

static void test_json_files(void **state)
{
    (void)state;
    expect_text("", "", 2, "empty");
    expect_text("", "[{\"height\": 1,", 2, "as JSON");
    expect_text("", "{}", 2, "not an array");
    expect_text("", "[7]", 2, "entry 1");
    expect_text("", "[{\"height\": -1, \"hash\": \"00\"}]", 2, "\"height\"");
    expect_text("", "[{\"height\": 1, \"hash\": \"00\"}]", 2, "\"hash\"");
    expect_text("", "[{\"clsig_payload\": \"0g\"}]", 2, "not hex");
    expect_text("", "[{\"clsig_payload\": \"00\"}]", 2, "TRUNCATED");
    expect_text("", "[]", 0, "");
#define HASH "00000000000000000000000000000000000000000000000000000000000000"
    expect_text("--heights", "[{\"height\": 1, \"hash\": \"" HASH "01\"}, {\"height\": 1, \"hash\": \"" HASH "02\"}]", 1,
                "two blocks at height 1");
    expect_text("--heights", "[{\"height\": 1, \"hash\": \"" HASH "01\"}, {\"height\": 2, \"hash\": \"" HASH "01\"}]", 1,
                "at height 1 and at height 2");
#undef HASH
}

static void test_headers(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("testnet/headers_844000_851999.bin");
    const char *words = "--network testnet --headers";
    size_t n = 100 * 80;
    expect_file(words, "h.bin", b.p, n, "@844000", 0, "");
    expect_file(words, "headers_844000_844099.bin", b.p, n, "", 0, "");
    expect_file(words, "h.bin", b.p, n, "", 2, "name the file headers_A_B.bin");
    expect_file(words, "h.bin", b.p, n - 1, "@844000", 2, "byte 7920: TRUNCATED");
    expect_file(words, "h.bin", b.p, 0, "@844000", 2, "80-byte headers");
    b.p[50 * 80 + 76] ^= 1; /* the nonce */
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "byte 4000: HIGH_HASH");
    b.p[50 * 80 + 76] ^= 1;
    b.p[50 * 80 + 4] ^= 1; /* the link */
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "byte 4000: NOT_CONTINUOUS");
    b.p[50 * 80 + 4] ^= 1;
    b.p[0] ^= 1;
    expect_file(words, "h.bin", b.p, n, "@844000", 1, "header 0 cannot be");
    free(b.p);
}

/* Cut anywhere, a message is malformed, and the place is near the cut. */
static void test_truncation(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const names[] = {"testnet/mnlistdiff_0_119064_v70214.bin", "testnet/qrinfo_905770_v70230.bin",
                                        "testnet/chain_1158552_1159117_v70230.lp"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct bytes b = data_load(names[i]);
        for (size_t cut = 1; cut < 8; cut++) {
            size_t n = b.n * cut / 8;
            write_scratch("cut.bin", b.p, n);
            struct run r = run_scratch("--json --network testnet", "cut.bin", "");
            assert_int_equal(r.code, 2);
            const json_t *error = json_object_get(r.json, "error");
            assert_true(json_int(error, "offset") > 0 && (size_t)json_int(error, "offset") <= n);
            assert_true(strlen(json_text(error, "reason")) > 0);
            run_free(&r);
        }
        free(b.p);
    }
}

/* Any byte of a list changed in a file of whose kind there is no doubt: something is wrong, and it is named. */
static void test_wrong_root(void **state)
{
    (void)state;
    data_or_skip();
    struct bytes b = data_load("testnet/mnlistdiff_0_905762_v70230.bin");
    b.p[b.n / 2] ^= 0x10; /* inside an entry or a commitment */
    write_scratch("wrong.bin", b.p, b.n);
    struct run r = run_scratch("--json --network testnet", "wrong.bin", "");
    assert_int_equal(r.code, 1);
    assert_int_equal(summary(&r, "roots_ok"), 0);
    assert_int_equal(summary(&r, "lists_invalid"), 1);
    const char *problem = json_string_value(json_array_get(json_object_get(r.json, "problems"), 0));
    assert_non_null(strstr(problem, "wrong.bin"));
    assert_non_null(strstr(problem, "ROOT_MISMATCH"));
    run_free(&r);
    free(b.p);
}

/* ---- mutations */

/* The payload of one answer of qrinfo_70240.bin or qrinfo_70235.bin; leads into `b`. */
static struct bytes recorded_qrinfo(struct bytes b, size_t wanted)
{
    size_t at = 0;
    for (size_t i = 1;; i++) {
        at += 6 + (size_t)b.p[at + 5] * 4;
        size_t n = load_le32(b.p + at);
        at += 4;
        if (i == wanted)
            return (struct bytes){b.p + at, n};
        at += n;
        assert_true(at < b.n);
    }
}

/* A row of `truth` that equals `row` in everything but how it was proved. */
static void assert_known(const json_t *truth, const json_t *row)
{
    static const char *const keys[] = {"type", "height", "index", "version", "public_key", "members", "signers", "valid_members",
                                       "masternodes", "masternodes_valid", "quorums", "merkle_root_mn_list",
                                       "merkle_root_quorums"};
    const json_t *type = json_object_get(row, "type");
    size_t i;
    json_t *known;
    json_array_foreach(truth, i, known) {
        if (strcmp(json_text(known, "hash"), json_text(row, "hash")) != 0 ||
            (type && !json_equal(type, json_object_get(known, "type"))))
            continue;
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            if (json_object_get(row, keys[k]))
                assert_true(json_equal(json_object_get(row, keys[k]), json_object_get(known, keys[k])));
        return;
    }
    fail_msg("verified, but not true: %s", json_text(row, "hash"));
}

static void check_mutation(const struct run *r, const json_t *truth)
{
    size_t i;
    json_t *row;
    assert_true(r->code == 0 || r->code == 1 || r->code == 2);
    if (r->code == 2) {
        assert_true(strlen(json_text(json_object_get(r->json, "error"), "reason")) > 0);
        return;
    }
    assert_true((r->code == 1) == (json_array_size(json_object_get(r->json, "problems")) > 0));
    json_array_foreach(json_object_get(r->json, "quorums"), i, row)
        if (strcmp(json_text(row, "status"), "verified") == 0)
            assert_known(json_object_get(truth, "quorums"), row);
    json_array_foreach(json_object_get(r->json, "lists"), i, row)
        if (json_is_true(json_object_get(row, "roots_ok")))
            assert_known(json_object_get(truth, "lists"), row);
}

/* Flip one bit in every `stride`th byte of a payload: nothing but the truth is ever verified. */
static void mutate(struct bytes payload, size_t stride, const json_t *truth, const char *words)
{
    uint64_t random = 7;
    size_t noticed = 0, tried = 0;
    for (size_t i = 0; i < payload.n; i += stride) {
        uint8_t bit = (uint8_t)(1 << test_random(&random) % 8);
        payload.p[i] ^= bit;
        write_scratch("mutated.bin", payload.p, payload.n);
        struct run r = run_scratch(words, "mutated.bin", "");
        check_mutation(&r, truth);
        noticed += r.code != 0;
        tried++;
        run_free(&r);
        payload.p[i] ^= bit;
    }
    assert_true(noticed * 10 >= tried * 9);
}

static void test_mutations(void **state)
{
    (void)state;
    data_or_skip();
    struct run truth = run_words("--json " ERAS "--headers @regtest/eras/headers.bin @regtest/eras/mnlistdiff_from_genesis.bin");
    assert_int_equal(truth.code, 0);
    struct bytes b = data_load("regtest/eras/qrinfo_70240.bin"), qrinfo = recorded_qrinfo(b, 144);
    write_scratch("mutated.bin", qrinfo.p, qrinfo.n);
    struct run whole = run_scratch("--json " ERAS "--headers @regtest/eras/headers.bin", "mutated.bin", "");
    assert_int_equal(whole.code, 0);
    assert_int_equal(summary(&whole, "verified"), 9);
    run_free(&whole);
    mutate(qrinfo, 29, truth.json, "--json " ERAS "--headers @regtest/eras/headers.bin");
    free(b.p);
    run_free(&truth);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_line), cmocka_unit_test(test_json_files), cmocka_unit_test(test_headers),
        cmocka_unit_test(test_truncation),   cmocka_unit_test(test_wrong_root), cmocka_unit_test(test_mutations),
    };
    return cmocka_run_group_tests_name("cli_verify_bad", tests, open_scratch, close_scratch);
}
