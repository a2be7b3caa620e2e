/* A whole client among peers, driven by a script: the input. What honest peers say arrives as it is, changed, again, on another
 * connection or not at all; connections break, time passes, jobs and look-ups end when it suits nobody, memory runs out. After
 * every input: "synced" only where nothing is missing, every list within its bound, no deadline that stays in the past. In the
 * end all are left alone: then the client must get there. */
#include "fuzz.h"

#include <stdio.h>

#include "base/endian.h"
#include "base/mem.h"
#include "base/reader.h"
#include "devnode/peer.h"
#include "sync/client.h"

enum {
    SEATS = 3,
    FIRST_TIP = 140,  /* of the fixture: V20, the first cycles of rotation */
    LAST_TIP = 160,   /* the script may let the chain grow so far, */
    CHECKPOINTS = 34, /* below it, where the script wants them */
    APART = 4,
    FINAL_TIP = 200,  /* and in the end it is longer than what a script could forge */
    MOST_STEPS = 200,
    MOST_RECORDED = 16,
    MOST_QUESTIONS = 16,
    MOST_JOBS = ENGINE_MOST_PARTS + HEADER_JOBS_MOST * HEADER_JOBS_SLICES + HEADER_LANES_GROUPS,
    MOST_PENDING_OUTPUTS = 20000,
    MOST_REQUESTS = 256,
    MOST_TICKS = 8, /* at one time */
    RECOVERY_MS = 4 * 3600 * 1000
};

/* Where peers sit: one for each address the client knows. */
struct seat {
    struct devnode_peer *node; /* NULL: not connected */
    dspv_conn conn;
};

struct message {
    enum wire_command command;
    uint8_t *payload;
    size_t n;
};

struct stage {
    dspv *client;
    struct seat seats[SEATS];
    int32_t tip;
    dspv_ms now;
    dspv_job *jobs[MOST_JOBS]; /* out */
    size_t n_jobs;
    uint64_t questions[MOST_QUESTIONS];
    size_t n_questions;
    struct message recorded[MOST_RECORDED]; /* ring: what peers said */
    size_t next_recorded;
    size_t fail_after; /* let the nth allocation of the client from now on fail; 0: none */
    bool failed;       /* one did, since the last tick */
    struct reader script;
};

static const struct devnode_chain *the_chain(void)
{
    static struct devnode_chain *chain;
    char error[DEVNODE_ERROR_SIZE];
    if (!chain && devnode_chain_load(&chain, FUZZ_FIXTURES "/churn", error) != 0) {
        fprintf(stderr, "%s\n", error);
        abort();
    }
    return chain;
}

/* ---- what must hold */

static void check_shares(const struct dspv *c)
{
    size_t open = 0;
    for (size_t i = 0; i < c->n_peers; i++) {
        open += c->peers[i]->locks_open;
        must(c->peers[i]->locks_open <= ASKED_SHARE && c->peers[i]->locks_late <= 2 * ASKED_SHARE);
    }
    must(open == c->locks.asked.n_open);
}

static void check_ranges(const struct dspv *c)
{
    must(c->header_ranges.n <= HEADER_RANGES_MOST);
    for (size_t i = 0; i < c->n_peers; i++)
        must(c->peers[i]->ranges_owed <= HEADER_RANGES_MOST);
    for (size_t i = 0; i < c->header_ranges.n; i++) {
        const struct header_range *r = &c->header_ranges.r[i];
        size_t n = 0;
        for (const struct header_message *m = r->first; m; m = m->next)
            n += m->batch.n;
        must(r->start <= r->height && r->height <= r->end && n <= (size_t)(r->end - r->start));
    }
}

