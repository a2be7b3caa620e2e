/* Every captured diff whose base is available reproduces both roots, with the counts that facts.json has (criterion 1). */
#include "support/data.h"

#include "base/endian.h"
#include "chain/header.h"
#include "crypto/x11.h"
#include "evo/mnstate.h"
#include "llmq/network.h"
#include "wire/qrinfo.h"

struct net {
    struct network network;
    struct arena arena;
    struct mnstate *states[256];
    size_t n_states;
    size_t applied, waiting;
};

static struct mnstate *find(const struct net *n, const block_hash *block)
{
    for (size_t i = 0; i < n->n_states; i++)
        if (block_hash_eq(&n->states[i]->block, block))
            return n->states[i];
    return NULL;
}

static void assert_root(const json_t *fact, const char *key, const hash256 *root)
{
    uint8_t expected[32];
    json_hash(fact, key, expected);
    assert_memory_equal(root->b, expected, 32);
}

static void assert_counts(const struct mnlistdiff *d, const json_t *fact)
{
    assert_int_equal(d->n_entries, json_int(fact, "mn_entries"));
    assert_int_equal(d->n_deleted, json_int(fact, "mn_deleted"));
    assert_int_equal(d->n_new_quorums, json_int(fact, "quorums_new"));
    assert_int_equal(d->n_deleted_quorums, json_int(fact, "quorums_deleted"));
    const json_t *groups = json_object_get(fact, "clsig_groups");
    assert_int_equal(d->n_clsigs, json_is_null(groups) ? 0 : json_integer_value(groups));
}

/* mnstate_apply compares both roots with the CbTx; here they are also compared with what another program computed. */
static void apply(struct net *n, const struct mnlistdiff *d, const json_t *fact)
{
    assert_counts(d, fact);
    bool from_empty = block_hash_is_zero(&d->base) || block_hash_eq(&d->base, &n->network.chain.genesis_hash);
    struct mnstate *base = from_empty ? NULL : find(n, &d->base), *s;
    bool available = from_empty || base;
    assert_int_equal(available, strcmp(json_text(fact, "mn_root"), "PASS") == 0);
    if (!available) {
        n->waiting++;
        return;
    }
    const struct mnstate_block block = {(int32_t)json_int(fact, "height"), NULL};
    dspv_fault fault;
    if (mnstate_apply(&n->network.chain, base, d, &block, &s, &fault) != 0)
        fail_msg("height %d: %s", block.height, dspv_reason_name(fault.reason));
    assert_int_equal(mnlist_count(s->list), json_int(fact, "list_size_after"));
    assert_int_equal(s->quorums->n, json_int(fact, "quorums_after"));
    hash256 root = mnlist_root(s->list);
    assert_root(fact, "merkleRootMNList", &root);
    root = quorumset_root(s->quorums);
    assert_root(fact, "merkleRootQuorums", &root);
    assert_root(fact, "proof_block_merkle_root", &s->proof_root);
    uint8_t expected[32];
    json_hash(fact, "block_hash", expected);
    assert_memory_equal(s->block.b, expected, 32);
    n->applied++;
    struct mnstate *known = find(n, &s->block);
    if (known) { /* another way to the same block gives the same list */
        assert_true(hash256_eq(&known->cbtx.mn_root, &s->cbtx.mn_root));
        mnstate_unref(s);
        return;
    }
    assert_true(n->n_states < sizeof(n->states) / sizeof(n->states[0]));
    n->states[n->n_states++] = s;
}

static void apply_bundle(struct net *n, struct bytes b, const json_t *facts)
{
    size_t at = 0, i = 0;
    for (; at < b.n; i++) {
        size_t size = load_le32(b.p + at);
        struct mnlistdiff d;
        dspv_fault fault;
        assert_int_equal(mnlistdiff_decode_any(b.p + at + 4, size, &n->arena, &d, &fault), 0);
        apply(n, &d, json_array_get(facts, i));
        at += 4 + size;
    }
    assert_int_equal(i, json_array_size(facts));
}

