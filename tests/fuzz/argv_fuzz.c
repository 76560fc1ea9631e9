// SPDX-License-Identifier: GPL-2.0-only
/* argv_parse(): whatever the bytes, names end, fit, and are the same each time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/argv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct argv_names n, again;
	char uuid[37], *copy = malloc(size ? size : 1);

	must(copy != NULL);
	/* a block of just that size: reading past the end is seen */
	if (size)
		memcpy(copy, data, size);
	argv_parse(copy, size, &n);
	must(!n.name || (n.name[0] && strlen(n.name) <= ARGV_NAME_MAX));
	must(strlen(n.vmm) < sizeof(n.vmm) && !strchr(n.vmm, '/'));
	must(!n.uuid[0] || (argv_uuid(n.uuid, uuid) && !strcmp(uuid, n.uuid)));
	argv_parse(copy, size, &again);
	must(!n.name == !again.name && (!n.name || !strcmp(n.name, again.name)));
	must(strlen(n.machine) < sizeof(n.machine) && n.pmu <= ARGV_PMU_MODEL);
	must(!strcmp(n.machine, again.machine) && n.pmu == again.pmu && n.kubevirt == again.kubevirt);
	must(!strcmp(n.uuid, again.uuid) && !strcmp(n.vmm, again.vmm));
	argv_names_clear(&again);
	argv_names_clear(&n);
	free(copy);
	return 0;
}
