/* The printer's core: its output with marks and holes, names, literals, and the statements.
 *
 * Three rules keep what is sent equal to what was checked.
 * A name is quoted unless it is plain and no key word of any weight, so no name can become syntax.
 * An operand is bracketed unless it is one atom, so no precedence is ever relied upon; brackets leave no
 * trace in the tree. Whatever is not known here, be it a node, a value of an enumeration or a field that is
 * set, is a fault. Fields that nobody thought of are then caught by verify, which compares the tree of the
 * printed text with the tree meant. */
#include "print_internal.h"

#include <stdarg.h>

#include "keywords.h"
#include "lexical.h"
#include "reflect.h"

#define PRINT_CAP                                                                                            \
    ((size_t)256 << 20) /* a statement is at most 16 MiB; what is printed may be longer, not boundless */

void hg_put_refuse(struct hg_printer *p, const char *format, ...)
{
    if (p->failed)
        return;
    p->failed = true;
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    hg_fault_set(p->fault, p->arena, HG_FEATURE_NOT_SUPPORTED, "%s", what);
}

void hg_put_refuse_node(struct hg_printer *p, const PgQuery__Node *node)
{
    /* Every member of the union is a pointer to a message, so any of them finds the descriptor. */
    if (!node || node->node_case == PG_QUERY__NODE__NODE__NOT_SET)
        hg_put_refuse(p, "an empty node is not supported here");
    else
        hg_put_refuse(p, "%s is not supported here", node->select_stmt->base.descriptor->short_name);
}

void hg_put_mark(struct hg_printer *p, int32_t location)
{
    if (location < 0)
        return;
    if (p->nmarks == p->marks_room) {
        size_t room = p->marks_room ? p->marks_room * 2 : 64;
        struct hg_print_mark *marks = HG_NEW_ARRAY(p->arena, struct hg_print_mark, room);
        if (p->nmarks)
            memcpy(marks, p->marks, p->nmarks * sizeof *marks);
        p->marks = marks;
        p->marks_room = room;
    }
    p->marks[p->nmarks++] =
        (struct hg_print_mark){.output = (uint32_t)p->out.len, .source = (uint32_t)location};
}

static void put_hole(struct hg_printer *p, const PgQuery__AConst *constant, size_t at)
{
    if (p->nholes == p->holes_room) {
        size_t room = p->holes_room ? p->holes_room * 2 : 8;
        struct hg_print_hole *holes = HG_NEW_ARRAY(p->arena, struct hg_print_hole, room);
        if (p->nholes)
            memcpy(holes, p->holes, p->nholes * sizeof *holes);
        p->holes = holes;
        p->holes_room = room;
    }
    p->holes[p->nholes++] = (struct hg_print_hole){.node = constant, .at = at, .len = p->out.len - at};
}

/* Names. */

static bool is_plain(struct hg_slice name)
{
    if (name.len == 0 || !((name.ptr[0] >= 'a' && name.ptr[0] <= 'z') || name.ptr[0] == '_'))
        return false;
    for (size_t i = 1; i < name.len; i++) {
        char c = name.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'))
            return false;
    }
    return true;
}

/* Doubles each `quote` in the text and puts one at each end. */
static void write_quoted(struct hg_bytes *out, struct hg_slice text, char quote)
{
    hg_write_u8(out, (uint8_t)quote);
    while (text.len) {
        const char *found = memchr(text.ptr, quote, text.len);
        size_t run = found ? (size_t)(found - text.ptr) + 1 : text.len;
        hg_write(out, text.ptr, run);
        if (found)
            hg_write_u8(out, (uint8_t)quote);
        text = hg_slice_of(text.ptr + run, text.len - run);
    }
    hg_write_u8(out, (uint8_t)quote);
}

static void write_name(struct hg_bytes *out, struct hg_slice name, enum hg_dialect dialect)
{
    if (is_plain(name) && !hg_must_quote_word(name, dialect))
        hg_write_slice(out, name);
    else
        write_quoted(out, name, '"');
}

void hg_print_identifier(struct hg_bytes *out, struct hg_slice name)
{
    write_name(out, name, HG_DIALECT_POSTGRESQL);
}

void hg_put_name(struct hg_printer *p, const char *name)
{
    if (!*name)
        hg_put_refuse(p, "an empty name is not supported");
    write_name(&p->out, hg_slice_cstr(name), p->dialect);
}

