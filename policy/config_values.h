/* The settings of headgate.yaml with their values, as they would be written: for showing them, and for saying
 * what a reload changes. From the same table of keys that loads them. */
#ifndef HG_CONFIG_VALUES_H
#define HG_CONFIG_VALUES_H

#include "arena.h"
#include "config.h"

struct hg_config_value {
    struct hg_slice name;  /* "limits.max_clients", "backends.aurora.pool_size", "peers.2" */
    struct hg_slice value; /* empty when nothing was set; secrets are not among them */
    const char *help;
    bool restart; /* takes effect when the process starts anew, and only then */
};

/* In the order of the file's sections, in the arena. Passwords, verifiers and keys are left out. */
size_t hg_config_values(const struct hg_config *config, struct hg_arena *arena,
                        struct hg_config_value **values);

#endif
