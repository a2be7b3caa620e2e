/* Masternodes and lists made up for a test, without any data file. */
#ifndef TESTS_LLMQ_MADE_UP_H
#define TESTS_LLMQ_MADE_UP_H

#include "support/data.h"

#include "llmq/rotation.h"

struct made_up_mn {
    uint32_t id; /* proTxHash and confirmedHash derive from it */
    uint16_t version; /* 0 = 2 */
    uint16_t type;
    bool banned, unconfirmed;
    uint16_t port;            /* of 1.2.3.4; 0 = no address */
    const char *net_info_hex; /* version 3: its ExtNetInfo */
    uint8_t key[48];
    uint8_t node_id[20];
};

protx_hash made_up_protx(uint32_t id);
/* One reference. */
struct masternode *made_up_masternode(const struct made_up_mn *d);
struct mnlist *made_up_list(const struct made_up_mn *d, size_t n);
/* A state that borrows the list. */
struct mnstate made_up_state(struct mnlist *list, uint32_t block_id);
/* A masternode with address, key and (Evo) node id of its own. */
struct made_up_mn made_up_distinct(uint32_t id, bool evo);

#endif
