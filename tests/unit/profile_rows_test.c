// SPDX-License-Identifier: GPL-2.0-only
/* Rows of a profile: keys, filters, the limit, their order; the tree; the options that choose. */
#include "model/profile_rows.h"

#include <stdio.h>

#include "cmd/profile_options.h"
#include "model/profile_tree.h"
#include "profiles.h"
#include "unit.h"

static struct profile *p;
static struct profile_rows r;

static void make(struct profile *of, uint32_t keys, struct profile_filter f)
{
	p = of;
	profile_rows_make(&r, p, keys, &f);
}

static void done(void)
{
	profile_rows_free(&r);
	profile_free(p);
}

static struct profile_filter any(void)
{
	return (struct profile_filter){.event = PROFILE_NONE};
}

/* Row i is this: its keys' texts, with blanks between them, and its samples. */
static void row_is(size_t i, const char *texts, uint64_t samples)
{
	struct buf b = {0}, text = {0};

	ck_assert_uint_lt(i, r.n);
	for (int k = 0; k < PROFILE_KEYS; k++) {
		if (!(r.keys & 1U << k))
			continue;
		profile_row_text(&r, &r.rows[i], (enum profile_key)k, &text);
		buf_printf(&b, "%s%s", b.len ? " " : "", text.data);
		buf_free(&text);
	}
	ck_assert_str_eq(b.data ? b.data : "", texts);
	ck_assert_uint_eq(r.rows[i].sum.samples, samples);
	buf_free(&b);
}

START_TEST(keys)
{
	make(two_vms(400), 1U << PROFILE_BY_VM, any());
	ck_assert_uint_eq(r.n, 2);
	row_is(0, "web", 590);
	row_is(1, "db", 410);
	done();
	make(two_vms(400), 1U << PROFILE_BY_MODE, any());
	row_is(0, "guest sys", 550);
	row_is(1, "guest user", 300);
	row_is(2, "sys", 104);
	row_is(3, "user", 46);
	ck_assert_uint_eq(r.n, 4);
	done();
	/* one function of two VMs, two addresses of one function */
	make(two_vms(400), 1U << PROFILE_BY_MODULE | 1U << PROFILE_BY_SYMBOL, any());
	row_is(0, "[guest kernel] copy_page", 500);
	row_is(1, "[unknown] [unknown]", 300);
	row_is(2, "kvm_intel vmx_vcpu_run", 100);
	row_is(6, "qemu-system-x86_64 [unknown]", 1);
	ck_assert_uint_eq(r.n, 7);
	done();
	make(two_vms(400), 1U << PROFILE_BY_SYMBOL | 1U << PROFILE_BY_ADDRESS, any());
	row_is(0, "copy_page 0xffffffff81001000", 400);
	row_is(2, "copy_page 0xffffffff81001010", 100);
	row_is(3, "vmx_vcpu_run 0xffffffffc0900000", 100);
	row_is(1, "[unknown] 0x401000", 300);
	done();
	/* of threads that run no vCPU the text is empty */
	make(two_vms(400), 1U << PROFILE_BY_VCPU | 1U << PROFILE_BY_COMM, any());
	row_is(0, "0 CPU 0/KVM", 804);
	row_is(1, "1 CPU 1/KVM", 150);
	row_is(2, "IO io1", 46);
	done();
	make(two_vms(400), 1U << PROFILE_BY_PID | 1U << PROFILE_BY_TID, any());
	row_is(0, "4711 4712", 440);
	row_is(1, "815 816", 364);
	done();
	make(two_vms(400), 0, any());
	ck_assert_uint_eq(r.n, 1);
	row_is(0, "", 1000);
	done();
}
END_TEST

