// SPDX-License-Identifier: GPL-2.0-only
#include "names_guest.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../host/kernel_symbols.h"
#include "../lib/mem.h"
#include "names.h"
#include "store.h"

static const char own_name[] = "[guest kernel]";

static struct guest_names *add(struct guest_names **list, uint32_t pid, const char *boot)
{
	struct guest_names *g = mem_zalloc(1, sizeof(*g));

	g->pid = pid;
	snprintf(g->boot, sizeof(g->boot), "%s", boot);
	g->kernel.own = own_name;
	g->kernel.lack = LACK_ALL;
	g->next = *list;
	*list = g;
	return g;
}

static struct guest_names *find(struct guest_names *g, uint32_t pid, const char *boot)
{
	for (; g; g = g->next)
		if (g->pid == pid && !strcmp(g->boot, boot))
			break;
	return g;
}

static void free_list(struct guest_names *g)
{
	for (struct guest_names *next; g; g = next) {
		next = g->next;
		kernel_names_free(&g->kernel);
		free(g);
	}
}

void guests_names_free(struct guests_names *g)
{
	free_list(g->told);
	free_list(g->mounted);
	free_list(g->cached);
	kernel_names_free(&g->all.kernel);
}

void guests_names_tell(struct guests_names *g, uint32_t pid, const char *kallsyms, size_t nkallsyms,
		       const char *modules, size_t nmodules)
{
	struct guest_names *it = find(g->told, pid, "");

	if (!it)
		it = add(&g->told, pid, "");
	kernel_names_free(&it->kernel);
	it->kernel.lack = LACK_UNSURE;
	if (kallsyms)
		kernel_names_text(&it->kernel, kallsyms, nkallsyms, modules, nmodules);
}

/* dir/PID is the root of that guest. */
static void read_mounted(struct guest_names *it, const char *dir)
{
	struct buf text = {0}, mods = {0};
	char root[PATH_MAX];
	int err;

	it->boot[0] = '\0';
	it->none = false;
	if (snprintf(root, sizeof(root), "%s/%" PRIu32, dir, it->pid) >= (int)sizeof(root)) {
		it->none = true;
		return;
	}
	err = kernel_symbols_kallsyms(root, &text);
	it->none = err == -ENOENT || err == -ENOTDIR;
	if (err) {
		snprintf(it->kernel.why, sizeof(it->kernel.why), "kallsyms below %.100s: %s", root,
			 strerror(-err));
		it->kernel.lack = LACK_FILE;
	} else {
		kernel_symbols_boot_id(root, it->boot);
		kernel_symbols_modules(root, &mods);
		kernel_names_text(&it->kernel, text.data ? text.data : "", text.len, mods.data, mods.len);
	}
	buf_free(&text);
	buf_free(&mods);
}

static struct guest_names *mounted(struct guests_names *g, const char *dir, uint32_t pid)
{
	struct guest_names *it = g->mounted;

	/* its boot id is known only when it was read */
	while (it && it->pid != pid)
		it = it->next;
	if (!it) {
		it = add(&g->mounted, pid, "");
		read_mounted(it, dir);
	}
	return it;
}

void guests_names_look(struct guests_names *g, const struct names_options *from, uint32_t pid)
{
	if (from->guest_mount)
		mounted(g, from->guest_mount, pid);
}

void guests_names_again(struct guests_names *g, const struct names_options *from)
{
	for (struct guest_names *it = g->mounted; it; it = it->next) {
		char root[PATH_MAX], boot[sizeof(it->boot)] = "";

		if (it->doubted)
			it->doubted--;
		if (snprintf(root, sizeof(root), "%s/%" PRIu32, from->guest_mount, it->pid) >=
		    (int)sizeof(root))
			continue;
		if (!kernel_symbols_boot_id(root, boot))
			boot[0] = '\0';
		if (!strcmp(boot, it->boot))
			continue;
		kernel_names_free(&it->kernel);
		it->kernel.lack = LACK_ALL;
		read_mounted(it, from->guest_mount);
		it->doubted = 2;
	}
}

static struct guest_names *cached(struct guests_names *g, const char *dir, const char *boot)
{
	struct guest_names *it = find(g->cached, 0, boot);
	struct agent_guest guest = {0};

	if (it)
		return it;
	it = add(&g->cached, 0, boot);
	it->none = !store_get(dir, boot, &guest);
	if (!it->none) {
		kernel_names_text(&it->kernel, guest.kallsyms.data ? guest.kallsyms.data : "",
				  guest.kallsyms.len, guest.modules.data, guest.modules.len);
		agent_guest_free(&guest);
	}
	return it;
}

static struct guest_names *any(struct guests_names *g, const struct names_options *from)
{
	if (!g->all_read) {
		g->all_read = true;
		g->all.kernel.own = own_name;
		kernel_names_files(&g->all.kernel, from->guest_kallsyms, from->guest_modules,
				   from->guest_vmlinux);
	}
	return &g->all;
}

struct kernel_place guests_names_place(struct guests_names *g, const struct names_options *from, uint32_t pid,
				       const struct profile_object *o)
{
	struct kernel_place none = {.lack = LACK_UNSURE};
	struct guest_names *it;

	if (o->unsure)
		return none;
	it = find(g->told, pid, "");
	if (!it && from->guest_mount) {
		it = mounted(g, from->guest_mount, pid);
		if (it->doubted)
			return none;
		if (it->none)
			it = NULL;
		/* boot ids of both are known, and are two */
		else if (it->boot[0] && o->boot_id[0] && strcasecmp(it->boot, o->boot_id) != 0) {
			none.lack = LACK_OTHER;
			return none;
		}
	}
	if (!it && from->guest_cache && o->boot_id[0]) {
		it = cached(g, from->guest_cache, o->boot_id);
		if (it->none)
			it = NULL;
	}
	if (!it)
		it = any(g, from);
	return kernel_names_place(&it->kernel, o, true);
}
