/* Telling a client that the chain grew (protocol.md 3.8, 8.1, 8.2). */
#include "devnode/peer_state.h"
#include "wire/headers.h"
#include "wire/inventory.h"

enum { MOST_ANNOUNCED = 8 };

static void announce_inv(struct devnode_peer *p, uint32_t type, const uint8_t hash[32])
{
    inventory_encode(&p->body, &(struct inventory_item){type, hash256_from(hash)}, 1);
    node_send(p, WIRE_INV);
}

/* By headers only when the client has the parent and asked for headers, else the tip by inv. */
static void announce_blocks(struct devnode_peer *p, int32_t before)
{
    bool by_headers = p->wants_headers || p->wants_headers2;
    if (p->known >= p->tip)
        return;
    if (!by_headers || p->tip - before > MOST_ANNOUNCED || p->known < before) {
        announce_inv(p, INVENTORY_BLOCK, devnode_chain_hash(p->chain, p->tip)->b);
        return;
    }
    int32_t first = p->known + 1;
    struct header_run run = {devnode_chain_header(p->chain, first), devnode_chain_hash(p->chain, first),
                             (uint32_t)(p->tip - p->known)};
    if (p->wants_headers2)
        headers2_encode(&p->body, &run);
    else
        headers_encode(&p->body, &run);
    node_send(p, p->wants_headers2 ? WIRE_HEADERS2 : WIRE_HEADERS);
    p->known = p->tip;
}

/* ChainLocks always, InstantSend locks only to those who relay transactions and did not ask for recovered signatures. */
static void announce_locks(struct devnode_peer *p, int32_t before)
{
    const struct devnode_lock *best = devnode_chain_best_clsig(p->chain, p->tip);
    for (size_t i = 0; i < p->chain->n_locks; i++) {
        const struct devnode_lock *l = &p->chain->locks[i];
        if (l->height <= before || l->height > p->tip)
            continue;
        if (l->kind == DEVNODE_CLSIG ? l == best : p->relay && !p->wants_recsigs)
            announce_inv(p, l->kind, l->hash.b);
    }
}

int devnode_peer_grow(struct devnode_peer *p, int32_t tip)
{
    int32_t before = p->tip;
    if (tip < before || tip > p->chain->tip)
        return DSPV_EMISUSE;
    p->tip = tip;
    if (p->phase == PEER_READY && tip > before) {
        announce_blocks(p, before);
        announce_locks(p, before);
    }
    return p->out.failed ? DSPV_ENOMEM : 0;
}

int devnode_peer_reorganise(struct devnode_peer *p, const struct devnode_chain *chain, int32_t tip)
{
    if (tip > chain->tip)
        return DSPV_EMISUSE;
    p->chain = chain;
    p->tip = tip;
    p->known = -1;
    const struct devnode_lock *best = devnode_chain_best_clsig(chain, tip);
    if (p->phase == PEER_READY)
        announce_inv(p, INVENTORY_BLOCK, devnode_chain_hash(chain, tip)->b);
    if (p->phase == PEER_READY && best)
        announce_inv(p, best->kind, best->hash.b);
    return p->out.failed ? DSPV_ENOMEM : 0;
}
