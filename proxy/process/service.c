/* Messages to systemd. Between RELOADING and READY systemd waits, so whoever tells the one has to tell the
 * other, whether the reload succeeded or not. A message that cannot be sent is nobody's loss: the process
 * serves all the same. */
#include "service.h"

#include <stdio.h>
#include <systemd/sd-daemon.h>

#define US_PER_MS 1000u

void hg_service_tell(enum hg_service_state state, const char *status)
{
    static const char *const words[] = {
        [HG_SERVICE_READY] = "READY=1",
        [HG_SERVICE_RELOADING] = "RELOADING=1",
        [HG_SERVICE_STOPPING] = "STOPPING=1",
    };

    (void)sd_notifyf(0, "%s\nMONOTONIC_USEC=%llu\nSTATUS=%s", words[state], (unsigned long long)hg_clock_us(),
                     status);
}

void hg_service_hand_over(int pid)
{
    (void)sd_notifyf(0, "MAINPID=%d", pid);
}

static void alive(void *argument)
{
    struct hg_watchdog *watchdog = argument;

    if (watchdog->is_well(watchdog->argument))
        (void)sd_notify(0, "WATCHDOG=1");
    hg_timer_start(&watchdog->timer, watchdog->interval_ms);
}

void hg_watchdog_start(struct hg_watchdog *watchdog, struct hg_loop *loop, bool (*is_well)(void *argument),
                       void *argument)
{
    uint64_t within_us;

    *watchdog = (struct hg_watchdog){.is_well = is_well, .argument = argument};
    hg_timer_init(&watchdog->timer, loop, alive, watchdog);
    if (sd_watchdog_enabled(0, &within_us) <= 0)
        return;
    watchdog->interval_ms = within_us / US_PER_MS / 2;
    if (watchdog->interval_ms == 0)
        watchdog->interval_ms = 1;
    alive(watchdog);
}

void hg_watchdog_stop(struct hg_watchdog *watchdog)
{
    hg_timer_free(&watchdog->timer);
}
