/* See addresses.h. Public answers about peers: peers_api.c. */
#include "sync/addresses.h"

#include "sync/client.h"
#include "sync/peer_record.h"
#include "store/read.h"

static const char peers_key[] = "peers";

int addresses_load(struct dspv *c)
{
    struct addresses *a = &c->known;
    struct span key = {(const uint8_t *)peers_key, sizeof(peers_key) - 1};
    bool found, damaged;
    int rc = book_load(c->book, c->store, c->now);
    writer_reset(&a->stored);
    if (rc == 0)
        rc = store_get(c->store, DSPV_TABLE_META, key, &a->stored, &found, &damaged);
    if (rc == 0 && (!found || a->stored.n > ADDRESSES_MOST_PEERS_RECORD))
        writer_reset(&a->stored);
    connections_loaded(c);
    return rc;
}

void addresses_free(struct dspv *c)
{
    book_free(c->book);
    writer_free(&c->known.stored);
}

/* ---- what is due */

static bool book_due(const struct dspv *c)
{
    const struct book *b = c->book;
    if (!c->config.discover && !b->bans.dirty)
        return false;
    return b->head_dirty || b->bans.dirty || (b->entries_dirty && c->now - c->known.saved_at >= ADDRESSES_SAVE_MS);
}

/* Differs when others are connected. */
static uint64_t who(const struct dspv *c)
{
    uint64_t sum = c->n_peers;
    for (size_t i = 0; i < c->n_peers; i++)
        sum = sum * 1000003 + c->peers[i]->conn * 4 + c->peers[i]->state;
    return sum;
}

static dspv_ms peers_due_at(const struct dspv *c)
{
    const struct addresses *a = &c->known;
    if (who(c) != a->peers_seen)
        return a->peers_saved_at + ADDRESSES_PEERS_MS;
    return c->n_peers > 0 ? a->peers_saved_at + ADDRESSES_COUNTERS_MS : CLIENT_NEVER;
}

dspv_ms addresses_deadline(const struct dspv *c)
{
    bool writes = c->store && !c->store->read_only && !c->storage.failed && !c->storage.waits;
    return writes ? peers_due_at(c) : CLIENT_NEVER;
}

static int collect_peers(struct dspv *c, struct batch *out)
{
    struct writer w;
    writer_init(&w);
    peer_record_write(c, &w);
    if (!w.failed)
        batch_put(out, DSPV_TABLE_META, (const uint8_t *)peers_key, sizeof(peers_key) - 1, w.data, w.n);
    int rc = w.failed ? DSPV_ENOMEM : out->failed;
    writer_free(&w);
    return rc;
}

int addresses_collect(struct dspv *c, struct batch *out)
{
    struct addresses *a = &c->known;
    int rc = 0;
    a->book_out = book_due(c);
    a->peers_out = c->now >= peers_due_at(c);
    if (a->book_out)
        rc = book_collect(c->book, out);
    if (rc == 0 && a->peers_out)
        rc = collect_peers(c, out);
    return rc;
}

void addresses_committed(struct dspv *c)
{
    struct addresses *a = &c->known;
    if (a->book_out) {
        book_committed(c->book);
        a->saved_at = c->now;
    }
    if (a->peers_out) {
        a->peers_seen = who(c);
        a->peers_saved_at = c->now;
    }
    a->book_out = a->peers_out = false;
}
