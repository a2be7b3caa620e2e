/* Short internal names of the public hash types, with the operations every kind has. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <string.h>

#include "dashspv/types.h"

typedef dspv_block_hash block_hash;
typedef dspv_protx_hash protx_hash;
typedef dspv_quorum_hash quorum_hash;
typedef dspv_tx_hash tx_hash;
typedef dspv_hash hash256;

/* name_eq, name_cmp (memcmp order of the wire bytes: the order of every sorted structure in the protocol), name_is_zero,
 * name_from (copy 32 bytes). */
#define DEFINE_HASH_OPERATIONS(name)                                                                                             \
    static inline bool name##_eq(const name *a, const name *b) { return memcmp(a->b, b->b, 32) == 0; }                           \
    static inline int name##_cmp(const name *a, const name *b) { return memcmp(a->b, b->b, 32); }                                \
    static inline name name##_from(const void *bytes32)                                                                          \
    {                                                                                                                            \
        name h;                                                                                                                  \
        memcpy(h.b, bytes32, 32);                                                                                                \
        return h;                                                                                                                \
    }                                                                                                                            \
    static inline bool name##_is_zero(const name *a)                                                                             \
    {                                                                                                                            \
        static const name zero;                                                                                                  \
        return memcmp(a->b, zero.b, 32) == 0;                                                                                    \
    }

DEFINE_HASH_OPERATIONS(block_hash)
DEFINE_HASH_OPERATIONS(protx_hash)
DEFINE_HASH_OPERATIONS(quorum_hash)
DEFINE_HASH_OPERATIONS(tx_hash)
DEFINE_HASH_OPERATIONS(hash256)

/* A quorum is named by the hash of its base block: the only lawful conversions between kinds. */
static inline quorum_hash quorum_hash_of_block(const block_hash *h) { return quorum_hash_from(h->b); }
static inline block_hash block_hash_of_quorum(const quorum_hash *h) { return block_hash_from(h->b); }

/* Display form: bytes reversed, lower-case hex, 64 characters and a terminator. */
void hash_to_hex(const uint8_t hash[32], char out[65]);
/* The inverse; false unless `hex` is exactly 64 hex digits. */
bool hash_from_hex(const char *hex, uint8_t out[32]);

#endif
