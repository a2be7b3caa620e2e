/* See threads.h. */
#include "io/threads.h"

#include <stdbool.h>
#include <stdio.h>
#include <uv.h>

enum { FEWEST = 2, MOST = 16, BACK = UV_PRIORITY_BELOW_NORMAL };

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

void thread_steps_back(void)
{
#ifdef __linux__
    static _Thread_local bool done;
    int priority;
    if (!done && uv_os_getpriority(0, &priority) == 0)
        (void)uv_os_setpriority(0, priority + BACK < UV_PRIORITY_LOW ? priority + BACK : UV_PRIORITY_LOW);
    done = true;
#endif
}
