/* The texts are our own, from allow_relations.def. Placeholders stand where literals may; they become string
 * literals (the process id a number) that no parse of such a text has otherwise, and are found again in the
 * tree by that. */
#include "replacement.h"

#include "build.h"
#include "bytes.h"
#include "reflect.h"
#include "rights.h"
#include "tree.h"

#define PID_MARK 2147483629

/* The text with each placeholder as a literal, '$user', '$database', PID_MARK …, or as SQL. */
static struct hg_slice with_literals(const char *text, const struct hg_resolved *resolved,
                                     struct hg_arena *arena)
{
    const struct {
        const char *placeholder, *literal;
    } marks[] = {{"$user", "'$user'"},
                 {"$database", "'$database'"},
                 {"$pid", "2147483629"},
                 {"$unread", "'$unread'"},
                 {"$inserts", "'$inserts'"},
                 {"$updates", "'$updates'"},
                 {"$deletes", "'$deletes'"},
                 {"$system", resolved->access_system ? HG_RIGHTS_SYSTEM : ""},
                 {"$role", resolved->access == HG_ACCESS_EXPLODED ? HG_RIGHTS_ACCOUNT : HG_RIGHTS_ROLE}};
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    while (*text) {
        size_t i = 0, n = sizeof marks / sizeof marks[0];
        while (i < n && strncmp(text, marks[i].placeholder, strlen(marks[i].placeholder)) != 0)
            i++;
        if (i == n) {
            hg_write_u8(&out, (uint8_t)*text++);
            continue;
        }
        hg_write_text(&out, marks[i].literal);
        text += strlen(marks[i].placeholder);
    }
    struct hg_slice result = hg_arena_slice(arena, hg_bytes_slice(&out));
    hg_bytes_free(&out);
    return result;
}

struct filling {
    const struct hg_context *context;
    struct hg_rights_lists rights;
    struct hg_arena *arena;
};

static void fill_constant(const struct filling *filling, PgQuery__AConst *constant)
{
    const struct hg_context *context = filling->context;
    struct hg_slice value;
    if (constant->val_case == PG_QUERY__A__CONST__VAL_IVAL && constant->ival->ival == PID_MARK) {
        constant->ival->ival = context->pid;
        constant->location = HG_LOCATION_PID;
    }
    if (constant->val_case != PG_QUERY__A__CONST__VAL_SVAL)
        return;
    if (strcmp(constant->sval->sval, "$user") == 0) {
        value = context->user->name;
        constant->location = HG_LOCATION_USER;
    } else if (strcmp(constant->sval->sval, "$database") == 0) {
        value = context->snapshot->database;
    } else if (strcmp(constant->sval->sval, "$unread") == 0) {
        value = filling->rights.unread;
    } else if (strcmp(constant->sval->sval, "$inserts") == 0) {
        value = filling->rights.inserts;
    } else if (strcmp(constant->sval->sval, "$updates") == 0) {
        value = filling->rights.updates;
    } else if (strcmp(constant->sval->sval, "$deletes") == 0) {
        value = filling->rights.deletes;
    } else {
        return;
    }
    constant->sval->sval = hg_arena_cstr(filling->arena, value);
}

static enum hg_walk fill(ProtobufCMessage *message, ProtobufCMessage *parent,
                         const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__a__const__descriptor)
        fill_constant(argument, (PgQuery__AConst *)message);
    return HG_WALK_INTO;
}

static const char *text_of(const struct hg_catalog_relation *relation, const struct hg_resolved *resolved)
{
    return relation->rights && resolved->access != HG_ACCESS_NONE ? relation->rights : relation->replacement;
}

bool hg_replacement_of(const struct hg_catalog_relation *relation, const struct hg_resolved *resolved,
                       const struct hg_context *context, struct hg_arena *arena, PgQuery__SelectStmt **select,
                       struct hg_fault *fault)
{
    struct hg_tree tree;
    struct hg_tree_limits limits = {.max_bytes = 65536, .max_nesting = 100};
    struct filling filling = {.context = context, .arena = arena};
    const char *text = text_of(relation, resolved);
    *select = NULL;
    if (!text)
        return true;
    if (strstr(text, "$unread"))
        filling.rights = hg_rights_lists(context->snapshot, context->user->role, arena);
    if (!hg_tree_open(&tree, with_literals(text, resolved, arena), &limits, arena, fault))
        return false;
    ProtobufCMessage *copy = NULL;
    PgQuery__RawStmt *raw = tree.result->n_stmts == 1 ? tree.result->stmts[0] : NULL;
    if (raw && raw->stmt && raw->stmt->node_case == PG_QUERY__NODE__NODE_SELECT_STMT)
        copy = hg_tree_copy(&raw->stmt->select_stmt->base, arena);
    hg_tree_close(&tree);
    if (copy)
        hg_tree_forget_locations(copy);
    if (!copy || !hg_tree_walk(copy, 1000, fill, &filling))
        return hg_fault_set(fault, arena, HG_INTERNAL_ERROR, "the replacement of %s.%s is no SELECT",
                            relation->schema, relation->name);
    *select = (PgQuery__SelectStmt *)copy;
    return true;
}
