/* SELECT of functions that act on sessions: set_config, pg_cancel_backend, pg_terminate_backend.
 *
 * No server may call them for a client: settings and sessions are Headgate's own. So the statement becomes a
 * query for the catalog that computes their arguments only, in one column, and the session does the rest:
 *
 *   SELECT set_config(n, v, l) …       SELECT unnest(ARRAY[n, v, CASE WHEN l THEN 'true' ELSE 'false' END]) …
 *   SELECT current_setting(x), …       … three values for each column: NULL, the setting, 'value'
 *   SELECT pg_cancel_backend(p) …      SELECT p::int4 …
 *
 * with the client's FROM and WHERE, which say for how many rows it is done. Arguments are computed before
 * anything is done, so a setting may not be read behind one that is set; but for those that only the session
 * knows, of which it is told the name and "show", or "show if any". */
#include <strings.h>

#include "allow.h"
#include "build.h"
#include "guard.h"
#include "reflect.h"
#include "settings.h"
#include "statement.h"

#define TYPE_BOOL 16u
#define TYPE_INT4 23u
#define TYPE_TEXT 25u

enum act { NO_ACT, SET_CONFIG, CANCEL, TERMINATE, CURRENT_SETTING };

#define PARAMS_KNOWN 64 /* whose types are found out */

struct params {
    uint32_t types[PARAMS_KNOWN + 1]; /* by number */
    unsigned count;
};

static const PgQuery__FuncCall *call_of(const PgQuery__Node *target)
{
    if (target->node_case != PG_QUERY__NODE__NODE_RES_TARGET || !target->res_target->val ||
        target->res_target->val->node_case != PG_QUERY__NODE__NODE_FUNC_CALL)
        return NULL;
    return target->res_target->val->func_call;
}

static struct hg_slice name_of(const PgQuery__FuncCall *call)
{
    return hg_string_of(call->funcname[call->n_funcname - 1]);
}

static enum act act_of(const PgQuery__Node *target)
{
    static const struct {
        const char *name;
        enum act act;
    } acts[] = {{"set_config", SET_CONFIG},
                {"pg_cancel_backend", CANCEL},
                {"pg_terminate_backend", TERMINATE},
                {"current_setting", CURRENT_SETTING}};
    const PgQuery__FuncCall *call = call_of(target);
    if (!call || call->n_funcname < 1 || call->n_funcname > 2 ||
        (call->n_funcname == 2 && !hg_slice_is(hg_string_of(call->funcname[0]), "pg_catalog")))
        return NO_ACT;
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (hg_slice_is(name_of(call), acts[i].name))
            return acts[i].act;
    return NO_ACT;
}

static bool is_boolean(const PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE_A_CONST &&
           node->a_const->val_case == PG_QUERY__A__CONST__VAL_BOOLVAL;
}

static bool may_be_missing(const PgQuery__FuncCall *call)
{
    return call->n_args == 2 && call->args[1]->a_const->boolval->boolval;
}

/* The name in current_setting of a setting that only the session knows: it shows it, in its turn. NULL: any
 * other call. */
