/* See notify.h. The protocol is one datagram to the socket that $NOTIFY_SOCKET names (sd_notify(3)); '@' at its start stands for
 * a zero byte. Nobody waits for it, and it may fail: the service goes on. */
#include "cli/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_manager(const char *lines)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    if (!path || (*path != '/' && *path != '@') || strlen(path) >= sizeof(to.sun_path))
        return;
    memcpy(to.sun_path, path, strlen(path) + 1);
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
    if (*path == '@')
        to.sun_path[0] = '\0';
    int s = socket(AF_UNIX, SOCK_DGRAM, 0);
    if (s < 0)
        return;
    ssize_t sent = sendto(s, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&to, size);
    (void)sent;
    close(s);
}

uint64_t notify_watchdog_ms(void)
{
    const char *period = getenv("WATCHDOG_USEC"), *whose = getenv("WATCHDOG_PID");
    if (!period || (whose && strtol(whose, NULL, 10) != (long)getpid()))
        return 0;
    return strtoull(period, NULL, 10) / 2000;
}
