/* Reflection over libpg_query's messages.
 *
 * protobuf-c's descriptors say all that is needed, but slowly: a walk by them alone would look at each of the
 * Node's 225 oneof fields, and at names to know a location from a number. So they are compiled once per
 * process into shapes: per message type its members in a form that a loop reads straight, the ones that hold
 * messages apart, and a direct link from each to the shape of what it holds. The Node wrapper holds one
 * pointer whatever its case is; its case number leads to the shape through a table.
 *
 * Everything reachable from ParseResult has a shape, so no type and no field can be forgotten. A member of a
 * kind that protobuf-c has and these messages do not (bytes, maps, packed bits) would end the process at
 * start, not pass unread.
 *
 * All recursion is bounded by HG_TREE_DEPTH_MOST messages; hg_tree_stack_bytes() leaves room for it. */
#include "reflect.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define SHAPES_ROOM                                                                                          \
    1024               /* slots of the table by descriptor; a power of two, well above the number of types */
#define CASES_ROOM 512 /* above the highest case of Node */

enum form { SCALAR_4, SCALAR_8, TEXT, MESSAGE };

struct shape;

struct member {
    const ProtobufCFieldDescriptor *field;
    const struct shape *inner; /* for MESSAGE */
    uint32_t at;               /* offset of the value, or of the pointer to the values */
    uint32_t quantifier;       /* offset of the count, or of the oneof's case */
    uint32_t one_of;           /* the case that makes it the valid one; 0 = not in a oneof */
    uint8_t form;              /* enum form */
    bool repeated;
    bool location;
};

struct shape {
    const ProtobufCMessageDescriptor *descriptor;
    struct member *members;
    struct member *inners; /* those of form MESSAGE */
    uint32_t nmembers, ninners;
    int32_t location; /* offset of the field `location`, or -1 */
    bool node;        /* the Node wrapper, whose members are left to `cases` */
};

static pthread_once_t shapes_once = PTHREAD_ONCE_INIT;
static struct shape shapes[SHAPES_ROOM];      /* by hash of the descriptor's address */
static const struct shape *cases[CASES_ROOM]; /* by case of Node */

static struct shape *shape_slot(const ProtobufCMessageDescriptor *descriptor)
{
    size_t slot = ((uintptr_t)descriptor >> 4) * 0x9e3779b97f4a7c15u >> 54;
    while (shapes[slot].descriptor && shapes[slot].descriptor != descriptor)
        slot = (slot + 1) % SHAPES_ROOM;
    return &shapes[slot];
}

static _Noreturn void unknown_message(const char *name)
{
    fprintf(stderr, "headgate: cannot reflect on %s\n", name);
    abort();
}

static enum form form_of(const ProtobufCFieldDescriptor *field)
{
    switch (field->type) {
    case PROTOBUF_C_TYPE_INT32:
    case PROTOBUF_C_TYPE_UINT32:
    case PROTOBUF_C_TYPE_BOOL:
    case PROTOBUF_C_TYPE_ENUM:
        return SCALAR_4;
    case PROTOBUF_C_TYPE_INT64:
    case PROTOBUF_C_TYPE_UINT64:
    case PROTOBUF_C_TYPE_DOUBLE:
        return SCALAR_8;
    case PROTOBUF_C_TYPE_STRING:
        return TEXT;
    case PROTOBUF_C_TYPE_MESSAGE:
        return MESSAGE;
    default:
        unknown_message(field->name);
    }
}

static bool names_location(const ProtobufCFieldDescriptor *field)
{
    return field->type == PROTOBUF_C_TYPE_INT32 &&
           (strcmp(field->name, "location") == 0 || strcmp(field->name, "stmt_location") == 0 ||
            strcmp(field->name, "stmt_len") == 0);
}

static const struct shape *shape_build(const ProtobufCMessageDescriptor *descriptor);

static struct member member_build(const ProtobufCFieldDescriptor *field)
{
    struct member member = {
        .field = field,
        .at = field->offset,
        .quantifier = field->quantifier_offset,
        .one_of = field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF ? field->id : 0,
        .form = (uint8_t)form_of(field),
        .repeated = field->label == PROTOBUF_C_LABEL_REPEATED,
        .location = names_location(field),
    };
    if (member.form == MESSAGE)
        member.inner = shape_build(field->descriptor);
    return member;
}

static void node_build(const ProtobufCMessageDescriptor *descriptor)
{
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *field = &descriptor->fields[i];
        if (field->id >= CASES_ROOM || field->type != PROTOBUF_C_TYPE_MESSAGE ||
            field->offset != offsetof(PgQuery__Node, alias))
            unknown_message(field->name);
        cases[field->id] = shape_build(field->descriptor);
    }
}