START_TEST(filters)
{
	static const char *const db[] = {"D*", "d*"}, *const pid[] = {"4711"}, *const nobody[] = {"nobody"};
	static const char *const uuid[] = {"6BA7B810-9DAD-11D1-80B4-00C04FD430C8"};
	struct profile_filter f = any();

	f.vms = db;
	f.nvms = 2;
	make(two_vms(400), 1U << PROFILE_BY_VM, f);
	ck_assert_uint_eq(r.n, 1);
	row_is(0, "db", 410);
	ck_assert_uint_eq(r.total.samples, 410);
	ck_assert_double_eq_tol(profile_rows_share(&r, 0, &r.rows[0].sum), 1, 1e-12);
	ck_assert_uint_eq(r.vms[0].sum.samples, 0);
	ck_assert_uint_eq(r.vms[1].sum.samples, 410);
	done();
	f.nvms = 1;
	f.vms = pid;
	make(two_vms(400), 1U << PROFILE_BY_VM, f);
	row_is(0, "web", 590);
	done();
	f.vms = uuid;
	make(two_vms(400), 1U << PROFILE_BY_VM, f);
	row_is(0, "web", 590);
	done();
	f.vms = nobody;
	make(two_vms(400), 1U << PROFILE_BY_VM, f);
	ck_assert_uint_eq(r.n + r.total.samples, 0);
	done();
	/* the split of a VM is of all modes */
	f = any();
	f.modes = 1U << PROFILE_SYS | 1U << PROFILE_USER;
	make(two_vms(400), 1U << PROFILE_BY_MODE, f);
	ck_assert_uint_eq(r.n, 2);
	ck_assert_uint_eq(r.total.samples, 150);
	ck_assert_uint_eq(r.vms[0].sum.samples, 590);
	ck_assert_uint_eq(r.vms[0].modes[PROFILE_GUEST_SYS].samples, 550);
	done();
}
END_TEST

/* Rows below the limit are summed; one that is exactly there is none of them. */
START_TEST(limit)
{
	struct profile_filter f = any();

	f.limit = 5;
	make(two_vms(400), 1U << PROFILE_BY_VM | 1U << PROFILE_BY_SYMBOL, f);
	row_is(0, "web copy_page", 500);
	row_is(3, "web start_xmit", 50);
	ck_assert_uint_eq(r.n, 4);
	ck_assert_uint_eq(r.rest.samples, 89);
	ck_assert_uint_eq(r.rest.period, 89 * MS);
	done();
	f.limit = 100;
	make(two_vms(400), 1U << PROFILE_BY_VM, f);
	ck_assert_uint_eq(r.n, 0);
	ck_assert_uint_eq(r.rest.samples, 1000);
	done();
}
END_TEST

/* Of two events rows are of one each, and shares of that one's total. */
START_TEST(events)
{
	struct profile_filter f = any();

	make(two_events(), 1U << PROFILE_BY_VM, f);
	ck_assert(r.mixed);
	ck_assert_uint_eq(r.n, 4);
	row_is(0, "cpu-clock twin (101)", 4);
	row_is(1, "cpu-clock twin (100)", 3);
	row_is(2, "cache-misses twin (100)", 20);
	row_is(3, "cache-misses twin (101)", 10);
	ck_assert_double_eq_tol(profile_rows_share(&r, r.rows[0].like.event, &r.rows[0].sum), 4. / 7, 1e-12);
	ck_assert_double_eq_tol(profile_rows_share(&r, r.rows[2].like.event, &r.rows[2].sum), 2. / 3, 1e-12);
	ck_assert_uint_eq(profile_rows_weight(&r, &r.total), 37);
	done();
	/* alone, it is no twin */
	f.vms = (const char *const[]){"100"};
	f.nvms = 1;
	make(two_events(), 1U << PROFILE_BY_VM, f);
	ck_assert_uint_eq(r.n, 2);
	row_is(0, "cpu-clock twin", 3);
	row_is(1, "cache-misses twin", 20);
	done();
	f = any();
	f.event = 0;
	make(two_events(), 1U << PROFILE_BY_VM, f);
	ck_assert(!r.mixed);
	ck_assert_uint_eq(r.total.samples, 7);
	ck_assert_uint_eq(r.vms[0].sum.samples, 3);
	row_is(0, "twin (101)", 4);
	done();
}
END_TEST

