/* See replay.h. The stored chain is read through the functions that everybody else reads it through, so what is checked here is
 * what will be used. */
#include "cli/replay.h"

#include <stdio.h>
#include <string.h>

#include "base/fault.h"
#include "chain/arith256.h"
#include "chain/start_points.h"
#include "crypto/x11.h"

enum { TELL_EVERY = 2000, SETTLE_EVERY = 4096 };

static int wrong(char *why, int32_t height, const char *what)
{
    snprintf(why, REPLAY_ERROR_SIZE, "block %d: %s", (int)height, what);
    return DSPV_EFAULT;
}

static int raw_at(struct headers *stored, int32_t height, uint8_t raw[80])
{
    struct header h;
    int rc = headers_get(stored, headers_at(stored, height), &h);
    if (rc == 0)
        header_write(&h, raw);
    return rc;
}

static int begin(struct headers **out, struct headers *stored, const struct chain_params *params, const uint64_t seed[2],
                 char *why)
{
    struct start_point start = {0};
    uint8_t raw[80];
    int32_t first = headers_first_height(stored);
    int rc = raw_at(stored, first, raw);
    if (rc != 0)
        return rc;
    if (first != 0 && (!start_point_at(params, first, &start) || memcmp(start.header, raw, 80) != 0))
        return wrong(why, first, "the chain cannot begin here");
    rc = headers_new_from(out, params, seed, first, raw, first == 0 ? NULL : start.work);
    return rc == DSPV_EMISUSE ? wrong(why, first, "the chain cannot begin here") : rc;
}

static int add(struct headers *fresh, struct headers *stored, int32_t height, int64_t now_s, char *why)
{
    uint8_t raw[80];
    block_hash hash;
    headers_node node, *held[] = {&node};
    dspv_fault fault;
    int rc = raw_at(stored, height, raw);
    if (rc != 0)
        return rc;
    x11_hash(&hash, raw);
    rc = headers_add(fresh, raw, &hash, now_s, &node, &fault);
    if (rc == DSPV_EFAULT)
        return wrong(why, height, dspv_reason_text(fault.reason));
    return rc == 0 && height % SETTLE_EVERY == 0 ? headers_settle(fresh, HEADERS_NONE, held, 1) : rc;
}

/* The work decides between chains: it must not be made up either. */
static int compare(struct headers *fresh, struct headers *stored, char *why)
{
    uint8_t real[32], claimed[32];
    block_hash a = headers_tip_hash(fresh), b = headers_tip_hash(stored);
    int rc = headers_work(fresh, headers_tip(fresh), real);
    if (rc == 0)
        rc = headers_work(stored, headers_tip(stored), claimed);
    if (rc == 0 && (!block_hash_eq(&a, &b) || memcmp(real, claimed, 32) != 0))
        rc = wrong(why, headers_tip_height(stored), "the chain has not the work that it claims");
    return rc;
}

/* Below a checkpoint, and with little work, anybody can make a chain. */
static int weigh(const struct headers *fresh, const struct chain_params *params, char *why)
{
    uint8_t work[32];
    int rc = headers_work(fresh, headers_tip(fresh), work);
    if (rc != 0)
        return rc;
    arith256 real = arith256_from_le(work), least = arith256_from_le(params->minimum_chain_work);
    return arith256_cmp(&real, &least) < 0
               ? wrong(why, headers_tip_height(fresh), "the chain has less work than this network's has had for long")
               : 0;
}

int replay_headers(struct headers *stored, const struct chain_params *params, const uint64_t seed[2], int64_t now_s,
                   replay_progress *progress, void *context, char why[REPLAY_ERROR_SIZE])
{
    struct headers *fresh = NULL;
    int32_t first = headers_first_height(stored), tip = headers_tip_height(stored);
    int rc = begin(&fresh, stored, params, seed, why);
    for (int32_t h = first + 1; rc == 0 && h <= tip; h++) {
        rc = add(fresh, stored, h, now_s, why);
        if (rc == 0 && (h % TELL_EVERY == 0 || h == tip))
            progress(context, h - first, tip - first);
    }
    if (rc == 0)
        rc = compare(fresh, stored, why);
    if (rc == 0)
        rc = weigh(fresh, params, why);
    headers_free(fresh);
    return rc;
}
