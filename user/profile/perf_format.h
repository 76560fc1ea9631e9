/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The layout of perf.data files: what perf itself adds to the kernel's records,
 * which <linux/perf_event.h> has.
 * (tools/perf/Documentation/perf.data-file-format.txt, tools/perf/util/header.h,
 * tools/lib/perf/include/perf/event.h)
 */
#ifndef VMPERF_PROFILE_PERF_FORMAT_H
#define VMPERF_PROFILE_PERF_FORMAT_H

#include <linux/perf_event.h>
#include <stdint.h>

#include "../model/profile.h"

/* As bytes, in a file of little endian; the other way round in one of big endian. */
#define PERF_MAGIC     0x32454c4946524550ULL /* "PERFILE2" */
#define PERF_MAGIC_OLD 0x454c494646524550ULL /* "PERFFILE": until 2012 */

#define PERF_FEATURE_WORDS 4 /* 256 bits */

struct perf_section {
	uint64_t offset, size;
};

/* At the start of a file. */
struct perf_file_header {
	uint64_t magic;
	uint64_t size;                   /* of this */
	uint64_t attr_size;              /* of an element of attrs: its struct perf_event_attr and ids */
	struct perf_section attrs;       /* struct perf_event_attr, struct perf_section ids, … */
	struct perf_section data;        /* records; size 0: perf record was not finished */
	struct perf_section event_types; /* nothing */
	uint64_t features[PERF_FEATURE_WORDS]; /* bits; their sections' places follow the data, in order */
};

/* At the start of a stream ("perf record -o -"): records follow, the attributes among them. */
struct perf_pipe_header {
	uint64_t magic;
	uint64_t size; /* of this */
};

enum perf_feature {
	PERF_FEATURE_TRACING_DATA = 1,
	PERF_FEATURE_BUILD_ID = 2, /* struct perf_build_id_record, … */
	PERF_FEATURE_HOSTNAME = 3, /* texts: u32 size, bytes with a NUL, padded to 64 */
	PERF_FEATURE_OSRELEASE = 4,
	PERF_FEATURE_VERSION = 5,
	PERF_FEATURE_ARCH = 6,
	PERF_FEATURE_NRCPUS = 7, /* u32 possible (perf's "available"), u32 online */
	PERF_FEATURE_CPUDESC = 8,
	PERF_FEATURE_CPUID = 9,
	PERF_FEATURE_TOTAL_MEM = 10,
	PERF_FEATURE_CMDLINE = 11, /* u32 number, texts */
	PERF_FEATURE_EVENT_DESC =
		12, /* u32 number, u32 attr size, then each: attr, u32 ids, text, u64 id … */
	PERF_FEATURE_CPU_TOPOLOGY = 13,
	PERF_FEATURE_NUMA_TOPOLOGY = 14,
	PERF_FEATURE_BRANCH_STACK = 15,
	PERF_FEATURE_PMU_MAPPINGS = 16,
	PERF_FEATURE_GROUP_DESC = 17,
	PERF_FEATURE_AUXTRACE = 18,
	PERF_FEATURE_STAT = 19,
	PERF_FEATURE_CACHE = 20,
	PERF_FEATURE_SAMPLE_TIME = 21, /* u64 first, u64 last */
	PERF_FEATURE_MEM_TOPOLOGY = 22,
	PERF_FEATURE_CLOCKID = 23,
	PERF_FEATURE_DIR_FORMAT = 24, /* the file is "data" of a directory */
	PERF_FEATURE_BPF_PROG_INFO = 25,
	PERF_FEATURE_BPF_BTF = 26,
	PERF_FEATURE_COMPRESSED = 27, /* u32 version, type (1: zstd), level, ratio, mmap_len */
	PERF_FEATURE_CPU_PMU_CAPS = 28,
	PERF_FEATURE_CLOCK_DATA = 29, /* u32 version, u32 clockid, u64 wall clock ns, u64 clockid ns */
	PERF_FEATURE_HYBRID_TOPOLOGY = 30,
	PERF_FEATURE_PMU_CAPS = 31,
};

/* Types of records that perf itself makes; the kernel's are below 64. */
enum perf_user_record {
	PERF_USER_HEADER_ATTR = 64, /* attr, u64 id, … */
	PERF_USER_EVENT_TYPE = 65,
	PERF_USER_TRACING_DATA = 66, /* u32 size; as many bytes, padded to 8, follow the record */
	PERF_USER_BUILD_ID = 67,     /* struct perf_build_id_record */
	PERF_USER_FINISHED_ROUND =
		68,              /* each CPU's ring was read once: what was before the last one is there */
	PERF_USER_ID_INDEX = 69, /* u64 number, then each: u64 id, idx, cpu, tid */
	PERF_USER_AUXTRACE_INFO = 70,
	PERF_USER_AUXTRACE = 71, /* u64 size, …; as many bytes follow the record */
	PERF_USER_AUXTRACE_ERROR = 72,
	PERF_USER_THREAD_MAP = 73,
	PERF_USER_CPU_MAP = 74,
	PERF_USER_STAT_CONFIG = 75,
	PERF_USER_STAT = 76,
	PERF_USER_STAT_ROUND = 77,
	PERF_USER_EVENT_UPDATE = 78, /* u64 type, u64 id, … */
	PERF_USER_TIME_CONV = 79,
	PERF_USER_FEATURE = 80,       /* u64 enum perf_feature, what its section would have */
	PERF_USER_COMPRESSED = 81,    /* a part of a zstd stream of records */
	PERF_USER_FINISHED_INIT = 82, /* of perf's own records about what was there before */
	PERF_USER_COMPRESSED2 = 83,   /* u64 size, a part of a zstd stream, padded to 8 */
};

/* PERF_USER_EVENT_UPDATE's types */
enum perf_update { PERF_UPDATE_UNIT = 0, PERF_UPDATE_SCALE = 1, PERF_UPDATE_NAME = 2, PERF_UPDATE_CPUS = 3 };

/* In the section of build-ids and as a record of its own (its type is then PERF_USER_BUILD_ID, else 0). */
struct perf_build_id_record {
	struct perf_event_header header; /* misc: PERF_RECORD_MISC_KERNEL, … and the bit below */
	int32_t pid;                     /* of a guest's VM; -1: the host */
	uint8_t id[20];
	uint8_t size; /* of the id, with PERF_BUILD_ID_HAS_SIZE; else it is 20 */
	uint8_t unused[3];
	char name[]; /* NUL-terminated, padded */
};

#define PERF_BUILD_ID_HAS_SIZE (1U << 15) /* misc */

/* Whose code a record is about, from its header's misc. */
static inline enum profile_mode perf_mode(uint16_t misc)
{
	switch (misc & PERF_RECORD_MISC_CPUMODE_MASK) {
	case PERF_RECORD_MISC_KERNEL:
		return PROFILE_SYS;
	case PERF_RECORD_MISC_USER:
		return PROFILE_USER;
	case PERF_RECORD_MISC_GUEST_KERNEL:
		return PROFILE_GUEST_SYS;
	case PERF_RECORD_MISC_GUEST_USER:
		return PROFILE_GUEST_USER;
	default:
		return PROFILE_OTHER;
	}
}

_Static_assert(sizeof(struct perf_file_header) == 104, "perf_file_header");
_Static_assert(sizeof(struct perf_build_id_record) == 36, "perf_build_id_record");

#endif
