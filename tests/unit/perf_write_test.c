// SPDX-License-Identifier: GPL-2.0-only
/* perf.data files as they are written: header, records, sections, and what is left when it goes wrong. */
#include "profile/perf_write.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/mem.h"
#include "profile/perf_format.h"
#include "unit.h"

#define SAMPLES 300U

static char dir[] = "/tmp/perf_write_test.XXXXXX", path[64], old[72];

static void set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/perf.data.kvm", dir);
	snprintf(old, sizeof(old), "%s.old", path);
}

static void tear_down(void)
{
	unlink(path);
	unlink(old);
	rmdir(dir);
	strcpy(dir, "/tmp/perf_write_test.XXXXXX");
}

static const struct perf_event_attr attr = {
	.type = PERF_TYPE_SOFTWARE,
	.config = PERF_COUNT_SW_CPU_CLOCK,
	.size = sizeof(attr),
	.sample_freq = 997,
	.freq = 1,
	.sample_type = PERF_SAMPLE_IP | PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU |
		       PERF_SAMPLE_PERIOD | PERF_SAMPLE_IDENTIFIER,
	.sample_id_all = 1,
};

static const uint64_t ids[] = {11, 0, 13}; /* no event on CPU 1 */

static struct perf_write *begin(void)
{
	static char *const argv[] = {"vmperf", "profile", "record"};
	const struct perf_write_info info = {
		.attr = &attr,
		.attr_size = sizeof(attr),
		.event = "cpu-clock",
		.ids = ids,
		.nids = 3,
		.hostname = "host",
		.kernel = "6.1.0",
		.arch = "x86_64",
		.version = "0.1",
		.cpudesc = "A CPU",
		.cpus_online = 2,
		.cpus_possible = 3,
		.argc = 3,
		.argv = argv,
	};
	struct perf_write *w;

	ck_assert_int_eq(perf_write_new(path, &info, &w), 0);
	return w;
}

struct sample {
	struct perf_event_header h;
	uint64_t id, ip;
	uint32_t pid, tid;
	uint64_t time;
	uint32_t cpu, unused;
	uint64_t period;
};

static struct sample make(uint32_t i)
{
	return (struct sample){
		.h = {PERF_RECORD_SAMPLE, PERF_RECORD_MISC_GUEST_KERNEL, sizeof(struct sample)},
		.id = 11,
		.ip = 0xffffffff81000000 + i,
		.pid = 100,
		.tid = 101,
		.time = 5000 + i,
		.period = 1000,
	};
}

static size_t load(char **ret)
{
	int fd = open(path, O_RDONLY);
	struct stat st;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fstat(fd, &st), 0);
	*ret = mem_zalloc((size_t)st.st_size, 1);
	ck_assert_int_eq(read(fd, *ret, (size_t)st.st_size), st.st_size);
	close(fd);
	return (size_t)st.st_size;
}

/* Where the section of that bit is. */
static struct perf_section section(const char *file, uint32_t bit)
{
	const struct perf_file_header *h = (const void *)file;
	const struct perf_section *at = (const void *)(file + h->data.offset + h->data.size);

	ck_assert(h->features[bit / 64] >> bit % 64 & 1);
	for (uint32_t i = 0; i < bit; i++)
		at += h->features[i / 64] >> i % 64 & 1;
	return *at;
}

static const char *text(const char *file, uint32_t bit)
{
	struct perf_section s = section(file, bit);
	uint32_t len;

	memcpy(&len, file + s.offset, sizeof(len));
	ck_assert_uint_eq(len + sizeof(len), s.size);
	ck_assert_uint_eq(len % 64, 0);
	return file + s.offset + sizeof(len);
}

/* The next record of a type, from *at on, which is then behind it; NULL: none. */
static const void *next(const char *file, uint64_t *at, uint32_t type)
{
	const struct perf_file_header *h = (const void *)file;

	if (!*at)
		*at = h->data.offset;
	while (*at < h->data.offset + h->data.size) {
		const struct perf_event_header *r = (const void *)(file + *at);

		ck_assert_uint_ge(r->size, sizeof(*r));
		ck_assert_uint_eq(r->size % 8, 0);
		*at += r->size;
		ck_assert_uint_le(*at, h->data.offset + h->data.size);
		if (r->type == type)
			return r;
	}
	return NULL;
}

