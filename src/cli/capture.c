/* See capture.h. A file is tried as one thing after the other, in a fixed order; each attempt must account for every byte. When
 * none does, the attempt that came furthest says what is wrong: the name of a file is never believed. */
#include "cli/capture.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "cli/capture_internal.h"
#include "wire/command.h"
#include "wire/layout.h"

enum { LARGEST_FILE = 1 << 30, CHUNK = 1 << 16, CLSIG_SIZE = 4 + 32 + 96 };

void capture_init(struct capture *c, const struct network *net)
{
    *c = (struct capture){.net = net};
    arena_init(&c->arena, 0);
}

void capture_free(struct capture *c)
{
    arena_free(&c->arena);
    mem_free(c->items);
    mem_free(c->blocks);
}

int capture_refuse(struct capture_problem *problem, enum capture_verdict verdict, const char *file, size_t offset,
                   const char *reason, const char *format, ...)
{
    problem->verdict = verdict;
    problem->file = file;
    problem->offset = offset;
    snprintf(problem->reason, sizeof(problem->reason), "%s", reason);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->text, sizeof(problem->text), format, arguments);
    va_end(arguments);
    return DSPV_EFAULT;
}

int capture_add_item(struct capture *c, const struct capture_item *item)
{
    if (mem_grow((void **)&c->items, &c->cap_items, c->n_items + 1, sizeof(*c->items)) != 0)
        return DSPV_ENOMEM;
    c->items[c->n_items++] = *item;
    return 0;
}

int capture_add_block(struct capture *c, const struct capture_block *block)
{
    if (mem_grow((void **)&c->blocks, &c->cap_blocks, c->n_blocks + 1, sizeof(*c->blocks)) != 0)
        return DSPV_ENOMEM;
    c->blocks[c->n_blocks++] = *block;
    return 0;
}

void *capture_copy(struct capture *c, const void *value, size_t size)
{
    void *copy = arena_alloc(&c->arena, size);
    if (copy)
        memcpy(copy, value, size);
    return copy;
}

/* To the end, also of something that is no regular file. `*buffer` is the caller's to free. */
static int read_open_file(FILE *f, const char *path, uint8_t **buffer, size_t *n, struct capture_problem *problem)
{
    size_t cap = 0, got;
    for (*n = 0;; *n += got) {
        void *grown = *buffer;
        int rc = mem_grow(&grown, &cap, *n + CHUNK, 1);
        *buffer = grown;
        if (rc != 0)
            return rc;
        got = fread(*buffer + *n, 1, CHUNK, f);
        if (ferror(f))
            return capture_refuse(problem, CAPTURE_MALFORMED, path, *n, "UNREADABLE", "cannot be read: %s", strerror(errno));
        if (got == 0)
            return 0;
        if (*n + got > LARGEST_FILE)
            return capture_refuse(problem, CAPTURE_MALFORMED, path, LARGEST_FILE, "TOO_LARGE", "is larger than 1 GiB");
    }
}

int capture_read(struct capture *c, const char *path, struct span *out, struct capture_problem *problem)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        return capture_refuse(problem, CAPTURE_MALFORMED, path, 0, "UNREADABLE", "cannot be opened: %s", strerror(errno));
    uint8_t *buffer = NULL;
    int rc = read_open_file(f, path, &buffer, &out->n, problem);
    fclose(f);
    if (rc == 0) {
        out->p = out->n > 0 ? capture_copy(c, buffer, out->n) : (const uint8_t *)"";
        rc = out->p ? 0 : DSPV_ENOMEM;
    }
    mem_free(buffer);
    return rc;
}

/* ---- one file, tried as several things */

struct attempt {
    struct capture *c;
    const char *file;
    struct span bytes;
    bool failed;
    struct capture_problem furthest;
};

static int fail(struct attempt *a, const char *what, size_t record, size_t base, const dspv_fault *fault)
{
    size_t offset = base + fault->offset;
    if (a->failed && offset <= a->furthest.offset)
        return DSPV_EFAULT;
    a->failed = true;
    char where[48] = "";
    if (record > 0)
        snprintf(where, sizeof(where), ", record %zu", record);
    return capture_refuse(&a->furthest, CAPTURE_MALFORMED, a->file, offset, dspv_reason_name(fault->reason), "as %s%s: %s", what,
                          where, dspv_reason_text(fault->reason));
}

