/* The list that a server gets replayed, and the client's view of its transaction. The first entry is BEGIN;
 * savepoints and SET TRANSACTION follow in the order in which they came. Of a savepoint that was released
 * nothing needs to be told. */
#include "transaction.h"

#include <stdlib.h>

#include "arena.h"

static char *copy_of(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

static void cut(struct hg_transaction *transaction, size_t count)
{
    while (transaction->count > count) {
        struct hg_replay *last = &transaction->list[--transaction->count];
        free(last->sql);
        free(last->savepoint);
    }
}

static void push(struct hg_transaction *transaction, struct hg_replay replay)
{
    if (transaction->count == transaction->room) {
        transaction->room = transaction->room ? transaction->room * 2 : 4;
        transaction->list = hg_realloc(transaction->list, transaction->room * sizeof *transaction->list);
    }
    transaction->list[transaction->count++] = replay;
}

void hg_transaction_begin(struct hg_transaction *transaction, enum hg_transaction_state state,
                          struct hg_slice sql)
{
    cut(transaction, 0);
    push(transaction, (struct hg_replay){.sql = copy_of(sql)});
    transaction->state = state;
    transaction->spelled = false;
    transaction->lost = transaction->lost_untold = false;
}

void hg_transaction_claim(struct hg_transaction *transaction, int backend)
{
    if (transaction->claims.writes)
        return;
    transaction->claims.writes = true;
    transaction->claims.written = backend;
    transaction->claims.writes_mark = transaction->count;
}

/* In one of the statements that control it, as hg_rewrite() prints them; the last one there counts. */
static struct hg_slice isolation_in(const char *sql)
{
    static const char words[] = "ISOLATION LEVEL ";
    struct hg_slice level = HG_LIT("");

    for (const char *at = strstr(sql, words); at; at = strstr(at, words)) {
        at += sizeof words - 1;
        level = hg_slice_of(at, strspn(at, "abcdefghijklmnopqrstuvwxyz "));
    }
    return level;
}

struct hg_slice hg_transaction_isolation(const struct hg_transaction *transaction)
{
    struct hg_slice level = HG_LIT("");

    for (size_t i = transaction->count; level.len == 0 && i-- > 0;)
        if (!transaction->list[i].savepoint)
            level = isolation_in(transaction->list[i].sql);
    return level;
}

void hg_transaction_end(struct hg_transaction *transaction)
{
    cut(transaction, 0);
    free(transaction->list);
    *transaction = (struct hg_transaction){.state = HG_TRANSACTION_NONE};
}

void hg_transaction_free(struct hg_transaction *transaction)
{
    hg_transaction_end(transaction);
}

bool hg_transaction_add(struct hg_transaction *transaction, struct hg_slice sql)
{
    if (transaction->count >= HG_MAX_REPLAY)
        return false;
    push(transaction, (struct hg_replay){.sql = copy_of(sql)});
    return true;
}

bool hg_transaction_savepoint(struct hg_transaction *transaction, struct hg_slice name, struct hg_slice sql,
                              size_t mark)
{
    if (transaction->count >= HG_MAX_REPLAY)
        return false;
    push(transaction, (struct hg_replay){.sql = copy_of(sql), .savepoint = copy_of(name), .mark = mark});
    return true;
}

const struct hg_replay *hg_transaction_find(const struct hg_transaction *transaction, struct hg_slice name)
{
    for (size_t i = transaction->count; i-- > 0;) {
        const struct hg_replay *replay = &transaction->list[i];
        if (replay->savepoint && hg_slice_is(name, replay->savepoint))
            return replay;
    }
    return NULL;
}

size_t hg_transaction_mark(const struct hg_transaction *transaction)
{
    for (size_t i = transaction->count; i-- > 0;)
        if (transaction->list[i].savepoint)
            return transaction->list[i].mark;
    return 0;
}

void hg_transaction_release(struct hg_transaction *transaction, const struct hg_replay *savepoint)
{
    size_t kept = (size_t)(savepoint - transaction->list);

    for (size_t i = kept; i < transaction->count; i++) {
        struct hg_replay replay = transaction->list[i];
        if (!replay.savepoint) {
            transaction->list[kept++] = replay;
            continue;
        }
        free(replay.sql);
        free(replay.savepoint);
    }
    transaction->count = kept;
    if (transaction->claims.writes_mark > kept)
        transaction->claims.writes_mark = kept;
}

void hg_transaction_back_to(struct hg_transaction *transaction, const struct hg_replay *savepoint)
{
    size_t mark = (size_t)(savepoint - transaction->list);

    if (transaction->claims.writes_mark > mark) /* it was undone */
        transaction->claims.writes = false;
    cut(transaction, mark + 1);
}

/* In front of the client's own BEGIN, which servers take as one more: its options count. */
static void spell(struct hg_transaction *transaction, struct hg_slice modes)
{
    push(transaction, (struct hg_replay){0});
    memmove(transaction->list + 1, transaction->list, (transaction->count - 1) * sizeof *transaction->list);
    transaction->list[0] = (struct hg_replay){.sql = copy_of(modes)};
    transaction->spelled = true;
}

void hg_transaction_chain(struct hg_transaction *transaction, struct hg_slice modes)
{
    if (transaction->count > 1)
        hg_transaction_release(transaction, &transaction->list[1]);
    if (modes.len && !transaction->spelled)
        spell(transaction, modes);
    transaction->state = HG_TRANSACTION_BLOCK;
    transaction->claims = (struct hg_claims){0};
    transaction->lost = transaction->lost_untold = false;
}
