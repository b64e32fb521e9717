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

static bool is_off(struct hg_slice value)
{
    static const char *const names[] = {"off", "of", "f", "fa", "fal", "fals", "false", "n", "no", "0", NULL};
    return is_any(value, names);
}

static bool is_initial(int id, struct hg_slice value)
{
    const char *const names[] = {hg_settings[id].initial, NULL};
    if (id == HG_SET_client_encoding)
        return is_utf8(value);
    if (id == HG_SET_backslash_quote) /* a quote behind a backslash is safe in UTF-8 */
        return is_any(value, names) || is_on(value);
    if (strcmp(names[0], "on") == 0)
        return is_on(value);
    return strcmp(names[0], "off") == 0 ? is_off(value) : is_any(value, names);
}

/* Which others there are on the server is nobody's business. False: another setting. */
static bool lacks_object(int id, struct hg_slice value, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_slice clipped = hg_clip(value);
    if (id == HG_SET_temp_tablespaces) {
        hg_fault_set(fault, arena, HG_UNDEFINED_OBJECT, "tablespace \"%.*s\" does not exist",
                     HG_SLICE_FMT(clipped));
        return true;
    }
    if (id != HG_SET_default_tablespace && id != HG_SET_default_table_access_method)
        return false;
    hg_fault_set(fault, arena, HG_INVALID_PARAMETER_VALUE, "invalid value for parameter \"%s\": \"%.*s\"",
                 hg_settings[id].name, HG_SLICE_FMT(clipped));
    hg_fault_detail(fault, arena, "%s \"%.*s\" does not exist.",
                    id == HG_SET_default_tablespace ? "Tablespace" : "Table access method",
                    HG_SLICE_FMT(clipped));
    return true;
}

static bool accept_fixed(int id, struct hg_slice *value, struct hg_arena *arena, struct hg_fault *fault)
{
    const struct hg_setting *setting = &hg_settings[id];
    bool boolean = strcmp(setting->initial, "on") == 0 || strcmp(setting->initial, "off") == 0;
    static const char *const everywhere[] = {"pg_default", NULL};
    if ((id == HG_SET_default_tablespace || id == HG_SET_temp_tablespaces) && is_any(*value, everywhere))
        return true;
    if (is_initial(id, *value)) {
        *value = hg_slice_cstr(setting->initial);
        return true;
    }
    if (lacks_object(id, *value, arena, fault))
        return false;
    if (boolean && !is_on(*value) && !is_off(*value))
        return hg_fault_set(fault, arena, HG_INVALID_PARAMETER_VALUE,
                            "parameter \"%s\" requires a Boolean value", setting->name);
    hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "%s = \"%.*s\" is not supported", setting->name,
                 HG_SLICE_FMT(hg_clip(*value)));
    hg_fault_hint(fault, arena, "It is always %s.", *setting->initial ? setting->initial : "empty");
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

/* As PostgreSQL says it to an ordinary user. */
static bool refuse_known(const struct hg_known_setting *known, struct hg_arena *arena, struct hg_fault *fault)
{
    static const char *const why[] = {
        [HG_CONTEXT_INTERNAL] = "changed",
        [HG_CONTEXT_POSTMASTER] = "changed without restarting the server",
        [HG_CONTEXT_SIGHUP] = "changed now",
        [HG_CONTEXT_BACKEND] = "set after connection start",
    };
    if (known->context < HG_CONTEXT_SUPERUSER)
        return hg_fault_set(fault, arena, HG_CANT_CHANGE_RUNTIME_PARAM, "parameter \"%s\" cannot be %s",
                            known->name, why[known->context]);
    hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "permission denied to set parameter \"%s\"",
                 known->name);
    if (known->context == HG_CONTEXT_USER)
        hg_fault_hint(fault, arena, "The administrator sets it for all.");
    return false;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80);
}

/* Simple identifiers, with dots between them. */
static bool is_custom_name(struct hg_slice name)
{
    bool begins = true;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool follows = is_letter(c) || (c >= '0' && c <= '9') || c == '$';
        if (begins ? !is_letter(c) : !follows && c != '.')
            return false;
        begins = c == '.';
    }
    return !begins;
}