static int fail_reader(struct attempt *a, const char *what, size_t record, const struct reader *r)
{
    dspv_fault fault;
    reader_fault(r, &fault);
    return fail(a, what, record, 0, &fault);
}

static int decode_diff(struct span bytes, int proto, struct arena *arena, struct capture_item *item, dspv_fault *fault)
{
    item->diff = arena_alloc(arena, sizeof(*item->diff));
    if (!item->diff)
        return DSPV_ENOMEM;
    return proto ? mnlistdiff_decode(bytes.p, bytes.n, proto, arena, item->diff, fault)
                 : mnlistdiff_decode_any(bytes.p, bytes.n, arena, item->diff, fault);
}

static int decode_qrinfo(struct span bytes, int proto, struct arena *arena, struct capture_item *item, dspv_fault *fault)
{
    item->qrinfo = arena_alloc(arena, sizeof(*item->qrinfo));
    if (!item->qrinfo)
        return DSPV_ENOMEM;
    return proto ? qrinfo_decode(bytes.p, bytes.n, proto, arena, item->qrinfo, fault)
                 : qrinfo_decode_any(bytes.p, bytes.n, arena, item->qrinfo, fault);
}

static int decode_clsig(struct span bytes, int proto, struct arena *arena, struct capture_item *item, dspv_fault *fault)
{
    (void)proto;
    item->clsig = arena_alloc(arena, sizeof(*item->clsig));
    return item->clsig ? clsig_decode(bytes.p, bytes.n, item->clsig, fault) : DSPV_ENOMEM;
}

static int decode_isdlock(struct span bytes, int proto, struct arena *arena, struct capture_item *item, dspv_fault *fault)
{
    (void)proto;
    item->isdlock = arena_alloc(arena, sizeof(*item->isdlock));
    return item->isdlock ? isdlock_decode(bytes.p, bytes.n, item->isdlock, fault) : DSPV_ENOMEM;
}

/* By enum capture_kind. `proto` 0 = any layout. */
static const struct {
    const char *name;
    int (*decode)(struct span bytes, int proto, struct arena *arena, struct capture_item *item, dspv_fault *fault);
    bool layouts;
} kinds[] = {
    {"mnlistdiff", decode_diff, true},
    {"qrinfo", decode_qrinfo, true},
    {"clsig", decode_clsig, false},
    {"isdlock", decode_isdlock, false},
};

/* Which layout a broken message was meant to have is not known: the one that came furthest. */
static void furthest_fault(enum capture_kind kind, struct span bytes, dspv_fault *fault)
{
    static const int layouts[] = {LAYOUT_CLSIGS,     LAYOUT_VERSION_FIRST, LAYOUT_ENTRY_VERSION,
                                  LAYOUT_ENTRY_TYPE, LAYOUT_DIFF_VERSION,  LAYOUT_OLDEST};
    for (size_t i = 0; kinds[kind].layouts && i < sizeof(layouts) / sizeof(layouts[0]); i++) {
        struct arena scratch;
        struct capture_item item;
        dspv_fault found;
        arena_init(&scratch, 0);
        if (kinds[kind].decode(bytes, layouts[i], &scratch, &item, &found) == DSPV_EFAULT && found.offset > fault->offset)
            *fault = found;
        arena_free(&scratch);
    }
}

static int take_message(struct attempt *a, enum capture_kind kind, struct span bytes, size_t base, size_t record)
{
    struct capture_item item = {.kind = kind, .file = a->file, .record = record};
    dspv_fault fault;
    int rc = kinds[kind].decode(bytes, 0, &a->c->arena, &item, &fault);
    if (rc == 0)
        return capture_add_item(a->c, &item);
    if (rc != DSPV_EFAULT)
        return rc;
    furthest_fault(kind, bytes, &fault);
    return fail(a, kinds[kind].name, record, base, &fault);
}

static int take_whole(struct attempt *a, enum capture_kind kind) { return take_message(a, kind, a->bytes, 0, 0); }

/* ---- records */

struct record {
    enum capture_kind kind;
    bool skip;
    uint32_t length;
};

typedef void record_head(struct reader *r, struct record *out);

static void head_lp(struct reader *r, struct record *out) { *out = (struct record){CAPTURE_DIFF, false, reader_u32(r)}; }

