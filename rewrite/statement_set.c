/* SET, RESET and SHOW. The values of a SET are put together as PostgreSQL does it: a list is joined by
 * commas, and where the list is one of identifiers (search_path) each is quoted if it must be. */
#include <stdlib.h>

#include "allow.h"
#include "guard.h"
#include "print.h"
#include "settings.h"
#include "statement.h"

/* Bits of an interval's range, as the grammar makes them from HOUR and HOUR TO MINUTE. */
#define RANGE_HOUR           (1 << 10)
#define RANGE_HOUR_TO_MINUTE (1 << 10 | 1 << 11)

static bool refuse_value(struct hg_statement *statement, struct hg_slice name)
{
    return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                               "this value for parameter \"%.*s\" is not supported", HG_SLICE_FMT(name));
}

/* The lower-case spelling, as verdicts have it. */
static struct hg_slice setting_name(struct hg_statement *statement, struct hg_slice name)
{
    int id = hg_setting_find(name);
    char *lower = hg_arena_cstr(statement->arena, id < 0 ? name : hg_slice_cstr(hg_settings[id].name));
    for (char *at = lower; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return hg_slice_cstr(lower);
}

static bool constant_text(const PgQuery__AConst *constant, struct hg_bytes *out, bool quote)
{
    switch (constant->val_case) {
    case PG_QUERY__A__CONST__VAL_IVAL:
        hg_write_format(out, "%d", constant->ival->ival);
        return true;
    case PG_QUERY__A__CONST__VAL_FVAL:
        hg_write_text(out, constant->fval->fval);
        return true;
    case PG_QUERY__A__CONST__VAL_SVAL:
        if (quote)
            hg_print_identifier(out, hg_slice_cstr(constant->sval->sval));
        else
            hg_write_text(out, constant->sval->sval);
        return true;
    default:
        return false;
    }
}

static int interval_range(const PgQuery__TypeName *type)
{
    if (type->n_typmods == 0)
        return RANGE_HOUR_TO_MINUTE;
    if (type->n_typmods > 1 || type->typmods[0]->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        type->typmods[0]->a_const->val_case != PG_QUERY__A__CONST__VAL_IVAL)
        return 0;
    return type->typmods[0]->a_const->ival->ival;
}

/* SET TIME ZONE INTERVAL '+05:30' [HOUR TO MINUTE], or '5' HOUR: hours and minutes, printed without the
 * range. */
static bool interval_text(const PgQuery__TypeCast *cast, struct hg_bytes *out)
{
    if (!cast->arg || cast->arg->node_case != PG_QUERY__NODE__NODE_A_CONST ||
        cast->arg->a_const->val_case != PG_QUERY__A__CONST__VAL_SVAL || !cast->type_name)
        return false;
    const char *at = cast->arg->a_const->sval->sval;
    int range = interval_range(cast->type_name);
    bool negative = *at == '-';
    char *end;
    if (*at == '-' || *at == '+')
        at++;
    if (*at < '0' || *at > '9')
        return false;
    long hours = strtol(at, &end, 10), minutes = 0;
    if (*end == ':' && end[1] >= '0' && end[1] <= '9' && range == RANGE_HOUR_TO_MINUTE)
        minutes = strtol(end + 1, &end, 10);
    else if (range != RANGE_HOUR)
        return false;
    if (*end || hours > 167 || minutes > 59) /* PostgreSQL's own bound of a zone's distance */
        return false;
    hg_write_format(out, "INTERVAL '%s%02ld:%02ld:00'", negative ? "-" : "", hours, minutes);
    return true;
}

static bool argument_text(const PgQuery__Node *argument, bool quote, struct hg_bytes *out)
{
    if (argument->node_case == PG_QUERY__NODE__NODE_A_CONST)
        return constant_text(argument->a_const, out, quote);
    return argument->node_case == PG_QUERY__NODE__NODE_TYPE_CAST && interval_text(argument->type_cast, out);
}

/* The value that the arguments make together. */
static bool flatten(struct hg_statement *statement, struct hg_slice name, size_t count,
                    PgQuery__Node **arguments, struct hg_slice *value)
{
    int id = hg_setting_find(name);
    if (count > 1 && (id < 0 || !(hg_settings[id].flags & HG_SETTING_LIST)))
        return hg_statement_refuse(statement, -1, HG_INVALID_PARAMETER_VALUE,
                                   "SET %.*s takes only one argument", HG_SLICE_FMT(name));
    struct hg_bytes text;
    bool known = true;
    hg_bytes_init(&text, 0);
    for (size_t i = 0; i < count && known; i++) {
        if (i)
            hg_write_text(&text, ", ");
        known = argument_text(arguments[i], id == HG_SET_search_path, &text);
    }
    *value = hg_arena_slice(statement->arena, hg_bytes_slice(&text));
    hg_bytes_free(&text);
    return known || refuse_value(statement, name);
}

/* PostgreSQL finds out when it runs the statement: its error points nowhere. */
static bool refuse_late(struct hg_statement *statement)
{
    statement->verdict->fault.position = 0;
    return false;
}

static bool accept(struct hg_statement *statement, struct hg_slice name, struct hg_slice *value)
{
    if (hg_setting_accept(statement->context->user->name, name, value, statement->arena,
                          &statement->verdict->fault))
        return true;
    (void)hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                              "this setting is not supported"); /* the fault stands */
    statement->verdict->fault.position = 0; /* as in PostgreSQL, which finds out when it runs */
    return false;
}

