// SPDX-License-Identifier: GPL-2.0-only
#include "loss.h"

static const struct {
	const char *name, *help;
} causes[VMP_LOSSES] = {
	[VMP_LOSS_SLOTS] = {"slots", "Events of vCPU threads that found no free slot; raise --max-vcpus."},
	[VMP_LOSS_STORAGE] = {"storage", "Events of threads for which the kernel could make no task storage: "
					 "no memory, or busy with another's."},
	[VMP_LOSS_UNPAIRED] = {"unpaired",
			       "Exits without an entry before them, and entries without an exit."},
	[VMP_LOSS_BACKWARDS] = {"backwards",
				"Clock readings that lay before the one before; their time counts as 0."},
	[VMP_LOSS_MISSED] = {"missed", "Events at which the kernel skipped vmperf's program."},
	[VMP_LOSS_EVENTS] = {"events", "Readings of events that failed or ran backwards, and threads of VMs "
				       "for which there was no room to count any."},
	[VMP_LOSS_UNNAMED] = {"unnamed", "VMs that ended, or hid, before they could be named."},
};

const char *loss_name(enum vmp_loss cause)
{
	return causes[cause].name;
}

const char *loss_help(enum vmp_loss cause)
{
	return causes[cause].help;
}
