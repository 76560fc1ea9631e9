/* SPDX-License-Identifier: GPL-2.0-only */
/* The grammar of Prometheus' text format and OpenMetrics: families, labels, numbers. */
#ifndef VMPERF_OUT_PROM_TEXT_H
#define VMPERF_OUT_PROM_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/buf.h"

enum prom_type { PROM_COUNTER, PROM_GAUGE, PROM_INFO, PROM_HISTOGRAM };

/* A family's lines stand together; its head is written before the first of them. */
struct prom_family {
	const char *name; /* without the suffix of its type: "_total", "_info" */
	enum prom_type type;
	const char *help;
	bool begun;
};

struct prom_text {
	struct buf *b;
	bool openmetrics;
	struct prom_family family;
};

/* The next family. */
void prom_family(struct prom_text *t, const char *name, enum prom_type type, const char *help);

/*
 * A line: suffix (of a histogram's; else NULL), then the labels, in parts that
 * begin with a comma, all but the first that is not empty; then a number.
 */
void prom_begin(struct prom_text *t, const char *suffix);
void prom_labels(struct prom_text *t, const char *labels, size_t len);
void prom_count(struct prom_text *t, uint64_t n);
void prom_seconds(struct prom_text *t, uint64_t ns);
void prom_real(struct prom_text *t, double d);

/* Adds ,NAME="VALUE" (without the comma if first) to b; value is cleaned and escaped. */
void prom_label(struct buf *b, bool first, const char *name, const char *value);

/* Adds a number. */
void prom_number(struct buf *b, uint64_t n);

#endif