START_TEST(all_is_there)
{
	static const struct perf_write_map vmm = {.pid = 100,
						  .tid = 100,
						  .start = 0x400000,
						  .size = 0x1000,
						  .offset = 0x2000,
						  .prot = 5,
						  .flags = 2,
						  .path = "/usr/bin/qemu-system-x86_64",
						  .major = 8,
						  .minor = 1,
						  .inode = 77};
	static const struct perf_write_map kernel = {.pid = (uint32_t)-1,
						     .start = 0xffffffff81000000,
						     .size = 0x1000000,
						     .offset = 0xffffffff81000000,
						     .path = "[kernel.kallsyms]_text",
						     .kernel = true};
	static const struct perf_write_map guest = {
		.pid = 100, .path = "[guest.kernel.kallsyms.100]_text", .kernel = true, .guest = true};
	static const uint8_t id[20] = {1, 2, 3};
	struct perf_write *w = begin();
	const struct perf_file_header *h;
	const struct perf_event_attr *a;
	struct perf_section s;
	const uint32_t *u;
	const char *r;
	uint64_t at = 0, size;
	char *file;
	size_t n;

	ck_assert_int_eq(perf_write_front(w, &kernel), 0);
	for (uint32_t i = 0; i < SAMPLES; i++) {
		/* out of order, as the rings of two CPUs are */
		struct sample x = make(i ^ 1);

		ck_assert_int_eq(perf_write_record(w, &x, sizeof(x)), 0);
	}
	ck_assert_int_eq(perf_write_comm(w, 5299, 100, 101, "CPU 0/KVM"), 0);
	ck_assert_int_eq(perf_write_mmap(w, &vmm), 0);
	ck_assert_int_eq(perf_write_round(w), 0);
	size = perf_write_size(w);
	ck_assert_int_eq(perf_write_front(w, &guest), 0);
	for (int i = 0; i < 3; i++)
		perf_write_build_id(w, PERF_RECORD_MISC_USER, -1, id, 20, "/usr/bin/qemu-system-x86_64");
	perf_write_build_id(w, PERF_RECORD_MISC_KERNEL, -1, id, 16, "[kernel.kallsyms]");
	perf_write_build_id(w, PERF_RECORD_MISC_KERNEL, -1, id, 21, "no build-id is so long");
	ck_assert_int_eq(perf_write_end(w, "{}", 2), 0);

	n = load(&file);
	h = (const void *)file;
	ck_assert_uint_eq(h->magic, PERF_MAGIC);
	ck_assert_uint_eq(h->data.offset + h->data.size, size);
	/* the event, and its ids: those that there are */
	ck_assert_uint_eq(h->attrs.size, h->attr_size);
	a = (const void *)(file + h->attrs.offset);
	ck_assert_uint_eq(a->size + sizeof(s), h->attr_size);
	ck_assert_uint_ge(a->size, PERF_ATTR_SIZE_VER5);
	ck_assert_uint_eq(a->sample_type, attr.sample_type);
	memcpy(&s, (const char *)a + a->size, sizeof(s));
	ck_assert_uint_eq(s.size, 16);
	ck_assert_int_eq(memcmp(file + s.offset, (const uint64_t[]){11, 13}, 16), 0);

	for (uint32_t i = 0; i < SAMPLES; i++) {
		struct sample x = make(i ^ 1);

		r = next(file, &at, PERF_RECORD_SAMPLE);
		MANY(r && !memcmp(r, &x, sizeof(x)));
	}
	ck_assert_ptr_null(next(file, &at, PERF_RECORD_SAMPLE));
	at = 0;
	ck_assert_ptr_nonnull(next(file, &at, PERF_USER_FINISHED_ROUND));
	ck_assert_ptr_null(next(file, &at, PERF_USER_FINISHED_ROUND));

	/* that of the guest came last and is in front of all but what was in front before, each once */
	at = 0;
	r = next(file, &at, PERF_RECORD_MMAP);
	ck_assert_uint_eq((uint64_t)(r - file), h->data.offset);
	ck_assert_str_eq(r + 40, "[kernel.kallsyms]_text");
	r = next(file, &at, PERF_RECORD_MMAP);
	ck_assert_str_eq(r + 40, "[guest.kernel.kallsyms.100]_text");
	ck_assert_ptr_null(next(file, &at, PERF_RECORD_MMAP));
	at = 0;
	r = next(file, &at, PERF_RECORD_MMAP);
	ck_assert_str_eq(r + 40, "[kernel.kallsyms]_text");
	ck_assert_uint_eq(*(const uint64_t *)(r + 16), kernel.start);
	ck_assert_uint_eq(*(const uint64_t *)(r + 32), kernel.offset);
	ck_assert_uint_eq(*(const uint64_t *)(file + at - 24), 0);
	at = 0;
	r = next(file, &at, PERF_RECORD_COMM);
	ck_assert_uint_eq(*(const uint32_t *)(r + 8), 100);
	ck_assert_uint_eq(*(const uint32_t *)(r + 12), 101);
	ck_assert_str_eq(r + 16, "CPU 0/KVM");
	ck_assert_uint_eq(*(const uint64_t *)(file + at - 24), 5000 + SAMPLES - 1);
	r = next(file, &at, PERF_RECORD_MMAP2);
	ck_assert_uint_eq(*(const uint64_t *)(r + 48), 77);
	ck_assert_uint_eq(*(const uint32_t *)(r + 64), 5);
	ck_assert_str_eq(r + 72, "/usr/bin/qemu-system-x86_64");

	ck_assert_str_eq(text(file, PERF_FEATURE_HOSTNAME), "host");
	ck_assert_str_eq(text(file, PERF_FEATURE_OSRELEASE), "6.1.0");
	ck_assert_str_eq(text(file, PERF_FEATURE_VERSION), "0.1");
	ck_assert_str_eq(text(file, PERF_FEATURE_ARCH), "x86_64");
	ck_assert_str_eq(text(file, PERF_FEATURE_CPUDESC), "A CPU");
	u = (const void *)(file + section(file, PERF_FEATURE_NRCPUS).offset);
	ck_assert_uint_eq(u[0], 3);
	ck_assert_uint_eq(u[1], 2);
	/* one event: how many, the size of its attributes, these, how many ids, its name, the ids */
	s = section(file, PERF_FEATURE_EVENT_DESC);
	u = (const void *)(file + s.offset);
	ck_assert_uint_eq(u[0], 1);
	ck_assert_uint_eq(u[1], a->size);
	ck_assert_int_eq(memcmp(u + 2, a, a->size), 0);
	u += 2 + a->size / 4;
	ck_assert_uint_eq(u[0], 2);
	ck_assert_uint_eq(u[1], 64);
	ck_assert_str_eq((const char *)(u + 2), "cpu-clock");
	ck_assert_int_eq(memcmp((const char *)(u + 2) + 64, (const uint64_t[]){11, 13}, 16), 0);
	ck_assert_uint_eq(s.size, 4 * 4 + a->size + 64 + 16);
	/* words of the command */
	u = (const void *)(file + section(file, PERF_FEATURE_CMDLINE).offset);
	ck_assert_uint_eq(u[0], 3);
	ck_assert_str_eq((const char *)(u + 2), "vmperf");
	ck_assert_str_eq((const char *)(u + 2 + 2 * 17), "record");
	s = section(file, PERF_FEATURE_SAMPLE_TIME);
	ck_assert_int_eq(memcmp(file + s.offset, (const uint64_t[]){5000, 5000 + SAMPLES - 1}, 16), 0);
	/* each once, sizes of whole records */
	s = section(file, PERF_FEATURE_BUILD_ID);
	r = file + s.offset;
	ck_assert_uint_eq(((const struct perf_build_id_record *)r)->size, 20);
	ck_assert_str_eq(((const struct perf_build_id_record *)r)->name, "/usr/bin/qemu-system-x86_64");
	r += ((const struct perf_event_header *)r)->size;
	ck_assert_uint_eq(((const struct perf_build_id_record *)r)->size, 16);
	ck_assert_int_eq(((const struct perf_build_id_record *)r)->pid, -1);
	r += ((const struct perf_event_header *)r)->size;
	ck_assert_uint_eq((uint64_t)(r - file), s.offset + s.size);
	/* ours, the last */
	s = section(file, 200);
	ck_assert_uint_eq(s.size, 2);
	ck_assert_int_eq(memcmp(file + s.offset, "{}", 2), 0);
	ck_assert_uint_eq(s.offset + s.size, n);
	free(file);
}
END_TEST

