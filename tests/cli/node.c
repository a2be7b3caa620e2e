/* See node.h. */
#include "cli/node.h"

#include <signal.h>
#include <unistd.h>

static const char *program_of(const char *variable)
{
    const char *path = getenv(variable);
    if (!path)
        skip();
    return path;
}

const char *dashspv(void)
{
    return program_of("DASHSPV_PROGRAM");
}

struct outcome run(const char *words)
{
    return program_run(dashspv(), words);
}

void expect_exit(const struct outcome *o, int code)
{
    if (o->exit_code != code)
        fail_msg("exit code %d, not %d\nstdout: %s\nstderr: %s", o->exit_code, code, o->out, o->err);
}

void serve(struct program *p, const char *chain, const char *more, char at[64])
{
    char words[1024];
    snprintf(words, sizeof(words), "--quiet --listen 127.0.0.1:0 --chain %s %s", fixture_path(chain), more);
    program_start(p, program_of("DEVNODE_PROGRAM"), words);
    char *line = program_await(p, "listening ");
    snprintf(at, 64, "%s", line + strlen("listening "));
    free(line);
}

void stop_serving(struct program *p)
{
    kill(p->pid, SIGTERM);
    struct outcome o = program_end(p, 20);
    expect_exit(&o, 0);
    outcome_free(&o);
}

/* ---- data directories */

void scratch_make(char folder[64])
{
    strcpy(folder, "/tmp/dashspv-data-XXXXXX");
    assert_non_null(mkdtemp(folder));
}

void scratch_remove(const char *folder)
{
    char command[96];
    if (strncmp(folder, "/tmp/dashspv-data-", 18) != 0)
        return;
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

const char *churn_store(const char *folder)
{
    static char text[256];
    snprintf(text, sizeof(text), "--network=regtest --data-dir=%s " CHURN_OPTIONS, folder);
    return text;
}

void fill_store(const char *folder)
{
    struct program node;
    char at[64], words[512];
    serve(&node, "churn", "", at);
    snprintf(words, sizeof(words), "sync --connect=%s --exit-when-synced --timeout=60 %s", at, churn_store(folder));
    struct outcome o = run(words);
    expect_exit(&o, 0);
    outcome_free(&o);
    stop_serving(&node);
}

struct outcome ask(const char *folder, const char *words, int code)
{
    char all[8192];
    snprintf(all, sizeof(all), "%.7000s %s", words, churn_store(folder));
    struct outcome o = run(all);
    expect_exit(&o, code);
    return o;
}

json_t *ask_json(const char *folder, const char *words, int code)
{
    char all[8192];
    json_error_t error;
    snprintf(all, sizeof(all), "%s --json", words);
    struct outcome o = ask(folder, all, code);
    json_t *answer = json_loads(o.out, 0, &error);
    if (!answer)
        fail_msg("%s: %s in: %s", words, error.text, o.out);
    outcome_free(&o);
    return answer;
}
