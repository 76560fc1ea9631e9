// SPDX-License-Identifier: GPL-2.0-only
#include "vm_processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "proc.h"

/* What /proc/PID/fd has of a VM itself (virt/kvm/kvm_main.c, kvm_dev_ioctl_create_vm()). */
#define VM_FILE "anon_inode:kvm-vm"

/* dir: of the process. */
static bool has_vm(int dir, bool *hidden)
{
	int fds = openat(dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fds < 0 ? NULL : fdopendir(fds);
	const struct dirent *e;
	bool found = false;

	if (!d) {
		*hidden |= errno == EACCES;
		if (fds >= 0)
			close(fds);
		return false;
	}
	while (!found && (e = readdir(d))) {
		char to[sizeof(VM_FILE) + 1];
		ssize_t n = readlinkat(fds, e->d_name, to, sizeof(to));

		*hidden |= n < 0 && errno == EACCES;
		found = n == (ssize_t)sizeof(VM_FILE) - 1 && !memcmp(to, VM_FILE, (size_t)n);
	}
	closedir(d);
	return found;
}

static void look(struct vm_processes *ret, const char *proc, uint32_t pid)
{
	uint64_t tick_ns = 1000000000U / (uint64_t)sysconf(_SC_CLK_TCK);
	int dir = proc_open(proc, pid);
	struct proc_stat st;

	if (dir >= 0 && has_vm(dir, &ret->hidden) && proc_stat_of(dir, &st)) {
		struct vm_process *p;

		ret->items = mem_resize(ret->items, ret->n + 1, sizeof(*ret->items));
		p = &ret->items[ret->n++];
		*p = (struct vm_process){.pid = pid, .start_ns = st.start_ticks * tick_ns};
		memcpy(p->comm, st.comm, sizeof(p->comm));
	}
	if (dir >= 0)
		close(dir);
}

static int by_pid(const void *a, const void *b)
{
	const struct vm_process *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

void vm_processes_read(struct vm_processes *ret, const char *proc)
{
	DIR *d = opendir(proc);
	const struct dirent *e;

	*ret = (struct vm_processes){0};
	while (d && (e = readdir(d))) {
		char *end;
		unsigned long pid = strtoul(e->d_name, &end, 10);

		if (e->d_name[0] >= '1' && e->d_name[0] <= '9' && !*end && pid <= INT32_MAX)
			look(ret, proc, (uint32_t)pid);
	}
	if (d)
		closedir(d);
	if (ret->n)
		qsort(ret->items, ret->n, sizeof(*ret->items), by_pid);
}

void vm_processes_free(struct vm_processes *p)
{
	free(p->items);
	*p = (struct vm_processes){0};
}
