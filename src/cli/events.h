/* The client's events: as JSON objects, as lines for a person, and what is kept of them for the report. */
#ifndef CLI_EVENTS_H
#define CLI_EVENTS_H

#include <jansson.h>

#include "dashspv/dashspv.h"

/* One line of JSON on stdout. `client`: to ask for the text of a plan. */
void event_print_json(const dspv_event *event, const dspv *client);
/* Where it stands, at `now`. */
void event_print_progress(const dspv_progress *p, dspv_ms now);
/* The same for a connection that could not be made or broke. */
void event_print_trouble(dspv_conn conn, const char *text);

/* What was told already: after the first sync, the phases of every new block are no news. */
struct event_words {
    dspv_phase furthest;
    bool synced; /* at least once */
    int32_t tip;
};
/* A line for a person; false when this event is not worth one. */
bool event_line(struct event_words *words, const dspv_event *event, char *out, size_t size);

/* Any event in words, as it is. */
void event_text(const dspv_event *event, char *out, size_t size);

/* Locks verified so far, as rows of the report; only the latest EVENT_LOG_MOST. */
enum { EVENT_LOG_MOST = 1000 };
struct event_log {
    json_t *locks;
};
/* 0 or DSPV_ENOMEM. */
int event_log_add(struct event_log *log, const dspv_event *event);
void event_log_free(struct event_log *log);

#endif
