// SPDX-License-Identifier: GPL-2.0-only
/* Files by the real QEMU guest agent, which runs on this host and listens at a socket instead of a port. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/agent_guest.h"

#define LONG_MS 30000

static char dir[] = "/tmp/vmperf-ga-XXXXXX", sock[64];
static pid_t ga;

static int drop(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)st;
	(void)kind;
	(void)f;
	return remove(path);
}

static void end_ga(void)
{
	if (ga > 0) {
		kill(ga, SIGKILL);
		waitpid(ga, NULL, 0);
	}
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

/* Starts it, without the commands of that list; returns connected to it. */
static struct agent *start_ga(const char *blocked)
{
	char why[AGENT_WHY_SIZE] = "", pidfile[64];
	struct agent *a = NULL;

	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(sock, sizeof(sock), "%s/socket", dir);
	snprintf(pidfile, sizeof(pidfile), "%s/pid", dir);
	ga = fork();
	ck_assert_int_ge(ga, 0);
	if (!ga) {
		int null = open("/dev/null", O_RDWR);

		dup2(null, STDOUT_FILENO);
		dup2(null, STDERR_FILENO);
		execlp("qemu-ga", "qemu-ga", "-m", "unix-listen", "-p", sock, "-t", dir, "-f", pidfile,
		       blocked ? "-b" : NULL, blocked, NULL);
		_exit(127);
	}
	while (!a && !waitpid(ga, NULL, WNOHANG)) {
		a = agent_socket(sock, (uint32_t)ga, LONG_MS, why);
		if (!a)
			poll(NULL, 0, 10);
	}
	ck_assert_msg(a != NULL, "qemu-ga: %s", why);
	return a;
}

/* The file as it is here. */
static struct buf local(const char *path)
{
	struct buf b = {0};
	char part[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	ck_assert_int_ge(fd, 0);
	while ((n = read(fd, part, sizeof(part))) > 0)
		buf_add(&b, part, (size_t)n);
	ck_assert_int_eq(n, 0);
	close(fd);
	return b;
}

static bool same(const struct buf *a, const struct buf *b)
{
	return a->len == b->len && !memcmp(a->data, b->data, a->len);
}

/* That file, by the agent, is the same as without it; what others change meanwhile is read again. */
static void is_same(struct agent *a, const char *path)
{
	char why[AGENT_WHY_SIZE] = "";
	bool steady = false;

	while (!steady) {
		struct buf got = {0}, before = local(path), after;

		ck_assert_msg(!agent_read(a, path, 64U << 20, &got, why), "%s", why);
		after = local(path);
		steady = same(&before, &after);
		ck_assert_msg(!steady || (got.len && same(&got, &before)), "%s: %zu, %zu", path, got.len,
			      before.len);
		buf_free(&got);
		buf_free(&before);
		buf_free(&after);
	}
}

START_TEST(some_files)
{
	struct agent *a = start_ga(NULL);
	char why[AGENT_WHY_SIZE], boot[37], os[64];
	struct buf b = {0}, want = local("/proc/sys/kernel/random/boot_id");

	/* megabytes of text, which the kernel makes as it is read; a file of one line; bytes that are no text
	 */
	is_same(a, "/proc/kallsyms");
	is_same(a, "/proc/version");
	is_same(a, "/sys/kernel/notes");
	ck_assert_int_eq(agent_guest_boot(a, boot, why), 0);
	ck_assert_mem_eq(boot, want.data, 36);
	agent_os(a, os);
	ck_assert(os[0]);
	ck_assert_int_eq(agent_read(a, "/nowhere", 100, &b, why), -ENOENT);
	ck_assert_int_eq(agent_read(a, "/proc/kallsyms", 100, &b, why), -EFBIG);
	ck_assert_int_eq(agent_read(a, "/", 100, &b, why), -EIO);
	/* and it goes on after that */
	is_same(a, "/proc/version");
	ck_assert_uint_eq(b.len, 0);
	agent_free(a);
	buf_free(&want);
}
END_TEST

START_TEST(guest)
{
	struct agent *a = start_ga(NULL);
	char why[AGENT_WHY_SIZE] = "";
	struct agent_guest files;
	bool steady = false;

	while (!steady) {
		struct buf before = local("/proc/kallsyms"), after;
		int err = agent_guest_read(a, &files, why);

		after = local("/proc/kallsyms");
		steady = same(&before, &after);
		if (!agent_guest_has_addresses(&before)) {
			/* without root the kernel shows zeros: those are no symbols */
			ck_assert_int_eq(err, -EACCES);
			steady = true;
		} else {
			ck_assert_msg(!err, "%s", why);
			ck_assert(!steady || same(&files.kallsyms, &before));
			ck_assert(files.notes.len && files.version.len);
			agent_guest_free(&files);
		}
		buf_free(&before);
		buf_free(&after);
	}
	agent_free(a);
}
END_TEST

START_TEST(blocked)
{
	struct agent *a = start_ga("guest-file-open");
	char why[AGENT_WHY_SIZE], boot[37];

	ck_assert_int_eq(agent_guest_boot(a, boot, why), -EOPNOTSUPP);
	ck_assert_ptr_nonnull(strstr(why, "guest-file-open"));
	ck_assert_ptr_nonnull(strstr(why, "BLOCK_RPCS"));
	agent_free(a);
}
END_TEST

START_TEST(two_at_once)
{
	struct agent *a = start_ga(NULL);
	char why[AGENT_WHY_SIZE];

	ck_assert_ptr_null(agent_socket(sock, (uint32_t)ga, LONG_MS, why));
	ck_assert_ptr_nonnull(strstr(why, "somebody else"));
	/* the first one is not disturbed */
	is_same(a, "/proc/version");
	agent_free(a);
}
END_TEST

START_TEST(ended)
{
	struct agent *a = start_ga(NULL);
	char why[AGENT_WHY_SIZE];
	struct buf b = {0};

	kill(ga, SIGKILL);
	waitpid(ga, NULL, 0);
	ga = 0;
	ck_assert_int_eq(agent_read(a, "/proc/version", 1000, &b, why), -ENOTCONN);
	agent_free(a);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("agent_ga");

	if (system("command -v qemu-ga >/dev/null")) {
		puts("1..0 # skip qemu-ga is not installed");
		return EXIT_SUCCESS;
	}
	tcase_add_checked_fixture(u.tcase, NULL, end_ga);
	UNIT_ADD(u, some_files);
	UNIT_ADD(u, guest);
	UNIT_ADD(u, blocked);
	UNIT_ADD(u, two_at_once);
	UNIT_ADD(u, ended);
	return unit_run(u);
}
