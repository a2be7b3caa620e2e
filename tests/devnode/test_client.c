/* See test_client.h. */
#include "devnode/test_client.h"

#include <unistd.h>

#include "wire/inventory.h"

void write_file(const char *folder, const char *name, const void *p, size_t n)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(p, 1, n, f), n);
    fclose(f);
}

void remove_folder(const char *folder)
{
    static const char *const names[] = {"chain.json", "headers.bin", "diffs.lp"};
    char path[256];
    for (size_t i = 0; i < 3; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        remove(path);
    }
    rmdir(folder);
}

/* ---- the client */

void client_open(struct client *c, const struct devnode_chain *chain, const struct devnode_options *options, int32_t tip)
{
    struct devnode_options normal = devnode_options_default();
    *c = (struct client){0};
    assert_int_equal(devnode_peer_new(&c->peer, chain, options ? options : &normal, tip, 1700000000, 4711), 0);
    frame_reader_init(&c->in, chain->network.chain.magic);
    writer_init(&c->w);
}

void client_close(struct client *c)
{
    devnode_peer_free(c->peer);
    frame_reader_free(&c->in);
    free(c->bytes);
    writer_free(&c->w);
}

/* Send c->w as the payload. */
void client_say(struct client *c, enum wire_command command)
{
    struct writer framed;
    writer_init(&framed);
    frame_write(&framed, c->in.magic, command, c->w.data, c->w.n);
    assert_int_equal(devnode_peer_input(c->peer, framed.data, framed.n), 0);
    writer_free(&framed);
    writer_reset(&c->w);
}

/* The next message of the node; WIRE_UNKNOWN = it has nothing (more) to say. */
enum wire_command client_hear(struct client *c, struct span *payload)
{
    struct frame f;
    *payload = (struct span){0};
    if (c->rest.n == 0) {
        struct span out = devnode_peer_output(c->peer);
        if (out.n == 0)
            return WIRE_UNKNOWN;
        free(c->bytes);
        c->bytes = malloc(out.n);
        assert_non_null(c->bytes);
        memcpy(c->bytes, out.p, out.n);
        c->rest = (struct span){c->bytes, out.n};
        devnode_peer_taken(c->peer, out.n);
    }
    assert_int_equal(frame_reader_next(&c->in, &c->rest, &f), FRAME_MESSAGE);
    *payload = f.payload;
    return f.command;
}

void expect(struct client *c, enum wire_command command)
{
    struct span payload;
    assert_string_equal(wire_command_name(client_hear(c, &payload)), wire_command_name(command));
}

void expect_silence(struct client *c)
{
    expect(c, WIRE_UNKNOWN);
}

void say_version(struct client *c, int32_t protocol, uint64_t services, bool relay)
{
    struct version v = {.version = protocol, .services = services, .nonce = 1, .relay = relay};
    memcpy(v.user_agent, "/test:1/", 8);
    v.user_agent_n = 8;
    version_encode(&c->w, &v);
    client_say(c, WIRE_VERSION);
}

void client_shake(struct client *c, int32_t protocol)
{
    say_version(c, protocol, 0, true);
    expect(c, WIRE_VERSION);
    expect(c, WIRE_SENDADDRV2);
    expect(c, WIRE_VERACK);
    client_say(c, WIRE_VERACK);
    expect(c, WIRE_SENDHEADERS);
    expect(c, WIRE_SENDCMPCT);
    expect(c, WIRE_SENDDSQ);
    expect(c, WIRE_PING);
    expect_silence(c);
}

void ask_diff(struct client *c, const block_hash *base, const block_hash *block)
{
    getmnlistd_encode(&c->w, &(struct getmnlistd){*base, *block});
    client_say(c, WIRE_GETMNLISTD);
}

void ask_headers(struct client *c, enum wire_command command, const block_hash *locator, uint32_t n, const block_hash *stop)
{
    struct getheaders ask = {.version = 70240, .locator = locator, .n_locator = n};
    if (stop)
        ask.stop = *stop;
    getheaders_encode(&c->w, &ask);
    client_say(c, command);
}

/* The answer must be the headers `first` .. `last` of the chain. */
void expect_headers(struct client *c, const struct devnode_chain *chain, bool compressed, int32_t first, int32_t last)
{
    struct span payload;
    struct arena arena;
    struct header_run run;
    dspv_fault fault;
    arena_init(&arena, 0);
    assert_int_equal(client_hear(c, &payload), compressed ? WIRE_HEADERS2 : WIRE_HEADERS);
    assert_int_equal(compressed ? headers2_decode(payload.p, payload.n, HEADERS2_MOST, &arena, &run, &fault)
                                : headers_decode(payload.p, payload.n, HEADERS_MOST, &arena, &run, &fault),
                     0);
    assert_int_equal(run.n, last - first + 1);
    for (uint32_t i = 0; i < run.n; i++)
        assert_memory_equal(run.raw + i * 80, devnode_chain_header(chain, first + (int32_t)i), 80);
    arena_free(&arena);
}

void expect_inv(struct client *c, uint32_t type, const uint8_t hash[32])
{
    struct span payload;
    struct inventory m;
    dspv_fault fault;
    assert_int_equal(client_hear(c, &payload), WIRE_INV);
    assert_int_equal(inventory_decode(payload.p, payload.n, &m, &fault), 0);
    assert_int_equal(m.n, 1);
    assert_int_equal(inventory_at(&m, 0).type, type);
    assert_memory_equal(inventory_at(&m, 0).hash.b, hash, 32);
}
