#include "crypto/x11_check.h"

#include <stdio.h>

#include "base/hex.h"
#include "crypto/rng.h"
#include "crypto/x11.h"
#include "crypto/x11/x11_stages.h"

/* protocol.md 2.3 */
const struct x11_function x11_functions[X11_STAGES] = {
    {"blake512", x11_blake512, 80,
     "227f2d5161ea36375dadcb89236aea5e7aaff3895572ee9f65ee3f23f59cf439"
     "358926cd14eb189d3f83915dc756b99865cf4164e0c9bd1bc90a2c9226b3b625"},
    {"bmw512", x11_bmw512, 64,
     "9a68884014b1da44c63c4ede72261c3e815e54a4ca627daff902bdda0f6d2d46"
     "ba4aa3a9fc4ea1d6ffe1bffde744d77696e0ac47d3b92bd3728c74d046dce676"},
    {"groestl512", x11_groestl512, 64,
     "17e4ecc346b47506d2e03d92a4eb198cea6ca1e79355baba0d3739014041d60a"
     "23610fb37c55c4f2a2075dfb0abf6c5a4c0e91827ed2a83c3ab4e807be46ca1e"},
    {"skein512", x11_skein512, 64,
     "326b1982591b194791c6ac2e118215581aefa63c9ba53d03e6923ca87af3e810"
     "0526997208673f6d9e643934c7b0be0e9218f7cd1757d159a87958c7a77c32d8"},
    {"jh512", x11_jh512, 64,
     "628229371163aa4a7bd55f265af1e009fe6e52fa8e44eb4210cd90e7f1be3c47"
     "8fc54bbfda5b9dc68a7351fd1e3377d9117e15bbc92ad4acf423348bffd8373b"},
    {"keccak512", x11_keccak512, 64,
     "e8936ccf90364fa516414f17c10fa8a86895eeef2643fd9df9ac1611efb9a871"
     "cee593e18a8088cc94b22e2e2a0ec50049ea4fc8ec954b29bb18793ad21a5598"},
    {"luffa512", x11_luffa512, 64,
     "75155f9cdf3e6753968f6bb4a0b26c69e3748c916a471325c9008afc02559727"
     "c64dc01f3eb99a216fce7bbf6582ee91e9a2415793b25b2218a96b74d7975bb0"},
    {"cubehash512", x11_cubehash512, 64,
     "3effd3b73d66d3afb5ada3592b3983041c12474f4eff37f33476d8f299e04841"
     "b8924813b969cfc64d8759f4940dbeabc2bb7be578edccbd8fea4a0aac203a07"},
    {"shavite512", x11_shavite512, 64,
     "862001b22261939303da51b42695923e535828a21b00c68ec44433f773cb466e"
     "c3e6ae1d9767df54825d50a01fe8b50450b2dd553237bde341f6f2ba12254c1a"},
    {"simd512", x11_simd512, 64,
     "00f832098e40d5120124b9535999b5b59b65c923c59221caa54c783f48431a60"
     "034f06173ab149c86b639490706b2dcfee8f08452dca4387d59178d9cc87d877"},
    {"echo512", x11_echo512, 64,
     "b67a40f3cd5804437a108f105533739c37e6229bc1adcab385140b59fd0f0000"
     "922edebf8c8984bd47a81fc7ab66efd8a4aff815fe83a38b57d398213bc8f486"},
};

#define GENESIS_START                                                                                                            \
    "010000000000000000000000000000000000000000000000000000000000000000000000"                                                   \
    "c762a6567f3cc092f0684bb62b7e00a84890b990f07cc71a6bb58d64b98e02e0"

