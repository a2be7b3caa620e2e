/* See threads.h. */
#include "io/threads.h"

#include <stdio.h>
#include <uv.h>

enum { FEWEST = 2, MOST = 16 };

void threads_as_cores(void)
{
    static const char name[] = "UV_THREADPOOL_SIZE"; /* read by libuv when it starts its threads */
    char value[16];
    size_t size = sizeof(value);
    unsigned n = uv_available_parallelism();
    if (uv_os_getenv(name, value, &size) != UV_ENOENT)
        return;
    snprintf(value, sizeof(value), "%u", n < FEWEST ? FEWEST : n > MOST ? MOST : n);
    (void)uv_os_setenv(name, value);
}
