// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which boot guests are in, and their symbols.  The VMs are made up: processes
 * of this program with arguments of QEMU, which answer as a guest's agent at the socket of
 * those arguments.
 */
#include "made_up_agent.h"

#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "cmd/guests.h"
#include "host/proc.h"

#define LONG_MS  30000
/* for what does not come */
#define SHORT_MS 300

/* Shared with each VM, at this descriptor. */
#define CONTROL_FD 100
static struct control {
	atomic_int boot;    /* 'a', 'b' … */
	atomic_int modules; /* see modules_of */
	atomic_int silent, hidden;
	atomic_int fetched; /* how often kallsyms was read */
} * control;

#define ID "0123abcd-0000-4000-8000-00000000000"

static const char *const modules_of[] = {
	"xfs 4096 1 - Live 0xffffffffc0001000\n",
	"xfs 4096 2 - Live 0xffffffffc0001000\nnfs 4096 1 - Live 0xffffffffc0002000\n",
	"nfs 4096 1 - Live 0xffffffffc0002000\n",
};

/* The VM's side: what a file of the guest has; NULL: there is none. */
static const char *file_of(const char *path)
{
	static char text[256];

	if (!strcmp(path, "/proc/sys/kernel/random/boot_id"))
		snprintf(text, sizeof(text), ID "%c\n", control->boot);
	else if (!strcmp(path, "/proc/kallsyms") && control->hidden)
		snprintf(text, sizeof(text), "0000000000000000 T start\n");
	else if (!strcmp(path, "/proc/kallsyms"))
		snprintf(text, sizeof(text), "ffffffff81000000 T start_%c\nffffffffc0001000 t x\n",
			 control->boot);
	else if (!strcmp(path, "/proc/modules"))
		return modules_of[control->modules];
	else if (!strcmp(path, "/proc/version"))
		return "Linux version 1\n";
	else
		return NULL;
	control->fetched += !strcmp(path, "/proc/kallsyms");
	return text;
}

static bool by_file(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	if (control->silent)
		return true;
	if (made_up_is(command, "guest-file-open")) {
		m->arg = (void *)(uintptr_t)file_of(made_up_text(command, "path"));
		buf_puts(reply, m->arg ? "{\"return\": 1}\n"
				       : "{\"error\": {\"desc\": \"No such file or directory\"}}\n");
	} else if (made_up_is(command, "guest-file-read")) {
		made_up_chunk(reply, m->arg, strlen(m->arg), true);
	} else {
		buf_puts(reply, "{\"return\": {}}\n");
	}
	return true;
}

static void share(void)
{
	control = mmap(NULL, sizeof(*control), PROT_READ | PROT_WRITE, MAP_SHARED, CONTROL_FD, 0);
	if (control == MAP_FAILED)
		abort();
}

/* One that is a VM: the path of the socket is its last argument; a byte on standard output says that it
 * listens. */
static int be_vm(const char *path)
{
	struct made_up_agent m = {.answer = by_file};

	share();
	snprintf(m.path, sizeof(m.path), "%s", path);
	if (!made_up_listen_there(&m) || write(STDOUT_FILENO, "x", 1) != 1)
		return EXIT_FAILURE;
	made_up_run(&m);
	return EXIT_SUCCESS;
}

static char dir[] = "/tmp/vmperf-guests-XXXXXX";
static pid_t vms[4];
static int nvms;

static void setup(void)
{
	int fd = memfd_create("control", 0);

	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	setenv("XDG_CACHE_HOME", dir, 1);
	ck_assert_int_eq(ftruncate(fd, sizeof(*control)), 0);
	ck_assert_int_eq(dup2(fd, CONTROL_FD), CONTROL_FD);
	close(fd);
	share();
	control->boot = 'a';
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
	for (int i = 0; i < nvms; i++) {
		kill(vms[i], SIGKILL);
		waitpid(vms[i], NULL, 0);
	}
	nvms = 0;
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* A VM; agent: it has been given a socket for one.  Its pid. */
static uint32_t start_vm(bool agent)
{
	char path[64], chardev[128], got;
	int ready[2];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/%d", dir, nvms);
	snprintf(chardev, sizeof(chardev), "socket,id=q,server=on,path=%s", path);
	ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		dup2(ready[1], STDOUT_FILENO);
		execl("/proc/self/exe", "qemu-system-x86_64", agent ? "-device" : "-x",
		      "virtserialport,chardev=q,name=org.qemu.guest_agent.0", "-chardev", chardev, path,
		      NULL);
		_exit(1);
	}
	vms[nvms++] = pid;
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &got, 1), 1);
	close(ready[0]);
	return (uint32_t)pid;
}

static uint64_t start_of(uint32_t pid)
{
	int d = proc_open("/proc", pid);
	struct proc_stat st;

	ck_assert(proc_stat_of(d, &st));
	close(d);
	return st.start_ticks * (1000000000U / (uint64_t)sysconf(_SC_CLK_TCK));
}

