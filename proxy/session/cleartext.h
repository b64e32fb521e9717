/* Passwords that clients send in clear text are compared with their verifiers on a thread of their own, the
 * same for all workers. */
#ifndef HG_CLEARTEXT_H
#define HG_CLEARTEXT_H

#include "scram.h"

struct hg_checker;
struct hg_check; /* one password, under way or done */
struct hg_session;

struct hg_checker *hg_checker_start(void); /* NULL when there can be no thread */
/* Before the workers end: the thread ends, and no answer comes any more. */
void hg_checker_stop(struct hg_checker *checker);
void hg_checker_free(struct hg_checker *checker); /* when they have; NULL is harmless */

/* Copies both. When the answer is there, hg_session_run() is called. */
struct hg_check *hg_check_begin(struct hg_session *session, const struct hg_scram_verifier *verifier,
                                struct hg_slice password);
bool hg_check_is_done(const struct hg_check *check);
bool hg_check_fits(const struct hg_check *check); /* once it is done */
/* The session needs it no more, whether it is done or not; NULL is harmless. */
void hg_check_drop(struct hg_check *check);

#endif
