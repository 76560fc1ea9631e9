/* SPDX-License-Identifier: GPL-2.0-only */
/* Whether two samples are equal, member by member. */
#ifndef VMPERF_TESTS_SAMPLE_SAME_H
#define VMPERF_TESTS_SAMPLE_SAME_H

#include <string.h>

#include "model/sample.h"

/* The first member that differs; NULL: none does. */
#define SAME(x)                                                                                              \
	do {                                                                                                 \
		if (a->x != b->x)                                                                            \
			return #x;                                                                           \
	} while (0)
#define SAME_TEXT(x)                                                                                         \
	do {                                                                                                 \
		if (strcmp(a->x, b->x) != 0)                                                                 \
			return #x;                                                                           \
	} while (0)
/* A list of numbers without gaps between them; unknown (NULL) is not the same as empty. */
#define SAME_LIST(x, n)                                                                                      \
	do {                                                                                                 \
		if (!a->x != !b->x || (a->x && memcmp(a->x, b->x, (n) * sizeof(*a->x)) != 0))                \
			return #x;                                                                           \
	} while (0)
#define SAME_ARRAY(x)                                                                                        \
	do {                                                                                                 \
		if (memcmp(a->x, b->x, sizeof(a->x)) != 0)                                                   \
			return #x;                                                                           \
	} while (0)
#define SAME_EACH(x, n, fn)                                                                                  \
	do {                                                                                                 \
		SAME(n);                                                                                     \
		for (uint32_t each = 0; each < a->n; each++) {                                               \
			const char *found = fn(&a->x[each], &b->x[each]);                                    \
                                                                                                             \
			if (found)                                                                           \
				return found;                                                                \
		}                                                                                            \
	} while (0)

static inline const char *same_probe(const struct probe_info *a, const struct probe_info *b)
{
	SAME_TEXT(name);
	SAME(status);
	SAME_TEXT(reason);
	return NULL;
}

static inline const char *same_event(const struct sample_event *a, const struct sample_event *b)
{
	SAME_TEXT(name);
	SAME(mode);
	SAME(kind);
	SAME(whole);
	SAME(gauge);
	SAME(counted);
	SAME_TEXT(why);
	return NULL;
}

static inline const char *same_times(const struct vmp_times *a, const struct vmp_times *b)
{
	SAME(ns);
	SAME(max_ns);
	SAME_ARRAY(hist);
	return NULL;
}

static inline const char *same_exit(const struct vmp_exit *a, const struct vmp_exit *b)
{
	SAME(code);
	SAME(count);
	SAME_ARRAY(ns);
	SAME(max_ns);
	SAME(bucket);
	SAME_ARRAY(hist);
	return NULL;
}

static inline const char *same_vcpu(const struct sample_vcpu *a, const struct sample_vcpu *b)
{
	SAME(tid);
	SAME(id);
	SAME(isa);
	SAME(first_ns);
	SAME(end_ns);
	SAME(observed_ns);
	SAME_ARRAY(ledger);
	if (same_times(&a->halts, &b->halts))
		return "halts";
	if (same_times(&a->wakes, &b->wakes))
		return "wakes";
	SAME(ncpus);
	SAME_LIST(cpu_ns, a->ncpus);
	SAME(cpu);
	SAME(moves);
	SAME(node_moves);
	SAME(unpaired);
	SAME(backwards);
	SAME_ARRAY(flags);
	SAME_EACH(exits, nexits, same_exit);
	SAME_ARRAY(uexits);
	SAME(nevents);
	SAME_LIST(events, a->nevents);
	return NULL;
}

static inline const char *same_thread(const struct sample_thread *a, const struct sample_thread *b)
{
	SAME(tid);
	SAME(class);
	SAME(start_ns);
	SAME(cpu_ns);
	SAME(wait_ns);
	SAME(switches);
	SAME(migrations);
	SAME(cpu);
	SAME(nevents);
	SAME_LIST(events, a->nevents);
	return NULL;
}

static inline const char *same_pin(const struct sample_pin *a, const struct sample_pin *b)
{
	SAME(kind);
	SAME(id);
	SAME_TEXT(cpus);
	return NULL;
}

static inline const char *same_vm(const struct sample_vm *a, const struct sample_vm *b)
{
	SAME(pid);
	SAME(start_ns);
	SAME_TEXT(name);
	SAME_TEXT(uuid);
	SAME_TEXT(vmm);
	SAME_TEXT(machine);
	SAME(vpmu);
	for (int i = 0; i < META_KINDS; i++)
		if (!a->meta[i] != !b->meta[i] || (a->meta[i] && strcmp(a->meta[i], b->meta[i]) != 0))
			return "meta";
	SAME(ended);
	SAME_EACH(vcpus, nvcpus, same_vcpu);
	if (same_vcpu(&a->gone, &b->gone))
		return "gone";
	SAME_EACH(threads, nthreads, same_thread);
	SAME_ARRAY(gone_threads);
	SAME(nevents);
	SAME_LIST(gone_events, (size_t)a->nevents * THREAD_CLASSES);
	SAME_LIST(events, a->nevents);
	SAME(pins_known);
	SAME_EACH(pins, npins, same_pin);
	return NULL;
}

static inline const char *same_sample(const struct sample *a, const struct sample *b)
{
	SAME(begin_ns);
	SAME(mono_ns);
	SAME(real_ns);
	SAME_TEXT(host.hostname);
	SAME_TEXT(host.kernel);
	SAME_TEXT(host.arch);
	SAME(host.cpus);
	SAME(host.kvm_loaded);
	SAME_TEXT(host.kvm_vendor);
	SAME(load_known);
	SAME_ARRAY(load);
	SAME(visible);
	SAME(exits_visible);
	SAME_TEXT(invisible_why);
	SAME_EACH(probes, nprobes, same_probe);
	SAME_ARRAY(loss);
	SAME_EACH(events, nevents, same_event);
	SAME(threads_visible);
	SAME(ncpus);
	SAME_LIST(cpu_node, a->ncpus);
	SAME_EACH(vms, nvms, same_vm);
	return NULL;
}

#endif
