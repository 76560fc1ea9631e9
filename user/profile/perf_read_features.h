/* SPDX-License-Identifier: GPL-2.0-only */
/* What a perf.data file says about its host and about all of its data. */
#ifndef VMPERF_PROFILE_PERF_READ_FEATURES_H
#define VMPERF_PROFILE_PERF_READ_FEATURES_H

#include "../model/profile.h"
#include "perf_read_events.h"
#include "perf_section.h"

/* Whose file a build-id is. */
enum perf_id_kind { PERF_ID_FILE, PERF_ID_KERNEL, PERF_ID_GUEST_KERNEL };

struct perf_build_id {
	enum perf_id_kind kind;
	uint32_t pid; /* PERF_ID_GUEST_KERNEL: of the VM; else 0 */
	char *name;   /* PERF_ID_FILE: its path; else "" */
	uint8_t id[PROFILE_BUILD_ID];
	uint8_t size; /* 0: there are several */
};

struct perf_features {
	char hostname[65], kernel[65], arch[65];
	uint64_t first, last;             /* times of samples; 0: not known */
	uint64_t clock_real, clock_event; /* at one time: CLOCK_REALTIME, the events' clock; 0: not known */
	size_t nids;
	struct perf_build_id *ids;
	bool sorted;
	bool has_vms; /* our own section */
	struct perf_section_vms vms;
};

/* Whether perf_features_take() makes anything of it. */
bool perf_features_are_read(uint64_t feature);

/* The bytes of a feature's section (enum perf_feature, PERF_SECTION_FEATURE); others are passed over. */
void perf_features_take(struct perf_features *f, struct perf_events *e, uint64_t feature, const uint8_t *data,
			size_t size);

/* A struct perf_build_id_record. */
void perf_features_build_id(struct perf_features *f, const uint8_t *record, size_t size, bool swap);

/* NULL: not known. Nothing may be taken after. */
const struct perf_build_id *perf_features_find(struct perf_features *f, enum perf_id_kind kind, uint32_t pid,
					       const char *name);

void perf_features_free(struct perf_features *f);

#endif
