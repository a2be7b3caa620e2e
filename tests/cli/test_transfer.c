/* `dashspv export` and `dashspv import`: what goes out comes in again, record by record; whatever was changed on the way is
 * refused, or changes nothing. Somebody who changes it on purpose also makes the seals and the check right again: then the proofs
 * decide. */
#include "cli/node.h"

#include <sys/stat.h>
#include <unistd.h>

#include "cli/stream.h"
#include "store/record.h"

static char source[64], target[64], snapshot[96], spoiled[96];
static struct network net;

static const char *const QUESTIONS[] = {"quorums", "masternodes", "chainlock"};
enum { N_QUESTIONS = sizeof(QUESTIONS) / sizeof(QUESTIONS[0]) };
static json_t *answers[N_QUESTIONS]; /* of the source */

static int begin(void **state)
{
    (void)state;
    if (!getenv("DASHSPV_PROGRAM"))
        return 0;
    char words[200];
    assert_true(network_init(&net, "regtest"));
    scratch_make(source);
    scratch_make(target);
    fill_store(source);
    snprintf(snapshot, sizeof(snapshot), "%s/snapshot", source);
    snprintf(spoiled, sizeof(spoiled), "%s/spoiled", source);
    snprintf(words, sizeof(words), "export %s", snapshot);
    struct outcome o = ask(source, words, 0);
    outcome_free(&o);
    for (size_t i = 0; i < N_QUESTIONS; i++)
        answers[i] = ask_json(source, QUESTIONS[i], 0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_QUESTIONS; i++)
        json_decref(answers[i]);
    scratch_remove(source);
    scratch_remove(target);
    return 0;
}

static struct bytes read_all(const char *path)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    struct bytes b = {.n = (size_t)ftell(f)};
    rewind(f);
    b.p = malloc(b.n + 1);
    assert_int_equal(fread(b.p, 1, b.n, f), b.n);
    fclose(f);
    return b;
}

