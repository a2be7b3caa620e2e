#include "engine/served.h"

enum { PROTO = 70240 };

void served_open(struct served *s, const char *folder)
{
    char error[DEVNODE_ERROR_SIZE];
    if (devnode_chain_load(&s->chain, fixture_path(folder), error) != 0)
        fail_msg("%s", error);
}

void served_close(struct served *s)
{
    devnode_chain_free(s->chain);
}

/* The writer's content as memory of the C library. */
static struct bytes taken(struct writer *w)
{
    assert_false(w->failed);
    struct bytes b = {malloc(w->n), w->n};
    memcpy(b.p, w->data, w->n);
    writer_free(w);
    return b;
}

struct bytes served_diff(const struct served *s, int32_t base, int32_t target)
{
    const struct devnode_view v = {s->chain, s->chain->tip, PROTO};
    struct getmnlistd ask = {.block = *devnode_chain_hash(s->chain, target)};
    if (base >= 0)
        ask.base = *devnode_chain_hash(s->chain, base);
    struct writer w;
    writer_init(&w);
    assert_int_equal(devnode_answer_mnlistdiff(&v, &ask, &w), 0);
    return taken(&w);
}

struct bytes served_qrinfo(const struct served *s, int32_t tip, const int32_t *bases, size_t n_bases, int32_t request,
                           bool extra_share)
{
    const struct devnode_view v = {s->chain, tip, PROTO};
    block_hash hashes[8];
    assert_true(n_bases <= 8);
    for (size_t i = 0; i < n_bases; i++)
        hashes[i] = *devnode_chain_hash(s->chain, bases[i]);
    const struct getqrinfo ask = {hashes, (uint32_t)n_bases, *devnode_chain_hash(s->chain, request), extra_share};
    struct writer w;
    writer_init(&w);
    assert_int_equal(devnode_answer_qrinfo(&v, &ask, &w), 0);
    return taken(&w);
}

int served_apply_diff(struct engine *e, const uint8_t *payload, size_t n, dspv_fault *fault)
{
    struct arena arena;
    struct mnlistdiff d;
    arena_init(&arena, 0);
    int error = mnlistdiff_decode(payload, n, PROTO, &arena, &d, fault);
    if (error == 0)
        error = engine_apply_diff(e, &d, fault);
    arena_free(&arena);
    return error;
}

int served_feed_qrinfo(struct engine *e, const uint8_t *payload, size_t n, dspv_fault *fault)
{
    struct arena arena;
    struct qrinfo q;
    arena_init(&arena, 0);
    int error = qrinfo_decode(payload, n, PROTO, &arena, &q, fault);
    if (error == 0)
        error = engine_feed_qrinfo(e, &q, NULL, fault);
    arena_free(&arena);
    return error;
}

void served_apply_full(const struct served *s, struct engine *e, int32_t height)
{
    struct bytes b = served_diff(s, -1, height);
    dspv_fault fault;
    if (served_apply_diff(e, b.p, b.n, &fault) != 0)
        fail_msg("height %d: %s", height, dspv_reason_name(fault.reason));
    free(b.p);
}