/* Equal weights: by the texts, whatever came first. */
START_TEST(order)
{
	static const char *const names[] = {"b", "c", "a"};
	struct profile *q = profile_of_host();
	uint32_t thread = profile_thread(q, profile_vm(q, 1, 0, "vm", ""), 1, 0, "");

	for (int i = 0; i < 3; i++)
		hit(q, thread, PROFILE_SYS,
		    frame(q, PROFILE_KERNEL, PROFILE_NONE, "k", (uint64_t)i, names[i], "[kernel]"),
		    PROFILE_NONE, 7);
	make(q, 1U << PROFILE_BY_SYMBOL, any());
	row_is(0, "a", 7);
	row_is(1, "b", 7);
	row_is(2, "c", 7);
	done();
	/* threads that run no vCPU before those that do */
	q = profile_of_host();
	for (int32_t i = 2; i >= -1; i--)
		hit(q, profile_thread(q, profile_vm(q, 1, 0, "vm", ""), (uint32_t)(10 - i), i, ""),
		    PROFILE_SYS, frame(q, PROFILE_KERNEL, PROFILE_NONE, "k", 1, "f", "[kernel]"),
		    PROFILE_NONE, 1);
	make(q, 1U << PROFILE_BY_VCPU, any());
	ck_assert_uint_eq(r.n, 4);
	row_is(0, "", 1);
	row_is(1, "0", 1);
	row_is(3, "2", 1);
	done();
	/* one address in two files is two places */
	q = profile_of_host();
	thread = profile_thread(q, profile_vm(q, 1, 0, "vm", ""), 1, 0, "");
	hit(q, thread, PROFILE_USER, frame(q, PROFILE_FILE, PROFILE_NONE, "/a", 16, "f", "m"), PROFILE_NONE,
	    1);
	hit(q, thread, PROFILE_USER, frame(q, PROFILE_FILE, PROFILE_NONE, "/b", 16, "f", "m"), PROFILE_NONE,
	    2);
	make(q, 1U << PROFILE_BY_ADDRESS, any());
	ck_assert_uint_eq(r.n, 2);
	row_is(0, "0x10", 2);
	row_is(1, "0x10", 1);
	done();
}
END_TEST

/* Modules of what has no symbol. */
START_TEST(modules)
{
	static const struct {
		enum profile_object_kind kind;
		const char *path, *module;
	} objects[] = {
		{PROFILE_KERNEL, "[kernel.kallsyms]_text", "[kernel]"},
		{PROFILE_GUEST_KERNEL, "[guest.kernel.kallsyms.1]", "[guest kernel]"},
		{PROFILE_FILE, "/usr/bin/qemu", "qemu"},
		{PROFILE_FILE, "qemu", "qemu"},
		{PROFILE_FILE, "/", "/"},
		{PROFILE_FILE, "", "[unknown]"},
		{PROFILE_ANON, "//anon", "//anon"},
		{PROFILE_ANON, "[vdso]", "[vdso]"},
		{PROFILE_GUEST_FILE, "/lib/libc.so.6", "libc.so.6"},
	};
	struct profile_frame nowhere = {PROFILE_NONE, PROFILE_NONE, 1};

	p = profile_new();
	for (size_t i = 0; i < sizeof(objects) / sizeof(*objects); i++) {
		struct profile_frame f =
			frame(p, objects[i].kind, PROFILE_NONE, objects[i].path, 1, NULL, NULL);

		ck_assert_str_eq(profile_frame_module(p, &f), objects[i].module);
		ck_assert_str_eq(profile_frame_symbol(p, &f), "[unknown]");
	}
	ck_assert_str_eq(profile_frame_module(p, &nowhere), "[unknown]");
	profile_free(p);
}
END_TEST

START_TEST(tree)
{
	static const char *const want =
		"0 all 1000 0|1 web 590 0|2 sys 40 0|3 __x64_sys_ioctl 40 0|4 kvm_vcpu_ioctl 40 0|"
		"5 vmx_vcpu_run 40 40|2 guest sys 550 0|3 copy_page 500 500|3 start_xmit 50 50|"
		"1 db 410 0|2 sys 64 0|3 __x64_sys_ioctl 60 0|4 kvm_vcpu_ioctl 60 0|5 vmx_vcpu_run 60 60|"
		"3 kvm_vcpu_ioctl 4 4|2 user 46 0|3 bdrv_co_preadv 45 45|3 [unknown] 1 1|"
		"2 guest user 300 0|3 [unknown] 300 300|";
	struct buf b = {0}, name = {0};
	struct profile_tree t;
	uint32_t at = 0;

	make(two_vms(400), 1U << PROFILE_BY_VM, any());
	profile_tree_make(&t, &r);
	do {
		const struct profile_node *n = &t.nodes[at];

		profile_tree_name(&t, n, &name);
		buf_printf(&b, "%u %s %llu %llu|", n->depth, name.data, (unsigned long long)n->sum.samples,
			   (unsigned long long)n->own.samples);
		buf_free(&name);
		at = profile_tree_after(&t, at);
	} while (at);
	ck_assert_str_eq(b.data, want);
	buf_free(&b);
	profile_tree_free(&t);
	done();
}
END_TEST

