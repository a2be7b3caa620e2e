/* See plan_capture.h. The capture is verified first, as `dashspv verify` does; discovery starts at its newest proven list. What the
 * capture does not know (base heights of quorums whose headers are missing) is said, not guessed. */
#include "cli/plan_capture.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/audit.h"
#include "cli/options.h"
#include "cli/plan_json.h"
#include "cli/verify.h"
#include "sync/plan_input.h"

static const char CAPTURE[] = "--capture";

static const char HELP[] =
    "dashspv plan --capture: show which requests a client would make if captured messages were all it had, and why.\n"
    "\n"
    "Usage: dashspv plan --capture [--network NAME] [--headers FILE]... [--heights FILE]... [--json] FILE...\n"
    "\n"
    "Nothing is sent. The files are read and verified as by dashspv verify; what the quorums at the newest proven list still\n"
    "lack is discovered and planned. A quorum whose base block has no header among the files has no height: how many those\n"
    "are is said, per type; a client would ask for their headers first.\n"
    "\n"
    "Exit codes\n"
    "  0    the plan is shown\n"
    "  1    a file is refused: its headers or blocks are false\n"
    "  2    a file or an option cannot be understood, or no list in them can be proven\n";

bool plan_capture_asked(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], CAPTURE) == 0)
            return true;
    return false;
}

static int say(const char *what, const char *why)
{
    fprintf(stderr, "dashspv plan: %s: %s\n", what, why);
    return EXIT_USAGE;
}

/* ---- making the plan */

/* Blocks by the capture's own account. Up to its tip every height has some block: zeros for one that it does not name. */
static bool block_at(const void *chain, int32_t height, block_hash *out)
{
    const struct engine *e = chain;
    if (height < 0 || height > engine_tip_list(e)->height)
        return false;
    if (!engine_block_at(e, height, out))
        memset(out, 0, sizeof(*out));
    return true;
}

struct result {
    const struct engine *engine;
    struct needs needs;
    struct plan plan;
    uint32_t without_height[256]; /* by type: wanted quorums whose base height is not known */
};

static int count_without_height(struct result *r, int32_t tip)
{
    size_t *wanted, n;
    int rc = engine_wanted(r->engine, tip, &wanted, &n);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        struct quorum_view v;
        engine_quorum_at(r->engine, wanted[i], &v);
        r->without_height[v.quorum->c.type] += v.base_height < 0 && v.status == QUORUM_WAITING;
    }
    if (rc == 0)
        mem_free(wanted);
    return rc;
}

static int make_result(struct result *r, const struct engine *e)
{
    const struct mnstate *tip = engine_tip_list(e);
    struct plan_input in;
    dspv_config config;
    dspv_config_init(&config);
    const struct plan_limits limits = {.max_qr_info_span = config.max_qr_info_span, .qr_info_allowed = true,
                                       .extra_share = config.qr_info_extra_share};
    *r = (struct result){.engine = e};
    int rc = count_without_height(r, tip->height);
    if (rc == 0)
        rc = engine_discover(e, tip->height, &r->needs);
    if (rc == 0)
        rc = plan_input_init(&in, e, tip->height, &r->needs);
    if (rc == 0) {
        in.block_at = block_at;
        in.chain = e;
        rc = planner_plan(&in, &limits, &r->plan);
        plan_input_free(&in);
    }
    if (rc != 0)
        needs_free(&r->needs);
    return rc;
}

static void free_result(struct result *r)
{
    plan_free(&r->plan);
    needs_free(&r->needs);
}

/* ---- showing it */

static json_t *needs_json(const struct needs *needs)
{
    static const char *const KINDS[] = {"header", "list", "snapshot"};
    json_t *rows = json_array();
    for (size_t i = 0; i < needs->n; i++) {
        const struct need *n = &needs->items[i];
        char block[65], quorum[65];
        hash_to_hex(n->block.b, block);
        hash_to_hex(n->quorum.b, quorum);
        json_t *row = json_pack("{s:s, s:i, s:s, s:i, s:i, s:s, s:s}", "need", KINDS[n->kind], "height", (int)n->height, "block",
                                block, "wanted_by", (int)n->wanted_by, "type", (int)n->type, "type_name", llmq_type_name(n->type),
                                "quorum", quorum);
        if (n->height < 0)
            json_object_set_new(row, "height", json_null());
        if (block_hash_is_zero(&n->block))
            json_object_set_new(row, "block", json_null());
        json_array_append_new(rows, row);
    }
    return rows;
}

static json_t *lists_json(const struct engine *e)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < engine_list_count(e); i++)
        json_array_append_new(rows, json_integer(engine_list_at(e, i)->height));
    return rows;
}

