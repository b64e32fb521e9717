/* The `options` of a startup message: `-c name=value`, `--name=value`, as a server's command line. Pure. */
#ifndef HG_OPTIONS_H
#define HG_OPTIONS_H

#include "fault.h"

struct hg_option {
    struct hg_slice name, value;
    struct hg_option *next;
};

/* All settings in order, made in the arena. False and a fault (42601) when something else stands there. */
HG_MUST_USE bool hg_options_parse(struct hg_slice text, struct hg_arena *arena, struct hg_option **first,
                                  struct hg_fault *fault);

#endif
