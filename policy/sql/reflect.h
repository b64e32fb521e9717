/* Walking, comparing and copying typed trees by reflection over the protobuf-c descriptors: complete by
 * construction, so that "default deny" holds for message types and fields that nobody thought of. */
#ifndef HG_REFLECT_H
#define HG_REFLECT_H

#include <pg_query/pg_query.pb-c.h>

#include "arena.h"

/* Deeper trees are neither walked, compared nor copied. Trees of hg_tree_open() are at most half as deep,
 * which leaves room for what a rewriter adds. */
#define HG_TREE_DEPTH_MOST 10000

enum hg_walk { HG_WALK_INTO, HG_WALK_OVER, HG_WALK_STOP };

/* Called for every message but the Node wrappers, parents first. `field` is the field of the parent that
 * holds it (NULL for the root). */
typedef enum hg_walk hg_visit(ProtobufCMessage *message, ProtobufCMessage *parent,
                              const ProtobufCFieldDescriptor *field, void *argument);

/* False when a visitor stopped it, or the tree is deeper than max_depth (at most HG_TREE_DEPTH_MOST). A
 * visitor may change the message that it is called for: what it holds afterwards is what is walked. */
HG_MUST_USE bool hg_tree_walk(ProtobufCMessage *root, size_t max_depth, hg_visit *visit, void *argument);

/* Whether no message is more than max_depth messages deep; the root counts as one, Node wrappers do not
 * count. */
HG_MUST_USE bool hg_tree_within_depth(const ProtobufCMessage *root, size_t max_depth);

/* The one message inside a Node (NULL for an empty Node). */
ProtobufCMessage *hg_node_message(PgQuery__Node *node);

/* Equal in all but locations (fields location, stmt_location, stmt_len). On a difference, or beyond
 * HG_TREE_DEPTH_MOST, false, and *why names the path (static storage or arena). */
HG_MUST_USE bool hg_tree_equal(const ProtobufCMessage *a, const ProtobufCMessage *b, struct hg_arena *arena,
                               struct hg_slice *why);

/* A deep copy in the arena; NULL beyond HG_TREE_DEPTH_MOST. Read-only if shared between threads. */
ProtobufCMessage *hg_tree_copy(const ProtobufCMessage *message, struct hg_arena *arena);

/* Makes every `location` of the tree -1: it shall point into no text. */
void hg_tree_forget_locations(ProtobufCMessage *root);

/* A byte offset from 0 into the text if the message has a field `location` with one, else -1. */
int32_t hg_message_location(const ProtobufCMessage *message);

#endif
