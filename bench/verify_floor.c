/* See verify_floor.h. Each operation is measured as blst does it, without what surrounds it in our code: reading, looking up,
 * copying, allocating. Methods are the best we know (docs/verification.md); a faster field than blst's can go below this floor. */
#include "verify_floor.h"

#include <stdlib.h>
#include <string.h>

#include "crypto/bls/sign.h"
#include "crypto/sha256.h"

/* ---- counting */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(*(const uint8_t *const *)a, *(const uint8_t *const *)b, 48);
}

static size_t distinct(const uint8_t **keys, size_t n)
{
    size_t count = 0;
    qsort(keys, n, sizeof(*keys), by_bytes);
    for (size_t i = 0; i < n; i++)
        count += i == 0 || memcmp(keys[i], keys[i - 1], 48) != 0;
    return count;
}

static void count_quorums(const struct engine *e, struct floor_counts *c)
{
    enum { MOST = 400 };
    const size_t n = engine_quorum_count(e);
    const uint8_t **keys = malloc((n * MOST + 1) * sizeof(*keys));
    bench_need(keys != NULL, "no memory");
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        if (v.status != QUORUM_VERIFIED)
            continue;
        c->quorums++;
        c->legacy += commitment_is_legacy(&v.quorum->c);
        for (uint32_t m = 0; m < v.members->n && m < MOST; m++)
            if (bitspan_get(&v.quorum->c.signers, m))
                keys[c->terms++] = v.members->mn[m]->entry.operator_key;
        const struct llmq_params *p = network_llmq(engine_network(e), v.quorum->c.type);
        if (!p->rotated)
            c->scores += mnlist_count(engine_list_below(e, v.base_height)->list);
    }
    c->keys = distinct(keys, c->terms);
    free(keys);
}

static void count_lists(const struct engine *e, struct floor_counts *c)
{
    const struct mnlist *last = NULL;
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnlist *list = engine_list_at(e, i)->list;
        struct mnlist_iterator it;
        struct masternode *m;
        for (mnlist_begin(list, &it); (m = mnlist_next(&it));)
            c->leaves += !last || mnlist_find(last, &m->entry.protx) != m;
        c->nodes += mnlist_count(list);
        c->scores += mnlist_count(list); /* the rotation ranks each list once */
        last = list;
    }
}

struct floor_counts floor_count(const struct engine *e)
{
    struct floor_counts c = {0};
    count_quorums(e, &c);
    count_lists(e, &c);
    return c;
}

/* ---- prices */

enum { POINTS = 1024, PAIRS = 64 };

static struct {
    uint8_t key[48], sig[96], msg[32];
    blst_p1_affine g1[POINTS];
    blst_p2_affine g2[PAIRS];
    blst_fp12 f;
    enum bls_scheme scheme;
} lot;

static void fill(void)
{
    blst_p1 p = *blst_p1_generator();
    blst_p2 q = *blst_p2_generator();
    for (size_t i = 0; i < POINTS; i++) {
        blst_p1_to_affine(&lot.g1[i], &p);
        blst_p1_add_or_double(&p, &p, blst_p1_generator());
    }
    for (size_t i = 0; i < PAIRS; i++) {
        blst_p2_to_affine(&lot.g2[i], &q);
        blst_p2_add_or_double(&q, &q, blst_p2_generator());
    }
    blst_p1_affine_compress(lot.key, &lot.g1[5]);
    blst_p2_affine_compress(lot.sig, &lot.g2[5]);
}

