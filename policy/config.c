/* headgate.yaml to struct hg_config. The tables of config_keys.c read single values; here, and for each
 * backend in config_backend.c, is what takes more than one value to judge: addresses, files, which backends
 * there must be. */
#include "config_keys.h"

#include <stdlib.h>

#define CONFIG_BYTES (1 << 20)

/* ---- listen ---- */

/* A host with its port; `*` is every address of IPv4. */
static bool read_address(struct hg_load *load, struct hg_slice text, struct hg_listen_address *address)
{
    struct hg_host host;
    if (!hg_read_host(load, text, 0, &host) || host.port == 0)
        return false;
    address->host = strcmp(host.name, "*") == 0 ? "0.0.0.0" : host.name;
    address->port = host.port;
    return true;
}

static void load_address(struct hg_load *load, struct hg_config *config, const struct hg_yaml *node)
{
    struct hg_slice text;
    if (!hg_load_scalar(load, node, "\"listen\"", &text))
        return;
    if (read_address(load, text, &config->listen[config->nlisten]))
        config->nlisten++;
    else
        hg_load_error(load, node->place, "for example 127.0.0.1:6432 or [::1]:6432",
                      "\"listen\" must be an address and a port, not \"%.*s\"", HG_SHORT(text));
}

static void load_listen(struct hg_load *load, struct hg_config *config, const struct hg_yaml *node)
{
    bool list = node->kind == HG_YAML_LIST;
    config->listen = HG_NEW_ARRAY(load->arena, struct hg_listen_address, list ? node->count : 1);
    if (list && node->count == 0)
        hg_load_error(load, node->place, NULL, "\"listen\" is empty");
    for (const struct hg_yaml *entry = list ? node->first : node; entry; entry = list ? entry->next : NULL)
        load_address(load, config, entry);
}

/* ---- peers ---- */

/* The same map will do for all instances: each leaves itself out. */
static void load_peers(struct hg_load *load, struct hg_config *config, const struct hg_yaml *peers)
{
    if (!hg_load_map(load, peers, "\"peers\""))
        return;
    for (const struct hg_yaml *entry = peers->first; entry; entry = entry->next) {
        struct hg_slice text;
        struct hg_host host;
        uint32_t number = 0;
        bool good = entry->key.len > 0 && entry->key.len <= 3;
        for (size_t i = 0; i < entry->key.len && good; i++) {
            good = entry->key.ptr[i] >= '0' && entry->key.ptr[i] <= '9';
            number = number * 10 + (uint32_t)(entry->key.ptr[i] - '0');
        }
        if (!good || number >= HG_MOST_INSTANCES)
            hg_load_error(load, entry->key_place, NULL, "\"peers\" are named by their \"instance\", 0 to %d",
                          HG_MOST_INSTANCES - 1);
        else if (!hg_load_scalar(load, entry, "a peer", &text))
            continue;
        else if (!hg_read_host(load, text, 0, &host) || host.port == 0)
            hg_load_error(load, entry->place, "for example 10.0.0.2:6432",
                          "a peer is a host and a port, not \"%.*s\"", HG_SHORT(text));
        else if (number != config->instance)
            config->peers[number] = host;
    }
}

/* ---- TLS towards clients ---- */

static void check_tls_file(struct hg_load *load, const struct hg_yaml *tls, const char *key, const char *path)
{
    struct hg_place place = tls->place;
    const char *why;
    for (const struct hg_yaml *entry = tls->first; entry; entry = entry->next)
        if (hg_slice_is(entry->key, key))
            place = entry->place;
    if (!path)
        hg_load_error(load, place, "with mode: disable none is needed", "tls has no \"%s\"", key);
    else if (!hg_source_readable(&load->from, path, &why))
        hg_load_error(load, place, NULL, "cannot read \"%s\": %s", path, why);
}