const char *hg_put_string_of(struct hg_printer *p, const PgQuery__Node *node)
{
    if (node && node->node_case == PG_QUERY__NODE__NODE_STRING)
        return node->string->sval;
    hg_put_refuse_node(p, node);
    return "";
}

static void put_name_list(struct hg_printer *p, size_t count, PgQuery__Node *const *names,
                          const char *between)
{
    for (size_t i = 0; i < count && !p->failed; i++) {
        if (i)
            hg_put(p, between);
        hg_put_name(p, hg_put_string_of(p, names[i]));
    }
}

void hg_put_names(struct hg_printer *p, size_t count, PgQuery__Node *const *names)
{
    put_name_list(p, count, names, ", ");
}

void hg_put_dotted(struct hg_printer *p, size_t count, PgQuery__Node *const *names)
{
    if (count == 0)
        hg_put_refuse(p, "an empty name is not supported");
    put_name_list(p, count, names, ".");
}

/* Literals. */

/* UTF-8 without NUL: what a server with encoding UTF8 takes. */
static bool is_text(struct hg_slice text)
{
    return hg_lexical_valid(text) == text.len;
}

bool hg_print_literal(struct hg_bytes *out, struct hg_slice value, enum hg_dialect dialect)
{
    if (!is_text(value))
        return false;
    if (dialect == HG_DIALECT_REDSHIFT && value.len && memchr(value.ptr, '\\', value.len))
        return false;
    write_quoted(out, value, '\'');
    return true;
}

void hg_put_literal(struct hg_printer *p, const char *value)
{
    struct hg_slice text = hg_slice_cstr(value);
    if (p->failed || hg_print_literal(&p->out, text, p->dialect))
        return;
    p->failed = true;
    if (!is_text(text)) {
        hg_fault_set(p->fault, p->arena, HG_CHARACTER_NOT_IN_REPERTOIRE,
                     "invalid byte sequence for encoding \"UTF8\"");
        return;
    }
    hg_fault_set(p->fault, p->arena, HG_FEATURE_NOT_SUPPORTED,
                 "a backslash in a string constant is not supported on this backend");
    hg_fault_hint(p->fault, p->arena, "Build the string with chr(92).");
}

static void put_bit_string(struct hg_printer *p, const char *value)
{
    bool hexadecimal = value[0] == 'x';
    const char *digits = hexadecimal ? "0123456789abcdefABCDEF" : "01";
    if ((!hexadecimal && value[0] != 'b') || value[1 + strspn(value + 1, digits)] != '\0') {
        hg_put_refuse(p, "a bit string constant with other than %s digits is not supported",
                      hexadecimal ? "hexadecimal" : "binary");
        return;
    }
    hg_put(p, hexadecimal ? "x'" : "b'");
    hg_put(p, value + 1);
    hg_put(p, "'");
}

static void put_number(struct hg_printer *p, const char *digits)
{
    if (!*digits || digits[strspn(digits, "0123456789.eE+-")] != '\0')
        hg_put_refuse(p, "this numeric constant is not supported");
    hg_put(p, digits);
}

void hg_put_constant(struct hg_printer *p, const PgQuery__AConst *constant)
{
    hg_put_mark(p, constant->location);
    size_t at = p->out.len;
    if (constant->isnull && constant->val_case != PG_QUERY__A__CONST__VAL__NOT_SET) {
        hg_put_refuse(p, "a constant that is null and has a value is not supported");
        return;
    }
    switch (constant->val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
        hg_write_format(&p->out, "%d", constant->ival->ival);
        break;
    case PG_QUERY__A__CONST__VAL_FVAL:
        put_number(p, constant->fval->fval);
        break;
    case PG_QUERY__A__CONST__VAL_BOOLVAL:
        hg_put(p, constant->boolval->boolval ? "TRUE" : "FALSE");
        break;
    case PG_QUERY__A__CONST__VAL_SVAL:
        hg_put_literal(p, constant->sval->sval);
        break;
    case PG_QUERY__A__CONST__VAL_BSVAL:
        put_bit_string(p, constant->bsval->bsval);
        break;
    case PG_QUERY__A__CONST__VAL__NOT_SET:
        if (constant->isnull)
            hg_put(p, "NULL");
        else
            hg_put_refuse(p, "a constant without a value is not supported");
        break;
    default:
        hg_put_refuse(p, "a constant of kind %d is not supported", (int)constant->val_case);
        break;
    }
    if (p->is_hole && !p->failed && p->is_hole(constant, p->argument))
        put_hole(p, constant, at);
}

