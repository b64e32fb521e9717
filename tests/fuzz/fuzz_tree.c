/* Any bytes as SQL text: refused with a fault, or a tree that can be walked and copied, is equal to its copy,
 * and survives a second parse of the same text. Limits are small, since the fuzzer's own thread has an
 * ordinary stack. */
#include <stdio.h>
#include <stdlib.h>

#include "reflect.h"
#include "tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hg_tree_limits limits = {.max_bytes = 16384, .max_nesting = 300, .max_memory = 4 << 20};

static void require(bool held, const char *what)
{
    if (held)
        return;
    fprintf(stderr, "fuzz_tree: %s\n", what);
    abort();
}

static enum hg_walk look(ProtobufCMessage *message, ProtobufCMessage *parent,
                         const ProtobufCFieldDescriptor *field, void *argument)
{
    size_t *messages = argument;
    ++*messages;
    require(message->descriptor->magic == PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC, "not a message");
    require(!parent == !field, "a parent without a field");
    require(hg_message_location(message) >= -1, "location");
    return HG_WALK_INTO;
}

static void use(struct hg_tree *tree, struct hg_slice text, struct hg_arena *arena)
{
    size_t messages = 0, copied = 0;
    struct hg_slice why;
    require(hg_tree_walk(&tree->result->base, limits.max_nesting, look, &messages), "cannot be walked");
    ProtobufCMessage *copy = hg_tree_copy(&tree->result->base, arena);
    require(copy && hg_tree_equal(&tree->result->base, copy, arena, &why), "not equal to its copy");
    require(hg_tree_walk(copy, limits.max_nesting, look, &copied) && messages == copied, "a smaller copy");

    struct hg_tree again;
    struct hg_fault fault = {0};
    require(hg_tree_open(&again, text, &limits, arena, &fault), "not parsed again");
    require(hg_tree_equal(copy, &again.result->base, arena, &why), "parsed otherwise");
    hg_tree_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    struct hg_slice text = hg_slice_of((const char *)data, size);
    hg_arena_init(&arena, 0);
    if (hg_tree_open(&tree, text, &limits, &arena, &fault))
        use(&tree, text, &arena);
    else
        require(strlen(fault.sqlstate) == 5 && fault.message.len > 0 && fault.position <= size + 1,
                "a fault without words");
    hg_tree_close(&tree);
    hg_arena_free(&arena);
    return 0;
}
