/* See report.h. json_pack() fails as a whole when one of its parts is NULL, so that nothing incomplete is ever written. */
#include "cli/report.h"

#include <errno.h>
#include <stdio.h>

#include "base/fault.h"
#include "base/hex.h"

json_t *report_hash(const uint8_t hash[32])
{
    char hex[65];
    hash_to_hex(hash, hex);
    return json_string(hex);
}

json_t *report_bytes(const uint8_t *bytes, size_t n)
{
    char hex[2 * 96 + 1];
    hex_encode(bytes, n, hex);
    return json_string(hex);
}

static json_t *bits(const struct bitspan *b)
{
    char text[COMMITMENT_MAX_BITS + 1];
    for (uint32_t i = 0; i < b->bits; i++)
        text[i] = bitspan_get(b, i) ? '1' : '0';
    text[b->bits] = '\0';
    return json_string(text);
}

static json_t *height_or_null(int32_t height)
{
    return height < 0 ? json_null() : json_integer(height);
}

static json_t *fault_detail(const dspv_fault *fault)
{
    char text[256];
    dspv_fault_text(fault, text, sizeof(text));
    return json_string(text);
}

json_t *report_list(const struct mnstate *s)
{
    const char *proof = s->anchored ? "header" : "no header given";
    json_t *mn_root = s->has_cbtx ? report_hash(s->cbtx.mn_root.b) : json_null();
    json_t *quorum_root = s->has_cbtx && s->cbtx.version >= 2 ? report_hash(s->cbtx.quorum_root.b) : json_null();
    return json_pack("{s:i, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:b, s:s}", "height", (int)s->height, "hash",
                     report_hash(s->block.b), "masternodes", (json_int_t)mnlist_count(s->list), "masternodes_valid",
                     (json_int_t)mnlist_valid(s->list), "masternodes_evo", (json_int_t)mnlist_evo(s->list), "quorums",
                     (json_int_t)s->quorums->n, "merkle_root_mn_list", mn_root, "merkle_root_quorums", quorum_root, "roots_ok", 1,
                     "coinbase_proof", proof);
}

enum { MOST_ADDRESSES = 24, ADDRESS_SIZE = 320 };

void report_address(const struct masternode *m, char *out, size_t size)
{
    struct net_address all[MOST_ADDRESSES];
    char text[ADDRESS_SIZE] = "-";
    size_t n = mnentry_addresses(&m->entry, all, MOST_ADDRESSES);
    for (size_t i = 0; i < n; i++)
        if (all[i].purpose == NET_CORE_P2P) {
            net_address_text(&all[i], text, sizeof(text));
            break;
        }
    snprintf(out, size, "%s", text);
}

/* A 20-byte id as Dash Core shows it: its bytes reversed. */
static json_t *id_hex(const uint8_t *id)
{
    uint8_t reversed[20];
    for (size_t i = 0; i < sizeof(reversed); i++)
        reversed[i] = id[sizeof(reversed) - 1 - i];
    return report_bytes(reversed, sizeof(reversed));
}

json_t *report_masternode(const struct masternode *m)
{
    char address[ADDRESS_SIZE];
    const struct mnentry *e = &m->entry;
    bool evo = masternode_is_evo(m);
    report_address(m, address, sizeof(address));
    return json_pack("{s:o, s:o, s:s, s:b, s:s, s:i, s:o, s:o, s:o, s:o}", "protx_hash", report_hash(e->protx.b),
                     "confirmed_hash", block_hash_is_zero(&e->confirmed) ? json_null() : report_hash(e->confirmed.b), "address",
                     address, "valid", e->valid, "type", evo ? "evo" : "regular", "version", (int)e->version, "operator_key",
                     report_bytes(e->operator_key, 48), "voting_id", id_hex(e->voting_id), "platform_http_port",
                     evo && e->platform_http_port ? json_integer(e->platform_http_port) : json_null(), "platform_node_id",
                     evo && e->platform_node_id ? id_hex(e->platform_node_id) : json_null());
}