START_TEST(records_that_are_none)
{
	struct perf_write *w = begin();
	struct sample x = make(0);

	ck_assert_int_eq(perf_write_record(w, &x, 4), -EINVAL);
	ck_assert_int_eq(perf_write_record(w, &x, sizeof(x) - 8), -EINVAL);
	/* too short for a time, which is not looked for behind it then */
	x.h.size = 16;
	ck_assert_int_eq(perf_write_record(w, &x, 16), 0);
	x.h.type = PERF_RECORD_EXIT;
	ck_assert_int_eq(perf_write_record(w, &x, 16), 0);
	ck_assert_int_eq(perf_write_end(w, "", 0), 0);
}
END_TEST

START_TEST(front_has_bounds)
{
	static const struct perf_write_map m = {.path = "[a_module]", .kernel = true, .guest = true};
	struct perf_write *w = begin();
	struct sample x = make(0);
	uint64_t at = 0, n = 0, found = 0;
	char *file;

	while (!perf_write_front(w, &m))
		MANY(++n < 1000000);
	ck_assert_int_eq(perf_write_record(w, &x, sizeof(x)), 0);
	ck_assert_int_eq(perf_write_end(w, "", 0), 0);
	load(&file);
	while (next(file, &at, PERF_RECORD_MMAP))
		found++;
	ck_assert_uint_eq(found, n);
	ck_assert_uint_gt(n, 500);
	at = 0;
	ck_assert_int_eq(memcmp(next(file, &at, PERF_RECORD_SAMPLE), &x, sizeof(x)), 0);
	/* nothing lies over the event's description */
	ck_assert_str_eq(text(file, PERF_FEATURE_HOSTNAME), "host");
	ck_assert_uint_ge(((const struct perf_file_header *)file)->data.offset,
			  ((const struct perf_file_header *)file)->attrs.offset +
				  ((const struct perf_file_header *)file)->attrs.size);
	free(file);
}
END_TEST

