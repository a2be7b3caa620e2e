/* `dashspv chainlock`, `dashspv verify-chainlock HEX`, `dashspv verify-instantlock HEX`: locks, judged by the state of the store.
 */
#include "cli/queries.h"

#include <string.h>

#include "base/fault.h"
#include "base/hex.h"
#include "base/mem.h"
#include "cli/report.h"
#include "cli/state.h"
#include "dashspv/answers.h"

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

static int show_best(const struct state *s)
{
    dspv_chainlock best;
    char hex[65];
    bool known = dspv_best_chainlock(s->client, &best);
    int exit_code = known ? EXIT_GOOD : EXIT_NOT_VERIFIED;
    int32_t tip = headers_tip_height(s->headers);
    if (s->options->json) {
        json_t *lock = known ? report_best_chainlock(&best) : json_null();
        return state_print_json(
            s, json_pack("{s:s, s:i, s:o}", "network", s->options->network_name, "tip_height", (int)tip, "chainlock", lock),
            exit_code);
    }
    if (!known) {
        puts("No ChainLock is verified yet.");
        return state_printed(s, false, exit_code);
    }
    hash_to_hex(best.block.b, hex);
    printf("final up to block %d  %s\n", (int)best.height, hex);
    hash_to_hex(best.signer.hash.b, hex);
    printf("  signed by %s quorum %s\n  the tip is %d blocks above\n", llmq_type_name(best.signer.llmq_type), hex,
           (int)(tip - best.height));
    return state_printed(s, false, exit_code);
}

static int show_block(const struct state *s)
{
    static const char *const names[] = {"unknown", "final", "not yet", "not on the best chain"};
    dspv_block_answer a;
    dspv_block_hash hash;
    dspv_block_state state = hash_from_hex(s->options->block, hash.b)
                                 ? dspv_block_chainlocked(s->client, &hash, &a)
                                 : dspv_height_chainlocked(s->client, s->options->height, &a);
    int exit_code = state == DSPV_BLOCK_LOCKED ? EXIT_GOOD : EXIT_NOT_VERIFIED;
    if (s->options->json)
        return state_print_json(
            s,
            json_pack("{s:s, s:s, s:s, s:o, s:o, s:b}", "network", s->options->network_name, "block", s->options->block, "status",
                      names[state], "height", a.height < 0 ? json_null() : json_integer(a.height), "chainlock_height",
                      a.chainlock_height < 0 ? json_null() : json_integer(a.chainlock_height), "for_good", a.final),
            exit_code);
    printf("%s: block %s\n", names[state], s->options->block);
    if (a.chainlock_height >= 0)
        printf("  the best ChainLock is of block %d\n", (int)a.chainlock_height);
    return state_printed(s, false, exit_code);
}

int chainlock_run(struct options *options)
{
    struct state s;
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD)
        rc = options->block ? show_block(&s) : show_best(&s);
    state_close(&s);
    return rc;
}

static int check_chainlock(const struct state *s, const struct bytes_of_hex *payload)
{
    struct clsig lock;
    struct quorum_view view;
    dspv_signer signer;
    dspv_fault fault = {0};
    char subject[160], hex[65];
    if (clsig_decode(payload->p, payload->n, &lock, &fault) != 0)
        return tell_malformed(s, "chainlock", &fault);
    int verdict = dspv_verify_chainlock(s->client, payload->p, payload->n, &signer, &fault);
    hash_to_hex(lock.block.b, hex);
    snprintf(subject, sizeof(subject), "ChainLock of block %d %s", (int)lock.height, hex);
    if (verdict == 0)
        engine_quorum(s->engine, signer.llmq_type, &signer.hash, &view);
    return tell(s, report_chainlock(&lock, verdict, &view, &fault), verdict, &fault, subject);
}

/* ---- InstantSend locks */

/* What --tx says: an id, or all of a transaction; nothing of both when it is absent. */
struct transaction {
    bool has_id;
    uint8_t id[32];
    struct bytes_of_hex raw;
};

static int read_tx(const struct state *s, struct transaction *tx)
{
    const char *text = s->options->tx;
    *tx = (struct transaction){0};
    tx->has_id = text && hash_from_hex(text, tx->id);
    if (!text || tx->has_id)
        return EXIT_GOOD;
    return read_hex(s, "--tx", text, &tx->raw);
}

static int judge_instantlock(const struct state *s, const struct bytes_of_hex *payload, const struct isdlock *lock,
                             const struct transaction *tx, dspv_signer *signer, dspv_fault *fault)
{
    if (tx->has_id && memcmp(tx->id, lock->txid.b, 32) != 0) {
        *fault = fault_about(DSPV_LOCK_TRANSACTION, lock->txid.b, -1);
        return DSPV_EFAULT;
    }
    return dspv_verify_instantlock(s->client, payload->p, payload->n, tx->raw.p, tx->raw.n, signer, fault);
}

static int tell_instantlock(const struct state *s, const struct bytes_of_hex *payload, const struct transaction *tx)
{
    struct isdlock lock;
    struct quorum_view view;
    dspv_signer signer;
    dspv_fault fault = {0};
    char subject[160], hex[65];
    if (isdlock_decode(payload->p, payload->n, &lock, &fault) != 0)
        return tell_malformed(s, "instantlock", &fault);
    int verdict = judge_instantlock(s, payload, &lock, tx, &signer, &fault);
    hash_to_hex(lock.txid.b, hex);
    snprintf(subject, sizeof(subject), "InstantSend lock of transaction %s", hex);
    if (verdict == 0)
        engine_quorum(s->engine, signer.llmq_type, &signer.hash, &view);
    return tell(s, report_instantlock(&lock, verdict, &view, &fault), verdict, &fault, subject);
}

static int check_instantlock(const struct state *s, const struct bytes_of_hex *payload)
{
    struct transaction tx;
    int rc = read_tx(s, &tx);
    if (rc == EXIT_GOOD)
        rc = tell_instantlock(s, payload, &tx);
    mem_free(tx.raw.p);
    return rc;
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
