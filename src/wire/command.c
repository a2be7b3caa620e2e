/* The command table. An unknown command may be as large as anything in Dash Core, since nothing of it is kept. */
#include "wire/command.h"

#include <string.h>

#include "wire/addr.h"
#include "wire/headers.h"
#include "wire/inventory.h"
#include "wire/locks.h"
#include "wire/qrinfo.h"
#include "wire/version.h"

static const struct {
    char name[WIRE_COMMAND_SIZE + 1]; /* zero-padded by the language */
    uint32_t largest;
} commands[WIRE_COMMAND_COUNT] = {[WIRE_UNKNOWN] = {"", WIRE_LARGEST_PAYLOAD},
#define ROW(id, name, largest) [WIRE_##id] = {name, largest},
                                  WIRE_COMMANDS(ROW)
#undef ROW
};

bool wire_command_well_formed(const uint8_t name[12])
{
    size_t n = 0;
    while (n < WIRE_COMMAND_SIZE && name[n] >= 0x20 && name[n] <= 0x7e)
        n++;
    while (n < WIRE_COMMAND_SIZE && name[n] == 0)
        n++;
    return n == WIRE_COMMAND_SIZE;
}

enum wire_command wire_command_find(const uint8_t name[12])
{
    for (int i = WIRE_UNKNOWN + 1; i < WIRE_COMMAND_COUNT; i++)
        if (memcmp(commands[i].name, name, WIRE_COMMAND_SIZE) == 0)
            return (enum wire_command)i;
    return WIRE_UNKNOWN;
}

const char *wire_command_name(enum wire_command command)
{
    return commands[command].name;
}

void wire_command_bytes(enum wire_command command, uint8_t out[12])
{
    memcpy(out, commands[command].name, WIRE_COMMAND_SIZE);
}

uint32_t wire_command_largest(enum wire_command command)
{
    return commands[command].largest;
}
