/* SPDX-License-Identifier: GPL-2.0-only */
/* A record that the terminal UI plays: which sample is shown, what comes next, what was before. */
#ifndef VMPERF_CMD_PLAYER_H
#define VMPERF_CMD_PLAYER_H

#include "../lib/options.h"
#include "pulse.h"

struct player {
	struct record_reader *r; /* NULL: nothing is played */
	const struct options_list *vms;
	uint32_t at;         /* the sample that is shown */
	bool at_end;         /* none comes after it, or it cannot be read */
	struct sample first; /* of the session, for totals */
	uint32_t first_at;
	bool first_known;
};

/*
 * Goes to sample i, or to the second one: *to is that, *from the one before it, NULL where its session
 * begins.  last: the sample that is shown, NULL: none yet.  False: it cannot be read, error tells why.
 */
bool player_go(struct player *p, uint32_t i, struct sample_ref *last, struct sample_ref **from,
	       struct sample_ref **to, char error[RECORD_ERROR]);

/* The sample that is so many of them, or seconds, away. */
uint32_t player_target(const struct player *p, int steps, int seconds);

/* How long the sample that is shown was the newest one, where there is a next one. */
uint64_t player_pause_ns(const struct player *p);

/* What totals are since; NULL: from 0. */
const struct sample *player_beginning(struct player *p);

/* Adds the digests of the samples before the one that is shown.  False: stop() wanted it, or error tells why.
 */
bool player_look_back(struct player *p, struct pulse *ret, bool (*stop)(void *arg), void *arg,
		      char error[RECORD_ERROR]);

/* Tells where it is. */
void player_tell(const struct player *p, struct pulse *ret);

void player_free(struct player *p);

#endif
