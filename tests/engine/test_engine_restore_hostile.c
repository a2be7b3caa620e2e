/* Disks that are damaged, and disks whose records are sealed well and say what is not so: what comes back is proven all the same,
 * and what cannot be is absent and goes with the next save. */
#include "engine/alike.h"
#include "engine/kept.h"

#include "base/mem.h"
#include "crypto/rng.h"
#include "store/read.h"

enum { TIP = 330 };

/* ---- all records of a disk */

struct record {
    dspv_table table;
    uint8_t key[DSPV_STORE_MOST_KEY];
    size_t key_n;
    uint8_t *payload;
    size_t n;
};
struct records {
    struct record *items;
    size_t n, cap;
    dspv_table table;
};

static int add_record(void *argument, const struct stored *r)
{
    struct records *all = argument;
    void *items = all->items;
    assert_false(r->damaged);
    assert_int_equal(mem_grow(&items, &all->cap, all->n + 1, sizeof(*all->items)), 0);
    all->items = items;
    struct record *record = &all->items[all->n++];
    *record = (struct record){.table = all->table, .key_n = r->key.n, .payload = malloc(r->payload.n + 1), .n = r->payload.n};
    memcpy(record->key, r->key.p, r->key.n);
    memcpy(record->payload, r->payload.p, r->payload.n);
    return 0;
}

static struct records read_all(struct store_memory *disk)
{
    struct records all = {0};
    for (int t = 0; t < DSPV_TABLE_COUNT; t++) {
        all.table = (dspv_table)t;
        assert_int_equal(store_scan(store_memory_seam(disk), all.table, (struct span){0}, (struct span){0}, add_record, &all), 0);
    }
    return all;
}

static void records_free(struct records *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->items[i].payload);
    mem_free(all->items);
}

/* ---- damage */

enum damage { FLIP, DROP, SWAP_VALUES, FALSE_BYTE, FALSE_CUT, FALSE_SWAP, FALSE_KEY, DAMAGES };

static void write_raw(struct store_memory *disk, dspv_table table, const uint8_t *key, size_t key_n, const uint8_t *value,
                      size_t n)
{
    const dspv_store *s = store_memory_seam(disk);
    const dspv_store_op op = {table, key, key_n, value, n};
    assert_int_equal(s->apply(s->context, &op, 1), 0);
}

static void write_sealed(struct store_memory *disk, dspv_table table, const uint8_t *key, size_t key_n, const uint8_t *payload,
                         size_t n)
{
    struct batch b;
    batch_init(&b);
    batch_put(&b, table, key, key_n, payload, n);
    assert_int_equal(batch_apply(&b, store_memory_seam(disk)), 0);
    batch_free(&b);
}

/* Another record of the same table. */
static const struct record *sibling(const struct records *all, const struct record *r, struct rng *rng)
{
    for (int i = 0; i < 64; i++) {
        const struct record *other = &all->items[rng_below(rng, all->n)];
        if (other->table == r->table && other != r)
            return other;
    }
    return r;
}

static void spoil(struct store_memory *disk, const struct records *all, enum damage damage, struct rng *rng)
{
    const struct record *r = &all->items[rng_below(rng, all->n)], *o = sibling(all, r, rng);
    uint8_t *copy = malloc(r->n + 1);
    memcpy(copy, r->payload, r->n);
    size_t at = (size_t)rng_below(rng, r->n + 1);
    if (at < r->n)
        copy[at] ^= (uint8_t)(1u << rng_below(rng, 8));
    switch (damage) {
    case FLIP: write_raw(disk, r->table, r->key, r->key_n, copy, r->n); break; /* without a seal at all */
    case DROP: write_raw(disk, r->table, r->key, r->key_n, NULL, 0); break;
    case SWAP_VALUES: write_raw(disk, r->table, r->key, r->key_n, o->payload, o->n); break;
    case FALSE_BYTE: write_sealed(disk, r->table, r->key, r->key_n, copy, r->n); break;
    case FALSE_CUT: write_sealed(disk, r->table, r->key, r->key_n, r->payload, at < r->n ? at : 0); break;
    case FALSE_SWAP:
        write_sealed(disk, r->table, r->key, r->key_n, o->payload, o->n);
        write_sealed(disk, r->table, o->key, o->key_n, r->payload, r->n);
        break;
    case FALSE_KEY: {
        uint8_t key[DSPV_STORE_MOST_KEY];
        memcpy(key, r->key, r->key_n);
        key[rng_below(rng, r->key_n)] ^= (uint8_t)(1u << rng_below(rng, 8));
        write_sealed(disk, r->table, key, r->key_n, r->payload, r->n);
        break;
    }
    default: fail();
    }
    free(copy);
}

