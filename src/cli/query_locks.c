/* `dashspv chainlock`, `dashspv verify-chainlock HEX`, `dashspv verify-instantlock HEX`: locks, judged by the state of the store. */
#include "cli/queries.h"

#include <string.h>

#include "base/fault.h"
#include "base/hex.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/state.h"
#include "wire/tx.h"

/* ---- hex words */

struct bytes_of_hex {
    uint8_t *p; /* mem_free */
    size_t n;
};

/* EXIT_GOOD; EXIT_USAGE, said on stderr. */
static int read_hex(const struct state *s, const char *what, const char *hex, struct bytes_of_hex *out)
{
    size_t n = strlen(hex);
    *out = (struct bytes_of_hex){.p = mem_alloc(n / 2 + 1), .n = n / 2};
    if (!out->p)
        return state_refuse(s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(DSPV_ENOMEM));
    if (n > 0 && n % 2 == 0 && hex_decode(hex, out->p, n / 2))
        return EXIT_GOOD;
    return state_refuse(s, EXIT_USAGE, "%s: that is not hex: an even number of digits 0-9 and a-f", what);
}

/* ---- verdicts */

static const char *verdict_word(int verdict)
{
    return verdict == 0 ? "verified" : verdict == DSPV_EWAITING ? "NOT YET decided" : "INVALID";
}

/* Takes `row`. `subject`: what the lock is about, in words. */
static int tell(const struct state *s, json_t *row, int verdict, const dspv_fault *fault, const char *subject)
{
    char why[256], hex[65];
    int exit_code = verdict == 0 ? EXIT_GOOD : EXIT_NOT_VERIFIED;
    if (verdict == DSPV_ENOMEM)
        return state_printed(s, true, exit_code);
    if (s->options->json)
        return state_print_json(s, row, exit_code);
    const json_t *quorum = json_object_get(row, "quorum");
    dspv_fault_text(fault, why, sizeof(why));
    snprintf(hex, sizeof(hex), "%s", verdict == 0 ? json_string_value(json_object_get(quorum, "hash")) : "");
    printf("%s: %s\n", verdict_word(verdict), subject);
    if (verdict == 0)
        printf("  signed by %s quorum %s\n", json_string_value(json_object_get(quorum, "type_name")), hex);
    else
        printf("  %s\n", why);
    json_decref(row);
    return state_printed(s, false, exit_code);
}

/* Takes no lock: what was given is none. */
static int tell_malformed(const struct state *s, const char *kind, const dspv_fault *fault)
{
    char why[256];
    dspv_fault_text(fault, why, sizeof(why));
    json_t *row = json_pack("{s:s, s:s, s:s, s:s}", "kind", kind, "status", "invalid", "reason", dspv_reason_name(fault->reason),
                            "detail", why);
    return tell(s, row, DSPV_EFAULT, fault, "these bytes are no such lock");
}

/* ---- ChainLocks */

int chainlock_run(struct options *options)
{
    struct state s;
    char hex[65] = "";
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD) {
        const struct locks *l = &s.client->locks;
        rc = l->best < 0 ? EXIT_NOT_VERIFIED : EXIT_GOOD;
        hash_to_hex(l->best_lock.block.b, hex);
        if (options->json) {
            json_t *lock = l->best < 0 ? json_null() : json_pack("{s:i, s:s, s:s}", "height", (int)l->best, "hash", hex, "status",
                                                                 "verified");
            rc = state_print_json(&s, json_pack("{s:s, s:i, s:o}", "network", options->network_name, "tip_height",
                                                (int)headers_tip_height(s.headers), "chainlock", lock), rc);
        } else {
            if (l->best < 0)
                puts("No ChainLock is verified yet.");
            else
                printf("block %d  %s\n%d blocks below the tip\n", (int)l->best, hex, (int)(headers_tip_height(s.headers) - l->best));
            rc = state_printed(&s, false, rc);
        }
    }
    state_close(&s);
    return rc;
}

/* As the client judges one from a peer, but nothing comes of it. */
static int judge_chainlock(const struct state *s, const struct clsig *lock, struct quorum_view *signer, dspv_fault *fault)
{
    headers_node node = headers_find(s->headers, &lock->block);
    if (node == HEADERS_NONE) {
        *fault = fault_about(DSPV_NEED_HEADER, lock->block.b, lock->height);
        return DSPV_EWAITING;
    }
    if (headers_height(s->headers, node) != lock->height || !headers_on_best_chain(s->headers, node)) {
        bool elsewhere = headers_on_best_chain(s->headers, node);
        *fault = fault_about(elsewhere ? DSPV_LOCK_BAD_HEIGHT : DSPV_NOT_BEST_CHAIN, lock->block.b, lock->height);
        return DSPV_EFAULT;
    }
    return engine_check_chainlock(s->engine, lock, signer, fault);
}

