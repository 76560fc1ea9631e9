// SPDX-License-Identifier: GPL-2.0-only
/* Lists of metrics, states and losses for vmperf-metrics(7). */
#include <stdio.h>
#include <string.h>

#include "../../model/loss.h"
#include "../../model/metric.h"
#include "../../model/thread.h"
#include "../../model/verdict.h"
#include "../../out/prom.h"
#include "gen.h"

/* By enum metric_level: what the templates call it, and the label that each of its series has. */
static const struct {
	const char *name, *label;
} levels[] = {
	[METRIC_SET] = {"set", ""},
	[METRIC_EXIT] = {"exit", "reason"},
	[METRIC_UEXIT] = {"uexit", "reason"},
	[METRIC_THREAD] = {"thread", "class"},
	[METRIC_EVENT] = {"event", "event, mode"},
	[METRIC_VM] = {"vm", ""},
};

static const char *const units[] = {
	[UNIT_NS] = "nanoseconds",     [UNIT_COUNT] = "a count",
	[UNIT_RATIO] = "a share of 1", [UNIT_PER_SECOND] = "a rate per second",
	[UNIT_NUMBER] = "a quotient",  [UNIT_HZ] = "hertz",
};

static void add_key(struct buf *b, const struct metric *m)
{
	struct buf key = {0};

	if (m->group)
		buf_printf(&key, "%s.", m->group);
	buf_puts(&key, m->key);
	scd_bold(b, key.data);
	buf_free(&key);
}

/* "vmperf_exits_total" */
static void add_series(struct buf *b, const struct metric *m)
{
	struct buf name = {0};

	buf_printf(&name, "vmperf_%s%s", m->series, m->kind == METRIC_COUNTER ? "_total" : "");
	scd_bold(b, name.data);
	buf_free(&name);
}

/* The names that a figure has elsewhere. */
static void add_names(struct buf *b, const struct metric *m)
{
	if (m->use & METRIC_JSON && m->use & METRIC_CSV) {
		buf_puts(b, " CSV: ");
		scd_bold(b, m->id);
		buf_puts(b, ".");
	} else if (m->use & METRIC_CSV) {
		buf_puts(b, " In CSV only.");
	} else if (!(m->use & METRIC_JSON)) {
		buf_puts(b, " In tables and the terminal UI only.");
	}
	if (m->title) {
		buf_puts(b, " Column: ");
		scd_bold(b, m->title);
		buf_puts(b, ".");
	}
	if (m->series) {
		buf_puts(b, " Prometheus: ");
		add_series(b, m);
		if (m->label)
			buf_printf(b, "{%s=\"%s\"}", m->label, m->label_value);
		buf_puts(b, ".");
	}
}

static void add_metric(struct buf *b, const struct metric *m)
{
	if (m->use & METRIC_JSON)
		add_key(b, m);
	else
		scd_bold(b, m->id);
	buf_puts(b, "\n\t");
	scd_text(b, m->help);
	buf_printf(b, " Unit: %s.", units[m->unit]);
	add_names(b, m);
	buf_puts(b, "\n\n");
}

/* Whether it is a column, a key or a header; what is but a series is in the list of these. */
static bool is_figure(const struct metric *m)
{
	return m->title || m->use & (METRIC_JSON | METRIC_CSV);
}

static bool add_level(struct buf *b, const char *name)
{
	for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
		if (strcmp(levels[i].name, name) != 0)
			continue;
		for (unsigned int k = 0; k < metrics_count; k++)
			if (metrics[k].level == (enum metric_level)i && is_figure(&metrics[k]))
				add_metric(b, &metrics[k]);
		return true;
	}
	return false;
}

/* Rows before m have its series already. */
static bool listed_before(const struct metric *m)
{
	for (const struct metric *p = metrics; p < m; p++)
		if (p->series && !strcmp(p->series, m->series))
			return true;
	return false;
}

static bool add_all_series(struct buf *b, const char *arguments)
{
	for (const struct metric *m = metrics; m < metrics + metrics_count; m++) {
		const char *label = levels[m->level].label;

		if (!m->series || listed_before(m))
			continue;
		add_series(b, m);
		buf_printf(b, " {domain, uuid%s%s%s%s}\n\t", *label ? ", " : "", label, m->label ? ", " : "",
			   m->label ? m->label : "");
		scd_text(b, m->family_help ? m->family_help : m->help);
		buf_printf(b, " A %s.\n\n", m->kind == METRIC_COUNTER ? "counter" : "gauge");
	}
	return !*arguments;
}

/* Names of labels: those of {a="1",b="2"}. */
static void add_labels(struct buf *b, const char *s)
{
	const char *sep = " {";

	for (const char *eq; *s == '{' || *s == ','; s = strchr(eq + 2, '"') + 1) {
		s++;
		eq = strchr(s, '=');
		buf_printf(b, "%s%.*s", sep, (int)(eq - s), s);
		sep = ", ";
	}
	buf_puts(b, *sep == ',' ? "}" : "");
}

/* A family: the lines "# HELP NAME TEXT", "# TYPE NAME TYPE" and its first figure. */
static void add_family(struct buf *b, char *help, const char *type, const char *figure)
{
	char *name = help + strlen("# HELP "), *text = strchr(name, ' ');
	size_t len = (size_t)(text - name);

	*text++ = '\0';
	scd_bold(b, name);
	add_labels(b, figure + len);
	buf_puts(b, "\n\t");
	scd_prose(b, text, NULL);
	buf_printf(b, " A %s.\n\n", type + strlen("# TYPE ") + len + 1);
}

/* What an exporter tells of itself and its host: that of a host without VMs. */
static bool add_host_series(struct buf *b, const char *arguments)
{
	struct probe_info probe = {.name = "kvm_exit"};
	struct view v = {.nprobes = 1, .probes = &probe};
	/* what is not known is left out */
	struct prom_self self = {.resident_bytes = 1, .open_fds = 1, .scrapes = 1};
	struct tally_options tally = {.exits = TALLY_ALL};
	struct prom_options o = {.tally = &tally, .self = &self};
	struct buf page = {0};
	char *save, *help, *type, *figure;

	snprintf(v.host.kernel, sizeof(v.host.kernel), "6");
	snprintf(v.host.kvm_vendor, sizeof(v.host.kvm_vendor), "kvm");
	out_prom(&page, &v, &o);
	help = strtok_r(page.data, "\n", &save);
	while (help) {
		type = strtok_r(NULL, "\n", &save);
		figure = type ? strtok_r(NULL, "\n", &save) : NULL;
		if (!figure || strncmp(help, "# HELP ", 7) != 0)
			return false;
		add_family(b, help, type, figure);
		do
			help = strtok_r(NULL, "\n", &save);
		while (help && *help != '#');
	}
	buf_free(&page);
	return !*arguments;
}

static bool add_losses(struct buf *b, const char *arguments)
{
	for (int i = 0; i < VMP_LOSSES; i++) {
		scd_bold(b, loss_name((enum vmp_loss)i));
		buf_puts(b, "\n\t");
		scd_prose(b, loss_help((enum vmp_loss)i), NULL);
		buf_puts(b, "\n\n");
	}
	return !*arguments;
}

const struct part metric_parts[] = {
	{"metrics", add_level},
	{"series", add_all_series},
	{"host-series", add_host_series},
	{"losses", add_losses},
	{NULL},
};
