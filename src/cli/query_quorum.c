/* `dashspv quorum TYPE HASH`: the public key of one quorum as Platform proofs need it, or an honest answer why there is none. */
#include "cli/queries.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "cli/report.h"
#include "cli/state.h"
#include "dashspv/answers.h"

struct question {
    uint8_t type;
    dspv_quorum_hash hash;
};

static void time_text(dspv_ms when, char *out, size_t size)
{
    time_t seconds = (time_t)(when / 1000);
    struct tm tm;
    if (!gmtime_r(&seconds, &tm) || strftime(out, size, "%Y-%m-%d %H:%M UTC", &tm) == 0)
        *out = '\0';
}

/* The row of --report, with the state, which knows more. Members are null when the quorum was never met. */
static json_t *answer_json(const struct state *s, const struct question *q, const dspv_key_answer *a)
{
    struct quorum_view v;
    bool met = engine_quorum(s->engine, q->type, &q->hash, &v);
    json_t *row =
        met ? report_quorum(&v)
            : json_pack("{s:i, s:s, s:o}", "type", q->type, "type_name", llmq_type_name(q->type), "hash", report_hash(q->hash.b));
    json_t *more =
        json_pack("{s:s, s:s, s:s?, s:s?, s:o, s:o, s:o, s:o, s:o, s:o}", "network", s->options->network_name, "status",
                  dspv_key_state_name(a->state), "reason", a->fault.reason == DSPV_OK ? NULL : dspv_reason_name(a->fault.reason),
                  "detail", a->fault.reason == DSPV_OK ? NULL : dspv_reason_text(a->fault.reason), "public_key",
                  a->has_key ? report_bytes(a->key, sizeof(a->key)) : json_null(), "asked_height",
                  s->options->height < 0 ? json_null() : json_integer(s->options->height), "first_seen",
                  a->first_seen < 0 ? json_null() : json_integer(a->first_seen), "last_seen",
                  a->last_seen < 0 ? json_null() : json_integer(a->last_seen), "again_height",
                  a->again_height < 0 ? json_null() : json_integer(a->again_height), "again",
                  a->again > 0 ? json_integer(a->again / 1000) : json_null());
    if (!row || !more || json_object_update(row, more) != 0) {
        json_decref(row);
        row = NULL;
    }
    json_decref(more);
    return row;
}

static void print_key(const dspv_key_answer *a)
{
    printf("  public key   ");
    for (size_t i = 0; i < sizeof(a->key); i++)
        printf("%02x", a->key[i]);
    putchar('\n');
}

static void print_again(const dspv_key_answer *a)
{
    char when[40];
    time_text(a->again, when, sizeof(when));
    if (a->again_height >= 0 && a->again > 0)
        printf("  ask again    when block %" PRId32 " is there, about %s\n", a->again_height, when);
    else if (a->again_height >= 0)
        printf("  ask again    when block %" PRId32 " is there\n", a->again_height);
    else if (a->again > 0)
        printf("  ask again    after %s\n", when);
}

static void print_answer(const struct state *s, const struct question *q, const dspv_key_answer *a)
{
    char hex[65], why[256];
    hash_to_hex(q->hash.b, hex);
    printf("%s: %s quorum %s", dspv_key_state_name(a->state), llmq_type_name(q->type), hex);
    if (s->options->height >= 0)
        printf(" at block %" PRId32, s->options->height);
    putchar('\n');
    if (a->has_key)
        print_key(a);
    if (a->base_height >= 0)
        printf("  named by     block %" PRId32 "\n", a->base_height);
    if (a->first_seen >= 0)
        printf("  active       seen from block %" PRId32 " to %" PRId32 "\n", a->first_seen, a->last_seen);
    if (a->fault.reason != DSPV_OK) {
        dspv_fault_text(&a->fault, why, sizeof(why));
        printf("  because      %s\n", why);
    }
    print_again(a);
}

static int answer(const struct state *s, const struct question *q)
{
    dspv_key_answer a;
    int exit_code = dspv_quorum_key(s->client, q->type, &q->hash, s->options->height, &a) == DSPV_KEY_VERIFIED
                        ? EXIT_GOOD
                        : EXIT_NOT_VERIFIED;
    if (s->options->json)
        return state_print_json(s, answer_json(s, q, &a), exit_code);
    print_answer(s, q, &a);
    return state_printed(s, false, exit_code);
}

int quorum_run(struct options *options)
{
    struct state s = {.options = options};
    struct question q;
    const char *const *words = options->settings.words;
    if (!state_quorum_type(words[0], &q.type))
        return state_refuse(&s, EXIT_USAGE, "%s: there is no such quorum type; say llmq_60_75 or 4", words[0]);
    if (!hash_from_hex(words[1], q.hash.b))
        return state_refuse(&s, EXIT_USAGE, "%s: that is no quorum hash: 64 hex digits, as explorers show it", words[1]);
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD)
        rc = answer(&s, &q);
    state_close(&s);
    return rc;
}
