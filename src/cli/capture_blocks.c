/* What files say of blocks and, in JSON, of locks. Raw headers go through the header chain, so that their hashes, links and
 * proof of work are what the network demands; {height, hash} pairs are claims. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/hex.h"
#include "base/mem.h"
#include "chain/headers.h"
#include "cli/capture_internal.h"
#include "crypto/x11.h"

enum { HIGHEST = INT32_MAX / 2 };

/* ---- headers */

/* Decimal digits up to `end`; false when there are none, others, or too many. */
static bool take_height(const char *text, char end, int32_t *out)
{
    char *rest;
    if (!isdigit((unsigned char)*text))
        return false;
    unsigned long long value = strtoull(text, &rest, 10);
    if (*rest != end || value > HIGHEST)
        return false;
    *out = (int32_t)value;
    return true;
}

bool capture_name_height(const char *path, int32_t *height)
{
    const char *name = strrchr(path, '/');
    name = name ? name + 1 : path;
    return strncmp(name, "headers_", 8) == 0 && take_height(name + 8, '_', height);
}

static int refuse_header(struct capture_problem *problem, const char *file, size_t i, const dspv_fault *fault)
{
    char text[256];
    dspv_fault_text(fault, text, sizeof(text));
    return capture_refuse(problem, CAPTURE_REFUSED, file, i * 80, dspv_reason_name(fault->reason), "header %zu: %s", i, text);
}

static int check_headers(struct headers *chain, const char *file, const uint8_t *raw, const block_hash *hashes, size_t n,
                         int32_t first, int64_t now_s, struct capture_problem *problem)
{
    for (size_t i = 1; i < n; i++) {
        struct header h = header_parse(raw + i * 80);
        dspv_fault fault = fault_about(DSPV_NOT_CONTINUOUS, hashes[i].b, first + (int32_t)i);
        headers_node node;
        int rc = DSPV_EFAULT;
        if (block_hash_eq(&h.prev, &hashes[i - 1]))
            rc = headers_add(chain, raw + i * 80, &hashes[i], now_s, &node, &fault);
        if (rc != 0)
            return rc == DSPV_EFAULT ? refuse_header(problem, file, i, &fault) : rc;
    }
    return 0;
}

static int add_headers(struct capture *c, const char *file, const uint8_t *raw, const block_hash *hashes, size_t n, int32_t first)
{
    for (size_t i = 0; i < n; i++) {
        struct header h = header_parse(raw + i * 80);
        struct capture_block block = {hashes[i], first + (int32_t)i, true, h.merkle_root, file};
        if (capture_add_block(c, &block) != 0)
            return DSPV_ENOMEM;
    }
    return 0;
}

int capture_header_bytes(struct capture *c, const char *file, struct span bytes, int32_t first, int64_t now_s,
                         struct capture_problem *problem)
{
    size_t n = bytes.n / 80;
    if (n == 0 || bytes.n % 80 != 0)
        return capture_refuse(problem, CAPTURE_MALFORMED, file, n * 80, "TRUNCATED", "not a whole number of 80-byte headers");
    if (n > (size_t)(HIGHEST - first))
        return capture_refuse(problem, CAPTURE_MALFORMED, file, 0, "TOO_MANY", "more headers than there can be blocks");
    block_hash *hashes = mem_alloc_array(n, sizeof(*hashes));
    if (!hashes)
        return DSPV_ENOMEM;
    x11_many(hashes, bytes.p, n);
    struct headers *chain = NULL;
    const uint64_t seed[2] = {load_le64(hashes[n - 1].b), load_le64(hashes[n - 1].b + 8)};
    int rc = headers_new_from(&chain, &c->net->chain, seed, first, bytes.p, NULL);
    if (rc == DSPV_EMISUSE)
        rc = capture_refuse(problem, CAPTURE_REFUSED, file, 0, "HIGH_HASH",
                            "header 0 cannot be at height %d of %s: another genesis or checkpoint, or no proof of work",
                            (int)first, c->net->chain.name);
    if (rc == 0)
        rc = check_headers(chain, file, bytes.p, hashes, n, first, now_s, problem);
    headers_free(chain);
    if (rc == 0)
        rc = add_headers(c, file, bytes.p, hashes, n, first);
    mem_free(hashes);
    return rc;
}

int capture_headers(struct capture *c, const char *argument, int64_t now_s, struct capture_problem *problem)
{
    int32_t first = 0;
    const char *path = argument, *at = strrchr(argument, '@');
    bool known = at && take_height(at + 1, '\0', &first);
    if (known) {
        char *copy = capture_copy(c, argument, strlen(argument) + 1);
        if (!copy)
            return DSPV_ENOMEM;
        copy[at - argument] = '\0';
        path = copy;
    }
    struct span bytes;
    int rc = capture_read(c, path, &bytes, problem);
    if (rc != 0)
        return rc;
    bool genesis = bytes.n >= 80 && memcmp(bytes.p, c->net->chain.genesis, 80) == 0;
    if (!known && !genesis && !capture_name_height(path, &first))
        return capture_refuse(problem, CAPTURE_MALFORMED, path, 0, "UNKNOWN_BLOCK",
                              "the height of the first header is not known: name the file headers_A_B.bin or write FILE@HEIGHT");
    return capture_header_bytes(c, path, bytes, first, now_s, problem);
}

