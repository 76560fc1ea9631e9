/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The PMUs of this host, as sysfs describes them: /sys/bus/event_source/devices.
 * root: "" for this host; tests give a tree of their own.
 */
#ifndef VMPERF_HOST_PMU_H
#define VMPERF_HOST_PMU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../model/event.h"

enum pmu_reach {
	PMU_THREADS, /* what it counts on a CPU is the work of the thread that is there */
	PMU_SHARED,  /* it counts for a core, a socket or the whole host (it has a cpumask) */
	PMU_NONE,    /* it counts nothing: tracing units, probes */
};

struct pmu {
	char *name;
	uint32_t type; /* of struct perf_event_attr */
	bool core;     /* a CPU's own: cpu, cpu_core, cpu_atom, armv8_… */
	enum pmu_reach reach;
	char *cpus; /* a core PMU's CPUs, "0-3,8"; "": all */
};

struct pmus {
	char *root;
	size_t n;
	struct pmu *items; /* by name */
};

/* Reads what there is; none at all is fine, too. */
struct pmus *pmus_read(const char *root);
void pmus_free(struct pmus *p);

const struct pmu *pmus_find(const struct pmus *p, const char *name);

/* The names of the CPUs' own PMUs with blanks between; "" none. */
void pmus_core_names(const struct pmus *p, char *ret, size_t size);

/* Whether the CPUs are of several kinds, with a PMU each. */
bool pmus_hybrid(const struct pmus *p);

/*
 * The type of the PMU that this CPU has, where x86's CPUs are of several kinds;
 * 0: none is needed, on Arm the kernel finds it by the CPU (and kernels before
 * 6.6 take none there).
 */
uint32_t pmus_core_type(const struct pmus *p, uint32_t cpu);

/*
 * What perf_event_attr's type and config must be for e on this CPU: those of e,
 * but for generic and raw events where the host has CPUs of several kinds.
 */
void pmus_on_cpu(const struct pmus *p, const struct event_spec *e, uint32_t cpu, uint32_t *type,
		 uint64_t *config);

/*
 * Resolves "pmu/name/", "pmu/event=0x3c,umask=1/", "pmu/config=5/": sets group,
 * kind, type, config, config1, config2 and core of ret.  False: error has one
 * line, for EVENT_ERROR bytes, why not.
 */
bool pmus_resolve(const struct pmus *p, const char *text, struct event_spec *ret, char *error);

/*
 * The names of a PMU's "events", or of its "format" (terms), sorted; NULL ends
 * them.  free() the block.
 */
char **pmu_files(const char *root, const char *pmu, const char *kind);

/* The terms that sysfs has for an event's name, "event=0x3c"; false when it has none. */
bool pmu_event(const char *root, const char *pmu, const char *event, char *ret, size_t size);

/* What each CPU has to count with. */
struct pmu_counters {
	bool known;                                       /* false: what follows is assumed */
	unsigned int general;                             /* each for any event, as good as */
	bool fixed_cycles, fixed_instructions, fixed_ref; /* one more each, for this event only */
	bool watchdog;                                    /* the NMI watchdog has one for cycles */
};

/* False, and no counters: the host has no core PMU. */
bool pmus_counters(const struct pmus *p, struct pmu_counters *ret);

/* The leaves of CPUID that tell of counters, on x86; all 0: they do not. */
struct pmu_cpuid {
	bool amd;
	uint32_t arch_eax, arch_ebx, arch_ecx,
		arch_edx;        /* 0AH: Intel's architectural performance monitoring */
	uint32_t ext_ecx;        /* 8000_0001H */
	uint32_t v2_eax, v2_ebx; /* 8000_0022H: AMD's PerfMonV2 */
};

/* Sets all of ret but watchdog.  Pure. */
void pmu_counters_x86(const struct pmu_cpuid *c, struct pmu_counters *ret);

/*
 * KVM hands the whole PMU to VMs (enable_mediated_pmu).  While an event of a core PMU is open
 * that does not exclude guests, no VM with a PMU can be started: open those of
 * EVENT_HOST only.
 */
bool pmu_mediated(const char *root);

#endif
