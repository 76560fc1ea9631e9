// SPDX-License-Identifier: GPL-2.0-only
/* Prometheus' formats: byte by byte, and what must hold of any page. */
#include <string.h>

#include "counting_hosts.h"
#include "golden.h"
#include "out/prom.h"
#include "out/prom_text.h"
#include "unit.h"
#include "world.h"

static const char *const every[] = {"*"};

static const struct prom_self self = {.cpu_seconds = 1.25,
				      .resident_bytes = 12345678,
				      .open_fds = 42,
				      .start_seconds = 1700000000.5,
				      .scrapes = 7,
				      .scrape_seconds = 0.0015,
				      .requests = 9,
				      .refused = 2,
				      .other_vms = 1};

static const struct golden {
	const char *file;
	void (*make)(struct pair *p);
	struct tally_options t;
	bool openmetrics, self;
} goldens[] = {
	{"svm.prom", svm, {.exits = TALLY_ALL, .histograms = every, .nhistograms = 1}, false, true},
	{"svm-open.prom", svm, {.exits = TALLY_ALL, .histograms = every, .nhistograms = 1}, true, true},
	{"svm-vcpu.prom", svm, {.exits = 2, .per_vcpu = true}, false, false},
	{"vmx.prom", vmx, {.exits = TALLY_ALL}, false, false},
	{"arm64-vcpu.prom", arm64, {.exits = TALLY_ALL, .per_vcpu = true}, false, false},
	{"user.prom", user, {.exits = TALLY_ALL}, false, false},
	{"no-sched.prom",
	 no_sched,
	 {.exits = TALLY_ALL, .histograms = every, .nhistograms = 1},
	 false,
	 false},
	{"mixed.prom", mixed, {.hide_exits = true}, false, false},
	{"mixed-limit-open.prom", mixed, {.exits = TALLY_ALL, .max_series = 200}, true, true},
	{"names.prom", names, {.exits = TALLY_ALL}, false, false},
	{"names-open.prom", names, {.exits = TALLY_ALL}, true, false},
	{"intel.prom", intel, {.exits = TALLY_ALL}, false, false},
	{"intel-vcpu-open.prom", intel, {.exits = TALLY_ALL, .per_vcpu = true}, true, false},
	{"software.prom", software, {.exits = TALLY_ALL}, false, false},
	{"full.prom", full, {.exits = TALLY_ALL, .ended = true}, false, false},
	{"full-vcpu.prom", full, {.exits = TALLY_ALL, .ended = true, .per_vcpu = true}, false, false},
	{"none-open.prom", none, {.exits = TALLY_ALL}, true, false},
	{"no-kvm.prom", no_kvm, {.exits = TALLY_ALL}, false, false},
};

#define GOLDENS (int)(sizeof(goldens) / sizeof(*goldens))

START_TEST(same_bytes)
{
	const struct golden *g = &goldens[_i];
	const struct prom_options o = {
		.openmetrics = g->openmetrics, .tally = &g->t, .self = g->self ? &self : NULL};
	struct tally *t = tally_new(&g->t);
	struct buf b = {0};
	struct pair p;
	struct view *v;

	g->make(&p);
	v = view_build(&p.a, &p.b);
	tally_add(t, v);
	out_prom(&b, tally_view(t), &o);
	golden_same(g->file, &b);
	buf_free(&b);
	tally_free(t);
	view_free(v);
	sample_free(&p.a);
	sample_free(&p.b);
}
END_TEST

static void seconds_are(uint64_t ns, const char *want)
{
	struct buf b = {0};
	struct prom_text t = {.b = &b};

	prom_family(&t, "x", PROM_GAUGE, "X.");
	prom_begin(&t, NULL);
	prom_seconds(&t, ns);
	ck_assert_str_eq(strstr(b.data, "\nx ") + 3, want);
	buf_free(&b);
}

START_TEST(seconds)
{
	seconds_are(0, "0\n");
	seconds_are(1, "0.000000001\n");
	seconds_are(1000000001, "1.000000001\n");
	seconds_are(1500000000, "1.5\n");
	seconds_are(60000000000, "60\n");
	seconds_are(123456789012, "123.456789012\n");
	/* more than a double holds */
	seconds_are(9007199254740993, "9007199.254740993\n");
	seconds_are(UINT64_MAX, "18446744073.709551615\n");
}
END_TEST

static void label_is(const char *value, const char *want)
{
	struct buf b = {0};

	prom_label(&b, true, "x", value);
	ck_assert_str_eq(b.data, want);
	buf_free(&b);
}

