// SPDX-License-Identifier: GPL-2.0-only
#include <stddef.h>

#include "cmd.h"

/* In the order of --help. */
const struct command cmd_commands[] = {
	{
		.name = "top",
		.summary = "the terminal UI; what vmperf alone does, too",
		.usage = "[OPTION...]",
		.text = "Shows all VMs of this host in the terminal, the ones in trouble first: where the\n"
			"time of their vCPUs goes, which exits take it, what the hardware counted.  Enter\n"
			"goes into a VM, a vCPU, an exit reason, Esc back; h shows all keys.\n",
		.bit = CMD_TOP,
		.run = cmd_top,
	},
	{
		.name = "snapshot",
		.summary = "measure once and print: exits, their reasons and costs, per VM",
		.usage = "[OPTION...] [-- COMMAND [ARGUMENT...]]",
		.text = "Measures all VMs of this host for one interval, or while COMMAND runs, and\n"
			"prints where the time of their vCPUs went, which exits took it and what the\n"
			"hardware counted.  Ctrl-C ends the interval early.  Ends with COMMAND's status\n"
			"when one is given.\n",
		.bit = CMD_SNAPSHOT,
		.takes_argv = true,
		.run = cmd_snapshot,
	},
	{
		.name = "export",
		.summary = "serve figures of all VMs to Prometheus, or write them for node_exporter",
		.usage = "[OPTION...]",
		.text = "Serves the figures of all VMs of this host over HTTP, at /metrics, in the\n"
			"formats of Prometheus and OpenMetrics, until it is told to end.  Each scrape\n"
			"takes a sample; between scrapes only the kernel counts.  Waits for KVM where it\n"
			"is not loaded yet.  With --textfile it writes a file regularly instead.\n",
		.bit = CMD_EXPORT,
		.run = cmd_export,
	},
	{
		.name = "record",
		.summary = "write samples to a file, to be looked at later, elsewhere, again",
		.usage = "[OPTION...] FILE [-- COMMAND [ARGUMENT...]]",
		.text = "Measures all VMs of this host and appends a sample to FILE each interval, until\n"
			"Ctrl-C, for --duration, or while COMMAND runs; tells its progress on standard\n"
			"error.  FILE may be read meanwhile, and after a crash: vmperf top, snapshot\n"
			"--replay FILE show it as if it were now, vmperf diff compares.\n",
		.bit = CMD_RECORD,
		.takes_words = true,
		.takes_argv = true,
		.run = cmd_record,
	},
	{
		.name = "diff",
		.summary = "compare two records, or two times in one: what changed most",
		.usage = "[OPTION...] A B | FILE --at WHEN --at WHEN",
		.text = "Compares the last runs that were recorded in A and in B, or what was at WHEN in\n"
			"each (--at once or twice), or two times of one record: per second and per vCPU,\n"
			"so the lengths need not be the same.  VMs are matched by UUID, else by name; the\n"
			"ones whose lost time changed most come first.  A change is absolute, and in\n"
			"brackets in relation to A: +1.70k (+14%), +6.70us (3.1x); that of a share is in\n"
			"points of a hundred: from 10% to 15% it is +5.0 points (+50%).\n",
		.bit = CMD_DIFF,
		.takes_words = true,
		.run = cmd_diff,
	},
	{
		.name = "profile",
		.summary = "which functions VMs run, and the host for them: live",
		.usage = "[OPTION...]",
		.text = "Samples all VMs of this host and shows which functions their CPUs are in, of the\n"
			"guests' kernels and of the host: in the terminal, or (--text, or where there is\n"
			"none) as a table each interval, until Ctrl-C or for --duration.  In the terminal\n"
			"Enter goes into a VM, then into a vCPU, Esc back; h shows all keys.  Guests'\n"
			"functions have names where their QEMU guest agent tells their symbols, or where\n"
			"the options name files of them.\n",
		.bit = CMD_PROFILE,
		.run = cmd_profile,
	},
	{
		.name = "profile record",
		.summary = "sample what the VMs do into a perf.data file",
		.usage = "[OPTION...] [FILE] [-- COMMAND [ARGUMENT...]]",
		.text = "Samples all VMs of this host into FILE (perf.data.kvm), until Ctrl-C, for\n"
			"--duration, or while COMMAND runs; a FILE that is there becomes FILE.old.  perf\n"
			"report, perf script and others read it, perf kvm --guestmount\n"
			"~/.cache/vmperf/guests report with the functions of guests.  Tells its progress\n"
			"on standard error.  Ends with COMMAND's status when one is given.\n",
		.bit = CMD_PROFILE_RECORD,
		.takes_words = true,
		.takes_argv = true,
		.run = cmd_profile_record,
	},
	{
		.name = "profile report",
		.summary = "what a perf.data file holds of VMs: tables, JSON, CSV, a flame graph",
		.usage = "[OPTION...] [FILE]",
		.text = "Shows what FILE (without: perf.data.kvm) holds of VMs: which share of each is\n"
			"the host's kernel (sys), the VMM (user), the guest's kernel and its user space,\n"
			"and which functions that is.  FILE is of vmperf profile record, perf kvm record\n"
			"or perf record (--all: all processes in it, VMs or not).  Guests' functions have\n"
			"names if the file's VMs told their symbols or the options name files of them.\n"
			"--format html makes a flame graph: one file, for any browser.\n",
		.bit = CMD_PROFILE_REPORT,
		.takes_words = true,
		.run = cmd_profile_report,
	},
	{
		.name = "profile diff",
		.summary = "compare two perf.data files: which functions' shares changed most",
		.usage = "[OPTION...] A B",
		.text = "Compares the shares that functions have in A and in B, each of its own total:\n"
			"from 10% to 15% it is +5.00 points.  VMs are matched by UUID, else by name, all\n"
			"else by its name; what changed most comes first.\n",
		.bit = CMD_PROFILE_DIFF,
		.takes_words = true,
		.run = cmd_profile_diff,
	},
	{
		.name = "profile buildid-list",
		.summary = "list the builds of what the samples of a perf.data file hit",
		.usage = "[OPTION...] [FILE]",
		.text = "Prints a line \"ID PATH\" for the host's kernel, its modules, files of VMMs and\n"
			"kernels of guests that samples of VMs in FILE (perf.data.kvm) hit, as far as\n"
			"FILE, or --guestmount of guests, has their build-ids.  Reads files of vmperf,\n"
			"perf record and perf kvm record.\n",
		.bit = CMD_PROFILE_BUILDIDS,
		.takes_words = true,
		.run = cmd_profile_buildids,
	},
	{
		.name = "profile symbols",
		.summary = "fetch symbols of guests' kernels through their guest agents",
		.usage = "[OPTION...]",
		.text = "Asks the guest agents of all VMs of this host, through libvirt or over the socket\n"
			"that QEMU was given for one, for /proc/kallsyms, /proc/modules and what tells the\n"
			"boot and the build of the kernel; keeps them by boot in ~/.cache/vmperf/guests,\n"
			"where profiles find them, or in DIR/PID, as --guestmount takes it.  Prints a line\n"
			"for each VM; fails when none has told its symbols.\n",
		.bit = CMD_PROFILE_SYMBOLS,
		.run = cmd_profile_symbols,
	},
	{
		.name = "events",
		.summary = "what can be counted here, under which names",
		.usage = "[OPTION...] [PATTERN...]",
		.text = "Lists the events that --events of other commands takes: all, or those whose\n"
			"name or group (hardware, cache, software, raw, pmu, model, resctrl) a PATTERN\n"
			"matches (* and ? as in a shell); for each whether it can be counted here, guest\n"
			"and host apart or both in one, what counts it and its other names.  Tries each\n"
			"for a moment; needs no privilege, but sees more as root.\n",
		.bit = CMD_EVENTS,
		.takes_words = true,
		.run = cmd_events,
	},
	{
		.name = "doctor",
		.summary = "what works on this host, what does not, why, and what to do about it",
		.usage = "[OPTION...]",
		.text = "Looks at what this host offers for measuring VMs: each line is ok, degraded or\n"
			"missing, with the reason and the remedy.  Changes nothing; needs no privilege,\n"
			"but sees more as root.\n",
		.bit = CMD_DOCTOR,
		.run = cmd_doctor,
	},
	{NULL},
};
