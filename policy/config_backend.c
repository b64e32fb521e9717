/* One backend of headgate.yaml: its hosts, how Headgate proves there who it is, and its walls. Passwords
 * never stand in a message. */
#define _GNU_SOURCE /* memrchr */
#include "config_keys.h"

#include <stdlib.h>

#define PASSWORD_BYTES 65536 /* tokens of cloud providers are passwords of several kB */

/* ---- hosts ---- */

bool hg_read_host(struct hg_load *load, struct hg_slice text, uint16_t port, struct hg_host *host)
{
    const char *colon = memrchr(text.ptr, ':', text.len), *end = text.ptr + text.len;
    struct hg_slice name = text;
    unsigned long given = 0;
    bool bracketed = text.len && text.ptr[0] == '[';

    if (colon && text.ptr[0] != '/' &&
        (bracketed ? colon[-1] == ']' : memchr(text.ptr, ':', text.len) == colon)) {
        for (const char *at = colon + 1; at < end; at++) {
            if (*at < '0' || *at > '9' || given > UINT16_MAX)
                return false;
            given = given * 10 + (unsigned long)(*at - '0');
        }
        if (given < 1 || given > UINT16_MAX)
            return false;
        port = (uint16_t)given;
        name.len = (size_t)(colon - text.ptr);
    }
    if (bracketed && (name.len < 3 || name.ptr[name.len - 1] != ']'))
        return false;
    if (bracketed)
        name = hg_slice_of(name.ptr + 1, name.len - 2);
    *host = (struct hg_host){.name = hg_arena_cstr(load->arena, name), .port = port};
    return name.len > 0;
}

static void load_host(struct hg_load *load, const struct hg_yaml *node, struct hg_backend_config *backend)
{
    struct hg_slice text;
    if (!hg_load_scalar(load, node, "\"host\"", &text))
        return;
    if (hg_read_host(load, text, backend->port, &backend->hosts[backend->nhosts]))
        backend->nhosts++;
    else
        hg_load_error(load, node->place,
                      "for example db1.internal, db1.internal:5433, [::1]:5432 or /run/postgresql",
                      "\"host\" of backend \"%s\" cannot be \"%.*s\"", backend->name, HG_SHORT(text));
}

/* One, or a list in the order in which they are tried. */
static void load_hosts(struct hg_load *load, struct hg_backend_draft *draft)
{
    const struct hg_yaml *node = draft->host;
    struct hg_backend_config *backend = &draft->backend;
    bool list = node && node->kind == HG_YAML_LIST;

    backend->host = "";
    if (!node)
        return;
    if (list && (node->count == 0 || node->count > HG_MAX_HOSTS)) {
        hg_load_error(load, node->place, NULL, "a backend has one to %d hosts, not %zu", HG_MAX_HOSTS,
                      node->count);
        return;
    }
    backend->hosts = HG_NEW_ARRAY(load->arena, struct hg_host, list ? node->count : 1);
    for (const struct hg_yaml *entry = list ? node->first : node; entry; entry = list ? entry->next : NULL)
        load_host(load, entry, backend);
    if (!backend->nhosts)
        return;
    backend->host = backend->hosts[0].name;
    backend->port = backend->hosts[0].port;
}

/* ---- passwords ---- */

static const char *read_password_file(struct hg_load *load, const struct hg_yaml *node, struct hg_slice name)
{
    struct hg_source source;
    const char *path = hg_source_beside(load->arena, node->place.file, name);
    if (!hg_load_read(load, node->place, path, PASSWORD_BYTES, &source))
        return "";
    if (source.world_readable)
        hg_load_warning(load, node->place, "chmod o-r", "everybody on this machine can read \"%s\"", path);
    while (source.text.len &&
           (source.text.ptr[source.text.len - 1] == '\n' || source.text.ptr[source.text.len - 1] == '\r'))
        source.text.len--;
    if (source.text.len == 0 || memchr(source.text.ptr, '\0', source.text.len))
        hg_load_error(load, node->place, NULL, "\"%s\" holds no password", path);
    return hg_arena_cstr(load->arena, source.text);
}

static const char *read_password_env(struct hg_load *load, const struct hg_yaml *node, struct hg_slice name)
{
    const char *password = getenv(hg_arena_cstr(&load->scratch, name));
    if (password && *password)
        return hg_arena_cstr(load->arena, hg_slice_cstr(password));
    hg_diag_add(load->diags, load->offline ? HG_WARNING : HG_ERROR, node->place, NULL,
                "the environment variable \"%.*s\" is %s", HG_SHORT(name), password ? "empty" : "not set");
    return "";
}

/* A command with its arguments: no shell takes part. It runs when a connection is opened, not here. */
static void load_command(struct hg_load *load, struct hg_backend_draft *draft)
{
    const struct hg_yaml *node = draft->credential_command;
    size_t count = 0;
    if (!hg_load_list(load, node, "\"credential_command\""))
        return;
    if (node->count == 0 || node->first->text.len == 0 || node->first->text.ptr[0] != '/')
        hg_load_error(load, node->place, "for example [/usr/local/bin/token, --region, eu-west-1]",
                      "\"credential_command\" must begin with the path of a program");
    char **command = HG_NEW_ARRAY(load->arena, char *, node->count + 1);
    for (const struct hg_yaml *entry = node->first; entry; entry = entry->next) {
        if (entry->kind != HG_YAML_SCALAR || memchr(entry->text.ptr, '\0', entry->text.len))
            hg_load_error(load, entry->place, NULL, "an argument of \"credential_command\" must be a text");
        else
            command[count++] = hg_arena_cstr(load->arena, entry->text);
    }
    draft->backend.credential_command = command;
}

