/* dashspv-bench: what things cost here, beside what they must cost at least.
 *
 *     dashspv-bench [--json] [--quick | --long] [--list] [GROUP...]        all groups by default */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "group.h"
#include "io/threads.h"

#define GROUP(name) extern const struct group group_##name;
#include "groups.h"
#undef GROUP

static const struct group *const groups[] = {
#define GROUP(name) &group_##name,
#include "groups.h"
#undef GROUP
};
enum { GROUPS = sizeof(groups) / sizeof(groups[0]) };

struct options {
    bool json, list;
    bool chosen[GROUPS];
    struct bench bench;
};

/* A word means the group of that name and those that go on with '_': "growth" all of growth_headers, growth_quorums, ... */
static bool choose(struct options *o, const char *word)
{
    const size_t n = strlen(word);
    bool any = false;
    for (size_t i = 0; i < GROUPS; i++)
        if (strncmp(groups[i]->name, word, n) == 0 && (groups[i]->name[n] == 0 || groups[i]->name[n] == '_'))
            o->chosen[i] = any = true;
    return any;
}

static bool read_options(struct options *o, int argc, char **argv)
{
    bool all = true;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            o->json = true;
        else if (strcmp(argv[i], "--list") == 0)
            o->list = true;
        else if (strcmp(argv[i], "--quick") == 0)
            o->bench.quick = true;
        else if (strcmp(argv[i], "--long") == 0)
            o->bench.lengthy = true;
        else if (choose(o, argv[i]))
            all = false;
        else
            return false;
    }
    for (size_t i = 0; all && i < GROUPS; i++)
        o->chosen[i] = true;
    return !(o->bench.quick && o->bench.lengthy);
}

static void list(void)
{
    for (size_t i = 0; i < GROUPS; i++)
        printf("%-12s %s\n", groups[i]->name, groups[i]->about);
}

/* ---- one group */

static _Noreturn void run_here(const struct group *g, const struct options *o, int fd)
{
    struct bench b = o->bench;
    b.report = report_to(fd);
    signal(SIGPIPE, SIG_IGN); /* peers hang up */
    g->run(&b);
    _exit(0);
}

static void take_lines(const struct group *g, FILE *in, bool print, json_t *rows)
{
    char text[1024];
    while (fgets(text, sizeof(text), in)) {
        json_t *line = json_loads(text, 0, NULL);
        if (!line)
            continue;
        if (print)
            report_print(line);
        json_object_set_new(line, "group", json_string(g->name));
        json_array_append_new(rows, line);
    }
}

static bool run_group(const struct group *g, const struct options *o, json_t *rows)
{
    int ends[2], status;
    if (!o->json)
        report_print_head(g->name, g->about);
    fflush(stdout);
    if (pipe(ends) != 0)
        return false;
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        run_here(g, o, ends[1]);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (child < 0 || !in)
        return false;
    take_lines(g, in, !o->json, rows);
    fclose(in);
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* ---- all */

/* "model name	: ..." where the system tells. */
static json_t *processor(void)
{
    char line[256], name[256] = "";
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && !*name && fgets(line, sizeof(line), f))
        if (sscanf(line, "model name : %255[^\n]", name) == 1)
            break;
    if (f)
        fclose(f);
    return json_string(name);
}

static void print_json(const struct options *o, json_t *rows)
{
    json_t *all = json_object();
    json_object_set_new(all, "processor", processor());
    json_object_set_new(all, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    json_object_set_new(all, "compiler", json_string(BENCH_COMPILER));
    json_object_set_new(all, "effort", json_string(o->bench.quick ? "quick" : o->bench.lengthy ? "long" : "normal"));
    json_object_set(all, "rows", rows);
    json_dumpf(all, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(6));
    printf("\n");
    json_decref(all);
}

int main(int argc, char **argv)
{
    struct options o = {0};
    bool good = true;
    mem_keep_freed(); /* as the command does */
    if (!read_options(&o, argc, argv)) {
        fprintf(stderr, "usage: %s [--json] [--quick | --long] [--list] [GROUP...]\n", argv[0]);
        return 2;
    }
    if (o.list) {
        list();
        return 0;
    }
    json_t *rows = json_array();
    threads_as_cores();
    for (size_t i = 0; i < GROUPS; i++)
        if (o.chosen[i] && !run_group(groups[i], &o, rows)) {
            fprintf(stderr, "dashspv-bench: the group %s failed\n", groups[i]->name);
            good = false;
        }
    if (o.json)
        print_json(&o, rows);
    json_decref(rows);
    return good ? 0 : 1;
}
