// SPDX-License-Identifier: GPL-2.0-only
/* The tally's exit reasons: which of a VM's have figures of their own. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "set.h"
#include "tally_parts.h"

/* A reason must have this many times the score of one that is shown to take its place. */
#define BETTER 2

/* One array of exits of a set. */
static void **array_of(struct view_set *s, bool user)
{
	return user ? (void **)&s->uexits : (void **)&s->exits;
}

static size_t size_of(bool user)
{
	return user ? sizeof(struct view_uexit) : sizeof(struct view_exit);
}

static void fill_place(void *array, const struct reasons *rs, uint32_t place)
{
	const struct reason *r = &rs->r[place];

	if (rs->user) {
		struct view_uexit *u = (struct view_uexit *)array + place;

		*u = (struct view_uexit){.code = (int32_t)(int64_t)r->code};
		memcpy(u->reason, r->name, sizeof(u->reason));
	} else {
		struct view_exit *e = (struct view_exit *)array + place;

		*e = (struct view_exit){.isa = r->isa, .code = r->code, .max_exact = true};
		memcpy(e->reason, r->name, sizeof(e->reason));
	}
}

/* The sets of a VM: its own, that of threads that are gone, and those of its vCPUs; NULL: no more. */
static struct view_set *nth_set(struct tally_vm *vm, uint32_t n)
{
	if (n < 2)
		return n ? &vm->v.gone : &vm->v.set;
	return n - 2 < vm->v.nvcpus && vm->v.vcpus ? &vm->v.vcpus[n - 2].set : NULL;
}

static void new_place(struct tally_vm *vm, struct reasons *rs, const struct reason *r)
{
	struct view_set *s;

	if (rs->n == rs->room) {
		rs->room = rs->room ? 2 * rs->room : 8;
		rs->r = mem_resize(rs->r, rs->room, sizeof(*rs->r));
		for (uint32_t i = 0; (s = nth_set(vm, i)); i++) {
			void **array = array_of(s, rs->user);

			/* a set that is not added up has none */
			if (*array)
				*array = mem_resize(*array, rs->room, size_of(rs->user));
		}
	}
	rs->r[rs->n] = *r;
	for (uint32_t i = 0; (s = nth_set(vm, i)); i++)
		if (*array_of(s, rs->user))
			fill_place(*array_of(s, rs->user), rs, rs->n);
	rs->n++;
}

static void init(const struct tally *t, struct tally_vm *vm, struct reasons *rs, bool user, uint64_t other)
{
	struct reason r = {.code = other};

	rs->user = user;
	memcpy(r.name, TALLY_OTHER, sizeof(TALLY_OTHER));
	r.histogram = !user && tally_histogram(&t->o, r.name);
	/* whatever comes there */
	r.states = UINT32_MAX;
	new_place(vm, rs, &r);
	rs->shown = 1;
}

void reasons_init(const struct tally *t, struct tally_vm *vm)
{
	init(t, vm, &vm->exits, false, VMP_CODE_OTHER);
	init(t, vm, &vm->uexits, true, VMP_UEXIT_UNKNOWN);
}

void reasons_free(struct tally_vm *vm)
{
	free(vm->exits.r);
	free(vm->exits.keys);
	free(vm->uexits.r);
	free(vm->uexits.keys);
}

void reasons_new_set(const struct tally_vm *vm, struct view_set *set)
{
	set->exits = mem_zalloc(vm->exits.room, sizeof(*set->exits));
	set->uexits = mem_zalloc(vm->uexits.room, sizeof(*set->uexits));
	for (uint32_t i = 0; i < vm->exits.n; i++)
		fill_place(set->exits, &vm->exits, i);
	for (uint32_t i = 0; i < vm->uexits.n; i++)
		fill_place(set->uexits, &vm->uexits, i);
}

