// SPDX-License-Identifier: GPL-2.0-only
/* The rows of the UI's pages: which there are in each place, filtered, sorted, and which one is selected. */
#include <inttypes.h>
#include <time.h>

#include "model/thread.h"
#include "ui.h"

/* What one row is, in a word or two. */
static void describe(struct buf *b, const struct row *r)
{
	if (r->vm)
		buf_puts(b, r->vm->name);
	if (r->vcpu)
		buf_printf(b, "/%" PRId32, r->vcpu->id);
	if (r->exit)
		buf_printf(b, ":%s", r->exit->reason);
	if (r->uexit)
		buf_printf(b, "!%s", r->uexit->reason);
	if (r->threads)
		buf_printf(b, ".%s", thread_class_name(r->threads->class));
	if (r->both >= 0)
		buf_printf(b, "=%s", r->view->events[r->both].name);
	if (r->guest >= 0)
		buf_printf(b, "+%s", r->view->events[r->guest].name);
	if (r->host >= 0)
		buf_printf(b, "-%s", r->view->events[r->host].name);
}

static void expect(struct made_up *m, const char *want)
{
	struct buf b = {0};

	ui_rows(&m->ui);
	buf_puts(&b, "");
	for (unsigned int i = 0; i < m->ui.nrows; i++) {
		buf_puts(&b, i ? " " : "");
		describe(&b, &m->ui.rows[i]);
	}
	ck_assert_str_eq(b.data, want);
	buf_free(&b);
}

/* Goes to a page, of a VM and a vCPU. */
static void at(struct made_up *m, enum page p, uint32_t pid, uint32_t tid)
{
	m->ui.places[m->ui.depth] = (struct place){.page = p, .pid = pid, .tid = tid};
}

START_TEST(all_vms)
{
	struct made_up *m = made_up(svm);

	expect(m, "build web-1 idle");
	at(m, PAGE_VCPUS, 0, 0);
	expect(m, "build/0 build/1 build/2 build/3 web-1/0 web-1/1 idle/0");
	/* most time first, whosever it is */
	at(m, PAGE_EXITS, 0, 0);
	expect(m, "build:io build:vintr web-1:io web-1:npf web-1:msr web-1:avic_unaccelerated_access "
		  "web-1:interrupt web-1:hlt idle:hlt idle:interrupt web-1:cpuid web-1:other "
		  "web-1:svm:0x4711");
	done(m);
}
END_TEST

START_TEST(by_vcpu)
{
	static const enum page pages[] = {PAGE_VMS, PAGE_PLACEMENT, PAGE_HARDWARE};
	struct made_up *m = made_up(svm);

	for (int i = 0; i < 3; i++) {
		at(m, pages[i], 0, 0);
		expect(m, "build web-1 idle");
		m->ui.by_vcpu = true;
		expect(m, "build/0 build/1 build/2 build/3 web-1/0 web-1/1 idle/0");
		/* as a whole */
		m->ui.pages[pages[i]].sort = page_column(pages[i], "pid");
		expect(m, "build/0 build/1 build/2 build/3 web-1/0 web-1/1 idle/0");
		m->ui.pages[pages[i]].sort = page_column(pages[i], "exits_per_second");
		expect(m, "build/3 build/2 build/1 build/0 web-1/0 web-1/1 idle/0");
		m->ui.by_vcpu = false;
		m->ui.pages[pages[i]].sort = NULL;
	}
	done(m);
}
END_TEST

