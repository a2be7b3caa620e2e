/* What dashspv.h tells about peers, addresses and bans. */
#include "sync/client.h"
#include "sync/peer_record.h"

size_t dspv_peer_count(const dspv *c)
{
    return c->n_peers;
}

bool dspv_peer_at(const dspv *c, size_t i, dspv_peer *out)
{
    memset(out, 0, sizeof(*out));
    if (i >= c->n_peers)
        return false;
    const struct peer *p = c->peers[i];
    const struct address *a = &c->addresses[p->address];
    out->conn = p->conn;
    out->addr = a->addr;
    out->origins = a->origins;
    out->score = p->score;
    out->since = p->opened;
    out->bytes_received = p->received;
    out->bytes_sent = p->sent;
    if (p->state != PEER_READY)
        return true;
    out->ready = true;
    out->protocol = p->common;
    out->services = p->services;
    memcpy(out->user_agent, p->user_agent, sizeof(out->user_agent));
    int32_t told = p->told == HEADERS_NONE ? -1 : headers_height(c->headers, p->told);
    out->height = told > p->start_height ? told : p->start_height;
    return true;
}

bool dspv_stored_peer_at(const dspv *c, size_t i, dspv_peer *out, dspv_ms *when)
{
    return peer_record_read((struct span){c->known.stored.data, c->known.stored.n}, i, out, when);
}

void dspv_get_addresses(const dspv *c, dspv_addresses *out)
{
    const struct book *b = c->book;
    *out = (dspv_addresses){.addresses = (uint32_t)book_count(b),
                            .tried = (uint32_t)book_count_tried(b),
                            .bans = (uint32_t)bans_count(&b->bans, c->now),
                            .anchors = (uint32_t)b->n_anchors};
    for (size_t i = 0; i < b->n; i++) {
        const struct book_entry *e = &b->entries[i];
        uint32_t net = address_net(&e->addr);
        out->ipv4 += net == DSPV_NET_IPV4;
        out->ipv6 += net == DSPV_NET_IPV6;
        out->onion += net == DSPV_NET_ONION;
        out->from_dns += (e->origins & DSPV_FROM_DNS) != 0;
        out->from_seeds += (e->origins & DSPV_FROM_SEED) != 0;
        out->from_gossip += (e->origins & DSPV_FROM_GOSSIP) != 0;
        out->from_list += (e->origins & DSPV_FROM_LIST) != 0;
    }
}

bool dspv_ban_at(const dspv *c, size_t i, dspv_ban *out)
{
    const struct ban *ban = bans_at(&c->book->bans, i, c->now);
    if (!ban)
        return false;
    *out = (dspv_ban){ban_addr(ban), ban->reason, ban->times, ban->since, ban->until};
    return true;
}

bool dspv_unban(dspv *c, const dspv_addr *addr, dspv_ms now)
{
    c->now = now;
    if (!bans_lift(&c->book->bans, addr))
        return false;
    for (size_t i = 0; i < c->n_addresses; i++)
        if (!bans_find(&c->book->bans, &c->addresses[i].addr, now) && c->addresses[i].retry_at > now + CONNECTIONS_MOST_RETRY_MS)
            c->addresses[i].retry_at = now;
    connections_look_again(c);
    return true;
}
