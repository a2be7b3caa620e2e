/* What a daemon writes to stderr: one line per event, with a level and the part of the program it is about. */
#ifndef CLI_LOG_H
#define CLI_LOG_H

#include <stdbool.h>
#include <stdio.h>

enum log_level { LEVEL_ERROR, LEVEL_WARNING, LEVEL_INFO, LEVEL_DEBUG, LEVEL_TRACE };

enum log_module {
    MODULE_DAEMON,
    MODULE_PEERS,
    MODULE_HEADERS,
    MODULE_MASTERNODES,
    MODULE_LOCKS,
    MODULE_STORE,
    MODULE_RPC,
    MODULE_COUNT
};

/* What is written: of each module, its level and those above. */
struct log_levels {
    enum log_level of[MODULE_COUNT];
};

/* Everything at LEVEL_INFO. */
void log_levels_init(struct log_levels *l);
/* "LEVEL", "MODULE=LEVEL" or several with commas between: later ones win. NULL, or what is wrong with it (then `l` is as before).
 */
const char *log_levels_parse(struct log_levels *l, const char *text);

struct log {
    FILE *out;
    bool journal; /* "<6>..." for the journal, which has its own time, instead of a time stamp */
    struct log_levels levels;
};

/* Into `out`; for the journal when JOURNAL_STREAM says that this is what `out` leads to. */
void log_init(struct log *l, FILE *out, const struct log_levels *levels);
bool log_wants(const struct log *l, enum log_module module, enum log_level level);
/* One line, without a newline at its end; what is no plain text in it is replaced. */
void log_line(const struct log *l, enum log_module module, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
