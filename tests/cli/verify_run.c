/* See verify_run.h. */
#include "cli/verify_run.h"

#include <sys/wait.h>
#include <unistd.h>

#include "cli/verify.h"

void arguments_add(struct arguments *a, const char *word)
{
    assert_true(a->n < MOST_ARGUMENTS);
    a->v[a->n++] = strdup(*word == '@' ? data_path(word + 1) : word);
    a->v[a->n] = NULL;
}

void arguments_free(struct arguments *a)
{
    for (int i = 0; i < a->n; i++)
        free(a->v[i]);
    a->n = 0;
}

static char scratch[64]; /* a folder of its own for every run of the tests */

const char *scratch_path(const char *name)
{
    static char path[160];
    snprintf(path, sizeof(path), "%s/%s", scratch, name);
    return path;
}

static void child(struct arguments *a)
{
    if (!freopen(scratch_path("out"), "wb", stdout) || !freopen(scratch_path("err"), "wb", stderr))
        _exit(99);
    int code = verify_main(a->n, a->v);
    fflush(NULL);
    exit(code);
}

struct run run_arguments(struct arguments *a)
{
    struct run r = {0};
    int status;
    fflush(NULL);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0)
        child(a);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    r.code = WEXITSTATUS(status);
    r.json = json_load_file(scratch_path("out"), 0, NULL);
    FILE *f = fopen(scratch_path("err"), "rb");
    assert_non_null(f);
    r.complaint[fread(r.complaint, 1, sizeof(r.complaint) - 1, f)] = '\0';
    fclose(f);
    arguments_free(a);
    return r;
}

void arguments_split(struct arguments *a, const char *words)
{
    char copy[1200];
    snprintf(copy, sizeof(copy), "%s", words);
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        arguments_add(a, word);
}

struct run run_words(const char *words)
{
    struct arguments a = {0};
    arguments_add(&a, "verify");
    arguments_split(&a, words);
    return run_arguments(&a);
}

void run_free(struct run *r) { json_decref(r->json); }

int64_t summary(const struct run *r, const char *key) { return json_int(json_object_get(r->json, "summary"), key); }

void write_scratch(const char *name, const uint8_t *p, size_t n)
{
    FILE *f = fopen(scratch_path(name), "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

struct run run_scratch(const char *words, const char *name, const char *suffix)
{
    struct arguments a = {0};
    char path[200];
    arguments_add(&a, "verify");
    arguments_split(&a, words);
    snprintf(path, sizeof(path), "%s%s", scratch_path(name), suffix);
    arguments_add(&a, path);
    return run_arguments(&a);
}

int open_scratch(void **state)
{
    (void)state;
    const char *folder = getenv("TMPDIR");
    snprintf(scratch, sizeof(scratch), "%.40s/dashspv-XXXXXX", folder ? folder : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

int close_scratch(void **state)
{
    (void)state;
    static const char *const names[] = {"out", "err", "report.json", "text.json", "h.bin", "headers_844000_844099.bin", "cut.bin",
                                        "wrong.bin", "mutated.bin"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unlink(scratch_path(names[i]));
    return rmdir(scratch);
}
