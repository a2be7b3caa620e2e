/* The registry of liars and what they share: moods, and honest answers taken apart, changed and put together again. */
#include "sim/liar_kinds.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"
#include "wire/frame.h"

/* ---- registry */

static const struct liar_kind *const KINDS[] = {
#define LIAR_ADDRESS(id) &liar_##id,
    LIAR_KINDS(LIAR_ADDRESS)
#undef LIAR_ADDRESS
};

const struct liar_kind *const *liar_kinds(size_t *n)
{
    *n = sizeof(KINDS) / sizeof(KINDS[0]);
    return KINDS;
}

const struct liar_kind *liar_find(const char *name)
{
    for (size_t i = 0; i < sizeof(KINDS) / sizeof(KINDS[0]); i++)
        if (strcmp(KINDS[i]->name, name) == 0)
            return KINDS[i];
    return NULL;
}

/* ---- when to lie */

enum mood { MOOD_ALWAYS, MOOD_SOMETIMES, MOOD_PATIENT, MOOD_RETURNING, MOODS };
enum scope { SCOPE_BOTH, SCOPE_DIFFS, SCOPE_QRINFOS, SCOPES };

/* state[3]: occasions so far << 16 | left << 9 | drawn << 8 | scope << 4 | mood */
enum { MOOD_MASK = 0xf, SCOPE_SHIFT = 4, MOOD_DRAWN = 1 << 8, MOOD_LEFT = 1 << 9, MOOD_OCCASION = 1 << 16 };
enum { PATIENCE = 2 };

static uint64_t mood_of(struct liar *l)
{
    if (!(l->state[3] & MOOD_DRAWN)) {
        uint64_t mood = liar_chance(l, 40) ? MOOD_ALWAYS : rng_below(&l->rng, MOODS);
        uint64_t scope = liar_chance(l, 50) ? SCOPE_BOTH : rng_below(&l->rng, SCOPES);
        l->state[3] |= MOOD_DRAWN | scope << SCOPE_SHIFT | mood;
    }
    return l->state[3] & MOOD_MASK;
}

static enum scope scope_of(struct liar *l)
{
    mood_of(l);
    return (enum scope)(l->state[3] >> SCOPE_SHIFT & 0xf);
}

bool liar_chance(struct liar *l, unsigned percent)
{
    return rng_below(&l->rng, 100) < percent;
}

bool liar_moment(struct liar *l, struct liar_output *out)
{
    uint64_t mood = mood_of(l), occasions = l->state[3] / MOOD_OCCASION;
    l->state[3] += MOOD_OCCASION;
    switch (mood) {
    case MOOD_ALWAYS: return true;
    case MOOD_SOMETIMES: return liar_chance(l, 40);
    case MOOD_PATIENT: return occasions >= PATIENCE;
    default:
        if (l->state[3] & MOOD_LEFT)
            return true;
        if (liar_chance(l, 60)) {
            l->state[3] |= MOOD_LEFT;
            out->hang_up = true;
        }
        return false;
    }
}

/* ---- messages */

bool liar_is_request(enum wire_command c)
{
    return c == WIRE_GETHEADERS || c == WIRE_GETHEADERS2 || c == WIRE_GETMNLISTD || c == WIRE_GETQRINFO || c == WIRE_GETDATA ||
           c == WIRE_MEMPOOL;
}

bool liar_is_answer(enum wire_command c)
{
    return c == WIRE_HEADERS || c == WIRE_HEADERS2 || c == WIRE_MNLISTDIFF || c == WIRE_QRINFO || c == WIRE_CLSIG ||
           c == WIRE_ISDLOCK;
}

bool liar_hears(struct liar *l, bool hear)
{
    l->lies += !hear;
    return hear;
}

void liar_say(struct liar_output *out, const struct liar *l, const char *command, const void *payload, size_t n)
{
    uint8_t header[FRAME_HEADER_SIZE] = {0}, digest[32];
    size_t length = strlen(command);
    memcpy(header, l->world->chain->network.chain.magic, 4);
    memcpy(header + 4, command, length < WIRE_COMMAND_SIZE ? length : WIRE_COMMAND_SIZE);
    store_le32(header + 16, (uint32_t)n);
    sha256d(digest, payload, n);
    memcpy(header + 20, digest, 4);
    writer_bytes(&out->bytes, header, sizeof(header));
    writer_bytes(&out->bytes, payload, n);
}

size_t liar_message_at(const uint8_t *p, struct liar_message *m)
{
    m->command = wire_command_find(p + 4);
    m->name = wire_command_name(m->command);
    m->payload = (struct span){p + FRAME_HEADER_SIZE, load_le32(p + 16)};
    return FRAME_HEADER_SIZE + m->payload.n;
}

