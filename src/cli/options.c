/* See options.h. First everything that is set is collected (settings.h), then what counts is taken row by row, then what depends
 * on several options is made: the network, the nodes on it, the folder. */
#include "cli/options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/checkpoint_file.h"
#include "cli/command.h"
#include "wire/peer_address.h"

static int wrong(const struct options *o, const char *name, const char *value, const char *why, char *error)
{
    return settings_blame(&o->settings, name, value, false, why, error);
}

/* ---- taking what counts */

/* "yes" or "no"; NULL: neither. */
static const char *switch_word(const char *value)
{
    static const char *const yes[] = {"yes", "true", "on", "1"};
    static const char *const no[] = {"no", "false", "off", "0"};
    for (size_t i = 0; i < sizeof(yes) / sizeof(yes[0]); i++) {
        if (strcmp(value, yes[i]) == 0)
            return "yes";
        if (strcmp(value, no[i]) == 0)
            return "no";
    }
    return NULL;
}

static const char *take_override(struct options *o, const char *name, const char *value)
{
    if (o->n_overrides == OPTIONS_MOST_OVERRIDES)
        return "too many network options";
    o->overrides[o->n_overrides].name = name;
    o->overrides[o->n_overrides++].value = value;
    return NULL;
}

static int take(struct options *o, const struct setting *one, char *error)
{
    const struct row *row = one->row;
    const char *value = row->value ? one->value : switch_word(one->value);
    const char *why = !value      ? "the value must be yes or no"
                      : row->take ? row->take(o, value)
                                  : take_override(o, row->name, value);
    return why ? wrong(o, row->name, one->value, why, error) : 0;
}

static int take_all(struct options *o, char *error)
{
    const char *network = settings_value(&o->settings, "network", NULL);
    for (size_t i = 0; i < o->settings.n; i++) {
        const struct setting *one = settings_at(&o->settings, i, network ? network : o->network_name);
        if (one && take(o, one, error) != 0)
            return -1;
    }
    return 0;
}

/* ---- the network and the peers on it */

static int set_network(struct options *o, char *error)
{
    int rc = dspv_network_new(&o->network, o->network_name);
    if (rc == DSPV_EMISUSE)
        return wrong(o, "network", o->network_name, "there is no such network; use mainnet, testnet, regtest or devnet-NAME",
                     error);
    if (rc != 0)
        return wrong(o, "network", o->network_name, dspv_error_text(rc), error);
    for (size_t i = 0; i < o->n_overrides; i++) {
        const char *why = dspv_network_override(o->network, o->overrides[i].name, o->overrides[i].value);
        if (why)
            return wrong(o, o->overrides[i].name, o->overrides[i].value, why, error);
    }
    const char *why = dspv_network_check(o->network);
    if (why)
        return wrong(o, "network", o->network_name, why, error);
    return o->checkpoints ? checkpoint_file_read(o->network, o->checkpoints, error) : 0;
}

static int set_nodes(struct options *o, char *error)
{
    bool named = false;
    for (size_t i = 0; i < o->n_nodes; i++) {
        struct named_node *node = &o->nodes[i];
        uint8_t key[32];
        const char *why = host_port_parse(&node->at, node->text, dspv_network_port(o->network));
        if (!why && !o->proxy.host_port && onion_host_parse(node->at.host, key))
            why = "onion services are reached through Tor only: add --proxy=127.0.0.1:9050";
        if (why)
            return wrong(o, node->connect ? "connect" : "add-peer", node->text, why, error);
        named |= node->connect;
    }
    o->config.discover = o->command == COMMAND_RUN && !named;
    if (!named && o->command != COMMAND_RUN)
        return wrong(o, "connect HOST:PORT", NULL, "at least one node must be named", error);
    return 0;
}

/* Its HTTP ends a little sooner than the client's patience, so that the reason is known when that is over. */
static int set_rpc(struct options *o, char *error)
{
    struct rpc_source *rpc = &o->rpc;
    const char *why = rpc->url ? rpc_url_check(rpc->url) : NULL;
    if (why)
        return settings_blame(&o->settings, "rpc-url", rpc->url, true, why, error);
    if (!rpc->url && (rpc->cookie_file || rpc->user || rpc->password_file))
        return wrong(o, "rpc-cookie, --rpc-user, --rpc-password-file", NULL, "of no use without --rpc-url", error);
    if (rpc->cookie_file && (rpc->user || rpc->password_file))
        return wrong(o, "rpc-cookie", rpc->cookie_file, "either this, or --rpc-user and --rpc-password-file", error);
    if (!rpc->user != !rpc->password_file)
        return wrong(o, rpc->user ? "rpc-user" : "rpc-password-file", NULL, "--rpc-user and --rpc-password-file belong together",
                     error);
    o->config.lookups = rpc->url != NULL;
    rpc->timeout_ms = o->config.lookup_timeout_ms - o->config.lookup_timeout_ms / 10;
    return 0;
}

