/* A client on a disk whose records are sealed well and hold what the input says: it starts, or says that the store is another
 * network's; nothing of it is proven, and what does not fit goes with the first transaction. Input: records, each table, length of
 * the key, key, length of the payload (LE16), payload. */
#include "dashspv/answers.h"
#include "fuzz.h"
#include "store/batch.h"
#include "store/memory.h"
#include "sync/client.h"

static void fill(struct store_memory *disk, struct reader *r)
{
    struct batch b;
    batch_init(&b);
    while (reader_ok(r) && reader_left(r) > 0) {
        dspv_table table = (dspv_table)(reader_u8(r) % DSPV_TABLE_COUNT);
        size_t key_n = reader_u8(r) % DSPV_STORE_MOST_KEY + 1;
        const uint8_t *key = reader_bytes(r, key_n);
        size_t n = reader_u16(r);
        const uint8_t *payload = reader_bytes(r, n < reader_left(r) ? n : reader_left(r));
        if (reader_ok(r))
            batch_put(&b, table, key, key_n, payload, (size_t)(r->p - payload));
    }
    must(batch_apply(&b, store_memory_seam(disk)) == 0);
    batch_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t seed[32] = {1};
    static const dspv_ms now = 1700000000000;
    struct store_memory *disk;
    struct reader r;
    dspv_network *net;
    dspv_restored restored;
    dspv *c;
    reader_init(&r, data, n);
    must(store_memory_new(&disk) == 0 && dspv_network_new(&net, "regtest") == 0);
    fill(disk, &r);
    for (int i = 0; i < 2; i++) {
        int rc = dspv_new(&c, net, NULL, store_memory_seam(disk), seed, now);
        must(rc == 0 || rc == DSPV_EMISUSE);
        if (rc != 0)
            break;
        must(dspv_verify_now(c, now) == 0); /* ends with a transaction */
        must(engine_list_count(client_engine(c)) == 0 && engine_quorum_count(client_engine(c)) == 0);
        dspv_get_restored(c, &restored);
        must(restored.lists == 0 && restored.quorums == 0 && restored.snapshots == 0);
        dspv_free(c);
        must(store_memory_count(disk, DSPV_TABLE_LISTS) == 0 && store_memory_count(disk, DSPV_TABLE_QUORUMS) == 0);
        must(store_memory_count(disk, DSPV_TABLE_MASTERNODES) == 0 && store_memory_count(disk, DSPV_TABLE_SNAPSHOTS) == 0);
    }
    dspv_network_free(net);
    store_memory_free(disk);
    return 0;
}
