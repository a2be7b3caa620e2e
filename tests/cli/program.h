/* Programs as a person runs them, for tests. */
#ifndef TESTS_CLI_PROGRAM_H
#define TESTS_CLI_PROGRAM_H

#include <sys/types.h>

#include "support/data.h"

struct outcome {
    int exit_code;   /* 256 + signal when it was killed, -1 when it was still running after the time allowed */
    char *out, *err; /* all of stdout and stderr */
};

/* A program that runs in the background. */
struct program {
    pid_t pid;
    FILE *out, *err; /* files that collect what it says */
};

/* `words` are its arguments, without its name, separated by blanks. */
void program_start(struct program *p, const char *path, const char *words);
/* The same in two steps: make the files that collect what it says, then start it. */
void program_prepare(struct program *p);
void program_launch(struct program *p, const char *path, const char *words);
/* Wait for its end, at most `seconds`. outcome_free() the result. */
struct outcome program_end(struct program *p, unsigned seconds);
struct outcome program_run(const char *path, const char *words);
void outcome_free(struct outcome *o);
void pause_ms(long ms);

/* Where the environment says a program is; the test is skipped where it does not. */
const char *program_path(const char *name);
/* The last line of what it said, which must be JSON. json_decref() */
json_t *program_last_line(const char *out);

/* Wait until its stdout holds `text`; fails the test after 20 s. The line that starts there; free() it. */
char *program_await(struct program *p, const char *text);
/* The same of its stderr. */
char *program_await_log(struct program *p, const char *text);

#endif
