/* `dashspv masternodes`: a proven masternode list. Between the blocks whose lists are kept there is nothing to tell. */
#include "cli/queries.h"

#include <string.h>

#include "cli/report.h"
#include "cli/state.h"
#include "cli/table.h"

static bool shown(const struct options *o, const struct masternode *m)
{
    return (!o->evo || masternode_is_evo(m)) && (!o->valid || m->entry.valid);
}

static int print_json(const struct state *s, const struct mnstate *list)
{
    struct mnlist_iterator it;
    struct masternode *m;
    json_t *rows = json_array(), *head = report_list(list);
    mnlist_begin(list->list, &it);
    while (rows && (m = mnlist_next(&it)) != NULL)
        if (shown(s->options, m) && json_array_append_new(rows, report_masternode(m)) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    return state_print_json(
        s, json_pack("{s:s, s:o, s:o}", "network", s->options->network_name, "list", head, "masternodes", rows), EXIT_GOOD);
}

static void add_line(struct table *t, const struct masternode *m)
{
    char address[320];
    report_address(m, address, sizeof(address));
    table_hash(t, m->entry.protx.b);
    table_cell(t, "%s", masternode_is_evo(m) ? "Evo" : "regular");
    table_cell(t, "%s", m->entry.valid ? "valid" : "banned");
    table_cell(t, "%s", address);
}

static int print_table(const struct state *s, const struct mnstate *list)
{
    static const char *const titles[] = {"proTxHash", "type", "state", "address"};
    struct mnlist_iterator it;
    struct masternode *m;
    struct table t;
    table_init(&t, titles, sizeof(titles) / sizeof(titles[0]));
    mnlist_begin(list->list, &it);
    while ((m = mnlist_next(&it)) != NULL)
        if (shown(s->options, m))
            add_line(&t, m);
    size_t n = t.n / t.columns;
    bool failed = table_print(&t, stdout) != 0;
    table_free(&t);
    if (!failed)
        printf("%s%zu of %zu masternodes at block %d: %zu valid, %zu Evo in all.\n", n ? "\n" : "", n, mnlist_count(list->list),
               (int)list->height, mnlist_valid(list->list), mnlist_evo(list->list));
    return state_printed(s, failed, EXIT_GOOD);
}

/* Names the nearest block below whose list is kept, and the highest. */
static int not_kept(const struct state *s)
{
    const struct mnstate *below = engine_list_below(s->engine, s->options->height), *latest = engine_tip_list(s->engine);
    if (!latest)
        return state_refuse(s, EXIT_NOT_VERIFIED, "no masternode list is known yet: let dashspv run synchronize first");
    if (!below)
        return state_refuse(s, EXIT_NOT_VERIFIED, "no list at or below block %d is kept; the latest is at block %d",
                            (int)s->options->height, (int)latest->height);
    return state_refuse(s, EXIT_NOT_VERIFIED,
                        "the list at block %d is not kept; the nearest below is at block %d, the latest at %d",
                        (int)s->options->height, (int)below->height, (int)latest->height);
}

int masternodes_run(struct options *options)
{
    struct state s;
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD) {
        const struct mnstate *list = options->height < 0 ? engine_tip_list(s.engine) : engine_list(s.engine, options->height);
        rc = !list ? not_kept(&s) : options->json ? print_json(&s, list) : print_table(&s, list);
    }
    state_close(&s);
    return rc;
}
