/* A group of benchmarks: what a file of this folder gives to main.c, and what it is given.
 *
 * Each group runs in a process of its own, so that its peak of memory is its own, and a failure ends it alone. */
#ifndef BENCH_GROUP_H
#define BENCH_GROUP_H

#include <stddef.h>

#include "clock.h"
#include "report.h"

struct bench {
    struct report *report;
    bool quick;   /* rough figures soon */
    bool lengthy; /* also what takes minutes */
};

struct group {
    const char *name, *about;
    void (*run)(const struct bench *b);
};

/* CPU time of one call of run(argument) in us: the smallest of many short windows, as other work on the machine only ever makes a
 * window longer. `prepare` (or NULL) comes before each call and is not counted; a window is then one call. */
double bench_us(const struct bench *b, void (*prepare)(void *), void (*run)(void *), void *argument);

/* Run in a process of its own, which may report too; for what is set once in a process, or for its peak of memory. */
void bench_in_process(const struct bench *b, void (*run)(const struct bench *b, void *argument), void *argument);

/* How often the library allocated on this thread since this was called last (base/mem.h). */
size_t bench_allocations(void);

/* A result was wrong: the group ends with this sentence. */
void bench_need(bool right, const char *what);

/* A file below the data folder (DASHSPV_DATA, by default ../shared/data). False, and reported as skipped, where there is none.
 * free(*p) */
bool bench_file(const struct bench *b, const char *name, uint8_t **p, size_t *n);
/* Its path; static, until the next call. */
const char *bench_path(const char *name);

#endif
