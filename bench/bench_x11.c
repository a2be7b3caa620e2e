/* Time of each X11 function and of whole hashes, in microseconds of CPU time.
 *
 * Other work on the machine only ever makes a window slower, so the minimum of many short windows is shown.
 * The CPU clock, not rusage: that one counts in ticks (x11.md 3). */
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "crypto/x11.h"
#include "crypto/x11/x11_stages.h"

enum { WINDOWS = 200, WINDOW_CALLS = 100, HEADERS = 64 };

static const struct {
    const char *name;
    void (*run)(uint8_t out[64], const uint8_t *in);
} stages[] = {
    {"blake", x11_blake512},     {"bmw", x11_bmw512},       {"groestl", x11_groestl512}, {"skein", x11_skein512},
    {"jh", x11_jh512},           {"keccak", x11_keccak512}, {"luffa", x11_luffa512},     {"cubehash", x11_cubehash512},
    {"shavite", x11_shavite512}, {"simd", x11_simd512},     {"echo", x11_echo512},
};

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Each call hashes the last result, so that calls depend on each other as they do inside X11. */
static double time_stage(void (*run)(uint8_t out[64], const uint8_t *in))
{
    double best = 1e9;
    uint8_t s[80] = {0};
    for (int w = 0; w < WINDOWS; w++) {
        const double start = now_us();
        for (int i = 0; i < WINDOW_CALLS; i++)
            run(s, s);
        const double spent = (now_us() - start) / WINDOW_CALLS;
        if (spent < best)
            best = spent;
    }
    return best;
}

static double time_many(void)
{
    static uint8_t headers[HEADERS * 80];
    static block_hash hashes[HEADERS];
    double best = 1e9;
    for (int w = 0; w < WINDOWS; w++) {
        for (size_t i = 0; i < HEADERS; i++)
            memcpy(headers + 80 * i + 4, hashes[i].b, 32);
        const double start = now_us();
        x11_many(hashes, headers, HEADERS);
        const double spent = (now_us() - start) / HEADERS;
        if (spent < best)
            best = spent;
    }
    return best;
}

int main(void)
{
    double sum = 0;
    for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
        const double spent = time_stage(stages[i].run);
        printf("%-10s %7.3f us\n", stages[i].name, spent);
        sum += spent;
    }
    printf("%-10s %7.3f us\n", "sum", sum);
    const double spent = time_many();
    printf("%-10s %7.3f us  %.0f hashes/s\n", "x11_many", spent, 1e6 / spent);
    return 0;
}
