/* See verify_options.h. Options and files may be mixed; every option may be written --name VALUE or --name=VALUE. What is no option
 * of the command itself is one of Dash Core's network options, whose names and values network_override() knows. */
#include "cli/verify_options.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

const char VERIFY_HELP[] =
    "dashspv verify: check captured messages offline, and say why for every verdict.\n"
    "\n"
    "Usage\n"
    "  dashspv verify [--network NAME] [--headers FILE]... [--heights FILE]... [--json] [--report FILE] FILE...\n"
    "\n"
    "Files are recognised by their content: mnlistdiff, qrinfo, clsig and isdlock payloads of every protocol version from 70214\n"
    "on, bundles of diffs ([u32 length][payload]), recordings, JSON arrays with clsig_payload or isdlock_payload. A diff finds\n"
    "its base by hash among everything that is given, in any order.\n"
    "\n"
    "Options\n"
    "  --network=NAME      mainnet (default), testnet, regtest, devnet or devnet-NAME\n"
    "  --headers=FILE      raw 80-byte headers; the first height comes from a name like headers_A_B.bin, or write FILE@HEIGHT;\n"
    "                      repeatable\n"
    "  --heights=FILE      JSON array of {\"height\", \"hash\"}; repeatable\n"
    "  --json              the result as one JSON object\n"
    "  --report=FILE       write the final state as JSON: lists, quorums, members, locks\n"
    "  --help              this text\n"
    "  and Dash Core's options of regtest and devnets, as for dashspv sync\n"
    "\n"
    "Exit codes\n"
    "  0    nothing is wrong; what cannot be decided yet is reported as waiting, with what it waits for\n"
    "  1    a root, a proof or a signature is wrong; it is named\n"
    "  2    a file or an option cannot be read or understood\n";

static int wrong(char *error, const char *what, const char *why)
{
    snprintf(error, VERIFY_ERROR_SIZE, "%.120s: %.120s", what, why);
    return -1;
}

/* The words of the command line, one at a time. */
struct words {
    int argc, at;
    char **argv;
    char name[64];     /* of an option, without dashes */
    const char *value; /* behind its =, or NULL */
};

/* The value of the current option, from the next word when it has no =. NULL: there is none. */
static const char *take_value(struct words *w)
{
    if (!w->value && w->at + 1 < w->argc)
        w->value = w->argv[++w->at];
    return w->value;
}

struct override {
    const char *word, *value;
    char name[64];
};

struct reading {
    struct verify_options *out;
    const char *network;
    struct override *overrides;
    size_t n_overrides;
};

static int take_option(struct reading *r, struct words *w, char *error)
{
    struct verify_options *o = r->out;
    const char *word = w->argv[w->at];
    bool json = strcmp(w->name, "json") == 0, help = strcmp(w->name, "help") == 0;
    if (json || help) {
        o->json |= json;
        o->help |= help;
        return w->value ? wrong(error, word, "takes no value") : 0;
    }
    const char *value = take_value(w);
    if (!value || !*value)
        return wrong(error, word, "needs a value, or there is no such option");
    if (strcmp(w->name, "network") == 0)
        r->network = value;
    else if (strcmp(w->name, "headers") == 0)
        o->headers[o->n_headers++] = value;
    else if (strcmp(w->name, "heights") == 0)
        o->heights[o->n_heights++] = value;
    else if (strcmp(w->name, "report") == 0)
        o->report = value;
    else {
        struct override *override = &r->overrides[r->n_overrides++];
        *override = (struct override){.word = word, .value = value};
        memcpy(override->name, w->name, sizeof(w->name));
    }
    return 0;
}

static int take_words(struct reading *r, int argc, char **argv, char *error)
{
    bool only_files = false;
    struct words w = {.argc = argc, .argv = argv};
    for (w.at = 1; w.at < argc; w.at++) {
        const char *word = argv[w.at];
        if (only_files || strncmp(word, "--", 2) != 0) {
            r->out->files[r->out->n_files++] = word;
            continue;
        }
        if (word[2] == '\0') {
            only_files = true;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t n = equals ? (size_t)(equals - word) - 2 : strlen(word) - 2;
        if (n >= sizeof(w.name))
            return wrong(error, word, "there is no such option");
        memcpy(w.name, word + 2, n);
        w.name[n] = '\0';
        w.value = equals ? equals + 1 : NULL;
        if (take_option(r, &w, error) != 0)
            return -1;
    }
    return 0;
}

static int set_network(struct reading *r, char *error)
{
    struct network *net = &r->out->network;
    if (!network_init(net, r->network))
        return wrong(error, r->network, "there is no such network; use mainnet, testnet, regtest or devnet-NAME");
    for (size_t i = 0; i < r->n_overrides; i++) {
        const char *why = network_override(net, r->overrides[i].name, r->overrides[i].value);
        if (why)
            return wrong(error, r->overrides[i].word, why);
    }
    const char *why = chain_params_check(&net->chain);
    return why ? wrong(error, r->network, why) : 0;
}

int verify_options_parse(struct verify_options *out, int argc, char **argv, char error[VERIFY_ERROR_SIZE])
{
    size_t most = argc > 0 ? (size_t)argc : 1;
    memset(out, 0, sizeof(*out));
    struct reading r = {.out = out, .network = "mainnet"};
    out->headers = mem_alloc_array(most, sizeof(*out->headers));
    out->heights = mem_alloc_array(most, sizeof(*out->heights));
    out->files = mem_alloc_array(most, sizeof(*out->files));
    r.overrides = mem_alloc_array(most, sizeof(*r.overrides));
    int rc = out->headers && out->heights && out->files && r.overrides ? 0 : wrong(error, "verify", "out of memory");
    if (rc == 0)
        rc = take_words(&r, argc, argv, error);
    if (rc == 0 && !out->help)
        rc = set_network(&r, error);
    if (rc == 0 && !out->help && out->n_files + out->n_headers + out->n_heights == 0)
        rc = wrong(error, "FILE", "at least one file must be named");
    mem_free(r.overrides);
    return rc;
}

void verify_options_free(struct verify_options *o)
{
    mem_free(o->headers);
    mem_free(o->heights);
    mem_free(o->files);
}
