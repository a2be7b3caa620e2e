/* See batch.h. Nothing moves once it was copied, so the operations point straight into the arena. Values that follow each other
 * with payloads of one length, as runs of headers do, are sealed together. */
#include "store/batch.h"

#include "base/mem.h"
#include "crypto/sha256.h"
#include "store/op.h"
#include "store/record.h"

void batch_init(struct batch *b)
{
    *b = (struct batch){0};
    arena_init(&b->arena, 0);
}

void batch_free(struct batch *b)
{
    arena_free(&b->arena);
    mem_free(b->ops);
    batch_init(b);
}

void batch_reset(struct batch *b)
{
    arena_reset(&b->arena);
    b->n = b->bytes = b->n_unsealed = 0;
    b->failed = 0;
}

static void fail(struct batch *b, int rc)
{
    if (b->failed == 0)
        b->failed = rc;
}

static size_t payload_n(const dspv_store_op *op)
{
    return op->value_n - RECORD_SEAL;
}

static void seal(struct batch *b)
{
    const uint8_t *payloads[BATCH_SEALS];
    hash256 hashes[BATCH_SEALS];
    if (b->n_unsealed == 0)
        return;
    const dspv_store_op *ops = b->ops + (b->n - b->n_unsealed);
    const size_t n = payload_n(ops);
    for (size_t i = 0; i < b->n_unsealed; i++)
        payloads[i] = b->unsealed[i];
    sha256_many(hashes, payloads, n, b->n_unsealed);
    for (size_t i = 0; i < b->n_unsealed; i++)
        record_checksum_of(b->unsealed[i] + n, ops[i].table, (struct span){ops[i].key, ops[i].key_n}, &hashes[i]);
    b->n_unsealed = 0;
}

/* Room for one operation with `value_n` bytes behind its key; the key is copied. NULL after a failure. */
static uint8_t *add(struct batch *b, dspv_store_op op)
{
    if (b->failed)
        return NULL;
    if (!op_sound(&op)) {
        fail(b, DSPV_EMISUSE);
        return NULL;
    }
    if (b->n_unsealed == BATCH_SEALS || (b->n_unsealed > 0 && op.value_n != b->ops[b->n - 1].value_n))
        seal(b);
    void *ops = b->ops;
    uint8_t *copy = arena_alloc(&b->arena, op.key_n + op.value_n);
    if (!copy || mem_grow(&ops, &b->cap, b->n + 1, sizeof(*b->ops)) != 0) {
        fail(b, DSPV_ENOMEM);
        return NULL;
    }
    b->ops = ops;
    memcpy(copy, op.key, op.key_n);
    op.key = copy;
    if (op.value)
        op.value = copy + op.key_n;
    b->ops[b->n++] = op;
    b->bytes += op.key_n + op.value_n;
    return copy + op.key_n;
}

uint8_t *batch_put_room(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n, size_t n)
{
    static const uint8_t something[1]; /* a value is not NULL, or it were a removal */
    size_t value_n = n <= RECORD_MOST_PAYLOAD ? n + RECORD_SEAL : SIZE_MAX;
    uint8_t *value = add(b, (dspv_store_op){table, key, key_n, something, value_n});
    if (value)
        b->unsealed[b->n_unsealed++] = value;
    return value;
}

void batch_put(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n, const void *payload, size_t n)
{
    uint8_t *room = batch_put_room(b, table, key, key_n, n);
    if (room && n > 0)
        memcpy(room, payload, n);
}

void batch_remove(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n)
{
    add(b, (dspv_store_op){table, key, key_n, NULL, 0});
}

int batch_apply(struct batch *b, const dspv_store *store)
{
    int rc = b->failed;
    if (rc == 0)
        seal(b);
    if (rc == 0 && b->n > 0)
        rc = store->apply(store->context, b->ops, b->n);
    if (rc == 0)
        batch_reset(b);
    return rc;
}
