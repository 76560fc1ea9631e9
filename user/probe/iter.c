// SPDX-License-Identifier: GPL-2.0-only
#include "iter.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "vms.skel.h"

struct iter {
	struct vms_bpf *bpf;
	struct bpf_link *files, *threads;
	struct probe_process *asked; /* what the map vm_pids holds, by pid */
	size_t nasked;
};

/* Reads an iterator to its end, by records of this size; 0 or -errno. */
static int read_all(struct bpf_link *link, size_t size, void (*fn)(const void *record, void *arg), void *arg)
{
	union {
		struct vmp_file file;
		struct vmp_thread thread;
		char bytes[4096];
	} b;
	int fd = bpf_iter_create(bpf_link__fd(link)), err = 0;
	ssize_t n;

	if (fd < 0)
		return fd;
	while ((n = read(fd, b.bytes, sizeof(b) / size * size)) != 0) {
		if (n < 0) {
			if (errno == EINTR || errno == EAGAIN)
				continue;
			err = -errno;
			break;
		}
		/* the kernel gives whole records: it fills its buffer by them, and ours is a multiple */
		for (size_t i = 0; i < (size_t)n / size; i++)
			fn(b.bytes + i * size, arg);
	}
	close(fd);
	return err;
}

static void no_record(const void *record, void *arg)
{
	(void)record, (void)arg;
}

int iter_run(struct bpf_link *link)
{
	return read_all(link, 1, no_record, NULL);
}

int iter_open(struct iter **ret)
{
	struct iter *it = *ret = mem_zalloc(1, sizeof(*it));

	it->bpf = vms_bpf__open_and_load();
	if (!it->bpf)
		return -errno;
	it->files = bpf_program__attach_iter(it->bpf->progs.vm_files, NULL);
	if (!it->files)
		return -errno;
	it->threads = bpf_program__attach_iter(it->bpf->progs.vm_threads, NULL);
	if (!it->threads)
		log_info("threads that run no vCPU are not seen: %s", strerror(errno));
	return 0;
}

struct files_reader {
	probe_file_fn fn;
	void *arg;
};

static void on_file(const void *record, void *arg)
{
	const struct files_reader *r = arg;

	r->fn(record, r->arg);
}

int iter_files(struct iter *it, probe_file_fn fn, void *arg)
{
	struct files_reader r = {fn, arg};

	return it && it->files ? read_all(it->files, sizeof(struct vmp_file), on_file, &r) : -ENOENT;
}

static int by_pid(const void *a, const void *b)
{
	const struct probe_process *x = a, *y = b;

	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return x->start_ns < y->start_ns ? -1 : x->start_ns > y->start_ns;
}

/* Sorts by pid; of those with the same pid the youngest stays.  Their number. */
static size_t sort(struct probe_process *p, size_t n)
{
	size_t left = 0;

	if (n)
		qsort(p, n, sizeof(*p), by_pid);
	for (size_t i = 0; i < n; i++)
		if (i + 1 == n || p[i].pid != p[i + 1].pid)
			p[left++] = p[i];
	return left;
}

/* Brings the map vm_pids to hold these processes, by pid, and no others. */
static int ask_for(struct iter *it, struct probe_process *processes, size_t n)
{
	int fd = bpf_map__fd(it->bpf->maps.vm_pids), err = 0;
	size_t i = 0, old = 0;

	while (i < n || old < it->nasked) {
		struct probe_process *new = i < n ? &processes[i] : NULL;
		const struct probe_process *was = old < it->nasked ? &it->asked[old] : NULL;
		struct vmp_process value = {0};

		if (!new || (was && was->pid < new->pid)) {
			bpf_map_delete_elem(fd, &was->pid);
			old++;
			continue;
		}
		if (!was || was->pid > new->pid || was->start_ns != new->start_ns) {
			value.start_ns = new->start_ns;
			if (bpf_map_update_elem(fd, &new->pid, &value, BPF_ANY)) {
				err = -errno;
				new->start_ns = 0; /* tried again the next time */
			}
		}
		old += was && was->pid == new->pid;
		i++;
	}
	it->asked = mem_resize(it->asked, n + 1, sizeof(*it->asked));
	memcpy(it->asked, processes, n * sizeof(*it->asked));
	it->nasked = n;
	return err;
}

struct threads_reader {
	probe_thread_fn fn;
	void *arg;
};

static void on_thread(const void *record, void *arg)
{
	const struct threads_reader *r = arg;

	r->fn(record, r->arg);
}

int iter_threads(struct iter *it, struct probe_process *processes, size_t n, probe_thread_fn fn, void *arg)
{
	struct threads_reader r = {fn, arg};
	int err;

	if (!it || !it->threads)
		return -ENOENT;
	err = ask_for(it, processes, sort(processes, n));
	return err ? err : read_all(it->threads, sizeof(struct vmp_thread), on_thread, &r);
}

void iter_close(struct iter *it)
{
	if (!it)
		return;
	bpf_link__destroy(it->threads);
	bpf_link__destroy(it->files);
	vms_bpf__destroy(it->bpf);
	free(it->asked);
	free(it);
}
