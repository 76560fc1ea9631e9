// SPDX-License-Identifier: GPL-2.0-only
#include "events.h"

#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/mem.h"
#include "../lib/options.h"
#include "hostinfo.h"
#include "pfm.h"

/* Whether the kernel's cache-misses are the last cache's: on other CPUs than Intel's they are an inner one's.
 */
static bool misses_last_cache(const struct pmus *p)
{
	char text[1024];

	return hostinfo_file(p->root, text, sizeof(text), "/proc/cpuinfo") && strstr(text, "GenuineIntel");
}

static void set_row(const struct pmus *p, const struct event_name *row, struct event_spec *ret)
{
	ret->group = row->group;
	ret->kind = row->kind;
	ret->type = row->type;
	ret->config = row->config;
	ret->core = row->group == EVENT_HARDWARE || row->group == EVENT_CACHE;
	if (row->group == EVENT_HARDWARE && row->kind == EVENT_LLC_MISSES && !misses_last_cache(p))
		ret->kind = EVENT_OTHER;
}

/* A name that a PMU of the CPUs has in sysfs, without the PMU's.  False with no error: none has it. */
static bool bare(const struct pmus *p, const char *name, struct event_spec *ret, char *error)
{
	const struct pmu *found = NULL;
	struct buf b = {0};
	bool ok;

	error[0] = '\0';
	if (strchr(name, ',') || strchr(name, '.'))
		return false;
	for (size_t i = 0; i < p->n; i++) {
		const struct pmu *m = &p->items[i];

		if (!m->core ||
		    !hostinfo_exists(p->root, "/sys/bus/event_source/devices/%s/events/%s", m->name, name))
			continue;
		if (found)
			return event_fail(error, "several PMUs have it: write %s/%.40s/ or %s/%.40s/",
					  found->name, name, m->name, name);
		found = m;
	}
	if (!found)
		return false;
	buf_printf(&b, "%s/%s/", found->name, name);
	ok = pmus_resolve(p, b.data, ret, error);
	buf_free(&b);
	return ok;
}

