// SPDX-License-Identifier: GPL-2.0-only
/* Names of a profile's samples, from trees and files that are made up: right ones, or none. */
#include "made_up_names.h"

#include <time.h>

START_TEST(options)
{
	put("file", "x");
	o.guest_kallsyms = in("nothing");
	ck_assert_ptr_null(names_new(&o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "--guestkallsyms"));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
	o.guest_kallsyms = NULL;
	o.guest_mount = in("file");
	ck_assert_ptr_null(names_new(&o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "is no directory"));
	o.guest_mount = NULL;
	o.vmlinux = dir;
	ck_assert_ptr_null(names_new(&o, why, sizeof(why)));
	ck_assert_ptr_nonnull(strstr(why, "is a directory"));
}
END_TEST

START_TEST(host)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");
	struct profile_object kvm = object(PROFILE_KERNEL, 0, "[kvm]");
	struct profile_object ko = object(PROFILE_KERNEL, 0, "/lib/modules/6.1.0-test/extra/my-module.ko.xz");

	start();
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "host_function [kernel]");
	IS(&k, PROFILE_SYS, 0xffffffffc0000010, "kvm_function kvm");
	IS(&k, PROFILE_SYS, 0xffffffffc0001000, "- [unknown]");
	IS(&k, PROFILE_SYS, 0xffffffffc0020000, "- silent");
	/* another program may have been there */
	IS(&k, PROFILE_SYS, 0xffffffffc0030010, "- bpf");
	IS(&k, PROFILE_SYS, 0x1000, "- [unknown]");
	IS(&kvm, PROFILE_SYS, 0xffffffffc0000010, "kvm_function kvm");
	/* what was another module's place then has no name of the one that is there now */
	IS(&kvm, PROFILE_SYS, 0xffffffffc0010010, "- kvm");
	IS(&ko, PROFILE_SYS, 0xffffffffc0010010, "- my_module");
	IS(NULL, PROFILE_SYS, KERNEL, "- [unknown]");
	is_missing("");
}
END_TEST

/* Started anew in between: the kernel is where its symbol says, its modules are nowhere. */
START_TEST(host_moved)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");

	p->begin_ns = 1690000000 * S;
	start();
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
	is_missing("the host's kernel is not the one");
	profile_free(p);
	p = profile_new();
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-test");
	p->begin_ns = 1690000000 * S;
	snprintf(k.ref_name, sizeof(k.ref_name), "_text");
	k.ref_addr = KERNEL + 0x7000000;
	IS(&k, PROFILE_SYS, KERNEL + 0x7000180, "host_function [kernel]");
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [unknown]");
	IS(&k, PROFILE_SYS, 0xffffffffc0000010, "- [unknown]");
	IS(&k, PROFILE_SYS, 0xffffffffc7000010, "- [unknown]");
	is_missing("");
}
END_TEST

START_TEST(host_other)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");

	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-other");
	start();
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
	is_missing("--kallsyms or --vmlinux");
	/* the same release on another host may be another build */
	profile_free(p);
	p = profile_new();
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-test");
	snprintf(p->hostname, sizeof(p->hostname), "there");
	p->begin_ns = 1700000100 * S;
	snprintf(k.ref_name, sizeof(k.ref_name), "_text");
	k.ref_addr = KERNEL;
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
	k.ref_name[0] = '\0';
	/* the file that is asked for is believed */
	o.kallsyms = put("copy", "ffffffff81000000 T _text\nffffffff81000100 T copied\n");
	start();
	profile_free(p);
	p = profile_new();
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-other");
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "copied [kernel]");
	is_missing("");
	IS(&k, PROFILE_SYS, 0x1000, "- [unknown]");
	is_missing("");
}
END_TEST

/* Files that were given, of another kernel; a recording that was not finished. */
START_TEST(host_wrong)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");

	o.kallsyms = put("copy", "ffffffff91000000 T _text\nffffffff91000100 T copied\n");
	start();
	IS(&k, PROFILE_SYS, 0xffffffff80000000, "- [unknown]");
	is_missing("the host's kernel ran at no place that its symbols name");
	o.kallsyms = NULL;
	start();
	profile_free(p);
	p = profile_new();
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
	is_missing("the host's kernel is not told by this file");
}
END_TEST

/* The build-id decides, whatever the release is called. */
START_TEST(host_build_id)
{
	static const char notes[] = "\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0abcdefghijklmnopqrst";
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");

	made_up_write(in("sys/kernel/notes"), notes, sizeof(notes) - 1);
	k.build_id_size = 20;
	memcpy(k.build_id, "abcdefghijklmnopqrst", 20);
	start();
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-renamed");
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "host_function [kernel]");
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-test");
	k.build_id[19] = 'x';
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
}
END_TEST

START_TEST(host_hidden)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");

	put("proc/kallsyms", "0000000000000000 T _text\n0000000000000000 T host_function\n");
	start();
	IS(&k, PROFILE_SYS, KERNEL + 0x180, "- [kernel]");
	is_missing("kernel.kptr_restrict");
}
END_TEST