/* Of several ways the second, which is one too many. */
static const struct hg_yaml *second_way(const struct hg_backend_draft *draft)
{
    const struct hg_yaml *ways[] = {draft->password, draft->password_env, draft->password_file,
                                    draft->credential_command};
    size_t count = 0;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        if (ways[i] && count++)
            return ways[i];
    return NULL;
}

static void load_password(struct hg_load *load, struct hg_backend_draft *draft, bool world_readable)
{
    const struct hg_yaml *inline_node = draft->password, *env = draft->password_env,
                         *file = draft->password_file, *second = second_way(draft);
    struct hg_slice text;
    draft->backend.password = "";
    if (second) {
        hg_load_error(load, second->key_place,
                      "keep one of password, password_env, password_file and credential_command",
                      "backend \"%s\" has more than one password", draft->backend.name);
        return;
    }
    if (draft->credential_command)
        load_command(load, draft);
    if (inline_node && hg_load_scalar(load, inline_node, "\"password\"", &text)) {
        draft->backend.password = hg_arena_cstr(load->arena, text);
        if (world_readable)
            hg_load_warning(load, inline_node->key_place, "chmod o-r, or use password_env or password_file",
                            "a password stands in a file that everybody on this machine can read");
    }
    if (env && hg_load_scalar(load, env, "\"password_env\"", &text))
        draft->backend.password = read_password_env(load, env, text);
    if (file && hg_load_scalar(load, file, "\"password_file\"", &text)) {
        draft->backend.password = read_password_file(load, file, text);
        draft->backend.password_file = hg_source_beside(load->arena, file->place.file, text);
    }
}

static void load_tls_ca(struct hg_load *load, struct hg_backend_draft *draft)
{
    struct hg_slice text;
    const char *why;
    if (!draft->tls_ca || !hg_load_scalar(load, draft->tls_ca, "\"tls_ca\"", &text))
        return;
    draft->backend.tls_ca = hg_source_beside(load->arena, draft->tls_ca->place.file, text);
    draft->backend.tls_ca_stamp = hg_source_stamp(&load->from, draft->backend.tls_ca);
    if (draft->backend.tls != HG_TLS_VERIFY_FULL)
        hg_load_warning(load, draft->tls_ca->key_place, "tls: verify-full checks the server's certificate",
                        "\"tls_ca\" is of no use without tls: verify-full");
    else if (!hg_source_readable(&load->from, draft->backend.tls_ca, &why))
        hg_load_error(load, draft->tls_ca->place, NULL, "cannot read \"%s\": %s", draft->backend.tls_ca, why);
}

/* Only a certificate can be bound to, and Unix sockets know none. */
static void check_binding(struct hg_load *load, const struct hg_yaml *entry,
                          const struct hg_backend_config *backend)
{
    bool tls = backend->tls != HG_TLS_DISABLE;
    for (size_t i = 0; i < backend->nhosts; i++)
        tls = tls && backend->hosts[i].name[0] != '/';
    if (backend->channel_binding == HG_BINDING_REQUIRE && !tls)
        hg_load_error(load, entry->place, "tls: require",
                      "backend \"%s\" has \"channel_binding\": require, and no TLS to bind to",
                      backend->name);
}

/* A backend decides for itself, or as the top says, whichever stands first in the file; the catalog holds no
 * rows that a wall could stand before. */
static bool has_walls(const struct hg_backend_draft *draft, bool walls)
{
    bool on = draft->walls == HG_WALLS_INHERIT ? walls : draft->walls == HG_WALLS_ON;
    return on && strcmp(draft->backend.name, "catalog") != 0;
}

void hg_load_backend(struct hg_load *load, const struct hg_yaml *entry, bool walls, bool world_readable,
                     struct hg_backend_config *backend)
{
    struct hg_backend_draft draft = {.backend = {.index = backend->index}};
    draft.backend.name = hg_arena_cstr(load->arena, entry->key);
    if (!hg_load_name(load, entry->key, entry->key_place, "a backend's name"))
        return;
    const char *what = hg_load_text(load, "backend \"%s\"", draft.backend.name);
    hg_load_section(load, entry, what, HG_SECTION_BACKEND, &draft);
    load_hosts(load, &draft);
    load_password(load, &draft, world_readable);
    load_tls_ca(load, &draft);
    check_binding(load, entry, &draft.backend);
    draft.backend.walls = has_walls(&draft, walls);
    if (draft.backend.pool_min > draft.backend.pool_size)
        hg_load_error(load, entry->place, NULL,
                      "\"pool_min\" of backend \"%s\" is more than its \"pool_size\"", draft.backend.name);
    *backend = draft.backend;
}
