/* The verdicts of an audit as JSON rows and counts; the rows themselves are in report.c. */
#include "cli/audit.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/fault.h"
#include "cli/report.h"

struct result {
    const struct audit *audit;
    json_t *lists, *quorums, *locks, *problems;
    size_t roots_ok, lists_waiting, lists_refused, lists_empty;
    size_t verified, waiting, invalid;
    size_t locks_verified, locks_waiting, locks_invalid;
    bool failed; /* out of memory */
};

/* Takes `row`, which may be NULL. */
static void append(struct result *r, json_t *array, json_t *row)
{
    if (json_array_append_new(array, row) < 0)
        r->failed = true;
}

static void add_problem(struct result *r, const char *what, const char *where, const dspv_fault *fault)
{
    char text[256];
    dspv_fault_text(fault, text, sizeof(text));
    append(r, r->problems, json_sprintf("%s %s: %s: %s", what, where, dspv_reason_name(fault->reason), text));
}

/* ---- lists */

static void source_text(const struct capture_item *item, char *out, size_t size)
{
    const char *name = strrchr(item->file, '/');
    name = name ? name + 1 : item->file;
    if (item->record > 0)
        snprintf(out, size, "%s, record %zu", name, item->record);
    else
        snprintf(out, size, "%s", name);
    for (; *out; out++) /* JSON wants UTF-8; a file name may be anything */
        if ((unsigned char)*out >= 0x80)
            *out = '?';
}

/* A list that could not be proven: the diff's target, or the one the fault names inside a qrinfo. */
static void add_unproven(struct result *r, const struct capture_item *message, const struct audit_item *item)
{
    bool refused = item->state == AUDIT_REFUSED;
    const struct mnlistdiff *d = message->kind == CAPTURE_DIFF ? message->diff : &message->qrinfo->tip;
    bool ours = message->kind == CAPTURE_DIFF || item->state == AUDIT_TIP_PENDING;
    char source[300], text[256];
    source_text(message, source, sizeof(source));
    dspv_fault fault = item->state == AUDIT_TIP_PENDING ? fault_about(DSPV_UNKNOWN_BASE, d->base.b, -1) : item->fault;
    dspv_fault_text(&fault, text, sizeof(text));
    append(r, r->lists,
           json_pack("{s:o, s:o, s:o, s:s, s:s, s:s, s:b, s:s}", "height",
                     ours && d->has_cbtx ? json_integer(d->cbtx.height) : json_null(), "hash",
                     ours ? report_hash(d->block.b) : json_null(), "base", ours ? report_hash(d->base.b) : json_null(), "status",
                     refused ? "invalid" : "waiting", "reason", dspv_reason_name(fault.reason), "detail", text, "roots_ok", 0,
                     "source", source));
    if (refused) {
        r->lists_refused++;
        add_problem(r, "list of", source, &fault);
    } else {
        r->lists_waiting++;
    }
}

static void add_lists(struct result *r)
{
    const struct engine *e = r->audit->engine;
    for (size_t i = 0; i < engine_list_count(e); i++) {
        append(r, r->lists, report_list(engine_list_at(e, i)));
        r->roots_ok++;
    }
    for (size_t i = 0; i < r->audit->capture->n_items; i++) {
        const struct capture_item *message = &r->audit->capture->items[i];
        const struct audit_item *item = &r->audit->items[i];
        if ((message->kind == CAPTURE_DIFF || message->kind == CAPTURE_QRINFO) && item->state != AUDIT_TAKEN &&
            item->state != AUDIT_EMPTY)
            add_unproven(r, message, item);
        r->lists_empty += item->state == AUDIT_EMPTY;
    }
}

/* ---- quorums */

static bool rotated(const struct engine *e, const struct quorum_view *v)
{
    const struct llmq_params *p = network_llmq(engine_network(e), v->quorum->c.type);
    return p && p->rotated && v->base_height >= 0 && commitment_is_indexed(&v->quorum->c);
}

/* A rotated quorum of a cycle whose members rest on one of the snapshots that `v` rests on, too (the three cycles before). */
static bool shares_snapshot(const struct engine *e, const struct quorum_view *v, const struct quorum_view *other)
{
    if (!rotated(e, other) || other->quorum->c.type != v->quorum->c.type)
        return false;
    int32_t distance = (v->base_height - v->quorum->c.index) - (other->base_height - other->quorum->c.index);
    return abs(distance) <= 2 * network_llmq(engine_network(e), v->quorum->c.type)->interval;
}

/* membersSig covers the keys of the signers, not their order, nor the members that did not sign: a false snapshot can leave one
 * quorum's signature good and its members wrong. So when the membersSig of a rotated quorum fails, the others that rest on the
 * same snapshots are not verified. */
static void doubt(const struct engine *e, struct quorum_view *v)
{
    if (v->status != QUORUM_VERIFIED || !rotated(e, v))
        return;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view other;
        engine_quorum_at(e, i, &other);
        if (other.status == QUORUM_INVALID && other.fault.reason == DSPV_MEMBERS_SIG_INVALID && shares_snapshot(e, v, &other)) {
            v->status = QUORUM_WAITING;
            v->fault = fault_quorum(DSPV_NEED_SNAPSHOT, v->quorum->c.type, v->quorum->c.hash.b, v->base_height);
            v->members = NULL;
            return;
        }
    }
}

