/* The store of a network in the data directory: DIR/NETWORK/store.sqlite. */
#ifndef CLI_STORE_FILE_H
#define CLI_STORE_FILE_H

#include "cli/options.h"
#include "dashspv/store_sqlite.h"

struct store_file {
    dspv_store_sqlite *sqlite; /* NULL: not open */
    char path[OPTIONS_LONGEST_PATH + 128];
};

enum { STORE_FILE_TEXT = 2048 };

/* Open for writing; folders are made when they are not there (only their owner may enter). A damaged store is set aside and a new
 * one begun: `text` says so, it is empty otherwise. 0, or -1 with what is wrong and what to do about it in `text`. */
int store_file_open_writer(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT]);
/* Open what is there for reading. The same. */
int store_file_open_reader(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT]);
/* After what reads it has failed: when that was for damage, set the store aside and begin a new one. True: try again. `text` as
 * above. */
bool store_file_renew(struct store_file *f, const struct options *o, char text[STORE_FILE_TEXT]);
void store_file_close(struct store_file *f);

/* What made the last call fail, and what to do about it. */
const char *store_file_trouble(const struct store_file *f);
/* NULL: nothing is kept. */
const dspv_store *store_file_seam(const struct store_file *f);
/* The name of the store's file, without opening it. */
void store_file_path(struct store_file *f, const struct options *o);
/* The process that has it open for writing: a daemon. 0: some process, -1: none. Needs no open store, only its name. */
int32_t store_file_holder(const struct store_file *f);
/* Make the folder of the store. 0, or -1 and `text`. */
int store_file_make_folder(const struct store_file *f, char text[STORE_FILE_TEXT]);

#endif
