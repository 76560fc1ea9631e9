// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"
#include "fields.h"
#include "pack.h"

/*
 * More of them make no sense (Linux has at most 8192 CPUs), but much work: a
 * view has tables by CPU and by event for each VM.
 */
#define MAX_CPUS   8192
#define MAX_EVENTS 1024

/*
 * Once bad, all that is read is 0, so that whoever reads may look at it at the
 * end of each list only.
 */
struct unpacker {
	const unsigned char *at, *end;
	size_t budget; /* bytes that may be allocated yet */
	uint32_t version;
	uint32_t dims[DIMS];
	bool bad;
};

static uint64_t get(struct unpacker *u)
{
	uint64_t v = 0;

	for (int shift = 0; u->at < u->end && shift < 64; shift += 7) {
		unsigned char c = *u->at++;

		/* the tenth byte has room for one bit */
		if (shift == 63 && c > 1)
			break;
		v |= (uint64_t)(c & 0x7f) << shift;
		if (c < 0x80)
			return v;
	}
	u->bad = true;
	u->at = u->end;
	return 0;
}

static uint64_t get_difference(struct unpacker *u, uint64_t from)
{
	uint64_t d = get(u);

	return from + (d >> 1 ^ (d & 1 ? UINT64_MAX : 0));
}

/* Room for n items; NULL: these bytes cannot mean that many. */
static void *get_room(struct unpacker *u, uint64_t n, size_t size)
{
	if (u->bad || n > u->budget / size) {
		u->bad = true;
		return NULL;
	}
	u->budget -= n * size;
	return mem_zalloc(n, size);
}

/* How many items follow; each has a byte at least. */
static uint32_t get_count(struct unpacker *u)
{
	uint64_t n = get(u);

	if (n > UINT32_MAX || n > (uint64_t)(u->end - u->at)) {
		u->bad = true;
		return 0;
	}
	return (uint32_t)n;
}

/* The text's bytes and length; what was before where it is the same. */
static const char *get_text(struct unpacker *u, const char *before, size_t nbefore, size_t *n)
{
	uint64_t len = get(u);
	const char *ret = before;

	*n = nbefore;
	if (!len)
		return ret;
	len--;
	if (len > (uint64_t)(u->end - u->at) || memchr(u->at, '\0', len)) {
		u->bad = true;
		*n = 0;
		return ret;
	}
	ret = (const char *)u->at;
	u->at += len;
	*n = len;
	return ret;
}

static char *get_string(struct unpacker *u, const char *before)
{
	size_t n;
	const char *text = get_text(u, before ? before : "", before ? strlen(before) : 0, &n);
	char *ret = get_room(u, n + 1, 1);

	if (ret)
		memcpy(ret, text, n);
	return ret;
}

static void set_number(struct unpacker *u, char *at, size_t size, uint64_t v, uint64_t max)
{
	uint32_t v4 = (uint32_t)v;
	bool v1 = v == 1;

	if (v > max) {
		u->bad = true;
		return;
	}
	switch (size) {
	case 8:
		memcpy(at, &v, 8);
		break;
	case 4:
		memcpy(at, &v4, 4);
		break;
	default:
		memcpy(at, &v1, 1);
		break;
	}
}

/* now: zeroed */
static void get_fields(struct unpacker *u, const struct field *f, const void *before, void *now)
{
	for (; f->size; f++) {
		const char *a = (const char *)before + f->offset;
		char *b = (char *)now + f->offset;
		size_t n = f->dim == DIM_NONE ? 1 : (size_t)f->n * u->dims[f->dim];

		if (!f->n) {
			const char *text = get_text(u, a, strlen(a), &n);

			if (n < f->size)
				memcpy(b, text, n);
			else
				u->bad = true;
			continue;
		}
		for (size_t i = 0; i < n; i++)
			set_number(u, b + i * f->size, f->size,
				   get_difference(u, fields_number(a + i * f->size, f->size)), f->max);
	}
}

