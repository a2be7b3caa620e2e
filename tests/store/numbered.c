/* See numbered.h. A value is its number, then the number's low byte to the end. */
#include "store/numbered.h"

#include "base/endian.h"

int numbered_write(const dspv_store *store, uint32_t number, size_t value_n)
{
    static uint8_t value[NUMBERED_LONGEST];
    uint8_t key[4];
    store_be32(key, number);
    memset(value, (int)number, value_n);
    store_be32(value, number);
    const dspv_store_op ops[] = {{DSPV_TABLE_META, (const uint8_t *)"last", 4, value, value_n},
                                 {DSPV_TABLE_HEADERS, key, 4, value, value_n},
                                 {DSPV_TABLE_LISTS, key, 4, value, NUMBERED_VALUE}};
    return store->apply(store->context, ops, 3);
}

struct reading {
    struct numbered *out;
    dspv_table table;
};

static bool read_record(void *argument, const uint8_t *key, size_t key_n, const uint8_t *value, size_t value_n)
{
    const struct reading *r = argument;
    bool good = value_n >= NUMBERED_VALUE && value_n <= NUMBERED_LONGEST && key_n == 4;
    uint32_t number = good ? load_be32(value) : 0;
    good = good && number < NUMBERED_MOST;
    for (size_t i = 4; good && i < value_n; i++)
        good = value[i] == (uint8_t)number;
    good = good && (r->table == DSPV_TABLE_META ? memcmp(key, "last", 4) == 0 : load_be32(key) == number);
    if (!good)
        r->out->wrong++;
    else if (r->table == DSPV_TABLE_META)
        r->out->last = number;
    else
        (r->table == DSPV_TABLE_HEADERS ? r->out->headers : r->out->lists)[number] = true;
    return true;
}

int numbered_read(const dspv_store *store, struct numbered *out)
{
    static const dspv_table tables[] = {DSPV_TABLE_META, DSPV_TABLE_HEADERS, DSPV_TABLE_LISTS};
    int first = 0;
    memset(out, 0, sizeof(*out));
    for (size_t i = 0; i < 3; i++) {
        struct reading r = {out, tables[i]};
        int rc = store->scan(store->context, tables[i], NULL, 0, NULL, 0, read_record, &r);
        first = first != 0 ? first : rc;
    }
    return first;
}

bool numbered_whole(const struct numbered *n, uint32_t last)
{
    bool good = n->wrong == 0 && n->last == last;
    for (uint32_t i = 1; i < NUMBERED_MOST; i++)
        good = good && n->headers[i] == (i <= last) && n->lists[i] == (i <= last);
    return good;
}
