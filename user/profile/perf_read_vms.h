/* SPDX-License-Identifier: GPL-2.0-only */
/* Which processes of a perf.data file are VMs: the profile of those. */
#ifndef VMPERF_PROFILE_PERF_READ_VMS_H
#define VMPERF_PROFILE_PERF_READ_VMS_H

#include "perf_read_features.h"
#include "perf_read_tasks.h"

/* all: every process counts as one, apart from the idle task. */
struct profile *perf_vms_profile(const struct perf_tasks *t, struct perf_features *f, bool all);

#endif
