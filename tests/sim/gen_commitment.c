/* One final commitment, signed: we own the quorum's secret and every member's (quorums.md 5). The signature of the quorum is made
 * with the secret that a real DKG would only have shared out; the bytes are the same. */
#include "sim/gen_internal.h"

/* Which members signed, as bytes of a bitset, and how many. */
struct choice {
    uint8_t bits[COMMITMENT_MAX_BITS / 8];
    uint32_t n;
};

/* Among the members of `from` (NULL = all `n`), leave out each with the given chance while more than `least` remain. */
static void choose(struct rng *r, const struct choice *from, uint32_t n, uint32_t least, uint32_t leave_rate, struct choice *out)
{
    *out = (struct choice){.n = from ? from->n : n};
    for (uint32_t i = 0; i < n; i++) {
        if (from && !(from->bits[i / 8] >> i % 8 & 1))
            continue;
        if (gen_chance(r, leave_rate) && out->n > least)
            out->n--;
        else
            out->bits[i / 8] |= (uint8_t)(1 << i % 8);
    }
}

/* The signers' secrets as one. `forged`: an outsider takes the first one's place. */
static bool join_signers(struct gen *g, const struct members *members, const struct choice *signers, enum bls_scheme scheme,
                         bool forged, struct bls_secret *out)
{
    const bls_key **keys = mem_alloc_array(signers->n, sizeof(*keys));
    const struct bls_secret **secrets = mem_alloc_array(signers->n, sizeof(*secrets));
    struct bls_secret outsider;
    bool good = keys && secrets;
    size_t n = 0;
    for (uint32_t i = 0; good && i < members->n; i++) {
        if (!(signers->bits[i / 8] >> i % 8 & 1))
            continue;
        const struct gen_key *key = gen_key_of(g, members->mn[i]->entry.operator_key);
        good = key || gen_refuse(g, "a member has nobody's key", -1);
        if (!good)
            break;
        if (forged && n == 0)
            gen_secret(&g->dkgs, &outsider);
        secrets[n] = forged && n == 0 ? &outsider : &key->secret;
        keys[n++] = &key->key;
    }
    if (good && n == 1)
        *out = *secrets[0]; /* quorums.md 5.3 */
    else if (good)
        good = bls_secret_aggregate_weighted(out, keys, secrets, n, scheme) == 0;
    mem_free(keys);
    mem_free(secrets);
    return good;
}

/* Both signatures are over the same message. */
static bool sign(struct gen *g, const struct members *members, const struct choice *signers, const struct commitment *c,
                 const struct gen_signer *signer, uint8_t quorum_sig[96], uint8_t members_sig[96])
{
    enum bls_scheme scheme = commitment_is_legacy(c) ? BLS_LEGACY : BLS_BASIC;
    hash256 message = commitment_message(c);
    struct bls_secret joined;
    blst_p2_affine hash;
    bls_sig sig;
    if (!join_signers(g, members, signers, scheme, signer->forged, &joined))
        return false;
    bls_hash_to_g2(&hash, message.b, scheme);
    bls_secret_sign_hash(&signer->secret, &hash, &sig);
    bls_sig_encode(quorum_sig, &sig, scheme);
    bls_secret_sign_hash(&joined, &hash, &sig);
    bls_sig_encode(members_sig, &sig, scheme);
    return true;
}

/* The commitment's bytes in the arena, decoded again. */
static bool keep(struct gen *g, const struct commitment *c, struct commitment *out)
{
    struct writer w;
    writer_init(&w);
    commitment_encode(&w, c);
    struct span bytes = gen_keep(g, &w);
    writer_free(&w);
    if (!bytes.p)
        return false;
    struct reader r;
    reader_init(&r, bytes.p, bytes.n);
    commitment_decode(&r, out);
    return reader_finish(&r) || gen_refuse(g, "a commitment does not decode", -1);
}

static uint16_t version_at(const struct gen *g, const struct llmq_params *p, int32_t base)
{
    return (uint16_t)((p->rotated ? 2 : 1) + (network_basic_after(&g->chain.network, base) ? 2 : 0));
}

bool gen_commitment(struct gen *g, const struct llmq_params *p, int32_t base, const struct members *members,
                    struct gen_signer *out, bool *made)
{
    *made = members->n >= p->min_size;
    if (!*made)
        return true;
    struct choice valid, signers;
    choose(&g->dkgs, NULL, members->n, p->min_size, g->config->invalid_member_rate, &valid);
    choose(&g->dkgs, &valid, members->n, p->min_size, g->config->silent_member_rate, &signers);
    gen_secret(&g->dkgs, &out->secret);
    out->forged = gen_chance(&g->dkgs, g->config->forgery_rate);
    uint8_t key[48], vvec[32], quorum_sig[96], members_sig[96];
    rng_bytes(&g->dkgs, vvec, sizeof(vvec));

    struct commitment c = {
        .version = version_at(g, p, base),
        .type = p->type,
        .hash = quorum_hash_of_block(&g->hashes[base]),
        .index = (int16_t)(base % p->interval),
        .signers = {.bytes = signers.bits, .bits = p->size},
        .valid_members = {.bytes = valid.bits, .bits = p->size},
        .public_key = key,
        .vvec_hash = vvec,
        .quorum_sig = quorum_sig,
        .members_sig = members_sig,
    };
    enum bls_scheme scheme = commitment_is_legacy(&c) ? BLS_LEGACY : BLS_BASIC;
    bls_key public_key;
    bls_secret_key(&out->secret, &public_key);
    bls_key_encode(key, &public_key, scheme);
    return sign(g, members, &signers, &c, out, quorum_sig, members_sig) && keep(g, &c, &out->commitment);
}
