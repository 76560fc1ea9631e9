// SPDX-License-Identifier: GPL-2.0-only
#include "replay.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../lib/log.h"
#include "../lib/mem.h"

#define SECOND    1000000000ULL
#define SPEED_MIN (1.0 / 16)
#define SPEED_MAX 1024

struct record_reader *replay_open(const char *path)
{
	struct record_reader *r;
	char error[RECORD_ERROR];
	uint64_t cut;

	r = record_open(path, &cut, error);
	if (!r)
		log_err("%s", error);
	else if (cut)
		log_warn("%s: the last %llu bytes are no whole sample; all before them is shown", path,
			 (unsigned long long)cut);
	return r;
}

/* As record_when() takes it. */
static const char *local_time(uint64_t real_ns, char ret[32])
{
	time_t t = (time_t)(real_ns / SECOND);
	struct tm tm;

	if (!localtime_r(&t, &tm) || !strftime(ret, 32, "%Y-%m-%d %H:%M:%S", &tm))
		return "?";
	return ret;
}

void replay_title(struct buf *b, const char *name, const struct view *v)
{
	const size_t day = sizeof("2026-01-31 ") - 1;
	char from[32], to[32];
	const char *begin = local_time(v->real_ns - v->interval_ns, from), *end = local_time(v->real_ns, to);

	/* once, if it is the same */
	if (strlen(end) > day && !strncmp(begin, end, day))
		end += day;
	buf_printf(b, "%s, from %s to %s", name, begin, end);
}

static uint32_t session_end(const struct record_reader *r, uint32_t i)
{
	while (i + 1 < record_count(r) && record_same_session(r, i, i + 1))
		i++;
	return i;
}

/* From when to when samples i to end were taken: the clock may have been set back in between. */
static void extent(const struct record_reader *r, uint32_t i, uint32_t end, uint64_t *first, uint64_t *last)
{
	*first = UINT64_MAX;
	*last = 0;
	for (; i <= end; i++) {
		uint64_t t = record_entry(r, i)->real_ns;

		*first = t < *first ? t : *first;
		*last = t > *last ? t : *last;
	}
}

/* Whether the session of sample i was recorded at that time; times are written in whole seconds. */
static bool covers(const struct record_reader *r, uint32_t i, uint64_t real_ns)
{
	uint64_t first, last;

	extent(r, record_session_begin(r, i), session_end(r, i), &first, &last);
	return (real_ns >= first || first - real_ns < SECOND) && (real_ns <= last || real_ns - last < SECOND);
}

/* The sample of i's session that is nearest to interval_ns before it; i: it is the first. */
static uint32_t back_by(const struct record_reader *r, uint32_t i, uint64_t interval_ns)
{
	uint64_t end = record_entry(r, i)->mono_ns, best = UINT64_MAX;
	uint32_t ret = i;

	while (i && record_same_session(r, i - 1, i)) {
		uint64_t length = end - record_entry(r, --i)->mono_ns;
		uint64_t off = length > interval_ns ? length - interval_ns : interval_ns - length;

		if (off >= best)
			break;
		best = off;
		ret = i;
	}
	return ret;
}

int replay_find(const struct record_reader *r, const char *path, const char *at, uint32_t *ret)
{
	uint32_t n = record_count(r), runs = record_entry(r, n - 1)->session + 1, i;
	uint64_t first = record_entry(r, 0)->real_ns, last = record_entry(r, n - 1)->real_ns, when;
	char from[32], to[32];

	if (!record_when(at, first, last, &when)) {
		log_err("--at: '%.60s' is not a time (15:04, 15:04:05, '2026-01-31 15:04:05', @SECONDS, "
			"+TIME, -TIME, start or end)",
			at);
		return STATUS_USAGE;
	}
	i = record_find(r, when);
	if (!covers(r, i, when) && i + 1 < n)
		i++;
	if (!covers(r, i, when)) {
		extent(r, 0, n - 1, &first, &last);
		log_err("%s: nothing was recorded at %s, but %sfrom %s to %s", path, at,
			runs > 1 ? "in several runs " : "", local_time(first, from), local_time(last, to));
		return STATUS_FAILED;
	}
	/* nothing was measured before the first one */
	if (i == record_session_begin(r, i) && i != session_end(r, i))
		i++;
	*ret = i;
	return STATUS_DONE;
}

static bool has_vm(const struct sample *s, const struct sample_vm *vm)
{
	for (uint32_t i = 0; i < s->nvms; i++)
		if (s->vms[i].pid == vm->pid && s->vms[i].start_ns == vm->start_ns)
			return true;
	return false;
}

/* VMs that ended between the two are in a sample in between for the last time: to gets them from there. */
static bool add_ended(struct record_reader *r, uint32_t begin, uint32_t end, struct sample *to,
		      char error[RECORD_ERROR])
{
	for (uint32_t i = begin + 1; i < end; i++) {
		struct sample s;

		if (!record_entry(r, i)->ended)
			continue;
		if (!record_read(r, i, &s, error))
			return false;
		for (uint32_t j = 0; j < s.nvms; j++) {
			if (!s.vms[j].ended || has_vm(to, &s.vms[j]))
				continue;
			to->vms = mem_resize(to->vms, (size_t)to->nvms + 1, sizeof(*to->vms));
			to->vms[to->nvms++] = s.vms[j];
			s.vms[j--] = s.vms[--s.nvms];
		}
		sample_free(&s);
	}
	return true;
}

int replay_pick(struct record_reader *r, const char *path, const char *at, uint64_t interval_ns,
		struct sample *from, struct sample *to)
{
	uint32_t end = record_count(r) - 1, begin;
	char error[RECORD_ERROR];
	int status = at ? replay_find(r, path, at, &end) : STATUS_DONE;

	*from = *to = (struct sample){0};
	if (status)
		return status;
	begin = at ? back_by(r, end, interval_ns) : record_session_begin(r, end);
	if (begin == end) {
		log_err("%s: %s has one sample only, two are needed%s", path,
			at ? "what was recorded then" : "its last run",
			!at && begin ? " (--at start shows its first run)" : "");
		return STATUS_FAILED;
	}
	if (record_read(r, begin, from, error) && record_read(r, end, to, error) &&
	    add_ended(r, begin, end, to, error))
		return STATUS_DONE;
	log_err("%s", error);
	sample_free(from);
	sample_free(to);
	*from = *to = (struct sample){0};
	return STATUS_FAILED;
}

bool replay_speed(const char *text, double *ret)
{
	char *end;

	*ret = 1;
	if (!text)
		return true;
	*ret = strtod(text, &end);
	if (*end == 'x')
		end++;
	/* what is no number at all does not compare either */
	return end != text && !*end && *ret >= SPEED_MIN && *ret <= SPEED_MAX;
}

const char *replay_conflict(const struct settings *s)
{
	if (s->argv)
		return "-- COMMAND";
	if (s->events)
		return "--events";
	if (s->events_strict)
		return "--events-strict";
	if (s->max_vcpus)
		return "--max-vcpus";
	if (s->connect)
		return "--connect";
	return s->no_libvirt ? "--no-libvirt" : NULL;
}
