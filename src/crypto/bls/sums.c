/* See sums.h. Everything becomes sums of stored points without weights, which are halved again and again: all pairs of all sums
 * together, so that they share divisions.
 *
 * A weighted sum: each weight is a + b*X^2, and X^2 times a point is one multiplication away (lanes.h, turn). Each half is
 * written in digits that are zero or odd, at most one of WINDOW successive ones not zero; for each place the points times their
 * digits are summed, and the places joined from the highest down by doubling. */
#include "crypto/bls/sums.h"

#include "base/endian.h"
#include "base/mem.h"

/* ---- sums of stored points */

/* Sum s: the points which[start[s] .. start[s + 1]). */
struct segments {
    size_t n;
    uint32_t *start, *count, *which;
};

struct work {
    struct bls_pool pool;
    uint32_t next; /* free place among the points; those from `first_own` on are partial sums */
    uint32_t first_own;
    struct bls_operation *operations;
};

/* A partial sum's place is free once it is added; other points must stay. */
static uint32_t place_for(struct work *w, uint32_t a, uint32_t b)
{
    if ((a & ~BLS_NEGATED) >= w->first_own)
        return a & ~BLS_NEGATED;
    if ((b & ~BLS_NEGATED) >= w->first_own)
        return b & ~BLS_NEGATED;
    return w->next++;
}

/* Halve the segments until no sum has more than one point. At most half as many places are taken as there are points. */
static void sum_up(struct work *w, struct segments *s)
{
    size_t n;
    do {
        n = 0;
        for (size_t k = 0; k < s->n; k++) {
            uint32_t *which = s->which + s->start[k], count = s->count[k];
            for (uint32_t i = 0; i + 1 < count; i += 2) {
                const uint32_t to = place_for(w, which[i], which[i + 1]);
                w->operations[n++] = (struct bls_operation){to, which[i], which[i + 1]};
                which[i / 2] = to;
            }
            if (count % 2 != 0)
                which[count / 2] = which[count - 1];
            s->count[k] = (count + 1) / 2;
        }
        w->pool.lanes->add(&w->pool, w->operations, n);
    } while (n > 0);
}

/* ---- memory: one block, cut into aligned pieces */

struct piece {
    void **at;
    size_t count, size;
};

enum { ALIGNMENT = 64 };

