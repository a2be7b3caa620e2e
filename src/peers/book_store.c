/* See book.h: the book as records. What is read is a stranger's word like any other: an address whose record makes no sense is
 * left out, places are computed again, and there is never more than the tables hold. Integers are little-endian. */
#include "base/mem.h"
#include "peers/book_tables.h"
#include "store/read.h"

enum { RECORD_VERSION = 1, MOST_SCANNED = 4 * (BOOK_MOST + BANS_MOST), MOST_REMOVED = 2 * BOOK_MOST };
#define DAY ((dspv_ms)24 * 3600 * 1000)
static const uint8_t record_kind = 'a';
static const char head_key[] = "book";

size_t book_record_key(const dspv_addr *addr, uint8_t key[BOOK_RECORD_KEY])
{
    key[0] = record_kind;
    return 1 + address_key(addr, key + 1);
}

void book_remember_removed(struct book *b, struct span key)
{
    void *removed = b->removed;
    if (!b->keeps_removed || b->n_removed >= MOST_REMOVED)
        return;
    int rc = mem_grow(&removed, &b->cap_removed, b->n_removed + 1, sizeof(*b->removed));
    b->removed = removed;
    if (rc != 0)
        return;
    uint8_t *slot = b->removed[b->n_removed++];
    slot[0] = (uint8_t)key.n;
    memcpy(slot + 1, key.p, key.n);
    b->entries_dirty = true;
}

/* ---- writing */

static void write_entry(struct writer *w, const struct book_entry *e)
{
    writer_u8(w, RECORD_VERSION);
    writer_u8(w, e->origins);
    writer_u8(w, e->tried);
    writer_u16(w, e->attempts);
    writer_u64(w, e->services);
    writer_u64(w, e->source);
    writer_u64(w, (uint64_t)e->last_seen);
    writer_u64(w, (uint64_t)e->last_try);
    writer_u64(w, (uint64_t)e->last_success);
}

static void write_head(struct writer *w, const struct book *b)
{
    writer_u8(w, RECORD_VERSION);
    writer_bytes(w, b->secret, sizeof(b->secret));
    writer_u64(w, (uint64_t)b->last_good);
    writer_u8(w, (uint8_t)b->n_anchors);
    for (size_t i = 0; i < b->n_anchors; i++) {
        uint8_t key[ADDRESS_KEY];
        size_t n = address_key(&b->anchors[i], key);
        writer_compact_size(w, n);
        writer_bytes(w, key, n);
    }
}

/* One record, whose payload `w` holds; it is empty afterwards. */
static void put(struct batch *out, dspv_table table, const uint8_t *key, size_t key_n, struct writer *w)
{
    if (!w->failed)
        batch_put(out, table, key, key_n, w->data, w->n);
    w->n = 0; /* a failure stays latched */
}

static void collect_bans(const struct bans *bans, struct batch *out, struct writer *w)
{
    for (size_t i = 0; i < bans->n; i++) {
        const struct ban *ban = &bans->items[i];
        uint8_t key[BANS_RECORD_KEY];
        if (!ban->dirty)
            continue;
        size_t n = ban_record(ban, key, w);
        if (ban->gone) {
            batch_remove(out, DSPV_TABLE_ADDRESSES, key, n);
            w->n = 0;
        } else {
            put(out, DSPV_TABLE_ADDRESSES, key, n, w);
        }
    }
}

static void collect_entries(const struct book *b, struct batch *out, struct writer *w)
{
    for (size_t i = 0; i < b->n_removed; i++)
        batch_remove(out, DSPV_TABLE_ADDRESSES, b->removed[i] + 1, b->removed[i][0]);
    for (size_t i = 0; i < b->n; i++) {
        uint8_t key[BOOK_RECORD_KEY];
        if (!b->entries[i].dirty)
            continue;
        write_entry(w, &b->entries[i]);
        put(out, DSPV_TABLE_ADDRESSES, key, book_record_key(&b->entries[i].addr, key), w);
    }
}

bool book_dirty(const struct book *b)
{
    return b->head_dirty || b->entries_dirty || b->bans.dirty;
}

int book_collect(const struct book *b, struct batch *out)
{
    struct writer w;
    writer_init(&w);
    if (b->entries_dirty)
        collect_entries(b, out, &w);
    if (b->bans.dirty)
        collect_bans(&b->bans, out, &w);
    if (b->head_dirty || b->entries_dirty) {
        write_head(&w, b);
        put(out, DSPV_TABLE_META, (const uint8_t *)head_key, sizeof(head_key) - 1, &w);
    }
    int rc = w.failed ? DSPV_ENOMEM : out->failed;
    writer_free(&w);
    return rc;
}

