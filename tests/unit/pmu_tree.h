/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up /sys/bus/event_source/devices: hosts of several makes. */
#ifndef VMPERF_TESTS_PMU_TREE_H
#define VMPERF_TESTS_PMU_TREE_H

#include "vms_tree.h"

#include "host/pmu.h"

#define DEVICES "sys/bus/event_source/devices/"

static inline void put_text(const char *path, const char *text)
{
	put(text, strlen(text), "%s", path);
}

/* What every x86 host has beside its CPUs' PMU. */
static inline void put_others(void)
{
	put_text(DEVICES "software/type", "1\n");
	put_text(DEVICES "tracepoint/type", "2\n");
	put_text(DEVICES "kprobe/type", "6\n");
	put_text(DEVICES "msr/type", "9\n");
	put_text(DEVICES "msr/format/event", "config:0-63\n");
	put_text(DEVICES "msr/events/tsc", "event=0x00\n");
	put_text(DEVICES "msr/events/cpu_thermal_margin", "event=0x05\n");
	put_text(DEVICES "msr/events/cpu_thermal_margin.snapshot", "1\n");
	put_text(DEVICES "msr/events/cpu_thermal_margin.unit", "C\n");
	put_text(DEVICES "power/type", "20\n");
	put_text(DEVICES "power/cpumask", "0\n");
	put_text(DEVICES "power/format/event", "config:0-7\n");
	put_text(DEVICES "power/events/energy-pkg", "event=0x02\n");
}

static inline void put_format(const char *pmu)
{
	static const char *const format[][2] = {
		{"event", "config:0-7\n"},   {"umask", "config:8-15\n"},        {"edge", "config:18\n"},
		{"cmask", "config:24-31\n"}, {"offcore_rsp", "config1:0-63\n"}, {"ldlat", "config1:0-15\n"},
	};

	for (size_t i = 0; i < sizeof(format) / sizeof(format[0]); i++)
		put(format[i][1], strlen(format[i][1]), DEVICES "%s/format/%s", pmu, format[i][0]);
}

/* One socket of Intel's, of one kind of CPU. */
static inline void put_intel(void)
{
	put_others();
	put_text("proc/cpuinfo", "processor\t: 0\nvendor_id\t: GenuineIntel\n");
	put_text(DEVICES "cpu/type", "4\n");
	put_format("cpu");
	put_text(DEVICES "cpu/events/cpu-cycles", "event=0x3c\n");
	put_text(DEVICES "cpu/events/mem-loads", "event=0xcd,umask=0x1,ldlat=3\n");
	put_text(DEVICES "cpu/events/topdown-total-slots", "event=0x3c,umask=0x0\n");
	put_text(DEVICES "cpu/events/topdown-total-slots.scale", "4\n");
	put_text(DEVICES "cpu/events/one-of-many", "event=0x1,umask=?\n");
	put_text(DEVICES "intel_pt/type", "8\n");
}

static inline void put_hybrid(void)
{
	put_others();
	put_text(DEVICES "cpu_core/type", "4\n");
	put_text(DEVICES "cpu_core/cpus", "0-3\n");
	put_format("cpu_core");
	put_text(DEVICES "cpu_core/events/mem-loads", "event=0xcd,umask=0x1\n");
	put_text(DEVICES "cpu_atom/type", "10\n");
	put_text(DEVICES "cpu_atom/cpus", "4-7,9\n");
	put_format("cpu_atom");
	put_text(DEVICES "cpu_atom/events/mem-loads", "event=0xd0,umask=0x5\n");
}

static inline void put_amd(void)
{
	put_others();
	put_text("proc/cpuinfo", "processor\t: 0\nvendor_id\t: AuthenticAMD\n");
	put_text(DEVICES "cpu/type", "4\n");
	put_text(DEVICES "cpu/format/event", "config:0-7,32-35\n");
	put_text(DEVICES "cpu/format/umask", "config:8-15\n");
	put_text(DEVICES "amd_l3/type", "14\n");
	put_text(DEVICES "amd_l3/cpumask", "0\n");
}

static inline void put_arm(void)
{
	put_text(DEVICES "software/type", "1\n");
	put_text(DEVICES "armv8_cortex_a53/type", "8\n");
	put_text(DEVICES "armv8_cortex_a53/cpus", "0-3\n");
	put_text(DEVICES "armv8_cortex_a53/format/event", "config:0-15\n");
	put_text(DEVICES "armv8_cortex_a53/events/cpu_cycles", "event=0x0011\n");
	put_text(DEVICES "armv8_cortex_a72/type", "9\n");
	put_text(DEVICES "armv8_cortex_a72/cpus", "4-5\n");
	put_text(DEVICES "armv8_cortex_a72/format/event", "config:0-15\n");
}

#endif
