/* Lines about what is no statement: their members are written where the event is known, and wait for the
 * writer as a text. What people can cause who have not logged in is bounded: so many lines in a second, the
 * others are counted, and the writer says how many they were. */
#include <stdlib.h>
#include <time.h>

#include "arena.h"
#include "audit_private.h"
#include "json.h"

#define MOST_BOUNDED 20u /* lines in a second */

void audit_member(struct hg_bytes *out, const char *name, struct hg_slice text)
{
    hg_write_format(out, ",\"%s\":", name);
    hg_write_json(out, text);
}

void audit_number(struct hg_bytes *out, const char *name, uint64_t value)
{
    hg_write_format(out, ",\"%s\":%llu", name, (unsigned long long)value);
}

static void member_if_known(struct hg_bytes *out, const char *name, struct hg_slice text)
{
    if (text.len)
        audit_member(out, name, text);
}

static void write_who(struct hg_bytes *out, const struct hg_record *who)
{
    char id[HG_IDENT_BYTES];

    audit_member(out, "session", hg_ident_write(&who->session, 0, id));
    member_if_known(out, "user", who->user);
    member_if_known(out, "tenant", who->tenant);
    member_if_known(out, "role", who->role);
    member_if_known(out, "client", hg_slice_cstr(who->peer));
    member_if_known(out, "application", who->application);
    member_if_known(out, "database", who->database);
}

static void write_members(struct hg_bytes *out, const struct hg_audit_event *event)
{
    if (event->who)
        write_who(out, event->who);
    for (size_t i = 0; i < event->count; i++) {
        const struct hg_log_field *field = &event->fields[i];
        if (field->text.ptr)
            member_if_known(out, field->name, field->text);
        else
            audit_number(out, field->name, field->number);
    }
}

/* One more in this second: may it have a line? Two workers at a second's border may let in a few more. */
static bool is_admitted(struct hg_audit *audit)
{
    uint64_t second = (uint64_t)time(NULL);

    if (atomic_exchange(&audit->bounded_second, second) != second)
        atomic_store(&audit->bounded, 0);
    if (atomic_fetch_add(&audit->bounded, 1) < MOST_BOUNDED)
        return true;
    atomic_fetch_add(&audit->left_out, 1);
    return false;
}

static uint64_t now_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

bool hg_audit_tell(struct hg_audit *audit, unsigned worker, const struct hg_audit_event *event)
{
    struct hg_bytes members;

    if (event->bounded && !is_admitted(audit))
        return true;
    if (audit_drops(audit, worker))
        return false;
    hg_bytes_init(&members, 0);
    write_members(&members, event);
    struct entry *entry = hg_malloc(sizeof *entry + members.len);
    *entry = (struct entry){.worker = worker,
                            .bytes = sizeof *entry + members.len,
                            .event = event->event,
                            .members = hg_slice_of(entry->texts, members.len),
                            .record = {.ended_us = now_us()}};
    memcpy(entry->texts, members.data, members.len);
    hg_bytes_free(&members);
    audit_enqueue(audit, entry);
    return true;
}