/* The shape of a type; it is entered before its members are built, since types refer to each other. */
static const struct shape *shape_build(const ProtobufCMessageDescriptor *descriptor)
{
    struct shape *shape = shape_slot(descriptor);
    if (shape->descriptor)
        return shape;
    *shape = (struct shape){.descriptor = descriptor, .location = -1};
    shape->node = descriptor == &pg_query__node__descriptor;
    if (shape->node) {
        node_build(descriptor);
        return shape;
    }
    shape->members = hg_calloc(descriptor->n_fields, sizeof *shape->members);
    shape->inners = hg_calloc(descriptor->n_fields, sizeof *shape->inners);
    for (unsigned i = 0; i < descriptor->n_fields; i++) {
        struct member member = member_build(&descriptor->fields[i]);
        shape->members[shape->nmembers++] = member;
        if (member.form == MESSAGE)
            shape->inners[shape->ninners++] = member;
        if (member.location && strcmp(member.field->name, "location") == 0)
            shape->location = (int32_t)member.at;
    }
    return shape;
}

static void shapes_build(void)
{
    shape_build(&pg_query__parse_result__descriptor);
}

static const struct shape *shape_of(const ProtobufCMessage *message)
{
    pthread_once(&shapes_once, shapes_build);
    const struct shape *shape = shape_slot(message->descriptor);
    if (!shape->descriptor)
        unknown_message(message->descriptor->name);
    return shape;
}

/* Access to members. The structs are protobuf-c's; their layout is what the descriptors say. */

static inline const char *at_offset(const ProtobufCMessage *message, uint32_t offset)
{
    return (const char *)message + offset;
}

/* How many values the member has: 0 or 1 unless it is repeated. */
static inline size_t member_count(const ProtobufCMessage *message, const struct member *member)
{
    if (member->repeated)
        return *(const size_t *)at_offset(message, member->quantifier);
    if (member->form == MESSAGE && !*(ProtobufCMessage *const *)at_offset(message, member->at))
        return 0;
    return !member->one_of || *(const uint32_t *)at_offset(message, member->quantifier) == member->one_of;
}

/* The first of the member's values. */
static inline const void *member_values(const ProtobufCMessage *message, const struct member *member)
{
    const char *value = at_offset(message, member->at);
    return member->repeated ? *(const void *const *)value : value;
}

ProtobufCMessage *hg_node_message(PgQuery__Node *node)
{
    return node->node_case == PG_QUERY__NODE__NODE__NOT_SET ? NULL : (ProtobufCMessage *)node->alias;
}

/* Looks through a Node wrapper: *message becomes what it holds, or NULL, and the shape of that is returned.
 */
static inline const struct shape *unwrap(const struct shape *shape, ProtobufCMessage **message)
{
    if (!shape->node || !*message)
        return shape;
    PgQuery__Node *node = (PgQuery__Node *)*message;
    *message = hg_node_message(node);
    if (*message && ((unsigned)node->node_case >= CASES_ROOM || !cases[node->node_case]))
        unknown_message("a Node of unknown case");
    return *message ? cases[node->node_case] : NULL;
}

int32_t hg_message_location(const ProtobufCMessage *message)
{
    const struct shape *shape = shape_of(message);
    return shape->location < 0 ? -1 : *(const int32_t *)at_offset(message, (uint32_t)shape->location);
}

struct walk {
    size_t depth_left;
    hg_visit *visit;
    void *argument;
};

static bool walk_inners(struct walk *walk, const struct shape *shape, ProtobufCMessage *message);

static bool walk_message(struct walk *walk, const struct shape *shape, ProtobufCMessage *message,
                         ProtobufCMessage *parent, const ProtobufCFieldDescriptor *field)
{
    if (walk->depth_left == 0)
        return false;
    enum hg_walk next = walk->visit(message, parent, field, walk->argument);
    if (next != HG_WALK_INTO)
        return next == HG_WALK_OVER;
    walk->depth_left--;
    bool done = walk_inners(walk, shape, message);
    walk->depth_left++;
    return done;
}

static bool walk_inners(struct walk *walk, const struct shape *shape, ProtobufCMessage *message)
{
    for (const struct member *member = shape->inners, *end = member + shape->ninners; member < end;
         member++) {
        /* Count and values are read anew for each value: a visitor may have changed them. */
        for (size_t k = 0; k < member_count(message, member); k++) {
            ProtobufCMessage *value = ((ProtobufCMessage *const *)member_values(message, member))[k];
            const struct shape *inner = unwrap(member->inner, &value);
            if (value && !walk_message(walk, inner, value, message, member->field))
                return false;
        }
    }
    return true;
}

