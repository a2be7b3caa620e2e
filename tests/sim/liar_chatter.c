/* Nodes that talk too much: floods of small messages, answers nobody asked for or asked for before, questions to somebody who has
 * no answers (protocol.md 3.7, 3.10). */
#include "sim/liar_kinds.h"
#include "wire/addr.h"
#include "wire/small.h"

/* ---- floods */

static void tick_babble(struct liar *l, struct liar_output *out)
{
    static const char *const names[] = {"dsq", "getblocks", "spork", "ssc", "govsync", "qsigrec", "cmpctblock", "zzzzzzzzzzzz"};
    uint8_t payload[300];
    if (!liar_chance(l, 30))
        return;
    rng_bytes(&l->rng, payload, sizeof(payload));
    for (uint64_t n = rng_below(&l->rng, 12); n > 0; n--) {
        const char *name = names[rng_below(&l->rng, sizeof(names) / sizeof(names[0]))];
        liar_say(out, l, name, payload, rng_below(&l->rng, sizeof(payload)));
    }
    l->lies++;
}
const struct liar_kind liar_babbles = {.name = "babbles", .tick = tick_babble};

static void tick_pings(struct liar *l, struct liar_output *out)
{
    uint8_t nonce[8];
    if (l->protocol == 0)
        return;
    for (uint64_t n = rng_below(&l->rng, 100); n > 0; n--) {
        rng_bytes(&l->rng, nonce, sizeof(nonce));
        liar_say(out, l, "ping", nonce, rng_below(&l->rng, 100) ? 8 : 4);
    }
    l->lies++;
}
const struct liar_kind liar_ping_flood = {.name = "ping-flood", .tick = tick_pings};

static void said_pong(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    uint64_t nonce = rng_u64(&l->rng);
    struct writer w;
    if (m->command != WIRE_PONG) {
        liar_pass(out, l, m);
        return;
    }
    writer_init(&w);
    ping_encode(&w, nonce);
    liar_say_written(out, l, "pong", &w);
    writer_free(&w);
    l->lies++;
}
static void tick_pong(struct liar *l, struct liar_output *out)
{
    uint8_t nonce[8];
    rng_bytes(&l->rng, nonce, sizeof(nonce));
    if (l->protocol == 0 || !liar_chance(l, 30))
        return;
    liar_say(out, l, "pong", nonce, sizeof(nonce));
    l->lies++;
}
const struct liar_kind liar_wrong_pong = {.name = "wrong-pong", .said = said_pong, .tick = tick_pong};

static void tick_addresses(struct liar *l, struct liar_output *out)
{
    uint8_t entry[ADDR_ENTRY];
    uint32_t n = liar_chance(l, 5) ? ADDR_MOST + 1 : (uint32_t)rng_below(&l->rng, 200);
    struct writer w;
    if (l->protocol == 0 || !liar_chance(l, 40))
        return;
    writer_init(&w);
    writer_compact_size(&w, n);
    for (uint32_t i = 0; i < n; i++) {
        rng_bytes(&l->rng, entry, sizeof(entry));
        writer_bytes(&w, entry, sizeof(entry));
    }
    liar_say_written(out, l, liar_chance(l, 80) ? "addr" : "addrv2", &w);
    writer_free(&w);
    l->lies++;
}
const struct liar_kind liar_address_flood = {.name = "address-flood", .tick = tick_addresses};

/* ---- answers out of place */

static void said_again(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_pass(out, l, m);
    if (!liar_is_answer(m->command) || !liar_moment(l, out))
        return;
    liar_pass(out, l, m);
    l->lies++;
}
const struct liar_kind liar_repeats_answers = {.name = "repeats-answers", .said = said_again};

/* A diff of two blocks of the chain. */
static void say_some_diff(struct liar *l, struct liar_output *out, int32_t base, int32_t block)
{
    struct devnode_view v = liar_view(l);
    struct writer w;
    if (base < v.chain->start || block > v.tip || base > block || block < v.chain->first_diff)
        return;
    struct getmnlistd ask = {*devnode_chain_hash(v.chain, base), *devnode_chain_hash(v.chain, block)};
    writer_init(&w);
    if (devnode_answer_mnlistdiff(&v, &ask, &w) == 0) {
        liar_say_written(out, l, "mnlistdiff", &w);
        l->lies++;
    }
    writer_free(&w);
}

