/* A commitment that decodes is canonical; its hashes and tests stand any content. */
#include "lists.h"
#include "wire/commitment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader r;
    struct commitment c;
    reader_init(&r, data, n);
    commitment_decode(&r, &c);
    if (!reader_ok(&r))
        return 0;
    struct writer w;
    writer_init(&w);
    commitment_encode(&w, &c);
    must_equal(&w, data, reader_offset(&r));
    hash256 leaf = commitment_leaf(&c), message = commitment_message(&c);
    must(!hash256_eq(&leaf, &message));
    must(!commitment_is_null(&c) || bitspan_count(&c.signers) == 0);
    return 0;
}