/* The walk without a visitor, which stays away from messages that hold no others. */
static bool within_depth(const struct shape *shape, const ProtobufCMessage *message, size_t depth_left)
{
    if (depth_left == 0)
        return false;
    for (const struct member *member = shape->inners, *end = member + shape->ninners; member < end;
         member++) {
        size_t count = member_count(message, member);
        ProtobufCMessage *const *values = count ? member_values(message, member) : NULL;
        for (size_t k = 0; k < count; k++) {
            ProtobufCMessage *value = values[k];
            const struct shape *inner = unwrap(member->inner, &value);
            if (value && (inner->ninners || depth_left == 1) && !within_depth(inner, value, depth_left - 1))
                return false;
        }
    }
    return true;
}

static size_t depth_bound(size_t depth)
{
    return depth < HG_TREE_DEPTH_MOST ? depth : HG_TREE_DEPTH_MOST;
}

bool hg_tree_walk(ProtobufCMessage *root, size_t max_depth, hg_visit *visit, void *argument)
{
    struct walk walk = {depth_bound(max_depth), visit, argument};
    const struct shape *shape = unwrap(shape_of(root), &root);
    return !root || walk_message(&walk, shape, root, NULL, NULL);
}

bool hg_tree_within_depth(const ProtobufCMessage *root, size_t max_depth)
{
    ProtobufCMessage *message = (ProtobufCMessage *)root;
    const struct shape *shape = unwrap(shape_of(root), &message);
    return !message || within_depth(shape, message, depth_bound(max_depth));
}

/* Comparison. `why` is set where the difference is and gets the way to it in front while the recursion
 * returns. */

#define WHY_MOST 300 /* bytes; beyond it the outer part of the way is left out */

struct comparison {
    struct hg_arena *arena;
    struct hg_slice why;
    size_t depth_left;
};

static bool differ(struct comparison *comparison, const struct member *member, const char *how)
{
    comparison->why = hg_arena_printf(comparison->arena, "%s: %s", member->field->name, how);
    return false;
}

static void why_inside(struct comparison *comparison, const struct shape *shape, const struct member *member,
                       size_t k)
{
    const char *type = shape->descriptor->short_name;
    if (comparison->why.len > WHY_MOST)
        return;
    if (member->repeated)
        comparison->why = hg_arena_printf(comparison->arena, "%s[%zu] %s.%.*s", member->field->name, k, type,
                                          HG_SLICE_FMT(comparison->why));
    else
        comparison->why = hg_arena_printf(comparison->arena, "%s %s.%.*s", member->field->name, type,
                                          HG_SLICE_FMT(comparison->why));
}

static bool equal_members(struct comparison *comparison, const struct shape *shape, const ProtobufCMessage *a,
                          const ProtobufCMessage *b);

static bool equal_messages(struct comparison *comparison, const struct member *member, size_t count,
                           ProtobufCMessage *const *a, ProtobufCMessage *const *b)
{
    if (comparison->depth_left == 0)
        return differ(comparison, member, "nested too deeply to compare");
    comparison->depth_left--;
    for (size_t k = 0; k < count; k++) {
        ProtobufCMessage *left = a[k], *right = b[k];
        const struct shape *shape = unwrap(member->inner, &left);
        if (unwrap(member->inner, &right) != shape || !left != !right)
            return differ(comparison, member, "different kinds of node");
        if (left && !equal_members(comparison, shape, left, right)) {
            why_inside(comparison, shape, member, k);
            return false;
        }
    }
    comparison->depth_left++;
    return true;
}

static bool equal_texts(size_t count, char *const *a, char *const *b)
{
    for (size_t k = 0; k < count; k++)
        if (strcmp(a[k] ? a[k] : "", b[k] ? b[k] : "") != 0) /* NULL is protobuf's empty text, too */
            return false;
    return true;
}

static bool equal_members(struct comparison *comparison, const struct shape *shape, const ProtobufCMessage *a,
                          const ProtobufCMessage *b)
{
    for (uint32_t i = 0; i < shape->nmembers; i++) {
        const struct member *member = &shape->members[i];
        if (member->location)
            continue;
        size_t count = member_count(a, member);
        if (count != member_count(b, member))
            return differ(comparison, member, member->repeated ? "different counts" : "only on one side");
        if (count == 0)
            continue;
        const void *left = member_values(a, member), *right = member_values(b, member);
        bool equal;
        if (member->form == MESSAGE) {
            if (!equal_messages(comparison, member, count, left, right))
                return false;
            continue;
        }
        if (member->form == TEXT)
            equal = equal_texts(count, left, right);
        else
            equal = memcmp(left, right, count * (member->form == SCALAR_4 ? 4 : 8)) == 0;
        if (!equal)
            return differ(comparison, member, "different values");
    }
    return true;
}

