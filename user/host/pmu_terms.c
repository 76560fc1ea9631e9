// SPDX-License-Identifier: GPL-2.0-only
/* What stands between the slashes of pmu/…/: terms, and the events that sysfs has names for. */
#include <errno.h>
#include <inttypes.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "hostinfo.h"
#include "pmu.h"

#define PMU_DIR "/sys/bus/event_source/devices/%s"

struct terms {
	const char *root;
	const struct pmu *pmu;
	struct event_spec *spec;
	char *error;
	bool hybrid;
	bool expanding; /* these are the terms that sysfs has for a name: they are no names themselves */
	unsigned int n; /* terms so far, and names among them */
};

static bool number(const char *s, uint64_t *ret)
{
	char *end;

	/* strtoull() would take blanks and signs */
	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	*ret = strtoull(s, &end, s[0] == '0' && s[1] == 'x' ? 16 : 10);
	return !errno && !*end;
}

/* "config1:0-7,32-35": the word of the spec, which is left at the first range; NULL: it has none such. */
static uint64_t *format_word(struct event_spec *e, const char **format)
{
	static const char *const names[] = {"config:", "config1:", "config2:"};
	uint64_t *const words[] = {&e->config, &e->config1, &e->config2};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strncmp(*format, names[i], strlen(names[i])) != 0)
			continue;
		*format += strlen(names[i]);
		return words[i];
	}
	return NULL;
}

/* The next range of bits; false at the end, or where there is none. */
static bool range(const char **p, unsigned int *first, unsigned int *last)
{
	int n = 0;

	if (sscanf(*p, "%2u-%2u%n", first, last, &n) != 2 || !n) {
		n = 0;
		if (sscanf(*p, "%2u%n", first, &n) != 1)
			return false;
		*last = *first;
	}
	*p += n;
	if (**p == ',')
		++*p;
	return *first <= *last && *last < 64;
}

/* Puts value into the bits that the format has for it, lowest first. */
static bool set_bits(struct terms *t, const char *key, const char *format, uint64_t value)
{
	uint64_t *word = format_word(t->spec, &format), left = value, mask;
	unsigned int first, last, width, all = 0;

	if (!word)
		return event_fail(t->error, "the term '%.40s' is not supported (%.40s)", key, format);
	while (range(&format, &first, &last)) {
		width = last - first + 1;
		all += width;
		mask = width == 64 ? ~0ULL : (1ULL << width) - 1;
		*word = (*word & ~(mask << first)) | (left & mask) << first;
		left = width == 64 ? 0 : left >> width;
	}
	if (*format || !all)
		return event_fail(t->error, "the term '%.40s' has a format that is not understood", key);
	if (left)
		return event_fail(t->error, "%.40s=%#" PRIx64 " is too large: it has %u bits", key, value,
				  all);
	return true;
}

static void add_names(struct buf *b, const char *root, const char *pmu)
{
	char **names = pmu_files(root, pmu, "format");

	for (char **p = names; *p; p++)
		buf_printf(b, "%s, ", *p);
	free(names);
}

static bool unknown(struct terms *t, const char *key)
{
	struct buf b = {0};

	buf_printf(&b, "%s has no event or term '%.40s' (terms: ", t->pmu->name, key);
	add_names(&b, t->root, t->pmu->name);
	buf_puts(&b, "config, config1, config2)");
	event_fail(t->error, "%s", b.data);
	buf_free(&b);
	return false;
}

static bool set_term(struct terms *t, const char *key, const char *text)
{
	static const char *const whole[] = {"config", "config1", "config2"};
	uint64_t *const words[] = {&t->spec->config, &t->spec->config1, &t->spec->config2};
	char format[256];
	uint64_t value;

	if (!number(text, &value))
		return event_fail(t->error,
				  strcmp(text, "?") ? "%.40s=%.40s: that is not a number"
						    : "%.40s=%.40s: a number of your own is needed",
				  key, text);
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++) {
		if (!strcmp(key, whole[i])) {
			*words[i] = value;
			return true;
		}
	}
	if (!hostinfo_file(t->root, format, sizeof(format), PMU_DIR "/format/%s", t->pmu->name, key))
		return unknown(t, key);
	return set_bits(t, key, format, value);
}

static bool set_terms(struct terms *t, const char *text);

