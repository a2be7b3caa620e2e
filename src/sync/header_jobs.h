/* Large header messages: their headers are hashed in jobs, on other threads, while the client goes on. A compressed message is
 * one job, because each of its headers needs the hash of the one before; others are cut. */
#ifndef SYNC_HEADER_JOBS_H
#define SYNC_HEADER_JOBS_H

#include "dashspv/dashspv.h"
#include "sync/job.h"

enum {
    HEADER_JOBS_MESSAGES = 4, /* in work at a time, one of a peer: what comes beyond is hashed at once. About 0.9 MB each */
    HEADER_JOBS_AHEAD = 16,   /* of the one that is asked ahead (header_ahead.h): plain ones, 0.2 MB each */
    HEADER_JOBS_MOST = HEADER_JOBS_MESSAGES + HEADER_JOBS_AHEAD - 1,
    HEADER_JOBS_SLICES = 4,
    HEADER_JOBS_SMALLEST = 250 /* headers of a slice */
};

/* A headers or headers2 message. */
struct header_message {
    dspv_conn conn;   /* 0: the peer is gone */
    bool answer;      /* larger than an announcement, or "nothing" */
    uint32_t n;       /* headers it says it has */
    bool connects;    /* the first one's parent is known */
    bool refused;     /* one of them */
    bool later;       /* what is left must wait until this is the sync peer */
    bool gained;      /* something new */
    bool compressed;
    bool untried;     /* what is before its first header is in work */
    bool followed;    /* what comes after it was asked for, or is in work too */
    dspv_ms asked, came; /* when */
    block_hash first; /* the first one's hash */
    struct arena arena;
    struct header_batch batch;
    struct dspv_job jobs[HEADER_JOBS_SLICES];
    size_t n_jobs, told; /* jobs handed out */

    /* of a range (header_ranges.h) */
    int32_t range_end;
    bool in_group, hashed, dropped;
    struct header_message *next;
};

/* In order of arrival; that is the order in which their headers are added, whichever are hashed first. */
struct header_jobs {
    struct header_message *messages[HEADER_JOBS_MOST];
    size_t n;
};

struct dspv;

/* NULL: out of memory. */
struct header_message *header_message_new(dspv_conn conn);
void header_message_free(struct header_message *m);
/* Hash the headers, as far as no job has done it. */
void header_message_hash(struct header_message *m);

/* Have the message, which was read, hashed in jobs. True: it is taken over; false: there is no room for more. Of a peer only what
 * follows what is in work (untried) is taken beside that. */
bool header_jobs_add(struct header_jobs *j, struct header_message *m);
/* The next job to hand out, NULL: none. */
struct dspv_job *header_jobs_next(struct header_jobs *j);
/* A job came back. False: it is none of ours that is out. */
bool header_jobs_back(struct header_jobs *j, const struct dspv_job *job);
/* The oldest message, when all its jobs are back; the caller frees it. NULL: it is not so far. */
struct header_message *header_jobs_finished(struct header_jobs *j);
/* The newest message of a connection, or the newest one but `m`. NULL: there is none. */
struct header_message *header_jobs_newest(const struct header_jobs *j, dspv_conn conn);
struct header_message *header_jobs_newest_but(const struct header_jobs *j, dspv_conn conn, const struct header_message *m);
/* Nothing of what that connection has in work may be added. */
void header_jobs_refuse(struct header_jobs *j, dspv_conn conn);
/* The messages of that connection mean nothing any more. */
void header_jobs_peer_gone(struct header_jobs *j, dspv_conn conn);
void header_jobs_free(struct header_jobs *j);

/* Any thread. */
void header_job_run(struct dspv_job *job);

#endif