static void check_bounds(const struct dspv *c)
{
    size_t held = 0;
    for (size_t i = 0; i < c->mn.n_requests; i++)
        held += c->mn.requests[i].held_n;
    must(held <= REQUEST_MOST_HELD && c->mn.n_requests <= MOST_REQUESTS);
    must(c->n_peers <= c->config.target_outbound + CONNECTIONS_MOST_EXTRA && c->n_addresses <= ADDRESS_SET_MOST);
    must(c->config.discover ? c->book->n <= BOOK_MOST && c->book->bans.n == 0 : c->n_peers <= SEATS && c->book->n == 0);
    must(c->outputs.lost == 0 && c->outputs.n == c->outputs.first);
    must(c->locks.n_pending <= LOCKS_MOST_PENDING && c->lookup.n <= LOOKUP_MOST && c->lookup.known.n <= SIGNATURES_MOST);
    must(engine_list_count(c->engine) <= FINAL_TIP + 1); /* one for each block of the best chain, at most */
    check_ranges(c);
    check_shares(c);
}

static void check_synced(struct stage *s)
{
    struct dspv *c = s->client;
    struct needs needs;
    dspv_progress p;
    dspv_get_progress(c, &p);
    must(p.percent >= 0 && p.percent <= 100);
    if (p.phase != DSPV_PHASE_SYNCED)
        return;
    block_hash tip;
    headers_hash(c->headers, headers_tip(c->headers), &tip);
    must(engine_list_of_block(c->engine, &tip) != NULL);
    must(engine_discover(c->engine, headers_tip_height(c->headers), &needs) == 0);
    must(needs.n == 0 && needs.verified == needs.wanted);
    needs_free(&needs);
}

/* ---- inputs; only their allocations may be made to fail */

static void arm(struct stage *s)
{
    mem_fail_after(s->fail_after);
}

static void done(struct stage *s, int rc)
{
    size_t made = mem_fail_after(0);
    bool failed = s->fail_after > 0 && made >= s->fail_after;
    if (s->fail_after > 0)
        s->fail_after = failed ? 0 : s->fail_after - made;
    s->failed |= failed;
    must(rc == 0 || (failed && rc == DSPV_ENOMEM));
}

static void drop_node(struct seat *seat)
{
    devnode_peer_free(seat->node);
    seat->node = NULL;
}

static struct seat *seat_of(struct stage *s, dspv_conn conn)
{
    for (size_t i = 0; i < SEATS; i++)
        if (s->seats[i].node && s->seats[i].conn == conn)
            return &s->seats[i];
    return NULL;
}

static dspv_addr address_of_seat(uint8_t i)
{
    dspv_addr addr = {.port = 19899};
    addr.ip[10] = addr.ip[11] = 0xff;
    addr.ip[12] = 127;
    addr.ip[15] = i;
    return addr;
}

static bool named(const dspv_addr *addr)
{
    dspv_addr seat = address_of_seat(addr->ip[15]);
    return addr->ip[15] < SEATS && address_eq(addr, &seat);
}

static void on_connect(struct stage *s, const dspv_out *out)
{
    struct devnode_options options = devnode_options_default();
    if (!named(&out->addr)) { /* somebody was told of: nobody is there */
        must(s->client->config.discover);
        arm(s);
        done(s, dspv_in_closed(s->client, out->conn, s->now));
        return;
    }
    struct seat *seat = &s->seats[out->addr.ip[15]];
    must(!seat->node);
    must(devnode_peer_new(&seat->node, the_chain(), &options, s->tip, s->now / 1000, 4711 + out->conn) == 0);
    seat->conn = out->conn;
    arm(s);
    done(s, dspv_in_connected(s->client, out->conn, s->now));
}

static void on_send(struct stage *s, const dspv_out *out)
{
    struct seat *seat = seat_of(s, out->conn);
    if (seat)
        must(devnode_peer_input(seat->node, out->data, out->n) == 0);
}

static bool next_output(struct stage *s, dspv_out *out)
{
    arm(s);
    bool any = dspv_next(s->client, out);
    done(s, 0);
    return any;
}

