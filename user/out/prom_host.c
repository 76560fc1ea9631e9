// SPDX-License-Identifier: GPL-2.0-only
/* Prometheus' series of the host, and of the exporter itself. */
#include <string.h>

#include "../model/loss.h"
#include "prom_parts.h"

static void gauge(struct prom_text *t, const char *name, const char *help, double d)
{
	prom_family(t, name, PROM_GAUGE, help);
	prom_begin(t, NULL);
	prom_real(t, d);
}

static void one_count(struct prom_text *t, const char *name, enum prom_type type, const char *help,
		      uint64_t n)
{
	prom_family(t, name, type, help);
	prom_begin(t, NULL);
	prom_count(t, n);
}

static void probes(struct prom_text *t, const struct view *v)
{
	static const char *const states[] = {
		[PROBE_OFF] = "off",
		[PROBE_ACTIVE] = "active",
		[PROBE_UNAVAILABLE] = "unavailable",
		[PROBE_FAILED] = "failed",
	};

	prom_family(
		t, PROM_PREFIX "probe_active", PROM_GAUGE,
		"Whether a BPF program is attached and able to fire: 1, else 0; vmperf doctor tells why.");
	for (unsigned int i = 0; i < v->nprobes; i++) {
		const struct probe_info *probe = &v->probes[i];
		struct buf labels = {0};
		bool again = false;

		/* a record has any names */
		for (unsigned int k = 0; k < i; k++)
			again |= !strcmp(v->probes[k].name, probe->name);
		if (again)
			continue;
		prom_label(&labels, true, "probe", probe->name);
		prom_label(&labels, false, "state",
			   (unsigned int)probe->status <= PROBE_FAILED ? states[probe->status] : "unknown");
		prom_begin(t, NULL);
		prom_labels(t, labels.data, labels.len);
		prom_count(t, probe->status == PROBE_ACTIVE);
		buf_free(&labels);
	}
}

void prom_host(struct prom_text *t, const struct view *v, const struct prom_self *self)
{
	struct buf labels = {0};
	uint64_t vms = self ? self->other_vms : 0;

	for (uint32_t i = 0; i < v->nvms; i++)
		vms += !tally_is_other(&v->vms[i]) && !v->vms[i].ended;
	one_count(t, PROM_PREFIX "vms", PROM_GAUGE, "VMs that run here.", vms);
	prom_label(&labels, true, "version", VMPERF_VERSION);
	prom_label(&labels, false, "kernel", v->host.kernel);
	prom_label(&labels, false, "kvm", v->host.kvm_vendor);
	prom_family(t, PROM_PREFIX "build", PROM_INFO,
		    "vmperf's version, the kernel's, and KVM's vendor module.");
	prom_begin(t, NULL);
	prom_labels(t, labels.data, labels.len);
	prom_count(t, 1);
	buf_free(&labels);
	probes(t, v);
	prom_family(t, PROM_PREFIX "loss", PROM_COUNTER, "What could not be counted, by cause.");
	for (int i = 0; i < VMP_LOSSES; i++) {
		prom_label(&labels, true, "cause", loss_name((enum vmp_loss)i));
		prom_begin(t, NULL);
		prom_labels(t, labels.data, labels.len);
		prom_count(t, v->loss[i]);
		buf_free(&labels);
	}
}

void prom_own(struct prom_text *t, const struct prom_self *s)
{
	one_count(t, PROM_PREFIX "vms_in_other", PROM_GAUGE,
		  "VMs without series of their own, added up in domain=\"other\".", s->other_vms);
	one_count(t, PROM_PREFIX "scrapes", PROM_COUNTER,
		  "Pages made; requests in quick succession share one.", s->scrapes);
	if (s->scrapes)
		gauge(t, PROM_PREFIX "scrape_duration_seconds",
		      "Time that making the page before this one took.", s->scrape_seconds);
	if (s->textfile)
		return;
	one_count(t, PROM_PREFIX "http_requests", PROM_COUNTER, "HTTP requests.", s->requests);
	one_count(t, PROM_PREFIX "http_errors", PROM_COUNTER, "HTTP requests that were answered by an error.",
		  s->refused);
	prom_family(t, "process_cpu_seconds", PROM_COUNTER, "CPU time of the exporter, user and system.");
	prom_begin(t, NULL);
	prom_real(t, s->cpu_seconds);
	if (s->resident_bytes)
		one_count(t, "process_resident_memory_bytes", PROM_GAUGE, "Resident memory of the exporter.",
			  s->resident_bytes);
	if (s->open_fds)
		one_count(t, "process_open_fds", PROM_GAUGE, "Open file descriptors of the exporter.",
			  s->open_fds);
	gauge(t, "process_start_time_seconds", "Start of the exporter, in seconds since 1970.",
	      s->start_seconds);
}
