/* X11: the eleven functions chained; the hash is the first half of the last output (x11.md). */
#include "crypto/x11.h"

#include "crypto/x11/x11_stages.h"

enum { HEADER_BYTES = 80 };

static void hash_portable(block_hash *out, const uint8_t *header)
{
    uint8_t s[64];
    x11_blake512(s, header);
    x11_bmw512(s, s);
    x11_groestl512(s, s);
    x11_skein512(s, s);
    x11_jh512(s, s);
    x11_keccak512(s, s);
    x11_luffa512(s, s);
    x11_cubehash512(s, s);
    x11_shavite512(s, s);
    x11_simd512(s, s);
    x11_echo512(s, s);
    *out = block_hash_from(s);
}

/* A way to hash `lanes` headers at once. */
struct kernel {
    size_t lanes;
    void (*run)(block_hash *out, const uint8_t *headers);
};

/* Widest first; the last one takes a single header and runs everywhere. */
static const struct kernel kernels[] = {{1, hash_portable}};

void x11_hash(block_hash *out, const uint8_t header[80])
{
    hash_portable(out, header);
}

void x11_many(block_hash *out, const uint8_t *headers, size_t n)
{
    for (const struct kernel *k = kernels; n > 0; k++) {
        for (; n >= k->lanes; n -= k->lanes) {
            k->run(out, headers);
            out += k->lanes;
            headers += k->lanes * HEADER_BYTES;
        }
    }
}