/* The modes of the transaction under way, as settings. */
static bool is_transaction_setting(struct hg_slice name)
{
    return hg_slice_is(name, "transaction_isolation") || hg_slice_is(name, "transaction_read_only") ||
           hg_slice_is(name, "transaction_deferrable");
}

static bool refuse_transaction_setting(struct hg_statement *statement, struct hg_slice name)
{
    hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                        "changing parameter \"%.*s\" by name is not supported", HG_SLICE_FMT(name));
    hg_fault_hint(&statement->verdict->fault, statement->arena, "Use SET TRANSACTION.");
    return false;
}

static bool set_value(struct hg_statement *statement, struct hg_slice name,
                      const PgQuery__VariableSetStmt *set)
{
    if (is_transaction_setting(name))
        return refuse_transaction_setting(statement, name);
    struct hg_slice value = {NULL, 0};
    if (set->kind == PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE &&
        !flatten(statement, name, set->n_args, set->args, &value))
        return false;
    if (!accept(statement, name, &value))
        return false;
    statement->verdict->setting = name;
    statement->verdict->value = value;
    statement->verdict->is_local = set->is_local;
    return hg_statement_local(statement, HG_STMT_SET, "SET");
}

static bool set_transaction(struct hg_statement *statement, const PgQuery__VariableSetStmt *set)
{
    struct hg_bytes sql;
    hg_bytes_init(&sql, 0);
    hg_write_text(&sql, "SET TRANSACTION");
    bool known = hg_transaction_modes(statement, set->n_args, set->args, &sql);
    statement->verdict->sql = hg_arena_slice(statement->arena, hg_bytes_slice(&sql));
    hg_bytes_free(&sql);
    return known && hg_statement_local(statement, HG_STMT_SET_TRANSACTION, "SET");
}

/* SET SESSION CHARACTERISTICS AS TRANSACTION …: each mode is the default of a setting. */
static bool set_characteristics(struct hg_statement *statement, const PgQuery__VariableSetStmt *set)
{
    struct hg_setting_value *list = HG_NEW_ARRAY(statement->arena, struct hg_setting_value, set->n_args + 1);
    for (size_t i = 0; i < set->n_args; i++) {
        if (!hg_transaction_mode(set->args[i], &list[i]))
            return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                                       "this transaction mode is not supported");
        list[i].setting = hg_arena_printf(statement->arena, "default_%.*s", HG_SLICE_FMT(list[i].setting));
        if (!accept(statement, list[i].setting, &list[i].value))
            return false;
    }
    statement->verdict->setting = list[0].setting;
    statement->verdict->value = list[0].value;
    statement->verdict->also = list + 1;
    statement->verdict->nalso = set->n_args ? set->n_args - 1 : 0;
    return hg_statement_local(statement, HG_STMT_SET, "SET");
}

static bool reset(struct hg_statement *statement, struct hg_slice name)
{
    struct hg_slice no_value = {NULL, 0};
    if (is_transaction_setting(name))
        return refuse_transaction_setting(statement, name);
    if (!accept(statement, name, &no_value))
        return false;
    statement->verdict->setting = name;
    return hg_statement_local(statement, HG_STMT_RESET, "RESET");
}

