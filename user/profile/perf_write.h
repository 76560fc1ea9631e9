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
	const uint64_t *ids; /* of the event, by CPU; 0: none there */
	uint32_t nids;
	const char *hostname, *kernel, *arch, *version, *cpudesc;
	uint32_t cpus_online, cpus_possible;
	int argc;
	char *const *argv;
};

/*
 * A file that is there becomes PATH.old, as with perf.  0 or -errno (-EINVAL: path is
 * something else than a plain file).  Until perf_write_end() its header says that
 * there is no data, as perf's does: perf asks whether the recording was properly
 * terminated, we read what is there.
 */
int perf_write_new(const char *path, const struct perf_write_info *info, struct perf_write **ret);

/*
 * A record as the kernel gave it.  0 or -errno, as all below: of the first failure,
 * after which nothing is written any more; what was written whole stays readable.
 */
int perf_write_record(struct perf_write *w, const void *record, size_t size);

/*
 * All rings were read once: readers may sort what came up to the round before.
 * All that was handed over is in the file then.
 */
int perf_write_round(struct perf_write *w);

/* What a record of the kernel's says; false: it is no sample, or cut off. */
struct perf_write_sample {
	uint16_t misc; /* PERF_RECORD_MISC_KERNEL, … among it */
	uint32_t pid, tid;
	uint64_t ip, time;
};
bool perf_write_sample(const struct perf_write *w, const void *record, size_t size,
		       struct perf_write_sample *ret);

/* The latest time of a record so far; 0: there is none. */
uint64_t perf_write_latest(const struct perf_write *w);

/*
 * Records about processes: names and mappings that were there before.  time: of the
 * first sample that is to find them, which is still to be written; 0: before all.
 */
int perf_write_comm(struct perf_write *w, uint64_t time, uint32_t pid, uint32_t tid, const char *comm);
struct perf_write_map {
	uint64_t time;
	uint32_t pid, tid; /* kernels: (uint32_t)-1, or the pid of the guest's VM; tid 0 */
	uint64_t start, size;
	uint64_t offset; /* in the file; of a kernel: the address of the symbol that ends its name */
	uint32_t prot, flags;
	const char *path; /* kernels: "[kernel.kallsyms]_text", "[guest.kernel.kallsyms.PID]_text" */
	uint32_t major, minor;
	uint64_t inode;
	bool kernel, guest; /* a kernel or a module; of a guest */
};
int perf_write_mmap(struct perf_write *w, const struct perf_write_map *m);

/*
 * The same, in front of all other records whenever it comes, in the order of the
 * calls: there is room for some hundreds that come later than other records.
 * -ENOBUFS: no more; the file is as it was.
 */
int perf_write_front(struct perf_write *w, const struct perf_write_map *m);

/*
 * For the table of build-ids, in which each (misc, pid, path) stands once; size 0: not known.  misc:
 * PERF_RECORD_MISC_KERNEL, _USER, _GUEST_KERNEL, …  pid: of a guest's VM, else -1.
 */
void perf_write_build_id(struct perf_write *w, uint16_t misc, int32_t pid, const uint8_t *id, uint32_t size,
			 const char *path);

/* Bytes up to now. */
uint64_t perf_write_size(const struct perf_write *w);

/* The headers; vms: the text of our own section.  Frees w.  0 or -errno. */
int perf_write_end(struct perf_write *w, const char *vms, size_t nvms);

#endif
