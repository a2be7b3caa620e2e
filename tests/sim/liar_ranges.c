/* Lies about the ranges between checkpoints that a client asks for side by side (../../src/sync/header_ranges.h): false in the
 * middle, about something else, out of order, late. Where the client's network has no checkpoints they never get to lie. */
#include "sim/liar_batch.h"
#include "wire/headers.h"

/* ---- questions */

/* A question about headers after a block that names the last one wanted, too. */
static bool is_range(const struct liar *l, const struct liar_message *m, struct liar_range *out)
{
    const struct devnode_chain *chain = l->world->chain;
    struct getheaders ask;
    dspv_fault fault;
    if (m->command != WIRE_GETHEADERS2 || getheaders_decode(m->payload.p, m->payload.n, &ask, &fault) != 0 || ask.n_locator != 1)
        return false;
    out->after = devnode_chain_height(chain, &ask.locator[0], l->tip);
    out->last = devnode_chain_height(chain, &ask.stop, l->tip);
    return out->after >= 0 && out->last > out->after;
}

static uint32_t length(const struct liar_range *r)
{
    return (uint32_t)(r->last - r->after);
}

/* What a lie makes of the true answer, which has room for all headers of the chain; false: nothing. */
typedef bool range_lie(struct liar *l, const struct liar_range *r, struct liar_batch *b);

static bool say_range(struct liar *l, struct liar_output *out, const struct liar_range *r, range_lie *lie)
{
    struct devnode_view v = {l->world->chain, l->tip, l->protocol};
    struct arena a;
    struct liar_batch b;
    bool said = false;
    arena_init(&a, 0);
    if (liar_batch_new(&a, (uint32_t)l->tip + 1, &b)) {
        liar_batch_fill(&v, &b, r->after + 1, length(r));
        said = !lie || lie(l, r, &b);
        if (said)
            liar_batch_say(l, out, true, &b);
    }
    arena_free(&a);
    return said;
}

/* As a liar_kind's heard(). */
static bool answer(struct liar *l, const struct liar_message *m, struct liar_output *out, range_lie *lie)
{
    struct liar_range r;
    return !is_range(l, m, &r) || !liar_moment(l, out) || !say_range(l, out, &r, lie);
}

/* ---- false ranges */

static void change_header(struct liar *l, struct liar_batch *b, uint32_t i)
{
    enum { AT_ROOT = 36 };
    b->raw[(size_t)i * HEADER_SIZE + AT_ROOT + rng_below(&l->rng, 32)] ^= (uint8_t)(1 << rng_below(&l->rng, 8));
}

/* Each header follows the one before, but they lead to another end. */
static bool changed(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    (void)r;
    change_header(l, b, (uint32_t)rng_below(&l->rng, b->n));
    return true;
}

static bool heard_changed(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, changed);
}
const struct liar_kind liar_range_changed = {.name = "range-changed", .heard = heard_changed};

/* A branch of our own that is not left in the right way. */
static bool branch_off(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    struct devnode_view v = {l->world->chain, l->tip, l->protocol};
    uint32_t own = 1 + (uint32_t)rng_below(&l->rng, length(r) - 1);
    if (!liar_batch_can_mine(v.chain, r->after))
        return false;
    b->n = 0;
    liar_batch_mine(l, v.chain, r->after, own, b);
    liar_batch_fill(&v, b, r->after + 1 + (int32_t)own, length(r));
    return true;
}

/* It ends where it should, but does not hang together. */
static bool torn(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    if (b->n < 2)
        return false;
    if (liar_chance(l, 40))
        return branch_off(l, r, b);
    uint32_t i = (uint32_t)rng_below(&l->rng, b->n - 1);
    change_header(l, b, i);
    b->hashes[i].b[0] ^= 1; /* so the prev that names it is told */
    return true;
}

/* Some are gone before that is found out. */
static bool heard_torn(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    bool passes = answer(l, m, out, torn);
    out->hang_up |= !passes && liar_chance(l, 10);
    return passes;
}
const struct liar_kind liar_range_torn = {.name = "range-torn", .heard = heard_torn};

/* Of a chain that does not have the checkpoint's block, as many as there should be. */
static bool of_our_chain(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    struct devnode_view v = liar_view(l);
    if (r->after > 0 || r->last > v.tip)
        return false;
    b->n = 0;
    liar_batch_fill(&v, b, 1, length(r));
    return true;
}

static bool heard_foreign(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, of_our_chain);
}
const struct liar_kind liar_range_foreign = {.name = "range-foreign", .chain = LIAR_FOREIGN_CHAIN, .heard = heard_foreign};

/* ---- true headers that are no answer */

static bool another(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    struct devnode_view v = {l->world->chain, l->tip, l->protocol};
    int32_t first = 1 + (int32_t)rng_below(&l->rng, (uint64_t)l->tip);
    b->n = 0;
    liar_batch_fill(&v, b, first, length(r));
    return first != r->after + 1;
}

