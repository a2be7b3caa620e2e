/* See options_table.h. A take function puts one value into the options and says what is wrong with it; what depends on several
 * options is checked afterwards (options.c). Network options carry Dash Core's names and are handed to the library. */
#include "cli/options_table.h"

#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "cli/options.h"

enum { FOREGROUND = COMMAND_SYNC | COMMAND_PLAN | COMMAND_DEMO };

static const char *take_network(struct options *o, const char *value)
{
    o->network_name = value;
    return NULL;
}

static const char *take_node(struct options *o, const char *value, bool connect)
{
    if (o->n_nodes == OPTIONS_MOST_PEERS)
        return "at most 8 peers can be named";
    o->nodes[o->n_nodes++] = (struct named_node){.text = value, .connect = connect};
    return NULL;
}

static const char *take_connect(struct options *o, const char *value)
{
    return take_node(o, value, true);
}

static const char *take_add_peer(struct options *o, const char *value)
{
    return take_node(o, value, false);
}

static const char *take_data_dir(struct options *o, const char *value)
{
    int n = snprintf(o->data_dir, sizeof(o->data_dir), "%s", value);
    return n > 0 && n < OPTIONS_LONGEST_PATH ? NULL : "the value must be the name of a folder";
}

static const char *take_log_level(struct options *o, const char *value)
{
    return log_levels_parse(&o->log_levels, value);
}

static bool yes(const char *value)
{
    return strcmp(value, "yes") == 0;
}

static const char *take_exit(struct options *o, const char *value)
{
    o->exit_when_synced = yes(value);
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
    o->config.masternodes = !yes(value);
    return NULL;
}

static const char *take_no_extra_share(struct options *o, const char *value)
{
    o->config.qr_info_extra_share = !yes(value);
    return NULL;
}