/* A name of sysfs: its file has the terms.  False with no error: there is no such file. */
static bool expand(struct terms *t, const char *key)
{
	char text[4096], more[32];
	const struct event_name *row;
	bool ok;

	if (t->expanding || !pmu_event(t->root, t->pmu->name, key, text, sizeof(text)))
		return false;
	if (hostinfo_file(t->root, more, sizeof(more), PMU_DIR "/events/%s.snapshot", t->pmu->name, key) &&
	    !strcmp(more, "1"))
		return event_fail(t->error, "%s/%.40s/ is a level, not a count", t->pmu->name, key);
	if (hostinfo_file(t->root, more, sizeof(more), PMU_DIR "/events/%s.scale", t->pmu->name, key) &&
	    strtod(more, NULL) != 1)
		return event_fail(
			t->error,
			"%s/%.40s/ is to be multiplied by %s, which vmperf does not do: write %s/%.60s/",
			t->pmu->name, key, more, t->pmu->name, text);
	t->expanding = true;
	ok = set_terms(t, text);
	t->expanding = false;
	row = event_find(key);
	if (row && row->group == EVENT_HARDWARE)
		t->spec->kind = row->kind;
	return ok;
}

/* A generic name, of this one of the CPUs' PMUs. */
static bool generic(struct terms *t, const char *key)
{
	const struct event_name *row = t->pmu->core ? event_find(key) : NULL;

	if (!row || (row->group != EVENT_HARDWARE && row->group != EVENT_CACHE))
		return false;
	t->spec->type = row->type;
	t->spec->config = row->config;
	if (t->hybrid)
		t->spec->config |= (uint64_t)t->pmu->type << PERF_PMU_TYPE_SHIFT;
	t->spec->kind = row->kind;
	return true;
}

static bool set_word(struct terms *t, const char *key)
{
	if (expand(t, key))
		return true;
	if (*t->error)
		return false;
	if (!t->expanding && generic(t, key))
		return true;
	/* a flag */
	return set_term(t, key, "1");
}

static bool set_terms(struct terms *t, const char *text)
{
	char *copy = mem_strdup(text), *save = NULL, *value;
	bool ok = true;

	for (char *key = strtok_r(copy, ",", &save); key && ok; key = strtok_r(NULL, ",", &save)) {
		t->n += !t->expanding;
		value = strchr(key, '=');
		if (value)
			*value++ = '\0';
		ok = value ? set_term(t, key, value) : set_word(t, key);
	}
	free(copy);
	return ok;
}

static bool no_pmu(const struct pmus *p, const char *name, char *error)
{
	struct buf b = {0};

	for (size_t i = 0; i < p->n; i++)
		if (p->items[i].reach == PMU_THREADS)
			buf_printf(&b, "%s%s", b.len ? ", " : "", p->items[i].name);
	event_fail(error, "there is no PMU '%.40s' here (%s%s)", name,
		   b.len ? "there are: " : "there is none at all", b.data ? b.data : "");
	buf_free(&b);
	return false;
}

bool pmus_resolve(const struct pmus *p, const char *text, struct event_spec *ret, char *error)
{
	size_t len = strcspn(text, "/");
	char *name = mem_strndup(text, len), *list;
	struct terms t = {.root = p->root,
			  .pmu = pmus_find(p, name),
			  .hybrid = pmus_hybrid(p),
			  .spec = ret,
			  .error = error};
	bool ok;

	error[0] = '\0';
	if (!t.pmu || t.pmu->reach != PMU_THREADS) {
		ok = !t.pmu ? no_pmu(p, name, error)
		     : t.pmu->reach == PMU_SHARED
			     ? event_fail(error,
					  "%s counts for a core, a socket or the whole host, not for threads",
					  name)
			     : event_fail(error, "%s counts nothing", name);
		free(name);
		return ok;
	}
	free(name);
	ret->group = EVENT_PMU;
	ret->kind = EVENT_OTHER;
	ret->type = t.pmu->type;
	ret->config = ret->config1 = ret->config2 = 0;
	ret->core = t.pmu->core;
	text += len + (text[len] == '/');
	list = mem_strndup(text, strcspn(text, "/"));
	ok = set_terms(&t, list);
	free(list);
	/* with further terms it is another event than its name says */
	if (t.n != 1)
		ret->kind = EVENT_OTHER;
	if (ok && t.n != 1 && ret->type != t.pmu->type)
		return event_fail(error, "a generic event takes no other terms beside it");
	return ok;
}
