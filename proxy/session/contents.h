/* What may stand prepared on a server connection under `hg_<id>`: one id per distinct (environment, parameter
 * types, rewritten SQL), for the whole process, so that clients share what a connection already has.
 *
 * The environment is the values of those settings that PostgreSQL looks at when it analyses a statement (a
 * date literal is read by the DateStyle of that moment): a statement made under others is another one. So is
 * one in which stands that moment, as in 'today'::date, at each Parse. The SQL holds the tenant's value, so nothing is ever shared between tenants. */
#ifndef HG_CONTENTS_H
#define HG_CONTENTS_H

#include <stdatomic.h>

#include "slice.h"

#define HG_CONTENT_NAME 24u /* bytes of a name, with its end */

struct hg_contents;

struct hg_content {
    atomic_bool retired;                     /* what servers have of it is of no use any more */
    uint64_t id;                             /* never 0, never used again */
    uint64_t references;                     /* under the table's mutex */
    struct hg_slice environment, types, sql; /* types: 4 bytes each, as they came */
    int64_t moment;                          /* of its Parse, if that stands in it */
    struct hg_slice key;
    char name[HG_CONTENT_NAME]; /* `hg_<id>` */
};

struct hg_slice hg_content_name(uint64_t id, char name[HG_CONTENT_NAME]);

struct hg_contents *hg_contents_new(void);
void hg_contents_free(struct hg_contents *contents);

/* Found or made, with one more reference; any thread. Compared whole, not by hash. `moment`: of the Parse, where
 * that matters; else 0. */
struct hg_content *hg_contents_hold(struct hg_contents *contents, struct hg_slice environment, int64_t moment,
                                    struct hg_slice types, struct hg_slice sql);
/* Whoever asks for it from now on gets another one. */
void hg_contents_retire(struct hg_contents *contents, struct hg_content *content);
void hg_contents_drop(struct hg_contents *contents, struct hg_content *content); /* NULL is harmless */

#endif
