/* See settings.h. getopt_long reads the words. Values are looked at later, in one place, whatever their source (options.c). */
#include "cli/settings.h"

#include <ctype.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { FIRST_ROW = 256 /* getopt values of rows, beyond all characters */ };

void settings_init(struct settings *s, unsigned command)
{
    *s = (struct settings){.command = command};
    arena_init(&s->arena, 1 << 20);
}

void settings_free(struct settings *s)
{
    mem_free(s->items);
    arena_free(&s->arena);
    s->items = NULL;
    s->n = s->cap = 0;
}

static int wrong(char *error, const char *what, const char *why)
{
    snprintf(error, SETTINGS_ERROR_SIZE, "%.200s: %.200s", what, why);
    return -1;
}

static const char *copy_of(struct settings *s, const char *text)
{
    size_t n = text ? strlen(text) + 1 : 0;
    char *copy = text ? arena_alloc(&s->arena, n) : NULL;
    return copy ? memcpy(copy, text, n) : NULL;
}

int settings_add(struct settings *s, const struct setting *one, bool copy, char error[SETTINGS_ERROR_SIZE])
{
    void *items = s->items;
    if (s->n == SETTINGS_MOST)
        return wrong(error, one->row->name, "too many options");
    bool failed = mem_grow(&items, &s->cap, s->n + 1, sizeof(*one)) != 0;
    s->items = items;
    if (failed)
        return wrong(error, one->row->name, "out of memory");
    struct setting *kept = &s->items[s->n];
    *kept = *one;
    if (copy) {
        kept->value = copy_of(s, one->value);
        kept->section = copy_of(s, one->section);
        if (!kept->value || !kept->section != !one->section)
            return wrong(error, one->row->name, "out of memory");
    }
    s->n++;
    return 0;
}

/* ---- words */

static void known_options(struct option *out, unsigned command)
{
    for (size_t i = 0; i < N_OPTION_ROWS; i++)
        if (OPTION_ROWS[i].commands & command)
            *out++ = (struct option){OPTION_ROWS[i].name, OPTION_ROWS[i].value ? required_argument : optional_argument, NULL,
                                     FIRST_ROW + (int)i};
    *out = (struct option){0};
}

static int take_word(struct settings *s, const char *word, size_t most_words, char *error)
{
    if (s->n_words == most_words)
        return wrong(error, word, most_words ? "that is one word too many" : "only options are expected here");
    s->words[s->n_words++] = word;
    return 0;
}

static int take_option(struct settings *s, int c, const char *value, char *error)
{
    const struct row *row = &OPTION_ROWS[c - FIRST_ROW];
    const struct setting one = {.row = row, .value = value ? value : "yes", .source = SETTING_WORDS};
    return settings_add(s, &one, false, error);
}

int settings_take_words(struct settings *s, int argc, char **argv, size_t most_words, char error[SETTINGS_ERROR_SIZE])
{
    struct option known[OPTION_ROWS_MOST + 1];
    known_options(known, s->command);
    optind = 0; /* GNU and musl: start afresh, also after a parse that was given up */
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1, rc = 0;
        int c = getopt_long(argc, argv, "-:h", known, NULL);
        if (c == -1)
            break;
        const char *word = argv[at];
        if (c == ':')
            return wrong(error, word, "needs a value");
        if (c == 1)
            rc = take_word(s, optarg, most_words, error);
        else if (c == 'h')
            rc = take_option(s, FIRST_ROW + (int)(option_row("help", s->command) - OPTION_ROWS), NULL, error);
        else if (c < FIRST_ROW) /* '?' */
            return wrong(error, word, "there is no such option");
        else
            rc = take_option(s, c, optarg, error);
        if (rc != 0)
            return rc;
    }
    for (; optind < argc; optind++) /* behind "--" */
        if (take_word(s, argv[optind], most_words, error) != 0)
            return -1;
    return 0;
}

/* ---- environment */

static void environment_name(const char *option, char *out, size_t size)
{
    size_t n = (size_t)snprintf(out, size, "DASHSPV_%s", option);
    for (size_t i = 0; i < n && i < size - 1; i++)
        out[i] = out[i] == '-' ? '_' : (char)toupper((unsigned char)out[i]);
}

/* Of a repeatable option: each word of the value. */
static int take_list(struct settings *s, struct setting one, char *error)
{
    char word[300];
    for (const char *p = one.value + strspn(one.value, " "); *p; p += strspn(p, " ")) {
        size_t n = strcspn(p, " ");
        if (n >= sizeof(word))
            return wrong(error, one.row->name, "the value is too long");
        memcpy(word, p, n);
        word[n] = '\0';
        p += n;
        one.value = word;
        if (settings_add(s, &one, true, error) != 0)
            return -1;
    }
    return 0;
}

int settings_take_environment(struct settings *s, char error[SETTINGS_ERROR_SIZE])
{
    char name[80];
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        const struct row *row = &OPTION_ROWS[i];
        if (!(row->commands & s->command) || row->commands & ROW_WORDS_ONLY)
            continue;
        environment_name(row->name, name, sizeof(name));
        const struct setting one = {.row = row, .value = getenv(name), .source = SETTING_ENVIRONMENT};
        if (!one.value)
            continue;
        int rc = row->commands & ROW_REPEATS ? take_list(s, one, error) : settings_add(s, &one, true, error);
        if (rc != 0)
            return rc;
    }
    return 0;
}

/* ---- which of them count */

static bool applies(const struct setting *one, const char *network)
{
    return !one->section || (network && strcmp(one->section, network) == 0);
}

const struct setting *settings_at(const struct settings *s, size_t i, const char *network)
{
    const struct setting *one = &s->items[i];
    for (size_t k = 0; k < s->n; k++)
        if (s->items[k].row == one->row && s->items[k].source > one->source && applies(&s->items[k], network))
            return NULL;
    return applies(one, network) ? one : NULL;
}

const char *settings_value(const struct settings *s, const char *name, const char *network)
{
    const char *value = NULL;
    for (size_t i = 0; i < s->n; i++)
        if (strcmp(s->items[i].row->name, name) == 0 && settings_at(s, i, network))
            value = s->items[i].value;
    return value;
}

/* ---- where they stand */

void settings_origin(const struct settings *s, const struct setting *one, char *out, size_t size)
{
    char name[80];
    switch (one->source) {
    case SETTING_FILE:
    case SETTING_SECTION: snprintf(out, size, "%s:%d", s->file, one->line); break;
    case SETTING_ENVIRONMENT:
        environment_name(one->row->name, name, sizeof(name));
        snprintf(out, size, "environment %s", name);
        break;
    case SETTING_WORDS: snprintf(out, size, "command line"); break;
    }
}

int settings_blame(const struct settings *s, const char *name, const char *value, bool secret, const char *why,
                   char error[SETTINGS_ERROR_SIZE])
{
    char where[300] = "";
    const struct setting *one = NULL;
    const char *equals = value && !secret ? "=" : "", *shown = value && !secret ? value : "";
    for (size_t i = 0; value && i < s->n; i++)
        if (s->items[i].value == value)
            one = &s->items[i];
    bool written = !one || one->source == SETTING_WORDS;
    if (!written)
        settings_origin(s, one, where, sizeof(where));
    snprintf(error, SETTINGS_ERROR_SIZE, "%.280s%s%s%.60s%s%.80s: %.120s", where, written ? "" : ": ", written ? "--" : "", name,
             equals, shown, why);
    return -1;
}
