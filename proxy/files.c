/* The stamps of all files of a configuration, hashed to one. */
#include "files.h"

#include "map.h"
#include "source.h"

uint64_t hg_files_stamp(const struct hg_snapshot *snapshot)
{
    static const struct hg_sources disk = {0};
    const struct hg_config *config = snapshot->config;
    const char *paths[7 + 2 * HG_MAX_BACKENDS] = {
        snapshot->config_path, snapshot->policy_path, snapshot->schema_path, config->tls_certificate,
        config->tls_key,       config->tls_client_ca, config->tls_client_crl};
    uint64_t stamps[sizeof paths / sizeof paths[0]];

    for (size_t i = 0; i < config->nbackends; i++) {
        paths[7 + 2 * i] = config->backends[i].tls_ca;
        paths[8 + 2 * i] = config->backends[i].password_file;
    }
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++)
        stamps[i] = hg_source_stamp(&disk, paths[i]);
    return hg_hash(stamps, sizeof stamps);
}
