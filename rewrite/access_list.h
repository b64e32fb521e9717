/* Access control lists of the catalog database name the account that works there for everybody; a statement
 * that reads one gets a relation in which the list says what the policy gives the client (HG_RIGHTS of
 * allow_relations.def). All other statements read such a relation as it is: it has system columns and a
 * primary key, which a sub-select has not. */
#ifndef HG_ACCESS_LIST_H
#define HG_ACCESS_LIST_H

#include "resolver.h"

/* Finds out what the statement, which was resolved, does with them; refuses what cannot be answered. */
HG_MUST_USE bool hg_look_for_access_lists(struct hg_resolver *r, const PgQuery__Node *query);

#endif
