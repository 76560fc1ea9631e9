// SPDX-License-Identifier: GPL-2.0-only
/* vmperf events: what can be counted here. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../host/events.h"
#include "../host/pfm.h"
#include "../host/resctrl.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../out/listing.h"
#include "../probe/counters.h"
#include "../probe/counting.h"
#include "../probe/perf_event.h"
#include "cmd.h"

struct look {
	struct pmus *pmus;
	uint32_t ncpus;
	int denied; /* -errno: this user may not count at all; else 0 */
	struct resctrl_host resctrl;
	const struct options_list *patterns;
	bool *used; /* by pattern: it has matched */
	struct listing l;
};

static const char *counter_of(const struct look *k, const struct event_spec *e)
{
	const struct listing_counters *c = &k->l.counters;

	if (e->group == EVENT_SOFTWARE || e->group == EVENT_RESCTRL)
		return event_group_name(e->group);
	if (e->kind == EVENT_REF_CYCLES && c->fixed_ref)
		return "fixed";
	if ((e->kind == EVENT_CYCLES && c->fixed_cycles) ||
	    (e->kind == EVENT_INSTRUCTIONS && c->fixed_instructions))
		return "fixed or general";
	if (e->core)
		return "general";
	for (size_t i = 0; i < k->pmus->n; i++)
		if (k->pmus->items[i].type == e->type)
			return k->pmus->items[i].name;
	return "";
}

static void resctrl_can(const struct look *k, const struct event_spec *e, struct listing_event *ret)
{
	const char *why = resctrl_missing(&k->resctrl);

	if (!why && !k->resctrl.has[RESCTRL_EVENT(e->kind)])
		why = "this CPU does not monitor that";
	ret->state = why ? LISTING_NO : LISTING_YES;
	ret->modes = why ? 0 : 1U << EVENT_BOTH;
	snprintf(ret->why, sizeof(ret->why), "%s", why ? why : "");
}

/* Tries it, in the modes in which it would be counted. */
static void can(const struct look *k, const struct events *one, struct listing_event *ret)
{
	const struct event_spec *e = &one->items[0].spec;
	struct sample_event *list;
	struct counting *c;
	uint32_t n;

	if (e->group == EVENT_RESCTRL) {
		resctrl_can(k, e, ret);
		return;
	}
	if (e->core && !*k->l.counters.pmus) {
		snprintf(ret->why, sizeof(ret->why), "this host's CPUs have no PMU that Linux can use");
		return;
	}
	if (k->denied) {
		ret->state = LISTING_UNKNOWN;
		perf_event_why(e, k->denied, ret->why);
		return;
	}
	c = counting_new(one, k->pmus, k->ncpus);
	list = counting_list(c, &n);
	for (uint32_t i = 0; i < n; i++) {
		if (list[i].counted)
			ret->modes |= 1U << list[i].mode;
		else
			snprintf(ret->why, sizeof(ret->why), "%s", list[i].why);
	}
	ret->state = ret->modes ? LISTING_YES : LISTING_NO;
	counting_free(c);
}

/* Behind those of its group and of those before it. */
static void put(struct listing *l, const struct listing_event *e)
{
	size_t i = l->n;

	l->events = mem_resize(l->events, l->n + 1, sizeof(*l->events));
	for (; i && l->events[i - 1].group > e->group; i--)
		l->events[i] = l->events[i - 1];
	l->events[i] = *e;
	l->n++;
}

static bool wanted(struct look *k, const struct listing_event *e)
{
	bool any = !k->patterns->n;

	for (uint32_t i = 0; i < k->patterns->n; i++) {
		if (!listing_match(e, &k->patterns->items[i], 1))
			continue;
		k->used[i] = true;
		any = true;
	}
	return any;
}

/* Adds the event that this word names to the list, if it is wanted. */
static void add(struct look *k, enum event_group group, const char *word, const char *name,
		const char *aliases, const char *help)
{
	struct listing_event e = {
		.group = group,
		.name = mem_strdup(name),
		.aliases = mem_strdup(aliases),
		.help = mem_strdup(help),
		.state = LISTING_NO,
	};
	struct events one;

	if (!wanted(k, &e)) {
		struct listing drop = {.n = 1, .events = mem_dup(&e, 1, sizeof(e))};

		listing_free(&drop);
		return;
	}
	events_parse(k->pmus, word, &one);
	e.counter = mem_strdup(counter_of(k, &one.items[0].spec));
	if (*one.items[0].error)
		snprintf(e.why, sizeof(e.why), "%s", one.items[0].error);
	else
		can(k, &one, &e);
	put(&k->l, &e);
	events_free(&one);
}

static void add_table(struct look *k)
{
	const struct event_name *row;

	for (size_t i = 0; (row = event_row(i)); i++)
		add(k, row->group, row->name, row->name, row->aliases, row->help);
}

