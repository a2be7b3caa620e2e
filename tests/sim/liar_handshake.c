/* Nodes whose handshake is not what it should be (protocol.md 3.5, 3.6). */
#include "sim/liar_kinds.h"
#include "wire/version.h"

/* The honest version message with something else in it. */
static void change_version(struct liar *l, const struct liar_message *m, struct liar_output *out,
                           void (*change)(struct liar *l, struct version *v))
{
    struct version v;
    struct writer w;
    dspv_fault fault;
    if (m->command != WIRE_VERSION || version_decode(m->payload.p, m->payload.n, &v, &fault) != 0) {
        liar_pass(out, l, m);
        return;
    }
    change(l, &v);
    writer_init(&w);
    version_encode(&w, &v);
    liar_say_written(out, l, "version", &w);
    writer_free(&w);
    l->lies++;
}

static void old_protocol(struct liar *l, struct version *v)
{
    static const int32_t old[] = {70214, 70208, 209, 0, -1, INT32_MIN};
    v->version = old[rng_below(&l->rng, sizeof(old) / sizeof(old[0]))];
}
static void said_old_protocol(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, old_protocol);
}
const struct liar_kind liar_old_protocol = {.name = "old-protocol", .said = said_old_protocol};

static void new_protocol(struct liar *l, struct version *v)
{
    v->version = liar_chance(l, 50) ? INT32_MAX : v->version + 1 + (int32_t)rng_below(&l->rng, 100);
}
static void said_new_protocol(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, new_protocol);
}
const struct liar_kind liar_new_protocol = {.name = "new-protocol", .said = said_new_protocol};

/* It announces a version whose layouts it does not write. */
static void other_protocol(struct liar *l, struct version *v)
{
    v->version = 70221 + (int32_t)rng_below(&l->rng, 19);
}
static void said_other_protocol(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, other_protocol);
}
const struct liar_kind liar_other_protocol = {.name = "other-protocol", .said = said_other_protocol};

static void no_services(struct liar *l, struct version *v)
{
    v->services = liar_chance(l, 50) ? 0 : SERVICE_BLOOM | SERVICE_COMPACT_FILTERS;
}
static void said_no_services(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, no_services);
}
const struct liar_kind liar_no_services = {.name = "no-services", .said = said_no_services};

static void absurd_height(struct liar *l, struct version *v)
{
    static const int32_t heights[] = {INT32_MAX, INT32_MIN, -1, 0, 100000000};
    v->start_height = heights[rng_below(&l->rng, sizeof(heights) / sizeof(heights[0]))];
    v->time_s = (int64_t)rng_u64(&l->rng);
}
static void said_absurd_height(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, absurd_height);
}
const struct liar_kind liar_absurd_height = {.name = "absurd-height", .said = said_absurd_height};

/* It claims to have everything, tells no header and answers nothing: whoever asks the highest first asks it. */
static void boast(struct liar *l, struct version *v)
{
    v->start_height = liar_chance(l, 50) ? INT32_MAX : l->tip + 1000;
}
static void said_boast(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, boast);
}
static bool heard_boaster(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    static const uint8_t none = 0;
    if (m->command == WIRE_GETHEADERS || m->command == WIRE_GETHEADERS2)
        liar_say(out, l, m->command == WIRE_GETHEADERS ? "headers" : "headers2", &none, 1);
    return liar_hears(l, !liar_is_request(m->command));
}
const struct liar_kind liar_boasts = {.name = "boasts", .said = said_boast, .heard = heard_boaster};

/* A version message that ends early, or whose user agent does not. */
static void said_broken_version(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct writer w;
    enum { AT_AGENT = 80 };
    if (m->command != WIRE_VERSION || m->payload.n <= AT_AGENT) {
        liar_pass(out, l, m);
        return;
    }
    writer_init(&w);
    if (liar_chance(l, 50)) {
        writer_bytes(&w, m->payload.p, rng_below(&l->rng, AT_AGENT));
    } else {
        uint8_t agent[300];
        memset(agent, '/', sizeof(agent));
        writer_bytes(&w, m->payload.p, AT_AGENT);
        writer_compact_size(&w, sizeof(agent));
        writer_bytes(&w, agent, sizeof(agent));
        writer_bytes(&w, m->payload.p + m->payload.n - 5, 5);
    }
    liar_say_written(out, l, "version", &w);
    writer_free(&w);
    l->lies++;
}
const struct liar_kind liar_broken_version = {.name = "broken-version", .said = said_broken_version};

/* state[0]: the client's nonce, as if it had connected to itself. */
static bool heard_nonce(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct version v;
    dspv_fault fault;
    (void)out;
    if (m->command == WIRE_VERSION && version_decode(m->payload.p, m->payload.n, &v, &fault) == 0)
        l->state[0] = v.nonce;
    return true;
}
static void own_nonce(struct liar *l, struct version *v)
{
    v->nonce = l->state[0];
}
static void said_own_nonce(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    change_version(l, m, out, own_nonce);
}
const struct liar_kind liar_echoes_nonce = {.name = "echoes-nonce", .said = said_own_nonce, .heard = heard_nonce};

static void connected_early(struct liar *l, struct liar_output *out)
{
    liar_say(out, l, "verack", NULL, 0);
    l->lies++;
}
const struct liar_kind liar_early_verack = {.name = "early-verack", .connected = connected_early};

/* version and verack twice, also in the middle of the conversation. */
static void said_twice(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    liar_pass(out, l, m);
    if (m->command != WIRE_VERSION && m->command != WIRE_VERACK)
        return;
    liar_pass(out, l, m);
    l->lies++;
}
static void tick_verack(struct liar *l, struct liar_output *out)
{
    if (l->protocol == 0 || !liar_chance(l, 20))
        return;
    liar_say(out, l, liar_chance(l, 50) ? "verack" : "sendheaders2", NULL, 0);
    l->lies++;
}
const struct liar_kind liar_twice_handshake = {.name = "twice-handshake", .said = said_twice, .tick = tick_verack};
