/* What system relations show of a session, as JSON: the catalog server is told of it before it is asked
 * (carry.c), because its own answer would be about the connection that many sessions share. The queries that
 * read it stand in allow_relations.sql of the rewriter. */
#include "allow.h"
#include "session.h"

void hg_sight_sessions(struct hg_session *session, struct hg_bytes *out)
{
    hg_cancel_keys_list(session->worker->shared->keys, hg_slice_cstr(session->user_name),
                        hg_slice_cstr(session->tenant_value), out);
}

/* ---- settings: {name in lower case: [value, what RESET makes of it, source]}, as SHOW would write them ----
 */

static void write_setting(struct hg_bytes *out, const char *name, const char *value, const char *initial,
                          const char *source)
{
    size_t begun = out->len + 2;

    hg_write_text(out, out->len > 1 ? ", " : " ");
    hg_activity_string(out, hg_slice_cstr(name));
    for (size_t i = begun; !out->failed && i < out->len; i++)
        if (out->data[i] >= 'A' && out->data[i] <= 'Z')
            out->data[i] = (uint8_t)(out->data[i] + ('a' - 'A'));
    hg_write_text(out, ": [");
    hg_activity_string(out, hg_slice_cstr(value));
    hg_write_text(out, ", ");
    if (initial)
        hg_activity_string(out, hg_slice_cstr(initial));
    else
        hg_write_text(out, "null"); /* the server knows */
    hg_write_format(out, ", \"%s\"]", source);
}

void hg_sight_settings(struct hg_session *session, struct hg_bytes *out)
{
    const struct hg_values *values = &session->values;
    const struct hg_known_setting *known;

    hg_write_text(out, "{");
    for (int i = 0; i < HG_NSETTINGS + (int)values->ncustom; i++) {
        const char *now = hg_values_get(values, i), *initial = hg_values_initial(values, i);
        const char *name = i < HG_NSETTINGS ? hg_settings[i].name : values->custom[i - HG_NSETTINGS].name;
        if (now)
            write_setting(out, name, now, initial, hg_values_source(values, i));
    }
    for (size_t i = 0; (known = hg_known_setting_at(i)); i++)
        if (known->shown == HG_SHOWN_STOCK && hg_setting_find(hg_slice_cstr(known->name)) < 0)
            write_setting(out, known->name, known->stock, known->stock, "default");
    hg_write_text(out, "}");
}

/* ---- prepared statements ---- */

static void write_types(struct hg_bytes *out, struct hg_slice types)
{
    struct hg_reader reader = hg_reader_of(types.ptr, types.len);

    for (size_t i = 0; i < types.len; i += 4)
        hg_write_format(out, "%s%u", i ? "," : "", hg_read_u32(&reader));
}

void hg_sight_statements(struct hg_session *session, struct hg_bytes *out)
{
    struct hg_slice name;
    void *value;

    hg_write_text(out, "[");
    for (size_t at = 0; hg_map_next(&session->prepared.statements, &at, &name, &value);) {
        const struct hg_statement *statement = value;
        hg_write_text(out, out->len > 1 ? ",{\"name\":" : "{\"name\":");
        hg_activity_string(out, statement->name);
        hg_write_text(out, ",\"statement\":");
        hg_activity_string(out, statement->text);
        hg_write_format(out, ",\"made\":%lld,\"types\":\"{", (long long)statement->made);
        write_types(out, statement->types);
        hg_write_format(out, "}\",\"by_sql\":%s}", statement->by_sql ? "true" : "false");
    }
    hg_write_text(out, "]");
}
