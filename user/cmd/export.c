// SPDX-License-Identifier: GPL-2.0-only
/* vmperf export: figures of all VMs for Prometheus. */
#include "../lib/log.h"
#include "cmd.h"

int cmd_export(const struct settings *s)
{
	(void)s;
	log_err("export: this is being built");
	return STATUS_FAILED;
}
