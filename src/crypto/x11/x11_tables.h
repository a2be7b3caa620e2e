/* Constants of the X11 functions. Written by tools/x11_tables.py: change that, not this. */
#ifndef CRYPTO_X11_TABLES_H
#define CRYPTO_X11_TABLES_H

#include <stdint.h>

/* BLAKE */
static const uint64_t x11_blake_iv[8] = {
    0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179,
};

/* BLAKE: pi */
static const uint64_t x11_blake_c[16] = {
    0x243f6a8885a308d3, 0x13198a2e03707344, 0xa4093822299f31d0, 0x082efa98ec4e6c89, 0x452821e638d01377, 0xbe5466cf34e90c6c,
    0xc0ac29b7c97c50dd, 0x3f84d5b5b5470917, 0x9216d5d98979fb1b, 0xd1310ba698dfb5ac, 0x2ffd72dbd01adfb7, 0xb8e1afed6a267e96,
    0xba7c9045f12c7f99, 0x24a19947b3916cf7, 0x0801f2e2858efc16, 0x636920d871574e69,
};

/* BLAKE: the 16 rounds, each ROUND() given its row of sigma. */
#define X11_BLAKE_ROUNDS(ROUND) \
    ROUND( 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15) \
    ROUND(14, 10,  4,  8,  9, 15, 13,  6,  1, 12,  0,  2, 11,  7,  5,  3) \
    ROUND(11,  8, 12,  0,  5,  2, 15, 13, 10, 14,  3,  6,  7,  1,  9,  4) \
    ROUND( 7,  9,  3,  1, 13, 12, 11, 14,  2,  6,  5, 10,  4,  0, 15,  8) \
    ROUND( 9,  0,  5,  7,  2,  4, 10, 15, 14,  1, 11, 12,  6,  8,  3, 13) \
    ROUND( 2, 12,  6, 10,  0, 11,  8,  3,  4, 13,  7,  5, 15, 14,  1,  9) \
    ROUND(12,  5,  1, 15, 14, 13,  4, 10,  0,  7,  6,  3,  9,  2,  8, 11) \
    ROUND(13, 11,  7, 14, 12,  1,  3,  9,  5,  0, 15,  4,  8,  6,  2, 10) \
    ROUND( 6, 15, 14,  9, 11,  3,  0,  8, 12,  2, 13,  7,  1,  4, 10,  5) \
    ROUND(10,  2,  8,  4,  7,  6,  1,  5, 15, 11,  9, 14,  3, 12, 13,  0) \
    ROUND( 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15) \
    ROUND(14, 10,  4,  8,  9, 15, 13,  6,  1, 12,  0,  2, 11,  7,  5,  3) \
    ROUND(11,  8, 12,  0,  5,  2, 15, 13, 10, 14,  3,  6,  7,  1,  9,  4) \
    ROUND( 7,  9,  3,  1, 13, 12, 11, 14,  2,  6,  5, 10,  4,  0, 15,  8) \
    ROUND( 9,  0,  5,  7,  2,  4, 10, 15, 14,  1, 11, 12,  6,  8,  3, 13) \
    ROUND( 2, 12,  6, 10,  0, 11,  8,  3,  4, 13,  7,  5, 15, 14,  1,  9)

/* BMW */
static const uint64_t x11_bmw_iv[16] = {
    0x8081828384858687, 0x88898a8b8c8d8e8f, 0x9091929394959697, 0x98999a9b9c9d9e9f, 0xa0a1a2a3a4a5a6a7, 0xa8a9aaabacadaeaf,
    0xb0b1b2b3b4b5b6b7, 0xb8b9babbbcbdbebf, 0xc0c1c2c3c4c5c6c7, 0xc8c9cacbcccdcecf, 0xd0d1d2d3d4d5d6d7, 0xd8d9dadbdcdddedf,
    0xe0e1e2e3e4e5e6e7, 0xe8e9eaebecedeeef, 0xf0f1f2f3f4f5f6f7, 0xf8f9fafbfcfdfeff,
};

/* BMW: chaining value of the closing call */
static const uint64_t x11_bmw_final[16] = {
    0xaaaaaaaaaaaaaaa0, 0xaaaaaaaaaaaaaaa1, 0xaaaaaaaaaaaaaaa2, 0xaaaaaaaaaaaaaaa3, 0xaaaaaaaaaaaaaaa4, 0xaaaaaaaaaaaaaaa5,
    0xaaaaaaaaaaaaaaa6, 0xaaaaaaaaaaaaaaa7, 0xaaaaaaaaaaaaaaa8, 0xaaaaaaaaaaaaaaa9, 0xaaaaaaaaaaaaaaaa, 0xaaaaaaaaaaaaaaab,
    0xaaaaaaaaaaaaaaac, 0xaaaaaaaaaaaaaaad, 0xaaaaaaaaaaaaaaae, 0xaaaaaaaaaaaaaaaf,
};

