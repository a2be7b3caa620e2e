/* See state.h. The client is the daemon's, on a store that takes no writes and without peers; what is waiting for its signatures
 * to be checked is checked right here. */
#include "cli/state.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/verify.h"
#include "dashspv/answers.h"

static dspv_ms wall_clock(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (dspv_ms)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int state_refuse(const struct state *s, int exit_code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "dashspv %s: ", s->options->argv[0]);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    return exit_code;
}

static int refuse_store(const struct state *s, const dspv_store *store)
{
    return state_refuse(s, EXIT_USAGE, "%s", store->trouble(store->context));
}

int state_load(struct state *s, const dspv_store *store)
{
    uint8_t seed[32];
    s->now = wall_clock();
    if (!verify_seed(seed))
        return state_refuse(s, EXIT_USAGE, "/dev/urandom: no random numbers to be had");
    int rc = dspv_new(&s->client, s->options->network, &s->options->config, store, seed, s->now);
    if (rc == 0)
        rc = dspv_verify_now(s->client, s->now);
    if (rc == DSPV_ESTORE)
        return refuse_store(s, store);
    if (rc != 0)
        return state_refuse(s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(rc));
    s->headers = client_headers(s->client);
    s->engine = client_engine(s->client);
    dspv_get_progress(s->client, &s->progress);
    s->took = wall_clock() - s->now;
    return EXIT_GOOD;
}

int state_open(struct state *s, const struct options *options)
{
    char text[STORE_FILE_TEXT];
    *s = (struct state){.options = options};
    if (store_file_open_reader(&s->file, options, text) != 0)
        return state_refuse(s, EXIT_USAGE, "%s", text);
    return state_load(s, store_file_seam(&s->file));
}

const char *state_shortcoming(const struct state *s)
{
    const dspv_progress *p = &s->progress;
    if (p->list_height < 0)
        return "no masternode list is known yet";
    if (p->list_height < p->header_height)
        return "the masternode list is behind the headers";
    if (p->quorums_wanted == 0)
        return "there are no quorums yet";
    return p->quorums_verified < p->quorums_wanted ? "not every wanted quorum is verified" : NULL;
}

void state_close(struct state *s)
{
    dspv_free(s->client);
    store_file_close(&s->file);
}

int32_t state_tip(const struct state *s, block_hash *hash)
{
    headers_hash(s->headers, headers_tip(s->headers), hash);
    return headers_tip_height(s->headers);
}

int64_t state_age_s(const struct state *s)
{
    struct header tip;
    headers_get(s->headers, headers_tip(s->headers), &tip);
    int64_t age = s->now / 1000 - (int64_t)tip.time;
    return age > 0 ? age : 0;
}

int state_printed(const struct state *s, bool failed, int exit_code)
{
    if (failed)
        return state_refuse(s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(DSPV_ENOMEM));
    if (fflush(stdout) != 0 || ferror(stdout))
        return state_refuse(s, EXIT_USAGE, "the output cannot be written");
    return exit_code;
}

int state_print_json(const struct state *s, json_t *object, int exit_code)
{
    bool failed = !object || json_dumpf(object, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER) != 0;
    putchar('\n');
    json_decref(object);
    return state_printed(s, failed && !ferror(stdout), exit_code);
}

void state_duration(int64_t seconds, char *out, size_t size)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "day"}, {3600, "hour"}, {60, "minute"}, {1, "second"}};
    size_t i = 0;
    while (i < 3 && seconds < 2 * units[i].seconds)
        i++;
    int64_t n = seconds / units[i].seconds;
    snprintf(out, size, "%" PRId64 " %s%s", n, units[i].name, n == 1 ? "" : "s");
}

bool state_quorum_type(const char *text, uint8_t *type)
{
    const struct llmq_params *p = llmq_params_by_name(text);
    size_t digits = strspn(text, "0123456789");
    if (!p && digits > 0 && digits <= 3 && text[digits] == '\0' && strtol(text, NULL, 10) < 256)
        p = llmq_params_by_type((uint8_t)strtol(text, NULL, 10));
    if (p)
        *type = p->type;
    return p != NULL;
}