/* room: items that there is to be room for, n of which follow */
static void *get_numbers(struct unpacker *u, const void *before, size_t nbefore, size_t n, size_t room,
			 size_t size)
{
	uint64_t known = get(u), max = size == 8 ? UINT64_MAX : UINT32_MAX;
	char *ret;

	if (known > 1 || (known && n > (size_t)(u->end - u->at)))
		u->bad = true;
	ret = known ? get_room(u, room, size) : NULL;
	for (size_t i = 0; ret && i < n; i++) {
		uint64_t from =
			before && i < nbefore ? fields_number((const char *)before + i * size, size) : 0;

		set_number(u, ret + i * size, size, get_difference(u, from), max);
	}
	return ret;
}

/* By event, or by class and event; rows: of those that there is to be room for, n follow. */
static struct vmp_count *get_counts(struct unpacker *u, const struct vmp_count *before, uint32_t nbefore,
				    uint32_t nevents, uint32_t n, uint32_t rows)
{
	const size_t each = sizeof(struct vmp_count) / sizeof(uint64_t);

	if (nevents > MAX_EVENTS) {
		u->bad = true;
		return NULL;
	}
	return get_numbers(u, before, (size_t)nbefore * rows * each, (size_t)nevents * n * each,
			   (size_t)nevents * rows * each, sizeof(uint64_t));
}

/* A list whose items are found again in the sample before. */
struct list {
	const void *items;
	uint32_t n;
	size_t size;
	uint32_t next; /* the one after the last one found */
};

static const void *get_before(struct unpacker *u, struct list *l, const void *zero)
{
	uint64_t i = get(u);
	uint32_t at;

	if (!i || i > l->n) {
		u->bad |= i != 0;
		return zero;
	}
	at = (uint32_t)((l->next + i - 1) % l->n);
	l->next = at + 1;
	return (const char *)l->items + at * l->size;
}

static void get_vcpu(struct unpacker *u, const struct sample_vcpu *before, struct sample_vcpu *v)
{
	static const struct vmp_exit none;
	struct list exits = {before->exits, before->nexits, sizeof(none), 0};
	uint32_t n;

	get_fields(u, fields_vcpu, before, v);
	if (v->ncpus > MAX_CPUS) {
		u->bad = true;
		return;
	}
	v->cpu_ns = get_numbers(u, before->cpu_ns, before->ncpus, v->ncpus, v->ncpus, sizeof(*v->cpu_ns));
	v->events = get_counts(u, before->events, before->nevents, v->nevents, 1, 1);
	n = get_count(u);
	if (before->isa != v->isa)
		exits.n = 0;
	if (n)
		v->exits = get_room(u, n, sizeof(*v->exits));
	for (; v->nexits < n && !u->bad; v->nexits++)
		get_fields(u, fields_exit, get_before(u, &exits, &none), &v->exits[v->nexits]);
}

static void get_threads(struct unpacker *u, const struct sample_vm *before, struct sample_vm *vm)
{
	static const struct sample_thread none;
	struct list threads = {before->threads, before->nthreads, sizeof(none), 0};
	uint32_t n = get_count(u);

	if (n)
		vm->threads = get_room(u, n, sizeof(*vm->threads));
	while (vm->nthreads < n && !u->bad) {
		struct sample_thread *t = &vm->threads[vm->nthreads++];
		const struct sample_thread *x = get_before(u, &threads, &none);

		get_fields(u, fields_thread, x, t);
		t->events = get_counts(u, x->events, x->nevents, t->nevents, 1, 1);
	}
}

static void get_pins(struct unpacker *u, const struct sample_vm *before, struct sample_vm *vm)
{
	static const struct sample_pin none;
	uint32_t n = get_count(u);

	if (n)
		vm->pins = get_room(u, n, sizeof(*vm->pins));
	while (vm->npins < n && !u->bad) {
		const struct sample_pin *x = vm->npins < before->npins ? &before->pins[vm->npins] : &none;
		struct sample_pin *pin = &vm->pins[vm->npins++];

		get_fields(u, fields_pin, x, pin);
		pin->cpus = get_string(u, x->cpus);
	}
}

/* What is not there was packed as an empty text. */
static void get_meta(struct unpacker *u, const struct sample_vm *before, struct sample_vm *vm)
{
	for (uint32_t i = 0; i < u->dims[DIM_META] && !u->bad; i++) {
		char *text = get_string(u, before->meta[i]);

		if (text && text[0])
			vm->meta[i] = text;
		else
			free(text);
	}
}

