/* What systemd is told of the process's life, by sd_notify(3) of libsystemd: silent where NOTIFY_SOCKET is
 * not set. See systemd.service(5), Type=notify, and sd_watchdog_enabled(3). */
#ifndef HG_SERVICE_H
#define HG_SERVICE_H

#include "loop.h"

enum hg_service_state { HG_SERVICE_READY, HG_SERVICE_RELOADING, HG_SERVICE_STOPPING };

/* The state, and a line for `systemctl status`. */
void hg_service_tell(enum hg_service_state state, const char *status);
/* The successor that takes over is the service's main process from now on. */
void hg_service_hand_over(int pid);

/* WatchdogSec=: says "alive" twice in that time, as long as the loop turns and is_well(argument) is true;
 * says nothing where no watchdog waits for it. */
struct hg_watchdog {
    struct hg_timer timer;
    uint64_t interval_ms; /* 0 = nobody waits */
    bool (*is_well)(void *argument);
    void *argument;
};
void hg_watchdog_start(struct hg_watchdog *watchdog, struct hg_loop *loop, bool (*is_well)(void *argument),
                       void *argument);
void hg_watchdog_stop(struct hg_watchdog *watchdog);

#endif
