/* See sim_report.h. */
#include "sim/sim_report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_PRINTED = 40 };

void sim_report_free(struct sim_report *r)
{
    free(r->findings);
}

static void add_kind(struct sim_report *r, const char *name, unsigned lies, unsigned refused)
{
    size_t i = 0;
    while (i < r->n_kinds && strcmp(r->kinds[i].name, name) != 0)
        i++;
    if (i == SIM_MOST_KINDS)
        return;
    if (i == r->n_kinds)
        snprintf(r->kinds[r->n_kinds++].name, sizeof(r->kinds[0].name), "%s", name);
    r->kinds[i].runs++;
    r->kinds[i].silent += lies == 0;
    r->kinds[i].lies += lies;
    r->kinds[i].refused += refused;
}

void sim_report_add(struct sim_report *r, const struct sim_result *result)
{
    r->seeds++;
    r->messages += result->messages;
    r->connections += result->connections;
    r->inputs += result->inputs;
    r->virtual_ms += result->virtual_ms;
    r->synced += result->synced_after_ms >= 0;
    r->doubtful += result->doubtful;
    r->restarts += result->restarts;
    r->lies += result->lying_disk ? result->restarts : 0;
    r->checkpoints += result->checkpoints;
    r->ranged += result->ranged;
    if (result->honest_after_ms >= 0) {
        r->eclipses++;
        r->honest_ms += result->honest_after_ms;
        if (result->honest_after_ms > r->honest_slowest_ms)
            r->honest_slowest_ms = result->honest_after_ms;
    }
    r->ends += result->bytes_before > 0;
    r->bytes_before += result->bytes_before;
    r->bytes_after += result->bytes_after;
    r->slow += result->synced_after_ms > SIM_SLOW_MS;
    if (result->lockless) {
        r->lockless++;
        r->lockless_seed = result->seed;
    }
    if (result->synced_after_ms > r->slowest_ms) {
        r->slowest_ms = result->synced_after_ms;
        r->slowest_seed = result->seed;
    }
    for (size_t i = 0; i < result->n_liars; i++)
        add_kind(r, result->liars[i].kind, result->liars[i].lies, result->liars[i].refused);
    if (!result->oracle[0])
        return;
    if (r->n_findings == r->cap_findings) {
        r->cap_findings = r->cap_findings ? 2 * r->cap_findings : 16;
        r->findings = realloc(r->findings, r->cap_findings * sizeof(*r->findings));
        if (!r->findings)
            abort();
    }
    r->findings[r->n_findings++] = *result;
}

static void replay_command(const struct sim_result *f, const char *liar, char *out, size_t size)
{
    snprintf(out, size, "dashspv-sim --trace %llu%s%s", (unsigned long long)f->seed, liar ? " --liar " : "", liar ? liar : "");
}

static int by_name(const void *a, const void *b)
{
    const struct sim_kind_count *x = a, *y = b;
    return strcmp(x->name, y->name);
}

static int by_seed(const void *a, const void *b)
{
    const struct sim_result *x = a, *y = b;
    return (x->seed > y->seed) - (x->seed < y->seed);
}

void sim_report_sort(struct sim_report *r)
{
    qsort(r->kinds, r->n_kinds, sizeof(r->kinds[0]), by_name);
    if (r->n_findings > 0)
        qsort(r->findings, r->n_findings, sizeof(*r->findings), by_seed);
}

/* ---- for a person */

static void print_kinds(const struct sim_report *r)
{
    if (r->n_kinds > 0)
        printf("\n%-28s %8s %10s %10s %14s\n", "liar", "runs", "lies", "refusals", "runs without");
    for (size_t i = 0; i < r->n_kinds; i++)
        printf("%-28s %8llu %10llu %10llu %14llu%s\n", r->kinds[i].name, (unsigned long long)r->kinds[i].runs,
               (unsigned long long)r->kinds[i].lies, (unsigned long long)r->kinds[i].refused,
               (unsigned long long)r->kinds[i].silent, r->kinds[i].lies == 0 ? "  never lied" : "");
}

