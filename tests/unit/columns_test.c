// SPDX-License-Identifier: GPL-2.0-only
/* The columns of the UI's pages: which there are, what their cells say, and in which order they sort. */
#include <ctype.h>
#include <string.h>

#include "out/out.h"
#include "ui.h"

/* What is shown before anybody chose; each name is a column's. */
START_TEST(presets)
{
	static const char *const want[PAGES] = {
		[PAGE_VMS] = "name vcpus cpu verdict ledger exit_cost wait_share exits_per_second ipc_guest "
			     "ipc_both llc_mpki memory_bytes_per_second trend",
		[PAGE_VCPUS] = "name vcpu verdict ledger exit_cost wait_share exits_per_second cpu ipc_guest "
			       "ipc_both llc_mpki cpus",
		[PAGE_EXITS] = "name reason per_second share mean_ns p50_ns p90_ns p99_ns max_ns off_mean_ns",
		[PAGE_UEXITS] = "name reason per_second mean_ns",
		[PAGE_THREADS] = "name class count cpu_share wait_share switches_per_second "
				 "migrations_per_second total_cpu_ns cpus nodes",
		[PAGE_EVENTS] = "name event guest host both level counted note",
		[PAGE_PLACEMENT] = "name vcpus cpus nodes pins wait_share cpu_moves_per_second "
				   "halts_per_second halt_p50_ns wake_p99_ns poll_share idle_share",
		[PAGE_HARDWARE] = "name vcpus ipc_guest ipc_both ipc_host frequency_hz llc_mpki l1d_mpki "
				  "dtlb_mpki itlb_mpki branch_mpki stalled_frontend_share "
				  "stalled_backend_share memory_bytes_per_second memory_local_share "
				  "llc_occupancy_bytes",
		[PAGE_REASON] = "name vcpu per_second share mean_ns p50_ns p90_ns p99_ns max_ns off_mean_ns",
		[PAGE_HOST] = "",
	};
	struct made_up *m = made_up(none);

	for (int p = 0; p < PAGES; p++) {
		struct buf got = {0};

		buf_puts(&got, "");
		for (unsigned int i = 0; i < m->ui.pages[p].ncolumns; i++)
			buf_printf(&got, "%s%s", i ? " " : "", m->ui.pages[p].columns[i]->id);
		ck_assert_str_eq(got.data, want[p]);
		buf_free(&got);
	}
	done(m);
}
END_TEST

/* No name twice, room for all, each with a title that fits and a help. */
START_TEST(tables)
{
	for (int p = 0; p < PAGES; p++) {
		const struct column *all;
		unsigned int n = page_columns((enum page)p, &all);

		ck_assert_uint_lt(n, COLUMNS_MAX);
		for (unsigned int i = 0; i < n; i++) {
			const struct column *c = &all[i];

			ck_assert_ptr_eq(page_column((enum page)p, c->id), c);
			ck_assert_msg(c->title && strlen(c->title) <= c->width, "%s", c->id);
			ck_assert_msg(c->help && c->help[strlen(c->help) - 1] == '.', "%s", c->id);
			ck_assert_msg(!strpbrk(c->id, " \t=-#") && *c->id, "%s", c->id);
			ck_assert_msg((c->kind == COLUMN_METRIC) == (c->metric != NULL), "%s", c->id);
			ck_assert_msg(!c->metric || !strcmp(c->metric->id, c->id), "%s", c->id);
		}
		ck_assert_ptr_null(page_column((enum page)p, "no such column"));
	}
}
END_TEST

