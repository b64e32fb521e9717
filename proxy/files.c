/* The stamps of all files of a configuration, mixed. */
#include "files.h"

#include "source.h"

static void add(uint64_t *hash, const char *path)
{
    static const struct hg_sources disk = {0};

    *hash = (*hash ^ hg_source_stamp(&disk, path)) * UINT64_C(1099511628211) + (*hash >> 29);
}

uint64_t hg_files_stamp(const struct hg_snapshot *snapshot)
{
    const struct hg_config *config = snapshot->config;
    const char *const paths[] = {snapshot->config_path,   snapshot->policy_path, snapshot->schema_path,
                                 config->tls_certificate, config->tls_key,       config->tls_client_ca,
                                 config->tls_client_crl};
    uint64_t hash = 1;

    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        add(&hash, paths[i]);
    for (size_t i = 0; i < config->nbackends; i++) {
        add(&hash, config->backends[i].tls_ca);
        add(&hash, config->backends[i].password_file);
    }
    return hash;
}
