/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Stories of one vCPU thread for the ledger's state machine, and the slot that
 * they leave, in words.  A story is a row of events, each with its time:
 *   B100            observed from 100 ns on, on the CPU; B100:idle, :blocked or :wait: begins off it
 *   E100            kvm_entry
 *   X150:7b         kvm_exit with the code 0x7b
 *   U160:2          kvm_userspace_exit, place 2
 *   O170:wait       switched out, could go on
 *   O170:sleep      switched out, sleeps
 *   O170:halt/50/7  switched out halted in KVM, which may have polled 50 ns before, and polled
 *                   7 ns in vain in all halts so far
 *   W180            woken
 *   I190            switched in
 *   H195:slept/40/9 a halt of 40 ns is over, it slept; polled 9 ns in vain in all halts so far
 *   H195:polled/40  a halt of 40 ns is over, it only polled
 *   Z200            the thread ends
 */
#ifndef VMPERF_TESTS_STORY_H
#define VMPERF_TESTS_STORY_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/ledger.bpf.h"
#include "unit.h"

struct event {
	char kind;
	uint64_t now;
	uint32_t code;  /* X: the exit's, U: the place; B and O: enum vmp_state */
	bool slept;     /* H */
	uint64_t ns;    /* O: the longest that KVM may have polled, H: the halt's length */
	uint64_t vain;  /* O and H: polled in vain, all halts */
	const char *at; /* in its story */
};

#define STORY_EVENTS 64

static const char *const story_states[] = {"guest", "kvm",     "vmm",  "poll",
					   "idle",  "blocked", "wait", "running"};

static inline struct event story_event(const char **p)
{
	static const struct {
		char kind;
		const char *args;
		uint32_t code;
	} words[] = {
		{'O', ":wait", VMP_WAIT}, {'O', ":sleep", VMP_BLOCKED},   {'O', ":halt/", VMP_IDLE},
		{'B', ":idle", VMP_IDLE}, {'B', ":blocked", VMP_BLOCKED}, {'B', ":wait", VMP_WAIT},
		{'H', ":slept/", 1},      {'H', ":polled/", 0},
	};
	struct event ev = {.kind = **p, .code = VMP_RUNNING, .at = *p};
	unsigned long long now, ns = 0, vain = 0;
	bool found = false;
	int n = 0;

	if (sscanf(*p + 1, "%llu%n", &now, &n) != 1)
		ck_abort_msg("bad story at: %s", ev.at);
	*p += 1 + n;
	n = 0;
	if (ev.kind == 'X' || ev.kind == 'U')
		found = sscanf(*p, ev.kind == 'X' ? ":%x%n" : ":%u%n", &ev.code, &n) == 1;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t len = strlen(words[i].args);

		if (ev.kind != words[i].kind || strncmp(*p, words[i].args, len))
			continue;
		found = true;
		ev.code = words[i].code;
		ev.slept = ev.code == 1;
		*p += len;
		if (words[i].args[len - 1] != '/')
			continue;
		if (ev.kind == 'O' || ev.slept)
			found = sscanf(*p, "%llu/%llu%n", &ns, &vain, &n) == 2;
		else
			found = sscanf(*p, "%llu%n", &ns, &n) == 1;
	}
	*p += n;
	ev.now = now;
	ev.ns = ns;
	ev.vain = vain;
	/* those that say no more than their time are complete without */
	if ((!found && !strchr("BEWIZ", ev.kind)) || (**p && **p != ' '))
		ck_abort_msg("bad story at: %s", ev.at);
	while (**p == ' ')
		++*p;
	return ev;
}

/* All events of a story; their number. */
static inline int story_parse(const char *text, struct event ev[STORY_EVENTS])
{
	int n = 0;

	while (*text) {
		ck_assert_int_lt(n, STORY_EVENTS);
		ev[n++] = story_event(&text);
	}
	return n;
}

