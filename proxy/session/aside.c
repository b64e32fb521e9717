/* Errands: long texts that are rewritten on a thread beside the worker.
 *
 * The rewriter is pure, and what a text costs grows with its length at most (see rewrite.c): short texts are
 * rewritten where they come in, within a few milliseconds, and long ones here. One client at a time: sessions
 * wait for their errands, so that whoever sends many long texts waits for itself. The thread is nice: where
 * processors are scarce, workers come first.
 *
 * An errand holds all that the rewriter needs: a copy of the text, the context, the generation. It goes to
 * the thread as a letter and comes back as one; in between only the thread touches it, but for `session`,
 * which is the worker's and is taken away when the session dies or its message is over. What came back stays
 * with the session until the message is done, for hg_session_rewrite() to find. */
#include "aside.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "session.h"
#include "thread.h"

#define LONG_TEXT    8192u
#define NICE         5
#define CACHE_SHARED 2u /* of the worker's rewrite cache: a half */

struct hg_aside {
    struct hg_worker *worker;
    struct hg_loop *loop;
    struct hg_rewriter *rewriter;
    pthread_t thread;
    atomic_bool stopping;
    pthread_mutex_t mutex;
    struct hg_rewriter_stats stats; /* under it: after the last errand */
};

struct hg_errand {
    struct hg_letter letter;
    struct hg_aside *aside;
    struct hg_session *session; /* NULL: nobody waits for it any more */
    struct hg_errand *next;     /* of the session */
    struct hg_generation *generation;
    struct hg_context context;
    struct hg_slice text;
    struct hg_verdicts verdicts;
    struct hg_arena arena;
    bool done;
};

/* ---- the thread ---- */

static void *work(void *argument)
{
    struct hg_aside *aside = argument;

    (void)setpriority(PRIO_PROCESS, 0, NICE); /* on Linux: of this thread */
    hg_loop_run(aside->loop);
    return NULL;
}

struct hg_aside *hg_aside_start(struct hg_worker *worker)
{
    struct hg_aside *aside = hg_calloc(1, sizeof *aside);
    size_t cache = hg_generation_config(worker->generation)->rewrite_cache_bytes / CACHE_SHARED;

    aside->worker = worker;
    pthread_mutex_init(&aside->mutex, NULL);
    aside->loop = hg_loop_new();
    aside->rewriter = hg_rewriter_new(cache);
    if (hg_thread_start(&aside->thread, worker->stack_bytes, work, aside) == 0)
        return aside;
    hg_loop_free(aside->loop);
    hg_rewriter_free(aside->rewriter);
    pthread_mutex_destroy(&aside->mutex);
    free(aside);
    return NULL;
}

struct hg_rewriter_stats hg_aside_stats(struct hg_aside *aside)
{
    pthread_mutex_lock(&aside->mutex);
    struct hg_rewriter_stats stats = aside->stats;
    pthread_mutex_unlock(&aside->mutex);
    return stats;
}

struct stop {
    struct hg_letter letter;
    struct hg_aside *aside;
};

static void open_stop(struct hg_letter *letter)
{
    hg_loop_stop(((struct stop *)letter)->aside->loop);
}

void hg_aside_stop(struct hg_aside *aside)
{
    struct stop stop = {.letter = {.open = open_stop}, .aside = aside};

    if (!aside)
        return;
    atomic_store(&aside->stopping, true);
    hg_loop_post(aside->loop, &stop.letter);
    pthread_join(aside->thread, NULL);
    hg_loop_free(aside->loop);
    hg_rewriter_free(aside->rewriter);
    pthread_mutex_destroy(&aside->mutex);
    free(aside);
}

/* ---- errands ---- */

static void errand_free(struct hg_errand *errand)
{
    hg_generation_drop(errand->generation);
    hg_arena_free(&errand->arena);
    free(errand);
}

/* On the worker. */
static void open_done(struct hg_letter *letter)
{
    struct hg_errand *errand = (struct hg_errand *)letter;

    errand->done = true;
    if (errand->session)
        hg_session_run(errand->session);
    else
        errand_free(errand);
}

