/* What happens next: events by time, those of one time in the order in which they were added. */
#ifndef SIM_QUEUE_H
#define SIM_QUEUE_H

#include "dashspv/dashspv.h"

enum sim_kind {
    SIM_TO_CLIENT, /* bytes arrive at the client */
    SIM_TO_NODE,
    SIM_CONNECTED,
    SIM_CLOSED,    /* the client learns that the connection is gone */
    SIM_JOB,       /* a job is done */
    SIM_LOOKUP,    /* a look-up's answer */
    SIM_RESOLVED,  /* a name is resolved, or not */
    SIM_UNREACHED, /* nobody is at the address of this connection */
    SIM_LIAR_TICK, /* up to here: what dies with the client */
    SIM_ADD,       /* the client is told of a node */
    SIM_GROW,      /* a node learns of blocks */
    SIM_LOSS,      /* a connection breaks */
    SIM_SWITCH,    /* a node reorganises */
    SIM_CUT_OFF,   /* a node cannot be reached for `height` seconds */
    SIM_CRASH,     /* the client is gone for `height` ms */
    SIM_OPEN,      /* and there again */
    SIM_QUIET,     /* no crash is due any more */
    SIM_WAKE       /* nothing but a look at the state */
};

struct sim_event {
    dspv_ms at;
    uint64_t order;
    enum sim_kind kind;
    uint32_t node;
    dspv_conn conn;
    int32_t height;
    dspv_job *job;
    uint64_t id; /* of a look-up */
    const char *name; /* that is resolved */
    uint8_t *bytes; /* owned */
    size_t n;
};

struct sim_queue {
    struct sim_event *items; /* a heap */
    size_t n, cap;
    uint64_t added;
};

void sim_queue_free(struct sim_queue *q);
/* Takes the bytes over. */
void sim_queue_add(struct sim_queue *q, struct sim_event e);
/* NULL when there is none. */
const struct sim_event *sim_queue_first(const struct sim_queue *q);
/* Forget what concerns a client that is gone: its connections, jobs and look-ups. */
void sim_queue_forget_client(struct sim_queue *q);
struct sim_event sim_queue_take(struct sim_queue *q);

#endif
