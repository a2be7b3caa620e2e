#include "llmq/made_up.h"

#include "crypto/sha256.h"

enum { PROTO = 70230, ENTRY_SIZE = 512 };

static void derive(uint8_t out[32], uint32_t id, uint8_t what)
{
    const uint8_t seed[] = {(uint8_t)id, (uint8_t)(id >> 8), (uint8_t)(id >> 16), (uint8_t)(id >> 24), what};
    sha256(out, seed, sizeof(seed));
}

protx_hash made_up_protx(uint32_t id)
{
    protx_hash h;
    derive(h.b, id, 'p');
    return h;
}

/* The network form, as protocol.md 4.4 has it; written here by hand so that it does not depend on the encoder. */
static void write_entry(struct writer *w, const struct made_up_mn *d)
{
    uint16_t version = d->version ? d->version : 2;
    uint8_t hash[32] = {0};
    writer_u16(w, version);
    writer_hash(w, made_up_protx(d->id).b);
    if (!d->unconfirmed)
        derive(hash, d->id, 'c');
    writer_hash(w, hash);
    if (version == 3) {
        uint8_t bytes[256];
        size_t n = strlen(d->net_info_hex) / 2;
        assert_true(n <= sizeof(bytes) && hex_decode(d->net_info_hex, bytes, n));
        writer_bytes(w, bytes, n);
    } else {
        const uint8_t none[18] = {0}, mapped[16] = {[10] = 0xff, [11] = 0xff, [12] = 1, 2, 3, 4};
        writer_bytes(w, d->port ? mapped : none, 16);
        writer_u16_be(w, d->port);
    }
    writer_bytes(w, d->key, 48);
    writer_bytes(w, hash, 20);
    writer_u8(w, !d->banned);
    if (version < 2)
        return;
    writer_u16(w, d->type);
    if (d->type == 1) {
        if (version == 2)
            writer_u16(w, 443);
        writer_bytes(w, d->node_id, 20);
    }
}

static struct mnentry decode(const struct writer *w)
{
    struct reader r;
    struct mnentry e;
    reader_init(&r, w->data, w->n);
    mnentry_decode(&r, PROTO, 0, &e);
    assert_true(reader_finish(&r));
    return e;
}

struct masternode *made_up_masternode(const struct made_up_mn *d)
{
    struct writer w;
    writer_init(&w);
    write_entry(&w, d);
    struct mnentry e = decode(&w);
    struct masternode *m = masternode_new(&e);
    assert_non_null(m);
    writer_free(&w);
    return m;
}

struct mnlist *made_up_list(const struct made_up_mn *d, size_t n)
{
    struct writer *w = calloc(n + 1, sizeof(*w));
    struct mnlistdiff diff = {.proto = PROTO, .version = 1, .n_entries = (uint32_t)n};
    diff.entries = calloc(n + 1, sizeof(*diff.entries));
    for (size_t i = 0; i < n; i++) {
        writer_init(&w[i]);
        write_entry(&w[i], &d[i]);
        diff.entries[i] = decode(&w[i]);
    }
    struct mnlist *list = NULL;
    dspv_fault fault;
    assert_int_equal(mnlist_apply(NULL, NULL, &diff, &list, &fault), 0);
    assert_int_equal(mnlist_count(list), n);
    for (size_t i = 0; i < n; i++)
        writer_free(&w[i]);
    free(w);
    free(diff.entries);
    return list;
}

struct mnstate made_up_state(struct mnlist *list, uint32_t block_id)
{
    struct mnstate s = {.refs = 1, .list = list};
    derive(s.block.b, block_id, 'b');
    return s;
}

struct made_up_mn made_up_distinct(uint32_t id, bool evo)
{
    struct made_up_mn d = {.id = id, .type = evo, .port = (uint16_t)(1000 + id)};
    derive(d.key, id, 'k');
    d.key[0] = (uint8_t)(0x80 | (d.key[0] & 0x3f));
    if (evo)
        memcpy(d.node_id, d.key + 1, 20);
    return d;
}