/* Requests of the first connection are answered after the next handshake. state[0]: what was asked for, height of the base
 * + 1 << 32 | height of the block; state[1]: the connection it was asked on. */
static bool heard_for_later(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct getmnlistd ask;
    dspv_fault fault;
    if (m->command == WIRE_GETQRINFO) {
        l->lies++;
        out->hang_up = liar_chance(l, 50);
        return !out->hang_up;
    }
    if (m->command != WIRE_GETMNLISTD || getmnlistd_decode(m->payload.p, m->payload.n, &ask, &fault) != 0 || liar_chance(l, 60))
        return true;
    const struct devnode_chain *chain = l->world->chain;
    int32_t base = block_hash_is_zero(&ask.base) ? chain->start : devnode_chain_height(chain, &ask.base, l->tip);
    int32_t block = devnode_chain_height(chain, &ask.block, l->tip);
    if (base < 0 || block < 0)
        return true;
    l->state[0] = (uint64_t)(base + 1) << 32 | (uint32_t)block;
    l->state[1] = l->connections;
    out->hang_up = true;
    return false;
}
static void tick_for_later(struct liar *l, struct liar_output *out)
{
    if (l->protocol == 0 || l->state[0] == 0 || l->state[1] == l->connections)
        return;
    say_some_diff(l, out, (int32_t)(l->state[0] >> 32) - 1, (int32_t)(l->state[0] & 0x7fffffff));
    l->state[0] = 0;
}
const struct liar_kind liar_late_answers = {.name = "late-answers", .heard = heard_for_later, .tick = tick_for_later};

static void tick_unasked(struct liar *l, struct liar_output *out)
{
    struct devnode_view v = liar_view(l);
    if (l->protocol == 0 || v.tip < 2 || !liar_chance(l, 30))
        return;
    int32_t block = (int32_t)rng_below(&l->rng, (uint64_t)v.tip) + 1;
    if (liar_chance(l, 60)) {
        say_some_diff(l, out, (int32_t)rng_below(&l->rng, (uint64_t)block), block);
        return;
    }
    struct getqrinfo ask = {.block = *devnode_chain_hash(v.chain, v.tip), .extra_share = liar_chance(l, 50)};
    struct writer w;
    writer_init(&w);
    if (devnode_answer_qrinfo(&v, &ask, &w) == 0) {
        liar_say_written(out, l, "qrinfo", &w);
        l->lies++;
    }
    writer_free(&w);
}
const struct liar_kind liar_unasked_answers = {.name = "unasked-answers", .tick = tick_unasked};

/* Questions to somebody who has nothing to serve. */
static void tick_questions(struct liar *l, struct liar_output *out)
{
    static const char *const empty[] = {"getaddr", "mempool", "sendheaders"};
    uint8_t ask[4 + 1 + 2 * 32];
    if (l->protocol == 0 || !liar_chance(l, 30))
        return;
    for (uint64_t n = rng_below(&l->rng, 30); n > 0; n--) {
        rng_bytes(&l->rng, ask, sizeof(ask));
        ask[4] = 1; /* hashes of the locator */
        switch (rng_below(&l->rng, 4)) {
        case 0: liar_say(out, l, liar_chance(l, 50) ? "getheaders" : "getheaders2", ask, sizeof(ask)); break;
        case 1: liar_say(out, l, "getmnlistd", ask, 64); break;
        case 2:
            ask[0] = 1;
            liar_say(out, l, "getdata", ask, 37);
            break;
        default: liar_say(out, l, empty[rng_below(&l->rng, sizeof(empty) / sizeof(empty[0]))], NULL, 0); break;
        }
        l->lies++;
    }
}
const struct liar_kind liar_asks_much = {.name = "asks-much", .tick = tick_questions};

/* The client's own words come back to it. */
static bool heard_echo(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (liar_is_request(m->command) && liar_moment(l, out)) {
        liar_pass(out, l, m);
        l->lies++;
    }
    return true;
}
const struct liar_kind liar_echoes = {.name = "echoes", .heard = heard_echo};
