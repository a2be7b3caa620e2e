/* Checks of X11 that need neither files nor a test library: test_x11.c makes them, and tests/cross on other CPUs. */
#ifndef TESTS_CRYPTO_X11_CHECK_H
#define TESTS_CRYPTO_X11_CHECK_H

#include "crypto/x11/level.h"

/* The portable functions, in order. */
struct x11_function {
    const char *name;
    void (*run)(uint8_t out[64], const uint8_t *in);
    size_t input;
    const char *genesis; /* what it makes, in the chain of all, of mainnet's genesis header: hex */
};
extern const struct x11_function x11_functions[X11_STAGES];

/* NULL, or what is wrong: a text that is good until the next call. */
const char *x11_check_functions(void);                      /* on the genesis header */
const char *x11_check_headers(void);                        /* real ones, by x11_hash */
const char *x11_check_level(const struct x11_level *level); /* does what the portable functions do */

#endif