/* ---- what must hold */

static int by_key(const void *a, const void *b)
{
    return memcmp(a, b, 48);
}

/* The operator keys of who signed, sorted: their order among each other no signature can tell. */
static size_t signers(const struct quorum_view *q, uint8_t keys[][48])
{
    size_t n = 0;
    for (uint32_t k = 0; k < q->members->n; k++) {
        const struct mnentry *m = &q->members->mn[k]->entry;
        bls_key key; /* a masternode that went over to the other encoding kept its key */
        if (!bitspan_get(&q->quorum->c.signers, k))
            continue;
        assert_true(bls_key_decode(&key, m->operator_key, m->version == 1 ? BLS_LEGACY : BLS_BASIC));
        bls_key_encode(keys[n++], &key, BLS_BASIC);
    }
    qsort(keys, n, 48, by_key);
    return n;
}

static void assert_same_signers(const struct quorum_view *q, const struct quorum_view *t)
{
    static uint8_t a[COMMITMENT_MAX_BITS][48], b[COMMITMENT_MAX_BITS][48];
    size_t n = signers(q, a);
    assert_int_equal(n, signers(t, b));
    assert_memory_equal(a, b, n * 48);
}

/* No list contradicts the heights between which a quorum was seen. */
static void assert_seen(const struct engine *e, const struct quorum_view *q)
{
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *s = engine_list_at(e, i);
        bool holds = quorumset_find(s->quorums, q->quorum->c.type, &q->quorum->c.hash) != NULL;
        assert_int_equal(holds, s->height >= q->first_seen && s->height <= q->last_seen);
    }
}

/* Lists are the true ones; a verified quorum is one, and its true members signed it. */
static void assert_sound(const struct engine *e, const struct engine *truth)
{
    struct quorum_view q, t;
    for (size_t i = 0; i < engine_list_count(e); i++) {
        const struct mnstate *a = engine_list_at(e, i), *b = engine_list(truth, a->height);
        assert_true(a->anchored && b && block_hash_eq(&a->block, &b->block));
        hash256 x = mnlist_root(a->list), y = mnlist_root(b->list);
        assert_true(hash256_eq(&x, &y));
        assert_int_equal(a->quorums->n, b->quorums->n);
    }
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        engine_quorum_at(e, i, &q);
        assert_true(engine_quorum(truth, q.quorum->c.type, &q.quorum->c.hash, &t));
        assert_true(hash256_eq(&q.quorum->leaf, &t.quorum->leaf));
        assert_seen(e, &q);
        if (q.status != QUORUM_VERIFIED)
            continue;
        assert_int_equal(t.status, QUORUM_VERIFIED);
        assert_same_signers(&q, &t);
    }
}

struct scene {
    struct grown g;
    struct kept_chain chain;
    struct kept k;
    struct engine *truth;
    struct records all;
};

static void scene_open(struct scene *s, uint64_t seed)
{
    struct gen_config config = grown_config(seed, TIP);
    config.chainlock_rate = config.instantlock_rate = 0;
    grown_open(&s->g, &config);
    s->chain = kept_chain_of_grown(&s->g);
    kept_new(&s->k, &s->g.chain->network);
    s->truth = grown_engine(&s->g);
    grown_follow(&s->g, s->truth, 0, TIP);
    for (int32_t h = 0; h <= TIP; h++) {
        grown_follow(&s->g, s->k.e, h, h);
        engine_prune(s->k.e, h, h - 8, NULL, 0);
    }
    kept_save(&s->k, TIP - 8);
    s->all = read_all(s->k.disk);
}

