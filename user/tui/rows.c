// SPDX-License-Identifier: GPL-2.0-only
/* The rows of a place: which there are, filtered, sorted; the one that is selected stays selected. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "../model/counts.h"
#include "../model/thread.h"
#include "../model/verdict.h"
#include "../model/weight.h"
#include "column_value.h"
#include "state.h"

/* What rows are being made of. */
struct making {
	struct ui *ui;
	const struct place *at;
	const struct view *view;
	bool vm_fits; /* the filter's text is in what the VM is called: all rows of it fit */
};

static bool has(const struct making *m, const char *text)
{
	return strcasestr(text, m->ui->filter);
}

static bool has_number(const struct making *m, uint32_t n)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, n);
	return has(m, text);
}

static bool vm_fits(const struct making *m, const struct view_vm *vm)
{
	return !m->ui->filter[0] || has(m, vm->name) || has(m, vm->uuid) || has_number(m, vm->pid);
}

/* FNV-1a, over what tells one row from all others of its page */
static uint64_t mix_byte(uint64_t hash, unsigned int byte)
{
	return (hash ^ byte) * 0x100000001b3;
}

static uint64_t mix(uint64_t hash, uint64_t n)
{
	for (unsigned int i = 0; i < 64; i += 8)
		hash = mix_byte(hash, n >> i & 0xff);
	return hash;
}

static uint64_t key_of(const struct row *r)
{
	uint64_t hash = 0xcbf29ce484222325;
	int event = column_event_of(r);

	hash = mix(hash, r->vm ? r->vm->pid : 0);
	hash = mix(hash, r->vcpu ? 1 + (uint64_t)r->vcpu->tid : 0);
	hash = mix(hash, r->threads ? 1 + (uint64_t)r->threads->class : 0);
	if (r->exit) {
		hash = mix_byte(hash, 'x');
		hash = mix(hash, r->exit->isa);
		hash = mix(hash, r->exit->code);
	}
	if (r->uexit) {
		hash = mix_byte(hash, 'u');
		hash = mix(hash, (uint64_t)r->uexit->code);
	}
	for (const char *c = event >= 0 ? r->view->events[event].name : ""; *c; c++)
		hash = mix_byte(hash, (unsigned char)*c);
	/* 0 means none */
	return hash ? hash : 1;
}

static struct row row_of(const struct making *m, const struct view_vm *vm, const struct view_vcpu *vcpu)
{
	return (struct row){
		.view = m->view,
		.vm = vm,
		.vcpu = vcpu,
		.set = vcpu ? &vcpu->set : &vm->set,
		.guest = -1,
		.host = -1,
		.both = -1,
	};
}

/* own: the filter's text is in what the row itself is called. */
static void add(struct making *m, const struct row *r, bool own)
{
	struct ui *ui = m->ui;

	if (!m->vm_fits && !own) {
		ui->hidden++;
		return;
	}
	/* grows by doubling */
	if (!(ui->nrows & (ui->nrows - 1)))
		ui->rows = mem_resize(ui->rows, ui->nrows ? 2 * (size_t)ui->nrows : 1, sizeof(*ui->rows));
	ui->rows[ui->nrows] = *r;
	ui->rows[ui->nrows++].key = key_of(r);
}

static void add_vm(struct making *m, const struct view_vm *vm)
{
	struct row r = row_of(m, vm, NULL);

	add(m, &r, false);
}

static void add_vcpus(struct making *m, const struct view_vm *vm)
{
	for (uint32_t i = 0; i < vm->nvcpus; i++) {
		struct row r = row_of(m, vm, &vm->vcpus[i]);

		if (!m->at->tid || vm->vcpus[i].tid == m->at->tid)
			add(m, &r, has_number(m, vm->vcpus[i].tid));
	}
}

static void add_exits(struct making *m, const struct view_vm *vm, const struct view_vcpu *vcpu)
{
	struct row r = row_of(m, vm, vcpu);

	for (uint32_t i = 0; m->view->exits_visible && i < r.set->nexits; i++) {
		r.exit = &r.set->exits[i];
		add(m, &r, has(m, r.exit->reason));
	}
}

