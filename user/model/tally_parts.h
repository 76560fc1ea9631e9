/* SPDX-License-Identifier: GPL-2.0-only */
/* What the parts of the tally know of each other. */
#ifndef VMPERF_MODEL_TALLY_PARTS_H
#define VMPERF_MODEL_TALLY_PARTS_H

#include "tally.h"

/* One exit reason of a VM, or one of its user-space reasons. */
struct reason {
	char name[EXIT_NAME_SIZE];
	uint32_t isa;
	uint64_t code;
	double score;    /* ns of handling lately, and exits */
	uint32_t states; /* bits of those in which it has been */
	bool histogram;
};

/* Codes share a reason if they have one name. */
struct reason_key {
	uint32_t isa;
	uint64_t code;
	uint32_t place;
};

/*
 * The reasons that a VM has had; [0] is "other".  The arrays of exits of all its
 * sets go by the same places, and have room for as many.  Those that have
 * figures of their own stand first.
 */
struct reasons {
	bool user;
	uint32_t n, room, shown;
	struct reason *r;
	uint32_t nkeys;
	struct reason_key *keys; /* by isa, then code */
};

struct tally_vm {
	/* totals; name and uuid are those of the labels; vcpus: of living threads, by id */
	struct view_vm v;
	char *name, *uuid;         /* raw, as they were told last */
	const struct view_vm *one; /* what is to be added */
	bool own;                  /* it has figures of its own */
	struct reasons exits, uexits;
	uint32_t room; /* for vcpus */
};

/* Series by what they are of; see tally_costs(). */
struct costs {
	uint32_t host;        /* those of no VM, at most */
	uint32_t vm;          /* of each VM, whatever vCPUs have */
	uint32_t set;         /* of a VM or a vCPU */
	uint32_t exit, uexit; /* of each reason of one; 0: none is shown */
	uint32_t states;      /* bits of those that each reason may have one for, besides */
	uint32_t histogram;   /* of each that has one */
	uint32_t class;       /* of each class of threads */
	uint32_t events;      /* of all events of one VM or vCPU */
};

struct tally {
	struct tally_options o;
	struct tally_vm **vms; /* in the order in which they came */
	uint32_t nvms;
	struct tally_vm **by_id;    /* the same by pid, then start */
	struct tally_vm **by_label; /* the same and other, by name, then uuid */
	uint32_t nlabels;
	struct tally_vm *other; /* the sum of those without figures of their own */
	uint32_t nothers;
	bool vmx; /* there are, or were, exits that may have flags */
	struct costs costs;
	uint32_t nevents; /* that the totals are of */
	struct sample_event *events;
	struct view view; /* what is shown */
};

/* tally_name.c */

/* Gives vm, which has none, the label of its raw name and uuid, made unique. */
void tally_label(struct tally *t, struct tally_vm *vm, const char *name, const char *uuid);
/* Takes its label from it; another may have that then. */
void tally_unlabel(struct tally *t, struct tally_vm *vm);

/* tally_vm.c */

/* All 0, and without a label. */
struct tally_vm *tally_vm_new(const struct tally *t);
void tally_vm_free(struct tally_vm *vm);
/* There are other events now: they begin at 0. */
void tally_vm_reset(const struct tally *t, struct tally_vm *vm);
/* Makes room for all that vm->one has. */
void tally_vm_meet(const struct tally *t, struct tally_vm *vm, uint64_t interval_ns);
/* Adds the times and numbers that grow; not its events. */
void tally_class_add(struct view_class *sum, const struct view_class *one);
/* Adds vm->one, of this view. */
void tally_vm_add(const struct tally *t, const struct view *v, struct tally_vm *vm);

/* tally_reason.c */

#define REASON_HALF_SECONDS 300

void reasons_init(const struct tally *t, struct tally_vm *vm);
void reasons_free(struct tally_vm *vm);
/* A set of the VM that is zeroed gets its arrays of exits. */
void reasons_new_set(const struct tally_vm *vm, struct view_set *set);
/* Takes notice of all that vm->one has, and scores it: half of a score is gone after REASON_HALF_SECONDS. */
void reasons_meet(const struct tally *t, struct tally_vm *vm, uint64_t interval_ns);
/* Hides those that room has no series for, and lowers it by the rest. */
void reasons_hold(const struct tally *t, struct tally_vm *vm, int64_t *room);
/* Shows more of them, as long as there is room, which it lowers; or better ones. */
void reasons_choose(const struct tally *t, struct tally_vm *vm, int64_t *room);
/* Adds one's exits to a set of the VM, those of reasons that are not shown to "other". */
void reasons_add(const struct tally_vm *vm, struct view_set *to, const struct view_set *one);

/* tally_cost.c */

/* What each thing costs in series, as far as it is visible. */
void tally_costs(struct tally *t, const struct view *v);
/* Decides which VMs have figures of their own, and which reasons of theirs; returns the series that are left.
 */
int64_t tally_admit(struct tally *t);
/* Series of one reason of a VM, at most. */
int64_t tally_reason_cost(const struct tally *t, const struct tally_vm *vm, const struct reasons *rs,
			  uint32_t place);
/* Sets of figures that it has series for. */
uint32_t tally_sets(const struct tally *t, const struct tally_vm *vm);

#endif
