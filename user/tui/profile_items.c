// SPDX-License-Identifier: GPL-2.0-only
/* The rows of the profile's view: which there are, filtered, the selected one kept. */
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "profile_state.h"

#define HASH 0xcbf29ce484222325ULL

/* FNV-1a; 0 means something else. */
static uint64_t hash(uint64_t h, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		h = (h ^ p[i]) * 0x100000001b3ULL;
	return h ? h : 1;
}

static uint64_t vm_key(const struct profile_vm *vm)
{
	return hash(hash(HASH, &vm->pid, sizeof(vm->pid)), &vm->start_ns, sizeof(vm->start_ns));
}

static uint64_t function_key(const struct profile *p, const struct profile_function *f)
{
	uint64_t h = vm_key(&p->vms[f->vm]);

	if (f->thread != PROFILE_NONE)
		h = hash(h, &p->threads[f->thread].tid, sizeof(p->threads[f->thread].tid));
	h = hash(h, &f->mode, sizeof(f->mode));
	h = hash(h, f->module, strlen(f->module) + 1);
	return f->symbol ? hash(h, f->symbol, strlen(f->symbol)) : h;
}

/* The place of the VM that was gone into. */
static uint32_t entered_vm(const struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;

	for (uint32_t i = 0; p && i < p->nvms; i++)
		if (p->vms[i].pid == ui->pid && p->vms[i].start_ns == ui->start_ns)
			return i;
	return PROFILE_NONE;
}

static uint32_t thread_of(const struct profile *p, uint32_t vm, uint32_t tid)
{
	for (uint32_t i = 0; p && i < p->nthreads; i++)
		if (p->threads[i].vm == vm && p->threads[i].tid == tid)
			return i;
	return PROFILE_NONE;
}

bool profile_ui_chosen(const struct profile_ui *ui, uint32_t *vm, uint32_t *thread)
{
	const struct profile_item *at;

	*vm = *thread = PROFILE_NONE;
	if (ui->level != PROFILE_LEVEL_VMS && ui->pid)
		*vm = entered_vm(ui);
	if (ui->level == PROFILE_LEVEL_FUNCTIONS) {
		if (ui->tid)
			*thread = thread_of(ui->now.profile, *vm, ui->tid);
		return (!ui->pid || *vm != PROFILE_NONE) && (!ui->tid || *thread != PROFILE_NONE);
	}
	if (!ui->nitems)
		return ui->level == PROFILE_LEVEL_VMS;
	at = &ui->items[ui->level == PROFILE_LEVEL_VM ? ui->threads.row : ui->vms.row];
	if (at->vm != PROFILE_NONE)
		*vm = at->vm;
	*thread = at->thread;
	return true;
}

static struct profile_weight sum_of(const struct profile_weight modes[PROFILE_MODES])
{
	struct profile_weight ret = {0};

	for (int m = 0; m < PROFILE_MODES; m++)
		profile_weight_add(&ret, &modes[m]);
	return ret;
}

/* vCPUs by their numbers, then the heaviest first; what is the same in both, in the profile's order. */
static int in_order(const void *a, const void *b)
{
	const struct profile_item *x = a, *y = b;

	/* -1 comes last */
	if (x->vcpu != y->vcpu)
		return (uint32_t)x->vcpu > (uint32_t)y->vcpu ? 1 : -1;
	if (x->total.period != y->total.period)
		return x->total.period < y->total.period ? 1 : -1;
	if (x->vm != y->vm)
		return x->vm > y->vm ? 1 : -1;
	return (x->thread > y->thread) - (x->thread < y->thread);
}

static void add_item(struct profile_ui *ui, const struct profile_item *it)
{
	ui->items = mem_resize(ui->items, (size_t)ui->nitems + 1, sizeof(*ui->items));
	ui->items[ui->nitems++] = *it;
}

static void add_modes(struct profile_item *to, const struct profile_item *it)
{
	for (int m = 0; m < PROFILE_MODES; m++)
		profile_weight_add(&to->modes[m], &it->modes[m]);
}

