/* See terminal.h. No escape sequences: carriage return and blanks are all that is needed for one line. Every character is taken
 * as one column wide, which holds for what this program prints. */
#include "cli/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

void terminal_init(struct terminal *t, FILE *out, bool quiet)
{
    *t = (struct terminal){.out = out, .live = !quiet && isatty(fileno(out))};
}

size_t terminal_width(const struct terminal *t)
{
    struct winsize size;
    if (ioctl(fileno(t->out), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return 80;
    return size.ws_col;
}

static bool starts_character(char byte)
{
    return ((unsigned char)byte & 0xc0) != 0x80;
}

size_t terminal_columns(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += starts_character(*text);
    return n;
}

size_t terminal_fit(const char *text, size_t columns)
{
    size_t i = 0;
    for (; text[i]; i++) {
        if (starts_character(text[i]) && columns-- == 0)
            break;
    }
    return i;
}

void terminal_progress(struct terminal *t, const char *line)
{
    if (!t->live)
        return;
    size_t width = terminal_width(t) - 1; /* the last column would wrap on some terminals */
    size_t bytes = terminal_fit(line, width);
    size_t columns = terminal_columns(line) < width ? terminal_columns(line) : width;
    size_t blanks = t->drawn > columns ? t->drawn - columns : 0;
    if (columns + blanks > width) /* the window became narrower */
        blanks = width - columns;
    fprintf(t->out, "\r%.*s%*s", (int)bytes, line, (int)blanks, "");
    fflush(t->out);
    t->drawn = columns;
}

void terminal_clear(struct terminal *t)
{
    if (!t->live || t->drawn == 0)
        return;
    terminal_progress(t, "");
    fputc('\r', t->out);
    fflush(t->out);
}

void terminal_line(struct terminal *t, const char *line)
{
    if (!t->live)
        return;
    terminal_clear(t);
    fprintf(t->out, "%s\n", line);
    fflush(t->out);
}
