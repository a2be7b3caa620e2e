/* A client made of codecs that talks to one peer, for tests: say a message, hear the next one. */
#ifndef TEST_CLIENT_H
#define TEST_CLIENT_H

#include "devnode/test_devnode.h"

#include "devnode/peer.h"
#include "wire/frame.h"
#include "wire/headers.h"
#include "wire/version.h"

struct client {
    struct devnode_peer *peer;
    struct frame_reader in;
    struct span rest;
    uint8_t *bytes;
    struct writer w;
};

/* `options` NULL: the default ones. */
void client_open(struct client *c, const struct devnode_chain *chain, const struct devnode_options *options, int32_t tip);
void client_close(struct client *c);
/* Send c->w as the payload and empty it. */
void client_say(struct client *c, enum wire_command command);
/* The next message of the node, valid until the next call; WIRE_UNKNOWN = it has nothing (more) to say. */
enum wire_command client_hear(struct client *c, struct span *payload);
void expect(struct client *c, enum wire_command command);
void expect_silence(struct client *c);

void say_version(struct client *c, int32_t protocol, uint64_t services, bool relay);
/* The whole handshake. */
void client_shake(struct client *c, int32_t protocol);
void ask_diff(struct client *c, const block_hash *base, const block_hash *block);
/* `command`: WIRE_GETHEADERS or WIRE_GETHEADERS2; `stop` may be NULL. */
void ask_headers(struct client *c, enum wire_command command, const block_hash *locator, uint32_t n, const block_hash *stop);
/* The next message must be the headers `first` .. `last` of the chain. */
void expect_headers(struct client *c, const struct devnode_chain *chain, bool compressed, int32_t first, int32_t last);
/* The next message must be an inv of this one thing. */
void expect_inv(struct client *c, uint32_t type, const uint8_t hash[32]);

/* Files of a made-up chain directory. */
void write_file(const char *folder, const char *name, const void *p, size_t n);
void remove_folder(const char *folder);

#endif
