// SPDX-License-Identifier: GPL-2.0-only
#include "pack.h"

#include <string.h>

#include "fields.h"

/* How far from where it is expected a list's item is looked for; what is not found is packed whole. */
#define SEARCH 256

/* Bytes are put together here: adding each one to the buffer takes too long. */
struct packer {
	struct buf *b;
	uint32_t version;
	size_t n;
	unsigned char stage[4096];
};

static void flush(struct packer *p)
{
	buf_add(p->b, p->stage, p->n);
	p->n = 0;
}

static void put(struct packer *p, uint64_t v)
{
	if (p->n > sizeof(p->stage) - 10)
		flush(p);
	while (v >= 0x80) {
		p->stage[p->n++] = (unsigned char)(v | 0x80);
		v >>= 7;
	}
	p->stage[p->n++] = (unsigned char)v;
}

/* So that a small step back is as short as one ahead. */
static void put_difference(struct packer *p, uint64_t from, uint64_t to)
{
	uint64_t d = to - from;

	put(p, d << 1 ^ (d >> 63 ? UINT64_MAX : 0));
}

static void put_text(struct packer *p, const char *before, size_t nbefore, const char *text, size_t n)
{
	if (n == nbefore && (!n || !memcmp(before, text, n))) {
		put(p, 0);
		return;
	}
	put(p, n + 1);
	flush(p);
	buf_add(p->b, text, n);
}

static void put_string(struct packer *p, const char *before, const char *text)
{
	put_text(p, before ? before : "", before ? strlen(before) : 0, text, strlen(text));
}

static void put_fields(struct packer *p, const struct field *f, const void *before, const void *now)
{
	for (; f->size; f++) {
		const char *a = (const char *)before + f->offset, *b = (const char *)now + f->offset;
		size_t n = f->dim == DIM_NONE ? 1 : (size_t)f->n * fields_dims[f->dim];

		if (!f->n) {
			put_text(p, a, strnlen(a, f->size), b, strnlen(b, f->size));
			continue;
		}
		for (size_t i = 0; i < n; i++)
			put_difference(p, fields_number(a + i * f->size, f->size),
				       fields_number(b + i * f->size, f->size));
	}
}

/* A list of numbers that may be unknown (NULL). */
static void put_numbers(struct packer *p, const void *before, size_t nbefore, const void *now, size_t n,
			size_t size)
{
	put(p, now != NULL);
	for (size_t i = 0; now && i < n; i++)
		put_difference(
			p, before && i < nbefore ? fields_number((const char *)before + i * size, size) : 0,
			fields_number((const char *)now + i * size, size));
}

static void put_counts(struct packer *p, const struct vmp_count *before, size_t nbefore,
		       const struct vmp_count *now, size_t n)
{
	const size_t each = sizeof(*now) / sizeof(uint64_t);

	put_numbers(p, before, nbefore * each, now, n * each, sizeof(uint64_t));
}

/* A list whose items are found again in the sample before. */
struct list {
	const void *items;
	uint32_t n;
	size_t size;
	bool (*same)(const void *a, const void *b);
	uint32_t next; /* the one after the last one found */
};

/* Tells which item of the list is this one's before; zero: none is. */
static const void *put_before(struct packer *p, struct list *l, const void *item, const void *zero)
{
	for (uint32_t i = 0; i < l->n && i < SEARCH; i++) {
		uint32_t at = (uint32_t)(((uint64_t)l->next + i) % l->n);
		const void *x = (const char *)l->items + at * l->size;

		if (!l->same(x, item))
			continue;
		/* 0 is "none" */
		put(p, 1 + (uint64_t)i);
		l->next = at + 1;
		return x;
	}
	put(p, 0);
	return zero;
}

static bool same_exit(const void *a, const void *b)
{
	return ((const struct vmp_exit *)a)->code == ((const struct vmp_exit *)b)->code;
}

static bool same_vcpu(const void *a, const void *b)
{
	const struct sample_vcpu *x = a, *y = b;

	return x->tid == y->tid && x->first_ns == y->first_ns;
}

static bool same_thread(const void *a, const void *b)
{
	const struct sample_thread *x = a, *y = b;

	return x->tid == y->tid && x->start_ns == y->start_ns;
}

static bool same_vm(const void *a, const void *b)
{
	const struct sample_vm *x = a, *y = b;

	return x->pid == y->pid && x->start_ns == y->start_ns;
}

