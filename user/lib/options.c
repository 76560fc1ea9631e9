// SPDX-License-Identifier: GPL-2.0-only
#include "options.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"

#define HELP_COLUMN 30
#define HELP_WIDTH  80
#define NS_PER_S    1000000000ULL

struct unit {
	const char *name; /* NULL ends a table */
	uint64_t size;    /* in the smallest one */
};

static const struct unit times[] = {
	{"", NS_PER_S},
	{"ns", 1},
	{"us", 1000},
	{"ms", 1000000},
	{"s", NS_PER_S},
	{"m", 60 * NS_PER_S},
	{"h", 3600 * NS_PER_S},
	{"d", 86400 * NS_PER_S},
	{NULL},
};

static const struct unit sizes[] = {
	{"", 1}, {"k", 1000}, {"M", 1000000}, {"G", 1000000000}, {"T", 1000000000000}, {NULL},
};

static uint64_t sat_add(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static uint64_t sat_mul(uint64_t a, uint64_t b)
{
	return b && a > UINT64_MAX / b ? UINT64_MAX : a * b;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* No strtod(): it takes "nan", hexadecimal numbers and the locale's comma. */
static bool decimal(const char *s, const struct unit *units, uint64_t *ret)
{
	uint64_t whole = 0, fraction = 0, scale = 1, unit = 0;
	const char *p = s;
	bool any = false;

	for (; is_digit(*p); p++, any = true)
		whole = sat_add(sat_mul(whole, 10), (uint64_t)(*p - '0'));
	if (*p == '.') {
		for (p++; is_digit(*p); p++, any = true) {
			/* below a billionth of any unit nothing is lost that matters */
			if (scale < NS_PER_S) {
				fraction = fraction * 10 + (uint64_t)(*p - '0');
				scale *= 10;
			}
		}
	}
	if (!any)
		return false;
	for (; units->name; units++)
		if (!strcmp(p, units->name))
			unit = units->size;
	if (!unit)
		return false;
	/* fraction < 10^9; in parts, so that the product fits */
	*ret = sat_add(sat_mul(whole, unit), unit / scale * fraction + unit % scale * fraction / scale);
	return true;
}

bool options_duration(const char *s, uint64_t *ret)
{
	return decimal(s, times, ret);
}

bool options_size(const char *s, uint64_t *ret)
{
	return decimal(s, sizes, ret);
}

static bool parse_u32(const char *s, uint64_t *ret)
{
	uint64_t v = 0;

	if (!*s)
		return false;
	for (; *s; s++) {
		if (!is_digit(*s))
			return false;
		v = sat_add(sat_mul(v, 10), (uint64_t)(*s - '0'));
	}
	*ret = v;
	return true;
}

static bool takes_value(const struct option_def *o)
{
	return o->type != OPTION_FLAG && o->type != OPTION_COUNT;
}

static bool fail(struct options_result *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static bool fail(struct options_result *r, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	return false;
}

/* The place of value in "a|b|c"; -1: not there. */
static int choice(const char *choices, const char *value)
{
	size_t len = strlen(value);
	int i = 0;

	for (const char *p = choices; p; i++) {
		size_t n = strcspn(p, "|");

		if (n == len && !memcmp(p, value, len))
			return i;
		p = p[n] ? p + n + 1 : NULL;
	}
	return -1;
}

static void format_duration(uint64_t ns, char *ret, size_t size)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} big[] = {{86400 * NS_PER_S, "d"}, {3600 * NS_PER_S, "h"}, {60 * NS_PER_S, "m"},
		   {NS_PER_S, "s"},         {1000000, "ms"},        {1000, "us"}};

	for (size_t i = 0; i < sizeof(big) / sizeof(big[0]); i++) {
		if (ns && ns % big[i].ns == 0) {
			snprintf(ret, size, "%llu%s", (unsigned long long)(ns / big[i].ns), big[i].name);
			return;
		}
	}
	snprintf(ret, size, "%lluns", (unsigned long long)ns);
}

static bool set_duration(const struct option_def *o, const char *value, void *member,
			 struct options_result *r)
{
	char min[32], max[32];
	uint64_t v;

	if (!options_duration(value, &v))
		return fail(r, "--%s: '%.60s' is not a time (write it as 2, 0.5, 500ms, 2s or 1m)", o->name,
			    value);
	if (v < o->min || v > o->max) {
		format_duration(o->min, min, sizeof(min));
		format_duration(o->max, max, sizeof(max));
		return fail(r, "--%s: %.60s is out of range (from %s to %s)", o->name, value, min, max);
	}
	memcpy(member, &v, sizeof(v));
	return true;
}

static void format_size(uint64_t bytes, char *ret, size_t size)
{
	const struct unit *best = sizes;

	for (const struct unit *u = sizes; u->name; u++)
		if (bytes && bytes % u->size == 0)
			best = u;
	snprintf(ret, size, "%llu%s", (unsigned long long)(bytes / best->size), best->name);
}

static bool set_size(const struct option_def *o, const char *value, void *member, struct options_result *r)
{
	char min[32], max[32];
	uint64_t v;

	if (!options_size(value, &v))
		return fail(r, "--%s: '%.60s' is not a size (write it as 5000, 500k, 10M or 1G)", o->name,
			    value);
	if (v < o->min || v > o->max) {
		format_size(o->min, min, sizeof(min));
		format_size(o->max, max, sizeof(max));
		return fail(r, "--%s: %.60s is out of range (from %s to %s)", o->name, value, min, max);
	}
	memcpy(member, &v, sizeof(v));
	return true;
}

static bool set_u32(const struct option_def *o, const char *value, void *member, struct options_result *r)
{
	uint32_t v32;
	uint64_t v;

	if (!parse_u32(value, &v))
		return fail(r, "--%s: '%.60s' is not a number (from %llu to %llu)", o->name, value,
			    (unsigned long long)o->min, (unsigned long long)o->max);
	if (v < o->min || v > o->max)
		return fail(r, "--%s: %.60s is out of range (from %llu to %llu)", o->name, value,
			    (unsigned long long)o->min, (unsigned long long)o->max);
	v32 = (uint32_t)v;
	memcpy(member, &v32, sizeof(v32));
	return true;
}

/* value: NULL for the types that take none. */
static bool set(const struct option_def *o, const char *value, void *settings, struct options_result *r)
{
	void *member = (char *)settings + o->offset;
	struct options_list *list;
	int i;

	if (value && !*value)
		return fail(r, "--%s: the value is empty (%s is expected)", o->name, o->metavar);
	switch (o->type) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return true;
	case OPTION_COUNT:
		if (*(int *)member < INT_MAX)
			++*(int *)member;
		return true;
	case OPTION_STRING:
		memcpy(member, &value, sizeof(value));
		return true;
	case OPTION_LIST:
		list = member;
		list->items = mem_resize(list->items, (size_t)list->n + 1, sizeof(*list->items));
		list->items[list->n++] = value;
		return true;
	case OPTION_CHOICE:
		i = choice(o->metavar, value);
		if (i < 0)
			return fail(r, "--%s: '%.60s' is not known (one of %s)", o->name, value, o->metavar);
		memcpy(member, &i, sizeof(i));
		return true;
	case OPTION_DURATION:
		return set_duration(o, value, member, r);
	case OPTION_U32:
		return set_u32(o, value, member, r);
	case OPTION_SIZE:
		return set_size(o, value, member, r);
	}
	return fail(r, "--%s: no such type", o->name);
}

