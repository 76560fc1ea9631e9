// SPDX-License-Identifier: GPL-2.0-only
/* Names of a profile's samples, from trees and files that are made up: right ones, or none. */
#include "unit.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "made_up_elf.h"
#include "profile/names.h"

#define KERNEL 0xffffffff81000000ULL
#define S      1000000000ULL

static char dir[] = "/tmp/names-test-XXXXXX";
static struct names_options o;
static struct names *n;
static struct profile *p;
static char why[400];

/* dir/PATH, in one of a few buffers. */
static const char *in(const char *path)
{
	static char bufs[8][256];
	static unsigned int next;
	char *b = bufs[next++ % 8];

	snprintf(b, sizeof(bufs[0]), "%s/%s", dir, path);
	return b;
}

/* Writes dir/PATH, with its directories. */
static const char *put(const char *path, const char *text)
{
	char name[256];

	snprintf(name, sizeof(name), "%s", in(path));
	for (char *s = name + sizeof(dir); (s = strchr(s, '/')) != NULL; *s++ = '/') {
		*s = '\0';
		mkdir(name, 0700);
	}
	made_up_write(name, text, strlen(text));
	return in(path);
}

static int gone(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static void setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	o = (struct names_options){.root = dir};
	put("proc/sys/kernel/osrelease", "6.1.0-test\n");
	put("proc/sys/kernel/hostname", "here\n");
	put("proc/stat", "cpu  1 2 3\nbtime 1700000000\nprocesses 5\n");
	put("proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T host_function\n"
			     "ffffffff81000200 D _end\nffffffffc0000000 t kvm_function\t[kvm]\n"
			     "ffffffffc0010000 t other_function\t[other]\n"
			     "ffffffffc0030000 t bpf_prog_x\t[bpf]\n");
	put("proc/modules", "kvm 4096 0 - Live 0xffffffffc0000000\nother 8192 0 - Live 0xffffffffc0010000\n"
			    "silent 8192 0 - Live 0xffffffffc0020000\n");
	put("sys/kernel/notes", "");
	p = profile_new();
	snprintf(p->hostname, sizeof(p->hostname), "here");
	snprintf(p->kernel, sizeof(p->kernel), "6.1.0-test");
	p->begin_ns = 1700000100 * S;
}

static void teardown(void)
{
	names_free(n);
	profile_free(p);
	n = NULL;
	nftw(dir, gone, 16, FTW_DEPTH | FTW_PHYS);
	memcpy(dir + sizeof(dir) - 7, "XXXXXX", 6);
}

static void start(void)
{
	names_free(n);
	n = names_new(&o, why, sizeof(why));
	ck_assert_msg(n != NULL, "%s", why);
}

static struct profile_object object(enum profile_object_kind kind, uint32_t pid, const char *path)
{
	struct profile_object ret = {.kind = kind, .vm = PROFILE_NONE, .path = (char *)path};
	char name[32];

	snprintf(name, sizeof(name), "vm%" PRIu32, pid);
	if (kind == PROFILE_GUEST_KERNEL || kind == PROFILE_GUEST_FILE)
		ret.vm = profile_vm(p, pid, 0, name, "");
	return ret;
}

/* "SYMBOL MODULE" of a sample there; "-": no symbol. */
static const char *name_in(const struct profile_object *ob, enum profile_mode mode, uint64_t addr)
{
	static char ret[256];
	struct profile_hit hit = {.mode = mode, .stack = PROFILE_NONE};
	const struct profile_symbol *s;
	uint32_t vm = ob && ob->vm != PROFILE_NONE ? ob->vm : profile_vm(p, 1, 0, "vm1", "");

	hit.event = profile_event(p, "cycles", 0);
	hit.thread = profile_thread(p, vm, 1, -1, "");
	hit.at = (struct profile_frame){
		.object = ob ? profile_object(p, ob) : PROFILE_NONE, .symbol = PROFILE_NONE, .addr = addr};
	hit.sum.samples = 1;
	profile_hit(p, &hit);
	names_resolve(n, p);
	for (size_t i = 0; i < p->nhits; i++) {
		const struct profile_hit *h = &p->hits[i];

		if (h->at.object != hit.at.object || h->at.addr != addr || h->mode != mode ||
		    h->thread != hit.thread)
			continue;
		ck_assert_uint_lt(h->at.symbol, p->nsymbols);
		s = &p->symbols[h->at.symbol];
		snprintf(ret, sizeof(ret), "%s %s", s->name ? s->name : "-", s->module);
	}
	return ret;
}

