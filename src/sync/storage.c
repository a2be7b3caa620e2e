/* See storage.h. The parts tell what they want written (collect) and learn how it ended (committed, abandoned); a batch that
 * could not be written is thrown away and collected anew, so the state on disk is always that of the end of an input. Read next:
 * header_store.c, engine/save.c, lock_store.c. */
#include "sync/storage.h"

#include "base/fault.h"
#include "store/read.h"
#include "sync/client.h"

enum { MOST_NAME = 64 };

static const char META_KEY[] = "network";

/* ---- whose store it is */

/* 0 with *found; DSPV_EFAULT and *fault; DSPV_ENOMEM; DSPV_ESTORE. A damaged record says nothing: what is in the store is checked
 * anyway, and the record is written again. */
static int check_meta(const struct network *net, const dspv_store *store, bool *found, dspv_fault *fault)
{
    struct writer payload;
    struct reader in;
    bool damaged;
    writer_init(&payload);
    int rc = store_get(store, DSPV_TABLE_META, (struct span){(const uint8_t *)META_KEY, sizeof(META_KEY) - 1}, &payload, found,
                       &damaged);
    if (rc == 0 && *found) {
        reader_init(&in, payload.data, payload.n);
        uint32_t format = reader_u32(&in);
        block_hash genesis = reader_block_hash(&in);
        struct span name = reader_byte_string(&in, MOST_NAME);
        bool same = reader_finish(&in) && block_hash_eq(&genesis, &net->chain.genesis_hash) &&
                    name.n == strlen(net->chain.name) && memcmp(name.p, net->chain.name, name.n) == 0;
        *fault = fault_of(format > STORAGE_FORMAT ? DSPV_NEWER_RECORDS : DSPV_OTHER_NETWORK);
        if (format > STORAGE_FORMAT || !same)
            rc = DSPV_EFAULT;
    }
    writer_free(&payload);
    return rc;
}

int dspv_store_check(const dspv_network *net, const dspv_store *store, dspv_fault *fault)
{
    bool found;
    return check_meta(&net->net, store, &found, fault);
}

static int collect_meta(struct dspv *c)
{
    struct writer *w = &c->body;
    if (c->storage.meta)
        return 0;
    writer_reset(w);
    writer_u32(w, STORAGE_FORMAT);
    writer_hash(w, c->net.chain.genesis_hash.b);
    writer_compact_size(w, strlen(c->net.chain.name));
    writer_bytes(w, c->net.chain.name, strlen(c->net.chain.name));
    bool failed = w->failed;
    if (!failed)
        batch_put(&c->storage.batch, DSPV_TABLE_META, (const uint8_t *)META_KEY, sizeof(META_KEY) - 1, w->data, w->n);
    writer_reset(w);
    return failed ? DSPV_ENOMEM : c->storage.batch.failed;
}

/* ---- taking up */

static int block_at(const void *chain, int32_t height, block_hash *hash, hash256 *root, bool *found)
{
    const struct dspv *c = chain;
    headers_node node = headers_at(c->headers, height);
    *found = false;
    if (node == HEADERS_NONE)
        return 0;
    int rc = headers_hash(c->headers, node, hash);
    return rc == 0 ? client_merkle_root(c, node, hash, root, found) : rc;
}

static int find_block(const void *chain, const block_hash *hash, int32_t *height, hash256 *root, bool *found)
{
    const struct dspv *c = chain;
    headers_node node;
    int rc = headers_look_up(c->headers, hash, &node);
    *found = false;
    if (rc != 0 || !headers_on_best_chain(c->headers, node))
        return rc;
    *height = headers_height(c->headers, node);
    return client_merkle_root(c, node, hash, root, found);
}

static int load_engine(struct dspv *c)
{
    const struct restore_chain chain = {.chain = c, .at = block_at, .find = find_block};
    struct restored r;
    int rc = engine_restore(c->engine, c->storage.saved, c->store, &chain, &r);
    c->storage.restored.lists = r.lists;
    c->storage.restored.quorums = r.quorums;
    c->storage.restored.snapshots = r.snapshots;
    c->storage.restored.left_out += r.left_out;
    return rc;
}

