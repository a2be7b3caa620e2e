/* The address book: a store full of records that the input makes up (their seals are good), then a life that the input decides.
 * The tables stay whole, what is stored comes back the same, and what makes no sense is gone with the next transaction. */
#include "fuzz.h"
#include "peers/book_tables.h"
#include "store/memory.h"

enum { MOST_RECORDS = 64, MOST_STEPS = 400 };
#define NOW ((dspv_ms)1700000000 * 1000)

static void check(struct book *b)
{
    size_t used = 0, tried = 0;
    for (size_t i = 0; i < BOOK_NEW; i++)
        used += b->in_new[i] != 0;
    for (size_t i = 0; i < BOOK_TRIED; i++)
        used += b->in_tried[i] != 0;
    must(used == b->n && b->index.count == b->n);
    for (size_t i = 0; i < b->n; i++) {
        const struct book_entry *e = &b->entries[i];
        must((e->tried ? b->in_tried : b->in_new)[e->place] == i + 1 && book_find(b, &e->addr) == e);
        tried += e->tried;
    }
    must(tried == book_count_tried(b));
}

static struct book *load(const dspv_store *store)
{
    static const uint8_t seed[32] = {1};
    struct book *b;
    must(book_new(&b, seed) == 0 && book_load(b, store, NOW) == 0);
    check(b);
    return b;
}

static void save(struct book *b, const dspv_store *store)
{
    struct batch batch;
    batch_init(&batch);
    must(book_collect(b, &batch) == 0 && batch_apply(&batch, store) == 0);
    book_committed(b);
    must(!book_dirty(b));
    batch_free(&batch);
}

/* Record: table, key and payload by their sizes. */
static void make_up(struct reader *script, const dspv_store *store)
{
    struct batch batch;
    uint8_t sizes = reader_u8(script);
    dspv_table table = sizes & 0x80 ? DSPV_TABLE_META : DSPV_TABLE_ADDRESSES;
    size_t key_n = 1 + (sizes & 0x3f) % DSPV_STORE_MOST_KEY, n = reader_u8(script);
    const uint8_t *key = table == DSPV_TABLE_META ? (const uint8_t *)"book" : reader_bytes(script, key_n);
    const uint8_t *payload = reader_bytes(script, n);
    if (!payload || !key)
        return;
    batch_init(&batch);
    batch_put(&batch, table, key, table == DSPV_TABLE_META ? 4 : key_n, payload, n);
    must(batch_apply(&batch, store) == 0);
    batch_free(&batch);
}

static void step(struct reader *script, struct book *b, dspv_ms *now)
{
    const struct book_filter any = {.nets = DSPV_NET_ALL};
    uint8_t op = reader_u8(script), where = reader_u8(script), source = reader_u8(script);
    dspv_addr addr = {.port = (uint16_t)(1 + op / 16)}, out;
    bool added;
    addr.ip[10] = addr.ip[11] = 0xff;
    addr.ip[12] = 5;
    addr.ip[13] = where;
    struct book_news news = {&addr, 1, source, DSPV_FROM_GOSSIP, *now - (dspv_ms)source * 3600000};
    *now += (dspv_ms)source * 100000;
    switch (op % 8) {
    case 0: book_attempt(b, &addr, *now); break;
    case 1: book_good(b, &addr, source % 8, *now); break;
    case 2: book_failed(b, &addr, *now); break;
    case 3: book_settle(b, *now); break;
    case 4: (void)book_choose(b, &any, *now, &out); break;
    case 5: must(bans_add(&b->bans, &addr, (dspv_reason)(source % DSPV_REASON_COUNT), *now) == 0); break;
    case 6: book_promote(b, &addr, *now); break;
    default: must(book_add(b, &news, *now, &added) == 0); break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct store_memory *m;
    struct reader script;
    dspv_ms now = NOW;
    reader_init(&script, data, n);
    must(store_memory_new(&m) == 0);
    const dspv_store *store = store_memory_seam(m);
    for (unsigned i = reader_u8(&script) % MOST_RECORDS; i > 0 && reader_left(&script) > 0; i--)
        make_up(&script, store);
    struct book *b = load(store);
    save(b, store);
    must(store_memory_count(m, DSPV_TABLE_ADDRESSES) == b->n + b->bans.n);
    for (unsigned i = 0; i < MOST_STEPS && reader_left(&script) > 0; i++)
        step(&script, b, &now);
    check(b);
    save(b, store);
    book_free(b);
    store_memory_free(m);
    return 0;
}