#define IS(ob, mode, addr, expected) ck_assert_str_eq(name_in(ob, mode, addr), expected)

static void is_missing(const char *expected)
{
	struct buf b = {0};

	names_missing(n, p, &b);
	if (!*expected)
		ck_assert_msg(!b.len, "%s", b.data);
	else
		ck_assert_msg(b.len && strstr(b.data, expected), "%s", b.len ? b.data : "");
	ck_assert(!b.len || b.data[b.len - 1] == '\n');
	buf_free(&b);
}

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

/* Two with kernels of their own, one with files for all others, one that was told of. */
START_TEST(guests)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "[guest.kernel.kallsyms.100]");
	struct profile_object b = object(PROFILE_GUEST_KERNEL, 200, "[guest.kernel.kallsyms.200]");
	struct profile_object c = object(PROFILE_GUEST_KERNEL, 300, "[guest.kernel.kallsyms]");
	struct profile_object d = object(PROFILE_GUEST_KERNEL, 400, "[guest.kernel.kallsyms.400]");
	struct profile_object user = object(PROFILE_GUEST_FILE, 100, "");
	static const char told[] = "ffffffff81000000 T _text\nffffffff81000100 T told\n";

	put("mount/100/proc/kallsyms",
	    "ffffffff81000000 T _text\nffffffff81000100 T of_a\nffffffffc0000000 t "
	    "driver\t[virtio_net]\n");
	put("mount/100/proc/modules", "virtio_net 4096 0 - Live 0xffffffffc0000000\nfs 4096 0 - Live "
				      "0xffffffffc0004000\n");
	put("mount/200/proc/kallsyms", "c1000000 T _text\nc1000100 T of_b\n");
	put("mount/400/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T of_d\n");
	o.guest_mount = in("mount");
	o.guest_kallsyms = put("guestkallsyms", "ffffffff81000000 T _text\nffffffff81000100 T of_others\n"
						"ffffffffc0000000 t x\t[m]\n");
	o.guest_modules = put("guestmodules", "m 4096 0 - Live 0xffffffffc0000000\n");
	start();
	names_guest(n, 400, told, strlen(told), NULL, 0);
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "of_a [guest kernel]");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffffc0000020, "driver virtio_net");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffffc0004020, "- fs");
	IS(&a, PROFILE_GUEST_SYS, 0xfff0, "- [unknown]");
	IS(&b, PROFILE_GUEST_SYS, 0xc1000110, "of_b [guest kernel]");
	IS(&b, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [unknown]");
	IS(&c, PROFILE_GUEST_SYS, KERNEL + 0x110, "of_others [guest kernel]");
	IS(&c, PROFILE_GUEST_SYS, 0xffffffffc0000fff, "x m");
	IS(&c, PROFILE_GUEST_SYS, 0xffffffffc0001000, "- [unknown]");
	IS(&d, PROFILE_GUEST_SYS, KERNEL + 0x110, "told [guest kernel]");
	IS(&user, PROFILE_GUEST_USER, KERNEL + 0x110, "- [guest user]");
	IS(NULL, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	IS(NULL, PROFILE_GUEST_USER, KERNEL + 0x110, "- [guest user]");
	is_missing("");
	/* another kernel now: neither its old symbols nor anybody else's */
	names_guest(n, 400, NULL, 0, NULL, 0);
	IS(&d, PROFILE_GUEST_SYS, KERNEL + 0x120, "- [guest kernel]");
	is_missing("the guest of VM vm400 was restarted");
}
END_TEST

START_TEST(guest_unsure)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");

	o.guest_kallsyms = put("guestkallsyms", "ffffffff81000000 T _text\nffffffff81000100 T f\n");
	start();
	a.unsure = true;
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("was restarted meanwhile");
}
END_TEST