/* protocol.md 1.2 and 2.3; hashes as displayed. */
static const struct {
    const char *header, *hash;
} known[] = {
    {GENESIS_START "022ddb52f0ff0f1ec23fb901", "00000ffd590b1485b3caadc19b22e6379c733355108f107a430458cdf3407ab6"},
    {GENESIS_START "dee1e352f0ff0f1ec3c927e6", "00000bafbc94add76cb75e2ec92894837288a481e5c005f6563d91623bf8bc2c"},
    {GENESIS_START "b9968054ffff7f20ffba1000", "000008ca1832a4baf228eb1553c03d3a2c8e02399550dd6ea8d65cec3ef23d2e"},
    {"040000002e3df23eec5cd6a86edd509539028e2c3a3dc05315eb28f2baa43218ca080000"
     "6ff8de707b5db167f8e4f4bb2bda42d08c01843a567250a5e794732d9704e6d8ba968054ffff7f2001000000",
     "64de7c3044c2f46291bd19881ad801e25a910776f4bcf563ef94a726b294ada5"},
};

static char wrong[100];

const char *x11_check_functions(void)
{
    uint8_t in[X11_HEADER], expected[64], out[64];
    hex_decode(known[0].header, in, X11_HEADER);
    for (size_t i = 0; i < X11_STAGES; i++) {
        const struct x11_function *f = &x11_functions[i];
        hex_decode(f->genesis, expected, 64);
        f->run(out, in);
        f->run(in, in); /* in place */
        if (memcmp(out, expected, 64) != 0 || memcmp(in, expected, 64) != 0) {
            snprintf(wrong, sizeof(wrong), "%s of the genesis header", f->name);
            return wrong;
        }
    }
    return NULL;
}

const char *x11_check_headers(void)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint8_t header[X11_HEADER];
        block_hash expected, got;
        if (!hex_decode(known[i].header, header, X11_HEADER) || !hash_from_hex(known[i].hash, expected.b))
            return "the text of a known header";
        x11_hash(&got, header);
        if (!block_hash_eq(&got, &expected)) {
            snprintf(wrong, sizeof(wrong), "known header %zu", i);
            return wrong;
        }
    }
    return NULL;
}

/* ---- levels */

/* All lanes of a stage. */
static bool stage_is_right(const struct x11_level *level, unsigned stage, const uint8_t *in)
{
    uint8_t got[X11_MOST_GROUP * 64], expected[64];
    const struct x11_function *f = &x11_functions[stage];
    x11_level_stage(level, stage, got, in);
    for (size_t i = 0; i < level->group; i++) {
        f->run(expected, in + f->input * i);
        if (memcmp(expected, got + 64 * i, 64) != 0) {
            snprintf(wrong, sizeof(wrong), "%s of level %s, lane %zu", f->name, level->name, i);
            return false;
        }
    }
    return true;
}

/* All stages together, with the changes of layout between them. */
static bool hashes_are_right(const struct x11_level *level, const uint8_t *headers)
{
    size_t n;
    const struct x11_level *portable = x11_levels(&n)[0];
    block_hash got[X11_MOST_GROUP], expected;
    x11_level_hash(level, got, headers);
    for (size_t i = 0; i < level->group; i++) {
        x11_level_hash(portable, &expected, headers + X11_HEADER * i);
        if (!block_hash_eq(&got[i], &expected)) {
            snprintf(wrong, sizeof(wrong), "a hash of level %s, lane %zu", level->name, i);
            return false;
        }
    }
    return true;
}

/* Lanes differ, so that lanes that are mixed up are seen; extremes first. */
const char *x11_check_level(const struct x11_level *level)
{
    enum { ROUNDS = 200, ZEROS = 0, ONES = 1 };
    uint8_t in[X11_MOST_GROUP * X11_HEADER];
    struct rng rng;
    rng_init(&rng, (const uint8_t[32]){0});
    for (int round = 0; round < ROUNDS; round++) {
        for (unsigned stage = 0; stage < X11_STAGES; stage++) {
            if (round == ZEROS || round == ONES)
                memset(in, round == ONES ? 0xff : 0, sizeof(in));
            else
                rng_bytes(&rng, in, sizeof(in));
            if (!stage_is_right(level, stage, in))
                return wrong;
        }
        if (!hashes_are_right(level, in))
            return wrong;
    }
    return NULL;
}
