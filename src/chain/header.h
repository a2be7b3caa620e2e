/* A block header as 80 bytes and as fields (protocol.md 2.3). */
#ifndef CHAIN_HEADER_H
#define CHAIN_HEADER_H

#include "base/endian.h"
#include "base/hash.h"

struct header {
    int32_t version;
    block_hash prev;
    hash256 merkle_root;
    uint32_t time; /* unix seconds */
    uint32_t bits;
    uint32_t nonce;
};

static inline int32_t header_version(const uint8_t raw[80])
{
    return (int32_t)load_le32(raw);
}

static inline block_hash header_prev(const uint8_t raw[80])
{
    return block_hash_from(raw + 4);
}

static inline uint32_t header_time(const uint8_t raw[80])
{
    return load_le32(raw + 68);
}

static inline uint32_t header_bits(const uint8_t raw[80])
{
    return load_le32(raw + 72);
}

static inline struct header header_parse(const uint8_t raw[80])
{
    return (struct header){header_version(raw), header_prev(raw), hash256_from(raw + 36),
                           header_time(raw), header_bits(raw), load_le32(raw + 76)};
}

static inline void header_write(const struct header *h, uint8_t raw[80])
{
    store_le32(raw, (uint32_t)h->version);
    memcpy(raw + 4, h->prev.b, 32);
    memcpy(raw + 36, h->merkle_root.b, 32);
    store_le32(raw + 68, h->time);
    store_le32(raw + 72, h->bits);
    store_le32(raw + 76, h->nonce);
}

#endif
