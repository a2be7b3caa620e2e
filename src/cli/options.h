/* The command line of `dashspv sync`, `dashspv plan` and `dashspv demo`, from one table that is also the help text. */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include "dashspv/dashspv.h"
#include "io/host_port.h"
#include "io/proxy.h"
#include "io/rpc_call.h"

/* Exit codes of every command. */
enum { EXIT_GOOD = 0, EXIT_NOT_VERIFIED = 1, EXIT_USAGE = 2 };

enum { OPTIONS_MOST_PEERS = 8, OPTIONS_MOST_OVERRIDES = 64 };

/* Within these the client takes a configuration. */
enum {
    OPTIONS_MOST_PARALLEL = 64,
    OPTIONS_MOST_OUTBOUND = 64,
    OPTIONS_MOST_SPAN = 100000,
    OPTIONS_OLDEST_PROTOCOL = 70230,
    OPTIONS_LONGEST_AGENT = 128
};

/* Commands as bits, for the table. */
enum command { COMMAND_SYNC = 1, COMMAND_DEMO = 2, COMMAND_PLAN = 4 };

struct options {
    enum command command;
    const char *network_name;
    dspv_network *network; /* with every override applied and checked; NULL for demo */
    const char *connect[OPTIONS_MOST_PEERS];
    struct host_port peers[OPTIONS_MOST_PEERS];
    size_t n_peers;
    struct {
        const char *name, *value;
    } overrides[OPTIONS_MOST_OVERRIDES];
    size_t n_overrides;
    dspv_config config; /* of the client */
    struct rpc_source rpc; /* .url NULL: none */
    struct proxy_source proxy; /* .host_port NULL: none */
    uint32_t only_nets;        /* DSPV_NET_*; 0: all that can be reached. config.nets is made of it */
    uint32_t timeout_s; /* of the whole command; 0: none */
    const char *report; /* NULL: none */
    bool exit_when_synced, json, explain, help;
    bool only_plans; /* of the events, plans alone are shown */
};

enum { OPTIONS_ERROR_SIZE = 256 };

/* argv[0] is the command's name. The strings stay argv's. 0: go on (or show the help); EXIT_USAGE: `error` says why. */
int options_parse(struct options *out, enum command command, int argc, char **argv, char error[OPTIONS_ERROR_SIZE]);
void options_free(struct options *o);

/* What a command does, how it is called, its options, examples, exit codes. */
void options_print_help(enum command command);

#endif
