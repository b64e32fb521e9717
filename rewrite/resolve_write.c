/* UPDATE and DELETE, and what all statements that write have in common: the target, and the columns that are
 * assigned. WITH names do not hide a target, as in PostgreSQL. Items of FROM and USING do not see it, LATERAL
 * or not; all that comes behind them does.
 *
 * The tenant's column belongs to nobody: a statement may leave it out, and may say the value that it has
 * anyway. Another constant is refused here; what a computed value is, the backend finds out, see
 * restrict_write.c. */
#include "build.h"
#include "reflect.h"
#include "resolver.h"
#include "rows.h"

static bool refuse_table(struct hg_resolver *r, const PgQuery__RangeVar *range, const char *hint)
{
    hg_refuse(r, range->location, HG_INSUFFICIENT_PRIVILEGE, "permission denied for table %s",
              range->relname);
    return hint ? hg_refuse_hint(r, "%s", hint) : false;
}

bool hg_may_write(struct hg_resolver *r, const struct hg_table_view *view, const PgQuery__RangeVar *range)
{
    if (!view)
        return refuse_table(r, range, NULL);
    if (view->table->shared)
        return refuse_table(r, range, "Its rows are the same for all customers, and nobody's to change.");
    if (view->table->kind != HG_TABLE_PLAIN)
        return refuse_table(r, range, "Its rows are computed from those of other tables.");
    if (!view->writable)
        return refuse_table(r, range, NULL);
    if (view->table->write_backend >= 0)
        return true;
    hg_refuse(r, range->location, HG_FEATURE_NOT_SUPPORTED, "table \"%s\" cannot be written", range->relname);
    return hg_refuse_hint(r, "None of the databases that hold it takes single statements that write.");
}

bool hg_open_target(struct hg_resolver *r, PgQuery__Node *place, PgQuery__RangeVar *range,
                    struct hg_write **write)
{
    struct hg_relation relation;
    if (!hg_find_relation(r, NULL, range, &relation) || !hg_may_write(r, relation.view, range))
        return false;
    struct hg_item *item = HG_NEW(r->arena, struct hg_item);
    *item = (struct hg_item){.kind = HG_ITEM_TABLE, .view = relation.view, .target = true};
    item->name = hg_slice_cstr(range->alias ? range->alias->aliasname : range->relname);
    item->printed = item->name;
    item->rel_visible = item->cols_visible = true;
    if (!range->alias) {
        item->schema = relation.view->table->schema;
        item->relation = item->name;
    }
    struct hg_write *made = HG_NEW(r->arena, struct hg_write);
    *made = (struct hg_write){.place = place, .range = range, .item = item, .view = relation.view};
    made->checked = -1;
    *r->out->last_write = made;
    r->out->last_write = &made->next;
    r->out->nwrites++;
    *write = made;
    return true;
}

/* ---- columns that get values ---- */

bool hg_refuse_column(struct hg_resolver *r, const struct hg_write *write, struct hg_slice name,
                      int32_t location, const char *hint)
{
    hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE,
              "permission denied for column \"%.*s\" of relation \"%.*s\"", HG_SLICE_FMT(name),
              HG_SLICE_FMT(write->view->table->name));
    return hg_refuse_hint(r, "%s", hint);
}

/* No column has a composite type. */
static bool refuse_field(struct hg_resolver *r, const PgQuery__ResTarget *target,
                         const struct hg_column *column)
{
    return hg_refuse(
        r, target->location, HG_DATATYPE_MISMATCH,
        "cannot assign to a field of column \"%.*s\" because its type %.*s is not a composite type",
        HG_SLICE_FMT(column->name), HG_SLICE_FMT(column->type.text));
}

bool hg_assigned_column(struct hg_resolver *r, const struct hg_write *write, const PgQuery__ResTarget *target,
                        bool changes, size_t *column)
{
    const struct hg_table *table = write->view->table;
    struct hg_slice name = hg_slice_cstr(target->name);
    int at = hg_table_column(table, name);
    if (hg_is_system_column(name) && at < 0)
        return hg_refuse(r, target->location, HG_FEATURE_NOT_SUPPORTED,
                         "cannot assign to system column \"%.*s\"", HG_SLICE_FMT(name));
    if (at < 0 || write->view->columns[at].hidden)
        return hg_refuse(r, target->location, HG_UNDEFINED_COLUMN,
                         "column \"%.*s\" of relation \"%.*s\" does not exist", HG_SLICE_FMT(name),
                         HG_SLICE_FMT(table->name));
    if (write->view->columns[at].mask)
        return hg_refuse_column(r, write, name, target->location, "What it holds is shown masked.");
    if (changes && hg_rows_name(write->view, &table->columns[at]))
        return hg_refuse_column(r, write, name, target->location, "Which rows are visible depends on it.");
    if (changes && hg_rows_key(write->view, &table->columns[at]))
        return hg_refuse_column(r, write, name, target->location,
                                "It is part of a key, and only some of the rows are visible.");
    if (changes && at != table->tenant_column_index && hg_table_in_global_key(table, (size_t)at))
        return hg_refuse_column(
            r, write, name, target->location,
            "A unique key that lacks the tenant's column depends on it: a duplicate would tell of "
            "other customers' rows.");
    if (at == table->tenant_column_index && target->n_indirection)
        return hg_refuse_column(r, write, name, target->location,
                                "It has one value, that of your own tenant.");
    for (size_t i = 0; i < target->n_indirection; i++)
        if (hg_string_of(target->indirection[i]).len)
            return refuse_field(r, target, &table->columns[at]);
    *column = (size_t)at;
    return true;
}