static void vm_items(struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;

	for (uint32_t i = 0; i < p->nvms; i++) {
		struct profile_item it = {
			.key = vm_key(&p->vms[i]), .vm = i, .thread = PROFILE_NONE, .vcpu = -1};

		memcpy(it.modes, p->vms[i].modes, sizeof(it.modes));
		add_item(ui, &it);
	}
}

static void thread_items(struct profile_ui *ui, uint32_t vm)
{
	const struct profile *p = ui->now.profile;
	uint32_t *place = mem_zalloc((size_t)p->nthreads + 1, sizeof(*place));

	for (uint32_t i = 0; i < p->nthreads; i++) {
		const struct profile_thread *t = &p->threads[i];
		struct profile_item it = {
			.key = (uint64_t)t->tid, .vm = vm, .thread = i, .vcpu = t->vcpu < 0 ? -1 : t->vcpu};

		if (t->vm != vm)
			continue;
		place[i] = ui->nitems;
		add_item(ui, &it);
	}
	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		if (p->threads[h->thread].vm == vm)
			profile_weight_add(&ui->items[place[h->thread]].modes[h->mode], &h->sum);
	}
	free(place);
}

static void make_items(struct profile_ui *ui)
{
	struct profile_item all = {.vm = PROFILE_NONE, .thread = PROFILE_NONE, .vcpu = -1};
	uint32_t vm = ui->level == PROFILE_LEVEL_VM ? entered_vm(ui) : PROFILE_NONE;

	if (ui->level == PROFILE_LEVEL_FUNCTIONS || (ui->level == PROFILE_LEVEL_VM && vm == PROFILE_NONE))
		return;
	/* the first row stands for all of them */
	add_item(ui, &all);
	if (ui->level == PROFILE_LEVEL_VM)
		thread_items(ui, vm);
	else
		vm_items(ui);
	for (unsigned int i = 1; i < ui->nitems; i++) {
		add_modes(&ui->items[0], &ui->items[i]);
		ui->items[i].total = sum_of(ui->items[i].modes);
	}
	ui->items[0].vm = vm;
	ui->items[0].total = sum_of(ui->items[0].modes);
	if (ui->nitems > 1)
		qsort(ui->items + 1, ui->nitems - 1, sizeof(*ui->items), in_order);
	else
		ui->nitems = 0;
}

/* What each row above does most. */
static void find_hottest(struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;
	const struct profile_filter f = {.event = PROFILE_NONE, .modes = ui->modes};
	uint32_t keys = 1U << PROFILE_BY_VM | 1U << PROFILE_BY_PID | 1U << PROFILE_BY_MODULE |
			1U << PROFILE_BY_SYMBOL;
	bool threads = ui->level == PROFILE_LEVEL_VM;
	struct profile_rows rows;
	unsigned int *of;

	if (!ui->nitems)
		return;
	of = mem_zalloc((size_t)(threads ? p->nthreads : p->nvms) + 1, sizeof(*of));
	for (unsigned int i = 1; i < ui->nitems; i++)
		of[threads ? ui->items[i].thread : ui->items[i].vm] = i;
	profile_rows_make(&rows, p, threads ? keys | 1U << PROFILE_BY_TID : keys, &f);
	for (size_t i = 0; i < rows.n; i++) {
		uint32_t thread = rows.rows[i].like.thread, vm = p->threads[thread].vm;
		struct profile_item *it;

		if (threads && vm != ui->items[0].vm)
			continue;
		it = &ui->items[of[threads ? thread : vm]];
		/* the heaviest come first */
		if (it->hottest)
			continue;
		it->hottest = profile_frame_symbol(p, &rows.rows[i].like.at);
		it->module = profile_frame_module(p, &rows.rows[i].like.at);
	}
	profile_rows_free(&rows);
	free(of);
}

static bool has(const struct profile_ui *ui, const char *text)
{
	return text && strcasestr(text, ui->filter);
}

