// SPDX-License-Identifier: GPL-2.0-only
#include "vms.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "argv.h"
#include "libvirt.h"
#include "meta.h"
#include "proc.h"
#include "state.h"
#include "vpmu.h"

/* Where a name comes from: a better one replaces it, a worse one never does. */
enum source { FROM_EXE, FROM_ARGV, FROM_LIBVIRT };

struct vm {
	struct vm_id id;
	struct vm_names names;
	enum source source;
	enum argv_pmu pmu; /* what the VMM was told */
	uid_t uid;
	bool domain; /* libvirt's API knows it */
	bool ended;  /* or its pid is another's: /proc is not asked any more */
	/* the tables that names was made of */
	unsigned long api, state;
};

struct vms {
	struct vms_options o;
	size_t n, room;
	struct vm **vm; /* by id */
	struct state *state;
	struct libvirt *libvirt;
	bool tried;          /* to start libvirt */
	enum vpmu_host vpmu; /* as it was when the first VM was met */
};

static int compare(struct vm_id a, struct vm_id b)
{
	if (a.pid != b.pid)
		return a.pid < b.pid ? -1 : 1;
	if (a.start_ns != b.start_ns)
		return a.start_ns < b.start_ns ? -1 : 1;
	return 0;
}

/* Where id is, or belongs. */
static size_t place(const struct vms *v, struct vm_id id)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (compare(v->vm[mid]->id, id) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct vm *add(struct vms *v, size_t at, struct vm_id id)
{
	struct vm *vm = mem_zalloc(1, sizeof(*vm));

	if (v->n == v->room) {
		v->room = v->room ? v->room * 2 : 16;
		v->vm = mem_resize(v->vm, v->room, sizeof(struct vm *));
	}
	memmove(v->vm + at + 1, v->vm + at, (v->n - at) * sizeof(struct vm *));
	v->vm[at] = vm;
	v->n++;
	vm->id = id;
	vm->uid = (uid_t)-1;
	return vm;
}

static void vm_free(struct vm *vm)
{
	free(vm->names.name);
	meta_clear(vm->names.meta);
	free(vm);
}

/* Takes name over. */
static void set_name(struct vm *vm, char *name, enum source source)
{
	free(vm->names.name);
	vm->names.name = name;
	vm->source = source;
}

/* The last resort: EXE-PID. */
static void name_by_exe(struct vm *vm, const char *exe)
{
	struct buf name = {0};

	if (vm->source > FROM_EXE)
		return;
	exe = argv_basename(exe);
	buf_printf(&name, "%.*s-%" PRIu32, (int)ARGV_NAME_MAX, exe[0] ? exe : "vm", vm->id.pid);
	set_name(vm, name.data, FROM_EXE);
}

static void set_vpmu(struct vms *v, struct vm *vm)
{
	if (v->vpmu == VPMU_HOST_UNKNOWN)
		v->vpmu = vpmu_host(v->o.root);
	vm->names.vpmu = vpmu_of(vm->pmu, v->vpmu);
}

/* What /proc tells; tried again as long as it tells nothing. */
static void read_proc(struct vms *v, struct vm *vm, const char *comm)
{
	int dir = proc_open(v->o.proc, vm->id.pid);
	struct argv_names args = {0};
	struct proc_stat st = {0};
	char *cmdline = NULL;
	const char *exe = "";
	size_t len = 0;

	if (dir < 0 || !proc_is(dir, vm->id.start_ns, &st)) {
		vm->ended = true;
		st.comm[0] = '\0'; /* another process's */
	} else {
		cmdline = proc_cmdline(dir, &len);
		proc_uid(dir, &vm->uid);
	}
	if (dir >= 0)
		close(dir);
	if (!cmdline && vm->names.name)
		return;
	if (cmdline) {
		argv_parse(cmdline, len, &args);
		exe = cmdline;
		vm->names.known = true;
	}
	if (!argv_basename(exe)[0])
		exe = st.comm[0] ? st.comm : comm ? comm : "";
	argv_vmm(exe, vm->names.vmm, sizeof(vm->names.vmm));
	if (!vm->names.vmm[0])
		strcpy(vm->names.vmm, "vm");
	memcpy(vm->names.uuid, args.uuid, sizeof(vm->names.uuid));
	if (!args.name)
		name_by_exe(vm, exe);
	else if (vm->source <= FROM_ARGV)
		set_name(vm, mem_strdup(args.name), FROM_ARGV);
	memcpy(vm->names.machine, args.machine, sizeof(vm->names.machine));
	vm->pmu = args.pmu;
	set_vpmu(v, vm);
	if (args.kubevirt && args.name)
		meta_kubevirt(vm->names.meta, args.name);
	argv_names_clear(&args);
	free(cmdline);
}

/* What the process was told itself is not told better by libvirt, but may not have been told to us. */
static void take_about(struct vms *v, struct vm *vm)
{
	static const enum argv_pmu asked[] = {
		[VPMU_UNKNOWN] = ARGV_PMU_UNKNOWN,
		[VPMU_OFF] = ARGV_PMU_OFF,
		[VPMU_ON] = ARGV_PMU_ON,
	};
	struct libvirt_about about;

	if (!libvirt_about(v->libvirt, vm->names.uuid, &about))
		return;
	if (!vm->names.machine[0])
		memcpy(vm->names.machine, about.machine, sizeof(about.machine));
	if (vm->pmu == ARGV_PMU_UNKNOWN)
		vm->pmu = asked[about.pmu];
	set_vpmu(v, vm);
	/* QEMU's SMBIOS tables may name KubeVirt where a metadata element does not */
	for (int i = META_NAMESPACE; i <= META_VMI; i++)
		if (!about.meta[i])
			meta_set(about.meta, (enum meta_kind)i, vm->names.meta[i]);
	meta_clear(vm->names.meta);
	memcpy(vm->names.meta, about.meta, sizeof(about.meta));
}

/* A better name, if libvirt has one. */
static void ask_libvirt(struct vms *v, struct vm *vm)
{
	char *name = libvirt_name(v->libvirt, vm->names.uuid);

	/* somebody gave another QEMU the UUID of a domain */
	if (name) {
		uint32_t pid = state_pid(v->state, name);

		if (pid && pid != vm->id.pid) {
			free(name);
			name = NULL;
		}
	}
	vm->domain = name != NULL;
	if (name)
		take_about(v, vm);
	if (!name)
		name = state_name(v->state, vm->id.pid, vm->id.start_ns, vm->uid);
	if (name)
		set_name(vm, name, FROM_LIBVIRT);
}

/*
 * Only a VM with a UUID can be a domain.  Before the first one libvirt is not
 * loaded and no socket-activated daemon is woken.
 */
static void start_libvirt(struct vms *v, const struct vm *vm)
{
	if (v->tried || !v->o.libvirt || !vm->names.uuid[0])
		return;
	v->tried = true;
	v->libvirt = libvirt_start(v->o.uri, v->o.run);
}

static bool still_there(struct vms *v, struct vm_id id)
{
	int dir = proc_open(v->o.proc, id.pid);
	bool there = dir >= 0 && proc_is(dir, id.start_ns, NULL);

	if (dir >= 0)
		close(dir);
	return there;
}

struct vms *vms_new(const struct vms_options *o)
{
	struct vms *v = mem_zalloc(1, sizeof(*v));

	v->o = *o;
	v->o.proc = mem_strdup(o->proc ? o->proc : "/proc");
	v->o.run = mem_strdup(o->run ? o->run : "/run");
	v->o.root = mem_strdup(o->root ? o->root : "");
	v->o.uri = o->uri ? mem_strdup(o->uri) : NULL;
	v->state = state_new(v->o.run);
	return v;
}

const struct vm_names *vms_lookup(struct vms *v, struct vm_id id, const char *comm)
{
	size_t at = place(v, id);
	bool fresh = at == v->n || compare(v->vm[at]->id, id) != 0;
	struct vm *vm = fresh ? add(v, at, id) : v->vm[at];
	unsigned long api, state;

	if (vm->ended)
		return &vm->names;
	if (!vm->names.known) {
		read_proc(v, vm, comm);
		start_libvirt(v, vm);
	}
	state = state_refresh(v->state, fresh);
	api = libvirt_generation(v->libvirt);
	if (vm->ended || (!fresh && vm->api == api && vm->state == state))
		return &vm->names;
	vm->api = api;
	vm->state = state;
	/* what is said now is said of the process that has the pid now */
	if (!fresh && !still_there(v, id))
		vm->ended = true;
	else
		ask_libvirt(v, vm);
	return &vm->names;
}

bool vms_pins(struct vms *v, struct vm_id id, struct sample_pin **pins, uint32_t *n)
{
	size_t at = place(v, id);

	*pins = NULL;
	*n = 0;
	if (at == v->n || compare(v->vm[at]->id, id) != 0 || !v->vm[at]->domain)
		return false;
	return libvirt_pins(v->libvirt, v->vm[at]->names.uuid, pins, n);
}

bool vms_alive(struct vms *v, struct vm_id id)
{
	return still_there(v, id);
}

void vms_forget(struct vms *v, struct vm_id id)
{
	size_t at = place(v, id);

	if (at == v->n || compare(v->vm[at]->id, id) != 0)
		return;
	vm_free(v->vm[at]);
	v->n--;
	memmove(v->vm + at, v->vm + at + 1, (v->n - at) * sizeof(struct vm *));
}

void vms_free(struct vms *v)
{
	size_t i;

	if (!v)
		return;
	libvirt_stop(v->libvirt);
	for (i = 0; i < v->n; i++)
		vm_free(v->vm[i]);
	free(v->vm);
	state_free(v->state);
	free((char *)v->o.proc);
	free((char *)v->o.run);
	free((char *)v->o.root);
	free((char *)v->o.uri);
	free(v);
}
