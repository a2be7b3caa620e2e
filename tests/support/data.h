/* Test data: recorded messages and vectors (outside the repository) and fixtures (inside).
 *
 * Data lives in the folder named by DASHSPV_DATA, by default ../shared/data beside the checkout. Where it is absent, a test
 * that needs it calls data_or_skip(), which prints what is skipped and marks the cmocka test as skipped. */
#ifndef TESTS_SUPPORT_DATA_H
#define TESTS_SUPPORT_DATA_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/hash.h"
#include "base/hex.h"

struct bytes {
    uint8_t *p;
    size_t n;
};

/* True when the data folder exists. */
bool data_present(void);
/* Skip the running cmocka test, saying so, unless the data folder exists. */
void data_or_skip(void);
/* A whole file below the data folder ("mainnet/facts.json"); fails the test when it cannot be read. free(p). */
struct bytes data_load(const char *name);
/* A whole file below tests/fixtures. */
struct bytes fixture_load(const char *name);
/* Absolute path of a file below the data folder / the fixtures; static buffer, valid until the next call. */
const char *data_path(const char *name);
const char *fixture_path(const char *name);
/* JSON files; json_decref() the result. */
json_t *data_json(const char *name);
json_t *fixture_json(const char *name);

/* Required members of JSON objects; fail the test when missing or of another type. */
const char *json_text(const json_t *object, const char *key);
int64_t json_int(const json_t *object, const char *key);
/* Hex text member decoded in plain byte order; free(p). */
struct bytes json_hex(const json_t *object, const char *key);
/* Hash member in display order, as 32 internal bytes. */
void json_hash(const json_t *object, const char *key, uint8_t out[32]);

/* Deterministic pseudo-random numbers for property tests (splitmix64). */
uint64_t test_random(uint64_t *state);

#endif