static void write_all(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

static bool nothing_left(void)
{
    char path[128];
    snprintf(path, sizeof(path), "%s/regtest/store.sqlite", target);
    bool none = access(path, F_OK) != 0;
    snprintf(path, sizeof(path), "%s/regtest", target);
    rmdir(path); /* must be empty, if it is there */
    return none && access(path, F_OK) != 0;
}

static struct outcome import(const char *path)
{
    char words[512];
    snprintf(words, sizeof(words), "import %s %s", path, churn_store(target));
    return run(words);
}

static void refused(const char *path, int code, const char *says)
{
    struct outcome o = import(path);
    expect_exit(&o, code);
    if (!strstr(o.err, says))
        fail_msg("no \"%s\" in: %s", says, o.err);
    assert_string_equal(o.out, "");
    outcome_free(&o);
    assert_true(nothing_left());
}

static void forget_target(void)
{
    scratch_remove(target);
    assert_int_equal(mkdir(target, 0700), 0);
}

/* The target says what the source says. */
static void same_answers(void)
{
    for (size_t i = 0; i < N_QUESTIONS; i++) {
        json_t *answer = ask_json(target, QUESTIONS[i], 0);
        assert_true(json_equal(answer, answers[i]));
        json_decref(answer);
    }
}

/* ---- there and back */

static void round_trip(void **state)
{
    char again[96], words[200];
    (void)state;
    dashspv();
    struct outcome o = import(snapshot);
    expect_exit(&o, 0);
    assert_non_null(strstr(o.out, "regtest up to block 581, verified from block 0 on"));
    outcome_free(&o);
    same_answers();
    snprintf(again, sizeof(again), "%s/again", source);
    snprintf(words, sizeof(words), "export %s", again);
    o = ask(target, words, 0);
    outcome_free(&o);
    struct bytes a = read_all(snapshot), b = read_all(again);
    assert_int_equal(a.n, b.n);
    assert_memory_equal(a.p, b.p, a.n);
    free(a.p);
    free(b.p);
    o = import(snapshot); /* there is a store now */
    expect_exit(&o, 2);
    assert_non_null(strstr(o.err, "there is a store already"));
    outcome_free(&o);
    same_answers();
    forget_target();
}

/* Whoever can write into the folder must not have us write elsewhere. */
static void a_link_in_its_way(void **state)
{
    char to[96], part[112], words[200];
    (void)state;
    dashspv();
    snprintf(to, sizeof(to), "%s/linked", source);
    snprintf(part, sizeof(part), "%s.part", to);
    write_all(spoiled, "precious", 8);
    assert_int_equal(symlink(spoiled, part), 0);
    snprintf(words, sizeof(words), "export %s", to);
    struct outcome o = ask(source, words, 0);
    outcome_free(&o);
    struct bytes victim = read_all(spoiled), made = read_all(to), good = read_all(snapshot);
    assert_int_equal(victim.n, 8);
    assert_int_equal(made.n, good.n);
    assert_memory_equal(made.p, good.p, good.n);
    free(victim.p);
    free(made.p);
    free(good.p);
}

static void no_addresses_no_secrets(void **state)
{
    static const uint8_t secret[] = "secret", tip[] = "tip";
    (void)state;
    assert_false(stream_wants(DSPV_TABLE_ADDRESSES, (struct span){tip, 3}));
    assert_false(stream_wants(DSPV_TABLE_META, (struct span){secret, 6}));
    assert_false(stream_wants(DSPV_TABLE_META, (struct span){tip, 2}));
    assert_true(stream_wants(DSPV_TABLE_META, (struct span){tip, 3}));
    assert_true(stream_wants(DSPV_TABLE_QUORUMS, (struct span){secret, 6}));
}

/* ---- accidents */

static void damaged_files(void **state)
{
    (void)state;
    dashspv();
    struct bytes good = read_all(snapshot);
    uint64_t seed = 1;
    for (int i = 0; i < 30; i++) {
        size_t at = i == 0 ? good.n - 1 : (size_t)(test_random(&seed) % good.n);
        uint8_t old = good.p[at];
        good.p[at] = (uint8_t)(old ^ (1 + test_random(&seed) % 255));
        write_all(spoiled, good.p, good.n);
        good.p[at] = old;
        refused(spoiled, 1, spoiled);
    }
    for (int i = 0; i < 10; i++) {
        write_all(spoiled, good.p, (size_t)(test_random(&seed) % good.n));
        refused(spoiled, 1, spoiled);
    }
    good.p[good.n] = 0;
    write_all(spoiled, good.p, good.n + 1);
    refused(spoiled, 1, "behind its end");
    free(good.p);
}

static void no_snapshots(void **state)
{
    char words[300];
    (void)state;
    dashspv();
    write_all(spoiled, "", 0);
    refused(spoiled, 1, "no snapshot");
    write_all(spoiled, "dashspv snapsh0t and so on and so forth, it is long enough", 58);
    refused(spoiled, 1, "no snapshot");
    refused("/nowhere/at/all", 2, "No such file");
    refused("/tmp", 2, "directory");
    snprintf(words, sizeof(words), "import %s --network=testnet --data-dir=%s", snapshot, target);
    struct outcome o = run(words);
    expect_exit(&o, 1);
    assert_non_null(strstr(o.err, "another network"));
    outcome_free(&o);
}

/* ---- forgeries: seals and check are right */

struct record {
    dspv_table table;
    uint8_t key[DSPV_STORE_MOST_KEY];
    size_t key_n, n;
    uint8_t *payload;
};

enum { MOST_RECORDS = 1000 };
static struct record records[MOST_RECORDS];
static size_t n_records;

static int collect(void *argument, dspv_table table, struct span key, struct span value)
{
    struct record *r = &records[n_records++];
    struct span payload;
    (void)argument;
    assert_true(n_records < MOST_RECORDS);
    assert_true(record_open(table, key, value, &payload));
    *r = (struct record){.table = table, .key_n = key.n, .n = payload.n, .payload = malloc(payload.n + 1)};
    memcpy(r->key, key.p, key.n);
    memcpy(r->payload, payload.p, payload.n);
    return 0;
}

static void load_records(void)
{
    char why[STREAM_ERROR_SIZE];
    FILE *f = fopen(snapshot, "rb");
    n_records = 0;
    assert_non_null(f);
    assert_int_equal(stream_read(f, &net, collect, NULL, why), 0);
    fclose(f);
}

static void free_records(void)
{
    while (n_records > 0)
        free(records[--n_records].payload);
}

/* Write all records but one, sealed anew. */
static void forge(size_t without)
{
    struct stream_writer s;
    struct writer value;
    FILE *f = fopen(spoiled, "wb");
    assert_non_null(f);
    writer_init(&value);
    assert_int_equal(stream_begin(&s, f, &net), 0);
    for (size_t i = 0; i < n_records; i++) {
        const struct record *r = &records[i];
        if (i == without)
            continue;
        writer_reset(&value);
        record_seal(&value, r->table, (struct span){r->key, r->key_n}, (struct span){r->payload, r->n});
        assert_int_equal(stream_write(&s, r->table, (struct span){r->key, r->key_n}, (struct span){value.data, value.n}), 0);
    }
    assert_int_equal(stream_end(&s), 0);
    stream_writer_free(&s);
    writer_free(&value);
    fclose(f);
}

/* Refused; or, when what was changed does not matter, the answers are the true ones. True when refused. */
static bool refused_or_harmless(void)
{
    struct outcome o = import(spoiled);
    bool no = o.exit_code == 1;
    if (no) {
        assert_true(nothing_left());
        assert_string_not_equal(o.err, "");
    } else {
        expect_exit(&o, 0);
        same_answers();
        forget_target();
    }
    outcome_free(&o);
    return no;
}

static void forged_records(void **state)
{
    size_t refusals = 0, tries[DSPV_TABLE_COUNT] = {0};
    uint64_t seed = 2;
    (void)state;
    dashspv();
    load_records();
    for (size_t i = 0; i < n_records; i++) {
        struct record *r = &records[i];
        if (r->n == 0 || tries[r->table]++ >= 4)
            continue;
        size_t at = (size_t)(test_random(&seed) % r->n);
        uint8_t bit = (uint8_t)(1 << test_random(&seed) % 8);
        r->payload[at] ^= bit;
        forge(SIZE_MAX);
        r->payload[at] ^= bit;
        refusals += refused_or_harmless();
    }
    assert_true(refusals >= 10);
    free_records();
}

/* Of a header, any bit. */
static void forged_headers(void **state)
{
    uint64_t seed = 3;
    (void)state;
    dashspv();
    load_records();
    for (int k = 0; k < 10; k++) {
        size_t i = 0;
        while (records[i].table != DSPV_TABLE_HEADERS)
            i++;
        i += (size_t)(test_random(&seed) % 3);
        assert_true(records[i].table == DSPV_TABLE_HEADERS);
        size_t at = 36 + (size_t)(test_random(&seed) % (records[i].n - 36));
        uint8_t bit = (uint8_t)(1 << test_random(&seed) % 8);
        records[i].payload[at] ^= bit;
        forge(SIZE_MAX);
        records[i].payload[at] ^= bit;
        struct outcome o = import(spoiled);
        expect_exit(&o, 1);
        outcome_free(&o);
        assert_true(nothing_left());
    }
    free_records();
}

/* A run of headers above the tip, or under a name that no run has: nobody would look at it. */
static void headers_nobody_asked_for(void **state)
{
    (void)state;
    dashspv();
    load_records();
    size_t last = 0;
    while (records[last].table != DSPV_TABLE_HEADERS || records[last + 1].table == DSPV_TABLE_HEADERS)
        last++;
    for (int k = 0; k < 2; k++) {
        struct record *more = &records[last + 1];
        memmove(more + 1, more, (n_records - last - 1) * sizeof(*more));
        *more = records[last];
        n_records++;
        if (k == 0)
            more->key[more->key_n - 1] += 7;
        else
            more->key[more->key_n++] = 0;
        forge(SIZE_MAX);
        refused(spoiled, 1, "prove nothing");
        n_records--;
        memmove(more, more + 1, (n_records - last - 1) * sizeof(*more));
    }
    free_records();
}

static void records_left_out(void **state)
{
    size_t tries[DSPV_TABLE_COUNT] = {0};
    (void)state;
    dashspv();
    load_records();
    for (size_t i = 0; i < n_records; i++) {
        if (tries[records[i].table]++ >= 2)
            continue;
        forge(i);
        refused_or_harmless();
    }
    free_records();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(a_link_in_its_way),
        cmocka_unit_test(no_addresses_no_secrets),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(no_snapshots),
        cmocka_unit_test(forged_records),
        cmocka_unit_test(forged_headers),
        cmocka_unit_test(headers_nobody_asked_for),
        cmocka_unit_test(records_left_out),
    };
    return cmocka_run_group_tests_name("cli transfer", tests, begin, end);
}