/* Tells one event to a slot: the fast functions are asked first, as the hooks do, or never. */
static inline void story_tell(struct vmp_slot *s, bool fast_first, const struct event *ev)
{
	switch (ev->kind) {
	case 'B':
		memset(s, 0, sizeof(*s));
		ledger_init(s, ev->now, ev->code);
		break;
	case 'E':
		if (!fast_first || !ledger_entry_fast(s, ev->now))
			ledger_entry(s, ev->now);
		break;
	case 'X':
		if (!fast_first || !ledger_exit_fast(s, ev->now, ev->code))
			ledger_exit(s, ev->now, ev->code);
		break;
	case 'U':
		ledger_userspace(s, ev->now, ev->code);
		break;
	case 'O':
		ledger_out(s, ev->now, ev->code, ev->ns, ev->vain);
		break;
	case 'W':
		ledger_woken(s, ev->now);
		break;
	case 'I':
		ledger_in(s, ev->now);
		break;
	case 'H':
		ledger_halt(s, ev->now, ev->ns, ev->slept, ev->vain);
		break;
	case 'Z':
		ledger_end(s, ev->now);
		break;
	default:
		ck_abort_msg("no such event: %s", ev->at);
	}
}

/* The exit that is open, also while the thread is off the CPU: its place, or -1. */
static inline int story_open(const struct vmp_slot *s)
{
	uint32_t state = VMP_MODE_STATE(s->mode);

	if (state == VMP_IDLE || state == VMP_BLOCKED || state == VMP_WAIT)
		state = s->back;
	return state == VMP_KVM || state == VMP_VMM ? (int)VMP_MODE_PLACE(s->mode) : -1;
}

/* Exits of one place, as a reader of the slot counts them. */
static inline uint64_t story_count(const struct vmp_slot *s, uint32_t place)
{
	const struct vmp_exit *e = &s->exit[place];
	uint64_t n = e->count + (story_open(s) == (int)place);

	for (int k = 0; k < VMP_HIST; k++)
		n += e->hist[k];
	return n;
}

static inline uint64_t story_times(const struct vmp_times *t)
{
	uint64_t n = 0;

	for (int k = 0; k < VMP_HIST; k++)
		n += t->hist[k];
	return n;
}

/* All time charged; a halt that is not over yet has its part on the CPU in halt_ns. */
static inline uint64_t story_sum(const struct vmp_slot *s)
{
	uint64_t sum = s->halt_ns;

	for (int k = 0; k < VMP_STATES; k++) {
		sum += s->ns[k];
		for (int i = 0; i < VMP_EXITS; i++)
			sum += s->exit[i].ns[k];
	}
	return sum;
}

/* "" if what must hold of any slot at any time holds; else what does not.  last: of the last own event. */
static inline const char *story_broken(const struct vmp_slot *s, uint64_t last)
{
	uint32_t state = VMP_MODE_STATE(s->mode);
	uint64_t vmm = 0, uexits = 0;

	if (s->begin != last || s->since != last)
		return "begin and since are not the event's time";
	if (story_sum(s) != last - s->first_ns)
		return "the states do not add up to the time observed";
	if (s->ns[VMP_KVM] || s->ns[VMP_VMM])
		return "time in kvm or vmm without an exit";
	if (state >= VMP_STATES || state == VMP_POLL)
		return "no such state";
	if (s->back != VMP_RUNNING && s->back != VMP_GUEST && s->back != VMP_KVM && s->back != VMP_VMM)
		return "no way back to the CPU";
	if (story_open(s) < 0 && VMP_MODE_PLACE(s->mode))
		return "a place without an exit";
	if ((state == VMP_GUEST || state == VMP_RUNNING) && s->mode & VMP_MODE_SPLIT)
		return "no exit, but a part of it is charged";
	if (story_open(s) < 0 && s->handled_ns)
		return "no exit, but handling time";
	if (state == VMP_GUEST && (s->halt_ns || s->late_ns))
		return "in the guest, but halted";
	if (s->used < 1 || s->used > VMP_EXITS)
		return "used is out of range";
	if (s->exit[0].code != VMP_CODE_OTHER)
		return "exit[0] is not \"other\"";
	for (uint32_t i = 0; i < VMP_EXITS; i++) {
		const struct vmp_exit *e = &s->exit[i];

		if (e->ns[VMP_GUEST] || e->ns[VMP_RUNNING])
			return "an exit has time in the guest";
		if (i >= s->used && (story_count(s, i) || e->max_ns))
			return "a place that is not taken has counts";
		vmm += e->ns[VMP_VMM];
	}
	for (int i = 0; i < VMP_UEXITS; i++)
		uexits += s->uexits[i].ns;
	if (vmm != uexits)
		return "the VMM's time by exit and by user-space exit differ";
	if (s->halts.max_ns > s->halts.ns || s->wakes.max_ns > s->wakes.ns)
		return "a time is longer than all of its kind";
	return "";
}

