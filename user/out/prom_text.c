// SPDX-License-Identifier: GPL-2.0-only
#include "prom_text.h"

#include <string.h>

#include "../model/label.h"

void prom_family(struct prom_text *t, const char *name, enum prom_type type, const char *help)
{
	t->family = (struct prom_family){.name = name, .type = type, .help = help};
}

static const char *suffix_of(enum prom_type type)
{
	return type == PROM_COUNTER ? "_total" : type == PROM_INFO ? "_info" : "";
}

static void head_line(struct prom_text *t, const char *what, const char *value)
{
	buf_puts(t->b, "# ");
	buf_puts(t->b, what);
	buf_puts(t->b, t->family.name);
	/* OpenMetrics has the family's name here, the older format that of its lines */
	if (!t->openmetrics)
		buf_puts(t->b, suffix_of(t->family.type));
	buf_puts(t->b, " ");
	buf_puts(t->b, value);
	buf_puts(t->b, "\n");
}

static void head(struct prom_text *t)
{
	static const char *const types[] = {
		[PROM_COUNTER] = "counter",
		[PROM_GAUGE] = "gauge",
		[PROM_INFO] = "info",
		[PROM_HISTOGRAM] = "histogram",
	};
	static const char *const units[] = {"seconds", "bytes", "ratio"};
	const struct prom_family *f = &t->family;
	const char *last = strrchr(f->name, '_');

	head_line(t, "HELP ", f->help);
	head_line(t, "TYPE ", f->type == PROM_INFO && !t->openmetrics ? "gauge" : types[f->type]);
	for (size_t i = 0; t->openmetrics && last && i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(last + 1, units[i]))
			head_line(t, "UNIT ", units[i]);
}

void prom_begin(struct prom_text *t, const char *suffix)
{
	if (!t->family.begun)
		head(t);
	t->family.begun = true;
	buf_puts(t->b, t->family.name);
	buf_puts(t->b, suffix ? suffix : suffix_of(t->family.type));
}

void prom_labels(struct prom_text *t, const char *labels, size_t len)
{
	if (!len)
		return;
	if (*labels != ',')
		buf_add(t->b, "{", 1);
	buf_add(t->b, labels, len);
}

/* Labels end in a quote, names do not. */
static void close_labels(struct prom_text *t)
{
	if (t->b->data[t->b->len - 1] == '"')
		buf_add(t->b, "} ", 2);
	else
		buf_add(t->b, " ", 1);
}

/* The digits of n, at least so many, end before end; returns where they begin. */
static char *digits(char *end, uint64_t n, unsigned int least)
{
	for (; n || least; n /= 10) {
		*--end = (char)('0' + n % 10);
		least -= least > 0;
	}
	return end;
}

void prom_number(struct buf *b, uint64_t n)
{
	char s[24], *end = s + sizeof(s), *p = digits(end, n, 1);

	buf_add(b, p, (size_t)(end - p));
}

void prom_count(struct prom_text *t, uint64_t n)
{
	close_labels(t);
	prom_number(t->b, n);
	buf_add(t->b, "\n", 1);
}

void prom_seconds(struct prom_text *t, uint64_t ns)
{
	uint64_t part = ns % 1000000000;
	char s[16], *end = s + sizeof(s), *p;

	close_labels(t);
	prom_number(t->b, ns / 1000000000);
	if (part) {
		p = digits(end, part, 9);
		while (end[-1] == '0')
			end--;
		buf_add(t->b, ".", 1);
		buf_add(t->b, p, (size_t)(end - p));
	}
	buf_add(t->b, "\n", 1);
}

void prom_real(struct prom_text *t, double d)
{
	close_labels(t);
	/* a time since 1970 has ten digits before the point */
	buf_printf(t->b, d >= 1e9 ? "%.3f\n" : "%.9g\n", d);
}

void prom_label(struct buf *b, bool first, const char *name, const char *value)
{
	struct buf clean = {0};
	const char *s;

	label_clean(&clean, value);
	if (!first)
		buf_puts(b, ",");
	buf_puts(b, name);
	buf_puts(b, "=\"");
	/* there is no line end in it */
	for (s = clean.data; *s; s++) {
		size_t len = strcspn(s, "\\\"");

		buf_add(b, s, len);
		s += len;
		if (!*s)
			break;
		buf_add(b, "\\", 1);
		buf_add(b, s, 1);
	}
	buf_puts(b, "\"");
	buf_free(&clean);
}