static void scene_close(struct scene *s)
{
    records_free(&s->all);
    engine_free(s->truth);
    kept_close(&s->k);
    kept_chain_free(&s->chain);
    grown_close(&s->g);
}

/* The lists that are missing come from the network. Snapshots do not: quorums that lack one wait, or, when a false one came from
 * disk, are invalid and make that one be forgotten. */
static void heal(struct scene *s, struct kept *k)
{
    bool asked = true;
    for (int32_t h = 0; h <= TIP; h++)
        grown_block(&s->g, k->e, h);
    if (!engine_list(k->e, TIP))
        grown_list(&s->g, k->e, TIP);
    for (int round = 0; asked && round < 40; round++) {
        struct needs needs;
        asked = false;
        assert_int_equal(engine_verify(k->e), 0);
        for (size_t i = 0; i < engine_quorum_count(k->e); i++) {
            struct quorum_view v;
            engine_quorum_at(k->e, i, &v);
            if (v.status == QUORUM_INVALID) {
                engine_reject_snapshots(k->e, v.quorum->c.type, &v.quorum->c.hash);
                asked = true;
                break;
            }
        }
        assert_int_equal(engine_discover(k->e, TIP, &needs), 0);
        for (size_t i = 0; i < needs.n; i++)
            if (needs.items[i].kind == NEED_KIND_LIST) {
                grown_list(&s->g, k->e, needs.items[i].height);
                asked = true;
            }
        needs_free(&needs);
    }
    assert_sound(k->e, s->truth);
    struct needs needs;
    assert_int_equal(engine_discover(k->e, TIP, &needs), 0);
    assert_int_equal(needs.invalid, 0);
    if (!needs.requires_qrinfo)
        assert_int_equal(needs.verified, needs.wanted);
    needs_free(&needs);
}

static void test_spoilt(void **state)
{
    (void)state;
    struct scene s;
    size_t left_out = 0, whole = 0, healed = 0;
    scene_open(&s, 150);
    for (uint32_t i = 0; i < 24 * DAMAGES; i++) {
        struct store_memory *disk;
        struct kept k, again;
        struct rng rng;
        rng_init(&rng, (const uint8_t[32]){(uint8_t)i, (uint8_t)(i >> 8), 1});
        assert_int_equal(store_memory_clone(&disk, s.k.disk), 0);
        for (uint64_t n = 1 + rng_below(&rng, i % 3 == 0 ? 12 : 2); n > 0; n--)
            spoil(disk, &s.all, (enum damage)(i % DAMAGES), &rng);
        assert_int_equal(kept_open(&k, &s.g.chain->network, disk, &s.chain), 0);
        left_out += k.restored.left_out;
        whole += k.restored.left_out == 0;
        assert_sound(k.e, s.truth);
        assert_int_equal(engine_verify(k.e), 0);
        assert_sound(k.e, s.truth);
        kept_save(&k, TIP - 8); /* what did not fit goes */
        assert_int_equal(kept_open(&again, &s.g.chain->network, k.disk, &s.chain), 0);
        assert_int_equal(again.restored.left_out, 0);
        kept_close(&again);
        if (i % 8 == 0) {
            heal(&s, &k);
            healed++;
        }
        kept_close(&k);
        store_memory_free(disk);
    }
    print_message("%zu records; %u disks, %zu records left out, %zu disks whole, %zu healed\n", s.all.n, 24 * DAMAGES, left_out,
                  whole, healed);
    assert_true(left_out > 100);
    scene_close(&s);
}

/* ---- numbers without measure, sealed well */