/* Onion services can be reached when there is a proxy. */
static int set_proxy(struct options *o, char *error)
{
    struct proxy_source *proxy = &o->proxy;
    if (!proxy->host_port && (proxy->user || proxy->password_file))
        return wrong(o, "proxy-user, --proxy-password-file", NULL, "of no use without --proxy", error);
    if (!proxy->user != !proxy->password_file)
        return wrong(o, proxy->user ? "proxy-user" : "proxy-password-file", NULL,
                     "--proxy-user and --proxy-password-file belong together", error);
    if (!proxy->host_port && (o->only_nets & DSPV_NET_ONION))
        return wrong(o, "onlynet=onion", NULL, "onion services are reached through Tor only: add --proxy=127.0.0.1:9050", error);
    proxy->randomize_credentials = !proxy->user;
    o->config.nets = o->only_nets ? o->only_nets : proxy->host_port ? DSPV_NET_ALL : DSPV_NET_IPV4 | DSPV_NET_IPV6;
    return 0;
}

static int set_data_dir(struct options *o, char *error)
{
    const char *data = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n = -1;
    if (o->data_dir[0] || !((unsigned)o->command & COMMANDS_STORE))
        return 0;
    if (data && *data == '/')
        n = snprintf(o->data_dir, sizeof(o->data_dir), "%s/dashspv", data);
    else if (home && *home == '/')
        n = snprintf(o->data_dir, sizeof(o->data_dir), "%s/.local/share/dashspv", home);
    return n > 0 && n < OPTIONS_LONGEST_PATH ? 0 : wrong(o, "data-dir", NULL, "say where everything is kept", error);
}

static int set_words(const struct options *o, char *error)
{
    if (o->settings.n_words == command_words(o->command))
        return 0;
    snprintf(error, OPTIONS_ERROR_SIZE, "%s: is missing", command_words_text(o->command));
    return -1;
}

static int finish(struct options *o, char *error)
{
    int rc = set_rpc(o, error);
    if (rc == 0)
        rc = set_proxy(o, error);
    if (rc == 0)
        rc = set_network(o, error);
    if (rc == 0 && (unsigned)o->command & COMMANDS_ONLINE)
        rc = set_nodes(o, error);
    if (rc == 0)
        rc = set_data_dir(o, error);
    return rc == 0 && !o->print_config ? set_words(o, error) : rc;
}

static int collect(struct options *o, char *error)
{
    struct settings *s = &o->settings;
    int rc = settings_take_words(s, o->argc, o->argv, command_words(o->command), error);
    /* the demo is the same everywhere; and help is to be had whatever is wrong */
    if (rc != 0 || o->command == COMMAND_DEMO || settings_value(s, "help", NULL))
        return rc;
    rc = settings_take_environment(s, error);
    return rc == 0 ? settings_take_file(s, error) : rc;
}

int options_parse(struct options *out, enum command command, int argc, char **argv, char error[OPTIONS_ERROR_SIZE])
{
    *out = (struct options){.command = command, .network_name = "mainnet", .height = -1, .argc = argc, .argv = argv};
    out->every = 2000;
    settings_init(&out->settings, command);
    dspv_config_init(&out->config);
    log_levels_init(&out->log_levels);
    *error = '\0';
    out->only_plans = out->explain = out->exit_when_synced = command == COMMAND_PLAN;
    int rc = collect(out, error);
    if (rc == 0)
        rc = take_all(out, error);
    if (rc == 0 && !out->help && (unsigned)command & COMMANDS_NETWORK)
        rc = finish(out, error);
    return rc == 0 ? 0 : EXIT_USAGE;
}

void options_free(struct options *o)
{
    dspv_network_free(o->network);
    o->network = NULL;
    settings_free(&o->settings);
}

/* ---- printing */

static void print_rows(enum command command, bool network_options)
{
    for (size_t i = 0; i < N_OPTION_ROWS; i++) {
        char left[64];
        const struct row *row = &OPTION_ROWS[i];
        if (!(row->commands & (unsigned)command) || (row->take == NULL) != network_options)
            continue;
        snprintf(left, sizeof(left), row->value ? "--%s=%s" : "--%s", row->name, row->value);
        printf("  %-33s %s\n", left, row->help);
    }
}

void options_print(enum command command)
{
    puts("\nOptions");
    print_rows(command, false);
    if ((unsigned)command & COMMANDS_NETWORK) {
        puts("\nNetwork options, named as in Dash Core");
        print_rows(command, true);
    }
}

void options_print_config(const struct options *o)
{
    char origin[400];
    printf("# configuration file: %s\n", o->settings.file ? o->settings.file : "none");
    for (size_t i = 0; i < o->settings.n; i++) {
        const struct setting *one = settings_at(&o->settings, i, o->network_name);
        if (!one || one->row->commands & (ROW_WORDS_ONLY | ROW_NOT_IN_FILE))
            continue;
        settings_origin(&o->settings, one, origin, sizeof(origin));
        printf("%s = %s ; %s\n", one->row->name, one->value, origin);
    }
    if (o->data_dir[0] && !settings_value(&o->settings, "data-dir", o->network_name))
        printf("data-dir = %s ; default\n", o->data_dir);
}