static void uncompress_key(void *unused)
{
    blst_p1_affine point;
    (void)unused;
    bench_need(blst_p1_uncompress(&point, lot.key) == BLST_SUCCESS, "a key is none");
}
static void decode_sig(void *unused)
{
    blst_p2_affine point;
    (void)unused;
    bench_need(blst_p2_uncompress(&point, lot.sig) == BLST_SUCCESS && blst_p2_affine_in_g2(&point), "a signature is none");
}
static void hash(void *scheme)
{
    blst_p2_affine point;
    bls_hash_to_g2(&point, lot.msg, *(enum bls_scheme *)scheme);
}
static void loop(size_t n)
{
    const blst_p2_affine *const g2[2] = {lot.g2, NULL};
    const blst_p1_affine *const g1[2] = {lot.g1, NULL};
    blst_miller_loop_n(&lot.f, g2, g1, n);
}
static void two_loops(void *unused)
{
    (void)unused;
    loop(2);
}
static void many_loops(void *unused)
{
    (void)unused;
    loop(PAIRS);
}
static void final(void *unused)
{
    blst_fp12 out;
    (void)unused;
    blst_final_exp(&out, &lot.f);
}
static void add(void *unused)
{
    const blst_p1_affine *const points[2] = {lot.g1, NULL};
    blst_p1 sum;
    (void)unused;
    blst_p1s_add(&sum, points, POINTS);
}
static void double_key(void *unused)
{
    blst_p1 sum;
    (void)unused;
    blst_p1_from_affine(&sum, &lot.g1[3]);
    for (int i = 0; i < 128; i++)
        blst_p1_double(&sum, &sum);
}
static void weight_sigs(void *unused)
{
    static limb_t scratch[1 << 16];
    static uint8_t weights[8 * PAIRS + 8];
    const blst_p2_affine *const points[2] = {lot.g2, NULL};
    const byte *const scalars[2] = {weights, NULL};
    blst_p2 sum;
    (void)unused;
    bench_need(blst_p2s_mult_pippenger_scratch_sizeof(PAIRS) <= sizeof(scratch), "little scratch");
    for (size_t i = 0; i < 8 * PAIRS; i++)
        weights[i] = (uint8_t)(37 * i + 11);
    blst_p2s_mult_pippenger(&sum, points, PAIRS, scalars, 64, scratch);
}
static void block(void *unused)
{
    static hash256 in[POINTS], out[POINTS / 2];
    (void)unused;
    sha256d_pairs(out, in, POINTS / 2);
}

struct floor_prices floor_price(const struct bench *b)
{
    enum bls_scheme legacy = BLS_LEGACY, basic = BLS_BASIC;
    fill();
    struct floor_prices p = {
        .key = bench_us(b, NULL, uncompress_key, NULL),
        .sig = bench_us(b, NULL, decode_sig, NULL),
        .hash = {[BLS_LEGACY] = bench_us(b, NULL, hash, &legacy), [BLS_BASIC] = bench_us(b, NULL, hash, &basic)},
        .loops = bench_us(b, NULL, two_loops, NULL),
        .loop = bench_us(b, NULL, many_loops, NULL) / PAIRS,
        .final = bench_us(b, NULL, final, NULL),
        .weight = bench_us(b, NULL, weight_sigs, NULL) / PAIRS,
        .block = bench_us(b, NULL, block, NULL) / (POINTS / 2) / 3, /* a pair is three blocks */
    };
    const double added = bench_us(b, NULL, add, NULL) / POINTS;
    enum { TEST_ADDITIONS = 8, TERM_ADDITIONS = 43 + 8 };
    p.key_test = TEST_ADDITIONS * added;
    p.term = TERM_ADDITIONS * added;
    p.sum = bench_us(b, NULL, double_key, NULL);
    return p;
}

struct floor_sum floor_of(const struct floor_counts *c, const struct floor_prices *p)
{
    enum { LEAF_BLOCKS = 4 + 3, NODE_BLOCKS = 3, SCORE_BLOCKS = 2 };
    const double quorums = (double)c->quorums, legacy = (double)c->legacy;
    struct floor_sum s = {
        .keys = (double)c->keys * (p->key + p->key_test),
        .sums = (double)c->terms * p->term + quorums * p->sum,
        .pairing = quorums * (2 * (p->sig + p->weight) + p->loop) + legacy * p->hash[BLS_LEGACY] +
                   (quorums - legacy) * p->hash[BLS_BASIC] + p->loop + p->final,
        .hashing = p->block * (double)(LEAF_BLOCKS * c->leaves + NODE_BLOCKS * c->nodes + SCORE_BLOCKS * c->scores),
    };
    s.all = s.keys + s.sums + s.pairing + s.hashing;
    return s;
}