/* On the thread. */
static void open_errand(struct hg_letter *letter)
{
    struct hg_errand *errand = (struct hg_errand *)letter;
    struct hg_aside *aside = errand->aside;

    if (!atomic_load(&aside->stopping)) {
        hg_rewrite(aside->rewriter, &errand->context, errand->text, &errand->arena, &errand->verdicts);
        pthread_mutex_lock(&aside->mutex);
        aside->stats = hg_rewriter_stats(aside->rewriter);
        pthread_mutex_unlock(&aside->mutex);
    }
    letter->open = open_done;
    hg_loop_post(aside->worker->loop, letter);
}

static struct hg_errand *find(const struct hg_session *session, struct hg_slice text, bool extended,
                              struct hg_binding bound)
{
    struct hg_errand *errand = session->errands;

    while (errand &&
           (errand->context.extended != extended || !hg_binding_equal(errand->context.bound, bound) ||
            !hg_slice_is(errand->context.time, session->transaction.claims.time) ||
            !hg_slice_equal(errand->text, text)))
        errand = errand->next;
    return errand;
}

static void hold(struct hg_slice *slice, struct hg_arena *arena)
{
    if (slice->ptr)
        *slice = hg_arena_slice(arena, *slice);
}

/* All that the session may change, or take away by ending, while the thread is at work. */
static void hold_context(struct hg_context *context, struct hg_arena *arena)
{
    struct hg_setting_value *own = HG_NEW_ARRAY(arena, struct hg_setting_value, context->nown);

    hold(&context->search_path, arena);
    hold(&context->reset_search_path, arena);
    hold(&context->time, arena);
    for (size_t i = 0; i < HG_NENDS; i++)
        hold(&context->ends[i], arena);
    for (size_t i = 0; i < context->nown; i++) {
        own[i] = context->own[i];
        hold(&own[i].setting, arena);
        hold(&own[i].value, arena);
    }
    context->own = own;
}

static void send(struct hg_session *session, struct hg_slice text, bool extended, struct hg_binding bound)
{
    struct hg_errand *errand = hg_calloc(1, sizeof *errand);

    hg_arena_init(&errand->arena, 0);
    errand->aside = session->worker->aside;
    errand->session = session;
    errand->next = session->errands;
    session->errands = errand;
    errand->generation = hg_generation_hold(session->generation);
    errand->text = hg_arena_slice(&errand->arena, text);
    errand->context = hg_session_context(session, extended, bound);
    hold_context(&errand->context, &errand->arena);
    errand->letter.open = open_errand;
    hg_loop_post(errand->aside->loop, &errand->letter);
}

enum hg_step hg_errand_step(struct hg_session *session, struct hg_slice text, bool extended,
                            struct hg_binding bound)
{
    if (text.len <= LONG_TEXT)
        return HG_STEP_DONE;
    const struct hg_errand *errand = find(session, text, extended, bound);
    if (!errand)
        send(session, text, extended, bound);
    return errand && errand->done ? HG_STEP_DONE : HG_STEP_WAIT;
}

bool hg_errand_is_needed(struct hg_slice text)
{
    return text.len > LONG_TEXT;
}

/* Verdicts point into the text: those of the errand's copy are made to point into the session's. */
bool hg_errand_result(struct hg_session *session, struct hg_slice text, bool extended,
                      struct hg_binding bound, struct hg_verdicts *verdicts)
{
    const struct hg_errand *errand = text.len > LONG_TEXT ? find(session, text, extended, bound) : NULL;

    if (!errand || !errand->done)
        return false;
    *verdicts = errand->verdicts;
    verdicts->list = HG_NEW_ARRAY(hg_session_arena(session), struct hg_verdict, verdicts->count);
    for (size_t i = 0; i < verdicts->count; i++) {
        struct hg_verdict *verdict = &verdicts->list[i];
        *verdict = errand->verdicts.list[i];
        verdict->source.ptr = text.ptr + (verdict->source.ptr - errand->text.ptr);
    }
    return true;
}

void hg_errands_drop(struct hg_session *session)
{
    while (session->errands) {
        struct hg_errand *errand = session->errands;
        session->errands = errand->next;
        errand->session = NULL;
        if (errand->done)
            errand_free(errand);
    }
}