/* Do all the client wants. */
static void drain(struct stage *s)
{
    dspv_out out;
    size_t n = 0;
    while (next_output(s, &out)) {
        must(++n < MOST_PENDING_OUTPUTS);
        switch (out.kind) {
        case DSPV_OUT_CONNECT: on_connect(s, &out); break;
        case DSPV_OUT_SEND: on_send(s, &out); break;
        case DSPV_OUT_CLOSE:
            if (seat_of(s, out.conn))
                drop_node(seat_of(s, out.conn));
            break;
        case DSPV_OUT_JOB:
            must(s->n_jobs < MOST_JOBS);
            s->jobs[s->n_jobs++] = out.job;
            break;
        case DSPV_OUT_EVENT:
        case DSPV_OUT_RESOLVE: break;
        case DSPV_OUT_LOOKUP: s->questions[s->n_questions++ % MOST_QUESTIONS] = out.id; break;
        }
    }
    check_bounds(s->client);
    check_synced(s);
}

static void say(struct stage *s, const struct seat *seat, enum wire_command command, const uint8_t *payload, size_t n)
{
    struct writer framed;
    writer_init(&framed);
    frame_write(&framed, the_chain()->network.chain.magic, command, payload, n);
    must(!framed.failed);
    arm(s);
    done(s, dspv_in_bytes(s->client, seat->conn, framed.data, framed.n, s->now));
    writer_free(&framed);
    drain(s);
}

static void hang_up(struct stage *s, struct seat *seat)
{
    drop_node(seat);
    arm(s);
    done(s, dspv_in_closed(s->client, seat->conn, s->now));
    drain(s);
}

/* The oldest or the newest. */
static void finish_job(struct stage *s, bool newest)
{
    if (s->n_jobs == 0)
        return;
    dspv_job *job = s->jobs[newest ? s->n_jobs - 1 : 0];
    s->n_jobs--;
    if (!newest)
        memmove(s->jobs, s->jobs + 1, s->n_jobs * sizeof(s->jobs[0]));
    arm(s);
    done(s, dspv_job_run(job));
    arm(s);
    done(s, dspv_in_job_done(s->client, job, s->now));
    drain(s);
}

static void finish_jobs(struct stage *s)
{
    while (s->n_jobs > 0)
        finish_job(s, false);
}

static void tick_now(struct stage *s)
{
    s->failed = false;
    arm(s);
    done(s, dspv_in_tick(s->client, s->now));
    drain(s);
}

/* One thing may lead to the next, but not for ever while no time passes. */
static void tick(struct stage *s, dspv_ms ms)
{
    s->now += ms;
    tick_now(s);
    for (unsigned i = 0; !s->failed && dspv_deadline(s->client) <= s->now; i++) {
        must(i < MOST_TICKS);
        tick_now(s);
    }
}

static void answer(struct stage *s, const uint8_t *data, size_t n)
{
    if (s->n_questions == 0)
        return;
    uint64_t id = s->questions[--s->n_questions % MOST_QUESTIONS];
    arm(s);
    done(s, dspv_in_lookup(s->client, id, data, n, s->now));
    drain(s);
}

/* ---- what peers say */

static void forget_message(struct message *m)
{
    free(m->payload);
    *m = (struct message){0};
}

/* The next message of a peer; false: it has nothing to say. It is recorded. */
static bool hear(struct stage *s, struct seat *seat, struct message **out)
{
    struct span said = seat->node ? devnode_peer_output(seat->node) : (struct span){0};
    if (said.n == 0)
        return false;
    must(said.n >= FRAME_HEADER_SIZE);
    struct message *m = *out = &s->recorded[s->next_recorded++ % MOST_RECORDED];
    forget_message(m);
    m->command = wire_command_find(said.p + 4);
    m->n = load_le32(said.p + 16);
    m->payload = malloc(m->n + 1);
    must(m->payload && said.n >= FRAME_HEADER_SIZE + m->n);
    memcpy(m->payload, said.p + FRAME_HEADER_SIZE, m->n);
    devnode_peer_taken(seat->node, FRAME_HEADER_SIZE + m->n);
    return true;
}

