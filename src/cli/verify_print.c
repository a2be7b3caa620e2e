/* The result of `verify` for people: one line per list, quorum and lock, then what is wrong, then the counts. Everything shown is
 * in the JSON, so that both say the same. */
#include "cli/verify.h"

#include <stdbool.h>

static const char *text(const json_t *row, const char *key)
{
    const char *value = json_string_value(json_object_get(row, key));
    return value ? value : "?";
}

static long long number(const json_t *row, const char *key) { return json_integer_value(json_object_get(row, key)); }

/* "height 5" or "height unknown". */
static void print_height(FILE *out, const json_t *row)
{
    if (json_is_integer(json_object_get(row, "height")))
        fprintf(out, "height %lld", number(row, "height"));
    else
        fprintf(out, "height unknown");
}

static void print_list(FILE *out, const json_t *row)
{
    if (json_is_true(json_object_get(row, "roots_ok"))) {
        fprintf(out, "list     height %lld  %s\n", number(row, "height"), text(row, "hash"));
        fprintf(out, "         %lld masternodes (%lld valid, %lld Evo), %lld quorums; %s; ", number(row, "masternodes"),
                number(row, "masternodes_valid"), number(row, "masternodes_evo"), number(row, "quorums"),
                json_is_string(json_object_get(row, "merkle_root_quorums")) ? "both roots ok"
                                                                            : "masternode root ok, no quorum root yet");
        bool anchored = json_is_string(json_object_get(row, "coinbase_proof")) && text(row, "coinbase_proof")[0] == 'h';
        fprintf(out, "coinbase proof: %s\n", anchored ? "proved against the given header" : "no header given");
        return;
    }
    fprintf(out, "list     ");
    print_height(out, row);
    fprintf(out, "  %s  (%s)\n         %s: %s: %s\n", text(row, "hash"), text(row, "source"), text(row, "status"),
            text(row, "reason"), text(row, "detail"));
}

/* The rest of a line: "verified", or why not. */
static void print_status(FILE *out, const json_t *row)
{
    fprintf(out, "%s", text(row, "status"));
    if (json_is_string(json_object_get(row, "reason")))
        fprintf(out, ": %s: %s", text(row, "reason"), text(row, "detail"));
    fputc('\n', out);
}

static void print_quorum(FILE *out, const json_t *row)
{
    const json_t *members = json_object_get(row, "members");
    fprintf(out, "quorum   %s (type %lld)  %s\n         ", text(row, "type_name"), number(row, "type"), text(row, "hash"));
    print_height(out, row);
    fprintf(out, ", index %lld, ", number(row, "index"));
    if (json_is_array(members))
        fprintf(out, "%zu members: ", json_array_size(members));
    else
        fprintf(out, "members unknown: ");
    print_status(out, row);
}

static void print_lock(FILE *out, const json_t *row)
{
    const json_t *quorum = json_object_get(row, "quorum");
    if (json_is_integer(json_object_get(row, "height")))
        fprintf(out, "lock     ChainLock height %lld  %s\n         ", number(row, "height"), text(row, "hash"));
    else
        fprintf(out, "lock     InstantSend %s\n         ", text(row, "txid"));
    if (json_is_object(quorum))
        fprintf(out, "signed by %s %s: ", text(quorum, "type_name"), text(quorum, "hash"));
    print_status(out, row);
}

static void print_rows(FILE *out, const json_t *result, const char *key, void (*print)(FILE *, const json_t *))
{
    const json_t *rows = json_object_get(result, key);
    for (size_t i = 0; i < json_array_size(rows); i++)
        print(out, json_array_get(rows, i));
}

static void print_problem(FILE *out, const json_t *row) { fprintf(out, "WRONG    %s\n", json_string_value(row)); }

void verify_print(FILE *out, const json_t *result)
{
    const json_t *s = json_object_get(result, "summary");
    print_rows(out, result, "lists", print_list);
    print_rows(out, result, "quorums", print_quorum);
    print_rows(out, result, "locks", print_lock);
    print_rows(out, result, "problems", print_problem);
    fprintf(out, "lists    %lld with both roots ok, %lld invalid, %lld waiting", number(s, "roots_ok"),
            number(s, "lists_invalid"), number(s, "lists_waiting"));
    if (number(s, "lists_empty") > 0)
        fprintf(out, ", %lld empty before DIP0003", number(s, "lists_empty"));
    fputc('\n', out);
    fprintf(out, "quorums  %lld verified, %lld invalid, %lld waiting\n", number(s, "verified"), number(s, "invalid"),
            number(s, "waiting"));
    if (number(s, "locks") > 0)
        fprintf(out, "locks    %lld verified, %lld invalid, %lld waiting\n", number(s, "locks_verified"),
                number(s, "locks_invalid"), number(s, "locks_waiting"));
}
