/* See events.h. */
#include "cli/events.h"

#include <stdio.h>

#include "base/hash.h"
#include "cli/plan_json.h"
#include "cli/progress_line.h"
#include "llmq/network.h"
#include "sync/client.h"

static const char *event_name(dspv_event_kind kind)
{
    switch (kind) {
    case DSPV_EVENT_PHASE: return "phase";
    case DSPV_EVENT_PEER: return "peer";
    case DSPV_EVENT_TIP: return "tip";
    case DSPV_EVENT_LIST: return "list";
    case DSPV_EVENT_QUORUM: return "quorum";
    case DSPV_EVENT_PLAN: return "plan";
    case DSPV_EVENT_REQUEST: return "request";
    case DSPV_EVENT_CHAINLOCK: return "chainlock";
    case DSPV_EVENT_INSTANTLOCK: return "instantlock";
    case DSPV_EVENT_REFUSED: return "refused";
    case DSPV_EVENT_LOOKUP: return "lookup";
    case DSPV_EVENT_SOURCE: return "source";
    }
    return "unknown";
}

static void set_hash(json_t *o, const char *key, const uint8_t hash[32])
{
    char hex[65];
    hash_to_hex(hash, hex);
    json_object_set_new(o, key, json_string(hex));
}

static void set_reason(json_t *o, dspv_reason reason)
{
    if (reason == DSPV_OK)
        return;
    json_object_set_new(o, "reason", json_string(dspv_reason_name(reason)));
    json_object_set_new(o, "detail", json_string(dspv_reason_text(reason)));
}

/* The plan's shares of the two kinds of requests. */
static void set_shares(json_t *o, const dspv_progress *p)
{
    json_object_set_new(o, "plan_qr_info_percent", json_integer(p->plan_qr_info_percent));
    json_object_set_new(o, "plan_mn_diff_percent", json_integer(p->plan_mn_diff_percent));
}

static void set_plan(json_t *o, const dspv *client)
{
    char text[8192];
    dspv_progress progress;
    dspv_get_progress(client, &progress);
    set_shares(o, &progress);
    if (dspv_plan_text(client, text, sizeof(text)) != 0)
        json_object_set_new(o, "text", json_string(text));
    plan_json(o, client_plan(client));
}

static json_t *event_json(const dspv_event *e, const dspv *client)
{
    json_t *o = json_pack("{s:s}", "event", event_name(e->kind));
    switch (e->kind) {
    case DSPV_EVENT_PHASE: json_object_set_new(o, "phase", json_string(dspv_phase_name(e->phase))); break;
    case DSPV_EVENT_PEER:
    case DSPV_EVENT_REFUSED:
    case DSPV_EVENT_REQUEST: json_object_set_new(o, "peer", json_integer(e->conn)); break;
    case DSPV_EVENT_TIP:
    case DSPV_EVENT_LIST:
    case DSPV_EVENT_CHAINLOCK:
    case DSPV_EVENT_LOOKUP:
        json_object_set_new(o, "height", json_integer(e->height));
        set_hash(o, "hash", e->hash);
        break;
    case DSPV_EVENT_QUORUM:
        json_object_set_new(o, "type", json_integer(e->llmq_type));
        json_object_set_new(o, "type_name", json_string(llmq_type_name(e->llmq_type)));
        set_hash(o, "hash", e->hash);
        json_object_set_new(o, "verified", json_boolean(e->reason == DSPV_OK));
        break;
    case DSPV_EVENT_INSTANTLOCK: set_hash(o, "txid", e->hash); break;
    case DSPV_EVENT_PLAN: set_plan(o, client); break;
    case DSPV_EVENT_SOURCE: json_object_set_new(o, "working", json_boolean(e->reason == DSPV_OK)); break;
    }
    set_reason(o, e->reason);
    if (e->text[0] && e->kind != DSPV_EVENT_PLAN && e->kind != DSPV_EVENT_PHASE)
        json_object_set_new(o, "text", json_string(e->text));
    return o;
}

/* Takes `o`. */
static void print_json(json_t *o)
{
    if (o && json_dumpf(o, stdout, JSON_COMPACT) == 0) {
        putchar('\n');
        fflush(stdout);
    }
    json_decref(o);
}

