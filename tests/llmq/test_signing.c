/* llmq/signing.h: selection, sign hashes and locks. */
#include "llmq/recording.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "llmq/signing.h"

static int chainlock_of(const struct commitment *q, const struct clsig *lock, enum bls_scheme scheme, struct bls_item *item,
                        dspv_fault *fault)
{
    bls_key key;
    int error = quorum_decode_key(q, &key, fault);
    return error != 0 ? error : chainlock_item(q, &key, lock, scheme, item, fault);
}

static int instantlock_of(const struct commitment *q, const struct isdlock *lock, enum bls_scheme scheme, struct bls_item *item,
                          dspv_fault *fault)
{
    bls_key key;
    int error = quorum_decode_key(q, &key, fault);
    return error != 0 ? error : instantlock_item(q, &key, lock, scheme, item, fault);
}

static hash256 from_display(const char *hex)
{
    hash256 h;
    assert_true(hash_from_hex(hex, h.b));
    return h;
}

static void assert_display(const uint8_t hash[32], const char *hex)
{
    char text[65];
    hash_to_hex(hash, text);
    assert_string_equal(text, hex);
}

/* ---- vectors of quorums.md 7.3, 7.4 and protocol.md 8 */

static const char ISDLOCK[] =
    "0101497915895c30eebfad0c5fcfb9e0e72308c7e92cd3749be2fd49c8320c4c58b6010000005b9d05c613c2a5f8ca60800f65f47f46bebbc934571b9ce"
    "ae813a6ff8e96337bd674ea572a713d6b07deef085b9ce97e1e354055b91b0bbd0b00000000000000997d0b36738a9eef46ceeb4405998ff7235317708f"
    "277402799ffe05258015cae9b6bae43683f992b2f50f70f8f0cb9c0f26af340b00903e93995c1345d1b2c5b697ebecdbe5811dd112e11889101dcb4553b"
    "2bc206ab304026b96c07dec4f24";

static void test_instantlock_vector(void **state)
{
    (void)state;
    uint8_t bytes[sizeof(ISDLOCK) / 2];
    struct isdlock lock;
    dspv_fault fault;
    assert_true(hex_decode(ISDLOCK, bytes, sizeof(bytes)));
    assert_int_equal(isdlock_decode(bytes, sizeof(bytes), &lock, &fault), 0);
    assert_int_equal(instantlock_check(&lock, &fault), 0);
    hash256 request_id;
    assert_int_equal(isdlock_request_id(&lock, &request_id), 0);
    assert_display(request_id.b, "f68926fe5569822fa9da9fccb1a809383ee09722fbb84e5124b692655e8477dc");
    assert_int_equal(llmq_select_index(llmq_params_by_type(5), &request_id), 29);
    hash256 hash = from_display("0000000000000019756ecc9c9c5f476d3f66876b1dcfa5dde1ea82f0d99334a2");
    quorum_hash quorum = quorum_hash_from(hash.b);
    hash256 sign_hash = llmq_sign_hash(5, &quorum, &request_id, lock.txid.b);
    assert_display(sign_hash.b, "6a3c37bc610c4efd5babd8941068a8eca9e7bec942fe175b8ca9cae31b67e838");
}

static void test_select_index(void **state)
{
    (void)state;
    uint8_t id[32];
    assert_true(hex_decode("070f15da0f012e27e2c658f61ee6811361fce32b3108aedfa353dec73e4058ab", id, 32));
    hash256 request_id = hash256_from(id);
    assert_int_equal(llmq_select_index(llmq_params_by_type(5), &request_id), 10);
    memset(&request_id, 0, sizeof(request_id));
    struct llmq_params p = *llmq_params_by_type(5);
    request_id.b[31] = 0x80; /* the top bit is not used */
    assert_int_equal(llmq_select_index(&p, &request_id), 0);
    request_id.b[31] = 0x40;
    assert_int_equal(llmq_select_index(&p, &request_id), 16);
    request_id.b[31] = 0x04;
    assert_int_equal(llmq_select_index(&p, &request_id), 1);
    request_id.b[31] = 0x03;
    request_id.b[30] = 0xff;
    assert_int_equal(llmq_select_index(&p, &request_id), 0);
    memset(request_id.b, 0xff, 32);
    assert_int_equal(llmq_select_index(&p, &request_id), 31);
    p.active = 2;
    assert_int_equal(llmq_select_index(&p, &request_id), 1);
    request_id.b[31] = 0xbf;
    assert_int_equal(llmq_select_index(&p, &request_id), 0);
    p.active = 1;
    assert_int_equal(llmq_select_index(&p, &request_id), 0);
    p.active = 24; /* not a power of two: as for 16 */
    request_id.b[31] = 0x78;
    assert_int_equal(llmq_select_index(&p, &request_id), 15);
}

