/* SPDX-License-Identifier: GPL-2.0-only */
/* A perf.data file, read and named: what report and diff show. */
#ifndef VMPERF_CMD_PROFILE_LOAD_H
#define VMPERF_CMD_PROFILE_LOAD_H

#include "../model/profile.h"
#include "cmd.h"

/* Says what is missing of the names.  NULL: it cannot be read, which was said. */
struct profile *profile_load(const struct settings *s, const char *path);

#endif