static const char *shown(const PgQuery__FuncCall *call)
{
    const PgQuery__Node *argument = call->n_args ? call->args[0] : NULL;
    if (!argument || call->n_args > 2 || (call->n_args == 2 && !is_boolean(call->args[1])) ||
        argument->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        argument->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return NULL;
    const char *text = argument->a_const->sval->sval;
    struct hg_slice name = hg_slice_cstr(text);
    int id = hg_setting_find(name);
    bool own = id >= 0 ? hg_settings[id].flags & HG_SETTING_HERE
                       : hg_is_custom_setting(name) && !hg_is_reserved_setting(name);
    return own ? text : NULL;
}

static bool is_plain(const PgQuery__SelectStmt *select)
{
    return !select->n_distinct_clause && !select->into_clause && !select->n_group_clause &&
           !select->having_clause && !select->n_window_clause && !select->n_values_lists &&
           !select->n_sort_clause && !select->limit_offset && !select->limit_count &&
           !select->n_locking_clause && !select->with_clause &&
           select->op == PG_QUERY__SET_OPERATION__SETOP_NONE;
}

/* The first column that acts, or NULL. One that only shows a setting does when all are such, and there is
 * nothing else. */
static const PgQuery__FuncCall *acting(const PgQuery__SelectStmt *select)
{
    const PgQuery__FuncCall *shows = NULL;
    bool only = !select->n_from_clause && !select->where_clause && is_plain(select);
    for (size_t i = 0; i < select->n_target_list; i++) {
        enum act act = act_of(select->target_list[i]);
        const PgQuery__FuncCall *call = call_of(select->target_list[i]);
        if (act != NO_ACT && act != CURRENT_SETTING)
            return call;
        only &= act == CURRENT_SETTING;
        if (act == CURRENT_SETTING && !shows && shown(call))
            shows = call;
    }
    return only ? shows : NULL;
}

bool hg_is_act(const PgQuery__SelectStmt *select)
{
    return acting(select) != NULL;
}

static bool is_plain_call(const PgQuery__FuncCall *call)
{
    return !call->n_agg_order && !call->agg_filter && !call->over && !call->agg_within_group &&
           !call->agg_star && !call->agg_distinct && !call->func_variadic;
}

static bool refuse(struct hg_statement *statement, const PgQuery__FuncCall *call, const char *what,
                   const char *hint)
{
    hg_statement_refuse(statement, call->location, HG_FEATURE_NOT_SUPPORTED, "%.*s %s is not supported",
                        HG_SLICE_FMT(name_of(call)), what);
    hg_fault_hint(&statement->verdict->fault, statement->arena, "%s", hint);
    return false;
}

static bool refuse_arguments(struct hg_statement *statement, const PgQuery__FuncCall *call)
{
    return hg_statement_refuse(statement, call->location, HG_UNDEFINED_FUNCTION,
                               "function %.*s with these arguments does not exist",
                               HG_SLICE_FMT(name_of(call)));
}

/* ---- parameters ---- */

/* The type of a parameter that is, cast or not, an argument; that of others the catalog finds out. */
static void take_parameter(struct params *params, const PgQuery__Node *argument, uint32_t type)
{
    if (argument->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && argument->type_cast->arg) {
        const PgQuery__TypeName *cast = argument->type_cast->type_name;
        type = hg_allow_type_number(hg_string_of(cast->names[cast->n_names - 1]), cast->n_array_bounds > 0);
        argument = argument->type_cast->arg;
    }
    if (argument->node_case == PG_QUERY__NODE__NODE_PARAM_REF && argument->param_ref->number > 0 &&
        argument->param_ref->number <= PARAMS_KNOWN)
        params->types[argument->param_ref->number] = type;
}

static enum hg_walk count_parameter(ProtobufCMessage *message, ProtobufCMessage *parent,
                                    const ProtobufCFieldDescriptor *field, void *argument)
{
    struct params *params = argument;
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__param_ref__descriptor) {
        int32_t number = ((const PgQuery__ParamRef *)message)->number;
        if (number > 0 && number <= UINT16_MAX && (unsigned)number > params->count)
            params->count = (unsigned)number;
    }
    return HG_WALK_INTO;
}

static struct hg_slice types_of(struct hg_statement *statement, const struct params *params)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    for (unsigned i = 1; i <= params->count; i++)
        hg_write_u32(&out, i <= PARAMS_KNOWN ? params->types[i] : 0);
    struct hg_slice types = hg_arena_slice(statement->arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return types;
}

/* ---- the query for the catalog ---- */

static PgQuery__Node *text(struct hg_statement *statement, const char *value)
{
    return hg_build_text(statement->arena, hg_slice_cstr(value), HG_LOCATION_NONE);
}