START_TEST(the_one_before_is_kept)
{
	char *file;

	ck_assert_int_eq(perf_write_end(begin(), "{\"a\":1}", 7), 0);
	ck_assert_int_eq(perf_write_end(begin(), "{}", 2), 0);
	ck_assert_int_eq(rename(old, path), 0);
	load(&file);
	ck_assert_uint_eq(section(file, 200).size, 7);
	free(file);
}
END_TEST

START_TEST(killed)
{
	static const struct perf_write_map m = {.path = "[kernel.kallsyms]_text", .kernel = true};
	const struct perf_file_header *h;
	struct sample x = make(0);
	struct perf_write *w;
	uint64_t at = 0;
	char *file;
	size_t n;
	pid_t pid = fork();

	if (!pid) {
		w = begin();
		perf_write_front(w, &m);
		perf_write_record(w, &x, sizeof(x));
		perf_write_round(w);
		raise(SIGKILL);
	}
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	n = load(&file);
	h = (const void *)file;
	/* as perf has it: not finished, no sections; the records are there nevertheless */
	ck_assert_uint_eq(h->data.size, 0);
	ck_assert(!h->features[0] && !h->features[1] && !h->features[2] && !h->features[3]);
	((struct perf_file_header *)file)->data.size = n - h->data.offset;
	ck_assert_ptr_nonnull(next(file, &at, PERF_RECORD_MMAP));
	ck_assert_int_eq(memcmp(next(file, &at, PERF_RECORD_SAMPLE), &x, sizeof(x)), 0);
	free(file);
}
END_TEST

