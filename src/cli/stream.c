/* See stream.h. The reader takes nothing for granted: every length is bounded before it is used, memory is that of one record. */
#include "cli/stream.h"

#include <errno.h>

#include "base/endian.h"
#include "base/mem.h"
#include "crypto/sha256.h"

static const char MAGIC[16] = {'d', 'a', 's', 'h', 's', 'p', 'v', ' ', 's', 'n', 'a', 'p', 's', 'h', 'o', 't'};
enum { END_MARK = 0xff, RECORD_HEAD = 1 + 1 + 4, END_SIZE = 8 + 32, MOST_NAME = 95 };

bool stream_wants(dspv_table table, struct span key)
{
    static const char *const meta[] = {"network", "tip"}; /* not the address book's secret, nor what somebody adds later */
    if (table == DSPV_TABLE_ADDRESSES)
        return false;
    for (size_t i = 0; table == DSPV_TABLE_META && i < sizeof(meta) / sizeof(meta[0]); i++)
        if (key.n == strlen(meta[i]) && memcmp(key.p, meta[i], key.n) == 0)
            return true;
    return table != DSPV_TABLE_META;
}

static void put_head(struct writer *w, const struct network *net)
{
    writer_bytes(w, MAGIC, sizeof(MAGIC));
    writer_u32(w, STREAM_FORMAT);
    writer_u8(w, (uint8_t)strlen(net->chain.name));
    writer_bytes(w, net->chain.name, strlen(net->chain.name));
    writer_hash(w, net->chain.genesis_hash.b);
}

/* ---- writing */

static int flush(struct stream_writer *s)
{
    struct writer *w = &s->record;
    errno = 0;
    int rc = w->failed ? DSPV_ENOMEM : fwrite(w->data, 1, w->n, s->out) == w->n ? 0 : DSPV_ESTORE;
    writer_reset(w);
    return rc;
}

int stream_begin(struct stream_writer *s, FILE *out, const struct network *net)
{
    *s = (struct stream_writer){.out = out};
    writer_init(&s->record);
    put_head(&s->record, net);
    if (!s->record.failed)
        sha256(s->check, s->record.data, s->record.n);
    return flush(s);
}

/* The record is behind `check` in `w`, so that both are hashed together; the check is not written. */
static int advance(struct writer *w, uint8_t check[32])
{
    if (w->failed)
        return DSPV_ENOMEM;
    sha256(check, w->data, w->n);
    return 0;
}

int stream_write(struct stream_writer *s, dspv_table table, struct span key, struct span value)
{
    struct writer *w = &s->record;
    writer_hash(w, s->check);
    writer_u8(w, (uint8_t)table);
    writer_u8(w, (uint8_t)key.n);
    writer_u32(w, (uint32_t)value.n);
    writer_span(w, key);
    writer_span(w, value);
    int rc = advance(w, s->check);
    s->count++;
    errno = 0;
    if (rc == 0 && fwrite(w->data + 32, 1, w->n - 32, s->out) != w->n - 32)
        rc = DSPV_ESTORE;
    writer_reset(w);
    return rc;
}

int stream_end(struct stream_writer *s)
{
    writer_u8(&s->record, END_MARK);
    writer_u64(&s->record, s->count);
    writer_hash(&s->record, s->check);
    return flush(s);
}

void stream_writer_free(struct stream_writer *s)
{
    writer_free(&s->record);
}

/* ---- reading */

struct stream_reader {
    FILE *in;
    char *why;
    struct writer record; /* check and record, as they are hashed */
    uint8_t check[32];
    uint64_t count, bytes;
    int last_table;
    uint8_t last_key[DSPV_STORE_MOST_KEY];
    size_t last_n;
};

static int wrong(struct stream_reader *s, const char *why)
{
    snprintf(s->why, STREAM_ERROR_SIZE, "%s", why);
    return DSPV_EFAULT;
}

static int wrong_record(struct stream_reader *s, const char *why)
{
    snprintf(s->why, STREAM_ERROR_SIZE, "record %llu %s", (unsigned long long)s->count, why);
    return DSPV_EFAULT;
}

static int take(struct stream_reader *s, void *out, size_t n)
{
    if (fread(out, 1, n, s->in) == n)
        return 0;
    return wrong(s, ferror(s->in) ? "it cannot be read" : "it is cut off");
}

