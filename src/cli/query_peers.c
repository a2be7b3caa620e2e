/* `dashspv peers`: whom the daemon is, or was last, connected to, what it knows of other nodes, and which are banned. */
#include "cli/queries.h"

#include <inttypes.h>

#include "cli/progress_line.h"
#include "cli/state.h"
#include "cli/table.h"

static void origins_text(uint32_t origins, char *out, size_t size)
{
    static const struct {
        uint32_t bit;
        const char *name;
    } names[] = {{DSPV_FROM_USER, "user"},
                 {DSPV_FROM_DNS, "dns"},
                 {DSPV_FROM_SEED, "seed"},
                 {DSPV_FROM_GOSSIP, "gossip"},
                 {DSPV_FROM_LIST, "masternodes"}};
    size_t n = 0;
    *out = '\0';
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && n < size; i++)
        if (origins & names[i].bit)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n ? "," : "", names[i].name);
}

/* ---- for a program */

static json_t *peer_json(const dspv_peer *p)
{
    char address[DSPV_ADDR_TEXT], origins[64];
    dspv_addr_text(&p->addr, address, sizeof(address));
    origins_text(p->origins, origins, sizeof(origins));
    return json_pack("{s:I, s:s, s:s, s:b, s:i, s:I, s:s, s:i, s:i, s:I, s:I, s:I}", "peer", (json_int_t)p->conn, "address",
                     address, "origins", origins, "ready", p->ready, "protocol", (int)p->protocol, "services",
                     (json_int_t)p->services, "user_agent", p->user_agent, "height", (int)p->height, "score", (int)p->score,
                     "since", (json_int_t)(p->since / 1000), "bytes_received", (json_int_t)p->bytes_received, "bytes_sent",
                     (json_int_t)p->bytes_sent);
}

static json_t *ban_json(const dspv_ban *ban)
{
    char address[DSPV_ADDR_TEXT];
    dspv_addr_text(&ban->addr, address, sizeof(address));
    return json_pack("{s:s, s:s, s:s, s:I, s:I}", "address", address, "reason", dspv_reason_name(ban->reason), "detail",
                     dspv_reason_text(ban->reason), "since", (json_int_t)(ban->since / 1000), "until",
                     (json_int_t)(ban->until / 1000));
}

static json_t *addresses_json(const struct state *s)
{
    dspv_addresses a;
    dspv_get_addresses(s->client, &a);
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "known", (json_int_t)a.addresses, "tried",
                     (json_int_t)a.tried, "ipv4", (json_int_t)a.ipv4, "ipv6", (json_int_t)a.ipv6, "onion", (json_int_t)a.onion,
                     "from_dns", (json_int_t)a.from_dns, "from_seeds", (json_int_t)a.from_seeds, "from_gossip",
                     (json_int_t)a.from_gossip, "from_list", (json_int_t)a.from_list, "anchors", (json_int_t)a.anchors);
}

static int print_json(const struct state *s)
{
    dspv_peer peer;
    dspv_ban ban;
    dspv_ms when = 0;
    json_t *peers = json_array(), *bans = json_array();
    bool failed = !peers || !bans;
    for (size_t i = 0; !failed && dspv_stored_peer_at(s->client, i, &peer, &when); i++)
        failed = json_array_append_new(peers, peer_json(&peer)) != 0;
    for (size_t i = 0; !failed && dspv_ban_at(s->client, i, &ban); i++)
        failed = json_array_append_new(bans, ban_json(&ban)) != 0;
    json_t *all = json_pack("{s:s, s:b, s:o, s:o, s:o, s:o}", "network", s->options->network_name, "connected",
                            store_file_holder(&s->file) >= 0, "as_of", when > 0 ? json_integer(when / 1000) : json_null(),
                            "peers", peers, "addresses", addresses_json(s), "bans", bans);
    if (failed) {
        json_decref(all);
        all = NULL;
    }
    return state_print_json(s, all, EXIT_GOOD);
}

/* ---- for a person */

static void add_peer(struct table *t, const struct state *s, const dspv_peer *p)
{
    char address[DSPV_ADDR_TEXT], origins[64], text[40];
    dspv_addr_text(&p->addr, address, sizeof(address));
    origins_text(p->origins, origins, sizeof(origins));
    table_cell(t, "%s", address);
    table_cell(t, "%s", p->ready ? p->user_agent : "(connecting)");
    table_cell(t, "%" PRId32, p->protocol);
    table_cell(t, "%" PRId32, p->height);
    state_duration(p->since < s->now ? (s->now - p->since) / 1000 : 0, text, sizeof(text));
    table_cell(t, "%s", text);
    progress_bytes(p->bytes_received, text, sizeof(text));
    table_cell(t, "%s", text);
    table_cell(t, "%s", origins);
}

static int print_peers(const struct state *s)
{
    static const char *const titles[] = {"address",    "calls itself", ">protocol", ">block",
                                         ">connected", ">received",    "known from"};
    struct table t;
    dspv_peer peer;
    dspv_ms when = 0;
    char age[40];
    table_init(&t, titles, sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; dspv_stored_peer_at(s->client, i, &peer, &when); i++)
        add_peer(&t, s, &peer);
    bool running = store_file_holder(&s->file) >= 0;
    state_duration(when > 0 && when < s->now ? (s->now - when) / 1000 : 0, age, sizeof(age));
    if (t.n)
        printf("%s %s ago:\n", running ? "Connected, as of" : "No daemon runs. Connected when one did,", age);
    else
        puts(running ? "Not connected to anybody, as far as is stored." : "No daemon runs.");
    int rc = table_print(&t, stdout);
    table_free(&t);
    return rc;
}

static int print_bans(const struct state *s)
{
    static const char *const titles[] = {"banned", ">for another", "because"};
    char address[DSPV_ADDR_TEXT], left[40];
    struct table t;
    dspv_ban ban;
    table_init(&t, titles, sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; dspv_ban_at(s->client, i, &ban); i++) {
        dspv_addr_text(&ban.addr, address, sizeof(address));
        state_duration((ban.until - s->now) / 1000, left, sizeof(left));
        table_cell(&t, "%s", address);
        table_cell(&t, "%s", left);
        table_cell(&t, "%s", dspv_reason_text(ban.reason));
    }
    if (t.n)
        putchar('\n');
    int rc = table_print(&t, stdout);
    table_free(&t);
    return rc;
}

static int print_tables(const struct state *s)
{
    dspv_addresses a;
    dspv_get_addresses(s->client, &a);
    bool failed = print_peers(s) != 0 || print_bans(s) != 0;
    if (!failed)
        printf("\n%" PRIu32 " addresses known, %" PRIu32 " of them were connected to once; %" PRIu32 " banned.\n", a.addresses,
               a.tried, a.bans);
    return state_printed(s, failed, EXIT_GOOD);
}

int peers_run(struct options *options)
{
    struct state s;
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD)
        rc = options->json ? print_json(&s) : print_tables(&s);
    state_close(&s);
    return rc;
}
