/* See clock.h. */
#include "clock.h"

#include <inttypes.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdio.h>
#include <string.h>
#include <time.h>

static double now_us(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

double clock_cpu_us(void)
{
    return now_us(CLOCK_PROCESS_CPUTIME_ID);
}

double clock_wall_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

/* The number behind "NAME:" in a file of /proc/self. */
static uint64_t number_in(const char *file, const char *name)
{
    char line[256];
    uint64_t number = 0;
    const size_t n = strlen(name);
    FILE *f = fopen(file, "r");
    while (f && fgets(line, sizeof(line), f))
        if (strncmp(line, name, n) == 0 && sscanf(line + n, ": %" SCNu64, &number) == 1)
            break;
    if (f)
        fclose(f);
    return number;
}

uint64_t clock_memory(void)
{
    return number_in("/proc/self/status", "VmRSS") * 1024;
}

uint64_t clock_memory_peak(void)
{
    return number_in("/proc/self/status", "VmHWM") * 1024;
}

uint64_t clock_memory_files(void)
{
    return number_in("/proc/self/status", "RssFile") * 1024;
}

void clock_memory_peak_reset(void)
{
    FILE *f = fopen("/proc/self/clear_refs", "w");
    if (!f)
        return;
    fputs("5", f);
    fclose(f);
}

uint64_t clock_heap(void)
{
#if defined(__GLIBC__) && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    const struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
#else
    return 0;
#endif
}

uint64_t clock_bytes_written(void)
{
    return number_in("/proc/self/io", "wchar");
}

uint64_t clock_bytes_to_disk(void)
{
    return number_in("/proc/self/io", "write_bytes");
}
