/* See batch.h. Nothing moves once it was copied, so the operations point straight into the arena. */
#include "store/batch.h"

#include "base/mem.h"
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
    arena_free(&b->arena);
    b->n = b->bytes = 0;
    b->failed = 0;
}

static void fail(struct batch *b, int rc)
{
    if (b->failed == 0)
        b->failed = rc;
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

void batch_put(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n, const void *payload, size_t n)
{
    static const uint8_t something[1]; /* a value is not NULL, or it were a removal */
    size_t value_n = n <= RECORD_MOST_PAYLOAD ? n + RECORD_SEAL : SIZE_MAX;
    uint8_t *value = add(b, (dspv_store_op){table, key, key_n, something, value_n});
    if (!value)
        return;
    if (n > 0)
        memcpy(value, payload, n);
    record_checksum(value + n, table, (struct span){key, key_n}, (struct span){value, n});
}

void batch_remove(struct batch *b, dspv_table table, const uint8_t *key, size_t key_n)
{
    add(b, (dspv_store_op){table, key, key_n, NULL, 0});
}

int batch_apply(struct batch *b, const dspv_store *store)
{
    int rc = b->failed;
    if (rc == 0 && b->n > 0)
        rc = store->apply(store->context, b->ops, b->n);
    if (rc == 0)
        batch_reset(b);
    return rc;
}
