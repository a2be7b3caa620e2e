/* See book.h: the two tables and what happens to an entry (after Dash Core src/addrman.cpp, whose limits are scaled down; an
 * address has one place in `new`, that of its first source). Invariants: every entry has exactly one place in one table, and
 * every place in use leads to an entry that says so. Choice: book_choose.c; records: book_store.c. */
#include "peers/book_tables.h"

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

enum { MOST_ATTEMPTS_NEW = 3, MOST_ATTEMPTS_TRIED = 10 };
#define MINUTE ((dspv_ms)60000)
#define TRYING_MS MINUTE        /* it is being tried: no verdict yet */
#define FUTURE_MS (10 * MINUTE) /* clocks differ by so much */
#define MIN_FAIL_MS ((dspv_ms)7 * 24 * 60 * MINUTE)
#define SEEN_OFTEN_MS (20 * MINUTE) /* last_seen is worth a change (and a record) after so long */

int book_new(struct book **out, const uint8_t seed[32])
{
    struct book *b = mem_zalloc(sizeof(*b));
    *out = b;
    if (!b)
        return DSPV_ENOMEM;
    rng_init(&b->rng, seed);
    rng_bytes(&b->rng, b->secret, sizeof(b->secret));
    uint64_t map_seed[2] = {rng_u64(&b->rng), rng_u64(&b->rng)};
    map_init(&b->index, map_seed);
    b->head_dirty = true;
    return 0;
}

void book_free(struct book *b)
{
    if (!b)
        return;
    bans_free(&b->bans);
    map_free(&b->index);
    mem_free(b->entries);
    mem_free(b->removed);
    mem_free(b);
}

/* ---- places */

enum label { NEW_BUCKET = 1, NEW_OF_SOURCE, NEW_SLOT, TRIED_BUCKET, TRIED_OF_GROUP, TRIED_SLOT };

/* A number that nobody can foresee who does not know the secret. */
static uint64_t keyed(const struct book *b, enum label label, uint64_t number, const void *more, size_t more_n)
{
    uint8_t text[32 + 1 + 8 + ADDRESS_KEY], hash[32];
    memcpy(text, b->secret, 32);
    text[32] = (uint8_t)label;
    store_le64(text + 33, number);
    memcpy(text + 41, more, more_n);
    sha256(hash, text, 41 + more_n);
    return load_le64(hash);
}

uint16_t book_tried_place(const struct book *b, const dspv_addr *addr)
{
    uint8_t key[ADDRESS_KEY], chosen[1];
    size_t n = address_key(addr, key);
    chosen[0] = (uint8_t)(keyed(b, TRIED_OF_GROUP, 0, key, n) % BOOK_TRIED_PER_GROUP);
    uint64_t bucket = keyed(b, TRIED_BUCKET, address_group(addr), chosen, 1) % BOOK_TRIED_BUCKETS;
    return (uint16_t)(bucket * BOOK_BUCKET + keyed(b, TRIED_SLOT, bucket, key, n) % BOOK_BUCKET);
}

uint16_t book_new_place(const struct book *b, const dspv_addr *addr, uint64_t source)
{
    uint8_t key[ADDRESS_KEY], group[8], chosen[1];
    size_t n = address_key(addr, key);
    store_le64(group, address_group(addr));
    chosen[0] = (uint8_t)(keyed(b, NEW_OF_SOURCE, source, group, 8) % BOOK_NEW_PER_SOURCE);
    uint64_t bucket = keyed(b, NEW_BUCKET, source, chosen, 1) % BOOK_NEW_BUCKETS;
    return (uint16_t)(bucket * BOOK_BUCKET + keyed(b, NEW_SLOT, bucket, key, n) % BOOK_BUCKET);
}

/* ---- entries */

static void index_key(const dspv_addr *addr, uint8_t out[32])
{
    uint8_t key[ADDRESS_KEY];
    sha256(out, key, address_key(addr, key));
}

struct book_entry *book_entry_of(struct book *b, const dspv_addr *addr)
{
    uint8_t key[32];
    uint32_t i;
    index_key(addr, key);
    return map_get(&b->index, key, &i) ? &b->entries[i] : NULL;
}

const struct book_entry *book_find(const struct book *b, const dspv_addr *addr)
{
    uint8_t key[32];
    uint32_t i;
    index_key(addr, key);
    return map_get(&b->index, key, &i) ? &b->entries[i] : NULL;
}

size_t book_count(const struct book *b)
{
    return b->n;
}

size_t book_count_tried(const struct book *b)
{
    size_t n = 0;
    for (size_t i = 0; i < BOOK_TRIED_BUCKETS; i++)
        n += b->tried_bucket_n[i];
    return n;
}

