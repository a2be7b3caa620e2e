/* Telling the service manager (systemd, Type=notify) how it goes; nothing happens where there is none. */
#ifndef CLI_NOTIFY_H
#define CLI_NOTIFY_H

#include <stdint.h>

/* Lines as sd_notify(3) has them: "READY=1", "STATUS=synced". */
void notify_manager(const char *lines);
/* How often "WATCHDOG=1" is expected, halved; 0: not at all. */
uint64_t notify_watchdog_ms(void);

#endif