static struct guests *guests_of(uint32_t pid)
{
	struct settings s = {.no_libvirt = true};
	struct guests *g = guests_new(&s);

	guests_add(g, pid, start_of(pid), "");
	return g;
}

/* The last check saw that boot, since then. */
static void is_boot(struct guests *g, uint32_t pid, int boot, unsigned int since)
{
	unsigned int got;
	char id[37], want[38];

	snprintf(want, sizeof(want), ID "%c", boot);
	ck_assert(guests_boot(g, pid, id, &got));
	ck_assert_str_eq(id, want);
	ck_assert_uint_eq(got, since);
}

static void is_unseen(struct guests *g, uint32_t pid)
{
	struct buf k = {0}, m = {0};
	unsigned int since = 1;
	char id[37];

	ck_assert(!guests_boot(g, pid, id, &since));
	ck_assert_str_eq(id, "");
	ck_assert_uint_eq(since, 0);
	for (unsigned int i = 0; i < 9; i++)
		ck_assert(!guests_same(g, pid, i));
	ck_assert(!guests_symbols(g, pid, &k, &m));
}

/* There are symbols that were not given yet, of that boot and those modules. */
static void is_given(struct guests *g, uint32_t pid, int boot, int modules)
{
	char want[80], why[GUESTS_WHY_SIZE];
	struct buf k = {0}, m = {0};

	ck_assert(guests_settle(g, LONG_MS));
	guests_why(g, pid, why);
	ck_assert_str_eq(why, "");
	ck_assert(guests_symbols(g, pid, &k, &m));
	snprintf(want, sizeof(want), "ffffffff81000000 T start_%c\nffffffffc0001000 t x\n", boot);
	ck_assert_str_eq(k.data, want);
	ck_assert_str_eq(m.data, modules_of[modules]);
	k.len = m.len = 0;
	ck_assert(!guests_symbols(g, pid, &k, &m));
	ck_assert_uint_eq(k.len, 0);
	buf_free(&k);
	buf_free(&m);
}

START_TEST(reboot)
{
	uint32_t pid = start_vm(true);
	struct guests *g = guests_of(pid);

	is_unseen(g, pid);
	ck_assert_uint_eq(guests_check(g, LONG_MS), 1);
	is_boot(g, pid, 'a', 1);
	ck_assert(guests_same(g, pid, 1) && !guests_same(g, pid, 0));
	is_given(g, pid, 'a', 0);
	ck_assert_uint_eq(guests_check(g, LONG_MS), 2);
	is_boot(g, pid, 'a', 1);
	ck_assert(guests_same(g, pid, 1));
	control->boot = 'b';
	/* what was seen before counts until the next check */
	is_boot(g, pid, 'a', 1);
	ck_assert_uint_eq(guests_check(g, LONG_MS), 3);
	is_boot(g, pid, 'b', 3);
	ck_assert(!guests_same(g, pid, 2) && guests_same(g, pid, 3));
	is_given(g, pid, 'b', 0);
	guests_free(g);
}
END_TEST

START_TEST(modules)
{
	uint32_t pid = start_vm(true);
	struct guests *g = guests_of(pid);

	guests_check(g, LONG_MS);
	is_given(g, pid, 'a', 0);
	/* one more: what was there is there still */
	control->modules = 1;
	guests_check(g, LONG_MS);
	is_boot(g, pid, 'a', 1);
	is_given(g, pid, 'a', 1);
	/* one is gone */
	control->modules = 2;
	guests_check(g, LONG_MS);
	is_boot(g, pid, 'a', 3);
	is_given(g, pid, 'a', 2);
	ck_assert_int_eq(control->fetched, 3);
	guests_free(g);
}
END_TEST

START_TEST(cached)
{
	uint32_t pid = start_vm(true);
	struct guests *g = guests_of(pid);

	guests_check(g, LONG_MS);
	is_given(g, pid, 'a', 0);
	guests_free(g);
	g = guests_of(pid);
	guests_check(g, LONG_MS);
	is_given(g, pid, 'a', 0);
	ck_assert_int_eq(control->fetched, 1);
	guests_free(g);
	/* of the same boot with other modules they are not */
	control->modules = 1;
	g = guests_of(pid);
	guests_check(g, LONG_MS);
	is_given(g, pid, 'a', 1);
	ck_assert_int_eq(control->fetched, 2);
	guests_free(g);
}
END_TEST

START_TEST(silent)
{
	uint32_t pid = start_vm(true), other = start_vm(true);
	struct guests *g = guests_of(pid);
	char why[GUESTS_WHY_SIZE], id[37];
	unsigned int since, k;

	guests_check(g, LONG_MS);
	is_given(g, pid, 'a', 0);
	control->silent = true;
	guests_check(g, SHORT_MS);
	is_unseen(g, pid);
	guests_why(g, pid, why);
	ck_assert(why[0]);
	/* it is asked again after a while; meanwhile checks do not wait for it */
	control->silent = false;
	guests_add(g, other, start_of(other), "");
	do {
		k = guests_check(g, SHORT_MS);
		poll(NULL, 0, 50);
	} while (!guests_boot(g, pid, id, &since));
	/* a boot does not come back: it was the same all the time */
	is_boot(g, pid, 'a', 1);
	ck_assert(k > 2 && guests_same(g, pid, 2));
	is_given(g, pid, 'a', 0);
	guests_free(g);
}
END_TEST

