// SPDX-License-Identifier: GPL-2.0-only
#include "resctrl_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "hostinfo.h"

struct threads {
	uint32_t *tids; /* sorted */
	size_t n;
};

/* A monitoring group that a VM is read from. */
struct source {
	char *path;
	bool own, made;
	struct threads in;     /* it, at this reading */
	struct threads before; /* at the last one: these need not be moved */
	bool seen[RESCTRL_EVENTS];
	uint64_t last[RESCTRL_EVENTS];
};

struct vm {
	uint32_t pid;
	uint64_t start_ns;
	struct source *sources;
	size_t n;
	uint64_t total[RESCTRL_EVENTS]; /* of the bandwidths */
};

struct resctrl {
	struct tree tree;
	struct resctrl_host host;
	struct vm *vms;
	size_t nvms;
	bool told; /* that a group could not be made */
};

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *p = text; p; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (!strncmp(p, line, len) && (p[len] == '\n' || !p[len]))
			return true;
	}
	return false;
}

void resctrl_look(const char *root, struct resctrl_host *ret)
{
	char text[8192];

	*ret = (struct resctrl_host){.status = RESCTRL_NONE};
	if (!hostinfo_exists(root, RESCTRL_MOUNT "/info")) {
		hostinfo_file(root, text, sizeof(text), "/proc/filesystems");
		if (has_line(text, "nodev\tresctrl"))
			ret->status = RESCTRL_UNMOUNTED;
		return;
	}
	ret->status = RESCTRL_NO_MONITOR;
	if (hostinfo_file(root, text, sizeof(text), RESCTRL_MOUNT "/info/L3_MON/num_rmids"))
		ret->rmids = (unsigned int)strtoul(text, NULL, 10);
	hostinfo_file(root, text, sizeof(text), RESCTRL_MOUNT "/info/L3_MON/mon_features");
	for (int i = 0; i < RESCTRL_EVENTS; i++) {
		ret->has[i] = has_line(text, tree_files[i]);
		if (ret->has[i])
			ret->status = RESCTRL_READY;
	}
}

const struct resctrl_host *resctrl_host(const struct resctrl *r)
{
	return &r->host;
}

void resctrl_begin(struct resctrl *r)
{
	tree_scan(&r->tree);
}

static struct source *source_of(struct resctrl *r, struct vm *v, uint32_t tid)
{
	const struct tree_group *g = tree_find(&r->tree, tid);
	char path[PATH_MAX];

	if (g->monitor)
		snprintf(path, sizeof(path), "%s", g->path);
	else
		snprintf(path, sizeof(path), "%smon_groups/%s%" PRIu32 "/", g->path, r->tree.own, v->pid);
	for (size_t i = 0; i < v->n; i++)
		if (!strcmp(v->sources[i].path, path))
			return &v->sources[i];
	v->sources = mem_resize(v->sources, v->n + 1, sizeof(*v->sources));
	v->sources[v->n] = (struct source){.path = mem_strdup(path), .own = !g->monitor};
	return &v->sources[v->n++];
}

static void free_source(const struct resctrl *r, struct source *s)
{
	if (s->own)
		tree_remove(&r->tree, s->path);
	free(s->path);
	free(s->in.tids);
	free(s->before.tids);
}

static bool make(struct resctrl *r, struct source *s)
{
	char path[PATH_MAX];

	if (!tree_path(&r->tree, path, "%s", s->path))
		return false;
	if (!mkdir(path, 0755)) {
		memset(s->seen, 0, sizeof(s->seen));
		return s->made = true;
	}
	if (errno == EEXIST)
		return s->made = true;
	/* its control group is gone: at the next reading the threads are found elsewhere */
	if (errno == ENOENT || r->told)
		return false;
	r->told = true;
	/* EBUSY: those that are left wait until their last user's data has left the cache */
	if (errno == ENOSPC || errno == EBUSY)
		log_warn("resctrl: all %u monitoring IDs are in use; VMs without one have no cmt, mbmt, mbml",
			 r->host.rmids);
	else
		log_warn("%s: %s; VMs have no cmt, mbmt, mbml", path, strerror(errno));
	return false;
}

