/* By names alone: `relacl`, `nspacl` … are columns of system relations and of nothing else on the catalog
 * backend that would mind. A star, or the name of a whole row, may stand for one.
 *
 * aclexplode() tells numbers, texts tell names, and neither may be the account's: where a list is shown it
 * names a role that stands for the client (the session writes his name in its place), and where it is taken
 * apart it holds the number that stands for him elsewhere. One statement cannot have both. */
#include "access_list.h"

#include "build.h"
#include "reflect.h"
#include "tree.h"

struct look {
    const struct hg_resolved *resolved;
    size_t lists, stars, exploded, explodes, system;
};

static bool ends_in_acl(struct hg_slice name)
{
    return name.len > 3 && memcmp(name.ptr + name.len - 3, "acl", 3) == 0;
}

static struct hg_slice last_field(const PgQuery__ColumnRef *column)
{
    return column->n_fields ? hg_string_of(column->fields[column->n_fields - 1]) : HG_LIT("");
}

/* Does the bare name mean a relation that has a list? */
static bool is_row(const struct look *look, const PgQuery__ColumnRef *column)
{
    struct hg_slice name = last_field(column);
    for (const struct hg_reference *one = look->resolved->references; one && column->n_fields == 1;
         one = one->next)
        if (one->catalog && one->catalog->rights && hg_slice_equal(one->item->name, name))
            return true;
    return false;
}

static void look_at_column(struct look *look, const PgQuery__ColumnRef *column)
{
    bool star =
        column->n_fields && column->fields[column->n_fields - 1]->node_case == PG_QUERY__NODE__NODE_A_STAR;
    look->stars += star || is_row(look, column);
    look->lists += ends_in_acl(last_field(column));
    look->system += hg_is_system_column(last_field(column));
}

static void look_at_call(struct look *look, const PgQuery__FuncCall *call)
{
    struct hg_slice schema;
    if (!hg_slice_is(hg_function_name(call, &schema), "aclexplode"))
        return;
    const PgQuery__Node *list = call->n_args == 1 ? call->args[0] : NULL;
    look->explodes++;
    look->exploded += list && list->node_case == PG_QUERY__NODE__NODE_COLUMN_REF &&
                      ends_in_acl(last_field(list->column_ref));
}

static enum hg_walk look_at(ProtobufCMessage *message, ProtobufCMessage *parent,
                            const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    if (message->descriptor == &pg_query__column_ref__descriptor)
        look_at_column(argument, (const PgQuery__ColumnRef *)message);
    else if (message->descriptor == &pg_query__func_call__descriptor)
        look_at_call(argument, (const PgQuery__FuncCall *)message);
    return HG_WALK_INTO;
}

static const struct hg_reference *first_list(const struct hg_resolved *resolved)
{
    const struct hg_reference *one = resolved->references;
    while (one && !(one->catalog && one->catalog->rights))
        one = one->next;
    return one;
}

static bool refuse(struct hg_resolver *r, const struct hg_reference *list, const char *what, const char *hint)
{
    hg_refuse(r, list->range->location, HG_FEATURE_NOT_SUPPORTED, "%s of %s.%s is not supported", what,
              list->catalog->schema, list->catalog->name);
    return hg_refuse_hint(r, "%s", hint);
}

bool hg_look_for_access_lists(struct hg_resolver *r, const PgQuery__Node *query)
{
    const struct hg_reference *list = first_list(r->out);
    struct look look = {.resolved = r->out};
    if (!list)
        return true;
    if (!hg_tree_walk(hg_node_message((PgQuery__Node *)query), HG_TREE_DEPTH_MOST, look_at, &look))
        return hg_refuse(r, -1, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    if (!look.lists && (!look.stars || look.system))
        return true;
    if (look.explodes && (look.stars || look.lists != look.exploded || look.explodes != look.exploded))
        return refuse(r, list, "aclexplode beside other uses of an access control list",
                      "Let aclexplode() have the column itself, and show no list in the same statement.");
    if (look.stars && look.system)
        return refuse(r, list, "an access control list beside a star and a system column",
                      "Name the columns that are wanted, without a star.");
    r->out->access = look.explodes ? HG_ACCESS_EXPLODED : HG_ACCESS_SHOWN;
    r->out->access_system = look.system;
    return true;
}
