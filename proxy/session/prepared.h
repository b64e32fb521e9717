/* The prepared statements and portals of one client: the name space that Parse, Bind, Close, DEALLOCATE and
 * DISCARD share. Pure bookkeeping; what a server has of it is known to the server connection (pool.h). */
#ifndef HG_PREPARED_H
#define HG_PREPARED_H

#include "contents.h"
#include "map.h"
#include "rewrite.h"

struct hg_statement {
    uint32_t references;  /* the name space, portals, expected replies */
    struct hg_slice name; /* "" = unnamed */
    struct hg_slice
        text; /* the client's own, to be rewritten again when the policy or the search_path changed */
    struct hg_slice types;      /* parameter types as declared, 4 bytes each */
    bool local;                 /* Headgate answers it itself; text says what it is */
    struct hg_content *content; /* when forwarded */
    struct hg_copy_in *copy_in; /* COPY … FROM STDIN; owned, with its texts in the same allocation */
    bool catalog;               /* which of the session's two servers */
    int backend;
    int bound; /* the backend that the transaction stuck to when it was rewritten, or -1 */
    uint64_t generation, path_version; /* of the policy and of search_path when it was rewritten */
};

struct hg_portal {
    struct hg_slice name;
    struct hg_statement *statement; /* held */
    uint64_t batch;                 /* how many batches were sent before the one that made it */
    bool binary;                    /* local: results are asked for in binary format */
    size_t row;                     /* local: rows given so far */
    bool done;                      /* local: it has run to its end */
};

struct hg_prepared {
    struct hg_contents *contents;
    struct hg_map statements; /* named ones */
    size_t bytes;             /* of their texts */
    struct hg_statement *unnamed;
    struct hg_map portals;
    struct hg_portal *unnamed_portal;
    uint64_t batch; /* how many batches the client has ended, by Sync or a simple query */
};

void hg_prepared_init(struct hg_prepared *prepared, struct hg_contents *contents);
void hg_prepared_free(struct hg_prepared *prepared);

/* ---- statements ---- */
struct hg_statement *hg_statement_new(struct hg_slice name, struct hg_slice text, struct hg_slice types);
struct hg_statement *hg_statement_hold(struct hg_statement *statement);
void hg_statement_copies(struct hg_statement *statement, const struct hg_copy_in *plan); /* keeps a copy */
void hg_statement_drop(struct hg_prepared *prepared, struct hg_statement *statement); /* NULL is harmless */

struct hg_statement *hg_prepared_find(const struct hg_prepared *prepared, struct hg_slice name);
/* Takes over the caller's reference. The unnamed statement replaces the one before; a named one is new. */
void hg_prepared_put(struct hg_prepared *prepared, struct hg_statement *statement);
bool hg_prepared_close(struct hg_prepared *prepared, struct hg_slice name); /* false when there is none */
/* Takes it out when it still stands under its name: its Parse failed after all. */
void hg_prepared_withdraw(struct hg_prepared *prepared, struct hg_statement *statement);
void hg_prepared_close_all(struct hg_prepared *prepared); /* all named statements, as DEALLOCATE ALL */

/* ---- portals ---- */
struct hg_portal *hg_portal_find(const struct hg_prepared *prepared, struct hg_slice name);
/* Holds the statement. The unnamed portal replaces the one before; a named one must be new. */
struct hg_portal *hg_portal_put(struct hg_prepared *prepared, struct hg_slice name,
                                struct hg_statement *statement);
void hg_portal_close(struct hg_prepared *prepared, struct hg_slice name); /* harmless when there is none */
void hg_portal_close_all(struct hg_prepared *prepared);
/* Those made in a batch before that one. */
void hg_portal_close_before(struct hg_prepared *prepared, uint64_t batch);

#endif
