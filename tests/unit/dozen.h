/* SPDX-License-Identifier: GPL-2.0-only */
/* A made-up host with a dozen VMs, each with a trouble of its own, and its last minutes. */
#ifndef VMPERF_TESTS_DOZEN_H
#define VMPERF_TESTS_DOZEN_H

#include "counting_hosts.h"
#include "tui/history.h"

/* Places in the list of dozen_events(). */
enum { DOZEN_CYCLES, DOZEN_INSTRUCTIONS = 2, DOZEN_LLC = 4, DOZEN_FAULTS = 6, DOZEN_CMT, DOZEN_MBMT };

static inline void dozen_events(struct sample *s)
{
	apart(s, "cycles", EVENT_CYCLES);
	apart(s, "instructions", EVENT_INSTRUCTIONS);
	apart(s, "LLC-load-misses", EVENT_LLC_MISSES);
	sample_event(s, "page-faults", EVENT_BOTH, EVENT_OTHER);
	sample_event(s, "cmt", EVENT_BOTH, EVENT_LLC_OCCUPANCY)->gauge = true;
	sample_event(s, "mbmt", EVENT_BOTH, EVENT_BANDWIDTH);
	s->events[DOZEN_CMT].whole = s->events[DOZEN_MBMT].whole = true;
	sample_event(s, "stalled-cycles-backend", EVENT_GUEST, EVENT_STALLED_BACKEND);
	not_counted(s, "this CPU does not have it");
}

/* ms on a CPU at 3 GHz, a twentieth of it the host's; tenths: instructions for ten cycles. */
static inline void dozen_counts(struct vmp_count **events, uint32_t *n, uint64_t ms, uint64_t tenths)
{
	uint64_t host = ms * 150000, guest = ms * 2850000, ns = ms * MS;

	sample_count(events, n, DOZEN_CYCLES, guest, ns, ns);
	sample_count(events, n, DOZEN_CYCLES + 1, host, ns, ns);
	sample_count(events, n, DOZEN_INSTRUCTIONS, guest / 10 * tenths, ns, ns);
	sample_count(events, n, DOZEN_INSTRUCTIONS + 1, host / 2, ns, ns);
	sample_count(events, n, DOZEN_LLC, guest / 200 / tenths, ns, ns / 4 * 3);
	sample_count(events, n, DOZEN_LLC + 1, host / 100, ns, ns / 4 * 3);
	sample_count(events, n, DOZEN_FAULTS, ms / 10, ns, ns);
}

/* What mixed_vms() made, its events; memory is what one of them lives on. */
static inline void dozen_count(struct sample *s, uint64_t scale)
{
	for (uint32_t i = 0; i < s->nvms; i++) {
		struct sample_vm *vm = &s->vms[i];
		uint64_t tenths = 3 + i * 2;

		for (uint32_t j = 0; j < vm->nvcpus; j++) {
			struct sample_vcpu *v = &vm->vcpus[j];
			uint64_t ns = v->ledger[VMP_GUEST] + v->ledger[VMP_KVM] + v->ledger[VMP_VMM];

			dozen_counts(&v->events, &v->nevents, ns / MS, tenths);
		}
		for (uint32_t j = 0; j < vm->nthreads; j++) {
			struct sample_thread *t = &vm->threads[j];

			dozen_counts(&t->events, &t->nevents, t->cpu_ns / MS, tenths);
		}
		sample_count(&vm->events, &vm->nevents, DOZEN_CMT, (i + 1) * 1500000, 1, 1);
		sample_count(&vm->events, &vm->nevents, DOZEN_MBMT, (i * i * 200000000 + 5000000) * scale, 1,
			     1);
	}
}

