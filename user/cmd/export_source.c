// SPDX-License-Identifier: GPL-2.0-only
#include "export_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../host/hostinfo.h"
#include "../lib/clock.h"
#include "../lib/log.h"
#include "../lib/mem.h"
#include "../model/select.h"
#include "../probe/privilege.h"
#include "player.h"
#include "replay.h"
#include "selection.h"

#define MS         1000000U
/* Without scrapes a sample is taken all the same after a while: what has ended is forgotten with it. */
#define MAX_AGE_NS (60ULL * 1000 * MS)

struct source {
	const struct settings *s;
	struct live *live; /* NULL: of a record */
	enum live_status status;
	uint64_t turn_ns; /* when live_turn() is due (CLOCK_MONOTONIC) */
	struct record_reader *record;
	struct player player;
	double speed;
	uint64_t play_ns; /* when the next sample of the record is due */
	struct tally *tally;
	bool crowded;            /* it was said so */
	struct sample_ref *last; /* what the tally points into; NULL: nothing was added yet */
	struct sample none;      /* the host, before there is anything else */
	struct view *nothing;    /* of that */
};

struct source *source_new(const struct settings *s, const struct tally_options *o, double speed)
{
	struct source *ret = mem_zalloc(1, sizeof(*ret));

	ret->s = s;
	ret->speed = speed;
	ret->tally = tally_new(o);
	return ret;
}

/* Takes the sample over; from NULL: it is the first one. */
static void add(struct source *s, const struct sample *from, struct sample_ref *to)
{
	struct view *v = view_build(from ? from : &to->s, &to->s);

	if (!s->last)
		selection_note(&s->s->vms, &to->s);
	tally_add(s->tally, v);
	if (v->loss[VMP_LOSS_SLOTS] && !s->crowded) {
		log_warn("there is no room for more vCPU threads: VMs that began last have no figures (raise "
			 "--max-vcpus)");
		s->crowded = true;
	}
	view_free(v);
	sample_ref_drop(s->last);
	s->last = to;
}

bool source_update(struct source *s)
{
	struct sample_ref *to;

	/* a record's samples come by themselves */
	if (!s->live)
		return true;
	if (s->status == LIVE_WAITING) {
		view_free(s->nothing);
		sample_free(&s->none);
		hostinfo_read(&s->none.host);
		s->none.load_known = hostinfo_load("", s->none.load);
		s->none.begin_ns = s->none.mono_ns = clock_now(CLOCK_MONOTONIC);
		s->none.real_ns = clock_now(CLOCK_REALTIME);
		snprintf(s->none.invisible_why, sizeof(s->none.invisible_why), "%s", source_why(s));
		s->nothing = view_build(NULL, &s->none);
		return true;
	}
	to = sample_ref_new();
	if (!live_sample(s->live, &to->s)) {
		sample_ref_drop(to);
		s->status = LIVE_FAILED;
		return false;
	}
	select_keep(&to->s, s->s->vms.items, s->s->vms.n);
	add(s, s->last ? &s->last->s : live_first(s->live), to);
	return true;
}

/* The next sample of the record, if there is one; the first time its first two. */
static void play(struct source *s, uint64_t now)
{
	struct sample_ref *from, *to;
	char error[RECORD_ERROR];

	if (!player_go(&s->player, s->last ? s->player.at + 1 : 0, s->last, &from, &to, error)) {
		log_err("%s", error);
		if (!s->last)
			s->status = LIVE_FAILED;
		return;
	}
	add(s, from ? &from->s : NULL, to);
	sample_ref_drop(from);
	if (s->player.at_end)
		log_note("%s: this is its end; its last figures stay", s->s->replay);
	s->play_ns = now + (uint64_t)((double)player_pause_ns(&s->player) / s->speed);
}

static enum live_status open_record(struct source *s)
{
	s->record = replay_open(s->s->replay);
	if (!s->record)
		return LIVE_FAILED;
	/* what talks to a network has none, whatever it shows */
	if (privilege_drop()) {
		log_err("cannot drop privileges: %s", strerror(errno));
		return LIVE_FAILED;
	}
	s->player = (struct player){.r = s->record, .vms = &s->s->vms};
	s->status = LIVE_READY;
	play(s, clock_now(CLOCK_MONOTONIC));
	return s->status;
}

enum live_status source_open(struct source *s)
{
	if (s->s->replay)
		return open_record(s);
	s->live = live_new(s->s, false);
	s->status = live_open(s->live);
	if (s->status != LIVE_FAILED && !source_update(s))
		s->status = LIVE_FAILED;
	return s->status;
}

const char *source_why(const struct source *s)
{
	return s->live ? live_why(s->live) : "";
}

int source_fd(const struct source *s)
{
	return s->live ? live_fd(s->live) : -1;
}

int source_timeout(const struct source *s, uint64_t now)
{
	if (s->live)
		return clock_poll_ms(s->turn_ns, now);
	return s->player.at_end ? -1 : clock_poll_ms(s->play_ns, now);
}

enum live_status source_turn(struct source *s, bool readable, uint64_t now)
{
	bool waited = s->status == LIVE_WAITING;

	if (!s->live) {
		if (!s->player.at_end && now >= s->play_ns)
			play(s, now);
		return s->status;
	}
	/* requests may come more often than there is anything to look after */
	if (s->status == LIVE_FAILED || (!readable && now < s->turn_ns))
		return s->status;
	s->status = live_turn(s->live);
	s->turn_ns = now + (uint64_t)live_timeout(s->live) * MS;
	if (s->status == LIVE_READY && (waited || now - s->last->s.mono_ns > MAX_AGE_NS))
		source_update(s);
	return s->status;
}

const struct view *source_view(const struct source *s)
{
	return s->last ? tally_view(s->tally) : s->nothing;
}

uint32_t source_others(const struct source *s)
{
	return s->last ? tally_others(s->tally) : 0;
}

void source_free(struct source *s)
{
	if (!s)
		return;
	tally_free(s->tally);
	sample_ref_drop(s->last);
	view_free(s->nothing);
	sample_free(&s->none);
	player_free(&s->player);
	record_reader_free(s->record);
	live_free(s->live);
	free(s);
}
