/* Any bytes as a stored value: what opens is what record_seal makes of its payload, and nothing else does.
 * Input: table, length of the key, key, value. */
#include "fuzz.h"
#include "store/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 2)
        return 0;
    dspv_table table = (dspv_table)(data[0] % DSPV_TABLE_COUNT);
    size_t key_n = data[1] < n - 2 ? data[1] : n - 2;
    struct span key = {data + 2, key_n}, value = {data + 2 + key_n, n - 2 - key_n}, payload;
    bool opened = record_open(table, key, value, &payload);
    if (key_n < 1 || key_n > DSPV_STORE_MOST_KEY) {
        must(!opened);
        return 0;
    }
    struct writer w;
    writer_init(&w);
    if (opened) {
        record_seal(&w, table, key, payload);
        must_equal(&w, value.p, value.n);
        return 0;
    }
    /* The same bytes as a payload. */
    struct span again;
    record_seal(&w, table, key, value);
    must(record_open(table, key, (struct span){w.data, w.n}, &again));
    must(again.n == value.n && (value.n == 0 || memcmp(again.p, value.p, value.n) == 0));
    writer_free(&w);
    return 0;
}
