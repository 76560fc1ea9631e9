/* SPDX-License-Identifier: GPL-2.0-only */
/* What tests of figures ask of the metric table. */
#ifndef VMPERF_TESTS_FIGURES_H
#define VMPERF_TESTS_FIGURES_H

#include "model/metric.h"
#include "unit.h"

/* Whose figures are meant. */
static struct metric_at at;

static inline void is(enum metric_level level, const char *id, double want)
{
	const struct metric *m = metric_find(level, id);
	struct metric_value value;

	ck_assert_msg(m != NULL, "no metric %s", id);
	ck_assert_msg(metric_get(m, &at, &value), "%s is not visible", id);
	ck_assert_msg(value.d >= want - 1e-9 && value.d <= want + 1e-9, "%s is %.12g, not %.12g", id, value.d,
		      want);
	if (m->unit == UNIT_NS || m->unit == UNIT_COUNT)
		ck_assert_uint_eq(value.u, (uint64_t)want);
}

static inline void hidden(enum metric_level level, const char *id)
{
	const struct metric *m = metric_find(level, id);
	struct metric_value value = {1, 1};

	ck_assert_msg(m != NULL, "no metric %s", id);
	ck_assert_msg(!metric_get(m, &at, &value), "%s should not be visible, it is %g", id, value.d);
	ck_assert(value.u == 0 && value.d == 0);
}

#endif