void sim_report_print(const struct sim_report *r, double cpu_s, const char *liar)
{
    char command[128];
    print_kinds(r);
    for (size_t i = 0; i < r->n_findings && i < MOST_PRINTED; i++) {
        replay_command(&r->findings[i], liar, command, sizeof(command));
        printf("\n%s: seed %llu: %s\n    %s\n", r->findings[i].oracle, (unsigned long long)r->findings[i].seed,
               r->findings[i].finding, command);
    }
    if (r->n_findings > MOST_PRINTED)
        printf("\n... and %zu more\n", r->n_findings - MOST_PRINTED);
    if (r->doubtful > 0)
        printf("\n%llu runs in which served snapshots were wrong about members that no signature proves\n",
               (unsigned long long)r->doubtful);
    if (r->lockless > 0)
        printf("\n%llu runs ended without the best ChainLock (seed %llu)\n", (unsigned long long)r->lockless,
               (unsigned long long)r->lockless_seed);
    if (r->slow > 0)
        printf("\n%llu runs took longer than %d s from the quiet to synced\n", (unsigned long long)r->slow, SIM_SLOW_MS / 1000);
    if (r->restarts > 0)
        printf("\n%llu restarts, %llu of them from a lying disk; the last one of a run with an honest disk cost %.1f kB, all "
               "before it %.1f kB on average\n",
               (unsigned long long)r->restarts, (unsigned long long)r->lies, r->ends ? (double)r->bytes_after / 1000 / (double)r->ends : 0,
               r->ends ? (double)r->bytes_before / 1000 / (double)r->ends : 0);
    if (r->checkpoints > 0)
        printf("\n%llu runs with checkpoints, in %llu of them ranges were asked for\n", (unsigned long long)r->checkpoints,
               (unsigned long long)r->ranged);
    if (r->eclipses > 0)
        printf("\n%llu eclipses: %.1f s on average from when the honest node could be known until it was connected, %.1f s at most\n",
               (unsigned long long)r->eclipses, (double)r->honest_ms / 1000 / (double)r->eclipses,
               (double)r->honest_slowest_ms / 1000);
    printf("\n%llu seeds, %.1f virtual hours, %llu connections, %llu messages; %llu synced, the slowest %.1f s after the quiet "
           "(seed %llu); %.3f s of CPU per seed\n%zu findings\n",
           (unsigned long long)r->seeds, (double)r->virtual_ms / 3600000, (unsigned long long)r->connections,
           (unsigned long long)r->messages, (unsigned long long)r->synced, (double)r->slowest_ms / 1000,
           (unsigned long long)r->slowest_seed, r->seeds ? cpu_s / (double)r->seeds : 0, r->n_findings);
}

/* ---- for a program */

static json_t *kinds_json(const struct sim_report *r)
{
    json_t *kinds = json_object();
    for (size_t i = 0; i < r->n_kinds; i++)
        json_object_set_new(kinds, r->kinds[i].name,
                            json_pack("{s:I, s:I, s:I, s:I}", "runs", (json_int_t)r->kinds[i].runs, "lies",
                                      (json_int_t)r->kinds[i].lies, "refusals", (json_int_t)r->kinds[i].refused, "runs_without",
                                      (json_int_t)r->kinds[i].silent));
    return kinds;
}

static json_t *findings_json(const struct sim_report *r, const char *liar)
{
    json_t *findings = json_array();
    for (size_t i = 0; i < r->n_findings; i++) {
        const struct sim_result *f = &r->findings[i];
        char command[128];
        replay_command(f, liar, command, sizeof(command));
        json_array_append_new(findings, json_pack("{s:I, s:s, s:s, s:s}", "seed", (json_int_t)f->seed, "oracle", f->oracle,
                                                  "finding", f->finding, "replay", command));
    }
    return findings;
}

void sim_report_json(const struct sim_report *r, double cpu_s, const char *liar)
{
    json_t *json = json_pack("{s:I, s:I, s:I, s:I, s:f, s:I, s:I, s:f, s:I, s:f, s:I, s:I, s:o, s:o}", "seeds", (json_int_t)r->seeds, "synced",
                             (json_int_t)r->synced, "restarts", (json_int_t)r->restarts, "restarts_lying_disk", (json_int_t)r->lies,
                             "virtual_hours", (double)r->virtual_ms / 3600000, "connections",
                             (json_int_t)r->connections, "messages", (json_int_t)r->messages, "slowest_s",
                             (double)r->slowest_ms / 1000, "slowest_seed", (json_int_t)r->slowest_seed, "cpu_s", cpu_s,
                             "checkpoints", (json_int_t)r->checkpoints, "ranged", (json_int_t)r->ranged, "liars",
                             kinds_json(r), "findings", findings_json(r, liar));
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    puts(text ? text : "{}");
    free(text);
    json_decref(json);
}
