/* A snapshot that a stranger gives to `dashspv import`: whatever is in it, records come out in order, of known kinds and bounded, or it
 * is refused with a reason; and what was read whole is, written again, the same bytes. */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>

#include "cli/stream.h"

struct copy {
    struct stream_writer out;
    int last_table;
};

static int on_record(void *argument, dspv_table table, struct span key, struct span value)
{
    struct copy *c = argument;
    must((int)table >= c->last_table && table < DSPV_TABLE_COUNT && table != DSPV_TABLE_ADDRESSES);
    must(key.n >= 1 && key.n <= DSPV_STORE_MOST_KEY && value.n <= DSPV_STORE_MOST_VALUE && stream_wants(table, key));
    c->last_table = (int)table;
    return stream_write(&c->out, table, key, value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct network net;
    char why[STREAM_ERROR_SIZE] = "", *again = NULL;
    size_t again_n = 0;
    struct copy c = {.last_table = -1};
    must(net.n_llmqs != 0 || network_init(&net, "regtest"));
    FILE *in = n ? fmemopen((void *)(uintptr_t)data, n, "rb") : NULL, *out = open_memstream(&again, &again_n);
    must(out != NULL && stream_begin(&c.out, out, &net) == 0);
    int rc = in ? stream_read(in, &net, on_record, &c, why) : DSPV_EFAULT;
    must(rc == 0 || rc == DSPV_EFAULT);
    must(rc == 0 || !in || why[0]);
    must(stream_end(&c.out) == 0 && fclose(out) == 0);
    must(rc != 0 || (again_n == n && memcmp(again, data, n) == 0));
    stream_writer_free(&c.out);
    free(again);
    if (in)
        fclose(in);
    return 0;
}
