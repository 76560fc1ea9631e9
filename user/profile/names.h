/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Gives the samples of a profile their names: the host's kernel, the files of
 * the VMM, the kernels of guests.  What cannot be told is "[unknown]", never a
 * wrong name.
 */
#ifndef VMPERF_PROFILE_NAMES_H
#define VMPERF_PROFILE_NAMES_H

#include <stdbool.h>

#include "../lib/buf.h"
#include "../model/profile.h"

struct names;

/* All may be NULL.  As perf kvm's options of the same names define them. */
struct names_options {
	const char *guest_kallsyms; /* of guests that guest_mount has nothing of */
	const char *guest_modules;
	const char *guest_vmlinux;
	const char *guest_mount; /* DIR: DIR/PID is the root of the guest of the VM with this pid */
	const char *guest_cache; /* DIR of store.h: of guests whose boot is known, what it has of that boot */
	const char *kallsyms;    /* the host's; NULL: this host's */
	const char *vmlinux;     /* the host's, an ELF file; NULL: none */
	const char *root;        /* "" */
};

/* Reads nothing yet but what says whether the files exist: false, and one line, when one that was asked for
 * does not. */
struct names *names_new(const struct names_options *o, char *why, size_t whysize);
void names_free(struct names *n);

/*
 * The kernel of the guest of this VM, in the words of its /proc/kallsyms and /proc/modules (raw bytes,
 * modules may be NULL), as its guest agent told: before what the options say.  Replaces what it was told
 * before; kallsyms NULL: forget it, the guest has another kernel now and its samples have no names.
 */
void names_guest(struct names *n, uint32_t pid, const char *kallsyms, size_t nkallsyms, const char *modules,
		 size_t nmodules);

/*
 * The VM with this pid is about to be sampled: the boot that guest_mount has of its guest now is
 * that of its first samples.
 */
void names_look(struct names *n, uint32_t pid);

/*
 * Names all hits and frames that have no symbol yet.
 *
 * The host's kernel is this one if the object's build-id is (else: the
 * profile's release and host name); what ref_name tells is made up for, but
 * modules have names only if nothing was rebooted since begin_ns.  A file is
 * the one of that path here if it has the object's build-id (else: if it was
 * not changed after the profile's end), or the one that a VM of the profile has
 * mapped, if that has the build-id.  A guest's kernel is, in this order, what
 * names_guest() was told, DIR/PID of guest_mount (if its boot id is not
 * another), guest_cache, and the files of the other options.
 */
void names_resolve(struct names *n, struct profile *p);

/* What is missing and what to do about it, a line each ("the guest of VM x has no symbols: …"); "" nothing.
 */
void names_missing(const struct names *n, const struct profile *p, struct buf *ret);

#endif
