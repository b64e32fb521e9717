/* PREPARE and EXECUTE. What is prepared is a statement like any other and goes the whole way of one; only the
 * types of its parameters come with PREPARE. Built-in ones have numbers that every PostgreSQL knows and are
 * declared by them; those of the schema have other numbers on every backend, so each $n of such a type is
 * cast to it, which tells PostgreSQL the same.
 *
 * Where an EXECUTE is sent is known to the session. Its arguments are made a SELECT of, since that is what
 * the resolver knows; they may hold no sub-select, as in PostgreSQL. */
#include "allow.h"
#include "build.h"
#include "reflect.h"
#include "search_path.h"
#include "statement.h"

#define PARAMETERS_MOST 65535u
#define TEXT_NUMBER     25u /* of a parameter that nothing in the statement mentions */

/* ---- types of parameters ---- */

struct declared {
    const struct hg_statement *statement;
    PgQuery__TypeName **casts; /* by parameter; NULL: has a number */
    uint32_t *numbers;
    size_t count;
};

static bool no_such_type(struct hg_statement *statement, const PgQuery__TypeName *type)
{
    struct hg_slice name = type->n_names ? hg_string_of(type->names[type->n_names - 1]) : HG_LIT("");
    return hg_statement_refuse(statement, type->location, HG_UNDEFINED_OBJECT, "type \"%.*s\" does not exist",
                               HG_SLICE_FMT(hg_clip(name)));
}

/* Looks in one schema: a number, or that it is a type of the schema's own. */
static bool find_in(const struct hg_context *context, struct hg_slice schema, struct hg_slice name,
                    bool array, uint32_t *number)
{
    *number = hg_slice_is(schema, "pg_catalog") ? hg_allow_type_number(name, array) : 0;
    return *number || hg_role_type(context->snapshot, context->user->role, schema, name);
}

/* The number of a declared type; 0: one of the schema. False: neither. */
static bool find_type(const struct hg_statement *statement, const PgQuery__TypeName *type, uint32_t *number)
{
    const struct hg_context *context = statement->context;
    struct hg_slice name = hg_string_of(type->names[type->n_names - 1]);
    bool array = type->n_array_bounds > 0;
    if (type->n_names == 2)
        return find_in(context, hg_string_of(type->names[0]), name, array, number);
    struct hg_search_path path = hg_search_path_of(context->search_path, context, statement->arena);
    for (size_t i = 0; i < path.count; i++)
        if (find_in(context, path.schemas[i], name, array, number))
            return true;
    return false;
}

static bool declare(struct hg_statement *statement, PgQuery__TypeName *type, size_t i,
                    struct declared *declared)
{
    uint32_t *number = &declared->numbers[i];
    if (type->setof || type->pct_type)
        return hg_statement_refuse(statement, type->location, HG_FEATURE_NOT_SUPPORTED,
                                   "%s is not supported here", type->setof ? "SETOF" : "%TYPE");
    if (type->n_names < 1 || type->n_names > 2 || !find_type(statement, type, number))
        return no_such_type(statement, type);
    if (*number)
        return true;
    type->n_typmods = 0; /* as PREPARE ignores them */
    declared->casts[i] = type;
    *number = TEXT_NUMBER;
    return true;
}

/* The Nodes that one field of a message holds. */
static size_t nodes_of(ProtobufCMessage *message, const ProtobufCFieldDescriptor *field,
                       PgQuery__Node ***list)
{
    char *at = (char *)message + field->offset;
    if (field->type != PROTOBUF_C_TYPE_MESSAGE || field->descriptor != &pg_query__node__descriptor)
        return 0;
    bool many = field->label == PROTOBUF_C_LABEL_REPEATED;
    *list = many ? *(PgQuery__Node ***)at : (PgQuery__Node **)at;
    return many ? *(const size_t *)((char *)message + field->quantifier_offset) : 1;
}

/* An output column that is nothing but $n has no name; a cast would give it one. */
static void add_cast(struct declared *declared, ProtobufCMessage *holder, PgQuery__Node **place)
{
    struct hg_arena *arena = declared->statement->arena;
    if (!*place || (*place)->node_case != PG_QUERY__NODE__NODE_PARAM_REF)
        return;
    int32_t number = (*place)->param_ref->number;
    if (number < 1 || (size_t)number > declared->count || !declared->casts[number - 1])
        return;
    *place = hg_build_cast_to(arena, *place, declared->casts[number - 1]);
    declared->numbers[number - 1] = 0; /* found out from the cast */
    PgQuery__ResTarget *target = (PgQuery__ResTarget *)holder;
    if (holder->descriptor == &pg_query__res_target__descriptor && !*target->name)
        target->name = hg_arena_cstr(arena, HG_LIT("?column?"));
}

