// SPDX-License-Identifier: GPL-2.0-only
/* vmperf profile buildid-list: which builds of what the samples of a perf.data file hit. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/kernel_symbols.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/index.h"
#include "../profile/elf.h"
#include "../profile/perf_read.h"
#include "cmd.h"

/* By object: a sample or one of its callers is there. */
static bool *find_hit(const struct profile *p)
{
	bool *hit = mem_zalloc(p->nobjects, sizeof(*hit));

	for (size_t i = 0; i < p->nhits; i++)
		if (p->hits[i].at.object != PROFILE_NONE)
			hit[p->hits[i].at.object] = true;
	for (uint32_t i = 0; i < p->nstacks; i++)
		for (uint32_t k = 0; k < p->stacks[i].n; k++)
			if (p->stacks[i].frames[k].object != PROFILE_NONE)
				hit[p->stacks[i].frames[k].object] = true;
	return hit;
}

/* Of a guest's kernel, below DIR/PID as perf kvm's --guestmount has it. */
static void read_guest(const struct profile *p, struct profile_object *o, const char *guest_mount)
{
	struct buf root = {0}, notes = {0};

	if (!guest_mount || o->kind != PROFILE_GUEST_KERNEL || o->vm == PROFILE_NONE)
		return;
	buf_printf(&root, "%s/%u", guest_mount, p->vms[o->vm].pid);
	if (!kernel_symbols_notes(root.data, &notes))
		o->build_id_size = (uint8_t)elf_notes_build_id(notes.data, notes.len, o->build_id);
	buf_free(&root);
	buf_free(&notes);
}

/* "ID PATH", as perf buildid-list has it; a path in a terminal is not its owner's to write. */
static char *line_of(const struct profile_object *o)
{
	struct buf line = {0};

	for (uint32_t i = 0; i < o->build_id_size; i++)
		buf_printf(&line, "%02x", o->build_id[i]);
	buf_puts(&line, " ");
	buf_escape(&line, o->path, strlen(o->path));
	buf_puts(&line, "\n");
	return line.data;
}

/* Takes the line over. */
static void print(struct index_texts *lines, struct buf *b, char *line)
{
	uint32_t before = lines->n;

	/* one file may be several objects: of several guests */
	if (index_text(lines, line) == before)
		buf_puts(b, line);
	else
		free(line);
}

int cmd_profile_buildids(const struct settings *s)
{
	const struct perf_read_options o = {.all = false};
	const char *path = s->words.n ? s->words.items[0] : "perf.data.kvm";
	struct index_texts lines = {0};
	struct buf b = {0};
	struct profile *p;
	char why[256];
	bool *hit, ok;

	if (s->words.n > 1) {
		log_err("profile buildid-list: one FILE only can be read");
		return STATUS_USAGE;
	}
	p = perf_read(path, &o, why, sizeof(why));
	if (!p) {
		log_err("%s: %s", path, why);
		return STATUS_FAILED;
	}
	if (why[0])
		log_warn("%s: %s", path, why);
	hit = find_hit(p);
	lines.seed = (uintptr_t)p->index;
	buf_add(&b, "", 0);
	for (uint32_t i = 0; i < p->nobjects; i++) {
		if (!hit[i])
			continue;
		if (!p->objects[i].build_id_size)
			read_guest(p, &p->objects[i], s->guest_mount);
		if (p->objects[i].build_id_size)
			print(&lines, &b, line_of(&p->objects[i]));
	}
	ok = output_write(b.data, b.len);
	for (uint32_t i = 0; i < lines.n; i++)
		free((char *)(uintptr_t)lines.items[i]);
	index_texts_free(&lines);
	buf_free(&b);
	free(hit);
	profile_free(p);
	return ok ? STATUS_DONE : STATUS_FAILED;
}