/* ---- the tenant's column ---- */

static bool refuse_tenant_value(struct hg_resolver *r, const struct hg_write *write, int32_t location)
{
    return hg_refuse(r, location, HG_INSUFFICIENT_PRIVILEGE,
                     "column \"%.*s\" takes only the value of your own tenant",
                     HG_SLICE_FMT(write->view->table->tenant_column));
}

/* A constant as text. */
static bool constant_text(struct hg_resolver *r, const PgQuery__AConst *constant, struct hg_slice *text)
{
    switch (constant->val_case) {
    case PG_QUERY__A__CONST__VAL_SVAL:
        *text = hg_slice_cstr(constant->sval->sval);
        return true;
    case PG_QUERY__A__CONST__VAL_IVAL:
        *text = hg_arena_printf(r->arena, "%d", constant->ival->ival);
        return true;
    case PG_QUERY__A__CONST__VAL_FVAL:
        *text = hg_slice_cstr(constant->fval->fval);
        return true;
    default:
        return false;
    }
}

/* Is a value of this type the text that it is written as, to the letter? */
static bool is_text(const struct hg_type *type)
{
    return !type->array && hg_slice_is(type->schema, "pg_catalog") &&
           (hg_slice_is(type->name, "text") || hg_slice_is(type->name, "varchar"));
}

static void use_tenant(struct hg_resolver *r, PgQuery__Node *value)
{
    hg_edit_later(r, value, hg_build_text(r->arena, r->context->user->tenant->value, HG_LOCATION_TENANT));
}

bool hg_own_tenant(struct hg_resolver *r, const struct hg_write *write, PgQuery__Node *value, bool alone)
{
    const struct hg_table *table = write->view->table;
    const struct hg_type *type = &table->columns[table->tenant_column_index].type;
    struct hg_slice text;
    if (value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT) {
        use_tenant(r, value);
        return true;
    }
    if (value->node_case == PG_QUERY__NODE__NODE_A_CONST) {
        int32_t location = value->a_const->location;
        bool known = constant_text(r, value->a_const, &text);
        r->out->personal = true;
        if (known && hg_slice_equal(text, r->context->user->tenant->value) &&
            (alone || value->a_const->val_case == PG_QUERY__A__CONST__VAL_SVAL)) {
            use_tenant(r, value);
            return true;
        }
        if (!known || is_text(type))
            return refuse_tenant_value(r, write, location);
    }
    if (type->array || !hg_slice_is(type->schema, "pg_catalog"))
        return refuse_tenant_value(r, write, hg_message_location(hg_node_message(value)));
    struct hg_tenant_value *one = HG_NEW(r->arena, struct hg_tenant_value);
    *one = (struct hg_tenant_value){r->out->tenant_values, value, type};
    r->out->tenant_values = one;
    return true;
}

/* ---- SET ---- */

/* `(a, b) = (…)` is one target for each column, each with a copy of the source: the copies become one. */
static bool share_source(struct hg_resolver *r, PgQuery__Node **list, size_t i)
{
    PgQuery__MultiAssignRef *part = list[i]->res_target->val->multi_assign_ref;
    if (part->colno == 1)
        return true;
    const PgQuery__Node *before = i ? list[i - 1]->res_target->val : NULL;
    if (!before || before->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF ||
        before->multi_assign_ref->colno != part->colno - 1 ||
        before->multi_assign_ref->ncolumns != part->ncolumns)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this form of assignment is not supported");
    part->source = before->multi_assign_ref->source;
    return true;
}

