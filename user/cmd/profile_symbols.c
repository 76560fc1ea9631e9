// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/vm_processes.h"
#include "../host/vms.h"
#include "../lib/buf.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"
#include "../profile/store.h"
#include "cmd.h"
#include "guests.h"
#include "selection.h"

/* A VM's agent is asked for some small files, and for some megabytes of symbols. */
#define CHECK_MS 20000
#define FETCH_MS 180000

/* The VMs that --vm means; false: a pattern means none, which was said. */
static bool find_vms(const struct settings *s, struct sample *ret)
{
	/* libvirt's files and the arguments have the names; nothing is waited for */
	struct vms_options o = {.run = "/run"};
	bool *met = mem_zalloc(s->vms.n ? s->vms.n : 1, sizeof(*met)), ok;
	struct vms *names = vms_new(&o);
	struct vm_processes found;

	vm_processes_read(&found, "/proc");
	*ret = (struct sample){.vms = mem_zalloc(found.n ? found.n : 1, sizeof(*ret->vms)), .nvms = found.n};
	for (uint32_t i = 0; i < found.n; i++) {
		const struct vm_process *p = &found.items[i];
		struct vm_id id = {p->pid, p->start_ns};
		const struct vm_names *n = vms_lookup(names, id, p->comm);
		struct sample_vm *vm = &ret->vms[i];

		vm->pid = p->pid;
		vm->start_ns = p->start_ns;
		vm->name = mem_strdup(n->name);
		memcpy(vm->uuid, n->uuid, sizeof(vm->uuid));
	}
	selection_meet(&s->vms, ret, met);
	ok = selection_check(&s->vms, met, ret->nvms);
	if (!ret->nvms)
		log_err("no VM runs here%s",
			found.hidden ? " that may be looked at (run it as root, or as the user of the VMs)"
				     : "");
	vm_processes_free(&found);
	vms_free(names);
	free(met);
	return ok && ret->nvms;
}

/* A line; true: it has symbols. */
static bool tell(struct guests *g, const struct sample_vm *vm, struct buf *b)
{
	struct guests_about about = guests_about(g, vm->pid);
	char why[GUESTS_WHY_SIZE];

	buf_escape(b, vm->name, strlen(vm->name));
	buf_printf(b, " (%" PRIu32 "): ", vm->pid);
	guests_why(g, vm->pid, why);
	if (why[0] || !about.boot[0]) {
		buf_puts(b, "no symbols: ");
		buf_escape(b, why, strlen(why));
		buf_puts(b, "\n");
		return false;
	}
	buf_printf(b, "%zu symbols, %zu modules, boot %s, ", about.symbols, about.modules, about.boot);
	buf_escape(b, about.version, strlen(about.version));
	buf_puts(b, "\n");
	return true;
}

int cmd_profile_symbols(const struct settings *s)
{
	struct sample found;
	struct guests *g;
	struct buf b = {0};
	bool some = false;
	int status;

	if (!find_vms(s, &found)) {
		status = STATUS_FAILED;
		goto end;
	}
	g = guests_new(s);
	for (uint32_t i = 0; i < found.nvms; i++)
		if (select_any(s->vms.items, s->vms.n, &found.vms[i]))
			guests_add(g, found.vms[i].pid, found.vms[i].start_ns, found.vms[i].uuid);
	guests_check(g, CHECK_MS);
	guests_settle(g, FETCH_MS);
	for (uint32_t i = 0; i < found.nvms; i++) {
		if (!select_any(s->vms.items, s->vms.n, &found.vms[i]))
			continue;
		if (tell(g, &found.vms[i], &b))
			some = true;
		else if (s->output)
			store_drop_pid(s->output, found.vms[i].pid);
	}
	guests_free(g);
	status = output_write(b.data, b.len) && some ? STATUS_DONE : STATUS_FAILED;
	buf_free(&b);
end:
	for (uint32_t i = 0; i < found.nvms; i++)
		free(found.vms[i].name);
	free(found.vms);
	return status;
}
