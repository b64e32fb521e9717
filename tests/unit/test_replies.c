/* The FIFO of expected replies: its order, its growth, and which message may answer what. */
#include "check.h"

#include "protocol.h"
#include "replies.h"

static void fits(void)
{
    static const char types[] = "123tTnDHGdcCsIZ";
    static const char *const table[] = {/* as drawn in replies.c */
                                        "e..............", ".e.............", "..e............",
                                        "...pee.........", "....ee.........", "......pppppeee.",
                                        "....p.pppppp.pe", "..............e"};

    for (int expect = 0; expect < HG_EXPECT_NOTHING; expect++)
        for (size_t i = 0; i < sizeof types - 1; i++) {
            enum hg_fit wanted = table[expect][i] == 'e'   ? HG_FIT_END
                                 : table[expect][i] == 'p' ? HG_FIT_PART
                                                           : HG_FIT_WRONG;
            CHECK_INT(hg_reply_fit((enum hg_expect)expect, (uint8_t)types[i]), wanted);
        }
    for (int type = 0; type < 256; type++)
        if (type == 0 || !strchr(types, type))
            for (int expect = 0; expect <= HG_EXPECT_NOTHING; expect++)
                CHECK_INT(hg_reply_fit((enum hg_expect)expect, (uint8_t)type), HG_FIT_WRONG);
}

static void make(struct hg_replies *replies, const char *text)
{
    hg_write_text(hg_replies_begin_made(replies), text);
    hg_replies_end_made(replies);
}

static void order(void)
{
    struct hg_replies replies;

    hg_replies_init(&replies);
    CHECK(hg_replies_head(&replies) == NULL);
    hg_replies_push(&replies, HG_EXPECT_BIND, HG_VERB_FORWARD);
    make(&replies, "one");
    make(&replies, "two");
    hg_replies_push(&replies, HG_EXPECT_SYNC, HG_VERB_FORWARD);
    make(&replies, "three");
    CHECK_INT(replies.count, 4);
    hg_replies_pop(&replies);
    CHECK_TEXT(hg_replies_made(&replies), "onetwo");
    hg_replies_pop(&replies);
    CHECK_INT(hg_replies_head(&replies)->expect, HG_EXPECT_SYNC);
    hg_replies_pop(&replies);
    CHECK_TEXT(hg_replies_made(&replies), "three");
    hg_replies_pop(&replies);
    CHECK(hg_replies_empty(&replies) && replies.made.data == NULL);
    hg_replies_free(&replies);
}

static void growth(void)
{
    struct hg_replies replies;
    uint64_t in = 0, out = 0;

    hg_replies_init(&replies);
    for (int round = 0; round < 50; round++) {
        for (int i = 0; i < round; i++)
            hg_replies_push(&replies, HG_EXPECT_PARSE, HG_VERB_QUIET)->content = in++;
        for (int i = 0; i < round - 1 && replies.count > 1; i++) {
            CHECK_INT(hg_replies_head(&replies)->content, out++);
            hg_replies_pop(&replies);
        }
    }
    while (replies.count) {
        CHECK_INT(hg_replies_head(&replies)->content, out++);
        hg_replies_pop(&replies);
    }
    CHECK_INT(in, out);
    CHECK(replies.many == NULL);
    hg_replies_free(&replies);
}

int main(void)
{
    fits();
    order();
    growth();
    return check_end();
}