static const struct made_up_symbol kernel_symbols[] = {
	{"_text", KERNEL, 0, MADE_UP_LABEL, 1},
	{"start_kernel", KERNEL + 0x100, 0x80, MADE_UP_FUNC, 1},
	{"schedule", KERNEL + 0x200, 0x80, MADE_UP_FUNC, 1},
};

START_TEST(vmlinux)
{
	struct made_up_elf m = {KERNEL, 0x400, NULL, kernel_symbols, 3, SHT_SYMTAB};
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");
	struct profile_object b = object(PROFILE_GUEST_KERNEL, 200, "b");

	/* without anything that tells where it lay: as it was linked */
	o.guest_vmlinux = put_elf("vmlinux", &m);
	start();
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x210, "schedule [guest kernel]");
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x190, "- [guest kernel]");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffff9a000210, "- [unknown]");
	/* by the recording */
	snprintf(b.ref_name, sizeof(b.ref_name), "_text");
	b.ref_addr = 0xffffffff9a000000;
	IS(&b, PROFILE_GUEST_SYS, 0xffffffff9a000210, "schedule [guest kernel]");
	IS(&b, PROFILE_GUEST_SYS, KERNEL + 0x210, "- [unknown]");
	/* by kallsyms, which has the modules, too */
	profile_free(p);
	p = profile_new();
	o.guest_kallsyms = put("guestkallsyms", "ffffffff95000000 T _text\nffffffff95000200 T not_this\n"
						"ffffffff95000300 D _end\nffffffffc0000000 t x\t[m]\n");
	start();
	a = object(PROFILE_GUEST_KERNEL, 100, "a");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffff95000210, "schedule [guest kernel]");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffffc0000000, "x m");
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x210, "- [unknown]");
	/* by both: kallsyms is of another boot than the recording */
	b = object(PROFILE_GUEST_KERNEL, 200, "b");
	snprintf(b.ref_name, sizeof(b.ref_name), "_text");
	b.ref_addr = 0xffffffff9a000000;
	IS(&b, PROFILE_GUEST_SYS, 0xffffffff9a000210, "schedule [guest kernel]");
	IS(&b, PROFILE_GUEST_SYS, 0xffffffffc0000000, "- [unknown]");
	/* the host's */
	o.vmlinux = in("vmlinux");
	start();
	a = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");
	IS(&a, PROFILE_SYS, KERNEL + 0x110, "start_kernel [kernel]");
}
END_TEST

static const char id[] = "abcdefghijklmnopqrst";
static const struct made_up_symbol file_symbols[] = {{"emulate", 0x5100, 0x80, MADE_UP_FUNC, 1}};
static const struct made_up_elf file = {0x5000, 0x400, id, file_symbols, 1, SHT_SYMTAB};

START_TEST(files)
{
	struct profile_object f = object(PROFILE_FILE, 0, "/usr/bin/vmm");
	struct profile_object none = object(PROFILE_FILE, 0, "/usr/bin/none");
	struct profile_object anon = object(PROFILE_ANON, 0, "//anon");
	struct profile_object vdso = object(PROFILE_ANON, 0, "[vdso]");
	struct profile_object removed = object(PROFILE_FILE, 0, "/usr/bin/vmm (deleted)");

	put_elf("usr/bin/vmm", &file);
	start();
	f.build_id_size = 20;
	memcpy(f.build_id, id, 20);
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "emulate vmm");
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x180, "- vmm");
	IS(&f, PROFILE_USER, 0x99999, "- vmm");
	IS(&none, PROFILE_USER, 0, "- none");
	IS(&anon, PROFILE_USER, 0, "- //anon");
	IS(&vdso, PROFILE_USER, 0, "- [vdso]");
	IS(&removed, PROFILE_USER, MADE_UP_OFFSET + 0x110, "- vmm");
	is_missing("/usr/bin/none: cannot be read: No such file");
	is_missing("/usr/bin/vmm (deleted): was removed");
	/* another file than was recorded */
	f.build_id[0] = 'x';
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "- vmm");
	is_missing("/usr/bin/vmm: is another file than was recorded");
}
END_TEST

/* A hostile profile calls one file by thousands of names: it is not read as often. */
START_TEST(files_many)
{
	struct profile_object f = object(PROFILE_FILE, 0, "");
	struct profile_hit hit = {.mode = PROFILE_USER, .stack = PROFILE_NONE, .sum = {1, 1}};
	struct buf path = {0};

	put_elf("usr/bin/vmm", &file);
	start();
	f.build_id_size = 20;
	memcpy(f.build_id, id, 20);
	hit.event = profile_event(p, "cycles", 0);
	hit.thread = profile_thread(p, profile_vm(p, 1, 0, "vm1", ""), 1, -1, "");
	hit.at = (struct profile_frame){.symbol = PROFILE_NONE, .addr = MADE_UP_OFFSET + 0x110};
	for (int i = 0; i < 4096; i++) {
		path.len = 0;
		buf_puts(&path, i & 1 ? "/usr/bin/" : "/usr/bin//");
		for (int bit = 2; bit < 4096; bit *= 2)
			buf_puts(&path, i & bit ? "./" : "/");
		buf_puts(&path, "vmm");
		f.path = path.data;
		hit.at.object = profile_object(p, &f);
		profile_hit(p, &hit);
	}
	ck_assert_uint_eq(p->nobjects, 4096);
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x111, "emulate vmm");
	f.path = (char *)"/usr/bin/vmm";
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "- vmm");
	is_missing("/usr/bin/vmm: is one file too many");
	buf_free(&path);
}
END_TEST

