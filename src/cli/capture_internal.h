/* What the files of capture share. */
#ifndef CLI_CAPTURE_INTERNAL_H
#define CLI_CAPTURE_INTERNAL_H

#include <jansson.h>

#include "cli/capture.h"

/* The whole file in the arena. 0; DSPV_ENOMEM; DSPV_EFAULT and *problem. */
int capture_read(struct capture *c, const char *path, struct span *out, struct capture_problem *problem);

/* Fill *problem; always DSPV_EFAULT. */
int capture_refuse(struct capture_problem *problem, enum capture_verdict verdict, const char *file, size_t offset,
                   const char *reason, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* DSPV_ENOMEM or 0. */
int capture_add_item(struct capture *c, const struct capture_item *item);
int capture_add_block(struct capture *c, const struct capture_block *block);
void *capture_copy(struct capture *c, const void *value, size_t size);

/* False, with *height untouched, when a name does not say it. */
bool capture_name_height(const char *path, int32_t *height);
int capture_header_bytes(struct capture *c, const char *file, struct span bytes, int32_t first, int64_t now_s,
                         struct capture_problem *problem);

/* JSON of blocks or locks. */
bool capture_looks_like_json(struct span bytes);
int capture_json(struct capture *c, const char *file, struct span bytes, struct capture_problem *problem);

#endif
