/* dashspv verify: offline verification of captured payloads. */
#ifndef CLI_VERIFY_H
#define CLI_VERIFY_H

#include <stdio.h>

#include <jansson.h>

/* The command, argv[0] being its own name. Exit code: 0; 1 when something is proven false (named); 2 when something cannot be
 * read or understood. */
int verify_main(int argc, char **argv);

/* A result of audit_result() for people. */
void verify_print(FILE *out, const json_t *result);

#endif
