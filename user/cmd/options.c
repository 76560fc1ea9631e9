// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "cmd.h"

#define EVERY      (CMD_MAIN | CMD_SNAPSHOT | CMD_DOCTOR | CMD_EVENTS)
#define MS         1000000ULL
#define DAY        (86400ULL * 1000 * MS)
#define AT(member) .offset = offsetof(struct settings, member)

/* In the order of --help; one row, one option. */
/* clang-format off */
const struct option_def cmd_options[] = {
	{"interval", 'i', OPTION_DURATION, "TIME", 10 * MS, DAY, "1s", CMD_SNAPSHOT, AT(interval_ns),
	 "measure for TIME: 2, 0.5, 500ms, 2s, 1m; from 10ms to 1d"},
	{"vm", 0, OPTION_LIST, "VM", 0, 0, NULL, CMD_SNAPSHOT, AT(vms),
	 "only VMs of this name (* and ? match as in a shell), UUID or pid; may be given again"},
	{"by", 'b', OPTION_CHOICE, "vm|vcpu|exit|thread|event", 0, 0, "vm", CMD_SNAPSHOT, AT(by),
	 "one row per VM with its top exit reasons, per vCPU, per exit reason of all VMs, per class of threads, or "
	 "per event that is counted"},
	{"format", 'f', OPTION_CHOICE, "table|json|csv", 0, 0, "table", CMD_SNAPSHOT, AT(format),
	 "how the result is written"},
	{"format", 'f', OPTION_CHOICE, "table|json", 0, 0, "table", CMD_DOCTOR | CMD_EVENTS, AT(format),
	 "how the result is written"},
	{"events", 'e', OPTION_STRING, "LIST", 0, 0, NULL, CMD_SNAPSHOT, AT(events),
	 "count these events: perf's names and modifiers, libvirt's names, pmu/event/, rNNN, or a CPU's own; none; default"},
	{"events-strict", 0, OPTION_FLAG, NULL, 0, 0, NULL, CMD_SNAPSHOT, AT(events_strict),
	 "an event that cannot be counted is an error"},
	{"top", 'n', OPTION_U32, "N", 0, 1000, "5", CMD_SNAPSHOT, AT(top),
	 "show the N exit reasons that take most time of each VM"},
	{"max-vcpus", 0, OPTION_U32, "N", 0, 65536, "0", CMD_SNAPSHOT, AT(max_vcpus),
	 "room for N vCPU threads in the kernel's table; 0: twice those that exist, at least 256"},
	{"connect", 'c', OPTION_STRING, "URI", 0, 0, NULL, CMD_SNAPSHOT, AT(connect),
	 "the libvirt to ask for names, as virsh takes it"},
	{"no-libvirt", 0, OPTION_FLAG, NULL, 0, 0, NULL, CMD_SNAPSHOT, AT(no_libvirt),
	 "do not ask libvirt for names"},
	{"color", 0, OPTION_CHOICE, "auto|always|never", 0, 0, "auto", CMD_SNAPSHOT | CMD_DOCTOR | CMD_EVENTS, AT(color),
	 "colour the table; auto: on a terminal, unless NO_COLOR is set"},
	{"verbose", 'v', OPTION_COUNT, NULL, 0, 0, NULL, EVERY, AT(verbose),
	 "say what is being done; twice: libbpf's words too"},
	{"help", 'h', OPTION_FLAG, NULL, 0, 0, NULL, EVERY, AT(help), "show this and end"},
	{"version", 'V', OPTION_FLAG, NULL, 0, 0, NULL, CMD_MAIN, AT(version), "show the version and end"},
	{NULL},
};
/* clang-format on */
