/* SPDX-License-Identifier: GPL-2.0-only */
/* Profiles of this host's VMs, interval by interval. */
#ifndef VMPERF_CMD_PROFILE_LIVE_H
#define VMPERF_CMD_PROFILE_LIVE_H

#include "../lib/buf.h"
#include "../model/profile.h"
#include "cmd.h"
#include "live.h"

struct profile_live;

/* s is used until profile_live_free(). */
struct profile_live *profile_live_new(const struct settings *s);

/*
 * Opens the event, gives up all privileges and samples from then on.  To be called
 * by a thread that has started no others.  LIVE_WAITING: for KVM to be loaded; to be
 * called again, each second or so.  Without other words all below is for one thread,
 * which need not be this one.
 */
enum live_status profile_live_open(struct profile_live *l);

/* What is being sampled; NULL: nothing yet.  Never changes, so for all threads. */
struct sampling_info;
const struct sampling_info *profile_live_info(const struct profile_live *l);

/* A descriptor that becomes readable when profile_live_turn() has something to do; -1: none. */
int profile_live_fd(const struct profile_live *l);

/* Milliseconds after which profile_live_turn() must be called, whatever the descriptor says. */
int profile_live_timeout(const struct profile_live *l);

/* Takes samples over that have no more room, and looks for VMs that came. */
void profile_live_turn(struct profile_live *l);

/*
 * What was sampled since the last call, named; waits for guests' agents for 300 ms at most.  All VMs that run
 * are in it, also those without samples, and those that ended meanwhile.
 */
struct profile *profile_live_interval(struct profile_live *l);

/* Adds what names are missing of the last interval, and what to do about it: lines. */
void profile_live_missing(struct profile_live *l, struct buf *b);

/*
 * Says which patterns of --vm no VM had that was there so far: at the end as errors.  False: there are
 * some.
 */
bool profile_live_check(struct profile_live *l, bool at_end);

void profile_live_free(struct profile_live *l);

#endif