START_TEST(labels)
{
	label_is("", "x=\"\"");
	label_is("a b{c=\"d\"} 1", "x=\"a b{c=\\\"d\\\"} 1\"");
	label_is("\\", "x=\"\\\\\"");
	label_is("a\\\"\\n", "x=\"a\\\\\\\"\\\\n\"");
	label_is("two\nlines", "x=\"two\\\\x0alines\"");
	label_is("na\xc3\xafve", "x=\"na\xc3\xafve\"");
	label_is("\xff\xc3", "x=\"\\\\xff\\\\xc3\"");
	label_is("\xe2\x80\xae", "x=\"\\\\xe2\\\\x80\\\\xae\"");
	/* a character that a backslash stands in is none */
	label_is("\xc3\\\xaf", "x=\"\\\\xc3\\\\\\\\xaf\"");
}
END_TEST

/* What a page says, line by line. */
struct series {
	char *name; /* with its labels */
	double value;
	bool counter;
};

struct lines {
	struct series *s;
	size_t n;
};

static int by_series(const void *a, const void *b)
{
	const struct series *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static void lines_free(struct lines *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->s[i].name);
	free(l->s);
	*l = (struct lines){0};
}

/* Moves s past NAME="VALUE",… and the brace. */
static const char *past_labels(const char *s)
{
	for (;;) {
		size_t name = strspn(s, "abcdefghijklmnopqrstuvwxyz_");

		MANY(name && s[name] == '=' && s[name + 1] == '"');
		for (s += name + 2; *s != '"'; s++) {
			MANY((unsigned char)*s >= ' ' && *s != 0x7f);
			if (*s == '\\') {
				s++;
				MANY(*s == '\\' || *s == '"' || *s == 'n');
			}
		}
		s++;
		if (*s == '}')
			return s + 1;
		MANY(*s == ',');
		s++;
	}
}

/* Takes a page apart; its grammar and its blocks are right. */
static struct lines read_page(const struct buf *page, bool openmetrics)
{
	struct lines l = {0}, families = {0};
	char family[64] = "", type[16] = "";

	for (const char *s = page->data, *next; *s; s = next) {
		struct series *one;
		const char *end;
		size_t len;

		next = strchr(s, '\n');
		MANY(next != NULL);
		next++;
		if (!strncmp(s, "# EOF\n", 6)) {
			MANY(openmetrics && !*next);
			continue;
		}
		if (!strncmp(s, "# UNIT ", 7)) {
			MANY(openmetrics && !strncmp(s + 7, family, strlen(family)));
			continue;
		}
		if (*s == '#') {
			char name[64], kind[16];

			MANY(sscanf(s, "# HELP %63s", name) == 1);
			s = next;
			MANY(sscanf(s, "# TYPE %63s %15s", family, type) == 2);
			MANY(!strcmp(name, family));
			MANY(sscanf(type, "%15[a-z]", kind) == 1);
			next = strchr(s, '\n') + 1;
			MANY(*next && (*next != '#' || !strncmp(next, "# UNIT ", 7)));
			for (size_t i = 0; i < families.n; i++)
				MANY(strcmp(families.s[i].name, family) != 0);
			families.s = mem_resize(families.s, families.n + 1, sizeof(*families.s));
			families.s[families.n++] = (struct series){.name = mem_strdup(family)};
			continue;
		}
		MANY(!strncmp(s, family, strlen(family)));
		len = strspn(s, "abcdefghijklmnopqrstuvwxyz_");
		if (!strcmp(type, "counter"))
			MANY(!strncmp(s + len - 6, "_total", 6));
		end = s[len] == '{' ? past_labels(s + len + 1) : s + len;
		MANY(*end == ' ');
		l.s = mem_resize(l.s, l.n + 1, sizeof(*l.s));
		one = &l.s[l.n++];
		one->name = mem_strndup(s, (size_t)(end - s));
		one->value = strtod(end + 1, (char **)&s);
		one->counter = !strcmp(type, "counter") || !strcmp(type, "histogram");
		MANY(s + 1 == next && one->value >= 0);
	}
	lines_free(&families);
	if (l.n)
		qsort(l.s, l.n, sizeof(*l.s), by_series);
	for (size_t i = 1; i < l.n; i++)
		MANY(strcmp(l.s[i - 1].name, l.s[i].name) != 0);
	return l;
}

static struct lines page_of(const struct tally_options *o, const struct tally *t, bool openmetrics)
{
	const struct prom_options p = {.openmetrics = openmetrics, .tally = o, .self = &self};
	struct buf b = {0};
	struct lines l;

	out_prom(&b, tally_view(t), &p);
	l = read_page(&b, openmetrics);
	buf_free(&b);
	return l;
}

/* A VM as a page had it. */
struct told {
	char *labels;
	uint32_t pid;
	uint64_t start_ns;
};

struct page {
	struct lines lines;
	struct told vms[WORLD_VMS + 1];
	uint32_t nvms;
};

static struct page take_page(const struct tally_options *o, const struct tally *t)
{
	const struct view *v = tally_view(t);
	struct page p = {.lines = page_of(o, t, false), .nvms = v->nvms};

