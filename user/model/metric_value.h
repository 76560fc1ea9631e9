/* SPDX-License-Identifier: GPL-2.0-only */
/* What getters of the metric table return. */
#ifndef VMPERF_MODEL_METRIC_VALUE_H
#define VMPERF_MODEL_METRIC_VALUE_H

#include "metric.h"

static inline bool integer(struct metric_value *v, uint64_t u)
{
	v->u = u;
	v->d = (double)u;
	return true;
}

/* A quotient; what is divided by 0 does not exist. */
static inline bool quotient(struct metric_value *v, double a, double b)
{
	if (!(b > 0))
		return false;
	v->d = a / b;
	return true;
}

static inline bool per_second(const struct metric_at *at, uint64_t count, struct metric_value *v)
{
	return quotient(v, (double)count * 1e9, (double)at->view->interval_ns);
}

#endif
