/* Whole files and Dash Core options: what the chain loader and the chain maker share. */
#ifndef DEVNODE_FILES_H
#define DEVNODE_FILES_H

#include <jansson.h>

#include "base/reader.h"
#include "llmq/network.h"

/* 0 with *p and *n (mem_free); DSPV_ENOMEM; DSPV_EFAULT: cannot be read. A missing file that is `optional` is empty. */
int devnode_file_read(const char *directory, const char *name, bool optional, uint8_t **p, size_t *n);

/* Set up the parameters of a network with Dash Core's options ("-testactivationheight=v20@100", ...). Options that do not change
 * what a light client sees (-vbparams) are skipped. NULL, or a sentence that says what is wrong. */
const char *devnode_network(struct network *out, const char *name, const json_t *options);

#endif
