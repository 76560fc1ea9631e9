// SPDX-License-Identifier: GPL-2.0-only
#include "doctor.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../probe/sampling.h"
#include "cmd.h"

#define WIDTH  80
#define INDENT 31

static const struct {
	const char *name;
	const char *color; /* SGR */
} statuses[] = {
	[CHECK_OK] = {"ok", "32"},
	[CHECK_DEGRADED] = {"degraded", "33"},
	[CHECK_MISSING] = {"missing", "31"},
};

static void check_tracepoints(const struct features *f, const struct host_info *host, struct checks *c)
{
	struct check *k;

	if (!host->kvm_loaded)
		return;
	if (f->entry && f->exit && f->userspace_exit) {
		checks_add(c, CHECK_OK, "tracepoints", "kvm_entry kvm_exit(%u) kvm_userspace_exit",
			   f->exit_arity);
		return;
	}
	k = checks_add(c, f->entry || f->exit || f->userspace_exit ? CHECK_DEGRADED : CHECK_MISSING,
		       "tracepoints", "lacks%s%s%s", f->entry ? "" : " kvm_entry", f->exit ? "" : " kvm_exit",
		       f->userspace_exit ? "" : " kvm_userspace_exit");
	check_reason(k, "what they tell is not visible; the type information names no such tracepoint");
	check_remedy(k, "run a kernel built with CONFIG_TRACEPOINTS=y, and see kvm-btf above");
}

