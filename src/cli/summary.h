/* The end of a session in figures, read from the client before it is stopped: for a person, for a program, for --report. */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include <jansson.h>
#include <stdio.h>

#include "cli/events.h"
#include "io/driver.h"

struct summary_type {
    uint8_t type;
    uint32_t wanted, verified;
};

enum { SUMMARY_MOST_TYPES = 16 };

struct summary {
    dspv_progress progress;
    dspv_ms elapsed_ms;
    uint8_t tip[32]; /* of the best header */
    char network[96];
    struct summary_type types[SUMMARY_MOST_TYPES]; /* ascending; with quorums wanted */
    size_t n_types;
    json_t *report; /* the final state, as report.h makes it */
};

/* 0; DSPV_ENOMEM (nothing to free then). */
int summary_collect(struct summary *out, struct driver *driver, const struct event_log *log);
void summary_free(struct summary *s);

/* Synced, and every wanted quorum (at least one) is verified. */
bool summary_all_verified(const struct summary *s);

void summary_print(const struct summary *s, FILE *out);
/* The last line of --json. `why`: what went wrong, may be empty. */
void summary_print_json(const struct summary *s, int exit_code, const char *why);
/* 0, or -1 with errno. */
int summary_write_report(const struct summary *s, const char *path);

#endif