/* Every figure that the tables for people have is a column of that page. */
START_TEST(all_metrics)
{
	static const struct {
		enum page page;
		enum metric_level level;
	} pages[] = {{PAGE_VMS, METRIC_SET},      {PAGE_VCPUS, METRIC_SET},      {PAGE_EXITS, METRIC_EXIT},
		     {PAGE_UEXITS, METRIC_UEXIT}, {PAGE_THREADS, METRIC_THREAD}, {PAGE_PLACEMENT, METRIC_SET},
		     {PAGE_HARDWARE, METRIC_SET}, {PAGE_REASON, METRIC_EXIT}};

	for (size_t k = 0; k < sizeof(pages) / sizeof(*pages); k++)
		for (unsigned int i = 0; i < metrics_count; i++)
			if (metrics[i].level == pages[k].level && metrics[i].title)
				ck_assert_msg(page_column(pages[k].page, metrics[i].id), "%s on %s",
					      metrics[i].id, page_name(pages[k].page));
}
END_TEST

static bool is_end(char c)
{
	return !c || c == ' ' || c == '\n';
}

/* Where a title stands in a line of them; NULL: it does not. */
static const char *find_title(const char *line, const char *title)
{
	size_t len = strlen(title);

	for (const char *at = line; (at = strstr(at, title)); at++)
		if ((at == line || at[-1] == ' ') && is_end(at[len]) && at < line + strcspn(line, "\n"))
			return at;
	return NULL;
}

/* One cell against the table's line: text begins where its title does, numbers end there. */
static void same_cell(const struct column *c, const struct row *r, const char *titles, const char *title,
		      const char *line)
{
	size_t from = (size_t)(title - titles), to = from + strlen(c->title), len = strcspn(line, "\n");
	struct buf got = {0};

	column_text(&got, c, r, false);
	if (!got.len)
		buf_puts(&got, "-");
	if (c->text) {
		ck_assert_msg(from < len && !strncmp(line + from, got.data, got.len), "%s: %s in %.*s",
			      c->title, got.data, (int)len, line);
	} else {
		size_t begin = to < len ? to : len;

		if (to > len || (to && line[to - 1] == ' ')) {
			ck_assert_msg(!strcmp(got.data, " "), "%s: '%s' in %.*s", c->title, got.data,
				      (int)len, line);
		} else {
			while (begin && line[begin - 1] != ' ')
				begin--;
			ck_assert_msg(to - begin == got.len && !strncmp(line + begin, got.data, got.len),
				      "%s: %s in %.*s", c->title, got.data, (int)len, line);
		}
	}
	buf_free(&got);
}

/* What the tables call a column. */
static const char *title_of(const struct made_up *m, const struct column *c, enum out_by by)
{
	if (c->kind == COLUMN_REASON)
		return m->view->exits_visible ? "exit reason" : "user-space exit";
	return c->kind == COLUMN_CPUS && by == OUT_BY_THREAD ? "last CPUs" : c->title;
}

/* The rows of a page against the table that snapshot prints; how many cells. */
static unsigned int same_table(struct made_up *m, enum page p, enum out_by by)
{
	struct buf b = {0};
	const struct column *all;
	unsigned int n = page_columns(p, &all), cells = 0;
	const char *titles, *line;

	out_table(&b, m->view, &(struct out_options){.by = by, .width = 100000});
	press(m, '0' + p);
	titles = strstr(b.data, "\nVM ");
	if (!titles) {
		ck_assert_uint_eq(m->ui.nrows, 0);
		buf_free(&b);
		return 0;
	}
	titles++;
	line = strchr(titles, '\n') + 1;
	for (unsigned int i = 0; i < m->ui.nrows; i++) {
		/* names of VMs stand once in some tables, and their width may be that of other bytes */
		for (unsigned int k = 0; k < n; k++) {
			const char *title = find_title(titles, title_of(m, &all[k], by));

			if (!title || all[k].kind == COLUMN_NAME || !column_shown(&all[k], m->view))
				continue;
			same_cell(&all[k], &m->ui.rows[i], titles, title, line);
			cells++;
		}
		ck_assert_msg(*line != '\n', "less than %u rows: %s", m->ui.nrows, b.data);
		line = strchr(line, '\n') + 1;
	}
	ck_assert_msg(!*line || *line == '\n', "more than %u rows: %s", m->ui.nrows, b.data);
	buf_free(&b);
	return cells;
}

