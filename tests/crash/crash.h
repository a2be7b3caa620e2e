/* The kill harness: `dashspv run` follows a development peer whose chain grows, is killed (SIGKILL) at a random moment, and what is
 * in its data directory then is opened and compared with the whole truth and with what the program had announced.
 *
 *     crash_truth    what is true on the chain, and whether a client that opened the store holds nothing else
 *     crash_store    a client on a data directory
 *     crash_process  the programs: start, listen to what they announce, kill
 *     crash_main     rounds, figures, findings */
#ifndef CRASH_CRASH_H
#define CRASH_CRASH_H

#include <stdio.h>
#include <sys/types.h>

#include "dashspv/dashspv.h"
#include "devnode/chain.h"
#include "engine/engine.h"
#include "engine/network_api.h"

enum { CRASH_FINDING_SIZE = 512 };

/* ---- crash_truth.c */

/* The chain, and an engine that was fed every block of it. */
struct crash_truth {
    struct devnode_chain *chain;
    struct engine *engine;
    struct dspv_network network;
};

/* False with a sentence in `error` (DEVNODE_ERROR_SIZE bytes). */
bool crash_truth_load(struct crash_truth *t, const char *directory, char *error);
void crash_truth_free(struct crash_truth *t);

/* What a program told before it was killed; heights -1: nothing. */
struct announced {
    int32_t tip, list, chainlock;
    bool synced;
    unsigned events;
};

/* What a client knows right after it opened a store, its jobs done. */
struct opened {
    int32_t tip, list, chainlock;
    size_t lists, quorums; /* verified */
};

/* False, with a sentence in `finding` (CRASH_FINDING_SIZE bytes), when it holds something that is not so. */
bool crash_truth_check(const struct crash_truth *t, dspv *client, struct opened *out, char *finding);

/* ---- crash_store.c */

/* A client on what is in the data directory, without a network. */
struct crash_store {
    struct dspv_store_sqlite *sqlite;
    dspv *client;
    bool empty; /* killed before there was anything: no client */
};

/* `writes`: as the next run opens it, else as a query does. False with a sentence in `finding`; close it in any case. */
bool crash_store_open(struct crash_store *c, const char *data, const struct dspv_network *net, bool writes, char *finding);
void crash_store_close(struct crash_store *c);

/* ---- crash_process.c */

struct process {
    pid_t pid; /* 0: none */
    int out;   /* what it says on stdout and stderr */
    FILE *log; /* where process_listen_and_kill() writes that; NULL: nowhere */
};

/* `argv` ends with NULL. False: it could not be started. */
bool process_start(struct process *p, const char *const argv[]);
/* The first line it says, without its end; false after 20 s without one. */
bool process_line(const struct process *p, char *line, size_t size);
/* Listen for `ms` milliseconds, or until it ends, then kill it and take in what it had still said. False: it had ended by
 * itself. */
bool process_listen_and_kill(struct process *p, unsigned ms, struct announced *out);
void process_kill(struct process *p);

#endif