static void check_client_tls(struct hg_load *load, const struct hg_yaml *tls, const struct hg_config *config)
{
    if (config->tls_client_ca)
        check_tls_file(load, tls, "client_ca", config->tls_client_ca);
    if (config->tls_client_crl && config->tls_client_ca)
        check_tls_file(load, tls, "client_crl", config->tls_client_crl);
    else if (config->tls_client_crl)
        hg_load_error(load, tls->place, "client_ca names those who may sign clients' certificates",
                      "\"client_crl\" is of no use without \"client_ca\"");
}

static void load_tls(struct hg_load *load, struct hg_config_draft *draft)
{
    const struct hg_yaml *tls = draft->tls;
    if (!tls || !hg_load_section(load, tls, "tls", HG_SECTION_TLS, draft) ||
        draft->config.tls == HG_TLS_DISABLE)
        return;
    check_tls_file(load, tls, "certificate", draft->config.tls_certificate);
    check_tls_file(load, tls, "key", draft->config.tls_key);
    check_client_tls(load, tls, &draft->config);
}

/* ---- backends ---- */

static void check_catalog(struct hg_load *load, struct hg_config *config, const struct hg_yaml *backends)
{
    for (const struct hg_yaml *entry = backends->first; entry; entry = entry->next) {
        const struct hg_backend_config *backend = &config->backends[config->nbackends];
        if (hg_slice_is(entry->key, "catalog")) {
            config->catalog = backend;
            if (backend->dialect != HG_DIALECT_POSTGRESQL)
                hg_load_error(load, entry->place, NULL, "the catalog backend must be of dialect postgresql");
        }
        config->nbackends++;
    }
    config->nservers = config->nbackends;
    if (!config->catalog)
        hg_load_error(load, backends->place,
                      "it is a small PostgreSQL database that holds the schema with empty tables",
                      "there is no backend named \"catalog\"");
    if (config->nbackends == (config->catalog ? 1 : 0))
        hg_load_error(load, backends->place, NULL, "there is no backend for data");
}

static void load_backends(struct hg_load *load, struct hg_config_draft *draft, bool world_readable)
{
    struct hg_config *config = &draft->config;
    const struct hg_yaml *backends = draft->backends;
    unsigned index = 0;
    if (!hg_load_map(load, backends, "\"backends\""))
        return;
    if (backends->count > HG_MAX_BACKENDS) {
        hg_load_error(load, backends->place, NULL, "there are more than %d backends", HG_MAX_BACKENDS);
        return;
    }
    config->backends = HG_NEW_ARRAY(load->arena, struct hg_backend_config, backends->count);
    for (const struct hg_yaml *entry = backends->first; entry; entry = entry->next) {
        config->backends[index].index = index;
        hg_load_backend(load, entry, draft->walls, world_readable, &config->backends[index]);
        index++;
    }
    check_catalog(load, config, backends);
}

static const struct hg_yaml nothing = {.kind = HG_YAML_MAP};

static void load_keepalive(struct hg_load *load, struct hg_config_draft *draft)
{
    hg_load_section(load, draft->keepalive ? draft->keepalive : &nothing, "keepalive", HG_SECTION_KEEPALIVE,
                    draft);
}

static void load_limits(struct hg_load *load, struct hg_config_draft *draft)
{
    hg_load_section(load, draft->limits ? draft->limits : &nothing, "the limits", HG_SECTION_LIMITS, draft);
    if (draft->config.max_message_bytes < draft->config.max_statement_bytes && draft->limits)
        hg_load_error(load, draft->limits->place, NULL,
                      "\"max_message_bytes\" must not be less than \"max_statement_bytes\"");
}

/* ---- seeing ---- */

static void load_http(struct hg_load *load, struct hg_config_draft *draft)
{
    struct hg_listen_address *address = HG_NEW(load->arena, struct hg_listen_address);
    struct hg_slice text;
    if (!draft->http || !hg_load_scalar(load, draft->http, "\"http\"", &text))
        return;
    if (!read_address(load, text, address))
        hg_load_error(load, draft->http->place, "for example 127.0.0.1:9090",
                      "\"http\" must be an address and a port, not \"%.*s\"", HG_SHORT(text));
    else if (strncmp(address->host, "127.", 4) != 0 && strcmp(address->host, "::1") != 0 &&
             strcmp(address->host, "localhost") != 0)
        hg_load_warning(load, draft->http->place, "it asks nobody for a password",
                        "\"http\" can be reached from other machines: tenants' names are to be seen there");
    draft->config.http = address;
}