static void check_scheduler(const struct features *f, const struct host_info *host, struct checks *c)
{
	struct check *k;

	if (!host->kvm_loaded)
		return;
	if (f->sched && f->halt_end && f->run_delay) {
		checks_add(c, CHECK_OK, "scheduler", "sched_switch sched_wakeup kvm_vcpu_wakeup");
		return;
	}
	k = checks_add(c, f->sched ? CHECK_DEGRADED : CHECK_MISSING, "scheduler", "lacks%s%s%s",
		       f->sched ? "" : " sched_switch", f->halt_end ? "" : " kvm_vcpu_wakeup",
		       f->run_delay ? "" : " sched_info");
	check_reason(k, !f->sched      ? "time off the CPU cannot be told from handling: nothing is measured"
			: !f->halt_end ? "halt polling is not told from handling"
				       : "the waiting of threads other than vCPUs' is not visible");
	check_remedy(k, "run a kernel built with CONFIG_TRACEPOINTS=y, CONFIG_SCHED_INFO=y and "
			"CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

static void check_reasons(const struct features *f, const struct host_info *host, struct checks *c)
{
	bool intel = !strcmp(host->kvm_vendor, "kvm_intel");
	struct check *k;

	if (!host->kvm_loaded || !(intel || !strcmp(host->kvm_vendor, "kvm_amd")))
		return;
	if (intel ? f->reason_vmx : f->reason_svm) {
		checks_add(c, CHECK_OK, "exit-reasons", "%s", intel ? "vcpu_vmx" : "vcpu_svm");
		return;
	}
	k = checks_add(c, CHECK_DEGRADED, "exit-reasons", "no %s", intel ? "vcpu_vmx" : "vcpu_svm");
	check_reason(k, "exits are counted and timed, but their reasons cannot be told apart");
	check_remedy(k, "run a kernel built with CONFIG_DEBUG_INFO_BTF_MODULES=y");
}

void doctor_features(const struct features *f, const struct host_info *host, struct checks *ret)
{
	struct check *k;

	if (!f->btf)
		return;
	check_tracepoints(f, host, ret);
	check_scheduler(f, host, ret);
	check_reasons(f, host, ret);
	if (f->task_storage && f->task_fields) {
		checks_add(ret, CHECK_OK, "task-storage", "yes");
	} else {
		k = checks_add(ret, CHECK_MISSING, "task-storage", "no");
		check_reason(k, "the kernel cannot keep counters with a thread: nothing can be measured");
		check_remedy(k, "run a kernel from 5.15 on, built with CONFIG_BPF_SYSCALL=y");
	}
	if (f->iterators) {
		checks_add(ret, CHECK_OK, "bpf-iterators", "task_file");
	} else {
		k = checks_add(ret, CHECK_DEGRADED, "bpf-iterators", "no task_file");
		check_reason(k, "VMs are seen from their first exit on; vCPU numbers may be unknown");
		check_remedy(k, "run a kernel from 5.15 on");
	}
}

/* Words of text in lines that begin at INDENT, after the line that stands already. */
static void wrap(struct buf *b, const char *lead, const char *text)
{
	size_t column = INDENT + strlen(lead);
	struct buf s = {0};
	bool first = true;

	buf_escape(&s, text, strlen(text));
	buf_printf(b, "%*s%s", INDENT, "", lead);
	for (const char *p = s.data; p && *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");

		if (!first && column + 1 + n > WIDTH) {
			buf_printf(b, "\n%*s", INDENT, "");
			column = INDENT;
		} else if (!first) {
			buf_puts(b, " ");
			column++;
		}
		buf_add(b, p, n);
		column += n;
		first = false;
		p += n;
	}
	buf_puts(b, "\n");
	buf_free(&s);
}

void doctor_table(const struct checks *c, bool color, struct buf *b)
{
	unsigned int count[sizeof(statuses) / sizeof(statuses[0])] = {0};

	for (size_t i = 0; i < c->n; i++) {
		const struct check *k = &c->items[i];

		if (color)
			buf_printf(b, "\033[%sm", statuses[k->status].color);
		buf_printf(b, "%-8s", statuses[k->status].name);
		if (color)
			buf_puts(b, "\033[0m");
		buf_printf(b, "  %-20s ", k->name);
		buf_escape(b, k->value, strlen(k->value));
		buf_puts(b, "\n");
		if (*k->reason)
			wrap(b, "", k->reason);
		if (*k->remedy)
			wrap(b, "fix: ", k->remedy);
		count[k->status]++;
	}
	buf_printf(b, "%u ok, %u degraded, %u missing\n", count[CHECK_OK], count[CHECK_DEGRADED],
		   count[CHECK_MISSING]);
}

/* A JSON string of bytes that need not be UTF-8. */
static json_t *text(const char *s)
{
	struct buf b = {0};
	json_t *j;

	buf_escape(&b, s, strlen(s));
	j = json_string(b.data ? b.data : "");
	buf_free(&b);
	return j;
}

void doctor_json(const struct checks *c, struct buf *b)
{
	json_t *root = json_object(), *list = json_array();
	char *s;

	json_object_set_new(root, "schema", json_integer(1));
	json_object_set_new(root, "checks", list);
	for (size_t i = 0; i < c->n; i++) {
		const struct check *k = &c->items[i];
		json_t *o = json_object();

		json_object_set_new(o, "name", text(k->name));
		json_object_set_new(o, "status", text(statuses[k->status].name));
		json_object_set_new(o, "value", text(k->value));
		json_object_set_new(o, "reason", text(k->reason));
		json_object_set_new(o, "remedy", text(k->remedy));
		json_array_append_new(list, o);
	}
	s = json_dumps(root, JSON_INDENT(2));
	if (s)
		buf_puts(b, s);
	buf_puts(b, "\n");
	free(s);
	json_decref(root);
}

/* Tries it, for a moment and without taking a sample. */
static void check_profiles(const struct host_info *host, struct checks *c)
{
	struct sampling_options o = {.freq = 1};
	const struct sampling_info *info;
	struct sampling *sampling;
	struct pmus *pmus;
	struct check *k;
	char why[200];
	bool cycles;

	if (!host->kvm_loaded)
		return;
	o.pmus = pmus = pmus_read("");
	if (sampling_open(&o, &sampling, why, sizeof(why))) {
		k = checks_add(c, CHECK_MISSING, "profiles", "no");
		check_reason(k, "%s", why);
	} else {
		info = sampling_info(sampling);
		cycles = !strcmp(info->event, "cycles");
		k = checks_add(c, cycles ? CHECK_OK : CHECK_DEGRADED, "profiles", "%s, %s", info->event,
			       info->way == SAMPLING_SUMMED ? "summed in the kernel"
							    : "through perf's ring buffers");
		if (!cycles) {
			check_reason(k, "%s", info->why);
			check_remedy(k, "none is needed: samples come by time instead of by cycles");
		}
		sampling_close(sampling);
	}
	pmus_free(pmus);
}

int cmd_doctor(const struct settings *s)
{
	struct host_info host;
	struct checks c = {0};
	struct features f;
	struct buf b = {0};
	int status;

	hostinfo_read(&host);
	features_read(&f);
	features_close();
	checks_host("", &host, &c);
	doctor_features(&f, &host, &c);
	check_profiles(&host, &c);
	if (s->format == FORMAT_JSON)
		doctor_json(&c, &b);
	else
		doctor_table(&c, output_colored(s->color), &b);
	status = output_write(b.data, b.len) ? STATUS_DONE : STATUS_FAILED;
	buf_free(&b);
	checks_free(&c);
	return status;
}
