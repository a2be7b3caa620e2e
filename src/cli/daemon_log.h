/* The client's events as lines of a daemon's log: what changes at info, what goes on at debug and trace. */
#ifndef CLI_DAEMON_LOG_H
#define CLI_DAEMON_LOG_H

#include "cli/events.h"
#include "cli/log.h"

struct daemon_log {
    struct log log;
    struct event_words words;
    bool degraded;   /* and it was said */
    bool synced;     /* at least once */
    dspv_ms said_at; /* how it stands, last */
};

void daemon_log_event(struct daemon_log *d, const dspv_event *event);
/* How it stands at `now`, every now and then: often until it is synced, then rarely. */
void daemon_log_progress(struct daemon_log *d, const dspv_progress *p, dspv_ms now);

#endif
