/* Where clients come in: the sockets of `listen:`, or those that were passed on to this process, and handing
 * them to a successor. */
#ifndef HG_LISTENING_H
#define HG_LISTENING_H

#include "config.h"
#include "conn.h"
#include "relatives.h"
#include "sockets.h"

struct hg_listening {
    struct hg_sockets inherited;
    struct hg_listener **listeners;
    size_t count;
    char program[4096]; /* this program's file, as it was started: by now another version may stand there */
    int successor;      /* pid of one that was started; 0 = none */
};

/* Opens all that `listen:` names; sockets that were passed on stand in their place. Errors are said on
 * stderr.
 */
HG_MUST_USE bool hg_listening_open(struct hg_listening *listening, struct hg_loop *loop,
                                   const struct hg_config *config, void (*accepted)(void *owner, int fd),
                                   void *owner);
void hg_listening_say(const struct hg_listening *listening, const struct hg_config *config);
void hg_listening_close(struct hg_listening *listening); /* may be repeated */

/* Starts this program anew with the sockets, and with those by which it can ask this process and its elders
 * (session/relatives.h); when it is ready it ends this process (SIGTERM). What goes wrong is logged, and
 * nothing else changes. */
void hg_listening_hand_over(struct hg_listening *listening, const char *config_path,
                            struct hg_relatives *relatives);
/* SIGCHLD: a successor that has ended before it was ready is logged and forgotten. */
void hg_listening_reap(struct hg_listening *listening);

#endif
