/* snapshots.bin from the recorded qrinfo answers, locks.bin from what a connected client was sent. */
#include <stdlib.h>

#include "base/mem.h"
#include "crypto/sha256.h"
#include "devnode/recording.h"
#include "wire/inventory.h"
#include "wire/locks.h"
#include "wire/qrinfo.h"

/* ---- snapshots */

struct found {
    int32_t cycle;
    struct span raw;
};

struct snapshots {
    struct found *list; /* ascending cycles */
    size_t n, cap;
};

static const char *snapshot_note(struct recording *r, struct snapshots *s, const struct snapshot_msg *m,
                                 const struct mnlistdiff *d)
{
    int32_t work = recording_height(r, &d->block);
    if (work < 0)
        return "a qrinfo's work block is not on the chain";
    struct found found = {work + WORK_DIFF_DEPTH, m->raw};
    size_t at = 0;
    while (at < s->n && s->list[at].cycle < found.cycle)
        at++;
    if (at < s->n && s->list[at].cycle == found.cycle) {
        const struct span *known = &s->list[at].raw;
        return known->n == m->raw.n && memcmp(known->p, m->raw.p, known->n) == 0 ? NULL : "snapshots of one cycle differ";
    }
    void *array = s->list;
    int rc = mem_grow(&array, &s->cap, s->n + 1, sizeof(*s->list));
    s->list = array;
    if (rc != 0)
        return "out of memory";
    memmove(s->list + at + 1, s->list + at, (s->n - at) * sizeof(*s->list));
    s->list[at] = found;
    s->n++;
    return NULL;
}

static const char *snapshots_of(struct recording *r, struct snapshots *s, struct span payload, int proto)
{
    struct qrinfo q;
    dspv_fault fault;
    if (qrinfo_decode(payload.p, payload.n, proto, &r->arena, &q, &fault) != 0)
        return "a recorded qrinfo does not decode";
    const char *wrong = NULL;
    for (int k = QRINFO_H_C; !wrong && k <= (q.extra_share ? QRINFO_H_4C : QRINFO_H_3C); k++)
        wrong = snapshot_note(r, s, &q.snapshots[k], &q.diffs[k]);
    for (uint32_t i = 0; !wrong && i < q.n_older; i++)
        wrong = snapshot_note(r, s, &q.older_snapshots[i], &q.older_diffs[i]);
    return wrong;
}

static const char *snapshots_in(struct recording *r, struct snapshots *s, struct reader *file, int proto)
{
    const char *wrong = NULL;
    while (!wrong && reader_left(file) != 0) {
        reader_bytes(file, 4 + 1);
        reader_bytes(file, (size_t)reader_u8(file) * 4);
        struct span payload = {.n = reader_u32(file)};
        payload.p = reader_bytes(file, payload.n);
        if (!reader_ok(file))
            wrong = "a qrinfo recording is truncated";
        else if (payload.n != 0)
            wrong = snapshots_of(r, s, payload, proto);
    }
    return wrong;
}

const char *recording_write_snapshots(struct recording *r, FILE *out)
{
    static const struct {
        const char *name;
        int proto;
    } files[2] = {{"qrinfo_70240.bin", 70240}, {"qrinfo_70235.bin", 70235}};
    struct snapshots s = {0};
    struct writer w;
    uint8_t *bytes[2] = {0};
    const char *wrong = NULL;
    writer_init(&w);
    for (size_t i = 0; !wrong && i < 2; i++) {
        size_t n;
        struct reader file;
        if (devnode_file_read(r->directory, files[i].name, true, &bytes[i], &n) != 0)
            wrong = "a qrinfo recording cannot be read";
        reader_init(&file, bytes[i], n);
        if (!wrong)
            wrong = snapshots_in(r, &s, &file, files[i].proto);
    }
    for (size_t i = 0; i < s.n; i++) {
        writer_u32(&w, (uint32_t)s.list[i].cycle);
        writer_u32(&w, (uint32_t)s.list[i].raw.n);
        writer_span(&w, s.list[i].raw);
    }
    if (!wrong && !recording_save(&w, out))
        wrong = "cannot write";
    writer_free(&w);
    mem_free(s.list);
    mem_free(bytes[0]);
    mem_free(bytes[1]);
    return wrong;
}

