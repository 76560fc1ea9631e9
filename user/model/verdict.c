// SPDX-License-Identifier: GPL-2.0-only
#include "verdict.h"

#include <stdio.h>
#include <string.h>

#define PAUSED_FROM 0.95
#define BUSY_FROM   0.05
#define LOSS_FROM   0.10
#define ALARM_FROM  0.20

/* Losses, of equal ones the first counts. */
static const struct {
	enum verdict_state verdict;
	enum vmp_state state;
} losses[] = {
	{VERDICT_WAIT, VMP_WAIT},       {VERDICT_VMM, VMP_VMM},   {VERDICT_KVM, VMP_KVM},
	{VERDICT_BLOCKED, VMP_BLOCKED}, {VERDICT_POLL, VMP_POLL},
};

/* The exit reason that has most of a state's time. */
static const char *reason_of(const struct view_set *set, enum vmp_state state)
{
	const struct view_exit *most = NULL;

	for (uint32_t i = 0; i < set->nexits; i++)
		if (set->exits[i].ns[state] && (!most || set->exits[i].ns[state] > most->ns[state]))
			most = &set->exits[i];
	return most ? most->reason : NULL;
}

static struct verdict loss_of(const struct view_set *set)
{
	struct verdict v = {.state = VERDICT_BUSY};
	uint64_t most = 0;

	for (unsigned int i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
		uint64_t ns = set->ledger[losses[i].state];

		if (ns <= most || (double)ns < LOSS_FROM * (double)set->busy_ns)
			continue;
		most = ns;
		v.state = losses[i].verdict;
		v.reason = NULL;
		/* no exit is to blame for another thread's having the CPU, and polling is halting */
		if (losses[i].state != VMP_WAIT && losses[i].state != VMP_POLL)
			v.reason = reason_of(set, losses[i].state);
	}
	if (v.state == VERDICT_BUSY) {
		v.share = (double)(set->ledger[VMP_GUEST] + set->ledger[VMP_RUNNING]) / (double)set->busy_ns;
		return v;
	}
	v.share = (double)most / (double)set->busy_ns;
	v.level = v.share >= ALARM_FROM && (double)most >= BUSY_FROM * (double)set->observed_ns &&
				  v.state != VERDICT_POLL
			  ? VERDICT_ALARM
			  : VERDICT_WARN;
	return v;
}

struct verdict verdict_of(const struct view_set *set, uint32_t visible)
{
	static const uint32_t needed = 1U << VMP_IDLE | 1U << VMP_BLOCKED;
	double all = (double)set->observed_ns;

	if (!set->observed_ns || (visible & needed) != needed)
		return (struct verdict){.state = VERDICT_NONE};
	if ((double)set->ledger[VMP_BLOCKED] >= PAUSED_FROM * all && !set->exit_count && !set->uexit_count)
		return (struct verdict){.state = VERDICT_PAUSED,
					.share = (double)set->ledger[VMP_BLOCKED] / all};
	if ((double)set->busy_ns < BUSY_FROM * all)
		return (struct verdict){.state = VERDICT_IDLE, .share = (double)set->ledger[VMP_IDLE] / all};
	return loss_of(set);
}

const char *verdict_name(enum verdict_state state)
{
	static const char *const names[] = {
		[VERDICT_NONE] = NULL,       [VERDICT_IDLE] = "idle",       [VERDICT_BUSY] = "busy",
		[VERDICT_PAUSED] = "paused", [VERDICT_WAIT] = "wait",       [VERDICT_VMM] = "vmm",
		[VERDICT_KVM] = "kvm",       [VERDICT_BLOCKED] = "blocked", [VERDICT_POLL] = "poll",
	};

	return names[state];
}

const char *verdict_text(const struct verdict *v, char ret[VERDICT_SIZE])
{
	static const char *const words[] = {
		[VERDICT_NONE] = "-",
		[VERDICT_IDLE] = "idle",
		[VERDICT_BUSY] = "busy",
		[VERDICT_PAUSED] = "paused",
		[VERDICT_WAIT] = "waits for a CPU",
		[VERDICT_VMM] = "VMM",
		[VERDICT_KVM] = "KVM",
		[VERDICT_BLOCKED] = "blocked",
		[VERDICT_POLL] = "polls",
	};
	const char *word = words[v->state], *reason = v->reason ? v->reason : "";
	size_t len = strlen(reason), room = VERDICT_SIZE - 1 - strlen(word) - strlen(": ") - strlen(" 100%");

	if (v->state < VERDICT_WAIT)
		snprintf(ret, VERDICT_SIZE, "%s", word);
	else
		snprintf(ret, VERDICT_SIZE, "%s%s%.*s%s %.0f%%", word, len ? ": " : "",
			 (int)(len > room ? room - 1 : len), reason, len > room ? "~" : "", v->share * 100);
	return ret;
}
