/* Default deny over a whole tree. The lists of guard_rules.c are compiled once into one rule per message
 * type, found by the address of its descriptor; a rule holds just what can go wrong: the fields that must be
 * empty, the enums with the values that they may have, and the fields that hold Nodes, none of which may be
 * an empty wrapper. So the work per message is a hash probe and a few loads, whatever the message allows.
 *
 * A few types need a look that lists cannot express (a parameter's number, a name of a sampling method): they
 * have a function.
 *
 * The walk goes parents first; the last location that it saw is the position of a refusal that has none of
 * its own. */
#include "guard.h"

#include <pthread.h>
#include <stdlib.h>

#include "guard_rules.h"
#include "map.h"
#include "reflect.h"

#define RULES_BITS   8 /* slots of the table, more than twice the number of messages */
#define RULES_ROOM   (1 << RULES_BITS)
#define MEMBERS_ROOM 32      /* above the number of fields of any allowed message */
#define PARAMS_MOST  65535   /* the protocol counts them in 16 bits */
#define FRAME_BITS   0x3ffff /* PostgreSQL's FRAMEOPTION_* */

struct guard {
    struct hg_slice text;
    const struct hg_context *context;
    struct hg_arena *arena;
    struct hg_fault *fault;
    int32_t location;       /* the last one seen; -1 = none yet */
    struct hg_map defaults; /* each DEFAULT that stands where a value is assigned, by its address */
};

/* Looks at what the lists cannot say. False sets the fault. */
typedef bool check(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent);

struct rule {
    const ProtobufCMessageDescriptor *message;
    uint8_t nempty, nenums, nnodes;
    const ProtobufCFieldDescriptor *empty[MEMBERS_ROOM]; /* fields that must hold their default */
    const ProtobufCFieldDescriptor *enums[4];
    uint32_t values[4];                                  /* of enums[]: one bit per value that is allowed */
    const ProtobufCFieldDescriptor *nodes[MEMBERS_ROOM]; /* fields that hold Nodes */
    check *check;                                        /* or NULL */
};

static pthread_once_t rules_once = PTHREAD_ONCE_INIT;
static struct rule rules[RULES_ROOM];

/* Refusing. */

static bool refuse(struct guard *guard, int32_t location, const char *construct, const char *hint)
{
    hg_fault_set(guard->fault, guard->arena, HG_FEATURE_NOT_SUPPORTED, "%s is not supported", construct);
    if (hint)
        hg_fault_hint(guard->fault, guard->arena, "%s", hint);
    if (location >= 0)
        guard->fault->position = hg_position_of(guard->text, (size_t)location);
    return false;
}

static enum hg_walk take_location(ProtobufCMessage *message, ProtobufCMessage *parent,
                                  const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent, (void)field;
    int32_t *location = argument;
    *location = hg_message_location(message);
    return *location >= 0 ? HG_WALK_STOP : HG_WALK_INTO;
}

/* The message's own location, or the first one inside it; -1: none. */
static int32_t location_inside(const ProtobufCMessage *message)
{
    int32_t location = -1;
    if (hg_tree_walk((ProtobufCMessage *)message, HG_TREE_DEPTH_MOST, take_location, &location))
        return -1; /* not stopped: nothing found */
    return location;
}

/* The same, else the last one seen before it. */
static int32_t nearest_location(const struct guard *guard, const ProtobufCMessage *message)
{
    int32_t location = location_inside(message);
    return location < 0 ? guard->location : location;
}

static const struct hg_guard_name *name_of(const ProtobufCMessageDescriptor *message, const char *field)
{
    for (size_t i = 0; i < hg_guard_nnames; i++) {
        const struct hg_guard_name *name = &hg_guard_names[i];
        if (name->message == message &&
            (!name->field || !field ? name->field == field : strcmp(name->field, field) == 0))
            return name;
    }
    return NULL;
}

static bool refuse_message(struct guard *guard, const ProtobufCMessage *message)
{
    const struct hg_guard_name *name = name_of(message->descriptor, NULL);
    return refuse(guard, nearest_location(guard, message),
                  name ? name->construct : message->descriptor->short_name, name ? name->hint : NULL);
}

static const void *at_offset(const ProtobufCMessage *message, unsigned offset)
{
    return (const char *)message + offset;
}

static bool refuse_field(struct guard *guard, const ProtobufCMessage *message,
                         const ProtobufCFieldDescriptor *field)
{
    const struct hg_guard_name *name = name_of(message->descriptor, field->name);
    int32_t location = nearest_location(guard, message);
    if (field->type == PROTOBUF_C_TYPE_MESSAGE && field->label != PROTOBUF_C_LABEL_REPEATED)
        location = nearest_location(guard, *(ProtobufCMessage *const *)at_offset(message, field->offset));
    if (name)
        return refuse(guard, location, name->construct, name->hint);
    struct hg_slice construct =
        hg_arena_printf(guard->arena, "%s.%s", message->descriptor->short_name, field->name);
    return refuse(guard, location, construct.ptr, NULL);
}

