/* PBKDF2 is meant to be slow: some milliseconds for the usual 4096 iterations, half a second for the most
 * that a verifier may bear. Anybody who reaches the listener can ask for that, without knowing a password, so
 * it runs where nobody who is logged in waits behind it: on one thread, nice, one password after the other.
 * Whoever sends many makes those wait who log in by clear text, at most for their login_timeout; a check
 * whose client has gone meanwhile is not worked on. A session has at most one check, so that connections
 * bound their number.
 *
 * A check is the thread's from hg_check_begin() until its letter comes back to the worker, but for `session`,
 * which is the worker's alone, and `dropped`, which both read. */
#include "cleartext.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "session.h"

#define NICE 5

struct hg_checker {
    struct hg_loop *loop;
    pthread_t thread;
    atomic_bool stopping;
    bool ended; /* the thread, and with it the workers */
};

struct hg_check {
    struct hg_letter letter;
    struct hg_checker *checker;
    struct hg_loop *home; /* of the worker */
    struct hg_session *session;
    struct hg_scram_verifier verifier;
    char *password;
    size_t password_len;
    atomic_bool dropped;
    bool done, fits;
};

static void *work(void *argument)
{
    struct hg_checker *checker = argument;

    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    hg_loop_run(checker->loop);
    return NULL;
}

struct hg_checker *hg_checker_start(void)
{
    struct hg_checker *checker = hg_calloc(1, sizeof *checker);

    checker->loop = hg_loop_new();
    if (pthread_create(&checker->thread, NULL, work, checker) == 0)
        return checker;
    hg_loop_free(checker->loop);
    free(checker);
    return NULL;
}

struct stop {
    struct hg_letter letter;
    struct hg_checker *checker;
};

static void open_stop(struct hg_letter *letter)
{
    hg_loop_stop(((struct stop *)letter)->checker->loop);
}

void hg_checker_stop(struct hg_checker *checker)
{
    struct stop stop = {.letter = {.open = open_stop}, .checker = checker};

    atomic_store(&checker->stopping, true);
    hg_loop_post(checker->loop, &stop.letter);
    pthread_join(checker->thread, NULL);
}

void hg_checker_free(struct hg_checker *checker)
{
    if (!checker)
        return;
    checker->ended = true;
    hg_loop_free(checker->loop);
    free(checker);
}

/* ---- checks ---- */

static void check_free(struct hg_check *check)
{
    explicit_bzero(check->password, check->password_len);
    free(check->password);
    explicit_bzero(&check->verifier, sizeof check->verifier);
    free(check);
}

/* On the worker. */
static void open_done(struct hg_letter *letter)
{
    struct hg_check *check = (struct hg_check *)letter;

    check->done = true;
    if (check->session)
        hg_session_run(check->session);
    else
        check_free(check);
}

/* On the thread; or behind it and the workers, when there is nobody left to be told. */
static void open_check(struct hg_letter *letter)
{
    struct hg_check *check = (struct hg_check *)letter;

    if (check->checker->ended) {
        check_free(check);
        return;
    }
    if (!atomic_load(&check->dropped) && !atomic_load(&check->checker->stopping))
        check->fits =
            hg_scram_verifier_fits(&check->verifier, hg_slice_of(check->password, check->password_len));
    letter->open = open_done;
    hg_loop_post(check->home, letter);
}

struct hg_check *hg_check_begin(struct hg_session *session, const struct hg_scram_verifier *verifier,
                                struct hg_slice password)
{
    struct hg_check *check = hg_calloc(1, sizeof *check);

    check->checker = session->worker->shared->checker;
    check->home = session->worker->loop;
    check->session = session;
    check->verifier = *verifier;
    check->password = hg_malloc(password.len + 1);
    memcpy(check->password, password.ptr, password.len);
    check->password_len = password.len;
    atomic_init(&check->dropped, false);
    check->letter.open = open_check;
    hg_loop_post(check->checker->loop, &check->letter);
    return check;
}

bool hg_check_is_done(const struct hg_check *check)
{
    return check->done;
}

bool hg_check_fits(const struct hg_check *check)
{
    return check->fits;
}

void hg_check_drop(struct hg_check *check)
{
    if (!check)
        return;
    if (check->done) {
        check_free(check);
        return;
    }
    check->session = NULL;
    atomic_store(&check->dropped, true);
}
