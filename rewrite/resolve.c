/* The walk of the resolver: one function per kind of node that means something by name; everything else is
 * passed through by reflection over its message's fields, so that a field nobody thought of is walked all the
 * same.
 *
 * Depth is bounded by the parser's limit on nesting. Work is bounded by a budget: a statement that makes us
 * look at more items and names than any sane one needs is refused as too complex. */
#include "resolver.h"

#include <stdarg.h>
#include <stdio.h>

#include "access_list.h"
#include "build.h"
#include "pattern.h"
#include "reflect.h"

/* In proportion to the text: what costs much must at least be long, for long texts are rewritten where they
 * keep nobody waiting. */
#define NAMES_MADE_FIRST    50000
#define NAMES_MADE_PER_BYTE 25
#define NAMES_MADE_MOST     200000
#define ITEM_LOOKS_FIRST    100000
#define ITEM_LOOKS_PER_BYTE 50
#define ITEM_LOOKS_MOST     8000000
#define MAX_PARAMETERS      65535

bool hg_refuse(struct hg_resolver *r, int32_t location, const char *sqlstate, const char *format, ...)
{
    char message[512];
    va_list args;
    va_start(args, format);
    vsnprintf(message, sizeof message, format, args);
    va_end(args);
    if (hg_fault_is_set(r->fault))
        return false;
    hg_fault_set(r->fault, r->arena, sqlstate, "%s", message);
    if (location >= 0)
        r->fault->position = hg_position_of(r->text, (size_t)location);
    return false;
}

bool hg_refuse_hint(struct hg_resolver *r, const char *format, ...)
{
    char hint[512];
    va_list args;
    va_start(args, format);
    vsnprintf(hint, sizeof hint, format, args);
    va_end(args);
    hg_fault_hint(r->fault, r->arena, "%s", hint);
    return false;
}

bool hg_schema_exists(struct hg_resolver *r, struct hg_slice schema, int32_t location)
{
    return !schema.len || hg_slice_is(schema, "pg_catalog") || hg_slice_is(schema, "information_schema") ||
           hg_role_sees_schema(r->snapshot, r->context->user->role, schema) ||
           hg_refuse(r, location, HG_UNDEFINED_SCHEMA, "schema \"%.*s\" does not exist",
                     HG_SLICE_FMT(schema));
}

bool hg_path_known(struct hg_resolver *r, int32_t location)
{
    if (!r->path.unknown)
        return true;
    hg_refuse(r, location, HG_FEATURE_NOT_SUPPORTED,
              "an unqualified name behind a change of search_path in the same text is not supported");
    return hg_refuse_hint(r, "Send the statements one by one, or qualify the name by its schema.");
}

void hg_edit_later(struct hg_resolver *r, PgQuery__Node *place, const PgQuery__Node *with)
{
    struct hg_edit *edit = HG_NEW(r->arena, struct hg_edit);
    *edit = (struct hg_edit){.next = r->out->edits, .place = place, .with = *with};
    r->out->edits = edit;
    r->out->nedits++;
}

void hg_edit_for_rows(struct hg_resolver *r, PgQuery__Node *place, const PgQuery__Node *with)
{
    hg_edit_later(r, place, with);
    r->out->edits->rows_only = true;
}

void hg_need_catalog(struct hg_resolver *r, const char *kind, struct hg_slice name, int32_t location)
{
    if (r->out->need.what.len)
        return;
    r->out->need.what = hg_arena_printf(r->arena, "%s %.*s", kind, HG_SLICE_FMT(name));
    r->out->need.location = location;
}

bool hg_resolve_list(struct hg_resolver *r, struct hg_scope *scope, size_t count, PgQuery__Node **list)
{
    for (size_t i = 0; i < count; i++)
        if (!hg_resolve_node(r, scope, list[i]))
            return false;
    return true;
}

static bool resolve_parameter(struct hg_resolver *r, const PgQuery__ParamRef *parameter)
{
    if (r->context->extended && parameter->number >= 1 && parameter->number <= MAX_PARAMETERS)
        return true;
    return hg_refuse(r, parameter->location, HG_UNDEFINED_PARAMETER, "there is no parameter $%d",
                     parameter->number);
}

/* BETWEEN is spelled out in the place of an operator's name; all other kinds name a real operator. */
static bool resolve_expression(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    PgQuery__AExpr *expression = node->a_expr;
    switch (expression->kind) {
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN:
    case PG_QUERY__A__EXPR__KIND__AEXPR_BETWEEN_SYM:
    case PG_QUERY__A__EXPR__KIND__AEXPR_NOT_BETWEEN_SYM:
        break;
    default:
        if (!hg_resolve_operator(r, expression->n_name, expression->name, expression->location))
            return false;
    }
    if (!hg_resolve_node(r, scope, expression->lexpr) || !hg_resolve_node(r, scope, expression->rexpr))
        return false;
    const PgQuery__Node *hidden = hg_pattern_hidden(r->arena, expression);
    if (hidden)
        hg_edit_for_rows(r, node, hidden);
    return true;
}

