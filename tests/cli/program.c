/* See program.h. Output goes to files, not pipes: nothing can block, and what was said can be read again. */
#include "cli/program.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_WORDS = 40 };

void pause_ms(long ms)
{
    const struct timespec t = {ms / 1000, ms % 1000 * 1000000};
    nanosleep(&t, NULL);
}

static void become(const struct program *p, const char *path, const char *words)
{
    static char text[8192];
    char *argv[MOST_WORDS + 2] = {NULL};
    char name[] = "program";
    int argc = 1;
    argv[0] = name;
    snprintf(text, sizeof(text), "%s", words);
    for (char *w = strtok(text, " "); w && argc <= MOST_WORDS; w = strtok(NULL, " "))
        argv[argc++] = w;
    dup2(fileno(p->out), STDOUT_FILENO);
    dup2(fileno(p->err), STDERR_FILENO);
    execv(path, argv);
    _exit(127);
}

void program_prepare(struct program *p)
{
    p->out = tmpfile();
    p->err = tmpfile();
    assert_non_null(p->out);
    assert_non_null(p->err);
}

void program_start(struct program *p, const char *path, const char *words)
{
    program_prepare(p);
    program_launch(p, path, words);
}

void program_launch(struct program *p, const char *path, const char *words)
{
    p->pid = fork();
    assert_true(p->pid >= 0);
    if (p->pid == 0)
        become(p, path, words);
}

/* The file's position is shared with the program that writes to it: read without moving it. */
static char *contents(FILE *f)
{
    enum { MOST = 8 << 20 };
    size_t n = 0, cap = 4096;
    char *text = malloc(cap + 1);
    assert_non_null(text);
    for (;;) {
        ssize_t got = pread(fileno(f), text + n, cap - n, (off_t)n);
        assert_true(got >= 0);
        if (got == 0)
            break;
        n += (size_t)got;
        if (n == cap) {
            cap *= 2;
            assert_true(cap <= MOST);
            text = realloc(text, cap + 1);
            assert_non_null(text);
        }
    }
    text[n] = '\0';
    return text;
}

struct outcome program_end(struct program *p, unsigned seconds)
{
    struct outcome o = {.exit_code = -1};
    int status;
    pid_t gone = 0;
    for (unsigned i = 0; i < seconds * 200 && gone == 0; i++) {
        gone = waitpid(p->pid, &status, WNOHANG);
        if (gone == 0)
            pause_ms(5);
    }
    if (gone == p->pid) {
        o.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
    } else {
        kill(p->pid, SIGKILL);
        waitpid(p->pid, &status, 0);
    }
    o.out = contents(p->out);
    o.err = contents(p->err);
    fclose(p->out);
    fclose(p->err);
    return o;
}

struct outcome program_run(const char *path, const char *words)
{
    struct program p;
    program_start(&p, path, words);
    return program_end(&p, 120);
}

void outcome_free(struct outcome *o)
{
    free(o->out);
    free(o->err);
}

static char *await(FILE *from, const char *text)
{
    for (int i = 0; i < 1000; i++) {
        char *all = contents(from), *at = strstr(all, text);
        if (at && strchr(at, '\n')) {
            char *line = strndup(at, strcspn(at, "\n"));
            free(all);
            assert_non_null(line);
            return line;
        }
        free(all);
        pause_ms(20);
    }
    fail_msg("the program never said \"%s\"", text);
    return NULL;
}

char *program_await(struct program *p, const char *text)
{
    return await(p->out, text);
}

char *program_await_log(struct program *p, const char *text)
{
    return await(p->err, text);
}

const char *program_path(const char *name)
{
    const char *path = getenv(name);
    if (!path) {
        print_message("SKIPPED: %s is not set (ctest sets it)\n", name);
        skip();
    }
    return path;
}

json_t *program_last_line(const char *out)
{
    size_t n = strlen(out), at = n - (n > 0);
    while (at > 0 && out[at - 1] != '\n')
        at--;
    json_t *line = json_loads(out + at, 0, NULL);
    if (!line)
        fail_msg("the last line is no JSON: %s", out + at);
    return line;
}
