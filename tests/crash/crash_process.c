/* See crash.h. What a program says is read from a pipe, which still holds it after the kill. */
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "crash/crash.h"

enum { LONGEST_LINE = 1 << 16, START_MS = 20000 };

static int64_t clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool process_start(struct process *p, const char *const argv[])
{
    int fds[2];
    if (pipe(fds) != 0)
        return false;
    p->pid = fork();
    if (p->pid == 0) {
        dup2(fds[1], STDOUT_FILENO);
        dup2(fds[1], STDERR_FILENO);
        close(fds[0]);
        close(fds[1]);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(fds[1]);
    p->out = fds[0];
    if (p->pid > 0)
        return true;
    close(fds[0]);
    p->pid = 0;
    return false;
}

/* Wait for something to read, at most until `until`. */
static bool readable(int fd, int64_t until)
{
    struct pollfd f = {.fd = fd, .events = POLLIN};
    int64_t left = until - clock_ms();
    return left > 0 && poll(&f, 1, (int)left) > 0;
}

bool process_line(const struct process *p, char *line, size_t size)
{
    int64_t until = clock_ms() + START_MS;
    for (size_t n = 0; n + 1 < size && readable(p->out, until); n++) {
        if (read(p->out, line + n, 1) != 1)
            return false;
        if (line[n] == '\n') {
            line[n] = '\0';
            return true;
        }
    }
    return false;
}

/* ---- announcements */

static void raise_to(int32_t *height, int64_t to)
{
    if (to > *height)
        *height = (int32_t)to;
}

/* `sync --json` */
static void take_event(const char *line, struct announced *a)
{
    json_t *event = json_loads(line, 0, NULL);
    const char *kind = json_string_value(json_object_get(event, "event"));
    const char *phase = json_string_value(json_object_get(event, "phase"));
    json_int_t height = json_integer_value(json_object_get(event, "height"));
    if (kind && strcmp(kind, "tip") == 0)
        raise_to(&a->tip, height);
    else if (kind && strcmp(kind, "list") == 0)
        raise_to(&a->list, height);
    else if (kind && strcmp(kind, "chainlock") == 0)
        raise_to(&a->chainlock, height);
    else if (kind && strcmp(kind, "phase") == 0 && phase && strcmp(phase, "synced") == 0)
        a->synced = true;
    a->events += kind != NULL;
    json_decref(event);
}

/* `run --log-level=trace` */
static void take_log(const char *line, struct announced *a)
{
    static const char tip[] = " headers: block ", list[] = " masternodes: masternode list proven at block ",
                      lock[] = " locks: block ", synced[] = " daemon: synced";
    const char *at;
    a->events++;
    if ((at = strstr(line, tip)) != NULL)
        raise_to(&a->tip, atoi(at + strlen(tip)));
    else if ((at = strstr(line, list)) != NULL)
        raise_to(&a->list, atoi(at + strlen(list)));
    else if ((at = strstr(line, lock)) != NULL && strstr(at, "ChainLock verified"))
        raise_to(&a->chainlock, atoi(at + strlen(lock)));
    else if (strstr(line, synced))
        a->synced = true;
    else
        a->events--;
}

/* Take whole lines out of the buffer; how much is left. */
static size_t take_lines(char *buffer, size_t n, struct announced *a)
{
    size_t from = 0;
    for (char *end; (end = memchr(buffer + from, '\n', n - from)) != NULL; from = (size_t)(end - buffer) + 1) {
        *end = '\0';
        if (buffer[from] == '{')
            take_event(buffer + from, a);
        else
            take_log(buffer + from, a);
    }
    memmove(buffer, buffer + from, n - from);
    return n - from == LONGEST_LINE ? 0 : n - from; /* no line of ours is that long */
}

/* False at the end of what it says. */
static bool take_more(const struct process *p, char *buffer, size_t *n, struct announced *a)
{
    ssize_t got = read(p->out, buffer + *n, LONGEST_LINE - *n);
    if (got <= 0)
        return false;
    if (p->log)
        fwrite(buffer + *n, 1, (size_t)got, p->log);
    *n = take_lines(buffer, *n + (size_t)got, a);
    return true;
}

bool process_listen_and_kill(struct process *p, unsigned ms, struct announced *out)
{
    static char buffer[LONGEST_LINE];
    int64_t until = clock_ms() + ms;
    size_t n = 0;
    bool speaks = true;
    *out = (struct announced){.tip = -1, .list = -1, .chainlock = -1};
    while (speaks && readable(p->out, until))
        speaks = take_more(p, buffer, &n, out);
    kill(p->pid, SIGKILL);
    while (take_more(p, buffer, &n, out))
        ;
    int status;
    waitpid(p->pid, &status, 0);
    close(p->out);
    p->pid = 0;
    return speaks && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
}

void process_kill(struct process *p)
{
    if (p->pid == 0)
        return;
    kill(p->pid, SIGKILL);
    waitpid(p->pid, NULL, 0);
    close(p->out);
    p->pid = 0;
}
