/* See table.h. */
#include "cli/table.h"

#include <stdarg.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "cli/terminal.h"

void table_init(struct table *t, const char *const *titles, size_t columns)
{
    *t = (struct table){.titles = titles, .columns = columns};
    arena_init(&t->arena, 0);
}

void table_free(struct table *t)
{
    mem_free(t->cells);
    arena_free(&t->arena);
}

void table_cell(struct table *t, const char *format, ...)
{
    char text[512];
    void *cells = t->cells;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    size_t size = strlen(text) + 1;
    bool room = !t->failed && mem_grow(&cells, &t->cap, t->n + 1, sizeof(*t->cells)) == 0;
    t->cells = cells;
    char *copy = room ? arena_alloc(&t->arena, size) : NULL;
    t->failed = !copy;
    if (copy)
        t->cells[t->n++] = memcpy(copy, text, size);
}

void table_hash(struct table *t, const unsigned char hash[32])
{
    char hex[65];
    hash_to_hex(hash, hex);
    table_cell(t, "%s", hex);
}

static bool is_right(const char *title)
{
    return *title == '>';
}

static void print_cell(FILE *out, const char *text, size_t width, bool right, bool last)
{
    size_t columns = terminal_columns(text);
    int blanks = (int)(width > columns ? width - columns : 0);
    if (right)
        fprintf(out, "%*s%s", blanks, "", text);
    else
        fprintf(out, "%s%*s", text, last ? 0 : blanks, "");
    fputs(last ? "\n" : "  ", out);
}

int table_print(const struct table *t, FILE *out)
{
    if (t->failed)
        return DSPV_ENOMEM;
    size_t width[16] = {0};
    for (size_t c = 0; c < t->columns; c++)
        width[c] = terminal_columns(t->titles[c]) - is_right(t->titles[c]);
    for (size_t i = 0; i < t->n; i++) {
        size_t columns = terminal_columns(t->cells[i]), c = i % t->columns;
        width[c] = columns > width[c] ? columns : width[c];
    }
    for (size_t c = 0; t->n && c < t->columns; c++)
        print_cell(out, t->titles[c] + is_right(t->titles[c]), width[c], is_right(t->titles[c]), c + 1 == t->columns);
    for (size_t i = 0; i < t->n; i++) {
        size_t c = i % t->columns;
        print_cell(out, t->cells[i], width[c], is_right(t->titles[c]), c + 1 == t->columns);
    }
    return 0;
}