int storage_load(struct dspv *c)
{
    struct storage *s = &c->storage;
    uint64_t seed[2] = {rng_u64(&c->rng), rng_u64(&c->rng)};
    dspv_fault fault;
    if (!c->store)
        return 0;
    s->much = STORAGE_MUCH;
    int rc = check_meta(&c->net, c->store, &s->meta, &fault);
    if (rc == DSPV_EFAULT)
        return DSPV_EMISUSE;
    if (rc == 0)
        rc = saved_new(&s->saved, seed);
    if (rc == 0)
        rc = header_store_load(c, &s->restored.headers, &s->restored.left_out);
    if (rc == 0)
        rc = load_engine(c);
    if (rc == 0)
        rc = lock_store_load(c, &s->restored.locks, &s->restored.left_out);
    if (rc == 0)
        rc = addresses_load(c);
    s->restored.addresses = book_count(c->book);
    return rc;
}

void storage_free(struct dspv *c)
{
    saved_free(c->storage.saved);
    batch_free(&c->storage.batch);
}

void dspv_get_restored(const dspv *c, dspv_restored *out)
{
    *out = c->storage.restored;
}

/* ---- writing */

static int collect(struct dspv *c)
{
    struct batch *b = &c->storage.batch;
    int rc = collect_meta(c);
    if (rc == 0)
        rc = header_store_collect(c, b);
    if (rc == 0)
        rc = engine_save(c->engine, c->storage.saved, lock_store_height(c), b);
    if (rc == 0)
        rc = lock_store_collect(c, b);
    return rc == 0 ? addresses_collect(c, b) : rc;
}

static int write(struct dspv *c)
{
    int rc = collect(c);
    if (rc == 0)
        rc = batch_apply(&c->storage.batch, c->store);
    if (rc != 0) {
        c->storage.unsaved = c->storage.batch.bytes;
        c->storage.retry_at = c->now + STORAGE_RETRY_MS;
        saved_abandoned(c->storage.saved);
        batch_reset(&c->storage.batch);
        return rc;
    }
    c->storage.meta = true;
    header_store_committed(c);
    saved_committed(c->storage.saved);
    lock_store_committed(c);
    addresses_committed(c);
    return 0;
}

bool storage_holds_back(const struct dspv *c)
{
    return c->storage.failed && c->storage.unsaved > c->storage.much;
}

static bool may_wait(const struct dspv *c)
{
    const struct storage *s = &c->storage;
    int64_t more = (int64_t)headers_tip_height(c->headers) - headers_changed_from(c->headers) + 1;
    bool soon = c->now >= s->written && c->now - s->written < STORAGE_WAIT_MS; /* clocks go back */
    return c->store && !s->failed && header_sync_goes_on(c) && soon && more * HEADER_SIZE < (int64_t)s->much;
}

int storage_commit_now(struct dspv *c)
{
    struct storage *s = &c->storage;
    s->waits = false;
    s->written = c->now;
    bool held_back = storage_holds_back(c);
    if (held_back && c->now < s->retry_at)
        return DSPV_ESTORE;
    int rc = c->store && !c->store->read_only ? write(c) : 0;
    s->failed = rc != 0;
    s->resumed = held_back && rc == 0;
    if (rc == 0)
        outputs_commit(&c->outputs);
    return rc;
}

int storage_commit(struct dspv *c)
{
    if (!may_wait(c))
        return storage_commit_now(c);
    c->storage.waits = true;
    return 0;
}

dspv_ms storage_deadline(const struct dspv *c)
{
    const struct storage *s = &c->storage;
    if (s->resumed)
        return c->now;
    if (s->waits)
        return s->written + STORAGE_WAIT_MS;
    return !s->failed ? CLIENT_NEVER : storage_holds_back(c) ? s->retry_at : c->now + STORAGE_RETRY_MS;
}
