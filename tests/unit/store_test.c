// SPDX-License-Identifier: GPL-2.0-only
/* The cache of guests' symbols, and their directories for --guestmount. */
#include "unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "profile/store.h"

#define A "0123abcd-0000-4000-8000-00000000000a"
#define B "0123abcd-0000-4000-8000-00000000000b"

static char dir[] = "/tmp/vmperf-store-XXXXXX", cache[64];
static char why[STORE_WHY_SIZE];

static void setup(void)
{
	strcpy(dir + sizeof(dir) - 7, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(cache, sizeof(cache), "%s/a/b", dir);
	umask(0);
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
	nftw(dir, drop, 16, FTW_DEPTH | FTW_PHYS);
}

static struct agent_guest guest(const char *boot, const char *kallsyms)
{
	struct agent_guest g = {0};

	strcpy(g.boot, boot);
	buf_puts(&g.kallsyms, kallsyms);
	buf_puts(&g.version, "Linux\n");
	buf_add(&g.notes, "\4\0\0\0", 4);
	return g;
}

static void put(const char *boot, const char *kallsyms)
{
	struct agent_guest g = guest(boot, kallsyms);

	ck_assert_msg(store_put(cache, &g, why), "%s", why);
	agent_guest_free(&g);
}

static bool put_pid(uint32_t pid, const char *boot, const char *kallsyms)
{
	struct agent_guest g = guest(boot, kallsyms);
	bool ok = store_put_pid(cache, pid, &g, why);

	agent_guest_free(&g);
	return ok;
}

/* The text of a file below the cache; "" it is not there. */
static const char *text(const char *path)
{
	static char ret[256];
	char full[256];
	int fd;
	ssize_t n;

	snprintf(full, sizeof(full), "%s/%s", cache, path);
	fd = open(full, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, ret, sizeof(ret) - 1);
	if (fd >= 0)
		close(fd);
	ret[n > 0 ? n : 0] = '\0';
	return ret;
}

/* How many entries a directory of the cache has, "." and ".." not among them. */
static int entries(const char *path)
{
	char full[256];
	int n = 0;
	DIR *d;

	snprintf(full, sizeof(full), "%s/%s", cache, path);
	d = opendir(full);
	ck_assert_ptr_nonnull(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static int bad_mode(const char *path, const struct stat *st, int kind, struct FTW *f)
{
	(void)f;
	ck_assert_msg(kind == FTW_SL || (st->st_mode & 07777) == (kind == FTW_D ? 0700 : 0600), "%s: %o",
		      path, (unsigned int)st->st_mode);
	return 0;
}

START_TEST(there_and_back)
{
	struct agent_guest got;
	char *path;

	ck_assert(!store_get(cache, A, &got));
	put(A, "sym a\n");
	put(B, "sym b\n");
	ck_assert(store_get(cache, A, &got));
	ck_assert_str_eq(got.boot, A);
	ck_assert_str_eq(got.kallsyms.data, "sym a\n");
	ck_assert_uint_eq(got.modules.len, 0);
	ck_assert_str_eq(got.version.data, "Linux\n");
	ck_assert_uint_eq(got.notes.len, 4);
	ck_assert_mem_eq(got.notes.data, "\4\0\0\0", 4);
	agent_guest_free(&got);
	/* as --guestmount has it */
	ck_assert_str_eq(text("boots/" A "/proc/kallsyms"), "sym a\n");
	ck_assert_str_eq(text("boots/" A "/proc/sys/kernel/random/boot_id"), A "\n");
	path = store_path(cache, B);
	ck_assert_ptr_nonnull(strstr(path, "/a/b/boots/" B));
	free(path);
	/* again, and nothing is left behind */
	put(A, "other\n");
	ck_assert_str_eq(text("boots/" A "/proc/kallsyms"), "other\n");
	ck_assert_int_eq(entries("boots"), 2);
	ck_assert_int_eq(nftw(dir, bad_mode, 16, FTW_PHYS), 0);
}
END_TEST

START_TEST(links)
{
	put(A, "a\n");
	put(B, "b\n");
	ck_assert(store_link(cache, 12, A, why));
	ck_assert_str_eq(text("12/proc/kallsyms"), "a\n");
	ck_assert(store_link(cache, 12, B, why));
	ck_assert_str_eq(text("12/proc/kallsyms"), "b\n");
	ck_assert_int_eq(entries(""), 2);
	ck_assert(store_link(cache, 12, "", why));
	ck_assert(store_link(cache, 12, "", why));
	ck_assert_int_eq(entries(""), 1);
	/* the boot itself stays */
	ck_assert_str_eq(text("boots/" B "/proc/kallsyms"), "b\n");
}
END_TEST

/* What comes from a guest gets into no path. */
START_TEST(no_boot_ids)
{
	static const char *const bad[] = {
		"",
		"..",
		"../../../../../../../../../../../tmp",
		"0123abcd-0000-4000-8000-00000000000/",
		"0123ABCD-0000-4000-8000-00000000000A",
		"00000000-0000-0000-0000-000000000000",
		"0123abcd-0000-4000-8000-00000000000a/x",
	};

	put(A, "a\n");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct agent_guest g = {0}, got;

		snprintf(g.boot, sizeof(g.boot), "%s", bad[i]);
		if (strlen(bad[i]) < sizeof(g.boot))
			ck_assert_msg(!store_put(cache, &g, why), "%s", bad[i]);
		ck_assert_ptr_null(store_path(cache, bad[i]));
		ck_assert(!store_get(cache, bad[i], &got));
		ck_assert(store_link(cache, 5, bad[i], why));
	}
	ck_assert_int_eq(entries(""), 1);
	ck_assert_int_eq(entries("boots"), 1);
}
END_TEST

START_TEST(old_ones_go)
{
	struct timespec times[2] = {{0}};
	int order[STORE_BOOTS];
	char id[37], path[256];

	for (int i = 0; i < STORE_BOOTS + 3; i++) {
		snprintf(id, sizeof(id), "0123abcd-0000-4000-8000-%012x", i + 1);
		put(id, "x\n");
		if (i >= STORE_BOOTS)
			continue;
		/* as if written long ago, in another order than they are named in */
		order[i] = i * 7 % STORE_BOOTS;
		times[0].tv_sec = times[1].tv_sec = 1000000 + order[i];
		snprintf(path, sizeof(path), "%s/boots/%s", cache, id);
		ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	}
	ck_assert_int_eq(entries("boots"), STORE_BOOTS);
	/* those of the three earliest times are gone */
	for (int i = 0; i < STORE_BOOTS; i++) {
		char *there;

		snprintf(id, sizeof(id), "0123abcd-0000-4000-8000-%012x", i + 1);
		there = store_path(cache, id);
		ck_assert_int_eq(there == NULL, order[i] < 3);
		free(there);
	}
}
END_TEST

START_TEST(left_behind)
{
	struct timespec times[2] = {{.tv_sec = time(NULL) - 60}, {.tv_sec = time(NULL) - 60}};
	char path[256];

	put(A, "a\n");
	snprintf(path, sizeof(path), "%s/boots/.part-killed", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	/* somebody may just be writing it, and be slow */
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	put(A, "a\n");
	ck_assert_int_eq(entries("boots"), 2);
	times[0].tv_sec = times[1].tv_sec = 0;
	ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
	put(A, "a\n");
	ck_assert_int_eq(entries("boots"), 1);
}
END_TEST

START_TEST(directories)
{
	ck_assert(put_pid(77, A, "a\n"));
	ck_assert_str_eq(text("77/proc/kallsyms"), "a\n");
	ck_assert(put_pid(77, B, "b\n"));
	ck_assert_str_eq(text("77/proc/kallsyms"), "b\n");
	ck_assert_int_eq(entries(""), 1);
	store_drop_pid(cache, 77);
	store_drop_pid(cache, 77);
	ck_assert_int_eq(entries(""), 0);
}
END_TEST

/* What somebody else has put there is not touched: it may be the file system of a guest. */
START_TEST(not_ours)
{
	char path[256];

	ck_assert(put_pid(1, A, "a\n"));
	snprintf(path, sizeof(path), "%s/77", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/77/proc", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/77/etc", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!put_pid(77, A, "a\n"));
	ck_assert_ptr_nonnull(strstr(why, "vmperf did not write it"));
	store_drop_pid(cache, 77);
	ck_assert_int_eq(entries("77"), 2);
	snprintf(path, sizeof(path), "%s/78", cache);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ck_assert(!put_pid(78, A, "a\n"));
	store_drop_pid(cache, 78);
	ck_assert_int_eq(entries(""), 3);
}
END_TEST

/* Whoever owns it could let it lead elsewhere while it is removed. */
START_TEST(of_others)
{
	char path[256], outside[256];

	ck_assert(put_pid(1, A, "a\n"));
	snprintf(path, sizeof(path), "%s/77", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	if (!chown(path, 1, 1)) { /* root only */
		ck_assert(!put_pid(77, A, "a\n"));
		ck_assert_ptr_nonnull(strstr(why, "vmperf did not write it"));
		store_drop_pid(cache, 77);
		ck_assert_int_eq(entries(""), 2);
		ck_assert_int_eq(chown(path, geteuid(), getegid()), 0);
	}
	/* links go, and what they lead to stays */
	snprintf(outside, sizeof(outside), "%s/77/proc", cache);
	snprintf(path, sizeof(path), "%s/1", cache);
	ck_assert_int_eq(symlink(path, outside), 0);
	store_drop_pid(cache, 77);
	ck_assert_int_eq(entries(""), 1);
	ck_assert_str_eq(text("1/proc/kallsyms"), "a\n");
}
END_TEST

START_TEST(mounted)
{
	char path[256];

	ck_assert(put_pid(1, A, "a\n"));
	snprintf(path, sizeof(path), "%s/77", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	/* the guest's own tree: it looks like one of ours */
	if (mount("none", path, "tmpfs", 0, NULL))
		return; /* not root: nothing can be mounted */
	snprintf(path, sizeof(path), "%s/77/proc", cache);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert(!put_pid(77, A, "a\n"));
	store_drop_pid(cache, 77);
	ck_assert_int_eq(entries("77"), 1);
	ck_assert_int_eq(entries(""), 2);
	snprintf(path, sizeof(path), "%s/77", cache);
	ck_assert_int_eq(umount(path), 0);
}
END_TEST

START_TEST(cannot_write)
{
	struct agent_guest g = guest(A, "a\n");

	snprintf(cache, sizeof(cache), "%s/file", dir);
	close(open(cache, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ck_assert(!store_put(cache, &g, why));
	ck_assert_ptr_nonnull(strstr(why, "Not a directory"));
	ck_assert(!store_put_pid(cache, 1, &g, why));
	ck_assert(!store_link(cache, 1, A, why));
	agent_guest_free(&g);
}
END_TEST

/* A file that is cut off, missing, or something else: nothing is read of it. */
START_TEST(damaged)
{
	struct agent_guest got;
	char path[256];

	put(A, "a\n");
	snprintf(path, sizeof(path), "%s/boots/" A "/proc/modules", cache);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert(!store_get(cache, A, &got));
	ck_assert_uint_eq(got.kallsyms.len, 0);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert(!store_get(cache, A, &got));
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(symlink("/etc/passwd", path), 0);
	ck_assert(!store_get(cache, A, &got));
}
END_TEST

START_TEST(where)
{
	char *path;

	setenv("XDG_CACHE_HOME", "/x", 1);
	setenv("HOME", "/h", 1);
	path = store_cache();
	ck_assert_str_eq(path, "/x/vmperf/guests");
	free(path);
	/* a relative one is to be ignored (XDG Base Directory Specification) */
	setenv("XDG_CACHE_HOME", "x", 1);
	path = store_cache();
	ck_assert_str_eq(path, "/h/.cache/vmperf/guests");
	free(path);
	unsetenv("XDG_CACHE_HOME");
	unsetenv("HOME");
	ck_assert_ptr_null(store_cache());
}
END_TEST

int main(void)
{
	struct unit u = unit_new("store");

	tcase_add_checked_fixture(u.tcase, setup, teardown);
	UNIT_ADD(u, there_and_back);
	UNIT_ADD(u, links);
	UNIT_ADD(u, no_boot_ids);
	UNIT_ADD(u, old_ones_go);
	UNIT_ADD(u, left_behind);
	UNIT_ADD(u, directories);
	UNIT_ADD(u, not_ours);
	UNIT_ADD(u, of_others);
	UNIT_ADD(u, mounted);
	UNIT_ADD(u, cannot_write);
	UNIT_ADD(u, damaged);
	UNIT_ADD(u, where);
	return unit_run(u);
}
