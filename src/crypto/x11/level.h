/* Levels: X11 for one kind of CPU each. A level hashes a group of unrelated headers at once, one header in each lane of its
 * vectors; all levels give the same hashes, bit for bit, as the portable functions (x11_stages.h). docs/x11.md explains the
 * lanes. Internal to crypto/. Any thread. */
#ifndef CRYPTO_X11_LEVEL_H
#define CRYPTO_X11_LEVEL_H

#include "crypto/x11.h"

enum { X11_HEADER = 80, X11_STAGES = 11, X11_MOST_GROUP = X11_MOST_LANES };

/* How the 64 bytes of each header of a group lie between two stages.
 * ROWS: header by header.
 * WORDS64: a vector of the first 64-bit words of as many headers as a vector has lanes, then of their second words, up to the
 *          eighth; then the same of the next headers. A group is two such blocks.
 * WORDS32: a vector of the first 32-bit words of all headers of the group, then of their second words, up to the sixteenth.
 * Words are little-endian. */
enum x11_layout { X11_ROWS, X11_WORDS64, X11_WORDS32 };

/* A stage after BLAKE, of a whole group in place, which may change the layout. `state`: group * 64 bytes, aligned to 64. NULL: the
 * portable function does it. */
struct x11_kernel {
    void (*run)(void *state);
    enum x11_layout from, to;
};

struct x11_level {
    const char *name;
    unsigned group;           /* headers: 1, or a power of two up to X11_MOST_GROUP */
    unsigned worth;           /* a whole group costs less than this many headers one by one */
    bool (*usable)(void);     /* by this CPU and its operating system */
    void (*blake)(void *state, const uint8_t *headers); /* gives WORDS64. NULL: portable */
    struct x11_kernel rest[X11_STAGES - 1];
};

extern const char *const x11_stage_names[X11_STAGES];

/* All levels this program was built with, worst first; the first is the portable one, usable everywhere. */
const struct x11_level *const *x11_levels(size_t *n);

/* The hashes of level->group headers, back to back. The level must be usable. */
void x11_level_hash(const struct x11_level *level, block_hash *out, const uint8_t *headers);
/* One stage, 0 = BLAKE, of a group: from X11_HEADER bytes a header (BLAKE) or 64 to 64, all in ROWS. For tests. */
void x11_level_stage(const struct x11_level *level, unsigned stage, uint8_t *out, const uint8_t *in);

#endif
