/* See rpc_codec.h. What the server says is never shown: it could say anything. */
#include "io/rpc_codec.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "base/endian.h"
#include "base/hash.h"
#include "base/hex.h"
#include "base/mem.h"

static const char BAD_ANSWER[] = "the answer is not what Dash Core says";
static const char NO_MEMORY_LEFT[] = "out of memory";

void rpc_question_block(char out[RPC_QUESTION_SIZE], const uint8_t hash[32])
{
    char hex[65];
    hash_to_hex(hash, hex);
    snprintf(out, RPC_QUESTION_SIZE, "{\"jsonrpc\":\"1.0\",\"id\":\"dashspv\",\"method\":\"getblock\",\"params\":[\"%s\",0]}",
             hex);
}

void rpc_question_chainlock(char out[RPC_QUESTION_SIZE])
{
    snprintf(out, RPC_QUESTION_SIZE, "{\"jsonrpc\":\"1.0\",\"id\":\"dashspv\",\"method\":\"getbestchainlock\",\"params\":[]}");
}

/* The answer as JSON with its result in *result (borrowed). NULL, or why there is none; *json is to be released either way. */
static const char *parse(const char *text, size_t length, json_t **json, json_t **result)
{
    *json = json_loadb(text, length, 0, NULL);
    *result = json_object_get(*json, "result");
    json_t *error = json_object_get(*json, "error");
    if (!json_is_object(*json))
        return BAD_ANSWER;
    if (error && !json_is_null(error))
        return "the node has not got it";
    return *result && !json_is_null(*result) ? NULL : BAD_ANSWER;
}

static const char *unhex(const json_t *value, size_t most, uint8_t **data, size_t *n)
{
    const char *hex = json_string_value(value);
    size_t length = hex ? json_string_length(value) : 0;
    if (length == 0 || length % 2 != 0 || length / 2 > most || strlen(hex) != length)
        return BAD_ANSWER;
    *data = mem_alloc(length / 2);
    if (!*data)
        return NO_MEMORY_LEFT;
    if (hex_decode(hex, *data, length / 2)) {
        *n = length / 2;
        return NULL;
    }
    mem_free(*data);
    *data = NULL;
    return BAD_ANSWER;
}

const char *rpc_answer_block(const char *text, size_t length, uint8_t **data, size_t *n)
{
    json_t *json, *result;
    *data = NULL;
    *n = 0;
    const char *why = parse(text, length, &json, &result);
    if (!why)
        why = unhex(result, RPC_LARGEST_BLOCK, data, n);
    json_decref(json);
    return why;
}

static const char *read_chainlock(const json_t *result, uint8_t clsig[RPC_CLSIG_SIZE])
{
    const json_t *height = json_object_get(result, "height");
    const char *hash = json_string_value(json_object_get(result, "blockhash"));
    const char *signature = json_string_value(json_object_get(result, "signature"));
    json_int_t h = json_integer_value(height);
    if (!json_is_integer(height) || h < 0 || h > INT32_MAX || !hash || !hash_from_hex(hash, clsig + 4) || !signature ||
        !hex_decode(signature, clsig + 36, 96))
        return BAD_ANSWER;
    store_le32(clsig, (uint32_t)h);
    return NULL;
}

const char *rpc_answer_chainlock(const char *text, size_t length, uint8_t **data, size_t *n)
{
    json_t *json, *result;
    uint8_t clsig[RPC_CLSIG_SIZE];
    *data = NULL;
    *n = 0;
    const char *why = parse(text, length, &json, &result);
    if (!why)
        why = read_chainlock(result, clsig);
    json_decref(json);
    if (why)
        return why;
    *data = mem_alloc(sizeof(clsig));
    if (!*data)
        return NO_MEMORY_LEFT;
    memcpy(*data, clsig, sizeof(clsig));
    *n = sizeof(clsig);
    return NULL;
}