static inline void dozen_more(struct sample *s, uint64_t scale)
{
	static const char *const about[META_KINDS] = {[META_TITLE] = "Shop, first of three"};
	struct sample_vm *vm;
	struct sample_vcpu *v;

	/* a web server: many different exits */
	vm = sample_vm(s, "web-1", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", 9000);
	sample_about(vm, "pc-q35-7.2", VPMU_ON, about);
	for (uint32_t i = 0; i < 2; i++) {
		v = sample_vcpu(vm, VMP_ISA_SVM);
		for (uint64_t k = 0; k < 6; k++)
			sample_exits(v, 0x400, (3000 >> k) * scale, (2 * US) << k, 0);
		sample_exits(v, 0x7b, 900 * scale, 3 * US, 60 * US);
		sample_exits(v, 0x7b, 40 * scale, 3 * US, 900 * US);
		sample_uexits(v, 2, 940 * scale, (900 * 60 * US + 40 * 900 * US) * scale);
		sample_exits(v, 0x7c, 5000 * scale, 900, 0);
		sample_exits(v, 0x60, 2500 * scale, 1300, 0);
		sample_exits(v, 0x402, 300 * scale, 800, 0);
		sample_exits(v, 0x72, 12 * scale, 600, 0);
		sample_halts(v, 0x78, 700 * scale, 3 * US, 900 * US, 12 * US);
		sample_halted(v, 0x78, VMP_WAIT, 4 * MS * scale);
		sample_rest(v, 2 * SECOND * scale);
		sample_cpu(v, 8, 2 + 4 * i, 1200 * MS * scale);
		v->moves = 30 * scale;
	}
	threads(vm, 2, 1200 * scale, 4 * scale, 300 * scale);
	sample_pin(vm, PIN_VCPU, 0, "2");
	sample_pin(vm, PIN_VCPU, 1, "6");

	/* one that is as it should be, and large */
	vm = sample_vm(s, "db-production", "00000000-0000-4000-8000-000000000001", 9500);
	for (uint32_t i = 0; i < 8; i++) {
		v = sample_vcpu(vm, VMP_ISA_SVM);
		sample_exits(v, 0x60, 500 * scale, 1400, 0);
		sample_exits(v, 0x400, 200 * scale, 3 * US, 0);
		sample_halts(v, 0x78, 90 * scale, 2 * US, (5 + i) * MS, 9 * US);
		sample_rest(v, 2 * SECOND * scale);
		sample_cpu(v, 8, i, (2000 - 90 * (5 + i)) * MS * scale);
		v->moves = 5 * scale;
	}
	threads(vm, 8, 1400 * scale, 2 * scale, 200 * scale);

	/* serial console, one character at a time */
	vm = sample_vm(s, "legacy-console", "", 9600);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_exits(v, 0x7b, 9000 * scale, 3 * US, 22 * US);
	sample_uexits(v, 2, 9000 * scale, 9000 * 22 * US * scale);
	sample_halts(v, 0x78, 100 * scale, 3 * US, 12 * MS, 15 * US);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 5, 800 * MS * scale);
	threads(vm, 1, 800 * scale, 0, 0);

	/* a name from a hostile world */
	vm = sample_vm(s, "\033[31m測試虛擬機器-的名字很長很長", "", 9700);
	v = sample_vcpu(vm, VMP_ISA_SVM);
	sample_halts(v, 0x78, 40 * scale, 4 * US, 49 * MS, 30 * US);
	sample_rest(v, 2 * SECOND * scale);
	sample_cpu(v, 8, 7, 40 * MS * scale);
	threads(vm, 1, 40 * scale, 0, 0);
}

static inline void dozen_sample(struct sample *s, uint64_t scale)
{
	static const struct {
		const char *name;
		enum probe_status status;
		const char *reason;
	} probes[] = {
		{"kvm_entry", PROBE_ACTIVE, ""},
		{"sched_switch", PROBE_ACTIVE, ""},
		{"sched_waking", PROBE_ACTIVE, ""},
		{"kvm_halt_poll_ns", PROBE_UNAVAILABLE,
		 "this kernel does not have it, polling is counted as idle"},
		{"resctrl", PROBE_OFF, ""},
	};

	mixed_vms(s, scale);
	dozen_more(s, scale);
	dozen_events(s);
	dozen_count(s, scale);
	s->load_known = true;
	s->load[0] = 1234;
	s->load[1] = 987;
	s->load[2] = 450;
	for (unsigned int i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		struct probe_info *p = &s->probes[s->nprobes++];

		snprintf(p->name, sizeof(p->name), "%s", probes[i].name);
		snprintf(p->reason, sizeof(p->reason), "%s", probes[i].reason);
		p->status = probes[i].status;
	}
	s->loss[VMP_LOSS_UNPAIRED] = 3 * scale;
}

static inline void dozen(struct pair *p)
{
	both(p, "kvm_amd", "x86_64", ALL_STATES);
	dozen_sample(&p->a, 1);
	dozen_sample(&p->b, 2);
}

/* A thousandth from 0 to 1000 that goes up and down with time, for each VM in its own way. */
static inline uint32_t dozen_wave(unsigned int age, uint32_t pid)
{
	uint32_t x = (age * 37 + pid / 10) % 1000, y = (age * age * 13 + pid) % 400;

	x = x < 500 ? 2 * x : 2000 - 2 * x;
	return (x * 3 + y) / 4 < 1000 ? (x * 3 + y) / 4 : 1000;
}

/*
 * The past of a view: n intervals of its length, the last one the view's own.
 * Handling times were longer a while ago.
 */
static inline void dozen_past(struct history *h, const struct view *v, unsigned int n)
{
	for (unsigned int age = n; age-- > 0;) {
		struct digest *d = digest_make(v);

		d->real_ns -= age * d->interval_ns;
		for (uint32_t i = 0; age && i < d->nvms; i++) {
			uint32_t wave = dozen_wave(age, d->vms[i].pid);

			if (d->vms[i].busy > 0)
				d->vms[i].busy *= 0.4F + 0.6F * (float)wave / 1000;
			for (uint32_t k = d->vms[i].first; k < d->vms[i].first + d->vms[i].nexits; k++) {
				struct digest_exit *e = &d->exits[k];

				e->count = e->count / 4 + (uint32_t)((uint64_t)e->count * wave / 1000);
				for (uint32_t j = 0; j < e->n; j++)
					d->buckets[e->at + j] =
						(uint32_t)((uint64_t)d->buckets[e->at + j] * wave / 1000);
				if (age > 20 && age < 30)
					e->first += 2;
			}
		}
		history_add(h, d);
	}
}

#endif
