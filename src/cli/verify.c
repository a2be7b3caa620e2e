/* See verify.h. Reads everything before it judges anything: a file that cannot be understood ends the command with 2. */
#include "cli/verify.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/audit.h"
#include "cli/report.h"
#include "cli/verify_options.h"

enum { EXIT_ALL_GOOD = 0, EXIT_WRONG = 1, EXIT_UNUSABLE = 2 };

bool verify_seed(uint8_t seed[32])
{
    FILE *f = fopen("/dev/urandom", "rb");
    bool good = f && fread(seed, 1, 32, f) == 32;
    if (f)
        fclose(f);
    return good;
}

static int say(const char *what, const char *why)
{
    fprintf(stderr, "dashspv verify: %s: %s\n", what, why);
    return EXIT_UNUSABLE;
}

int verify_refuse(const char *command, const struct capture_problem *p, bool as_json)
{
    fprintf(stderr, "dashspv %s: %s: byte %zu: %s: %s\n", command, p->file, p->offset, p->reason, p->text);
    if (as_json) {
        json_t *row = json_pack("{s:{s:s%, s:I, s:s, s:s%}}", "error", "file", p->file, strlen(p->file), "offset",
                                (json_int_t)p->offset, "reason", p->reason, "text", p->text, strlen(p->text));
        if (row)
            json_dumpf(row, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
        putchar('\n');
        json_decref(row);
    }
    return (int)p->verdict;
}

int verify_load(struct capture *c, const struct verify_options *o, struct capture_problem *problem)
{
    int64_t now_s = (int64_t)time(NULL);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < o->n_headers; i++)
        rc = capture_headers(c, o->headers[i], now_s, problem);
    for (size_t i = 0; rc == 0 && i < o->n_heights; i++)
        rc = capture_heights(c, o->heights[i], problem);
    for (size_t i = 0; rc == 0 && i < o->n_files; i++)
        rc = capture_file(c, o->files[i], now_s, problem);
    return rc;
}

static int show(const struct audit *a, const struct verify_options *o)
{
    json_t *result = audit_result(a);
    json_t *state = result && o->report ? audit_state(a, result) : NULL;
    if (!result || (o->report && !state)) {
        json_decref(result);
        return say("result", dspv_error_text(DSPV_ENOMEM));
    }
    int code = json_array_size(json_object_get(result, "problems")) > 0 ? EXIT_WRONG : EXIT_ALL_GOOD;
    if (o->json) {
        json_dumpf(result, stdout, JSON_INDENT(1) | JSON_PRESERVE_ORDER);
        putchar('\n');
    } else {
        verify_print(stdout, result);
    }
    if (state && report_write(state, o->report) != 0)
        code = say(o->report, strerror(errno));
    if (fflush(stdout) != 0 || ferror(stdout))
        code = say("standard output", "cannot be written");
    json_decref(state);
    json_decref(result);
    return code;
}

static int verify_files(const struct verify_options *o)
{
    uint8_t seed[32];
    if (!verify_seed(seed))
        return say("/dev/urandom", "no random numbers to be had");
    struct capture capture;
    struct audit audit = {0};
    struct capture_problem problem;
    capture_init(&capture, &o->network);
    int rc = verify_load(&capture, o, &problem);
    if (rc == 0)
        rc = audit_run(&audit, &capture, seed, &problem);
    int code = EXIT_UNUSABLE;
    if (rc == 0)
        code = show(&audit, o);
    else if (rc == DSPV_EFAULT)
        code = verify_refuse("verify", &problem, o->json);
    else
        say("verification", dspv_error_text(rc));
    audit_free(&audit);
    capture_free(&capture);
    return code;
}

int verify_main(int argc, char **argv)
{
    struct verify_options options;
    char error[VERIFY_ERROR_SIZE];
    int code = EXIT_ALL_GOOD;
    if (verify_options_parse(&options, argc, argv, error) != 0) {
        fprintf(stderr, "dashspv verify: %s\nTry 'dashspv verify --help'.\n", error);
        code = EXIT_UNUSABLE;
    } else if (options.help) {
        fputs(VERIFY_HELP, stdout);
    } else {
        code = verify_files(&options);
    }
    verify_options_free(&options);
    return code;
}
