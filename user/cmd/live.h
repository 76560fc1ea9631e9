/* SPDX-License-Identifier: GPL-2.0-only */
/* Measuring this host, as every command does that takes samples of it. */
#ifndef VMPERF_CMD_LIVE_H
#define VMPERF_CMD_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "../model/sample.h"
#include "cmd.h"

struct live;

enum live_status {
	LIVE_READY,   /* all VMs are measured */
	LIVE_WAITING, /* for KVM to be loaded; to be called again, see live_timeout() */
	LIVE_FAILED,  /* what and why was said */
};

/*
 * s is used until live_free().  shown: what the command prints says itself which
 * events are not counted, and why; else messages do.
 */
struct live *live_new(const struct settings *s, bool shown);

/*
 * Opens the probes; then this thread gives up all privileges, and takes the
 * first sample, from which on everything is counted.  To be called by the thread
 * that samples, before it starts others.
 */
enum live_status live_open(struct live *l);

/* A descriptor that becomes readable when there is something to do for live_turn(); -1: none. */
int live_fd(const struct live *l);

/* Milliseconds after which live_turn() must be called, whatever the descriptor says. */
int live_timeout(const struct live *l);

/* Looks after what came and went; tries to open while it is waiting. */
enum live_status live_turn(struct live *l);

/* Why it is waiting; "": it is not. */
const char *live_why(const struct live *l);

/* The first sample; valid until live_free(), once it is ready. */
const struct sample *live_first(const struct live *l);

/* What the next samples are to hold: METRIC_NEEDS_*; all, unless told otherwise. */
void live_needs(struct live *l, uint32_t needs);

/* Takes a sample; while it is waiting, of a host without KVM, and that is the last one.  False: what and why
 * was said. */
bool live_sample(struct live *l, struct sample *ret);

void live_free(struct live *l);

#endif