static bool fits(const struct profile_ui *ui, const struct profile_function *f)
{
	const struct profile *p = ui->now.profile;

	if (!ui->filter[0] || has(ui, p->vms[f->vm].name) || has(ui, profile_mode_name(f->mode)) ||
	    (f->thread != PROFILE_NONE && has(ui, p->threads[f->thread].comm)))
		return true;
	return has(ui, f->module) || has(ui, f->symbol);
}

static void make_list(struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;
	const struct profile_filter f = {.event = PROFILE_NONE, .modes = ui->modes};
	uint32_t keys =
		1U << PROFILE_BY_VM | 1U << PROFILE_BY_PID | 1U << PROFILE_BY_MODE | 1U << PROFILE_BY_MODULE;
	uint32_t vm, thread;
	struct profile_rows rows;
	double least;

	if (!profile_ui_chosen(ui, &vm, &thread))
		return;
	if (ui->group != PROFILE_GROUP_MODULE)
		keys |= 1U << PROFILE_BY_SYMBOL;
	if (ui->group == PROFILE_GROUP_VCPU || thread != PROFILE_NONE)
		keys |= 1U << PROFILE_BY_TID;
	profile_rows_make(&rows, p, keys, &f);
	ui->list = mem_resize(NULL, rows.n + 1, sizeof(*ui->list));
	for (size_t i = 0; i < rows.n; i++) {
		const struct profile_row *r = &rows.rows[i];
		struct profile_function *to = &ui->list[ui->nlist];

		*to = (struct profile_function){
			.vm = p->threads[r->like.thread].vm,
			.thread = keys & 1U << PROFILE_BY_TID ? r->like.thread : PROFILE_NONE,
			.mode = r->like.mode,
			.module = profile_frame_module(p, &r->like.at),
			.symbol = ui->group == PROFILE_GROUP_MODULE ? NULL
								    : profile_frame_symbol(p, &r->like.at),
			.sum = r->sum,
		};
		if ((vm != PROFILE_NONE && to->vm != vm) || (thread != PROFILE_NONE && to->thread != thread))
			continue;
		profile_weight_add(&ui->total, &to->sum);
		to->key = function_key(p, to);
		ui->nlist++;
	}
	profile_rows_free(&rows);
	/* of the total, which is known only now */
	least = ui->limit / 100 * (double)ui->total.period;
	vm = ui->nlist;
	ui->nlist = 0;
	for (uint32_t i = 0; i < vm; i++) {
		if ((double)ui->list[i].sum.period < least)
			profile_weight_add(&ui->rest, &ui->list[i].sum);
		else if (fits(ui, &ui->list[i]))
			ui->list[ui->nlist++] = ui->list[i];
		else
			ui->hidden++;
	}
}

/* The row is where its key is, else near where it was. */
static void settle(struct profile_cursor *c, unsigned int n, const void *rows, size_t size)
{
	for (unsigned int i = 0; c->key && i < n; i++) {
		/* the key is what each row begins with */
		if (*(const uint64_t *)((const char *)rows + i * size) != c->key)
			continue;
		c->row = i;
		return;
	}
	if (c->row >= n)
		c->row = n ? n - 1 : 0;
	c->key = n && c->key ? *(const uint64_t *)((const char *)rows + c->row * size) : 0;
}

void profile_ui_rows(struct profile_ui *ui)
{
	free(ui->items);
	free(ui->list);
	ui->items = NULL;
	ui->list = NULL;
	ui->nitems = ui->nlist = ui->hidden = 0;
	ui->total = ui->rest = (struct profile_weight){0};
	if (ui->now.profile) {
		make_items(ui);
		find_hottest(ui);
	}
	if (ui->level == PROFILE_LEVEL_VMS)
		settle(&ui->vms, ui->nitems, ui->items, sizeof(*ui->items));
	else if (ui->level == PROFILE_LEVEL_VM)
		settle(&ui->threads, ui->nitems, ui->items, sizeof(*ui->items));
	if (ui->now.profile)
		make_list(ui);
	settle(&ui->functions, ui->nlist, ui->list, sizeof(*ui->list));
}