static int cut(uint8_t **block, const struct piece *pieces, size_t n)
{
    size_t total = ALIGNMENT;
    for (size_t i = 0; i < n; i++) {
        if (total > SIZE_MAX / 4 || pieces[i].count > SIZE_MAX / 4 / pieces[i].size)
            return DSPV_ENOMEM;
        total += (pieces[i].count * pieces[i].size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    *block = mem_alloc(total);
    if (!*block)
        return DSPV_ENOMEM;
    uint8_t *free = *block + (ALIGNMENT - (uintptr_t)*block % ALIGNMENT) % ALIGNMENT;
    for (size_t i = 0; i < n; i++) {
        *pieces[i].at = free;
        free += (pieces[i].count * pieces[i].size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }
    return 0;
}

/* ---- weights */

/* Division by X^2, bit by bit, after the highest 127 bits, which are a number below it. */
struct bls_weight bls_weight_of(const blst_scalar *scalar)
{
    static const uint64_t XX[2] = {0x0000000100000000, 0xac45a4010001a402};
    const uint64_t high = load_le64(scalar->b + 24), middle = load_le64(scalar->b + 16);
    struct bls_weight w = {.a = {middle >> 1 | high << 63, high >> 1}};
    for (int bit = 128; bit >= 0; bit--) {
        const uint64_t over = w.a[1] >> 63;
        w.a[1] = w.a[1] << 1 | w.a[0] >> 63;
        w.a[0] = w.a[0] << 1 | (scalar->b[bit / 8] >> (bit % 8) & 1);
        const uint64_t fits = over | (w.a[1] > XX[1] || (w.a[1] == XX[1] && w.a[0] >= XX[0]));
        w.b[1] = w.b[1] << 1 | w.b[0] >> 63;
        w.b[0] = w.b[0] << 1 | fits;
        w.a[1] -= (XX[1] + (w.a[0] < XX[0])) & -fits;
        w.a[0] -= XX[0] & -fits;
    }
    return w;
}

enum { WINDOW = 5, MULTIPLES = 1 << (WINDOW - 2), MOST_DIGITS = BLS_WEIGHT_BITS / WINDOW + 1 };

struct digit {
    uint8_t place;
    int8_t value; /* odd, below 2^(WINDOW - 1) in absolute value */
};

static unsigned bits_at(const uint64_t half[2], unsigned place, unsigned n)
{
    const unsigned word = place / 64, shift = place % 64;
    if (word > 1)
        return 0;
    uint64_t v = half[word] >> shift;
    if (shift > 0 && word == 0)
        v |= half[1] << (64 - shift);
    return (unsigned)(v & ((1u << n) - 1));
}

/* Returns how many. */
static size_t digits_of(struct digit *out, const uint64_t half[2], unsigned bits)
{
    size_t n = 0;
    unsigned carry = 0;
    for (unsigned place = 0; place <= bits;) {
        if (bits_at(half, place, 1) == carry) {
            place++;
            continue;
        }
        const int value = (int)(bits_at(half, place, WINDOW) + carry);
        carry = (unsigned)value >> (WINDOW - 1) & 1;
        out[n++] = (struct digit){(uint8_t)place, (int8_t)(value - (int)(carry << WINDOW))};
        place += WINDOW;
    }
    return n;
}

/* ---- weighted sums */

/* Stored points: multiple m (the point times 2m + 1) of point i at m*n + i; then the same turned; then the doubles. */
struct table {
    size_t n;
    struct work work;
    struct segments places; /* bits + 1 of each sum */
    struct digit *digits;   /* of point i: MOST_DIGITS for a, as many for b */
    uint8_t *n_digits;
    const blst_p1_affine **points; /* the n */
    blst_p1_affine *sums;          /* of the places */
    uint8_t *block;
};

static uint32_t table_place(const struct table *t, bool turned, unsigned multiple, size_t i)
{
    return (uint32_t)(((turned ? MULTIPLES : 0) + multiple) * t->n + i);
}

static int table_init(struct table *t, const struct bls_lanes *lanes, size_t n_points, size_t n_sums, unsigned bits)
{
    const size_t terms = n_points * 2 * (bits / WINDOW + 1), own = (2 * MULTIPLES + 1) * n_points;
    if (n_points > UINT32_MAX / 4 / (2 * MULTIPLES + 1 + MOST_DIGITS))
        return DSPV_ENOMEM;
    *t = (struct table){.n = n_points, .places.n = n_sums * (bits + 1)};
    t->work.pool.lanes = lanes;
    t->work.first_own = t->work.next = (uint32_t)own;
    const struct piece pieces[] = {
        {(void **)&t->work.pool.points, own + terms / 2, sizeof(struct bls_point)},
        {&t->work.pool.scratch, BLS_LANES_SCRATCH, 1},
        {(void **)&t->work.operations, terms / 2 + n_points, sizeof(struct bls_operation)},
        {(void **)&t->places.start, t->places.n + 1, sizeof(uint32_t)},
        {(void **)&t->places.count, t->places.n, sizeof(uint32_t)},
        {(void **)&t->places.which, terms, sizeof(uint32_t)},
        {(void **)&t->digits, n_points * 2 * MOST_DIGITS, sizeof(struct digit)},
        {(void **)&t->n_digits, n_points * 2, 1},
        {(void **)&t->points, n_points, sizeof(*t->points)},
        {(void **)&t->sums, t->places.n, sizeof(*t->sums)},
    };
    return cut(&t->block, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

static void fill_multiples(struct table *t)
{
    struct work *w = &t->work;
    const uint32_t n = (uint32_t)t->n, doubles = 2 * MULTIPLES * n;
    w->pool.lanes->pack(w->pool.points, t->points, n);
    for (uint32_t i = 0; i < n; i++)
        w->operations[i] = (struct bls_operation){doubles + i, i, i};
    w->pool.lanes->twice(&w->pool, w->operations, n);
    for (uint32_t m = 1; m < MULTIPLES; m++) {
        for (uint32_t i = 0; i < n; i++)
            w->operations[i] = (struct bls_operation){m * n + i, (m - 1) * n + i, doubles + i};
        w->pool.lanes->add(&w->pool, w->operations, n);
    }
    w->pool.lanes->turn(w->pool.points + MULTIPLES * t->n, w->pool.points, MULTIPLES * t->n);
}

static struct digit *digits_at(const struct table *t, size_t half)
{
    return t->digits + half * MOST_DIGITS;
}

/* From counts to the first position of each segment; the counts become 0. */
static void lay_out(struct segments *s)
{
    s->start[0] = 0;
    for (size_t k = 0; k < s->n; k++) {
        s->start[k + 1] = s->start[k] + s->count[k];
        s->count[k] = 0;
    }
}

static void put(struct segments *s, size_t segment, uint32_t which)
{
    s->which[s->start[segment] + s->count[segment]++] = which;
}

/* The points and digits of a sum, of which the first is point `i` of the table. */
static void take_digits(struct table *t, const struct bls_weighted_sum *sum, size_t first_place, size_t i, unsigned bits)
{
    for (size_t k = 0; k < sum->n; k++, i++) {
        t->points[i] = sum->points[k];
        for (size_t half = 2 * i; half < 2 * i + 2; half++) {
            t->n_digits[half] = (uint8_t)digits_of(digits_at(t, half), half % 2 == 0 ? sum->weights[k].a : sum->weights[k].b, bits);
            for (size_t d = 0; d < t->n_digits[half]; d++)
                t->places.count[first_place + digits_at(t, half)[d].place]++;
        }
    }
}

/* Turned is -X^2 times the point. */
static void put_digits(struct table *t, const struct bls_weighted_sum *sum, size_t first_place, size_t i)
{
    for (size_t end = i + sum->n; i < end; i++)
        for (size_t half = 2 * i; half < 2 * i + 2; half++)
            for (size_t d = 0; d < t->n_digits[half]; d++) {
                const struct digit digit = digits_at(t, half)[d];
                const bool turned = half % 2 != 0, negative = (digit.value < 0) != turned;
                const unsigned multiple = (unsigned)(digit.value < 0 ? -digit.value : digit.value) / 2;
                put(&t->places, first_place + digit.place, table_place(t, turned, multiple, i) | (negative ? BLS_NEGATED : 0));
            }
}

static void join_places(blst_p1 *out, const struct table *t, size_t first_place, unsigned bits)
{
    memset(out, 0, sizeof(*out)); /* infinity */
    for (unsigned place = bits + 1; place-- > 0;) {
        blst_p1_double(out, out);
        if (t->places.count[first_place + place] > 0)
            blst_p1_add_or_double_affine(out, out, &t->sums[first_place + place]);
    }
}

static void unpack_places(struct table *t)
{
    for (size_t k = 0, n; k < t->places.n; k += n) {
        for (n = 0; k + n < t->places.n && t->places.count[k + n] > 0; n++)
            t->places.which[n] = t->places.which[t->places.start[k + n]];
        t->work.pool.lanes->unpack(t->sums + k, &t->work.pool, t->places.which, n);
        n += n == 0;
    }
}

static int sum_chunk(const struct bls_lanes *lanes, struct bls_weighted_sum *sums, size_t n, size_t n_points, unsigned bits)
{
    struct table t;
    if (table_init(&t, lanes, n_points, n, bits) != 0)
        return DSPV_ENOMEM;
    memset(t.places.count, 0, t.places.n * sizeof(*t.places.count));
    for (size_t k = 0, i = 0; k < n; i += sums[k++].n)
        take_digits(&t, &sums[k], k * (bits + 1), i, bits);
    fill_multiples(&t);
    lay_out(&t.places);
    for (size_t k = 0, i = 0; k < n; i += sums[k++].n)
        put_digits(&t, &sums[k], k * (bits + 1), i);
    sum_up(&t.work, &t.places);
    unpack_places(&t);
    for (size_t k = 0; k < n; k++)
        join_places(&sums[k].sum, &t, k * (bits + 1), bits);
    mem_free(t.block);
    return 0;
}

int bls_weighted_sums(const struct bls_lanes *lanes, struct bls_weighted_sum *sums, size_t n, unsigned bits)
{
    enum { CHUNK_POINTS = 512 }; /* their places fit into a core's second cache */
    for (size_t done = 0, taken; done < n; done += taken) {
        size_t points = sums[done].n;
        for (taken = 1; done + taken < n && points + sums[done + taken].n <= CHUNK_POINTS; taken++)
            points += sums[done + taken].n;
        if (sum_chunk(lanes, sums + done, taken, points, bits) != 0)
            return DSPV_ENOMEM;
    }
    return 0;
}

/* ---- the subgroup test of many points
 *
 * A point P of the curve is Q + T with Q in G1 and T in a group of order h = (X - 1)^2 / 3, which is odd; P is in G1 when T is
 * zero. A round takes for each point a secret s from {-1, 0, 1} and tests the sum of all s*P as a single point is tested. Were some T
 * not zero, then for each choice of the other s at most one of the three s of that point lets the sum pass: the difference of two
 * of them is 1 or 2 in absolute value, and neither T nor 2T is zero, as the order of T is odd. So a round errs with a chance of at
 * most 1/3, ROUNDS independent ones with less than 2^-63.
 *
 * ROUNDS_AT_ONCE rounds share their additions: points with the same s in all of them (up to the sign of all) are summed first. */

enum { ROUNDS = 40, ROUNDS_AT_ONCE = 5, SETS = ROUNDS / ROUNDS_AT_ONCE, VECTORS = 243, BUCKETS = VECTORS / 2 };

struct test {
    struct work work;
    struct segments buckets; /* BUCKETS of each set */
    struct segments rounds;  /* ROUNDS_AT_ONCE of each set */
    uint8_t *vectors;        /* SETS of each point: its s in these rounds, as digits 0 .. 2 of a number of base 3 */
    uint8_t *block;
};

static int test_init(struct test *t, const struct bls_lanes *lanes, size_t n)
{
    const size_t terms = SETS * n, most = ROUNDS * BUCKETS;
    if (n > UINT32_MAX / 4 / SETS)
        return DSPV_ENOMEM;
    *t = (struct test){.buckets.n = SETS * BUCKETS, .rounds.n = ROUNDS};
    t->work.pool.lanes = lanes;
    t->work.first_own = t->work.next = (uint32_t)n;
    const struct piece pieces[] = {
        {(void **)&t->work.pool.points, n + (terms + most) / 2, sizeof(struct bls_point)},
        {&t->work.pool.scratch, BLS_LANES_SCRATCH, 1},
        {(void **)&t->work.operations, (terms + most) / 2, sizeof(struct bls_operation)},
        {(void **)&t->buckets.start, t->buckets.n + 1, sizeof(uint32_t)},
        {(void **)&t->buckets.count, t->buckets.n, sizeof(uint32_t)},
        {(void **)&t->buckets.which, terms, sizeof(uint32_t)},
        {(void **)&t->rounds.start, t->rounds.n + 1, sizeof(uint32_t)},
        {(void **)&t->rounds.count, t->rounds.n, sizeof(uint32_t)},
        {(void **)&t->rounds.which, most, sizeof(uint32_t)},
        {(void **)&t->vectors, terms, 1},
    };
    return cut(&t->block, pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/* Uniform in 0 .. VECTORS - 1. */
static uint8_t random_vector(struct rng *rng)
{
    uint8_t byte;
    do {
        rng_bytes(rng, &byte, 1);
    } while (byte >= VECTORS);
    return byte;
}

/* The vectors below BUCKETS have a bucket; BUCKETS itself is all zeros; those above are the opposites of those below. */
static void fill_buckets(struct test *t, size_t n, struct rng *rng)
{
    struct segments *s = &t->buckets;
    memset(s->count, 0, s->n * sizeof(*s->count));
    for (size_t i = 0; i < SETS * n; i++) {
        const uint8_t v = t->vectors[i] = random_vector(rng);
        if (v != BUCKETS)
            s->count[i / n * BUCKETS + (v < BUCKETS ? v : VECTORS - 1 - v)]++;
    }
    lay_out(s);
    for (size_t i = 0; i < SETS * n; i++) {
        const uint8_t v = t->vectors[i];
        const uint32_t point = (uint32_t)(i % n);
        if (v < BUCKETS)
            put(s, i / n * BUCKETS + v, point);
        else if (v > BUCKETS)
            put(s, i / n * BUCKETS + VECTORS - 1 - v, point | BLS_NEGATED);
    }
}

/* The s that a bucket's points have in one of its rounds. */
static int sign_in(size_t bucket, unsigned round)
{
    for (; round > 0; round--)
        bucket /= 3;
    return (int)(bucket % 3) - 1;
}

static void fill_rounds(struct test *t)
{
    struct segments *s = &t->rounds;
    for (size_t k = 0; k <= s->n; k++)
        s->start[k] = (uint32_t)(k * BUCKETS);
    memset(s->count, 0, s->n * sizeof(*s->count));
    for (size_t k = 0; k < t->buckets.n; k++)
        for (unsigned round = 0; t->buckets.count[k] > 0 && round < ROUNDS_AT_ONCE; round++) {
            const uint32_t sum = t->buckets.which[t->buckets.start[k]];
            const int sign = sign_in(k % BUCKETS, round);
            if (sign != 0)
                put(s, k / BUCKETS * ROUNDS_AT_ONCE + round, sign > 0 ? sum : sum ^ BLS_NEGATED);
        }
    t->work.first_own = t->work.next; /* a bucket is in several rounds */
}

static bool rounds_pass(struct test *t)
{
    for (size_t k = 0; k < t->rounds.n; k++) {
        blst_p1_affine sum;
        if (t->rounds.count[k] == 0)
            continue;
        t->work.pool.lanes->unpack(&sum, &t->work.pool, &t->rounds.which[t->rounds.start[k]], 1);
        if (!blst_p1_affine_is_inf(&sum) && !blst_p1_affine_in_g1(&sum))
            return false;
    }
    return true;
}

int bls_points_in_group(const struct bls_lanes *lanes, const blst_p1_affine *const *points, size_t n, struct rng *rng, bool *yes)
{
    struct test t;
    if (test_init(&t, lanes, n) != 0)
        return DSPV_ENOMEM;
    lanes->pack(t.work.pool.points, points, n);
    fill_buckets(&t, n, rng);
    sum_up(&t.work, &t.buckets);
    fill_rounds(&t);
    sum_up(&t.work, &t.rounds);
    *yes = rounds_pass(&t);
    mem_free(t.block);
    return 0;
}
