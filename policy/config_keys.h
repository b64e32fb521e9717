/* The keys of headgate.yaml, section by section: the one truth for loading and for documentation. */
#ifndef HG_CONFIG_KEYS_H
#define HG_CONFIG_KEYS_H

#include "keys.h"

/* `walls:` of a backend, as written. */
enum hg_walls { HG_WALLS_INHERIT, HG_WALLS_OFF, HG_WALLS_ON };

/* What the sections fill. Keys that need more than one value's text are kept as nodes here. */
struct hg_config_draft {
    struct hg_config config;
    int walls; /* of backends that do not say: off or on */
    const struct hg_yaml *listen, *peers, *tls, *policy, *backends, *keepalive, *admin, *admin_users, *limits,
        *http, *log, *audit, *metrics;
};

struct hg_backend_draft {
    struct hg_backend_config backend;
    enum hg_walls walls;
    const struct hg_yaml *host, *password, *password_env, *password_file, *credential_command, *tls_ca;
};

struct hg_admin_draft {
    struct hg_admin admin;
    const struct hg_yaml *password;
};

enum hg_config_section {
    HG_SECTION_TOP,
    HG_SECTION_TLS,
    HG_SECTION_BACKEND,
    HG_SECTION_KEEPALIVE,
    HG_SECTION_ADMIN,
    HG_SECTION_ADMIN_USER,
    HG_SECTION_LIMITS,
    HG_SECTION_LOG,
    HG_SECTION_AUDIT,
    HG_SECTION_METRICS,
    HG_NSECTIONS
};

struct hg_config_keys {
    const char *path; /* "", "tls", "backends.<name>", "admin.users.<name>", … */
    const struct hg_key *keys;
    size_t count;
};

extern const struct hg_config_keys hg_config_keys[HG_NSECTIONS];

static inline bool hg_load_section(struct hg_load *load, const struct hg_yaml *map, const char *what,
                                   enum hg_config_section section, void *into)
{
    return hg_keys_load(load, map, what, hg_config_keys[section].keys, hg_config_keys[section].count, into);
}

/* config_backend.c: `name`, `name:port`, `[v6 address]:port`, a directory, or a bare v6 address. `port` is what
 * host->port is where the text names none. */
HG_MUST_USE bool hg_read_host(struct hg_load *load, struct hg_slice text, uint16_t port,
                              struct hg_host *host);
/* config_backend.c: the backend whose index is set. `walls`: of backends that do not say. */
void hg_load_backend(struct hg_load *load, const struct hg_yaml *entry, bool walls, bool world_readable,
                     struct hg_backend_config *backend);
/* config_admin.c: `admin:` */
void hg_load_admin(struct hg_load *load, struct hg_config_draft *draft);

#endif
