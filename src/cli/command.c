/* See command.h. What a command does is in the file of its name; how it is explained, in help.c. */
#include "cli/command.h"

#include <stdio.h>
#include <string.h>

#include "cli/demo.h"
#include "cli/help.h"
#include "cli/queries.h"
#include "cli/run.h"
#include "cli/sync.h"
#include "cli/transfer.h"

static const struct {
    enum command command;
    const char *name;
    size_t words; /* that are no options */
    const char *words_text;
    const char *help, *help_end;
    int (*run)(struct options *options);
} COMMANDS[] = {
    {COMMAND_DEMO, "demo", 0, NULL, HELP_DEMO, HELP_DEMO_END, demo_run},
    {COMMAND_PLAN, "plan", 0, NULL, HELP_PLAN, HELP_PLAN_END, sync_run},
    {COMMAND_RUN, "run", 0, NULL, HELP_RUN, HELP_RUN_END, run_run},
    {COMMAND_STATUS, "status", 0, NULL, HELP_STATUS, HELP_STATUS_END, status_run},
    {COMMAND_QUORUMS, "quorums", 0, NULL, HELP_QUORUMS, HELP_QUORUMS_END, quorums_run},
    {COMMAND_QUORUM, "quorum", 2, "TYPE HASH, of the quorum", HELP_QUORUM, HELP_QUORUM_END, quorum_run},
    {COMMAND_MASTERNODES, "masternodes", 0, NULL, HELP_MASTERNODES, HELP_MASTERNODES_END, masternodes_run},
    {COMMAND_CHAINLOCK, "chainlock", 0, NULL, HELP_CHAINLOCK, HELP_CHAINLOCK_END, chainlock_run},
    {COMMAND_PEERS, "peers", 0, NULL, HELP_PEERS, HELP_PEERS_END, peers_run},
    {COMMAND_CHECKPOINTS, "checkpoints", 0, NULL, HELP_CHECKPOINTS, HELP_CHECKPOINTS_END, checkpoints_run},
    {COMMAND_VERIFY_CHAINLOCK, "verify-chainlock", 1, "HEX, the ChainLock", HELP_VERIFY_CHAINLOCK, HELP_VERIFY_LOCK_END,
     verify_chainlock_run},
    {COMMAND_VERIFY_INSTANTLOCK, "verify-instantlock", 1, "HEX, the InstantSend lock", HELP_VERIFY_INSTANTLOCK,
     HELP_VERIFY_INSTANTLOCK_END, verify_instantlock_run},
    {COMMAND_EXPORT, "export", 1, "FILE, where to write the snapshot", HELP_EXPORT, HELP_EXPORT_END, export_run},
    {COMMAND_IMPORT, "import", 1, "FILE, the snapshot", HELP_IMPORT, HELP_IMPORT_END, import_run},
    {COMMAND_SYNC, "sync", 0, NULL, HELP_SYNC, HELP_SYNC_END, sync_run},
};
enum { N_COMMANDS = sizeof(COMMANDS) / sizeof(COMMANDS[0]) };

static size_t index_of(enum command command)
{
    size_t i = 0;
    while (COMMANDS[i].command != command)
        i++;
    return i;
}

size_t command_words(enum command command)
{
    return COMMANDS[index_of(command)].words;
}

const char *command_words_text(enum command command)
{
    return COMMANDS[index_of(command)].words_text;
}

static int explain(size_t i)
{
    fputs(COMMANDS[i].help, stdout);
    options_print(COMMANDS[i].command);
    fputs(COMMANDS[i].help_end, stdout);
    return EXIT_GOOD;
}

static int run(size_t i, int argc, char **argv)
{
    struct options options;
    char error[OPTIONS_ERROR_SIZE];
    int rc = options_parse(&options, COMMANDS[i].command, argc, argv, error);
    if (rc != 0)
        fprintf(stderr, "dashspv %s: %s\nTry: dashspv %s --help\n", COMMANDS[i].name, error, COMMANDS[i].name);
    else if (options.help)
        rc = explain(i);
    else if (options.print_config)
        options_print_config(&options);
    else
        rc = COMMANDS[i].run(&options);
    options_free(&options);
    return rc;
}

int command_main(int argc, char **argv)
{
    for (size_t i = 0; i < N_COMMANDS; i++)
        if (strcmp(argv[0], COMMANDS[i].name) == 0)
            return run(i, argc, argv);
    fprintf(stderr, "dashspv: there is no command \"%s\"\nTry: dashspv --help\n", argv[0]);
    return EXIT_USAGE;
}
