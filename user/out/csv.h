/* SPDX-License-Identifier: GPL-2.0-only */
/* Rows of CSV, quoted as RFC 4180 has it, lines ended by LF. */
#ifndef VMPERF_OUT_CSV_H
#define VMPERF_OUT_CSV_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/buf.h"

/* A row's fields are separated as they come; the first has nothing before it. */
struct csv_row {
	struct buf *b;
	bool begun;
};

void csv_field(struct csv_row *r, const char *s);
/* Text from elsewhere, escaped as buf_escape() does. */
void csv_name(struct csv_row *r, const char *s);
void csv_number(struct csv_row *r, int64_t n);
void csv_end(struct csv_row *r);

#endif