bool hg_tree_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, struct hg_arena *arena,
                   struct hg_slice *why)
{
    struct comparison comparison = {.arena = arena, .depth_left = HG_TREE_DEPTH_MOST};
    ProtobufCMessage *left = (ProtobufCMessage *)a, *right = (ProtobufCMessage *)b;
    const struct shape *shape = unwrap(shape_of(a), &left);
    bool equal = unwrap(shape_of(b), &right) == shape && !left == !right;
    if (!equal)
        comparison.why = HG_LIT("different kinds of node");
    else if (left)
        equal = equal_members(&comparison, shape, left, right);
    *why = comparison.why;
    return equal;
}

/* Copying. The Node wrapper is copied like any message; what it holds comes from its case. */

static ProtobufCMessage *copy_message(const struct shape *shape, const ProtobufCMessage *message,
                                      size_t depth_left, struct hg_arena *arena);

static bool copy_values(const struct member *member, void *values, size_t count, size_t depth_left,
                        struct hg_arena *arena)
{
    for (size_t k = 0; k < count; k++) {
        if (member->form == TEXT) {
            char **text = (char **)values + k;
            if (*text && *text != (const char *)protobuf_c_empty_string) /* which is static */
                *text = hg_arena_cstr(arena, hg_slice_cstr(*text));
        } else if (member->form == MESSAGE) {
            ProtobufCMessage **inner = (ProtobufCMessage **)values + k;
            if (*inner && !(*inner = copy_message(member->inner, *inner, depth_left, arena)))
                return false;
        }
    }
    return true;
}

static size_t member_size(const struct member *member)
{
    return member->form == SCALAR_4 ? 4 : 8; /* pointers have the size of a long number */
}

static bool copy_member(const struct member *member, ProtobufCMessage *copy, size_t depth_left,
                        struct hg_arena *arena)
{
    size_t count = member_count(copy, member);
    if (count == 0)
        return true;
    void *values = (char *)copy + member->at;
    if (member->repeated) {
        size_t size = member_size(member);
        void *array = hg_arena_array(arena, count, size);
        memcpy(array, *(void **)values, count * size);
        *(void **)values = array;
        values = array;
    }
    return copy_values(member, values, count, depth_left, arena);
}

static ProtobufCMessage *copy_node(const struct shape *node, const ProtobufCMessage *message,
                                   size_t depth_left, struct hg_arena *arena)
{
    PgQuery__Node *copy = HG_NEW(arena, PgQuery__Node);
    memcpy(copy, message, sizeof *copy);
    ProtobufCMessage *inner = (ProtobufCMessage *)message;
    const struct shape *shape = unwrap(node, &inner);
    if (inner && !(inner = copy_message(shape, inner, depth_left, arena)))
        return NULL;
    copy->alias = (PgQuery__Alias *)inner;
    return &copy->base;
}

static ProtobufCMessage *copy_message(const struct shape *shape, const ProtobufCMessage *message,
                                      size_t depth_left, struct hg_arena *arena)
{
    if (shape->node)
        return copy_node(shape, message, depth_left, arena);
    if (depth_left == 0)
        return NULL;
    ProtobufCMessage *copy = hg_arena_alloc(arena, shape->descriptor->sizeof_message);
    memcpy(copy, message, shape->descriptor->sizeof_message);
    for (uint32_t i = 0; i < shape->nmembers; i++)
        if (shape->members[i].form >= TEXT || shape->members[i].repeated)
            if (!copy_member(&shape->members[i], copy, depth_left - 1, arena))
                return NULL;
    return copy;
}

ProtobufCMessage *hg_tree_copy(const ProtobufCMessage *message, struct hg_arena *arena)
{
    return copy_message(shape_of(message), message, HG_TREE_DEPTH_MOST, arena);
}

static enum hg_walk forget_location(ProtobufCMessage *message, ProtobufCMessage *parent,
                                    const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    (void)argument;
    int32_t at = shape_of(message)->location;
    if (at >= 0)
        *(int32_t *)((char *)message + at) = -1;
    return HG_WALK_INTO;
}

void hg_tree_forget_locations(ProtobufCMessage *root)
{
    if (!hg_tree_walk(root, HG_TREE_DEPTH_MOST, forget_location, NULL))
        return; /* deeper than anything that is copied or sent */
}
