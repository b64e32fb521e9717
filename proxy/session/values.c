/* The values of a client's settings; see values.h for the rules.
 *
 * Most clients change three or four settings, so the values stand in a short list; now[] is the view of it
 * that everybody reads. The undo log owns the values that were replaced. hg_values_undo() moves them back
 * from its end, so that several changes of one setting within a transaction unwind in the right order. */
#include "values.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <strings.h>

#include "arena.h"

static char *copy_of(const char *text)
{
    if (!text)
        return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(hg_malloc(size), text, size);
}

static char *copy_of_slice(struct hg_slice text)
{
    char *copy = hg_malloc(text.len + 1);
    if (text.len)
        memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return copy;
}

/* No two sessions ever have the same, so that a server can remember whose values it was told. */
static uint64_t next_version(void)
{
    static atomic_uint_fast64_t versions;

    return atomic_fetch_add_explicit(&versions, 1, memory_order_relaxed) + 1;
}

void hg_values_init(struct hg_values *values)
{
    *values = (struct hg_values){.version = next_version(), .path_version = 1};
    for (int i = 0; i < HG_NSETTINGS; i++)
        values->now[i] = hg_settings[i].initial;
}

void hg_values_free(struct hg_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        free(values->list[i].startup);
        free(values->list[i].session);
        free(values->list[i].local);
        free(values->list[i].reported);
    }
    for (size_t i = 0; i < values->logged; i++) {
        free(values->log[i].session);
        free(values->log[i].local);
    }
    for (size_t i = 0; i < values->ncustom; i++)
        free(values->custom[i].name);
    free(values->custom);
    free(values->list);
    free(values->log);
    *values = (struct hg_values){0};
}

/* ---- numbers ---- */

static const char *first_of(int setting)
{
    return setting < HG_NSETTINGS ? hg_settings[setting].initial : "";
}

static bool is_who(int setting)
{
    return setting == HG_SET_role || setting == HG_SET_session_authorization;
}

static bool is_reported(int setting)
{
    return setting < HG_NSETTINGS && hg_settings[setting].flags & HG_SETTING_REPORT;
}

int hg_values_find(const struct hg_values *values, struct hg_slice name)
{
    int setting = hg_setting_find(name);

    for (size_t i = 0; setting < 0 && i < values->ncustom; i++)
        if (strlen(values->custom[i].name) == name.len &&
            strncasecmp(values->custom[i].name, name.ptr, name.len) == 0)
            setting = HG_NSETTINGS + (int)i;
    return setting;
}

int hg_values_name(struct hg_values *values, struct hg_slice name)
{
    int setting = hg_values_find(values, name);

    if (setting >= 0 || !memchr(name.ptr, '.', name.len) || values->ncustom == HG_CUSTOM_MOST)
        return setting;
    if (!values->custom)
        values->custom = hg_calloc(HG_CUSTOM_MOST, sizeof *values->custom);
    struct hg_custom *custom = &values->custom[values->ncustom];
    *custom = (struct hg_custom){copy_of_slice(name), ""};
    for (char *at = custom->name; *at; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at + ('a' - 'A'));
    return HG_NSETTINGS + (int)values->ncustom++;
}

const char *hg_values_source(const struct hg_values *values, int setting)
{
    for (size_t i = 0; i < values->count; i++) {
        const struct hg_value *value = &values->list[i];
        if (value->setting == setting && (value->session || value->local))
            return "session";
        if (value->setting == setting && value->startup)
            return "client";
    }
    return "default";
}

/* ---- values ---- */

static struct hg_value *find(struct hg_values *values, int setting)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->list[i].setting == setting)
            return &values->list[i];
    return NULL;
}

static struct hg_value *value_of(struct hg_values *values, int setting)
{
    struct hg_value *value = find(values, setting);
    if (value)
        return value;
    if (values->count == values->room) {
        values->room = values->room ? values->room * 2 : 4;
        values->list = hg_realloc(values->list, values->room * sizeof *values->list);
    }
    value = &values->list[values->count++];
    *value = (struct hg_value){.setting = setting};
    return value;
}

static const char *below_local(const struct hg_value *value)
{
    if (value->session)
        return value->session;
    return value->startup ? value->startup : first_of(value->setting);
}

static void refresh(struct hg_values *values, const struct hg_value *value)
{
    const char *now = value->local ? value->local : below_local(value);
    if (now && !*now && !first_of(value->setting)) /* DEFAULT, of what only a server knows */
        now = NULL;
    if (value->setting < HG_NSETTINGS)
        values->now[value->setting] = now;
    else
        values->custom[value->setting - HG_NSETTINGS].now = now;
    values->version = next_version();
    values->path_version += value->setting == HG_SET_search_path;
    if (is_reported(value->setting))
        values->unreported = true;
}

static bool is_logged(const struct hg_values *values, size_t from, size_t to, int setting)
{
    for (size_t i = from; i < to; i++)
        if (values->log[i].setting == setting)
            return true;
    return false;
}

/* Moves the present state of the value to the log, unless an older one stands there that an undo would come
 * to anyway. */
