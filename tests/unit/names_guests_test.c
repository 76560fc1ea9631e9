// SPDX-License-Identifier: GPL-2.0-only
/* Names in guests' kernels, from all sources, of one boot each: right ones, or none. */
#include "made_up_names.h"

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

/* Its root is gone meanwhile, or another's is there that tells no boot: the symbols of before are not
 * believed. */
START_TEST(guest_goes)
{
	struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");

	put("mount/100/proc/kallsyms", "ffffffff81000000 T _text\nffffffff81000100 T f\n");
	put("mount/100/proc/sys/kernel/random/boot_id", "11111111-2222-3333-4444-555555555555\n");
	o.guest_mount = in("mount");
	start();
	names_look(n, 100);
	unlink(in("mount/100/proc/sys/kernel/random/boot_id"));
	IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, "- [guest kernel]");
}
END_TEST

static void put_boot(const char *boot, const char *kallsyms, const char *modules)
{
	const struct {
		const char *file, *text;
	} files[] = {{"proc/kallsyms", kallsyms},
		     {"proc/modules", modules},
		     {"proc/version", ""},
		     {"sys/kernel/notes", ""}};
	char path[128];

	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		snprintf(path, sizeof(path), "cache/boots/%s/%s", boot, files[i].file);
		put(path, files[i].text);
	}
}

/* Of each boot its own symbols and modules; of one that is not there, or not known, none. */
START_TEST(guest_cache)
{
	static const char *const boots[] = {"11111111-2222-3333-4444-555555555555",
					    "22222222-2222-3333-4444-555555555555",
					    "33333333-2222-3333-4444-555555555555", ""};
	static const char *const names[] = {"one [guest kernel]", "two [guest kernel]", "- [guest kernel]",
					    "- [guest kernel]"};

	put_boot(boots[0], "ffffffff81000000 T _text\nffffffff81000100 T one\n",
		 "fs 4096 0 - Live 0xffffffffc0004000\n");
	put_boot(boots[1], "ffffffff81000000 T _text\nffffffff81000100 T two\n", "");
	o.guest_cache = in("cache");
	start();
	for (size_t i = 0; i < sizeof(boots) / sizeof(*boots); i++) {
		struct profile_object a = object(PROFILE_GUEST_KERNEL, 100, "a");

		snprintf(a.boot_id, sizeof(a.boot_id), "%s", boots[i]);
		IS(&a, PROFILE_GUEST_SYS, KERNEL + 0x110, names[i]);
		IS(&a, PROFILE_GUEST_SYS, 0xffffffffc0004010,
		   i ? i == 1 ? "- [unknown]" : "- [guest kernel]" : "- fs");
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("names_guests");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, guests);
	UNIT_ADD(u, guest_unsure);
	UNIT_ADD(u, guest_moved);
	UNIT_ADD(u, guest_no_ref);
	UNIT_ADD(u, guest_boots);
	UNIT_ADD(u, guest_reboots);
	UNIT_ADD(u, guest_bad_files);
	UNIT_ADD(u, guest_goes);
	UNIT_ADD(u, guest_cache);
	return unit_run(u);
}
