/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Formatters: a view in, bytes out.  Pure: no clock, no I/O.  Numbers are
 * written with printf: LC_NUMERIC must be "C".
 */
#ifndef VMPERF_OUT_OUT_H
#define VMPERF_OUT_OUT_H

#include <stdbool.h>

#include "../lib/buf.h"
#include "../model/diff.h"
#include "../model/view.h"

/* The objects of the rows. */
enum out_by {
	OUT_BY_VM,
	OUT_BY_VCPU,
	OUT_BY_EXIT,
	OUT_BY_THREAD, /* the threads of a VM, by class */
	OUT_BY_EVENT,
};

struct out_options {
	enum out_by by;
	bool colour;        /* escape sequences may be used (a terminal, no NO_COLOR) */
	bool utf8;          /* the reader takes UTF-8; else ASCII only */
	unsigned int width; /* columns; 0: 80; less than OUT_WIDTH_MIN is that */
	unsigned int top;   /* most reasons shown of each VM; 0: OUT_TOP by VM, all by exit */
	const char *source; /* of a table: a record's name and times; raw bytes; NULL: measured just now */
};

#define OUT_WIDTH_MIN 40
#define OUT_TOP       5

/* Text for people, at most o->width columns. */
void out_table(struct buf *b, const struct view *v, const struct out_options *o);

/*
 * One JSON object and a newline, pure ASCII; see the man page for its members.
 * Always whole: o->by does not matter.  A histogram's "le_ns" is the longest
 * time its bucket holds (2^(k+1) - 1; null: no limit), its "count" is that
 * bucket's own.  The code of the reason "other" is null.
 */
void out_json(struct buf *b, const struct view *v, const struct out_options *o);

/*
 * A header row, then one row an object, quoted as RFC 4180 has it, lines ended
 * by LF.  Names are escaped as in buf_escape().  Not visible here: an empty
 * field.  By exit: the rows of user-space exits have "user" as their isa.
 * By event: the rows of all threads of a VM have an empty class.
 */
void out_csv(struct buf *b, const struct view *v, const struct out_options *o);

/* Tables of a difference. */
enum out_diff { OUT_DIFF_BOTH, OUT_DIFF_VMS, OUT_DIFF_REASONS };

/*
 * Text for people: the o->top figures of VMs and of reasons that changed most
 * (0: all), each with its value in A and in B and the change, absolute and in
 * relation to A's: "+1.7k (+14%)"; of a share in percentage points.  names: what
 * A and B are called.
 */
void out_diff_table(struct buf *b, const struct diff *d, const char *const names[DIFF_SIDES],
		    const struct out_options *o, enum out_diff tables);

/*
 * One JSON object and a newline, pure ASCII, with "schema": 1; "before" and
 * "after" tell of A and B: "record" (the name), "host", "time_ns" (its end),
 * "interval_ns", "vm_count", "not_visible".  Always whole: "vms" has all, the one
 * whose lost time changed most first; "pid" is null on the side that does not
 * have it.  Each figure has the key and the group of the metric table and is an
 * object of "before", "after", "change" (after - before) and "ratio" (after /
 * before); null: not visible or not there, of the ratio also: nothing before.
 * "lost_share" is the share of the vCPUs' time in kvm, vmm, poll, blocked and
 * wait, as far as these are visible; its change is null if the sides show others.  "exits" and
 * "userspace_exits" are null where neither side shows them; a reason that did not occur has a rate of 0.
 */
void out_diff_json(struct buf *b, const struct diff *d, const char *const names[DIFF_SIDES]);

#endif
