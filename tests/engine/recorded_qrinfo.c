#include "engine/recorded_qrinfo.h"

#include "base/endian.h"

static const char *file_name(const char *folder, const char *file)
{
    static char name[128];
    snprintf(name, sizeof(name), "regtest/%s/%s", folder, file);
    return name;
}

/* One record; returns its size. */
static size_t read_record(struct answers *a, const uint8_t *p, int proto)
{
    struct answer *r = &a->items[a->n];
    memset(r, 0, sizeof(*r));
    r->requested = (int32_t)load_le32(p);
    r->extra_share = p[4];
    r->n_bases = p[5];
    assert_true(r->n_bases <= 8);
    for (size_t i = 0; i < r->n_bases; i++)
        r->bases[i] = (int32_t)load_le32(p + 6 + 4 * i);
    size_t head = 6 + 4 * r->n_bases + 4, n = load_le32(p + head - 4);
    dspv_fault fault;
    if (n > 0) {
        assert_int_equal(qrinfo_decode(p + head, n, proto, &a->arena, &r->q, &fault), 0);
        a->n++;
    }
    return head + n;
}

void answers_open(struct answers *a, const char *folder, int proto)
{
    char name[32];
    memset(a, 0, sizeof(*a));
    arena_init(&a->arena, 0);
    snprintf(name, sizeof(name), "qrinfo_%d.bin", proto);
    a->file = data_load(file_name(folder, name));
    a->items = calloc(1000, sizeof(*a->items));
    for (size_t at = 0; at < a->file.n;) {
        assert_true(a->n < 1000);
        at += read_record(a, a->file.p + at, proto);
    }
    a->states = data_load(file_name(folder, "mnlistdiff_from_genesis.bin"));
    a->full = calloc(1000, sizeof(*a->full));
    for (size_t at = 0; at < a->states.n;) {
        a->tip = (int32_t)load_le32(a->states.p + at);
        size_t n = load_le32(a->states.p + at + 4);
        dspv_fault fault;
        assert_true(a->tip < 1000);
        assert_int_equal(mnlistdiff_decode(a->states.p + at + 8, n, proto, &a->arena, &a->full[a->tip], &fault), 0);
        at += 8 + n;
    }
}

void answers_close(struct answers *a)
{
    arena_free(&a->arena);
    free(a->file.p);
    free(a->states.p);
    free(a->items);
    free(a->full);
}

const struct answer *answers_find(const struct answers *a, int32_t from, int32_t to, bool extra_share)
{
    const struct answer *best = NULL;
    for (size_t i = 0; i < a->n; i++) {
        const struct answer *r = &a->items[i];
        if (r->n_bases == 0 && r->extra_share == extra_share && r->requested >= from && r->requested <= to &&
            (!best || r->requested > best->requested))
            best = r;
    }
    return best;
}

void answers_apply(const struct answers *a, struct engine *e, int32_t height)
{
    dspv_fault fault;
    assert_true(height > 0 && height <= a->tip);
    if (engine_apply_diff(e, &a->full[height], &fault) != 0)
        fail_msg("height %d: %s", height, dspv_reason_name(fault.reason));
}
