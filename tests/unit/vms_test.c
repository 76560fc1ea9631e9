// SPDX-License-Identifier: GPL-2.0-only
/* Which process is which VM: a made-up /proc and /run, and this process itself. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/proc.h"
#include "host/vms.h"
#include "lib/buf.h"

#define SEC  1000000000ULL
#define UUID "6ba7b810-9dad-11d1-80b4-00c04fd430c8"

static char root[] = "/tmp/vmperf-vms-XXXXXX";
static char proc_dir[64], run_dir[64];

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

/* Writes root/PATH, and the directories above it. */
__attribute__((format(printf, 3, 4))) static void put(const void *data, size_t len, const char *fmt, ...)
{
	char path[512], *slash;
	va_list ap;
	int fd, n;

	n = snprintf(path, sizeof(path), "%s/", root);
	va_start(ap, fmt);
	vsnprintf(path + n, sizeof(path) - (size_t)n, fmt, ap);
	va_end(ap);
	for (slash = path + n; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		ck_assert(!mkdir(path, 0755) || errno == EEXIST);
		*slash = '/';
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, data, len), (ssize_t)len);
	close(fd);
}

static void put_stat(uint32_t pid, const char *comm, char state, uint64_t start_ns)
{
	struct buf b = {0};

	buf_printf(&b,
		   "%" PRIu32 " (%s) %c 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 %" PRIu64 " 11 12 13\n",
		   pid, comm, state, start_ns / 10000000);
	put(b.data, b.len, "proc/%" PRIu32 "/stat", pid);
	buf_free(&b);
}

static void put_vm(uint32_t pid, uint64_t start_ns, const char *args, size_t len)
{
	char status[64];

	put_stat(pid, "made-up", 'S', start_ns);
	put(args, len, "proc/%" PRIu32 "/cmdline", pid);
	snprintf(status, sizeof(status), "Name:\tmade-up\nUid:\t%u\t2\t3\t4\n", 1000 + pid);
	put(status, strlen(status), "proc/%" PRIu32 "/status", pid);
}

#define PUT_VM(pid, start, args) put_vm(pid, start, args, sizeof(args))

static void put_pid_file(const char *path, uint32_t pid)
{
	char text[16];

	snprintf(text, sizeof(text), "%" PRIu32, pid);
	put(text, strlen(text), "run/%s.pid", path);
}

/* The same, and the directory's time is another than before: the kernel's clock for that ticks slowly. */
static void put_pid_file_anew(const char *path, uint32_t pid)
{
	char full[512];
	struct stat before, after;

	snprintf(full, sizeof(full), "%s/run/%s", root, path);
	*strrchr(full, '/') = '\0';
	ck_assert_int_eq(stat(full, &before), 0);
	do {
		snprintf(full, sizeof(full), "%s/run/%s.pid", root, path);
		unlink(full);
		put_pid_file(path, pid);
		*strrchr(full, '/') = '\0';
		ck_assert_int_eq(stat(full, &after), 0);
	} while (!memcmp(&before.st_mtim, &after.st_mtim, sizeof(before.st_mtim)));
}

/* The time of a file, as if it had been written so long after the host's boot. */
static void set_written(const char *path, uint64_t boot_ns)
{
	uint64_t ns = clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME) + boot_ns;
	struct timespec t[2] = {{(time_t)(ns / SEC), (long)(ns % SEC)},
				{(time_t)(ns / SEC), (long)(ns % SEC)}};
	char full[512];

	snprintf(full, sizeof(full), "%s/run/%s.pid", root, path);
	ck_assert_int_eq(utimensat(AT_FDCWD, full, t, 0), 0);
}

static struct vms *made_up(void)
{
	struct vms_options o = {.proc = proc_dir, .run = run_dir};

	return vms_new(&o);
}

static void expect(struct vms *v, uint32_t pid, uint64_t start, const char *name, const char *uuid,
		   const char *vmm)
{
	const struct vm_names *n = vms_lookup(v, (struct vm_id){pid, start}, "kernel-comm");

	ck_assert_str_eq(n->name, name);
	ck_assert_str_eq(n->uuid, uuid);
	ck_assert_str_eq(n->vmm, vmm);
}

