/* Hashes and signatures on a CPU that this machine only has a compiler and an emulator for (tools/cross.sh): no files and no
 * library but the C one. Exit 1 when anything is wrong. */
#include <stdio.h>

#include "base/hex.h"
#include "crypto/bls/sign.h"
#include "crypto/sha256.h"
#include "crypto/sha3.h"
#include "crypto/x11_check.h"

static int failures;

static void report(const char *what, const char *wrong)
{
    printf("%-24s %s%s\n", what, wrong ? "FAILED: " : "right", wrong ? wrong : "");
    failures += wrong != NULL;
}

static bool is(const uint8_t *got, size_t n, const char *hex)
{
    uint8_t expected[96];
    return hex_decode(hex, expected, n) && memcmp(got, expected, n) == 0;
}

static void check_x11(void)
{
    report("x11 functions", x11_check_functions());
    report("x11 headers", x11_check_headers());
    size_t n;
    const struct x11_level *const *levels = x11_levels(&n);
    for (size_t i = 0; i < n; i++) {
        char name[32];
        snprintf(name, sizeof(name), "x11 level %s", levels[i]->name);
        if (levels[i]->usable())
            report(name, x11_check_level(levels[i]));
        else
            printf("%-24s SKIPPED, not for this CPU\n", name);
    }
}

static void check_sha(void)
{
    uint8_t out[32];
    sha256(out, "abc", 3);
    report("sha256", is(out, 32, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") ? NULL : "of abc");
    sha3_256(out, (const uint8_t *)"abc", 3);
    report("sha3", is(out, 32, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532") ? NULL : "of abc");
}

/* Dash Core's library signs like this (quorums.md 6.6 has more). */
static const char *wrong_in_bls(void)
{
    uint8_t m[32], b[96];
    struct bls_secret secret;
    bls_key key;
    bls_sig sig;
    hash_from_hex("b6d8ee31bbd375dfd55d5fb4b02cfccc68709e64f4c5ffcd3895ceb46540311d", m);
    hex_decode("43dd263542a8d10bc9f843b46f15c86cd87e00c8f45fe5339b30c08e3233d8e3", b, 32);
    if (!bls_secret_decode(&secret, b))
        return "decoding a secret";
    bls_secret_key(&secret, &key);
    bls_secret_sign(&secret, m, BLS_LEGACY, &sig);
    bls_sig_encode(b, &sig, BLS_LEGACY);
    if (!is(b, 96,
            "0888879c99852460912fd28c7a9138926c1e87fd6609fd2d3d307764e49feb85702fd8f9b3b836bc11f7ce151b769dc7"
            "0b760879d26f8c33a29e24f69297f45ef028f0794e63ddb0610db7de1a608b6d6a2129ada62b845004a408f651fd44a5"))
        return "a signature";
    if (!bls_sig_decode(&sig, b, BLS_LEGACY) || !bls_verify(&key, &sig, m, BLS_LEGACY) || bls_verify(&key, &sig, m, BLS_BASIC))
        return "a verdict";
    return NULL;
}

int main(void)
{
    check_x11();
    check_sha();
    report("bls", wrong_in_bls());
    return failures > 0;
}