/* Statements. */

static void put_explain_option(struct hg_printer *p, const PgQuery__Node *node)
{
    if (!node || node->node_case != PG_QUERY__NODE__NODE_DEF_ELEM) {
        hg_put_refuse_node(p, node);
        return;
    }
    const PgQuery__DefElem *option = node->def_elem;
    if (*option->defnamespace || option->defaction != PG_QUERY__DEF_ELEM_ACTION__DEFELEM_UNSPEC)
        hg_put_refuse(p, "this option of EXPLAIN is not supported");
    hg_put_mark(p, option->location);
    hg_put_name(p, option->defname);
    if (!option->arg)
        return;
    hg_put(p, " ");
    if (option->arg->node_case == PG_QUERY__NODE__NODE_STRING)
        hg_put_literal(p, option->arg->string->sval);
    else if (option->arg->node_case == PG_QUERY__NODE__NODE_INTEGER)
        hg_write_format(&p->out, "%d", option->arg->integer->ival);
    else if (option->arg->node_case == PG_QUERY__NODE__NODE_FLOAT)
        put_number(p, option->arg->float_->fval);
    else
        hg_put_refuse_node(p, option->arg);
}

void hg_put_query(struct hg_printer *p, const PgQuery__Node *query)
{
    if (query && query->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
        hg_put_select(p, query->select_stmt);
    else if (query)
        hg_put_write(p, query);
    else
        hg_put_refuse_node(p, query);
}

static void put_explain(struct hg_printer *p, const PgQuery__ExplainStmt *explain)
{
    hg_put(p, "EXPLAIN ");
    for (size_t i = 0; i < explain->n_options; i++) {
        hg_put(p, i ? ", " : "(");
        put_explain_option(p, explain->options[i]);
    }
    if (explain->n_options)
        hg_put(p, ") ");
    hg_put_query(p, explain->query);
}

static void put_statement(struct hg_printer *p, const PgQuery__Node *statement)
{
    switch (statement->node_case) {
    case PG_QUERY__NODE__NODE_EXPLAIN_STMT:
        put_explain(p, statement->explain_stmt);
        break;
    case PG_QUERY__NODE__NODE_DECLARE_CURSOR_STMT:
        hg_put_declare(p, statement->declare_cursor_stmt);
        break;
    case PG_QUERY__NODE__NODE_FETCH_STMT:
        hg_put_fetch(p, statement->fetch_stmt);
        break;
    case PG_QUERY__NODE__NODE_CLOSE_PORTAL_STMT:
        hg_put_close(p, statement->close_portal_stmt);
        break;
    case PG_QUERY__NODE__NODE_EXECUTE_STMT:
        hg_put_execute(p, statement->execute_stmt);
        break;
    case PG_QUERY__NODE__NODE_COPY_STMT:
        hg_put_copy(p, statement->copy_stmt);
        break;
    default:
        hg_put_query(p, statement);
        break;
    }
}

static bool finish(struct hg_printer *p, struct hg_slice *sql)
{
    if (!p->failed && p->out.failed) {
        p->failed = true;
        hg_fault_set(p->fault, p->arena, HG_STATEMENT_TOO_LONG, "the rewritten statement is too long");
    }
    *sql = p->failed ? (struct hg_slice){0} : hg_arena_slice(p->arena, hg_bytes_slice(&p->out));
    hg_bytes_free(&p->out);
    return !p->failed;
}

static struct hg_printer printer_of(enum hg_dialect dialect, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_printer p = {.dialect = dialect, .arena = arena, .fault = fault};
    hg_bytes_init(&p.out, PRINT_CAP);
    if (dialect != HG_DIALECT_POSTGRESQL && dialect != HG_DIALECT_REDSHIFT)
        hg_put_refuse(&p, "SQL dialect %d is not supported", (int)dialect);
    return p;
}

bool hg_print(const PgQuery__Node *statement, enum hg_dialect dialect,
              bool (*is_hole)(const PgQuery__AConst *constant, void *argument), void *argument,
              struct hg_arena *arena, struct hg_printed *printed, struct hg_fault *fault)
{
    struct hg_printer p = printer_of(dialect, arena, fault);
    p.is_hole = is_hole;
    p.argument = argument;
    put_statement(&p, statement);
    *printed =
        (struct hg_printed){.marks = p.marks, .nmarks = p.nmarks, .holes = p.holes, .nholes = p.nholes};
    return finish(&p, &printed->sql);
}
