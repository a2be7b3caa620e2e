/* Transactions that can be told apart: number n puts "last" = n into one table and a record of its own into two others. What is
 * found later says which transactions are there, and whether any is there by halves. */
#ifndef TESTS_STORE_NUMBERED_H
#define TESTS_STORE_NUMBERED_H

#include "support/data.h"

#include "dashspv/store.h"

enum { NUMBERED_MOST = 8192, NUMBERED_VALUE = 64, NUMBERED_LONGEST = 30000 };

struct numbered {
    uint32_t last;
    bool headers[NUMBERED_MOST], lists[NUMBERED_MOST];
    size_t wrong; /* records that are not what was ever written */
};

/* Values have NUMBERED_VALUE .. NUMBERED_LONGEST bytes. What apply returned. */
int numbered_write(const dspv_store *store, uint32_t number, size_t value_n);
/* Read it all; the first failure of a scan, what was read until then is in `out`. */
int numbered_read(const dspv_store *store, struct numbered *out);
/* All transactions up to `last` are there as a whole, and nothing else. */
bool numbered_whole(const struct numbered *n, uint32_t last);

#endif
