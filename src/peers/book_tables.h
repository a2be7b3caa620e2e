/* The book's inner functions, shared by book.c, book_choose.c and book_store.c. */
#ifndef PEERS_BOOK_TABLES_H
#define PEERS_BOOK_TABLES_H

#include "peers/book.h"

/* Where an address belongs, in `tried`, or in `new` when `source` told of it. */
uint16_t book_tried_place(const struct book *b, const dspv_addr *addr);
uint16_t book_new_place(const struct book *b, const dspv_addr *addr, uint64_t source);
/* NULL: the place is free. */
struct book_entry *book_holder(struct book *b, bool tried, uint16_t place);
struct book_entry *book_entry_of(struct book *b, const dspv_addr *addr);
/* Append an entry, which gets its place, a free one. 0 or DSPV_ENOMEM. */
int book_insert(struct book *b, const struct book_entry *e);
/* The last entry takes its place in the array. */
void book_erase(struct book *b, struct book_entry *e);
/* Into `tried`, whose holder goes back to `new`, where it may push somebody out. */
void book_promote(struct book *b, const dspv_addr *addr, dspv_ms now);
void book_touch(struct book *b, struct book_entry *e);
/* The key of an address's record. Returns its size. */
size_t book_record_key(const dspv_addr *addr, uint8_t key[BOOK_RECORD_KEY]);
/* A record is to go with the next transaction. Without memory to remember that it stays: an address more to try, the next time. */
void book_remember_removed(struct book *b, struct span key);

#endif
