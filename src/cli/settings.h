/* What was set, by whom: the words of the command line, the environment, the configuration file. Each setting belongs to a row of
 * the table of options; of one row, those of the highest source count and the others do not. */
#ifndef CLI_SETTINGS_H
#define CLI_SETTINGS_H

#include "base/arena.h"
#include "cli/options_table.h"

/* Ascending: a later one wins. */
enum setting_source { SETTING_FILE, SETTING_SECTION, SETTING_ENVIRONMENT, SETTING_WORDS };

struct setting {
    const struct row *row;
    const char *value; /* "yes" or "no" of a switch */
    enum setting_source source;
    const char *section; /* of the file: the network it is for; NULL: for all */
    int line;            /* of the file */
};

enum { SETTINGS_MOST = 1000, SETTINGS_MOST_WORDS = 2, SETTINGS_ERROR_SIZE = 512 };

struct settings {
    unsigned command;
    struct arena arena; /* owns what is not argv's */
    struct setting *items;
    size_t n, cap;
    const char *file;                       /* the configuration file that was read; NULL: none */
    const char *words[SETTINGS_MOST_WORDS]; /* that are no options, argv's */
    size_t n_words;
};

void settings_init(struct settings *s, unsigned command);
void settings_free(struct settings *s);

/* All return 0 or -1 with a sentence in `error`. */

/* argv[0] is the command's name; `most_words` may stand there that are no options. */
int settings_take_words(struct settings *s, int argc, char **argv, size_t most_words, char error[SETTINGS_ERROR_SIZE]);
/* DASHSPV_<OPTION>, upper case with '_' for '-'; values of repeatable options are separated by blanks. */
int settings_take_environment(struct settings *s, char error[SETTINGS_ERROR_SIZE]);
/* The file that --config or DASHSPV_CONFIG names, or the first there is of the usual ones (config_file.c). */
int settings_take_file(struct settings *s, char error[SETTINGS_ERROR_SIZE]);
/* One more. `value` and `section` are copied when `copy`. */
int settings_add(struct settings *s, const struct setting *one, bool copy, char error[SETTINGS_ERROR_SIZE]);

/* The i-th setting that counts on a network (NULL: not known yet, sections do not count), in the order they were made, or NULL
 * when it does not count. */
const struct setting *settings_at(const struct settings *s, size_t i, const char *network);
/* The last value that counts for a row of this name, or NULL. */
const char *settings_value(const struct settings *s, const char *name, const char *network);
/* Write what is wrong with the setting that has this very value, and where it stands. Returns -1. `secret`: do not repeat it. */
int settings_blame(const struct settings *s, const char *name, const char *value, bool secret, const char *why,
                   char error[SETTINGS_ERROR_SIZE]);
/* Where it stands: "/etc/dashspv.conf:12", "environment DASHSPV_NETWORK", "command line". */
void settings_origin(const struct settings *s, const struct setting *one, char *out, size_t size);

#endif
