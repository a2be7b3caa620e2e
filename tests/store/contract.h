/* What every dspv_store has to keep, asserted the same way for each of them. */
#ifndef TESTS_STORE_CONTRACT_H
#define TESTS_STORE_CONTRACT_H

#include "support/data.h"

#include "dashspv/store.h"

/* A kind of store under test; there is one open store of it at a time. */
struct contract {
    const dspv_store *(*create)(void); /* a new, empty one */
    const dspv_store *(*reopen)(void); /* close it and open it again */
    void (*destroy)(void);
};

/* Each is a cmocka test whose state is a struct contract. */
void contract_empty(void **state);
void contract_put_replace_remove(void **state);
void contract_ranges(void **state);
void contract_sizes(void **state);
void contract_refused(void **state);
void contract_visit_ends_and_nests(void **state);
void contract_random(void **state);
void contract_out_of_memory(void **state);

/* The tests for one kind: for the array handed to cmocka_run_group_tests_name. */
#define CONTRACT_TEST(test, kind)                                                                                                \
    {                                                                                                                            \
#test, test, NULL, NULL, kind                                                                                            \
    }
#define CONTRACT_TESTS(kind)                                                                                                     \
    CONTRACT_TEST(contract_empty, kind), CONTRACT_TEST(contract_put_replace_remove, kind), CONTRACT_TEST(contract_ranges, kind), \
        CONTRACT_TEST(contract_sizes, kind), CONTRACT_TEST(contract_refused, kind),                                              \
        CONTRACT_TEST(contract_visit_ends_and_nests, kind), CONTRACT_TEST(contract_random, kind),                                \
        CONTRACT_TEST(contract_out_of_memory, kind)

#endif
