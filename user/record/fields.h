/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The members of a sample that are plain numbers and texts, in the order in
 * which they are packed: what packs and what unpacks go by the same tables.
 */
#ifndef VMPERF_RECORD_FIELDS_H
#define VMPERF_RECORD_FIELDS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Dimensions of the arrays; a packed sample names its own, so that they can grow. */
enum dim {
	DIM_STATES,
	DIM_HIST,
	DIM_UEXITS,
	DIM_FLAGS,
	DIM_LOSSES,
	DIM_CLASSES,
	DIM_META, /* from version 2 on */
	DIMS,
	DIM_NONE,
};

/* By enum dim. */
extern const uint32_t fields_dims[DIMS];

struct field {
	uint32_t offset;
	uint32_t size; /* of one number, 1, 4 or 8; of a text: of the array */
	uint32_t n;    /* numbers for each element of the dimension; 0: a text */
	enum dim dim;
	uint64_t max; /* the largest number that can be */
};

/* Each ends with size 0. */
extern const struct field fields_sample[], fields_probe[], fields_event[], fields_vm[], fields_vm2[],
	fields_vcpu[], fields_exit[], fields_thread[], fields_pin[];

/* The number of so many bytes there. */
static inline uint64_t fields_number(const char *at, size_t size)
{
	uint64_t v = 0;
	uint32_t v4 = 0;
	uint8_t v1 = 0;

	switch (size) {
	case 8:
		memcpy(&v, at, 8);
		return v;
	case 4:
		memcpy(&v4, at, 4);
		return v4;
	default:
		memcpy(&v1, at, 1);
		return v1;
	}
}

#endif