START_TEST(no_room)
{
	const struct perf_file_header *h;
	struct sample x = make(0);
	struct rlimit was, limit;
	uint64_t at = 0, n = 0;
	struct perf_write *w;
	int rc = 0;
	char *file;

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	/* in the midst of a record; what is found fault with is said once and again */
	limit.rlim_cur = 1000003;
	setrlimit(RLIMIT_FSIZE, &limit);
	w = begin();
	for (uint32_t i = 0; i < 100000 && !rc; i++)
		rc = perf_write_record(w, &x, sizeof(x));
	ck_assert_int_eq(rc, -EFBIG);
	ck_assert_int_eq(perf_write_record(w, &x, sizeof(x)), -EFBIG);
	ck_assert_int_eq(perf_write_round(w), -EFBIG);
	ck_assert_int_eq(perf_write_end(w, "{}", 2), -EFBIG);
	setrlimit(RLIMIT_FSIZE, &was);
	load(&file);
	h = (const void *)file;
	while (next(file, &at, PERF_RECORD_SAMPLE))
		n++;
	/* all that there was room for, though no sections */
	ck_assert_uint_eq(n, (limit.rlim_cur - h->data.offset) / sizeof(x));
	ck_assert(!h->features[0] && !h->features[1] && !h->features[2] && !h->features[3]);
	free(file);
}
END_TEST

/* Where not even what comes first fits. */
START_TEST(no_room_at_all)
{
	static const struct perf_write_map m = {.path = "[kernel.kallsyms]_text", .kernel = true};
	const struct rlimit limit = {1000, RLIM_INFINITY};
	const struct perf_file_header *h;
	struct sample x = make(0);
	struct perf_write *w;
	char *file;

	signal(SIGXFSZ, SIG_IGN);
	w = begin();
	ck_assert_int_eq(perf_write_front(w, &m), 0);
	ck_assert_int_eq(perf_write_record(w, &x, sizeof(x)), 0);
	setrlimit(RLIMIT_FSIZE, &limit);
	ck_assert_int_eq(perf_write_round(w), -EFBIG);
	ck_assert_int_eq(perf_write_end(w, "{}", 2), -EFBIG);
	load(&file);
	h = (const void *)file;
	ck_assert_uint_eq(h->data.size, 0);
	free(file);
}
END_TEST

START_TEST(is_no_file)
{
	const struct perf_write_info info = {.attr = &attr, .attr_size = sizeof(attr)};
	struct perf_write *w;
	struct stat st;

	/* none of the system's own: what is wrong here would rename it */
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(perf_write_new(path, &info, &w), -EINVAL);
	unlink(path);
	ck_assert_int_eq(perf_write_new("/", &info, &w), -EINVAL);
	ck_assert_int_eq(perf_write_new("/nowhere/at/all", &info, &w), -ENOENT);
	/* a link could lead root anywhere */
	ck_assert_int_eq(symlink("/tmp/perf_write_test.target", path), 0);
	ck_assert_int_eq(perf_write_new(path, &info, &w), -EINVAL);
	ck_assert_int_ne(lstat("/tmp/perf_write_test.target", &st), 0);
	unlink(path);
	/* only its owner can read it */
	ck_assert_int_eq(perf_write_end(begin(), "", 0), 0);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("perf_write");

	tcase_add_checked_fixture(u.tcase, set_up, tear_down);
	UNIT_ADD(u, all_is_there);
	UNIT_ADD(u, records_that_are_none);
	UNIT_ADD(u, front_has_bounds);
	UNIT_ADD(u, the_one_before_is_kept);
	UNIT_ADD(u, killed);
	UNIT_ADD(u, no_room);
	UNIT_ADD(u, no_room_at_all);
	UNIT_ADD(u, is_no_file);
	return unit_run(u);
}
