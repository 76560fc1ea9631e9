/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Events: what the kernel's perf events, and resctrl, can count.  A name is
 * resolved to a struct event_spec: from the table here, from sysfs or from
 * libpfm4 (user/host/events.h puts them together).
 */
#ifndef VMPERF_MODEL_EVENT_H
#define VMPERF_MODEL_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Whose work is counted. */
enum event_mode {
	EVENT_BOTH,  /* guest and host in one number: the counter cannot tell them apart */
	EVENT_GUEST, /* the guest's (exclude_host) */
	EVENT_HOST,  /* the host's for it: KVM's and the VMM's (exclude_guest) */
};

/* "both", "guest", "host" */
const char *event_mode_name(enum event_mode m);

/* What derived figures are made of; the rest is EVENT_OTHER. */
enum event_kind {
	EVENT_OTHER,
	EVENT_CYCLES,
	EVENT_INSTRUCTIONS,
	EVENT_LLC_MISSES,
	EVENT_L1D_MISSES, /* of loads */
	EVENT_DTLB_MISSES,
	EVENT_ITLB_MISSES,
	EVENT_BRANCHES,
	EVENT_BRANCH_MISSES,
	EVENT_STALLED_FRONTEND,
	EVENT_STALLED_BACKEND,
	EVENT_REF_CYCLES,
	EVENT_LLC_OCCUPANCY,   /* bytes, a level */
	EVENT_BANDWIDTH,       /* bytes to and from memory */
	EVENT_BANDWIDTH_LOCAL, /* of the same NUMA node */
	EVENT_KINDS,
};

enum event_group {
	EVENT_HARDWARE, /* the kernel's generic hardware events */
	EVENT_CACHE,    /* its generic cache and TLB events */
	EVENT_SOFTWARE,
	EVENT_RAW,     /* rNNN */
	EVENT_PMU,     /* pmu/…/, as sysfs describes it */
	EVENT_MODEL,   /* a CPU model's own, by libpfm4 */
	EVENT_RESCTRL, /* cmt, mbmt, mbml */
	EVENT_GROUPS,
};

/* "hardware", "cache", "software", "raw", "pmu", "model", "resctrl" */
const char *event_group_name(enum event_group g);

/* An event as it was asked for, resolved. */
struct event_spec {
	char *name; /* as asked for, without the modifiers G and H */
	enum event_group group;
	enum event_kind kind;
	uint32_t type; /* of struct perf_event_attr, as are the others; see perf_event_open(2) */
	uint64_t config, config1, config2;
	/* counted by the CPUs' own PMU: tells guest from host; with several kinds of CPU each has its own
	 * type */
	bool core;
	bool exclude_user, exclude_kernel, exclude_hv;
	bool guest, host; /* asked for by G and H; neither: both of them, apart where that can be told */
};

/* A row of the table of names that need no look at the host. */
struct event_name {
	const char *name;
	const char *aliases; /* perf's and libvirt's other names, with blanks between; "" none */
	const char *help;
	enum event_group group; /* HARDWARE, CACHE, SOFTWARE or RESCTRL */
	enum event_kind kind;
	uint32_t type;
	uint64_t config;
};

/* Row n of the table, in the order in which people should see it; NULL: there are no more. */
const struct event_name *event_row(size_t n);

/* The row that has this name or alias, in any case of its letters; NULL: none. */
const struct event_name *event_find(const char *name);

/*
 * Takes a list of events apart: words stand between commas or line ends, not
 * those inside pmu/…/ and {…}; blanks around them and empty words are dropped.
 * The array ends with NULL; free() it, one block with its words.
 */
char **event_list_split(const char *list);

/* One word of a list, taken apart as perf would. */
struct event_word {
	char *body; /* what is to be resolved: without any modifiers */
	char *name; /* as it was written, without the modifiers G and H */
	bool exclude_user, exclude_kernel, exclude_hv;
	bool guest, host;
};

#define EVENT_ERROR 200

/* Writes one line of at most EVENT_ERROR bytes why something cannot be counted; false. */
bool event_fail(char *error, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Modifiers are u, k, h, G and H, after the last ":" or after the closing "/".
 * A suffix that is none of them stays with the body (libpfm4's names have
 * colons) unless the body is a name of the table, a raw event or pmu/…/.
 * False: error has one line, for EVENT_ERROR bytes, why not.
 */
bool event_word_parse(const char *word, struct event_word *ret, char *error);
void event_word_free(struct event_word *w);

/* "rNNN", hexadecimal: a raw event of the CPUs' own PMU; false when it is none. */
bool event_raw(const char *body, uint64_t *config);

#endif
