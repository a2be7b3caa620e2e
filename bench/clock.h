/* Time and memory of this process. */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

#include <stdint.h>

/* CPU time of all threads: other work on the machine is not in it. */
double clock_cpu_us(void);
double clock_wall_us(void);

static inline double clock_cpu_s(void)
{
    return clock_cpu_us() / 1e6;
}

/* Resident bytes now and at most so far (VmRSS, VmHWM); 0 where the system does not tell. */
uint64_t clock_memory(void);
uint64_t clock_memory_peak(void);
/* That part of it which is the program, libraries and other mapped files (RssFile). */
uint64_t clock_memory_files(void);
/* The peak counts from now on. */
void clock_memory_peak_reset(void);

/* Bytes allocated and not freed; 0 where the C library does not tell. */
uint64_t clock_heap(void);

/* Bytes handed to write(), and bytes that were written to a disk because of this process; 0 where the system does not tell. */
uint64_t clock_bytes_written(void);
uint64_t clock_bytes_to_disk(void);

#endif