START_TEST(of_one)
{
	struct made_up *m = made_up(svm);

	/* an overview: vCPUs, then exits */
	at(m, PAGE_VMS, 2000, 0);
	expect(m, "web-1/0 web-1/1 web-1:io web-1:npf web-1:msr web-1:avic_unaccelerated_access "
		  "web-1:interrupt web-1:hlt web-1:cpuid web-1:other web-1:svm:0x4711");
	/* each as its own page is sorted */
	m->ui.pages[PAGE_VCPUS].reverse = true;
	m->ui.pages[PAGE_EXITS].sort = page_column(PAGE_EXITS, "reason");
	expect(m, "web-1/1 web-1/0 web-1:avic_unaccelerated_access web-1:cpuid web-1:hlt web-1:interrupt "
		  "web-1:io web-1:msr web-1:npf web-1:other web-1:svm:0x4711");
	m->ui.pages[PAGE_EXITS].sort = NULL;
	at(m, PAGE_VMS, 2000, 2011);
	expect(m, "web-1/1:npf web-1/1:svm:0x4711");
	at(m, PAGE_EXITS, 2000, 2011);
	expect(m, "web-1/1:npf web-1/1:svm:0x4711");
	m->ui.pages[PAGE_VCPUS].reverse = false;
	at(m, PAGE_VCPUS, 2000, 0);
	expect(m, "web-1/0 web-1/1");
	at(m, PAGE_PLACEMENT, 2000, 0);
	expect(m, "web-1/0 web-1/1");
	at(m, PAGE_HARDWARE, 2000, 2011);
	expect(m, "web-1/1");
	at(m, PAGE_UEXITS, 1000, 0);
	expect(m, "build!IO");
	at(m, PAGE_HOST, 1000, 0);
	expect(m, "");
	/* they have ended, or never were */
	at(m, PAGE_VMS, 4711, 0);
	expect(m, "");
	at(m, PAGE_VMS, 2000, 4711);
	expect(m, "");
	at(m, PAGE_EXITS, 2000, 4711);
	expect(m, "");
	done(m);
}
END_TEST

START_TEST(one_reason)
{
	struct made_up *m = made_up(svm);
	struct place *p = &m->ui.places[0];

	at(m, PAGE_REASON, 2000, 0);
	p->isa = VMP_ISA_SVM;
	p->code = 0x400;
	expect(m, "web-1/0:npf web-1/1:npf");
	p->tid = 2010;
	expect(m, "web-1/0:npf");
	p->tid = 0;
	p->code = 0x7b;
	expect(m, "web-1/0:io");
	at(m, PAGE_REASON, 1000, 0);
	p->user = true;
	p->code = 2;
	expect(m, "build/0!IO build/1!IO build/2!IO build/3!IO");
	show(m, user);
	at(m, PAGE_REASON, 700, 0);
	p->user = true;
	p->code = (uint64_t)-4;
	expect(m, "pvm-1/1!restart");
	done(m);
}
END_TEST

/* Where exits cannot be seen an overview has what can be. */
START_TEST(no_exits)
{
	struct made_up *m = made_up(user);

	at(m, PAGE_VMS, 700, 0);
	expect(m,
	       "pvm-1/0 pvm-1/1 pvm-1!IO pvm-1!MMIO pvm-1!HLT pvm-1!restart pvm-1!error pvm-1!kvm_exit:44");
	at(m, PAGE_EXITS, 0, 0);
	expect(m, "");
	at(m, PAGE_UEXITS, 0, 0);
	expect(m, "pvm-2!INTR pvm-1!IO pvm-1!MMIO pvm-1!HLT pvm-1!restart pvm-1!error pvm-1!kvm_exit:44");
	done(m);
}
END_TEST

START_TEST(threads_and_events)
{
	struct made_up *m = made_up(intel);

	at(m, PAGE_THREADS, 500, 0);
	expect(m, "db.vcpu db.emulator db.vhost db.worker");
	at(m, PAGE_EVENTS, 600, 0);
	expect(m, "sleeping+cycles-cycles sleeping+instructions-instructions "
		  "sleeping+LLC-load-misses-LLC-load-misses "
		  "sleeping+stalled-cycles-frontend-stalled-cycles-frontend "
		  "sleeping+cpu/event=0xc4,umask=0x20,name=\033[31mred/ sleeping=cmt sleeping=mbmt "
		  "sleeping=mbml");
	type(m, "/cyc\r");
	at(m, PAGE_EVENTS, 0, 0);
	expect(m, "db+cycles-cycles db+stalled-cycles-frontend-stalled-cycles-frontend "
		  "sleeping+cycles-cycles sleeping+stalled-cycles-frontend-stalled-cycles-frontend");
	at(m, PAGE_EVENTS, 500, 511);
	expect(m, "db/1+cycles-cycles db/1+stalled-cycles-frontend-stalled-cycles-frontend");
	done(m);
}
END_TEST