static bool is_path(const PgQuery__Node *name)
{
    if (name->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        name->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return true; /* nobody knows */
    return strcasecmp(name->a_const->sval->sval, "search_path") == 0;
}

static bool set_column(struct hg_statement *statement, const PgQuery__FuncCall *call, PgQuery__Node **values,
                       struct params *params)
{
    if (call->n_args != 3 || !is_plain_call(call))
        return refuse_arguments(statement, call);
    take_parameter(params, call->args[0], TYPE_TEXT);
    take_parameter(params, call->args[1], TYPE_TEXT);
    take_parameter(params, call->args[2], TYPE_BOOL);
    values[0] = call->args[0];
    values[1] = call->args[1];
    values[2] =
        hg_build_choice(statement->arena, call->args[2], text(statement, "true"), text(statement, "false"));
    if (is_path(call->args[0]))
        statement->verdict->setting = HG_LIT("search_path");
    return true;
}

/* SELECT unnest(ARRAY[…]) */
static void build_settings(struct hg_statement *statement, PgQuery__SelectStmt *select,
                           PgQuery__Node **values, size_t count)
{
    PgQuery__AArrayExpr *array = HG_NEW(statement->arena, PgQuery__AArrayExpr);
    *array = (PgQuery__AArrayExpr)PG_QUERY__A__ARRAY_EXPR__INIT;
    array->elements = values;
    array->n_elements = count;
    array->location = HG_LOCATION_NONE;
    PgQuery__Node *call = hg_build_call(statement->arena, HG_LIT("unnest"));
    call->func_call->args = HG_NEW(statement->arena, PgQuery__Node *);
    call->func_call->args[call->func_call->n_args++] =
        hg_build_node(statement->arena, PG_QUERY__NODE__NODE_A_ARRAY_EXPR, array);
    select->target_list[0] = hg_build_target(statement->arena, HG_LIT(""), call);
    select->n_target_list = 1;
}

static bool make_settings(struct hg_statement *statement, PgQuery__SelectStmt *select, struct params *params)
{
    size_t columns = select->n_target_list;
    PgQuery__Node **values = HG_NEW_ARRAY(statement->arena, PgQuery__Node *, 3 * columns);
    bool set = false;
    for (size_t i = 0; i < columns; i++) {
        const PgQuery__FuncCall *call = call_of(select->target_list[i]);
        enum act act = act_of(select->target_list[i]);
        PgQuery__Node **value = values + 3 * i;
        const char *own = act == CURRENT_SETTING ? shown(call) : NULL;
        if (act != SET_CONFIG && (act != CURRENT_SETTING || (set && !own)))
            return refuse(statement, acting(select),
                          act == CURRENT_SETTING ? "before current_setting" : "beside other columns",
                          "Select it alone.");
        set |= act == SET_CONFIG;
        if (act == SET_CONFIG && !set_column(statement, call, value, params))
            return false;
        if (act == SET_CONFIG)
            continue;
        value[0] = own ? text(statement, own) : hg_build_null(statement->arena);
        value[1] = own ? hg_build_null(statement->arena) : select->target_list[i]->res_target->val;
        value[2] = text(statement, !own ? "value" : may_be_missing(call) ? "show if any" : "show");
    }
    build_settings(statement, select, values, 3 * columns);
    return true;
}

/* Waiting for a session's end is not done here. */
static bool waits(const PgQuery__FuncCall *call)
{
    if (call->n_args < 2)
        return false;
    const PgQuery__Node *timeout = call->args[1];
    return timeout->node_case != PG_QUERY__NODE__NODE_A_CONST ||
           timeout->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL || timeout->a_const->ival->ival != 0;
}

static bool make_signal(struct hg_statement *statement, PgQuery__SelectStmt *select, struct params *params)
{
    const PgQuery__FuncCall *call = acting(select);
    bool terminates = act_of(select->target_list[0]) == TERMINATE;
    if (select->n_target_list != 1)
        return refuse(statement, call, "beside other columns", "Select it alone.");
    if (!is_plain_call(call) || call->n_args < 1 || call->n_args > 1 + (size_t)terminates)
        return refuse_arguments(statement, call);
    if (waits(call))
        return refuse(statement, call, "with a timeout", "Leave the timeout out.");
    take_parameter(params, call->args[0], TYPE_INT4);
    statement->verdict->is_local = terminates;
    select->target_list[0] = hg_build_target(statement->arena, HG_LIT(""),
                                             hg_build_cast(statement->arena, call->args[0], HG_LIT("int4")));
    return true;
}

/* The names of the columns, as the client knows them. */
static void name_columns(struct hg_statement *statement, const PgQuery__SelectStmt *select)
{
    struct hg_verdict *verdict = statement->verdict;
    verdict->rows = HG_NEW_ARRAY(statement->arena, struct hg_slice, select->n_target_list);
    for (size_t i = 0; i < select->n_target_list; i++) {
        const PgQuery__FuncCall *call = call_of(select->target_list[i]);
        struct hg_slice given = hg_slice_cstr(select->target_list[i]->res_target->name);
        if (!given.len)
            given = call ? name_of(call) : HG_LIT("?column?");
        verdict->rows[verdict->nrows++] = hg_arena_slice(statement->arena, given);
    }
}

bool hg_classify_act(struct hg_statement *statement, PgQuery__SelectStmt *select, PgQuery__Node **query,
                     struct hg_carrier *carrier)
{
    const PgQuery__FuncCall *call = acting(select);
    struct hg_slice name = hg_arena_slice(statement->arena, name_of(call));
    if (!is_plain(select))
        return refuse(statement, call, "in this form of SELECT",
                      "Only FROM and WHERE may stand behind the select list.");
    if (!hg_role_may_call(statement->context->user->role, name))
        return hg_statement_refuse(statement, call->location, HG_INSUFFICIENT_PRIVILEGE,
                                   "permission denied for function %.*s", HG_SLICE_FMT(name));
    struct params *params = HG_NEW(statement->arena, struct params);
    bool sets = hg_slice_is(name, "set_config") || act_of(select->target_list[0]) == CURRENT_SETTING ||
                hg_slice_is(name, "current_setting");
    name_columns(statement, select);
    if (!hg_tree_walk(&select->base, HG_TREE_DEPTH_MOST, count_parameter, params))
        return refuse(statement, call, "in so deep a statement", "Write it in a simpler form.");
    if (sets ? !make_settings(statement, select, params) : !make_signal(statement, select, params))
        return false;
    statement->verdict->types = types_of(statement, params);
    statement->verdict->statement = sets ? HG_STMT_SET_CONFIG : HG_STMT_SIGNAL;
    statement->verdict->tag = "SELECT";
    carrier->kind = HG_CARRIER_ACT;
    carrier->function = hg_arena_printf(statement->arena, "function %.*s", HG_SLICE_FMT(name));
    *query = statement->node;
    return true;
}
