// SPDX-License-Identifier: GPL-2.0-only
/* What arm64's kvm_exit tells, as a code: a trap's exception class, all else by its ret. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "arm64.skel.h"
#include "rig.h"

static void codes(void)
{
	/* ret 0 IRQ, 1 SError, 2 trap, 3 IL, a hypervisor's gone (0x30); ESR_EL2.EC has 6 bits */
	static const struct {
		uint64_t ret, ec, code;
	} x[] = {
		{0, 0, 0x80},
		{0, 0x24, 0x80},
		{1, 0x16, 0x81},
		{3, 0, 0x83},
		{2, 0x24, 0x24},
		{2, 0x16, 0x16},
		{2, 0x18, 0x18},
		{2, 0, 0},
		{2, 0x3f, 0x3f},
		{2, 0x56000016, 0x16},
		{0x30, 0, 0x80 + 0x30},
		{0xffffffff, 1, 0x80 + 0xff},
		{0x80000000 | 1, 0, 0x81},
	};
	const size_t n = sizeof(x) / sizeof(x[0]);
	struct arm64_bpf *a = arm64_bpf__open();
	struct vmp_slot s;

	rig_listen();
	if (!a) {
		wrong("cannot open the object: %s", strerror(errno));
		return;
	}
	bpf_map__set_max_entries(a->maps.slots, 1);
	bpf_map__set_max_entries(a->maps.free_slots, 1);
	if (arm64_bpf__load(a)) {
		wrong("cannot load: %s", strerror(errno));
		rig_heard();
		arm64_bpf__destroy(a);
		return;
	}
	rig_maps(bpf_map__fd(a->maps.slots), bpf_map__fd(a->maps.free_slots), bpf_map__fd(a->maps.news), 1);
	a->bss->gate = 1;
	RUN(a, arm64_entry, 0, 0);
	for (size_t i = 0; i < n; i++) {
		s = rig_slot(0);
		for (int again = 0; again < 2; again++) {
			uint64_t before = exits_of(&s, x[i].code);

			RUN(a, arm64_exit, x[i].ret, x[i].ec);
			RUN(a, arm64_entry, 0, 0);
			s = rig_slot(0);
			if (exits_of(&s, x[i].code) != before + 1)
				wrong("ret %#llx, class %#llx is not counted as %#llx",
				      (unsigned long long)x[i].ret, (unsigned long long)x[i].ec,
				      (unsigned long long)x[i].code);
		}
	}
	expect("exits", exits_all(&s), 2 * n);
	expect("isa", s.isa, VMP_ISA_ARM64);
	expect("unpaired", s.unpaired, 0);
	arm64_bpf__destroy(a);
}

int main(void)
{
	tap_test("codes of arm64's exits", geteuid() ? "needs root" : NULL, codes);
	return tap_end();
}
