/* SPDX-License-Identifier: GPL-2.0-only */
/* The tree of resctrl: its groups, the threads in them, and what they show.  Nothing is known of VMs here. */
#ifndef VMPERF_HOST_RESCTRL_TREE_H
#define VMPERF_HOST_RESCTRL_TREE_H

#include "resctrl.h"

#include <limits.h>

#define RESCTRL_MOUNT "/sys/fs/resctrl"

struct tree_group {
	char *path; /* below the mount point, each part followed by a slash; "" the root's */
	bool monitor;
	bool own; /* a monitoring group of this vmperf */
};

/* A thread that is in another group than the root's. */
struct tree_place {
	uint32_t tid;
	uint32_t group;
};

struct tree {
	char *root;   /* what the host's files are below */
	char own[64]; /* what the names of this vmperf's groups begin with: "vmperf-PID-START-" */
	struct tree_group *groups; /* control groups first, the root's the first of them */
	size_t ngroups;
	struct tree_place *places; /* by tid, then group */
	size_t nplaces;
};

/* False: /proc does not tell when this process was started. */
bool tree_init(struct tree *t, const char *root);
void tree_free(struct tree *t);

/* The path of a file of the tree, printf-like; false: it is too long. */
bool tree_path(const struct tree *t, char ret[PATH_MAX], const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Removes the groups of a vmperf that is no longer alive. */
void tree_sweep(struct tree *t);

/* Finds all groups, and the threads in those that are not own. */
void tree_scan(struct tree *t);

/* The group that the thread was in then; who was in an own one is in the control group above it. */
const struct tree_group *tree_find(const struct tree *t, uint32_t tid);

/* What the group shows, summed over the caches, for those in has; false: the group is gone. */
bool tree_read(const struct tree *t, const char *group, const bool has[RESCTRL_EVENTS],
	       uint64_t now[RESCTRL_EVENTS], bool known[RESCTRL_EVENTS]);

/* Removes a group; its threads fall back to the control group above it. */
void tree_remove(const struct tree *t, const char *group);

/* The kernel's name of an event, by its place in RESCTRL_EVENTS. */
extern const char *const tree_files[RESCTRL_EVENTS];

#endif