void liar_pass(struct liar_output *out, const struct liar *l, const struct liar_message *m)
{
    liar_say(out, l, m->name, m->payload.p, m->payload.n);
}

void liar_say_written(struct liar_output *out, const struct liar *l, const char *command, struct writer *w)
{
    if (w->failed)
        out->bytes.failed = true;
    else
        liar_say(out, l, command, w->data, w->n);
    writer_reset(w);
}

struct devnode_view liar_view(const struct liar *l)
{
    const struct devnode_chain *chain = l->kind->chain == LIAR_STALE_CHAIN     ? l->world->stale_chain
                                        : l->kind->chain == LIAR_FOREIGN_CHAIN ? l->world->foreign_chain
                                                                               : l->world->chain;
    return (struct devnode_view){chain, l->tip < chain->tip ? l->tip : chain->tip, l->protocol};
}

/* ---- pieces */

void *liar_copy(struct arena *a, const void *items, size_t n, size_t extra, size_t size)
{
    void *copy = arena_alloc_array(a, n + extra + 1, size);
    if (copy && n > 0)
        memcpy(copy, items, n * size);
    return copy;
}

uint8_t *liar_random_bytes(struct liar *l, struct arena *a, size_t n)
{
    uint8_t *bytes = arena_alloc(a, n);
    if (bytes)
        rng_bytes(&l->rng, bytes, n);
    return bytes;
}

uint8_t *liar_turn_bit(struct liar *l, struct arena *a, const uint8_t *bytes, size_t n)
{
    uint8_t *copy = liar_copy(a, bytes, n, 0, 1);
    if (copy && n > 0)
        copy[rng_below(&l->rng, n)] ^= (uint8_t)(1 << rng_below(&l->rng, 8));
    return copy;
}

/* Say `w` instead of the message; what makes no difference is no lie. */
static void say_instead(struct liar *l, const struct liar_message *m, struct liar_output *out, struct writer *w)
{
    if (w->failed || (w->n == m->payload.n && memcmp(w->data, m->payload.p, w->n) == 0)) {
        liar_pass(out, l, m);
        return;
    }
    liar_say_written(out, l, m->name, w);
    l->lies++;
}

static void change_diff(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_diff_lie *lie)
{
    struct arena a;
    struct writer w;
    struct mnlistdiff d;
    dspv_fault fault;
    arena_init(&a, 0);
    writer_init(&w);
    if (mnlistdiff_decode(m->payload.p, m->payload.n, l->protocol, &a, &d, &fault) == 0 && lie(l, &a, &d)) {
        mnlistdiff_encode(&w, &d);
        say_instead(l, m, out, &w);
    } else {
        liar_pass(out, l, m);
    }
    writer_free(&w);
    arena_free(&a);
}

static void change_qrinfo(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_qrinfo_lie *lie,
                          liar_diff_lie *diff_lie)
{
    struct arena a;
    struct writer w;
    struct qrinfo q;
    dspv_fault fault;
    arena_init(&a, 0);
    writer_init(&w);
    bool lied = qrinfo_decode(m->payload.p, m->payload.n, l->protocol, &a, &q, &fault) == 0;
    if (lied && lie) {
        lied = lie(l, &a, &q);
    } else if (lied) {
        struct mnlistdiff *diffs[] = {&q.tip, &q.h, &q.diffs[0], &q.diffs[1], &q.diffs[2], &q.diffs[3]};
        size_t n = q.extra_share ? 6 : 5, first = rng_below(&l->rng, n);
        lied = false;
        for (size_t i = 0; i < n && !lied; i++)
            lied = diff_lie(l, &a, diffs[(first + i) % n]);
    }
    if (lied) {
        qrinfo_encode(&w, &q);
        say_instead(l, m, out, &w);
    } else {
        liar_pass(out, l, m);
    }
    writer_free(&w);
    arena_free(&a);
}

void liar_lie_in_diff(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_diff_lie *lie)
{
    if (m->command == WIRE_MNLISTDIFF && liar_moment(l, out))
        change_diff(l, m, out, lie);
    else
        liar_pass(out, l, m);
}

void liar_lie_in_qrinfo(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_qrinfo_lie *lie)
{
    if (m->command == WIRE_QRINFO && liar_moment(l, out))
        change_qrinfo(l, m, out, lie, NULL);
    else
        liar_pass(out, l, m);
}

void liar_lie_in_diffs(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_diff_lie *lie)
{
    enum scope scope = scope_of(l);
    bool diff = m->command == WIRE_MNLISTDIFF && scope != SCOPE_QRINFOS, info = m->command == WIRE_QRINFO && scope != SCOPE_DIFFS;
    if ((!diff && !info) || !liar_moment(l, out))
        liar_pass(out, l, m);
    else if (diff)
        change_diff(l, m, out, lie);
    else
        change_qrinfo(l, m, out, NULL, lie);
}
