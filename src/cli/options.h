/* The command line of every command but `verify`: from one table (options_table.c) that is also the help text, the names in the
 * environment and those in the configuration file. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "cli/log.h"
#include "cli/settings.h"
#include "dashspv/dashspv.h"
#include "io/host_port.h"
#include "io/proxy.h"
#include "io/rpc_call.h"

/* Exit codes of every command. */
enum { EXIT_GOOD = 0, EXIT_NOT_VERIFIED = 1, EXIT_USAGE = 2 };

enum { OPTIONS_MOST_PEERS = 8, OPTIONS_MOST_OVERRIDES = 64, OPTIONS_LONGEST_PATH = 1024 };

/* Within these the client takes a configuration. */
enum {
    OPTIONS_MOST_PARALLEL = 64,
    OPTIONS_MOST_OUTBOUND = 64,
    OPTIONS_MOST_SPAN = 100000,
    OPTIONS_OLDEST_PROTOCOL = 70230,
    OPTIONS_LONGEST_AGENT = 128,
    OPTIONS_HIGHEST = 100000000 /* of a block */
};

/* Commands as bits, for the table. */
enum command {
    COMMAND_SYNC = 1 << 0,
    COMMAND_DEMO = 1 << 1,
    COMMAND_PLAN = 1 << 2,
    COMMAND_RUN = 1 << 3,
    COMMAND_STATUS = 1 << 4,
    COMMAND_QUORUMS = 1 << 5,
    COMMAND_QUORUM = 1 << 6,
    COMMAND_MASTERNODES = 1 << 7,
    COMMAND_CHAINLOCK = 1 << 8,
    COMMAND_PEERS = 1 << 9,
    COMMAND_VERIFY_CHAINLOCK = 1 << 10,
    COMMAND_VERIFY_INSTANTLOCK = 1 << 11,
    COMMAND_EXPORT = 1 << 12,
    COMMAND_IMPORT = 1 << 13,
    COMMAND_CHECKPOINTS = 1 << 14,

    COMMANDS_ONLINE = COMMAND_SYNC | COMMAND_PLAN | COMMAND_RUN,
    COMMANDS_QUERY = COMMAND_STATUS | COMMAND_QUORUMS | COMMAND_QUORUM | COMMAND_MASTERNODES | COMMAND_CHAINLOCK | COMMAND_PEERS |
                     COMMAND_VERIFY_CHAINLOCK | COMMAND_VERIFY_INSTANTLOCK | COMMAND_CHECKPOINTS,
    COMMANDS_STORE = COMMAND_RUN | COMMANDS_QUERY | COMMAND_EXPORT | COMMAND_IMPORT, /* always in the data directory */
    COMMANDS_NETWORK = COMMANDS_ONLINE | COMMANDS_STORE
};

/* A node that --connect or --add-peer names. */
struct named_node {
    const char *text;
    bool connect;
    struct host_port at;
};

struct options {
    enum command command;
    struct settings settings; /* where everything came from */
    const char *network_name;
    dspv_network *network;   /* with every override applied and checked; NULL for demo */
    const char *checkpoints; /* a file of more of them for the network; NULL: none */
    struct named_node nodes[OPTIONS_MOST_PEERS];
    size_t n_nodes;
    struct {
        const char *name, *value;
    } overrides[OPTIONS_MOST_OVERRIDES];
    size_t n_overrides;
    dspv_config config;                  /* of the client */
    struct rpc_source rpc;               /* .url NULL: none */
    struct proxy_source proxy;           /* .host_port NULL: none */
    uint32_t only_nets;                  /* DSPV_NET_*; 0: all that can be reached. config.nets is made of it */
    char data_dir[OPTIONS_LONGEST_PATH]; /* of all networks; empty: nothing is kept (sync without --data-dir, demo, plan) */
    struct log_levels log_levels;
    uint32_t timeout_s; /* of the whole command; 0: none */
    const char *report; /* NULL: none */
    uint32_t every;     /* so many blocks, one checkpoint */
    int32_t height;     /* asked about; -1: the latest */
    const char *block;  /* asked about: its hash, or its height, which is in `height` too; NULL: none */
    const char *type;   /* of quorums asked about; NULL: all */
    const char *tx;     /* the transaction a lock must be of; NULL: any */
    bool evo, valid;    /* only such masternodes */
    bool exit_when_synced, json, explain, help, print_config;
    bool only_plans; /* of the events, plans alone are shown */
    int argc;        /* as given, to read all again */
    char **argv;
};

enum { OPTIONS_ERROR_SIZE = SETTINGS_ERROR_SIZE };

/* argv[0] is the command's name. The strings stay argv's. 0: go on (or show the help); EXIT_USAGE: `error` says why. Free the
 * options in any case. */
int options_parse(struct options *out, enum command command, int argc, char **argv, char error[OPTIONS_ERROR_SIZE]);
void options_free(struct options *o);

/* The options of a command, for its help. */
void options_print(enum command command);
/* What is set, as a configuration file, with a note at each line where it came from. */
void options_print_config(const struct options *o);

#endif
