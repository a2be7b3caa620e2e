/* Settings from dashspv.conf, an ini file read by libinih. What stands above all sections counts for every network, what stands
 * in [NETWORK] for that one, where it wins. A name that no command knows is an error; one that only other commands know is left
 * to them. libinih tells no line numbers: its lines come from next_line(), which counts them. */
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/settings.h"
#include "dashspv/dashspv.h"

enum { LONGEST_PATH = 1024 };

struct reading {
    struct settings *settings;
    FILE *file;
    int line;
    int failed_line; /* the first that something is wrong with; 0: none */
    char why[160];
    char error[SETTINGS_ERROR_SIZE]; /* from settings_add, may be empty */
};

static int fail(struct reading *r, const char *subject, const char *why)
{
    if (r->failed_line == 0) {
        r->failed_line = r->line;
        snprintf(r->why, sizeof(r->why), "%.60s%s%.90s", subject, *subject ? ": " : "", why);
    }
    return 0; /* as libinih says it */
}

static char *next_line(char *out, int size, void *context)
{
    struct reading *r = context;
    if (!fgets(out, size, r->file))
        return NULL;
    r->line++;
    size_t n = strlen(out);
    if ((n == 0 || out[n - 1] != '\n') && !feof(r->file)) {
        fail(r, "", "the line is too long, or holds a zero byte");
        return NULL;
    }
    return out;
}

static bool is_network(const char *name)
{
    dspv_network *net;
    if (dspv_network_new(&net, name) != 0)
        return false;
    dspv_network_free(net);
    return true;
}

/* A row that may stand in a file, of this command if there is one. NULL: none. */
static const struct row *lasting_row(const char *name, unsigned command)
{
    const struct row *found = NULL;
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        const struct row *row = &OPTION_ROWS[i];
        if (strcmp(row->name, name) == 0 && !(row->commands & (ROW_WORDS_ONLY | ROW_NOT_IN_FILE)) &&
            (!found || row->commands & command))
            found = row;
    }
    return found;
}

static int on_pair(void *context, const char *section, const char *name, const char *value)
{
    struct reading *r = context;
    const struct row *row = lasting_row(name, r->settings->command);
    if (*section && !is_network(section))
        return fail(r, section, "the name of a section must be that of a network: mainnet, testnet, regtest, devnet-NAME");
    if (!row)
        return fail(r, name,
                    option_row(name, r->settings->command) ? "that cannot be said in a file" : "there is no such option");
    if (*section && strcmp(name, "network") == 0)
        return fail(r, name, "that belongs above the sections");
    if (!(row->commands & r->settings->command))
        return 1;
    const struct setting one = {.row = row,
                                .value = value,
                                .source = *section ? SETTING_SECTION : SETTING_FILE,
                                .section = *section ? section : NULL,
                                .line = r->line};
    return settings_add(r->settings, &one, true, r->error) == 0 ? 1 : fail(r, "", r->error);
}

static int read_file(struct settings *s, const char *path, FILE *file, char *error)
{
    struct reading r = {.settings = s, .file = file};
    int bad_line = ini_parse_stream(next_line, &r, on_pair, &r);
    if (r.failed_line == 0 && bad_line == 0 && !ferror(file))
        return 0;
    if (r.failed_line != 0 && (bad_line <= 0 || r.failed_line <= bad_line))
        snprintf(error, SETTINGS_ERROR_SIZE, "%.280s:%d: %s", path, r.failed_line, r.why);
    else if (bad_line != 0)
        snprintf(error, SETTINGS_ERROR_SIZE, "%.280s:%d: neither NAME = VALUE nor [NETWORK]", path, bad_line);
    else
        snprintf(error, SETTINGS_ERROR_SIZE, "cannot read %.280s: %s", path, strerror(EIO));
    return -1;
}

/* The n-th usual place. False: it has no name here. */
static bool usual_place(int n, char out[LONGEST_PATH])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int length = -1;
    if (n == 1)
        length = snprintf(out, LONGEST_PATH, "/etc/dashspv.conf");
    else if (config && *config == '/')
        length = snprintf(out, LONGEST_PATH, "%s/dashspv/dashspv.conf", config);
    else if (home && *home == '/')
        length = snprintf(out, LONGEST_PATH, "%s/.config/dashspv/dashspv.conf", home);
    return length > 0 && length < LONGEST_PATH;
}

static int take_path(struct settings *s, const char *path, bool must_exist, char *error)
{
    FILE *file = fopen(path, "r");
    if (!file && !must_exist && (errno == ENOENT || errno == ENOTDIR))
        return 0;
    char *copy = file ? arena_alloc(&s->arena, strlen(path) + 1) : NULL;
    if (!copy) {
        snprintf(error, SETTINGS_ERROR_SIZE, "cannot read %.280s: %s", path, file ? "out of memory" : strerror(errno));
        if (file)
            fclose(file);
        return -1;
    }
    s->file = strcpy(copy, path);
    int rc = read_file(s, path, file, error);
    fclose(file);
    return rc;
}

int settings_take_file(struct settings *s, char error[SETTINGS_ERROR_SIZE])
{
    const char *named = settings_value(s, "config", NULL);
    char path[LONGEST_PATH];
    int rc = 0;
    if (named)
        return take_path(s, named, true, error);
    for (int i = 0; rc == 0 && !s->file && i < 2; i++)
        if (usual_place(i, path))
            rc = take_path(s, path, false, error);
    return rc;
}