START_TEST(key_lists)
{
	uint32_t got;
	char word[64];

	ck_assert(profile_keys_parse("vm,mode,symbol", &got, word));
	ck_assert_uint_eq(got, 1U << PROFILE_BY_VM | 1U << PROFILE_BY_MODE | 1U << PROFILE_BY_SYMBOL);
	ck_assert(profile_keys_parse("sym,dso,thread,sym", &got, word));
	ck_assert_uint_eq(got, 1U << PROFILE_BY_SYMBOL | 1U << PROFILE_BY_MODULE | 1U << PROFILE_BY_TID);
	for (int k = 0; k < PROFILE_KEYS; k++) {
		ck_assert(profile_keys_parse(profile_key_name((enum profile_key)k), &got, word));
		ck_assert_uint_eq(got, 1U << k);
	}
	ck_assert(!profile_keys_parse("vm,colour", &got, word));
	ck_assert_str_eq(word, "colour");
	ck_assert(!profile_keys_parse("vm,", &got, word));
	ck_assert_str_eq(word, "");
	ck_assert(!profile_keys_parse(",vm", &got, word));
	ck_assert(!profile_keys_parse("v", &got, word));
	ck_assert(!profile_keys_parse(
		"0123456789012345678901234567890123456789012345678901234567890123456789", &got, word));
	ck_assert_uint_eq(strlen(word), 63);
}
END_TEST

static bool options(const char *sort, const char *percent, const char *mode, struct profile_choice *c)
{
	const char *modes[] = {mode};
	struct settings s = {.sort = sort, .percent_limit = percent, .modes = {modes, mode ? 1 : 0}};

	return profile_options(&s, "profile test", c);
}

START_TEST(option_values)
{
	static const char *const bad_limits[] = {
		"",   "x", "-1",  "101", "1e1", "nan", "0x1", "1..2",      ".",
		"1 ", "%", "5%%", "inf", " 1",  "1,5", "+1",  "100.00001", "9999999999999999999999999999999"};
	static const char *const bad_modes[] = {"guest", "guest sys", "Sys", "sys,user", ""};
	struct profile_choice c;

	ck_assert(options("vm", "0.5", NULL, &c));
	ck_assert_uint_eq(c.keys, 1U << PROFILE_BY_VM);
	ck_assert_double_eq_tol(c.filter.limit, 0.5, 1e-12);
	ck_assert_uint_eq(c.filter.modes, 0);
	ck_assert_uint_eq(c.filter.event, PROFILE_NONE);
	ck_assert(options("vm", "5%", "guest-user", &c));
	ck_assert_double_eq_tol(c.filter.limit, 5, 1e-12);
	ck_assert_uint_eq(c.filter.modes, 1U << PROFILE_GUEST_USER);
	ck_assert(options("vm", "100", "sys", &c));
	ck_assert(options("vm", "0", "other", &c));
	ck_assert(options("vm", ".25", "user", &c));
	ck_assert(options("vm", "0", "guest-sys", &c));
	ck_assert(!options("vms", "0", NULL, &c));
	for (size_t i = 0; i < sizeof(bad_limits) / sizeof(*bad_limits); i++)
		ck_assert_msg(!options("vm", bad_limits[i], NULL, &c), "'%s'", bad_limits[i]);
	for (size_t i = 0; i < sizeof(bad_modes) / sizeof(*bad_modes); i++)
		ck_assert_msg(!options("vm", "0", bad_modes[i], &c), "'%s'", bad_modes[i]);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile_rows");

	UNIT_ADD(u, keys);
	UNIT_ADD(u, filters);
	UNIT_ADD(u, limit);
	UNIT_ADD(u, events);
	UNIT_ADD(u, order);
	UNIT_ADD(u, modules);
	UNIT_ADD(u, tree);
	UNIT_ADD(u, key_lists);
	UNIT_ADD(u, option_values);
	return unit_run(u);
}
