/* The levels (level.h), and what tells whether a CPU can run them. Their kernels are compiled from lanes/ and single/, once for
 * each level, with its flags (sources.cmake). */
#include "crypto/x11/level.h"

#include "crypto/x11/kernels.h"

/* The stages after BLAKE, in order. */
#define LANES(level)                                                                                                             \
    .blake = x11_blake_##level,                                                                                                  \
    .rest = {                                                                                                                    \
        {x11_bmw_##level, X11_WORDS64, X11_WORDS64},      {x11_groestl_##level, X11_WORDS64, X11_WORDS64},                       \
        {x11_skein_##level, X11_WORDS64, X11_WORDS64},    {x11_jh_##level, X11_WORDS64, X11_WORDS64},                            \
        {x11_keccak_##level, X11_WORDS64, X11_WORDS64},   {x11_luffa_##level, X11_WORDS64, X11_WORDS32},                         \
        {x11_cubehash_##level, X11_WORDS32, X11_WORDS32}, {x11_shavite_##level, X11_WORDS32, X11_WORDS32},                       \
        {x11_simd_##level, X11_WORDS32, X11_WORDS32},     {x11_echo_##level, X11_WORDS32, X11_ROWS},                             \
    }

#define SINGLE(level)                                                                                                            \
    .rest = {                                                                                                                    \
        {0},                                                                                                                     \
        {x11_groestl_##level, X11_ROWS, X11_ROWS},                                                                               \
        {0},                                                                                                                     \
        {x11_jh_##level, X11_ROWS, X11_ROWS},                                                                                    \
        {0},                                                                                                                     \
        {x11_luffa_##level, X11_ROWS, X11_ROWS},                                                                                 \
        {x11_cubehash_##level, X11_ROWS, X11_ROWS},                                                                              \
        {x11_shavite_##level, X11_ROWS, X11_ROWS},                                                                               \
        {x11_simd_##level, X11_ROWS, X11_ROWS},                                                                                  \
        {x11_echo_##level, X11_ROWS, X11_ROWS},                                                                                  \
    }

static bool always(void)
{
    return true;
}
static const struct x11_level portable = {.name = "portable", .group = 1, .worth = 1, .usable = always};

/* ---- x86-64. The compiler's builtins ask the operating system as well, whether it keeps the registers. */

#ifdef X11_X86
#include <cpuid.h>

X11_DECLARE(sse)
X11_DECLARE(avx512vl)
X11_DECLARE(avx2)
X11_DECLARE(vaes256)
X11_DECLARE(avx512)

static bool has_sse(void)
{
    return __builtin_cpu_supports("sse4.1") && __builtin_cpu_supports("aes");
}
static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("aes");
}
static bool has_vaes256(void)
{
    unsigned a, b, c, d; /* not every compiler knows "vaes" and "gfni"; who keeps the registers for AVX2, keeps them for both */
    return has_avx2() && __get_cpuid_count(7, 0, &a, &b, &c, &d) && (c & bit_VAES) && (c & bit_GFNI);
}
static bool has_avx512(void)
{
    return has_vaes256() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vbmi");
}

static const struct x11_level sse = {.name = "sse", .group = 1, .worth = 1, .usable = has_sse, SINGLE(sse)};
static const struct x11_level avx512vl = {.name = "avx512vl", .group = 1, .worth = 1, .usable = has_avx512, SINGLE(avx512vl)};
static const struct x11_level avx2 = {.name = "avx2", .group = 8, .worth = 4, .usable = has_avx2, LANES(avx2)};
static const struct x11_level vaes256 = {.name = "vaes256", .group = 8, .worth = 4, .usable = has_vaes256, LANES(vaes256)};
static const struct x11_level avx512 = {.name = "avx512", .group = 16, .worth = 4, .usable = has_avx512, LANES(avx512)};
#endif

/* ---- AArch64 with the AES instructions */

#ifdef X11_NEON
#include <sys/auxv.h>

X11_DECLARE(neon)
static bool has_aes(void)
{
    enum { AES = 1 << 3 }; /* HWCAP_AES */
    return getauxval(AT_HWCAP) & AES;
}
static const struct x11_level neon = {.name = "neon", .group = 4, .worth = 3, .usable = has_aes, LANES(neon)};
#endif

const struct x11_level *const *x11_levels(size_t *n)
{
    static const struct x11_level *const levels[] = {
        &portable,
#ifdef X11_X86
        &sse,      &avx512vl, &avx2, &vaes256, &avx512,
#endif
#ifdef X11_NEON
        &neon,
#endif
    };
    *n = sizeof(levels) / sizeof(levels[0]);
    return levels;
}
