// SPDX-License-Identifier: GPL-2.0-only
/* domain_xml_parse(): whatever the bytes, texts end, fit, and are the same each time. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "host/domain_xml.h"
#include "host/meta.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static void same_text(const char *a, const char *b)
{
	must(!a == !b && (!a || !strcmp(a, b)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct domain_xml x, again;
	char *copy = malloc(size ? size : 1);
	bool ok;

	must(copy != NULL);
	/* a block of just that size: reading past the end is seen */
	if (size)
		memcpy(copy, data, size);
	ok = domain_xml_parse(copy, size, &x);
	must(ok == domain_xml_parse(copy, size, &again));
	must(strlen(x.machine) < sizeof(x.machine) && x.pmu <= VPMU_ON);
	must(!strcmp(x.machine, again.machine) && x.pmu == again.pmu && x.npins == again.npins);
	for (int i = 0; i < META_KINDS; i++) {
		must(!x.meta[i] || (x.meta[i][0] && strlen(x.meta[i]) <= META_MAX));
		same_text(x.meta[i], again.meta[i]);
	}
	must(!x.meta[META_NAMESPACE] == !x.meta[META_VMI]);
	for (uint32_t i = 0; i < x.npins; i++) {
		must(x.pins[i].id == again.pins[i].id);
		same_text(x.pins[i].cpus, again.pins[i].cpus);
	}
	must(ok || (!x.npins && !x.machine[0]));
	domain_xml_clear(&x);
	domain_xml_clear(&again);
	free(copy);
	return 0;
}
