// SPDX-License-Identifier: GPL-2.0-only
/* What libvirt calls its VMs: its state files, its API, and a daemon that is stuck or absent. */
#include "vms_tree.h"

#include <sys/socket.h>
#include <sys/un.h>

START_TEST(state_file)
{
	struct vms *v;

	PUT_VM(123, born, "kvm\0-S");
	PUT_VM(12, born, "kvm\0-name\0argv");
	PUT_VM(124, born, "kvm\0-name\0argv");
	PUT_VM(125, born, "kvm\0-name\0argv");
	put_pid_file("libvirt/qemu/two words.pid", 123); /* a name may end in .pid too */
	put_pid_file("libvirt/qemu/best", 124);
	put("125\n", 4, "run/libvirt/qemu/with line end.pid");
	put("1234", 4, "run/libvirt/qemu/longer.pid");
	put("12x", 3, "run/libvirt/qemu/junk.pid");
	put("12 ", 3, "run/libvirt/qemu/junk2.pid");
	put("-12", 3, "run/libvirt/qemu/junk3.pid");
	put("12\0", 3, "run/libvirt/qemu/junk4.pid");
	put("", 0, "run/libvirt/qemu/empty.pid");
	put("12", 2, "run/libvirt/qemu/wrong.xml");
	put("12", 2, "run/libvirt/qemu/.pid");
	put("99999999999999999999999", 23, "run/libvirt/qemu/huge.pid");
	v = made_up();
	expect(v, 123, born, "two words.pid", "", "qemu");
	expect(v, 124, born, "best", "", "qemu");
	expect(v, 125, born, "with line end", "", "qemu");
	expect(v, 12, born, "argv", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(state_file_escaped)
{
	static const char *const files[][2] = {
		{"it&apos;s &quot;x&quot;", "it's \"x\""},
		{"&lt;b&gt;&amp;amp;", "<b>&amp;"},
		{"a&b", "a&b"},
		{"&amp", "&amp"},
		{"&amp;lt;", "&lt;"},
		{"&#65;", "&#65;"},
	};
	char path[64];
	struct vms *v;
	uint32_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		PUT_VM(200 + i, born, "kvm\0-S");
		snprintf(path, sizeof(path), "libvirt/qemu/%s", files[i][0]);
		put_pid_file(path, 200 + i);
	}
	v = made_up();
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		expect(v, 200 + i, born, files[i][1], "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(state_file_left_behind)
{
	struct vms *v;

	PUT_VM(50, born, "kvm\0-name\0mine");
	PUT_VM(51, born, "kvm\0-name\0mine");
	put_pid_file("libvirt/qemu/old", 50);
	set_written("libvirt/qemu/old", born - 5 * SEC);
	/* of two, the one that is of this process */
	put_pid_file("libvirt/qemu/before", 51);
	set_written("libvirt/qemu/before", born - 5 * SEC);
	put_pid_file("libvirt/qemu/newer", 51);
	set_written("libvirt/qemu/newer", born + SEC);
	/* of two that may be, the newer one, in whatever order they stand in the directory */
	PUT_VM(52, born, "kvm\0-name\0mine");
	PUT_VM(53, born, "kvm\0-name\0mine");
	put_pid_file("libvirt/qemu/a", 52);
	put_pid_file("libvirt/qemu/b", 53);
	put_pid_file("libvirt/qemu/c", 52);
	put_pid_file("libvirt/qemu/d", 53);
	set_written("libvirt/qemu/a", born + SEC);
	set_written("libvirt/qemu/b", born + 2 * SEC);
	set_written("libvirt/qemu/c", born + 2 * SEC);
	set_written("libvirt/qemu/d", born + SEC);
	v = made_up();
	expect(v, 50, born, "mine", "", "qemu");
	expect(v, 51, born, "newer", "", "qemu");
	expect(v, 52, born, "c", "", "qemu");
	expect(v, 53, born, "b", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(state_file_comes_late)
{
	char path[128];
	struct vms *v;

	PUT_VM(60, born, "kvm\0-name\0argv");
	PUT_VM(61, born, "kvm\0-name\0other");
	PUT_VM(62, born, "kvm\0-name\0ended");
	v = made_up();
	expect(v, 60, born, "argv", "", "qemu");
	expect(v, 62, born, "ended", "", "qemu");
	put_pid_file("libvirt/qemu/late", 60);
	put_pid_file("libvirt/qemu/successor", 62);
	PUT_VM(62, born + 2 * SEC, "kvm\0-name\0successor");
	/* a VM not seen before has the directory looked at */
	expect(v, 61, born, "other", "", "qemu");
	expect(v, 60, born, "late", "", "qemu");
	/* what is known of the pid now is not known of the process that had it before */
	expect(v, 62, born, "ended", "", "qemu");
	/* a better name stays when its file goes; a directory that was read a moment ago is read again */
	snprintf(path, sizeof(path), "%s/libvirt/qemu/late.pid", run_dir);
	ck_assert_int_eq(unlink(path), 0);
	put_pid_file_anew("libvirt/qemu/later", 61);
	expect(v, 62, born + 2 * SEC, "successor", "", "qemu");
	expect(v, 61, born, "later", "", "qemu");
	expect(v, 60, born, "late", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(state_of_sessions)
{
	struct vms *v;

	/* the made-up process N belongs to user 1000 + N */
	PUT_VM(70, born, "kvm\0-name\0argv");
	PUT_VM(71, born, "kvm\0-name\0argv");
	PUT_VM(72, born, "kvm\0-name\0argv");
	put_pid_file("user/1070/libvirt/qemu/run/of session", 70);
	put_pid_file("user/1070/libvirt/qemu/run/not his", 71);
	put_pid_file("user/1072/libvirt/qemu/run/session", 72);
	put_pid_file("libvirt/qemu/system", 72);
	v = made_up();
	expect(v, 70, born, "of session", "", "qemu");
	expect(v, 71, born, "argv", "", "qemu");
	expect(v, 72, born, "system", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(state_of_other_kinds)
{
	char path[128], to[128];
	struct vms *v;

	PUT_VM(80, born, "kvm\0-name\0argv");
	put("80", 2, "target");
	put("x", 1, "run/libvirt/qemu/x");
	snprintf(path, sizeof(path), "%s/libvirt/qemu/link.pid", run_dir);
	snprintf(to, sizeof(to), "%s/target", root);
	ck_assert_int_eq(symlink(to, path), 0);
	/* one that nobody writes to must not stop us */
	snprintf(path, sizeof(path), "%s/libvirt/qemu/fifo.pid", run_dir);
	ck_assert_int_eq(mkfifo(path, 0644), 0);
	snprintf(path, sizeof(path), "%s/libvirt/qemu/dir.pid", run_dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	v = made_up();
	expect(v, 80, born, "argv", "", "qemu");
	vms_free(v);
}
END_TEST

#if WITH_LIBVIRT
/* libvirt's own test driver has one domain, "test", with this UUID. */
#define TEST_UUID "6695eb01-f6a4-8304-79aa-97f2502e193f"

START_TEST(libvirt_names)
{
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .libvirt = true, .uri = "test:///default"};
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + 30 * SEC;
	struct vms *v;

	PUT_VM(110, born, "kvm\0-name\0argv\0-uuid\0" TEST_UUID);
	PUT_VM(111, born, "kvm\0-name\0other\0-uuid\0" UUID);
	PUT_VM(112, born, "kvm\0-name\0double\0-uuid\0" TEST_UUID);
	PUT_VM(113, born, "kvm\0-name\0also\0-uuid\0" TEST_UUID);
	v = vms_new(&o);
	expect(v, 111, born, "other", UUID, "qemu");
	/* the thread's answer is an event that only a lookup shows */
	while (strcmp(vms_lookup(v, (struct vm_id){110, born}, NULL)->name, "test") != 0)
		ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC), until);
	expect(v, 111, born, "other", UUID, "qemu");
	/* from now on the API is there at once */
	expect(v, 113, born, "test", TEST_UUID, "qemu");
	/* another QEMU with the UUID of a domain whose pid is known */
	put_pid_file("libvirt/qemu/test", 110);
	expect(v, 112, born, "double", TEST_UUID, "qemu");
	expect(v, 110, born, "test", TEST_UUID, "qemu");
	vms_free(v);
}
END_TEST

/* A host of libvirt's test driver; it says that its CPUs 0, 2 and 4 are online, of 8. */
static void put_domain(const char *vcpu, const char *cputune)
{
	struct buf b = {0};

	buf_printf(&b,
		   "<node><domain type='test'><name>pinned</name><uuid>" UUID "</uuid>"
		   "<description>&#10;  &lt;cputune&gt;&#10;&lt;iothreadpin iothread='9' cpuset='1'/&gt;"
		   "</description><metadata><x:m xmlns:x='urn:x'><cputune>"
		   "<iothreadpin iothread='9' cpuset='1'/></cputune></x:m></metadata>"
		   "<memory>1024</memory>%s<iothreads>3</iothreads>"
		   "<iothreadids><iothread id='10'/><iothread id='2'/><iothread id='3'/></iothreadids>"
		   "<cputune>%s</cputune><os><type>hvm</type></os></domain></node>",
		   vcpu, cputune);
	put(b.data, b.len, "node.xml");
	buf_free(&b);
}

/* What is pinned, as KIND:ID=CPUS words; NULL: libvirt has not told.  free() it. */
static char *pins_of(struct vms *v, uint32_t pid)
{
	struct buf b = {0};
	struct sample_pin *pins;
	uint32_t n, i;
	bool known;

	vms_lookup(v, (struct vm_id){pid, born}, NULL);
	known = vms_pins(v, (struct vm_id){pid, born}, &pins, &n);
	for (i = 0; i < n; i++) {
		ck_assert(known);
		buf_printf(&b, "%s%c:%u=%s", i ? " " : "", "vei"[pins[i].kind], pins[i].id, pins[i].cpus);
		free(pins[i].cpus);
	}
	free(pins);
	return known && !b.data ? strdup("") : b.data;
}

static void expect_pins(const char *want)
{
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + 30 * SEC;
	char uri[128], *got;
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .libvirt = true, .uri = uri};
	struct vms *v;

	snprintf(uri, sizeof(uri), "test://%s/node.xml", root);
	PUT_VM(140, born, "kvm\0-name\0argv\0-uuid\0" UUID);
	PUT_VM(141, born, "kvm\0-name\0argv\0-uuid\0" TEST_UUID);
	v = vms_new(&o);
	/* the thread's answer is an event that only a lookup shows */
	while ((got = pins_of(v, 140)) == NULL)
		ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC), until);
	ck_assert_str_eq(got, want);
	ck_assert_ptr_null(pins_of(v, 141));
	/* another QEMU with the UUID of a domain whose pid is known */
	put_pid_file("libvirt/qemu/pinned", 140);
	PUT_VM(142, born, "kvm\0-name\0copy\0-uuid\0" UUID);
	ck_assert_ptr_null(pins_of(v, 142));
	free(got);
	vms_free(v);
}

START_TEST(pins)
{
	put_domain("<vcpu>12</vcpu>",
		   "<vcpupin vcpu='0' cpuset='0-3,7'/><vcpupin vcpu='11' cpuset='4'/>"
		   "<vcpupin vcpu='2' cpuset='0,2,4'/><emulatorpin cpuset='1,2'/>"
		   "<iothreadpin iothread='10' cpuset='0-1'/><iothreadpin iothread='2' cpuset='5'/>"
		   "<iothreadpin iothread='3' cpuset='0-7'/>");
	expect_pins("v:0=0-3,7 v:11=4 e:0=1-2 i:2=5 i:10=0-1");
}
END_TEST

START_TEST(pins_of_all)
{
	put_domain("<vcpu cpuset='2-3'>2</vcpu>", "<vcpupin vcpu='1' cpuset='0'/>");
	expect_pins("v:0=2-3 v:1=0 e:0=2-3");
}
END_TEST

START_TEST(no_pins)
{
	put_domain("<vcpu current='1'>3</vcpu>", "");
	expect_pins("");
}
END_TEST

/* Title and metadata are libvirt's; the machine type, too, where the process does not tell. */
START_TEST(about_a_domain)
{
	static const char xml[] =
		"<node><domain type='test'><name>ns_vmi</name><uuid>" UUID "</uuid><title>Title</title>"
		"<metadata><k:kubevirt xmlns:k='http://kubevirt.io'/>"
		"<n:instance xmlns:n='http://openstack.org/xmlns/libvirt/nova/1.1'><n:name>i</n:name>"
		"<n:flavor name='f'/><n:owner><n:project>p</n:project></n:owner></n:instance></metadata>"
		"<memory>1024</memory><vcpu>1</vcpu><os><type "
		"machine='xml-1'>hvm</type></os></domain></node>";
	static const char *const want[META_KINDS] = {"Title", "i", "f", "p", "ns", "vmi"};
	uint64_t until = clock_ns(CLOCK_MONOTONIC) + 30 * SEC;
	char uri[128];
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .root = root, .libvirt = true, .uri = uri};
	const struct vm_names *n;
	struct vms *v;

	put(xml, sizeof(xml) - 1, "node.xml");
	snprintf(uri, sizeof(uri), "test://%s/node.xml", root);
	PUT_VM(150, born, "kvm\0-name\0argv\0-uuid\0" UUID);
	PUT_VM(151, born, "kvm\0-uuid\0" UUID "\0-machine\0argv-1\0-smbios\0type=1,family=KubeVirt");
	v = vms_new(&o);
	do {
		n = vms_lookup(v, (struct vm_id){150, born}, NULL);
		ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC), until);
	} while (!n->meta[META_TITLE]);
	for (int i = 0; i < META_KINDS; i++)
		ck_assert_str_eq(n->meta[i], want[i]);
	ck_assert_str_eq(n->machine, "xml-1");
	n = vms_lookup(v, (struct vm_id){151, born}, NULL);
	ck_assert_str_eq(n->meta[META_INSTANCE], "i");
	ck_assert_str_eq(n->machine, "argv-1");
	vms_free(v);
}
END_TEST

/* libvirtd listens and never answers. */
START_TEST(libvirt_stuck)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	char uri[256];
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .libvirt = true, .uri = uri};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), conn;
	uint64_t before;
	struct vms *v;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s/sock", root);
	ck_assert_int_eq(bind(sock, (struct sockaddr *)&a, sizeof(a)), 0);
	ck_assert_int_eq(listen(sock, 1), 0);
	snprintf(uri, sizeof(uri), "qemu+unix:///system?socket=%s", a.sun_path);
	PUT_VM(120, born, "kvm\0-name\0argv\0-uuid\0" UUID);
	PUT_VM(121, born, "kvm\0-name\0argv2\0-uuid\0" UUID);
	v = vms_new(&o);
	before = clock_ns(CLOCK_MONOTONIC);
	expect(v, 120, born, "argv", UUID, "qemu");
	/* now the thread waits for the first answer */
	conn = accept(sock, NULL, NULL);
	ck_assert_int_ge(conn, 0);
	expect(v, 121, born, "argv2", UUID, "qemu");
	vms_free(v);
	/* loading libvirt included; the wait for a daemon has no end */
	ck_assert_uint_lt(clock_ns(CLOCK_MONOTONIC) - before, 20 * SEC);
	close(conn);
	close(sock);
}
END_TEST

START_TEST(libvirt_absent)
{
	struct vms_options o = {.proc = proc_dir, .run = run_dir, .libvirt = true};
	struct vms *v;

	PUT_VM(130, born, "kvm\0-name\0argv\0-uuid\0" UUID);
	v = vms_new(&o);
	expect(v, 130, born, "argv", UUID, "qemu");
	vms_free(v);
}
END_TEST
#endif

int main(void)
{
	struct unit u = unit_new("vms_libvirt");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, state_file);
	UNIT_ADD(u, state_file_escaped);
	UNIT_ADD(u, state_file_left_behind);
	UNIT_ADD(u, state_file_comes_late);
	UNIT_ADD(u, state_of_sessions);
	UNIT_ADD(u, state_of_other_kinds);
#if WITH_LIBVIRT
	UNIT_ADD(u, libvirt_names);
	UNIT_ADD(u, pins);
	UNIT_ADD(u, pins_of_all);
	UNIT_ADD(u, no_pins);
	UNIT_ADD(u, about_a_domain);
	UNIT_ADD(u, libvirt_stuck);
	UNIT_ADD(u, libvirt_absent);
#endif
	return unit_run(u);
}
