/* The table of all options: the one source for the command line, the environment, the configuration file and the help. */
#ifndef CLI_OPTIONS_TABLE_H
#define CLI_OPTIONS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct options;

struct row {
    const char *name;
    const char *value; /* what the help calls its value; NULL: a switch, yes or no */
    unsigned commands; /* enum command as bits, and ROW_* */
    const char *help;
    /* NULL: a network option. Else NULL or a sentence. A switch is given "yes" or "no". */
    const char *(*take)(struct options *o, const char *value);
};

enum {
    ROW_WORDS_ONLY = 1 << 24, /* only on the command line */
    ROW_NOT_IN_FILE = 1 << 25,
    ROW_REPEATS = 1 << 26 /* may be given several times */
};

extern const struct row OPTION_ROWS[];
extern const size_t N_OPTION_ROWS;
enum { OPTION_ROWS_MOST = 96 };

/* A row of this name that the command has; else one that another command has; NULL: there is no such option. */
const struct row *option_row(const char *name, unsigned command);

#endif
