/* The FIFO of expected replies.
 *
 *                      1 2 3 t T n D H G d c C s I Z      p = part of the answer, e = end of it, . = never
 *   PARSE              e . . . . . . . . . . . . . .
 *   BIND               . e . . . . . . . . . . . . .
 *   CLOSE              . . e . . . . . . . . . . . .
 *   DESCRIBE_STATEMENT . . . p e e . . . . . . . . .
 *   DESCRIBE_PORTAL    . . . . e e . . . . . . . . .
 *   EXECUTE            . . . . . . p p p p p e e e .
 *   QUERY              . . . . p . p p p p p p . p e
 *   SYNC               . . . . . . . . . . . . . . e
 *
 * Whether a G may come is known to who knows the statement (relay.c). An ErrorResponse ends all but QUERY and
 * SYNC, whose ReadyForQuery still comes, and the entries up to the next SYNC are skipped by the server. */
#include "replies.h"

#include <stdlib.h>

#include "arena.h"

static const char fits[HG_EXPECT_NOTHING][2][9] = {
    /*                                 parts    ends */
    [HG_EXPECT_PARSE] = {"", "1"},
    [HG_EXPECT_BIND] = {"", "2"},
    [HG_EXPECT_CLOSE] = {"", "3"},
    [HG_EXPECT_DESCRIBE_STATEMENT] = {"t", "Tn"},
    [HG_EXPECT_DESCRIBE_PORTAL] = {"", "Tn"},
    [HG_EXPECT_EXECUTE] = {"DHGdc", "CsI"},
    [HG_EXPECT_QUERY] = {"TDHGdcCI", "Z"},
    [HG_EXPECT_SYNC] = {"", "Z"},
};

enum hg_fit hg_reply_fit(enum hg_expect expect, uint8_t type)
{
    if (expect >= HG_EXPECT_NOTHING || type == 0)
        return HG_FIT_WRONG;
    if (strchr(fits[expect][0], type))
        return HG_FIT_PART;
    return strchr(fits[expect][1], type) ? HG_FIT_END : HG_FIT_WRONG;
}

void hg_replies_init(struct hg_replies *replies)
{
    *replies = (struct hg_replies){.room = HG_REPLIES_INLINE};
}

void hg_replies_free(struct hg_replies *replies)
{
    free(replies->many);
    hg_bytes_free(&replies->made);
    hg_replies_init(replies);
}

static struct hg_reply *slots(struct hg_replies *replies)
{
    return replies->many ? replies->many : replies->few;
}

struct hg_reply *hg_replies_at(struct hg_replies *replies, uint32_t index)
{
    return &slots(replies)[(replies->head + index) % replies->room];
}

struct hg_reply *hg_replies_head(struct hg_replies *replies)
{
    return replies->count ? hg_replies_at(replies, 0) : NULL;
}

static void grow(struct hg_replies *replies)
{
    uint32_t room = replies->room * 2;
    struct hg_reply *many = hg_malloc(room * sizeof *many);
    for (uint32_t i = 0; i < replies->count; i++)
        many[i] = *hg_replies_at(replies, i);
    free(replies->many);
    replies->many = many;
    replies->head = 0;
    replies->room = room;
}

struct hg_reply *hg_replies_push(struct hg_replies *replies, enum hg_expect expect, enum hg_verb verb)
{
    if (replies->count == replies->room)
        grow(replies);
    struct hg_reply *reply = hg_replies_at(replies, replies->count++);
    *reply = (struct hg_reply){.expect = (uint8_t)expect, .verb = (uint8_t)verb};
    return reply;
}

struct hg_bytes *hg_replies_begin_made(struct hg_replies *replies)
{
    if (replies->made_at == replies->made.len) {
        hg_bytes_clear(&replies->made);
        replies->made_at = 0;
    }
    replies->made_from = replies->made.len;
    return &replies->made;
}

void hg_replies_end_made(struct hg_replies *replies)
{
    struct hg_reply *last = replies->count ? hg_replies_at(replies, replies->count - 1) : NULL;

    if (!last || last->verb != HG_VERB_SYNTHESIZE)
        last = hg_replies_push(replies, HG_EXPECT_NOTHING, HG_VERB_SYNTHESIZE);
    last->bytes += (uint32_t)(replies->made.len - replies->made_from);
}

struct hg_slice hg_replies_made(const struct hg_replies *replies)
{
    const struct hg_reply *head =
        replies->many ? &replies->many[replies->head] : &replies->few[replies->head];
    return hg_slice_of((const char *)replies->made.data + replies->made_at, head->bytes);
}

void hg_replies_pop(struct hg_replies *replies)
{
    replies->made_at += hg_replies_head(replies)->bytes;
    replies->head = (replies->head + 1) % replies->room;
    if (--replies->count)
        return;
    free(replies->many);
    replies->many = NULL;
    replies->head = 0;
    replies->room = HG_REPLIES_INLINE;
    replies->made_at = 0;
    hg_bytes_free(&replies->made);
}