static void add_quorums(struct result *r)
{
    const struct engine *e = r->audit->engine;
    for (size_t i = 0; i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        doubt(e, &v);
        append(r, r->quorums, report_quorum(&v));
        r->verified += v.status == QUORUM_VERIFIED;
        r->invalid += v.status == QUORUM_INVALID;
        r->waiting += v.status == QUORUM_WAITING || v.status == QUORUM_READY;
        if (v.status == QUORUM_INVALID)
            add_problem(r, "quorum", llmq_type_name(v.quorum->c.type), &v.fault);
    }
}

/* ---- locks */

/* The highest block that anything tells of: the height at which an InstantSend lock is looked at. */
static int32_t tip_height(const struct audit *a)
{
    const struct mnstate *list = engine_tip_list(a->engine);
    int32_t tip = list ? list->height : -1;
    for (size_t i = 0; i < a->capture->n_blocks; i++)
        if (a->capture->blocks[i].height > tip)
            tip = a->capture->blocks[i].height;
    return tip;
}

static void add_lock(struct result *r, const struct capture_item *item, int32_t tip)
{
    struct quorum_view signer = {0};
    dspv_fault fault = fault_of(DSPV_OK);
    bool chainlock = item->kind == CAPTURE_CLSIG;
    int verdict = chainlock ? engine_check_chainlock(r->audit->engine, item->clsig, &signer, &fault)
                            : engine_check_instantlock(r->audit->engine, item->isdlock, tip, &signer, &fault);
    if (verdict != 0 && verdict != DSPV_EWAITING && verdict != DSPV_EFAULT) {
        r->failed = true;
        return;
    }
    append(r, r->locks, chainlock ? report_chainlock(item->clsig, verdict, &signer, &fault)
                                  : report_instantlock(item->isdlock, verdict, &signer, &fault));
    r->locks_verified += verdict == 0;
    r->locks_waiting += verdict == DSPV_EWAITING;
    r->locks_invalid += verdict == DSPV_EFAULT;
    char source[300];
    source_text(item, source, sizeof(source));
    if (verdict == DSPV_EFAULT)
        add_problem(r, chainlock ? "ChainLock of" : "InstantSend lock of", source, &fault);
}

/* What a qrinfo claims and our own computation contradicts. */
static void add_snapshot_mismatches(struct result *r)
{
    size_t n = engine_snapshot_mismatches(r->audit->engine);
    if (n > 0)
        append(r, r->problems, json_sprintf("snapshots: %s: %lu times %s", dspv_reason_name(DSPV_SNAPSHOT_MISMATCH),
                                            (unsigned long)n, dspv_reason_text(DSPV_SNAPSHOT_MISMATCH)));
}

static void add_locks(struct result *r)
{
    int32_t tip = tip_height(r->audit);
    for (size_t i = 0; i < r->audit->capture->n_items; i++) {
        const struct capture_item *item = &r->audit->capture->items[i];
        if (item->kind == CAPTURE_CLSIG || item->kind == CAPTURE_ISDLOCK)
            add_lock(r, item, tip);
    }
}

/* ---- all of it */

static json_t *summary(const struct result *r)
{
#define N(value) (json_int_t)(value)
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "lists",
                     N(r->roots_ok + r->lists_refused), "roots_ok", N(r->roots_ok), "lists_waiting", N(r->lists_waiting),
                     "lists_invalid", N(r->lists_refused), "lists_empty", N(r->lists_empty), "quorums", N(r->verified + r->waiting + r->invalid), "verified",
                     N(r->verified), "waiting", N(r->waiting), "invalid", N(r->invalid), "locks",
                     N(r->locks_verified + r->locks_waiting + r->locks_invalid), "locks_verified", N(r->locks_verified),
                     "locks_waiting", N(r->locks_waiting), "locks_invalid", N(r->locks_invalid), "snapshot_mismatches",
                     N(engine_snapshot_mismatches(r->audit->engine)));
#undef N
}

json_t *audit_result(const struct audit *a)
{
    struct result r = {.audit = a, .lists = json_array(), .quorums = json_array(), .locks = json_array(),
                       .problems = json_array()};
    add_lists(&r);
    add_quorums(&r);
    add_locks(&r);
    add_snapshot_mismatches(&r);
    json_t *out = json_pack("{s:o, s:o, s:o, s:o, s:o}", "lists", r.lists, "quorums", r.quorums, "locks", r.locks, "problems",
                            r.problems, "summary", summary(&r));
    if (r.failed) {
        json_decref(out);
        return NULL;
    }
    return out;
}

json_t *audit_state(const struct audit *a, const json_t *result)
{
    const struct mnstate *tip = engine_tip_list(a->engine);
    json_t *state =
        report_state(a->engine, tip ? tip->height : -1, tip ? &tip->block : NULL, json_object_get(result, "locks"));
    if (state && json_object_set(state, "quorums", json_object_get(result, "quorums")) < 0) {
        json_decref(state);
        return NULL;
    }
    return state;
}