static const char *take_rpc_url(struct options *o, const char *value)
{
    o->rpc.url = value; /* looked at in options.c: a refusal must not repeat it */
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

static const char *take_from(struct options *o, const char *value)
{
    uint32_t height = 0;
    o->config.start = strcmp(value, "genesis") == 0      ? DSPV_START_GENESIS
                      : strcmp(value, "checkpoint") == 0 ? DSPV_START_CHECKPOINT
                                                         : DSPV_START_HEIGHT;
    if (o->config.start != DSPV_START_HEIGHT)
        return NULL;
    const char *wrong = take_number(value, 0, OPTIONS_HIGHEST, &height);
    o->config.start_height = (int32_t)height;
    return wrong ? "the value must be checkpoint, genesis or the height of a block" : NULL;
}

static const char *take_checkpoints(struct options *o, const char *value)
{
    o->checkpoints = value; /* read when the network is there (options.c) */
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_every(struct options *o, const char *value)
{
    return take_number(value, 1, OPTIONS_HIGHEST, &o->every);
}

static const char *take_height(struct options *o, const char *value)
{
    uint32_t height = 0;
    const char *wrong = take_number(value, 0, OPTIONS_HIGHEST, &height);
    o->height = (int32_t)height;
    return wrong;
}

static const char *take_block(struct options *o, const char *value)
{
    uint8_t hash[32];
    o->block = value;
    return hash_from_hex(value, hash) ? NULL
           : take_height(o, value)    ? "the value must be the hash or the height of a block"
                                      : NULL;
}

static const char *take_type(struct options *o, const char *value)
{
    o->type = value;
    return NULL;
}

static const char *take_tx(struct options *o, const char *value)
{
    o->tx = value; /* looked at when there is a lock to compare it with */
    return *value ? NULL : "the value must be a transaction or the id of one, in hex";
}

static const char *take_evo(struct options *o, const char *value)
{
    o->evo = yes(value);
    return NULL;
}

static const char *take_valid(struct options *o, const char *value)
{
    o->valid = yes(value);
    return NULL;
}

static const char *take_json(struct options *o, const char *value)
{
    o->json = yes(value);
    return NULL;
}

static const char *take_explain(struct options *o, const char *value)
{
    o->explain = yes(value);
    return NULL;
}

static const char *take_report(struct options *o, const char *value)
{
    o->report = value;
    return *value ? NULL : "the value must be the name of a file";
}

static const char *take_help(struct options *o, const char *value)
{
    o->help = yes(value);
    return NULL;
}

static const char *take_print_config(struct options *o, const char *value)
{
    o->print_config = yes(value);
    return NULL;
}

/* Taken when the file is read. */
static const char *take_config(struct options *o, const char *value)
{
    (void)o;
    return *value ? NULL : "the value must be the name of a file";
}

const struct row OPTION_ROWS[] = {
    {"config", "FILE", COMMANDS_NETWORK | ROW_NOT_IN_FILE, "the configuration file (see: dashspv help config)", take_config},
    {"print-config", NULL, COMMANDS_NETWORK | ROW_WORDS_ONLY, "print what is set, and where, and do nothing else",
     take_print_config},
    {"network", "NAME", COMMANDS_NETWORK, "mainnet (default), testnet, regtest, devnet or devnet-NAME", take_network},
    {"data-dir", "DIR", COMMANDS_STORE, "where everything is kept (default: $XDG_DATA_HOME/dashspv or ~/.local/share/dashspv)",
     take_data_dir},
    {"data-dir", "DIR", COMMAND_SYNC | ROW_WORDS_ONLY,
     "begin with what is kept there and keep what is verified (default: nothing)", take_data_dir},
    {"from", "WHERE", COMMANDS_ONLINE, "start of the headers where none are kept: checkpoint (default), genesis or a height",
     take_from},
    {"checkpoints", "FILE", COMMANDS_NETWORK, "blocks to believe in without proof (see: dashspv help checkpoints)",
     take_checkpoints},
    {"connect", "HOST:PORT", COMMAND_SYNC | COMMAND_PLAN | ROW_REPEATS,
     "a node to ask, repeatable; without a port the network's own", take_connect},
    {"connect", "HOST:PORT", COMMAND_RUN | ROW_REPEATS, "ask this node and look for no others, repeatable", take_connect},
    {"add-peer", "HOST:PORT", COMMAND_RUN | ROW_REPEATS, "ask this node, too, repeatable", take_add_peer},
    {"log-level", "LEVEL", COMMAND_RUN, "error, warning, info (default), debug or trace; MODULE=LEVEL for a part; with commas",
     take_log_level},
    {"height", "H", COMMAND_QUORUM | COMMAND_MASTERNODES | ROW_WORDS_ONLY, "at this block instead of the latest", take_height},
    {"block", "BLOCK", COMMAND_CHAINLOCK | ROW_WORDS_ONLY, "is this block final? its hash or its height", take_block},
    {"type", "TYPE", COMMAND_QUORUMS | ROW_WORDS_ONLY, "only this type: its name, as llmq_60_75, or its number", take_type},
    {"every", "BLOCKS", COMMAND_CHECKPOINTS | ROW_WORDS_ONLY, "print one block out of so many (default 2000)", take_every},
    {"evo", NULL, COMMAND_MASTERNODES | ROW_WORDS_ONLY, "only Evo masternodes", take_evo},
    {"valid", NULL, COMMAND_MASTERNODES | ROW_WORDS_ONLY, "only those that are not banned", take_valid},
    {"tx", "HEX", COMMAND_VERIFY_INSTANTLOCK | ROW_WORDS_ONLY, "the lock must be of this transaction: its id, or all of it, raw",
     take_tx},
    {"exit-when-synced", NULL, COMMAND_SYNC, "stop as soon as everything wanted is verified", take_exit},
    {"timeout", "SECONDS", FOREGROUND, "give up when that much time has passed", take_timeout},
    {"qr-info-timeout", "SECONDS", COMMANDS_ONLINE, "wait that long for a QRINFO (default 30), then ask otherwise",
     take_qr_info_timeout},
    {"mnlist-diff-timeout", "SECONDS", COMMANDS_ONLINE, "wait that long for a MNLISTDIFF (default 15)", take_mnlist_diff_timeout},
    {"no-extra-share", NULL, COMMANDS_ONLINE, "do not ask a QRINFO for the cycle at H-4C too (default: ask)",
     take_no_extra_share},
    {"qr-info-max-parallel", "N", COMMANDS_ONLINE, "so many QRINFO at a time, each with another peer (default 3)",
     take_max_parallel},
    {"max-qr-info-span", "BLOCKS", COMMANDS_ONLINE, "longest range of heights planned as one QRINFO (default 50)", take_max_span},
    {"no-masternodes", NULL, COMMAND_SYNC, "headers only: no lists, no quorums, no locks", take_no_masternodes},
    {"target-outbound", "N", COMMANDS_ONLINE, "keep connections to so many peers (default 8)", take_target_outbound},
    {"protocol-version", "N", COMMANDS_ONLINE, "announce this version (default 70240, at least 70230)", take_protocol_version},
    {"user-agent", "TEXT", COMMANDS_ONLINE, "announce this name (default: the library's)", take_user_agent},
    {"rpc-url", "URL", COMMANDS_ONLINE, "a Dash Core RPC to look things up in, say http://127.0.0.1:9998 (default: none)",
     take_rpc_url},
    {"rpc-cookie", "FILE", COMMANDS_ONLINE, "its .cookie file, read anew for every question", take_rpc_cookie},
    {"rpc-user", "NAME", COMMANDS_ONLINE, "instead of a cookie: who to be there ...", take_rpc_user},
    {"rpc-password-file", "FILE", COMMANDS_ONLINE, "... and the file whose first line is the password", take_rpc_password_file},
    {"rpc-timeout", "SECONDS", COMMANDS_ONLINE, "wait that long for an answer (default 10)", take_rpc_timeout},
    {"proxy", "HOST:PORT", COMMANDS_ONLINE, "make every connection through this SOCKS 5 proxy, such as Tor's 127.0.0.1:9050",
     take_proxy},
    {"proxy-user", "NAME", COMMANDS_ONLINE, "who to be there (default: another random name for each connection) ...",
     take_proxy_user},
    {"proxy-password-file", "FILE", COMMANDS_ONLINE, "... and the file whose first line is the password",
     take_proxy_password_file},
    {"onlynet", "NET", COMMANDS_ONLINE | ROW_REPEATS, "find peers in this network only: ipv4, ipv6, onion; repeatable",
     take_only_net},
    {"json", NULL, FOREGROUND, "one JSON object per line, the summary last", take_json},
    {"json", NULL, COMMANDS_QUERY, "the answer as JSON", take_json},
    {"explain", NULL, COMMAND_SYNC | COMMAND_DEMO, "print every plan: which requests are made, and why", take_explain},
    {"report", "FILE", FOREGROUND, "write the final state as JSON: lists, quorums, members, locks", take_report},
    {"help", NULL, FOREGROUND | COMMANDS_NETWORK | ROW_WORDS_ONLY, "this text", take_help},
    {"testactivationheight", "NAME@H", COMMANDS_NETWORK | ROW_REPEATS, "regtest: a deployment is active at height H, repeatable",
     NULL},
    {"dip3params", "A:E", COMMANDS_NETWORK, "regtest: DIP0003 activation and enforcement heights", NULL},
    {"llmqtestparams", "S:T", COMMANDS_NETWORK, "regtest: size and threshold of llmq_test", NULL},
    {"llmqtestinstantsendparams", "S:T", COMMANDS_NETWORK, "regtest: size and threshold of llmq_test_instantsend", NULL},
    {"llmqtestplatformparams", "S:T", COMMANDS_NETWORK, "regtest: size and threshold of llmq_test_platform", NULL},
    {"llmqtestinstantsenddip0024", "TYPE", COMMANDS_NETWORK, "regtest: the quorum type that signs InstantSend locks", NULL},
    {"llmqdevnetparams", "S:T", COMMANDS_NETWORK, "devnet: size and threshold of llmq_devnet", NULL},
    {"llmqchainlocks", "TYPE", COMMANDS_NETWORK, "devnet: the quorum type that signs ChainLocks", NULL},
    {"llmqinstantsenddip0024", "TYPE", COMMANDS_NETWORK, "devnet: the quorum type that signs InstantSend locks", NULL},
    {"llmqplatform", "TYPE", COMMANDS_NETWORK, "devnet: the quorum type of Platform", NULL},
    {"llmqmnhf", "TYPE", COMMANDS_NETWORK, "devnet: the quorum type of hard-fork signals", NULL},
};
const size_t N_OPTION_ROWS = sizeof(OPTION_ROWS) / sizeof(OPTION_ROWS[0]);
_Static_assert(sizeof(OPTION_ROWS) / sizeof(OPTION_ROWS[0]) <= OPTION_ROWS_MOST, "OPTION_ROWS_MOST");

const struct row *option_row(const char *name, unsigned command)
{
    const struct row *found = NULL;
    for (size_t i = 0; i < N_OPTION_ROWS; i++)
        if (strcmp(OPTION_ROWS[i].name, name) == 0 && (!found || OPTION_ROWS[i].commands & command))
            found = &OPTION_ROWS[i];
    return found;
}
