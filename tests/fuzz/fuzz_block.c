/* A block whose header fits: what is proven is the CbTx of its first transaction. One with a single transaction is given the root
 * it needs, so that the fuzzer gets past it. */
#include "fuzz.h"

#include "crypto/sha256.h"
#include "evo/block.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct chain_params params;
    struct cbtx cbtx;
    dspv_fault fault;
    uint8_t *block = malloc(n + 1);
    must(block && chain_params_init(&params, "regtest"));
    if (n > 0)
        memcpy(block, data, n);
    struct header header = {0};
    if (n > 81 && block[80] == 1)
        sha256d(block + 36, block + 81, n - 81);
    if (n >= 80)
        header = header_parse(block);
    int rc = block_prove_coinbase(&params, &header, 500, block, n, &cbtx, &fault);
    must(rc == DSPV_EFAULT || (rc == 0 && cbtx.height == 500 && n > 81));
    must(rc == 0 || (fault.reason != DSPV_OK && fault.offset <= n));
    free(block);
    return 0;
}
