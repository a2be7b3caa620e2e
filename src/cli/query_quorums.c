/* `dashspv quorums` and `dashspv quorum TYPE HASH`. What is shown to people is made from the rows that machines get. */
#include "cli/queries.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/report.h"
#include "cli/state.h"
#include "cli/table.h"

static const char *text_of(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text ? text : "";
}

static int height_of(const json_t *row)
{
    const json_t *height = json_object_get(row, "height");
    return json_is_integer(height) ? (int)json_integer_value(height) : -1;
}

/* Wanted now, or also what is kept of before? The latter is only shown when it is asked for by name. */
static bool is_active(const struct state *s, const struct quorum_view *v)
{
    const struct mnstate *latest = engine_tip_list(s->engine);
    return latest && quorumset_find(latest->quorums, v->quorum->c.type, &v->quorum->c.hash);
}

/* NULL: out of memory. */
static json_t *rows_of(const struct state *s, bool all_types, uint8_t type)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < engine_quorum_count(s->engine); i++) {
        struct quorum_view v;
        engine_quorum_at(s->engine, i, &v);
        if (!is_active(s, &v) || (!all_types && v.quorum->c.type != type))
            continue;
        if (json_array_append_new(rows, report_quorum(&v)) != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static int print_table(const json_t *rows)
{
    static const char *const titles[] = {"type", "quorum", ">height", ">index", "status", "public key, or why there is none"};
    struct table t;
    const json_t *row;
    size_t i;
    table_init(&t, titles, sizeof(titles) / sizeof(titles[0]));
    json_array_foreach(rows, i, row)
    {
        bool good = strcmp(text_of(row, "status"), "verified") == 0;
        table_cell(&t, "%s", text_of(row, "type_name"));
        table_cell(&t, "%s", text_of(row, "hash"));
        table_cell(&t, "%d", height_of(row));
        table_cell(&t, "%d", (int)json_integer_value(json_object_get(row, "index")));
        table_cell(&t, "%s", text_of(row, "status"));
        table_cell(&t, "%s", text_of(row, good ? "public_key" : "detail"));
    }
    int rc = table_print(&t, stdout);
    table_free(&t);
    return rc;
}

static size_t verified_of(const json_t *rows)
{
    size_t i, n = 0;
    const json_t *row;
    json_array_foreach(rows, i, row) n += strcmp(text_of(row, "status"), "verified") == 0;
    return n;
}

/* Takes `rows`. */
static int show_all(const struct state *s, json_t *rows)
{
    const struct mnstate *latest = engine_tip_list(s->engine);
    size_t n = json_array_size(rows), verified = verified_of(rows);
    int exit_code = rows && n > 0 && verified == n ? EXIT_GOOD : EXIT_NOT_VERIFIED;
    if (s->options->json)
        return state_print_json(s,
                                json_pack("{s:s, s:o, s:o}", "network", s->options->network_name, "list_height",
                                          latest ? json_integer(latest->height) : json_null(), "quorums", rows),
                                exit_code);
    bool failed = !rows || print_table(rows) != 0;
    if (!failed && !latest)
        puts("No masternode list is known yet.");
    else if (!failed)
        printf("%s%zu of %zu active quorums verified at block %d.\n", n ? "\n" : "", verified, n, (int)latest->height);
    json_decref(rows);
    return state_printed(s, failed, exit_code);
}

int quorums_run(struct options *options)
{
    struct state s;
    uint8_t type = 0;
    if (options->type && !state_quorum_type(options->type, &type)) {
        fprintf(stderr, "dashspv quorums: --type=%s: there is no such quorum type; say llmq_60_75 or 4\n", options->type);
        return EXIT_USAGE;
    }
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD)
        rc = show_all(&s, rows_of(&s, !options->type, type));
    state_close(&s);
    return rc;
}
