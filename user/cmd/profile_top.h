/* SPDX-License-Identifier: GPL-2.0-only */
/* vmperf profile in the terminal: its loop. */
#ifndef VMPERF_CMD_PROFILE_TOP_H
#define VMPERF_CMD_PROFILE_TOP_H

#include "cmd.h"
#include "profile_options.h"

/* The exit status. */
int profile_top(const struct settings *s, const struct profile_choice *c);

#endif
