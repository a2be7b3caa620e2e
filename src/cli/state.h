/* What a store holds, as the commands that answer from it see it: read as it is at this moment, beside a daemon that may be
 * writing, and verified again. */
#ifndef CLI_STATE_H
#define CLI_STATE_H

#include <jansson.h>

#include "cli/store_file.h"
#include "cli/options.h"
#include "engine/engine.h"
#include "sync/client.h"

struct state {
    const struct options *options;
    struct store_file file;
    dspv *client;
    const struct headers *headers;
    struct engine *engine;
    dspv_progress progress;
    dspv_ms now, took; /* took: to read and verify all of it */
};

/* EXIT_GOOD, or the exit code with what is wrong said on stderr. Close in any case. */
int state_open(struct state *s, const struct options *options);
/* Take up and verify what is in a store, the caller's, into a state that is zeros but for `options`. The same. */
int state_load(struct state *s, const dspv_store *store);
void state_close(struct state *s);

/* What is lacking until all is verified that is wanted at the best block, in words; NULL: nothing. */
const char *state_shortcoming(const struct state *s);
/* The best block. */
int32_t state_tip(const struct state *s, block_hash *hash);
/* Seconds since the tip's time stamp; 0 when it lies in the future. */
int64_t state_age_s(const struct state *s);
/* Says on stderr what is wrong; returns the exit code. */
int state_refuse(const struct state *s, int exit_code, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Print an object (its reference is taken; NULL: out of memory) and see that it came out. The exit code. */
int state_print_json(const struct state *s, json_t *object, int exit_code);
/* See that what was printed came out; `failed`: it could not be made for want of memory. The exit code. */
int state_printed(const struct state *s, bool failed, int exit_code);
/* "3 minutes", "2 days". */
void state_duration(int64_t seconds, char *out, size_t size);
/* A quorum type as people say it: "llmq_60_75" or "4". False: there is none. */
bool state_quorum_type(const char *text, uint8_t *type);

#endif
