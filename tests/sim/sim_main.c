/* dashspv-sim: the client against generated worlds full of liars, on a virtual clock.
 *
 *     dashspv-sim [--seeds N] [--first K] [--stride S] [--jobs J] [--liar NAME] [--json]
 *     dashspv-sim --trace SEED [--liar NAME]
 *     dashspv-sim --liars
 *
 * The seeds are K, K + S, K + 2S ...: a stride shows more worlds in fewer runs. Runs are spread over processes by their world. A
 * run that dies or hangs is a finding, too: its process is replaced. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/sim_report.h"

enum { MOST_JOBS = 64, RUN_TWICE = 16, LONGEST_RUN_S = 300, REDRAW_MS = 200 };

struct options {
    uint64_t seeds, first, stride, trace;
    unsigned jobs;
    bool tracing, json;
    const char *liar;
    const struct liar_kind *only;
};

/* A process that works through the seeds from `next` on that are its own. */
struct worker {
    pid_t pid; /* 0: it is done */
    int pipe;
    unsigned number;
    uint64_t running; /* the seed it is at */
    bool busy;
};

/* What a worker says: a seed begins, or it is over. Small enough to be written at once. */
struct note {
    bool over;
    struct sim_result result;
};

/* ---- a worker */

static void run_checked(uint64_t seed, const struct liar_kind *only, struct sim_result *out)
{
    struct sim_result again;
    sim_run(seed, only, false, out);
    if (out->oracle[0] || seed % RUN_TWICE != 5)
        return;
    sim_run(seed, only, false, &again);
    if (again.hash == out->hash)
        return;
    snprintf(out->oracle, sizeof(out->oracle), "replay");
    snprintf(out->finding, sizeof(out->finding), "two runs of this seed gave different outputs (%u and %u inputs)", out->inputs,
             again.inputs);
}

static bool say(int fd, const struct note *note)
{
    return write(fd, note, sizeof(*note)) == (ssize_t)sizeof(*note);
}

static bool is_own(const struct options *o, unsigned worker, uint64_t seed)
{
    return seed / SIM_RUNS_PER_WORLD % o->jobs == worker;
}

static _Noreturn void work(const struct options *o, unsigned worker, uint64_t from, int fd)
{
    for (uint64_t seed = from; seed < o->first + o->seeds * o->stride; seed += o->stride) {
        struct note note = {.result = {.seed = seed}};
        if (!is_own(o, worker, seed))
            continue;
        if (!say(fd, &note))
            _exit(2);
        alarm(LONGEST_RUN_S);
        run_checked(seed, o->only, &note.result);
        alarm(0);
        note.over = true;
        if (!say(fd, &note))
            _exit(2);
    }
    sim_pool_free();
    exit(0);
}

static void start(const struct options *o, struct worker *workers, unsigned number, uint64_t from)
{
    struct worker *w = &workers[number];
    int fds[2];
    fflush(stdout);
    if (pipe(fds) != 0 || (w->pid = fork()) < 0) {
        perror("dashspv-sim");
        exit(2);
    }
    if (w->pid == 0) {
        for (unsigned i = 0; i < o->jobs; i++)
            if (i != number && workers[i].pid != 0)
                close(workers[i].pipe);
        close(fds[0]);
        work(o, number, from, fds[1]);
    }
    close(fds[1]);
    w->pipe = fds[0];
    w->number = number;
    w->busy = false;
}

/* ---- the others */