static void add_uexits(struct making *m, const struct view_vm *vm, const struct view_vcpu *vcpu)
{
	struct row r = row_of(m, vm, vcpu);

	for (uint32_t i = 0; m->view->uexits_visible && i < r.set->nuexits; i++) {
		r.uexit = &r.set->uexits[i];
		add(m, &r, has(m, r.uexit->reason));
	}
}

static void add_threads(struct making *m, const struct view_vm *vm)
{
	struct row r = row_of(m, vm, NULL);

	for (uint32_t i = 0; m->view->threads_visible && i < vm->nclasses; i++) {
		r.threads = &vm->classes[i];
		add(m, &r, has(m, thread_class_name(r.threads->class)));
	}
}

static void add_events(struct making *m, const struct view_vm *vm, const struct view_vcpu *vcpu)
{
	struct row r = row_of(m, vm, vcpu);
	struct counts_modes modes;

	for (uint32_t i = 0; (vcpu ? vcpu->set.events : vm->events) && i < m->view->nevents; i++) {
		if (!counts_modes(m->view, i, &modes))
			continue;
		r.guest = modes.at[EVENT_GUEST];
		r.host = modes.at[EVENT_HOST];
		r.both = modes.at[EVENT_BOTH];
		add(m, &r, has(m, m->view->events[i].name));
	}
}

/* The vCPUs of a reason. */
static void add_reason(struct making *m, const struct view_vm *vm)
{
	const struct place *at = m->at;

	for (uint32_t i = 0; i < vm->nvcpus; i++) {
		struct row r = row_of(m, vm, &vm->vcpus[i]);
		bool own = has_number(m, r.vcpu->tid);

		if (at->tid && r.vcpu->tid != at->tid)
			continue;
		for (uint32_t k = 0; !at->user && k < r.set->nexits; k++) {
			r.exit = &r.set->exits[k];
			if (r.exit->isa == at->isa && r.exit->code == at->code)
				add(m, &r, own);
		}
		for (uint32_t k = 0; at->user && k < r.set->nuexits; k++) {
			r.exit = NULL;
			r.uexit = &r.set->uexits[k];
			if ((uint64_t)(int64_t)r.uexit->code == at->code)
				add(m, &r, own);
		}
	}
}

/* The vCPU that a place is about; NULL: none. */
static const struct view_vcpu *vcpu_of(const struct view_vm *vm, uint32_t tid)
{
	for (uint32_t i = 0; tid && i < vm->nvcpus; i++)
		if (vm->vcpus[i].tid == tid)
			return &vm->vcpus[i];
	return NULL;
}

/* Returns how many of them come before the second panel's. */
static unsigned int add_overview(struct making *m, const struct view_vm *vm, const struct view_vcpu *vcpu)
{
	unsigned int first;

	if (!vcpu)
		add_vcpus(m, vm);
	first = m->ui->nrows;
	if (m->view->exits_visible)
		add_exits(m, vm, vcpu);
	else
		add_uexits(m, vm, vcpu);
	return first;
}

/* The rows of one VM, as the page has them. */
static void add_rows(struct making *m, const struct view_vm *vm)
{
	const struct view_vcpu *vcpu = vcpu_of(vm, m->at->tid);

	/* a vCPU that is gone has none */
	if (m->at->tid && !vcpu)
		return;
	m->vm_fits = vm_fits(m, vm);
	switch (m->at->page) {
	case PAGE_VMS:
	case PAGE_PLACEMENT:
	case PAGE_HARDWARE:
		if (m->at->pid || m->ui->by_vcpu)
			add_vcpus(m, vm);
		else
			add_vm(m, vm);
		break;
	case PAGE_VCPUS:
		add_vcpus(m, vm);
		break;
	case PAGE_EXITS:
		add_exits(m, vm, vcpu);
		break;
	case PAGE_UEXITS:
		add_uexits(m, vm, vcpu);
		break;
	case PAGE_THREADS:
		add_threads(m, vm);
		break;
	case PAGE_EVENTS:
		add_events(m, vm, vcpu);
		break;
	case PAGE_REASON:
		add_reason(m, vm);
		break;
	case PAGE_HOST:
	case PAGES:
		break;
	}
}