/* The UI says what the tables say, row by row, cell by cell. */
START_TEST(as_tables)
{
	unsigned int cells[OUT_BY_EVENT + 1] = {0};

	for (unsigned int i = 0; host(i); i++) {
		struct made_up *m = made_up(host(i));

		cells[OUT_BY_VM] += same_table(m, PAGE_VMS, OUT_BY_VM);
		cells[OUT_BY_VCPU] += same_table(m, PAGE_VCPUS, OUT_BY_VCPU);
		cells[OUT_BY_EXIT] +=
			same_table(m, m->view->exits_visible ? PAGE_EXITS : PAGE_UEXITS, OUT_BY_EXIT);
		cells[OUT_BY_THREAD] += same_table(m, PAGE_THREADS, OUT_BY_THREAD);
		cells[OUT_BY_EVENT] += same_table(m, PAGE_EVENTS, OUT_BY_EVENT);
		done(m);
	}
	for (int by = 0; by <= OUT_BY_EVENT; by++)
		ck_assert_uint_ge(cells[by], 50);
}
END_TEST

/* The text of a cell: of the VM's row, of its vCPU's (-1: none). */
static const char *cell(struct made_up *m, enum page p, const char *id, const char *vm, int vcpu)
{
	static struct buf b;
	const struct column *c = page_column(p, id);
	struct row r = {.view = m->view, .guest = -1, .host = -1, .both = -1};

	ck_assert_msg(c != NULL, "%s", id);
	for (uint32_t i = 0; i < m->view->nvms; i++)
		if (!strcmp(m->view->vms[i].name, vm))
			r.vm = &m->view->vms[i];
	ck_assert_ptr_nonnull(r.vm);
	r.vcpu = vcpu < 0 ? NULL : &r.vm->vcpus[vcpu];
	r.set = r.vcpu ? &r.vcpu->set : &r.vm->set;
	buf_free(&b);
	buf_puts(&b, "");
	column_text(&b, c, &r, false);
	return b.data;
}

/* Those that no table has. */
START_TEST(of_the_ui_alone)
{
	struct made_up *m = made_up(mixed);

	/* four vCPUs on two CPUs, half of the time */
	ck_assert_str_eq(cell(m, PAGE_VMS, "cpu", "crowded", -1), "192%");
	ck_assert_str_eq(cell(m, PAGE_VMS, "cpu", "crowded", 0), "48.0%");
	ck_assert_str_eq(cell(m, PAGE_VMS, "cpu", "suspended", -1), "0.0%");
	/* it polls on the CPU */
	ck_assert_str_eq(cell(m, PAGE_VMS, "cpu", "idle-polls", -1), "20.0%");
	ck_assert_str_eq(cell(m, PAGE_VMS, "vcpus", "crowded", -1), "4");
	ck_assert_str_eq(cell(m, PAGE_VMS, "vcpus", "crowded", 3), "3");
	ck_assert_str_eq(cell(m, PAGE_VMS, "pid", "crowded", -1), "2000");
	ck_assert_str_eq(cell(m, PAGE_VMS, "uuid", "crowded", -1), "123e4567-e89b-12d3-a456-426614174000");
	ck_assert_str_eq(cell(m, PAGE_VMS, "uuid", "batch", -1), "");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "nodes", "crowded", -1), "0-1");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "nodes", "suspended", -1), "");
	/* two of its four are pinned; libvirt knows of no pinning; there is no libvirt */
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "pins", "crowded", -1), "0,5 any");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "pins", "crowded", 1), "0,5");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "pins", "crowded", 2), "any");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "pins", "batch", -1), "any");
	ck_assert_str_eq(cell(m, PAGE_PLACEMENT, "pins", "quiet", -1), "");
	done(m);
	/* where it cannot be seen what sleeps there is no CPU time to be told */
	m = made_up(no_sched);
	ck_assert_str_eq(cell(m, PAGE_VMS, "cpu", "web-1", -1), "");
	done(m);
	m = made_up(intel);
	ck_assert_str_eq(cell(m, PAGE_HARDWARE, "ipc_host", "db", -1), "0.50");
	ck_assert_str_eq(cell(m, PAGE_HARDWARE, "memory_local_share", "db", -1), "80.0%");
	done(m);
}
END_TEST

