/* JSON-RPC texts of the two questions, and their answers as the bytes that the client expects. Pure. */
#ifndef IO_RPC_CODEC_H
#define IO_RPC_CODEC_H

#include "dashspv/dashspv.h"

enum {
    RPC_LARGEST_BLOCK = 4 << 20,                  /* bytes */
    RPC_LARGEST_ANSWER = 2 * RPC_LARGEST_BLOCK + 4096, /* characters: a block in hex, and what is around it */
    RPC_LARGEST_SMALL_ANSWER = 64 << 10,          /* of getbestchainlock */
    RPC_QUESTION_SIZE = 256,
    RPC_CLSIG_SIZE = 4 + 32 + 96
};

void rpc_question_block(char out[RPC_QUESTION_SIZE], const uint8_t hash[32]);
void rpc_question_chainlock(char out[RPC_QUESTION_SIZE]);

/* NULL with *data (mem_free) and *n; or why there is nothing, a sentence without anything the server said. */
const char *rpc_answer_block(const char *text, size_t length, uint8_t **data, size_t *n);
const char *rpc_answer_chainlock(const char *text, size_t length, uint8_t **data, size_t *n);

#endif