static void apply_qrinfo(struct net *n, struct bytes b, const json_t *facts)
{
    static const char *const names[QRINFO_CYCLES] = {"C", "2C", "3C", "4C"};
    struct qrinfo q;
    dspv_fault fault;
    assert_int_equal(qrinfo_decode_any(b.p, b.n, &n->arena, &q, &fault), 0);
    const json_t *diffs = json_object_get(facts, "diffs"), *older = json_object_get(facts, "mnlistdiff_list");
    assert_int_equal(q.n_older, json_array_size(older));
    for (uint32_t i = 0; i < q.n_older; i++)
        apply(n, &q.older_diffs[i], json_array_get(older, i));
    for (int k = q.extra_share ? QRINFO_H_4C : QRINFO_H_3C; k >= 0; k--)
        apply(n, &q.diffs[k], json_object_get(diffs, names[k]));
    apply(n, &q.h, json_object_get(diffs, "H"));
    apply(n, &q.tip, json_object_get(diffs, "tip"));
}

/* facts.json lists the files in an order in which bases come first. */
static void test_network(const char *name, size_t applied, size_t waiting)
{
    static struct net n;
    memset(&n, 0, sizeof(n));
    assert_true(network_init(&n.network, name));
    char path[256];
    snprintf(path, sizeof(path), "%s/facts.json", name);
    json_t *facts = data_json(path), *fact;
    const char *file;
    struct bytes files[64];
    size_t n_files = 0;
    json_object_foreach(facts, file, fact)
    {
        snprintf(path, sizeof(path), "%s/%s", name, file);
        struct bytes b = files[n_files++] = data_load(path);
        if (json_is_array(fact)) {
            apply_bundle(&n, b, fact);
        } else if (strncmp(file, "qrinfo", 6) == 0) {
            apply_qrinfo(&n, b, fact);
        } else {
            struct mnlistdiff d;
            dspv_fault fault;
            assert_int_equal(mnlistdiff_decode_any(b.p, b.n, &n.arena, &d, &fault), 0);
            apply(&n, &d, fact);
        }
    }
    size_t memory = 0;
    for (size_t i = 0; i < n.n_states; i++)
        memory += mnlist_memory(n.states[i]->list, i ? n.states[i - 1]->list : NULL);
    print_message("%s: %zu diffs prove both roots, %zu have no base; %zu lists, %zu bytes\n", name, n.applied, n.waiting,
                  n.n_states, memory);
    assert_int_equal(n.applied, applied);
    assert_int_equal(n.waiting, waiting);
    for (size_t i = 0; i < n.n_states; i++)
        mnstate_unref(n.states[i]);
    for (size_t i = 0; i < n_files; i++)
        free(files[i].p);
    json_decref(facts);
    arena_free(&n.arena);
}

static void test_mainnet(void **state)
{
    (void)state;
    data_or_skip();
    test_network("mainnet", 140, 2);
}

static void test_testnet(void **state)
{
    (void)state;
    data_or_skip();
    test_network("testnet", 126, 2);
}

/* ---- recorded regtest networks: the full state of every block, and random pairs */

struct recorded {
    struct network network;
    struct arena arena;
    struct bytes headers, genesis, pairs;
    block_hash *hashes;
    struct mnstate **states; /* by height; NULL below DIP0003 */
    size_t n;
};

static void recorded_options(struct recorded *r, const char *folder)
{
    char path[128];
    snprintf(path, sizeof(path), "regtest/%s/meta.json", folder);
    json_t *meta = data_json(path), *option;
    size_t i;
    json_array_foreach(json_object_get(meta, "options"), i, option)
    {
        char text[128];
        snprintf(text, sizeof(text), "%s", json_string_value(option) + 1);
        char *value = strchr(text, '=');
        *value++ = 0;
        if (strcmp(text, "vbparams") != 0)
            assert_null(network_override(&r->network, text, value));
    }
    json_decref(meta);
}

