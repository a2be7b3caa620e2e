/* Which levels of lanes.h a CPU can run. */
#include "crypto/bls/lanes.h"

#include <stdatomic.h>

size_t bls_lanes_levels(const struct bls_lanes *out[BLS_MOST_LEVELS])
{
    size_t n = 0;
    out[n++] = &bls_lanes_portable;
#ifdef BLS_IFMA
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma"))
        out[n++] = &bls_lanes_ifma;
#endif
    return n;
}

const struct bls_lanes *bls_lanes_best(void)
{
    static _Atomic(const struct bls_lanes *) chosen; /* every thread would choose the same */
    const struct bls_lanes *level = atomic_load_explicit(&chosen, memory_order_relaxed), *levels[BLS_MOST_LEVELS];
    if (!level) {
        level = levels[bls_lanes_levels(levels) - 1];
        atomic_store_explicit(&chosen, level, memory_order_relaxed);
    }
    return level;
}