void event_print_json(const dspv_event *event, const dspv *client)
{
    print_json(event_json(event, client));
}

void event_print_trouble(dspv_conn conn, const char *text)
{
    print_json(json_pack("{s:s, s:I, s:s}", "event", "trouble", "peer", (json_int_t)conn, "text", text));
}

static void set_requests(json_t *o, const dspv_progress *p)
{
    json_object_set_new(o, "requests_completed", json_integer((json_int_t)p->qr_info_completed + p->mn_diff_completed));
    json_object_set_new(o, "requests_planned", json_integer((json_int_t)p->qr_info_planned + p->mn_diff_planned));
    json_object_set_new(o, "requests_failed", json_integer((json_int_t)p->qr_info_failed + p->mn_diff_failed));
    json_object_set_new(o, "requests_per_second", json_real(p->requests_per_second));
    json_object_set_new(o, "fallback_diffs", json_integer(p->fallback_diffs));
    set_shares(o, p);
}

void event_print_progress(const dspv_progress *p, dspv_ms now)
{
    char words[160];
    dspv_ms left = progress_time_left(p, now);
    progress_strategy(p, words, sizeof(words));
    json_t *o = json_pack("{s:s, s:s, s:f, s:s, s:i, s:i, s:i, s:i}", "event", "progress", "phase", dspv_phase_name(p->phase),
                          "percent", p->percent, "strategy", words, "peers", (int)p->peers, "start_height", (int)p->start_height,
                          "header_height", (int)p->header_height, "header_target", (int)p->header_target);
    json_object_set_new(o, "list_height", p->list_height < 0 ? json_null() : json_integer(p->list_height));
    json_object_set_new(o, "quorums_wanted", json_integer(p->quorums_wanted));
    json_object_set_new(o, "quorums_verified", json_integer(p->quorums_verified));
    set_requests(o, p);
    json_object_set_new(o, "bytes_received", json_integer((json_int_t)p->bytes_received));
    json_object_set_new(o, "elapsed_ms", json_integer(now - p->started));
    json_object_set_new(o, "time_left_ms", left < 0 ? json_null() : json_integer(left));
    print_json(o);
}

static bool phase_line(struct event_words *w, const dspv_event *e, char *out, size_t size)
{
    bool again = e->phase <= w->furthest && e->phase != DSPV_PHASE_DEGRADED;
    w->furthest = e->phase > w->furthest && e->phase != DSPV_PHASE_DEGRADED ? e->phase : w->furthest;
    w->synced = w->synced || e->phase == DSPV_PHASE_SYNCED;
    if (again)
        return false;
    switch (e->phase) {
    case DSPV_PHASE_CONNECTING: return false;
    case DSPV_PHASE_HEADERS:
        snprintf(out, size, "headers: proof of work, difficulty and times of every block are checked");
        break;
    case DSPV_PHASE_MASTERNODES: snprintf(out, size, "headers are good up to block %d", (int)w->tip); break;
    case DSPV_PHASE_SYNCED: snprintf(out, size, "synced at block %d: masternode list and quorums are proven", (int)w->tip); break;
    case DSPV_PHASE_DEGRADED:
        snprintf(out, size, "not all can be verified at the moment: %s", dspv_reason_text(e->reason));
        break;
    }
    return true;
}

static void quorum_text(const dspv_event *e, char *out, size_t size)
{
    char hex[65];
    hash_to_hex(e->hash, hex);
    snprintf(out, size, "quorum %s %.16s...: %s", llmq_type_name(e->llmq_type), hex,
             e->reason == DSPV_OK ? "members and signatures verified" : dspv_reason_text(e->reason));
}

static void refused_text(const dspv_event *e, char *out, size_t size)
{
    if (e->conn == 0)
        snprintf(out, size, "an answer was refused: %s", e->text);
    else
        snprintf(out, size, "peer %u: a message was refused: %s", (unsigned)e->conn,
                 e->text[0] ? e->text : dspv_reason_text(e->reason));
}

/* About a block or transaction. */
static void hash_text(const dspv_event *e, const char *before, const char *after, char *out, size_t size)
{
    char hex[65];
    hash_to_hex(e->hash, hex);
    if (e->kind == DSPV_EVENT_INSTANTLOCK)
        snprintf(out, size, "%s%s%s", before, hex, after);
    else
        snprintf(out, size, "%s%d %s%s", before, (int)e->height, hex, after);
}

