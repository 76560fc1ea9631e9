/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The metric table: every figure that vmperf shows, once.  Columns of tables,
 * sort keys, JSON keys, CSV headers and help texts all come from here.
 */
#ifndef VMPERF_MODEL_METRIC_H
#define VMPERF_MODEL_METRIC_H

#include "view.h"

enum metric_unit {
	UNIT_NS,         /* nanoseconds, an integer */
	UNIT_COUNT,      /* an integer */
	UNIT_RATIO,      /* a share of 1 */
	UNIT_PER_SECOND, /* a rate */
	UNIT_NUMBER,     /* a quotient that is no share */
	UNIT_HZ,
};

enum metric_kind {
	METRIC_COUNTER, /* of the interval; it can be summed over intervals and objects */
	METRIC_GAUGE,   /* computed for this interval */
};

/* What it is a figure of. */
enum metric_level {
	METRIC_SET,    /* a VM, a vCPU or the host */
	METRIC_EXIT,   /* an exit reason of one of these */
	METRIC_UEXIT,  /* a user-space exit reason of one of these */
	METRIC_THREAD, /* the threads of one class of a VM */
	METRIC_EVENT,  /* an event, of all threads of a VM or of one class of them */
	METRIC_VM,     /* a VM itself */
};

enum metric_use {
	METRIC_JSON = 1,
	METRIC_CSV = 2,
	METRIC_IF_KNOWN = 4, /* its column is there only if it has a figure */
	METRIC_WHOLE = 8,    /* of whole VMs only: no vCPU has one */
};

/* What must be collected for a figure: bits by enum event_kind, and these. */
#define METRIC_NEEDS_THREADS (1U << 31)
#define METRIC_NEEDS_EVENTS  (~METRIC_NEEDS_THREADS) /* all that were asked for */
#define METRIC_NEEDS_ALL     UINT32_MAX

/* Whose figure: view always, the others by level; an exit's set, too. */
struct metric_at {
	const struct view *view;
	const struct view_set *set;
	const struct view_exit *exit;
	const struct view_uexit *uexit;
	const struct view_class *threads;
	const struct sample_event *what; /* of an event, with its numbers */
	const struct view_event *event;
	const struct view_vm *vm;
};

struct metric_value {
	uint64_t u; /* UNIT_NS, UNIT_COUNT */
	double d;   /* every unit */
};

struct metric {
	enum metric_level level;
	const char *id;    /* unique within its level: sort key, CSV header */
	const char *group; /* the JSON object it is in, by its key; NULL: in its object itself */
	const char *key;   /* JSON key */
	const char *title; /* column heading; NULL: no column */
	int rank;          /* of columns: in a narrow table 1 is the last to go */
	enum metric_unit unit;
	enum metric_kind kind;
	unsigned int use; /* enum metric_use */
	const char *help; /* a sentence */
	/* False: not visible on this host, or there is no such value (a mean of nothing). */
	bool (*get)(const struct metric_at *at, int arg, struct metric_value *v);
	int arg;        /* of get: a state, a flag */
	uint32_t kinds; /* of events that it is made of, bits by enum event_kind */
	/*
	 * Of Prometheus, where it has this figure: the name without "vmperf_" and
	 * "_total", times in seconds; a label that the row adds; the help of all rows
	 * of that name (in the first of them; NULL: its own).
	 */
	const char *series, *label, *label_value, *family_help;
};

extern const struct metric metrics[];
extern const unsigned int metrics_count;

/* NULL: none of that name. */
const struct metric *metric_find(enum metric_level level, const char *id);

/* Fills both members of v.  False: not visible here, or no such value; v is then 0. */
bool metric_get(const struct metric *m, const struct metric_at *at, struct metric_value *v);

/* METRIC_NEEDS_* */
uint32_t metric_needs(const struct metric *m);

/*
 * Whose work the figures derived from events are of, where their names do not
 * say it: the guest's if that is counted apart, else both's.  False: nothing
 * that they are made of is counted.
 */
bool metric_derived_mode(const struct view *v, enum event_mode *mode);

/* A state's name, as in JSON: "guest", "kvm", … */
const char *ledger_state_name(enum vmp_state s);

#endif