static bool resolve_sublink(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SubLink *link)
{
    if (link->n_oper_name && !hg_resolve_operator(r, link->n_oper_name, link->oper_name, link->location))
        return false;
    return hg_resolve_node(r, scope, link->testexpr) && hg_resolve_node(r, scope, link->subselect);
}

/* 'english'::regconfig names nothing but itself; regconfig of anything else is the catalog backend's. */
static bool resolve_cast(struct hg_resolver *r, struct hg_scope *scope, PgQuery__TypeCast *cast)
{
    struct hg_catalog_need before = r->out->need;
    PgQuery__TypeName *type = cast->type_name;
    if (!hg_resolve_type(r, scope, type))
        return false;
    if (hg_slice_is(hg_string_of(type->names[type->n_names - 1]), "regconfig") && !type->n_array_bounds &&
        hg_is_configuration(cast->arg))
        r->out->need = before;
    struct hg_slice name = hg_string_of(type->names[type->n_names - 1]);
    if ((hg_slice_is(name, "regclass") || hg_slice_is(name, "regtype")) && !type->n_array_bounds &&
        !hg_resolve_name_in_text(r, cast->arg))
        return false;
    return hg_resolve_node(r, scope, cast->arg);
}

static bool resolve_sort(struct hg_resolver *r, struct hg_scope *scope, PgQuery__SortBy *sort)
{
    if (sort->n_use_op && !hg_resolve_operator(r, sort->n_use_op, sort->use_op, sort->location))
        return false;
    return hg_resolve_node(r, scope, sort->node);
}

/* Rows of the table that is written. */
static bool name_rows(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    if (node->node_case == PG_QUERY__NODE__NODE_A_INDIRECTION)
        hg_target_field(r, scope, node);
    else if (node->node_case == PG_QUERY__NODE__NODE_FUNC_CALL)
        return hg_name_row_arguments(r, scope, node->func_call);
    return true;
}

static bool resolve_message(struct hg_resolver *r, struct hg_scope *scope, ProtobufCMessage *message)
{
    if (!message)
        return true;
    if (message->descriptor == &pg_query__type_name__descriptor)
        return hg_resolve_type(r, scope, (PgQuery__TypeName *)message);
    if (message->descriptor == &pg_query__collate_clause__descriptor &&
        !hg_resolve_collation(r, (PgQuery__CollateClause *)message))
        return false;
    if (message->descriptor == &pg_query__range_var__descriptor)
        return hg_refuse(r, ((PgQuery__RangeVar *)message)->location, HG_FEATURE_NOT_SUPPORTED,
                         "a relation in this place is not supported");
    return hg_resolve_children(r, scope, message);
}

bool hg_resolve_node(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *node)
{
    if (!node || node->node_case == PG_QUERY__NODE__NODE__NOT_SET)
        return true;
    if (r->budget.looks == 0)
        return hg_refuse(r, -1, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    if (r->targets && !name_rows(r, scope, node))
        return false;
    switch (node->node_case) {
    case PG_QUERY__NODE__NODE_SELECT_STMT:
        return hg_resolve_select(r, scope, node->select_stmt, NULL);
    case PG_QUERY__NODE__NODE_INSERT_STMT:
    case PG_QUERY__NODE__NODE_UPDATE_STMT:
    case PG_QUERY__NODE__NODE_DELETE_STMT:
        return hg_resolve_write(r, scope, node, NULL);
    case PG_QUERY__NODE__NODE_COPY_STMT:
        return hg_resolve_copy_from(r, node);
    case PG_QUERY__NODE__NODE_COLUMN_REF:
        return r->targets ? hg_resolve_beside_target(r, scope, node)
                          : hg_resolve_column(r, scope, node->column_ref);
    case PG_QUERY__NODE__NODE_A_INDIRECTION:
        return hg_resolve_indirection(r, scope, node->a_indirection);
    case PG_QUERY__NODE__NODE_FUNC_CALL:
        return hg_resolve_function(r, scope, node, node->func_call);
    case PG_QUERY__NODE__NODE_SQLVALUE_FUNCTION:
        return hg_resolve_value_function(r, node, node->sqlvalue_function);
    case PG_QUERY__NODE__NODE_A_EXPR:
        return resolve_expression(r, scope, node);
    case PG_QUERY__NODE__NODE_TYPE_CAST:
        return resolve_cast(r, scope, node->type_cast);
    case PG_QUERY__NODE__NODE_SUB_LINK:
        return resolve_sublink(r, scope, node->sub_link);
    case PG_QUERY__NODE__NODE_SORT_BY:
        return resolve_sort(r, scope, node->sort_by);
    case PG_QUERY__NODE__NODE_PARAM_REF:
        return resolve_parameter(r, node->param_ref);
    case PG_QUERY__NODE__NODE_RANGE_VAR:
    case PG_QUERY__NODE__NODE_RANGE_SUBSELECT:
    case PG_QUERY__NODE__NODE_RANGE_FUNCTION:
    case PG_QUERY__NODE__NODE_RANGE_TABLE_SAMPLE:
    case PG_QUERY__NODE__NODE_RANGE_TABLE_FUNC:
    case PG_QUERY__NODE__NODE_JOIN_EXPR:
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "a relation in this place is not supported");
    case PG_QUERY__NODE__NODE_GROUPING_SET:
        r->out->grouping_sets = true;
        break;
    case PG_QUERY__NODE__NODE_A_CONST:
        hg_note_time_in_constant(r, node->a_const);
        break;
    default:
        break;
    }
    return resolve_message(r, scope, hg_node_message(node));
}