void book_committed(struct book *b)
{
    for (size_t i = 0; b->entries_dirty && i < b->n; i++)
        b->entries[i].dirty = false;
    mem_free(b->removed);
    b->removed = NULL;
    b->n_removed = b->cap_removed = 0;
    b->head_dirty = b->entries_dirty = false;
    bans_committed(&b->bans);
}

/* ---- reading */

struct loading {
    struct book *book;
    dspv_ms now;
    size_t scanned;
};

static bool time_sound(dspv_ms t, dspv_ms now)
{
    return t >= 0 && t <= now + DAY;
}

/* False: the record makes no sense. */
static bool read_entry(struct span key, struct span payload, dspv_ms now, struct book_entry *out)
{
    struct reader r;
    reader_init(&r, payload.p, payload.n);
    uint8_t version = reader_u8(&r);
    memset(out, 0, sizeof(*out));
    out->origins = reader_u8(&r);
    out->tried = reader_bool(&r);
    out->attempts = reader_u16(&r);
    out->services = reader_u64(&r);
    out->source = reader_u64(&r);
    out->last_seen = reader_i64(&r);
    out->last_try = out->last_counted = reader_i64(&r);
    out->last_success = reader_i64(&r);
    return reader_finish(&r) && version == RECORD_VERSION && address_from_key(key.p + 1, key.n - 1, &out->addr) &&
           time_sound(out->last_seen, now) && time_sound(out->last_try, now) && time_sound(out->last_success, now) &&
           out->last_success <= out->last_try && (!out->tried || out->last_success > 0);
}

/* *rc: 0 or DSPV_ENOMEM. False: there is no room for it. */
static bool restore_entry(struct book *b, struct book_entry *e, int *rc)
{
    *rc = 0;
    if (book_entry_of(b, &e->addr))
        return false;
    e->place = e->tried ? book_tried_place(b, &e->addr) : book_new_place(b, &e->addr, e->source);
    if (e->tried && book_holder(b, true, e->place)) {
        e->tried = false; /* under another secret two may meet */
        e->dirty = b->entries_dirty = true;
        e->place = book_new_place(b, &e->addr, e->source);
    }
    if (book_holder(b, e->tried, e->place))
        return false;
    *rc = book_insert(b, e);
    return true;
}

static int take_record(void *argument, const struct stored *record)
{
    struct loading *l = argument;
    struct book_entry e;
    int rc = 0;
    bool kept = false;
    if (l->scanned++ >= MOST_SCANNED)
        return 0; /* whatever this is, it is no book of ours */
    if (!record->damaged && record->key.n > 1 && record->key.p[0] == record_kind)
        kept = read_entry(record->key, record->payload, l->now, &e) && restore_entry(l->book, &e, &rc);
    else if (!record->damaged)
        kept = bans_restore(&l->book->bans, record->key, record->payload, l->now, &rc);
    if (rc == 0 && !kept)
        book_remember_removed(l->book, record->key);
    return rc;
}

/* Secret and anchors; without a good record the secret is a new one. */
static void read_head(struct book *b, struct span payload, dspv_ms now)
{
    struct reader r;
    dspv_addr anchors[BOOK_ANCHORS];
    size_t n = 0;
    reader_init(&r, payload.p, payload.n);
    uint8_t version = reader_u8(&r);
    const uint8_t *secret = reader_bytes(&r, sizeof(b->secret));
    dspv_ms last_good = reader_i64(&r);
    uint8_t wanted = reader_u8(&r);
    bool sound = wanted <= BOOK_ANCHORS;
    for (; sound && n < wanted; n++) {
        struct span key = reader_byte_string(&r, ADDRESS_KEY);
        sound = reader_ok(&r) && address_from_key(key.p, key.n, &anchors[n]);
    }
    if (!reader_finish(&r) || !sound || version != RECORD_VERSION || !time_sound(last_good, now))
        return;
    memcpy(b->secret, secret, sizeof(b->secret));
    for (size_t i = 0; i < n; i++)
        b->anchors[i] = anchors[i];
    b->n_anchors = n;
    b->last_good = last_good;
    b->head_dirty = false;
}

int book_load(struct book *b, const dspv_store *store, dspv_ms now)
{
    struct loading l = {.book = b, .now = now};
    struct writer payload;
    bool found, damaged;
    b->keeps_removed = true;
    writer_init(&payload);
    int rc = store_get(store, DSPV_TABLE_META, (struct span){(const uint8_t *)head_key, sizeof(head_key) - 1}, &payload, &found,
                       &damaged);
    if (rc == 0 && found)
        read_head(b, (struct span){payload.data, payload.n}, now);
    writer_free(&payload);
    return rc == 0 ? store_scan(store, DSPV_TABLE_ADDRESSES, (struct span){0}, (struct span){0}, take_record, &l) : rc;
}
