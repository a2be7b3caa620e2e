/* See settled.h. Invariant: units[u] covers the heights from (first / SETTLED_UNIT + u) * SETTLED_UNIT on, cut off at `first`.
 * An index is made as a whole or not at all, and only from headers whose hashes were checked to lead from piece to piece: where
 * the archive gives something else than what was put there, it is refused. Next: tree.h, what is above the floor. */
#include "chain/settled.h"

#include "base/mem.h"
#include "crypto/x11.h"

enum { POSITION_BITS = 12, DIGIT_BITS = 10, POSITIONS = (1 << POSITION_BITS) - 1, PIECE = 256 };

static int32_t unit_start(const struct settled *s, size_t u)
{
    int32_t start = (s->first / SETTLED_UNIT + (int32_t)u) * SETTLED_UNIT;
    return start < s->first ? s->first : start;
}

static int32_t unit_end(const struct settled *s, size_t u)
{
    return (s->first / SETTLED_UNIT + (int32_t)u + 1) * SETTLED_UNIT;
}

static size_t unit_of(const struct settled *s, int32_t height)
{
    return (size_t)(height / SETTLED_UNIT - s->first / SETTLED_UNIT);
}

/* ---- headers in memory */

static uint8_t *own_header(const struct settled *s, int32_t height)
{
    return s->units[unit_of(s, height)].raw + (size_t)(height % SETTLED_UNIT) * 80;
}

static int own_read(void *context, int32_t height, uint32_t n, uint8_t *out)
{
    const struct settled *s = context;
    for (uint32_t i = 0; i < n; i++)
        memcpy(out + (size_t)i * 80, own_header(s, height + (int32_t)i), 80);
    return 0;
}

void settled_init(struct settled *s, int32_t first, const block_hash *start, const struct headers_archive *archive)
{
    *s = (struct settled){.first = first, .end = first, .start = *start, .top = *start, .own = !archive, .found = -1};
    s->archive = archive ? *archive : (struct headers_archive){s, own_read};
}

void settled_free(struct settled *s)
{
    for (size_t u = 0; u < s->n_units; u++) {
        mem_free(s->units[u].raw);
        mem_free(s->units[u].words);
    }
    mem_free(s->units);
}

int settled_reserve(struct settled *s, int32_t end)
{
    void *units = s->units;
    size_t need = unit_of(s, end - 1) + 1;
    if (mem_grow(&units, &s->cap_units, need, sizeof(*s->units)) != 0)
        return DSPV_ENOMEM;
    s->units = units;
    for (; s->n_units < need; s->n_units++) {
        struct settled_unit unit = {0};
        if (s->own && !(unit.raw = mem_alloc_array(SETTLED_UNIT, 80)))
            return DSPV_ENOMEM;
        s->units[s->n_units] = unit;
    }
    return 0;
}

void settled_put(struct settled *s, int32_t height, const uint8_t raw[80])
{
    memcpy(own_header(s, height), raw, 80);
}

void settled_extend(struct settled *s, int32_t end, const block_hash *top)
{
    s->end = end;
    s->top = *top;
}

/* ---- reading */

int settled_get(const struct settled *s, int32_t height, uint8_t raw[80])
{
    return s->archive.read(s->archive.context, height, 1, raw);
}

int settled_hash(const struct settled *s, int32_t height, block_hash *out)
{
    uint8_t raw[80];
    if (height == s->first || height == s->end - 1) {
        *out = height == s->first ? s->start : s->top;
        return 0;
    }
    int rc = settled_get(s, height + 1, raw);
    if (rc == 0)
        *out = header_parse(raw).prev;
    return rc;
}

/* ---- the index */

static uint32_t word_of(const block_hash *hash, int32_t height)
{
    return (load_le32(hash->b) & ~(uint32_t)POSITIONS) | (uint32_t)(height % SETTLED_UNIT);
}

/* By one digit; those with the same stay in their order. */
static void sort_by(unsigned shift, const uint32_t *from, uint32_t *to, uint32_t n)
{
    uint32_t place[1 << DIGIT_BITS] = {0}, sum = 0;
    for (uint32_t i = 0; i < n; i++)
        place[(from[i] >> shift) % (1 << DIGIT_BITS)]++;
    for (uint32_t digit = 0; digit < 1 << DIGIT_BITS; digit++) {
        sum += place[digit];
        place[digit] = sum - place[digit];
    }
    for (uint32_t i = 0; i < n; i++)
        to[place[(from[i] >> shift) % (1 << DIGIT_BITS)]++] = from[i];
}

