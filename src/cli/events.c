/* See events.h. */
#include "cli/events.h"

#include <stdio.h>

#include "base/hash.h"
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

/* `base_height`: -1 = from the empty list. */
static void add_request(json_t *requests, const char *kind, int32_t base_height, int32_t height, const block_hash *block,
                        int32_t priority, const char *reason)
{
    json_t *r = json_pack("{s:s, s:i, s:i, s:i, s:s}", "kind", kind, "base_height", (int)base_height, "height", (int)height,
                          "priority", (int)priority, "reason", reason);
    set_hash(r, "block", block->b);
    json_array_append_new(requests, r);
}

static void set_plan(json_t *o, const dspv *client)
{
    char text[8192];
    if (dspv_plan_text(client, text, sizeof(text)) != 0)
        json_object_set_new(o, "text", json_string(text));
    const struct plan *p = client_plan(client);
    json_t *requests = json_array();
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *r = &p->qr_info_requests[i];
        add_request(requests, "qrinfo", r->base_height, r->tip_height, &r->tip, r->priority, r->reason);
        json_object_set_new(json_array_get(requests, i), "extra_share", json_boolean(r->extra_share));
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        add_request(requests, "mnlistdiff", r->base_height, r->tip_height, &r->tip, r->priority, r->reason);
    }
    json_object_set_new(o, "strategy", json_string(p->strategy_reason));
    json_object_set_new(o, "fallback_to_mn_diff", json_boolean(p->fallback_to_mn_diff));
    json_object_set_new(o, "rotating_validation_needed", json_boolean(p->rotating_validation_needed));
    json_object_set_new(o, "estimated_completion_ms", json_integer(p->estimated_completion_ms));
    json_object_set_new(o, "requests", requests);
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

static void quorum_line(const dspv_event *e, char *out, size_t size)
{
    char hex[65];
    hash_to_hex(e->hash, hex);
    snprintf(out, size, "quorum %s %.16s...: %s", llmq_type_name(e->llmq_type), hex,
             e->reason == DSPV_OK ? "members and signatures verified" : dspv_reason_text(e->reason));
}

bool event_line(struct event_words *w, const dspv_event *e, char *out, size_t size)
{
    switch (e->kind) {
    case DSPV_EVENT_PHASE: return phase_line(w, e, out, size);
    case DSPV_EVENT_PEER:
        snprintf(out, size, "peer %u %s%s", (unsigned)e->conn,
                 e->reason == DSPV_OK ? "connected" : "gone: ", e->reason == DSPV_OK ? "" : dspv_reason_text(e->reason));
        return true;
    case DSPV_EVENT_TIP: w->tip = e->height; return false;
    case DSPV_EVENT_REQUEST: snprintf(out, size, "asked peer %u: %s", (unsigned)e->conn, e->text); return !w->synced;
    case DSPV_EVENT_QUORUM: quorum_line(e, out, size); return w->synced || e->reason != DSPV_OK;
    case DSPV_EVENT_CHAINLOCK: snprintf(out, size, "block %d: ChainLock verified", (int)e->height); return true;
    case DSPV_EVENT_REFUSED:
        snprintf(out, size, "peer %u: a message was refused: %s", (unsigned)e->conn,
                 e->text[0] ? e->text : dspv_reason_text(e->reason));
        return true;
    case DSPV_EVENT_LIST:
    case DSPV_EVENT_PLAN:
    case DSPV_EVENT_INSTANTLOCK: return false;
    }
    return false;
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