START_TEST(filters)
{
	struct made_up *m = made_up(mixed);
	static const struct {
		const char *filter, *want;
		unsigned int hidden;
	} cases[] = {
		{"crow", "crowded", 7},
		{"CrOw", "crowded", 7},
		{"E89B", "crowded", 7}, /* its UUID */
		{"200", "crowded", 7},  /* its pid */
		{"zzz", "", 8},
		{"", "crowded slow-disk swapping trapping idle-polls batch quiet suspended", 0},
		{"sw", "swapping", 7},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		snprintf(m->ui.filter, sizeof(m->ui.filter), "%s", cases[i].filter);
		expect(m, cases[i].want);
		ck_assert_uint_eq(m->ui.hidden, cases[i].hidden);
	}
	/* by reason, and by VM: then all of its reasons */
	at(m, PAGE_EXITS, 0, 0);
	snprintf(m->ui.filter, sizeof(m->ui.filter), "NPF");
	expect(m, "swapping:npf trapping:npf");
	snprintf(m->ui.filter, sizeof(m->ui.filter), "trap");
	expect(m, "trapping:msr trapping:npf");
	at(m, PAGE_THREADS, 0, 0);
	snprintf(m->ui.filter, sizeof(m->ui.filter), "iot");
	expect(m, "slow-disk.iothread");
	/* by thread */
	at(m, PAGE_VCPUS, 0, 0);
	snprintf(m->ui.filter, sizeof(m->ui.filter), "2013");
	expect(m, "crowded/3");
	done(m);
}
END_TEST

static void at_row(const struct made_up *m, unsigned int row, const char *name)
{
	ck_assert_uint_eq(here(m)->row, row);
	ck_assert_ptr_nonnull(ui_selected(&m->ui));
	ck_assert_str_eq(ui_selected(&m->ui)->vm->name, name);
}

/* The selected row stays selected wherever it goes; when it is gone, its number stays. */
START_TEST(selection)
{
	struct made_up *m = made_up(mixed);

	at_row(m, 0, "crowded");
	press(m, 'j');
	at_row(m, 1, "slow-disk");
	m->ui.pages[PAGE_VMS].sort = page_column(PAGE_VMS, "name");
	ui_rows(&m->ui);
	at_row(m, 4, "slow-disk");
	/* the next moment: other pointers, the same VM */
	show(m, mixed);
	at_row(m, 4, "slow-disk");
	snprintf(m->ui.filter, sizeof(m->ui.filter), "s");
	ui_rows(&m->ui);
	at_row(m, 1, "slow-disk");
	/* it is gone: what stands there now is selected, and stays so */
	snprintf(m->ui.filter, sizeof(m->ui.filter), "e");
	ui_rows(&m->ui);
	at_row(m, 1, "idle-polls");
	m->ui.filter[0] = '\0';
	ui_rows(&m->ui);
	at_row(m, 2, "idle-polls");
	/* the last one, where there are not so many */
	show(m, intel);
	at_row(m, 1, "sleeping");
	show(m, none);
	ck_assert_ptr_null(ui_selected(&m->ui));
	show(m, intel);
	at_row(m, 1, "sleeping");
	done(m);
}
END_TEST

/* Before anything was selected, and after Home, the first row is, whichever that is. */
START_TEST(first_row)
{
	struct made_up *m = made_up(mixed);

	m->ui.pages[PAGE_VMS].sort = page_column(PAGE_VMS, "name");
	ui_rows(&m->ui);
	at_row(m, 0, "batch");
	press(m, 'G');
	at_row(m, 7, "trapping");
	press(m, 'r');
	at_row(m, 0, "trapping");
	press(m, 'r');
	at_row(m, 7, "trapping");
	press(m, 'g');
	press(m, 'r');
	at_row(m, 0, "trapping");
	press(m, 'r');
	at_row(m, 0, "batch");
	done(m);
}
END_TEST

