/* What Headgate proves with to a backend who it is: user and password, from the configuration, from a file,
 * or from a command that prints them. Private to this folder.
 *
 * What a file or a command said is kept until it expires or the server refuses it, for all connections of all
 * workers; while it is being fetched everybody waits for that one fetch. */
#ifndef HG_CREDENTIALS_H
#define HG_CREDENTIALS_H

#include "config.h"
#include "keyring.h"
#include "loop.h"

struct credentials;
struct credentials_wish;

struct credential {
    struct hg_slice user, password; /* NUL-terminated; live as long as done() runs */
    uint64_t version;
};

/* Copies what it needs of the configuration. */
struct credentials *credentials_new(const struct hg_backend_config *config);
struct credentials *credentials_hold(struct credentials *credentials);
void credentials_drop(struct credentials *credentials); /* NULL is harmless */

/* Asks. done() is called on that loop, never from within this: with a credential, or with NULL and a reason
 * that is fit for logs. */
struct credentials_wish *
credentials_ask(struct credentials *credentials, struct hg_loop *loop,
                void (*done)(void *owner, const struct credential *credential, const char *why), void *owner);
void credentials_cancel(struct credentials_wish *wish); /* done() is not called; only before it was */

/* Where the keys are kept that their passwords make; lives as long as they do. */
struct keyring *credentials_keyring(struct credentials *credentials);

/* The server refused that version. True when asking again may bring another one. */
bool credentials_refused(struct credentials *credentials, uint64_t version);

/* Runs a program without a shell, within that time, and gives what it wrote on its standard output, at most
 * `most` bytes. False and why. Blocks: not for loops. `text` is NUL-terminated, the caller's, to be wiped
 * with its length and freed. */
HG_MUST_USE bool command_output(char *const *command, uint32_t timeout_ms, size_t most, char **text,
                                size_t *len, char why[256]);

#endif
