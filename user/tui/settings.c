// SPDX-License-Identifier: GPL-2.0-only
#include "settings.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

#define BLANKS       " \t\r"
#define MS           UINT64_C(1000000)
#define INTERVAL_MIN (10 * MS)
#define INTERVAL_MAX (24 * 3600 * 1000 * MS)

/* As the settings call the pages. */
static const char *const page_ids[PAGES] = {
	[PAGE_REASON] = "reason",     [PAGE_VMS] = "vms",
	[PAGE_VCPUS] = "vcpus",       [PAGE_EXITS] = "exits",
	[PAGE_UEXITS] = "uexits",     [PAGE_THREADS] = "threads",
	[PAGE_EVENTS] = "events",     [PAGE_PLACEMENT] = "placement",
	[PAGE_HARDWARE] = "hardware", [PAGE_HOST] = "host",
};

static const char *const themes[THEMES] = {
	[THEME_DEFAULT] = "default",
	[THEME_LIGHT] = "light",
	[THEME_DARK] = "dark",
};

/* The columns that are named; others are a newer vmperf's.  False: none is known here. */
static bool read_columns(struct ui *ui, enum page p, char *words)
{
	struct page_choice *choice = &ui->pages[p];
	const struct column *found[COLUMNS_MAX];
	unsigned int n = 0;
	char *rest;

	for (char *w = strtok_r(words, BLANKS, &rest); w; w = strtok_r(NULL, BLANKS, &rest)) {
		const struct column *c = page_column(p, w);
		bool again = false;

		for (unsigned int i = 0; i < n; i++)
			again |= found[i] == c;
		if (c && !again)
			found[n++] = c;
	}
	if (!n)
		return false;
	for (unsigned int i = 0; i < n; i++)
		choice->columns[i] = found[i];
	choice->ncolumns = n;
	choice->column = 0;
	choice->left = 0;
	return true;
}

/* A column, with a "-" before it: the other way round; "-" alone: that of the page's own order. */
static bool read_sort(struct ui *ui, enum page p, const char *word)
{
	bool reverse = *word == '-';
	const struct column *c = page_column(p, word + reverse);

	if (!c && strcmp(word, "-") != 0)
		return false;
	ui->pages[p].sort = c;
	ui->pages[p].reverse = reverse;
	return true;
}

static bool read_flag(bool *flag, const char *word)
{
	bool yes = !strcmp(word, "yes");

	if (!yes && strcmp(word, "no") != 0)
		return false;
	*flag = yes;
	return true;
}

static bool read_theme(struct ui *ui, const char *word)
{
	for (int t = 0; t < THEMES; t++) {
		if (strcmp(word, themes[t]) != 0)
			continue;
		ui->theme = (enum theme_name)t;
		return true;
	}
	return false;
}

static bool read_interval(struct ui *ui, const char *word)
{
	char *end;
	unsigned long long ms;

	if (!isdigit((unsigned char)*word) || strlen(word) > 9)
		return false;
	ms = strtoull(word, &end, 10);
	if (*end || ms * MS < INTERVAL_MIN || ms * MS > INTERVAL_MAX)
		return false;
	ui->interval_ns = ms * MS;
	return true;
}

/* False: the value makes no sense. */
static bool read_value(struct ui *ui, const char *key, char *value)
{
	const char *page = strchr(key, '.');

	if (!strcmp(key, "theme"))
		return read_theme(ui, value);
	if (!strcmp(key, "interval_ms"))
		return read_interval(ui, value);
	if (!strcmp(key, "by_vcpu"))
		return read_flag(&ui->by_vcpu, value);
	for (int p = 0; page && p < PAGES; p++) {
		if (strcmp(page + 1, page_ids[p]) != 0)
			continue;
		if (!strncmp(key, "columns.", sizeof("columns.") - 1))
			return read_columns(ui, (enum page)p, value);
		if (!strncmp(key, "sort.", sizeof("sort.") - 1))
			return read_sort(ui, (enum page)p, value);
	}
	return true;
}

/* Cuts blanks off both ends. */
static char *trimmed(char *s)
{
	size_t len;

	s += strspn(s, BLANKS);
	len = strlen(s);
	while (len && strchr(BLANKS, s[len - 1]))
		len--;
	s[len] = '\0';
	return s;
}

unsigned int settings_read(struct ui *ui, const char *text)
{
	unsigned int wrong = 0;

	for (unsigned int n = 1; *text; n++) {
		size_t len = strcspn(text, "\n");
		char *line = mem_strndup(text, len), *key = trimmed(line), *value = strchr(key, '=');
		bool taken = !*key || *key == '#';

		if (!taken && value) {
			*value++ = '\0';
			taken = read_value(ui, trimmed(key), trimmed(value));
		}
		if (!taken && !wrong)
			wrong = n;
		free(line);
		text += len + (text[len] == '\n');
	}
	return wrong;
}

/* Whether the columns are those that everybody begins with. */
static bool preset(const struct page_choice *c, enum page p)
{
	const struct column *all;
	unsigned int n = page_columns(p, &all), k = 0;

	for (unsigned int i = 0; i < n; i++)
		if (all[i].preset && (k == c->ncolumns || c->columns[k++] != &all[i]))
			return false;
	return k == c->ncolumns;
}

void settings_write(struct buf *b, const struct ui *ui)
{
	buf_puts(b, "# vmperf's terminal UI writes this file\n");
	buf_printf(b, "theme = %s\n", themes[ui->theme]);
	buf_printf(b, "interval_ms = %" PRIu64 "\n", ui->interval_ns / MS);
	buf_printf(b, "by_vcpu = %s\n", ui->by_vcpu ? "yes" : "no");
	/* what was never changed is left to this version's presets, and the next one's */
	for (int p = 0; p < PAGES; p++) {
		const struct page_choice *c = &ui->pages[p];

		if (!preset(c, (enum page)p)) {
			buf_printf(b, "columns.%s =", page_ids[p]);
			for (unsigned int i = 0; i < c->ncolumns; i++)
				buf_printf(b, " %s", c->columns[i]->id);
			buf_puts(b, "\n");
		}
		if (c->sort || c->reverse)
			buf_printf(b, "sort.%s = %s%s\n", page_ids[p], c->reverse ? "-" : "",
				   c->sort ? c->sort->id : "");
	}
}
