/* See plan_json.h. */
#include "cli/plan_json.h"

/* `base_height`: -1 = from the empty list. */
static json_t *request_json(const char *kind, int32_t base_height, int32_t height, const block_hash *block, int32_t priority,
                            const char *reason)
{
    char hex[65];
    json_t *r = json_pack("{s:s, s:i, s:i, s:i, s:s}", "kind", kind, "base_height", (int)base_height, "height", (int)height,
                          "priority", (int)priority, "reason", reason);
    hash_to_hex(block->b, hex);
    json_object_set_new(r, "block", block_hash_is_zero(block) ? json_null() : json_string(hex));
    return r;
}

void plan_json(json_t *o, const struct plan *p)
{
    json_t *requests = json_array();
    for (size_t i = 0; i < p->n_qr_info; i++) {
        const struct qr_info_request *r = &p->qr_info_requests[i];
        json_t *row = request_json("qrinfo", r->base_height, r->tip_height, &r->tip, r->priority, r->reason);
        json_object_set_new(row, "extra_share", json_boolean(r->extra_share));
        json_array_append_new(requests, row);
    }
    for (size_t i = 0; i < p->n_mn_diff; i++) {
        const struct mn_diff_request *r = &p->mn_diff_requests[i];
        json_array_append_new(requests,
                              request_json("mnlistdiff", r->base_height, r->tip_height, &r->tip, r->priority, r->reason));
    }
    json_object_set_new(o, "strategy", json_string(p->strategy_reason));
    json_object_set_new(o, "fallback_to_mn_diff", json_boolean(p->fallback_to_mn_diff));
    json_object_set_new(o, "rotating_validation_needed", json_boolean(p->rotating_validation_needed));
    json_object_set_new(o, "estimated_completion_ms", json_integer(p->estimated_completion_ms));
    json_object_set_new(o, "requests", requests);
}
