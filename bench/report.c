/* See report.h. */
#include "report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct report {
    int fd;
};

struct report *report_to(int fd)
{
    static struct report r;
    r.fd = fd;
    return &r;
}

/* Lines of several processes do not mix: a pipe takes so few bytes at once or not at all. */
static void say(struct report *r, json_t *line)
{
    enum { AT_ONCE = 512 };
    char *text = line ? json_dumps(line, JSON_COMPACT) : NULL;
    size_t n = text ? strlen(text) : 0;
    if (n == 0 || n >= AT_ONCE) {
        fprintf(stderr, "dashspv-bench: a row that cannot be reported\n");
        exit(1);
    }
    text[n++] = '\n';
    if (write(r->fd, text, n) != (ssize_t)n)
        exit(1);
    free(text);
    json_decref(line);
}

static void put_text(json_t *line, const char *key, const char *text)
{
    if (text)
        json_object_set_new(line, key, json_string(text));
}

void report_row(struct report *r, const struct row *row)
{
    json_t *line = json_object();
    put_text(line, "name", row->name);
    if (row->x_is) {
        put_text(line, "x_is", row->x_is);
        json_object_set_new(line, "x", json_real(row->x));
    }
    json_object_set_new(line, "value", json_real(row->value));
    put_text(line, "unit", row->unit);
    if (row->floor > 0) {
        json_object_set_new(line, "floor", json_real(row->floor));
        json_object_set_new(line, "ratio", json_real(row->value / row->floor));
        put_text(line, "floor_is", row->floor_is);
    }
    if (row->memory > 0)
        json_object_set_new(line, "memory", json_integer((json_int_t)row->memory));
    say(r, line);
}

void report_skipped(struct report *r, const char *what, const char *why)
{
    json_t *line = json_object();
    put_text(line, "skipped", what);
    put_text(line, "why", why);
    say(r, line);
}

/* ---- the table */

void report_print_head(const char *group, const char *about)
{
    printf("\n== %s: %s\n%-54s %12s %-9s %12s %7s %10s  %s\n", group, about, "", "figure", "", "floor", "ratio", "memory",
           "the floor is");
}

/* Four digits that say something. */
static void print_number(double x, int width)
{
    int decimals = x >= 1000 ? 0 : x >= 100 ? 1 : x >= 10 ? 2 : 3;
    printf(" %*.*f", width, decimals, x);
}

static void print_memory(double bytes)
{
    if (bytes >= 1e6)
        printf(" %7.1f MB", bytes / 1e6);
    else
        printf(" %7.1f kB", bytes / 1e3);
}

static const char *text_of(const json_t *line, const char *key)
{
    const char *text = json_string_value(json_object_get(line, key));
    return text ? text : "";
}

static double number_of(const json_t *line, const char *key)
{
    return json_number_value(json_object_get(line, key));
}

void report_print(const json_t *line)
{
    if (json_object_get(line, "skipped")) {
        printf("%s: skipped, %s\n", text_of(line, "skipped"), text_of(line, "why"));
        return;
    }
    char name[128];
    double floor = number_of(line, "floor"), memory = number_of(line, "memory");
    if (json_object_get(line, "x"))
        snprintf(name, sizeof(name), "%s; %.0f %s", text_of(line, "name"), number_of(line, "x"), text_of(line, "x_is"));
    else
        snprintf(name, sizeof(name), "%s", text_of(line, "name"));
    printf("%-54s", name);
    print_number(number_of(line, "value"), 12);
    printf(" %-9s", text_of(line, "unit"));
    if (floor > 0) {
        print_number(floor, 12);
        printf(" %7.2f", number_of(line, "ratio"));
    } else if (memory > 0) {
        printf(" %20s", "");
    }
    if (memory > 0)
        print_memory(memory);
    if (floor > 0)
        printf("%*s%s", memory > 0 ? 2 : 12, "", text_of(line, "floor_is"));
    printf("\n");
    fflush(stdout);
}