/* Threads are pinned as what they are. */
START_TEST(pins_of_threads)
{
	static const char *const want[THREAD_CLASSES] = {
		[THREAD_VCPU] = "0,5 any", [THREAD_EMULATOR] = "1", [THREAD_IOTHREAD] = "1,4-5"};
	struct made_up *m = made_up(mixed);
	const struct column *c = page_column(PAGE_THREADS, "pins");

	for (uint32_t class = 0; class < THREAD_CLASSES; class ++) {
		struct view_class of = {.class = class};
		struct row r = {.view = m->view, .vm = &m->view->vms[0], .threads = &of};
		struct buf b = {0};

		ck_assert_str_eq(r.vm->name, "crowded");
		buf_puts(&b, "");
		column_text(&b, c, &r, true);
		ck_assert_str_eq(b.data, want[class] ? want[class] : "");
		buf_free(&b);
	}
	done(m);
}
END_TEST

static bool shown(struct made_up *m, enum page p, const char *id)
{
	return column_shown(page_column(p, id), m->view);
}

/* Columns that a host cannot fill are told from those that have nothing to say just now. */
START_TEST(what_can_be_shown)
{
	struct made_up *m = made_up(none);

	ck_assert(shown(m, PAGE_VMS, "exit_cost"));
	ck_assert(shown(m, PAGE_VMS, "halt_p50_ns"));
	ck_assert(!shown(m, PAGE_VMS, "ipc_guest"));
	ck_assert(!shown(m, PAGE_THREADS, "cpu_share"));
	show(m, user);
	ck_assert(!shown(m, PAGE_VMS, "exit_cost"));
	ck_assert(!shown(m, PAGE_VMS, "kvm_share"));
	ck_assert(shown(m, PAGE_VMS, "wait_share"));
	ck_assert(shown(m, PAGE_VMS, "halt_p50_ns"));
	ck_assert(!shown(m, PAGE_VMS, "wake_p99_ns"));
	ck_assert(!shown(m, PAGE_UEXITS, "mean_ns"));
	ck_assert(shown(m, PAGE_UEXITS, "per_second"));
	ck_assert(!shown(m, PAGE_VMS, "cpus"));
	show(m, intel);
	ck_assert(shown(m, PAGE_VMS, "ipc_guest"));
	ck_assert(shown(m, PAGE_VMS, "llc_mpki"));
	ck_assert(!shown(m, PAGE_VMS, "ipc_both"));
	ck_assert(!shown(m, PAGE_VMS, "l1d_mpki"));
	ck_assert(!shown(m, PAGE_HARDWARE, "stalled_frontend_share"));
	ck_assert(shown(m, PAGE_EVENTS, "guest") && shown(m, PAGE_EVENTS, "host"));
	ck_assert(shown(m, PAGE_EVENTS, "level") && shown(m, PAGE_EVENTS, "note"));
	ck_assert(!shown(m, PAGE_PLACEMENT, "pins"));
	show(m, mixed);
	ck_assert(shown(m, PAGE_PLACEMENT, "pins") && shown(m, PAGE_PLACEMENT, "nodes"));
	ck_assert(!shown(m, PAGE_EVENTS, "guest") && !shown(m, PAGE_EVENTS, "note"));
	done(m);
}
END_TEST

/* The names of the VMs as a column sorts them. */
static const char *order(struct made_up *m, enum page p, const char *id, bool reverse)
{
	static struct buf b;
	struct row rows[16] = {0};

	for (uint32_t i = 0; i < m->view->nvms; i++)
		rows[i] = (struct row){.view = m->view,
				       .vm = &m->view->vms[i],
				       .set = &m->view->vms[i].set,
				       .guest = -1,
				       .host = -1,
				       .both = -1};
	column_sort(page_column(p, id), reverse, rows, m->view->nvms);
	buf_free(&b);
	for (uint32_t i = 0; i < m->view->nvms; i++)
		buf_printf(&b, "%s%s", i ? " " : "", rows[i].vm->name);
	return b.data;
}

