/* SPDX-License-Identifier: GPL-2.0-only */
/* What the tables for people are made of: cells of one kind each, and lines of text. */
#ifndef VMPERF_OUT_CELLS_H
#define VMPERF_OUT_CELLS_H

#include <stdint.h>

#include "../lib/units.h"
#include "../model/metric.h"
#include "grid.h"

#define CELLS_SIZE (UNITS_SIZE + 1) /* the text of any figure; an upper bound has a "<" before it */

/* Columns that a table may have. */
unsigned int cells_width(const struct out_options *o);

/* Columns that figures of a unit take. */
unsigned int cells_unit_width(enum metric_unit unit);

/* A figure as people read it, in the unit that its column's heading says.  Returns ret. */
const char *cells_figure(const struct metric *m, double value, char ret[UNITS_SIZE]);

/* What a share of the time looks like that is lost in this; GRID_PLAIN: not much, or it is no loss. */
enum grid_style cells_loss_style(const struct metric *m, double share);

/* A figure as people read it, and its style; false: no value. */
bool cells_metric_text(const struct metric *m, const struct metric_at *at, char ret[CELLS_SIZE],
		       enum grid_style *style);

void cells_metric(struct grid *g, const struct metric *m, const struct metric_at *at);
void cells_number(struct grid *g, uint64_t n);

/* A list of numbers that was written to b, which is freed. */
void cells_list(struct grid *g, struct buf *b);

/* The names of VMs; utf8: as text_safe() has it. */
void cells_vm_text(struct buf *b, const struct view_vm *vm, bool utf8);
void cells_vm_column(struct grid *g);
void cells_vm(struct grid *g, const struct view_vm *vm, const struct out_options *o);

/* Text of its own lines, wrapped, in a style. */
void cells_line(struct buf *b, const char *text, enum grid_style style, const struct out_options *o);

#endif