/* As much of a commitment as a lock needs. */
static struct commitment signer(uint8_t type, const char *hash, const uint8_t key[48])
{
    hash256 h = from_display(hash);
    return (struct commitment){.version = 3, .type = type, .hash = quorum_hash_from(h.b), .public_key = key};
}

static bool item_valid(const struct bls_item *item)
{
    return bls_verify(&item->key, &item->sig, item->msg, item->scheme);
}

static void test_chainlock_vectors(void **state)
{
    (void)state;
    static const struct {
        int32_t height;
        const char *block, *request_id, *quorum, *key, *sig;
    } vectors[] = {
        {946071, "0000007dbfe77b2a40863866b4c460ce3cf50695c4b155fc0f6ff9ba279a6897",
         "6fd6ddc7369570b1ddade6381b0f1b7a5ecf55ef4b1564e731daaa43632d3297",
         "0000001f16314a1eec2456e8e74f38cf6a560e3dd6523337ec0fb301d43da280",
         "a8434a11e125828de95d0153e615f57a19ae7402b1313f16562d74d09590f176247fe8530e1386ee91da96d1b6d1dbe3",
         "a7e00af6c1a035f33ee377e667bd131bf79d8376add013b5226905e54eaeb17cd9931335df77be51c538c621d1763d70059a4fb1ad3c1168117c"
         "2044229ad021199386ccc3259141e2f63ee8fda50419add4a52ecacee201a3df53df9a119690"},
        {947223, "00000437ccbba1c834a4b8ae2edb932f79aeadb5e80d70833c5500252e911145",
         "fc0c22b3cf33195467ff186bbd0a0b2ed9dc0fe86476051b7a1666de0587767f",
         "000000df65202e5addd3c6fdf6207afe8ba04a450a80d55bc51b4c1bd0195927",
         "afb45fe231a710d2f161cc2051498f1d6761e59c78e77ba15c37a2b7972d75733631e639e23e68c187bc736ea3a6bc0b",
         "ac0ddb99a5d5c0813dd51acdf55158b7084fc4f4eefe410c0c66ec941a67899d09ac808f5b75975d558bbab786a5257913d0f4856c9a7bc1c156"
         "0b9bc59570bfacf8e19b9e92ede89f58e7e599907d21823720812bbd7aa0a6a52372f0a0433b"},
    };
    for (size_t i = 0; i < 2; i++) {
        uint8_t key[48];
        struct clsig lock = {.height = vectors[i].height};
        hash256 block = from_display(vectors[i].block);
        lock.block = block_hash_from(block.b);
        assert_true(hex_decode(vectors[i].key, key, 48));
        assert_true(hex_decode(vectors[i].sig, lock.signature, 96));
        hash256 id = clsig_request_id(lock.height);
        assert_display(id.b, vectors[i].request_id);
        struct commitment q = signer(1, vectors[i].quorum, key);
        struct bls_item item;
        dspv_fault fault;
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), 0);
        assert_true(item_valid(&item));
        lock.height++;
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), 0);
        assert_false(item_valid(&item));
        lock.height--;
        q.type = 2;
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), 0);
        assert_false(item_valid(&item));
        q.type = 1;
        /* A quorum from before V19 keeps its legacy key bytes: the same key, signing in the basic scheme. */
        bls_key point;
        assert_true(bls_key_decode(&point, key, BLS_BASIC));
        bls_key_encode(key, &point, BLS_LEGACY);
        q.version = 1;
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), 0);
        assert_true(item_valid(&item));
        memset(lock.signature, 0, 96);
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_LOCK_BAD_SIGNATURE);
        memset(key, 0, 48);
        assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), DSPV_EFAULT);
        assert_int_equal(fault.reason, DSPV_QUORUM_BAD_KEY);
    }
}