/* An end does not wait for an agent, and whoever is dropped is not waited for. */
START_TEST(silent_end)
{
	uint32_t pid = start_vm(true), other = start_vm(true);
	struct guests *g = guests_of(pid);

	control->silent = true;
	guests_add(g, other, start_of(other), "");
	guests_check(g, SHORT_MS);
	guests_drop(g, other, start_of(other));
	is_unseen(g, other);
	guests_check(g, SHORT_MS);
	guests_free(g);
}
END_TEST

START_TEST(late)
{
	uint32_t pid = start_vm(true);
	struct guests *g = guests_of(pid);

	/* nobody waits for this answer */
	guests_check(g, 0);
	is_unseen(g, pid);
	ck_assert(!guests_same(g, pid, 1));
	while (!control->fetched)
		poll(NULL, 0, 10);
	ck_assert(guests_settle(g, LONG_MS));
	is_unseen(g, pid);
	/* it tells of no time that a check stands for */
	guests_check(g, LONG_MS);
	is_boot(g, pid, 'a', 2);
	is_given(g, pid, 'a', 0);
	guests_free(g);
}
END_TEST

START_TEST(hidden)
{
	uint32_t pid = start_vm(true);
	struct guests *g = guests_of(pid);
	char why[GUESTS_WHY_SIZE];
	struct buf k = {0}, m = {0};

	control->hidden = true;
	guests_check(g, LONG_MS);
	ck_assert(guests_settle(g, LONG_MS));
	is_boot(g, pid, 'a', 1);
	ck_assert(!guests_symbols(g, pid, &k, &m));
	guests_why(g, pid, why);
	ck_assert_ptr_nonnull(strstr(why, "kptr_restrict"));
	guests_free(g);
}
END_TEST

START_TEST(others)
{
	struct settings off = {.no_guest_agent = true, .no_libvirt = true};
	uint32_t pid = start_vm(false), with = start_vm(true);
	struct guests *g = guests_of(pid);
	char why[GUESTS_WHY_SIZE];

	/* a VM without an agent; one that is not known; a process that is another by now */
	guests_add(g, with, start_of(with) + 1000000000, "");
	ck_assert_uint_eq(guests_check(g, LONG_MS), 1);
	is_unseen(g, pid);
	is_unseen(g, with);
	is_unseen(g, 1);
	guests_why(g, pid, why);
	ck_assert_ptr_nonnull(strstr(why, "no guest agent"));
	guests_add(g, with, start_of(with), "");
	guests_check(g, LONG_MS);
	is_boot(g, with, 'a', 2);
	guests_drop(g, with, start_of(with) + 1);
	is_boot(g, with, 'a', 2);
	guests_drop(g, with, start_of(with));
	is_unseen(g, with);
	guests_free(g);
	g = guests_new(&off);
	guests_add(g, with, start_of(with), "");
	guests_check(g, LONG_MS);
	is_unseen(g, with);
	guests_why(g, with, why);
	ck_assert_ptr_nonnull(strstr(why, "--no-guest-agent"));
	guests_free(g);
	guests_free(NULL);
}
END_TEST

START_TEST(output)
{
	uint32_t pid = start_vm(true);
	struct settings s = {.no_libvirt = true};
	struct guests_about about;
	struct buf path = {0};
	struct guests *g;

	buf_printf(&path, "%s/out", dir);
	s.output = path.data;
	g = guests_new(&s);
	guests_add(g, pid, start_of(pid), "");
	guests_check(g, LONG_MS);
	ck_assert(guests_settle(g, LONG_MS));
	about = guests_about(g, pid);
	ck_assert_str_eq(about.boot, ID "a");
	ck_assert_uint_eq(about.symbols, 2);
	ck_assert_uint_eq(about.modules, 1);
	ck_assert_str_eq(about.version, "Linux version 1");
	buf_printf(&path, "/%u/proc/modules", pid);
	ck_assert_int_eq(access(path.data, R_OK), 0);
	path.len = 0;
	buf_printf(&path, "%s/vmperf", dir);
	ck_assert_int_ne(access(path.data, F_OK), 0);
	guests_free(g);
	buf_free(&path);
}
END_TEST

int main(int argc, char **argv)
{
	struct unit u;

	if (argc > 3)
		return be_vm(argv[argc - 1]);
	u = unit_new("guests");
	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, reboot);
	UNIT_ADD(u, modules);
	UNIT_ADD(u, cached);
	UNIT_ADD(u, silent);
	UNIT_ADD(u, silent_end);
	UNIT_ADD(u, late);
	UNIT_ADD(u, hidden);
	UNIT_ADD(u, others);
	UNIT_ADD(u, output);
	return unit_run(u);
}