static uint64_t born; /* a VM that started a minute ago, in no whole tick */

static void setup(void)
{
	strcpy(root + sizeof(root) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	snprintf(proc_dir, sizeof(proc_dir), "%s/proc", root);
	snprintf(run_dir, sizeof(run_dir), "%s/run", root);
	ck_assert_int_eq(mkdir(proc_dir, 0755), 0);
	ck_assert_int_eq(mkdir(run_dir, 0755), 0);
	born = (clock_ns(CLOCK_BOOTTIME) - 60 * SEC) / 10000000 * 10000000 + 1234567;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

static void teardown(void)
{
	nftw(root, drop, 16, FTW_DEPTH | FTW_PHYS);
}

START_TEST(by_arguments)
{
	struct vms *v = made_up();

	PUT_VM(10, born, "/usr/bin/qemu-system-x86_64\0-name\0guest=a,,b\0-uuid\0" UUID);
	PUT_VM(11, born,
	       "/usr/bin/kvm\0-id\0"
	       "100\0-name\0bare");
	PUT_VM(12, born, "/opt/my vmm\0--disk\0x");
	PUT_VM(13, born, "");
	expect(v, 10, born, "a,b", UUID, "qemu");
	expect(v, 11, born, "bare", "", "qemu");
	expect(v, 12, born, "my vmm-12", "", "my vmm");
	/* no argv[0]: what stat has */
	expect(v, 13, born, "made-up-13", "", "made-up");
	vms_free(v);
}
END_TEST

START_TEST(not_there)
{
	struct vms *v = made_up();
	const struct vm_names *n;

	expect(v, 20, born, "kernel-comm-20", "", "kernel-comm");
	n = vms_lookup(v, (struct vm_id){21, born}, "qemu-system-x86");
	ck_assert_str_eq(n->name, "qemu-system-x86-21");
	ck_assert_str_eq(n->vmm, "qemu");
	n = vms_lookup(v, (struct vm_id){22, born}, NULL);
	ck_assert_str_eq(n->name, "vm-22");
	ck_assert_str_eq(n->vmm, "vm");
	n = vms_lookup(v, (struct vm_id){UINT32_MAX, UINT64_MAX}, "");
	ck_assert_str_eq(n->name, "vm-4294967295");
	vms_free(v);
}
END_TEST

START_TEST(reused_pid)
{
	struct vms *v = made_up();
	uint64_t later = born + 20 * SEC;

	PUT_VM(30, born, "kvm\0-name\0first");
	expect(v, 30, born, "first", "", "qemu");
	ck_assert(vms_alive(v, (struct vm_id){30, born}));
	PUT_VM(30, later, "kvm\0-name\0second");
	expect(v, 30, later, "second", "", "qemu");
	expect(v, 30, born, "first", "", "qemu");
	ck_assert(!vms_alive(v, (struct vm_id){30, born}));
	ck_assert(vms_alive(v, (struct vm_id){30, later}));
	/* never seen while it lived: nothing of its successor's */
	vms_forget(v, (struct vm_id){30, born});
	expect(v, 30, born, "kernel-comm-30", "", "kernel-comm");
	expect(v, 30, later, "second", "", "qemu");
	vms_free(v);
}
END_TEST

START_TEST(start_time_to_the_tick)
{
	struct vms *v = made_up();
	uint64_t tick = born / 10000000 * 10000000;

	PUT_VM(31, born, "kvm\0-name\0x");
	ck_assert(vms_alive(v, (struct vm_id){31, tick}));
	ck_assert(vms_alive(v, (struct vm_id){31, tick + 9999999}));
	ck_assert(!vms_alive(v, (struct vm_id){31, tick - 1}));
	ck_assert(!vms_alive(v, (struct vm_id){31, tick + 10000000}));
	vms_free(v);
}
END_TEST

START_TEST(zombies_have_ended)
{
	struct vms *v = made_up();

	PUT_VM(40, born, "kvm\0-name\0x");
	ck_assert(vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'Z', born);
	ck_assert(!vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'X', born);
	ck_assert(!vms_alive(v, (struct vm_id){40, born}));
	put_stat(40, "kvm", 'T', born);
	ck_assert(vms_alive(v, (struct vm_id){40, born}));
	vms_free(v);
}
END_TEST

START_TEST(arguments_come_late)
{
	struct vms *v = made_up();

	/* a process that is just being made has none yet */
	put_vm(45, born, "", 0);
	expect(v, 45, born, "made-up-45", "", "made-up");
	PUT_VM(45, born, "kvm\0-name\0late\0-uuid\0" UUID);
	expect(v, 45, born, "late", UUID, "qemu");
	vms_free(v);
}
END_TEST

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

START_TEST(unreadable)
{
	char path[128];
	struct vms *v = made_up();

	/* no status, cmdline no file */
	put_stat(90, "kvm", 'S', born);
	snprintf(path, sizeof(path), "%s/90/cmdline", proc_dir);
	ck_assert_int_eq(mkdir(path, 0755), 0);
	expect(v, 90, born, "kvm-90", "", "qemu");
	/* stat that is none */
	put("garbage", 7, "proc/91/stat");
	put("", 0, "proc/92/stat");
	put("93", 2, "proc/93");
	expect(v, 91, born, "kernel-comm-91", "", "kernel-comm");
	expect(v, 92, born, "kernel-comm-92", "", "kernel-comm");
	expect(v, 93, born, "kernel-comm-93", "", "kernel-comm");
	vms_free(v);
}
END_TEST

START_TEST(huge_arguments)
{
	static const char head[] = "kvm\0-name\0near\0-device";
	static const char tail[] = "-name\0far";
	size_t len = PROC_CMDLINE_MAX + 4096;
	char *args = calloc(1, len);
	struct vms *v = made_up();

	ck_assert_ptr_nonnull(args);
	memset(args, 'x', len);
	memcpy(args, head, sizeof(head));
	memcpy(args + len - sizeof(tail), tail, sizeof(tail));
	put_vm(100, born, args, len);
	expect(v, 100, born, "near", "", "qemu");
	/* cut inside the name: that is no name */
	memcpy(args + PROC_CMDLINE_MAX - 10, "\0-name\0abcdef", 13);
	put_vm(101, born, args, len);
	expect(v, 101, born, "near", "", "qemu");
	/* and one that just fits is */
	memcpy(args + PROC_CMDLINE_MAX - 11, "\0-name\0fit", 11);
	put_vm(102, born, args, len);
	expect(v, 102, born, "fit", "", "qemu");
	free(args);
	vms_free(v);
}
END_TEST

START_TEST(many)
{
	enum { N = 10000 };
	struct vms *v = made_up();
	const struct vm_names *n;
	char want[32];
	uint32_t i, k;

	/* in an order that is neither up nor down */
	for (i = 0; i < N; i++) {
		k = i * 7919 % N;
		n = vms_lookup(v, (struct vm_id){k, born + k}, "many");
		snprintf(want, sizeof(want), "many-%" PRIu32, k);
		ck_assert_str_eq(n->name, want);
	}
	for (i = 0; i < N; i += 2)
		vms_forget(v, (struct vm_id){i, born + i});
	vms_forget(v, (struct vm_id){1, born});
	for (i = 0; i < N; i++) {
		n = vms_lookup(v, (struct vm_id){i, born + i}, "again");
		snprintf(want, sizeof(want), "%s-%" PRIu32, i % 2 ? "many" : "again", i);
		ck_assert_str_eq(n->name, want);
	}
	vms_free(v);
	vms_free(NULL);
}
END_TEST

START_TEST(stat_lines)
{
	static const char rest[] = " 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 9 0 4711 11 12\n";
	static const char *const comms[] = {"a",  "",     "a) R 1 (",         ")", "(",
					    "((", "a\nb", "a) Z 1 1 1 1 1 1", " ", "a)"};
	struct proc_stat st;
	size_t i;

	for (i = 0; i < sizeof(comms) / sizeof(comms[0]); i++) {
		struct buf b = {0};

		buf_printf(&b, "77 (%s) S%s", comms[i], rest);
		ck_assert(proc_parse_stat(b.data, &st));
		ck_assert_str_eq(st.comm, comms[i]);
		ck_assert_int_eq(st.state, 'S');
		ck_assert_uint_eq(st.start_ticks, 4711);
		buf_free(&b);
	}
	ck_assert(!proc_parse_stat("", &st));
	ck_assert(!proc_parse_stat("1 (a", &st));
	ck_assert(!proc_parse_stat("1 )a(", &st));
	ck_assert(!proc_parse_stat("1 (a)", &st));
	ck_assert(!proc_parse_stat("1 (a) ", &st));
	ck_assert(!proc_parse_stat("1 (a) S", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 1", &st));
	ck_assert(!proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 -1 1", &st));
	ck_assert(!proc_parse_stat(
		"1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 99999999999999999999 1", &st));
	ck_assert(proc_parse_stat("1 (a) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19", &st));
	ck_assert_uint_eq(st.start_ticks, 19);
}
END_TEST

/* The start of a process as this kernel has it, in whole ticks. */
static uint64_t real_start(pid_t pid)
{
	char path[32], text[1024];
	struct proc_stat st;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	ck_assert(proc_parse_stat(text, &st));
	return st.start_ticks * (SEC / (uint64_t)sysconf(_SC_CLK_TCK));
}

START_TEST(real_processes)
{
	struct vms_options o = {.proc = "/proc", .run = run_dir};
	struct vms *v = vms_new(&o);
	struct vm_id self = {(uint32_t)getpid(), real_start(getpid())}, child;
	int ready[2], hold[2];
	siginfo_t info;
	pid_t pid;
	char c;

	ck_assert(vms_alive(v, self));
	ck_assert_str_eq(vms_lookup(v, self, NULL)->vmm, program_invocation_short_name);
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(hold), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		dup2(hold[0], 0);
		dup2(ready[1], 1);
		execl("/bin/sh", "qemu-system-x86_64", "-c", "echo; read x", "-name",
		      "guest=real,,one,debug-threads=on", "-uuid", UUID, NULL);
		_exit(1);
	}
	ck_assert_int_eq(read(ready[0], &c, 1), 1);
	child = (struct vm_id){(uint32_t)pid, real_start(pid)};
	expect(v, child.pid, child.start_ns, "real,one", UUID, "qemu");
	ck_assert(vms_alive(v, child));
	ck_assert_int_eq(kill(pid, SIGKILL), 0);
	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert(!vms_alive(v, child)); /* a zombie */
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	ck_assert(!vms_alive(v, child));
	expect(v, child.pid, child.start_ns, "real,one", UUID, "qemu");
	close(ready[0]);
	close(ready[1]);
	close(hold[0]);
	close(hold[1]);
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
	struct unit u = unit_new("vms");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, by_arguments);
	UNIT_ADD(u, not_there);
	UNIT_ADD(u, reused_pid);
	UNIT_ADD(u, start_time_to_the_tick);
	UNIT_ADD(u, zombies_have_ended);
	UNIT_ADD(u, arguments_come_late);
	UNIT_ADD(u, state_file);
	UNIT_ADD(u, state_file_escaped);
	UNIT_ADD(u, state_file_left_behind);
	UNIT_ADD(u, state_file_comes_late);
	UNIT_ADD(u, state_of_sessions);
	UNIT_ADD(u, state_of_other_kinds);
	UNIT_ADD(u, unreadable);
	UNIT_ADD(u, huge_arguments);
	UNIT_ADD(u, many);
	UNIT_ADD(u, stat_lines);
	UNIT_ADD(u, real_processes);
#if WITH_LIBVIRT
	UNIT_ADD(u, libvirt_names);
	UNIT_ADD(u, libvirt_stuck);
	UNIT_ADD(u, libvirt_absent);
#endif
	return unit_run(u);
}
