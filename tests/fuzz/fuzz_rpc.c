/* What an RPC server says: whatever is taken from it is of the size it must have, and what is refused leaves nothing. */
#include "fuzz.h"

#include "base/mem.h"
#include "io/rpc_codec.h"

static void check(const char *why, uint8_t *data, size_t n, size_t least, size_t most)
{
    must(why ? !data && n == 0 : data && n >= least && n <= most);
    mem_free(data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    uint8_t *out;
    size_t length;
    const char *text = (const char *)data, *why = rpc_answer_block(text, n, &out, &length);
    check(why, out, length, 1, n / 2);
    why = rpc_answer_chainlock(text, n, &out, &length);
    check(why, out, length, RPC_CLSIG_SIZE, RPC_CLSIG_SIZE);
    return 0;
}