/* By the two digits of hash; they come in the order of their positions. */
static void sort(uint32_t *words, uint32_t n)
{
    uint32_t half[SETTLED_UNIT];
    sort_by(POSITION_BITS, words, half, n);
    sort_by(POSITION_BITS + DIGIT_BITS, half, words, n);
}

/* What the header at `height` says must be the hash of the one before, which is `last`. */
static bool leads_on(const uint8_t last[80], const block_hash *prev)
{
    block_hash hash;
    x11_hash(&hash, last);
    return block_hash_eq(&hash, prev);
}

static int fill(const struct settled *s, int32_t start, int32_t end, uint32_t *words)
{
    uint8_t piece[PIECE * 80], last[80];
    block_hash hash;
    int32_t n;
    for (int32_t height = start; height < end; height += n) {
        n = PIECE - height % PIECE < end - height ? PIECE - height % PIECE : end - height;
        int rc = s->archive.read(s->archive.context, height, (uint32_t)n, piece);
        if (rc != 0)
            return rc;
        for (int32_t i = 0; i < n; i++) {
            hash = block_hash_from(piece + (size_t)i * 80 + 4);
            if (i == 0 && height > start && !leads_on(last, &hash))
                return DSPV_ESTORE;
            if (height + i > start)
                *words++ = word_of(&hash, height + i - 1);
        }
        memcpy(last, piece + (size_t)(n - 1) * 80, 80);
    }
    int rc = settled_hash(s, end - 1, &hash);
    if (rc != 0)
        return rc;
    *words = word_of(&hash, end - 1);
    return leads_on(last, &hash) ? 0 : DSPV_ESTORE;
}

static int make_index(struct settled *s, size_t u)
{
    int32_t start = unit_start(s, u), end = unit_end(s, u);
    uint32_t n = (uint32_t)(end - start);
    uint32_t *words = mem_alloc_array(n, sizeof(*words));
    if (!words)
        return DSPV_ENOMEM;
    int rc = fill(s, start, end, words);
    if (rc != 0) {
        mem_free(words);
        return rc;
    }
    sort(words, n);
    s->units[u].words = words;
    s->units[u].n_words = n;
    return 0;
}

/* The first word that is not below `key`. */
static uint32_t lower_bound(const struct settled_unit *unit, uint32_t key)
{
    uint32_t low = 0, high = unit->n_words;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (unit->words[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int is_at(const struct settled *s, int32_t height, const block_hash *hash, bool *is)
{
    block_hash there;
    int rc = settled_hash(s, height, &there);
    *is = rc == 0 && block_hash_eq(&there, hash);
    return rc;
}

static int find_in_unit(struct settled *s, size_t u, const block_hash *hash, int32_t *height)
{
    struct settled_unit *unit = &s->units[u];
    int rc = unit->words ? 0 : make_index(s, u);
    if (rc != 0)
        return rc;
    uint32_t key = word_of(hash, 0);
    for (uint32_t i = lower_bound(unit, key); rc == 0 && i < unit->n_words && (unit->words[i] & ~(uint32_t)POSITIONS) == key;
         i++) {
        bool is;
        int32_t candidate = unit_end(s, u) - SETTLED_UNIT + (int32_t)(unit->words[i] & POSITIONS);
        rc = is_at(s, candidate, hash, &is);
        if (is) {
            *height = candidate;
            return 0;
        }
    }
    return rc;
}

int settled_find(struct settled *s, const block_hash *hash, int32_t *height)
{
    int result = 0;
    bool next = false;
    *height = -1;
    if (s->found >= 0 && s->found + 1 < s->end && is_at(s, s->found + 1, hash, &next) == 0 && next)
        *height = s->found + 1;
    for (size_t u = s->end > s->first ? unit_of(s, s->end - 1) + 1 : 0; *height < 0 && u-- > 0;) {
        int rc = find_in_unit(s, u, hash, height);
        if (rc == DSPV_ENOMEM)
            return rc;
        result = rc != 0 ? rc : result;
    }
    if (*height < 0)
        return result;
    s->found = *height;
    return 0;
}

size_t settled_memory(const struct settled *s)
{
    size_t bytes = s->cap_units * sizeof(*s->units);
    for (size_t u = 0; u < s->n_units; u++)
        bytes += (s->units[u].raw ? (size_t)SETTLED_UNIT * 80 : 0) + s->units[u].n_words * sizeof(uint32_t);
    return bytes;
}
