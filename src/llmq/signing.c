/* Which quorum signs what (quorums.md 7). Pure functions; who is allowed to sign at a height is the caller's knowledge. */
#include "llmq/signing.h"

#include <stdlib.h>

#include "base/endian.h"
#include "base/fault.h"
#include "base/mem.h"
#include "crypto/sha256.h"

hash256 llmq_sign_hash(uint8_t type, const quorum_hash *quorum, const hash256 *request_id, const uint8_t message[32])
{
    uint8_t hashed[1 + 3 * 32];
    hashed[0] = type;
    memcpy(hashed + 1, quorum->b, 32);
    memcpy(hashed + 33, request_id->b, 32);
    memcpy(hashed + 65, message, 32);
    hash256 out;
    sha256d(out.b, hashed, sizeof(hashed));
    return out;
}

static hash256 selection_hash(const struct commitment *c, const hash256 *request_id)
{
    uint8_t hashed[1 + 2 * 32];
    hashed[0] = c->type;
    memcpy(hashed + 1, c->hash.b, 32);
    memcpy(hashed + 33, request_id->b, 32);
    hash256 out;
    sha256d(out.b, hashed, sizeof(hashed));
    return out;
}

size_t llmq_select(struct quorum *const *quorums, size_t n, const hash256 *request_id)
{
    size_t best = 0;
    hash256 smallest = selection_hash(&quorums[0]->c, request_id);
    for (size_t i = 1; i < n; i++) {
        hash256 h = selection_hash(&quorums[i]->c, request_id);
        if (hash256_cmp(&h, &smallest) < 0) { /* memcmp order, not the order of scores: quorums.md 9, trap 1 */
            smallest = h;
            best = i;
        }
    }
    return best;
}

int16_t llmq_select_index(const struct llmq_params *p, const hash256 *request_id)
{
    unsigned bits = 0; /* floor(log2(active)) */
    while (p->active >> (bits + 1))
        bits++;
    uint64_t last = load_le64(request_id->b + 24);
    return (int16_t)(last >> (63 - bits) & ((UINT64_C(1) << bits) - 1)); /* the top bit is not used */
}

int quorum_decode_key(const struct commitment *quorum, bls_key *out, dspv_fault *fault)
{
    /* A quorum from before V19 keeps its legacy key bytes even when it signs in the basic scheme: quorums.md 9, trap 21. */
    if (bls_key_decode(out, quorum->public_key, commitment_is_legacy(quorum) ? BLS_LEGACY : BLS_BASIC))
        return 0;
    *fault = fault_quorum(DSPV_QUORUM_BAD_KEY, quorum->type, quorum->hash.b, -1);
    return DSPV_EFAULT;
}

static int lock_item(const struct commitment *quorum, const bls_key *key, const uint8_t signature[96], enum bls_scheme scheme,
                     const hash256 *request_id, const uint8_t message[32], struct bls_item *item, dspv_fault *fault)
{
    item->scheme = scheme;
    item->key = *key;
    if (!bls_sig_decode(&item->sig, signature, scheme)) {
        *fault = fault_of(DSPV_LOCK_BAD_SIGNATURE);
        return DSPV_EFAULT;
    }
    hash256 signed_hash = llmq_sign_hash(quorum->type, &quorum->hash, request_id, message);
    memcpy(item->msg, signed_hash.b, sizeof(item->msg));
    return 0;
}

int chainlock_item(const struct commitment *quorum, const bls_key *key, const struct clsig *lock, enum bls_scheme scheme,
                   struct bls_item *item, dspv_fault *fault)
{
    hash256 request_id = clsig_request_id(lock->height);
    return lock_item(quorum, key, lock->signature, scheme, &request_id, lock->block.b, item, fault);
}

int instantlock_item(const struct commitment *quorum, const bls_key *key, const struct isdlock *lock, enum bls_scheme scheme,
                     struct bls_item *item, dspv_fault *fault)
{
    hash256 request_id;
    if (isdlock_request_id(lock, &request_id) != 0)
        return DSPV_ENOMEM;
    return lock_item(quorum, key, lock->signature, scheme, &request_id, lock->txid.b, item, fault);
}

enum { OUTPOINT_SIZE = 36 };

static int by_outpoint(const void *a, const void *b)
{
    return memcmp(a, b, OUTPOINT_SIZE);
}

/* DSPV_EFAULT: some input occurs twice. */
static int check_distinct(const struct isdlock *lock)
{
    uint8_t *sorted = mem_alloc_array(lock->n_inputs, OUTPOINT_SIZE);
    if (!sorted)
        return DSPV_ENOMEM;
    memcpy(sorted, lock->inputs, (size_t)lock->n_inputs * OUTPOINT_SIZE);
    qsort(sorted, lock->n_inputs, OUTPOINT_SIZE, by_outpoint);
    int error = 0;
    for (size_t i = 1; i < lock->n_inputs && error == 0; i++)
        if (by_outpoint(sorted + (i - 1) * OUTPOINT_SIZE, sorted + i * OUTPOINT_SIZE) == 0)
            error = DSPV_EFAULT;
    mem_free(sorted);
    return error;
}

int instantlock_check(const struct isdlock *lock, dspv_fault *fault)
{
    int error = lock->n_inputs == 0 || tx_hash_is_zero(&lock->txid) ? DSPV_EFAULT : check_distinct(lock);
    if (error == DSPV_EFAULT)
        *fault = fault_about(DSPV_LOCK_TRIVIAL, lock->txid.b, -1);
    return error;
}
