// SPDX-License-Identifier: GPL-2.0-only
/*
 * What names are taken from arguments.  Every expectation about QEMU's -name
 * and -uuid was seen in QEMU 7.2 (QMP query-name, query-uuid).
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "host/argv.h"

#define U1 "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
#define U2 "6ba7b811-9dad-11d1-80b4-00c04fd430c8"

static void check(const char *cmdline, size_t len, const char *vmm, const char *name, const char *uuid)
{
	struct argv_names n;

	argv_parse(cmdline, len, &n);
	ck_assert_str_eq(n.vmm, vmm);
	ck_assert_str_eq(n.uuid, uuid);
	if (name) {
		ck_assert_ptr_nonnull(n.name);
		ck_assert_str_eq(n.name, name);
	} else {
		ck_assert_ptr_null(n.name);
	}
	argv_names_clear(&n);
	ck_assert_ptr_null(n.name);
}

/* Arguments written with \0 between them; the literal's own NUL ends the last one. */
#define ARGV(args, vmm, name, uuid) check(args, sizeof(args), vmm, name, uuid)
#define NAME(args, name)            ARGV("qemu-system-x86_64\0" args, "qemu", name, "")

START_TEST(libvirt_form)
{
	NAME("-name\0guest=web,debug-threads=on\0-S", "web");
	NAME("-name\0guest=web", "web");
	NAME("-name\0guest=a,,b,debug-threads=on", "a,b");
	NAME("-name\0guest=a,,,,b", "a,,b");
	NAME("-name\0guest=a,,", "a,");
	NAME("-name\0guest=a,", "a");
	NAME("-name\0guest=a,,,debug-threads=on", "a,");
	NAME("-name\0guest=a=b", "a=b");
	NAME("-name\0guest==", "=");
	NAME("-name\0guest=guest=x", "guest=x");
}
END_TEST

START_TEST(bare_form)
{
	NAME("-name\0web", "web");
	NAME("-name\0web,debug-threads=on", "web");
	NAME("-name\0web,process=qemu-web", "web");
	NAME("-name\0a,,b=c", "a,b=c");
	NAME("-name\0,,a", ",a");
	NAME("-name\0,guest=a", "a");
	NAME("-name\0guest", "guest");
	NAME("-name\0noguest", "noguest");
	NAME("-name\0-x", "-x");
	NAME("-name\0-name", "-name");
}
END_TEST

START_TEST(bare_name_with_equals)
{
	/* no QEMU runs with these ("Invalid parameter 'a'"): another VMM's name, whole */
	NAME("-name\0a=b", "a=b");
	NAME("-name\0a=b,debug-threads=on", "a=b");
	NAME("-name\0guest =x", "guest =x");
	NAME("-name\0=", "=");
	/* but QEMU's own keys are never a name */
	NAME("-name\0debug-threads=on", NULL);
	NAME("-name\0process=x", NULL);
}
END_TEST

START_TEST(any_order)
{
	NAME("-name\0debug-threads=on,guest=x", "x");
	NAME("-name\0process=p,guest=g", "g");
	NAME("-name\0process=guest=p,debug-threads=off", NULL);
	NAME("-name\0process=a,,guest=p", NULL);
}
END_TEST

START_TEST(last_one_wins)
{
	NAME("-name\0x,guest=y", "y");
	NAME("-name\0x\0-name\0y", "y");
	NAME("-name\0x\0-name\0debug-threads=on", "x");
	NAME("-name\0x\0-name\0", "x");
	NAME("-name\0x\0-name\0guest=", NULL);
	NAME("-name\0guest=\0-name\0guest=z", "z");
	ARGV("kvm\0-uuid\0" U1 "\0-uuid\0" U2, "qemu", NULL, U2);
}
END_TEST

START_TEST(exact_arguments_only)
{
	NAME("-name=x", NULL);
	NAME("--name=x", NULL);
	NAME("-nam\0x", NULL);
	NAME("-names\0x", NULL);
	NAME("---name\0x", NULL);
	NAME("name\0x", NULL);
	NAME("-xname\0x", NULL);
	NAME("-\0--\0-name\0x", "x");
	NAME("--name\0x", "x");
	NAME("-device\0x,name=y,guest=z", NULL);
	NAME("-name", NULL);
	NAME("-Name\0x", NULL);
	/* the executable itself is no option */
	ARGV("-name\0x", "-name", NULL, "");
}
END_TEST

