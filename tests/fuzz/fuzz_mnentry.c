/* An entry that decodes is canonical, and its addresses can be listed and printed. The second byte is the diff's version. */
#include "lists.h"
#include "wire/mnentry.h"

static void print_addresses(const struct mnentry *e)
{
    struct net_address found[12];
    size_t n = mnentry_addresses(e, found, 12);
    must(n <= 12);
    for (size_t i = 0; i < n; i++) {
        char text[320];
        net_address_text(&found[i], text, sizeof(text));
        size_t length = strlen(text);
        must(length >= 3 && length < sizeof(text) - 1);
        for (size_t k = 0; k < length; k++)
            must(text[k] > 0x20 && text[k] < 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    int proto = fuzz_proto(&data, &n);
    if (n == 0)
        return 0;
    uint16_t diff_version = *data++;
    struct reader r;
    struct mnentry e;
    reader_init(&r, data, n - 1);
    mnentry_decode(&r, proto, diff_version, &e);
    if (!reader_ok(&r))
        return 0;
    struct writer w;
    writer_init(&w);
    mnentry_encode(&w, proto, &e);
    must_equal(&w, data, reader_offset(&r));
    print_addresses(&e);
    return 0;
}
