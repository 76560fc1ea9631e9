/* SPDX-License-Identifier: GPL-2.0-only */
/* A profile's samples, summed by chosen keys: what tables show.  Pure. */
#ifndef VMPERF_MODEL_PROFILE_ROWS_H
#define VMPERF_MODEL_PROFILE_ROWS_H

#include "../lib/buf.h"
#include "profile.h"

/* The sort keys, by these names, too; a row is a combination of values of the chosen ones. */
enum profile_key {
	PROFILE_BY_EVENT,
	PROFILE_BY_VM,
	PROFILE_BY_PID,
	PROFILE_BY_VCPU,
	PROFILE_BY_TID,
	PROFILE_BY_COMM,
	PROFILE_BY_MODE,
	PROFILE_BY_MODULE,
	PROFILE_BY_SYMBOL,
	PROFILE_BY_ADDRESS,
	PROFILE_KEYS,
};

/* "event", "vm", "pid", "vcpu", "tid", "comm", "mode", "module", "symbol", "address" */
const char *profile_key_name(enum profile_key k);

/* Takes "vm,mode,symbol" apart, perf's names (dso, sym, thread) too.  False, and the word that is none. */
bool profile_keys_parse(const char *list, uint32_t *ret_keys, char word[64]);

/* Which samples, of what. */
struct profile_filter {
	uint32_t event;         /* place; PROFILE_NONE: all */
	const char *const *vms; /* patterns as everywhere; 0 of them: all */
	uint32_t nvms;
	uint32_t modes; /* bits; 0: all */
	double limit;   /* percent of the total that is shown: rows below are summed in rest */
};

/* Whether a pattern means this VM, as select_vm() has it. */
bool profile_vm_is(const struct profile_vm *vm, const char *pattern);

struct profile_row {
	struct profile_hit like; /* one of the samples: its fields of the chosen keys hold for all of them */
	struct profile_weight sum;
};

/* What a VM's samples are, by mode. */
struct profile_split {
	struct profile_weight sum, modes[PROFILE_MODES];
};

struct profile_rows {
	const struct profile *profile;
	struct profile_filter filter;
	uint32_t keys; /* bits */
	/* several events pass the filter: their periods have nothing in common.  Rows are of one event each
	 * then, and their shares of that one's total; where events are summed, samples are the weight. */
	bool mixed;
	size_t n;
	/* the heaviest (period) first, then by the keys' texts; of several events one after the other */
	struct profile_row *rows;
	struct profile_weight total, rest; /* all that the filter lets through; what is below the limit */
	struct profile_weight *events;     /* total, of each event of the profile */
	struct profile_split *vms; /* of each VM of the profile; of all modes, also those that are left out */
	bool *chosen;              /* of each VM of the profile: the filter means it */
	bool *twins;               /* of each VM of the profile: another that is chosen has its name */
};

void profile_rows_make(struct profile_rows *ret, const struct profile *p, uint32_t keys,
		       const struct profile_filter *f);
void profile_rows_free(struct profile_rows *r);

/* Whether the filter lets a hit of the profile through. */
bool profile_rows_take(const struct profile_rows *r, const struct profile_hit *h);

/* The share of a row, or of another weight of this event, of all: 0 to 1. */
double profile_rows_share(const struct profile_rows *r, uint32_t event, const struct profile_weight *w);

/* What is to be summed over events: the period; samples, if events are mixed or there are no periods. */
uint64_t profile_rows_weight(const struct profile_rows *r, const struct profile_weight *w);

/* Names, raw bytes; never NULL. */
const char *profile_frame_symbol(const struct profile *p, const struct profile_frame *f);
const char *profile_frame_module(const struct profile *p, const struct profile_frame *f);
/* With the pid behind it, where another VM has that name. */
void profile_rows_vm_text(const struct profile_rows *r, uint32_t vm, struct buf *ret);

/* The text of a row's key, raw bytes; addresses as 0x…; "[unknown]" where there is no name; "" no vCPU. */
void profile_row_text(const struct profile_rows *r, const struct profile_row *row, enum profile_key k,
		      struct buf *ret);

#endif