static void head_height(struct reader *r, struct record *out)
{
    reader_bytes(r, 4);
    head_lp(r, out);
}

static void head_pair(struct reader *r, struct record *out)
{
    reader_bytes(r, 8);
    head_lp(r, out);
}

static void head_qrinfo(struct reader *r, struct record *out)
{
    reader_bytes(r, 4);
    reader_bool(r);
    reader_bytes(r, (size_t)reader_u8(r) * 4);
    uint32_t length = reader_u32(r);
    *out = (struct record){CAPTURE_QRINFO, length == 0, length};
}

static void head_live(struct reader *r, struct record *out)
{
    reader_bytes(r, 8);
    const uint8_t *at = r->p;
    const uint8_t *name = reader_bytes(r, WIRE_COMMAND_SIZE);
    if (name && !wire_command_well_formed(name))
        layout_refuse(r, at, DSPV_BAD_COMMAND);
    enum wire_command command = reader_ok(r) ? wire_command_find(name) : WIRE_UNKNOWN;
    *out = (struct record){command == WIRE_ISDLOCK ? CAPTURE_ISDLOCK : CAPTURE_CLSIG,
                           command != WIRE_ISDLOCK && command != WIRE_CLSIG, reader_u32(r)};
}

/* All of the file as records; at least one of them is a message. */
static int take_records(struct attempt *a, const char *what, record_head *head)
{
    size_t before = a->c->n_items;
    struct reader r;
    reader_init(&r, a->bytes.p, a->bytes.n);
    int rc = 0;
    for (size_t record = 1; rc == 0 && reader_left(&r) > 0; record++) {
        struct record found;
        head(&r, &found);
        size_t base = reader_offset(&r);
        const uint8_t *payload = reader_bytes(&r, found.length);
        if (!reader_ok(&r))
            rc = fail_reader(a, what, record, &r);
        else if (!found.skip)
            rc = take_message(a, found.kind, (struct span){payload, found.length}, base, record);
    }
    if (rc == 0 && a->c->n_items == before)
        rc = DSPV_EFAULT;
    if (rc != 0)
        a->c->n_items = before;
    return rc;
}

static int take_any_records(struct attempt *a)
{
    static const struct {
        const char *name;
        record_head *head;
    } formats[] = {
        {"[length][mnlistdiff] records", head_lp},
        {"[height][length][mnlistdiff] records", head_height},
        {"[base][height][length][mnlistdiff] records", head_pair},
        {"recorded qrinfo answers", head_qrinfo},
        {"recorded messages", head_live},
    };
    int rc = DSPV_EFAULT;
    for (size_t i = 0; rc == DSPV_EFAULT && i < sizeof(formats) / sizeof(formats[0]); i++)
        rc = take_records(a, formats[i].name, formats[i].head);
    return rc;
}

/* ---- recognition */

static int take_messages(struct attempt *a)
{
    if (a->bytes.n == CLSIG_SIZE)
        return take_whole(a, CAPTURE_CLSIG);
    static const enum capture_kind order[] = {CAPTURE_QRINFO, CAPTURE_DIFF, CAPTURE_ISDLOCK};
    int rc = DSPV_EFAULT;
    for (size_t i = 0; rc == DSPV_EFAULT && i < sizeof(order) / sizeof(order[0]); i++)
        rc = take_whole(a, order[i]);
    return rc == DSPV_EFAULT ? take_any_records(a) : rc;
}

int capture_file(struct capture *c, const char *path, int64_t now_s, struct capture_problem *problem)
{
    struct attempt a = {.c = c, .file = path};
    int rc = capture_read(c, path, &a.bytes, problem);
    if (rc != 0)
        return rc;
    if (a.bytes.n == 0)
        return capture_refuse(problem, CAPTURE_MALFORMED, path, 0, "TRUNCATED", "the file is empty");
    rc = take_messages(&a);
    if (rc != DSPV_EFAULT)
        return rc;
    if (capture_looks_like_json(a.bytes))
        return capture_json(c, path, a.bytes, problem);
    int32_t first = 0;
    bool genesis = a.bytes.n % 80 == 0 && memcmp(a.bytes.p, c->net->chain.genesis, 80) == 0;
    if (genesis || capture_name_height(path, &first))
        return capture_header_bytes(c, path, a.bytes, first, now_s, problem);
    *problem = a.furthest;
    return DSPV_EFAULT;
}
