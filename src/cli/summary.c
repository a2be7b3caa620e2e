/* See summary.h. */
#include "cli/summary.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "cli/progress_line.h"
#include "cli/report.h"
#include "sync/client.h"

/* ---- collecting */

static struct summary_type *type_of(struct summary *s, uint8_t type)
{
    size_t i = 0;
    while (i < s->n_types && s->types[i].type < type)
        i++;
    if (i < s->n_types && s->types[i].type == type)
        return &s->types[i];
    if (s->n_types == SUMMARY_MOST_TYPES)
        return NULL;
    memmove(&s->types[i + 1], &s->types[i], (s->n_types - i) * sizeof(s->types[0]));
    s->n_types++;
    s->types[i] = (struct summary_type){.type = type};
    return &s->types[i];
}

static int count_types(struct summary *s, const struct engine *e)
{
    size_t *wanted, n;
    if (s->progress.list_height < 0)
        return 0;
    int rc = engine_wanted(e, s->progress.list_height, &wanted, &n);
    if (rc != 0)
        return rc == DSPV_EMISUSE ? 0 : rc;
    for (size_t i = 0; i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(e, wanted[i], &v);
        struct summary_type *t = type_of(s, v.quorum->c.type);
        if (t) {
            t->wanted++;
            t->verified += v.status == QUORUM_VERIFIED;
        }
    }
    mem_free(wanted);
    return 0;
}

int summary_collect(struct summary *out, struct driver *driver, const struct event_log *log)
{
    dspv *client = driver_client(driver);
    const struct headers *chain = client_headers(client);
    const struct engine *e = client_engine(client);
    block_hash tip;
    *out = (struct summary){0};
    dspv_get_progress(client, &out->progress);
    out->elapsed_ms = driver_now(driver) - out->progress.started;
    headers_hash(chain, headers_tip(chain), &tip);
    memcpy(out->tip, tip.b, 32);
    snprintf(out->network, sizeof(out->network), "%s", engine_network(e)->chain.name);
    int rc = count_types(out, e);
    if (rc != 0)
        return rc;
    out->report = report_state(e, headers_tip_height(chain), &tip, log->locks);
    return out->report ? 0 : DSPV_ENOMEM;
}

void summary_free(struct summary *s)
{
    json_decref(s->report);
    s->report = NULL;
}

bool summary_all_verified(const struct summary *s)
{
    const dspv_progress *p = &s->progress;
    return p->phase == DSPV_PHASE_SYNCED && p->quorums_wanted != 0 && p->quorums_verified == p->quorums_wanted;
}

int summary_write_report(const struct summary *s, const char *path)
{
    return report_write(s->report, path);
}

/* ---- for a person */

static void print_headline(const struct summary *s, FILE *out)
{
    const dspv_progress *p = &s->progress;
    if (summary_all_verified(s))
        fprintf(out, "Synced with %s: every wanted quorum is verified.\n", s->network);
    else if (p->phase == DSPV_PHASE_SYNCED)
        fprintf(out, "Synced with %s.\n", s->network);
    else if (p->phase == DSPV_PHASE_DEGRADED)
        fprintf(out, "NOT synced with %s: %s.\n", s->network, dspv_reason_text(p->reason));
    else
        fprintf(out, "NOT synced with %s: ended in phase \"%s\".\n", s->network, dspv_phase_name(p->phase));
}

static void print_quorums(const struct summary *s, FILE *out)
{
    const dspv_progress *p = &s->progress;
    fprintf(out, "  quorums      %" PRIu32 " of %" PRIu32 " verified", p->quorums_verified, p->quorums_wanted);
    if (p->quorums_waiting)
        fprintf(out, ", %" PRIu32 " waiting", p->quorums_waiting);
    if (p->quorums_invalid)
        fprintf(out, ", %" PRIu32 " INVALID", p->quorums_invalid);
    fputc('\n', out);
    for (size_t i = 0; i < s->n_types; i++)
        fprintf(out, "    %-24s %" PRIu32 "/%" PRIu32 "\n", llmq_type_name(s->types[i].type), s->types[i].verified,
                s->types[i].wanted);
}

static void print_locks(const struct summary *s, FILE *out)
{
    const dspv_progress *p = &s->progress;
    if (p->chainlock_height < 0)
        fputs("  ChainLock    none seen yet\n", out);
    else
        fprintf(out, "  ChainLock    block %" PRId32 "%s, %" PRIu32 " verified\n", p->chainlock_height,
                p->chainlock_height == p->header_height ? " (the tip)" : "", p->chainlocks);
    if (p->instantlocks)
        fprintf(out, "  InstantSend  %" PRIu32 " locks verified\n", p->instantlocks);
}