static int tid_order(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Moves the threads that are not in the group yet; false: one is not in it now. */
static bool move(const struct resctrl *r, struct source *s)
{
	char path[PATH_MAX], text[16];
	bool ok = true;
	int fd = -1;

	for (size_t i = 0; ok && i < s->in.n; i++) {
		const uint32_t *tid = &s->in.tids[i];

		if (s->before.n && bsearch(tid, s->before.tids, s->before.n, sizeof(*tid), tid_order))
			continue;
		if (fd < 0 && tree_path(&r->tree, path, "%stasks", s->path))
			fd = open(path, O_WRONLY | O_CLOEXEC);
		/* kernels before 6.7 take one at a time; a thread that has ended needs no group */
		ok = fd >= 0 &&
		     (write(fd, text, (size_t)snprintf(text, sizeof(text), "%" PRIu32 "\n", *tid)) > 0 ||
		      errno == ESRCH);
	}
	if (fd >= 0)
		close(fd);
	return ok;
}

/* Has the group and its threads in it, and reads it; one that somebody has removed is made anew. */
static bool read_source(struct resctrl *r, struct source *s, uint64_t now[RESCTRL_EVENTS],
			bool known[RESCTRL_EVENTS])
{
	if (!s->own)
		return tree_read(&r->tree, s->path, r->host.has, now, known);
	for (int try = 0; try < 2; try++) {
		if ((s->made || make(r, s)) && move(r, s) &&
		    tree_read(&r->tree, s->path, r->host.has, now, known))
			return true;
		s->made = false;
		s->before.n = 0;
	}
	/* which of them are in it is not known */
	s->in.n = 0;
	return false;
}

static struct vm *find_vm(const struct resctrl *r, uint32_t pid, uint64_t start_ns)
{
	for (size_t i = 0; i < r->nvms; i++)
		if (r->vms[i].pid == pid && r->vms[i].start_ns == start_ns)
			return &r->vms[i];
	return NULL;
}

/* Which threads each source has now; one that has none is given up. */
static void place(struct resctrl *r, struct vm *v, const uint32_t *tids, size_t n)
{
	size_t kept = 0;

	for (size_t i = 0; i < v->n; i++) {
		struct source *s = &v->sources[i];
		struct threads last = s->in;

		s->in = s->before;
		s->in.n = 0;
		s->before = last;
	}
	for (size_t i = 0; i < n; i++) {
		struct threads *in = &source_of(r, v, tids[i])->in;

		in->tids = mem_resize(in->tids, in->n + 1, sizeof(*in->tids));
		in->tids[in->n++] = tids[i];
	}
	for (size_t i = 0; i < v->n; i++)
		if (v->sources[i].in.n) {
			qsort(v->sources[i].in.tids, v->sources[i].in.n, sizeof(uint32_t), tid_order);
			v->sources[kept++] = v->sources[i];
		} else {
			free_source(r, &v->sources[i]);
		}
	v->n = kept;
}

void resctrl_vm(struct resctrl *r, uint32_t pid, uint64_t start_ns, const uint32_t *tids, size_t n,
		struct vmp_count ret[RESCTRL_EVENTS])
{
	uint64_t now[RESCTRL_EVENTS], occupancy = 0;
	bool known[RESCTRL_EVENTS], all[RESCTRL_EVENTS];
	struct vm *v = find_vm(r, pid, start_ns);

	memset(ret, 0, RESCTRL_EVENTS * sizeof(*ret));
	if (!n)
		return;
	if (!v) {
		r->vms = mem_resize(r->vms, r->nvms + 1, sizeof(*r->vms));
		v = &r->vms[r->nvms++];
		*v = (struct vm){.pid = pid, .start_ns = start_ns};
	}
	place(r, v, tids, n);
	memcpy(all, r->host.has, sizeof(all));
	for (size_t i = 0; i < v->n; i++) {
		struct source *s = &v->sources[i];
		bool there = read_source(r, s, now, known);

		for (int e = 0; e < RESCTRL_EVENTS; e++) {
			all[e] = all[e] && there && known[e];
			if (!there || !known[e])
				continue;
			if (e == RESCTRL_EVENT(EVENT_LLC_OCCUPANCY))
				occupancy += now[e];
			else if (s->seen[e] && now[e] > s->last[e])
				v->total[e] += now[e] - s->last[e];
			s->seen[e] = true;
			s->last[e] = now[e];
		}
	}
	for (int e = 0; e < RESCTRL_EVENTS; e++)
		if (all[e])
			ret[e] = (struct vmp_count){
				e == RESCTRL_EVENT(EVENT_LLC_OCCUPANCY) ? occupancy : v->total[e], 1, 1};
}

static void free_vm(const struct resctrl *r, struct vm *v)
{
	for (size_t i = 0; i < v->n; i++)
		free_source(r, &v->sources[i]);
	free(v->sources);
}

void resctrl_forget(struct resctrl *r, uint32_t pid, uint64_t start_ns)
{
	struct vm *v = find_vm(r, pid, start_ns);

	if (!v)
		return;
	free_vm(r, v);
	*v = r->vms[--r->nvms];
}

const char *resctrl_missing(const struct resctrl_host *h)
{
	switch (h->status) {
	case RESCTRL_READY:
		return NULL;
	case RESCTRL_UNMOUNTED:
		return "resctrl is not mounted: mount -t resctrl resctrl " RESCTRL_MOUNT;
	case RESCTRL_NO_MONITOR:
		return "the CPU's cache can be partitioned, but not be monitored";
	default:
		return "the CPU or the kernel has no resctrl";
	}
}

struct resctrl *resctrl_open(const char *root, char *why, size_t size)
{
	struct resctrl *r = mem_zalloc(1, sizeof(*r));
	char path[PATH_MAX];

	resctrl_look(root, &r->host);
	if (resctrl_missing(&r->host))
		snprintf(why, size, "%s", resctrl_missing(&r->host));
	else if (!tree_init(&r->tree, root))
		snprintf(why, size, "/proc does not tell when vmperf was started");
	else if (!tree_path(&r->tree, path, "mon_groups") || faccessat(AT_FDCWD, path, W_OK, AT_EACCESS))
		snprintf(why, size, "no monitoring group can be made in " RESCTRL_MOUNT ": %s%s",
			 strerror(errno), errno == EACCES ? "; run vmperf as root (sudo)" : "");
	else {
		tree_sweep(&r->tree);
		return r;
	}
	resctrl_close(r);
	return NULL;
}

void resctrl_close(struct resctrl *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->nvms; i++)
		free_vm(r, &r->vms[i]);
	free(r->vms);
	tree_free(&r->tree);
	free(r);
}
