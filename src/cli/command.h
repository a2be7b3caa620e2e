/* The commands: what each is called, what it is for, and what runs it. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include "cli/options.h"

/* The command as the words say, argv[0] being its name: --help and --print-config are answered, mistakes told. The exit code. */
int command_main(int argc, char **argv);

/* How many words that are no options a command takes: "TYPE HASH" are two. */
size_t command_words(enum command command);
/* What the words are called, to tell that one is missing; NULL: it takes none. */
const char *command_words_text(enum command command);

#endif
