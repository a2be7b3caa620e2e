/* See daemon_log.h. A daemon that follows the chain and has nothing to report is quiet at level info but for one line an hour. */
#include "cli/daemon_log.h"

#include "cli/progress_line.h"

enum { SYNCING_EVERY_MS = 30000, SYNCED_EVERY_MS = 3600000 };

static enum log_module module_of(dspv_event_kind kind)
{
    switch (kind) {
    case DSPV_EVENT_PHASE: return MODULE_DAEMON;
    case DSPV_EVENT_PEER:
    case DSPV_EVENT_REFUSED: return MODULE_PEERS;
    case DSPV_EVENT_TIP: return MODULE_HEADERS;
    case DSPV_EVENT_LIST:
    case DSPV_EVENT_QUORUM:
    case DSPV_EVENT_PLAN:
    case DSPV_EVENT_REQUEST: return MODULE_MASTERNODES;
    case DSPV_EVENT_CHAINLOCK:
    case DSPV_EVENT_INSTANTLOCK: return MODULE_LOCKS;
    case DSPV_EVENT_LOOKUP:
    case DSPV_EVENT_SOURCE: return MODULE_RPC;
    }
    return MODULE_DAEMON;
}

static enum log_level level_of(const dspv_event *e)
{
    bool good = e->reason == DSPV_OK;
    switch (e->kind) {
    case DSPV_EVENT_QUORUM: return good ? LEVEL_DEBUG : LEVEL_WARNING;
    case DSPV_EVENT_SOURCE: return good ? LEVEL_INFO : LEVEL_WARNING;
    case DSPV_EVENT_PEER:
    case DSPV_EVENT_REFUSED:
    case DSPV_EVENT_TIP:
    case DSPV_EVENT_CHAINLOCK:
    case DSPV_EVENT_PLAN:
    case DSPV_EVENT_LOOKUP: return LEVEL_DEBUG;
    case DSPV_EVENT_PHASE:
    case DSPV_EVENT_LIST:
    case DSPV_EVENT_REQUEST:
    case DSPV_EVENT_INSTANTLOCK: return LEVEL_TRACE;
    }
    return LEVEL_TRACE;
}

/* The phases of every new block are no news; that not all can be verified is, and that all can be again. */
static void log_phase(struct daemon_log *d, const dspv_event *e)
{
    char line[256];
    bool degraded = e->phase == DSPV_PHASE_DEGRADED, was = d->degraded;
    bool news = event_line(&d->words, e, line, sizeof(line));
    d->degraded = degraded || (was && e->phase != DSPV_PHASE_SYNCED);
    if (degraded && !was)
        log_line(&d->log, MODULE_DAEMON, LEVEL_WARNING, "%s", line);
    else if (was && e->phase == DSPV_PHASE_SYNCED)
        log_line(&d->log, MODULE_DAEMON, LEVEL_INFO, "all is verified again, at block %d", (int)d->words.tip);
    else if (news && !degraded)
        log_line(&d->log, MODULE_DAEMON, LEVEL_INFO, "%s", line);
}

void daemon_log_event(struct daemon_log *d, const dspv_event *event)
{
    char text[512];
    enum log_module module = module_of(event->kind);
    enum log_level level = level_of(event);
    if (event->kind == DSPV_EVENT_TIP)
        d->words.tip = event->height;
    if (event->kind == DSPV_EVENT_PHASE)
        log_phase(d, event);
    if (!log_wants(&d->log, module, level))
        return;
    event_text(event, text, sizeof(text));
    log_line(&d->log, module, level, "%s", text);
}

void daemon_log_progress(struct daemon_log *d, const dspv_progress *p, dspv_ms now)
{
    char line[256];
    d->synced = d->synced || p->phase == DSPV_PHASE_SYNCED;
    if (now - d->said_at < (d->synced && !d->degraded ? SYNCED_EVERY_MS : SYNCING_EVERY_MS))
        return;
    d->said_at = now;
    progress_line(p, now, line, sizeof(line));
    log_line(&d->log, MODULE_DAEMON, LEVEL_INFO, "%s  peers %u", line, (unsigned)p->peers);
}