static bool refuse_value(struct guard *guard, const ProtobufCMessage *message,
                         const ProtobufCFieldDescriptor *field, uint32_t value)
{
    const ProtobufCEnumValue *known = protobuf_c_enum_descriptor_get_value(field->descriptor, (int)value);
    return refuse(guard, nearest_location(guard, message), known ? known->name : field->name, NULL);
}

/* Checks of single types. */

static bool check_param(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__ParamRef *param = (const PgQuery__ParamRef *)message;
    if (guard->context->extended && param->number >= 1 && param->number <= PARAMS_MOST)
        return true;
    hg_fault_set(guard->fault, guard->arena, HG_UNDEFINED_PARAMETER, "there is no parameter $%d",
                 param->number);
    if (param->location >= 0)
        guard->fault->position = hg_position_of(guard->text, (size_t)param->location);
    return false;
}

static bool check_range_var(struct guard *guard, const ProtobufCMessage *message,
                            const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__RangeVar *range = (const PgQuery__RangeVar *)message;
    return strcmp(range->relpersistence, "p") == 0 ||
           refuse(guard, range->location, "a temporary relation", NULL);
}

static bool check_type_name(struct guard *guard, const ProtobufCMessage *message,
                            const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__TypeName *type = (const PgQuery__TypeName *)message;
    return (type->typemod == -1 && type->n_names > 0) || refuse_message(guard, message);
}

static bool check_constant(struct guard *guard, const ProtobufCMessage *message,
                           const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__AConst *constant = (const PgQuery__AConst *)message;
    bool has_value = constant->val_case != PG_QUERY__A__CONST__VAL__NOT_SET;
    return has_value != (bool)constant->isnull || refuse_message(guard, message);
}

static bool check_sample(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__RangeTableSample *sample = (const PgQuery__RangeTableSample *)message;
    if (sample->n_method == 1 && sample->method[0]->node_case == PG_QUERY__NODE__NODE_STRING) {
        const char *method = sample->method[0]->string->sval;
        if (strcmp(method, "bernoulli") == 0 || strcmp(method, "system") == 0)
            return true;
    }
    return refuse(guard, sample->location, "this TABLESAMPLE method", "Use BERNOULLI or SYSTEM.");
}

static bool check_window(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__WindowDef *window = (const PgQuery__WindowDef *)message;
    return ((uint32_t)window->frame_options & ~(uint32_t)FRAME_BITS) == 0 || refuse_message(guard, message);
}

static bool check_named_argument(struct guard *guard, const ProtobufCMessage *message,
                                 const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__NamedArgExpr *argument = (const PgQuery__NamedArgExpr *)message;
    return (argument->argnumber == -1 && *argument->name) || refuse_message(guard, message);
}

/* Assignments. DEFAULT is an expression to the grammar, but means something only as what is assigned;
 * PostgreSQL refuses it elsewhere. Messages are visited parents first, so those who assign note where it may
 * stand. */

static struct hg_slice address_of(PgQuery__SetToDefault *const *value)
{
    return hg_slice_of((const char *)value, sizeof *value);
}

static void allow_default(struct guard *guard, PgQuery__Node *value)
{
    if (value && value->node_case == PG_QUERY__NODE__NODE_SET_TO_DEFAULT)
        (void)hg_map_put(&guard->defaults, address_of(&value->set_to_default), value);
}

static void allow_defaults(struct guard *guard, size_t count, PgQuery__Node *const *values)
{
    for (size_t i = 0; i < count; i++)
        allow_default(guard, values[i]);
}

static bool check_set_to_default(struct guard *guard, const ProtobufCMessage *message,
                                 const ProtobufCMessage *parent)
{
    (void)parent;
    PgQuery__SetToDefault *value = (PgQuery__SetToDefault *)message;
    if (hg_map_get(&guard->defaults, address_of(&value)))
        return true;
    hg_fault_set(guard->fault, guard->arena, HG_SYNTAX_ERROR, "DEFAULT is not allowed in this context");
    if (value->location >= 0)
        guard->fault->position = hg_position_of(guard->text, (size_t)value->location);
    return false;
}

