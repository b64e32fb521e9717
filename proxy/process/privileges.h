/* Giving up what the process does not need. */
#ifndef HG_PRIVILEGES_H
#define HG_PRIVILEGES_H

#include "slice.h"

/* No core file, and no process of the same user may look into this one (prctl(2), PR_SET_DUMPABLE): its
 * memory holds passwords of databases and rows of tenants. Programs that it starts get no privileges that it
 * has not (PR_SET_NO_NEW_PRIVS). `core_dumps` leaves the former out, for a debugger. */
void hg_privileges_confine(bool core_dumps);

/* Becomes that user, with its groups, for good; only root can, and for another user it is an error. True at
 * once when the process is that user already. False and why. */
HG_MUST_USE bool hg_privileges_drop(const char *user, char why[256]);

#endif