static enum hg_walk add_casts(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent, (void)field;
    if (message->descriptor == &pg_query__type_cast__descriptor &&
        ((const PgQuery__TypeCast *)message)->location == HG_LOCATION_NONE)
        return HG_WALK_OVER; /* one of ours */
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        PgQuery__Node **list;
        size_t count = nodes_of(message, &message->descriptor->fields[i], &list);
        for (size_t k = 0; k < count; k++)
            add_cast(argument, message, &list[k]);
    }
    return HG_WALK_INTO;
}

static struct hg_slice write_numbers(struct hg_arena *arena, const uint32_t *numbers, size_t count)
{
    char *bytes = hg_arena_alloc(arena, 4 * count + 1);
    for (size_t i = 0; i < 4 * count; i++)
        bytes[i] = (char)(numbers[i / 4] >> (24 - 8 * (i % 4)));
    return hg_slice_of(bytes, 4 * count);
}

static bool declare_types(struct hg_statement *statement, const PgQuery__PrepareStmt *prepare)
{
    size_t count = prepare->n_argtypes;
    struct declared declared = {statement, HG_NEW_ARRAY(statement->arena, PgQuery__TypeName *, count + 1),
                                HG_NEW_ARRAY(statement->arena, uint32_t, count + 1), count};
    bool casts = false;
    if (count > PARAMETERS_MOST)
        return hg_statement_refuse(statement, -1, HG_CONFIGURATION_LIMIT, "too many parameters");
    for (size_t i = 0; i < count; i++) {
        if (prepare->argtypes[i]->node_case != PG_QUERY__NODE__NODE_TYPE_NAME)
            return hg_statement_refuse_by_name(statement);
        if (!declare(statement, prepare->argtypes[i]->type_name, i, &declared))
            return false;
        casts |= declared.casts[i] != NULL;
    }
    if (casts && !hg_tree_walk((ProtobufCMessage *)&prepare->base, HG_TREE_DEPTH_MOST, add_casts, &declared))
        return hg_statement_refuse(statement, -1, HG_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
    statement->verdict->types = write_numbers(statement->arena, declared.numbers, count);
    return true;
}

/* ---- the statements ---- */

bool hg_classify_prepare(struct hg_statement *statement, PgQuery__PrepareStmt *prepare, PgQuery__Node **query,
                         struct hg_carrier *carrier)
{
    if (!hg_statement_may(statement, HG_GRANT_PREPARE))
        return false;
    if (prepare->query && prepare->query->node_case == PG_QUERY__NODE__NODE_MERGE_STMT) {
        statement->node = prepare->query;
        return hg_statement_refuse_by_name(statement);
    }
    if (!declare_types(statement, prepare))
        return false;
    carrier->kind = HG_CARRIER_PREPARE;
    statement->verdict->statement = HG_STMT_PREPARE;
    statement->verdict->name = hg_arena_slice(statement->arena, hg_slice_cstr(prepare->name));
    statement->verdict->tag = "PREPARE";
    *query = prepare->query;
    return true;
}

static enum hg_walk find_select(ProtobufCMessage *message, ProtobufCMessage *parent,
                                const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent, (void)field;
    if (message->descriptor != &pg_query__sub_link__descriptor)
        return HG_WALK_INTO;
    *(int32_t *)argument = hg_message_location(message);
    return HG_WALK_STOP;
}

bool hg_classify_execute(struct hg_statement *statement, PgQuery__ExecuteStmt *execute, PgQuery__Node **query,
                         struct hg_carrier *carrier)
{
    struct hg_arena *arena = statement->arena;
    int32_t location = -1;
    if (!hg_statement_may(statement, HG_GRANT_PREPARE))
        return false;
    if (!hg_tree_walk((ProtobufCMessage *)&execute->base, HG_TREE_DEPTH_MOST, find_select, &location))
        return hg_statement_refuse(statement, location, HG_FEATURE_NOT_SUPPORTED,
                                   "cannot use subquery in EXECUTE parameter");
    PgQuery__SelectStmt *select = hg_build_select(arena);
    select->target_list = HG_NEW_ARRAY(arena, PgQuery__Node *, execute->n_params + 1);
    for (size_t i = 0; i < execute->n_params; i++)
        select->target_list[select->n_target_list++] =
            hg_build_target(arena, HG_LIT("?column?"), execute->params[i]);
    carrier->kind = HG_CARRIER_EXECUTE;
    statement->verdict->statement = HG_STMT_EXECUTE;
    statement->verdict->name = hg_arena_slice(arena, hg_slice_cstr(execute->name));
    execute->name = hg_arena_cstr(arena, HG_EXECUTE_NAME);
    *query = hg_build_node(arena, PG_QUERY__NODE__NODE_SELECT_STMT, select);
    return true;
}