/* The first key that is not before this one. */
static uint32_t key_at(const struct reasons *rs, uint32_t isa, uint64_t code)
{
	uint32_t lo = 0, hi = rs->nkeys;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;
		const struct reason_key *k = &rs->keys[mid];

		if (k->isa < isa || (k->isa == isa && k->code < code))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static bool key_is(const struct reasons *rs, uint32_t at, uint32_t isa, uint64_t code)
{
	return at < rs->nkeys && rs->keys[at].isa == isa && rs->keys[at].code == code;
}

/* What is not known yet is added to "other", with which it may share its name. */
static uint32_t place_of(const struct reasons *rs, uint32_t isa, uint64_t code)
{
	uint32_t at = key_at(rs, isa, code);

	return key_is(rs, at, isa, code) ? rs->keys[at].place : 0;
}

static uint32_t place_of_name(const struct reasons *rs, const char *name)
{
	for (uint32_t i = 0; i < rs->n; i++)
		if (!strcmp(rs->r[i].name, name))
			return i;
	return rs->n;
}

static void meet(const struct tally *t, struct tally_vm *vm, struct reasons *rs, struct reason r)
{
	uint32_t at = key_at(rs, r.isa, r.code), place;
	double score = r.score;
	uint32_t states = r.states;

	if (!key_is(rs, at, r.isa, r.code)) {
		place = place_of_name(rs, r.name);
		if (place == rs->n) {
			r.score = 0;
			r.histogram = !rs->user && tally_histogram(&t->o, r.name);
			new_place(vm, rs, &r);
		}
		rs->keys = mem_resize(rs->keys, (size_t)rs->nkeys + 1, sizeof(*rs->keys));
		memmove(&rs->keys[at + 1], &rs->keys[at], (rs->nkeys - at) * sizeof(*rs->keys));
		rs->keys[at] = (struct reason_key){r.isa, r.code, place};
		rs->nkeys++;
	}
	rs->r[rs->keys[at].place].score += score;
	rs->r[rs->keys[at].place].states |= states;
}

static void decay(struct reasons *rs, double part)
{
	for (uint32_t i = 0; i < rs->n; i++)
		rs->r[i].score *= part;
}

void reasons_meet(const struct tally *t, struct tally_vm *vm, uint64_t interval_ns)
{
	const struct view_set *one = &vm->one->set;
	double part = exp2(-(double)interval_ns / 1e9 / REASON_HALF_SECONDS);

	if (t->o.hide_exits)
		return;
	decay(&vm->exits, part);
	decay(&vm->uexits, part);
	for (uint32_t i = 0; i < one->nexits; i++) {
		const struct view_exit *e = &one->exits[i];
		struct reason r = {.isa = e->isa, .code = e->code};

		/* where times are not visible the count decides, elsewhere it is next to nothing */
		r.score = (double)e->ns[VMP_KVM] + (double)e->ns[VMP_VMM] + (double)e->count;
		for (int k = 0; k < VMP_STATES; k++)
			r.states |= e->ns[k] ? 1U << k : 0;
		memcpy(r.name, e->reason, sizeof(r.name));
		meet(t, vm, &vm->exits, r);
	}
	for (uint32_t i = 0; i < one->nuexits; i++) {
		const struct view_uexit *u = &one->uexits[i];
		struct reason r = {.code = (uint64_t)(int64_t)u->code};

		r.score = (double)u->ns + (double)u->count;
		memcpy(r.name, u->reason, sizeof(r.name));
		meet(t, vm, &vm->uexits, r);
	}
}

/* Of all that are shown, "other" left out. */
static int64_t cost(const struct tally *t, const struct tally_vm *vm, const struct reasons *rs)
{
	int64_t sum = 0;

	for (uint32_t i = 1; i < rs->shown; i++)
		sum += tally_reason_cost(t, vm, rs, i);
	return sum;
}

static void swap(struct tally_vm *vm, struct reasons *rs, uint32_t a, uint32_t b)
{
	struct reason r = rs->r[a];
	struct view_set *s;

	if (a == b)
		return;
	rs->r[a] = rs->r[b];
	rs->r[b] = r;
	for (uint32_t i = 0; i < rs->nkeys; i++) {
		uint32_t *place = &rs->keys[i].place;

		*place = *place == a ? b : *place == b ? a : *place;
	}
	for (uint32_t i = 0; (s = nth_set(vm, i)); i++) {
		if (!*array_of(s, rs->user))
			continue;
		if (rs->user) {
			struct view_uexit u = s->uexits[a];

			s->uexits[a] = s->uexits[b];
			s->uexits[b] = u;
		} else {
			struct view_exit e = s->exits[a];

			s->exits[a] = s->exits[b];
			s->exits[b] = e;
		}
	}
}

/* Of those from begin to end the one with the highest score, or the lowest. */
static uint32_t pick(const struct reasons *rs, uint32_t begin, uint32_t end, bool highest)
{
	uint32_t best = begin;

	for (uint32_t i = begin + 1; i < end; i++)
		if (highest ? rs->r[i].score > rs->r[best].score : rs->r[i].score < rs->r[best].score)
			best = i;
	return best;
}

static void hold(const struct tally *t, struct tally_vm *vm, struct reasons *rs, int64_t *room)
{
	int64_t need = cost(t, vm, rs);

	while (need > *room && rs->shown > 1) {
		uint32_t worst = pick(rs, 1, rs->shown, false);

		need -= tally_reason_cost(t, vm, rs, worst);
		swap(vm, rs, worst, --rs->shown);
	}
	*room -= need;
}

void reasons_hold(const struct tally *t, struct tally_vm *vm, int64_t *room)
{
	hold(t, vm, &vm->exits, room);
	hold(t, vm, &vm->uexits, room);
}

static void choose(const struct tally *t, struct tally_vm *vm, struct reasons *rs, int64_t *room)
{
	while (rs->shown < rs->n && rs->shown - 1 < t->o.exits) {
		uint32_t best = pick(rs, rs->shown, rs->n, true);
		int64_t need = tally_reason_cost(t, vm, rs, best);

		if (need > *room)
			break;
		*room -= need;
		swap(vm, rs, best, rs->shown++);
	}
	while (rs->shown < rs->n && rs->shown > 1) {
		uint32_t best = pick(rs, rs->shown, rs->n, true), worst = pick(rs, 1, rs->shown, false);
		int64_t need = tally_reason_cost(t, vm, rs, best) - tally_reason_cost(t, vm, rs, worst);

		if (rs->r[best].score <= BETTER * rs->r[worst].score || need > *room)
			break;
		*room -= need;
		swap(vm, rs, best, worst);
	}
}

void reasons_choose(const struct tally *t, struct tally_vm *vm, int64_t *room)
{
	choose(t, vm, &vm->exits, room);
	choose(t, vm, &vm->uexits, room);
}

void reasons_add(const struct tally_vm *vm, struct view_set *to, const struct view_set *one)
{
	for (uint32_t i = 0; i < one->nexits; i++) {
		const struct view_exit *e = &one->exits[i];
		uint32_t place = place_of(&vm->exits, e->isa, e->code);

		set_exit_add(&to->exits[place < vm->exits.shown ? place : 0], e);
	}
	for (uint32_t i = 0; i < one->nuexits; i++) {
		const struct view_uexit *u = &one->uexits[i];
		uint32_t place = place_of(&vm->uexits, 0, (uint64_t)(int64_t)u->code);
		struct view_uexit *sum = &to->uexits[place < vm->uexits.shown ? place : 0];

		sum->count += u->count;
		sum->ns += u->ns;
	}
	to->exit_count += one->exit_count;
	to->uexit_count += one->uexit_count;
	to->nexits = vm->exits.shown;
	to->nuexits = vm->uexits.shown;
}
