/* The commands a light client sends or understands, with the largest payload each may have (protocol.md 3.1, 3.7 to 3.9). */
#ifndef WIRE_COMMAND_H
#define WIRE_COMMAND_H

#include <stdbool.h>
#include <stdint.h>

enum { WIRE_COMMAND_SIZE = 12, WIRE_LARGEST_PAYLOAD = 3 << 20, WIRE_LARGEST_QRINFO = 8 << 20 };

/* X(IDENTIFIER, name on the wire, largest payload). The sizes are spelled with the limits of the codecs' headers and are
 * expanded only where those are included. A qrinfo from genesis of a peer below 70236 exceeds the 3 MiB that bound everything
 * else (protocol.md trap 36). */
#define WIRE_COMMANDS(X)                                                                                                         \
    X(VERSION, "version", VERSION_LARGEST)                                                                                       \
    X(VERACK, "verack", 0)                                                                                                       \
    X(SENDADDRV2, "sendaddrv2", 0)                                                                                               \
    X(SENDHEADERS, "sendheaders", 0)                                                                                             \
    X(SENDHEADERS2, "sendheaders2", 0)                                                                                           \
    X(SENDCMPCT, "sendcmpct", 1 + 8)                                                                                             \
    X(SENDDSQ, "senddsq", 1)                                                                                                     \
    X(QSENDRECSIGS, "qsendrecsigs", 1)                                                                                           \
    X(MNAUTH, "mnauth", 32 + 96)                                                                                                 \
    X(PING, "ping", 8)                                                                                                           \
    X(PONG, "pong", 8)                                                                                                           \
    X(GETADDR, "getaddr", 0)                                                                                                     \
    X(ADDR, "addr", 3 + ADDR_MOST * ADDR_ENTRY)                                                                                  \
    X(ADDRV2, "addrv2", 3 + ADDR_MOST * ADDRV2_LARGEST_ENTRY)                                                                    \
    X(INV, "inv", 3 + INVENTORY_MOST * INVENTORY_ENTRY)                                                                          \
    X(GETDATA, "getdata", 3 + INVENTORY_MOST * INVENTORY_ENTRY)                                                                  \
    X(NOTFOUND, "notfound", 3 + INVENTORY_MOST * INVENTORY_ENTRY)                                                                \
    X(MEMPOOL, "mempool", 0)                                                                                                     \
    X(GETHEADERS, "getheaders", 4 + 1 + GETHEADERS_MOST_LOCATOR * 32 + 32)                                                       \
    X(GETHEADERS2, "getheaders2", 4 + 1 + GETHEADERS_MOST_LOCATOR * 32 + 32)                                                     \
    X(HEADERS, "headers", 3 + HEADERS_MOST * 81)                                                                                 \
    X(HEADERS2, "headers2", 3 + HEADERS2_MOST * HEADERS2_LARGEST_ENTRY)                                                          \
    X(GETMNLISTD, "getmnlistd", 32 + 32)                                                                                         \
    X(MNLISTDIFF, "mnlistdiff", WIRE_LARGEST_PAYLOAD)                                                                            \
    X(GETQRINFO, "getqrinfo", 3 + GETQRINFO_MAX_BASES * 32 + 32 + 1)                                                             \
    X(QRINFO, "qrinfo", WIRE_LARGEST_QRINFO)                                                                                     \
    X(CLSIG, "clsig", 4 + 32 + 96)                                                                                               \
    X(ISDLOCK, "isdlock", 1 + 3 + ISDLOCK_MAX_INPUTS * 36 + 32 + 32 + 96)

enum wire_command {
    WIRE_UNKNOWN, /* none of the others: its payload is skipped, not kept */
#define WIRE_COMMAND_ENUM(id, name, most) WIRE_##id,
    WIRE_COMMANDS(WIRE_COMMAND_ENUM)
#undef WIRE_COMMAND_ENUM
        WIRE_COMMAND_COUNT
};

/* False when the 12 bytes are not printable ASCII padded with zeros. */
bool wire_command_well_formed(const uint8_t name[12]);
/* WIRE_UNKNOWN when the name is none of the table. */
enum wire_command wire_command_find(const uint8_t name[12]);
/* The name without padding; "" for WIRE_UNKNOWN. */
const char *wire_command_name(enum wire_command command);
/* The zero-padded form. */
void wire_command_bytes(enum wire_command command, uint8_t out[12]);
/* Largest payload in bytes. */
uint32_t wire_command_largest(enum wire_command command);

#endif
