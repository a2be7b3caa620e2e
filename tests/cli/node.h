/* The command and the development peer as programs, for tests. */
#ifndef TESTS_CLI_NODE_H
#define TESTS_CLI_NODE_H

#include "cli/program.h"

/* Of the chain tests/fixtures/churn. */
#define CHURN_OPTIONS "--dip3params=2:2 --testactivationheight=v20@100 --testactivationheight=mn_rr@100"

/* The program; skips the test when there is none. */
const char *dashspv(void);
/* Run it to its end. */
struct outcome run(const char *words);
void expect_exit(const struct outcome *o, int code);

/* Start the development peer with a chain of tests/fixtures; its address in `at`. */
void serve(struct program *p, const char *chain, const char *more, char at[64]);
void stop_serving(struct program *p);

/* A folder of its own under /tmp. */
void scratch_make(char folder[64]);
void scratch_remove(const char *folder);
/* Options that name the data directory `folder` and the rules of the chain churn. */
const char *churn_store(const char *folder);
/* Fill that data directory: a sync of the whole chain. */
void fill_store(const char *folder);
/* Run a command, with more words, on such a data directory; `code` is what it must end with. */
struct outcome ask(const char *folder, const char *words, int code);
/* The same with --json; the object it prints. */
json_t *ask_json(const char *folder, const char *words, int code);

#endif