static void add_pmu(struct look *k, const struct pmu *m)
{
	char **names = pmu_files(k->pmus->root, m->name, "events"), terms[1024];
	struct buf b = {0};

	for (char **s = names; *s; s++) {
		/* a core PMU's are known without its name, too, but for those of the table */
		bool bare = m->core && !pmus_hybrid(k->pmus) && !event_find(*s);

		b.len = 0;
		buf_printf(&b, "%s/%s/", m->name, *s);
		pmu_event(k->pmus->root, m->name, *s, terms, sizeof(terms));
		add(k, EVENT_PMU, b.data, b.data, bare ? *s : "", terms);
	}
	buf_free(&b);
	free(names);
}

static void add_model(void *ctx, const char *name, const char *help)
{
	const char *bare = strstr(name, "::");
	struct look *k = ctx;

	add(k, EVENT_MODEL, name, name, bare ? bare + 2 : "", help);
	k->l.no_models = NULL;
}

/* A pattern that matched nothing may be an event that only this user can name: pmu/event=0x3c/, r1a8. */
static bool add_asked(struct look *k, const char *word)
{
	struct events one;
	bool ok;

	events_parse(k->pmus, word, &one);
	ok = one.n == 1 && !*one.items[0].error;
	if (ok)
		add(k, one.items[0].spec.group, word, word, "", "");
	else if (one.n == 1 && !strpbrk(word, "*?["))
		log_err("%s: %s", word, one.items[0].error);
	else
		log_err("no event is called %s (vmperf events lists all)", word);
	events_free(&one);
	return ok;
}

static void look_at_counters(struct look *k)
{
	const struct event_spec clock = {.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_CPU_CLOCK};
	struct listing_counters *c = &k->l.counters;
	struct pmu_counters p;
	struct counters now;
	int fd, err;

	fd = perf_event_open_cpu(k->pmus, &clock, EVENT_BOTH, 0);
	if (fd >= 0)
		close(fd);
	else if (fd == -EACCES || fd == -EPERM || fd == -ENOSYS)
		k->denied = fd;
	pmus_core_names(k->pmus, c->pmus, sizeof(c->pmus));
	c->mediated = pmu_mediated(k->pmus->root);
	if (!pmus_counters(k->pmus, &p))
		return;
	c->general = p.general;
	c->assumed = !p.known;
	c->fixed_cycles = p.fixed_cycles;
	c->fixed_instructions = p.fixed_instructions;
	c->fixed_ref = p.fixed_ref;
	c->watchdog = p.watchdog;
	err = counters_measure(k->pmus, k->ncpus, &now);
	if (err) {
		const struct event_spec any = {.core = true};

		perf_event_why(&any, err, c->why);
		return;
	}
	c->measured = true;
	c->free = now.free;
	/* the kernel knows */
	if (c->assumed)
		c->general = now.most;
	c->assumed = false;
}

static void look_at(struct look *k)
{
	const char *missing = pfm_missing();

	look_at_counters(k);
	resctrl_look("", &k->resctrl);
	k->l.preset = events_preset(k->pmus);
	add_table(k);
	add(k, EVENT_RAW, "r0", "rNNN", "",
	    "the code NNN of the CPUs' manual, hexadecimal: umask, then event");
	for (size_t i = 0; i < k->pmus->n; i++)
		if (k->pmus->items[i].reach == PMU_THREADS)
			add_pmu(k, &k->pmus->items[i]);
	if (!k->patterns->n)
		k->l.no_models = missing ? missing : "libpfm4 does not know them";
	pfm_each(add_model, k);
}

static bool print(const struct settings *s, const struct listing *l)
{
	const struct out_options o = {
		.colour = output_colored(s->color), .utf8 = output_utf8(), .width = output_width()};
	struct buf b = {0};
	bool ok;

	if (s->format == FORMAT_JSON)
		listing_json(&b, l);
	else
		listing_table(&b, l, &o);
	ok = output_write(b.data, b.len);
	buf_free(&b);
	return ok;
}

int cmd_events(const struct settings *s)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	struct look k = {.pmus = pmus_read(""),
			 .ncpus = cpus > 0 ? (uint32_t)cpus : 1,
			 .patterns = &s->words,
			 .used = mem_zalloc(s->words.n + 1, sizeof(bool))};
	bool ok = true;

	look_at(&k);
	for (uint32_t i = 0; i < s->words.n; i++)
		if (!k.used[i])
			ok &= add_asked(&k, s->words.items[i]);
	if (k.l.n)
		ok &= print(s, &k.l);
	listing_free(&k.l);
	pmus_free(k.pmus);
	free(k.used);
	return ok ? STATUS_DONE : STATUS_FAILED;
}