static void log_value(struct hg_values *values, struct hg_value *value)
{
    if (is_logged(values, values->mark, values->logged, value->setting)) {
        free(value->session);
        free(value->local);
        value->session = value->local = NULL;
        return;
    }
    if (values->logged == values->log_room) {
        values->log_room = values->log_room ? values->log_room * 2 : 8;
        values->log = hg_realloc(values->log, values->log_room * sizeof *values->log);
    }
    values->log[values->logged++] = (struct hg_undo){value->setting, value->session, value->local};
    value->session = value->local = NULL;
}

const char *hg_values_initial(const struct hg_values *values, int setting)
{
    for (size_t i = 0; i < values->count; i++)
        if (values->list[i].setting == setting && values->list[i].startup)
            return values->list[i].startup;
    return first_of(setting);
}

const char *hg_values_before(const struct hg_values *values, int setting)
{
    for (size_t i = 0; i < values->logged; i++) {
        const struct hg_undo *undo = &values->log[i];
        if (undo->setting != setting)
            continue;
        if (undo->local)
            return undo->local;
        return undo->session ? undo->session : hg_values_initial(values, setting);
    }
    return hg_values_get(values, setting);
}

bool hg_values_unsettled(const struct hg_values *values, int setting)
{
    for (size_t i = 0; i < values->logged; i++)
        if (values->log[i].setting == setting)
            return true;
    return false;
}

void hg_values_startup(struct hg_values *values, int setting, struct hg_slice text)
{
    struct hg_value *value = value_of(values, setting);
    free(value->startup);
    value->startup = copy_of_slice(text);
    refresh(values, value);
}

/* SET SESSION AUTHORIZATION ends SET ROLE. */
static void end_role(struct hg_values *values, int setting)
{
    if (setting == HG_SET_session_authorization)
        hg_values_reset(values, HG_SET_role, false);
}

void hg_values_set(struct hg_values *values, int setting, struct hg_slice text, bool local)
{
    end_role(values, setting);
    struct hg_value *value = value_of(values, setting);
    char *session = local ? copy_of(value->session) : copy_of_slice(text);
    char *local_value = local ? copy_of_slice(text) : NULL;
    log_value(values, value);
    value->session = session;
    value->local = local_value;
    refresh(values, value);
}

void hg_values_reset(struct hg_values *values, int setting, bool local)
{
    end_role(values, setting);
    struct hg_value *value = find(values, setting);
    if (!value)
        return;
    char *session = local ? copy_of(value->session) : NULL;
    const char *initial = hg_values_initial(values, setting);
    char *local_value = local ? copy_of(initial ? initial : "") : NULL;
    log_value(values, value);
    value->session = session;
    value->local = local_value;
    refresh(values, value);
}

void hg_values_reset_all(struct hg_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        if ((values->list[i].session || values->list[i].local) && !is_who(values->list[i].setting))
            hg_values_reset(values, values->list[i].setting, false);
}

void hg_values_undo(struct hg_values *values, size_t mark)
{
    while (values->logged > mark) {
        struct hg_undo *undo = &values->log[--values->logged];
        struct hg_value *value = find(values, undo->setting);
        free(value->session);
        free(value->local);
        value->session = undo->session;
        value->local = undo->local;
        refresh(values, value);
    }
    if (values->mark > mark)
        values->mark = mark;
}

void hg_values_release(struct hg_values *values, size_t mark)
{
    size_t kept = mark;

    for (size_t i = mark; i < values->logged; i++) {
        struct hg_undo undo = values->log[i];
        if (!is_logged(values, mark, kept, undo.setting)) {
            values->log[kept++] = undo;
            continue;
        }
        free(undo.session);
        free(undo.local);
    }
    values->logged = kept;
    values->mark = mark;
}

void hg_values_commit(struct hg_values *values)
{
    if (values->logged == 0)
        return;
    for (size_t i = 0; i < values->logged; i++) {
        free(values->log[i].session);
        free(values->log[i].local);
    }
    values->logged = values->mark = 0;
    for (size_t i = 0; i < values->count; i++) {
        struct hg_value *value = &values->list[i];
        if (!value->local)
            continue;
        free(value->local);
        value->local = NULL;
        refresh(values, value);
    }
}

static void take_as_reported(struct hg_value *value, const char *now)
{
    free(value->reported);
    value->reported = copy_of(now);
}

/* Does the client believe that it has another one? */
static bool is_news(const struct hg_values *values, const struct hg_value *value)
{
    const char *now = hg_values_get(values, value->setting);
    const char *known = value->reported ? value->reported : first_of(value->setting);

    return is_reported(value->setting) && now && !(known && strcmp(known, now) == 0);
}

int hg_values_next_report(struct hg_values *values)
{
    struct hg_value *next = NULL;

    if (!values->unreported)
        return -1;
    for (size_t i = 0; i < values->count; i++)
        if (is_news(values, &values->list[i]) && (!next || values->list[i].setting < next->setting))
            next = &values->list[i];
    values->unreported = next != NULL;
    if (!next)
        return -1;
    take_as_reported(next, values->now[next->setting]);
    return next->setting;
}

void hg_values_reported_all(struct hg_values *values)
{
    for (size_t i = 0; i < values->count; i++)
        if (is_reported(values->list[i].setting))
            take_as_reported(&values->list[i], values->now[values->list[i].setting]);
    values->unreported = false;
}
