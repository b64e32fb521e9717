/* The keys of headgate.yaml, section by section: the one truth for loading and for documentation. */
#ifndef HG_CONFIG_KEYS_H
#define HG_CONFIG_KEYS_H

#include "keys.h"

/* What the sections fill. Keys that need more than one value's text are kept as nodes here. */
struct hg_config_draft {
    struct hg_config config;
    const struct hg_yaml *listen, *tls, *policy, *backends, *limits;
};

struct hg_backend_draft {
    struct hg_backend_config backend;
    const struct hg_yaml *password, *password_env, *password_file, *tls_ca;
};

enum hg_config_section {
    HG_SECTION_TOP,
    HG_SECTION_TLS,
    HG_SECTION_BACKEND,
    HG_SECTION_LIMITS,
    HG_NSECTIONS
};

struct hg_config_keys {
    const char *path; /* "", "tls", "backends.<name>", "limits" */
    const struct hg_key *keys;
    size_t count;
};

extern const struct hg_config_keys hg_config_keys[HG_NSECTIONS];

#endif
