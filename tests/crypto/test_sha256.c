/* crypto/sha256: known answers; every level against one message at a time; tree levels in place. */
#include "support/data.h"

#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/sha256_lanes.h"

enum { MOST = 45, LONGEST = 300 };

static void assert_hash(const hash256 *got, const char *hex)
{
    uint8_t want[32];
    assert_true(hex_decode(hex, want, 32));
    assert_memory_equal(got->b, want, 32);
}

/* FIPS 180-2 examples, and the empty message. */
static void test_known(void **state)
{
    (void)state;
    hash256 h;
    sha256(h.b, "", 0);
    assert_hash(&h, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    sha256(h.b, "abc", 3);
    assert_hash(&h, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    sha256(h.b, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    assert_hash(&h, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    sha256d(h.b, "hello", 5);
    assert_hash(&h, "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50");
}

struct messages {
    uint8_t bytes[MOST][LONGEST];
    const uint8_t *at[MOST];
};

static void fill(struct messages *m, uint64_t *random)
{
    for (size_t i = 0; i < MOST; i++) {
        m->at[i] = m->bytes[i];
        for (size_t k = 0; k < LONGEST; k++)
            m->bytes[i][k] = (uint8_t)test_random(random);
    }
}

static void compare(const struct sha256_level *level, const struct messages *m, size_t size, size_t n)
{
    hash256 once[MOST + 1], twice[MOST + 1], want;
    memset(&once[n], 0xee, sizeof(once[n]));
    sha256_level_many(level, once, m->at, size, n);
    sha256d_level_many(level, twice, m->at, size, n);
    for (size_t i = 0; i < n; i++) {
        sha256(want.b, m->at[i], size);
        assert_memory_equal(once[i].b, want.b, 32);
        sha256d(want.b, m->at[i], size);
        assert_memory_equal(twice[i].b, want.b, 32);
    }
    for (size_t k = 0; k < 32; k++)
        assert_int_equal(once[n].b[k], 0xee);
}

static void test_levels(void **state)
{
    (void)state;
    static struct messages m;
    uint64_t random = 1;
    size_t n;
    const struct sha256_level *const *levels = sha256_levels(&n);
    assert_true(levels[0]->usable());
    for (size_t i = 0; i < n; i++) {
        if (!levels[i]->usable()) {
            print_message("  %s: not on this CPU\n", levels[i]->name);
            continue;
        }
        fill(&m, &random);
        for (size_t size = 0; size <= LONGEST; size++)
            compare(levels[i], &m, size, test_random(&random) % (MOST + 1));
        for (size_t count = 0; count <= MOST; count++)
            compare(levels[i], &m, 64, count);
    }
}

static void test_pairs_in_place(void **state)
{
    (void)state;
    enum { PAIRS = 200 };
    hash256 in[2 * PAIRS], apart[PAIRS], want;
    uint64_t random = 2;
    for (size_t i = 0; i < 2 * PAIRS; i++)
        for (size_t k = 0; k < 32; k++)
            in[i].b[k] = (uint8_t)test_random(&random);
    sha256d_pairs(apart, in, PAIRS);
    for (size_t i = 0; i < PAIRS; i++) {
        sha256d_pair(want.b, in[2 * i].b, in[2 * i + 1].b);
        assert_memory_equal(apart[i].b, want.b, 32);
    }
    sha256d_pairs(in, in, PAIRS);
    assert_memory_equal(in, apart, sizeof(apart));
}

/* The definition: halves of a power of two, the last node repeated. */
static hash256 root_of(const hash256 *leaves, size_t n, size_t width)
{
    if (width == 1)
        return leaves[0];
    hash256 left = root_of(leaves, n < width / 2 ? n : width / 2, width / 2), right = left, out;
    if (n > width / 2)
        right = root_of(leaves + width / 2, n - width / 2, width / 2);
    sha256d_pair(out.b, left.b, right.b);
    return out;
}

static void test_merkle_root(void **state)
{
    (void)state;
    hash256 leaves[70], work[70];
    uint64_t random = 3;
    for (size_t n = 1; n <= 70; n++) {
        size_t width = 1;
        while (width < n)
            width *= 2;
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < 32; k++)
                leaves[i].b[k] = (uint8_t)test_random(&random);
        memcpy(work, leaves, sizeof(work));
        bool mutated = true;
        const hash256 got = merkle_root(work, n, &mutated), want = root_of(leaves, n, width);
        assert_memory_equal(got.b, want.b, 32);
        assert_false(mutated);
        if (n < 2)
            continue;
        const size_t twin = 2 * (test_random(&random) % (n / 2));
        leaves[twin + 1] = leaves[twin];
        memcpy(work, leaves, sizeof(work));
        merkle_root(work, n, &mutated);
        assert_true(mutated);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_pairs_in_place),
        cmocka_unit_test(test_merkle_root),
    };
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