/* The rows of all VMs: of those in trouble first, however small they are; else as the view has them. */
static void add_all(struct making *m)
{
	const struct view *v = m->view;
	enum verdict_level *levels = mem_zalloc(v->nvms, sizeof(*levels));

	for (uint32_t i = 0; i < v->nvms; i++)
		levels[i] = verdict_of(&v->vms[i].set, v->visible).level;
	for (int level = VERDICT_ALARM; level >= VERDICT_FINE; level--)
		for (uint32_t i = 0; i < v->nvms; i++)
			if ((int)levels[i] == level)
				add_rows(m, &v->vms[i]);
	free(levels);
}

/* Reasons of all VMs: those that take the most time first, as those of one VM are. */
static void sort_reasons(struct row *rows, unsigned int n)
{
	struct weight *weights;
	struct row *before;

	if (n < 2)
		return;
	weights = mem_zalloc(n, sizeof(*weights));
	for (unsigned int i = 0; i < n; i++)
		weights[i] = weight_of(rows[i].exit, rows[i].uexit, i);
	qsort(weights, n, sizeof(*weights), weight_compare);
	before = mem_dup(rows, n, sizeof(*rows));
	for (unsigned int i = 0; i < n; i++)
		rows[i] = before[weights[i].order];
	free(before);
	free(weights);
}

static void sort(const struct page_choice *by, struct row *rows, unsigned int n)
{
	if (by->sort) {
		column_sort(by->sort, by->reverse, rows, n);
		return;
	}
	for (unsigned int i = 0; by->reverse && i < n / 2; i++) {
		struct row r = rows[i];

		rows[i] = rows[n - 1 - i];
		rows[n - 1 - i] = r;
	}
}

static void make(struct ui *ui)
{
	const struct place *at = &ui->places[ui->depth];
	struct making m = {.ui = ui, .at = at, .view = ui->now.view};
	const struct view_vm *vm = ui_vm(ui);
	bool exits = ui->now.view && ui->now.view->exits_visible;

	ui->nrows = 0;
	ui->hidden = 0;
	if (!m.view || (at->pid && !vm))
		return;
	if (at->page == PAGE_VMS && at->pid) {
		unsigned int first;

		if (at->tid && !ui_vcpu(ui))
			return;
		m.vm_fits = vm_fits(&m, vm);
		first = add_overview(&m, vm, ui_vcpu(ui));
		sort(&ui->pages[PAGE_VCPUS], ui->rows, first);
		sort(&ui->pages[exits ? PAGE_EXITS : PAGE_UEXITS], ui->rows ? ui->rows + first : NULL,
		     ui->nrows - first);
		return;
	}
	if (vm)
		add_rows(&m, vm);
	else
		add_all(&m);
	if (!vm && (at->page == PAGE_EXITS || at->page == PAGE_UEXITS))
		sort_reasons(ui->rows, ui->nrows);
	sort(&ui->pages[at->page], ui->rows, ui->nrows);
}

void ui_rows(struct ui *ui)
{
	struct place *at = &ui->places[ui->depth];

	make(ui);
	for (unsigned int i = 0; at->key && i < ui->nrows; i++) {
		if (ui->rows[i].key == at->key) {
			at->row = i;
			return;
		}
	}
	/* it is gone: the one that stands there now */
	if (at->row >= ui->nrows)
		at->row = ui->nrows ? ui->nrows - 1 : 0;
	if (at->key && ui->nrows)
		at->key = ui->rows[at->row].key;
}

const struct row *ui_selected(const struct ui *ui)
{
	return ui->nrows ? &ui->rows[ui->places[ui->depth].row] : NULL;
}

const struct view_vm *ui_vm(const struct ui *ui)
{
	const struct view *v = ui->now.view;
	uint32_t pid = ui->places[ui->depth].pid;

	for (uint32_t i = 0; v && pid && i < v->nvms; i++)
		if (v->vms[i].pid == pid)
			return &v->vms[i];
	return NULL;
}

const struct view_vcpu *ui_vcpu(const struct ui *ui)
{
	const struct view_vm *vm = ui_vm(ui);

	return vm ? vcpu_of(vm, ui->places[ui->depth].tid) : NULL;
}

enum page ui_table(const struct ui *ui)
{
	const struct place *at = &ui->places[ui->depth];
	const struct row *r = ui_selected(ui);

	if (at->page != PAGE_VMS || !at->pid)
		return at->page;
	if (r && r->exit)
		return PAGE_EXITS;
	if (r && r->uexit)
		return PAGE_UEXITS;
	return PAGE_VCPUS;
}