bool hg_is_custom_setting(struct hg_slice name)
{
    return name.len && memchr(name.ptr, '.', name.len);
}

bool hg_is_reserved_setting(struct hg_slice name)
{
    static const char own[] = "headgate.";
    return name.len >= sizeof own - 1 && strncasecmp(name.ptr, own, sizeof own - 1) == 0;
}

/* A setting of the client's own: the session keeps it, no server hears of it. */
static bool accept_custom(struct hg_slice name, const struct hg_slice *value, struct hg_arena *arena,
                          struct hg_fault *fault)
{
    if (hg_is_reserved_setting(name)) {
        hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "custom parameter \"%.*s\" is not supported",
                     HG_SLICE_FMT(hg_clip(name)));
        hg_fault_hint(fault, arena, "Names that begin with \"headgate\" are taken.");
        return false;
    }
    if (!is_custom_name(name)) {
        hg_fault_set(fault, arena, HG_INVALID_NAME, "invalid configuration parameter name \"%.*s\"",
                     HG_SLICE_FMT(hg_clip(name)));
        hg_fault_detail(fault, arena,
                        "Custom parameter names must be two or more simple identifiers separated by dots.");
        return false;
    }
    if (name.len > HG_CUSTOM_NAME_MOST || (value->ptr && value->len > VALUE_MOST))
        return hg_fault_set(fault, arena, HG_STATEMENT_TOO_LONG,
                            "name or value of parameter \"%.*s\" is too long", HG_SLICE_FMT(hg_clip(name)));
    return true;
}

/* It would be the locale of the environment in which the server was started. */
static bool refuse_environment(int id, struct hg_arena *arena, struct hg_fault *fault)
{
    hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "%s = \"\" is not supported", hg_settings[id].name);
    hg_fault_hint(fault, arena, "Name a locale, or use RESET.");
    return false;
}

/* Who one is: only what changes nothing is accepted. The roles that there are for a client are the own one, and
 * those that every PostgreSQL has. */
static bool accept_role(struct hg_slice user, int id, struct hg_slice value, struct hg_arena *arena,
                        struct hg_fault *fault)
{
    struct hg_slice clipped = hg_clip(value);
    if (hg_slice_equal(value, user) || (id == HG_SET_role && hg_slice_is(value, "none")))
        return true;
    if (!hg_is_known_role(value))
        return hg_fault_set(fault, arena, HG_INVALID_PARAMETER_VALUE, "role \"%.*s\" does not exist",
                            HG_SLICE_FMT(clipped));
    return hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "permission denied to set %s \"%.*s\"",
                        id == HG_SET_role ? "role" : "session authorization", HG_SLICE_FMT(clipped));
}

static bool refuse_name(struct hg_slice name, struct hg_arena *arena, struct hg_fault *fault)
{
    const struct hg_known_setting *known = hg_known_setting(name);
    if (known)
        return refuse_known(known, arena, fault);
    return hg_fault_set(fault, arena, HG_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%.*s\"",
                        HG_SLICE_FMT(hg_clip(name)));
}

bool hg_setting_accept(struct hg_slice user, struct hg_slice name, struct hg_slice *value,
                       struct hg_arena *arena, struct hg_fault *fault)
{
    int id = hg_setting_find(name);
    if (id < 0 && hg_is_custom_setting(name))
        return accept_custom(name, value, arena, fault);
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
    if (id == HG_SET_role || id == HG_SET_session_authorization)
        return accept_role(user, id, *value, arena, fault);
    if (hg_settings[id].flags & HG_SETTING_FIXED)
        return accept_fixed(id, value, arena, fault);
    if (value->len == 0 && hg_settings[id].flags & HG_SETTING_LOCALE &&
        id != HG_SET_default_text_search_config)
        return refuse_environment(id, arena, fault);
    return id != HG_SET_client_min_messages || accept_messages(value, arena, fault);
}
