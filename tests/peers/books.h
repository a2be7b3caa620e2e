/* Made-up addresses and what must always hold of a book. */
#ifndef TESTS_PEERS_BOOKS_H
#define TESTS_PEERS_BOOKS_H

#include "support/data.h"

#include "base/endian.h"
#include "peers/book_tables.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60000 };
#define HOUR_MS ((dspv_ms)3600 * 1000)
#define DAY_MS (24 * HOUR_MS)
#define START_MS ((dspv_ms)1700000000 * 1000)

static inline dspv_addr ipv4(uint32_t ip, uint16_t port)
{
    dspv_addr a;
    memset(&a, 0, sizeof(a));
    a.ip[10] = a.ip[11] = 0xff;
    store_be32(a.ip + 12, ip);
    a.port = port;
    return a;
}

/* The group of the /16 that starts with these two bytes. */
static inline uint64_t group16(uint32_t high)
{
    dspv_addr a = ipv4(high << 16, 1);
    return address_group(&a);
}

static inline struct book *new_book(uint8_t seed_byte)
{
    uint8_t seed[32];
    struct book *b;
    memset(seed, seed_byte, sizeof(seed));
    assert_int_equal(book_new(&b, seed), 0);
    return b;
}

/* Told by `source`, seen just now. */
static inline bool tell(struct book *b, const dspv_addr *addr, uint64_t source, dspv_ms now)
{
    struct book_news news = {addr, 1, source, DSPV_FROM_GOSSIP, now};
    bool added;
    assert_int_equal(book_add(b, &news, now, &added), 0);
    return added;
}

/* Every entry has one place that leads back to it; all counts are right. */
static inline void check_book(struct book *b)
{
    size_t used = 0, tried = 0;
    for (size_t t = 0; t < 2; t++)
        for (size_t i = 0; i < (t ? BOOK_TRIED : BOOK_NEW); i++)
            used += (t ? b->in_tried[i] : b->in_new[i]) != 0;
    assert_int_equal(used, b->n);
    for (size_t i = 0; i < b->n; i++) {
        const struct book_entry *e = &b->entries[i];
        assert_int_equal((e->tried ? b->in_tried : b->in_new)[e->place], i + 1);
        assert_ptr_equal(book_find(b, &e->addr), e);
        assert_int_equal(e->place, e->tried ? book_tried_place(b, &e->addr) : book_new_place(b, &e->addr, e->source));
        tried += e->tried;
    }
    assert_int_equal(tried, book_count_tried(b));
    assert_int_equal(b->index.count, b->n);
    for (size_t k = 0; k < BOOK_NEW_BUCKETS; k++) {
        size_t n = 0;
        for (size_t i = 0; i < BOOK_BUCKET; i++)
            n += b->in_new[k * BOOK_BUCKET + i] != 0;
        assert_int_equal(n, b->new_bucket_n[k]);
    }
}

#endif
