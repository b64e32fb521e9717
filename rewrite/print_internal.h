/* What the printer's files share; nobody else includes it.
 *
 * Printing is a straight line: every hg_put_* appends to `out` and becomes a no-op once something was
 * refused, so that only hg_print() asks whether all went well. The expression grammar has three levels of
 * brackets, named after what may stand there bare: hg_put_expression  anything: the place is delimited by
 * commas, brackets or clause keywords (the grammar's a_expr) hg_put_operand     an atom or a cast; all else
 * in brackets: beside an operator (b_expr and tighter) hg_put_primary     an atom; all else in brackets
 * (c_expr) */
#ifndef HG_PRINT_INTERNAL_H
#define HG_PRINT_INTERNAL_H

#include "print.h"

struct hg_printer {
    struct hg_bytes out;
    enum hg_dialect dialect;
    bool (*is_hole)(const PgQuery__AConst *constant, void *argument);
    void *argument;
    struct hg_arena *arena;
    struct hg_fault *fault;
    bool failed;
    struct hg_print_mark *marks;
    size_t nmarks, marks_room;
    struct hg_print_hole *holes;
    size_t nholes, holes_room;
};

/* print.c */
void hg_put_refuse(struct hg_printer *p, const char *format, ...) HG_PRINTF(2, 3);
void hg_put_refuse_node(struct hg_printer *p,
                        const PgQuery__Node *node);       /* "<type of the node> is not supported here" */
void hg_put_mark(struct hg_printer *p, int32_t location); /* what comes next stems from there */
void hg_put_name(struct hg_printer *p, const char *name);
/* String nodes as names: `a, b` and `a.b`; a last A_Star, where allowed, as `*`. */
void hg_put_names(struct hg_printer *p, size_t count, PgQuery__Node *const *names);
void hg_put_dotted(struct hg_printer *p, size_t count, PgQuery__Node *const *names);
void hg_put_literal(struct hg_printer *p, const char *value);
void hg_put_constant(struct hg_printer *p, const PgQuery__AConst *constant);
const char *hg_put_string_of(struct hg_printer *p,
                             const PgQuery__Node *node); /* refuses what is no String; never NULL */

static inline void hg_put(struct hg_printer *p, const char *text)
{
    hg_write(&p->out, text, strlen(text));
}

void hg_put_query(struct hg_printer *p, const PgQuery__Node *query); /* SELECT, INSERT, UPDATE, DELETE */

/* print_cursor.c */
void hg_put_declare(struct hg_printer *p, const PgQuery__DeclareCursorStmt *declare);
void hg_put_fetch(struct hg_printer *p, const PgQuery__FetchStmt *fetch);
void hg_put_close(struct hg_printer *p, const PgQuery__ClosePortalStmt *close);
void hg_put_execute(struct hg_printer *p, const PgQuery__ExecuteStmt *execute);

/* print_copy.c */
void hg_put_copy(struct hg_printer *p, const PgQuery__CopyStmt *copy);

/* print_expr.c */
void hg_put_expression(struct hg_printer *p, const PgQuery__Node *node);
void hg_put_operand(struct hg_printer *p, const PgQuery__Node *node);
void hg_put_primary(struct hg_printer *p, const PgQuery__Node *node);
void hg_put_expressions(struct hg_printer *p, size_t count, PgQuery__Node *const *nodes); /* `a, b` */
/* What an indirection names, `[1].b.*`. */
void hg_put_parts(struct hg_printer *p, size_t count, PgQuery__Node *const *parts);
void hg_put_bracketed(struct hg_printer *p, const PgQuery__Node *node);
void hg_put_form(struct hg_printer *p, int32_t location, const char *word, size_t count,
                 PgQuery__Node *const *args); /* `WORD(a, b)` */
/* An expression where the grammar takes only function calls: FROM. */
void hg_put_table_function(struct hg_printer *p, const PgQuery__Node *node);
void hg_put_collation(struct hg_printer *p,
                      const PgQuery__CollateClause *clause); /* ` COLLATE x`, without its argument */

/* print_operator.c */
void hg_put_operator(struct hg_printer *p, size_t count, PgQuery__Node *const *name);
void hg_put_a_expr(struct hg_printer *p, const PgQuery__AExpr *expr);

/* print_func.c */
void hg_put_call(struct hg_printer *p, const PgQuery__FuncCall *call);
bool hg_is_infix_call(const PgQuery__FuncCall *call); /* printed with its arguments outside of brackets */
void hg_put_window(struct hg_printer *p,
                   const PgQuery__WindowDef *window); /* the part in brackets, with them */

/* print_xml.c */
void hg_put_xml(struct hg_printer *p, const PgQuery__XmlExpr *expr);
void hg_put_xml_serialize(struct hg_printer *p, const PgQuery__XmlSerialize *serialize);

/* print_type.c */
void hg_put_type(struct hg_printer *p, const PgQuery__TypeName *type);
/* `type 'literal'`: the only form of a cast where the grammar wants a constant. */
void hg_put_typed_constant(struct hg_printer *p, const PgQuery__TypeCast *cast);

/* print_select.c */
void hg_put_select(struct hg_printer *p, const PgQuery__SelectStmt *select);            /* without brackets */
void hg_put_subselect(struct hg_printer *p, const PgQuery__Node *node);                 /* with brackets */
void hg_put_order(struct hg_printer *p, size_t count, PgQuery__Node *const *items);     /* `ORDER BY a, b` */
void hg_put_targets(struct hg_printer *p, size_t count, PgQuery__Node *const *targets); /* ` a, b AS c` */
void hg_put_with(struct hg_printer *p, const PgQuery__WithClause *with); /* with a blank behind it */

/* print_write.c */
void hg_put_write(struct hg_printer *p, const PgQuery__Node *node); /* INSERT, UPDATE, DELETE */

/* print_from.c */
/* ` FROM a, b`, with ` FROM ` or ` USING ` as the word. */
void hg_put_from(struct hg_printer *p, const char *word, size_t count, PgQuery__Node *const *items);
void hg_put_relation(struct hg_printer *p, const PgQuery__RangeVar *relation); /* the name alone */

#endif