/* The guest was started anew since: its kernel lies elsewhere, its modules too. */
START_TEST(guest_moved)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");

	o.guest_kallsyms = put("guestkallsyms", "ffffffff81000000 T _text\nffffffff81000100 T f\n"
						"ffffffffc0000000 t x\t[m]\n");
	start();
	snprintf(a.ref_name, sizeof(a.ref_name), "_text");
	a.ref_addr = 0xffffffff9a000000;
	IS(&a, PROFILE_GUEST_SYS, 0xffffffff9a000110, "f [guest kernel]");
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [unknown]");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffffc0000000, "- [unknown]");
	IS(&a, PROFILE_GUEST_SYS, 0xffffffffd9000000, "- [unknown]");
}
END_TEST

/* A symbol that tells where the kernel lay, which the file does not have: nothing is known. */
START_TEST(guest_no_ref)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");

	o.guest_kallsyms = put("guestkallsyms", "ffffffff81000100 T f\n");
	start();
	snprintf(a.ref_name, sizeof(a.ref_name), "_text");
	a.ref_addr = KERNEL;
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("do not tell where its kernel lay");
}
END_TEST

START_TEST(guest_boots)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");
	static const char boot[] = "11111111-2222-3333-4444-555555555555";

	put("mount/100/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T f\n");
	put("mount/100/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	o.guest_mount = in("mount");
	start();
	snprintf(a.boot_id, sizeof(a.boot_id), "%s", boot);
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "f [guest kernel]");
	profile_free(p);
	p = profile_new();
	a = object(PROFILE_GUEST_KERNEL, 100, "a");
	snprintf(a.boot_id, sizeof(a.boot_id), "%s", boot);
	a.boot_id[0] = '2';
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("of another boot");
}
END_TEST

/* Live: the root of a guest that boots anew meanwhile, as sshfs would show it. */
START_TEST(guest_reboots)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");
	static const char *const says[] = {"f [guest kernel]", "- [guest kernel]", "- [guest kernel]",
					   "g [guest kernel]"};

	put("mount/100/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T f\n");
	put("mount/100/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	o.guest_mount = in("mount");
	start();
	names_look(n, 100);
	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		/* an interval ends; that in which it booted, and the next, may have samples of either boot */
		IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, says[i]);
		profile_free(p);
		p = profile_new();
		a = object(PROFILE_GUEST_KERNEL, 100, "a");
		if (i)
			continue;
		put("mount/100/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T g\n");
		put("mount/100/proc/sys/kernel/random/boot_id", "22222222-2222-3333-4444-555555555555\n");
	}
}
END_TEST

START_TEST(guest_bad_files)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");
	struct profile_object b = object(PROFILE_GUEST_KERNEL, 200, "b");
	struct profile_object c = object(PROFILE_GUEST_KERNEL, 300, "c\x1b[31m");

	put("mount/100/proc/kallsyms", "0000000000000000 T f\n");
	put("mount/200/proc/kallsyms", "MZ\n");
	o.guest_mount = in("mount");
	start();
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("the guest of VM vm100 has symbols without addresses");
	IS(&b, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("the guest of VM vm200 has no symbols in the file");
	IS(&c, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
	is_missing("the guest of VM vm300 has no symbols: vmperf profile symbols");
}
END_TEST

static const struct made_up_symbol kernel_symbols[] = {
	{"_text", KERNEL, 0, MADE_UP_LABEL, 1},
	{"start_kernel", KERNEL + 0x100, 0x80, MADE_UP_FUNC, 1},
	{"schedule", KERNEL + 0x200, 0x80, MADE_UP_FUNC, 1},
};

static const char *put_elf(const char *path, const struct made_up_elf *m)
{
	struct buf b = {0};

	made_up_elf(m, &b);
	put(path, "");
	made_up_write(in(path), b.data, b.len);
	buf_free(&b);
	return in(path);
}

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
	UNIT_ADD(u, guests);
	UNIT_ADD(u, guest_unsure);
	UNIT_ADD(u, guest_moved);
	UNIT_ADD(u, guest_no_ref);
	UNIT_ADD(u, guest_boots);
	UNIT_ADD(u, guest_reboots);
	UNIT_ADD(u, guest_bad_files);
	UNIT_ADD(u, vmlinux);
	UNIT_ADD(u, files);
	UNIT_ADD(u, files_many);
	UNIT_ADD(u, files_changed);
	UNIT_ADD(u, files_of_processes);
	UNIT_ADD(u, stacks);
	return unit_run(u);
}
