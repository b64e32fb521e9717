/* Which settings and values a client may choose, whatever the way: SET, or an option at login.
 *
 * Only what would weaken isolation is decided here; that a value makes sense is for PostgreSQL to say, which
 * the session asks. client_min_messages stops at NOTICE: at LOG backends that log statements, slow ones for
 * example, tell the client what Headgate really sends, and below it they all do. */
#include <strings.h>

#include "allow.h"
#include "settings.h"
#include "statement.h"

#define VALUE_MOST 10240 /* bytes of a setting: more than a startup packet may hold */

static bool is_any(struct hg_slice value, const char *const *names)
{
    for (; *names; names++)
        if (value.len == strlen(*names) && strncasecmp(value.ptr, *names, value.len) == 0)
            return true;
    return false;
}

/* PostgreSQL compares names of encodings by their letters and digits. */
static bool is_utf8(struct hg_slice value)
{
    static const char *const names[] = {"utf8", "unicode", NULL};
    char bare[16];
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++) {
        char c = value.ptr[i];
        bool counts = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (counts && len == sizeof(bare))
            return false;
        if (counts)
            bare[len++] = c;
    }
    return is_any(hg_slice_of(bare, len), names);
}

/* Unique prefixes of the words count, too. */
static bool is_on(struct hg_slice value)
{
    static const char *const names[] = {"on", "t", "tr", "tru", "true", "y", "ye", "yes", "1", NULL};
    return is_any(value, names);
}

static bool accept_fixed(int id, struct hg_slice *value, struct hg_arena *arena, struct hg_fault *fault)
{
    const struct hg_setting *setting = &hg_settings[id];
    if (id == HG_SET_client_encoding ? is_utf8(*value) : is_on(*value)) {
        *value = hg_slice_cstr(setting->initial);
        return true;
    }
    hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "%s = \"%.*s\" is not supported", setting->name,
                 HG_SLICE_FMT(hg_clip(*value)));
    hg_fault_hint(fault, arena, "It is always %s.", setting->initial);
    return false;
}

static bool accept_messages(const struct hg_slice *value, struct hg_arena *arena, struct hg_fault *fault)
{
    static const char *const names[] = {"info", "notice", "warning", "error", NULL};
    static const char *const log[] = {"log", NULL};
    if (is_any(*value, names))
        return true;
    if (is_any(*value, log) || (value->len >= 5 && strncasecmp(value->ptr, "debug", 5) == 0))
        hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "client_min_messages = \"%.*s\" is not allowed",
                     HG_SLICE_FMT(hg_clip(*value)));
    else
        hg_fault_set(fault, arena, HG_INVALID_PARAMETER_VALUE,
                     "invalid value for parameter \"client_min_messages\": \"%.*s\"",
                     HG_SLICE_FMT(hg_clip(*value)));
    hg_fault_hint(fault, arena, "Available values: notice, warning, error.");
    return false;
}

static bool refuse_name(struct hg_slice name, struct hg_arena *arena, struct hg_fault *fault)
{
    if (hg_is_known_setting(name)) {
        hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "permission denied to set parameter \"%.*s\"",
                     HG_SLICE_FMT(hg_clip(name)));
        hg_fault_hint(fault, arena, "The administrator sets it for all.");
    } else if (memchr(name.ptr, '.', name.len)) {
        hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "custom parameter \"%.*s\" is not supported",
                     HG_SLICE_FMT(hg_clip(name)));
        hg_fault_hint(fault, arena, "Only PostgreSQL's own parameters can be set.");
    } else {
        hg_fault_set(fault, arena, HG_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%.*s\"",
                     HG_SLICE_FMT(hg_clip(name)));
    }
    return false;
}

bool hg_setting_accept(struct hg_slice name, struct hg_slice *value, struct hg_arena *arena,
                       struct hg_fault *fault)
{
    int id = hg_setting_find(name);
    if (id < 0)
        return refuse_name(name, arena, fault);
    if (hg_settings[id].flags & HG_SETTING_READONLY)
        return hg_fault_set(fault, arena, HG_CANT_CHANGE_RUNTIME_PARAM, "parameter \"%s\" cannot be changed",
                            hg_settings[id].name);
    if (!value->ptr) /* DEFAULT */
        return true;
    if (value->len > VALUE_MOST) /* it is looked at again and again, and carried to servers */
        return hg_fault_set(fault, arena, HG_STATEMENT_TOO_LONG, "value for parameter \"%s\" is too long",
                            hg_settings[id].name);
    if (hg_settings[id].flags & HG_SETTING_FIXED)
        return accept_fixed(id, value, arena, fault);
    return id != HG_SET_client_min_messages || accept_messages(value, arena, fault);
}
