/* The command line of `dashspv verify`. */
#ifndef CLI_VERIFY_OPTIONS_H
#define CLI_VERIFY_OPTIONS_H

#include "llmq/network.h"

struct verify_options {
    struct network network; /* with every override applied and checked */
    const char **headers, **heights, **files; /* argv's strings */
    size_t n_headers, n_heights, n_files;
    const char *report; /* NULL: none */
    bool json, help;
};

enum { VERIFY_ERROR_SIZE = 256 };

/* argv[0] is the command's name. 0; -1 and a sentence in `error`. Free in any case. */
int verify_options_parse(struct verify_options *out, int argc, char **argv, char error[VERIFY_ERROR_SIZE]);
void verify_options_free(struct verify_options *o);

extern const char VERIFY_HELP[];

#endif
