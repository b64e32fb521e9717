/* The proof that a client is who it says it is, in the way that the policy names for that user. */
#ifndef HG_PROOF_H
#define HG_PROOF_H

#include "session.h"

struct hg_proof;

/* Asks session->user_name for it; session->user is NULL where there is no such user. FATAL where what is
 * needed is missing. */
struct hg_proof *hg_proof_begin(struct hg_session *session);
/* DONE when it is given, and AuthenticationOk is written. FAILED: the client has been told. */
enum hg_step hg_proof_step(struct hg_session *session, struct hg_proof *proof);
/* By what it was given. */
const char *hg_proof_method(const struct hg_proof *proof);
void hg_proof_free(struct hg_proof *proof); /* NULL is harmless */

#endif
