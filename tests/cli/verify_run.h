/* Runs of `dashspv verify`, each in a process of its own, so that a crash is a failure like any other. */
#ifndef TESTS_CLI_VERIFY_RUN_H
#define TESTS_CLI_VERIFY_RUN_H

#include "support/data.h"

enum { MOST_ARGUMENTS = 24 };

struct run {
    int code;
    json_t *json; /* standard output, NULL when it is no JSON */
    char complaint[600];
};

/* Arguments of one run; those that begin with @ are files of the data folder. */
struct arguments {
    char *v[MOST_ARGUMENTS + 2];
    int n;
};

void arguments_add(struct arguments *a, const char *word);
/* `words` are separated by single blanks. */
void arguments_split(struct arguments *a, const char *words);
void arguments_free(struct arguments *a);

/* Frees the arguments. */
struct run run_arguments(struct arguments *a);
struct run run_words(const char *words);
void run_free(struct run *r);
int64_t summary(const struct run *r, const char *key);

/* A file in a folder of its own for every run of the tests; static buffer. */
const char *scratch_path(const char *name);
void write_scratch(const char *name, const uint8_t *p, size_t n);
/* Run over one file in the scratch folder. */
struct run run_scratch(const char *words, const char *name, const char *suffix);
int open_scratch(void **state);
int close_scratch(void **state);

#define CHURN "--network regtest --dip3params=2:2 --testactivationheight=v20@100 --testactivationheight mn_rr@100 "
#define ERAS                                                                                                                     \
    "--network regtest --dip3params=2:2 --testactivationheight=v19@260 --testactivationheight=v20@400 "                          \
    "--testactivationheight=mn_rr@400 "

#endif
