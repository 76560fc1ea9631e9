// SPDX-License-Identifier: GPL-2.0-only
/* The section of a perf.data file that tells of VMs: what is taken of one is written, and read again the
 * same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/perf_section.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int ok)
{
	if (!ok)
		abort();
}

static void same(const struct perf_section_vm *a, const struct perf_section_vm *b)
{
	must(a->pid == b->pid && a->start_ns == b->start_ns && !strcmp(a->name, b->name));
	must(strlen(a->name) <= PERF_SECTION_NAME && !strcmp(a->uuid, b->uuid) &&
	     !strcmp(a->boot_id, b->boot_id));
	must(a->nthreads == b->nthreads && a->nthreads <= PERF_SECTION_THREADS);
	for (uint32_t i = 0; i < a->nthreads; i++)
		must(a->threads[i].tid == b->threads[i].tid && a->threads[i].vcpu == b->threads[i].vcpu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct perf_section_vms first, second;
	struct buf text = {0};

	if (!perf_section_parse((const char *)data, size, &first)) {
		must(!first.nvms && !first.vms);
		return 0;
	}
	perf_section_print(&first, &text);
	must(perf_section_parse(text.data, text.len, &second));
	must(first.nvms == second.nvms && first.nvms <= PERF_SECTION_VMS);
	for (uint32_t i = 0; i < first.nvms; i++)
		same(&first.vms[i], &second.vms[i]);
	perf_section_clear(&first);
	perf_section_clear(&second);
	buf_free(&text);
	return 0;
}
