/* See miner.h. */
#include "chain/miner.h"

#include "chain/pow.h"
#include "crypto/x11.h"

struct mined mine_header(struct header h, bool meets)
{
    struct mined m;
    arith256 target = pow_target_of(h.bits);
    do {
        header_write(&h, m.raw);
        x11_hash(&m.hash, m.raw);
        h.nonce++;
    } while (pow_meets(&m.hash, &target) != meets);
    return m;
}

struct mined mine_after(const block_hash *prev, uint32_t time, uint32_t salt)
{
    struct header h = {.version = 4, .prev = *prev, .time = time, .bits = 0x207fffff};
    store_le32(h.merkle_root.b, salt);
    return mine_header(h, true);
}
