/* SPDX-License-Identifier: GPL-2.0-only */
/* The metric table's getters; see struct metric. */
#ifndef VMPERF_MODEL_METRIC_GET_H
#define VMPERF_MODEL_METRIC_GET_H

#include "metric.h"

typedef bool metric_getter(const struct metric_at *at, int arg, struct metric_value *v);

/* arg of the getters of threads */
enum { THREADS_CPU, THREADS_WAIT, THREADS_SWITCHES, THREADS_MIGRATIONS };

/* arg of set_state and set_share: a state; of set_flag: a flag */
metric_getter set_observed, set_state, set_share, set_exits, set_exit_rate, set_cost, set_uexits,
	set_uexit_rate, set_unpaired, set_backwards, set_flag, set_moves, set_move_rate, set_node_moves;
/* arg: false: of halts, true: of the wake-ups after them */
metric_getter times_count, times_rate, times_ns, times_max;
metric_getter halts_quantile;
metric_getter wakes_quantile;
/* arg of exit_state: a state; of quantiles: percent */
metric_getter exit_count, exit_rate, exit_state, exit_mean, exit_quantile, exit_max, exit_share, exit_off;
metric_getter uexit_count, uexit_rate, uexit_ns, uexit_mean;
metric_getter event_value, event_rate, event_running, event_enabled;
/* Derived from events.  arg of derived_ipc: a mode; of mpki and share: the kind that is counted */
metric_getter derived_ipc, derived_frequency, derived_mpki, derived_share;
metric_getter derived_bandwidth, derived_local, derived_occupancy;
metric_getter vm_vcpus, vm_info;
metric_getter threads_number, threads_counter, threads_rate, threads_share, threads_total;

#endif
