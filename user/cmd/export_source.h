/* SPDX-License-Identifier: GPL-2.0-only */
/* Where the exporter's figures come from: this host, or a record that is played; and their totals. */
#ifndef VMPERF_CMD_EXPORT_SOURCE_H
#define VMPERF_CMD_EXPORT_SOURCE_H

#include "../model/tally.h"
#include "cmd.h"
#include "live.h"

struct source;

/* Both are used until source_free().  speed: of a record. */
struct source *source_new(const struct settings *s, const struct tally_options *o, double speed);

/* Opens it, and gives up all privileges unless it is waiting for KVM.  Called once. */
enum live_status source_open(struct source *s);

/* Why it is waiting. */
const char *source_why(const struct source *s);

/* A descriptor that becomes readable when there is something to do for source_turn(); -1: none. */
int source_fd(const struct source *s);

/* Milliseconds after which source_turn() must be called; -1: never. */
int source_timeout(const struct source *s, uint64_t now);

/* readable: its descriptor is.  now: CLOCK_MONOTONIC. */
enum live_status source_turn(struct source *s, bool readable, uint64_t now);

/* Adds what has happened up to now.  False: what and why was said. */
bool source_update(struct source *s);

/* All since it began, as of the last update; valid until the next one or turn. */
const struct view *source_view(const struct source *s);

/* VMs that are summed up. */
uint32_t source_others(const struct source *s);

void source_free(struct source *s);

#endif
