/* See header_store.h. */
#include "sync/header_store.h"

#include "base/endian.h"
#include "crypto/x11.h"
#include "store/read.h"
#include "sync/client.h"
#include "wire/headers.h"

/* Height up to which the stored chain is ours. */
static int32_t common_height(const struct dspv *c)
{
    headers_node node = c->header_store.any ? headers_find(c->headers, &c->header_store.stored) : HEADERS_NONE;
    while (node != HEADERS_NONE && !headers_on_best_chain(c->headers, node))
        node = headers_prev(c->headers, node);
    return node == HEADERS_NONE ? headers_first_height(c->headers) - 1 : headers_height(c->headers, node);
}

static int32_t stored_height(const struct dspv *c)
{
    headers_node node = c->header_store.any ? headers_find(c->headers, &c->header_store.stored) : HEADERS_NONE;
    return node == HEADERS_NONE ? -1 : headers_height(c->headers, node);
}

static void put_run(struct dspv *c, struct batch *b, int32_t run)
{
    int32_t first = run * HEADER_STORE_RUN, last = first + HEADER_STORE_RUN - 1, tip = headers_tip_height(c->headers);
    uint8_t key[4], raw[4 + HEADER_STORE_RUN * HEADER_SIZE];
    size_t n = 4;
    first = first > headers_first_height(c->headers) ? first : headers_first_height(c->headers);
    last = last < tip ? last : tip;
    store_le32(raw, (uint32_t)first);
    for (int32_t h = first; h <= last; h++, n += HEADER_SIZE) {
        struct header header;
        headers_get(c->headers, headers_at(c->headers, h), &header);
        header_write(&header, raw + n);
    }
    store_be32(key, (uint32_t)run);
    batch_put(b, DSPV_TABLE_HEADERS, key, sizeof(key), raw, n);
}

int header_store_collect(struct dspv *c, struct batch *b)
{
    struct header_store *s = &c->header_store;
    s->next = headers_tip_hash(c->headers);
    s->pending = !s->any || !block_hash_eq(&s->next, &s->stored);
    if (!s->pending)
        return 0;
    int32_t from = common_height(c) + 1, tip = headers_tip_height(c->headers), old = stored_height(c);
    from = from > tip ? tip : from;
    for (int32_t run = from / HEADER_STORE_RUN; run <= tip / HEADER_STORE_RUN; run++)
        put_run(c, b, run);
    for (int32_t run = tip / HEADER_STORE_RUN + 1; run <= old / HEADER_STORE_RUN; run++) {
        uint8_t key[4];
        store_be32(key, (uint32_t)run);
        batch_remove(b, DSPV_TABLE_HEADERS, key, sizeof(key));
    }
    return b->failed;
}

void header_store_committed(struct dspv *c)
{
    if (c->header_store.pending) {
        c->header_store.stored = c->header_store.next;
        c->header_store.any = true;
    }
    c->header_store.pending = false;
}

struct loading {
    struct dspv *c;
    size_t *headers, *left_out;
    bool broken;
};

static int read_run(void *argument, const struct stored *record)
{
    struct loading *l = argument;
    struct reader in;
    reader_init(&in, record->payload.p, record->payload.n);
    l->broken = l->broken || record->damaged;
    if (l->broken)
        ++*l->left_out;
    if (!l->broken)
        reader_u32(&in);
    while (!l->broken && reader_ok(&in) && reader_left(&in) > 0) {
        const uint8_t *raw = reader_bytes(&in, HEADER_SIZE);
        block_hash hash;
        headers_node node;
        dspv_fault fault;
        if (!raw)
            break;
        x11_hash(&hash, raw);
        int rc = headers_add(l->c->headers, raw, &hash, l->c->now / 1000, &node, &fault);
        if (rc == DSPV_ENOMEM)
            return rc;
        l->broken = rc != 0 && headers_tip_height(l->c->headers) > 1;
        *l->headers += rc == 0;
        if (rc == 0) {
            l->c->header_store.stored = hash;
            l->c->header_store.any = true;
        }
    }
    return 0;
}

int header_store_load(struct dspv *c, size_t *headers, size_t *left_out)
{
    struct loading l = {c, headers, left_out, false};
    const struct span any = {NULL, 0};
    return store_scan(c->store, DSPV_TABLE_HEADERS, any, any, read_run, &l);
}
