/* See bans.h. A ban that was lifted or forgotten stays in the array, marked gone, until the store knows. */
#include "peers/bans.h"

#include "base/mem.h"

enum { RECORD_VERSION = 1, MOST_REASON_NAME = 48 };
static const uint8_t record_kind = 'b';

void bans_free(struct bans *b)
{
    mem_free(b->items);
    *b = (struct bans){0};
}

static void host_key(const dspv_addr *addr, struct ban *out)
{
    dspv_addr host = *addr;
    if (!address_loopback(addr))
        host.port = 0;
    out->key_n = (uint8_t)address_key(&host, out->key);
}

static int compare(const struct ban *a, const struct ban *b)
{
    return a->key_n != b->key_n ? a->key_n - b->key_n : memcmp(a->key, b->key, a->key_n);
}

/* Its place, or the one where it belongs. */
static size_t place_of(const struct bans *b, const struct ban *wanted, bool *found)
{
    size_t low = 0, high = b->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (compare(&b->items[middle], wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < b->n && compare(&b->items[low], wanted) == 0;
    return low;
}

static bool forgotten(const struct ban *ban, dspv_ms now)
{
    return ban->gone || now - ban->until > BANS_REMEMBER_MS;
}

static void mark_gone(struct bans *b, struct ban *ban)
{
    ban->gone = ban->dirty = true;
    b->dirty = true;
}

/* The one that ends first goes; bans nobody remembers any more end first. */
static void make_room(struct bans *b)
{
    size_t held = 0, first = b->n;
    for (size_t i = 0; i < b->n; i++) {
        if (b->items[i].gone)
            continue;
        held++;
        if (first == b->n || b->items[i].until < b->items[first].until)
            first = i;
    }
    if (held >= BANS_MOST)
        mark_gone(b, &b->items[first]);
}

/* Room for one more; those that are gone and need no record give way first. */
static int grow(struct bans *b)
{
    void *items = b->items;
    make_room(b);
    if (b->n >= 2 * BANS_MOST) /* nobody stores them: the records of those that are gone may stay */
        bans_committed(b);
    int rc = mem_grow(&items, &b->cap, b->n + 1, sizeof(*b->items));
    b->items = items;
    return rc;
}

static int insert(struct bans *b, const struct ban *ban)
{
    bool found;
    int rc = grow(b);
    if (rc != 0)
        return rc;
    size_t i = place_of(b, ban, &found);
    memmove(&b->items[i + 1], &b->items[i], (b->n - i) * sizeof(*b->items));
    b->items[i] = *ban;
    b->n++;
    return 0;
}

static dspv_ms length(unsigned times)
{
    return BANS_FIRST_MS << (times - 1 < BANS_MOST_DOUBLED ? times - 1 : BANS_MOST_DOUBLED);
}

int bans_add(struct bans *b, const dspv_addr *addr, dspv_reason reason, dspv_ms now)
{
    struct ban wanted = {.times = 1, .dirty = true, .reason = reason, .since = now};
    bool found;
    host_key(addr, &wanted);
    size_t i = place_of(b, &wanted, &found);
    if (found && !forgotten(&b->items[i], now) && b->items[i].times < UINT8_MAX)
        wanted.times = (uint8_t)(b->items[i].times + 1);
    wanted.until = now + length(wanted.times);
    b->dirty = true;
    if (!found)
        return insert(b, &wanted);
    b->items[i] = wanted;
    return 0;
}

const struct ban *bans_find(const struct bans *b, const dspv_addr *addr, dspv_ms now)
{
    struct ban wanted;
    bool found;
    host_key(addr, &wanted);
    size_t i = place_of(b, &wanted, &found);
    return found && !b->items[i].gone && b->items[i].until > now ? &b->items[i] : NULL;
}

bool bans_lift(struct bans *b, const dspv_addr *addr)
{
    struct ban wanted;
    bool found;
    host_key(addr, &wanted);
    size_t i = place_of(b, &wanted, &found);
    if (!found || b->items[i].gone)
        return false;
    mark_gone(b, &b->items[i]);
    return true;
}

size_t bans_count(const struct bans *b, dspv_ms now)
{
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        n += !b->items[i].gone && b->items[i].until > now;
    return n;
}

const struct ban *bans_at(const struct bans *b, size_t i, dspv_ms now)
{
    for (size_t k = 0; k < b->n; k++)
        if (!b->items[k].gone && b->items[k].until > now && i-- == 0)
            return &b->items[k];
    return NULL;
}

dspv_addr ban_addr(const struct ban *ban)
{
    dspv_addr addr;
    (void)address_from_key(ban->key, ban->key_n, &addr);
    return addr;
}

/* ---- records: the reason by its name, for its number changes with the version of this library */

size_t ban_record(const struct ban *ban, uint8_t key[BANS_RECORD_KEY], struct writer *w)
{
    const char *name = dspv_reason_name(ban->reason);
    key[0] = record_kind;
    memcpy(key + 1, ban->key, ban->key_n);
    writer_u8(w, RECORD_VERSION);
    writer_u8(w, ban->times);
    writer_u64(w, (uint64_t)ban->since);
    writer_u64(w, (uint64_t)ban->until);
    writer_compact_size(w, strlen(name));
    writer_bytes(w, name, strlen(name));
    return 1 + (size_t)ban->key_n;
}

static dspv_reason reason_named(struct span name)
{
    for (int i = 0; i < DSPV_REASON_COUNT; i++) {
        const char *known = dspv_reason_name((dspv_reason)i);
        if (strlen(known) == name.n && memcmp(known, name.p, name.n) == 0)
            return (dspv_reason)i;
    }
    return DSPV_PEER_MISBEHAVED;
}

bool bans_restore(struct bans *b, struct span key, struct span value, dspv_ms now, int *rc)
{
    struct ban ban = {0}, wanted;
    struct reader r;
    dspv_addr addr;
    bool found;
    *rc = 0;
    reader_init(&r, value.p, value.n);
    uint8_t version = reader_u8(&r);
    ban.times = reader_u8(&r);
    ban.since = reader_i64(&r);
    ban.until = reader_i64(&r);
    struct span name = reader_byte_string(&r, MOST_REASON_NAME);
    if (!reader_finish(&r) || version != RECORD_VERSION || key.n < 2 || key.n > BANS_RECORD_KEY || key.p[0] != record_kind)
        return false;
    if (!address_from_key(key.p + 1, key.n - 1, &addr))
        return false;
    host_key(&addr, &wanted);
    bool sound = wanted.key_n == key.n - 1 && memcmp(wanted.key, key.p + 1, wanted.key_n) == 0 && ban.times > 0 &&
                 ban.since >= 0 && ban.since <= now + BANS_FIRST_MS && ban.until >= ban.since &&
                 ban.until - ban.since <= length(ban.times);
    if (!sound || now - ban.until > BANS_REMEMBER_MS)
        return false;
    memcpy(ban.key, wanted.key, wanted.key_n);
    ban.key_n = wanted.key_n;
    ban.reason = reason_named(name);
    place_of(b, &ban, &found);
    if (!found)
        *rc = insert(b, &ban);
    return true;
}

void bans_committed(struct bans *b)
{
    size_t kept = 0;
    for (size_t i = 0; i < b->n; i++) {
        b->items[i].dirty = false;
        if (!b->items[i].gone)
            b->items[kept++] = b->items[i];
    }
    b->n = kept;
    b->dirty = false;
}