bool hg_classify_set(struct hg_statement *statement, const PgQuery__VariableSetStmt *set)
{
    struct hg_slice name = setting_name(statement, hg_slice_cstr(set->name));
    switch (set->kind) {
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_VALUE:
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_DEFAULT:
        return set_value(statement, name, set);
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET:
        return reset(statement, name);
    case PG_QUERY__VARIABLE_SET_KIND__VAR_RESET_ALL:
        statement->verdict->setting = (struct hg_slice){NULL, 0};
        return hg_statement_local(statement, HG_STMT_RESET, "RESET");
    case PG_QUERY__VARIABLE_SET_KIND__VAR_SET_MULTI:
        if (hg_slice_is(name, "transaction"))
            return set_transaction(statement, set);
        if (hg_slice_is(name, "session characteristics") && set->n_args > 0)
            return set_characteristics(statement, set);
        return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED, "SET %s is not supported",
                                   set->name);
    default:
        return hg_statement_refuse(statement, -1, HG_FEATURE_NOT_SUPPORTED,
                                   "SET FROM CURRENT is not supported");
    }
}

/* What the tenant and the user may ask for, and what they have used of it. */
static bool is_table_of_limits(struct hg_slice name)
{
    return hg_slice_is(name, "headgate.limits") || hg_slice_is(name, "headgate.usage");
}

/* The settings that pg_settings has, as SHOW writes them: the catalog server gives the names and
 * descriptions, and the values of which the session, whose settings it is told, has none. */
static bool show_all(struct hg_statement *statement)
{
    static const char *const columns[] = {"name", "setting", "description"};
    struct hg_verdict *verdict = statement->verdict;
    size_t count = sizeof columns / sizeof columns[0];
    verdict->sql = HG_LIT(
        "SELECT pg_catalog.unnest(ARRAY[NULL, p.name, 'value', NULL, COALESCE(m.value ->> 0, "
        "pg_catalog.current_setting(p.name)), 'value', NULL, p.short_desc, 'value']) FROM "
        "(SELECT * FROM pg_catalog.pg_settings ORDER BY pg_catalog.lower(name) COLLATE \"C\") AS p "
        "LEFT JOIN pg_catalog.json_each(CAST(pg_catalog.current_setting('headgate.settings') AS "
        "pg_catalog.json)) AS m(key, value) ON m.key = pg_catalog.lower(p.name) "
        "WHERE m.key IS NOT NULL OR p.name IN (" HG_SERVER_SETTINGS ") ORDER BY pg_catalog.lower(p.name) "
        "COLLATE \"C\"");
    verdict->rows = HG_NEW_ARRAY(statement->arena, struct hg_slice, count);
    while (verdict->nrows < count) {
        verdict->rows[verdict->nrows] = hg_slice_cstr(columns[verdict->nrows]);
        verdict->nrows++;
    }
    verdict->backend = hg_context_catalog(statement->context);
    verdict->uses_catalog = true;
    verdict->sees = HG_SEES_SETTINGS;
    return hg_statement_local(statement, HG_STMT_SET_CONFIG, "SHOW");
}

bool hg_classify_show(struct hg_statement *statement, const PgQuery__VariableShowStmt *show)
{
    struct hg_slice given = hg_slice_cstr(show->name), name = setting_name(statement, given);
    const struct hg_known_setting *known = hg_known_setting(name);
    if (hg_slice_is(name, "all"))
        return show_all(statement);
    bool custom = hg_is_custom_setting(name) && !hg_is_reserved_setting(name);
    if (known ? known->shown != HG_SHOWN_HIDDEN : custom || is_table_of_limits(name)) {
        statement->verdict->setting = name;
        return hg_statement_local(statement, HG_STMT_SHOW, "SHOW");
    }
    if (known)
        (void)hg_statement_refuse(
            statement, -1, HG_INSUFFICIENT_PRIVILEGE,
            "must be superuser or have privileges of pg_read_all_settings to examine \"%s\"", known->name);
    else
        (void)hg_statement_refuse(statement, -1, HG_UNDEFINED_OBJECT,
                                  "unrecognized configuration parameter \"%.*s\"", HG_SLICE_FMT(given));
    return refuse_late(statement);
}