/* Selection against a second implementation that compares the other way round, byte by byte. */
static void test_selection(void **state)
{
    (void)state;
    uint64_t random = 17;
    struct quorum *list[24];
    for (size_t i = 0; i < 24; i++)
        list[i] = calloc(1, sizeof(*list[i]));
    for (int round = 0; round < 200; round++) {
        size_t n = 1 + test_random(&random) % 24, best = 0;
        uint8_t smallest[32];
        hash256 request_id;
        for (size_t i = 0; i < 32; i++)
            request_id.b[i] = (uint8_t)test_random(&random);
        for (size_t i = 0; i < n; i++) {
            uint8_t hashed[65] = {4}, once[32], h[32];
            list[i]->c.type = 4;
            for (size_t k = 0; k < 32; k++)
                list[i]->c.hash.b[k] = (uint8_t)test_random(&random);
            memcpy(hashed + 1, list[i]->c.hash.b, 32);
            memcpy(hashed + 33, request_id.b, 32);
            sha256(once, hashed, 65);
            sha256(h, once, 32);
            size_t k = 0;
            while (i && k < 31 && h[k] == smallest[k])
                k++;
            if (i == 0 || h[k] < smallest[k]) {
                best = i;
                memcpy(smallest, h, 32);
            }
        }
        assert_int_equal(llmq_select(list, n, &request_id), best);
    }
    for (size_t i = 0; i < 24; i++)
        free(list[i]);
}

static int check(const uint8_t *inputs, uint32_t n, uint8_t txid)
{
    struct isdlock lock = {.version = 1, .inputs = inputs, .n_inputs = n, .txid = {{txid}}};
    dspv_fault fault = {0};
    int error = instantlock_check(&lock, &fault);
    if (error == DSPV_EFAULT)
        assert_int_equal(fault.reason, DSPV_LOCK_TRIVIAL);
    return error;
}

static void test_trivial_locks(void **state)
{
    (void)state;
    uint8_t inputs[100 * 36] = {0};
    for (size_t i = 0; i < 100; i++)
        inputs[36 * i + i % 36] = (uint8_t)(100 - i);
    assert_int_equal(check(inputs, 100, 1), 0);
    assert_int_equal(check(inputs, 1, 1), 0);
    assert_int_equal(check(inputs, 1, 0), DSPV_EFAULT);
    assert_int_equal(check(inputs, 0, 1), DSPV_EFAULT);
    memcpy(inputs + 36 * 99, inputs + 36 * 3, 36);
    assert_int_equal(check(inputs, 100, 1), DSPV_EFAULT);
    assert_int_equal(check(inputs, 99, 1), 0);
    mem_fail_after(1);
    assert_int_equal(check(inputs, 99, 1), DSPV_ENOMEM);
    mem_fail_after(0);
}

/* ---- data */

static void test_real_chainlocks(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const files[] = {"mainnet/chainlocks.json", "testnet/chainlocks.json"};
    size_t verified = 0;
    for (size_t i = 0; i < 2; i++) {
        json_t *locks = data_json(files[i]), *row;
        size_t k;
        json_array_foreach(locks, k, row)
        {
            struct bytes payload = json_hex(row, "clsig_payload"), key = json_hex(row, "quorum_public_key");
            struct clsig lock;
            struct bls_item item;
            dspv_fault fault;
            assert_int_equal(clsig_decode(payload.p, payload.n, &lock, &fault), 0);
            hash256 id = clsig_request_id(lock.height);
            assert_display(id.b, json_text(row, "request_id"));
            struct commitment q = signer((uint8_t)json_int(row, "llmq_type"), json_text(row, "selected_quorum_hash"), key.p);
            assert_int_equal(chainlock_of(&q, &lock, BLS_BASIC, &item, &fault), 0);
            assert_true(item_valid(&item));
            verified++;
            free(payload.p);
            free(key.p);
        }
        json_decref(locks);
    }
    assert_int_equal(verified, 31);
}