/* ---- JSON */

static int refuse_row(struct capture_problem *problem, const char *file, size_t row, const char *what)
{
    return capture_refuse(problem, CAPTURE_MALFORMED, file, 0, "BAD_JSON", "entry %zu: %s", row, what);
}

/* A payload in hex, decoded by the message decoder of its kind. */
static int take_lock(struct capture *c, const char *file, size_t row, const char *hex, bool chainlock,
                     struct capture_problem *problem)
{
    size_t n = strlen(hex) / 2;
    uint8_t *bytes = arena_alloc(&c->arena, n + 1);
    if (!bytes)
        return DSPV_ENOMEM;
    if (strlen(hex) % 2 != 0 || !hex_decode(hex, bytes, n))
        return refuse_row(problem, file, row, "the payload is not hex");
    struct capture_item item = {.kind = chainlock ? CAPTURE_CLSIG : CAPTURE_ISDLOCK, .file = file, .record = row};
    dspv_fault fault;
    struct clsig clsig;
    struct isdlock isdlock;
    int rc = chainlock ? clsig_decode(bytes, n, &clsig, &fault) : isdlock_decode(bytes, n, &isdlock, &fault);
    if (rc != 0) {
        char text[200];
        dspv_fault_text(&fault, text, sizeof(text));
        return capture_refuse(problem, CAPTURE_MALFORMED, file, fault.offset, dspv_reason_name(fault.reason),
                              "entry %zu: payload: %s", row, text);
    }
    if (chainlock)
        item.clsig = capture_copy(c, &clsig, sizeof(clsig));
    else
        item.isdlock = capture_copy(c, &isdlock, sizeof(isdlock));
    return item.clsig || item.isdlock ? capture_add_item(c, &item) : DSPV_ENOMEM;
}

static int take_block(struct capture *c, const char *file, size_t row, const json_t *object, struct capture_problem *problem)
{
    const json_t *height = json_object_get(object, "height");
    const char *hash = json_string_value(json_object_get(object, "hash"));
    struct capture_block block = {.file = file, .height = (int32_t)json_integer_value(height)};
    if (!json_is_integer(height) || json_integer_value(height) < 0 || json_integer_value(height) > HIGHEST)
        return refuse_row(problem, file, row, "\"height\" is missing or is no block height");
    if (!hash || !hash_from_hex(hash, block.hash.b))
        return refuse_row(problem, file, row, "\"hash\" is missing or is not 64 hex digits");
    return capture_add_block(c, &block);
}

static int take_row(struct capture *c, const char *file, size_t row, const json_t *object, bool locks,
                    struct capture_problem *problem)
{
    const char *clsig = json_string_value(json_object_get(object, "clsig_payload"));
    const char *isdlock = json_string_value(json_object_get(object, "isdlock_payload"));
    if (locks && clsig)
        return take_lock(c, file, row, clsig, true, problem);
    if (locks && isdlock)
        return take_lock(c, file, row, isdlock, false, problem);
    return take_block(c, file, row, object, problem);
}

static int take_array(struct capture *c, const char *file, struct span bytes, bool locks, struct capture_problem *problem)
{
    json_error_t error;
    json_t *array = json_loadb((const char *)bytes.p, bytes.n, JSON_REJECT_DUPLICATES, &error);
    if (!array)
        return capture_refuse(problem, CAPTURE_MALFORMED, file, error.position > 0 ? (size_t)error.position : 0, "BAD_JSON",
                              "as JSON: %s", error.text);
    size_t items = c->n_items, blocks = c->n_blocks;
    int rc = 0;
    if (!json_is_array(array))
        rc = capture_refuse(problem, CAPTURE_MALFORMED, file, 0, "BAD_JSON", "the JSON is not an array");
    for (size_t i = 0; rc == 0 && i < json_array_size(array); i++)
        rc = take_row(c, file, i + 1, json_array_get(array, i), locks, problem);
    json_decref(array);
    if (rc != 0) {
        c->n_items = items;
        c->n_blocks = blocks;
    }
    return rc;
}

bool capture_looks_like_json(struct span bytes)
{
    size_t i = 0;
    while (i < bytes.n && isspace(bytes.p[i]))
        i++;
    return i < bytes.n && (bytes.p[i] == '[' || bytes.p[i] == '{');
}

int capture_json(struct capture *c, const char *file, struct span bytes, struct capture_problem *problem)
{
    return take_array(c, file, bytes, true, problem);
}

int capture_heights(struct capture *c, const char *path, struct capture_problem *problem)
{
    struct span bytes;
    int rc = capture_read(c, path, &bytes, problem);
    return rc != 0 ? rc : take_array(c, path, bytes, false, problem);
}
