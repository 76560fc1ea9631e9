// SPDX-License-Identifier: GPL-2.0-only
#include "metric_get.h"

#include <math.h>

#include "metric_value.h"
#include "quantile.h"

static bool visible(const struct metric_at *at, int state)
{
	return at->view->visible & 1U << state;
}

/* Handling times are known only where both of their states are. */
static bool handling_visible(const struct metric_at *at)
{
	return at->view->exits_visible && visible(at, VMP_KVM) && visible(at, VMP_VMM);
}

/* What shares are of: busy time is known only where idle is. */
static bool busy_visible(const struct metric_at *at)
{
	return handling_visible(at) && visible(at, VMP_IDLE);
}

/* The probe that tells polling tells of halts, too. */
static bool halts_visible(const struct metric_at *at)
{
	return visible(at, VMP_IDLE) && visible(at, VMP_POLL);
}

static uint64_t handling(const struct view_exit *e)
{
	return e->ns[VMP_KVM] + e->ns[VMP_VMM];
}

bool set_observed(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->set->observed_ns);
}

bool set_state(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) && integer(v, at->set->ledger[state]);
}

bool set_share(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) &&
	       quotient(v, (double)at->set->ledger[state], (double)at->set->observed_ns);
}

bool set_exits(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->exit_count);
}

bool set_exit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && per_second(at, at->set->exit_count, v);
}

bool set_cost(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return busy_visible(at) && quotient(v, (double)at->set->handling_ns, (double)at->set->busy_ns);
}

bool set_uexits(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->uexits_visible && integer(v, at->set->uexit_count);
}

bool set_uexit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->uexits_visible && per_second(at, at->set->uexit_count, v);
}

bool set_unpaired(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->unpaired);
}

bool set_backwards(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->exits_visible && integer(v, at->set->backwards);
}

bool set_flag(const struct metric_at *at, int flag, struct metric_value *v)
{
	return at->view->exits_visible && at->set->isa == VMP_ISA_VMX && integer(v, at->set->flags[flag]);
}

/* The times that a figure is of; NULL: not visible here. */
static const struct view_times *times_of(const struct metric_at *at, bool wakes)
{
	if (!halts_visible(at) || (wakes && !visible(at, VMP_GUEST)))
		return NULL;
	return wakes ? &at->set->wakes : &at->set->halts;
}

bool times_count(const struct metric_at *at, int wakes, struct metric_value *v)
{
	const struct view_times *t = times_of(at, wakes);

	return t && integer(v, t->count);
}

bool times_rate(const struct metric_at *at, int wakes, struct metric_value *v)
{
	const struct view_times *t = times_of(at, wakes);

	return t && per_second(at, t->count, v);
}

bool times_ns(const struct metric_at *at, int wakes, struct metric_value *v)
{
	const struct view_times *t = times_of(at, wakes);

	return t && integer(v, t->ns);
}

bool times_max(const struct metric_at *at, int wakes, struct metric_value *v)
{
	const struct view_times *t = times_of(at, wakes);

	return t && t->count && integer(v, t->max_ns);
}

static bool of_quantile(const uint64_t hist[VMP_HIST], uint64_t max_ns, int percent, struct metric_value *v)
{
	double ns = quantile(hist, percent / 100.0, max_ns);

	return !isnan(ns) && integer(v, (uint64_t)(ns + 0.5));
}

bool halts_quantile(const struct metric_at *at, int percent, struct metric_value *v)
{
	const struct view_times *t = times_of(at, false);

	return t && of_quantile(t->hist, t->max_ns, percent, v);
}

bool wakes_quantile(const struct metric_at *at, int percent, struct metric_value *v)
{
	const struct view_times *t = times_of(at, true);

	return t && of_quantile(t->hist, t->max_ns, percent, v);
}

bool set_moves(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->set->cpu_ns && integer(v, at->set->moves);
}

bool set_move_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->set->cpu_ns && per_second(at, at->set->moves, v);
}

bool set_node_moves(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->set->cpu_ns && integer(v, at->set->node_moves);
}

bool exit_count(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->exit->count);
}

bool exit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return per_second(at, at->exit->count, v);
}

bool exit_state(const struct metric_at *at, int state, struct metric_value *v)
{
	return visible(at, state) && integer(v, at->exit->ns[state]);
}

bool exit_mean(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	if (!handling_visible(at) || !at->exit->count)
		return false;
	return integer(v, handling(at->exit) / at->exit->count);
}

bool exit_quantile(const struct metric_at *at, int percent, struct metric_value *v)
{
	return handling_visible(at) && of_quantile(at->exit->hist, at->exit->max_ns, percent, v);
}

bool exit_max(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return handling_visible(at) && !isnan(quantile(at->exit->hist, 1, at->exit->max_ns)) &&
	       integer(v, at->exit->max_ns);
}

bool exit_share(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return busy_visible(at) && quotient(v, (double)handling(at->exit), (double)at->set->busy_ns);
}

bool exit_off(const struct metric_at *at, int arg, struct metric_value *v)
{
	const uint64_t *ns = at->exit->ns;

	(void)arg;
	if (!visible(at, VMP_BLOCKED) || !visible(at, VMP_WAIT) || !at->exit->count)
		return false;
	return integer(v, (ns[VMP_BLOCKED] + ns[VMP_WAIT]) / at->exit->count);
}

bool uexit_count(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->uexit->count);
}

bool uexit_rate(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return per_second(at, at->uexit->count, v);
}

bool uexit_ns(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return visible(at, VMP_VMM) && integer(v, at->uexit->ns);
}

bool uexit_mean(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	if (!visible(at, VMP_VMM) || !at->uexit->count)
		return false;
	return integer(v, at->uexit->ns / at->uexit->count);
}

static uint64_t counter(const struct view_class *c, int which)
{
	switch (which) {
	case THREADS_CPU:
		return c->cpu_ns;
	case THREADS_WAIT:
		return c->wait_ns;
	case THREADS_SWITCHES:
		return c->switches;
	}
	return c->migrations;
}

bool threads_number(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return at->view->threads_visible && integer(v, at->threads->count);
}

bool threads_counter(const struct metric_at *at, int which, struct metric_value *v)
{
	return at->view->threads_visible && integer(v, counter(at->threads, which));
}

bool threads_rate(const struct metric_at *at, int which, struct metric_value *v)
{
	return at->view->threads_visible && per_second(at, counter(at->threads, which), v);
}

bool threads_share(const struct metric_at *at, int which, struct metric_value *v)
{
	return at->view->threads_visible &&
	       quotient(v, (double)counter(at->threads, which), (double)at->view->interval_ns);
}

bool threads_total(const struct metric_at *at, int which, struct metric_value *v)
{
	const struct sample_class *t = &at->threads->total;
	const struct view_class c = {.cpu_ns = t->cpu_ns,
				     .wait_ns = t->wait_ns,
				     .switches = t->switches,
				     .migrations = t->migrations};

	return at->view->threads_visible && integer(v, counter(&c, which));
}

bool vm_vcpus(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)arg;
	return integer(v, at->vm->nvcpus);
}

bool vm_info(const struct metric_at *at, int arg, struct metric_value *v)
{
	(void)at;
	(void)arg;
	return integer(v, 1);
}
