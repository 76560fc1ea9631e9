// SPDX-License-Identifier: GPL-2.0-only
#include "resctrl_tree.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "hostinfo.h"
#include "proc.h"

#define PREFIX "vmperf-"

const char *const tree_files[RESCTRL_EVENTS] = {"llc_occupancy", "mbm_total_bytes", "mbm_local_bytes"};

_Static_assert(RESCTRL_EVENT(EVENT_LLC_OCCUPANCY) == 0 && RESCTRL_EVENT(EVENT_BANDWIDTH) == 1 &&
		       RESCTRL_EVENT(EVENT_BANDWIDTH_LOCAL) == 2 && RESCTRL_EVENTS == 3,
	       "tree_files[]");

bool tree_path(const struct tree *t, char ret[PATH_MAX], const char *fmt, ...)
{
	int n = snprintf(ret, PATH_MAX, "%s" RESCTRL_MOUNT "/", t->root), m;
	va_list ap;

	if (n >= PATH_MAX)
		return false;
	va_start(ap, fmt);
	m = vsnprintf(ret + n, (size_t)(PATH_MAX - n), fmt, ap);
	va_end(ap);
	return m < PATH_MAX - n;
}

bool tree_init(struct tree *t, const char *root)
{
	struct proc_stat st;
	char text[2048];

	if (!hostinfo_file(root, text, sizeof(text), "/proc/self/stat") || !proc_parse_stat(text, &st))
		return false;
	*t = (struct tree){.root = mem_strdup(root)};
	snprintf(t->own, sizeof(t->own), PREFIX "%d-%" PRIu64 "-", getpid(), st.start_ticks);
	return true;
}

static void add_group(struct tree *t, const char *path, bool monitor, bool own)
{
	t->groups = mem_resize(t->groups, t->ngroups + 1, sizeof(*t->groups));
	t->groups[t->ngroups++] = (struct tree_group){mem_strdup(path), monitor, own};
}

/* Adds the groups that are directories of one group: its monitoring groups, or the root's control groups. */
static void add_groups(struct tree *t, const char *parent, bool monitor)
{
	char path[PATH_MAX], name[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (!tree_path(t, path, "%s", parent) || !(d = opendir(path)))
		return;
	while ((e = readdir(d)) != NULL) {
		/* a control group cannot have one of these names */
		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    (!monitor && (!strcmp(e->d_name, "info") || !strcmp(e->d_name, "mon_groups") ||
				  !strcmp(e->d_name, "mon_data"))))
			continue;
		if (snprintf(name, sizeof(name), "%s%s/", parent, e->d_name) < (int)sizeof(name))
			add_group(t, name, monitor, monitor && !strncmp(e->d_name, t->own, strlen(t->own)));
	}
	closedir(d);
}

static void free_groups(struct tree *t)
{
	for (size_t i = 0; i < t->ngroups; i++)
		free(t->groups[i].path);
	t->ngroups = 0;
	t->nplaces = 0;
}

static void find_groups(struct tree *t)
{
	char path[PATH_MAX];
	size_t controls;

	free_groups(t);
	add_group(t, "", false, false);
	add_groups(t, "", false);
	controls = t->ngroups;
	for (size_t i = 0; i < controls; i++)
		if (snprintf(path, sizeof(path), "%smon_groups/", t->groups[i].path) < (int)sizeof(path))
			add_groups(t, path, true);
}

static void add_places(struct tree *t, uint32_t group)
{
	char path[PATH_MAX];
	uint32_t tid;
	FILE *f;

	if (!tree_path(t, path, "%stasks", t->groups[group].path) || !(f = fopen(path, "re")))
		return;
	while (fscanf(f, "%" SCNu32, &tid) == 1) {
		t->places = mem_resize(t->places, t->nplaces + 1, sizeof(*t->places));
		t->places[t->nplaces++] = (struct tree_place){tid, group};
	}
	fclose(f);
}

