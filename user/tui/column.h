/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Columns of the pages' tables: those of the metric table, and those that are no
 * metric: names, lists, bars, trends.  Pure.
 */
#ifndef VMPERF_TUI_COLUMN_H
#define VMPERF_TUI_COLUMN_H

#include <stdbool.h>

#include "../lib/buf.h"
#include "../model/metric.h"
#include "history.h"
#include "screen.h"

/* The pages, by the key that shows them; each for all VMs, one VM or one vCPU where that makes sense. */
enum page {
	PAGE_REASON,  /* no key: one exit reason */
	PAGE_VMS = 1, /* the list; of one VM or vCPU: the overview */
	PAGE_VCPUS = 2,
	PAGE_EXITS = 3,
	PAGE_UEXITS = 4,
	PAGE_THREADS = 5,
	PAGE_EVENTS = 6,
	PAGE_PLACEMENT = 7, /* CPUs, nodes, moves, pinning, halts and wake-ups */
	PAGE_HARDWARE = 8,  /* what is derived from events */
	PAGE_HOST = 9,      /* probes, what is not visible, losses */
	PAGES,
};

/* "VMs", "vCPUs", "exits", … */
const char *page_name(enum page p);

/* One row: what it is about; members that do not matter are NULL. */
struct row {
	const struct view *view;
	const struct view_vm *vm;
	const struct view_vcpu *vcpu;
	const struct view_set *set; /* of the vCPU, else of the VM; the reason's, too */
	const struct view_exit *exit;
	const struct view_uexit *uexit;
	const struct view_class *threads;
	/* an event in its modes: places in view's events; -1: that mode is not asked for */
	int guest, host, both;
	uint64_t key; /* the same row has the same one in the next view */
};

enum column_kind {
	COLUMN_METRIC,
	COLUMN_NAME, /* of the VM */
	COLUMN_VCPU, /* its number */
	COLUMN_TID,
	COLUMN_VCPUS, /* how many */
	COLUMN_CPU,   /* CPU time on the host as a share of one CPU: all but idle, blocked, wait */
	COLUMN_BAR,   /* the ledger */
	COLUMN_TREND, /* of the last minute */
	COLUMN_VERDICT,
	COLUMN_REASON, /* of an exit */
	COLUMN_CLASS,  /* of threads */
	COLUMN_CPUS,   /* on which it ran */
	COLUMN_NODES,
	COLUMN_PINS, /* as libvirt has them */
	COLUMN_EVENT,
	COLUMN_EVENT_GUEST, /* per second */
	COLUMN_EVENT_HOST,
	COLUMN_EVENT_BOTH,
	COLUMN_EVENT_LEVEL, /* of one that is no sum but a level */
	COLUMN_EVENT_RATIO, /* the part of the time that was counted */
	COLUMN_EVENT_NOTE,  /* why it is not */
	COLUMN_UUID,
	COLUMN_PID,
};

struct column {
	const char *id; /* in the settings; a metric's own id */
	const char *title;
	const char *help;
	enum column_kind kind;
	const struct metric *metric; /* COLUMN_METRIC */
	unsigned int width;          /* numbers: that; text, bars: at least that */
	bool text;                   /* flush left */
	bool grows;                  /* takes a part of the room that is left */
	bool preset;                 /* shown unless chosen otherwise */
	bool ascending;              /* sorted by it, small ones or A come first */
};

#define COLUMNS_MAX 64

/* All that a page may have, in the order in which they are shown unless chosen otherwise. */
unsigned int page_columns(enum page p, const struct column **ret);

/* NULL: the page has none of that name. */
const struct column *page_column(enum page p, const char *id);

/* What must be collected for its figures: METRIC_NEEDS_*. */
uint32_t column_needs(const struct column *c);

/* A cell's text (not of bars and trends), safe to be shown, and its style.  Adds nothing: no value; a blank:
 * there is no such figure. */
enum style column_text(struct buf *b, const struct column *c, const struct row *r, bool utf8);

/* False: no row of this view can have a figure for it, so its place is better given to others. */
bool column_shown(const struct column *c, const struct view *v);

/* Adds sentences on what it means, what it is made of, and why it cannot be had here.  v: NULL: not known
 * yet. */
void column_explain(struct buf *b, const struct column *c, const struct view *v, bool utf8);

/* Sorts as the column has it: large ones or A first; what has no value is always last, equal ones stay. */
void column_sort(const struct column *c, bool reverse, struct row *rows, unsigned int n);

#endif
