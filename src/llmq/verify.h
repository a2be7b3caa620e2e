/* Verification of a final commitment (quorums.md 5): structure, then the two signatures as batch items. */
#ifndef LLMQ_VERIFY_H
#define LLMQ_VERIFY_H

#include "crypto/bls.h"
#include "llmq/members.h"

/* What can be checked without members: type known and enabled, version, base height and index, bitset sizes and counts, vvec
 * hash (quorums.md 5.2, 1 to 6). 0 or DSPV_EFAULT and *fault. `base_height` is the height of the quorum's base block. */
int quorum_check(const struct network *net, const struct commitment *c, int32_t base_height, dspv_fault *fault);

/* Cache of decoded operator keys by (bytes, encoding), so that a key is decoded and tested once. Not thread-safe. */
struct key_cache;
int key_cache_new(struct key_cache **out, const uint64_t seed[2]);
void key_cache_free(struct key_cache *c);
/* The decoded key, or NULL when the bytes are no valid point (*oom tells the difference). Valid until the cache is freed. */
const bls_key *key_cache_get(struct key_cache *c, const uint8_t key[48], enum bls_scheme encoding, bool *oom);
/* Many of them; out[i] is NULL for what is no point. Those that neither cache holds are decoded together into `fresh`; `known` (or
 * NULL) stays as it is, so that several threads may share it. `rng` as for bls_keys_decode(). 0 or DSPV_ENOMEM. */
int key_cache_get_many(const struct key_cache *known, struct key_cache *fresh, const struct bls_encoded_key *in, size_t n,
                       struct rng *rng, const bls_key **out);
/* Take in all that another cache holds. 0 or DSPV_ENOMEM: some of it is missing. */
int key_cache_absorb(struct key_cache *c, const struct key_cache *other);
size_t key_cache_count(const struct key_cache *c);
size_t key_cache_memory(const struct key_cache *c);

/* The items whose validity makes a quorum verified: items[0] = quorumSig under the quorum key, items[1] = membersSig under the
 * weighted aggregate of the signers' operator keys (plain key for a quorum of size 1). Checks bits beyond the members. */
struct quorum_subject {
    const struct commitment *c;
    const struct llmq_params *p;
    const struct members *members;
    struct bls_item *items; /* [2] */
    dspv_fault fault; /* result: DSPV_OK, or QUORUM_EXTRA_BITS, QUORUM_BAD_KEY, QUORUM_BAD_SIGNATURE, QUORUM_BAD_OPERATOR_KEY */
};
/* The items of many quorums; what their keys share is done once. Key caches and `rng` as for key_cache_get_many(). 0 or
 * DSPV_ENOMEM. */
int quorums_items(struct quorum_subject *subjects, size_t n, const struct key_cache *known, struct key_cache *fresh,
                  struct rng *rng);
/* The same for one. 0; DSPV_ENOMEM; DSPV_EFAULT and *fault. */
int quorum_items(const struct commitment *c, const struct llmq_params *p, const struct members *members, struct key_cache *keys,
                 struct bls_item items[2], dspv_fault *fault);
/* Only items[0]: for a quorum whose members cannot be computed. */
int quorum_sig_item(const struct commitment *c, struct bls_item *item, dspv_fault *fault);

#endif