static int by_tid(const void *a, const void *b)
{
	const struct tree_place *x = a, *y = b;

	if (x->tid != y->tid)
		return x->tid < y->tid ? -1 : 1;
	return x->group < y->group ? -1 : x->group > y->group;
}

void tree_scan(struct tree *t)
{
	find_groups(t);
	/* who is in no other group is in the root's, and what was moved into own ones is known */
	for (uint32_t i = 1; i < t->ngroups; i++)
		if (!t->groups[i].own)
			add_places(t, i);
	if (t->nplaces)
		qsort(t->places, t->nplaces, sizeof(*t->places), by_tid);
}

const struct tree_group *tree_find(const struct tree *t, uint32_t tid)
{
	size_t low = 0, high = t->nplaces;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (t->places[mid].tid <= tid)
			low = mid + 1;
		else
			high = mid;
	}
	/* a control group has the threads of its monitoring groups, too, which stand behind it */
	return &t->groups[low && t->places[low - 1].tid == tid ? t->places[low - 1].group : 0];
}

/* Adds what one file says; false when that is no number: "Unavailable", "Unassigned", "Error". */
static bool add_number(const struct tree *t, const char *path, const char *domain, const char *file,
		       uint64_t *sum)
{
	char text[64], *end;
	uint64_t n;

	if (!hostinfo_file(t->root, text, sizeof(text), RESCTRL_MOUNT "/%smon_data/%s/%s", path, domain,
			   file) ||
	    *text < '0' || *text > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end)
		return false;
	*sum += n;
	return true;
}

bool tree_read(const struct tree *t, const char *group, const bool has[RESCTRL_EVENTS],
	       uint64_t now[RESCTRL_EVENTS], bool known[RESCTRL_EVENTS])
{
	unsigned int domains = 0;
	char path[PATH_MAX];
	struct dirent *e;
	DIR *d;

	if (!tree_path(t, path, "%smon_data", group) || !(d = opendir(path)))
		return false;
	for (int i = 0; i < RESCTRL_EVENTS; i++) {
		now[i] = 0;
		known[i] = has[i];
	}
	while ((e = readdir(d)) != NULL) {
		if (strncmp(e->d_name, "mon_L3_", 7))
			continue;
		domains++;
		for (int i = 0; i < RESCTRL_EVENTS; i++)
			known[i] = known[i] && add_number(t, group, e->d_name, tree_files[i], &now[i]);
	}
	closedir(d);
	return domains > 0;
}

void tree_remove(const struct tree *t, const char *group)
{
	char path[PATH_MAX];

	if (tree_path(t, path, "%s", group) && rmdir(path) && errno != ENOENT)
		log_warn("%s: %s", path, strerror(errno));
}

/* Whether a group is that of a vmperf that is no longer alive. */
static bool left_behind(const struct tree *t, const struct tree_group *g)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK), ticks;
	const char *name = strstr(g->path, "mon_groups/" PREFIX);
	char proc[PATH_MAX];
	uint32_t pid;
	bool alive;
	int dir;

	if (!g->monitor || g->own || !name ||
	    sscanf(name, "mon_groups/" PREFIX "%" SCNu32 "-%" SCNu64 "-", &pid, &ticks) != 2 ||
	    snprintf(proc, sizeof(proc), "%s/proc", t->root) >= (int)sizeof(proc))
		return false;
	dir = proc_open(proc, pid);
	if (dir < 0)
		return true;
	alive = proc_is(dir, ticks * (1000000000U / hz), NULL);
	close(dir);
	return !alive;
}

void tree_sweep(struct tree *t)
{
	find_groups(t);
	for (size_t i = 0; i < t->ngroups; i++)
		if (left_behind(t, &t->groups[i]))
			tree_remove(t, t->groups[i].path);
}

void tree_free(struct tree *t)
{
	free_groups(t);
	free(t->groups);
	free(t->places);
	free(t->root);
}
