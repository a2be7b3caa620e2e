/* What benchmarks find: rows, and what had to be skipped. A group reports, main.c prints: as a table for people, or with --json.
 *
 * A value is a cost: less is better. Time is CPU time unless the name says otherwise; figures are compared within one run only.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

struct row {
    const char *name; /* "verify, basic"; with x: one curve is made of the rows of a name */
    const char *unit; /* of value and floor: "us", "ns/header", "B/block" */
    double value;
    double floor;         /* what no program could stay below; 0: none is known */
    const char *floor_is; /* what that is: "two Miller loops and a final exponentiation" */
    uint64_t memory;      /* bytes that go with it; 0: of no interest */
    const char *x_is;     /* growth: what x counts, "masternodes"; else NULL */
    double x;
};

struct report;

/* The ratio is value / floor. Texts are copied. */
void report_row(struct report *r, const struct row *row);
/* `what` cannot be measured here, because of `why`. */
void report_skipped(struct report *r, const char *what, const char *why);

/* ---- for main.c and group.c */

/* Rows and what was skipped are written into `fd`, one JSON object a line: processes share it. Static, one in a process. */
struct report *report_to(int fd);

/* One of them as a line of the table; `group` as report_head. */
void report_print_head(const char *group, const char *about);
void report_print(const json_t *line);

#endif