static json_t *member_hashes(const struct members *members)
{
    json_t *array = members ? json_array() : json_null();
    for (uint32_t i = 0; members && i < members->n; i++)
        if (json_array_append_new(array, report_hash(members->mn[i]->entry.protx.b)) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static const char *quorum_status_name(enum quorum_status status)
{
    switch (status) {
    case QUORUM_VERIFIED: return "verified";
    case QUORUM_INVALID: return "invalid";
    case QUORUM_WAITING:
    case QUORUM_READY: break;
    }
    return "waiting";
}

json_t *report_quorum(const struct quorum_view *v)
{
    const struct commitment *c = &v->quorum->c;
    bool good = v->status == QUORUM_VERIFIED;
    dspv_fault unchecked = fault_quorum(DSPV_NEED_VERIFICATION, c->type, c->hash.b, v->base_height);
    const dspv_fault *fault = v->status == QUORUM_READY ? &unchecked : &v->fault;
    return json_pack("{s:i, s:s, s:o, s:o, s:i, s:i, s:s, s:s?, s:o, s:b, s:o, s:o, s:o, s:o}", "type", c->type, "type_name",
                     llmq_type_name(c->type), "hash", report_hash(c->hash.b), "height", height_or_null(v->base_height), "index",
                     c->index, "version", c->version, "status", quorum_status_name(v->status), "reason",
                     good ? NULL : dspv_reason_name(fault->reason), "detail", good ? json_null() : fault_detail(fault),
                     "committed", v->committed, "public_key", report_bytes(c->public_key, 48), "members",
                     member_hashes(v->members), "signers", bits(&c->signers), "valid_members", bits(&c->valid_members));
}

/* Takes `row`. */
static json_t *with_verdict(json_t *row, int verdict, const struct quorum_view *signer, const dspv_fault *fault)
{
    const char *status = verdict == 0 ? "verified" : verdict == DSPV_EWAITING ? "waiting" : "invalid";
    json_t *quorum = json_null();
    if (verdict == 0)
        quorum = json_pack("{s:i, s:s, s:o}", "type", signer->quorum->c.type, "type_name", llmq_type_name(signer->quorum->c.type),
                           "hash", report_hash(signer->quorum->c.hash.b));
    json_t *verdict_row =
        json_pack("{s:s, s:s?, s:o, s:o}", "status", status, "reason", verdict == 0 ? NULL : dspv_reason_name(fault->reason),
                  "detail", verdict == 0 ? json_null() : fault_detail(fault), "quorum", quorum);
    if (!row || !verdict_row || json_object_update(row, verdict_row) < 0) {
        json_decref(row);
        row = NULL;
    }
    json_decref(verdict_row);
    return row;
}

json_t *report_chainlock(const struct clsig *lock, int verdict, const struct quorum_view *signer, const dspv_fault *fault)
{
    json_t *row = json_pack("{s:s, s:i, s:o, s:o}", "kind", "chainlock", "height", (int)lock->height, "hash",
                            report_hash(lock->block.b), "signature", report_bytes(lock->signature, 96));
    return with_verdict(row, verdict, signer, fault);
}

json_t *report_best_chainlock(const dspv_chainlock *best)
{
    return json_pack("{s:s, s:i, s:o, s:o, s:s, s:{s:i, s:s, s:o}}", "kind", "chainlock", "height", (int)best->height, "hash",
                     report_hash(best->block.b), "signature", report_bytes(best->signature, 96), "status", "verified", "quorum",
                     "type", best->signer.llmq_type, "type_name", llmq_type_name(best->signer.llmq_type), "hash",
                     report_hash(best->signer.hash.b));
}

json_t *report_instantlock(const struct isdlock *lock, int verdict, const struct quorum_view *signer, const dspv_fault *fault)
{
    json_t *row = json_pack("{s:s, s:o, s:o, s:I, s:o}", "kind", "instantlock", "txid", report_hash(lock->txid.b), "cycle_hash",
                            report_hash(lock->cycle.b), "inputs", (json_int_t)lock->n_inputs, "signature",
                            report_bytes(lock->signature, 96));
    return with_verdict(row, verdict, signer, fault);
}

static json_t *all_lists(const struct engine *e)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < engine_list_count(e); i++)
        if (json_array_append_new(array, report_list(engine_list_at(e, i))) < 0) {
            json_decref(array);
            return NULL;
        }
    return array;
}

static json_t *all_quorums(const struct engine *e)
{
    json_t *array = json_array();
    for (size_t i = 0; array && i < engine_quorum_count(e); i++) {
        struct quorum_view v;
        engine_quorum_at(e, i, &v);
        if (json_array_append_new(array, report_quorum(&v)) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

json_t *report_state(const struct engine *e, int32_t tip_height, const block_hash *tip, json_t *locks)
{
    json_t *best = tip ? json_pack("{s:i, s:o}", "height", (int)tip_height, "hash", report_hash(tip->b)) : json_null();
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "network", engine_network(e)->chain.name, "tip", best, "masternode_lists",
                     all_lists(e), "quorums", all_quorums(e), "locks", locks ? json_incref(locks) : json_array());
}

int report_write(const json_t *state, const char *path)
{
    FILE *f = fopen(path, "wb");
    if (!f)
        return -1;
    errno = 0;
    int failed = json_dumpf(state, f, JSON_INDENT(1) | JSON_PRESERVE_ORDER) < 0 || fputc('\n', f) == EOF;
    int error = errno;
    if (fclose(f) != 0 && !failed) {
        failed = 1;
        error = errno;
    }
    errno = error ? error : failed ? EIO : 0;
    return failed ? -1 : 0;
}