static void put_vcpu(struct packer *p, const struct sample_vcpu *before, const struct sample_vcpu *v)
{
	static const struct vmp_exit none;
	/* another isa's codes mean something else */
	struct list exits = {before->exits, before->isa == v->isa ? before->nexits : 0, sizeof(none),
			     same_exit, 0};

	put_fields(p, fields_vcpu, before, v);
	put_numbers(p, before->cpu_ns, before->ncpus, v->cpu_ns, v->ncpus, sizeof(*v->cpu_ns));
	put_counts(p, before->events, before->nevents, v->events, v->nevents);
	put(p, v->nexits);
	for (uint32_t i = 0; i < v->nexits; i++)
		put_fields(p, fields_exit, put_before(p, &exits, &v->exits[i], &none), &v->exits[i]);
}

static void put_threads(struct packer *p, const struct sample_vm *before, const struct sample_vm *vm)
{
	static const struct sample_thread none;
	struct list threads = {before->threads, before->nthreads, sizeof(none), same_thread, 0};

	put(p, vm->nthreads);
	for (uint32_t i = 0; i < vm->nthreads; i++) {
		const struct sample_thread *t = &vm->threads[i], *x = put_before(p, &threads, t, &none);

		put_fields(p, fields_thread, x, t);
		put_counts(p, x->events, x->nevents, t->events, t->nevents);
	}
}

static void put_pins(struct packer *p, const struct sample_vm *before, const struct sample_vm *vm)
{
	static const struct sample_pin none;

	put(p, vm->npins);
	for (uint32_t i = 0; i < vm->npins; i++) {
		const struct sample_pin *x = i < before->npins ? &before->pins[i] : &none;

		put_fields(p, fields_pin, x, &vm->pins[i]);
		put_string(p, x->cpus, vm->pins[i].cpus);
	}
}

static void put_vm(struct packer *p, const struct sample_vm *before, const struct sample_vm *vm)
{
	static const struct sample_vcpu none;
	struct list vcpus = {before->vcpus, before->nvcpus, sizeof(none), same_vcpu, 0};

	put_fields(p, fields_vm, before, vm);
	put_string(p, before->name, vm->name);
	if (p->version >= 2)
		put_fields(p, fields_vm2, before, vm);
	for (int i = 0; p->version >= 2 && i < META_KINDS; i++)
		put_string(p, before->meta[i], vm->meta[i] ? vm->meta[i] : "");
	put_vcpu(p, &before->gone, &vm->gone);
	put(p, vm->nvcpus);
	for (uint32_t i = 0; i < vm->nvcpus; i++)
		put_vcpu(p, put_before(p, &vcpus, &vm->vcpus[i], &none), &vm->vcpus[i]);
	put_threads(p, before, vm);
	put_counts(p, before->gone_events, (size_t)before->nevents * THREAD_CLASSES, vm->gone_events,
		   (size_t)vm->nevents * THREAD_CLASSES);
	put_counts(p, before->events, before->nevents, vm->events, vm->nevents);
	put_pins(p, before, vm);
}

static void put_events(struct packer *p, const struct sample *before, const struct sample *s)
{
	static const struct sample_event none;

	put(p, s->nevents);
	for (uint32_t i = 0; i < s->nevents; i++) {
		const struct sample_event *x = i < before->nevents ? &before->events[i] : &none;

		put_fields(p, fields_event, x, &s->events[i]);
		put_string(p, x->name, s->events[i].name);
	}
}

void pack_sample(struct buf *b, uint32_t version, const struct sample *before, const struct sample *s)
{
	static const struct probe_info no_probe;
	static const struct sample_vm no_vm;
	static const struct sample none;
	struct packer p = {.b = b, .version = version};
	struct list vms;

	if (!before)
		before = &none;
	vms = (struct list){before->vms, before->nvms, sizeof(no_vm), same_vm, 0};
	for (int i = 0; i < (version < 2 ? DIM_META : DIMS); i++)
		put(&p, fields_dims[i]);
	put_fields(&p, fields_sample, before, s);
	put_numbers(&p, before->cpu_node, before->ncpus, s->cpu_node, s->ncpus, sizeof(*s->cpu_node));
	put(&p, s->nprobes);
	for (unsigned int i = 0; i < s->nprobes; i++)
		put_fields(&p, fields_probe, i < before->nprobes ? &before->probes[i] : &no_probe,
			   &s->probes[i]);
	put_events(&p, before, s);
	put(&p, s->nvms);
	for (uint32_t i = 0; i < s->nvms; i++)
		put_vm(&p, put_before(&p, &vms, &s->vms[i], &no_vm), &s->vms[i]);
	flush(&p);
}
