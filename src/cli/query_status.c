/* `dashspv status`: does a daemon run, how far is the chain known, how old is that, and is all of it verified? */
#include "cli/queries.h"

#include <inttypes.h>

#include "cli/report.h"
#include "cli/state.h"

static json_t *status_json(const struct state *s, const char *short_of)
{
    const dspv_progress *p = &s->progress;
    const struct mnstate *latest = engine_tip_list(s->engine);
    block_hash tip;
    int32_t height = state_tip(s, &tip), holder = store_file_holder(&s->file);
    json_t *daemon = json_pack("{s:b, s:o}", "running", holder >= 0, "process", holder > 0 ? json_integer(holder) : json_null());
    json_t *best =
        json_pack("{s:i, s:o, s:I}", "height", (int)height, "hash", report_hash(tip.b), "age_s", (json_int_t)state_age_s(s));
    return json_pack("{s:s, s:o, s:s, s:o, s:i, s:o, s:I, s:I, s:I, s:I, s:o, s:b, s:s?, s:I}", "network",
                     s->options->network_name, "daemon", daemon, "store", s->file.path, "tip", best, "start_height",
                     (int)headers_first_height(s->headers), "list", latest ? report_list(latest) : json_null(), "quorums_wanted",
                     (json_int_t)p->quorums_wanted, "quorums_verified", (json_int_t)p->quorums_verified, "quorums_waiting",
                     (json_int_t)p->quorums_waiting, "quorums_invalid", (json_int_t)p->quorums_invalid, "chainlock_height",
                     p->chainlock_height < 0 ? json_null() : json_integer(p->chainlock_height), "verified", short_of == NULL,
                     "reason", short_of, "elapsed_ms", (json_int_t)s->took);
}

static void print_list(const struct mnstate *list)
{
    if (list)
        printf("  masternodes  %zu at block %d: %zu valid, %zu Evo\n", mnlist_count(list->list), (int)list->height,
               mnlist_valid(list->list), mnlist_evo(list->list));
    else
        puts("  masternodes  none known yet");
}

static void print_daemon(const struct state *s)
{
    int32_t holder = store_file_holder(&s->file);
    if (holder > 0)
        printf("  daemon       running as process %d\n", (int)holder);
    else
        printf("  daemon       %s\n", holder == 0 ? "running" : "not running");
}

static void print_status(const struct state *s, const char *short_of)
{
    const dspv_progress *p = &s->progress;
    char hex[65], age[40];
    block_hash tip;
    int32_t height = state_tip(s, &tip);
    hash_to_hex(tip.b, hex);
    state_duration(state_age_s(s), age, sizeof(age));
    printf("%s: %s%s.\n", s->options->network_name, short_of ? "NOT all is verified: " : "everything wanted is verified",
           short_of ? short_of : "");
    print_daemon(s);
    printf("  store        %s\n", s->file.path);
    printf("  tip          block %d  %s\n               %s old; headers from block %d\n", (int)height, hex, age,
           (int)headers_first_height(s->headers));
    print_list(engine_tip_list(s->engine));
    printf("  quorums      %" PRIu32 " of %" PRIu32 " verified\n", p->quorums_verified, p->quorums_wanted);
    if (p->chainlock_height < 0)
        puts("  ChainLock    none verified yet");
    else
        printf("  ChainLock    block %d\n", (int)p->chainlock_height);
    printf("  verified     now, again, in %.2f s\n", (double)s->took / 1000);
}

int status_run(struct options *options)
{
    struct state s;
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD) {
        const char *short_of = state_shortcoming(&s);
        rc = short_of ? EXIT_NOT_VERIFIED : EXIT_GOOD;
        if (options->json) {
            rc = state_print_json(&s, status_json(&s, short_of), rc);
        } else {
            print_status(&s, short_of);
            rc = state_printed(&s, false, rc);
        }
    }
    state_close(&s);
    return rc;
}