/* Keys of rows are their own. */
START_TEST(keys_differ)
{
	for (unsigned int h = 0; host(h); h++) {
		struct made_up *m = made_up(host(h));

		for (char p = '1'; p <= '9'; p++) {
			press(m, (uint32_t)p);
			for (unsigned int i = 0; i < m->ui.nrows; i++)
				for (unsigned int k = 0; k < i; k++)
					ck_assert_uint_ne(m->ui.rows[i].key, m->ui.rows[k].key);
		}
		done(m);
	}
}
END_TEST

static void many(struct pair *p)
{
	both(p, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < 1000; i++) {
		char name[32];
		struct sample_vm *vm;

		snprintf(name, sizeof(name), "instance-%08" PRIx32, i * 2654435761u);
		vm = sample_vm(&p->b, name, "", 10000 + 100 * i);
		for (int c = 0; c < 4; c++) {
			struct sample_vcpu *v = sample_vcpu(vm, VMP_ISA_SVM);

			for (uint64_t e = 0; e < 20; e++)
				sample_exits(v, 0x60 + e, 100 + (i * 7919 + e * 31) % 1000, US + e * i, 0);
			sample_rest(v, 2 * SECOND);
		}
	}
}

static double ms_since(const struct timespec *begin)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - begin->tv_sec) * 1e3 + (double)(now.tv_nsec - begin->tv_nsec) / 1e6;
}

/* A thousand VMs: all rows are there, and moving about makes none anew; tells how long all takes. */
START_TEST(thousand_vms)
{
	static const struct {
		enum page page;
		const char *sort;
		unsigned int rows;
	} cases[] = {
		{PAGE_VMS, NULL, 1000},        {PAGE_VMS, "name", 1000},        {PAGE_VCPUS, NULL, 4000},
		{PAGE_VCPUS, "cpus", 4000},    {PAGE_VCPUS, "exit_cost", 4000}, {PAGE_EXITS, NULL, 20000},
		{PAGE_EXITS, "p99_ns", 20000}, {PAGE_EXITS, "reason", 20000},
	};
	struct made_up *m = made_up(many);
	struct timespec begin;
	const struct row *rows;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		at(m, cases[i].page, 0, 0);
		m->ui.pages[cases[i].page].sort =
			cases[i].sort ? page_column(cases[i].page, cases[i].sort) : NULL;
		press(m, 'G');
		clock_gettime(CLOCK_MONOTONIC, &begin);
		ui_rows(&m->ui);
		printf("# %s by %s: %u rows in %.2f ms\n", page_name(cases[i].page),
		       cases[i].sort ? cases[i].sort : "time", m->ui.nrows, ms_since(&begin));
		ck_assert_uint_eq(m->ui.nrows, cases[i].rows);
	}
	rows = m->ui.rows;
	m->ui.rows[0].view = NULL; /* a mark: it is there as long as none is made anew */
	clock_gettime(CLOCK_MONOTONIC, &begin);
	for (int i = 0; i < 1000; i++)
		press(m, i % 3 ? K_DOWN : K_PAGE_DOWN);
	printf("# a key that moves: %.4f ms\n", ms_since(&begin) / 1000);
	ck_assert_ptr_eq(m->ui.rows, rows);
	ck_assert_ptr_null(m->ui.rows[0].view);
	done(m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ui_rows");

	UNIT_ADD(u, all_vms);
	UNIT_ADD(u, by_vcpu);
	UNIT_ADD(u, of_one);
	UNIT_ADD(u, one_reason);
	UNIT_ADD(u, no_exits);
	UNIT_ADD(u, threads_and_events);
	UNIT_ADD(u, filters);
	UNIT_ADD(u, selection);
	UNIT_ADD(u, first_row);
	UNIT_ADD(u, keys_differ);
	UNIT_ADD(u, thousand_vms);
	return unit_run(u);
}