static double cpu_seconds(void)
{
    struct rusage u;
    getrusage(RUSAGE_CHILDREN, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) + (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void draw(const struct sim_report *r, const struct options *o, bool last)
{
    static struct timespec drawn;
    struct timespec now;
    if (o->json || !isatty(STDERR_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (!last && (now.tv_sec - drawn.tv_sec) * 1000 + (now.tv_nsec - drawn.tv_nsec) / 1000000 < REDRAW_MS)
        return;
    drawn = now;
    fprintf(stderr, "\r%llu of %llu seeds, %.1f virtual hours, %zu findings %s", (unsigned long long)r->seeds,
            (unsigned long long)o->seeds, (double)r->virtual_ms / 3600000, r->n_findings, last ? "\n" : "");
}

/* The worker's process is gone. It had better be done. */
static void on_end(const struct options *o, struct worker *workers, struct worker *w, struct sim_report *report)
{
    int status = 0;
    close(w->pipe);
    waitpid(w->pid, &status, 0);
    w->pid = 0;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !w->busy)
        return;
    struct sim_result died = {.seed = w->running, .synced_after_ms = -1, .oracle = "crash"};
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
        snprintf(died.finding, sizeof(died.finding), "took more than %d s", LONGEST_RUN_S);
    else if (WIFSIGNALED(status))
        snprintf(died.finding, sizeof(died.finding), "died of signal %d", WTERMSIG(status));
    else
        snprintf(died.finding, sizeof(died.finding), "died with status %d", WEXITSTATUS(status));
    sim_report_add(report, &died);
    if (w->busy)
        start(o, workers, w->number, w->running + o->stride);
}

static void on_note(struct worker *w, const struct note *note, struct sim_report *report)
{
    w->running = note->result.seed;
    w->busy = !note->over;
    if (note->over)
        sim_report_add(report, &note->result);
}

static void listen_to(const struct options *o, struct worker *workers, struct sim_report *report)
{
    for (;;) {
        struct pollfd fds[MOST_JOBS];
        struct worker *of[MOST_JOBS];
        nfds_t n = 0;
        for (unsigned i = 0; i < o->jobs; i++)
            if (workers[i].pid != 0) {
                fds[n] = (struct pollfd){.fd = workers[i].pipe, .events = POLLIN};
                of[n++] = &workers[i];
            }
        if (n == 0)
            return;
        if (poll(fds, n, -1) < 0)
            continue;
        for (nfds_t i = 0; i < n; i++) {
            struct note note;
            if (fds[i].revents == 0)
                continue;
            if (read(fds[i].fd, &note, sizeof(note)) == (ssize_t)sizeof(note))
                on_note(of[i], &note, report);
            else
                on_end(o, workers, of[i], report);
        }
        draw(report, o, false);
    }
}

static int run_all(const struct options *o)
{
    struct worker workers[MOST_JOBS] = {0};
    struct sim_report report = {0};
    for (unsigned i = 0; i < o->jobs; i++)
        start(o, workers, i, o->first);
    listen_to(o, workers, &report);
    draw(&report, o, true);
    sim_report_sort(&report);
    if (o->json)
        sim_report_json(&report, cpu_seconds(), o->liar);
    else
        sim_report_print(&report, cpu_seconds(), o->liar);
    bool good = report.n_findings == 0 && report.seeds == o->seeds;
    sim_report_free(&report);
    return good ? 0 : 1;
}

static int trace(const struct options *o)
{
    struct sim_result result;
    sim_run(o->trace, o->only, true, &result);
    printf("%s%s%s\nhash %016llx, %u inputs, %llu messages, %.1f virtual s", result.oracle, result.oracle[0] ? ": " : "",
           result.oracle[0] ? result.finding : "no finding", (unsigned long long)result.hash, result.inputs,
           (unsigned long long)result.messages, (double)result.virtual_ms / 1000);
    if (result.synced_after_ms >= 0)
        printf(", synced %.1f s after the quiet", (double)result.synced_after_ms / 1000);
    printf("\n");
    sim_pool_free();
    return result.oracle[0] ? 1 : 0;
}

/* ---- options */

static bool take_number(const char *text, uint64_t *out)
{
    char *end;
    if (!text || *text < '0' || *text > '9')
        return false;
    *out = strtoull(text, &end, 10);
    return *end == '\0';
}

static bool take_options(int argc, char **argv, struct options *o)
{
    uint64_t jobs = 1;
    *o = (struct options){.seeds = 100, .stride = 1};
    for (int i = 1; i < argc; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : NULL;
        bool good = true;
        if (strcmp(name, "--json") == 0) {
            o->json = true;
            continue;
        }
        if (strcmp(name, "--seeds") == 0)
            good = take_number(value, &o->seeds);
        else if (strcmp(name, "--first") == 0)
            good = take_number(value, &o->first);
        else if (strcmp(name, "--stride") == 0)
            good = take_number(value, &o->stride) && o->stride > 0;
        else if (strcmp(name, "--jobs") == 0)
            good = take_number(value, &jobs) && jobs > 0 && jobs <= MOST_JOBS;
        else if (strcmp(name, "--trace") == 0)
            good = o->tracing = take_number(value, &o->trace);
        else if (strcmp(name, "--liar") == 0)
            good = value && (o->only = liar_find(o->liar = value)) != NULL;
        else
            good = false;
        if (!good) {
            fprintf(stderr, "dashspv-sim: what is \"%s%s%s\"?\n", name, value ? " " : "", value ? value : "");
            return false;
        }
        i++;
    }
    o->jobs = (unsigned)jobs;
    return true;
}

static void list_kinds(void)
{
    size_t n;
    const struct liar_kind *const *kinds = liar_kinds(&n);
    for (size_t i = 0; i < n; i++)
        puts(kinds[i]->name);
}

int main(int argc, char **argv)
{
    struct options o;
    if (argc == 2 && strcmp(argv[1], "--liars") == 0) {
        list_kinds();
        return 0;
    }
    if (!take_options(argc, argv, &o)) {
        fprintf(stderr, "usage: dashspv-sim [--seeds N] [--first K] [--stride S] [--jobs J] [--liar NAME] [--json]\n"
                        "       dashspv-sim --trace SEED [--liar NAME]\n"
                        "       dashspv-sim --liars\n");
        return 2;
    }
    return o.tracing ? trace(&o) : run_all(&o);
}