static json_t *unknown_json(const struct result *r)
{
    const struct network *net = engine_network(r->engine);
    json_t *o = json_object();
    for (size_t i = 0; i < net->n_llmqs; i++)
        if (r->without_height[net->llmqs[i].type] > 0)
            json_object_set_new(o, net->llmqs[i].name, json_integer(r->without_height[net->llmqs[i].type]));
    return o;
}

static void show_json(const struct result *r)
{
    const struct mnstate *tip = engine_tip_list(r->engine);
    char hex[65];
    hash_to_hex(tip->block.b, hex);
    json_t *o = json_pack("{s:s, s:{s:i, s:s}, s:o, s:{s:i, s:i, s:i, s:i, s:i}, s:o, s:o}", "event", "plan", "tip", "height",
                          (int)tip->height, "hash", hex, "lists", lists_json(r->engine), "quorums", "wanted", (int)r->needs.wanted,
                          "verified", (int)r->needs.verified, "ready", (int)r->needs.ready, "waiting", (int)r->needs.waiting,
                          "invalid", (int)r->needs.invalid, "base_height_not_known", unknown_json(r), "needs",
                          needs_json(&r->needs));
    plan_json(o, &r->plan);
    json_dumpf(o, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
    putchar('\n');
    json_decref(o);
}

static void show_unknown(const struct result *r)
{
    const struct network *net = engine_network(r->engine);
    for (size_t i = 0; i < net->n_llmqs; i++) {
        const struct llmq_params *p = &net->llmqs[i];
        uint32_t n = r->without_height[p->type];
        if (n > 0)
            printf("base height not known: %" PRIu32 " quorum%s of type %s; headers first, then %s\n", n, n == 1 ? "" : "s", p->name,
                   p->rotated ? "what their cycles lack" : n == 1 ? "at most one MNLISTDIFF" : "at most one MNLISTDIFF each");
    }
}

static void show_text(const struct result *r)
{
    static char text[(PLAN_MAX_REQUESTS + 2) * 2 * (PLAN_REASON_SIZE + 60)];
    const struct mnstate *tip = engine_tip_list(r->engine);
    printf("newest proven list: %" PRId32 "; %zu lists; %zu quorums wanted, %zu verified, %zu waiting, %zu invalid\n", tip->height,
           engine_list_count(r->engine), r->needs.wanted, r->needs.verified, r->needs.waiting + r->needs.ready, r->needs.invalid);
    show_unknown(r);
    plan_text(&r->plan, text, sizeof(text));
    fputs(text, stdout);
}

static int show(const struct audit *a, bool as_json)
{
    struct result r;
    if (!engine_tip_list(a->engine))
        return say("capture", "no masternode list in these files can be proven, so nothing can be discovered");
    int rc = make_result(&r, a->engine);
    if (rc != 0)
        return say("plan", dspv_error_text(rc));
    if (as_json)
        show_json(&r);
    else
        show_text(&r);
    free_result(&r);
    return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_GOOD : say("standard output", "cannot be written");
}

/* ---- the command */

static int plan_files(const struct verify_options *o)
{
    uint8_t seed[32];
    struct capture capture;
    struct audit audit = {0};
    struct capture_problem problem;
    if (!verify_seed(seed))
        return say("/dev/urandom", "no random numbers to be had");
    capture_init(&capture, &o->network);
    int rc = verify_load(&capture, o, &problem);
    if (rc == 0)
        rc = audit_run(&audit, &capture, seed, &problem);
    int code = rc == 0 ? show(&audit, o->json)
               : rc == DSPV_EFAULT ? verify_refuse("plan", &problem, o->json)
                                   : say("capture", dspv_error_text(rc));
    audit_free(&audit);
    capture_free(&capture);
    return code;
}

int plan_capture_main(int argc, char **argv)
{
    struct verify_options options;
    char error[VERIFY_ERROR_SIZE];
    int kept = 0, code;
    char **words = mem_alloc_array((size_t)argc + 1, sizeof(*words));
    if (!words)
        return say("plan", dspv_error_text(DSPV_ENOMEM));
    for (int i = 0; i < argc; i++)
        if (strcmp(argv[i], CAPTURE) != 0)
            words[kept++] = argv[i];
    words[kept] = NULL;
    int rc = verify_options_parse(&options, kept, words, error);
    if (rc == 0 && options.report) {
        snprintf(error, sizeof(error), "--report: there is no such option with %s", CAPTURE);
        rc = -1;
    }
    if (rc != 0) {
        fprintf(stderr, "dashspv plan: %s\nTry: dashspv plan %s --help\n", error, CAPTURE);
        code = EXIT_USAGE;
    } else if (options.help) {
        fputs(HELP, stdout);
        code = EXIT_GOOD;
    } else {
        code = plan_files(&options);
    }
    verify_options_free(&options);
    mem_free(words);
    return code;
}
