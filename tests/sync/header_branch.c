/* See header_branch.h. */
#include "sync/header_branch.h"

#include "base/endian.h"
#include "crypto/x11.h"
#include "wire/headers.h"

struct devnode_chain branch_of(const struct devnode_chain *from, int32_t first, int32_t last, uint32_t nonce)
{
    static const uint64_t seed[2] = {1, 2};
    struct devnode_chain out = *from;
    size_t n = (size_t)last + 1;
    uint8_t *headers = malloc(n * HEADER_SIZE);
    out.hashes = malloc(n * sizeof(*out.hashes));
    assert_true(headers && out.hashes && from->start == 0);
    out.headers = headers;
    out.tip = last;
    for (int32_t height = 0; height <= last; height++) {
        uint8_t *h = headers + (size_t)height * HEADER_SIZE;
        bool recorded = height <= from->tip;
        memcpy(h, recorded ? devnode_chain_header(from, height) : h - HEADER_SIZE, HEADER_SIZE);
        if (height < first) {
            out.hashes[height] = *devnode_chain_hash(from, height);
            continue;
        }
        memcpy(h + 4, out.hashes[height - 1].b, 32);
        store_le32(h + 68, load_le32(h + 68) + !recorded);
        store_le32(h + 76, nonce);
        do {
            store_le32(h + 76, load_le32(h + 76) + 1);
            x11_hash(&out.hashes[height], h);
        } while (out.hashes[height].b[31] >= 0x7f);
    }
    map_init(&out.heights, seed);
    for (int32_t height = 0; height <= last; height++)
        assert_int_equal(map_put(&out.heights, out.hashes[height].b, (uint32_t)height), 0);
    return out;
}

struct devnode_chain branch(int32_t first, int32_t last, uint32_t nonce)
{
    return branch_of(fixture_chain("churn"), first, last, nonce);
}

void branch_free(struct devnode_chain *c)
{
    free((void *)(uintptr_t)c->headers);
    free(c->hashes);
    map_free(&c->heights);
}

int branch_drop(void **state)
{
    branch_free(*state);
    return 0;
}