static bool resolve_child(struct hg_resolver *r, struct hg_scope *scope,
                          const ProtobufCFieldDescriptor *field, void *child)
{
    if (field->descriptor == &pg_query__node__descriptor)
        return hg_resolve_node(r, scope, child);
    return resolve_message(r, scope, child);
}

bool hg_resolve_children(struct hg_resolver *r, struct hg_scope *scope, ProtobufCMessage *message)
{
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &message->descriptor->fields[i];
        if (field->type != PROTOBUF_C_TYPE_MESSAGE)
            continue;
        char *at = (char *)message + field->offset;
        if (field->label == PROTOBUF_C_LABEL_REPEATED) {
            size_t count = *(const size_t *)((char *)message + field->quantifier_offset);
            void **list = *(void ***)at;
            for (size_t k = 0; k < count; k++)
                if (!resolve_child(r, scope, field, list[k]))
                    return false;
            continue;
        }
        if (field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF)
            continue; /* only A_Const has one besides Node: its values are leaves */
        if (!resolve_child(r, scope, field, *(void **)at))
            return false;
    }
    return true;
}

/* What is spelled out is made of nodes, printed and read again: a name of a scope costs a part of that. */
#define SPELLING_COST 4

bool hg_may_spell_out(struct hg_resolver *r, size_t columns, int32_t location)
{
    if (columns * SPELLING_COST > r->budget.names)
        return hg_refuse(r, location, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    r->budget.names -= columns * SPELLING_COST;
    return true;
}

static size_t in_proportion(struct hg_slice text, size_t first, size_t per_byte, size_t most)
{
    return text.len < (most - first) / per_byte ? first + text.len * per_byte : most;
}

struct hg_scope_budget hg_resolve_budget(struct hg_slice text)
{
    return (struct hg_scope_budget){
        .names = in_proportion(text, NAMES_MADE_FIRST, NAMES_MADE_PER_BYTE, NAMES_MADE_MOST),
        .looks = in_proportion(text, ITEM_LOOKS_FIRST, ITEM_LOOKS_PER_BYTE, ITEM_LOOKS_MOST),
    };
}

bool hg_resolve(PgQuery__Node *query, const struct hg_context *context, struct hg_slice text,
                struct hg_scope_budget *budget, struct hg_arena *arena, struct hg_resolved *resolved,
                struct hg_fault *fault)
{
    *resolved = (struct hg_resolved){.need.location = -1};
    resolved->last = &resolved->references;
    resolved->last_write = &resolved->writes;
    struct hg_resolver r = {
        .context = context,
        .snapshot = context->snapshot,
        .text = text,
        .arena = arena,
        .fault = fault,
        .path = hg_search_path_of(context->search_path, context, arena),
        .out = resolved,
        .budget = *budget,
    };
    bool resolved_all = hg_resolve_node(&r, NULL, query);
    *budget = r.budget;
    if (!resolved_all)
        return false;
    if (r.budget.looks == 0)
        return hg_refuse(&r, -1, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    if (!hg_look_for_access_lists(&r, query))
        return false;
    hg_note_time_in_defaults(&r);
    resolved->leak = hg_leak_of(query, r.aliases > 0);
    if (r.casts_rows && resolved->leak == HG_LEAK_NONE)
        resolved->leak = HG_LEAK_GUARD;
    return true;
}
