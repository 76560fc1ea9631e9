// SPDX-License-Identifier: GPL-2.0-only
#include "features.h"

#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>

#include "../host/hostinfo.h"

/* kvm, and the vendor's module */
#define KVM_BTFS 2

static struct {
	bool read;
	struct btf *vmlinux;
	struct btf *kvm[KVM_BTFS]; /* NULL: built in, or not loaded */
} cache;

static int quiet(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	(void)level, (void)fmt, (void)ap;
	return 0;
}

static void read_all(void)
{
	struct host_info host;
	libbpf_print_fn_t old;

	if (cache.read)
		return;
	cache.read = true;
	/* that there is none is an answer here, not an error to print */
	old = libbpf_set_print(quiet);
	cache.vmlinux = btf__load_vmlinux_btf();
	if (libbpf_get_error(cache.vmlinux))
		cache.vmlinux = NULL;
	hostinfo_read(&host);
	for (int i = 0; cache.vmlinux && i < KVM_BTFS; i++) {
		const char *name = i ? host.kvm_vendor : "kvm";

		if (!*name || (i && !strcmp(name, "kvm")))
			continue;
		cache.kvm[i] = btf__load_module_btf(name, cache.vmlinux);
		if (libbpf_get_error(cache.kvm[i]))
			cache.kvm[i] = NULL;
	}
	libbpf_set_print(old);
}

void features_close(void)
{
	for (int i = 0; i < KVM_BTFS; i++) {
		btf__free(cache.kvm[i]);
		cache.kvm[i] = NULL;
	}
	btf__free(cache.vmlinux);
	cache.vmlinux = NULL;
	cache.read = false;
}

/*
 * The id of a type, and in *btf where it was found; 0: nowhere.  A look into a
 * module's BTF falls through to vmlinux, on which it is based.
 */
static __u32 find(const char *name, __u32 kind, bool modules, const struct btf **btf)
{
	__s32 id;

	read_all();
	if (!cache.vmlinux)
		return 0;
	*btf = cache.vmlinux;
	id = btf__find_by_name_kind(cache.vmlinux, name, kind);
	for (int i = 0; id <= 0 && modules && i < KVM_BTFS; i++) {
		if (!cache.kvm[i])
			continue;
		*btf = cache.kvm[i];
		id = btf__find_by_name_kind(cache.kvm[i], name, kind);
	}
	return id > 0 ? (__u32)id : 0;
}

bool features_btf(void)
{
	read_all();
	return cache.vmlinux != NULL;
}

bool features_kvm_builtin(void)
{
	const struct btf *btf;

	/* a vendor's module on a built-in kvm is possible, then its types are the module's */
	return find("btf_trace_kvm_userspace_exit", BTF_KIND_TYPEDEF, false, &btf) && !cache.kvm[0] &&
	       !cache.kvm[1];
}

bool features_tracepoint(const char *name, unsigned int *arity)
{
	const struct btf_type *t;
	const struct btf *btf;
	char type[128];
	__u32 id;

	snprintf(type, sizeof(type), "btf_trace_%s", name);
	id = find(type, BTF_KIND_TYPEDEF, true, &btf);
	if (!id)
		return false;
	/* typedef -> pointer -> prototype, whose first parameter is the tracepoint's own void * */
	t = btf__type_by_id(btf, btf__type_by_id(btf, id)->type);
	t = t && btf_is_ptr(t) ? btf__type_by_id(btf, t->type) : NULL;
	if (!t || !btf_is_func_proto(t))
		return false;
	if (arity)
		*arity = btf_vlen(t) ? btf_vlen(t) - 1U : 0;
	return true;
}

bool features_function(const char *name)
{
	const struct btf *btf;

	return find(name, BTF_KIND_FUNC, false, &btf) != 0;
}

static bool has_member(const struct btf *btf, __u32 id, const char *field, int depth)
{
	const struct btf_type *t = btf__type_by_id(btf, id);
	const struct btf_member *m;

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(btf, t->type);
	if (!t || !btf_is_composite(t) || depth > 8)
		return false;
	m = btf_members(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, m[i].name_off);

		if (name && *name ? !strcmp(name, field) : has_member(btf, m[i].type, field, depth + 1))
			return true;
	}
	return false;
}

bool features_field(const char *type, const char *field)
{
	const struct btf *btf;
	__u32 id = find(type, BTF_KIND_STRUCT, true, &btf);

	return id && (!field || has_member(btf, id, field, 0));
}

bool features_vmlinux(const char *type)
{
	const struct btf *btf;

	return find(type, BTF_KIND_STRUCT, false, &btf) != 0;
}

bool features_enum(const char *type, const char *value)
{
	const struct btf *btf;
	const struct btf_type *t;
	const struct btf_enum *e;
	__u32 id = find(type, BTF_KIND_ENUM, false, &btf);

	if (!id)
		return false;
	t = btf__type_by_id(btf, id);
	e = btf_enum(t);
	for (int i = 0; i < btf_vlen(t); i++) {
		const char *name = btf__name_by_offset(btf, e[i].name_off);

		if (name && !strcmp(name, value))
			return true;
	}
	return false;
}

void features_read(struct features *ret)
{
	*ret = (struct features){.btf = features_btf()};
	if (!ret->btf)
		return;
	ret->kvm_builtin = features_kvm_builtin();
	ret->entry = features_tracepoint("kvm_entry", NULL);
	ret->exit = features_tracepoint("kvm_exit", &ret->exit_arity);
	ret->userspace_exit = features_tracepoint("kvm_userspace_exit", NULL);
	ret->sched = features_tracepoint("sched_switch", NULL) && features_tracepoint("sched_wakeup", NULL) &&
		     features_field("task_struct", "preempt_notifiers") && features_field("kvm_vcpu", "wait");
	ret->halt_end = features_tracepoint("kvm_vcpu_wakeup", NULL);
	ret->run_delay = features_field("sched_info", "run_delay");
	ret->reason_svm =
		features_field("vcpu_svm", "vmcb") && features_field("vmcb_control_area", "exit_code");
	/* in vcpu_vmx itself, or since 6.16 in the part that it shares with TDX */
	ret->reason_vmx = features_field("vcpu_vmx", "exit_reason") ||
			  (features_field("vcpu_vmx", "vt") && features_field("vcpu_vt", "exit_reason"));
	ret->task_storage = features_enum("bpf_map_type", "BPF_MAP_TYPE_TASK_STORAGE");
	ret->iterators = features_function("bpf_iter_task_file");
	ret->task_fields = features_field("task_struct", "start_boottime") &&
			   features_field("task_struct", "group_leader") &&
			   features_field("task_struct", "tgid");
}
