/* See options.h. getopt_long reads the words, the table below says what they mean; network options carry Dash Core's names and
 * are handed to the library, which says what is wrong with them. */
#include "cli/options.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/help.h"
#include "wire/peer_address.h"

enum { ONLINE = COMMAND_SYNC | COMMAND_PLAN, ALL = ONLINE | COMMAND_DEMO };
enum { FIRST_ROW = 256 }; /* getopt values of rows, beyond all characters */

struct row {
    const char *name;
    const char *value; /* what the help calls its value; NULL: takes none */
    unsigned commands;
    const char *help;
    /* NULL: a network option. Else NULL or a sentence. */
    const char *(*take)(struct options *o, const char *value);
};

static const char *take_network(struct options *o, const char *value)
{
    o->network_name = value;
    return NULL;
}

static const char *take_connect(struct options *o, const char *value)
{
    if (o->n_peers == OPTIONS_MOST_PEERS)
        return "at most 8 peers can be named";
    o->connect[o->n_peers++] = value;
    return NULL;
}

static const char *take_exit(struct options *o, const char *value)
{
    (void)value;
    o->exit_when_synced = true;
    return NULL;
}

static const char *take_seconds(const char *value, uint32_t *out)
{
    uint32_t seconds = 0;
    if (*value == '\0')
        return "the value must be a number of seconds";
    for (; *value; value++) {
        if (*value < '0' || *value > '9')
            return "the value must be a number of seconds";
        seconds = seconds * 10 + (uint32_t)(*value - '0');
        if (seconds > 86400 * 30)
            return "the value must be at most 30 days";
    }
    *out = seconds;
    return seconds ? NULL : "the value must not be zero";
}

static const char *take_timeout(struct options *o, const char *value)
{
    return take_seconds(value, &o->timeout_s);
}

static const char *take_milliseconds(const char *value, uint32_t *out)
{
    uint32_t seconds = 0;
    const char *wrong = take_seconds(value, &seconds);
    *out = seconds * 1000;
    return wrong;
}

static const char *take_qr_info_timeout(struct options *o, const char *value)
{
    return take_milliseconds(value, &o->config.qr_info_timeout_ms);
}

static const char *take_mnlist_diff_timeout(struct options *o, const char *value)
{
    return take_milliseconds(value, &o->config.mnlist_diff_timeout_ms);
}

/* Decimal, from `least` to `most`. */
static const char *take_number(const char *value, uint32_t least, uint32_t most, uint32_t *out)
{
    uint64_t n = 0;
    size_t digits = strspn(value, "0123456789");
    if (digits == 0 || digits > 9 || value[digits] != '\0')
        return "the value must be a number";
    for (; *value; value++)
        n = n * 10 + (uint64_t)(*value - '0');
    if (n < least)
        return "the value is too small";
    *out = (uint32_t)n;
    return n > most ? "the value is too large" : NULL;
}

static const char *take_max_parallel(struct options *o, const char *value)
{
    return take_number(value, 1, OPTIONS_MOST_PARALLEL, &o->config.qr_info_max_parallel);
}

static const char *take_max_span(struct options *o, const char *value)
{
    return take_number(value, 1, OPTIONS_MOST_SPAN, &o->config.max_qr_info_span);
}

static const char *take_target_outbound(struct options *o, const char *value)
{
    return take_number(value, 1, OPTIONS_MOST_OUTBOUND, &o->config.target_outbound);
}

static const char *take_protocol_version(struct options *o, const char *value)
{
    uint32_t version = 0;
    const char *wrong = take_number(value, OPTIONS_OLDEST_PROTOCOL, 999999, &version);
    if (!wrong)
        o->config.protocol_version = (int32_t)version;
    return wrong;
}

static const char *take_user_agent(struct options *o, const char *value)
{
    size_t n = strlen(value);
    for (size_t i = 0; i < n; i++)
        if (value[i] < ' ' || value[i] > '~')
            return "the value must be plain ASCII";
    o->config.user_agent = value;
    return n >= 1 && n <= OPTIONS_LONGEST_AGENT ? NULL : "the value must have 1 to 128 characters";
}

static const char *take_no_masternodes(struct options *o, const char *value)
{
    (void)value;
    o->config.masternodes = false;
    return NULL;
}

static const char *take_no_extra_share(struct options *o, const char *value)
{
    (void)value;
    o->config.qr_info_extra_share = false;
    return NULL;
}

static const char *take_rpc_url(struct options *o, const char *value)
{
    o->rpc.url = value; /* looked at in set_rpc: a refusal must not repeat it */
    return NULL;
}

