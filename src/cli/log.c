/* See log.h. The journal's convention is sd-daemon(3): "<N>" with syslog's numbers, JOURNAL_STREAM = device:inode of its socket.
 */
#include "cli/log.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

static const struct {
    const char *name;
    int syslog;
} LEVELS[] = {{"error", 3}, {"warning", 4}, {"info", 6}, {"debug", 7}, {"trace", 7}};
enum { N_LEVELS = sizeof(LEVELS) / sizeof(LEVELS[0]) };

static const char *const MODULES[MODULE_COUNT] = {"daemon", "peers", "headers", "masternodes", "locks", "store", "rpc"};

void log_levels_init(struct log_levels *l)
{
    for (int i = 0; i < MODULE_COUNT; i++)
        l->of[i] = LEVEL_INFO;
}

/* Index of a word of `n` characters; -1. */
static int level_of(const char *word, size_t n)
{
    for (int i = 0; i < (int)N_LEVELS; i++)
        if (strlen(LEVELS[i].name) == n && memcmp(LEVELS[i].name, word, n) == 0)
            return i;
    return -1;
}

static int module_of(const char *word, size_t n)
{
    for (int i = 0; i < MODULE_COUNT; i++)
        if (strlen(MODULES[i]) == n && memcmp(MODULES[i], word, n) == 0)
            return i;
    return -1;
}

const char *log_levels_parse(struct log_levels *l, const char *text)
{
    struct log_levels set = *l;
    for (;;) {
        size_t n = strcspn(text, ",");
        const char *equals = memchr(text, '=', n);
        size_t left = equals ? (size_t)(equals - text) : 0;
        int module = equals ? module_of(text, left) : -1;
        int level = equals ? level_of(equals + 1, n - left - 1) : level_of(text, n);
        if (equals && module < 0)
            return "the modules are daemon, peers, headers, masternodes, locks, store and rpc";
        if (level < 0)
            return "the levels are error, warning, info, debug and trace";
        for (int i = 0; i < MODULE_COUNT; i++)
            if (!equals || i == module)
                set.of[i] = (enum log_level)level;
        if (text[n] == '\0')
            break;
        text += n + 1;
    }
    *l = set;
    return NULL;
}

static bool leads_to_journal(FILE *out)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat s;
    uintmax_t device, inode;
    return stream && fstat(fileno(out), &s) == 0 && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
           device == s.st_dev && inode == s.st_ino;
}

void log_init(struct log *l, FILE *out, const struct log_levels *levels)
{
    *l = (struct log){.out = out, .journal = leads_to_journal(out), .levels = *levels};
}

bool log_wants(const struct log *l, enum log_module module, enum log_level level)
{
    return level <= l->levels.of[module];
}

void log_line(const struct log *l, enum log_module module, enum log_level level, const char *format, ...)
{
    char text[1024], when[32] = "";
    time_t now = time(NULL);
    struct tm tm;
    va_list arguments;
    if (!log_wants(l, module, level))
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            *p = '?';
    if (l->journal) {
        fprintf(l->out, "<%d>%s: %s\n", LEVELS[level].syslog, MODULES[module], text);
    } else {
        if (gmtime_r(&now, &tm))
            strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
        fprintf(l->out, "%s %-7s %s: %s\n", when, LEVELS[level].name, MODULES[module], text);
    }
    fflush(l->out);
}
