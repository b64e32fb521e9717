/* The proxy as a process. */
#ifndef HG_SERVE_H
#define HG_SERVE_H

#include "generation.h"

/* Listens and serves until a signal ends it. Takes over the generation. The exit status of the program. */
int hg_serve(const char *config_path, struct hg_generation *generation);

#endif