struct book_entry *book_holder(struct book *b, bool tried, uint16_t place)
{
    uint16_t i = tried ? b->in_tried[place] : b->in_new[place];
    return i ? &b->entries[i - 1] : NULL;
}

void book_touch(struct book *b, struct book_entry *e)
{
    e->dirty = b->entries_dirty = true;
}

static void set_place(struct book *b, const struct book_entry *e, size_t value)
{
    (e->tried ? b->in_tried : b->in_new)[e->place] = (uint16_t)value;
}

static void count_place(struct book *b, const struct book_entry *e, int change)
{
    uint16_t *n = e->tried ? &b->tried_bucket_n[e->place / BOOK_BUCKET] : &b->new_bucket_n[e->place / BOOK_BUCKET];
    *n = (uint16_t)(*n + change);
}

int book_insert(struct book *b, const struct book_entry *e)
{
    uint8_t key[32];
    void *entries = b->entries;
    int rc = mem_grow(&entries, &b->cap, b->n + 1, sizeof(*b->entries));
    b->entries = entries;
    index_key(&e->addr, key);
    if (rc == 0)
        rc = map_put(&b->index, key, (uint32_t)b->n);
    if (rc != 0)
        return rc;
    b->entries[b->n++] = *e;
    set_place(b, e, b->n);
    count_place(b, e, 1);
    return 0;
}

void book_erase(struct book *b, struct book_entry *e)
{
    size_t i = (size_t)(e - b->entries), last = b->n - 1;
    uint8_t key[32], record[BOOK_RECORD_KEY];
    book_remember_removed(b, (struct span){record, book_record_key(&e->addr, record)});
    index_key(&e->addr, key);
    map_remove(&b->index, key);
    set_place(b, e, 0);
    count_place(b, e, -1);
    b->n--;
    if (i == last)
        return;
    *e = b->entries[last];
    set_place(b, e, i + 1);
    index_key(&e->addr, key);
    (void)map_put(&b->index, key, (uint32_t)i); /* the key is there: nothing is allocated */
}

bool book_useless(const struct book_entry *e, dspv_ms now)
{
    if (e->last_try != 0 && now - e->last_try < TRYING_MS)
        return false;
    if (e->last_seen > now + FUTURE_MS || now - e->last_seen > BOOK_HORIZON_MS)
        return true;
    if (e->last_success == 0)
        return e->attempts >= MOST_ATTEMPTS_NEW;
    return now - e->last_success > MIN_FAIL_MS && e->attempts >= MOST_ATTEMPTS_TRIED;
}

/* ---- what is heard */

static void hear_again(struct book *b, struct book_entry *e, const struct book_news *news)
{
    bool later = news->last_seen > e->last_seen + SEEN_OFTEN_MS;
    if (later)
        e->last_seen = news->last_seen;
    if (later || (e->origins | news->origin) != e->origins || (e->services | news->services) != e->services)
        book_touch(b, e);
    e->origins |= news->origin;
    e->services |= news->services;
}

/* The holder's group has another address in the bucket, the newcomer's has none: who has a whole network must not keep out the
 * only address of another. */
static bool crowds(const struct book *b, const struct book_entry *holder, const struct book_entry *newcomer)
{
    uint64_t group = address_group(&holder->addr), other = address_group(&newcomer->addr);
    const uint16_t *bucket = &b->in_new[newcomer->place / BOOK_BUCKET * BOOK_BUCKET];
    unsigned alike = 0;
    for (size_t i = 0; i < BOOK_BUCKET; i++) {
        const struct book_entry *e = bucket[i] ? &b->entries[bucket[i] - 1] : NULL;
        if (e && address_group(&e->addr) == other)
            return false;
        alike += e && address_group(&e->addr) == group;
    }
    return alike > 1;
}

int book_add(struct book *b, const struct book_news *news, dspv_ms now, bool *added)
{
    struct book_entry *known = book_entry_of(b, news->addr);
    *added = false;
    if (known) {
        hear_again(b, known, news);
        return 0;
    }
    struct book_entry e = {.addr = *news->addr,
                           .services = news->services,
                           .source = news->source,
                           .last_seen = news->last_seen,
                           .origins = news->origin,
                           .place = book_new_place(b, news->addr, news->source),
                           .dirty = true};
    struct book_entry *holder = book_holder(b, false, e.place);
    if (book_useless(&e, now) || (holder && !book_useless(holder, now) && !crowds(b, holder, &e)))
        return 0;
    if (holder)
        book_erase(b, holder);
    int rc = book_insert(b, &e);
    *added = rc == 0;
    b->entries_dirty |= *added;
    return rc;
}

