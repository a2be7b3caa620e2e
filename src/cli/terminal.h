/* What a person sees: one progress line that is redrawn in place, and lines above it. Away from a terminal (a pipe, a file)
 * both are silent; what must be said in any case is printed by the caller with stdio. */
#ifndef CLI_TERMINAL_H
#define CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct terminal {
    FILE *out;
    bool live;    /* a terminal, and not wanted quiet */
    size_t drawn; /* columns of the progress line on the screen */
};

/* `quiet`: as if it were no terminal. */
void terminal_init(struct terminal *t, FILE *out, bool quiet);
/* Redraw the progress line, cut to the terminal's width. */
void terminal_progress(struct terminal *t, const char *line);
/* A line that stays, above the progress line. */
void terminal_line(struct terminal *t, const char *line);
/* Take the progress line off the screen. */
void terminal_clear(struct terminal *t);

/* Columns of the terminal; 80 when that cannot be told. */
size_t terminal_width(const struct terminal *t);
/* Columns that `text` (UTF-8) takes, control characters apart; and how many of its bytes fit into `columns`. */
size_t terminal_columns(const char *text);
size_t terminal_fit(const char *text, size_t columns);

#endif