static bool heard_another(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, another);
}
const struct liar_kind liar_range_other = {.name = "range-other", .heard = heard_another};

/* To the tip, or a few too many. */
static bool too_long(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    struct devnode_view v = {l->world->chain, l->tip, l->protocol};
    uint32_t most = (uint32_t)(l->tip - r->after);
    liar_batch_fill(&v, b, r->last + 1,
                    liar_chance(l, 50) ? most : length(r) + (uint32_t)rng_below(&l->rng, most - length(r) + 1));
    return b->n > length(r);
}

static bool heard_too_long(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, too_long);
}
const struct liar_kind liar_range_long = {.name = "range-long", .heard = heard_too_long};

static bool too_short(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    (void)r;
    b->n = liar_chance(l, 50) ? 0 : (uint32_t)rng_below(&l->rng, b->n);
    return true;
}

static bool heard_too_short(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, too_short);
}
const struct liar_kind liar_range_short = {.name = "range-short", .heard = heard_too_short};

/* It claims the whole chain and has half of it: what it does not know it answers from the start, as any node. */
static bool of_half(struct liar *l, const struct liar_range *r, struct liar_batch *b)
{
    struct devnode_view half = {l->world->chain, l->tip / 2, l->protocol};
    int32_t first = r->after <= half.tip ? r->after + 1 : 1;
    if (r->last <= half.tip)
        return false;
    b->n = 0;
    liar_batch_fill(&half, b, first, (uint32_t)(half.tip - first + 1));
    return true;
}

static bool heard_by_half(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return answer(l, m, out, of_half);
}
const struct liar_kind liar_range_half = {.name = "range-half", .heard = heard_by_half};

static bool heard_twice(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct liar_range r;
    if (!is_range(l, m, &r) || !liar_moment(l, out))
        return true;
    return !say_range(l, out, &r, NULL) || !say_range(l, out, &r, NULL);
}
const struct liar_kind liar_range_twice = {.name = "range-twice", .heard = heard_twice};

/* All but one. state[0]: questions so far, state[1]: which one. */
static bool heard_but_one(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct liar_range r;
    (void)out;
    if (!is_range(l, m, &r))
        return true;
    if (l->state[1] == 0)
        l->state[1] = 1 + rng_below(&l->rng, 20);
    return liar_hears(l, ++l->state[0] != l->state[1]);
}
const struct liar_kind liar_range_missing = {.name = "range-missing", .heard = heard_but_one};

/* ---- true answers at another time. They are held, and said at some tick. */

static void connected_empty(struct liar *l, struct liar_output *out)
{
    (void)out;
    l->n_held = 0;
    l->state[0] = 0;
}

static bool heard_and_held(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct liar_range r;
    (void)out;
    if (l->n_held == LIAR_MOST_HELD || !is_range(l, m, &r))
        return true;
    l->held[l->n_held++] = r;
    return false;
}

static void say_held(struct liar *l, struct liar_output *out, size_t i)
{
    struct liar_range r = l->held[i];
    l->n_held--;
    memmove(&l->held[i], &l->held[i + 1], (l->n_held - i) * sizeof(l->held[0]));
    say_range(l, out, &r, NULL);
}

/* From the last to the first, or in any order: that is allowed. */
static void tick_in_disorder(struct liar *l, struct liar_output *out)
{
    bool backwards = liar_chance(l, 50);
    while (l->n_held > 0)
        say_held(l, out, backwards ? l->n_held - 1 : rng_below(&l->rng, l->n_held));
}
const struct liar_kind liar_range_order = {
    .name = "range-order", .connected = connected_empty, .heard = heard_and_held, .tick = tick_in_disorder};

/* One after the other, each just before the client would lose its patience. state[0]: ticks since the last. */
static void tick_slowly(struct liar *l, struct liar_output *out)
{
    enum { PATIENCE_S = 9 };
    if (l->n_held == 0 || ++l->state[0] < PATIENCE_S)
        return;
    l->state[0] = 0;
    say_held(l, out, 0);
}
const struct liar_kind liar_range_slow = {
    .name = "range-slow", .connected = connected_empty, .heard = heard_and_held, .tick = tick_slowly};

/* All of them when others may long have told the same. state[0]: ticks since the first; state[1]: when. */
static void tick_late(struct liar *l, struct liar_output *out)
{
    enum { EARLIEST_S = 11, LATEST_S = 50 };
    if (l->n_held == 0)
        return;
    if (l->state[1] == 0)
        l->state[1] = EARLIEST_S + rng_below(&l->rng, LATEST_S - EARLIEST_S);
    if (++l->state[0] < l->state[1])
        return;
    l->state[0] = 0;
    while (l->n_held > 0)
        say_held(l, out, 0);
}
const struct liar_kind liar_range_late = {
    .name = "range-late", .connected = connected_empty, .heard = heard_and_held, .tick = tick_late};