/* ---- what is tried */

static void count_attempt(struct book_entry *e)
{
    if (e->attempts < UINT16_MAX)
        e->attempts++;
}

void book_attempt(struct book *b, const dspv_addr *addr, dspv_ms now)
{
    struct book_entry *e = book_entry_of(b, addr);
    if (!e)
        return;
    e->last_try = now;
    if (e->last_counted <= b->last_good) {
        e->last_counted = now;
        count_attempt(e);
    }
    book_touch(b, e);
}

void book_failed(struct book *b, const dspv_addr *addr, dspv_ms now)
{
    struct book_entry *e = book_entry_of(b, addr);
    if (!e)
        return;
    e->last_try = e->last_counted = now;
    count_attempt(e);
    book_touch(b, e);
}

/* Into another place of either table, a free one. */
static void move(struct book *b, struct book_entry *e, bool tried, uint16_t place)
{
    size_t value = (size_t)(e - b->entries) + 1;
    set_place(b, e, 0);
    count_place(b, e, -1);
    e->tried = tried;
    e->place = place;
    set_place(b, e, value);
    count_place(b, e, 1);
    book_touch(b, e);
}

/* The newcomer's place in `new` is just where the holder goes. */
static void trade_places(struct book *b, struct book_entry *e, struct book_entry *holder)
{
    uint16_t place = holder->place;
    holder->tried = false;
    holder->place = e->place;
    e->tried = true;
    e->place = place;
    set_place(b, e, (size_t)(e - b->entries) + 1);
    set_place(b, holder, (size_t)(holder - b->entries) + 1);
    book_touch(b, e);
    book_touch(b, holder);
}

/* The holder leaves `tried`. */
static void demote(struct book *b, const dspv_addr *addr)
{
    struct book_entry *e = book_entry_of(b, addr);
    uint16_t back = book_new_place(b, addr, e->source);
    struct book_entry *other = book_holder(b, false, back);
    if (other)
        book_erase(b, other);
    move(b, book_entry_of(b, addr), false, back);
}

void book_promote(struct book *b, const dspv_addr *addr, dspv_ms now)
{
    struct book_entry *e = book_entry_of(b, addr);
    uint16_t place = book_tried_place(b, addr);
    struct book_entry *holder = book_holder(b, true, place);
    if (!e || e->tried)
        return;
    if (holder && book_useless(holder, now)) {
        book_erase(b, holder);
    } else if (holder && book_new_place(b, &holder->addr, holder->source) == e->place) {
        trade_places(b, e, holder);
        return;
    } else if (holder) {
        dspv_addr leaving = holder->addr;
        demote(b, &leaving);
    }
    move(b, book_entry_of(b, addr), true, place);
}

static void note_collision(struct book *b, const dspv_addr *addr, dspv_ms now)
{
    for (size_t i = 0; i < b->n_collisions; i++)
        if (address_eq(&b->collisions[i].newcomer, addr))
            return;
    if (b->n_collisions < BOOK_MOST_COLLISIONS)
        b->collisions[b->n_collisions++] = (struct book_collision){*addr, now};
}

void book_good(struct book *b, const dspv_addr *addr, uint64_t services, dspv_ms now)
{
    struct book_entry *e = book_entry_of(b, addr);
    b->last_good = now;
    if (!e)
        return;
    e->last_seen = e->last_try = e->last_success = now;
    e->attempts = 0;
    e->services = services;
    book_touch(b, e);
    const struct book_entry *holder = book_holder(b, true, book_tried_place(b, addr));
    if (e->tried)
        return;
    if (!holder || book_useless(holder, now))
        book_promote(b, addr, now);
    else
        note_collision(b, addr, now);
}

void book_left(struct book *b, const dspv_addr *addr, dspv_ms now)
{
    struct book_entry *e = book_entry_of(b, addr);
    if (!e || now - e->last_seen < SEEN_OFTEN_MS)
        return;
    e->last_seen = now;
    book_touch(b, e);
}

void book_remove(struct book *b, const dspv_addr *addr)
{
    struct book_entry *e = book_entry_of(b, addr);
    if (e)
        book_erase(b, e);
}

void book_set_anchors(struct book *b, const dspv_addr *anchors, size_t n)
{
    bool same = n == b->n_anchors;
    for (size_t i = 0; same && i < n; i++)
        same = address_eq(&anchors[i], &b->anchors[i]);
    if (same)
        return;
    b->n_anchors = n;
    for (size_t i = 0; i < n; i++)
        b->anchors[i] = anchors[i];
    b->head_dirty = true;
}
