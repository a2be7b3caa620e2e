/* Tables for people: a line of titles, lines of cells, columns as wide as their widest cell. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

struct table {
    const char *const *titles; /* one starting with '>' has its column aligned to the right */
    size_t columns;
    struct arena arena;
    char **cells; /* line by line */
    size_t n, cap;
    bool failed; /* out of memory: nothing is printed */
};

/* `titles` stay the caller's. */
void table_init(struct table *t, const char *const *titles, size_t columns);
/* The next cell. */
void table_cell(struct table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A hash in display order, as a cell. */
void table_hash(struct table *t, const unsigned char hash[32]);
/* 0 or DSPV_ENOMEM. Without lines nothing is printed. */
int table_print(const struct table *t, FILE *out);
void table_free(struct table *t);

#endif
