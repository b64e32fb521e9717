/* The prepared statements and portals of one client: the name space that Parse, Bind, Close, DEALLOCATE and
 * DISCARD share. Pure bookkeeping; what a server has of it is known to the server connection (pool.h). */
#ifndef HG_PREPARED_H
#define HG_PREPARED_H

#include "bytes.h"
#include "contents.h"
#include "map.h"
#include "rewrite.h"
#include "transaction.h"

/* What a statement does that ties a transaction to a server (spread.c). */
struct hg_effect {
    bool binds;           /* it leaves something to COMMIT, or locks rows */
    bool timed, own_time; /* as in its verdict */
    bool localized;       /* likewise */
    uint32_t held;        /* bit i: backend i holds some table of it */
};

struct hg_statement {
    uint32_t references;  /* the name space, portals, expected replies */
    struct hg_slice name; /* "" = unnamed */
    struct hg_slice
        text; /* the client's own, to be rewritten again when the policy or the search_path changed */
    uint64_t text_shape;         /* hg_shape() of that; 0: nobody has asked for it so far */
    struct hg_slice types;       /* parameter types as declared, 4 bytes each */
    struct hg_statement *before; /* the unnamed one that it takes the place of, once that is certain; owned */
    bool settled, withdrawn;     /* its Parse has succeeded; it was not prepared after all */
    bool unsure;    /* an earlier message of its batch has not been answered: it may yet be withdrawn */
    uint64_t batch; /* unsure: which */
    enum hg_statement_kind kind;
    bool local;                 /* Headgate answers it itself; text says what it is */
    bool by_sql;                /* text is a PREPARE, and what stands here is what it prepares */
    bool noticed;               /* each Parse of its text has something to say of it */
    bool elsewhere;             /* EXECUTE, FETCH, MOVE, CLOSE: goes where something else is, under no name */
    struct hg_statement *inner; /* of those: what was prepared, or what the cursor was declared by; held */
    struct hg_content *content; /* when forwarded */
    uint16_t *carriers;         /* columns of its result in whose values numbers of types stand; owned */
    size_t ncarriers;
    struct hg_copy_in *copy_in; /* COPY … FROM STDIN; owned, with its texts in the same allocation */
    unsigned sees;              /* enum hg_sees */
    bool fleeting;              /* as in its verdict: of values_version */
    int64_t made;               /* when, in microseconds since 1970 */
    bool writes;                /* it changes or locks rows */
    bool catalog;               /* which of the session's two servers */
    int backend;
    struct hg_effect effect;
    struct hg_binding bound; /* where the transaction was when it was rewritten */
    char time[HG_TIME_SIZE]; /* when that began, if that stands in it */
    uint64_t generation, path_version,
        values_version; /* of the policy, search_path and the settings when it was rewritten */
    uint64_t paid_us;   /* its Parse was charged then: the next Bind is not (limiting.h); 0: not any more */
    bool described;     /* the client has asked what it is */
    uint64_t shape;     /* of the result that the client was told of (shapes.c); 0: of none */
    bool reshaped;      /* its result may be of another one by now */
};

/* Rows and bytes that a portal has given so far, where it gives them in parts. */
struct hg_spoken;
struct hg_tally {
    uint32_t references; /* the portal, expected replies */
    uint64_t rows, bytes;
};
void hg_tally_drop(struct hg_tally *tally); /* NULL is harmless */

/* A portal of the protocol, or a cursor of SQL: they share one name space. Those of the protocol end with the
 * transaction or the batch. A cursor WITH HOLD outlives its transaction, and its server stays with the
 * session for as long. */