static struct mnstate *recorded_apply(struct recorded *r, struct mnstate *base, const uint8_t *payload, size_t n, int32_t height)
{
    struct mnlistdiff d;
    dspv_fault fault;
    assert_int_equal(mnlistdiff_decode(payload, n, 70240, &r->arena, &d, &fault), 0);
    if (!d.has_cbtx) { /* extaddr grew on blocks from before DIP0003 */
        assert_true(height < 200 && d.n_entries + d.n_new_quorums == 0);
        return NULL;
    }
    struct header header = header_parse(r->headers.p + 80 * (size_t)height);
    const struct mnstate_block block = {height, &header.merkle_root};
    assert_true(block_hash_eq(&d.block, &r->hashes[height]));
    struct mnstate *s;
    if (mnstate_apply(&r->network.chain, base, &d, &block, &s, &fault) != 0)
        fail_msg("height %d: %s", height, dspv_reason_name(fault.reason));
    assert_true(s->anchored);
    return s;
}

static void assert_same_state(const struct mnstate *a, const struct mnstate *b)
{
    struct mnlist_iterator x, y;
    const struct masternode *m, *k;
    mnlist_begin(a->list, &x);
    mnlist_begin(b->list, &y);
    assert_int_equal(mnlist_count(a->list), mnlist_count(b->list));
    while ((m = mnlist_next(&x)) && (k = mnlist_next(&y)))
        assert_true(masternode_eq(m, k));
    assert_int_equal(a->quorums->n, b->quorums->n);
    for (uint32_t i = 0; i < a->quorums->n; i++)
        assert_true(hash256_eq(&a->quorums->items[i]->leaf, &b->quorums->items[i]->leaf));
}

static void test_recorded(const char *folder)
{
    struct recorded r = {.n = 0};
    char path[128];
    assert_true(network_init(&r.network, "regtest"));
    recorded_options(&r, folder);
    snprintf(path, sizeof(path), "regtest/%s/headers.bin", folder);
    r.headers = data_load(path);
    snprintf(path, sizeof(path), "regtest/%s/mnlistdiff_from_genesis.bin", folder);
    r.genesis = data_load(path);
    snprintf(path, sizeof(path), "regtest/%s/mnlistdiff_pairs.bin", folder);
    r.pairs = data_load(path);
    r.n = r.headers.n / 80;
    r.hashes = calloc(r.n, sizeof(*r.hashes));
    r.states = calloc(r.n, sizeof(struct mnstate *));
    x11_many(r.hashes, r.headers.p, r.n);
    size_t full = 0, pairs = 0;
    for (size_t at = 0; at < r.genesis.n; full++) {
        int32_t height = (int32_t)load_le32(r.genesis.p + at);
        size_t n = load_le32(r.genesis.p + at + 4);
        r.states[height] = recorded_apply(&r, NULL, r.genesis.p + at + 8, n, height);
        at += 8 + n;
    }
    for (size_t at = 0; at < r.pairs.n; pairs++) {
        int32_t base = (int32_t)load_le32(r.pairs.p + at), height = (int32_t)load_le32(r.pairs.p + at + 4);
        size_t n = load_le32(r.pairs.p + at + 8);
        struct mnstate *s = recorded_apply(&r, r.states[base], r.pairs.p + at + 12, n, height);
        if (s)
            assert_same_state(s, r.states[height]);
        mnstate_unref(s);
        at += 12 + n;
    }
    print_message("%s: %zu full states, %zu pairs\n", folder, full, pairs);
    assert_int_equal(full, r.n - 1);
    assert_true(pairs > 0);
    for (size_t h = 0; h < r.n; h++)
        mnstate_unref(r.states[h]);
    free(r.states);
    free(r.hashes);
    free(r.headers.p);
    free(r.genesis.p);
    free(r.pairs.p);
    arena_free(&r.arena);
}

static void test_regtest(void **state)
{
    (void)state;
    data_or_skip();
    test_recorded("churn");
    test_recorded("eras");
    test_recorded("extaddr");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mainnet),
        cmocka_unit_test(test_testnet),
        cmocka_unit_test(test_regtest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
