/* A merkle root by levels, the last of an odd one doubled: an oracle, written apart from src/crypto/merkle.c. */
#ifndef SUPPORT_NAIVE_MERKLE_H
#define SUPPORT_NAIVE_MERKLE_H

#include "crypto/sha256.h"

/* `level`: n leaves and room for one more; it is written over. No leaves: the first is taken. */
static inline hash256 naive_merkle_root(hash256 *level, size_t n)
{
    for (; n > 1; n = (n + 1) / 2) {
        if (n % 2)
            level[n] = level[n - 1];
        for (size_t i = 0; i < (n + 1) / 2; i++) {
            uint8_t both[64];
            memcpy(both, level[2 * i].b, 32);
            memcpy(both + 32, level[2 * i + 1].b, 32);
            sha256d(level[i].b, both, 64);
        }
    }
    return level[0];
}

#endif
