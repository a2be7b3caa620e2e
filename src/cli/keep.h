/* The store of a network in the data directory: DIR/NETWORK/store.sqlite. */
#ifndef CLI_KEEP_H
#define CLI_KEEP_H

#include "cli/options.h"
#include "dashspv/store_sqlite.h"

struct keep {
    dspv_store_sqlite *sqlite; /* NULL: not open */
    char path[OPTIONS_LONGEST_PATH + 128];
};

enum { KEEP_TEXT_SIZE = 2048 };

/* Open for writing; folders are made when they are not there (only their owner may enter). A damaged store is set aside and a new
 * one begun: `text` says so, it is empty otherwise. 0, or -1 with what is wrong and what to do about it in `text`. */
int keep_open_writer(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE]);
/* Open what is there for reading. The same. */
int keep_open_reader(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE]);
/* After what reads it has failed: when that was for damage, set the store aside and begin a new one. True: try again. `text` as
 * above. */
bool keep_renew(struct keep *k, const struct options *o, char text[KEEP_TEXT_SIZE]);
void keep_close(struct keep *k);

/* NULL: nothing is kept. */
const dspv_store *keep_store(const struct keep *k);
/* The name of the store's file, without opening it. */
void keep_path(struct keep *k, const struct options *o);
/* The process that has it open for writing: a daemon. 0: some process, -1: none. Needs no open store, only its name. */
int32_t keep_holder(const struct keep *k);
/* Make the folder of the store. 0, or -1 and `text`. */
int keep_make_folder(const struct keep *k, char text[KEEP_TEXT_SIZE]);

#endif
