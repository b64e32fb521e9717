/* headgate metrics: what /metrics shows, as a table in Markdown; conf/metrics.md is made of it. */
#include <stdio.h>

#include "commands.h"
#include "metrics.h"

int hg_cmd_metrics(int argc, char **argv)
{
    struct hg_bytes out;

    if (!hg_options("metrics", argc, argv, NULL, 0))
        return HG_EXIT_USAGE;
    hg_bytes_init(&out, 0);
    hg_metrics_describe(&out);
    bool good = fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
    hg_bytes_free(&out);
    return good ? HG_EXIT_DONE : HG_EXIT_INVALID;
}