/* The names that there are, in one block of words and then in an array of them; the block is in b. */
static const char **known_names(const struct pmus *p, struct buf *b)
{
	const struct event_name *row;
	const char **words = NULL;
	char *save = NULL;
	size_t n = 0;

	for (size_t i = 0; (row = event_row(i)); i++)
		buf_printf(b, "%s %s ", row->name, row->aliases);
	for (size_t i = 0; i < p->n; i++) {
		char **names = p->items[i].core ? pmu_files(p->root, p->items[i].name, "events") : NULL;

		for (char **s = names; s && *s; s++)
			buf_printf(b, "%s ", *s);
		free(names);
	}
	for (char *w = strtok_r(b->data, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		words = mem_resize(words, n + 2, sizeof(*words));
		words[n++] = w;
		words[n] = NULL;
	}
	return words;
}

static bool unknown(const struct pmus *p, const char *name, char *error)
{
	struct buf b = {0};
	const char **words = known_names(p, &b), *near = options_nearest(name, words), *why = pfm_missing();

	if (near)
		event_fail(error, "there is no such event (did you mean %s?)", near);
	else if (why)
		event_fail(error, "there is no such event; a CPU model's own names are not known: %s", why);
	else
		event_fail(error, "there is no such event (vmperf events lists what can be counted)");
	free(words);
	buf_free(&b);
	return false;
}

static bool resolve(const struct pmus *p, const char *body, struct event_spec *ret, char *error)
{
	const struct event_name *row = event_find(body);

	if (row) {
		set_row(p, row, ret);
		return true;
	}
	if (event_raw(body, &ret->config)) {
		ret->group = EVENT_RAW;
		ret->type = PERF_TYPE_RAW;
		ret->core = true;
		return true;
	}
	if (strchr(body, '/'))
		return pmus_resolve(p, body, ret, error);
	if (bare(p, body, ret, error))
		return true;
	if (*error || pfm_resolve(body, ret, error))
		return !*error;
	return *error ? false : unknown(p, body, error);
}

/* What the event cannot be asked for. */
static bool check_modifiers(const struct event_spec *e, char *error)
{
	if (e->group == EVENT_RESCTRL &&
	    (e->guest || e->host || e->exclude_user || e->exclude_kernel || e->exclude_hv))
		return event_fail(error, "it takes no modifiers: it is of the whole VM");
	if (!e->core && (e->guest || e->host))
		return event_fail(error,
				  "it counts guest and host in one number: leave out the modifiers G and H");
	return true;
}

static void parse_word(const struct pmus *p, const char *word, struct event_choice *ret)
{
	struct event_spec *e = &ret->spec;
	struct event_word w;

	*ret = (struct event_choice){.word = mem_strdup(word)};
	if (!event_word_parse(word, &w, ret->error))
		return;
	*e = (struct event_spec){.exclude_user = w.exclude_user,
				 .exclude_kernel = w.exclude_kernel,
				 .exclude_hv = w.exclude_hv,
				 /* both by name is what is meant by neither */
				 .guest = w.guest && !w.host,
				 .host = w.host && !w.guest};
	if (resolve(p, w.body, e, ret->error) && check_modifiers(e, ret->error))
		e->name = mem_strdup(w.name);
	else
		*e = (struct event_spec){0};
	/* figures are made of all that the guest, or the host, has done */
	if (e->exclude_user || e->exclude_kernel || e->exclude_hv)
		e->kind = EVENT_OTHER;
	event_word_free(&w);
}

static bool same(const struct event_choice *a, const struct event_choice *b)
{
	const struct event_spec *x = &a->spec, *y = &b->spec;

	/* what has an error has no name */
	return x->name && y->name && !strcmp(x->name, y->name) && x->type == y->type &&
	       x->config == y->config && x->config1 == y->config1 && x->config2 == y->config2;
}

/* Is it another mode of an event before it?  Then that one has it, too. */
static bool merge(struct events *e, const struct event_choice *c)
{
	for (size_t i = 0; i < e->n; i++) {
		struct event_spec *s = &e->items[i].spec;

		if (!same(&e->items[i], c))
			continue;
		if (s->guest != c->spec.guest)
			s->guest = s->host = false;
		return true;
	}
	return false;
}

static void free_choice(struct event_choice *c)
{
	free(c->word);
	free(c->spec.name);
}

void events_parse(const struct pmus *pmus, const char *list, struct events *ret)
{
	char **words = event_list_split(list);
	struct event_choice c;

	*ret = (struct events){0};
	for (char **w = words; *w; w++) {
		parse_word(pmus, *w, &c);
		if (merge(ret, &c)) {
			free_choice(&c);
			continue;
		}
		ret->items = mem_resize(ret->items, ret->n + 1, sizeof(*ret->items));
		ret->items[ret->n++] = c;
	}
	free(words);
}

void events_free(struct events *e)
{
	for (size_t i = 0; i < e->n; i++)
		free_choice(&e->items[i]);
	free(e->items);
	*e = (struct events){0};
}

const char *events_default(const struct pmu_counters *c, unsigned int modes)
{
	static const char *const lists[] = {"",
					    "cycles",
					    "cycles,instructions",
					    "cycles,instructions,cache-misses",
					    "cycles,instructions,cache-misses,branch-misses",
					    "cycles,instructions,cache-misses,branch-misses,branches"};
	/* the watchdog's cycles are counted where they can be */
	bool fixed[5] = {c->fixed_cycles && !c->watchdog, c->fixed_instructions};
	unsigned int free = c->general - (c->watchdog && !c->fixed_cycles && c->general), n;

	for (n = 0; n < 5 && free >= modes - fixed[n]; n++)
		free -= modes - fixed[n];
	/* no counters at all */
	return lists[c->general ? n : 0];
}

const char *events_preset(const struct pmus *p)
{
	struct pmu_counters c;

	/* while KVM lends the PMU to VMs, only the host's part is counted */
	return pmus_counters(p, &c) ? events_default(&c, pmu_mediated(p->root) ? 1 : 2) : "";
}