START_TEST(sorts)
{
	struct made_up *m = made_up(mixed);

	/* A first; large ones first; what is equal stays as the view has it */
	ck_assert_str_eq(order(m, PAGE_VMS, "name", false),
			 "batch crowded idle-polls quiet slow-disk suspended swapping trapping");
	ck_assert_str_eq(order(m, PAGE_VMS, "name", true),
			 "trapping swapping suspended slow-disk quiet idle-polls crowded batch");
	ck_assert_str_eq(order(m, PAGE_VMS, "vcpus", false),
			 "crowded batch slow-disk swapping trapping idle-polls quiet suspended");
	ck_assert_str_eq(order(m, PAGE_VMS, "wait_share", false),
			 "crowded batch slow-disk swapping trapping idle-polls quiet suspended");
	ck_assert_str_eq(order(m, PAGE_VMS, "exits_per_second", true),
			 "suspended quiet slow-disk swapping crowded idle-polls batch trapping");
	ck_assert_str_eq(order(m, PAGE_VMS, "cpu", false),
			 "batch crowded trapping slow-disk swapping idle-polls quiet suspended");
	ck_assert_str_eq(order(m, PAGE_VMS, "verdict", false),
			 "slow-disk crowded swapping trapping idle-polls batch quiet suspended");
	/* no UUID is no value: last, whichever way round */
	ck_assert_str_eq(order(m, PAGE_VMS, "uuid", false),
			 "crowded slow-disk swapping trapping idle-polls batch quiet suspended");
	ck_assert_str_eq(order(m, PAGE_VMS, "uuid", true),
			 "crowded slow-disk swapping trapping idle-polls batch quiet suspended");
	/* without halts there is no time of theirs */
	ck_assert_str_eq(order(m, PAGE_PLACEMENT, "halt_p50_ns", false),
			 "quiet slow-disk idle-polls crowded swapping trapping batch suspended");
	ck_assert_str_eq(order(m, PAGE_PLACEMENT, "halt_p50_ns", true),
			 "idle-polls slow-disk quiet crowded swapping trapping batch suspended");
	/* two CPUs, one, none */
	ck_assert_str_eq(order(m, PAGE_PLACEMENT, "cpus", false),
			 "crowded batch slow-disk swapping trapping idle-polls quiet suspended");
	ck_assert_str_eq(order(m, PAGE_PLACEMENT, "pins", true),
			 "batch crowded slow-disk swapping trapping idle-polls quiet suspended");
	ck_assert_str_eq(order(m, PAGE_VMS, "ledger", false),
			 "slow-disk crowded swapping trapping idle-polls batch quiet suspended");
	done(m);
}
END_TEST

/* Control bytes and what is not ASCII are gone from every cell. */
START_TEST(safe_text)
{
	struct made_up *m = made_up(names);
	const struct column *all;
	unsigned int n = page_columns(PAGE_VMS, &all);

	for (int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < m->ui.nrows; i++) {
			for (unsigned int k = 0; k < n; k++) {
				struct buf b = {0};

				column_text(&b, &all[k], &m->ui.rows[i], false);
				for (size_t c = 0; c < b.len; c++)
					ck_assert(b.data[c] >= ' ' && b.data[c] < 0x7f);
				buf_free(&b);
			}
		}
		show(m, intel);
		press(m, '6');
		n = page_columns(PAGE_EVENTS, &all);
	}
	done(m);
}
END_TEST