/* Groestl: SubBytes and MixBytes of row 0; other rows are rotations */
static const uint64_t x11_groestl_t[256] = {
    0xc6a597f4a5f432c6, 0xf884eb9784976ff8, 0xee99c7b099b05eee, 0xf68df78c8d8c7af6, 0xff0de5170d17e8ff, 0xd6bdb7dcbddc0ad6,
    0xdeb1a7c8b1c816de, 0x915439fc54fc6d91, 0x6050c0f050f09060, 0x0203040503050702, 0xcea987e0a9e02ece, 0x567dac877d87d156,
    0xe719d52b192bcce7, 0xb56271a662a613b5, 0x4de69a31e6317c4d, 0xec9ac3b59ab559ec, 0x8f4505cf45cf408f, 0x1f9d3ebc9dbca31f,
    0x894009c040c04989, 0xfa87ef92879268fa, 0xef15c53f153fd0ef, 0xb2eb7f26eb2694b2, 0x8ec90740c940ce8e, 0xfb0bed1d0b1de6fb,
    0x41ec822fec2f6e41, 0xb3677da967a91ab3, 0x5ffdbe1cfd1c435f, 0x45ea8a25ea256045, 0x23bf46dabfdaf923, 0x53f7a602f7025153,
    0xe496d3a196a145e4, 0x9b5b2ded5bed769b, 0x75c2ea5dc25d2875, 0xe11cd9241c24c5e1, 0x3dae7ae9aee9d43d, 0x4c6a98be6abef24c,
    0x6c5ad8ee5aee826c, 0x7e41fcc341c3bd7e, 0xf502f1060206f3f5, 0x834f1dd14fd15283, 0x685cd0e45ce48c68, 0x51f4a207f4075651,
    0xd134b95c345c8dd1, 0xf908e9180818e1f9, 0xe293dfae93ae4ce2, 0xab734d9573953eab, 0x6253c4f553f59762, 0x2a3f54413f416b2a,
    0x080c10140c141c08, 0x955231f652f66395, 0x46658caf65afe946, 0x9d5e21e25ee27f9d, 0x3028607828784830, 0x37a16ef8a1f8cf37,
    0x0a0f14110f111b0a, 0x2fb55ec4b5c4eb2f, 0x0e091c1b091b150e, 0x2436485a365a7e24, 0x1b9b36b69bb6ad1b, 0xdf3da5473d4798df,
    0xcd26816a266aa7cd, 0x4e699cbb69bbf54e, 0x7fcdfe4ccd4c337f, 0xea9fcfba9fba50ea, 0x121b242d1b2d3f12, 0x1d9e3ab99eb9a41d,
    0x5874b09c749cc458, 0x342e68722e724634, 0x362d6c772d774136, 0xdcb2a3cdb2cd11dc, 0xb4ee7329ee299db4, 0x5bfbb616fb164d5b,
    0xa4f65301f601a5a4, 0x764decd74dd7a176, 0xb76175a361a314b7, 0x7dcefa49ce49347d, 0x527ba48d7b8ddf52, 0xdd3ea1423e429fdd,
    0x5e71bc937193cd5e, 0x139726a297a2b113, 0xa6f55704f504a2a6, 0xb96869b868b801b9, 0x0000000000000000, 0xc12c99742c74b5c1,
    0x406080a060a0e040, 0xe31fdd211f21c2e3, 0x79c8f243c8433a79, 0xb6ed772ced2c9ab6, 0xd4beb3d9bed90dd4, 0x8d4601ca46ca478d,
    0x67d9ce70d9701767, 0x724be4dd4bddaf72, 0x94de3379de79ed94, 0x98d42b67d467ff98, 0xb0e87b23e82393b0, 0x854a11de4ade5b85,
    0xbb6b6dbd6bbd06bb, 0xc52a917e2a7ebbc5, 0x4fe59e34e5347b4f, 0xed16c13a163ad7ed, 0x86c51754c554d286, 0x9ad72f62d762f89a,
    0x6655ccff55ff9966, 0x119422a794a7b611, 0x8acf0f4acf4ac08a, 0xe910c9301030d9e9, 0x0406080a060a0e04, 0xfe81e798819866fe,
    0xa0f05b0bf00baba0, 0x7844f0cc44ccb478, 0x25ba4ad5bad5f025, 0x4be3963ee33e754b, 0xa2f35f0ef30eaca2, 0x5dfeba19fe19445d,
    0x80c01b5bc05bdb80, 0x058a0a858a858005, 0x3fad7eecadecd33f, 0x21bc42dfbcdffe21, 0x7048e0d848d8a870, 0xf104f90c040cfdf1,
    0x63dfc67adf7a1963, 0x77c1ee58c1582f77, 0xaf75459f759f30af, 0x426384a563a5e742, 0x2030405030507020, 0xe51ad12e1a2ecbe5,
    0xfd0ee1120e12effd, 0xbf6d65b76db708bf, 0x814c19d44cd45581, 0x1814303c143c2418, 0x26354c5f355f7926, 0xc32f9d712f71b2c3,
    0xbee16738e13886be, 0x35a26afda2fdc835, 0x88cc0b4fcc4fc788, 0x2e395c4b394b652e, 0x93573df957f96a93, 0x55f2aa0df20d5855,
    0xfc82e39d829d61fc, 0x7a47f4c947c9b37a, 0xc8ac8befacef27c8, 0xbae76f32e73288ba, 0x322b647d2b7d4f32, 0xe695d7a495a442e6,
    0xc0a09bfba0fb3bc0, 0x199832b398b3aa19, 0x9ed12768d168f69e, 0xa37f5d817f8122a3, 0x446688aa66aaee44, 0x547ea8827e82d654,
    0x3bab76e6abe6dd3b, 0x0b83169e839e950b, 0x8cca0345ca45c98c, 0xc729957b297bbcc7, 0x6bd3d66ed36e056b, 0x283c50443c446c28,
    0xa779558b798b2ca7, 0xbce2633de23d81bc, 0x161d2c271d273116, 0xad76419a769a37ad, 0xdb3bad4d3b4d96db, 0x6456c8fa56fa9e64,
    0x744ee8d24ed2a674, 0x141e28221e223614, 0x92db3f76db76e492, 0x0c0a181e0a1e120c, 0x486c90b46cb4fc48, 0xb8e46b37e4378fb8,
    0x9f5d25e75de7789f, 0xbd6e61b26eb20fbd, 0x43ef862aef2a6943, 0xc4a693f1a6f135c4, 0x39a872e3a8e3da39, 0x31a462f7a4f7c631,
    0xd337bd5937598ad3, 0xf28bff868b8674f2, 0xd532b156325683d5, 0x8b430dc543c54e8b, 0x6e59dceb59eb856e, 0xdab7afc2b7c218da,
    0x018c028f8c8f8e01, 0xb16479ac64ac1db1, 0x9cd2236dd26df19c, 0x49e0923be03b7249, 0xd8b4abc7b4c71fd8, 0xacfa4315fa15b9ac,
    0xf307fd090709faf3, 0xcf25856f256fa0cf, 0xcaaf8feaafea20ca, 0xf48ef3898e897df4, 0x47e98e20e9206747, 0x1018202818283810,
    0x6fd5de64d5640b6f, 0xf088fb83888373f0, 0x4a6f94b16fb1fb4a, 0x5c72b8967296ca5c, 0x3824706c246c5438, 0x57f1ae08f1085f57,
    0x73c7e652c7522173, 0x975135f351f36497, 0xcb238d652365aecb, 0xa17c59847c8425a1, 0xe89ccbbf9cbf57e8, 0x3e217c6321635d3e,
    0x96dd377cdd7cea96, 0x61dcc27fdc7f1e61, 0x0d861a9186919c0d, 0x0f851e9485949b0f, 0xe090dbab90ab4be0, 0x7c42f8c642c6ba7c,
    0x71c4e257c4572671, 0xccaa83e5aae529cc, 0x90d83b73d873e390, 0x06050c0f050f0906, 0xf701f5030103f4f7, 0x1c12383612362a1c,
    0xc2a39ffea3fe3cc2, 0x6a5fd4e15fe18b6a, 0xaef94710f910beae, 0x69d0d26bd06b0269, 0x17912ea891a8bf17, 0x995829e858e87199,
    0x3a2774692769533a, 0x27b94ed0b9d0f727, 0xd938a948384891d9, 0xeb13cd351335deeb, 0x2bb356ceb3cee52b, 0x2233445533557722,
    0xd2bbbfd6bbd604d2, 0xa9704990709039a9, 0x07890e8089808707, 0x33a766f2a7f2c133, 0x2db65ac1b6c1ec2d, 0x3c22786622665a3c,
    0x15922aad92adb815, 0xc92089602060a9c9, 0x874915db49db5c87, 0xaaff4f1aff1ab0aa, 0x5078a0887888d850, 0xa57a518e7a8e2ba5,
    0x038f068a8f8a8903, 0x59f8b213f8134a59, 0x0980129b809b9209, 0x1a1734391739231a, 0x65daca75da751065, 0xd731b553315384d7,
    0x84c61351c651d584, 0xd0b8bbd3b8d303d0, 0x82c31f5ec35edc82, 0x29b052cbb0cbe229, 0x5a77b4997799c35a, 0x1e113c3311332d1e,
    0x7bcbf646cb463d7b, 0xa8fc4b1ffc1fb7a8, 0x6dd6da61d6610c6d, 0x2c3a584e3a4e622c,
};

