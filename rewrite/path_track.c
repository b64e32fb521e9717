/* The rules are PostgreSQL's for settings: SET lasts when its transaction commits and is undone when it is
 * rolled back, SET LOCAL is undone either way. A savepoint's value is not remembered: after ROLLBACK TO the
 * path is not known if it changed, and a statement that needs it is refused rather than resolved by guess. */
#include "path_track.h"

static const struct hg_slice unknown = {NULL, 0};

struct hg_path_track hg_path_track_of(const struct hg_context *context)
{
    struct hg_slice path = context->search_path;
    struct hg_slice settled = context->search_path_settled ? path : unknown;
    return (struct hg_path_track){path, settled, settled, context->reset_search_path};
}

static void set(struct hg_path_track *track, struct hg_slice path, bool is_local)
{
    track->now = path;
    if (!is_local)
        track->committed = path;
}

static bool is_path(struct hg_slice setting)
{
    return hg_slice_is(setting, "search_path");
}

void hg_path_track_forget(struct hg_path_track *track)
{
    track->now = track->committed = unknown;
}

void hg_path_track_step(struct hg_path_track *track, const struct hg_verdict *verdict)
{
    switch (verdict->statement) {
    case HG_STMT_SET:
        if (is_path(verdict->setting))
            set(track, verdict->value.ptr ? verdict->value : track->reset, verdict->is_local);
        break;
    case HG_STMT_RESET:
        if (!verdict->setting.len || is_path(verdict->setting))
            set(track, track->reset, false);
        break;
    case HG_STMT_DISCARD:
        if (hg_slice_is(verdict->setting, "all"))
            set(track, track->reset, false);
        break;
    case HG_STMT_COMMIT:
        track->now = track->before = track->committed;
        break;
    case HG_STMT_ROLLBACK:
        track->now = track->committed = track->before;
        break;
    case HG_STMT_ROLLBACK_TO:
        if (!track->before.ptr || !hg_slice_equal(track->now, track->before) ||
            !hg_slice_equal(track->committed, track->before))
            track->now = track->committed = unknown;
        break;
    default:
        break;
    }
}