static int read_head(struct stream_reader *s, const struct network *net)
{
    uint8_t fixed[sizeof(MAGIC) + 4 + 1], rest[MOST_NAME + 32];
    struct writer *w = &s->record;
    if (fread(fixed, 1, sizeof(fixed), s->in) != sizeof(fixed) || memcmp(fixed, MAGIC, sizeof(MAGIC)) != 0)
        return wrong(s, "it is no snapshot that dashspv export made");
    if (load_le32(fixed + sizeof(MAGIC)) != STREAM_FORMAT)
        return wrong(s, "it was made by another version of dashspv, in a format that this one does not know");
    size_t name = fixed[sizeof(fixed) - 1];
    if (name > MOST_NAME)
        return wrong(s, "the name of its network is too long");
    int rc = take(s, rest, name + 32);
    put_head(w, net);
    if (rc == 0 && w->failed)
        rc = DSPV_ENOMEM;
    if (rc == 0 && (w->n != sizeof(fixed) + name + 32 || memcmp(w->data, fixed, sizeof(fixed)) != 0 ||
                    memcmp(w->data + sizeof(fixed), rest, name + 32) != 0))
        rc = wrong(s, "it is of another network: say which with --network");
    if (rc == 0)
        sha256(s->check, w->data, w->n);
    writer_reset(w);
    return rc;
}

/* Ascending, each key once, and nothing that does not belong here. */
static int check_place(struct stream_reader *s, int table, struct span key)
{
    size_t n = key.n < s->last_n ? key.n : s->last_n;
    int order = table != s->last_table ? table - s->last_table : memcmp(key.p, s->last_key, n);
    if (order < 0 || (order == 0 && key.n <= s->last_n))
        return wrong_record(s, "is out of order");
    if (!stream_wants((dspv_table)table, key))
        return wrong_record(s, "does not belong into a snapshot");
    s->last_table = table;
    s->last_n = key.n;
    memcpy(s->last_key, key.p, key.n);
    return 0;
}

static int read_record(struct stream_reader *s, uint8_t table, stream_visit *visit, void *argument)
{
    uint8_t head[RECORD_HEAD] = {table}, key[DSPV_STORE_MOST_KEY];
    struct writer *w = &s->record;
    int rc = take(s, head + 1, RECORD_HEAD - 1);
    size_t key_n = head[1], n = load_le32(head + 2);
    if (rc == 0 && (table >= DSPV_TABLE_COUNT || key_n == 0 || key_n > DSPV_STORE_MOST_KEY || n > DSPV_STORE_MOST_VALUE))
        rc = wrong_record(s, "is of no known kind or size");
    s->bytes += n + key_n;
    if (rc == 0 && (++s->count > STREAM_MOST_RECORDS || s->bytes > STREAM_MOST_BYTES))
        rc = wrong(s, "it is too large");
    if (rc == 0)
        rc = take(s, key, key_n);
    uint8_t *value = rc == 0 ? mem_alloc(n) : NULL;
    if (rc == 0)
        rc = value ? take(s, value, n) : DSPV_ENOMEM;
    writer_hash(w, s->check);
    writer_bytes(w, head, sizeof(head));
    writer_bytes(w, key, rc == 0 ? key_n : 0);
    writer_bytes(w, value, rc == 0 ? n : 0);
    if (rc == 0)
        rc = advance(w, s->check);
    writer_reset(w);
    if (rc == 0)
        rc = check_place(s, table, (struct span){key, key_n});
    if (rc == 0)
        rc = visit(argument, (dspv_table)table, (struct span){key, key_n}, (struct span){value, n});
    mem_free(value);
    return rc;
}

static int read_end(struct stream_reader *s)
{
    uint8_t end[END_SIZE];
    int rc = take(s, end, sizeof(end));
    if (rc == 0 && (load_le64(end) != s->count || memcmp(end + 8, s->check, 32) != 0))
        rc = wrong(s, "it is damaged: its checksum is wrong");
    if (rc == 0 && fgetc(s->in) != EOF)
        rc = wrong(s, "there is something behind its end");
    return rc;
}

int stream_read(FILE *in, const struct network *net, stream_visit *visit, void *argument, char why[STREAM_ERROR_SIZE])
{
    struct stream_reader s = {.in = in, .why = why, .last_table = -1};
    uint8_t mark = 0;
    writer_init(&s.record);
    int rc = read_head(&s, net);
    while (rc == 0 && (rc = take(&s, &mark, 1)) == 0 && mark != END_MARK)
        rc = read_record(&s, mark, visit, argument);
    if (rc == 0)
        rc = read_end(&s);
    writer_free(&s.record);
    return rc;
}
