/* See fixture.h. */
#include "devnode/fixture.h"

#include "support/data.h"

const struct devnode_chain *fixture_chain(const char *name)
{
    static struct {
        char name[16];
        struct devnode_chain *chain;
    } loaded[3];
    char error[DEVNODE_ERROR_SIZE];
    for (size_t i = 0; i < 3; i++) {
        if (loaded[i].chain && strcmp(loaded[i].name, name) == 0)
            return loaded[i].chain;
        if (loaded[i].chain)
            continue;
        snprintf(loaded[i].name, sizeof(loaded[i].name), "%s", name);
        if (devnode_chain_load(&loaded[i].chain, fixture_path(name), error) != 0)
            fail_msg("%s", error);
        return loaded[i].chain;
    }
    fail_msg("too many fixtures");
    return NULL;
}