/* Without a build-id a file that is older than the profile is believed. */
START_TEST(files_changed)
{
	struct profile_object f = object(PROFILE_FILE, 0, "/usr/bin/vmm");

	put_elf("usr/bin/vmm", &file);
	start();
	/* changed now, long after 2023 */
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "- vmm");
	is_missing("/usr/bin/vmm: was changed since");
	start();
	p->begin_ns = (uint64_t)(time(NULL) + 3600) * S;
	f.path = (char *)"/usr/bin/../bin/vmm";
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "emulate vmm");
	/* it was changed before the end */
	start();
	p->begin_ns = (uint64_t)(time(NULL) - 3600) * S;
	p->duration_ns = 7200 * S;
	f.path = (char *)"/usr/../usr/bin/vmm";
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "emulate vmm");
}
END_TEST

/* A file that lies elsewhere for us is read as the VM's process has it, if that has the build-id. */
START_TEST(files_of_processes)
{
	struct profile_object f = object(PROFILE_FILE, 0, "/usr/bin/vmm");
	char line[128];
	struct stat st;

	start();
	f.build_id_size = 20;
	memcpy(f.build_id, id, 20);
	put_elf("proc/1/root/usr/bin/vmm", &file);
	ck_assert_int_eq(stat(in("proc/1/root/usr/bin/vmm"), &st), 0);
	snprintf(line, sizeof(line), "1000-2000 r-xp 0 00:00 %llu /usr/bin/vmm\n",
		 (unsigned long long)st.st_ino);
	put("proc/1/maps", line);
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "emulate vmm");
}
END_TEST

/* What has a name keeps it: that is of another time, when the guest or the file was another. */
START_TEST(named_before)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");
	struct profile_hit hit = {.mode = PROFILE_SYS, .stack = PROFILE_NONE};

	start();
	hit.event = profile_event(p, "cycles", 0);
	hit.thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 1, -1, "");
	hit.at = (struct profile_frame){.object = profile_object(p, &k),
					.symbol = profile_symbol(p, "of_before", "[kernel]"),
					.addr = KERNEL + 0x150};
	hit.sum.samples = 1;
	profile_hit(p, &hit);
	names_resolve(n, p);
	ck_assert_str_eq(p->symbols[p->hits[0].at.symbol].name, "of_before");
}
END_TEST

/* A file that has only the symbols that it exports: that is told where it matters, in places that have no
 * name. */
START_TEST(files_stripped)
{
	struct profile_object f = object(PROFILE_FILE, 0, "/usr/bin/vmm");
	struct made_up_elf m = file;

	m.type = SHT_DYNSYM;
	put_elf("usr/bin/vmm", &m);
	start();
	f.build_id_size = 20;
	memcpy(f.build_id, id, 20);
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x110, "emulate vmm");
	is_missing("");
	IS(&f, PROFILE_USER, MADE_UP_OFFSET + 0x190, "- vmm");
	is_missing("/usr/bin/vmm: has only the symbols that it exports");
}
END_TEST

/* Callers have their names, too. */
START_TEST(stacks)
{
	struct profile_object k = object(PROFILE_KERNEL, 0, "[kernel.kallsyms]");
	struct profile_frame frame = {.symbol = PROFILE_NONE, .addr = KERNEL + 0x150};
	struct profile_hit hit = {.mode = PROFILE_SYS};

	start();
	frame.object = profile_object(p, &k);
	hit.event = profile_event(p, "cycles", 0);
	hit.thread = profile_thread(p, profile_vm(p, 1, 0, "vm", ""), 1, -1, "");
	hit.at = frame;
	hit.stack = profile_stack(p, &frame, 1);
	hit.sum.samples = 1;
	profile_hit(p, &hit);
	names_resolve(n, p);
	ck_assert_uint_lt(p->stacks[0].frames[0].symbol, p->nsymbols);
	ck_assert_str_eq(p->symbols[p->stacks[0].frames[0].symbol].name, "host_function");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("names");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, options);
	UNIT_ADD(u, host);
	UNIT_ADD(u, host_moved);
	UNIT_ADD(u, host_other);
	UNIT_ADD(u, host_wrong);
	UNIT_ADD(u, host_build_id);
	UNIT_ADD(u, host_hidden);
	UNIT_ADD(u, vmlinux);
	UNIT_ADD(u, files);
	UNIT_ADD(u, files_many);
	UNIT_ADD(u, files_changed);
	UNIT_ADD(u, files_of_processes);
	UNIT_ADD(u, named_before);
	UNIT_ADD(u, files_stripped);
	UNIT_ADD(u, stacks);
	return unit_run(u);
}