/* Skein: the 19 subkeys of the message block, tweak and number folded in */
static const uint64_t x11_skein_subkeys[19][8] = {
    {
        0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c434,
        0x891112c71a75b523, 0xae18a40b660fcc33
    },
    {
        0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x891112c71a75b523,
        0x9e18a40b660fcc73, 0xcab2076d98173ec5
    },
    {
        0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0x9e18a40b660fcc73,
        0xcab2076d98173f04, 0x4903adff749c51d0
    },
    {
        0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173f04,
        0x3903adff749c51ce, 0x0d95de399746df06
    },
    {
        0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x3903adff749c51ce,
        0xfd95de399746df43, 0x8fd1934127c79bd2
    },
    {
        0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0xfd95de399746df43,
        0x8fd1934127c79c0e, 0x9a255629ff352cb6
    },
    {
        0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79c0e,
        0x8a255629ff352cb1, 0x5db62599df6ca7b6
    },
    {
        0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x8a255629ff352cb1,
        0x4db62599df6ca7f0, 0xeabe394ca9d5c3fb
    },
    {
        0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x4db62599df6ca7f0,
        0xeabe394ca9d5c434, 0x991112c71a75b52b
    },
    {
        0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c434,
        0x891112c71a75b523, 0xae18a40b660fcc3c
    },
    {
        0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x891112c71a75b523,
        0x9e18a40b660fcc73, 0xcab2076d98173ece
    },
    {
        0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0x9e18a40b660fcc73,
        0xcab2076d98173f04, 0x4903adff749c51d9
    },
    {
        0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173f04,
        0x3903adff749c51ce, 0x0d95de399746df0f
    },
    {
        0x5db62599df6ca7b0, 0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x3903adff749c51ce,
        0xfd95de399746df43, 0x8fd1934127c79bdb
    },
    {
        0xeabe394ca9d5c3f4, 0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0xfd95de399746df43,
        0x8fd1934127c79c0e, 0x9a255629ff352cbf
    },
    {
        0x991112c71a75b523, 0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79c0e,
        0x8a255629ff352cb1, 0x5db62599df6ca7bf
    },
    {
        0xae18a40b660fcc33, 0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x8a255629ff352cb1,
        0x4db62599df6ca7f0, 0xeabe394ca9d5c404
    },
    {
        0xcab2076d98173ec4, 0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x4db62599df6ca7f0,
        0xeabe394ca9d5c434, 0x991112c71a75b534
    },
    {
        0x4903adff749c51ce, 0x0d95de399746df03, 0x8fd1934127c79bce, 0x9a255629ff352cb1, 0x5db62599df6ca7b0, 0xeabe394ca9d5c434,
        0x891112c71a75b523, 0xae18a40b660fcc45
    },
};

/* JH: little-endian words; 8 to 11, 14 and 15 complemented, as words/jh.h keeps them */
static const uint64_t x11_jh_iv[16] = {
    0x17aa003e964bd16f, 0x43d5157a052e6a63, 0x0bef970c8d5e228a, 0x61c3b3f2591234e9, 0x1e806f53c1a01d89, 0x806d2bea6b05a92a,
    0xa6ba7520dbcc8e58, 0xf73bf8ba763a0fa9, 0x96b51cbefa1996fe, 0xa51990d171754ab9, 0xdbc37b3e2f58b8ef, 0x663ea5d24e8e91c4,
    0x56f8b19decf657cf, 0x56b116577c8806a7, 0x04e87a1920033d1c, 0xb422733387b9a5ab,
};

/* JH: per round even high, even low, odd high, odd low; little-endian words */
static const uint64_t x11_jh_c[42][4] = {
    {
        0x67f815dfa2ded572, 0x571523b70a15847b, 0xf6875a4d90d6ab81, 0x402bd1c3c54f9f4e
    },
    {
        0x9cfa455ce03a98ea, 0x9a99b26699d2c503, 0x8a53bbf2b4960266, 0x31a2db881a1456b5
    },
    {
        0xdb0e199a5c5aa303, 0x1044c1870ab23f40, 0x1d959e848019051c, 0xdccde75eadeb336f
    },
    {
        0x416bbf029213ba10, 0xd027bbf7156578dc, 0x5078aa3739812c0a, 0xd3910041d2bf1a3f
    },
    {
        0x907eccf60d5a2d42, 0xce97c0929c9f62dd, 0xac442bc70ba75c18, 0x23fcc663d665dfd1
    },
    {
        0x1ab8e09e036c6e97, 0xa8ec6c447e450521, 0xfa618e5dbb03f1ee, 0x97818394b29796fd
    },
    {
        0x2f3003db37858e4a, 0x956a9ffb2d8d672a, 0x6c69b8f88173fe8a, 0x14427fc04672c78a
    },
    {
        0xc45ec7bd8f15f4c5, 0x80bb118fa76f4475, 0xbc88e4aeb775de52, 0xf4a3a6981e00b882
    },
    {
        0x1563a3a9338ff48e, 0x89f9b7d524565faa, 0xfde05a7c20edf1b6, 0x362c42065ae9ca36
    },
    {
        0x3d98fe4e433529ce, 0xa74b9a7374f93a53, 0x86814e6f591ff5d0, 0x9f5ad8af81ad9d0e
    },
    {
        0x6a6234ee670605a7, 0x2717b96ebe280b8b, 0x3f1080c626077447, 0x7b487ec66f7ea0e0
    },
    {
        0xc0a4f84aa50a550d, 0x9ef18e979fe7e391, 0xd48d605081727686, 0x62b0e5f3415a9e7e
    },
    {
        0x7a205440ec1f9ffc, 0x84c9f4ce001ae4e3, 0xd895fa9df594d74f, 0xa554c324117e2e55
    },
    {
        0x286efebd2872df5b, 0xb2c4a50fe27ff578, 0x2ed349eeef7c8905, 0x7f5928eb85937e44
    },
    {
        0x4a3124b337695f70, 0x65e4d61df128865e, 0xe720b95104771bc7, 0x8a87d423e843fe74
    },
    {
        0xf2947692a3e8297d, 0xc1d9309b097acbdd, 0xe01bdc5bfb301b1d, 0xbf829cf24f4924da
    },
    {
        0xffbf70b431bae7a4, 0x48bcf8de0544320d, 0x39d3bb5332fcae3b, 0xa08b29e0c1c39f45
    },
    {
        0x0f09aef7fd05c9e5, 0x34f1904212347094, 0x95ed44e301b771a2, 0x4a982f4f368e3be9
    },
    {
        0x15f66ca0631d4088, 0xffaf52874b44c147, 0x30c60ae2f14abb7e, 0xe68c6eccc5b67046
    },
    {
        0x00ca4fbd56a4d5a4, 0xae183ec84b849dda, 0xadd1643045ce5773, 0x67255c1468cea6e8
    },
    {
        0x16e10ecbf28cdaa3, 0x9a99949a5806e933, 0x7b846fc220b2601f, 0x1885d1a07facced1
    },
    {
        0xd319dd8da15b5932, 0x46b4a5aac01c9a50, 0xba6b04e467633d9f, 0x7eee560bab19caf6
    },
    {
        0x742128a9ea79b11f, 0xee51363b35f7bde9, 0x76d350755aac571d, 0x01707da3fec2463a
    },
    {
        0x42d8a498afc135f7, 0x79676b9e20eced78, 0xa8db3aea15638341, 0x832c83324d3bc3fa
    },
    {
        0xf347271c1f3b40a7, 0x9a762db734f04059, 0xfd4f21d26c4e3ee7, 0xef5957dc398dfdb8
    },
    {
        0xdaeb492b490c9b8d, 0x0d70f36849d7a25b, 0x84558d7ad0ae3b7d, 0x658ef8e4f0e9a5f5
    },
    {
        0x533b1036f4a2b8a0, 0x5aec3e759e07a80c, 0x4f88e85692946891, 0x4cbcbaf8555cb05b
    },
    {
        0x7b9487f3993bbbe3, 0x5d1c6b72d6f4da75, 0x6db334dc28acae64, 0x71db28b850a5346c
    },
    {
        0x2a518d10f2e261f8, 0xfc75dd593364dbe3, 0xa23fce43f1bcac1c, 0xb043e8023cd1bb67
    },
    {
        0x75a12988ca5b0a33, 0x5c5316b44d19347f, 0x1e4d790ec3943b92, 0x3fafeeb6d7757479
    },
    {
        0x21391abef7d4a8ea, 0x5127234c097ef45c, 0xd23c32ba5324a326, 0xadd5a66d4a17a344
    },
    {
        0x08c9f2afa63e1db5, 0x563c6b91983d5983, 0x4d608672a17cf84c, 0xf6c76e08cc3ee246
    },
    {
        0x5e76bcb1b333982f, 0x2ae6c4efa566d62b, 0x36d4c1bee8b6f406, 0x6321efbc1582ee74
    },
    {
        0x69c953f40d4ec1fd, 0x26585806c45a7da7, 0x16fae0061614c17e, 0x3f9d63283daf907e
    },
    {
        0x0cd29b00e3f2c9d2, 0x300cd4b730ceaa5f, 0x9832e0f216512a74, 0x9af8cee3d830eb0d
    },
    {
        0x9279f1b57b9ec54b, 0xd36886046ee651ff, 0x316796e6574d239b, 0x05750a17f3a6e6cc
    },
    {
        0xce6c3213d98176b1, 0x62a205f88452173c, 0x47154778b3cb2bf4, 0x486a9323825446ff
    },
    {
        0x65655e4e0758df38, 0x8e5086fc897cfcf2, 0x86ca0bd0442e7031, 0x4e477830a20940f0
    },
    {
        0x8338f7d139eea065, 0xbd3a2ce437e95ef7, 0x6ff8130126b29721, 0xe7de9fefd1ed44a3
    },
    {
        0xd992257615dfa08b, 0xbe42dc12f6f7853c, 0x7eb027ab7ceca7d8, 0xdea83eaada7d8d53
    },
    {
        0xd86902bd93ce25aa, 0xf908731afd43f65a, 0xa5194a17daef5fc0, 0x6a21fd4c33664d97
    },
    {
        0x701541db3198b435, 0x9b54cdedbb0f1eea, 0x72409751a163d09a, 0xe26f4791bf9d75f6
    },
};