static void test_without_measure(void **state)
{
    (void)state;
    static const uint8_t many[] = {0xfe, 0, 0, 0, 2}; /* a count of 0x02000000 */
    struct scene s;
    struct kept k;
    scene_open(&s, 151);
    for (size_t i = 0; i < s.all.n; i++) {
        const struct record *r = &s.all.items[i];
        if (r->table == DSPV_TABLE_MASTERNODES && i % 7 != 0)
            continue;
        for (size_t at = 0; at < r->n; at += 1 + r->n / 24) {
            struct store_memory *disk;
            uint8_t *copy = malloc(r->n + sizeof(many));
            memcpy(copy, r->payload, r->n);
            memcpy(copy + at, many, sizeof(many));
            assert_int_equal(store_memory_clone(&disk, s.k.disk), 0);
            write_sealed(disk, r->table, r->key, r->key_n, copy, r->n);
            assert_int_equal(kept_open(&k, &s.g.chain->network, disk, &s.chain), 0);
            assert_sound(k.e, s.truth);
            kept_close(&k);
            store_memory_free(disk);
            free(copy);
        }
    }
    uint8_t number[4] = {0xff, 0xff, 0xff, 0xff}; /* a masternode's number */
    struct store_memory *disk;
    assert_int_equal(store_memory_clone(&disk, s.k.disk), 0);
    write_sealed(disk, DSPV_TABLE_MASTERNODES, number, 4, s.all.items[0].payload, s.all.items[0].n);
    assert_int_equal(kept_open(&k, &s.g.chain->network, disk, &s.chain), 0);
    assert_int_equal(k.restored.left_out, 1);
    kept_close(&k);
    store_memory_free(disk);
    scene_close(&s);
}

/* ---- another chain's disk */

static void test_other_branch(void **state)
{
    (void)state;
    struct scene s, other;
    struct kept k;
    scene_open(&s, 152);
    scene_open(&other, 153);
    assert_int_equal(kept_open(&k, &s.g.chain->network, other.k.disk, &s.chain), 0);
    assert_int_equal(engine_list_count(k.e), 0);
    assert_int_equal(engine_quorum_count(k.e), 0);
    assert_true(k.restored.left_out > 20);
    kept_save(&k, -1);
    assert_int_equal(store_memory_bytes(k.disk), 0);
    kept_close(&k);
    scene_close(&other);
    scene_close(&s);
}

/* ---- memory */

static void test_memory(void **state)
{
    (void)state;
    struct scene s;
    scene_open(&s, 154);
    struct restore_chain seam = kept_seam(&s.chain);
    static const uint8_t seed[32] = {3};
    static const uint64_t mirror_seed[2] = {3, 4};
    size_t failures = 0;
    for (size_t n = 1;; n += 1 + n / 16) {
        struct engine *e;
        struct saved *saved;
        struct restored r;
        assert_int_equal(engine_new(&e, &s.g.chain->network, seed, 0), 0);
        assert_int_equal(saved_new(&saved, mirror_seed), 0);
        mem_fail_after(n);
        int rc = engine_restore(e, saved, store_memory_seam(s.k.disk), &seam, &r);
        size_t made = mem_fail_after(0);
        engine_free(e);
        saved_free(saved);
        assert_int_equal(rc, made >= n ? DSPV_ENOMEM : 0);
        failures += rc != 0;
        if (made < n)
            break;
    }
    /* saving: what was abandoned is collected again */
    struct kept k;
    grown_follow(&s.g, s.k.e, TIP, TIP);
    for (size_t n = 1;; n += 1 + n / 16) {
        struct batch b;
        kept_new(&k, &s.g.chain->network);
        batch_init(&b);
        mem_fail_after(n);
        int rc = engine_save(s.k.e, k.saved, -1, &b);
        size_t made = mem_fail_after(0);
        assert_int_equal(rc, made >= n ? DSPV_ENOMEM : 0);
        failures += rc != 0;
        if (rc == 0)
            saved_abandoned(k.saved);
        batch_reset(&b);
        assert_int_equal(engine_save(s.k.e, k.saved, -1, &b), 0);
        assert_int_equal(batch_apply(&b, store_memory_seam(k.disk)), 0);
        saved_committed(k.saved);
        batch_free(&b);
        struct kept again;
        assert_int_equal(kept_open(&again, &s.g.chain->network, k.disk, &s.chain), 0);
        assert_int_equal(again.restored.left_out, 0);
        assert_int_equal(engine_verify(again.e), 0);
        if (made < n)
            assert_same_answers(again.e, s.k.e, TIP);
        kept_close(&again);
        kept_close(&k);
        if (made < n)
            break;
    }
    print_message("%zu failures\n", failures);
    assert_true(failures > 60);
    scene_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spoilt),
        cmocka_unit_test(test_without_measure),
        cmocka_unit_test(test_other_branch),
        cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