static inline void story_add(char *text, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
static inline void story_add(char *text, size_t size, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, size - n, fmt, ap);
	va_end(ap);
}

static inline void story_hist(char *text, size_t size, uint64_t max, const __u64 hist[VMP_HIST])
{
	if (max)
		story_add(text, size, " max %llu", (unsigned long long)max);
	for (int k = 0; k < VMP_HIST; k++)
		if (hist[k])
			story_add(text, size, " h%d=%llu", k, (unsigned long long)hist[k]);
}

static inline void story_time(char *text, size_t size, const char *name, const struct vmp_times *t)
{
	if (!story_times(t))
		return;
	story_add(text, size, "%s*%llu %llu", name, (unsigned long long)story_times(t),
		  (unsigned long long)t->ns);
	story_hist(text, size, t->max_ns, t->hist);
	story_add(text, size, "; ");
}

/* The states' times that are not 0. */
static inline bool story_ns(char *text, size_t size, const char *before, const __u64 ns[VMP_STATES])
{
	bool any = false;

	for (int k = 0; k < VMP_STATES; k++) {
		if (ns[k])
			story_add(text, size, "%s%s %lld", any ? " " : before, story_states[k],
				  (long long)ns[k]);
		any |= ns[k] != 0;
	}
	return any;
}

static inline void story_place(char *text, size_t size, const struct vmp_slot *s, uint32_t place)
{
	if (place)
		story_add(text, size, "%llx", (unsigned long long)s->exit[place].code);
	else
		story_add(text, size, "other");
}

/*
 * All that the slot holds and that is not 0:
 *   guest 50 wait 7        ns outside exits, by state
 *   7b*1 kvm 30 …          exits of the code as a reader counts them, their ns by state; handling times:
 *   … max 30 h4=1          the longest, and hK=N for N in bucket K; "other" is what has no place of its own
 *   u2*1 40                exits to user space by place, and their ns in the VMM
 *   halting 12             on the CPU in a halt that is not over: kvm or poll
 *   halts*1 200 max …      halts, their length;  wakes: from the wake-up to the entry
 * and last where the thread is: "kvm/7b", "wait in guest".
 */
static inline const char *story_describe(const struct vmp_slot *s)
{
	static char text[16384];
	const size_t size = sizeof(text);
	uint32_t state = VMP_MODE_STATE(s->mode);

	text[0] = '\0';
	if (story_ns(text, size, "", s->ns))
		story_add(text, size, "; ");
	for (uint32_t i = 0; i < VMP_EXITS; i++) {
		const struct vmp_exit *e = &s->exit[i];
		uint64_t any = story_count(s, i);

		for (int k = 0; k < VMP_STATES; k++)
			any |= e->ns[k];
		if (!any)
			continue;
		story_place(text, size, s, i);
		story_add(text, size, "*%llu", (unsigned long long)story_count(s, i));
		story_ns(text, size, " ", e->ns);
		story_hist(text, size, e->max_ns, e->hist);
		story_add(text, size, "; ");
	}
	for (int i = 0; i < VMP_UEXITS; i++) {
		if (!s->uexits[i].count && !s->uexits[i].ns)
			continue;
		story_add(text, size, "u%d*%llu", i, (unsigned long long)s->uexits[i].count);
		if (s->uexits[i].ns)
			story_add(text, size, " %lld", (long long)s->uexits[i].ns);
		story_add(text, size, "; ");
	}
	if (s->halt_ns)
		story_add(text, size, "halting %lld; ", (long long)s->halt_ns);
	story_time(text, size, "halts", &s->halts);
	story_time(text, size, "wakes", &s->wakes);
	if (s->unpaired)
		story_add(text, size, "unpaired %llu; ", (unsigned long long)s->unpaired);
	if (s->backwards)
		story_add(text, size, "backwards %llu; ", (unsigned long long)s->backwards);
	story_add(text, size, "%s", story_states[state % VMP_STATES]);
	if (state == VMP_IDLE || state == VMP_BLOCKED || state == VMP_WAIT)
		story_add(text, size, " in %s", story_states[s->back % VMP_STATES]);
	if (story_open(s) >= 0) {
		story_add(text, size, "/");
		story_place(text, size, s, (uint32_t)story_open(s));
	}
	return text;
}

#endif
