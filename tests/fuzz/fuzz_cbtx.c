/* A CbTx payload that decodes is canonical; a transaction may be any bytes and is as long as it says. */
#include "lists.h"
#include "wire/tx.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader r;
    struct tx tx;
    reader_init(&r, data, n);
    tx_decode(&r, &tx);
    must(!reader_ok(&r) || (tx.raw.p == data && tx.raw.n == reader_offset(&r)));
    struct cbtx c;
    reader_init(&r, data, n);
    cbtx_decode(&r, &c);
    if (!reader_ok(&r))
        return 0;
    struct writer w;
    writer_init(&w);
    cbtx_encode(&w, &c);
    must_equal(&w, data, n);
    must(!cbtx_has_chainlock(&c) || c.version >= 3);
    return 0;
}
