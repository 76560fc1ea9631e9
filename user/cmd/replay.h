/* SPDX-License-Identifier: GPL-2.0-only */
/* --replay and --at: two samples of a record, to be shown as if they had been taken now. */
#ifndef VMPERF_CMD_REPLAY_H
#define VMPERF_CMD_REPLAY_H

#include "../lib/buf.h"
#include "../model/view.h"
#include "../record/record.h"
#include "cmd.h"

/* Opens a record; says so of a cut-off end.  NULL: what and why was said. */
struct record_reader *replay_open(const char *path);

/*
 * The samples between which to look.  at NULL: the first and the last one of the
 * last session; else the last one that was taken at that time or before, and the
 * one of its session that is nearest to interval_ns before that.  VMs that ended
 * in between are in to as they were then.  Returns an exit status; what and why
 * was said.
 */
int replay_pick(struct record_reader *r, const char *path, const char *at, uint64_t interval_ns,
		struct sample *from, struct sample *to);

/*
 * The sample that --at means: the last one that was taken then or before, the
 * second one of its session at least, if there are two.  Returns an exit status;
 * what and why was said.
 */
int replay_find(const struct record_reader *r, const char *path, const char *at, uint32_t *ret);

/* Adds "NAME, from 2026-01-31 15:04:05 to 15:05:05", in local time; the name's bytes as they are. */
void replay_title(struct buf *b, const char *name, const struct view *v);

/* "2", "0.5", "4x": how fast a record is played, from 1/16 to 1024; NULL: as it was.  False: it is none. */
bool replay_speed(const char *text, double *ret);
#define REPLAY_SPEED_USAGE "--speed takes a number from 0.0625 to 1024, not '%.40s'"

/* The option that makes no sense with a record, as a user writes it; NULL: there is none. */
const char *replay_conflict(const struct settings *s);

#endif
