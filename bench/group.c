/* See group.h. */
#include "group.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"

enum { WINDOW_US = 200, BUDGET_US = 250000, BUDGET_QUICK_US = 40000, FEWEST = 3 };

static double window_us(void (*prepare)(void *), void (*run)(void *), void *argument, size_t calls)
{
    if (prepare)
        prepare(argument);
    const double start = clock_cpu_us();
    for (size_t i = 0; i < calls; i++)
        run(argument);
    return clock_cpu_us() - start;
}

double bench_us(const struct bench *b, void (*prepare)(void *), void (*run)(void *), void *argument)
{
    const double begin = clock_cpu_us(), budget = b->quick ? BUDGET_QUICK_US : BUDGET_US;
    double best = INFINITY;
    size_t calls = 1;
    for (size_t i = 0; i < FEWEST || clock_cpu_us() - begin < budget; i++) {
        const double spent = window_us(prepare, run, argument, calls);
        best = fmin(best, spent / (double)calls);
        if (!prepare && spent < WINDOW_US)
            calls *= 2;
    }
    return best;
}

void bench_in_process(const struct bench *b, void (*run)(const struct bench *b, void *argument), void *argument)
{
    int status;
    const pid_t child = fork();
    bench_need(child >= 0, "no process");
    if (child == 0) {
        run(b, argument);
        _exit(0);
    }
    bench_need(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0, "a part of it failed");
}

size_t bench_allocations(void)
{
    return mem_fail_after(0);
}

void bench_need(bool right, const char *what)
{
    if (right)
        return;
    fprintf(stderr, "dashspv-bench: %s\n", what);
    _exit(1);
}

const char *bench_path(const char *name)
{
    static char path[4096];
    const char *folder = getenv("DASHSPV_DATA");
    snprintf(path, sizeof(path), "%s/%s", folder && *folder ? folder : DASHSPV_DATA_DEFAULT, name);
    return path;
}

bool bench_file(const struct bench *b, const char *name, uint8_t **p, size_t *n)
{
    FILE *f = fopen(bench_path(name), "rb");
    if (!f) {
        report_skipped(b->report, name, "there is no such file; DASHSPV_DATA names the folder");
        return false;
    }
    fseek(f, 0, SEEK_END);
    const long size = ftell(f);
    rewind(f);
    *n = size > 0 ? (size_t)size : 0;
    *p = malloc(*n + 1);
    bench_need(*p && fread(*p, 1, *n, f) == *n, "a file cannot be read");
    fclose(f);
    return true;
}
