/* The parts of this test; main is in test_devnode.c. */
#ifndef TEST_DEVNODE_H
#define TEST_DEVNODE_H

#include "support/data.h"

#include "devnode/fixture.h"

void test_recorded_from_genesis(void **state);
void test_recorded_pairs(void **state);
void test_recorded_qrinfo(void **state);
void test_older_layouts(void **state);

void test_headers(void **state);
void test_headers_only(void **state);
void test_headers_file(void **state);
void test_silence(void **state);
void test_disconnects(void **state);
void test_faults(void **state);
void test_mutations(void **state);

void test_growth(void **state);
void test_locks(void **state);

void test_server_handshake(void **state);
void test_server_slow_reader(void **state);
void test_server_refuses(void **state);
void test_program(void **state);

#endif