static void load_audit(struct hg_load *load, struct hg_config_draft *draft)
{
    const char *why;
    if (!draft->audit ||
        !hg_load_section(load, draft->audit, "the audit", HG_SECTION_AUDIT, &draft->config.audit))
        return;
    const char *key = draft->config.audit.key_file;
    if (key && !hg_source_readable(&load->from, key, &why))
        hg_load_error(load, draft->audit->place, NULL, "cannot read \"%s\": %s", key, why);
}

static void load_seeing(struct hg_load *load, struct hg_config_draft *draft)
{
    load_http(load, draft);
    hg_load_section(load, draft->log ? draft->log : &nothing, "the log", HG_SECTION_LOG, &draft->config.log);
    hg_load_section(load, draft->metrics ? draft->metrics : &nothing, "the metrics", HG_SECTION_METRICS,
                    &draft->config);
    load_audit(load, draft);
}

static void load_policy_path(struct hg_load *load, struct hg_config_draft *draft)
{
    struct hg_slice name;
    if (!draft->policy || !hg_load_scalar(load, draft->policy, "\"policy\"", &name))
        return;
    load->policy_place = draft->policy->place;
    draft->config.policy_path = hg_source_beside(load->arena, draft->policy->place.file, name);
    load->snapshot->policy_path = draft->config.policy_path;
}

static const struct hg_yaml *entry_of(const struct hg_yaml *map, const char *key)
{
    for (const struct hg_yaml *entry = map ? map->first : NULL; entry; entry = entry->next)
        if (hg_slice_is(entry->key, key))
            return entry;
    return NULL;
}

bool hg_config_read_log(const char *path, struct hg_log_config *log)
{
    struct hg_diags unsaid; /* whoever loads all of it says them */
    struct hg_load load = {.diags = &unsaid};
    struct hg_source source;
    const char *why;

    hg_diags_init(&unsaid);
    hg_arena_init(&load.scratch, 0);
    load.arena = &load.scratch;
    const struct hg_yaml *root = hg_source_read(&load.from, path, CONFIG_BYTES, &load.scratch, &source, &why)
                                     ? hg_yaml_parse(&source, &load.scratch, &unsaid)
                                     : NULL;
    const struct hg_yaml *entry = root && root->kind == HG_YAML_MAP ? entry_of(root, "log") : NULL;
    bool good = root && hg_load_section(&load, entry ? entry : &nothing, "the log", HG_SECTION_LOG, log);
    hg_arena_free(&load.scratch);
    hg_diags_free(&unsaid);
    return good;
}

void hg_load_config(struct hg_load *load, const char *path)
{
    struct hg_place nowhere = {0};
    struct hg_source source;
    struct hg_config_draft draft = {0};
    if (!hg_load_read(load, nowhere, path, CONFIG_BYTES, &source))
        return;
    const struct hg_yaml *root = hg_yaml_parse(&source, &load->scratch, load->diags);
    if (!root)
        return;
    hg_load_section(load, root, "the configuration", HG_SECTION_TOP, &draft);
    if (draft.listen)
        load_listen(load, &draft.config, draft.listen);
    if (draft.peers)
        load_peers(load, &draft.config, draft.peers);
    load_tls(load, &draft);
    load_policy_path(load, &draft);
    if (draft.backends)
        load_backends(load, &draft, source.world_readable);
    load_keepalive(load, &draft);
    load_limits(load, &draft);
    hg_load_admin(load, &draft);
    load_seeing(load, &draft);
    load->snapshot->config = HG_NEW(load->arena, struct hg_config);
    *load->snapshot->config = draft.config;
}
