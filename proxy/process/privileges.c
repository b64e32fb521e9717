/* Becoming another user: groups first, then the group, then the user, each for real, effective and saved ids,
 * so that no way leads back; that it cannot go back is tried, not believed. glibc applies each to all
 * threads.
 */
#define _GNU_SOURCE
#include "privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

void hg_privileges_confine(bool core_dumps)
{
    const struct rlimit none = {0, 0};

    (void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    if (core_dumps)
        return;
    (void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* LeakSanitizer looks into the process as a debugger does */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
}

static bool become(const char *name, const struct passwd *user)
{
    return initgroups(name, user->pw_gid) == 0 && setresgid(user->pw_gid, user->pw_gid, user->pw_gid) == 0 &&
           setresuid(user->pw_uid, user->pw_uid, user->pw_uid) == 0;
}

bool hg_privileges_drop(const char *name, char why[256])
{
    struct passwd found, *user = NULL;
    char room[4096];

    if (getpwnam_r(name, &found, room, sizeof room, &user) != 0 || !user) {
        snprintf(why, 256, "there is no user \"%s\" on this machine", name);
        return false;
    }
    if (geteuid() == user->pw_uid)
        return true;
    if (geteuid() != 0) {
        snprintf(why, 256, "only root can become user \"%s\": start as root or as that user", name);
        return false;
    }
    if (!become(name, user)) {
        snprintf(why, 256, "cannot become user \"%s\" (error %d)", name, errno);
        return false;
    }
    if (user->pw_uid != 0 && setuid(0) == 0) {
        snprintf(why, 256, "could become root again after having become user \"%s\"", name);
        return false;
    }
    return true;
}