START_TEST(free_text_is_no_option)
{
	NAME("-name\0a\0-kernel\0k\0-append\0-name\0b", "a");
	NAME("-append\0-uuid\0-name\0a", "a");
	NAME("--append\0-name\0-name\0a", "a");
	NAME("-drive\0-name\0-nographic\0-name\0a", "a");
	ARGV("kvm\0-append\0-uuid\0" U1, "qemu", NULL, "");
	/* a flag swallows nothing */
	NAME("-S\0-name\0a", "a");
	NAME("-nographic\0-name\0a", "a");
}
END_TEST

START_TEST(uuids)
{
	ARGV("kvm\0-uuid\0" U1, "qemu", NULL, U1);
	ARGV("kvm\0--uuid\0" U1, "qemu", NULL, U1);
	ARGV("kvm\0-uuid\0"
	     "6BA7B810-9DAD-11D1-80B4-00C04FD430C8",
	     "qemu", NULL, U1);
	ARGV("kvm\0-uuid\0{" U1 "}", "qemu", NULL, "");
	ARGV("kvm\0-uuid\0" U1 "0", "qemu", NULL, "");
	ARGV("kvm\0-uuid\0"
	     "6ba7b8109dad11d180b400c04fd430c8",
	     "qemu", NULL, "");
	ARGV("kvm\0-uuid\0"
	     "6ba7b810-9dad-11d1-80b4-00c04fd430cg",
	     "qemu", NULL, "");
	ARGV("kvm\0-uuid\0"
	     "6ba7b810-9dad-11d1-80b4+00c04fd430c8",
	     "qemu", NULL, "");
	ARGV("kvm\0-uuid\0"
	     "00000000-0000-0000-0000-000000000000",
	     "qemu", NULL, "");
	ARGV("kvm\0-uuid\0", "qemu", NULL, "");
	ARGV("kvm\0-uuid", "qemu", NULL, "");
	/* what is none changes nothing */
	ARGV("kvm\0-uuid\0" U1 "\0-uuid\0nonsense", "qemu", NULL, U1);
	ARGV("kvm\0-smbios\0type=1,uuid=" U2 "\0-uuid\0" U1, "qemu", NULL, U1);
}
END_TEST

