/* `dashspv checkpoints`: blocks of the stored chain that are final, for --checkpoints. Most stored headers were taken up by their
 * links alone; here every one of them is hashed, must have its work, and must be the one that the next refers to, up to a block
 * that passed every rule when the store was opened. */
#include "cli/queries.h"

#include <time.h>

#include "base/mem.h"
#include "chain/pow.h"
#include "cli/report.h"
#include "cli/state.h"
#include "cli/terminal.h"
#include "crypto/x11.h"

enum { PIECE = 256, QUIET_MS = 1000, REDRAW_MS = 100 };

struct walk {
    const struct state *s;
    struct terminal terminal; /* stderr: the answer goes to a file */
    dspv_ms drawn;            /* when the progress line was, or is to be */
    int32_t every, first, last;
    struct checkpoint *found;
    size_t n;
};

struct piece {
    int32_t start;
    uint32_t n;
    uint8_t raw[PIECE * HEADER_SIZE];
    block_hash hashes[PIECE];
};

static dspv_ms monotonic(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (dspv_ms)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void show_progress(struct walk *w, int32_t height)
{
    char line[80];
    dspv_ms now = monotonic();
    if (!w->terminal.live || now < w->drawn)
        return;
    w->drawn = now + REDRAW_MS;
    snprintf(line, sizeof(line), "headers: %d of %d checked", (int)(height - w->first), (int)(w->last - w->first));
    terminal_progress(&w->terminal, line);
}

/* ---- checking */

static int read_piece(const struct walk *w, struct piece *p)
{
    const struct headers *h = w->s->headers;
    for (uint32_t i = 0; i < p->n; i++) {
        struct header header;
        int rc = headers_get(h, headers_at(h, p->start + (int32_t)i), &header);
        if (rc != 0)
            return rc;
        header_write(&header, p->raw + (size_t)i * HEADER_SIZE);
    }
    x11_many(p->hashes, p->raw, p->n);
    return 0;
}

/* The first header that has not its work or does not follow the one before (for the first: `before`); the number of them: none.
 */
static uint32_t first_bad(const struct walk *w, const struct piece *p, const block_hash *before)
{
    const struct chain_params *params = &w->s->options->network->net.chain;
    uint32_t i = 0;
    for (; i < p->n; i++) {
        struct header header = header_parse(p->raw + (size_t)i * HEADER_SIZE);
        const block_hash *prev = i == 0 ? before : &p->hashes[i - 1];
        arith256 target;
        bool follows = p->start + (int32_t)i == w->first || block_hash_eq(&header.prev, prev);
        if (!follows || !pow_target(params, header.bits, &target) || !pow_meets(&p->hashes[i], &target))
            break;
    }
    return i;
}

static void collect(struct walk *w, const struct piece *p)
{
    for (uint32_t i = 0; i < p->n; i++) {
        int32_t height = p->start + (int32_t)i;
        if (height > 0 && height % w->every == 0)
            w->found[w->n++] = (struct checkpoint){height, p->hashes[i]};
    }
}

static int damaged(const struct walk *w, int32_t height)
{
    return state_refuse(w->s, EXIT_NOT_VERIFIED, "block %d is damaged in the store: sync again into another --data-dir",
                        (int)height);
}

/* An exit code. */
static int check_chain(struct walk *w)
{
    struct piece p = {.start = w->first};
    block_hash before = {0}, last;
    for (; p.start <= w->last; p.start += (int32_t)p.n) {
        int32_t left = w->last - p.start + 1;
        p.n = left < PIECE ? (uint32_t)left : PIECE;
        int rc = read_piece(w, &p);
        uint32_t bad = rc == 0 ? first_bad(w, &p, &before) : 0;
        if (rc == DSPV_ENOMEM)
            return state_refuse(w->s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(rc));
        if (rc != 0 || bad < p.n)
            return damaged(w, p.start + (int32_t)bad);
        before = p.hashes[p.n - 1];
        collect(w, &p);
        show_progress(w, p.start + (int32_t)p.n);
    }
    if (headers_hash(w->s->headers, headers_at(w->s->headers, w->last), &last) != 0 || !block_hash_eq(&last, &before))
        return damaged(w, w->last);
    return EXIT_GOOD;
}

/* ---- printing */

static json_t *checkpoint_json(const struct checkpoint *c)
{
    return json_pack("{s:i, s:o}", "height", (int)c->height, "hash", report_hash(c->hash.b));
}

static int print_json(const struct walk *w)
{
    block_hash tip;
    int32_t height = state_tip(w->s, &tip);
    json_t *rows = json_array();
    for (size_t i = 0; rows && i < w->n; i++)
        if (json_array_append_new(rows, checkpoint_json(&w->found[i])) != 0) {
            json_decref(rows);
            rows = NULL;
        }
    return state_print_json(w->s,
                            json_pack("{s:s, s:{s:i, s:o}, s:i, s:i, s:o}", "network", w->s->options->network_name, "tip",
                                      "height", (int)height, "hash", report_hash(tip.b), "start_height", (int)w->first,
                                      "final_height", (int)w->last, "checkpoints", rows),
                            EXIT_GOOD);
}

static int print_lines(const struct walk *w)
{
    char hex[65];
    block_hash tip;
    int32_t height = state_tip(w->s, &tip);
    hash_to_hex(tip.b, hex);
    printf("# %s, final up to block %d; the tip was block %d %s\n", w->s->options->network_name, (int)w->last, (int)height, hex);
    for (size_t i = 0; i < w->n; i++) {
        hash_to_hex(w->found[i].hash.b, hex);
        printf("%d %s\n", (int)w->found[i].height, hex);
    }
    return state_printed(w->s, false, EXIT_GOOD);
}

/* ---- the command */

static int answer(struct walk *w)
{
    int32_t below = w->first > 0 ? w->first - 1 : 0, n = w->last < w->first ? 0 : w->last / w->every - below / w->every;
    if (w->last < 0)
        return state_refuse(w->s, EXIT_NOT_VERIFIED, "no block is final yet: none has a ChainLock, and there are too few above");
    if (n == 0)
        return state_refuse(w->s, EXIT_NOT_VERIFIED,
                            "the headers begin at block %d and are final up to block %d: no multiple of %d lies there",
                            (int)w->first, (int)w->last, (int)w->every);
    if (n > CHECKPOINTS_MOST)
        return state_refuse(w->s, EXIT_USAGE, "--every=%d: that makes more than %d, which nobody takes", (int)w->every,
                            CHECKPOINTS_MOST);
    w->found = mem_alloc_array((size_t)n, sizeof(*w->found));
    if (!w->found)
        return state_refuse(w->s, EXIT_NOT_VERIFIED, "%s", dspv_error_text(DSPV_ENOMEM));
    int rc = check_chain(w);
    terminal_clear(&w->terminal);
    if (rc == EXIT_GOOD)
        rc = w->s->options->json ? print_json(w) : print_lines(w);
    mem_free(w->found);
    return rc;
}

int checkpoints_run(struct options *options)
{
    struct state s;
    int rc = state_open(&s, options);
    if (rc == EXIT_GOOD) {
        struct walk w = {.s = &s,
                         .drawn = monotonic() + QUIET_MS,
                         .every = (int32_t)options->every,
                         .first = headers_first_height(s.headers),
                         .last = headers_final_height(s.headers)};
        terminal_init(&w.terminal, stderr, false);
        rc = answer(&w);
    }
    state_close(&s);
    return rc;
}
