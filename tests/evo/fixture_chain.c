#include "evo/fixture_chain.h"

#include "base/endian.h"
#include "chain/header.h"
#include "crypto/x11.h"

const char *fixture_file(const char *folder, const char *file)
{
    static char name[128];
    snprintf(name, sizeof(name), "%s/%s", folder, file);
    return name;
}

/* Options that concern deployments which a light client does not see are left out. */
static void apply_options(struct network *net, const json_t *chain)
{
    size_t i;
    json_t *option;
    json_array_foreach(json_object_get(chain, "options"), i, option)
    {
        char text[128];
        snprintf(text, sizeof(text), "%s", json_string_value(option) + 1);
        char *value = strchr(text, '=');
        assert_non_null(value);
        *value++ = 0;
        if (strcmp(text, "vbparams") == 0)
            continue;
        const char *complaint = network_override(net, text, value);
        if (complaint)
            fail_msg("%s: %s", text, complaint);
    }
}

static void load_blocks(struct fixture_chain *c, const char *folder)
{
    c->headers = fixture_load(fixture_file(folder, "headers.bin"));
    size_t n = c->headers.n / 80;
    assert_int_equal(n, c->tip + 1);
    c->hashes = calloc(n, sizeof(*c->hashes));
    c->merkle_roots = calloc(n, sizeof(*c->merkle_roots));
    x11_many(c->hashes, c->headers.p, n);
    for (size_t h = 0; h < n; h++)
        c->merkle_roots[h] = header_parse(c->headers.p + 80 * h).merkle_root;
}

static void load_diffs(struct fixture_chain *c, const char *folder)
{
    c->payloads = fixture_load(fixture_file(folder, "diffs.lp"));
    c->diffs = calloc((size_t)c->tip + 1, sizeof(*c->diffs));
    size_t at = 0;
    for (int32_t h = 1; h <= c->tip; h++) {
        assert_true(c->payloads.n - at >= 4);
        size_t n = load_le32(c->payloads.p + at);
        assert_true(c->payloads.n - at - 4 >= n);
        dspv_fault fault;
        assert_int_equal(mnlistdiff_decode(c->payloads.p + at + 4, n, 70240, &c->arena, &c->diffs[h], &fault), 0);
        if (c->diffs[h].has_cbtx && c->first == 0)
            c->first = h;
        assert_int_equal(c->diffs[h].has_cbtx, c->first != 0);
        at += 4 + n;
    }
    assert_int_equal(at, c->payloads.n);
}

void fixture_chain_open(struct fixture_chain *c, const char *folder)
{
    memset(c, 0, sizeof(*c));
    arena_init(&c->arena, 0);
    json_t *chain = fixture_json(fixture_file(folder, "chain.json"));
    assert_int_equal(json_int(chain, "start"), 0);
    assert_int_equal(json_int(chain, "first_diff"), 1);
    c->tip = (int32_t)json_int(chain, "tip");
    assert_true(network_init(&c->net, json_text(chain, "network")));
    apply_options(&c->net, chain);
    json_decref(chain);
    load_blocks(c, folder);
    load_diffs(c, folder);
}

void fixture_chain_close(struct fixture_chain *c)
{
    arena_free(&c->arena);
    free(c->headers.p);
    free(c->payloads.p);
    free(c->hashes);
    free(c->merkle_roots);
    free(c->diffs);
}

int32_t fixture_chain_height(const struct fixture_chain *c, const uint8_t hash[32])
{
    for (int32_t h = 0; h <= c->tip; h++)
        if (memcmp(c->hashes[h].b, hash, 32) == 0)
            return h;
    return -1;
}
