/* The walk is the recursion of Bitcoin's CPartialMerkleTree; its depth is bounded by the transaction limit (2^16). */
#include "crypto/merkle.h"

#include "crypto/sha256.h"

hash256 merkle_root(hash256 *leaves, size_t n, bool *mutated)
{
    if (mutated)
        *mutated = false;
    if (n == 0)
        return (hash256){{0}};
    while (n > 1) {
        const size_t pairs = n / 2;
        for (size_t i = 0; mutated && i < pairs; i++)
            *mutated |= hash256_eq(&leaves[2 * i], &leaves[2 * i + 1]);
        const hash256 odd = leaves[n - 1];
        sha256d_pairs(leaves, leaves, pairs);
        if (n % 2 != 0)
            sha256d_pair(leaves[pairs].b, odd.b, odd.b);
        n = (n + 1) / 2;
    }
    return leaves[0];
}

enum { MAX_TRANSACTIONS = 2000000 / 60 };

struct walk {
    const struct merkle_proof *proof;
    uint32_t bits_used, hashes_used, matches;
    tx_hash leaf;
    bool failed;
};

static uint32_t width(const struct merkle_proof *p, unsigned height)
{
    return (p->n_transactions + (1u << height) - 1) >> height;
}

static hash256 walk_node(struct walk *w, unsigned height, uint32_t position)
{
    const struct merkle_proof *p = w->proof;
    if (w->failed || w->bits_used >= p->n_flag_bytes * 8) {
        w->failed = true;
        return (hash256){{0}};
    }
    bool flag = p->flags[w->bits_used / 8] >> (w->bits_used % 8) & 1;
    w->bits_used++;
    if (height == 0 || !flag) {
        if (w->hashes_used >= p->n_hashes) {
            w->failed = true;
            return (hash256){{0}};
        }
        hash256 h = p->hashes[w->hashes_used++];
        if (height == 0 && flag) {
            w->matches++;
            w->leaf = tx_hash_from(h.b);
            if (position != 0)
                w->failed = true;
        }
        return h;
    }
    hash256 left = walk_node(w, height - 1, position * 2), right = left;
    if (position * 2 + 1 < width(p, height - 1)) {
        right = walk_node(w, height - 1, position * 2 + 1);
        if (hash256_eq(&left, &right))
            w->failed = true;
    }
    hash256 parent;
    sha256d_pair(parent.b, left.b, right.b);
    return parent;
}

bool merkle_proof_check(const struct merkle_proof *p, hash256 *root, tx_hash *leaf)
{
    if (p->n_transactions == 0 || p->n_transactions > MAX_TRANSACTIONS || p->n_hashes > p->n_transactions ||
        p->n_flag_bytes > MAX_TRANSACTIONS || p->n_flag_bytes * 8 < p->n_hashes)
        return false;
    unsigned height = 0;
    while (width(p, height) > 1)
        height++;
    struct walk w = {.proof = p};
    *root = walk_node(&w, height, 0);
    *leaf = w.leaf;
    return !w.failed && w.matches == 1 && w.hashes_used == p->n_hashes && (w.bits_used + 7) / 8 == p->n_flag_bytes;
}