static int check_chainlock(const struct state *s, const struct bytes_of_hex *payload)
{
    struct clsig lock;
    struct quorum_view signer;
    dspv_fault fault = {0};
    char subject[160], hex[65];
    if (clsig_decode(payload->p, payload->n, &lock, &fault) != 0)
        return tell_malformed(s, "chainlock", &fault);
    int verdict = judge_chainlock(s, &lock, &signer, &fault);
    hash_to_hex(lock.block.b, hex);
    snprintf(subject, sizeof(subject), "ChainLock of block %d %s", (int)lock.height, hex);
    return tell(s, report_chainlock(&lock, verdict, &signer, &fault), verdict, &fault, subject);
}

/* ---- InstantSend locks */

/* Does the lock lock just what the transaction spends? */
static bool same_inputs(const struct tx *tx, const struct isdlock *lock)
{
    struct reader r;
    bool same = tx->n_inputs == lock->n_inputs;
    reader_init(&r, tx->inputs.p, tx->inputs.n);
    for (uint32_t i = 0; same && i < tx->n_inputs; i++) {
        const uint8_t *outpoint = reader_bytes(&r, 36);
        reader_byte_string(&r, UINT32_MAX);
        reader_u32(&r);
        same = reader_ok(&r) && memcmp(outpoint, lock->inputs + (size_t)i * 36, 36) == 0;
    }
    return same;
}

/* Is the lock of the transaction that was named (its id) or given (raw)? EXIT_GOOD, or said on stderr. */
static int is_of_tx(const struct state *s, const char *text, const struct isdlock *lock)
{
    uint8_t id[32];
    struct bytes_of_hex raw = {0};
    struct reader r;
    struct tx tx;
    if (hash_from_hex(text, id))
        return memcmp(id, lock->txid.b, 32) == 0
                   ? EXIT_GOOD
                   : state_refuse(s, EXIT_NOT_VERIFIED, "the lock is of another transaction than --tx names");
    int rc = read_hex(s, "--tx", text, &raw);
    if (rc == EXIT_GOOD) {
        reader_init(&r, raw.p, raw.n);
        tx_decode(&r, &tx);
        tx_hash given = reader_finish(&r) ? tx_id(&tx) : (tx_hash){{0}};
        if (!reader_ok(&r))
            rc = state_refuse(s, EXIT_USAGE, "--tx: that is neither a transaction nor the id of one");
        else if (!tx_hash_eq(&given, &lock->txid) || !same_inputs(&tx, lock))
            rc = state_refuse(s, EXIT_NOT_VERIFIED, "the lock is of another transaction than --tx gives");
    }
    mem_free(raw.p);
    return rc;
}

static int judge_instantlock(const struct state *s, const struct isdlock *lock, struct quorum_view *signer, dspv_fault *fault)
{
    headers_node cycle = headers_find(s->headers, &lock->cycle);
    if (cycle == HEADERS_NONE || !headers_on_best_chain(s->headers, cycle)) {
        *fault = fault_about(DSPV_NEED_HEADER, lock->cycle.b, -1);
        return DSPV_EWAITING;
    }
    bool found;
    int rc = client_feed_block(s->client, &lock->cycle, &found);
    return rc != 0 ? rc : engine_check_instantlock(s->engine, lock, headers_tip_height(s->headers), signer, fault);
}

static int check_instantlock(const struct state *s, const struct bytes_of_hex *payload)
{
    struct isdlock lock;
    struct quorum_view signer;
    dspv_fault fault = {0};
    char subject[160], hex[65];
    const char *tx = s->options->tx;
    if (isdlock_decode(payload->p, payload->n, &lock, &fault) != 0)
        return tell_malformed(s, "instantlock", &fault);
    hash_to_hex(lock.txid.b, hex);
    int rc = tx ? is_of_tx(s, tx, &lock) : EXIT_GOOD;
    if (rc != EXIT_GOOD)
        return rc;
    int verdict = judge_instantlock(s, &lock, &signer, &fault);
    snprintf(subject, sizeof(subject), "InstantSend lock of transaction %s", hex);
    return tell(s, report_instantlock(&lock, verdict, &signer, &fault), verdict, &fault, subject);
}

/* ---- the commands */

static int run(struct options *options, int (*check)(const struct state *s, const struct bytes_of_hex *payload))
{
    struct state s;
    struct bytes_of_hex payload = {0};
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD)
        rc = read_hex(&s, "HEX", options->settings.words[0], &payload);
    if (rc == EXIT_GOOD)
        rc = check(&s, &payload);
    mem_free(payload.p);
    state_close(&s);
    return rc;
}

int verify_chainlock_run(struct options *options)
{
    return run(options, check_chainlock);
}

int verify_instantlock_run(struct options *options)
{
    return run(options, check_instantlock);
}
