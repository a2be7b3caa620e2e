/* --checkpoints=FILE: what such a file may look like, and what is said of mistakes. */
#include "support/data.h"

#include <unistd.h>

#include "base/mem.h"
#include "cli/checkpoint_file.h"
#include "cli/options.h"
#include "engine/network_api.h"

#define HASH_A "000000aaf0300f59f49bc3e970bad15c11f961fe2347accffff19d96ec9778e3" /* mainnet's block 1500 */
#define HASH_B "00000000213e229f332c0ffbe34defdaa9e74de87f2d8d1f01af8d121c3c170b"

static char path[] = "/tmp/dashspv-points-XXXXXX";

static int begin(void **state)
{
    int fd = mkstemp(path);
    (void)state;
    assert_true(fd >= 0);
    close(fd);
    setenv("DASHSPV_CONFIG", "/dev/null", 1);
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(path);
    return 0;
}

static void write_file(const char *text, size_t n)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

/* Read as given to mainnet; `error` is empty when it is good. */
static dspv_network *given(const char *text, size_t n, char error[CHECKPOINT_FILE_ERROR_SIZE])
{
    dspv_network *net;
    write_file(text, n);
    *error = '\0';
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    int rc = checkpoint_file_read(net, path, error);
    assert_true((rc == 0) == (*error == '\0'));
    return net;
}

static void assert_wrong(const char *text, size_t n, const char *says)
{
    char error[CHECKPOINT_FILE_ERROR_SIZE];
    dspv_network_free(given(text, n, error));
    if (!strstr(error, says) || !strstr(error, path))
        fail_msg("\"%s\" is not said, but: %s", says, error);
}

static void test_good_files(void **state)
{
    static const char text[] = "# mainnet\r\n"
                               "\n"
                               "  \t\r\n"
                               "1500 " HASH_A "\n"
                               "\t2000\t" HASH_B "   # known to me\r\n"
                               "#" HASH_A "\n"
                               "2500000 " HASH_B;
    char error[CHECKPOINT_FILE_ERROR_SIZE], shown[65];
    (void)state;
    dspv_network *net = given(text, sizeof(text) - 1, error);
    assert_string_equal(error, "");
    assert_int_equal(net->net.chain.n_checkpoints, 37 + 2);
    hash_to_hex(chain_params_checkpoint(&net->net.chain, 2000)->hash.b, shown);
    assert_string_equal(shown, HASH_B);
    assert_int_equal(chain_params_last_checkpoint(&net->net.chain), 2500000);
    dspv_network_free(net);
}

static void test_mistakes(void **state)
{
    static const char *const lines[] = {
        "7",           "7 " HASH_A " 8", "7 " HASH_A "0",     HASH_A,        HASH_A " 7", "-7 " HASH_A,  "+7 " HASH_A,
        "0x7 " HASH_A, "7," HASH_A,      "7 0x" HASH_A,       "7.0 " HASH_A, "x",         "7 abc # abc", "7g " HASH_A,
        "7 ",          "\xff " HASH_A,   "1234567890 " HASH_A};
    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        char text[400];
        int n = snprintf(text, sizeof(text), "# first\n2000 " HASH_B "\n%s\n", lines[i]);
        assert_wrong(text, (size_t)n, ":3: a line must be \"HEIGHT HASH\"");
    }
    assert_wrong("0 " HASH_A, 66, ":1: block 0: the height must be from 1");
    assert_wrong("1500 " HASH_B "\n", 70, ":1: block 1500: another block is known to be at this height; correct the line");
    assert_wrong("7 " HASH_A "\n7 " HASH_B "\n", 2 * 67, ":2: block 7: another block");
    assert_wrong("", 0, "there is no checkpoint in it");
    assert_wrong("# nothing\n\n", 11, "there is no checkpoint in it");
    assert_wrong("7 " HASH_A "\0\n", 68, ":1: the line is too long, or holds a zero byte");
}

static void test_sizes(void **state)
{
    size_t n = 0, room = 8 << 20;
    char *text = malloc(room);
    (void)state;
    assert_non_null(text);
    memset(text, '#', 1000);
    assert_wrong(text, 1000, ":1: the line is too long");
    memset(text, '\n', 300000);
    assert_wrong(text, 300000, ":200001: it has too many lines");
    for (int height = 3000000; height < 3000000 + CHECKPOINTS_MOST; height++)
        n += (size_t)snprintf(text + n, room - n, "%d " HASH_A "\n", height);
    assert_wrong(text, n, ":99964: block 3099963: there can be no more than 100000 checkpoints");
    free(text);
}

static void test_no_file(void **state)
{
    char error[CHECKPOINT_FILE_ERROR_SIZE];
    dspv_network *net;
    (void)state;
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    assert_int_equal(checkpoint_file_read(net, "/nowhere/points", error), -1);
    assert_string_equal(error, "--checkpoints=/nowhere/points: cannot read it: No such file or directory");
    assert_int_equal(checkpoint_file_read(net, "/tmp", error), -1);
    assert_string_equal(error, "--checkpoints=/tmp: cannot read it: Is a directory");
    assert_int_equal(checkpoint_file_read(net, "/dev/zero", error), -1);
    assert_non_null(strstr(error, "/dev/zero:1:"));
    dspv_network_free(net);
}

static void test_without_memory(void **state)
{
    char error[CHECKPOINT_FILE_ERROR_SIZE];
    dspv_network *net;
    (void)state;
    write_file("7 " HASH_A "\n", 67);
    assert_int_equal(dspv_network_new(&net, "mainnet"), 0);
    mem_fail_after(1);
    assert_int_equal(checkpoint_file_read(net, path, error), -1);
    mem_fail_after(0);
    assert_non_null(strstr(error, ":1: block 7: out of memory"));
    dspv_network_free(net);
}

/* As an option: of every command that takes a network; from the environment too. */
static void test_option(void **state)
{
    static const enum command commands[] = {COMMAND_SYNC, COMMAND_RUN, COMMAND_STATUS, COMMAND_CHECKPOINTS, COMMAND_PLAN};
    char error[OPTIONS_ERROR_SIZE], name[] = "dashspv", node[] = "--connect=127.0.0.1", word[100];
    char *argv[] = {name, word, node, NULL};
    struct options o;
    (void)state;
    write_file("7 " HASH_A "\n", 67);
    snprintf(word, sizeof(word), "--checkpoints=%s", path);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        bool online = (unsigned)commands[i] & COMMANDS_ONLINE;
        if (options_parse(&o, commands[i], online ? 3 : 2, argv, error) != 0)
            fail_msg("%s", error);
        assert_int_equal(o.network->net.chain.n_checkpoints, 38);
        options_free(&o);
    }
    setenv("DASHSPV_CHECKPOINTS", path, 1);
    assert_int_equal(options_parse(&o, COMMAND_STATUS, 1, argv, error), 0);
    assert_int_equal(o.network->net.chain.n_checkpoints, 38);
    options_free(&o);
    write_file("7", 1);
    assert_int_equal(options_parse(&o, COMMAND_STATUS, 1, argv, error), EXIT_USAGE);
    assert_non_null(strstr(error, ":1: a line must be"));
    options_free(&o);
    unsetenv("DASHSPV_CHECKPOINTS");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_files), cmocka_unit_test(test_mistakes),       cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_no_file),    cmocka_unit_test(test_without_memory), cmocka_unit_test(test_option),
    };
    return cmocka_run_group_tests_name("cli checkpoint file", tests, begin, end);
}
