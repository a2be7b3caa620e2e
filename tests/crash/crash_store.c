/* See crash.h. The file is opened as a query command does it (a reader, which needs what the killed writer left in its journal), or
 * as the next `dashspv run` does. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "crash/crash.h"
#include "dashspv/store_sqlite.h"

bool crash_store_open(struct crash_store *c, const char *data, const struct dspv_network *net, bool writes, char *finding)
{
    static const uint8_t seed[32] = {2};
    char path[512];
    dspv_store_report report;
    *c = (struct crash_store){0};
    if (writes) { /* the program may have been killed before it made them */
        snprintf(path, sizeof(path), "%s/%s", data, net->net.chain.name);
        (void)mkdir(data, 0700);
        (void)mkdir(path, 0700);
    }
    snprintf(path, sizeof(path), "%s/%s/store.sqlite", data, net->net.chain.name);
    dspv_store_problem problem = writes ? dspv_store_sqlite_open(&c->sqlite, path, DSPV_STORE_KEEP, &report)
                                        : dspv_store_sqlite_open_reader(&c->sqlite, path, &report);
    if (problem == DSPV_STORE_MISSING && !writes) {
        c->empty = true;
        return true;
    }
    if (problem != DSPV_STORE_FINE) {
        snprintf(finding, CRASH_FINDING_SIZE, "the store does not open: %.400s", report.text);
        return false;
    }
    int rc = dspv_new(&c->client, net, NULL, dspv_store_sqlite_seam(c->sqlite), seed, (dspv_ms)time(NULL) * 1000);
    if (rc != 0)
        snprintf(finding, CRASH_FINDING_SIZE, "no client on the store: %s", dspv_error_text(rc));
    return rc == 0;
}

void crash_store_close(struct crash_store *c)
{
    dspv_free(c->client);
    dspv_store_sqlite_close(c->sqlite);
}