void options_preset(const struct option_def *table, uint32_t command, void *settings)
{
	struct options_result r;

	/* one that does not parse sets nothing; the unit test parses each */
	for (const struct option_def *o = table; o->name; o++)
		if (o->commands & command && o->preset)
			set(o, o->preset, settings, &r);
}

void options_free(const struct option_def *table, void *settings)
{
	for (const struct option_def *o = table; o->name; o++) {
		struct options_list *list = (void *)((char *)settings + o->offset);

		if (o->type != OPTION_LIST)
			continue;
		free(list->items);
		*list = (struct options_list){0};
	}
}

/* Edits (insert, delete, replace, swap of neighbours) that make a from b, up to words of 31 bytes. */
static unsigned int distance(const char *a, const char *b)
{
	enum { MAX = 32 };
	unsigned int d[MAX][MAX];
	size_t n = strlen(a), m = strlen(b);

	if (n >= MAX || m >= MAX)
		return UINT_MAX;
	for (size_t i = 0; i <= n; i++) {
		for (size_t k = 0; k <= m; k++) {
			unsigned int v;

			if (!i || !k) {
				d[i][k] = (unsigned int)(i + k);
				continue;
			}
			v = d[i - 1][k - 1] + (a[i - 1] != b[k - 1]);
			if (d[i - 1][k] + 1 < v)
				v = d[i - 1][k] + 1;
			if (d[i][k - 1] + 1 < v)
				v = d[i][k - 1] + 1;
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1] &&
			    d[i - 2][k - 2] + 1 < v)
				v = d[i - 2][k - 2] + 1;
			d[i][k] = v;
		}
	}
	return d[n][m];
}

/* A word is near when at most a third of it is wrong, or when it was cut short. */
static bool nearer(const char *s, const char *word, unsigned int *best)
{
	size_t len = strlen(s);
	unsigned int v = distance(s, word), limit = (unsigned int)(strlen(word) + 2) / 3;

	if (len > 1 && !strncmp(s, word, len))
		v = 1;
	if (v > limit || v >= *best)
		return false;
	*best = v;
	return true;
}

const char *options_nearest(const char *s, const char *const *words)
{
	const char *found = NULL;
	unsigned int best = UINT_MAX;

	for (; *words; words++)
		if (nearer(s, *words, &best))
			found = *words;
	return found;
}

static bool unknown(const struct option_def *table, uint32_t command, const char *name, size_t len,
		    struct options_result *r)
{
	const struct option_def *found = NULL;
	unsigned int best = UINT_MAX;
	char s[32];

