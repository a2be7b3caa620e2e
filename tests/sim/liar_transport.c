/* Nodes that break the conversation instead of its content (protocol.md 3.1, 3.10): silence, stalls, connections that end, broken
 * frames. */
#include "base/endian.h"
#include "sim/liar_kinds.h"

/* ---- silence */

static bool heard_mute(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    (void)out;
    return liar_hears(l, m->command == WIRE_VERSION || m->command == WIRE_VERACK);
}
const struct liar_kind liar_silent = {.name = "silent", .heard = heard_mute};

static bool heard_but_version(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    (void)m;
    (void)out;
    return liar_hears(l, false);
}
const struct liar_kind liar_no_handshake = {.name = "no-handshake", .heard = heard_but_version};

static bool heard_but_lists(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return liar_hears(l, m->command != WIRE_GETMNLISTD || !liar_moment(l, out));
}
const struct liar_kind liar_silent_lists = {.name = "silent-lists", .heard = heard_but_lists};

static bool heard_but_qrinfo(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    return liar_hears(l, m->command != WIRE_GETQRINFO || !liar_moment(l, out));
}
const struct liar_kind liar_silent_qrinfo = {.name = "silent-qrinfo", .heard = heard_but_qrinfo};

static bool heard_but_headers(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    bool asked = m->command == WIRE_GETHEADERS || m->command == WIRE_GETHEADERS2;
    return liar_hears(l, !asked || !liar_moment(l, out));
}
const struct liar_kind liar_silent_headers = {.name = "silent-headers", .heard = heard_but_headers};

/* As a -blocksonly node. */
static bool heard_fleeing(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    out->hang_up = m->command == WIRE_GETQRINFO || (m->command == WIRE_GETMNLISTD && liar_chance(l, 50));
    return liar_hears(l, !out->hang_up);
}
const struct liar_kind liar_flees_requests = {.name = "flees-requests", .heard = heard_fleeing};

/* ---- slowness */

static void said_late(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    static const int64_t stalls_ms[] = {200, 2000, 9000, 14500, 16000, 29500, 31000, 61000, 200000};
    if (liar_is_answer(m->command) && liar_moment(l, out)) {
        out->stall_ms = stalls_ms[rng_below(&l->rng, sizeof(stalls_ms) / sizeof(stalls_ms[0]))];
        l->lies++;
    }
    liar_pass(out, l, m);
}
const struct liar_kind liar_stalls = {.name = "stalls", .said = said_late};

static void connected_dripping(struct liar *l, struct liar_output *out)
{
    (void)out;
    l->lies++;
}
const struct liar_kind liar_drips = {.name = "drips", .connected = connected_dripping, .bytes_at_once = 1, .delivery_ms = 4};
const struct liar_kind liar_trickles = {
    .name = "trickles", .connected = connected_dripping, .bytes_at_once = 97, .delivery_ms = 40};

/* ---- breaking off */

static void said_cut(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    size_t before = out->bytes.n;
    bool cut = liar_is_answer(m->command) && liar_moment(l, out);
    liar_pass(out, l, m);
    if (!cut)
        return;
    out->bytes.n = before + rng_below(&l->rng, out->bytes.n - before);
    out->hang_up = true;
    l->lies++;
}
const struct liar_kind liar_cuts_off = {.name = "cuts-off", .said = said_cut};

/* The rest of the message never comes, nor anything after it (state[0]: this connection has dried up). */
static void said_half(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    size_t before = out->bytes.n;
    if (l->state[0] == l->connections) {
        l->lies++;
        return;
    }
    bool cut = liar_is_answer(m->command) && liar_moment(l, out);
    liar_pass(out, l, m);
    if (!cut)
        return;
    out->bytes.n = before + rng_below(&l->rng, out->bytes.n - before);
    l->state[0] = l->connections;
    l->lies++;
}
const struct liar_kind liar_dries_up = {.name = "dries-up", .said = said_half};

static void tick_leaving(struct liar *l, struct liar_output *out)
{
    if (!liar_chance(l, 10))
        return;
    out->hang_up = true;
    l->lies++;
}
const struct liar_kind liar_leaves = {.name = "leaves", .tick = tick_leaving};

static void connected_and_gone(struct liar *l, struct liar_output *out)
{
    out->hang_up = true;
    l->lies++;
}
const struct liar_kind liar_hangs_up = {.name = "hangs-up", .connected = connected_and_gone};

/* ---- broken frames */

/* The frame of `m` after something was done to its 24 bytes. */
static uint8_t *framed(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    size_t before = out->bytes.n;
    liar_pass(out, l, m);
    if (out->bytes.failed)
        return NULL;
    l->lies++;
    return out->bytes.data + before;
}

static bool breaks(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (liar_is_answer(m->command) && liar_moment(l, out))
        return true;
    liar_pass(out, l, m);
    return false;
}

static void said_magic(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    uint8_t *frame = breaks(l, m, out) ? framed(l, m, out) : NULL;
    if (frame)
        frame[rng_below(&l->rng, 4)] ^= (uint8_t)(1 << rng_below(&l->rng, 8));
}
const struct liar_kind liar_wrong_magic = {.name = "wrong-magic", .said = said_magic};

static void said_checksum(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    uint8_t *frame = breaks(l, m, out) ? framed(l, m, out) : NULL;
    if (frame)
        frame[20 + rng_below(&l->rng, 4)] ^= (uint8_t)(1 << rng_below(&l->rng, 8));
}
const struct liar_kind liar_wrong_checksum = {.name = "wrong-checksum", .said = said_checksum};

static void said_length(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    static const uint32_t lengths[] = {UINT32_MAX, 0x7fffffff, (8 << 20) + 1, 8 << 20, 3 << 20, 0};
    uint8_t *frame = breaks(l, m, out) ? framed(l, m, out) : NULL;
    if (frame)
        store_le32(frame + 16, lengths[rng_below(&l->rng, sizeof(lengths) / sizeof(lengths[0]))]);
}
const struct liar_kind liar_wrong_length = {.name = "wrong-length", .said = said_length};

static void said_name(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    uint8_t *frame = breaks(l, m, out) ? framed(l, m, out) : NULL;
    if (!frame)
        return;
    switch (rng_below(&l->rng, 3)) {
    case 0: frame[4] = 0x80; break;
    case 1: frame[15] = 'x'; break; /* after the padding */
    default: frame[4 + rng_below(&l->rng, 3)] = 'Z'; break;
    }
}
const struct liar_kind liar_wrong_command = {.name = "wrong-command", .said = said_name};

/* Bytes that are no protocol at all. */
static void tick_noise(struct liar *l, struct liar_output *out)
{
    uint8_t noise[200];
    if (!liar_chance(l, 20))
        return;
    rng_bytes(&l->rng, noise, sizeof(noise));
    writer_bytes(&out->bytes, noise, 1 + rng_below(&l->rng, sizeof(noise)));
    l->lies++;
}
const struct liar_kind liar_noise = {.name = "noise", .tick = tick_noise};