struct hg_portal {
    struct hg_slice name;
    struct hg_statement *statement; /* held */
    uint64_t batch;                 /* how many batches were sent before the one that made it */
    size_t mark;                    /* how far the transaction was: see transaction.h */
    int backend;
    bool cursor;              /* made by DECLARE */
    bool hold;                /* WITH HOLD */
    bool kept;                /* … and the transaction that declared it is over */
    const char *gone;         /* kept: why it is not there any more; NULL = it is */
    uint64_t content;         /* what of the statement it was made from; 0: it is local */
    struct hg_bytes bound;    /* local: formats and values of its parameters, if it has any */
    uint16_t format;          /* local: that of its columns */
    size_t row;               /* local: rows given so far */
    struct hg_tally *tally;   /* what it gave in parts: limiting.h; NULL = nothing is to be remembered */
    bool done;                /* local: it has run to its end */
    struct hg_spoken *spoken; /* values of its parameters, for the audit: auditing.h; NULL = not kept */
    uint64_t paid_us;         /* its Bind was charged then: the next Execute is not */
    bool described;
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
/* Access control lists stand in its rows, or in those of what it takes rows from. */
bool hg_statement_shows_rights(const struct hg_statement *statement);
void hg_statement_copies(struct hg_statement *statement, const struct hg_copy_in *plan); /* keeps a copy */
void hg_statement_carries(struct hg_statement *statement, const uint16_t *columns,
                          size_t count);                                              /* likewise */
void hg_statement_drop(struct hg_prepared *prepared, struct hg_statement *statement); /* NULL is harmless */

struct hg_statement *hg_prepared_find(const struct hg_prepared *prepared, struct hg_slice name);
/* Takes over the caller's reference. A named statement is new; the unnamed one stands before the one before it,
 * which is let go by hg_prepared_settle(). */
void hg_prepared_put(struct hg_prepared *prepared, struct hg_statement *statement);
bool hg_prepared_close(struct hg_prepared *prepared, struct hg_slice name); /* false when there is none */
/* Its Parse is answered: it is there for certain. */
void hg_prepared_settle(struct hg_prepared *prepared, struct hg_statement *statement);
/* Takes it out when it still stands under its name: its Parse failed after all, or was skipped, and then the
 * unnamed statement before it is there again. */
void hg_prepared_withdraw(struct hg_prepared *prepared, struct hg_statement *statement, bool skipped);
void hg_prepared_close_all(struct hg_prepared *prepared); /* all named statements, as DEALLOCATE ALL */

/* ---- portals ---- */
struct hg_portal *hg_portal_find(const struct hg_prepared *prepared, struct hg_slice name);
/* Holds the statement. The unnamed portal replaces the one before; a named one must be new. */
struct hg_portal *hg_portal_put(struct hg_prepared *prepared, struct hg_slice name,
                                struct hg_statement *statement);
void hg_portal_close(struct hg_prepared *prepared, struct hg_slice name); /* harmless when there is none */
void hg_portal_close_all(struct hg_prepared *prepared);
/* Outside of a transaction, when the batches before that one are over: what they made goes, or is kept. */
void hg_portals_end_batches(struct hg_prepared *prepared, uint64_t batch);
/* Outside of a transaction, when a batch failed: what was declared in it goes. */
void hg_portals_fail_batch(struct hg_prepared *prepared, uint64_t batch);
void hg_portals_commit(struct hg_prepared *prepared);   /* all but those WITH HOLD go */
void hg_portals_rollback(struct hg_prepared *prepared); /* all but the kept ones go */
/* What was made behind this mark of the transaction goes; or it belongs to that mark now. */
void hg_portals_back_to(struct hg_prepared *prepared, size_t mark);
void hg_portals_release(struct hg_prepared *prepared, size_t mark);
/* The portals of the protocol on that backend go, but for what is kept. */
void hg_portals_leave(struct hg_prepared *prepared, int backend);
/* A cursor that was declared by this statement after all was not. */
void hg_portals_withdraw(struct hg_prepared *prepared, const struct hg_statement *statement);
/* Is a cursor WITH HOLD open on that backend (-1: on any)? */
bool hg_portals_hold(const struct hg_prepared *prepared, int backend);
/* Those on that backend (-1: all) are gone; FETCH will say why. */
void hg_portals_are_gone(struct hg_prepared *prepared, int backend, const char *why);

#endif