/* A message as the script has it: bytes changed, or cut off. */
static void say_changed(struct stage *s, const struct seat *seat, const struct message *m)
{
    uint8_t how = reader_u8(&s->script);
    size_t n = m->n;
    uint8_t *payload = malloc(n + 1);
    must(payload);
    memcpy(payload, m->payload, n);
    for (unsigned i = how & 3; n > 0 && i > 0; i--) {
        size_t at = reader_u16(&s->script);
        payload[how & 4 ? n - 1 - at % n : at % n] ^= reader_u8(&s->script);
    }
    if (how & 8)
        n -= n > 0 ? reader_u16(&s->script) % n : 0;
    say(s, seat, m->command, payload, n);
    free(payload);
}

/* Everybody says what it has to say, until nobody has. */
static void listen(struct stage *s)
{
    struct message *m;
    for (unsigned round = 0, any = 1; any && round < 100; round++) {
        any = 0;
        for (size_t i = 0; i < SEATS; i++) {
            struct seat *seat = &s->seats[i];
            while (seat->node && hear(s, seat, &m)) {
                say(s, seat, m->command, m->payload, m->n);
                any = 1;
            }
            if (seat->node && devnode_peer_closed(seat->node))
                hang_up(s, seat);
        }
    }
}

static void grow(struct stage *s, int32_t blocks, int32_t most)
{
    s->tip = s->tip + blocks < most ? s->tip + blocks : most;
    for (size_t i = 0; i < SEATS; i++)
        if (s->seats[i].node)
            must(devnode_peer_grow(s->seats[i].node, s->tip) == 0);
}

/* ---- the script */

enum { LISTEN, HONEST, CHANGED, DROPPED, AGAIN, MADE_UP, NOISE, TICK, BREAK, JOB, ANSWER, FAIL, GROW, ASK, KINDS };

static void made_up(struct stage *s, const struct seat *seat)
{
    enum wire_command command = reader_u8(&s->script) % WIRE_COMMAND_COUNT;
    size_t n = reader_u8(&s->script);
    n = n < reader_left(&s->script) ? n : reader_left(&s->script);
    const uint8_t *payload = reader_bytes(&s->script, n);
    if (command != WIRE_UNKNOWN)
        say(s, seat, command, payload, payload ? n : 0);
}

static void noise(struct stage *s, const struct seat *seat)
{
    size_t n = reader_u8(&s->script) % 64;
    n = n < reader_left(&s->script) ? n : reader_left(&s->script);
    const uint8_t *bytes = reader_bytes(&s->script, n);
    arm(s);
    done(s, dspv_in_bytes(s->client, seat->conn, bytes ? bytes : (const uint8_t *)"", bytes ? n : 0, s->now));
    drain(s);
}

static void ask(struct stage *s)
{
    uint8_t signature[96];
    char text[200];
    dspv_plan_text(s->client, text, sizeof(text));
    arm(s);
    (void)dspv_chainlock_signature_at(s->client, reader_u8(&s->script), s->now, signature, NULL);
    done(s, 0);
    drain(s);
}

static void answer_something(struct stage *s)
{
    const struct message *m = &s->recorded[reader_u8(&s->script) % MOST_RECORDED];
    answer(s, m->payload, m->payload ? m->n : 0);
}

static void step(struct stage *s)
{
    uint8_t op = reader_u8(&s->script);
    struct seat *seat = &s->seats[(op >> 5) % SEATS];
    struct message *m;
    switch (op % 32 % KINDS) {
    case LISTEN: listen(s); break;
    case HONEST:
        if (hear(s, seat, &m))
            say(s, seat, m->command, m->payload, m->n);
        break;
    case CHANGED:
        if (hear(s, seat, &m))
            say_changed(s, seat, m);
        break;
    case DROPPED: (void)hear(s, seat, &m); break;
    case AGAIN:
        m = &s->recorded[reader_u8(&s->script) % MOST_RECORDED];
        if (seat->node && m->payload)
            say_changed(s, seat, m);
        break;
    case MADE_UP: made_up(s, seat); break;
    case NOISE: noise(s, seat); break;
    case TICK: tick(s, (dspv_ms)1 << (reader_u8(&s->script) % 23)); break;
    case BREAK:
        if (seat->node)
            hang_up(s, seat);
        break;
    case JOB: finish_job(s, (op >> 5) % 2); break;
    case ANSWER: answer_something(s); break;
    case FAIL: s->fail_after = 1 + reader_u8(&s->script); break;
    case GROW: grow(s, reader_u8(&s->script) % 8, LAST_TIP); break;
    case ASK: ask(s); break;
    }
}

