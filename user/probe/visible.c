// SPDX-License-Identifier: GPL-2.0-only
#include "visible.h"

#include <stdio.h>
#include <string.h>

#include "../host/hostinfo.h"

static const struct probe_info *probe_named(const struct sample *s, const char *name)
{
	for (unsigned int i = 0; i < s->nprobes; i++)
		if (!strcmp(s->probes[i].name, name))
			return &s->probes[i];
	return NULL;
}

static bool active(const struct sample *s, const char *name)
{
	const struct probe_info *p = probe_named(s, name);

	return p && p->status == PROBE_ACTIVE;
}

static void why_off(struct sample *s, const char *probe)
{
	const struct probe_info *p = probe_named(s, probe);

	snprintf(s->invisible_why, sizeof(s->invisible_why), "%.31s: %.159s", probe, p ? p->reason : "off");
}

void visible_decide(struct sample *s, bool entries_seen, bool uexits_seen)
{
	s->exits_visible = true;
	if (!active(s, "kvm_exit") || !active(s, "kvm_entry")) {
		s->exits_visible = false;
		why_off(s, active(s, "kvm_exit") ? "kvm_entry" : "kvm_exit");
	} else if (!entries_seen && (uexits_seen || !hostinfo_vendor_traces(&s->host))) {
		s->exits_visible = false;
		snprintf(s->invisible_why, sizeof(s->invisible_why),
			 "KVM's vendor module %s fires no kvm_entry and kvm_exit here",
			 s->host.kvm_vendor[0] ? s->host.kvm_vendor : "(unknown)");
	}
	/* without it each state's time would hold that of threads that do not run */
	if (!active(s, "sched_switch")) {
		why_off(s, "sched_switch");
		return;
	}
	s->visible = 1U << VMP_IDLE | 1U << VMP_BLOCKED | 1U << VMP_RUNNING;
	if (active(s, "sched_wakeup"))
		s->visible |= 1U << VMP_WAIT;
	if (active(s, "kvm_vcpu_wakeup"))
		s->visible |= 1U << VMP_POLL;
	if (s->exits_visible)
		s->visible |= 1U << VMP_GUEST | 1U << VMP_KVM | 1U << VMP_VMM;
}