/* Keccak */
static const uint64_t x11_keccak_rc[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

/* Luffa: big-endian words of the five lanes, after the injection of zeros into the initial value */
static const uint32_t x11_luffa_first[5][8] = {
    {
        0x8bb0a761, 0xc2e4aa8b, 0x2d539bc9, 0x381408f8, 0x478f6633, 0x255a46ff, 0x581c37f7, 0x601c2e8e
    },
    {
        0x266c5f9d, 0xc34715d8, 0x8900670e, 0x51a540be, 0xe4ce69fb, 0x5089f4d4, 0x3cc0a506, 0x609bcb02
    },
    {
        0xa4e3cd82, 0xd24fd6ca, 0xc0f196dc, 0xcf41eafe, 0x0ff2e673, 0x303804f2, 0xa7b3cd48, 0x677addd4
    },
    {
        0x66e66a8a, 0x2303208f, 0x486dafb4, 0xc0d37dc6, 0x634d15af, 0xe5af6747, 0x10af7e38, 0xee7e6428
    },
    {
        0x01262e5d, 0xc92c2e64, 0x82fee966, 0xcea738d3, 0x867de2b0, 0xe0714818, 0xda6e831f, 0xa7062529
    },
};

/* Luffa: per step, the constants of word 4 and of word 0 of the five lanes (words/luffa_step.h) */
static const uint32_t x11_luffa_mixed[8][2][5] = {
    {
        {
            0x8fe643f3, 0x7f4bd061, 0x0ed0c69f, 0x0feb9b20, 0x57b79544
        },
        {
            0x402028aa, 0x366a3f73, 0x0d0fe0b2, 0x4207cb7a, 0x589a8358
        }
    },
    {
        {
            0x5df22b79, 0xfd2f4185, 0x8cee2246, 0x5dc54837, 0x69736d2a
        },
        {
            0x62eb861f, 0x7224c4d4, 0x4744f39c, 0x6a74095d, 0x3a9d452f
        }
    },
    {
        {
            0xc06595de, 0xa17b1a9a, 0xd1d3adad, 0xc0b818e6, 0xa5cdb4a9
        },
        {
            0x53595033, 0x598346b1, 0x54f4d3dd, 0x71276d3b, 0x41f92da4
        }
    },
    {
        {
            0x363b6f40, 0x85ec6a6b, 0x70e38e8c, 0xb54d5ba0, 0x9736d2a7
        },
        {
            0x15920881, 0x660d1ac5, 0x0b240739, 0x1c6afca1, 0x07e4b691
        }
    },
    {
        {
            0x8d2ba18c, 0xf5da8d19, 0x438e3a31, 0x80f3720e, 0xeb7672a4
        },
        {
            0x6cd44efc, 0x7a5f4fa3, 0x071c25fc, 0x4b379e7e, 0x6ce9ab12
        }
    },
    {
        {
            0xd6c5a285, 0x02ac28ea, 0x6c53cc73, 0x61a6ec8d, 0x781fd61e
        },
        {
            0x513a1f47, 0x53e15277, 0x7e1bb344, 0x4eb55d4f, 0x093ac0b3
        }
    },
    {
        {
            0x6cbbb22c, 0x68db871f, 0x64892d40, 0xd35daeb8, 0xe07f5879
        },
        {
            0x1c1f3551, 0x2dee6d69, 0x42f2a1e9, 0x004919c5, 0x24eb02ce
        }
    },
    {
        {
            0x32eec8b1, 0xa36e1c7d, 0x47e2a98c, 0x2f1d9e55, 0x01fd61e7
        },
        {
            0x5bf0ec5c, 0x1c358cbc, 0x1adad247, 0x634f43a2, 0x13ac0b38
        }
    },
};

/* CubeHash16/32-512 */
static const uint32_t x11_cubehash_iv[32] = {
    0x2aea2a61, 0x50f494d4, 0x2d538b8b, 0x4167d83e, 0x3fee2313, 0xc701cf8c, 0xcc39968e, 0x50ac5695,
    0x4d42c787, 0xa647a8b3, 0x97cf0bef, 0x825b4537, 0xeef864d2, 0xf22090c4, 0xd0e5cd33, 0xa23911ae,
    0xfcd398d9, 0x148fe485, 0x1b017bef, 0xb6444532, 0x6a536159, 0x2ff5781c, 0x91fa7934, 0x0dbadea9,
    0xd65c8a2b, 0xa5a70e75, 0xb1c62456, 0xbc796576, 0x1921c8f7, 0xe7989af1, 0x7795d246, 0xd43e3b44,
};

/* AES: SubBytes and MixColumns of row 0; other rows are rotations */
static const uint32_t x11_aes_t[256] = {
    0xa56363c6, 0x847c7cf8, 0x997777ee, 0x8d7b7bf6, 0x0df2f2ff, 0xbd6b6bd6, 0xb16f6fde, 0x54c5c591,
    0x50303060, 0x03010102, 0xa96767ce, 0x7d2b2b56, 0x19fefee7, 0x62d7d7b5, 0xe6abab4d, 0x9a7676ec,
    0x45caca8f, 0x9d82821f, 0x40c9c989, 0x877d7dfa, 0x15fafaef, 0xeb5959b2, 0xc947478e, 0x0bf0f0fb,
    0xecadad41, 0x67d4d4b3, 0xfda2a25f, 0xeaafaf45, 0xbf9c9c23, 0xf7a4a453, 0x967272e4, 0x5bc0c09b,
    0xc2b7b775, 0x1cfdfde1, 0xae93933d, 0x6a26264c, 0x5a36366c, 0x413f3f7e, 0x02f7f7f5, 0x4fcccc83,
    0x5c343468, 0xf4a5a551, 0x34e5e5d1, 0x08f1f1f9, 0x937171e2, 0x73d8d8ab, 0x53313162, 0x3f15152a,
    0x0c040408, 0x52c7c795, 0x65232346, 0x5ec3c39d, 0x28181830, 0xa1969637, 0x0f05050a, 0xb59a9a2f,
    0x0907070e, 0x36121224, 0x9b80801b, 0x3de2e2df, 0x26ebebcd, 0x6927274e, 0xcdb2b27f, 0x9f7575ea,
    0x1b090912, 0x9e83831d, 0x742c2c58, 0x2e1a1a34, 0x2d1b1b36, 0xb26e6edc, 0xee5a5ab4, 0xfba0a05b,
    0xf65252a4, 0x4d3b3b76, 0x61d6d6b7, 0xceb3b37d, 0x7b292952, 0x3ee3e3dd, 0x712f2f5e, 0x97848413,
    0xf55353a6, 0x68d1d1b9, 0x00000000, 0x2cededc1, 0x60202040, 0x1ffcfce3, 0xc8b1b179, 0xed5b5bb6,
    0xbe6a6ad4, 0x46cbcb8d, 0xd9bebe67, 0x4b393972, 0xde4a4a94, 0xd44c4c98, 0xe85858b0, 0x4acfcf85,
    0x6bd0d0bb, 0x2aefefc5, 0xe5aaaa4f, 0x16fbfbed, 0xc5434386, 0xd74d4d9a, 0x55333366, 0x94858511,
    0xcf45458a, 0x10f9f9e9, 0x06020204, 0x817f7ffe, 0xf05050a0, 0x443c3c78, 0xba9f9f25, 0xe3a8a84b,
    0xf35151a2, 0xfea3a35d, 0xc0404080, 0x8a8f8f05, 0xad92923f, 0xbc9d9d21, 0x48383870, 0x04f5f5f1,
    0xdfbcbc63, 0xc1b6b677, 0x75dadaaf, 0x63212142, 0x30101020, 0x1affffe5, 0x0ef3f3fd, 0x6dd2d2bf,
    0x4ccdcd81, 0x140c0c18, 0x35131326, 0x2fececc3, 0xe15f5fbe, 0xa2979735, 0xcc444488, 0x3917172e,
    0x57c4c493, 0xf2a7a755, 0x827e7efc, 0x473d3d7a, 0xac6464c8, 0xe75d5dba, 0x2b191932, 0x957373e6,
    0xa06060c0, 0x98818119, 0xd14f4f9e, 0x7fdcdca3, 0x66222244, 0x7e2a2a54, 0xab90903b, 0x8388880b,
    0xca46468c, 0x29eeeec7, 0xd3b8b86b, 0x3c141428, 0x79dedea7, 0xe25e5ebc, 0x1d0b0b16, 0x76dbdbad,
    0x3be0e0db, 0x56323264, 0x4e3a3a74, 0x1e0a0a14, 0xdb494992, 0x0a06060c, 0x6c242448, 0xe45c5cb8,
    0x5dc2c29f, 0x6ed3d3bd, 0xefacac43, 0xa66262c4, 0xa8919139, 0xa4959531, 0x37e4e4d3, 0x8b7979f2,
    0x32e7e7d5, 0x43c8c88b, 0x5937376e, 0xb76d6dda, 0x8c8d8d01, 0x64d5d5b1, 0xd24e4e9c, 0xe0a9a949,
    0xb46c6cd8, 0xfa5656ac, 0x07f4f4f3, 0x25eaeacf, 0xaf6565ca, 0x8e7a7af4, 0xe9aeae47, 0x18080810,
    0xd5baba6f, 0x887878f0, 0x6f25254a, 0x722e2e5c, 0x241c1c38, 0xf1a6a657, 0xc7b4b473, 0x51c6c697,
    0x23e8e8cb, 0x7cdddda1, 0x9c7474e8, 0x211f1f3e, 0xdd4b4b96, 0xdcbdbd61, 0x868b8b0d, 0x858a8a0f,
    0x907070e0, 0x423e3e7c, 0xc4b5b571, 0xaa6666cc, 0xd8484890, 0x05030306, 0x01f6f6f7, 0x120e0e1c,
    0xa36161c2, 0x5f35356a, 0xf95757ae, 0xd0b9b969, 0x91868617, 0x58c1c199, 0x271d1d3a, 0xb99e9e27,
    0x38e1e1d9, 0x13f8f8eb, 0xb398982b, 0x33111122, 0xbb6969d2, 0x70d9d9a9, 0x898e8e07, 0xa7949433,
    0xb69b9b2d, 0x221e1e3c, 0x92878715, 0x20e9e9c9, 0x49cece87, 0xff5555aa, 0x78282850, 0x7adfdfa5,
    0x8f8c8c03, 0xf8a1a159, 0x80898909, 0x170d0d1a, 0xdabfbf65, 0x31e6e6d7, 0xc6424284, 0xb86868d0,
    0xc3414182, 0xb0999929, 0x772d2d5a, 0x110f0f1e, 0xcbb0b07b, 0xfc5454a8, 0xd6bbbb6d, 0x3a16162c,
};

/* ECHO: words after the first round but the contributions of the message */
static const uint64_t x11_echo_first[16][2] = {
    {
        0x0000000023e8e8cb, 0x0000000000000000
    },
    {
        0xf1d5c9f1b5e9d1b1, 0x7dadd5457d7dd646
    },
    {
        0x04322004400e2a58, 0xce7632eacecebd65
    },
    {
        0x0000000094858511, 0x0000000000000000
    },
    {
        0x6f1193b77c4165d0, 0x53eb05bb015d1aaa
    },
    {
        0xbd65cece8b949409, 0xbcbc59f34aaef24a
    },
    {
        0x2793b48c88bd8535, 0x5c8cbbe7f84083c3
    },
    {
        0x9ec45a46ac8b9727, 0x2e46d0fe7c20ccec
    },
    {
        0x1616161616161616, 0x2a2a6e5216161616
    },
    {
        0x1c38241cec685084, 0xb86868d090903bab
    },
    {
        0x0e1c120ea68d912b, 0x5c343468484890d8
    },
    {
        0xffc9dbffe4c0e4c9, 0x2199e12d3535469e
    },
    {
        0x3e0b350d63e4dc87, 0x72a2e7951c93b427
    },
    {
        0x1f88978bf3bea24d, 0x3951fec70ec45a9e
    },
    {
        0xee5d5e7ae9321636, 0x44fc2b8273b98cd8
    },
    {
        0x25b18282fabbbb57, 0x85852bb8dc9953dc
    },
};

/* SHAvite-3 */
static const uint32_t x11_shavite_iv[16] = {
    0x72fccdd8, 0x79ca4727, 0x128a077b, 0x40d55aec, 0xd1901a06, 0x430ae307, 0xb29f5cd1, 0xdf07fbfc,
    0x8e45d73d, 0x681ab538, 0xbde86578, 0xdd577e47, 0xe275eade, 0x502d9fcd, 0xb9357178, 0x022a4b9a,
};

/* SIMD */
static const uint32_t x11_simd_iv[32] = {
    0x0ba16b95, 0x72f999ad, 0x9fecc2ae, 0xba3264fc, 0x5e894929, 0x8e9f30e5, 0x2f1daa37, 0xf0f2c558,
    0xac506643, 0xa90635a5, 0xe25b878b, 0xaab7878f, 0x88817f7a, 0x0a02892b, 0x559a7550, 0x598f657e,
    0x7eef60a1, 0x6b70e3e8, 0x9c1714d1, 0xb958e2a8, 0xab02675e, 0xed1c014f, 0xcd8d65bb, 0xfdb7a257,
    0x09254899, 0xd699c7bc, 0x9019b6dc, 0x2b9022e4, 0x8fa14956, 0x21bf9bd3, 0xb94d0943, 0x6ffddc22,
};

/* SIMD: [a][q] = 41^(8qa) mod 257 */
static const int16_t x11_simd_twist[8][4] = {
    {
        1, 1, 1, 1
    },
    {
        1, 60, 2, 120
    },
    {
        1, 2, 4, 8
    },
    {
        1, 120, 8, -68
    },
    {
        1, 4, 16, 64
    },
    {
        1, -17, 32, -30
    },
    {
        1, 8, 64, -2
    },
    {
        1, -34, 128, 17
    },
};

/* the same / 257 mod 2^16 */
static const int16_t x11_simd_twist_low[8][4] = {
    {
        -255, -255, -255, -255
    },
    {
        -255, -15300, -510, -30600
    },
    {
        -255, -510, -1020, -2040
    },
    {
        -255, -30600, -2040, 17340
    },
    {
        -255, -1020, -4080, -16320
    },
    {
        -255, 4335, -8160, 7650
    },
    {
        -255, -2040, -16320, 510
    },
    {
        -255, 8670, -32640, -4335
    },
};

/* SIMD: [b][m] = 41^(mb) mod 257 */
static const int16_t x11_simd_twiddle[8][32] = {
    {
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1
    },
    {
        1, 41, -118, 45, 46, 87, -31, 14, 60, -110, 116, -127, -67, 80, -61, 69,
        2, 82, 21, 90, 92, -83, -62, 28, 120, 37, -25, 3, 123, -97, -122, -119
    },
    {
        1, -118, 46, -31, 60, 116, -67, -61, 2, 21, 92, -62, 120, -25, 123, -122,
        4, 42, -73, -124, -17, -50, -11, 13, 8, 84, 111, 9, -34, -100, -22, 26
    },
    {
        1, 45, -31, -110, -67, 69, 21, -83, 120, 3, -122, -93, -73, 56, -50, 63,
        8, 103, 9, -109, -22, 38, -89, 107, -68, 24, 52, 27, -70, -66, 114, -10
    },
    {
        1, 46, 60, -67, 2, 92, 120, 123, 4, -73, -17, -11, 8, 111, -34, -22,
        16, -35, -68, -44, 32, -70, 121, -88, 64, 117, -15, 81, 128, -23, -30, -95
    },
    {
        1, 87, 116, 69, 92, 37, -122, -77, -17, 63, 84, 112, -22, -115, 18, 24,
        32, -43, 114, -105, 117, -101, -49, 106, -30, -40, 118, -14, 67, -82, 62, -3
    },
    {
        1, -31, -67, 21, 120, -122, -73, -50, 8, 9, -22, -89, -68, 52, -70, 114,
        64, 72, 81, 59, -30, -98, -46, -116, -2, 62, -123, -42, 17, -13, -111, 100
    },
    {
        1, 14, -61, -83, 123, -77, -50, 71, -34, 38, 18, -5, -70, 48, -99, -101,
        128, -7, -98, -87, 67, -90, 25, 93, 17, -19, -9, -126, 35, -24, -79, -78
    },
};

/* the same / 257 mod 2^16 */
static const int16_t x11_simd_twiddle_low[8][32] = {
    {
        -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255,
        -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255, -255
    },
    {
        -255, -10455, 30090, -11475, -11730, -22185, 7905, -3570, -15300, 28050, -29580, 32385, 17085, -20400, 15555, -17595,
        -510, -20910, -5355, -22950, -23460, 21165, 15810, -7140, -30600, -9435, 6375, -765, -31365, 24735, 31110, 30345
    },
    {
        -255, 30090, -11730, 7905, -15300, -29580, 17085, 15555, -510, -5355, -23460, 15810, -30600, 6375, -31365, 31110,
        -1020, -10710, 18615, 31620, 4335, 12750, 2805, -3315, -2040, -21420, -28305, -2295, 8670, 25500, 5610, -6630
    },
    {
        -255, -11475, 7905, 28050, 17085, -17595, -5355, 21165, -30600, -765, 31110, 23715, 18615, -14280, 12750, -16065,
        -2040, -26265, -2295, 27795, 5610, -9690, 22695, -27285, 17340, -6120, -13260, -6885, 17850, 16830, -29070, 2550
    },
    {
        -255, -11730, -15300, 17085, -510, -23460, -30600, -31365, -1020, 18615, 4335, 2805, -2040, -28305, 8670, 5610,
        -4080, 8925, 17340, 11220, -8160, 17850, -30855, 22440, -16320, -29835, 3825, -20655, -32640, 5865, 7650, 24225
    },
    {
        -255, -22185, -29580, -17595, -23460, -9435, 31110, 19635, 4335, -16065, -21420, -28560, 5610, 29325, -4590, -6120,
        -8160, 10965, -29070, 26775, -29835, 25755, 12495, -27030, 7650, 10200, -30090, 3570, -17085, 20910, -15810, 765
    },
    {
        -255, 7905, 17085, -5355, -30600, 31110, 18615, 12750, -2040, -2295, 5610, 22695, 17340, -13260, 17850, -29070,
        -16320, -18360, -20655, -15045, 7650, 24990, 11730, 29580, 510, -15810, 31365, 10710, -4335, 3315, 28305, -25500
    },
    {
        -255, -3570, 15555, 21165, -31365, 19635, 12750, -18105, 8670, -9690, -4590, 1275, 17850, -12240, 25245, 25755,
        -32640, 1785, 24990, 22185, -17085, 22950, -6375, -23715, -4335, 4845, 2295, 32130, -8925, 6120, 20145, 19890
    },
};

/* SIMD: 41^(248m) mod 257. What is added to all numbers, 163^i, is the transform of a one at j = 255 = 8 * 31 + 7 */
static const int16_t x11_simd_offset[32] = {
    1, 30, -128, 15, -64, -121, -32, 68, -16, 34, -8, 17, -4, -120, -2, -60,
    -1, -30, 128, -15, 64, 121, 32, -68, 16, -34, 8, -17, 4, 120, 2, 60,
};

/* SIMD: rows of the expanded message in the order of the steps */
static const uint8_t x11_simd_rows[4][8] = {
    {
        4, 6, 0, 2, 7, 5, 3, 1
    },
    {
        15, 11, 12, 8, 9, 13, 10, 14
    },
    {
        1, 2, 7, 4, 6, 5, 0, 3
    },
    {
        6, 0, 1, 7, 3, 5, 4, 2
    },
};

/* SIMD: expanded message of the length block, 8 words for each step */
static const uint32_t x11_simd_last[256] = {
    0x531b1720, 0xac2cde09, 0x0b902d87, 0x2369b1f4, 0x2931aa01, 0x02e4b082, 0xc914c914, 0xc1dae1a6,
    0xf18c2b5c, 0x08ac306b, 0x27bfc914, 0xcedc548d, 0xc630c4be, 0xf18c4335, 0xf0d3427c, 0xbe3da380,
    0x143c02e4, 0xa948c630, 0xa4f2de09, 0xa71d2085, 0xa439bd84, 0x109fcd6a, 0xeea8ef61, 0xa5ab1ce8,
    0x0b90d4a4, 0x3d6d039d, 0x25944d53, 0xbaa0e034, 0x5bc71e5a, 0xb1f4f2fe, 0x12cade09, 0x548d41c3,
    0x3cb4f80d, 0x36ecebc4, 0xa66443ee, 0x43351abd, 0xc7a20c49, 0xeb0bb366, 0xf5293f98, 0x49b6de09,
    0x531b29ea, 0x02e402e4, 0xdb25c405, 0x53d4e543, 0x0ad71720, 0xe1a61a04, 0xb87534c1, 0x3edf43ee,
    0x213e50f0, 0x39173edf, 0xa9485b0e, 0xeea82ef9, 0x14f55771, 0xfaf15546, 0x3d6dd9b3, 0xab73b92e,
    0x582a48fd, 0xeea81892, 0x4f7eaa01, 0xaf10a88f, 0x11581720, 0x34c124db, 0xd1c0ab73, 0x1e5af0d3,
    0xc34c07f3, 0xc914143c, 0x599cbc12, 0xbccbe543, 0x385ef3b7, 0x14f54c9a, 0x0ad7c068, 0xb64a21f7,
    0xdec2af10, 0xc6e9c121, 0x56b8a4f2, 0x1158d107, 0xeb0ba88f, 0x050faaba, 0xc293264d, 0x548d46d2,
    0xace5e8e0, 0x53d421f7, 0xf470d279, 0xdc974e0c, 0xd6cf55ff, 0xfd1c4f7e, 0x36ec36ec, 0x3e261e5a,
    0xebc4fd1c, 0x56b839d0, 0x5b0e21f7, 0x58e3df7b, 0x5bc7427c, 0xef613296, 0x1158109f, 0x5a55e318,
    0xa7d6b703, 0x1158e76e, 0xb08255ff, 0x50f05771, 0xeea8e8e0, 0xcb3fdb25, 0x2e40548d, 0xe1a60f2d,
    0xace5d616, 0xfd1cfd1c, 0x24db3bfb, 0xac2c1abd, 0xf529e8e0, 0x1e5ae5fc, 0x478bcb3f, 0xc121bc12,
    0xf4702b5c, 0xc293fc63, 0xda6cb2ad, 0x45601fcc, 0xa439e1a6, 0x4e0c0d02, 0xed3621f7, 0xab73be3d,
    0x0e74d4a4, 0xf754cf95, 0xd84136ec, 0x3124ab73, 0x39d03b42, 0x0e74bccb, 0x0f2dbd84, 0x41c35c80,
    0xa4135bed, 0xe10e1ef2, 0x6c4f93b1, 0x6e2191df, 0xe2e01d20, 0xd1952e6b, 0x6a7d9583, 0x131dece3,
    0x369cc964, 0xfb73048d, 0x9e9d6163, 0x280cd7f4, 0xd9c6263a, 0x1062ef9e, 0x2ac7d539, 0xad2d52d3,
    0x0a03f5fd, 0x197ce684, 0xaa72558e, 0xde5321ad, 0xf0870f79, 0x607a9f86, 0xafe85018, 0x2ac7d539,
    0xe2e01d20, 0x2ac7d539, 0xc6a93957, 0x624c9db4, 0x6c4f93b1, 0x641e9be2, 0x452cbad4, 0x263ad9c6,
    0xc964369c, 0xc3053cfb, 0x452cbad4, 0x95836a7d, 0x4aa2b55e, 0xab5b54a5, 0xac4453bc, 0x74808b80,
    0xcb3634ca, 0xfc5c03a4, 0x4b8bb475, 0x21adde53, 0xe2e01d20, 0xdf3c20c4, 0xbd8f4271, 0xaa72558e,
    0xfc5c03a4, 0x48d0b730, 0x2ac7d539, 0xd70b28f5, 0x53bcac44, 0x3fb6c04a, 0x14efeb11, 0xdb982468,
    0x9a1065f0, 0xb0d14f2f, 0x8d5272ae, 0xc4d73b29, 0x91df6e21, 0x949a6b66, 0x303dcfc3, 0x5932a6ce,
    0x1234edcc, 0xf5140aec, 0xcdf1320f, 0x3de4c21c, 0x48d0b730, 0x1234edcc, 0x131dece3, 0x52d3ad2d,
    0xe684197c, 0x6d3892c8, 0x72ae8d52, 0x6ff3900d, 0x73978c69, 0xeb1114ef, 0x15d8ea28, 0x71c58e3b,
    0x90f66f0a, 0x15d8ea28, 0x9be2641e, 0x65f09a10, 0xea2815d8, 0xbd8f4271, 0x3a40c5c0, 0xd9c6263a,
    0xb38c4c74, 0xbad4452c, 0x70dc8f24, 0xab5b54a5, 0x46feb902, 0x1a65e59b, 0x0da7f259, 0xa32a5cd6,
    0xd62229de, 0xb81947e7, 0x6d3892c8, 0x15d8ea28, 0xe59b1a65, 0x065ff9a1, 0xb2a34d5d, 0x6a7d9583,
    0x975568ab, 0xfc5c03a4, 0x2e6bd195, 0x966c6994, 0xf2590da7, 0x263ad9c6, 0x5a1ba5e5, 0xb0d14f2f,
    0x975568ab, 0x6994966c, 0xf1700e90, 0xd3672c99, 0xcc1f33e1, 0xfc5c03a4, 0x452cbad4, 0x4e46b1ba,
    0xf1700e90, 0xb2a34d5d, 0xd0ac2f54, 0x5760a8a0, 0x8c697397, 0x624c9db4, 0xe85617aa, 0x95836a7d,
};

/* SIMD: [round][row mod 8] = the step that takes the row */
static const uint8_t x11_simd_steps[4][8] = {
    {
        2, 7, 3, 6, 0, 5, 1, 4
    },
    {
        11, 12, 14, 9, 10, 13, 15, 8
    },
    {
        22, 16, 17, 23, 19, 21, 20, 18
    },
    {
        25, 26, 31, 28, 30, 29, 24, 27
    },
};

/* SIMD: the steps of a block, STEP(f, a, b, c, d, r, s, p, i). */
#define X11_SIMD_STEPS(STEP) \
    STEP(choose, a, b, c, d, 3, 23, 1, 0) \
    STEP(choose, d, a, b, c, 23, 17, 6, 1) \
    STEP(choose, c, d, a, b, 17, 27, 2, 2) \
    STEP(choose, b, c, d, a, 27, 3, 3, 3) \
    STEP(majority, a, b, c, d, 3, 23, 5, 4) \
    STEP(majority, d, a, b, c, 23, 17, 7, 5) \
    STEP(majority, c, d, a, b, 17, 27, 4, 6) \
    STEP(majority, b, c, d, a, 27, 3, 1, 7) \
    STEP(choose, a, b, c, d, 28, 19, 6, 8) \
    STEP(choose, d, a, b, c, 19, 22, 2, 9) \
    STEP(choose, c, d, a, b, 22, 7, 3, 10) \
    STEP(choose, b, c, d, a, 7, 28, 5, 11) \
    STEP(majority, a, b, c, d, 28, 19, 7, 12) \
    STEP(majority, d, a, b, c, 19, 22, 4, 13) \
    STEP(majority, c, d, a, b, 22, 7, 1, 14) \
    STEP(majority, b, c, d, a, 7, 28, 6, 15) \
    STEP(choose, a, b, c, d, 29, 9, 2, 16) \
    STEP(choose, d, a, b, c, 9, 15, 3, 17) \
    STEP(choose, c, d, a, b, 15, 5, 5, 18) \
    STEP(choose, b, c, d, a, 5, 29, 7, 19) \
    STEP(majority, a, b, c, d, 29, 9, 4, 20) \
    STEP(majority, d, a, b, c, 9, 15, 1, 21) \
    STEP(majority, c, d, a, b, 15, 5, 6, 22) \
    STEP(majority, b, c, d, a, 5, 29, 2, 23) \
    STEP(choose, a, b, c, d, 4, 13, 3, 24) \
    STEP(choose, d, a, b, c, 13, 10, 5, 25) \
    STEP(choose, c, d, a, b, 10, 25, 7, 26) \
    STEP(choose, b, c, d, a, 25, 4, 4, 27) \
    STEP(majority, a, b, c, d, 4, 13, 1, 28) \
    STEP(majority, d, a, b, c, 13, 10, 6, 29) \
    STEP(majority, c, d, a, b, 10, 25, 2, 30) \
    STEP(majority, b, c, d, a, 25, 4, 3, 31) \
    STEP(choose, a, b, c, d, 4, 13, 5, 32) \
    STEP(choose, d, a, b, c, 13, 10, 7, 33) \
    STEP(choose, c, d, a, b, 10, 25, 4, 34) \
    STEP(choose, b, c, d, a, 25, 4, 1, 35)

/* SIMD: [r][n] = the word that has name n in round r; its inverse is row 7 - r */
static const uint8_t x11_simd_turns[8][8] = {
    {
        0, 1, 2, 3, 4, 5, 6, 7
    },
    {
        0, 6, 3, 5, 1, 7, 2, 4
    },
    {
        0, 2, 5, 7, 6, 4, 3, 1
    },
    {
        0, 3, 7, 4, 2, 1, 5, 6
    },
    {
        0, 5, 4, 1, 3, 6, 7, 2
    },
    {
        0, 7, 1, 6, 5, 2, 4, 3
    },
    {
        0, 4, 6, 2, 7, 3, 1, 5
    },
    {
        0, 1, 2, 3, 4, 5, 6, 7
    },
};

/* SIMD: the same, words in the order of their names */
static const uint32_t x11_simd_last_turned[256] = {
    0x531b1720, 0xac2cde09, 0x0b902d87, 0x2369b1f4, 0x2931aa01, 0x02e4b082, 0xc914c914, 0xc1dae1a6,
    0xf18c2b5c, 0x08ac306b, 0x27bfc914, 0xcedc548d, 0xc630c4be, 0xf18c4335, 0xf0d3427c, 0xbe3da380,
    0x143c02e4, 0xa948c630, 0xa4f2de09, 0xa71d2085, 0xa439bd84, 0x109fcd6a, 0xeea8ef61, 0xa5ab1ce8,
    0x0b90d4a4, 0x3d6d039d, 0x25944d53, 0xbaa0e034, 0x5bc71e5a, 0xb1f4f2fe, 0x12cade09, 0x548d41c3,
    0x3cb4f80d, 0x36ecebc4, 0xa66443ee, 0x43351abd, 0xc7a20c49, 0xeb0bb366, 0xf5293f98, 0x49b6de09,
    0x531b29ea, 0x02e402e4, 0xdb25c405, 0x53d4e543, 0x0ad71720, 0xe1a61a04, 0xb87534c1, 0x3edf43ee,
    0x213e50f0, 0x39173edf, 0xa9485b0e, 0xeea82ef9, 0x14f55771, 0xfaf15546, 0x3d6dd9b3, 0xab73b92e,
    0x582a48fd, 0xeea81892, 0x4f7eaa01, 0xaf10a88f, 0x11581720, 0x34c124db, 0xd1c0ab73, 0x1e5af0d3,
    0xc34c07f3, 0x0ad7c068, 0xbccbe543, 0x14f54c9a, 0xc914143c, 0xb64a21f7, 0x599cbc12, 0x385ef3b7,
    0xdec2af10, 0xc293264d, 0x1158d107, 0x050faaba, 0xc6e9c121, 0x548d46d2, 0x56b8a4f2, 0xeb0ba88f,
    0xace5e8e0, 0x36ec36ec, 0xdc974e0c, 0xfd1c4f7e, 0x53d421f7, 0x3e261e5a, 0xf470d279, 0xd6cf55ff,
    0xebc4fd1c, 0x1158109f, 0x58e3df7b, 0xef613296, 0x56b839d0, 0x5a55e318, 0x5b0e21f7, 0x5bc7427c,
    0xa7d6b703, 0x2e40548d, 0x50f05771, 0xcb3fdb25, 0x1158e76e, 0xe1a60f2d, 0xb08255ff, 0xeea8e8e0,
    0xace5d616, 0x478bcb3f, 0xac2c1abd, 0x1e5ae5fc, 0xfd1cfd1c, 0xc121bc12, 0x24db3bfb, 0xf529e8e0,
    0xf4702b5c, 0xed3621f7, 0x45601fcc, 0x4e0c0d02, 0xc293fc63, 0xab73be3d, 0xda6cb2ad, 0xa439e1a6,
    0x0e74d4a4, 0x0f2dbd84, 0x3124ab73, 0x0e74bccb, 0xf754cf95, 0x41c35c80, 0xd84136ec, 0x39d03b42,
    0xa4135bed, 0x6c4f93b1, 0xd1952e6b, 0x131dece3, 0x6a7d9583, 0xe2e01d20, 0x6e2191df, 0xe10e1ef2,
    0x369cc964, 0x9e9d6163, 0x1062ef9e, 0xad2d52d3, 0x2ac7d539, 0xd9c6263a, 0x280cd7f4, 0xfb73048d,
    0x0a03f5fd, 0xaa72558e, 0x607a9f86, 0x2ac7d539, 0xafe85018, 0xf0870f79, 0xde5321ad, 0x197ce684,
    0xe2e01d20, 0xc6a93957, 0x641e9be2, 0x263ad9c6, 0x452cbad4, 0x6c4f93b1, 0x624c9db4, 0x2ac7d539,
    0xc964369c, 0x452cbad4, 0xab5b54a5, 0x74808b80, 0xac4453bc, 0x4aa2b55e, 0x95836a7d, 0xc3053cfb,
    0xcb3634ca, 0x4b8bb475, 0xdf3c20c4, 0xaa72558e, 0xbd8f4271, 0xe2e01d20, 0x21adde53, 0xfc5c03a4,
    0xfc5c03a4, 0x2ac7d539, 0x3fb6c04a, 0xdb982468, 0x14efeb11, 0x53bcac44, 0xd70b28f5, 0x48d0b730,
    0x9a1065f0, 0x8d5272ae, 0x949a6b66, 0x5932a6ce, 0x303dcfc3, 0x91df6e21, 0xc4d73b29, 0xb0d14f2f,
    0x1234edcc, 0x3de4c21c, 0x52d3ad2d, 0x48d0b730, 0xcdf1320f, 0xf5140aec, 0x1234edcc, 0x131dece3,
    0xe684197c, 0x6ff3900d, 0x71c58e3b, 0x73978c69, 0x72ae8d52, 0x6d3892c8, 0xeb1114ef, 0x15d8ea28,
    0x90f66f0a, 0x65f09a10, 0xd9c6263a, 0xea2815d8, 0x9be2641e, 0x15d8ea28, 0xbd8f4271, 0x3a40c5c0,
    0xb38c4c74, 0xab5b54a5, 0xa32a5cd6, 0x46feb902, 0x70dc8f24, 0xbad4452c, 0x1a65e59b, 0x0da7f259,
    0xd62229de, 0x15d8ea28, 0x6a7d9583, 0xe59b1a65, 0x6d3892c8, 0xb81947e7, 0x065ff9a1, 0xb2a34d5d,
    0x975568ab, 0x966c6994, 0xb0d14f2f, 0xf2590da7, 0x2e6bd195, 0xfc5c03a4, 0x263ad9c6, 0x5a1ba5e5,
    0x975568ab, 0xd3672c99, 0x4e46b1ba, 0xcc1f33e1, 0xf1700e90, 0x6994966c, 0xfc5c03a4, 0x452cbad4,
    0xf1700e90, 0x5760a8a0, 0x95836a7d, 0x8c697397, 0xd0ac2f54, 0xb2a34d5d, 0x624c9db4, 0xe85617aa,
};

#endif