void event_text(const dspv_event *e, char *out, size_t size)
{
    bool good = e->reason == DSPV_OK;
    const char *why = good ? "" : dspv_reason_text(e->reason);
    switch (e->kind) {
    case DSPV_EVENT_PHASE: snprintf(out, size, "%s%s%s", dspv_phase_name(e->phase), good ? "" : ": ", why); break;
    case DSPV_EVENT_PEER: snprintf(out, size, "peer %u %s%s", (unsigned)e->conn, good ? "connected" : "gone: ", why); break;
    case DSPV_EVENT_TIP: hash_text(e, "block ", "", out, size); break;
    case DSPV_EVENT_LIST: hash_text(e, "masternode list proven at block ", "", out, size); break;
    case DSPV_EVENT_REQUEST: snprintf(out, size, "asked peer %u: %s", (unsigned)e->conn, e->text); break;
    case DSPV_EVENT_QUORUM: quorum_text(e, out, size); break;
    case DSPV_EVENT_CHAINLOCK: snprintf(out, size, "block %d: ChainLock verified", (int)e->height); break;
    case DSPV_EVENT_INSTANTLOCK: hash_text(e, "transaction ", ": InstantSend lock verified", out, size); break;
    case DSPV_EVENT_REFUSED: refused_text(e, out, size); break;
    case DSPV_EVENT_SOURCE:
        snprintf(out, size, "%s%s", good ? "look-ups work again" : "look-ups do not work, the sync goes on without: ", why);
        break;
    case DSPV_EVENT_PLAN: snprintf(out, size, "a new plan of requests"); break;
    case DSPV_EVENT_LOOKUP: snprintf(out, size, "block %d looked up%s%s", (int)e->height, good ? "" : ": ", why); break;
    }
}

/* Is it worth a line for somebody who watches? */
static bool worth_a_line(const struct event_words *w, const dspv_event *e)
{
    switch (e->kind) {
    case DSPV_EVENT_PEER:
    case DSPV_EVENT_CHAINLOCK:
    case DSPV_EVENT_REFUSED:
    case DSPV_EVENT_SOURCE: return true;
    case DSPV_EVENT_REQUEST: return !w->synced;
    case DSPV_EVENT_QUORUM: return w->synced || e->reason != DSPV_OK;
    case DSPV_EVENT_PHASE:
    case DSPV_EVENT_TIP:
    case DSPV_EVENT_LIST:
    case DSPV_EVENT_PLAN:
    case DSPV_EVENT_LOOKUP:
    case DSPV_EVENT_INSTANTLOCK: return false;
    }
    return false;
}

bool event_line(struct event_words *w, const dspv_event *e, char *out, size_t size)
{
    if (e->kind == DSPV_EVENT_TIP)
        w->tip = e->height;
    if (e->kind == DSPV_EVENT_PHASE)
        return phase_line(w, e, out, size);
    if (!worth_a_line(w, e))
        return false;
    event_text(e, out, size);
    return true;
}

int event_log_add(struct event_log *log, const dspv_event *e)
{
    json_t *row;
    char hex[65];
    if (e->kind != DSPV_EVENT_CHAINLOCK && e->kind != DSPV_EVENT_INSTANTLOCK)
        return 0;
    if (!log->locks)
        log->locks = json_array();
    hash_to_hex(e->hash, hex);
    if (e->kind == DSPV_EVENT_CHAINLOCK)
        row = json_pack("{s:s, s:i, s:s, s:s}", "kind", "chainlock", "height", (int)e->height, "hash", hex, "status", "verified");
    else
        row = json_pack("{s:s, s:s, s:s}", "kind", "instantlock", "txid", hex, "status", "verified");
    if (!log->locks || !row || json_array_append_new(log->locks, row) != 0)
        return DSPV_ENOMEM;
    if (json_array_size(log->locks) > EVENT_LOG_MOST)
        json_array_remove(log->locks, 0);
    return 0;
}

void event_log_free(struct event_log *log)
{
    json_decref(log->locks);
}