	ck_assert_uint_le(v->nvms, WORLD_VMS + 1);
	for (uint32_t i = 0; i < v->nvms; i++) {
		struct buf b = {0};

		prom_label(&b, true, "domain", v->vms[i].name);
		prom_label(&b, false, "uuid", v->vms[i].uuid);
		p.vms[i] = (struct told){b.data, v->vms[i].pid, v->vms[i].start_ns};
	}
	return p;
}

static void free_page(struct page *p)
{
	lines_free(&p->lines);
	for (uint32_t i = 0; i < p->nvms; i++)
		free(p->vms[i].labels);
	p->nvms = 0;
}

static const struct told *vm_of(const struct page *p, const char *series)
{
	for (uint32_t i = 0; i < p->nvms; i++)
		if (strstr(series, p->vms[i].labels))
			return &p->vms[i];
	return NULL;
}

/* On both pages the series is of the same VM, or of none. */
static bool same_vm(const struct page *before, const struct page *now, const char *series)
{
	const struct told *x = vm_of(before, series), *y = vm_of(now, series);

	if (!x || !y)
		return !x && !y;
	return x->pid == y->pid && x->start_ns == y->start_ns;
}

/* How many counters were on the page before, too; none of them is lower now. */
static size_t check_grown(const struct page *before, const struct page *now, int seed)
{
	size_t n = 0;

	for (size_t k = 0, m = 0; k < now->lines.n; k++) {
		const struct series *x = &now->lines.s[k], *was = before->lines.s;

		while (m < before->lines.n && strcmp(was[m].name, x->name) < 0)
			m++;
		if (m == before->lines.n || strcmp(was[m].name, x->name) != 0 || !x->counter ||
		    !same_vm(before, now, x->name))
			continue;
		n++;
		if (x->value < was[m].value)
			ck_abort_msg("seed %d: %s goes back", seed, x->name);
	}
	return n;
}

/* Pages of a host that changes: in both formats the same, and no series goes back while it is shown. */
START_TEST(pages)
{
	struct tally_options o = {.exits = _i % 3 ? TALLY_ALL : 2,
				  .per_vcpu = _i & 1,
				  .max_series = _i % 4 == 3 ? 300 : 0,
				  .histograms = every,
				  .nhistograms = 1};
	struct page before = {0};
	struct tally *t = tally_new(&o);
	size_t compared = 0;
	struct world w;

	world_begin(&w, (uint64_t)_i + 100);
	for (int i = 0; i < 40; i++) {
		struct lines open;
		struct page now;
		struct view *v;

		world_step(&w);
		v = view_build(&w.before, &w.now);
		tally_add(t, v);
		now = take_page(&o, t);
		open = page_of(&o, t, true);
		ck_assert_uint_eq(now.lines.n, open.n);
		for (size_t k = 0; k < open.n; k++) {
			MANY(!strcmp(now.lines.s[k].name, open.s[k].name));
			MANY(now.lines.s[k].value == open.s[k].value);
		}
		compared += check_grown(&before, &now, _i + 100);
		lines_free(&open);
		free_page(&before);
		before = now;
		view_free(v);
	}
	ck_assert_uint_gt(compared, 40 * VMP_LOSSES);
	free_page(&before);
	tally_free(t);
	world_end(&w);
}
END_TEST

/* Whatever a record holds, a page can be read. */
START_TEST(any_numbers)
{
	const struct tally_options o = {.exits = _i & 2 ? 3 : TALLY_ALL,
					.per_vcpu = _i & 1,
					.histograms = every,
					.nhistograms = 1,
					.ended = true};
	struct dice d = {(uint64_t)_i + 1};
	struct tally *t = tally_new(&o);
	struct sample s = {0};

	for (int i = 0; i < 30; i++) {
		struct sample next;
		struct lines l;
		struct view *v;

		roll_sample(&d, &next);
		roll_identities(&d, &next, &s);
		v = view_build(&s, &next);
		tally_add(t, v);
		l = page_of(&o, t, i & 1);
		ck_assert_uint_ge(l.n, VMP_LOSSES);
		lines_free(&l);
		view_free(v);
		sample_free(&s);
		s = next;
	}
	sample_free(&s);
	tally_free(t);
}
END_TEST

START_TEST(content_types)
{
	ck_assert_str_eq(prom_content_type(false), "text/plain; version=0.0.4; charset=utf-8");
	ck_assert_str_eq(prom_content_type(true),
			 "application/openmetrics-text; version=1.0.0; charset=utf-8");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("prom");

	tcase_add_loop_test(u.tcase, same_bytes, 0, GOLDENS);
	UNIT_ADD(u, seconds);
	UNIT_ADD(u, labels);
	tcase_add_loop_test(u.tcase, pages, 0, 24);
	tcase_add_loop_test(u.tcase, any_numbers, 0, 16);
	UNIT_ADD(u, content_types);
	return unit_run(u);
}
