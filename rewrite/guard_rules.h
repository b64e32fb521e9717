/* The guard's lists as data: which messages a SELECT may consist of, with which fields and which values of
 * enums, and how what is refused is called in SQL. guard.c compiles them once into a table by descriptor. */
#ifndef HG_GUARD_RULES_H
#define HG_GUARD_RULES_H

#include <pg_query/pg_query.pb-c.h>

#include "fault.h"

/* A message type that is allowed, and its fields that may hold anything but their default; names separated by
 * blanks. */
struct hg_guard_message {
    const ProtobufCMessageDescriptor *message;
    const char *fields;
};

/* The values that an allowed field of an enum type may have, one bit each. A field that is not in this list
 * may have none. */
struct hg_guard_values {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    uint32_t values;
};

/* How a refused message (field NULL) or field is called, and what to do instead. What is not in this list is
 * refused under its name in the tree. */
struct hg_guard_name {
    const ProtobufCMessageDescriptor *message;
    const char *field;
    const char *construct;
    const char *hint;
};

extern const struct hg_guard_message hg_guard_messages[];
extern const size_t hg_guard_nmessages;
extern const struct hg_guard_values hg_guard_values[];
extern const size_t hg_guard_nvalues;
extern const struct hg_guard_name hg_guard_names[];
extern const size_t hg_guard_nnames;

#endif