static const char *take_rpc_cookie(struct options *o, const char *value)
{
    o->rpc.cookie_file = value;
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_rpc_user(struct options *o, const char *value)
{
    o->rpc.user = value;
    return *value ? NULL : "the value must be a name";
}

static const char *take_rpc_password_file(struct options *o, const char *value)
{
    o->rpc.password_file = value;
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_rpc_timeout(struct options *o, const char *value)
{
    return take_milliseconds(value, &o->config.lookup_timeout_ms);
}

static const char *take_proxy(struct options *o, const char *value)
{
    o->proxy.host_port = value;
    return proxy_check(value);
}

static const char *take_proxy_user(struct options *o, const char *value)
{
    o->proxy.user = value;
    return *value && strlen(value) <= SOCKS_MOST_TEXT ? NULL : "the value must have 1 to 255 bytes";
}

static const char *take_proxy_password_file(struct options *o, const char *value)
{
    o->proxy.password_file = value;
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_only_net(struct options *o, const char *value)
{
    static const char *const names[] = {"ipv4", "ipv6", "onion"};
    static const uint32_t bits[] = {DSPV_NET_IPV4, DSPV_NET_IPV6, DSPV_NET_ONION};
    for (size_t i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            o->only_nets |= bits[i];
            return NULL;
        }
    return "the value must be ipv4, ipv6 or onion";
}

static const char *take_json(struct options *o, const char *value)
{
    (void)value;
    o->json = true;
    return NULL;
}

static const char *take_explain(struct options *o, const char *value)
{
    (void)value;
    o->explain = true;
    return NULL;
}

static const char *take_report(struct options *o, const char *value)
{
    o->report = value;
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_help(struct options *o, const char *value)
{
    (void)value;
    o->help = true;
    return NULL;
}

static const struct row ROWS[] = {
    {"network", "NAME", ONLINE, "mainnet (default), testnet, regtest, devnet or devnet-NAME", take_network},
    {"connect", "HOST:PORT", ONLINE, "a node to ask, repeatable; without a port the network's own", take_connect},
    {"exit-when-synced", NULL, COMMAND_SYNC, "stop as soon as everything wanted is verified", take_exit},
    {"timeout", "SECONDS", ALL, "give up when that much time has passed", take_timeout},
    {"qr-info-timeout", "SECONDS", ONLINE, "wait that long for a QRINFO (default 30), then ask otherwise",
     take_qr_info_timeout},
    {"mnlist-diff-timeout", "SECONDS", ONLINE, "wait that long for a MNLISTDIFF (default 15)", take_mnlist_diff_timeout},
    {"no-extra-share", NULL, ONLINE, "do not ask a QRINFO for the cycle at H-4C too (default: ask)", take_no_extra_share},
    {"qr-info-max-parallel", "N", ONLINE, "so many QRINFO at a time, each with another peer (default 3)", take_max_parallel},
    {"max-qr-info-span", "BLOCKS", ONLINE, "longest range of heights planned as one QRINFO (default 50)", take_max_span},
    {"no-masternodes", NULL, COMMAND_SYNC, "headers only: no lists, no quorums, no locks", take_no_masternodes},
    {"target-outbound", "N", ONLINE, "keep connections to so many peers (default 8)", take_target_outbound},
    {"protocol-version", "N", ONLINE, "announce this version (default 70240, at least 70230)", take_protocol_version},
    {"user-agent", "TEXT", ONLINE, "announce this name (default: the library's)", take_user_agent},
    {"rpc-url", "URL", ONLINE, "a Dash Core RPC to look things up in, say http://127.0.0.1:9998 (default: none)", take_rpc_url},
    {"rpc-cookie", "FILE", ONLINE, "its .cookie file, read anew for every question", take_rpc_cookie},
    {"rpc-user", "NAME", ONLINE, "instead of a cookie: who to be there ...", take_rpc_user},
    {"rpc-password-file", "FILE", ONLINE, "... and the file whose first line is the password", take_rpc_password_file},
    {"rpc-timeout", "SECONDS", ONLINE, "wait that long for an answer (default 10)", take_rpc_timeout},
    {"proxy", "HOST:PORT", ONLINE, "make every connection through this SOCKS 5 proxy, such as Tor's 127.0.0.1:9050", take_proxy},
    {"proxy-user", "NAME", ONLINE, "who to be there (default: another random name for each connection) ...", take_proxy_user},
    {"proxy-password-file", "FILE", ONLINE, "... and the file whose first line is the password", take_proxy_password_file},
    {"onlynet", "NET", ONLINE, "find peers in this network only: ipv4, ipv6, onion; repeatable", take_only_net},
    {"json", NULL, ALL, "one JSON object per line, the summary last", take_json},
    {"explain", NULL, COMMAND_SYNC | COMMAND_DEMO, "print every plan: which requests are made, and why", take_explain},
    {"report", "FILE", ALL, "write the final state as JSON: lists, quorums, members, locks", take_report},
    {"help", NULL, ALL, "this text", take_help},
    {"testactivationheight", "NAME@H", ONLINE, "regtest: a deployment is active at height H, repeatable", NULL},
    {"dip3params", "A:E", ONLINE, "regtest: DIP0003 activation and enforcement heights", NULL},
    {"llmqtestparams", "S:T", ONLINE, "regtest: size and threshold of llmq_test", NULL},
    {"llmqtestinstantsendparams", "S:T", ONLINE, "regtest: size and threshold of llmq_test_instantsend", NULL},
    {"llmqtestplatformparams", "S:T", ONLINE, "regtest: size and threshold of llmq_test_platform", NULL},
    {"llmqtestinstantsenddip0024", "TYPE", ONLINE, "regtest: the quorum type that signs InstantSend locks", NULL},
    {"llmqdevnetparams", "S:T", ONLINE, "devnet: size and threshold of llmq_devnet", NULL},
    {"llmqchainlocks", "TYPE", ONLINE, "devnet: the quorum type that signs ChainLocks", NULL},
    {"llmqinstantsenddip0024", "TYPE", ONLINE, "devnet: the quorum type that signs InstantSend locks", NULL},
    {"llmqplatform", "TYPE", ONLINE, "devnet: the quorum type of Platform", NULL},
    {"llmqmnhf", "TYPE", ONLINE, "devnet: the quorum type of hard-fork signals", NULL},
};
enum { N_ROWS = sizeof(ROWS) / sizeof(ROWS[0]) };

/* ---- reading */

static int wrong(char error[OPTIONS_ERROR_SIZE], const char *what, const char *value, const char *why)
{
    const char *equals = value ? "=" : "";
    snprintf(error, OPTIONS_ERROR_SIZE, "%.80s%s%.80s: %.90s", what, equals, value ? value : "", why);
    return EXIT_USAGE;
}

static int take(struct options *o, const struct row *row, const char *value, char error[OPTIONS_ERROR_SIZE])
{
    char name[64];
    const char *why = NULL;
    if (row->take)
        why = row->take(o, value);
    else if (o->n_overrides == OPTIONS_MOST_OVERRIDES)
        why = "too many network options";
    else {
        o->overrides[o->n_overrides].name = row->name;
        o->overrides[o->n_overrides++].value = value;
    }
    snprintf(name, sizeof(name), "--%s", row->name);
    return why ? wrong(error, name, value, why) : 0;
}

static size_t long_options(struct option *out, enum command command)
{
    size_t n = 0;
    for (int i = 0; i < (int)N_ROWS; i++)
        if (ROWS[i].commands & command)
            out[n++] = (struct option){ROWS[i].name, ROWS[i].value ? required_argument : no_argument, NULL, FIRST_ROW + i};
    out[n] = (struct option){0};
    return n;
}

static int read_words(struct options *o, int argc, char **argv, char *error)
{
    struct option known[N_ROWS + 1];
    long_options(known, o->command);
    optind = 0; /* GNU and musl: start afresh, also after a parse that was given up */
    opterr = 0;
    for (;;) {
        int at = optind ? optind : 1;
        int c = getopt_long(argc, argv, "+:h", known, NULL);
        if (c == -1)
            break;
        const char *word = argv[at];
        if (c == ':')
            return wrong(error, word, NULL, "needs a value");
        if (c == 'h')
            o->help = true;
        else if (c < FIRST_ROW) /* '?' */
            return wrong(error, word, NULL, optopt >= FIRST_ROW ? "takes no value" : "there is no such option");
        else if (take(o, &ROWS[c - FIRST_ROW], optarg, error) != 0)
            return EXIT_USAGE;
    }
    return optind < argc ? wrong(error, argv[optind], NULL, "only options are expected here") : 0;
}

/* ---- the network and the peers on it */

static int set_network(struct options *o, char *error)
{
    char name[64];
    int rc = dspv_network_new(&o->network, o->network_name);
    if (rc == DSPV_EMISUSE)
        return wrong(error, "--network", o->network_name,
                     "there is no such network; use mainnet, testnet, regtest or devnet-NAME");
    if (rc != 0)
        return wrong(error, "--network", o->network_name, dspv_error_text(rc));
    for (size_t i = 0; i < o->n_overrides; i++) {
        const char *why = dspv_network_override(o->network, o->overrides[i].name, o->overrides[i].value);
        snprintf(name, sizeof(name), "--%s", o->overrides[i].name);
        if (why)
            return wrong(error, name, o->overrides[i].value, why);
    }
    const char *why = dspv_network_check(o->network);
    return why ? wrong(error, "--network", o->network_name, why) : 0;
}

static int set_peers(struct options *o, char *error)
{
    if (o->n_peers == 0)
        return wrong(error, "--connect HOST:PORT", NULL, "at least one node must be named");
    for (size_t i = 0; i < o->n_peers; i++) {
        uint8_t key[32];
        const char *why = host_port_parse(&o->peers[i], o->connect[i], dspv_network_port(o->network));
        if (!why && !o->proxy.host_port && onion_host_parse(o->peers[i].host, key))
            why = "onion services are reached through Tor only: add --proxy=127.0.0.1:9050";
        if (why)
            return wrong(error, "--connect", o->connect[i], why);
    }
    return 0;
}

/* Its HTTP ends a little sooner than the client's patience, so that the reason is known when that is over. */
static int set_rpc(struct options *o, char *error)
{
    struct rpc_source *rpc = &o->rpc;
    const char *why = rpc->url ? rpc_url_check(rpc->url) : NULL;
    if (why)
        return wrong(error, "--rpc-url", NULL, why);
    if (!rpc->url && (rpc->cookie_file || rpc->user || rpc->password_file))
        return wrong(error, "--rpc-cookie, --rpc-user, --rpc-password-file", NULL, "of no use without --rpc-url");
    if (rpc->cookie_file && (rpc->user || rpc->password_file))
        return wrong(error, "--rpc-cookie", NULL, "either this, or --rpc-user and --rpc-password-file");
    if (!rpc->user != !rpc->password_file)
        return wrong(error, rpc->user ? "--rpc-user" : "--rpc-password-file", NULL,
                     "--rpc-user and --rpc-password-file belong together");
    o->config.lookups = rpc->url != NULL;
    rpc->timeout_ms = o->config.lookup_timeout_ms - o->config.lookup_timeout_ms / 10;
    return 0;
}

/* Onion services can be reached when there is a proxy. */
static int set_proxy(struct options *o, char *error)
{
    struct proxy_source *proxy = &o->proxy;
    if (!proxy->host_port && (proxy->user || proxy->password_file))
        return wrong(error, "--proxy-user, --proxy-password-file", NULL, "of no use without --proxy");
    if (!proxy->user != !proxy->password_file)
        return wrong(error, proxy->user ? "--proxy-user" : "--proxy-password-file", NULL,
                     "--proxy-user and --proxy-password-file belong together");
    if (!proxy->host_port && (o->only_nets & DSPV_NET_ONION))
        return wrong(error, "--onlynet", "onion", "onion services are reached through Tor only: add --proxy=127.0.0.1:9050");
    proxy->randomize_credentials = !proxy->user;
    o->config.nets = o->only_nets ? o->only_nets : proxy->host_port ? DSPV_NET_ALL : DSPV_NET_IPV4 | DSPV_NET_IPV6;
    return 0;
}

int options_parse(struct options *out, enum command command, int argc, char **argv, char error[OPTIONS_ERROR_SIZE])
{
    *out = (struct options){.command = command, .network_name = "mainnet"};
    dspv_config_init(&out->config);
    *error = '\0';
    out->only_plans = out->explain = out->exit_when_synced = command == COMMAND_PLAN;
    int rc = read_words(out, argc, argv, error);
    if (rc != 0 || out->help || !(command & ONLINE))
        return rc;
    rc = set_rpc(out, error);
    if (rc == 0)
        rc = set_proxy(out, error);
    if (rc == 0)
        rc = set_network(out, error);
    return rc != 0 ? rc : set_peers(out, error);
}

void options_free(struct options *o)
{
    dspv_network_free(o->network);
    o->network = NULL;
}

/* ---- help */

static void print_rows(enum command command, bool network_options)
{
    for (size_t i = 0; i < N_ROWS; i++) {
        char left[64];
        const struct row *row = &ROWS[i];
        if (!(row->commands & command) || (row->take == NULL) != network_options)
            continue;
        snprintf(left, sizeof(left), row->value ? "--%s=%s" : "--%s", row->name, row->value);
        printf("  %-33s %s\n", left, row->help);
    }
}

void options_print_help(enum command command)
{
    fputs(command == COMMAND_SYNC ? HELP_SYNC : command == COMMAND_PLAN ? HELP_PLAN : HELP_DEMO, stdout);
    puts("\nOptions");
    print_rows(command, false);
    if (command & ONLINE) {
        puts("\nNetwork options, named as in Dash Core");
        print_rows(command, true);
    }
    fputs(command == COMMAND_SYNC ? HELP_SYNC_END : command == COMMAND_PLAN ? HELP_PLAN_END : HELP_DEMO_END, stdout);
}
