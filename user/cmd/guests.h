/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which boot of its kernel each guest is in, and that boot's symbols, as the
 * guests' agents tell.  Threads of its own ask them: nobody waits for a guest
 * longer than asked for, and guests without an agent cost next to nothing.
 *
 * A guest's symbols are those of one boot, and of the modules of one time.  So
 * what was sampled between two checks may be named only if both saw the same
 * boot: guests_same().  What is fetched is kept in the cache (profile/store.h).
 */
#ifndef VMPERF_CMD_GUESTS_H
#define VMPERF_CMD_GUESTS_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/buf.h"
#include "cmd.h"

struct guests;

/*
 * Heeds --no-guest-agent (nothing is ever known of any guest), --no-libvirt and
 * --connect.  With --output what is fetched is written there, into PID/, and
 * neither taken from the cache nor kept in it.  All functions are for one thread,
 * whose capabilities at the first check of a guest are those that its agent is asked with.
 */
struct guests *guests_new(const struct settings *s);

/* One that is known already: nothing.  A pid with another start is another VM.  uuid: "" none. */
void guests_add(struct guests *g, uint32_t pid, uint64_t start_ns, const char *uuid);

/* This VM has ended. */
void guests_drop(struct guests *g, uint32_t pid, uint64_t start_ns);

/*
 * Asks all guests now which boot they are in; returns when all have told, or
 * after timeout_ms; those that answer later count as not seen.  Symbols that
 * are missing begin to be fetched, which is not waited for.  Agents that did not
 * answer are left out for a while.  Returns the number of this check: 1, 2, …
 */
unsigned int guests_check(struct guests *g, int timeout_ms);

/* Waits until no symbols are being fetched; timeout_ms at most, then false. */
bool guests_settle(struct guests *g, int timeout_ms);

/*
 * The boot id (a UUID in lower case) that the last check saw, and the number
 * of the first check from which on that is so, with no module of the guest gone
 * since then (its place may be another's now).  False, ret "" and *since 0: it did not see any.
 */
bool guests_boot(struct guests *g, uint32_t pid, char ret[37], unsigned int *since);

/*
 * That check and the last one saw the same boot: what was sampled after the
 * former had returned and before the latter was begun may be named.  Where
 * samples are taken all the time, and each check is made right after an interval's were
 * read, an interval lies within its end's check and the one two before.
 */
bool guests_same(struct guests *g, uint32_t pid, unsigned int check);

/*
 * True when there are symbols of the boot that the last check saw, which were
 * not given since guests_boot() changed or was false: adds the bytes of its
 * /proc/kallsyms and /proc/modules.
 */
bool guests_symbols(struct guests *g, uint32_t pid, struct buf *kallsyms, struct buf *modules);

/* What was fetched last of a guest. */
struct guests_about {
	char boot[37]; /* "" nothing yet */
	size_t symbols, modules;
	char version[160]; /* /proc/version, without its line end; raw bytes of the guest's, cut there */
};
struct guests_about guests_about(struct guests *g, uint32_t pid);

#define GUESTS_WHY_SIZE 240

/* One line, why there are no symbols of this guest (yet); "" there are.  May hold bytes of the guest's. */
void guests_why(struct guests *g, uint32_t pid, char ret[GUESTS_WHY_SIZE]);

/* Waits a tenth of a second at most for what is asked just now; NULL is fine. */
void guests_free(struct guests *g);

#endif