static void print_traffic(const struct summary *s, FILE *out)
{
    const dspv_progress *p = &s->progress;
    char bytes[32], duration[32];
    progress_bytes(p->bytes_received, bytes, sizeof(bytes));
    progress_duration(s->elapsed_ms, duration, sizeof(duration));
    fprintf(out, "  requests     %" PRIu32 " qrinfo, %" PRIu32 " mnlistdiff", p->qr_info_completed, p->mn_diff_completed);
    if (p->qr_info_failed + p->mn_diff_failed)
        fprintf(out, " answered; %" PRIu32 " failed", p->qr_info_failed + p->mn_diff_failed);
    if (p->fallback_diffs)
        fprintf(out, "; %" PRIu32 " mnlistdiff in fallback", p->fallback_diffs);
    if (p->lookups + p->lookups_failed)
        fprintf(out, "\n  look-ups     %" PRIu32 " answered, %" PRIu32 " failed", p->lookups, p->lookups_failed);
    fprintf(out, "\n  received     %s in %s\n", bytes, duration);
}

void summary_print(const struct summary *s, FILE *out)
{
    const dspv_progress *p = &s->progress;
    char hex[65];
    hash_to_hex(s->tip, hex);
    print_headline(s, out);
    fprintf(out, "  tip          block %" PRId32 "  %s\n", p->header_height, hex);
    if (p->list_height >= 0)
        fprintf(out, "  masternodes  %" PRIu32 " at block %" PRId32 ": %" PRIu32 " valid, %" PRIu32 " Evo\n", p->masternodes,
                p->list_height, p->masternodes_valid, p->masternodes_evo);
    print_quorums(s, out);
    print_locks(s, out);
    print_traffic(s, out);
}

/* ---- for a program */

static json_t *types_json(const struct summary *s)
{
    json_t *all = json_object();
    for (size_t i = 0; i < s->n_types; i++)
        json_object_set_new(
            all, llmq_type_name(s->types[i].type),
            json_pack("{s:I, s:I}", "wanted", (json_int_t)s->types[i].wanted, "verified", (json_int_t)s->types[i].verified));
    return all;
}

static json_t *requests_json(const dspv_progress *p)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}", "qrinfo", (json_int_t)p->qr_info_completed, "mnlistdiff",
                     (json_int_t)p->mn_diff_completed, "fallback_diffs", (json_int_t)p->fallback_diffs, "failed",
                     (json_int_t)p->qr_info_failed + (json_int_t)p->mn_diff_failed, "lookups", (json_int_t)p->lookups,
                     "lookups_failed", (json_int_t)p->lookups_failed);
}

/* Heights that are not known are null. */
static json_t *summary_json(const struct summary *s, int exit_code, const char *why)
{
    const dspv_progress *p = &s->progress;
    char hex[65];
    hash_to_hex(s->tip, hex);
    json_t *o =
        json_pack("{s:s, s:s, s:s, s:i, s:s, s:o, s:I, s:I, s:I}", "event", "summary", "network", s->network, "phase",
                  dspv_phase_name(p->phase), "tip_height", (int)p->header_height, "tip_hash", hex, "list_height",
                  p->list_height < 0 ? json_null() : json_integer(p->list_height), "masternodes", (json_int_t)p->masternodes,
                  "masternodes_valid", (json_int_t)p->masternodes_valid, "masternodes_evo", (json_int_t)p->masternodes_evo);
    json_t *more =
        json_pack("{s:I, s:I, s:I, s:I, s:o, s:o, s:I, s:I, s:o, s:I, s:I, s:I, s:i, s:s?, s:s?}", "quorums_wanted",
                  (json_int_t)p->quorums_wanted, "quorums_verified", (json_int_t)p->quorums_verified, "quorums_waiting",
                  (json_int_t)p->quorums_waiting, "quorums_invalid", (json_int_t)p->quorums_invalid, "quorums_by_type",
                  types_json(s), "chainlock_height", p->chainlock_height < 0 ? json_null() : json_integer(p->chainlock_height),
                  "chainlocks", (json_int_t)p->chainlocks, "instantlocks", (json_int_t)p->instantlocks, "requests",
                  requests_json(p), "bytes_received", (json_int_t)p->bytes_received, "bytes_sent", (json_int_t)p->bytes_sent,
                  "elapsed_ms", (json_int_t)s->elapsed_ms, "exit_code", exit_code, "reason",
                  p->reason == DSPV_OK ? NULL : dspv_reason_name(p->reason), "error", why[0] ? why : NULL);
    if (!o || !more || json_object_update(o, more) != 0) {
        json_decref(o);
        o = NULL;
    }
    json_decref(more);
    return o;
}

void summary_print_json(const struct summary *s, int exit_code, const char *why)
{
    json_t *o = summary_json(s, exit_code, why);
    if (o && json_dumpf(o, stdout, JSON_COMPACT) == 0)
        putchar('\n');
    json_decref(o);
}
