/* See progress_line.h. Every number in a line is measured; what is not known yet is left out. */
#include "cli/progress_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void progress_bytes(uint64_t bytes, char *out, size_t size)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double value = (double)bytes / 1000;
    size_t i = 0;
    if (bytes < 1000) {
        snprintf(out, size, "%" PRIu64 " bytes", bytes);
        return;
    }
    for (; value >= 999.95 && i < 3; i++)
        value /= 1000;
    snprintf(out, size, "%.1f %s", value, units[i]);
}

void progress_duration(dspv_ms ms, char *out, size_t size)
{
    int64_t s = ms / 1000;
    if (ms < 60000)
        snprintf(out, size, "%.1f s", (double)ms / 1000);
    else if (s < 3600)
        snprintf(out, size, "%" PRId64 ":%02d min", s / 60, (int)(s % 60));
    else
        snprintf(out, size, "%" PRId64 ":%02d:%02d h", s / 3600, (int)(s / 60 % 60), (int)(s % 60));
}

void progress_strategy(const dspv_progress *p, char *out, size_t size)
{
    uint64_t qr = p->qr_info_planned, all = qr + p->mn_diff_planned;
    unsigned share = all ? (unsigned)((qr * 100 + all / 2) / all) : 0;
    switch (p->strategy) {
    case DSPV_STRATEGY_NONE: snprintf(out, size, "Starting"); break;
    case DSPV_STRATEGY_DISCOVERY: snprintf(out, size, "Engine discovery"); break;
    case DSPV_STRATEGY_HYBRID:
        if (all == 0)
            snprintf(out, size, "Hybrid sync");
        else
            snprintf(out, size, "Hybrid sync (%u%% QRInfo, %u%% MnListDiff)%s", share, 100 - share,
                     share > 70 ? " High Efficiency" : "");
        break;
    case DSPV_STRATEGY_FALLBACK:
        snprintf(out, size, "Fallback (MnListDiff only, %" PRIu32 " so far: %s)", p->fallback_diffs, dspv_reason_text(p->reason));
        break;
    }
}

struct line {
    char *out;
    size_t size, n;
};

static void add(struct line *l, const char *label, const char *text)
{
    if (l->n >= l->size)
        return;
    int n = snprintf(l->out + l->n, l->size - l->n, "%s%s%s", l->n ? "  " : "", label, text);
    l->n += n > 0 ? (size_t)n : 0;
}

static void add_pair(struct line *l, const char *label, int64_t done, int64_t of)
{
    char text[64];
    snprintf(text, sizeof(text), "%" PRId64 "/%" PRId64, done, of);
    add(l, label, text);
}

static void add_height(struct line *l, const char *label, int32_t height)
{
    char text[16];
    if (height < 0)
        return;
    snprintf(text, sizeof(text), "%" PRId32, height);
    add(l, label, text);
}

dspv_ms progress_time_left(const dspv_progress *p, dspv_ms now)
{
    dspv_ms elapsed = now - p->started;
    if (p->percent < 5 || p->percent >= 100 || elapsed < 2000)
        return -1;
    return (dspv_ms)((double)elapsed * (100 - p->percent) / p->percent);
}

/* Answered, of all so far, and how fast. */
static void add_requests(struct line *l, const dspv_progress *p)
{
    char text[64];
    add_pair(l, "requests ", (int64_t)p->qr_info_completed + p->mn_diff_completed,
             (int64_t)p->qr_info_planned + p->mn_diff_planned);
    if (p->requests_per_second < 0.05)
        return;
    snprintf(text, sizeof(text), "%.1f/s", p->requests_per_second);
    add(l, "", text);
}

static void add_time_left(struct line *l, const dspv_progress *p, dspv_ms now)
{
    char duration[32], text[48];
    dspv_ms left = progress_time_left(p, now);
    if (left < 0)
        return;
    progress_duration(left, duration, sizeof(duration));
    snprintf(text, sizeof(text), "about %s left", duration);
    add(l, "", text);
}

void progress_line(const dspv_progress *p, dspv_ms now, char *out, size_t size)
{
    struct line l = {out, size, 0};
    char text[160];
    snprintf(text, sizeof(text), "%3.0f%%", p->percent);
    if (p->phase != DSPV_PHASE_SYNCED)
        add(&l, "", text);
    add(&l, "", dspv_phase_name(p->phase));
    if (p->phase == DSPV_PHASE_HEADERS)
        add_pair(&l, "", p->header_height, p->header_target > p->header_height ? p->header_target : p->header_height);
    if (p->phase == DSPV_PHASE_MASTERNODES) {
        progress_strategy(p, text, sizeof(text));
        add(&l, "", text);
        add_requests(&l, p);
    }
    if (p->phase == DSPV_PHASE_DEGRADED)
        add(&l, "", dspv_reason_text(p->reason));
    if (p->phase == DSPV_PHASE_SYNCED) {
        add_height(&l, "block ", p->header_height);
        add_height(&l, "ChainLock ", p->chainlock_height);
    }
    if (p->quorums_wanted)
        add_pair(&l, "quorums ", p->quorums_verified, p->quorums_wanted);
    progress_bytes(p->bytes_received, text, sizeof(text));
    add(&l, "", text);
    add_time_left(&l, p, now);
}