/* What is assigned to one column; NULL when it is a column of a sub-select. */
static PgQuery__Node *value_of(PgQuery__Node *value)
{
    if (value->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
        return value;
    const PgQuery__MultiAssignRef *part = value->multi_assign_ref;
    if (!part->source || part->source->node_case != PG_QUERY__NODE__NODE_ROW_EXPR)
        return NULL;
    size_t at = (size_t)part->colno - 1;
    return at < part->source->row_expr->n_args ? part->source->row_expr->args[at] : NULL;
}

static bool resolve_value(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node **list, size_t i)
{
    PgQuery__Node *value = list[i]->res_target->val;
    if (value->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
        return hg_resolve_node(r, scope, value);
    const PgQuery__MultiAssignRef *part = value->multi_assign_ref;
    const PgQuery__Node *source = part->source;
    if (!share_source(r, list, i))
        return false;
    if (source && source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR &&
        source->row_expr->n_args != (size_t)part->ncolumns)
        return hg_refuse(r, source->row_expr->location, HG_SYNTAX_ERROR,
                         "number of columns does not match number of values");
    return value->multi_assign_ref->colno != 1 || hg_resolve_node(r, scope, value->multi_assign_ref->source);
}

static bool resolve_assignment(struct hg_resolver *r, struct hg_scope *scope, const struct hg_write *write,
                               PgQuery__Node **list, size_t i)
{
    size_t column;
    if (list[i]->node_case != PG_QUERY__NODE__NODE_RES_TARGET || !list[i]->res_target->val)
        return hg_refuse(r, -1, HG_FEATURE_NOT_SUPPORTED, "this form of assignment is not supported");
    PgQuery__ResTarget *target = list[i]->res_target;
    if (!hg_assigned_column(r, write, target, true, &column) ||
        !hg_resolve_list(r, scope, target->n_indirection, target->indirection) ||
        !resolve_value(r, scope, list, i) ||
        !hg_default_number(r, write, column, value_of(target->val), target->location) ||
        !hg_may_refer(r, write, column, value_of(target->val), target->location))
        return false;
    if ((int)column != write->view->table->tenant_column_index)
        return true;
    PgQuery__Node *value = value_of(target->val);
    return value ? hg_own_tenant(r, write, value, true) : refuse_tenant_value(r, write, target->location);
}

bool hg_resolve_assignments(struct hg_resolver *r, struct hg_scope *scope, const struct hg_write *write,
                            size_t count, PgQuery__Node **list)
{
    for (size_t i = 0; i < count; i++)
        if (!resolve_assignment(r, scope, write, list, i))
            return false;
    return true;
}

/* ---- statements ---- */

/* The target, then FROM or USING, which cannot refer to it. */
static bool resolve_items(struct hg_resolver *r, struct hg_scope *scope, struct hg_write *write, size_t count,
                          PgQuery__Node **list)
{
    hg_scope_push(scope, write->item, r->arena);
    write->item->lateral_only = true;
    if (!hg_resolve_from(r, scope, count, list))
        return false;
    write->item->lateral_only = false;
    return true;
}

static bool resolve_update(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *place,
                           struct hg_names *names)
{
    PgQuery__UpdateStmt *update = place->update_stmt;
    struct hg_write *write;
    return (!update->with_clause || hg_resolve_with(r, scope, update->with_clause)) &&
           hg_open_target(r, place, update->relation, &write) &&
           resolve_items(r, scope, write, update->n_from_clause, update->from_clause) &&
           hg_resolve_node(r, scope, update->where_clause) &&
           hg_resolve_returning(r, scope, &update->n_returning_list, &update->returning_list, names) &&
           hg_resolve_assignments(r, scope, write, update->n_target_list, update->target_list);
}

static bool resolve_delete(struct hg_resolver *r, struct hg_scope *scope, PgQuery__Node *place,
                           struct hg_names *names)
{
    PgQuery__DeleteStmt *delete = place->delete_stmt;
    struct hg_write *write;
    return (!delete->with_clause || hg_resolve_with(r, scope, delete->with_clause)) &&
           hg_open_target(r, place, delete->relation, &write) &&
           resolve_items(r, scope, write, delete->n_using_clause, delete->using_clause) &&
           hg_resolve_node(r, scope, delete->where_clause) &&
           hg_resolve_returning(r, scope, &delete->n_returning_list, &delete->returning_list, names);
}

bool hg_resolve_write(struct hg_resolver *r, struct hg_scope *parent, PgQuery__Node *place,
                      struct hg_names *names)
{
    struct hg_scope scope = {.parent = parent};
    struct hg_names own;
    bool good = false;
    if (!names)
        names = &own;
    r->targets++;
    if (place->node_case == PG_QUERY__NODE__NODE_INSERT_STMT)
        good = hg_resolve_insert(r, &scope, place, names);
    else if (place->node_case == PG_QUERY__NODE__NODE_UPDATE_STMT)
        good = resolve_update(r, &scope, place, names);
    else if (place->node_case == PG_QUERY__NODE__NODE_DELETE_STMT)
        good = resolve_delete(r, &scope, place, names);
    r->targets--;
    return good;
}