/* Quorums of one type in the set at a height. */
static size_t active_quorums(const struct quorumset *set, uint8_t type, struct quorum **out)
{
    size_t n = 0;
    for (uint32_t i = 0; i < set->n; i++)
        if (set->items[i]->c.type == type)
            out[n++] = set->items[i];
    return n;
}

static void verify_recorded_chainlock(struct recording *r, const uint8_t *payload, size_t n)
{
    struct clsig lock;
    struct bls_item item;
    dspv_fault fault;
    struct quorum *active[8];
    assert_int_equal(clsig_decode(payload, n, &lock, &fault), 0);
    const struct mnstate *state = captured_at(&r->c, lock.height - SIGN_HEIGHT_OFFSET);
    size_t count = active_quorums(state->quorums, r->c.net.chainlock_type, active);
    assert_in_range(count, 1, 2);
    hash256 id = clsig_request_id(lock.height);
    const struct quorum *q = active[llmq_select(active, count, &id)];
    enum bls_scheme scheme = network_basic_after(&r->c.net, lock.height) ? BLS_BASIC : BLS_LEGACY;
    assert_int_equal(chainlock_of(&q->c, &lock, scheme, &item, &fault), 0);
    assert_true(item_valid(&item));
}

/* The quorum whose base block is that of the lock's cycle plus the selected index. */
static void verify_recorded_instantlock(struct recording *r, const uint8_t *payload, size_t n)
{
    struct isdlock lock;
    struct bls_item item;
    dspv_fault fault;
    hash256 id;
    assert_int_equal(isdlock_decode(payload, n, &lock, &fault), 0);
    assert_int_equal(instantlock_check(&lock, &fault), 0);
    assert_int_equal(isdlock_request_id(&lock, &id), 0);
    const struct llmq_params *p = captured_llmq(&r->c, r->c.net.instantsend_type);
    int32_t cycle = recording_height(r, lock.cycle.b);
    assert_int_equal(cycle % p->interval, 0);
    block_hash base = recording_hash(r, cycle + llmq_select_index(p, &id));
    quorum_hash hash = quorum_hash_of_block(&base);
    struct quorum *q = NULL;
    for (size_t i = 0; i < r->c.n_states && !q; i++)
        if (r->c.states[i]->quorums)
            q = quorumset_find(r->c.states[i]->quorums, p->type, &hash);
    assert_non_null(q);
    enum bls_scheme scheme = network_basic_after(&r->c.net, cycle) ? BLS_BASIC : BLS_LEGACY;
    assert_int_equal(instantlock_of(&q->c, &lock, scheme, &item, &fault), 0);
    assert_true(item_valid(&item));
}

/* Every lock a connected client was sent, each by exactly the quorum that the rules select. */
static void test_recorded_locks(void **state)
{
    (void)state;
    data_or_skip();
    static const char *const folders[] = {"churn", "eras"}, *const files[] = {"regtest/churn/live.bin", "regtest/eras/live.bin"};
    size_t chainlocks = 0, instantlocks = 0;
    for (size_t i = 0; i < 2; i++) {
        struct recording r;
        recording_open(&r, folders[i]);
        struct bytes b = captured_file(&r.c, files[i]);
        for (size_t at = 0; at < b.n;) {
            const uint8_t *command = b.p + at + 8, *payload = command + 16;
            size_t n = load_le32(command + 12);
            at += 8 + 16 + n;
            if (memcmp(command, "clsig\0\0\0\0\0\0\0", 12) == 0) {
                verify_recorded_chainlock(&r, payload, n);
                chainlocks++;
            } else if (memcmp(command, "isdlock\0\0\0\0\0", 12) == 0) {
                verify_recorded_instantlock(&r, payload, n);
                instantlocks++;
            }
        }
        recording_close(&r);
    }
    print_message("%zu ChainLocks and %zu InstantSend locks verified\n", chainlocks, instantlocks);
    assert_true(chainlocks > 100 && instantlocks > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_instantlock_vector), cmocka_unit_test(test_select_index),
        cmocka_unit_test(test_chainlock_vectors),  cmocka_unit_test(test_selection),
        cmocka_unit_test(test_trivial_locks),      cmocka_unit_test(test_real_chainlocks),
        cmocka_unit_test(test_recorded_locks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
