/* What the sessions of a user may know of each other, for pg_stat_activity: one record for each session,
 * written by the session's own worker and read by all. */
#ifndef HG_ACTIVITY_H
#define HG_ACTIVITY_H

#include "bytes.h"

struct hg_activity;

/* `peer`: the client's address and port as hg_conn_peer() says them. */
struct hg_activity *hg_activity_new(struct hg_slice user, struct hg_slice tenant, const char *peer);
void hg_activity_free(struct hg_activity *activity); /* NULL is harmless */

/* A statement begins; its text is copied. */
void hg_activity_begin(struct hg_activity *activity, struct hg_slice query);
/* `status`: of ReadyForQuery. */
void hg_activity_end(struct hg_activity *activity, uint8_t status, const char *application_name);

/* Of this user, logged in for this tenant? */
bool hg_activity_is_of(const struct hg_activity *activity, struct hg_slice user, struct hg_slice tenant);
/* A JSON string of a client's text; whatever is no valid UTF-8 becomes `?`. */
void hg_activity_string(struct hg_bytes *out, struct hg_slice text);
/* As a JSON object whose names are those of the columns of pg_stat_activity. */
void hg_activity_write(struct hg_activity *activity, int32_t pid, struct hg_bytes *out);

/* For administrators: the query that runs or ran last, as valid UTF-8, and when it and its transaction began,
 * in microseconds since 1970; 0 = never. */
struct hg_activity_times {
    uint64_t transaction_us, statement_us;
};
/* A client's text as valid UTF-8 without NULs: `?` stands for what is none. */
void hg_activity_clean(struct hg_slice text, struct hg_bytes *out);
struct hg_activity_times hg_activity_read(struct hg_activity *activity, struct hg_bytes *query);

#endif