/* Styles tell what matters. */
START_TEST(styles)
{
	struct made_up *m = made_up(mixed);
	struct row r = {.view = m->view, .guest = -1, .host = -1, .both = -1};
	static const struct {
		const char *vm, *column;
		enum style style;
	} want[] = {
		{"crowded", "verdict", STYLE_ALARM},       {"trapping", "exit_cost", STYLE_ALARM},
		{"batch", "verdict", STYLE_PLAIN},         {"idle-polls", "verdict", STYLE_WARN},
		{"quiet", "verdict", STYLE_DIM},           {"batch", "name", STYLE_BOLD},
		{"batch", "poll_share", STYLE_DIM},        {"idle-polls", "poll_share", STYLE_WARN},
		{"crowded", "wait_share", STYLE_ALARM},    {"crowded", "cpu", STYLE_PLAIN},
		{"suspended", "blocked_share", STYLE_DIM}, {"swapping", "blocked_share", STYLE_ALARM},
		{"slow-disk", "vmm_share", STYLE_ALARM},   {"trapping", "kvm_share", STYLE_ALARM},
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		struct buf b = {0};

		for (uint32_t k = 0; k < m->view->nvms; k++)
			if (!strcmp(m->view->vms[k].name, want[i].vm))
				r.vm = &m->view->vms[k];
		r.set = &r.vm->set;
		ck_assert_int_eq(column_text(&b, page_column(PAGE_VMS, want[i].column), &r, true),
				 want[i].style);
		buf_free(&b);
	}
	done(m);
}
END_TEST

START_TEST(needs)
{
	ck_assert_uint_eq(column_needs(page_column(PAGE_VMS, "exit_cost")), 0);
	ck_assert_uint_eq(column_needs(page_column(PAGE_VMS, "verdict")), 0);
	ck_assert_uint_eq(column_needs(page_column(PAGE_VMS, "ipc_guest")),
			  1U << EVENT_CYCLES | 1U << EVENT_INSTRUCTIONS);
	ck_assert_uint_eq(column_needs(page_column(PAGE_THREADS, "class")), METRIC_NEEDS_THREADS);
	ck_assert_uint_eq(column_needs(page_column(PAGE_EVENTS, "counted")), METRIC_NEEDS_EVENTS);
}
END_TEST

static const char *explained(struct made_up *m, enum page p, const char *id)
{
	static struct buf b;

	b.len = 0;
	column_explain(&b, page_column(p, id), m->view, false);
	return b.data;
}

/* What it is, what it is made of, and why there is nothing in it. */
START_TEST(explains)
{
	struct made_up *m = made_up(intel);

	ck_assert_str_eq(explained(m, PAGE_VMS, "exits_per_second"), "VM exits per second.");
	ck_assert_str_eq(explained(m, PAGE_VMS, "llc_mpki"),
			 "Misses of the last level of caches for every 1000 instructions. Of the guest where "
			 "that is counted apart, else of guest and host. Made of instructions, "
			 "LLC-load-misses.");
	ck_assert_str_eq(explained(m, PAGE_HARDWARE, "stalled_frontend_share"),
			 "Share of the cycles in which no instruction was there to be issued. Of the guest "
			 "where that is counted apart, else of guest and host. Made of cycles, "
			 "stalled-cycles-frontend. stalled-cycles-frontend is not counted: this CPU does not "
			 "have it.");
	show(m, user);
	ck_assert_str_eq(
		explained(m, PAGE_VMS, "exits_per_second"),
		"VM exits per second. Not visible on this host: KVM's vendor module kvm_pvm fires no "
		"kvm_entry and kvm_exit here.");
	ck_assert_str_eq(explained(m, PAGE_VMS, "ipc_guest"),
			 "The guest's instructions for each of its cycles. Made of cycles, instructions. "
			 "cycles is not counted. instructions is not counted.");
	done(m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("columns");

	UNIT_ADD(u, presets);
	UNIT_ADD(u, tables);
	UNIT_ADD(u, all_metrics);
	UNIT_ADD(u, as_tables);
	UNIT_ADD(u, of_the_ui_alone);
	UNIT_ADD(u, pins_of_threads);
	UNIT_ADD(u, what_can_be_shown);
	UNIT_ADD(u, sorts);
	UNIT_ADD(u, safe_text);
	UNIT_ADD(u, styles);
	UNIT_ADD(u, needs);
	UNIT_ADD(u, explains);
	return unit_run(u);
}
