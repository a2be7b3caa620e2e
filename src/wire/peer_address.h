/* A peer's address (dspv_addr) as text, and Tor v3 services by name (Tor's rend-spec-v3, section 6). */
#ifndef WIRE_PEER_ADDRESS_H
#define WIRE_PEER_ADDRESS_H

#include "dashspv/dashspv.h"

enum { ONION_HOST_SIZE = 56 + 6 + 1, PEER_ADDRESS_TEXT_SIZE = ONION_HOST_SIZE + 6 };

/* "….onion" of a service's public key. */
void onion_host(const uint8_t key[32], char out[ONION_HOST_SIZE]);
/* The key in "….onion", in either case; false when it is not the name of a v3 service (its checksum included). */
bool onion_host_parse(const char *host, uint8_t key[32]);

bool peer_address_is_ipv4(const dspv_addr *a);
/* As Dash Core prints it: "1.2.3.4:9999", "[::1]:9999", "….onion:9999". */
void peer_address_text(const dspv_addr *a, char out[PEER_ADDRESS_TEXT_SIZE]);

#endif
