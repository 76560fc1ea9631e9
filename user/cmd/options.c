// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "../tui/theme.h"
#include "cmd.h"

#define LIVE       (CMD_TOP | CMD_SNAPSHOT | CMD_RECORD | CMD_EXPORT) /* those that measure this host */
#define SHOW       (CMD_TOP | CMD_SNAPSHOT | CMD_DOCTOR | CMD_EVENTS | CMD_DIFF)
#define EVERY      (CMD_MAIN | SHOW | LIVE)
#define MS         1000000ULL
#define DAY        (86400ULL * 1000 * MS)
#define AT(member) .offset = offsetof(struct settings, member)

/* In the order of --help; one row, one option. */
/* clang-format off */
const struct option_def cmd_options[] = {
	{"interval", 'i', OPTION_DURATION, "TIME", 10 * MS, DAY, NULL, CMD_TOP, AT(interval_ns),
	 "measure each TIME: 2, 0.5, 500ms, 2s, 1m; from 10ms to 1d; else as it was set with + and -, at first 1s"},
	{"interval", 'i', OPTION_DURATION, "TIME", 10 * MS, DAY, "1s", CMD_SNAPSHOT, AT(interval_ns),
	 "measure for TIME: 2, 0.5, 500ms, 2s, 1m; from 10ms to 1d; of a record: with --at"},
	{"interval", 'i', OPTION_DURATION, "TIME", 10 * MS, DAY, "1s", CMD_RECORD, AT(interval_ns),
	 "take a sample each TIME: 2, 0.5, 500ms, 2s, 1m; from 10ms to 1d"},
	{"interval", 'i', OPTION_DURATION, "TIME", 10 * MS, DAY, "10s", CMD_DIFF, AT(interval_ns),
	 "with --at: compare the TIME that ends then: 2, 0.5, 500ms, 2s, 1m; from 10ms to 1d"},
	{"listen", 'l', OPTION_LIST, "ADDRESS", 0, 0, NULL, CMD_EXPORT, AT(listen),
	 "serve HTTP there: HOST:PORT, [IPV6]:PORT, :PORT (all addresses) or unix:/PATH; may be given again; besides "
	 "systemd's sockets, if there are any; without either 127.0.0.1:10177"},
	{"web.config.file", 0, OPTION_STRING, "FILE", 0, 0, NULL, CMD_EXPORT, AT(web_config),
	 "TLS, client certificates, users and headers of HTTP, as Prometheus' exporters take them; SIGHUP rereads it"},
	{"textfile", 0, OPTION_STRING, "FILE", 0, 0, NULL, CMD_EXPORT, AT(textfile),
	 "replace FILE each --interval, for the textfile collector of node_exporter; HTTP is served only if --listen is "
	 "given, too"},
	{"interval", 'i', OPTION_DURATION, "TIME", 100 * MS, DAY, "15s", CMD_EXPORT, AT(interval_ns),
	 "with --textfile: replace it each TIME: 2, 0.5, 500ms, 2s, 1m; from 100ms to 1d"},
	{"per-vcpu", 0, OPTION_FLAG, NULL, 0, 0, NULL, CMD_EXPORT, AT(per_vcpu),
	 "series of each vCPU instead of its VM's, which are their sum"},
	{"exits", 0, OPTION_STRING, "top:N|all|none", 0, 0, "all", CMD_EXPORT, AT(exits),
	 "which exit reasons have series: of each VM the N that take most time, the rest summed up as other; all; none"},
	{"histograms", 0, OPTION_LIST, "REASON", 0, 0, NULL, CMD_EXPORT, AT(histograms),
	 "histograms of the handling time of this exit reason (* and ? match as in a shell); may be given again"},
	{"max-series", 0, OPTION_U32, "N", 0, 100000000, "50000", CMD_EXPORT, AT(max_series),
	 "at most about N time series: VMs that would exceed it are summed up as one, called other; 0: any number"},
	{"replay", 'r', OPTION_STRING, "FILE", 0, 0, NULL, CMD_EXPORT, AT(replay),
	 "serve what vmperf record wrote into FILE, from its beginning to its end, as if it happened now"},
	{"replay", 'r', OPTION_STRING, "FILE", 0, 0, NULL, CMD_SNAPSHOT, AT(replay),
	 "show what vmperf record wrote into FILE instead of measuring: all of its last run, or what --at says"},
	{"replay", 'r', OPTION_STRING, "FILE", 0, 0, NULL, CMD_TOP, AT(replay),
	 "play what vmperf record, or the key w, wrote into FILE instead of measuring"},
	{"at", 'a', OPTION_LIST, "WHEN", 0, 0, NULL, CMD_TOP, AT(at),
	 "begin there: 15:04, 15:04:05, '2026-01-31 15:04:05', @SECONDS since 1970, +TIME from the record's beginning, "
	 "-TIME from its end (--at=-TIME), start or end"},
	{"speed", 0, OPTION_STRING, "X", 0, 0, NULL, CMD_TOP | CMD_EXPORT, AT(speed),
	 "play a record X times as fast as it was: 0.5, 10"},
	{"theme", 0, OPTION_CHOICE, "saved|" THEME_CHOICES, 0, 0, "saved", CMD_TOP, AT(theme),
	 "the colours; saved: as chosen last with the key T"},
	{"at", 'a', OPTION_LIST, "WHEN", 0, 0, NULL, CMD_SNAPSHOT | CMD_DIFF, AT(at),
	 "of a record, the --interval that ends then: 15:04, 15:04:05, '2026-01-31 15:04:05', @SECONDS since 1970, +TIME "
	 "from its beginning, -TIME from its end (--at=-TIME), start or end"},
	{"duration", 'd', OPTION_DURATION, "TIME", 10 * MS, 36525 * DAY, NULL, CMD_RECORD, AT(duration_ns),
	 "end after TIME; else Ctrl-C ends it"},
	{"max-size", 0, OPTION_SIZE, "SIZE", 0, 1000000000000000, "0", CMD_RECORD, AT(max_size),
	 "at that size FILE is renamed to FILE.1 and a new one begins: 5000, 500k, 10M, 1G (powers of 1000); 0: never"},
	{"max-files", 0, OPTION_U32, "N", 1, 10000, "2", CMD_RECORD, AT(max_files),
	 "with --max-size: keep N files, FILE among them; the oldest goes"},
	{"vm", 0, OPTION_LIST, "VM", 0, 0, NULL, LIVE | CMD_DIFF, AT(vms),
	 "only VMs of this name (* and ? match as in a shell), UUID or pid; may be given again"},
	{"by", 'b', OPTION_CHOICE, "vm|vcpu|exit|thread|event", 0, 0, "vm", CMD_SNAPSHOT, AT(by),
	 "one row per VM with its top exit reasons, per vCPU, per exit reason of all VMs, per class of threads, or "
	 "per event that is counted"},
	{"by", 'b', OPTION_CHOICE, "both|vm|exit", 0, 0, "both", CMD_DIFF, AT(tables),
	 "figures of VMs, of their exit reasons, or both; JSON always has both"},
	{"format", 'f', OPTION_CHOICE, "table|json|csv|prom", 0, 0, "table", CMD_SNAPSHOT, AT(format),
	 "how the result is written"},
	{"format", 'f', OPTION_CHOICE, "table|json", 0, 0, "table", CMD_DOCTOR | CMD_EVENTS | CMD_DIFF, AT(format),
	 "how the result is written"},
	{"events", 'e', OPTION_STRING, "LIST", 0, 0, NULL, LIVE, AT(events),
	 "count these events: perf's names and modifiers, libvirt's names, pmu/event/, rNNN, or a CPU's own; none; default"},
	{"events-strict", 0, OPTION_FLAG, NULL, 0, 0, NULL, LIVE, AT(events_strict),
	 "an event that cannot be counted is an error"},
	{"top", 'n', OPTION_U32, "N", 0, 1000, "5", CMD_SNAPSHOT, AT(top),
	 "show the N exit reasons that take most time of each VM"},
	{"top", 'n', OPTION_U32, "N", 0, 1000, "10", CMD_DIFF, AT(top),
	 "show the N figures that changed most, in each table; 0: all, also those that hardly did"},
	{"max-vcpus", 0, OPTION_U32, "N", 0, 65536, "0", LIVE, AT(max_vcpus),
	 "room for N vCPU threads in the kernel's table, some 30 KiB each; 0: twice those that exist, at least 8 for each CPU "
	 "and 256"},
	{"connect", 'c', OPTION_STRING, "URI", 0, 0, NULL, LIVE, AT(connect),
	 "the libvirt to ask for names, as virsh takes it"},
	{"no-libvirt", 0, OPTION_FLAG, NULL, 0, 0, NULL, LIVE, AT(no_libvirt),
	 "do not ask libvirt for names"},
	{"color", 0, OPTION_CHOICE, "auto|always|never", 0, 0, "auto", SHOW, AT(color),
	 "colour the table; auto: on a terminal, unless NO_COLOR is set"},
	{"verbose", 'v', OPTION_COUNT, NULL, 0, 0, NULL, EVERY, AT(verbose),
	 "say what is being done; twice: libbpf's words too"},
	{"help", 'h', OPTION_FLAG, NULL, 0, 0, NULL, EVERY, AT(help), "show this and end"},
	{"version", 'V', OPTION_FLAG, NULL, 0, 0, NULL, CMD_MAIN, AT(version), "show the version and end"},
	{NULL},
};
/* clang-format on */