static void get_vm(struct unpacker *u, const struct sample_vm *before, struct sample_vm *vm)
{
	static const struct sample_vcpu none;
	struct list vcpus = {before->vcpus, before->nvcpus, sizeof(none), 0};
	uint32_t n;

	get_fields(u, fields_vm, before, vm);
	vm->name = get_string(u, before->name);
	if (u->version >= 2)
		get_fields(u, fields_vm2, before, vm);
	get_meta(u, before, vm);
	get_vcpu(u, &before->gone, &vm->gone);
	n = get_count(u);
	if (n)
		vm->vcpus = get_room(u, n, sizeof(*vm->vcpus));
	for (; vm->nvcpus < n && !u->bad; vm->nvcpus++)
		get_vcpu(u, get_before(u, &vcpus, &none), &vm->vcpus[vm->nvcpus]);
	get_threads(u, before, vm);
	vm->gone_events = get_counts(u, before->gone_events, before->nevents, vm->nevents,
				     u->dims[DIM_CLASSES], THREAD_CLASSES);
	vm->events = get_counts(u, before->events, before->nevents, vm->nevents, 1, 1);
	get_pins(u, before, vm);
}

static void get_events(struct unpacker *u, const struct sample *before, struct sample *s)
{
	static const struct sample_event none;
	uint32_t n = get_count(u);

	if (n > MAX_EVENTS)
		u->bad = true;
	else if (n)
		s->events = get_room(u, n, sizeof(*s->events));
	while (s->nevents < n && !u->bad) {
		const struct sample_event *x =
			s->nevents < before->nevents ? &before->events[s->nevents] : &none;
		struct sample_event *e = &s->events[s->nevents++];

		get_fields(u, fields_event, x, e);
		e->name = get_string(u, x->name);
	}
}

static void get_vms(struct unpacker *u, const struct sample *before, struct sample *s)
{
	static const struct sample_vm none;
	struct list vms = {before->vms, before->nvms, sizeof(none), 0};
	uint32_t n = get_count(u);

	if (n)
		s->vms = get_room(u, n, sizeof(*s->vms));
	for (; s->nvms < n && !u->bad; s->nvms++)
		get_vm(u, get_before(u, &vms, &none), &s->vms[s->nvms]);
}

static void get_sample(struct unpacker *u, const struct sample *before, struct sample *s)
{
	static const struct probe_info no_probe;

	for (int i = 0; i < (u->version < 2 ? DIM_META : DIMS); i++) {
		uint64_t n = get(u);

		/* more is what a newer one has; less, what it has is 0 */
		if (n > fields_dims[i])
			u->bad = true;
		else
			u->dims[i] = (uint32_t)n;
	}
	if (u->bad)
		return;
	get_fields(u, fields_sample, before, s);
	if (s->ncpus > MAX_CPUS) {
		u->bad = true;
		return;
	}
	s->cpu_node =
		get_numbers(u, before->cpu_node, before->ncpus, s->ncpus, s->ncpus, sizeof(*s->cpu_node));
	s->nprobes = get_count(u);
	if (s->nprobes > SAMPLE_PROBES) {
		s->nprobes = 0;
		u->bad = true;
		return;
	}
	for (unsigned int i = 0; i < s->nprobes; i++)
		get_fields(u, fields_probe, i < before->nprobes ? &before->probes[i] : &no_probe,
			   &s->probes[i]);
	get_events(u, before, s);
	get_vms(u, before, s);
}

bool unpack_sample(const void *data, size_t len, uint32_t version, const struct sample *before,
		   struct sample *ret)
{
	static const struct sample none;
	struct unpacker u = {.at = data, .end = (const unsigned char *)data + len, .version = version};

	u.budget = 16 * len + (1 << 20);
	memset(ret, 0, sizeof(*ret));
	get_sample(&u, before ? before : &none, ret);
	if (!u.bad && u.at == u.end)
		return true;
	sample_free(ret);
	memset(ret, 0, sizeof(*ret));
	return false;
}