/* ---- begin and end */

static const struct checkpoint *the_checkpoints(void)
{
    static struct checkpoint all[CHECKPOINTS];
    for (int32_t i = 0; i < CHECKPOINTS; i++)
        all[i] = (struct checkpoint){(i + 1) * APART, *devnode_chain_hash(the_chain(), (i + 1) * APART)};
    return all;
}

static void start(struct stage *s, bool discover, bool checkpoints)
{
    static const uint8_t seed[32] = {7};
    dspv_config config;
    dspv_network net = {the_chain()->network};
    struct header last = header_parse(devnode_chain_header(the_chain(), FINAL_TIP));
    s->tip = FIRST_TIP;
    s->now = (dspv_ms)last.time * 1000;
    if (checkpoints) {
        net.net.chain.checkpoints = the_checkpoints();
        net.net.chain.n_checkpoints = CHECKPOINTS;
    }
    dspv_config_init(&config);
    config.lookups = true;
    config.discover = config.local_addresses = discover;
    must(dspv_new(&s->client, &net, &config, NULL, seed, s->now) == 0);
    for (uint8_t i = 0; i < SEATS; i++) {
        dspv_addr addr = address_of_seat(i);
        must(dspv_add_peer(s->client, &addr, s->now) == 0);
    }
    drain(s);
}

/* Now all is well, and the chain longer than any that the script forged: within hours the client follows it. */
static void recover(struct stage *s)
{
    dspv_ms until = s->now + RECOVERY_MS;
    s->fail_after = 0;
    grow(s, FINAL_TIP - s->tip, FINAL_TIP);
    for (;;) {
        listen(s);
        finish_jobs(s);
        const struct dspv *c = s->client;
        if (c->progress.phase == DSPV_PHASE_SYNCED && headers_tip_height(c->headers) == FINAL_TIP)
            return;
        must(s->now < until);
        while (s->n_questions > 0)
            answer(s, NULL, 0);
        if (s->n_jobs > 0)
            continue;
        dspv_ms wait = dspv_deadline(c) - s->now;
        tick(s, wait > 1 ? wait : 1);
    }
}

/* Short scripts end before anything happens: long ones from the first run on, unless the command line says otherwise. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static char len_control[] = "-len_control=0", max_len[] = "-max_len=400";
    static char *more[64];
    if (*argc < 1 || *argc > 60)
        return 0;
    more[0] = (*argv)[0];
    more[1] = len_control;
    more[2] = max_len;
    memcpy(more + 3, *argv + 1, (size_t)(*argc - 1) * sizeof(*more));
    *argc += 2;
    *argv = more;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct stage s = {0};
    reader_init(&s.script, data, n);
    uint8_t flags = reader_u8(&s.script);
    start(&s, (flags & 4) != 0, (flags & 8) != 0);
    if (flags & 1) {
        listen(&s);
        finish_jobs(&s);
        listen(&s);
    }
    for (unsigned i = 0; i < MOST_STEPS && reader_left(&s.script) > 0; i++)
        step(&s);
    if (flags & 2)
        recover(&s);
    dspv_free(s.client);
    for (size_t i = 0; i < SEATS; i++)
        drop_node(&s.seats[i]);
    for (size_t i = 0; i < MOST_RECORDED; i++)
        forget_message(&s.recorded[i]);
    return 0;
}
