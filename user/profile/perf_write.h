/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Writes perf.data files, as perf record makes them, so that perf report,
 * perf script, hotspot and others read them.  One section more, which others
 * skip, has what only vmperf knows (a JSON object, see perf_section.h).
 */
#ifndef VMPERF_PROFILE_PERF_WRITE_H
#define VMPERF_PROFILE_PERF_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../lib/buf.h"

struct perf_write;

struct perf_write_info {
	const void *attr; /* struct perf_event_attr */
	size_t attr_size;
	const char *event;
	const uint64_t *ids; /* of the event, by CPU */
	uint32_t nids;
	const char *hostname, *kernel, *arch, *version, *cpudesc;
	uint32_t cpus_online, cpus_possible;
	int argc;
	char *const *argv;
};

/* 0 or -errno; nothing is at path before perf_write_end() but a file that says that it is not finished. */
int perf_write_new(const char *path, const struct perf_write_info *info, struct perf_write **ret);

/* A record as the kernel gave it, or made by the functions below. */
int perf_write_record(struct perf_write *w, const void *record, size_t size);

/* Records about processes: names and mappings that were there before. */
int perf_write_comm(struct perf_write *w, uint32_t pid, uint32_t tid, const char *comm);
struct perf_write_map {
	uint32_t pid, tid;
	uint64_t start, size, offset;
	uint32_t prot, flags;
	const char *path;
	const uint8_t *build_id;
	uint32_t build_id_size; /* 0: none */
	uint32_t major, minor;
	uint64_t inode;
	bool kernel, guest;
};
int perf_write_mmap(struct perf_write *w, const struct perf_write_map *m);

/* For the table of build-ids.  misc: PERF_RECORD_MISC_KERNEL, _USER, _GUEST_KERNEL, … */
void perf_write_build_id(struct perf_write *w, uint16_t misc, uint32_t pid, const uint8_t *id, uint32_t size,
			 const char *path);

uint64_t perf_write_size(const struct perf_write *w);

/* The headers; vms: the text of our own section.  Frees w.  0 or -errno. */
int perf_write_end(struct perf_write *w, const char *vms, size_t nvms);

#endif
