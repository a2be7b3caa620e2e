/* See book.h: whom to connect to. Buckets are chosen alike however full they are, so a source that fills its 16 buckets is not
 * chosen more often than one that fills as many with few. Chances are fractions of CERTAIN: no floating point. */
#include "peers/book_tables.h"
#include "wire/version.h"

enum { CERTAIN = 1 << 16, DRAWS = 64, MOST_COUNTED_ATTEMPTS = 8, PERCENT_MORE = 20 };
#define SECOND ((dspv_ms)1000)
#define MINUTE (60 * SECOND)
#define JUST_NOW_MS (10 * MINUTE)
#define WAIT_MS MINUTE /* doubles with every failure */
#define MOST_WAIT_MS (6 * 60 * MINUTE)
#define URGENT_WAIT_MS (5 * SECOND) /* likewise */
#define URGENT_MOST_WAIT_MS MINUTE
#define TESTED_MS (240 * MINUTE) /* a holder that worked within this time keeps its place */
#define TEST_TAKES_MS MINUTE
#define UNTESTED_MS (40 * MINUTE) /* a newcomer waits so long for the test */

static dspv_ms wait_before(const struct book_entry *e, bool urgent)
{
    dspv_ms wait = urgent ? URGENT_WAIT_MS : WAIT_MS, most = urgent ? URGENT_MOST_WAIT_MS : MOST_WAIT_MS;
    for (unsigned i = 0; i < e->attempts && wait < most; i++)
        wait *= 2;
    return wait < most ? wait : most;
}

static bool offers_blocks(const struct book_entry *e)
{
    return e->services == 0 || (e->services & (SERVICE_NETWORK | SERVICE_NETWORK_LIMITED)) != 0;
}

static bool may_try(const struct book_entry *e, bool urgent, dspv_ms now)
{
    return e->last_try == 0 || e->last_try > now || now - e->last_try >= wait_before(e, urgent);
}

static bool fits(const struct book *b, const struct book_filter *f, const struct book_entry *e, dspv_ms now)
{
    return (address_net(&e->addr) & f->nets) && !(f->only_new && e->tried) && offers_blocks(e) && may_try(e, f->urgent, now) &&
           !(f->taken && f->taken(f->context, e)) && !bans_find(&b->bans, &e->addr, now);
}

static uint32_t chance(const struct book_entry *e, dspv_ms now)
{
    uint32_t c = CERTAIN;
    if (e->last_try != 0 && now - e->last_try < JUST_NOW_MS)
        c /= 100;
    for (unsigned i = 0; i < e->attempts && i < MOST_COUNTED_ATTEMPTS; i++)
        c = c / 3 * 2;
    return c;
}

/* An entry of a bucket by chance, and every bucket that holds any alike. NULL: the table is empty. */
static const struct book_entry *draw(struct book *b, bool tried)
{
    const uint16_t *counts = tried ? b->tried_bucket_n : b->new_bucket_n, *table = tried ? b->in_tried : b->in_new;
    size_t buckets = tried ? BOOK_TRIED_BUCKETS : BOOK_NEW_BUCKETS, used = 0, i = 0;
    for (size_t k = 0; k < buckets; k++)
        used += counts[k] > 0;
    if (used == 0)
        return NULL;
    for (uint64_t skip = rng_below(&b->rng, used);; i++)
        if (counts[i] > 0 && skip-- == 0)
            break;
    uint64_t skip = rng_below(&b->rng, counts[i]);
    for (size_t k = i * BOOK_BUCKET; k < (i + 1) * BOOK_BUCKET; k++)
        if (table[k] && skip-- == 0)
            return &b->entries[table[k] - 1];
    return NULL;
}

static const struct book_entry *draw_fitting(struct book *b, const struct book_filter *f, dspv_ms now)
{
    bool tried = !f->only_new && rng_below(&b->rng, 2) == 0;
    uint64_t factor = 100;
    for (unsigned i = 0; i < DRAWS; i++) {
        const struct book_entry *e = draw(b, tried);
        if (e && fits(b, f, e, now) && rng_below(&b->rng, CERTAIN) < chance(e, now) * factor / 100)
            return e;
        factor += factor * PERCENT_MORE / 100;
        if (!e || i == DRAWS / 2)
            tried = !f->only_new && !tried;
    }
    return NULL;
}

/* Few fit: one of those with the fewest failures. */
static const struct book_entry *search(struct book *b, const struct book_filter *f, dspv_ms now)
{
    const struct book_entry *best = NULL;
    uint64_t alike = 0;
    for (size_t i = 0; i < b->n; i++) {
        const struct book_entry *e = &b->entries[i];
        if ((best && e->attempts > best->attempts) || !fits(b, f, e, now))
            continue;
        alike = best && e->attempts == best->attempts ? alike + 1 : 1;
        if (rng_below(&b->rng, alike) == 0)
            best = e;
    }
    return best;
}

bool book_choose(struct book *b, const struct book_filter *f, dspv_ms now, dspv_addr *out)
{
    const struct book_entry *e = draw_fitting(b, f, now);
    if (!e)
        e = search(b, f, now);
    if (e)
        *out = e->addr;
    return e != NULL;
}

size_t book_available(const struct book *b, const struct book_filter *f, dspv_ms now, size_t most)
{
    size_t n = 0;
    for (size_t i = 0; n < most && i < b->n; i++)
        n += fits(b, f, &b->entries[i], now);
    return n;
}

/* ---- collisions */

static void drop_collision(struct book *b, size_t i)
{
    b->n_collisions--;
    memmove(&b->collisions[i], &b->collisions[i + 1], (b->n_collisions - i) * sizeof(b->collisions[0]));
}

bool book_to_test(struct book *b, uint32_t nets, dspv_ms now, dspv_addr *out)
{
    for (size_t i = 0; i < b->n_collisions; i++) {
        const struct book_entry *holder = book_holder(b, true, book_tried_place(b, &b->collisions[i].newcomer));
        bool due = holder && (address_net(&holder->addr) & nets) && now - holder->last_try > TEST_TAKES_MS &&
                   !bans_find(&b->bans, &holder->addr, now);
        if (due) {
            *out = holder->addr;
            return true;
        }
    }
    return false;
}

void book_settle(struct book *b, dspv_ms now)
{
    for (size_t i = b->n_collisions; i-- > 0;) {
        struct book_collision c = b->collisions[i];
        const struct book_entry *e = book_find(b, &c.newcomer), *holder = book_holder(b, true, book_tried_place(b, &c.newcomer));
        bool gone = !e || e->tried || bans_find(&b->bans, &c.newcomer, now);
        bool works = holder && now - holder->last_success < TESTED_MS;
        bool failed = holder && !works && now - holder->last_try < TESTED_MS && now - holder->last_try > TEST_TAKES_MS;
        if (!gone && !works && (!holder || failed || now - c.since > UNTESTED_MS))
            book_promote(b, &c.newcomer, now);
        else if (!gone && !works)
            continue;
        drop_collision(b, i);
    }
}
