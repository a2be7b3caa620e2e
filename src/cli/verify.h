/* dashspv verify: offline verification of captured payloads. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include <stdio.h>

#include <jansson.h>

#include "cli/capture.h"
#include "cli/verify_options.h"

/* The command, argv[0] being its own name. Exit code: 0; 1 when something is proven false (named); 2 when something cannot be
 * read or understood. */
int verify_main(int argc, char **argv);

/* For commands that read captures as this one does. All files of the options, as capture_file(). */
int verify_load(struct capture *c, const struct verify_options *o, struct capture_problem *problem);
/* Say what is wrong with a file; with `as_json` the problem is an object on standard output, too. The exit code. */
int verify_refuse(const char *command, const struct capture_problem *p, bool as_json);
bool verify_seed(uint8_t seed[32]);

/* A result of audit_result() for people. */
void verify_print(FILE *out, const json_t *result);

#endif