/* ---- locks */

struct locks {
    const struct recording *recording;
    int32_t tip;          /* the highest block announced so far */
    struct map announced; /* lock's inv hash -> tip at that time */
    struct writer w;
};

static void note_inv(struct locks *l, struct span payload)
{
    struct inventory m;
    dspv_fault fault;
    if (inventory_decode(payload.p, payload.n, &m, &fault) != 0)
        return;
    for (uint32_t i = 0; i < m.n; i++) {
        struct inventory_item item = inventory_at(&m, i);
        uint32_t known;
        block_hash block = block_hash_from(item.hash.b);
        int32_t height = item.type == INVENTORY_BLOCK ? recording_height(l->recording, &block) : -1;
        if (height > l->tip)
            l->tip = height;
        if ((item.type == INVENTORY_CLSIG || item.type == INVENTORY_ISDLOCK) && !map_get(&l->announced, item.hash.b, &known))
            l->w.failed |= map_put(&l->announced, item.hash.b, (uint32_t)l->tip) != 0;
    }
}

static const char *note_lock(struct locks *l, uint8_t kind, struct span payload)
{
    struct clsig clsig;
    dspv_fault fault;
    hash256 hash;
    uint32_t tip;
    sha256d(hash.b, payload.p, payload.n);
    if (!map_get(&l->announced, hash.b, &tip))
        return "a lock was sent without an announcement";
    if (kind == INVENTORY_CLSIG) {
        if (clsig_decode(payload.p, payload.n, &clsig, &fault) != 0)
            return "a recorded clsig does not decode";
        if (recording_height(l->recording, &clsig.block) != clsig.height)
            return NULL; /* for a block that did not stay on the chain */
        /* The block itself may have been announced later, or not at all when several came at once. */
        if ((int32_t)tip < clsig.height)
            tip = (uint32_t)clsig.height;
    }
    writer_u32(&l->w, tip);
    writer_u8(&l->w, kind);
    writer_u32(&l->w, (uint32_t)payload.n);
    writer_span(&l->w, payload);
    return NULL;
}

static const char *locks_in(struct locks *l, struct reader *file)
{
    const char *wrong = NULL;
    while (!wrong && reader_left(file) != 0) {
        char command[13] = {0};
        reader_bytes(file, 8);
        const uint8_t *name = reader_bytes(file, 12);
        struct span payload = {.n = reader_u32(file)};
        payload.p = reader_bytes(file, payload.n);
        if (!payload.p || !name)
            return "the live recording is truncated";
        memcpy(command, name, 12);
        if (strcmp(command, "inv") == 0)
            note_inv(l, payload);
        else if (strcmp(command, "clsig") == 0)
            wrong = note_lock(l, INVENTORY_CLSIG, payload);
        else if (strcmp(command, "isdlock") == 0)
            wrong = note_lock(l, INVENTORY_ISDLOCK, payload);
    }
    return wrong;
}

const char *recording_write_locks(struct recording *r, FILE *out)
{
    static const uint64_t seed[2] = {5, 6};
    uint8_t *bytes;
    size_t n;
    struct reader file;
    struct locks l = {.recording = r};
    if (devnode_file_read(r->directory, "live.bin", true, &bytes, &n) != 0)
        return "the live recording cannot be read";
    writer_init(&l.w);
    map_init(&l.announced, seed);
    reader_init(&file, bytes, n);
    const char *wrong = locks_in(&l, &file);
    if (!wrong && !recording_save(&l.w, out))
        wrong = "cannot write";
    map_free(&l.announced);
    writer_free(&l.w);
    mem_free(bytes);
    return wrong;
}