	if (len < sizeof(s)) {
		memcpy(s, name, len);
		s[len] = '\0';
		for (const struct option_def *o = table; o->name; o++)
			if (o->commands & command && nearer(s, o->name, &best))
				found = o;
	}
	if (len > 60)
		len = 60;
	if (found)
		return fail(r, "unknown option --%.*s (did you mean --%s?)", (int)len, name, found->name);
	return fail(r, "unknown option --%.*s (--help lists the options)", (int)len, name);
}

/* The argument after argv[*i], if it can be a value; moves on to it. */
static const char *next_value(int argc, char *const *argv, int *i)
{
	if (*i + 1 >= argc || (argv[*i + 1][0] == '-' && argv[*i + 1][1]))
		return NULL;
	return argv[++*i];
}

static bool missing(const struct option_def *o, int argc, char *const *argv, int i, struct options_result *r)
{
	if (i + 1 < argc)
		return fail(r, "--%s needs a value, %s, before '%.60s' (or write --%s=VALUE)", o->name,
			    o->metavar, argv[i + 1], o->name);
	return fail(r, "--%s needs a value: %s", o->name, o->metavar);
}

static bool parse_long(const struct option_def *table, uint32_t command, int argc, char *const *argv, int *i,
		       void *settings, struct options_result *r)
{
	const char *name = argv[*i] + 2, *value;
	size_t len = strcspn(name, "=");
	const struct option_def *o;

	for (o = table; o->name; o++)
		if (o->commands & command && strlen(o->name) == len && !memcmp(o->name, name, len))
			break;
	if (!o->name)
		return unknown(table, command, name, len, r);
	if (!takes_value(o))
		return name[len] ? fail(r, "--%s takes no value", o->name) : set(o, NULL, settings, r);
	value = name[len] ? name + len + 1 : next_value(argc, argv, i);
	return value ? set(o, value, settings, r) : missing(o, argc, argv, *i, r);
}

static bool parse_letters(const struct option_def *table, uint32_t command, int argc, char *const *argv,
			  int *i, void *settings, struct options_result *r)
{
	const struct option_def *o;
	const char *value;

	for (const char *p = argv[*i] + 1; *p; p++) {
		for (o = table; o->name; o++)
			if (o->commands & command && o->letter == *p)
				break;
		if (!o->name)
			return fail(r, "unknown option -%c (--help lists the options)", *p);
		if (takes_value(o)) {
			value = p[1] ? p + 1 : next_value(argc, argv, i);
			return value ? set(o, value, settings, r) : missing(o, argc, argv, *i, r);
		}
		if (!set(o, NULL, settings, r))
			return false;
	}
	return true;
}

bool options_parse(const struct option_def *table, uint32_t command, int argc, char *const *argv, int first,
		   void *settings, struct options_result *ret)
{
	int i;

	*ret = (struct options_result){.next = argc};
	for (i = first; i < argc; i++) {
		bool ok;

		if (argv[i][0] != '-' || !argv[i][1])
			break;
		if (!strcmp(argv[i], "--")) {
			ret->terminated = true;
			i++;
			break;
		}
		if (argv[i][1] == '-')
			ok = parse_long(table, command, argc, argv, &i, settings, ret);
		else
			ok = parse_letters(table, command, argc, argv, &i, settings, ret);
		if (!ok)
			return false;
	}
	ret->next = i;
	return true;
}

/* Words of s from the current column on, in lines of HELP_WIDTH that begin at HELP_COLUMN. */
static void wrap(struct buf *b, const char *s)
{
	size_t column = HELP_COLUMN;

	while (*s) {
		size_t n = strcspn(s, " ");

		if (column > HELP_COLUMN && column + 1 + n > HELP_WIDTH) {
			buf_printf(b, "\n%*s", HELP_COLUMN, "");
			column = HELP_COLUMN;
		} else if (column > HELP_COLUMN) {
			buf_puts(b, " ");
			column++;
		}
		buf_add(b, s, n);
		column += n;
		s += n;
		s += strspn(s, " ");
	}
	buf_puts(b, "\n");
}

void options_help(const struct option_def *table, uint32_t command, struct buf *b)
{
	for (const struct option_def *o = table; o->name; o++) {
		struct buf text = {0};
		size_t start = b->len, width;

		if (!(o->commands & command))
			continue;
		if (o->letter)
			buf_printf(b, "  -%c, --%s", o->letter, o->name);
		else
			buf_printf(b, "      --%s", o->name);
		if (o->metavar)
			buf_printf(b, " %s", o->metavar);
		width = b->len - start;
		if (width + 2 > HELP_COLUMN)
			buf_printf(b, "\n%*s", HELP_COLUMN, "");
		else
			buf_printf(b, "%*s", (int)(HELP_COLUMN - width), "");
		buf_puts(&text, o->help);
		if (o->preset)
			buf_printf(&text, " (default: %s)", o->preset);
		wrap(b, text.data);
		buf_free(&text);
	}
}
