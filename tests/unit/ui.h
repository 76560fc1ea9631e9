/* SPDX-License-Identifier: GPL-2.0-only */
/* The UI's state over a made-up host. */
#ifndef VMPERF_TESTS_UI_H
#define VMPERF_TESTS_UI_H

#include "counting_hosts.h"
#include "tui/state.h"
#include "unit.h"

/* All of them, one after the other; NULL: there are no more. */
static inline void (*host(unsigned int i))(struct pair *)
{
	static void (*const all[])(struct pair *) = {mixed, svm,    vmx,   arm64, user,  no_sched,
						     none,  no_kvm, names, full,  intel, software};

	return i < sizeof(all) / sizeof(*all) ? all[i] : NULL;
}

struct made_up {
	struct pair pair;
	struct view *view;
	struct ui ui;
};

/* Shows the host; the UI is as it was before. */
static inline void show(struct made_up *m, void (*make)(struct pair *p))
{
	struct view *before = m->view;
	struct pair old = m->pair;

	make(&m->pair);
	m->view = view_build(&m->pair.a, &m->pair.b);
	ui_moment(&m->ui, &(struct moment){.view = m->view});
	view_free(before);
	sample_free(&old.a);
	sample_free(&old.b);
}

static inline struct made_up *made_up(void (*make)(struct pair *p))
{
	struct made_up *m = mem_zalloc(1, sizeof(*m));

	ui_init(&m->ui);
	show(m, make);
	return m;
}

static inline void done(struct made_up *m)
{
	ui_free(&m->ui);
	view_free(m->view);
	sample_free(&m->pair.a);
	sample_free(&m->pair.b);
	free(m);
}

/* Presses a key; what the loop has to do. */
static inline enum todo press(struct made_up *m, uint32_t key)
{
	return ui_key(&m->ui, &(struct input){.key = key}).what;
}

static inline void type(struct made_up *m, const char *text)
{
	for (; *text; text++)
		press(m, (unsigned char)*text);
}

static inline const struct place *here(const struct made_up *m)
{
	return &m->ui.places[m->ui.depth];
}

static inline void is_at(const struct made_up *m, unsigned int depth, enum page p, uint32_t pid, uint32_t tid)
{
	ck_assert_uint_eq(m->ui.depth, depth);
	ck_assert_int_eq(here(m)->page, p);
	ck_assert_uint_eq(here(m)->pid, pid);
	ck_assert_uint_eq(here(m)->tid, tid);
}

/* The id of the selected column. */
static inline const char *column(const struct made_up *m)
{
	const struct page_choice *c = &m->ui.pages[ui_table(&m->ui)];

	return c->columns[c->column]->id;
}

/* A click on a cell of the screen. */
static inline enum todo click(struct made_up *m, uint32_t key, unsigned int x, unsigned int y)
{
	return ui_key(&m->ui, &(struct input){.key = key, .x = x, .y = y}).what;
}

#endif
