/* SPDX-License-Identifier: GPL-2.0-only */
/* What this host's KVM shows: decided by the probes, and by what they saw. */
#ifndef VMPERF_PROBE_VISIBLE_H
#define VMPERF_PROBE_VISIBLE_H

#include <stdbool.h>

#include "../model/sample.h"

/*
 * Sets visible, exits_visible and invisible_why of a sample that has its host
 * and probes.  entries_seen, uexits_seen: some thread has had a kvm_entry or
 * kvm_exit, a kvm_userspace_exit, since the start.
 */
void visible_decide(struct sample *s, bool entries_seen, bool uexits_seen);

#endif
