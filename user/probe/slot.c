// SPDX-License-Identifier: GPL-2.0-only
#include "slot.h"

#include <string.h>

#include "../lib/mem.h"

static bool is_off(uint32_t state)
{
	return state == VMP_IDLE || state == VMP_BLOCKED || state == VMP_WAIT;
}

/* Time that the slot has not charged yet. */
static void charge(const struct vmp_slot *s, struct sample_vcpu *v, uint32_t on, uint32_t state, uint64_t ns)
{
	uint32_t place = VMP_MODE_PLACE(s->mode);

	if ((on == VMP_KVM || on == VMP_VMM) && place < v->nexits)
		v->exits[place].ns[state] += ns;
	else
		v->ledger[state] += ns;
	if (state == VMP_VMM)
		v->uexits[s->uexit & (VMP_UEXITS - 1)].ns += ns;
}

static void close_state(const struct vmp_slot *s, uint64_t now, struct sample_vcpu *v)
{
	uint32_t state = VMP_MODE_STATE(s->mode), on = is_off(state) ? s->back : state;
	uint64_t poll = s->halt_ns < s->poll_ns ? s->halt_ns : s->poll_ns, woken = s->woken_ns;

	if ((on == VMP_KVM || on == VMP_VMM) && VMP_MODE_PLACE(s->mode) < v->nexits)
		v->exits[VMP_MODE_PLACE(s->mode)].count++;
	charge(s, v, on, VMP_POLL, poll);
	charge(s, v, on, on, s->halt_ns - poll);
	if (!is_off(state)) {
		charge(s, v, on, state, now - s->since);
		return;
	}
	/* whoever slept and was woken waits */
	if (state == VMP_WAIT || (woken && woken < s->since))
		woken = s->since;
	else if (!woken || woken > now)
		woken = now;
	charge(s, v, on, state, woken - s->since);
	charge(s, v, on, VMP_WAIT, now - woken);
}

void slot_read(const struct vmp_slot *s, uint64_t now, const uint64_t *cpu_ns, uint32_t ncpus,
	       struct sample_vcpu *ret)
{
	if (s->end_ns || now < s->since)
		now = s->since;
	*ret = (struct sample_vcpu){
		.tid = s->tid,
		.id = s->vcpu_id,
		.isa = s->isa,
		.first_ns = s->first_ns,
		.end_ns = s->end_ns,
		.observed_ns = now - s->first_ns,
		.halts = s->halts,
		.wakes = s->wakes,
		.cpu = s->cpu,
		.moves = s->moves,
		.node_moves = s->node_moves,
		.unpaired = s->unpaired,
		.backwards = s->backwards,
		.nexits = s->used,
		.exits = mem_dup(s->exit, s->used, sizeof(*s->exit)),
		.ncpus = ncpus,
		.cpu_ns = mem_dup(cpu_ns, ncpus, sizeof(*cpu_ns)),
	};
	memcpy(ret->ledger, s->ns, sizeof(ret->ledger));
	memcpy(ret->flags, s->flags, sizeof(ret->flags));
	memcpy(ret->uexits, s->uexits, sizeof(ret->uexits));
	/* the kernel side counts an exit once, in its bucket, when it is over */
	for (uint32_t i = 0; i < ret->nexits; i++)
		for (int k = 0; k < VMP_HIST; k++)
			ret->exits[i].count += ret->exits[i].hist[k];
	if (!s->end_ns) {
		close_state(s, now, ret);
		if (!is_off(VMP_MODE_STATE(s->mode)) && s->cpu < ncpus && now > s->on_ns)
			ret->cpu_ns[s->cpu] += now - s->on_ns;
	}
	for (uint32_t i = 0; i < ret->nexits; i++)
		for (int j = 0; j < VMP_STATES; j++)
			ret->ledger[j] += ret->exits[i].ns[j];
}