START_TEST(uuid_text)
{
	char got[37];

	ck_assert(argv_uuid("6BA7B810-9DAD-11D1-80B4-00C04FD430C8", got));
	ck_assert_str_eq(got, U1);
	ck_assert(!argv_uuid("00000000-0000-0000-0000-000000000000", got));
	ck_assert_str_eq(got, "");
	ck_assert(!argv_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c", got));
	ck_assert_str_eq(got, "");
	ck_assert(!argv_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430cx", got));
	ck_assert_str_eq(got, "");
}
END_TEST

START_TEST(odd_bytes)
{
	char want[256], cmdline[400];
	size_t len;

	NAME("-name\0two words", "two words");
	NAME("-name\0guest=\"it's\"", "\"it's\"");
	NAME("-name\0a\nb", "a\nb");
	NAME("-name\0\033[31m\007", "\033[31m\007");
	NAME("-name\0na\xc3\xafve \xe4\xb8\xad\xe6\x96\x87", "na\xc3\xafve \xe4\xb8\xad\xe6\x96\x87");
	NAME("-name\0\xff\xfe", "\xff\xfe");
	NAME("-name\0guest=a\\,b", "a\\");

	memset(want, 'n', 255);
	want[255] = '\0';
	len = (size_t)snprintf(cmdline, sizeof(cmdline), "kvm%c-name%cguest=%s", 0, 0, want) + 1;
	check(cmdline, len, "qemu", want, "");
}
END_TEST

START_TEST(cut_lines)
{
	/* the process may have written over its arguments: no NUL at the end */
	check("kvm\0-name\0abc", 13, "qemu", "abc", "");
	check("kvm\0-name\0abc", 11, "qemu", "a", "");
	check("kvm\0-name\0abc", 10, "qemu", NULL, "");
	check("kvm\0-name\0abc", 3, "qemu", NULL, "");
	check("kvm\0-name\0abc", 2, "kv", NULL, "");
	check("", 0, "", NULL, "");
	check("\0\0\0", 3, "", NULL, "");
	check("\0-name\0x", 9, "", "x", "");
}
END_TEST

START_TEST(long_names_are_cut)
{
	const size_t n = 100000;
	char *cmdline = malloc(n + 32);
	struct argv_names got;
	size_t head = 10; /* kvm, -name */

	ck_assert_ptr_nonnull(cmdline);
	memcpy(cmdline, "kvm\0-name\0", head);
	memset(cmdline + head, 'x', n);
	argv_parse(cmdline, head + n, &got);
	ck_assert_uint_eq(strlen(got.name), ARGV_NAME_MAX);
	argv_names_clear(&got);

	/* not inside a character: U+00E9 stands on the limit */
	memcpy(cmdline + head + ARGV_NAME_MAX - 1, "\xc3\xa9", 2);
	argv_parse(cmdline, head + n, &got);
	ck_assert_uint_eq(strlen(got.name), ARGV_NAME_MAX - 1);
	argv_names_clear(&got);

	/* bytes that are no characters are cut too */
	memset(cmdline + head, 0x80, n);
	argv_parse(cmdline, head + n, &got);
	ck_assert_uint_le(strlen(got.name), ARGV_NAME_MAX);
	ck_assert_uint_ge(strlen(got.name), ARGV_NAME_MAX - 3);
	argv_names_clear(&got);
	free(cmdline);
}
END_TEST

START_TEST(other_vmms)
{
	ARGV("/usr/bin/kvm\0-id\0"
	     "100\0-name\0vm100,debug-threads=on\0-no-shutdown",
	     "qemu", "vm100", "");
	ARGV("/usr/bin/kvm\0-id\0-name\0x", "qemu", "x", "");
	ARGV("/usr/bin/firecracker\0--id\0fc-1\0--api-sock\0/run/x", "firecracker", "fc-1", "");
	ARGV("/firecracker\0--id=fc=1,2\0--start-time-us\0"
	     "5",
	     "firecracker", "fc=1,2", "");
	ARGV("firecracker-v1.7.0-x86_64\0--id\0a", "firecracker", "a", "");
	ARGV("cloud-hypervisor\0--platform\0num_pci_segments=1,uuid=" U1 "\0--cpus\0boot=1",
	     "cloud-hypervisor", NULL, U1);
	ARGV("cloud-hypervisor\0--platform=uuid=" U1 ",serial_number=uuid=" U2, "cloud-hypervisor", NULL, U1);
	ARGV("crosvm\0run\0--name\0guest=a,,b\0kernel", "crosvm", "guest=a,,b", "");
	ARGV("lkvm\0run\0--name\0x", "lkvm", "x", "");
	ARGV("my-vmm\0--id\0x", "my-vmm", NULL, "");
	ARGV("my-vmm\0-name\0guest=x", "my-vmm", "x", "");
}
END_TEST

static void vmm(const char *exe, const char *want)
{
	char got[32];

	argv_vmm(exe, got, sizeof(got));
	ck_assert_str_eq(got, want);
}

START_TEST(names_of_vmms)
{
	char small[5];

	vmm("/usr/bin/qemu-system-x86_64", "qemu");
	vmm("qemu-system-x86", "qemu"); /* as a thread's name, cut by the kernel */
	vmm("/usr/libexec/qemu-kvm", "qemu");
	vmm("/usr/bin/kvm", "qemu");
	vmm("/usr/bin/kvm-spice", "qemu");
	vmm("kvmguest", "kvmguest");
	vmm("kvm/guest", "guest");
	vmm("/opt/firecracker", "firecracker");
	vmm("firecrackers", "firecrackers");
	vmm("/usr/bin/cloud-hypervisor", "cloud-hypervisor");
	vmm("crosvm", "crosvm");
	vmm("crosvm2", "crosvm2");
	vmm("", "");
	vmm("/usr/bin/", "");
	vmm("0123456789012345678901234567890123456789", "0123456789012345678901234567890");
	vmm("012345678901234567890123456789\xc3\xa9", "012345678901234567890123456789");
	argv_vmm("abcdef", small, sizeof(small));
	ck_assert_str_eq(small, "abcd");
	argv_vmm("abcdef", small, 0);
	argv_vmm("abcdef", small, 1);
	ck_assert_str_eq(small, "");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("argv");

	UNIT_ADD(u, libvirt_form);
	UNIT_ADD(u, bare_form);
	UNIT_ADD(u, bare_name_with_equals);
	UNIT_ADD(u, any_order);
	UNIT_ADD(u, last_one_wins);
	UNIT_ADD(u, exact_arguments_only);
	UNIT_ADD(u, free_text_is_no_option);
	UNIT_ADD(u, uuids);
	UNIT_ADD(u, uuid_text);
	UNIT_ADD(u, odd_bytes);
	UNIT_ADD(u, cut_lines);
	UNIT_ADD(u, long_names_are_cut);
	UNIT_ADD(u, other_vmms);
	UNIT_ADD(u, names_of_vmms);
	return unit_run(u);
}