/* `a = …` and `(a, b) = …`. */
static void allow_assigned_defaults(struct guard *guard, size_t count, PgQuery__Node *const *targets)
{
    for (size_t i = 0; i < count; i++) {
        PgQuery__Node *value =
            targets[i]->node_case == PG_QUERY__NODE__NODE_RES_TARGET ? targets[i]->res_target->val : NULL;
        allow_default(guard, value);
        if (!value || value->node_case != PG_QUERY__NODE__NODE_MULTI_ASSIGN_REF)
            continue;
        const PgQuery__Node *source = value->multi_assign_ref->source;
        if (source && source->node_case == PG_QUERY__NODE__NODE_ROW_EXPR)
            allow_defaults(guard, source->row_expr->n_args, source->row_expr->args);
    }
}

static bool check_insert(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__Node *source = ((const PgQuery__InsertStmt *)message)->select_stmt;
    if (!source || source->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return true;
    const PgQuery__SelectStmt *values = source->select_stmt;
    if (values->n_sort_clause || values->limit_count || values->limit_offset || values->n_locking_clause ||
        values->with_clause)
        return true;
    for (size_t i = 0; i < values->n_values_lists; i++)
        if (values->values_lists[i]->node_case == PG_QUERY__NODE__NODE_LIST)
            allow_defaults(guard, values->values_lists[i]->list->n_items,
                           values->values_lists[i]->list->items);
    return true;
}

static bool check_update(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__UpdateStmt *update = (const PgQuery__UpdateStmt *)message;
    allow_assigned_defaults(guard, update->n_target_list, update->target_list);
    return true;
}

static bool check_on_conflict(struct guard *guard, const ProtobufCMessage *message,
                              const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__OnConflictClause *conflict = (const PgQuery__OnConflictClause *)message;
    allow_assigned_defaults(guard, conflict->n_target_list, conflict->target_list);
    return true;
}

/* `a[1] = …` assigns to an element, `a.b = …` to a field, which the resolver says of what. */
static bool check_target(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent)
{
    (void)parent;
    const PgQuery__ResTarget *target = (const PgQuery__ResTarget *)message;
    for (size_t i = 0; i < target->n_indirection; i++)
        if (target->indirection[i]->node_case != PG_QUERY__NODE__NODE_A_INDICES &&
            target->indirection[i]->node_case != PG_QUERY__NODE__NODE_STRING)
            return refuse(guard, target->location, "assignment to a row", NULL);
    return true;
}

static bool is_empty(const PgQuery__Node *node)
{
    return !node || node->node_case == PG_QUERY__NODE__NODE__NOT_SET;
}

/* The library makes an empty Node for a NULL in a list, which means something in two places, and for a type
 * that it cannot encode, which must not pass. */
static bool may_be_empty(const ProtobufCMessage *message, const ProtobufCMessage *parent,
                         const ProtobufCFieldDescriptor *field, size_t index)
{
    if (message->descriptor == &pg_query__select_stmt__descriptor) /* DISTINCT without ON */
        return field->offset == offsetof(PgQuery__SelectStmt, distinct_clause) && index == 0 &&
               ((const PgQuery__SelectStmt *)message)->n_distinct_clause == 1;
    if (message->descriptor == &pg_query__list__descriptor &&
        parent && /* a function without column definitions */
        parent->descriptor == &pg_query__range_function__descriptor)
        return index == 1 && ((const PgQuery__List *)message)->n_items == 2;
    return false;
}

static bool check_nodes(struct guard *guard, const ProtobufCMessage *message, const ProtobufCMessage *parent,
                        const ProtobufCFieldDescriptor *field)
{
    const void *value = at_offset(message, field->offset);
    if (field->label != PROTOBUF_C_LABEL_REPEATED) {
        const PgQuery__Node *node = *(PgQuery__Node *const *)value;
        return !node || !is_empty(node) || refuse_field(guard, message, field);
    }
    PgQuery__Node *const *nodes = *(PgQuery__Node *const *const *)value;
    size_t count = *(const size_t *)at_offset(message, field->quantifier_offset);
    for (size_t i = 0; i < count; i++)
        if (is_empty(nodes[i]) && !may_be_empty(message, parent, field, i))
            return refuse_field(guard, message, field);
    return true;
}

static bool is_default(const ProtobufCMessage *message, const ProtobufCFieldDescriptor *field)
{
    const void *value = at_offset(message, field->offset);
    if (field->label == PROTOBUF_C_LABEL_REPEATED)
        return *(const size_t *)at_offset(message, field->quantifier_offset) == 0;
    switch (field->type) {
    case PROTOBUF_C_TYPE_MESSAGE:
        return *(void *const *)value == NULL;
    case PROTOBUF_C_TYPE_STRING:
        return !*(char *const *)value || **(char *const *)value == '\0';
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return *(const uint64_t *)value == 0;
    default:
        return *(const uint32_t *)value == 0;
    }
}

/* The table of rules. */

static struct rule *rule_slot(const ProtobufCMessageDescriptor *message)
{
    size_t slot = ((uintptr_t)message >> 4) * 0x9e3779b97f4a7c15u >> (64 - RULES_BITS);
    while (rules[slot].message && rules[slot].message != message)
        slot = (slot + 1) % RULES_ROOM;
    return &rules[slot];
}

static bool in_words(const char *words, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += len)
        if ((at == words || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

static uint32_t values_of(const ProtobufCMessageDescriptor *message, const char *field)
{
    for (size_t i = 0; i < hg_guard_nvalues; i++)
        if (hg_guard_values[i].message == message && strcmp(hg_guard_values[i].field, field) == 0)
            return hg_guard_values[i].values;
    return 0;
}

static void rule_add(struct rule *rule, const ProtobufCFieldDescriptor *field, bool allowed)
{
    if (!allowed) {
        rule->empty[rule->nempty++] = field;
    } else if (field->type == PROTOBUF_C_TYPE_ENUM) {
        rule->enums[rule->nenums] = field;
        rule->values[rule->nenums++] = values_of(rule->message, field->name);
    } else if (field->type == PROTOBUF_C_TYPE_MESSAGE && field->descriptor == &pg_query__node__descriptor) {
        rule->nodes[rule->nnodes++] = field;
    }
}

static void rules_build(void)
{
    static const struct {
        const ProtobufCMessageDescriptor *message;
        check *check;
    } checks[] = {
        {&pg_query__param_ref__descriptor, check_param},
        {&pg_query__range_var__descriptor, check_range_var},
        {&pg_query__type_name__descriptor, check_type_name},
        {&pg_query__a__const__descriptor, check_constant},
        {&pg_query__range_table_sample__descriptor, check_sample},
        {&pg_query__window_def__descriptor, check_window},
        {&pg_query__named_arg_expr__descriptor, check_named_argument},
        {&pg_query__insert_stmt__descriptor, check_insert},
        {&pg_query__update_stmt__descriptor, check_update},
        {&pg_query__on_conflict_clause__descriptor, check_on_conflict},
        {&pg_query__set_to_default__descriptor, check_set_to_default},
        {&pg_query__res_target__descriptor, check_target},
    };
    for (size_t i = 0; i < hg_guard_nmessages; i++) {
        const ProtobufCMessageDescriptor *message = hg_guard_messages[i].message;
        struct rule *rule = rule_slot(message);
        rule->message = message;
        for (unsigned k = 0; k < message->n_fields; k++)
            rule_add(rule, &message->fields[k],
                     in_words(hg_guard_messages[i].fields, message->fields[k].name));
        for (size_t k = 0; k < sizeof(checks) / sizeof(checks[0]); k++)
            if (checks[k].message == message)
                rule->check = checks[k].check;
    }
}

static bool check_message(struct guard *guard, const ProtobufCMessage *message,
                          const ProtobufCMessage *parent)
{
    const struct rule *rule = rule_slot(message->descriptor);
    if (!rule->message)
        return refuse_message(guard, message);
    for (unsigned i = 0; i < rule->nempty; i++)
        if (!is_default(message, rule->empty[i]))
            return refuse_field(guard, message, rule->empty[i]);
    for (unsigned i = 0; i < rule->nenums; i++) {
        uint32_t value = *(const uint32_t *)at_offset(message, rule->enums[i]->offset);
        if (value > 31 || !(rule->values[i] >> value & 1))
            return refuse_value(guard, message, rule->enums[i], value);
    }
    for (unsigned i = 0; i < rule->nnodes; i++)
        if (!check_nodes(guard, message, parent, rule->nodes[i]))
            return false;
    return !rule->check || rule->check(guard, message, parent);
}

static enum hg_walk visit(ProtobufCMessage *message, ProtobufCMessage *parent,
                          const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)field;
    struct guard *guard = argument;
    if (!check_message(guard, message, parent))
        return HG_WALK_STOP;
    int32_t location = hg_message_location(message);
    if (location >= 0)
        guard->location = location;
    return HG_WALK_INTO;
}

bool hg_guard(const PgQuery__Node *statement, struct hg_slice text, const struct hg_context *context,
              struct hg_arena *arena, struct hg_fault *fault)
{
    struct guard guard = {.text = text, .context = context, .arena = arena, .fault = fault, .location = -1};
    pthread_once(&rules_once, rules_build);
    if (is_empty(statement))
        return refuse(&guard, -1, "an empty statement", NULL);
    hg_map_init(&guard.defaults);
    bool passed = hg_tree_walk((ProtobufCMessage *)&statement->base, HG_TREE_DEPTH_MOST, visit, &guard);
    hg_map_free(&guard.defaults);
    if (passed)
        return true;
    return hg_fault_set(fault, arena, HG_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
}
