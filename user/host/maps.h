/* SPDX-License-Identifier: GPL-2.0-only */
/* What a process has mapped: /proc/PID/maps (proc(5)). */
#ifndef VMPERF_HOST_MAPS_H
#define VMPERF_HOST_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct map {
	uint64_t start, end; /* [start, end) */
	uint64_t offset;     /* of start, in the file */
	uint32_t prot;       /* PROT_READ, _WRITE, _EXEC */
	bool shared;
	bool deleted; /* the file has no name any more: path is what it was */
	uint32_t major, minor;
	uint64_t inode;
	char *path; /* raw bytes; "" memory without a file, "[heap]", "[vdso]" … */
};

struct maps {
	size_t n;
	struct map *items; /* by address */
};

/*
 * Those of a process, of at most MAPS_MAX mappings; root: "", tests give a
 * tree of their own.  0, or -errno (-ENOENT, -ESRCH: it has ended; -EACCES).
 */
#define MAPS_MAX 200000
int maps_read(struct maps *ret, const char *root, uint32_t pid);

/* The same from text; lines that are none are left out. */
void maps_parse(struct maps *ret, const char *text, size_t len);

/* The mapping that holds addr; NULL: none. */
const struct map *maps_find(const struct maps *m, uint64_t addr);

void maps_free(struct maps *m);

/*
 * What is needed to read the file of a mapping, also one that lies in another
 * mount namespace or has no name any more: below root/proc/PID/root the path, else
 * below root, as long as the file there is still that one (device and inode), else
 * map_files, which takes CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE.  False: it
 * cannot be read.
 */
bool maps_file(const struct map *m, const char *root, uint32_t pid, char *path, size_t size);

/* The same of the first file of that name (deleted or not) that the process has mapped to be executed. */
bool maps_file_named(const char *root, uint32_t pid, const char *file, char *path, size_t size);

#endif
