// SPDX-License-Identifier: GPL-2.0-only
#include "column_value.h"

#include "../model/counts.h"

bool column_metric(const struct column *c, const struct row *r, const struct metric **m, struct metric_at *at)
{
	*m = c->metric;
	*at = (struct metric_at){
		.view = r->view, .set = r->set, .exit = r->exit, .uexit = r->uexit, .threads = r->threads};
	switch (c->metric->level) {
	case METRIC_SET:
		return r->set;
	case METRIC_EXIT:
		/* a user-space exit has some of the figures, under the same names */
		if (!r->exit && r->uexit)
			*m = metric_find(METRIC_UEXIT, c->metric->id);
		return *m && r->set && (r->exit || r->uexit);
	case METRIC_UEXIT:
		return r->uexit;
	case METRIC_THREAD:
		return r->threads;
	case METRIC_EVENT:
	case METRIC_VM:
		break;
	}
	return false;
}

int column_event_of(const struct row *r)
{
	int first = r->both >= 0 ? r->both : r->guest >= 0 ? r->guest : r->host;

	return first >= 0 && (uint32_t)first < r->view->nevents ? first : -1;
}

bool column_event(const struct column *c, const struct row *r, const struct metric **m, struct metric_at *at,
		  struct view_event *all)
{
	const struct view_event *events = r->vcpu ? r->vcpu->set.events : r->vm ? r->vm->events : NULL;
	struct counts_modes modes = {
		.at = {[EVENT_GUEST] = r->guest, [EVENT_HOST] = r->host, [EVENT_BOTH] = r->both}};
	int first = column_event_of(r);
	bool level, has = false;

	if (first < 0 || !events)
		return false;
	level = r->view->events[first].gauge;
	*all = counts_all(events, &modes);
	*at = (struct metric_at){.view = r->view, .what = &r->view->events[first], .event = all};
	*m = metric_find(METRIC_EVENT, "per_second");
	switch (c->kind) {
	case COLUMN_EVENT_GUEST:
		has = r->guest >= 0;
		at->event = &events[has ? r->guest : first];
		break;
	case COLUMN_EVENT_HOST:
		has = r->host >= 0;
		at->event = &events[has ? r->host : first];
		break;
	case COLUMN_EVENT_BOTH:
		has = !level && (r->guest >= 0) == (r->host >= 0);
		break;
	case COLUMN_EVENT_LEVEL:
		has = level;
		*m = metric_find(METRIC_EVENT, "value");
		break;
	case COLUMN_EVENT_RATIO:
		has = true;
		*m = metric_find(METRIC_EVENT, "running_ratio");
		break;
	default:
		break;
	}
	return has;
}

const char *column_note(const struct row *r)
{
	const int at[] = {r->both, r->guest, r->host};

	for (unsigned int i = 0; i < sizeof(at) / sizeof(*at); i++)
		if (at[i] >= 0 && !r->view->events[at[i]].counted)
			return r->view->events[at[i]].why[0] ? r->view->events[at[i]].why : "not counted";
	return NULL;
}

bool column_cpu(const struct row *r, double *ret)
{
	static const uint32_t needed = 1U << VMP_IDLE | 1U << VMP_BLOCKED | 1U << VMP_WAIT;
	const uint64_t *l;
	uint64_t off;

	if (!r->set || (r->view->visible & needed) != needed || !r->view->interval_ns)
		return false;
	l = r->set->ledger;
	off = l[VMP_IDLE] + l[VMP_BLOCKED] + l[VMP_WAIT];
	*ret = off > r->set->observed_ns ? 0
					 : (double)(r->set->observed_ns - off) / (double)r->view->interval_ns;
	return true;
}

bool column_number(const struct column *c, const struct row *r, uint64_t *ret)
{
	switch (c->kind) {
	case COLUMN_VCPUS:
	case COLUMN_VCPU:
		if (r->vcpu) {
			*ret = r->vcpu->id >= 0 ? (uint64_t)r->vcpu->id : 0;
			return r->vcpu->id >= 0;
		}
		if (c->kind == COLUMN_VCPU)
			return false;
		*ret = r->vm ? r->vm->nvcpus : r->view->nvcpus;
		return true;
	case COLUMN_TID:
		*ret = r->vcpu ? r->vcpu->tid : 0;
		return r->vcpu;
	case COLUMN_PID:
		*ret = r->vm ? r->vm->pid : 0;
		return r->vm;
	default:
		return false;
	}
}
