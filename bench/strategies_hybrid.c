/* The hybrid strategy: the real client. Time divided by the round trip counts what it waited for. */
#include "base/endian.h"
#include "clock.h"
#include "strategies.h"
#include "wire/frame.h"
#include "world.h"

struct stay {
    struct bench_stage *stage;
    dspv_ms lists_from; /* the headers were complete then; 0: not yet */
};

static void count(struct world *w, const uint8_t *bytes, size_t n)
{
    struct bench_stage *stage = ((struct stay *)w->context)->stage;
    for (size_t i = 0, size; i + FRAME_HEADER_SIZE <= n; i += size) {
        size = FRAME_HEADER_SIZE + load_le32(bytes + i + 16);
        switch (wire_command_find(bytes + i + 4)) {
        case WIRE_GETQRINFO:
            stage->qr_infos++;
            stage->sent += size;
            break;
        case WIRE_GETMNLISTD:
            stage->mn_diffs++;
            stage->sent += size;
            break;
        case WIRE_QRINFO: stage->qr_info_bytes += size; break;
        case WIRE_MNLISTDIFF: stage->mn_diff_bytes += size; break;
        default: break;
        }
    }
}

/* Headers cost every strategy the same. */
static void charge(struct world *w, double us)
{
    struct stay *s = w->context;
    dspv_progress now;
    dspv_get_progress(w->client, &now);
    if (now.phase == DSPV_PHASE_HEADERS || now.phase == DSPV_PHASE_CONNECTING)
        return;
    s->stage->cpu_s += us / 1e6;
    if (s->lists_from == 0)
        s->lists_from = w->now;
}

static double round_trips(dspv_ms time)
{
    return (double)time / WORLD_ROUND_TRIP_MS;
}

void bench_hybrid(const struct bench_run *r, bool every_block, struct bench_result *out)
{
    struct stay stay = {.stage = &out->start};
    struct world w = {
        .chain = r->chain, .tip = r->tip, .n_peers = BENCH_PEERS, .on_bytes = count, .on_work = charge, .context = &stay};
    int32_t interval = network_llmq(&r->chain->network, r->chain->network.instantsend_type)->interval;
    *out = (struct bench_result){.name = "hybrid", .pace = every_block ? "every block" : "once a cycle"};
    world_start(&w);
    out->start.round_trips = round_trips(w.now - stay.lists_from);
    out->started = bench_standing_of(r->chain, client_engine(w.client), r->tip);
    stay.stage = &out->follow;
    while (w.tip < r->end)
        out->follow.round_trips += round_trips(world_grow(&w, w.tip + (every_block ? 1 : interval)));
    out->followed = bench_standing_of(r->chain, client_engine(w.client), r->end);
    world_free(&w);
}
